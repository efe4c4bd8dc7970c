"""The one way a round goes forward once it is open: by the clock when its moment has come, or by
the personnel office with a reason."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices, workdays
from scheme.errors import Refused, Stale
from scheme.models import Staff
from scheme.templatetags.look import md_hm
from stars import planning
from stars.models import (
    Nomination,
    Round,
    RoundMove,
    Seat,
)
from stars.owing import office_of
from stars.workflow import ROUND_NEXT

from . import results
from .ending_branches import to_committee
from .ending_committee import is_shortened, to_publicity
from .ending_nominations import to_branches
from .moving import end_of_next_working_day
from .rounds import CLOSING_HOUR, chiefs_of

MAX_REASON = 200
N, R = Nomination.State, Round.State


@transaction.atomic
def advance(pk: int, *, by=None, reason: str = "", seen: int | None = None) -> Round:
    """Takes the next step of the round, whole or not at all.

    Without `by` the clock takes it, and a step that cannot be taken yet is put off to the next
    working day and the office is told. `seen` is the version the caller knew.
    """
    round_ = (
        Round.objects.select_for_update(of=("self",))
        .select_related("unit", "book", "run")
        .get(pk=pk)
    )
    if by is not None:
        access.require(by, "round.manage", round_.anchor())
    if (seen is not None and round_.version != seen) or (by is not None and seen is None):
        raise Stale(_("这一轮刚刚有了变化，请看过最新情况再办。"))
    if round_.state not in _STEPS:
        raise Refused(_("这一轮不在进行中。"), conflict=True)
    reason = _checked_reason(round_, by, reason)
    try:
        with transaction.atomic():
            changes = _STEPS[round_.state](round_, by)
    except Refused as refused:
        if by is not None:
            raise
        return _postpone(round_, str(refused))
    return _move(round_, ROUND_NEXT[round_.state], by, reason, changes)


def _checked_reason(round_: Round, by, reason: str) -> str:
    reason = reason.strip()
    due = round_.due_at is not None and round_.due_at <= clock.now()
    if by is None:
        if not due:
            raise Refused(_("本阶段还没有到期。"))
        return reason or _("到期自动进入下一阶段")
    if not reason:
        raise Refused(_("请写明提前或手动推进的理由。"), field="reason")
    if len(reason) > MAX_REASON:
        raise Refused(_("理由请写在200字以内。"), field="reason")
    if round_.state == R.PUBLICITY and not due:
        # The days of publicity are owed to everybody; no office can waive them.
        raise Refused(_("公示没有期满，不能提前公布。"))
    return reason


def _move(round_: Round, to: str, by, reason: str, changes: dict) -> Round:
    start, at = round_.state, clock.now()
    facts = changes.pop("facts", {})
    RoundMove.objects.create(
        round=round_,
        version=round_.version,
        from_state=start,
        to_state=to,
        by=by,
        reason=reason,
        at=at,
    )
    changes |= {"state": to, "version": round_.version + 1}
    if to != start:
        changes["stage_since"] = at
    for name, value in changes.items():
        setattr(round_, name, value)
    round_.save(update_fields=list(changes))
    act = "round.advance"
    if to == start:
        act = "round.postpone" if by is None else "round.extend"
    audit.record(
        by, act, round_, before={"state": start}, after={"state": to} | facts, reason=reason
    )
    return round_


def _postpone(round_: Round, why: str) -> Round:
    """The clock found the step barred: another day, and the office knows why."""
    due = _next_moment(round_)
    reason = (_("顺延：%(why)s") % {"why": why})[:MAX_REASON]
    version = round_.version
    _move(round_, round_.state, None, reason, {"due_at": due})
    notices.tell_all(
        office_of(round_.unit_id),
        f"round:{round_.pk}:postponed:{version}",
        lambda: (
            _("%(round)s顺延到%(due)s。%(why)s") % {"round": round_, "due": md_hm(due), "why": why}
        ),
        url=reverse("stars:round_detail", args=[round_.pk]),
        icon="exclamation-triangle",
    )
    return round_


def _next_moment(round_: Round) -> datetime:
    if round_.state == R.PUBLICITY and is_shortened(round_):
        return clock.now() + timedelta(seconds=round_.publicity_seconds)
    return end_of_next_working_day()


# Put off


EXTENDABLE = {
    R.NOMINATING: "nominate_until",
    R.AT_BRANCH: "branch_until",
    R.AT_COMMITTEE: "committee_until",
}


@transaction.atomic
def extend(pk: int, *, by, until: date, reason: str, seen: int) -> Round:
    """The present stage ends on a later working day. A later stage it would run into keeps its
    working days and moves with it; publicity is counted by rule and is never put off."""
    round_ = Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    access.require(by, "round.manage", round_.anchor())
    if round_.version != seen:
        raise Stale(_("这一轮刚刚有了变化，请看过最新情况再办。"))
    name = EXTENDABLE.get(round_.state)
    if name is None:
        raise Refused(_("只有推星、评星、定星阶段可以延期，公示按规则计算。"), conflict=True)
    reason = reason.strip()
    if not reason:
        raise Refused(_("请写明为什么延期。"), field="reason")
    before = {one: getattr(round_, one) for one in planning.DATES}
    due = clock.at(until, CLOSING_HOUR)
    if due <= max(round_.due_at, clock.now()):
        raise Refused(
            _("延期须晚于现在的截止时间%(due)s。") % {"due": md_hm(round_.due_at)}, field="until"
        )
    if not workdays.is_working(until):
        raise Refused(_("截止日须是工作日（以工作日历为准）。"), field="until")
    after = planning.put_off(before, name, until)
    told = _("延期到%(due)s：%(reason)s") % {"due": md_hm(due), "reason": reason}
    if len(told) > MAX_REASON:
        raise Refused(_("理由请写在%(n)s字以内。") % {"n": MAX_REASON - 30}, field="reason")
    moved = {one: day for one, day in after.items() if day != before[one]}
    facts = {one: day.isoformat() for one, day in moved.items()}
    version = round_.version
    _move(round_, round_.state, by, told, {"due_at": due, "facts": facts} | moved)
    notices.tell_all(
        _concerned(round_),
        f"round:{round_.pk}:extended:{version}",
        lambda: (
            _("%(round)s：%(stage)s延期到%(due)s。%(why)s")
            % {
                "round": round_,
                "stage": round_.get_state_display(),
                "due": md_hm(due),
                "why": reason,
            }
        ),
        url=reverse("stars:round_detail", args=[round_.pk]),
        icon="clock",
    )
    return round_


def _concerned(round_: Round) -> set:
    """Who works in the present stage, done or not, and the office."""
    if round_.state == R.NOMINATING:
        people = chiefs_of(round_)
    else:
        body = Seat.Body.BRANCH if round_.state == R.AT_BRANCH else Seat.Body.COMMITTEE
        seats = Seat.objects.filter(round=round_, body=body)
        people = Staff.objects.filter(pk__in=seats.values("staff"))
    return {*people, *office_of(round_.unit_id)}


_STEPS = {
    R.NOMINATING: to_branches,
    R.AT_BRANCH: to_committee,
    R.AT_COMMITTEE: to_publicity,
    R.PUBLICITY: results.conclude,
}
