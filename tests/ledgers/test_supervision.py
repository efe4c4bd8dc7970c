"""From receipt to a new start: the section's work on a task, and the leader's hand on it."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from ledgers.actions import extensions, supervision
from ledgers.models import Milestone, PassingOn, Task
from scheme.errors import Stale
from tests.ledgers.supervision_world import (
    make_task,
    make_world,
    moves,
    refusal,
    told,
    trail,
)

State = Task.State
THURSDAY = date(2026, 3, 5)


@pytest.fixture
def w(db, clock):
    clock.set("2026-03-05 10:00")
    return make_world()


def test_the_chief_signs_for_the_task_once(w):
    task = make_task(w, state=State.ASSIGNED)
    for stranger in (w.main, w.other_chief, w.leader, w.office, w.chair):
        with pytest.raises(PermissionDenied):
            supervision.receive(task.pk, version=0, by=stranger)

    done = supervision.receive(task.pk, version=0, by=w.chief)

    assert (done.state, done.received_by, done.version) == (State.RECEIVED, w.chief, 1)
    assert done.received_at is not None
    assert told(w.main) == [f"“{task.title}”已签收，由您主办。"]
    assert moves(task) == ["receive"] and trail(task) == ["task.receive"]
    for version in (0, 1):
        with pytest.raises(Stale):
            supervision.receive(task.pk, version=version, by=w.chief)


def test_what_is_out_of_sight_is_not_there(w):
    task, elsewhere = make_task(w, state=State.ASSIGNED), make_world()
    with pytest.raises(Task.DoesNotExist):
        supervision.receive(task.pk, version=0, by=elsewhere.chief)


def test_progress_is_reported_by_the_chief_and_who_handles_it(w):
    task = make_task(w)
    first, second = (
        Milestone.objects.create(
            task=task, position=n, text=f"节点{n}", due_on=date(2026, 3, 8 + n), target=n * 40
        )
        for n in (1, 2)
    )
    more = {"percent": 40, "text": " 完成初稿 ", "problems": "数据不全", "following": "征求意见"}
    for stranger in (w.joint, w.other_chief, w.leader, w.office):
        with pytest.raises(PermissionDenied):
            supervision.progress(task.pk, version=0, by=stranger, **more)

    report = supervision.progress(task.pk, version=0, done={first.pk}, by=w.main, **more)

    task.refresh_from_db()
    first.refresh_from_db()
    assert (report.text, report.problems, report.following) == ("完成初稿", "数据不全", "征求意见")
    assert (task.progress, task.progress_on, first.done_on) == (40, THURSDAY, THURSDAY)
    # An honest figure may fall, and a milestone ticked in error is taken back.
    supervision.progress(task.pk, version=1, percent=30, text="重做", done=[second.pk], by=w.chief)
    task.refresh_from_db()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (task.progress, first.done_on, second.done_on) == (30, None, THURSDAY)
    assert moves(task) == ["progress", "progress"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"percent": 101, "text": "x"}, "percent"),
        ({"percent": -1, "text": "x"}, "percent"),
        ({"percent": 10, "text": "  "}, "text"),
        ({"percent": 10, "text": "长" * 1001}, "text"),
        ({"percent": 10, "text": "x", "problems": "长" * 501}, "problems"),
        ({"percent": 10, "text": "x", "following": "长" * 501}, "following"),
    ],
)
def test_a_report_without_substance_is_refused(w, more, field):
    task = make_task(w)
    assert refusal(lambda: supervision.progress(task.pk, version=0, by=w.chief, **more)).field == (
        field
    )
    assert not task.reports.exists()


def test_nothing_is_done_to_what_is_closed_or_not_begun(w):
    closed = make_task(w, closed_on=THURSDAY)
    for task in (closed, make_task(w, state=State.APPROVED)):
        with pytest.raises(Stale):
            supervision.progress(task.pk, version=0, percent=1, text="x", by=w.chief)


# --- Passing on


def ask(w, task, **more):
    asked = {"to_id": w.two.pk, "reason": "属组织二科职责"} | more
    return supervision.ask_pass_on(task.pk, version=task.version, by=w.chief, **asked)


def test_another_section_takes_it_over_once_the_office_agrees(w):
    task = make_task(w)
    task.supporting.add(w.two)
    asked = ask(w, task)
    assert told(w.office)[-1].endswith("申请转办给组织二科。")
    assert refusal(lambda: ask(w, Task.objects.get(pk=task.pk))).conflict
    for stranger in (w.chief, w.other_chief, w.leader):
        with pytest.raises(PermissionDenied):
            supervision.pass_on(task.pk, version=1, by=stranger)

    moved = supervision.pass_on(task.pk, version=1, answer="同意", by=w.office)

    asked.refresh_from_db()
    assert (moved.lead, moved.state, moved.received_at) == (w.two, State.ASSIGNED, None)
    assert not moved.supporting.exists()
    assert (asked.state, asked.decided_by, asked.answer) == ("done", w.office, "同意")
    assert told(w.other_chief) and told(w.chief)
    with pytest.raises(PermissionDenied):
        supervision.receive(task.pk, version=2, by=w.chief)
    supervision.receive(task.pk, version=2, by=w.other_chief)
    assert moves(task) == ["ask_pass_on", "pass_on", "receive"]


def test_the_office_may_leave_it_where_it_is(w):
    task = make_task(w)
    ask(w, task)
    blank = refusal(lambda: supervision.refuse_pass_on(task.pk, version=1, answer=" ", by=w.office))
    assert blank.field == "answer"
    supervision.refuse_pass_on(task.pk, version=1, answer="仍属干部一科", by=w.office)
    assert PassingOn.objects.get().state == "refused"
    assert told(w.chief)[-1].endswith("不转办：仍属干部一科")
    gone = refusal(
        lambda: supervision.refuse_pass_on(task.pk, version=2, answer="再看", by=w.office)
    )
    assert gone.conflict
    # Asked again, it is a new request.
    ask(w, Task.objects.get(pk=task.pk))


def test_passing_on_is_refused_for_itself_for_others_and_too_late(w, clock):
    task, elsewhere = make_task(w), make_world()
    assert refusal(lambda: ask(w, task, to_id=w.one.pk)).field == "to_id"
    assert refusal(lambda: ask(w, task, to_id=elsewhere.one.pk)).field == "to_id"
    assert refusal(lambda: ask(w, task, reason="")).field == "reason"
    ask(w, task)
    # What is late stays with whoever let it be late: from the day of the deadline on.
    clock.set("2026-03-20 09:00")
    late = refusal(lambda: supervision.pass_on(task.pk, version=1, by=w.office))
    assert "时限2026年3月20日已到" in str(late)
    assert refusal(lambda: ask(w, make_task(w, date(2026, 3, 20))))


def test_who_asked_does_not_decide(w):
    from scheme.offices import Office
    from tests.factories import again, appoint

    task = make_task(w)
    ask(w, task)
    appoint(w.chief, Office.SUPERVISION_OFFICE)
    with pytest.raises(PermissionDenied):
        supervision.pass_on(task.pk, version=1, by=again(w.chief))


# --- Put aside and taken up


def test_put_aside_before_the_deadline_a_new_date_moves_it(w, clock):
    task = make_task(w)
    with pytest.raises(PermissionDenied):
        supervision.suspend(task.pk, version=0, reason="等上级文件", by=w.other_leader)
    supervision.suspend(task.pk, version=0, reason="等上级文件", by=w.leader)
    assert told(w.chief) and told(w.main) and told(w.office)
    with pytest.raises(Stale):
        supervision.progress(task.pk, version=1, percent=1, text="x", by=w.chief)

    clock.set("2026-04-01 09:00")
    no_date = {"to": None, "reason": "文件已到"}
    why = refusal(lambda: supervision.resume(task.pk, version=1, by=w.leader, **no_date))
    assert why.field == "to"
    done = supervision.resume(
        task.pk, version=1, to=date(2026, 4, 20), reason="文件已到", by=w.leader
    )
    assert done.state == State.RECEIVED
    assert done.deadline == date(2026, 4, 20) and done.extension_granted_on == THURSDAY


def test_put_aside_after_the_deadline_the_points_keep_it(w, clock):
    task = make_task(w)
    clock.set("2026-03-20 09:00")
    supervision.suspend(task.pk, version=0, reason="等上级文件", by=w.chair)
    clock.set("2026-03-25 09:00")
    done = supervision.resume(
        task.pk, version=1, to=date(2026, 4, 20), reason="文件已到", by=w.leader
    )
    assert (done.deadline, done.replanned_to) == (date(2026, 3, 20), date(2026, 4, 20))
    assert done.extended_to is None


def test_taken_up_again_in_time_it_needs_no_new_date(w):
    task = make_task(w, state=State.ASSIGNED)
    supervision.suspend(task.pk, version=0, reason="等", by=w.leader)
    done = supervision.resume(task.pk, version=1, to=None, reason="接着办", by=w.leader)
    assert (done.state, done.deadline) == (State.ASSIGNED, date(2026, 3, 20))
    # An earlier day than the deadline changes nothing of it.
    supervision.suspend(task.pk, version=2, reason="再等", by=w.leader)
    done = supervision.resume(
        task.pk, version=3, to=date(2026, 3, 10), reason="接着办", by=w.leader
    )
    assert done.deadline == date(2026, 3, 20)
    supervision.suspend(task.pk, version=4, reason="再等", by=w.leader)
    for day in (THURSDAY, date(2028, 12, 1)):
        why = refusal(
            lambda day=day: supervision.resume(task.pk, version=5, to=day, reason="x", by=w.leader)
        )
        assert why.field == "to"


def test_what_is_asked_is_answered_before_a_task_is_put_aside(w):
    for ask_something in (
        lambda task: ask(w, task),
        lambda task: extensions.ask(
            task.pk, version=0, to=date(2026, 4, 1), reason="等", by=w.chief
        ),
    ):
        task = make_task(w)
        ask_something(task)
        why = refusal(
            lambda task=task: supervision.suspend(task.pk, version=1, reason="x", by=w.leader)
        )
        assert "先办完" in str(why)


# --- Level by level


def test_the_office_escalates_one_level_at_a_time(w):
    task = make_task(w, leader=w.other_leader)
    with pytest.raises(PermissionDenied):
        supervision.escalate(task.pk, version=0, reason="催而不动", by=w.leader)
    for version, level in enumerate((1, 2, 3)):
        made = supervision.escalate(task.pk, version=version, reason="催而不动", by=w.office)
        assert made.level == level
    heard = [bool(told(who)) for who in (w.chief, w.leader, w.other_leader, w.chair, w.main)]
    assert heard == [True, True, True, True, False]
    why = refusal(lambda: supervision.escalate(task.pk, version=3, reason="还是", by=w.office))
    assert "没有更高" in str(why)
    # A new deadline starts from the bottom again.
    Task.objects.filter(pk=task.pk).update(
        extended_to=date(2026, 4, 1), extension_granted_on=THURSDAY
    )
    assert supervision.escalate(task.pk, version=3, reason="又慢", by=w.office).level == 1
