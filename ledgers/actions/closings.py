"""Reporting a task done, and what becomes of it: review, approval, striking off.

The day it was closed is the day the package that was accepted was filed: neither the day the
section says it was ready, nor the day the approval came (docs/decisions).
"""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers import addressees, records
from ledgers.models import Closing, Extension, PassingOn, SupervisionNote, Task
from ledgers.taskmoves import (
    LONGEST,
    State,
    allow,
    hold,
    main_handlers,
    not_oneself,
    step,
    still,
    tell,
    words,
)
from scheme import audit, clock
from scheme.errors import Refused
from scheme.models import Staff

OF_PACKAGE = 2000


@transaction.atomic
def report(
    pk: int, *, version: int, done_on: date, result: str, handling: str, by: Staff
) -> Closing:
    """Files the package (报结): result, handling record, and papers that hang on the task."""
    task = hold(pk, by=by)
    allow(task, "task.report_done", [State.RECEIVED], version, by=by)
    result = words(result, field="result", longest=OF_PACKAGE, missing=_("请写办理结果。"))
    handling = words(handling, field="handling", longest=OF_PACKAGE, missing=_("请写办理经过。"))
    if done_on > clock.today():
        raise Refused(_("完成日期不能晚于今天。"), field="done_on")
    if not records.papers(task).exists():
        raise Refused(_("报结要有材料：先在本页“附件”里附上至少一份，再报结。"))
    now = clock.now()
    # Neither more time nor another section is needed any more.
    for asked in (*task.extensions.filter(state="asked"), *task.passings.filter(state="asked")):
        refused = Extension.State if isinstance(asked, Extension) else PassingOn.State
        asked.state, asked.decided_at = refused.REFUSED, now
        asked.save(update_fields=["state", "decided_at"])
    filed = Closing.objects.create(
        task=task, done_on=done_on, result=result, handling=handling, filed_by=by, filed_at=now
    )
    step(
        task,
        "report",
        by=by,
        text=result[:LONGEST],
        told={"done_on": done_on.isoformat()},
        state=State.REPORTED,
        reported_at=now,
    )
    tell(
        task,
        addressees.supervisors_of(task.unit_id),
        "report",
        lambda: _("“%(task)s”报结，待审核。") % {"task": task.title[:100]},
    )
    return filed


@transaction.atomic
def review(pk: int, *, version: int, by: Staff) -> Task:
    """The supervision office finds the package complete and the result as asked (审核)."""
    task = hold(pk, by=by)
    filed = _filed(task, version, "task.review", State.REPORTED, by)
    filed.state, filed.reviewed_by, filed.reviewed_at = Closing.State.REVIEWED, by, clock.now()
    filed.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    step(task, "review", by=by, state=State.REVIEWED)
    tell(
        task,
        addressees.leaders_of([task.lead_id]) or addressees.chairs_of(task.unit_id),
        "review",
        lambda: _("“%(task)s”已审核，待您批准办结。") % {"task": task.title[:100]},
    )
    return task


@transaction.atomic
def return_(pk: int, *, version: int, reason: str, by: Staff) -> Task:
    """Sends the package back to be completed (退回补正): nothing is held against the section."""
    task = hold(pk, by=by)
    # Whoever was slower is told so, also where the task lies on another desk by now.
    still(task, version)
    filed = _filed(task, version, *_stage(task), by)
    reason = words(reason, field="reason")
    _turn_back(task, filed, "return", reason, by)
    return task


@transaction.atomic
def send_back(pk: int, *, version: int, reason: str, by: Staff) -> SupervisionNote:
    """Sends the result back as not up to standard (退回不合格): a line of the supervision ledger,
    which the points may count."""
    task = hold(pk, by=by)
    # Whoever was slower is told so, also where the task lies on another desk by now.
    still(task, version)
    filed = _filed(task, version, *_stage(task), by)
    reason = words(reason, field="reason")
    note = SupervisionNote.objects.create(
        unit_id=task.unit_id,
        day=clock.today(),
        kind=SupervisionNote.Kind.RETURNED,
        task=task,
        section_id=task.lead_id,
        text=reason,
        written_by=by,
        version=1,
        recorded_at=clock.now(),
    )
    records.note(note, "send_back", by=by, text=reason)
    audit.record(by, "supervision.send_back", note, after={"task": task.pk}, reason=reason)
    _turn_back(task, filed, "send_back", reason, by)
    return note


@transaction.atomic
def close(pk: int, *, version: int, by: Staff) -> Task:
    """The leader's approval (办结)."""
    task = hold(pk, by=by)
    filed = _filed(task, version, "task.close", State.REVIEWED, by)
    filed.state, filed.approved_by, filed.approved_at = Closing.State.APPROVED, by, clock.now()
    filed.save(update_fields=["state", "approved_by", "approved_at"])
    closed_on = clock.local(filed.filed_at).date()
    step(task, "close", by=by, state=State.CLOSED, closed_on=closed_on)
    tell(
        task,
        [
            filed.filed_by,
            *main_handlers(task),
            *addressees.supervisors_of(task.unit_id),
        ],
        "close",
        lambda: _("“%(task)s”批准办结。") % {"task": task.title[:100]},
        icon="check",
    )
    return task


@transaction.atomic
def strike(pk: int, *, version: int, archive: str, by: Staff) -> Task:
    """Takes the closed task off the list (销号), with the number it is filed under."""
    task = hold(pk, by=by)
    allow(task, "task.strike", [State.CLOSED], version, by=by)
    archive = words(archive, field="archive", longest=60, missing=_("请写归档号。"))
    step(
        task,
        "strike",
        by=by,
        text=_("归档号%(number)s") % {"number": archive},
        told={"archive": archive},
        state=State.STRUCK,
        struck_at=clock.now(),
    )
    return task


def _stage(task: Task) -> tuple[str, str]:
    """Whose desk the package lies on: the supervision office's first, then the leader's."""
    if task.state == State.REVIEWED:
        return "task.close", State.REVIEWED
    return "task.review", State.REPORTED


def _filed(task: Task, version: int, verb: str, state: str, by: Staff) -> Closing:
    allow(task, verb, [state], version, by=by)
    filed = task.closings.exclude(state=Closing.State.RETURNED).select_related("filed_by").get()
    not_oneself(filed.filed_by_id, by, _("不能审自己报结的任务。"))
    return filed


def _turn_back(task: Task, filed: Closing, kind: str, reason: str, by: Staff) -> None:
    filed.state, filed.reason = Closing.State.RETURNED, reason
    filed.save(update_fields=["state", "reason"])
    step(task, kind, by=by, text=reason, state=State.RECEIVED, reported_at=None)
    tell(
        task,
        [filed.filed_by, *addressees.chiefs_of([task.lead_id]), *main_handlers(task)],
        kind,
        lambda: (
            _("“%(task)s”的报结退回：%(reason)s")
            % {"task": task.title[:80], "reason": reason[:150]}
        ),
        icon="arrow-uturn-left",
    )
