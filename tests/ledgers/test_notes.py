"""The supervision ledger: pressing in writing, the answer, and lines taken back."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from ledgers import supervising
from ledgers.actions import notes
from ledgers.models import SupervisionNote, Task
from scheme import clock as clocks
from scheme.errors import Stale
from scheme.offices import Office
from tests.factories import again, appoint, make_section, make_staff
from tests.ledgers.supervision_world import make_task, make_world, moves, refusal, told, trail


@pytest.fixture
def w(db, clock):
    clock.set("2026-03-05 10:00")
    return make_world()


def press(w, task, text="请于周五前报进展"):
    task.refresh_from_db()
    return notes.press(task.pk, version=task.version, text=text, by=w.office)


def test_a_press_is_written_logged_and_told(w, clock):
    task = make_task(w)
    for stranger in (w.chief, w.leader, w.chair):
        with pytest.raises(PermissionDenied):
            notes.press(task.pk, version=0, text="快", by=stranger)
    assert refusal(lambda: press(w, task, " ")).field == "text"
    assert refusal(lambda: press(w, task, "长" * 501)).field == "text"

    note = press(w, task)

    assert (note.kind, note.section, note.written_by) == ("pressed", w.one, w.office)
    assert told(w.chief)[-1] == told(w.main)[-1] == f"催办“{task.title}”：请于周五前报进展"
    assert moves(note, "supervision") == ["press"] and moves(task) == ["press"]
    assert trail(note) == ["supervision.press"]
    assert task.escalations.get().level == 1, "the chief has heard of it"
    assert refusal(lambda: press(w, task)).conflict
    # The next day, or once answered, it may be pressed again; the chief's level stands once.
    clock.set("2026-03-06 10:00")
    press(w, task)
    assert task.notes.count() == 2 and task.escalations.count() == 1


def test_the_section_answers_once(w):
    task = make_task(w)
    note = press(w, task)
    for stranger in (w.joint, w.other_chief, w.office, w.leader):
        with pytest.raises(PermissionDenied):
            notes.answer(note.pk, version=1, text="好", by=stranger)
    assert refusal(lambda: notes.answer(note.pk, version=1, text="", by=w.main)).field == "text"

    notes.answer(note.pk, version=1, text="周四报", by=w.main)

    note.refresh_from_db()
    assert (note.answer, note.answered_by, note.version) == ("周四报", w.main, 2)
    assert told(w.office)[-1].endswith("的催办已反馈：周四报")
    assert moves(task)[-1] == "answer" and moves(note, "supervision") == ["press", "answer"]
    for version in (1, 2):
        with pytest.raises(Stale):
            notes.answer(note.pk, version=version, text="再答", by=w.chief)
    # Answered, it may be pressed again the same day.
    assert press(w, task).pk != note.pk


def imported(w, kind="pressed", **more) -> SupervisionNote:
    return SupervisionNote.objects.create(
        unit=w.unit, day=date(2026, 2, 2), kind=kind, recorded_at=clocks.now(), **more
    )


def test_what_a_workbook_brought_waits_for_nobody(w):
    task = make_task(w)
    note = imported(w, task=task)
    assert not supervising.waits(note)
    assert not SupervisionNote.objects.unanswered().exists()
    with pytest.raises(Stale):
        notes.answer(note.pk, version=0, text="好", by=w.chief)


def test_a_press_without_its_task_is_answered_too(w):
    note = imported(w, section=w.one, written_by=w.office)
    notes.answer(note.pk, version=0, text="已报", by=w.chief)
    note.refresh_from_db()
    assert note.answered_by == w.chief


def test_a_line_is_taken_back_and_put_in_force_by_the_leader(w):
    task = make_task(w)
    note = press(w, task)
    for stranger in (w.office, w.chief, w.other_leader):
        with pytest.raises(PermissionDenied):
            notes.void(note.pk, version=1, reason="误办", by=stranger)
    assert refusal(lambda: notes.void(note.pk, version=1, reason="", by=w.leader)).field == "reason"

    notes.void(note.pk, version=1, reason="误办", by=w.leader)

    note.refresh_from_db()
    assert note.state == "void" and not supervising.waits(note)
    assert told(w.office)[-1] == told(w.chief)[-1] == "督办记录（催办）作废：误办"
    with pytest.raises(Stale):
        notes.void(note.pk, version=1, reason="x", by=w.leader)
    with pytest.raises(Stale):
        notes.void(note.pk, version=2, reason="x", by=w.leader)
    notes.restore(note.pk, version=2, reason="核实无误", by=w.chair)
    note.refresh_from_db()
    assert note.state == "stands" and moves(note, "supervision") == ["press", "void", "restore"]


def test_nobody_takes_back_what_they_wrote(w):
    task = make_task(w)
    note = press(w, task)
    appoint(w.office, Office.COMMITTEE_CHAIR)
    with pytest.raises(PermissionDenied):
        notes.void(note.pk, version=1, reason="x", by=again(w.office))


def test_a_line_of_no_section_is_the_chairs(w):
    note = imported(w, kind="pressed")
    notes.void(note.pk, version=0, reason="重复", by=w.chair)
    note.refresh_from_db()
    assert note.state == "void" and told(w.office)


def test_what_is_offered_follows_who_looks_and_where_it_stands(w, clock):
    """The acts on a page are those the actions would take, with what stands in the way."""

    def names(person, task, *, open_only=False):
        found = supervising.acts(again(person), Task.objects.get(pk=task.pk)).offered
        return [one.name for one in found if not (open_only and one.why)]

    fresh = make_task(w, state="assigned")
    assert names(w.chief, fresh) == ["receive", "ask_pass_on"]
    assert names(w.office, fresh) == ["press", "escalate"]
    assert names(w.leader, fresh) == names(w.chair, fresh) == ["suspend"]
    assert names(w.joint, fresh) == names(w.main, fresh) == []
    task = make_task(w)
    assert names(w.main, task) == ["progress"]
    assert names(w.chief, task) == ["progress", "report", "ask_extension", "ask_pass_on"]
    assert "report" not in names(w.chief, task, open_only=True), "no paper yet"
    press(w, task)
    assert names(w.main, task) == ["answer", "progress"]
    assert names(w.office, task, open_only=True) == ["escalate"]
    clock.set("2026-03-20 10:00")
    assert names(w.leader, task) == ["replan", "suspend"]
    late = supervising.acts(again(w.chief), task).offered
    assert "时限已到" in str(next(one.why for one in late if one.name == "ask_extension"))
    closed = make_task(w, state="closed", closed_on=date(2026, 3, 20))
    assert names(w.office, closed) == ["strike"] and names(w.leader, closed) == []
    assert names(w.leader, make_task(w, state="suspended")) == ["resume"]
    assert names(w.chair, make_task(w, state="draft")) == []


def test_board_holds_what_the_person_answers_for(w):
    elsewhere = make_section(w.unit, "他科")
    mine, other = make_task(w), make_task(w, lead=elsewhere)
    make_task(w, state="closed", closed_on=date(2026, 3, 4))
    member = make_staff(w.unit)
    appoint(member, Office.COMMITTEE_MEMBER)
    seen = {person: set(supervising.boarded(person)) for person in (w.leader, w.office, member)}
    assert seen == {w.leader: {mine}, w.office: {mine, other}, member: {mine, other}}
