"""Lines of the supervision ledger: pressing in writing, the answer to it, and voiding a line."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import addressees, lights, records
from ledgers.actions.supervision import AT_WORK
from ledgers.models import Escalation, SupervisionNote
from ledgers.taskmoves import (
    allow,
    hold,
    main_handlers,
    not_oneself,
    own_part,
    step,
    still,
    tell,
    words,
)
from scheme import audit, clock, notices
from scheme.access import require
from scheme.errors import Refused, Stale
from scheme.models import Staff

Kind, State = SupervisionNote.Kind, SupervisionNote.State


@transaction.atomic
def press(pk: int, *, version: int, text: str, by: Staff) -> SupervisionNote:
    """The supervision office presses a task in writing (催办). The chief hears of it, and so the
    first level has: from here the clock counts to the next."""
    task = hold(pk, by=by)
    allow(task, "task.press", AT_WORK, version, by=by)
    text = words(text, field="text", missing=_("请写明催办的事由和要求。"))
    if open_presses(task).filter(day=clock.today()).exists():
        raise Refused(_("今天已经催办过，等科室反馈。"), conflict=True)
    note = SupervisionNote.objects.create(
        unit_id=task.unit_id,
        day=clock.today(),
        kind=Kind.PRESSED,
        task=task,
        section_id=task.lead_id,
        text=text,
        written_by=by,
        version=1,
        recorded_at=clock.now(),
    )
    records.note(note, "press", by=by, text=text)
    audit.record(by, "supervision.press", note, after={"task": task.pk}, reason=text)
    step(task, "press", by=by, text=text)
    about = lights.working_deadline(task)
    Escalation.objects.get_or_create(
        task=task,
        about=about,
        level=Escalation.Level.CHIEF,
        defaults={"reason": _("催办"), "by": by, "at": clock.now()},
    )
    tell(
        task,
        [*addressees.chiefs_of([task.lead_id]), *main_handlers(task)],
        "press",
        lambda: _("催办“%(task)s”：%(text)s") % {"task": task.title[:80], "text": text[:150]},
        icon="megaphone",
    )
    return note


@transaction.atomic
def answer(pk: int, *, version: int, text: str, by: Staff) -> SupervisionNote:
    """The section's answer to a press (反馈), by its chief or a 主办 handler, once."""
    note = _held(pk, by)
    anchor = note.anchor()._replace(state=State.STANDS)
    mine = note.task_id and own_part(by, note.task)
    require(by, "supervision.answer", anchor._replace(person_id=by.pk) if mine else anchor)
    still(note, version)
    if not SupervisionNote.objects.unanswered().filter(pk=note.pk).exists():
        raise Stale(_("这一条不用反馈，或已经反馈过，刷新后再看。"))
    text = words(text, field="text", missing=_("请写反馈。"))
    note.answer, note.answered_by, note.answered_at = text, by, clock.now()
    note.save(update_fields=["answer", "answered_by", "answered_at"])
    step(note, "answer", by=by, text=text)
    if note.task_id:
        step(note.task, "answer", by=by, text=text)
        tell(
            note.task,
            [note.written_by],
            "answer",
            lambda: (
                _("“%(task)s”的催办已反馈：%(text)s")
                % {"task": note.task.title[:80], "text": text[:150]}
            ),
        )
    return note


@transaction.atomic
def void(pk: int, *, version: int, reason: str, by: Staff) -> SupervisionNote:
    """Takes a line back (作废), with a reason: it counts no more and stays to be read."""
    return _turn(pk, State.STANDS, State.VOID, "void", version, reason, by)


@transaction.atomic
def restore(pk: int, *, version: int, reason: str, by: Staff) -> SupervisionNote:
    """Puts a voided line in force again."""
    return _turn(pk, State.VOID, State.STANDS, "restore", version, reason, by)


def _turn(pk, since, to, kind, version, reason, by) -> SupervisionNote:
    note = _held(pk, by)
    require(by, "supervision.void", note.anchor())
    not_oneself(note.written_by_id, by, _("不能作废或恢复自己登记的。"))
    still(note, version)
    if note.state != since:
        raise Stale(_("这一条现在是“%(state)s”。") % {"state": note.get_state_display()})
    reason = words(reason, field="reason")
    step(note, kind, by=by, text=reason, state=to)
    people = addressees.supervisors_of(note.unit_id)
    if section := note.anchor().section_id:
        people += addressees.chiefs_of([section])
    # Not the task moved on, the line did: it names the telling.
    notices.tell_all(
        {one.pk: one for one in people}.values(),
        f"supervision:{note.pk}:{note.version}",
        lambda: (
            _("督办记录（%(kind)s）%(state)s：%(reason)s")
            % {
                "kind": note.get_kind_display(),
                "state": note.get_state_display(),
                "reason": reason[:150],
            }
        ),
        url=reverse("ledgers:note_detail", args=[note.pk]),
    )
    return note


def open_presses(task):
    """Presses that wait for an answer."""
    return task.notes.unanswered()


def _held(pk: int, by: Staff) -> SupervisionNote:
    """The line and its task, locked, the task first as every act on it does."""
    rows = SupervisionNote.objects.visible_to(by)
    task_id = rows.values_list("task_id", flat=True).get(pk=pk)
    task = hold(task_id, by=by) if task_id else None
    note = rows.select_for_update(of=("self",)).get(pk=pk)
    if task:
        note.task = task
    return note
