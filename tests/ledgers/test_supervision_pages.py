"""The pages of supervision: what they show to whom, what they cost, and what they refuse."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledgers.actions import extensions, notes, supervision
from ledgers.models import LedgerMove, LightPolicy, Milestone, SupervisionNote, Task
from scheme.idempotency import new_key
from scheme.models import AuditEntry
from tests.ledgers.supervision_world import attach, make_task, make_world

MOST_QUERIES = 12
URGENT = date(2026, 3, 3)


@pytest.fixture
def w(db, clock):
    clock.set("2026-03-05 10:00")
    return make_world()


def enter(client, who):
    """Anew each time: the clock may have moved past the last session's end."""
    client.cookies.clear()
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")


def get(client, who, name, /, *args, **asked):
    enter(client, who)
    return client.get(reverse(f"ledgers:{name}", args=args), asked)


def post(client, who, name, /, *args, **body):
    enter(client, who)
    url = reverse(f"ledgers:{name}", args=args)
    return client.post(url, {"idem": new_key()} | body)


def cost(client, who, name, /, **asked) -> int:
    """Of a page, the session once begun."""
    get(client, who, name, **asked)
    with CaptureQueriesContext(connection) as taken:
        answer = client.get(reverse(f"ledgers:{name}"), asked)
    assert answer.status_code == 200
    return len(taken)


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def fill(w, n):
    for number in range(n):
        task = make_task(w, URGENT + timedelta(number), lead=(w.one, w.two)[number % 2])
        Milestone.objects.create(task=task, position=1, text="一半", due_on=task.due_on, target=50)
        supervision.progress(task.pk, version=0, percent=number, text="进展", by=w.main)
        task.refresh_from_db()
        notes.press(task.pk, version=task.version, text="快", by=w.office)


def test_the_lists_cost_the_same_for_one_and_for_thirty(client, w):
    costs = {}
    for rows in (1, 30):
        fill(w, rows - Task.objects.count())
        for who in (w.office, w.leader, w.chair):
            costs[rows, who.name, "board"] = cost(client, who, "board")
        first = Task.objects.earliest("pk").pk
        costs[rows, "", "opened"] = cost(client, w.office, "board", task=first)
        costs[rows, "", "screen"] = cost(client, w.office, "board", screen="1")
        costs[rows, "", "filtered"] = cost(client, w.office, "board", light="red", waits="press")
        costs[rows, "", "notes"] = cost(client, w.chief, "note_list")
        costs[rows, "", "sought"] = cost(client, w.chief, "note_list", q="快", state="waiting")
    assert max(costs.values()) <= MOST_QUERIES, costs
    assert {k[1:]: n for k, n in costs.items() if k[0] == 1} == {
        k[1:]: n for k, n in costs.items() if k[0] == 30
    }


def test_the_board_runs_a_meeting(client, w):
    late = make_task(w, URGENT, title="逾期的任务", start_on=date(2026, 2, 2), leader=w.leader)
    near = make_task(w, date(2026, 3, 9), title="临期的任务", lead=w.two, progress=90)
    fine = make_task(w, date(2026, 4, 30), title="正常的任务")
    aside = make_task(w, state="suspended", title="暂停的任务")
    make_task(w, state="closed", closed_on=date(2026, 3, 4), title="已办结的任务")
    extensions.ask(fine.pk, version=0, to=date(2026, 5, 20), reason="等数据", by=w.chief)

    page = get(client, w.office, "board")

    rows = [(row.task, str(row.light.word)) for row in page.context["rows"]]
    assert rows == [(late, "逾期"), (near, "临期"), (fine, "正常"), (aside, "暂停")]
    assert [one.n for one in page.context["counts"]] == [1, 1, 1, 1]
    told = page.context["tallies"]
    assert [(t.section, t.counts, t.total, t.closed) for t in told] == [
        ("干部一科", [1, 0, 1, 1], 3, 1),
        ("组织二科", [0, 1, 0, 0], 1, 0),
    ]
    for word in ("逾期2个工作日", "延期待批", "没有报过", "主办人"):
        assert word in words(page), word
    assert "已办结的任务" not in words(page)

    def shown(**asked):
        return [row.task for row in get(client, w.office, "board", **asked).context["rows"]]

    assert shown(light="red") == [late] and shown(light="none") == [late, near, fine, aside]
    assert shown(section=str(w.two.pk)) == [near] and shown(leader=str(w.leader.pk)) == [late]
    assert shown(waits="extension") == [fine] and shown(waits="press") == []
    assert "没有合乎条件的任务" in words(get(client, w.office, "board", waits="press"))
    # Opened in its place, with what the reader may do, and on to the next.
    opened = get(client, w.leader, "board", task=fine.pk, section=str(w.one.pk))
    assert "申请延期至2026年5月20日" in words(opened)
    assert [a.name for a in opened.context["acts"].offered] == [
        "grant_extension",
        "refuse_extension",
    ]
    assert opened.context["up"].task == late and opened.context["down"].task == aside
    assert f"?task={aside.pk}&amp;section={w.one.pk}#t{aside.pk}" in opened.content.decode()
    for nothing in ("0", "\x00", str(10**30), "x"):
        assert get(client, w.office, "board", task=nothing).status_code == 404
    # The projector shows the same, one by one.
    assert "最急的4项" in words(get(client, w.chair, "board", screen="1"))
    one = words(get(client, w.chair, "board", screen="1", task=late.pk))
    assert "第1项，共4项" in one and "序时进度" in one
    assert "现在没有在办的重点任务" in words(get(client, w.other_leader, "board"))


def test_from_the_board_and_back(client, w):
    task = make_task(w)
    board = reverse("ledgers:board") + "?light=green"
    body = {"version": 0, "text": "请报进展", "next": board}
    done = post(client, w.office, "supervise", task.pk, "press", **body)
    assert (done.status_code, done["Location"]) == (302, board)
    # A foreign address is not followed; the task's page is.
    away = {"version": 1, "reason": "慢", "next": "https://evil.example/supervision/"}
    done = post(client, w.office, "supervise", task.pk, "escalate", **away)
    assert done["Location"] == reverse("ledgers:task_detail", args=[task.pk])


def test_an_act_has_its_page_and_says_what_is_wrong(client, w, clock):
    task = make_task(w)
    page = get(client, w.chief, "supervise", task.pk, "ask_extension")
    assert "过期不能再批" in words(page) and task.title in words(page)
    body = {"version": 0, "to": "2026-04-10", "reason": "等数据"}
    for more, word in (
        ({"to": "2026-03-20"}, "新的时限要晚于2026年3月20日"),
        ({"to": "明天"}, "有效的日期"),
        ({"reason": ""}, "error"),
    ):
        answer = post(client, w.chief, "supervise", task.pk, "ask_extension", **(body | more))
        assert answer.status_code == 422 and word in words(answer), more
        assert "等数据" in words(answer) or "reason" in more
    stale = post(client, w.chief, "supervise", task.pk, "ask_extension", **(body | {"version": 7}))
    assert stale.status_code == 409
    gone = post(client, w.chief, "supervise", task.pk, "ask_extension", to="2026-04-10", reason="x")
    assert gone.status_code == 422 and "已过期" in words(gone)
    clock.set("2026-03-20 09:00")
    late = get(client, w.chief, "supervise", task.pk, "ask_extension")
    assert "时限已到" in words(late) and "disabled" in words(late)
    Task.objects.filter(pk=task.pk).update(state="suspended")
    aside = get(client, w.chief, "supervise", task.pk, "ask_extension")
    assert "现在是“暂停”，不能这样办" in words(aside)


def test_the_tasks_page_tells_its_story(client, w, clock):
    task = make_task(w)
    Milestone.objects.create(
        task=task, position=1, text="初稿", due_on=date(2026, 3, 10), target=50
    )
    body = {"version": 0, "percent": 40, "text": "已成初稿", "problems": "缺数据"}
    step = task.milestones.get()
    done = post(client, w.main, "supervise", task.pk, "progress", done=[step.pk], **body)
    assert done.status_code == 302
    step.refresh_from_db()
    assert step.done_on == date(2026, 3, 5)
    post(client, w.office, "supervise", task.pk, "press", version=1, text="请加快")
    post(
        client,
        w.chief,
        "supervise",
        task.pk,
        "ask_extension",
        version=2,
        to="2026-04-10",
        reason="等",
    )
    post(client, w.leader, "supervise", task.pk, "refuse_extension", version=3, answer="抓紧办")
    clock.set("2026-03-20 10:00")
    post(
        client, w.leader, "supervise", task.pk, "replan", version=4, to="2026-04-20", reason="重排"
    )
    attach(Task.objects.get(pk=task.pk), w.chief)
    now = Task.objects.get(pk=task.pk).version
    filed = post(
        client, w.chief, "supervise", task.pk, "report", version=now,
        done_on="2026-03-20", result="结果甲", handling="经过乙",
    )  # fmt: skip
    assert filed.status_code == 302
    post(client, w.office, "supervise", task.pk, "send_back", version=now + 1, reason="再核")
    page = words(get(client, w.chief, "task_detail", task.pk))
    assert LedgerMove.objects.filter(kind="replan", row_id=task.pk).exists()
    for word in (
        "已成初稿", "缺数据", "请加快", "待反馈", "申请延期至2026年4月10日", "未批准", "抓紧办",
        "计分仍按2026年3月20日", "结果甲", "经过乙", "再核", "退回不合格",
    ):  # fmt: skip
        assert word in page, word


def test_notes_are_listed_answered_and_voided(client, w):
    task = make_task(w)
    note = notes.press(task.pk, version=0, text="请反馈", by=w.office)
    SupervisionNote.objects.create(
        unit=w.unit, day=date(2026, 2, 2), kind="named", section=w.two, recorded_at=note.recorded_at
    )
    for asked, n in (
        ({}, 2), ({"kind": "named"}, 1), ({"section": w.one.pk}, 1), ({"state": "waiting"}, 1),
        ({"state": "void"}, 0), ({"q": "请反"}, 1), ({"q": "\x00"}, 2), ({"section": "9" * 40}, 2),
        ({"state": "stands"}, 2),
    ):  # fmt: skip
        assert get(client, w.chief, "note_list", **asked).context["total"] == n, asked
    assert "没有合乎条件" in words(get(client, w.chief, "note_list", state="void"))
    blank = post(client, w.chief, "note_act", note.pk, "answer", version=1, text="")
    assert blank.status_code == 422 and '<details class="confirm" open' in blank.content.decode()
    assert post(client, w.chief, "note_act", note.pk, "answer", text="好").status_code == 422
    post(client, w.chief, "note_act", note.pk, "answer", version=1, text="周四报")
    page = get(client, w.leader, "note_detail", note.pk)
    assert "周四报" in words(page) and [a.name for a in page.context["acts"]] == ["void"]
    assert post(client, w.leader, "note_act", note.pk, "nonsense", version=2).status_code == 404
    post(client, w.leader, "note_act", note.pk, "void", version=2, reason="误办")
    voided = get(client, w.leader, "note_detail", note.pk)
    assert [a.name for a in voided.context["acts"]] == ["restore"] and "误办" in words(voided)


def test_nothing_yet_is_said(client, w):
    assert "还没有督办记录" in words(get(client, w.chief, "note_list"))
    assert "现在没有在办的重点任务" in words(get(client, w.office, "board"))


def test_the_office_sets_when_lights_turn(client, w):
    assert "还没有设定过" in words(get(client, w.office, "light_settings"))
    body = {
        "in_force_from": "2026-03-06", "near_days": 5, "yellow_behind": 5, "red_behind": 20,
        "escalate_after": 2,
    }  # fmt: skip
    for more, word in (
        ({"in_force_from": "2026-03-04"}, "不能早于今天"),
        ({"red_behind": 5}, "要大于黄灯"),
        ({"near_days": 99}, "30"),
    ):
        answer = post(client, w.office, "light_settings", **(body | more))
        assert answer.status_code == 422 and word in words(answer), more
    assert post(client, w.office, "light_settings", **body).status_code == 302
    assert LightPolicy.objects.get().set_by == w.office
    page = words(get(client, w.office, "light_settings"))
    assert "2026年3月6日" in page and "未到" in page


def test_the_board_goes_out_as_a_workbook(client, w):
    task = make_task(w, title="=1+1", source="部务会", measures="列清单", leader=w.leader)
    task.supporting.add(w.two)
    supervision.progress(
        task.pk,
        version=0,
        percent=20,
        text="进展甲",
        problems="问题乙",
        following="打算丙",
        by=w.main,
    )
    answer = post(client, w.office, "board_workbook")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    lines = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert lines[0][0].endswith("重点任务督办表")
    row = next(line for line in lines if line[0] == 1)
    assert row[1:18] == [
        task.number, "=1+1", "部务会", "列清单", "赵副部长", "干部一科", "组织二科", "主办人",
        "2026-03-20", "0%", "20%", "正常", "进展甲", "问题乙", "打算丙", "承办中", None,
    ]  # fmt: skip
    assert AuditEntry.objects.get(act="supervision.export").after == {"rows": 1}
