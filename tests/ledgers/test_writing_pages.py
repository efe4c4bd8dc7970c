"""The pages of writing and innovation, by plain requests: everything works without JavaScript."""

import io
import uuid
from datetime import date

import openpyxl
import pytest
from django.urls import reverse

from ledgers.actions import innovations, writing
from ledgers.models import Innovation, Promotion, WritingItem
from tests.ledgers import writing_world as make
from tests.ledgers.writing_world import filed, person, section, upload, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def d(db, clock, settings):
    clock.set("2026-03-05 17:30")
    return make.world()


@pytest.fixture
def enter(client):
    def as_(one):
        client.force_login(one, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return as_


def url(name, *args):
    return reverse(f"ledgers:{name}", args=args)


def said(move="file", **more):
    content = {
        "title": "把好关口",
        "kind": "publicity",
        "carrier": "泽川日报",
        "issue_no": "",
        "level": "city",
        "adopted_on": "2026-03-02",
        "note": "",
        "move": move,
        "idem": str(uuid.uuid4()),
    }
    return content | more


def act(client, name, row, move, reason="理由"):
    body = {"move": move, "seen": row.version, "reason": reason, "idem": str(uuid.uuid4())}
    return client.post(url(name, row.pk), body)


def test_an_item_is_filed_on_one_page(d, enter):
    client = enter(d.author)
    page = client.get(url("writing_new"))
    assert [row.key for row in page.context["rows"]] == [f"p{d.author.pk}", f"s{d.one.pk}"]
    # Found by the button: nothing is written, what was typed and chosen stays.
    mine = {f"role-p{d.author.pk}": "main"}
    page = client.post(url("writing_new"), said("find", who=d.mate.staff_no, **mine))
    assert page.status_code == 200 and not WritingItem.objects.exists()
    assert [(row.key, row.role) for row in page.context["rows"]] == [
        (f"p{d.author.pk}", "main"),
        (f"p{d.mate.pk}", ""),
    ]
    assert "把好关口" in page.content.decode()
    both = mine | {f"role-p{d.mate.pk}": "joint", "role-p999999": "main", "role-x": "main"}
    page = client.post(url("writing_new"), said(**both))
    assert page.status_code == 422 and "没有证明不计分" in page.content.decode()
    page = client.post(url("writing_new"), said(**both, files=upload(), adopted_on="0001-01-01"))
    assert page.status_code == 422 and not WritingItem.objects.exists()
    answer = client.post(url("writing_new"), said(**both, files=upload()))
    item = WritingItem.objects.get()
    assert answer.url == url("writing_detail", item.pk) and item.state == "filed"
    assert {one.role for one in item.credits.all()} == {"main", "joint"}
    # The same proof again is refused with the way to the one that is there.
    page = enter(d.mate).post(url("writing_new"), said(**both, title="把好 关口"))
    assert page.status_code == 422
    page = client.post(url("writing_new"), said(**both, title="把好 关口", files=upload()))
    assert page.status_code == 409
    assert url("writing_detail", item.pk) in page.content.decode()
    assert WritingItem.objects.count() == 1


def test_a_draft_is_kept_and_finished(d, enter):
    client = enter(d.author)
    mate = {f"role-p{d.mate.pk}": "main"}
    # Filed by somebody it does not concern: kept as a draft, with the reason.
    answer = client.post(url("writing_new"), said(**mate, files=upload()), follow=True)
    item = WritingItem.objects.get()
    assert item.state == "draft" and answer.redirect_chain[0][0] == url("writing_edit", item.pk)
    assert "还不能报送" in answer.content.decode()
    paper = answer.context["form"].papers[0]
    page = client.post(url("writing_edit", item.pk), said("find", who="干部", seen=item.version))
    assert [row.section for row in page.context["rows"]] == [True]
    body = said("save", seen=answer.context["item"].version, drop=[paper.pk], issue_no="7")
    answer = client.post(url("writing_edit", item.pk), body | {f"role-p{d.author.pk}": "main"})
    assert answer.url == url("writing_edit", item.pk)
    item.refresh_from_db()
    assert item.issue_no == "7"
    page = client.post(url("writing_edit", item.pk), body | {"idem": str(uuid.uuid4())})
    assert page.status_code in (409, 422), "the page is stale"
    assert "请附上采用证明" in act(client, "writing_act", item, "file").content.decode()
    page = client.get(url("writing_detail", item.pk))
    assert page.context["may_edit"] and page.context["may_attach"]
    assert act(client, "writing_act", item, "drop").status_code == 302
    item.refresh_from_db()
    assert item.state == "void"
    assert client.get(url("writing_edit", item.pk)).url == url("writing_detail", item.pk)
    assert act(client, "writing_act", item, "nonsense").status_code == 422


def test_found_as_one_types(d, enter):
    d.mate.name, d.mate.name_key = "曾一鸣", "zym zengyiming"
    d.mate.save()
    client = enter(d.author)
    asked = {"who": "zym", f"role-p{d.author.pk}": "joint", "roles": "1"}
    page = client.get(url("credit_find"), asked)
    assert [(row.name, row.role) for row in page.context["rows"]] == [
        (d.author.name, "joint"),
        ("曾一鸣", ""),
    ]
    page = client.get(url("credit_find"), {"who": "科", "only": "people"})
    assert all(not row.section for row in page.context["rows"])
    assert client.get(url("credit_find"), {"who": "\x00"}).status_code == 200


def test_the_list_filters_and_costs_the_same(d, enter, django_assert_max_num_queries):
    client = enter(d.office_one)
    page = client.get(url("writing_list"))
    assert "还没有采用" in page.content.decode()
    first = verified(d.author, checker=d.office_two, credits=[person(d.author), section(d.two)])
    with django_assert_max_num_queries(12) as few:
        client.get(url("writing_list"))
    for number in range(30):
        make.draft(d.office_one, title=f"第{number}篇", adopted_on=date(2025, 11, 3))
    filed(d.mate, title="宣传一篇", kind="publicity", level="own", carrier="公众号")
    with django_assert_max_num_queries(len(few)):
        page = client.get(url("writing_list"))
    assert page.context["total"] == 32 and len(page.context["rows"]) == 30

    def found(**asked):
        rows = client.get(url("writing_list"), asked).context["rows"]
        return {item.title for item, *_rest in rows}

    own = first.title
    assert found(half="2026H1") == {own, "宣传一篇"}
    assert found(kind="publicity") == found(level="own") == found(carrier="公众") == {"宣传一篇"}
    assert found(section=d.two.pk) == {own}
    assert found(section=d.one.pk) == {own, "宣传一篇"}, "through their people too"
    assert found(person=d.mate.staff_no) == found(q="宣传") == {"宣传一篇"}
    assert found(state="verified") == {own} and found(state="void") == set()
    assert len(found(mine="on")) == 30
    assert found(q="第3篇") == {"第3篇"}
    assert "没有合乎条件" in client.get(url("writing_list"), {"q": "无"}).content.decode()
    page = client.get(url("writing_list"), {"page": 2, "state": "", "section": "9" * 30})
    assert page.context["page_obj"].number == 2
    # Others' drafts are nobody else's.
    assert enter(d.mate).get(url("writing_list")).context["total"] == 2


def test_the_queue_is_decided_in_batches(d, enter, django_assert_max_num_queries):
    twin = verified(d.author, checker=d.office_two, words="同一版面")
    items = [filed(d.author, title="第0篇", words="同一版面")]
    items += [filed(d.author, title=f"第{n}篇") for n in (1, 2)]
    own = filed(d.office_one, title="自己的")
    client = enter(d.office_one)
    with django_assert_max_num_queries(12):
        page = client.get(url("writing_verify_list"))
    rows = {row["item"]: row for row in page.context["rows"]}
    assert not rows[own]["may"] and page.context["able"] == 3
    assert [other for _name, other in rows[items[0]]["shared"]] == [twin]
    assert not rows[items[1]]["shared"]

    def send(**more):
        picks = [f"{item.pk}:{item.version}" for item in (*items, own)]
        body = {"pick": picks, "idem": str(uuid.uuid4()), "at": "1"}
        return client.post(url("writing_verify_list"), body | more)

    assert send(move="return", reason="").status_code == 422
    assert send(move="other").status_code == 422
    assert send(move="pass", pick=["x", "1:"]).status_code == 422
    answer = send(move="pass")
    page = client.get(answer.url)
    assert len(page.context["outcome"]["done"]) == 3
    assert [item for item, _why in page.context["outcome"]["refused"]] == [own]
    assert WritingItem.objects.filter(state="verified").count() == 4
    answer = enter(d.supervisor).post(
        url("writing_verify_list"),
        {"pick": f"{own.pk}:{own.version}", "move": "return", "reason": "补", "idem": uuid.uuid4()},
    )
    page = client.get(answer.url)
    assert [item.state for item in page.context["outcome"]["done"]] == ["returned"]
    assert "没有等核实的采用" in page.content.decode()


def test_one_item_from_all_sides(d, enter):
    item = verified(d.author, checker=d.office_two)
    other = filed(d.mate, carrier="省报")
    page = enter(d.supervisor).get(url("writing_detail", other.pk))
    assert page.context["may_decide"] and not page.context["may_void"]
    assert page.context["kin"] == [item] and "同一稿件的其他采用" in page.content.decode()
    client = enter(d.office_one)
    page = client.get(url("writing_detail", item.pk))
    assert page.context["may_void"] and not page.context["may_decide"]
    assert act(client, "writing_decide", item, "void", "").status_code == 422
    assert act(client, "writing_decide", item, "void").status_code == 302
    item.refresh_from_db()
    assert client.get(url("writing_detail", item.pk)).context["may_restore"]
    assert act(client, "writing_decide", item, "restore").status_code == 302
    own = filed(d.office_one, title="自己的")
    page = client.get(url("writing_detail", own.pk))
    assert page.context["needs_other"] and page.context["may_withdraw"]
    assert act(client, "writing_act", own, "withdraw").status_code == 302
    sent = filed(d.author, title="要退的")
    writing.turn_back(sent.pk, version=sent.version, reason="补首页", by=d.office_one)
    page = enter(d.author).get(url("writing_edit", sent.pk))
    assert page.context["returned"]["why"] == "补首页"


def test_the_month_and_its_workbooks(d, enter, django_assert_max_num_queries):
    client = enter(d.author)
    assert "还没有核实的采用" in client.get(url("writing_monthly")).content.decode()
    verified(d.author, checker=d.office_two, credits=[person(d.author), section(d.one)])
    with django_assert_max_num_queries(12):
        page = client.get(url("writing_monthly"), {"month": "2026-03"})
    assert "2026年3月信息宣传采用情况" in page.content.decode()
    assert page.context["after"] is None and page.context["before"] == date(2026, 2, 1)
    page = client.get(url("writing_monthly"), {"month": "2026-01"})
    assert page.context["after"] and page.context["before"] == date(2025, 12, 1)
    for rubbish in ("\x00", "9999-99", "1999-01"):
        page = client.get(url("writing_monthly"), {"month": rubbish})
        assert page.context["month"] == date(2026, 3, 1)
    for which, word in (("table", "采用情况"), ("items", "采用明细")):
        answer = client.post(url("writing_export"), {"month": "2026-03", "which": which})
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert book.sheetnames == [word]
    assert client.post(url("writing_export"), {"which": "x"}).status_code == 404


def test_a_project_on_one_page(d, enter, clock, django_assert_max_num_queries):
    client = enter(d.author)
    assert "还没有创新项目" in client.get(url("innovation_list")).content.decode()
    assert client.get(url("innovation_new")).context["form"].initial["section"] == d.one.pk
    body = {"title": "一张网", "section": d.one.pk, "novelty": "新", "move": "file"}
    mine = {f"role-p{d.author.pk}": "main", f"role-s{d.one.pk}": "main"}
    key = {"idem": str(uuid.uuid4())}
    page = client.post(url("innovation_new"), body | mine | key | {"move": "find", "who": "T"})
    assert page.status_code == 200 and not any(row.section for row in page.context["rows"])
    key = {"idem": str(uuid.uuid4())}
    client.post(url("innovation_new"), body | mine | key)
    row = Innovation.objects.get()
    assert row.state == "filed" and list(row.people.all()) == [d.author]
    key = {"idem": str(uuid.uuid4())}
    page = client.post(url("innovation_new"), body | mine | key)
    assert page.status_code == 422 and url("innovation_detail", row.pk) in page.content.decode()
    office = enter(d.office_one)
    assert act(office, "innovation_decide", row, "verify").status_code == 302
    row.refresh_from_db()
    clock.set("2026-03-06 09:00")
    client = enter(d.author)
    body = {"effect": "", "effect_on": "2026-03-05", "seen": row.version, "idem": uuid.uuid4()}
    assert client.post(url("innovation_result", row.pk), body).status_code == 422
    body |= {"effect": "快了一半", "idem": uuid.uuid4()}
    page = client.post(url("innovation_result", row.pk), body)
    assert page.status_code == 422 and "证明材料" in page.content.decode()
    body |= {"files": upload(), "idem": uuid.uuid4()}
    assert client.post(url("innovation_result", row.pk), body).status_code == 302
    page = client.get(url("promotion_new", row.pk))
    assert page.status_code == 200
    body = {"where": "丙县", "level": "province", "promoted_on": "2026-03-05", "move": "file"}
    find = {"move": "find", "who": "干部", "idem": uuid.uuid4()}
    assert client.post(url("promotion_new", row.pk), body | find).status_code == 200
    body |= mine | {"idem": uuid.uuid4()}
    assert client.post(url("promotion_new", row.pk), body).status_code == 422
    answer = client.post(
        url("promotion_new", row.pk), body | {"files": upload("发文"), "idem": uuid.uuid4()}
    )
    one = Promotion.objects.get()
    assert answer.url == url("promotion_detail", one.pk) and one.credits.count() == 2
    page = client.post(
        url("promotion_new", row.pk), body | {"files": upload("发文"), "idem": uuid.uuid4()}
    )
    assert page.status_code == 409 and url("promotion_detail", one.pk) in page.content.decode()
    assert act(enter(d.office_two), "promotion_decide", one, "verify").status_code == 302
    with django_assert_max_num_queries(16):
        page = client.get(url("innovation_detail", row.pk))
    text = page.content.decode()
    assert page.context["highest"] == "province" and "已推广到省" in text
    assert text.index("一、立项") < text.index("二、成效") < text.index("三、推广")
    assert len(page.context["result_papers"]) == 1 and "快了一半" in text
    answer = client.post(url("innovation_export") + "?state=verified")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert cells[2][0] == "立项" and cells[3][0] == "编号"
    assert cells[4][:2] == ["CX2026-001", "一张网"] and cells[4][5] == "快了一半"
    assert cells[4][7:] == ["丙县　省　2026-03-05", "省", "已登记"]
    answer = client.post(url("innovation_export") + "?q=无")
    assert "一张网" not in str(
        list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    )


def test_drafts_of_projects_and_promotions_are_mended(d, enter):
    client = enter(d.author)
    row = make.project(d.author)
    page = client.get(url("innovation_edit", row.pk))
    assert [one.role for one in page.context["rows"]][:1] == ["main"]
    body = {"title": "改名", "section": d.one.pk, "novelty": "新", "move": "save", "seen": 1}
    find = {"move": "find", "idem": uuid.uuid4()}
    assert client.post(url("innovation_edit", row.pk), body | find).status_code == 200
    body |= {f"role-p{d.author.pk}": "main"}
    client.post(url("innovation_edit", row.pk), body | {"idem": uuid.uuid4()})
    row.refresh_from_db()
    assert row.title == "改名"
    page = client.post(url("innovation_edit", row.pk), body | {"idem": uuid.uuid4()})
    assert page.status_code == 409
    row = innovations.file(row.pk, by=d.author)
    assert act(client, "innovation_act", row, "withdraw").status_code == 302
    home = make.registered(d.author, checker=d.office_one, title="登记的")
    one = make.promotion(home, d.author)
    assert client.get(url("promotion_edit", one.pk)).status_code == 200
    body = {"where": "丁县", "level": "own", "promoted_on": "2026-03-02", "move": "save"}
    find = {"move": "find", "idem": uuid.uuid4()}
    assert client.post(url("promotion_edit", one.pk), body | find).status_code == 200
    mine = {f"role-p{d.author.pk}": "main", "seen": 1}
    client.post(url("promotion_edit", one.pk), body | mine | {"idem": uuid.uuid4()})
    one.refresh_from_db()
    assert one.where == "丁县"
    page = client.post(url("promotion_edit", one.pk), body | mine | {"idem": uuid.uuid4()})
    assert page.status_code == 409
    assert act(client, "promotion_act", one, "drop").status_code == 302


def test_the_lists_of_innovation(d, enter, django_assert_max_num_queries):
    client = enter(d.office_one)
    assert "还没有推广" in client.get(url("promotion_list")).content.decode()
    row = make.registered(d.author, checker=d.office_one, title="有推广的")
    make.promoted(row, d.author, checker=d.office_one, credits=[person(d.author), section(d.two)])
    with django_assert_max_num_queries(12) as few:
        client.get(url("innovation_list"))
    with django_assert_max_num_queries(12) as some:
        client.get(url("promotion_list"))
    for number in range(30):
        made = Innovation.objects.create(
            unit=d.unit, title=f"第{number}项", title_key=f"{number}", section=d.two,
            novelty="新", state="verified", filed_by=d.mate, recorded_at=row.recorded_at,
        )  # fmt: skip
        made.people.add(d.mate)
        told = Promotion.objects.create(
            unit=d.unit, innovation=made, project=made.title, project_key=made.title_key,
            level="own", where="某县", promoted_on=date(2025, 10, 9), filed_by=d.mate,
            recorded_at=row.recorded_at,
        )  # fmt: skip
        told.credits.create(person=d.mate)
    with django_assert_max_num_queries(len(few)):
        client.get(url("innovation_list"))
    with django_assert_max_num_queries(len(some)):
        client.get(url("promotion_list"))

    def projects(**asked):
        rows = client.get(url("innovation_list"), asked).context["rows"]
        return {one["project"].title for one in rows}

    own = {"有推广的"}
    assert projects(section=d.one.pk) == projects(person=d.author.staff_no) == own
    assert projects(reached="city") == projects(q="有推广") == own
    assert projects(reached="none") == projects(mine="on") == projects(state="filed") == set()
    assert enter(d.author).get(url("innovation_list"), {"mine": "on"}).context["total"] == 1

    def promotions(**asked):
        rows = client.get(url("promotion_list"), asked).context["rows"]
        return {one.project for one, *_rest in rows}

    assert promotions(half="2026H1") == promotions(level="city") == own
    assert promotions(person=d.author.staff_no) == promotions(q="甲县") == own
    assert promotions(section=d.two.pk, half="2026H1") == own, "credited itself"
    assert len(promotions(section=d.one.pk)) == 30, "and through its people"
