"""Extensions (延期): asked for and granted before the deadline, or not at all.

A date set later is for the work; the points keep the deadline that was missed.
"""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers import addressees, lights
from ledgers.actions.supervision import AT_WORK, in_reach, moved_deadline
from ledgers.models import Extension, Task
from ledgers.taskmoves import (
    State,
    allow,
    hold,
    main_handlers,
    not_oneself,
    step,
    tell,
    words,
)
from scheme import clock
from scheme.errors import Refused
from scheme.models import Staff
from scheme.templatetags.look import ymd


@transaction.atomic
def ask(pk: int, *, version: int, to: date, reason: str, by: Staff) -> Extension:
    """The section asks for more time, at the latest on the day before the deadline."""
    task = hold(pk, by=by)
    allow(task, "task.ask_extension", [State.RECEIVED], version, by=by)
    reason = words(reason, field="reason")
    if clock.today() >= task.deadline:
        raise Refused(
            _("延期要在时限前申请，时限%(day)s已到。可请分管领导重新明确时限，计分仍按原时限。")
            % {"day": ymd(task.deadline)}
        )
    in_reach(to, after=task.deadline)
    if task.extensions.filter(state=Extension.State.ASKED).exists():
        raise Refused(_("已经申请延期，等分管领导批准。"), conflict=True)
    asked = Extension.objects.create(
        task=task, to=to, reason=reason, asked_by=by, asked_at=clock.now()
    )
    step(task, "ask_extension", by=by, text=reason, told={"to": to.isoformat()})
    tell(
        task,
        addressees.leaders_of([task.lead_id]) or addressees.chairs_of(task.unit_id),
        "ask_extension",
        lambda: (
            _("“%(task)s”申请延期至%(to)s，请在%(day)s前批复，过期不能再批。")
            % {"task": task.title[:100], "to": ymd(to), "day": ymd(task.deadline)}
        ),
    )
    return asked


@transaction.atomic
def grant(pk: int, *, version: int, answer: str = "", by: Staff) -> Task:
    """Moves the deadline. On the deadline itself it is too late."""
    task, asked = _asked(pk, version, by)
    if clock.today() >= task.deadline:
        raise Refused(
            _("时限%(day)s已到，这项申请过期未批，不能再批准。可重新明确时限，计分仍按原时限。")
            % {"day": ymd(task.deadline)},
            conflict=True,
        )
    dates = moved_deadline(task, asked.to, clock.today())
    _decide(asked, Extension.State.GRANTED, answer, by)
    step(task, "grant_extension", by=by, text=asked.answer, **dates)
    _tell(task, asked, lambda: _("“%(task)s”延期至%(to)s，已批准。"))
    return task


@transaction.atomic
def refuse(pk: int, *, version: int, answer: str, by: Staff) -> Task:
    task, asked = _asked(pk, version, by)
    _decide(asked, Extension.State.REFUSED, words(answer, field="answer", longest=300), by)
    step(task, "refuse_extension", by=by, text=asked.answer)
    _tell(task, asked, lambda: _("“%(task)s”延期至%(to)s，未批准。"))
    return task


@transaction.atomic
def expire(pk: int, *, by: Staff | None = None) -> bool:
    """Puts away a request nobody decided in time (过期未批); the clock does it. False when there
    is nothing to put away any more."""
    task = Task.objects.select_for_update(of=("self",)).get(pk=pk)
    asked = task.extensions.filter(state=Extension.State.ASKED).first()
    if asked is None or clock.today() < task.deadline:
        return False
    _decide(asked, Extension.State.REFUSED, "", by)
    step(task, "expire", by=by, told={"to": asked.to.isoformat()})
    _tell(task, asked, lambda: _("“%(task)s”延期至%(to)s，时限前没有批准，过期作废。"))
    return True


@transaction.atomic
def replan(pk: int, *, version: int, to: date, reason: str, by: Staff) -> Task:
    """A new date after the deadline has come (重新明确时限): for the work, not for the points."""
    task = hold(pk, by=by)
    allow(task, "task.decide_extension", AT_WORK, version, by=by)
    reason = words(reason, field="reason")
    if clock.today() < task.deadline:
        raise Refused(_("时限还没有到，请科室申请延期。"))
    in_reach(to, after=max(clock.today(), lights.working_deadline(task)))
    step(task, "replan", by=by, text=reason, replanned_to=to)
    tell(
        task,
        [*addressees.chiefs_of([task.lead_id]), *main_handlers(task)],
        "replan",
        lambda: (
            _("“%(task)s”重新明确时限%(to)s，计分仍按原时限%(day)s。")
            % {"task": task.title[:100], "to": ymd(to), "day": ymd(task.deadline)}
        ),
    )
    return task


def _asked(pk: int, version: int, by: Staff) -> tuple[Task, Extension]:
    task = hold(pk, by=by)
    allow(task, "task.decide_extension", [State.RECEIVED], version, by=by)
    asked = task.extensions.filter(state=Extension.State.ASKED).first()
    if asked is None:
        raise Refused(_("没有待批的延期申请。"), conflict=True)
    not_oneself(asked.asked_by_id, by, _("不能批自己提出的延期。"))
    return task, asked


def _decide(asked: Extension, state: str, answer: str, by: Staff | None) -> None:
    asked.state, asked.answer = state, answer.strip()[:300]
    asked.decided_by, asked.decided_at = by, clock.now()
    asked.save(update_fields=["state", "answer", "decided_by", "decided_at"])


def _tell(task: Task, asked: Extension, say) -> None:
    tell(
        task,
        [asked.asked_by, *main_handlers(task), *addressees.supervisors_of(task.unit_id)],
        "extension",
        lambda: say() % {"task": task.title[:100], "to": ymd(asked.to)},
    )
