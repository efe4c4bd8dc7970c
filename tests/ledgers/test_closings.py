"""Reporting done: a package, a review, an approval; the day that counts; striking off."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from ledgers.actions import closings, extensions, supervision
from ledgers.models import Closing, LedgerMove, SupervisionNote, Task
from scheme.errors import Stale
from scheme.offices import Office
from tests.factories import again, appoint
from tests.ledgers.supervision_world import (
    attach,
    make_task,
    make_world,
    moves,
    refusal,
    told,
    trail,
)

State = Task.State
THURSDAY = date(2026, 3, 5)
PACKAGE = {"done_on": THURSDAY, "result": "制度已印发", "handling": "三次征求意见"}


@pytest.fixture
def w(db, clock):
    clock.set("2026-03-05 10:00")
    return make_world()


@pytest.fixture
def task(w):
    task = make_task(w)
    attach(task, w.chief)
    return task


def report(w, task, **more):
    task.refresh_from_db()
    return closings.report(task.pk, version=task.version, by=w.chief, **(PACKAGE | more))


def now(task) -> int:
    task.refresh_from_db()
    return task.version


def test_from_report_to_striking_off(w, task, clock):
    filed = report(w, task)
    assert "报结，待审核" in told(w.office)[-1]
    clock.set("2026-03-09 10:00")
    closings.review(task.pk, version=now(task), by=w.office)
    assert "待您批准办结" in told(w.leader)[-1]
    for stranger in (w.chief, w.office, w.other_leader):
        with pytest.raises(PermissionDenied):
            closings.close(task.pk, version=now(task), by=stranger)
    clock.set("2026-04-02 10:00")

    done = closings.close(task.pk, version=now(task), by=w.leader)

    filed.refresh_from_db()
    assert (done.state, done.closed_on) == (State.CLOSED, THURSDAY), "filed, not approved"
    assert (filed.state, filed.reviewed_by, filed.approved_by) == ("approved", w.office, w.leader)
    assert told(w.chief)[-1].endswith("批准办结。") and told(w.main)
    blank = refusal(lambda: closings.strike(task.pk, version=now(task), archive=" ", by=w.office))
    assert blank.field == "archive"
    with pytest.raises(PermissionDenied):
        closings.strike(task.pk, version=now(task), archive="督2026-12", by=w.leader)
    struck = closings.strike(task.pk, version=now(task), archive="督2026-12", by=w.office)
    assert struck.state == State.STRUCK and struck.struck_at
    last = LedgerMove.objects.filter(row_id=task.pk, ledger="task").latest("version")
    assert last.after["archive"] == "督2026-12" and "督2026-12" in last.text
    assert moves(task) == ["attach", "report", "review", "close", "strike"]
    with pytest.raises(Stale):
        closings.strike(task.pk, version=now(task), archive="再", by=w.office)


def test_a_package_has_a_result_a_record_and_a_paper(w, task):
    bare = make_task(w)
    assert "附件" in str(refusal(lambda: report(w, bare)))
    for more, field in (
        ({"result": " "}, "result"),
        ({"handling": ""}, "handling"),
        ({"result": "长" * 2001}, "result"),
        ({"done_on": date(2026, 3, 6)}, "done_on"),
    ):
        assert refusal(lambda more=more: report(w, task, **more)).field == field
    with pytest.raises(PermissionDenied):
        closings.report(task.pk, version=now(task), by=w.main, **PACKAGE)
    assert not Closing.objects.exists()


def test_asking_for_time_or_another_section_ends_with_the_report(w, task):
    extensions.ask(task.pk, version=now(task), to=date(2026, 4, 1), reason="x", by=w.chief)
    supervision.ask_pass_on(task.pk, version=now(task), to_id=w.two.pk, reason="x", by=w.chief)
    report(w, task)
    assert task.extensions.get().state == "refused" and task.passings.get().state == "refused"
    assert task.extensions.get().decided_by is None


def test_sent_back_as_not_up_to_standard_is_a_line_of_the_ledger(w, task):
    report(w, task)
    blank = refusal(lambda: closings.send_back(task.pk, version=now(task), reason="", by=w.office))
    assert blank.field == "reason"

    note = closings.send_back(task.pk, version=now(task), reason="数字不实", by=w.office)

    task.refresh_from_db()
    assert (note.kind, note.day, note.section, note.text) == (
        "returned", THURSDAY, w.one, "数字不实",
    )  # fmt: skip
    assert (task.state, task.reported_at, task.closed_on) == (State.RECEIVED, None, None)
    assert Closing.objects.get().reason == "数字不实"
    assert told(w.main)[-1].endswith("的报结退回：数字不实")
    assert moves(note, "supervision") == ["send_back"]
    assert trail(note) == ["supervision.send_back"]
    # A new package takes its own day.
    report(w, task)
    assert Closing.objects.count() == 2


def test_sent_back_to_be_completed_nothing_is_held_against_anybody(w, task):
    report(w, task)
    closings.return_(task.pk, version=now(task), reason="缺会议记录", by=w.office)
    assert not SupervisionNote.objects.exists()
    assert moves(task)[-1] == "return"
    report(w, task)
    closings.review(task.pk, version=now(task), by=w.office)
    # On the leader's desk both ways are the leader's.
    with pytest.raises(PermissionDenied):
        closings.return_(task.pk, version=now(task), reason="x", by=w.office)
    closings.return_(task.pk, version=now(task), reason="再核一遍", by=w.leader)
    report(w, task)
    closings.review(task.pk, version=now(task), by=w.office)
    closings.send_back(task.pk, version=now(task), reason="没有达到目标", by=w.chair)
    assert SupervisionNote.objects.get().written_by == w.chair
    with pytest.raises(Stale):
        closings.send_back(task.pk, version=now(task), reason="x", by=w.office)


def test_the_day_that_counts_is_that_of_the_package_accepted(w, task, clock):
    report(w, task)
    closings.send_back(task.pk, version=now(task), reason="不合格", by=w.office)
    clock.set("2026-03-23 09:00")
    # What the section says it was done on does not reach back before the return.
    report(w, task, done_on=THURSDAY)
    closings.review(task.pk, version=now(task), by=w.office)
    done = closings.close(task.pk, version=now(task), by=w.leader)
    assert done.closed_on == date(2026, 3, 23)


def test_nobody_judges_their_own_package(w, task):
    report(w, task)
    appoint(w.chief, Office.SUPERVISION_OFFICE)
    appoint(w.chief, Office.LEADER_IN_CHARGE, section=w.one)
    both = again(w.chief)
    for act in (closings.review, lambda pk, **k: closings.return_(pk, reason="x", **k)):
        with pytest.raises(PermissionDenied):
            act(task.pk, version=now(task), by=both)
    closings.review(task.pk, version=now(task), by=w.office)
    with pytest.raises(PermissionDenied):
        closings.close(task.pk, version=now(task), by=both)


def test_without_a_leader_the_chair_is_asked(w, task):
    from scheme.models import Appointment

    Appointment.objects.filter(staff=w.leader).delete()
    report(w, task)
    closings.review(task.pk, version=now(task), by=w.office)
    assert "待您批准办结" in told(w.chair)[-1]
    assert closings.close(task.pk, version=now(task), by=w.chair).state == State.CLOSED
