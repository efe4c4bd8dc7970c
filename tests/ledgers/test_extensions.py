"""Extensions: asked for and granted before the deadline, to the day in Shanghai, or not at all."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from ledgers import lights
from ledgers.actions import extensions
from ledgers.models import Extension, Task
from scheme.offices import Office
from tests.factories import again, appoint
from tests.ledgers.supervision_world import make_task, make_world, moves, refusal, told

DUE, LATER = date(2026, 3, 20), date(2026, 4, 10)


@pytest.fixture
def w(db, clock):
    clock.set("2026-03-05 10:00")
    return make_world()


def ask(w, task, *, to=LATER, reason="数据要等省里", by=None):
    task.refresh_from_db()
    return extensions.ask(task.pk, version=task.version, to=to, reason=reason, by=by or w.chief)


def grant(w, task, *, by=None, **more):
    task.refresh_from_db()
    return extensions.grant(task.pk, version=task.version, by=by or w.leader, **more)


def test_asked_and_granted_in_time_it_moves_the_deadline(w):
    task = make_task(w)
    with pytest.raises(PermissionDenied):
        ask(w, task, by=w.main)
    asked = ask(w, task)
    assert "申请延期至2026年4月10日，请在2026年3月20日前批复" in told(w.leader)[-1]
    assert refusal(lambda: ask(w, task)).conflict
    for stranger in (w.chief, w.office, w.other_leader):
        with pytest.raises(PermissionDenied):
            grant(w, task, by=stranger)

    done = grant(w, task, answer="同意")

    asked.refresh_from_db()
    assert (asked.state, asked.decided_by, asked.answer) == ("granted", w.leader, "同意")
    assert (done.deadline, done.extension_granted_on) == (LATER, date(2026, 3, 5))
    assert told(w.chief)[-1].endswith("已批准。") and told(w.main)
    assert moves(task) == ["ask_extension", "grant_extension"]
    assert refusal(lambda: grant(w, task)).conflict


def test_to_the_day_in_shanghai(w, clock):
    """At 23:30 of the day before it may be asked; half an hour later it may not. In UTC both are
    the same day."""
    task, other = make_task(w), make_task(w)
    clock.set("2026-03-19 23:30")
    ask(w, task)
    clock.set("2026-03-20 00:00")
    late = refusal(lambda: ask(w, other))
    assert "时限2026年3月20日已到" in str(late) and "计分仍按原时限" in str(late)
    missed = refusal(lambda: grant(w, task))
    assert missed.conflict and "过期未批" in str(missed)
    task.refresh_from_db()
    assert task.deadline == DUE and Extension.objects.get().state == "asked"
    # It may still be refused, with a reason; and the clock puts it away.
    blank = refusal(lambda: extensions.refuse(task.pk, version=1, answer="", by=w.leader))
    assert blank.field == "answer"
    assert extensions.expire(task.pk) is True
    assert extensions.expire(task.pk) is False
    gone = Extension.objects.get()
    assert (gone.state, gone.decided_by) == ("refused", None)
    assert told(w.chief)[-1].endswith("时限前没有批准，过期作废。")


def test_what_is_still_in_time_is_not_put_away(w):
    task = make_task(w)
    ask(w, task)
    assert extensions.expire(task.pk) is False


def test_a_second_extension_keeps_the_day_of_the_first(w, clock):
    task = make_task(w)
    ask(w, task)
    grant(w, task)
    # Past the first deadline, before the one that stands now.
    clock.set("2026-04-09 10:00")
    ask(w, task, to=date(2026, 5, 8))
    done = grant(w, task)
    assert (done.deadline, done.extension_granted_on) == (date(2026, 5, 8), date(2026, 3, 5))


def test_a_workbooks_late_extension_does_not_lend_its_day(w):
    """Granted on the deadline it never counted: a good one now counts from its own day."""
    task = make_task(w, extended_to=date(2026, 3, 30), extension_granted_on=DUE)
    assert task.deadline == DUE
    ask(w, task)
    assert grant(w, task).deadline == LATER


def test_refused_it_leaves_everything(w):
    task = make_task(w)
    ask(w, task)
    extensions.refuse(task.pk, version=1, answer="抓紧", by=w.chair)
    task.refresh_from_db()
    assert task.deadline == DUE and moves(task)[-1] == "refuse_extension"
    assert told(w.chief)[-1].endswith("未批准。")
    again_asked = ask(w, task)
    assert again_asked.state == "asked"


def test_days_and_reasons_that_do_not_do(w):
    task = make_task(w)
    assert refusal(lambda: ask(w, task, to=DUE)).field == "to"
    assert refusal(lambda: ask(w, task, to=date(2099, 1, 1))).field == "to"
    assert refusal(lambda: ask(w, task, reason="")).field == "reason"
    assert refusal(lambda: ask(w, task, reason="长" * 501)).field == "reason"


def test_nobody_grants_what_they_asked_for(w):
    task = make_task(w)
    ask(w, task)
    appoint(w.chief, Office.LEADER_IN_CHARGE, section=w.one)
    with pytest.raises(PermissionDenied):
        grant(w, task, by=again(w.chief))


def test_a_section_without_leader_asks_the_chair(w):
    task = make_task(w, lead=w.office_section)
    head = appoint(w.main, Office.SECTION_CHIEF, section=w.office_section).staff
    Task.objects.filter(pk=task.pk).update(state="received")
    from scheme.models import Appointment

    Appointment.objects.filter(staff=w.other_leader).delete()
    ask(w, task, by=again(head))
    assert "申请延期" in told(w.chair)[-1]
    assert grant(w, task, by=w.chair).deadline == LATER


def test_a_date_set_late_is_for_the_work_only(w, clock):
    task = make_task(w)
    early = refusal(
        lambda: extensions.replan(task.pk, version=0, to=LATER, reason="x", by=w.leader)
    )
    assert "请科室申请延期" in str(early)
    clock.set("2026-03-20 09:00")
    done = extensions.replan(task.pk, version=0, to=LATER, reason="省里推迟", by=w.leader)
    assert (done.deadline, lights.working_deadline(done)) == (DUE, LATER)
    assert "计分仍按原时限2026年3月20日" in told(w.chief)[-1]
    back = refusal(lambda: extensions.replan(task.pk, version=1, to=LATER, reason="x", by=w.leader))
    assert back.field == "to"
