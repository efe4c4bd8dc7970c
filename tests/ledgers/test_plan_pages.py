"""The pages of papers, tasks, lists and meetings, filled in as a browser would."""

import re
import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledgers.actions import lists, meetings, plans, tasks
from ledgers.models import (
    Meeting,
    MonthlyList,
    PlanPaper,
    Progress,
    Suggestion,
    Task,
    WorkReport,
)
from scheme import clock
from scheme.models import Notice
from tests.ledgers.acting import THURSDAY
from tests.ledgers.plans_world import (
    DUE,
    TEXT,
    approved,
    assigned,
    filed,
    hands,
    keeper_of,
    paper,
    propose,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(d):
    return keeper_of(d)


@pytest.fixture
def enter(client):
    def sign_in(person):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def post(client, url, **body):
    return client.post(url, {"idem": str(uuid.uuid4())} | body)


def shown(answer) -> str:
    return re.sub(r"<[^>]+>", "", answer.content.decode())


def rows(prefix, *given, total=None) -> dict:
    body = {f"{prefix}-TOTAL_FORMS": len(given) if total is None else total}
    body[f"{prefix}-INITIAL_FORMS"] = 0
    for n, row in enumerate(given):
        body |= {f"{prefix}-{n}-{name}": value for name, value in row.items()}
    return body


def task_body(d, people=(), steps=(), **more) -> dict:
    return {
        "title": "整理干部档案",
        "lead_id": d.one.pk,
        "leader_id": d.leader.pk,
        "source": "部务会",
        "measures": "逐卷核对",
        "difficulty": 4,
        "urgency": "normal",
        "due_on": DUE.isoformat(),
        "seen": 0,
        **rows("hands", *people),
        **rows("steps", *steps),
    } | more


def test_a_task_is_proposed_on_one_page_and_filed_at_once(d, enter):
    client = enter(d.chiefs[0])
    one, two, three = d.officers[0]
    assert client.get("/tasks/new/").status_code == 200
    people = [{"person": one.pk, "role": "main", "share": ""}]
    people += [{"person": other.pk, "role": "joint", "share": ""} for other in (two, three)]
    steps = [{"text": "办结", "due_on": DUE.isoformat(), "target": 100}]

    answer = post(client, "/tasks/new/", **task_body(d, people, steps, move="file"))

    task = Task.objects.get()
    assert answer["Location"] == f"/tasks/{task.pk}/"
    assert task.state == Task.State.FILED and task.milestones.get().target == 100
    shares = list(task.handlers.order_by("pk").values_list("share", flat=True))
    assert sum(shares) == 100 and max(shares) - min(shares) < 1
    page = shown(client.get(f"/tasks/{task.pk}/"))
    assert "待批" in page and "撤回" in page and "接着填" not in page


def test_what_cannot_be_filed_stays_a_draft_and_says_why(d, enter):
    client = enter(d.chiefs[0])
    answer = client.post(
        "/tasks/new/", {"idem": str(uuid.uuid4()), "move": "file"} | task_body(d), follow=True
    )
    assert "还不能报批" in shown(answer) and "主办" in shown(answer)
    assert Task.objects.get().state == Task.State.DRAFT


@pytest.mark.parametrize(
    "people, steps, more, word",
    [
        ([{"role": "main", "share": "50"}, {"role": "joint", "share": ""}], [], {}, "都不填"),
        ([], [{"text": "只有字"}], {}, "写全"),
        ([], [], {"due_on": "1999-01-01"}, "年份"),
        ([], [], {"lead_id": ""}, "牵头科室"),
        ([], [], {"start_on": "2026-07-01"}, "不能早于"),
    ],
)
def test_a_form_that_is_wrong_says_so_and_keeps_what_was_written(
    d, enter, people, steps, more, word
):
    named = zip(people, d.officers[0], strict=False)
    given = [{"person": person.pk} | row for row, person in named]
    answer = post(enter(d.chiefs[0]), "/tasks/new/", **task_body(d, given, steps, **more))
    assert answer.status_code == 422 and word in shown(answer)
    assert "整理干部档案" in answer.content.decode() and not Task.objects.exists()


def test_a_task_is_mended_and_an_old_page_is_told_so(d, enter):
    task = propose(d)
    client = enter(d.chiefs[0])
    assert "整理干部档案" in client.get(f"/tasks/{task.pk}/edit/").content.decode()
    people = [{"person": d.officers[0][1].pk, "role": "main", "share": "100"}]
    url = f"/tasks/{task.pk}/edit/"
    assert post(client, url, **task_body(d, people, title="新名")).status_code == 302
    stale = post(client, url, **task_body(d, people, title="旧页"))
    assert stale.status_code == 409 and "别处" in shown(stale)
    task.refresh_from_db()
    assert (task.title, task.version) == ("新名", 1)


def test_an_item_of_the_key_points_is_half_a_task(d, enter, keeper):
    made = paper(d, keeper)
    item = made.items.first()
    page = enter(d.chiefs[0]).get(f"/plans/{made.pk}/")
    assert f"/tasks/new/?item={item.pk}" in page.content.decode()
    assert "3条还没有任务" in shown(page)
    form = enter(d.chiefs[0]).get(f"/tasks/new/?item={item.pk}").context["form"]
    assert form.initial["title"] == "整顿软弱涣散党组织"
    assert form.initial["source"].startswith("工作要点")
    for wrong in ("0", "x", "9" * 30):
        assert enter(d.chiefs[0]).get(f"/tasks/new/?item={wrong}").status_code == 200


def test_the_page_offers_what_the_reader_may_do(d, enter, keeper):
    draft, waiting, ready = propose(d), filed(d), approved(d)
    busy = assigned(d, keeper)

    def page(person, task):
        return shown(enter(person).get(f"/tasks/{task.pk}/"))

    assert "报分管领导审批" in page(d.chiefs[0], draft)
    assert "批准立项" in page(d.leader, waiting) and "批准立项" not in page(keeper, waiting)
    assert "交办" in page(keeper, ready) and "取消这项任务" in page(keeper, ready)
    assert (
        f"/tasks/{busy.pk}/hands/" in enter(d.chiefs[0]).get(f"/tasks/{busy.pk}/").content.decode()
    )
    assert "取消这项任务" not in page(d.officers[0][1], busy)


def test_acts_are_done_from_the_page(d, enter, keeper):
    task = propose(d)
    url = f"/tasks/{task.pk}/act/"
    for person, move, more, state in (
        (d.chiefs[0], "file", {}, "filed"),
        (d.chiefs[0], "withdraw", {}, "draft"),
        (d.chiefs[0], "file", {}, "filed"),
        (d.leader, "return", {"reason": "具体些"}, "returned"),
        (d.chiefs[0], "file", {}, "filed"),
        (d.leader, "approve", {}, "approved"),
        (keeper, "assign", {}, "assigned"),
        (keeper, "cancel", {"reason": "并了"}, "cancelled"),
    ):
        version = Task.objects.get().version
        answer = post(enter(person), url, move=move, seen=version, **more)
        assert answer["Location"] == f"/tasks/{task.pk}/", move
        assert Task.objects.get().state == state
    assert post(enter(keeper), url, move="fly", seen=0).status_code == 404
    assert post(enter(keeper), url).status_code == 422


def test_the_chief_shares_out_anew_on_a_page(d, enter, keeper):
    task = assigned(d, keeper)
    client, url = enter(d.chiefs[0]), f"/tasks/{task.pk}/hands/"
    assert "份额" in shown(client.get(url))
    people = [{"person": one.pk, "role": "main", "share": "50"} for one in d.officers[0][:2]]
    body = rows("hands", *people) | {"move": "share", "seen": task.version}
    bare = post(client, url, **body)
    assert bare.status_code == 422 and "理由" in shown(bare)
    assert post(client, url, **body, reason="加人").status_code == 302
    assert task.handlers.count() == 2


# --- The ledger as a list


def test_the_ledger_is_filtered_and_the_address_keeps_the_filters(d, enter, keeper):
    led = assigned(d, keeper, title="牵头的", supporting=[d.two.pk])
    late = assigned(d, keeper, title="逾期的", due_on=date(2026, 3, 3))
    draft = propose(d, title="草稿的")
    own = d.officers[0][1]
    client = enter(own)

    def titles(query):
        return [row.task.title for row in client.get(f"/tasks/?{query}").context["rows"]]

    assert titles("") == ["逾期的", "牵头的"]
    assert titles("state=proposed") == ["草稿的"]
    assert titles("state=running&due=late") == ["逾期的"]
    assert titles("light=red") == ["逾期的"] and titles("light=blue") == []
    assert titles(f"section={d.two.pk}") == ["牵头的"] == titles(f"section={d.two.pk}&part=joint")
    assert titles(f"section={d.two.pk}&part=lead") == []
    assert titles("part=mine") == ["逾期的", "牵头的"] and titles("year=2026&q=牵头") == ["牵头的"]
    assert titles("due=month") == [] and titles("year=x&section=9") == ["逾期的", "牵头的"]
    page = client.get("/tasks/?light=blue")
    assert "没有合乎条件的任务" in shown(page) and 'value="blue" selected' in page.content.decode()
    assert led.number in shown(client.get("/tasks/")) and draft.number and late.number
    Task.objects.all().delete()
    assert "台账里还没有任务" in shown(client.get("/tasks/"))


def test_the_printed_ledger_has_the_columns_of_the_office(d, enter, keeper):
    task = assigned(d, keeper, supporting=[d.two.pk])
    Progress.objects.create(
        task=task, percent=30, text="已核120卷", problems="人手少", following="加班",
        by=d.chiefs[0], at=clock.now(),
    )  # fmt: skip
    Task.objects.filter(pk=assigned(d, keeper).pk).update(
        state="closed", closed_on=date(2026, 7, 1), due_on=date(2026, 6, 30)
    )
    page = shown(enter(d.officers[0][1]).get("/tasks/print/"))
    for word in ("序时进度", "存在问题", "已核120卷", "人手少", "加班", "组织二科", "逾期办结"):
        assert word in page


def test_lists_cost_the_same_at_any_size(d, enter, keeper):
    """One world, one and thirty rows of everything, each page at most twelve queries."""
    client = enter(keeper)
    pages = ("/tasks/", "/tasks/?light=green", "/plans/", "/lists/?month=2026-03", "/meetings/")

    def cost(url):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    def fill(n):
        for k in range(n):
            task = Task.objects.create(
                unit=d.unit, number=f"T-{n}-{k}", title="任务", lead=d.one, difficulty=1,
                due_on=DUE, state="received", leader=d.leader, recorded_at=clock.now(),
            )  # fmt: skip
            task.handlers.create(person=d.officers[0][1], role="main", share=100)
            task.supporting.add(d.two)
            PlanPaper.objects.create(
                unit=d.unit, kind="report", year=2026, title="报告", written_by=keeper,
                recorded_at=clock.now(),
            )  # fmt: skip
            Meeting.objects.create(
                unit=d.unit, kind="discussion", day=THURSDAY, title="会", kept_by=keeper,
                chaired_by=d.chair, recorded_at=clock.now(),
            )  # fmt: skip

    fill(1)
    lists.draw(d.unit, date(2026, 3, 1), by=keeper)
    # The first request of a session writes it.
    client.get("/tasks/")
    few = {url: cost(url) for url in pages}
    fill(29)
    many = {url: cost(url) for url in pages}
    assert many == few and max(many.values()) <= 12, many


# --- Papers


def test_a_paper_goes_from_pasted_text_to_force(d, enter, keeper):
    client = enter(keeper)
    assert client.get("/plans/new/?kind=points").status_code == 200
    body = {"kind": "points", "year": "2026", "title": "工作要点", "text": TEXT}
    made = post(client, "/plans/new/", **body)
    plan = PlanPaper.objects.get()
    assert made["Location"] == f"/plans/{plan.pk}/edit/"
    assert post(client, "/plans/new/", **body).status_code == 422

    page = client.get(f"/plans/{plan.pk}/edit/")
    assert page.content.decode().count('name="items-') > 15
    keys = list(plan.items.values_list("pk", flat=True))
    items = rows(
        "items",
        {"pk": keys[0], "ORDER": 30, "number": "1", "text": "整顿", "lead_id": d.one.pk},
        {"pk": keys[1], "ORDER": 10, "number": "2", "text": "达标"},
        {"pk": keys[2], "ORDER": 20, "text": "档案", "DELETE": "on"},
        {"text": "新加的"},
        {},
    )
    edit = {"title": "工作要点", "seen": 0, "move": "again", **items}
    assert post(client, f"/plans/{plan.pk}/edit/", **edit)["Location"].endswith("/edit/")
    assert list(plan.items.values_list("text", flat=True)) == ["达标", "整顿", "新加的"]
    stale = post(client, f"/plans/{plan.pk}/edit/", **edit)
    assert stale.status_code == 409

    url = f"/plans/{plan.pk}/act/"
    for person, move in (
        (keeper, "file"),
        (keeper, "withdraw"),
        (keeper, "file"),
        (d.chair, "return"),
        (keeper, "file"),
        (d.chair, "approve"),
    ):
        seen = PlanPaper.objects.get().version
        assert post(enter(person), url, move=move, seen=seen, reason="再改").status_code == 302
    renewed = post(enter(keeper), url, move="renew", seen=0)
    new = PlanPaper.objects.latest("pk")
    assert renewed["Location"] == f"/plans/{new.pk}/"
    assert "丢弃" in shown(enter(keeper).get(f"/plans/{new.pk}/"))
    assert post(enter(keeper), f"/plans/{new.pk}/act/", move="discard", seen=0)["Location"] == (
        "/plans/"
    )
    assert post(enter(keeper), url, move="fly", seen=0).status_code == 404
    assert post(enter(keeper), url, move="file").status_code == 422
    assert enter(keeper).get(f"/plans/{plan.pk}/edit/")["Location"] == f"/plans/{plan.pk}/"
    assert "没有任务的条目" in shown(enter(d.chair).get("/plans/"))


def test_a_paper_nobody_wrote_yet_teaches_what_to_do(d, enter, keeper):
    assert "还没有报告和要点" in shown(enter(keeper).get("/plans/"))
    assert "还没有登记会议" in shown(enter(d.chair).get("/meetings/"))
    assert "这个月还没有清单" in shown(enter(d.chair).get("/lists/"))


# --- Monthly lists


def test_a_month_is_drawn_sent_down_and_signed_on_its_pages(d, enter, keeper):
    assigned(d, keeper, supporting=[d.two.pk])
    client, url = enter(keeper), "/lists/2026-03/"
    assert post(client, url, move="draw")["Location"] == "/lists/?month=2026-03"
    own = MonthlyList.objects.get(section=d.one)
    assert enter(d.chiefs[0]).get(f"/lists/{own.pk}/").status_code == 404
    assert not enter(d.chiefs[0]).get("/lists/").context["rows"]
    assert "下发2份" in shown(enter(keeper).get("/lists/"))
    post(enter(keeper), f"/lists/{own.pk}/act/", move="issue", seen=0)
    post(enter(keeper), url, move="issue")
    chief = enter(d.chiefs[0])
    page = shown(chief.get(f"/lists/{own.pk}/"))
    assert "干部一科2026年3月任务清单" in page and "按序时推进" in page
    assert "还有2个科室没有签收" in shown(chief.get("/lists/"))
    post(chief, f"/lists/{own.pk}/act/", move="sign", seen=1)
    own.refresh_from_db()
    assert own.state == "signed"
    assert d.chiefs[0].name in shown(chief.get(f"/lists/{own.pk}/"))
    assert post(chief, f"/lists/{own.pk}/act/", move="fly", seen=2).status_code == 404
    assert post(chief, f"/lists/{own.pk}/act/").status_code == 422
    for rubbish in ("2026-13", "x", "\x00", "0001-01"):
        assert chief.get("/lists/", {"month": rubbish}).context["month"] == date(2026, 3, 1)


# --- Meetings


def test_a_meeting_is_kept_and_what_is_said_is_answered(d, enter, keeper):
    client, officer = enter(keeper), d.officers[0][1]
    assert client.get("/meetings/new/?kind=reporting").status_code == 200
    body = {"kind": "discussion", "title": "半年务虚会", "day": "2026-03-04", "place": "三楼"}
    post(client, "/meetings/new/", **body)
    assert post(client, "/meetings/new/", **body | {"title": ""}).status_code == 422
    meeting = Meeting.objects.get()
    url, act = f"/meetings/{meeting.pk}/", f"/meetings/{meeting.pk}/act/"
    said = {"move": "suggest", "text": "精简报表"}
    assert post(enter(officer), act, **said)["Location"] == url
    twice = post(enter(officer), act, **said)
    assert twice.status_code == 422 and "已经提过" in shown(twice)
    assert post(enter(officer), act, move="suggest").status_code == 422
    post(enter(keeper), act, **said | {"text": "会上说的", "raised_by_id": d.chiefs[1].pk})
    post(enter(keeper), act, **said | {"text": "不具名的"})
    one, two, three = Suggestion.objects.order_by("pk")
    assert [x.raised_by for x in (one, two, three)] == [officer, d.chiefs[1], None]

    edit = body | {"record": "各抒己见", "seen": 0}
    assert post(enter(keeper), f"{url}edit/", **edit)["Location"] == url
    assert post(enter(keeper), f"{url}edit/", **edit | {"record": "旧页"}).status_code == 409
    assert "各抒己见" in enter(keeper).get(f"{url}edit/").content.decode()
    assert post(enter(keeper), act, move="hold", seen=1)["Location"] == url
    assert post(enter(officer), act, **said).status_code == 409
    assert post(enter(keeper), act, move="fly", seen=1).status_code == 404
    assert post(enter(keeper), act, seen=1).status_code == 422

    draft = paper(d, keeper, state="draft")
    page = shown(enter(keeper).get(f"/plans/{draft.pk}/"))
    assert "取自务虚会" in page and "精简报表" in page
    answer = f"/suggestions/{one.pk}/"
    assert post(enter(keeper), answer, move="take", seen=0).status_code == 422
    taken = post(enter(keeper), answer, move="take", seen=0, paper=draft.pk, back="paper")
    assert taken["Location"] == f"/plans/{draft.pk}/"
    post(enter(keeper), f"/suggestions/{two.pk}/", move="take", seen=0, paper=draft.pk)
    post(enter(keeper), f"/suggestions/{three.pk}/", move="aside", seen=0, reason="已有安排")
    assert post(enter(keeper), answer, move="fly", seen=1).status_code == 404
    assert post(enter(keeper), answer).status_code == 422
    page = shown(enter(officer).get(url))
    assert "列入要点" in page and "答复：已有安排" in page and "提一条意见" not in page
    assert Notice.objects.filter(to=officer, text__contains="列入了").exists()
    assert "半年务虚会" in shown(enter(officer).get("/meetings/"))


def test_meetings_are_found_by_their_words_kind_year_and_state(d, enter, keeper):
    for kind, title in (("discussion", "上半年务虚会"), ("reporting", "述职会")):
        meetings.call(d.unit, kind=kind, day=THURSDAY, title=title, by=keeper)
    discussion = Meeting.objects.get(kind="discussion")
    raiser = d.officers[0][1]
    meetings.suggest(discussion.pk, text="精简报表", raised_by=raiser, by=raiser)
    page = enter(keeper)

    def found(query):
        answer = page.get(f"/meetings/?{query}")
        return [one.title for one, _kind in answer.context["rows"]]

    assert sorted(found("")) == ["上半年务虚会", "述职会"]
    assert found("kind=reporting&state=open") == ["述职会"]
    assert found("q=精简") == found("q=上半年") == ["上半年务虚会"]
    assert found(f"year={THURSDAY.year - 1}") == [] == found("state=held")
    assert len(found("year=9" + "9" * 30 + "&kind=%00&q=%00")) == 2
    assert "没有合条件的会议" in shown(page.get("/meetings/?state=held"))


def test_a_reporting_meeting_lists_who_speaks(d, enter, keeper):
    meeting = meetings.call(d.unit, kind="reporting", day=THURSDAY, title="述职会", by=keeper)
    officer = d.officers[0][1]
    for person, state in ((officer, "filed"), (d.chiefs[0], "received"), (keeper, "draft")):
        received = {"received_by": d.leader, "received_at": clock.now()}
        WorkReport.objects.create(
            unit=d.unit, person=person, year=2025, state=state, drafted_at=clock.now(),
            **(received if state == "received" else {}),
        )  # fmt: skip
    page = enter(officer).get(f"/meetings/{meeting.pk}/")
    names = [report.person for report, _url in page.context["speakers"]]
    assert sorted(one.pk for one in names) == sorted([officer.pk, d.chiefs[0].pk])
    assert "征集" not in shown(page)
    said = {"move": "suggest", "text": "x"}
    assert post(enter(officer), f"/meetings/{meeting.pk}/act/", **said).status_code == 409


# --- The desk


def test_the_desk_says_what_waits(d, enter, keeper):
    waiting = filed(d, title="待批的任务")
    back = filed(d, title="退回的任务")
    tasks.turn_back(back.pk, reason="改", version=back.version, by=d.leader)
    approved(d)
    assigned(d, keeper, handlers=hands(d.officers[0][1]))
    lists.draw(d.unit, date(2026, 3, 1), by=keeper)
    lists.issue_all(d.unit, date(2026, 3, 1), by=keeper)
    paper(d, keeper, state="filed")
    sent_back = paper(d, keeper, "report", state="filed")
    plans.turn_back(sent_back.pk, reason="改", version=1, by=d.chair)
    meeting = meetings.call(d.unit, kind="discussion", day=THURSDAY, title="会", by=keeper)
    meetings.suggest(meeting.pk, text="精简", raised_by=None, by=keeper)
    plans.draft(d.unit, kind="points", year=2027, title="下年要点", by=keeper)

    def desk(person):
        context = enter(person).get("/").context
        return [row.title for part in ("owed", "waiting") for row in context[part]]

    assert any("退回的任务" in title for title in desk(d.chiefs[0]))
    assert "干部一科3月任务清单" in desk(d.chiefs[0])
    assert desk(d.leader) == [f"重点任务：{waiting.title}"]
    assert desk(d.chair) == ["工作要点"]
    assert {"1项重点任务待交办", "1条务虚会意见待答复", "工作要点"} <= set(desk(keeper))
