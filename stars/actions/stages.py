"""The one way a round goes forward once it is open: by the clock when its moment has come, or by
the personnel office with a reason."""

from collections import Counter
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices, workdays
from scheme.errors import Refused, Stale
from scheme.models import Appointment, BranchMembership, Staff
from scheme.offices import Office
from scheme.templatetags.look import md_hm
from stars import counting
from stars.ballots import BranchStage, Sitting
from stars.models import (
    BranchOutcome,
    Decision,
    Nomination,
    NominationMove,
    Round,
    RoundMove,
    Seat,
)
from stars.owing import office_of
from stars.workflow import NOMINATION_STEPS, ROUND_NEXT

from . import results
from .rounds import CLOSING_HOUR

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
    act = "round.advance" if to != start else "round.postpone"
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


# When a stage ends


def _end_of(day: date) -> datetime:
    """Closing time of that day; of the next working day when that has passed."""
    end = clock.at(day, CLOSING_HOUR)
    return end if end > clock.now() else _end_of_next_working_day()


def _end_of_next_working_day() -> datetime:
    try:
        day = workdays.following(clock.today())
    except Refused:  # the calendar ends here; the step itself will say so
        day = clock.today() + timedelta(1)
    return clock.at(day, CLOSING_HOUR)


def _next_moment(round_: Round) -> datetime:
    if round_.state == R.PUBLICITY and is_shortened(round_):
        return clock.now() + timedelta(seconds=round_.publicity_seconds)
    return _end_of_next_working_day()


def is_shortened(round_: Round) -> bool:
    """Only a demonstration counts publicity in seconds, and its pages say so."""
    return bool(settings.DEMO and round_.publicity_seconds)


# The steps. Each writes what ends its stage and begins the next; it answers the new values.


def _take(nominations: list[Nomination], move: str, by, reason: str = "") -> None:
    """Moves nominations along one row of the table; `by` is None when the clock does it."""
    at = clock.now()
    moves = []
    for one in nominations:
        to = NOMINATION_STEPS[one.state, move].to
        moves.append(
            NominationMove(
                nomination=one,
                version=one.version,
                from_state=one.state,
                to_state=to,
                by=by,
                reason=reason,
                at=at,
            )
        )
        one.state, one.version = to, one.version + 1
    NominationMove.objects.bulk_create(moves)
    Nomination.objects.bulk_update(nominations, ["state", "version"])


def _to_branches(round_: Round, by) -> dict:
    rows = list(
        Nomination.objects.select_for_update(of=("self",))
        .filter(round=round_)
        .select_related("person", "section", "star", "made_by")
        .order_by("pk")
    )
    ready = [one for one in rows if one.state == N.SUBMITTED]
    unready = [one for one in rows if one.state in (N.DRAFT, N.RETURNED)]
    if not ready:
        raise Refused(_("还没有一个科室报来推荐，不能进入支部评星。"))
    _take(ready, "to_branch", by)
    _take(unready, "withdraw", by, _("截止未报"))
    today, due = clock.today(), _end_of(round_.branch_until)
    held = (
        BranchMembership.objects.on(today)
        .filter(
            branch__in={one.branch_id for one in ready},
            staff__in=Staff.objects.of_unit(round_.unit).on_roll(today),
        )
        .select_related("staff")
    )
    seats = Seat.objects.bulk_create(
        Seat(round=round_, body=Seat.Body.BRANCH, branch_id=row.branch_id, staff=row.staff)
        for row in held
    )
    for one in unready:
        notices.tell(
            one.made_by,
            f"nomination:{one.pk}:unsubmitted",
            lambda one=one: (
                _("对%(nominee)s的推荐到截止没有报出，已撤回。") % {"nominee": one.nominee}
            ),
            url=reverse("stars:nomination_list", args=[round_.pk]),
        )
    notices.tell_all(
        [seat.staff for seat in seats],
        f"round:{round_.pk}:at_branch",
        lambda: (
            _("%(round)s进入支部评星，请在%(due)s前评议本支部的提名。")
            % {"round": round_, "due": md_hm(due)}
        ),
        url=reverse("stars:branch", args=[round_.pk]),
        icon="star",
    )
    facts = {"nominations": len(ready), "withdrawn": len(unready), "seats": len(seats)}
    return {"due_at": due, "facts": facts}


def _to_committee(round_: Round, by) -> dict:
    stage, at = BranchStage(round_), clock.now()
    outcomes = []
    for one in stage.nominations:
        tally = stage.tally(one)
        word = counting.branch_outcome(tally, recused_count=round_.recused_count_as_entitled)
        outcomes.append(BranchOutcome(nomination=one, outcome=word, at=at, **tally._asdict()))
    BranchOutcome.objects.bulk_create(outcomes)
    closed = [row.nomination for row in outcomes if row.outcome == "against"]
    _take(closed, "close", by, _("支部评议过半数不赞成"))
    onward = [row.nomination for row in outcomes if row.outcome != "against"]
    _take(onward, "to_committee", by)

    members = _committee(round_)
    if not members:
        raise Refused(_("没有在任的部务会成员，请安全管理员先登记任职。"))
    Seat.objects.bulk_create(
        Seat(round=round_, body=Seat.Body.COMMITTEE, staff=person, chairs=chairs)
        for person, chairs in members.items()
    )
    due = _end_of(round_.committee_until)
    notices.tell_all(
        {*members, *office_of(round_.unit_id)},
        f"round:{round_.pk}:at_committee",
        lambda: (
            _("%(round)s进入部务会定星，共%(n)s项，请在%(due)s前表决。")
            % {"round": round_, "n": len(onward), "due": md_hm(due)}
        ),
        url=reverse("stars:committee", args=[round_.pk]),
        icon="star",
    )
    facts = {"outcomes": dict(Counter(row.outcome for row in outcomes)), "seats": len(members)}
    return {"due_at": due, "facts": facts}


def _committee(round_: Round) -> dict[Staff, bool]:
    """Members of the day, and whether they chair."""
    today = clock.today()
    held = (
        Appointment.objects.on(today)
        .filter(
            office__in=(Office.COMMITTEE_CHAIR, Office.COMMITTEE_MEMBER),
            staff__in=Staff.objects.of_unit(round_.unit).on_roll(today),
        )
        .select_related("staff")
        .order_by("staff__sort_weight", "staff__staff_no")
    )
    found: dict[Staff, bool] = {}
    for row in held:
        found[row.staff] = found.get(row.staff, False) or row.office == Office.COMMITTEE_CHAIR
    return found


def _to_publicity(round_: Round, by) -> dict:
    sitting, at = Sitting(round_), clock.now()
    if sitting.nominations:
        _check_closable(sitting)
    decisions = []
    for key, group in sitting.groups.items():
        placing, settlement = sitting.placing(key), sitting.settlements.get(key)
        placed = placing.placed
        if placing.left:
            placed = counting.settled(placing, settlement.winners)
        for one in group:
            settled = one.pk in placing.tied
            decisions.append(
                Decision(
                    nomination=one,
                    present=len(sitting.present(one)),
                    passed=sitting.passed(one),
                    placed=one.pk in placed,
                    settled_by=settlement.by if settled else None,
                    settled_reason=settlement.reason if settled else "",
                    at=at,
                    **sitting.tally(one)._asdict(),
                )
            )
    Decision.objects.bulk_create(decisions)
    _take(sitting.nominations, "close", by)
    return _publicity(round_) | {
        "facts": {"decisions": len(decisions), "placed": sum(row.placed for row in decisions)}
    }


def _check_closable(sitting: Sitting) -> None:
    if not sitting.attendance_taken:
        raise Refused(_("还没有登记到会人员。"))
    if not sitting.has_quorum:
        raise Refused(
            _("到会不足法定人数，须到%(needed)s人，实到%(came)s人。")
            % {"needed": sitting.needed, "came": len(sitting.came)}
        )
    if missing := sitting.missing():
        raise Refused(_("还有%(n)s票没有投。中途离会的，请先登记为未到会。") % {"n": missing})
    if sitting.open_ties():
        raise Refused(_("有同票没有裁定，请部务会主持人先裁定。"))


def _publicity(round_: Round) -> dict:
    """From the day of publication, which is not counted, to closing time of the last day."""
    today = clock.today()
    until = workdays.following(today, round_.publicity_days)
    due = clock.at(until, CLOSING_HOUR)
    if is_shortened(round_):
        until, due = today, clock.now() + timedelta(seconds=round_.publicity_seconds)
    notices.tell_all(
        Staff.objects.of_unit(round_.unit).on_roll(today),
        f"round:{round_.pk}:publicity",
        lambda: (
            _("%(round)s结果公示到%(due)s，有异议请实名提出。")
            % {"round": round_, "due": md_hm(due)}
        ),
        url=reverse("stars:publicity", args=[round_.pk]),
        icon="megaphone",
    )
    return {"publicity_from": today, "publicity_until": until, "due_at": due}


_STEPS = {
    R.NOMINATING: _to_branches,
    R.AT_BRANCH: _to_committee,
    R.AT_COMMITTEE: _to_publicity,
    R.PUBLICITY: results.conclude,
}
