"""The section's work on a task, and the leader's hand on it: from receipt to a new start."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers import addressees, lights
from ledgers.models import Escalation, Extension, LedgerMove, PassingOn, Progress, Task
from ledgers.taskmoves import (
    LONGEST,
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
from scheme.models import Section, Staff
from scheme.templatetags.look import ymd

AT_WORK = (State.RECEIVED, State.ASSIGNED)
# A plan that reaches further is no plan.
FURTHEST_DAYS = 731


@transaction.atomic
def receive(pk: int, *, version: int, by: Staff) -> Task:
    """The section's chief signs for the task (签收)."""
    task = hold(pk, by=by)
    allow(task, "task.receive", [State.ASSIGNED], version, by=by)
    step(
        task,
        "receive",
        by=by,
        state=State.RECEIVED,
        received_by_id=by.pk,
        received_at=clock.now(),
    )
    tell(
        task,
        [one for one in main_handlers(task) if one.pk != by.pk],
        "receive",
        lambda: _("“%(task)s”已签收，由您主办。") % {"task": task.title[:100]},
    )
    return task


@transaction.atomic
def progress(
    pk: int,
    *,
    version: int,
    percent: int,
    text: str,
    problems: str = "",
    following: str = "",
    done: Collection[int] = (),
    by: Staff,
) -> Progress:
    """How far the work is (报进展). `done`: the milestones reached, all of them; one ticked in
    error may be taken back. The percent may fall: an honest figure is worth more than a high one.
    """
    task = hold(pk, by=by)
    allow(task, "task.progress", [State.RECEIVED], version, by=by)
    if not 0 <= percent <= 100:
        raise Refused(_("进度是0到100的整数。"), field="percent")
    text = words(text, field="text", longest=1000, missing=_("请写当前进展。"))
    now = clock.now()
    for one in task.milestones.all():
        if (one.pk in done) != bool(one.done_on):
            one.done_on = clock.today() if one.pk in done else None
            one.save(update_fields=["done_on"])
    report = Progress.objects.create(
        task=task,
        percent=percent,
        text=text,
        problems=words(problems, field="problems") if problems.strip() else "",
        following=words(following, field="following") if following.strip() else "",
        by=by,
        at=now,
    )
    step(
        task,
        "progress",
        by=by,
        text=text[:LONGEST],
        progress=percent,
        progress_on=clock.today(),
    )
    return report


# --- Passing on


@transaction.atomic
def ask_pass_on(pk: int, *, version: int, to_id: int, reason: str, by: Staff) -> PassingOn:
    """The chief asks that another section take it over; the supervision office decides. Not once
    the deadline has come: what is late stays with whoever let it be late."""
    task = hold(pk, by=by)
    allow(task, "task.pass_on", AT_WORK, version, by=by)
    _not_due(task)
    reason = words(reason, field="reason")
    to = Section.objects.filter(unit=task.unit_id, closed_on=None, pk=to_id).first()
    if to is None or to.pk == task.lead_id:
        raise Refused(_("请选本单位的另一个科室。"), field="to_id")
    if task.passings.filter(state=PassingOn.State.ASKED).exists():
        raise Refused(_("已经申请转办，等督查室办理。"), conflict=True)
    asked = PassingOn.objects.create(
        task=task, origin_id=task.lead_id, to=to, reason=reason, asked_by=by, asked_at=clock.now()
    )
    step(task, "ask_pass_on", by=by, text=reason, told={"to": to.name})
    tell(
        task,
        addressees.supervisors_of(task.unit_id),
        "ask_pass_on",
        lambda: (
            _("“%(task)s”申请转办给%(section)s。") % {"task": task.title[:100], "section": to.name}
        ),
    )
    return asked


@transaction.atomic
def pass_on(pk: int, *, version: int, answer: str = "", by: Staff) -> Task:
    """The supervision office hands it over (转办): the new section signs for it anew. Handlers
    stay until its chief names others."""
    task, asked = _asked(pk, version, by)
    _not_due(task)
    _answer(asked, PassingOn.State.DONE, answer, by)
    before = [*addressees.chiefs_of([task.lead_id])]
    task.supporting.remove(asked.to_id)
    step(
        task,
        "pass_on",
        by=by,
        text=asked.answer,
        told={"to": asked.to.name},
        lead_id=asked.to_id,
        state=State.ASSIGNED,
        received_by_id=None,
        received_at=None,
        assigned_at=clock.now(),
    )
    tell(
        task,
        [*before, *addressees.chiefs_of([asked.to_id]), *main_handlers(task)],
        "pass_on",
        lambda: (
            _("“%(task)s”已转办给%(section)s，由该科室签收。")
            % {"task": task.title[:100], "section": asked.to.name}
        ),
    )
    return task


@transaction.atomic
def refuse_pass_on(pk: int, *, version: int, answer: str, by: Staff) -> Task:
    task, asked = _asked(pk, version, by)
    _answer(asked, PassingOn.State.REFUSED, words(answer, field="answer", longest=300), by)
    step(task, "refuse_pass_on", by=by, text=asked.answer)
    tell(
        task,
        [asked.asked_by],
        "refuse_pass_on",
        lambda: (
            _("“%(task)s”不转办：%(answer)s") % {"task": task.title[:80], "answer": asked.answer}
        ),
    )
    return task


def _asked(pk: int, version: int, by: Staff) -> tuple[Task, PassingOn]:
    task = hold(pk, by=by)
    allow(task, "task.hand_over", AT_WORK, version, by=by)
    asked = task.passings.filter(state=PassingOn.State.ASKED).select_related("to").first()
    if asked is None:
        raise Refused(_("没有待办的转办申请。"), conflict=True)
    not_oneself(asked.asked_by_id, by, _("不能办理自己提出的转办。"))
    return task, asked


def _answer(asked: PassingOn, state: str, answer: str, by: Staff) -> None:
    asked.state, asked.answer = state, answer.strip()[:300]
    asked.decided_by, asked.decided_at = by, clock.now()
    asked.save(update_fields=["state", "answer", "decided_by", "decided_at"])


def _not_due(task: Task) -> None:
    if clock.today() >= task.deadline:
        raise Refused(
            _("时限%(day)s已到，不能再转办，由原科室办结。") % {"day": ymd(task.deadline)}
        )


# --- The leader's hand


@transaction.atomic
def suspend(pk: int, *, version: int, reason: str, by: Staff) -> Task:
    """Puts the work aside (暂停), with a reason; no light burns meanwhile."""
    task = hold(pk, by=by)
    allow(task, "task.suspend", AT_WORK, version, by=by)
    reason = words(reason, field="reason")
    open_ones = Extension.State.ASKED
    if task.extensions.filter(state=open_ones).exists() or task.passings.filter(
        state=PassingOn.State.ASKED
    ):
        raise Refused(_("先办完延期或转办的申请，再暂停。"))
    step(task, "suspend", by=by, text=reason, state=State.SUSPENDED)
    tell(
        task,
        _section_and_office(task),
        "suspend",
        lambda: _("“%(task)s”暂停：%(reason)s") % {"task": task.title[:80], "reason": reason[:150]},
    )
    return task


@transaction.atomic
def resume(pk: int, *, version: int, to: date | None, reason: str, by: Staff) -> Task:
    """Takes the work up again (恢复承办). Put aside before its deadline, a new date moves the
    deadline, as an extension granted that day would have; put aside later, the new date is for
    the work only."""
    task = hold(pk, by=by)
    allow(task, "task.suspend", [State.SUSPENDED], version, by=by)
    reason = words(reason, field="reason")
    dates = {}
    if to is not None:
        in_reach(to, after=clock.today())
        since = _suspended_on(task)
        if since >= task.deadline:
            dates = {"replanned_to": to}
        elif to > task.deadline:
            dates = moved_deadline(task, to, since)
    if to is None and lights.working_deadline(task) <= clock.today():
        raise Refused(_("原时限已到，请写新的时限。"), field="to")
    back = State.ASSIGNED if task.assigned_at and not task.received_at else State.RECEIVED
    step(task, "resume", by=by, text=reason, state=back, **dates)
    tell(
        task,
        _section_and_office(task),
        "resume",
        lambda: (
            _("“%(task)s”恢复承办，时限%(day)s。")
            % {"task": task.title[:100], "day": ymd(lights.working_deadline(task))}
        ),
    )
    return task


def _suspended_on(task: Task) -> date:
    moves = LedgerMove.objects.filter(ledger="task", row_id=task.pk, kind="suspend")
    return clock.local(moves.latest("version").at).date()


def moved_deadline(task: Task, to: date, granted_on: date) -> dict[str, date]:
    """What moves the deadline: of several extensions the first must lie before the deadline that
    was set at the start, and each was asked for before the one that stood."""
    stands = task.deadline == task.extended_to
    return {
        "extended_to": to,
        "extension_granted_on": task.extension_granted_on if stands else granted_on,
    }


def in_reach(day: date, *, after: date, field: str = "to") -> None:
    if day <= after:
        raise Refused(_("新的时限要晚于%(day)s。") % {"day": ymd(after)}, field=field)
    if (day - after).days > FURTHEST_DAYS:
        raise Refused(_("新的时限不能超过两年。"), field=field)


def _section_and_office(task: Task) -> list[Staff]:
    return [
        *addressees.chiefs_of([task.lead_id]),
        *main_handlers(task),
        *addressees.supervisors_of(task.unit_id),
    ]


# --- Level by level


@transaction.atomic
def escalate(pk: int, *, version: int | None = None, reason: str, by: Staff | None) -> Escalation:
    """Brings the task before the next level up (提级督办), one at a time: the section's chief, the
    leader in charge, the chair. By nobody when the clock does it: its rules stand in
    `ledgers.watching`, which then gives no version either."""
    if by is None:
        task = Task.objects.select_for_update(of=("self",)).get(pk=pk)
    else:
        task = hold(pk, by=by)
        allow(task, "task.press", AT_WORK, version, by=by)
    reason = words(reason, field="reason", longest=300)
    about = lights.working_deadline(task)
    last = task.escalations.filter(about=about).order_by("-level").first()
    level = last.level + 1 if last else Escalation.Level.CHIEF
    if level > Escalation.Level.CHAIR:
        raise Refused(_("已经提到部务会主持人，没有更高的层级。"))
    made = Escalation.objects.create(
        task=task, level=level, about=about, reason=reason, by=by, at=clock.now()
    )
    step(task, "escalate", by=by, text=reason, told={"level": level})
    tell(
        task,
        above(task, level),
        "escalate",
        lambda: (
            _("提级督办（%(level)s）：“%(task)s”。%(reason)s")
            % {
                "level": made.get_level_display(),
                "task": task.title[:80],
                "reason": reason[:120],
            }
        ),
        icon="flag",
    )
    return made


def above(task: Task, level: int) -> list[Staff]:
    """Who is told at a level. A section without a leader has the task's own, if it has one."""
    if level == Escalation.Level.CHIEF:
        return addressees.chiefs_of([task.lead_id])
    if level == Escalation.Level.CHAIR:
        return addressees.chairs_of(task.unit_id)
    leaders = addressees.leaders_of([task.lead_id])
    return [*leaders, task.leader] if task.leader_id else leaders
