"""The committee's sitting: who came, one vote per member and item, the chair's word on a tie."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import access, audit, clock
from scheme.errors import Refused, Stale
from stars import counting
from stars.ballots import Sitting
from stars.models import Nomination, Round, Seat, Settlement, Vote

MAX_ABSENCE = 60
MAX_REASON = 200


def _locked(pk: int) -> Round:
    """Every vote and the end of the sitting take this lock: a vote is counted or refused."""
    return Round.objects.select_for_update().get(pk=pk)


def _check_sitting(round_: Round, by) -> None:
    if round_.state != Round.State.AT_COMMITTEE:
        access.require(by, "round.read", round_.anchor())
        raise Refused(_("部务会定星已经结束，或者还没有开始。"), conflict=True)


@transaction.atomic
def record_attendance(
    pk: int, *, by, present: Collection[int], absences: Mapping[int, str], seen: int
) -> Round:
    """Who came and why the others did not, for every seat.

    May be put right later: a member who leaves early is marked absent, and what they voted before
    stands. Nobody joins once a tie has been settled on the votes of those present.
    """
    round_ = _locked(pk)
    access.require(by, "round.manage", round_.anchor())
    _check_sitting(round_, by)
    if round_.version != seen:
        raise Stale(_("这一轮刚刚有了变化，请看过最新情况再登记。"))
    sitting = Sitting(round_)
    if {seat.staff_id for seat in sitting.seats} != set(present) | set(absences):
        raise Refused(_("请给每位部务会成员登记到会或未到会。"))
    if set(present) & set(absences):
        raise Refused(_("同一人不能既到会又未到会。"))
    before, after = _attend(sitting, set(present), absences)
    Seat.objects.bulk_update(sitting.seats, ["present", "absence"])
    Round.objects.filter(pk=pk).update(version=seen + 1)
    round_.version = seen + 1
    audit.record(by, "sitting.attendance", round_, before=before, after=after)
    return round_


def _attend(sitting: Sitting, present: set[int], absences: Mapping[int, str]):
    before, after = {}, {}
    for seat in sitting.seats:
        came = seat.staff_id in present
        why = "" if came else absences[seat.staff_id].strip()
        if not came and not why:
            raise Refused(
                _("请写明%(name)s未到会的原因。") % {"name": seat.staff},
                field=f"absence-{seat.staff_id}",
            )
        if len(why) > MAX_ABSENCE:
            raise Refused(_("原因请写在60字以内。"), field=f"absence-{seat.staff_id}")
        if came and not seat.present and sitting.settlements:
            raise Refused(_("已有同票裁定，不能再增加到会人员。"))
        before[str(seat.staff_id)] = {"present": seat.present, "absence": seat.absence}
        seat.present, seat.absence = came, why
        after[str(seat.staff_id)] = {"present": came, "absence": why}
    return before, after


def cast(pk: int, *, by, choice: str) -> Vote:
    """One member's vote on one nomination."""
    round_pk = Nomination.objects.values_list("round_id", flat=True).get(pk=pk)
    return cast_all(round_pk, by=by, choices={pk: choice})[0]


@transaction.atomic
def cast_all(pk: int, *, by, choices: Mapping[int, str]) -> list[Vote]:
    """Votes on several nominations from one page, all or none."""
    round_ = _locked(pk)
    _check_sitting(round_, by)
    access.require(by, "vote.cast", round_.anchor())
    if not choices:
        raise Refused(_("还没有表决任何一项。"))
    sitting = Sitting(round_)
    _check_may_vote(sitting, by)
    items = {one.pk: one for one in sitting.nominations}
    for key, choice in choices.items():
        one = items.get(key)
        if one is None:
            raise Refused(_("会上没有这一项，请刷新后再投。"), conflict=True)
        if choice not in Vote.Choice.values:
            raise Refused(_("请选同意、不同意或弃权。"), field=f"choice-{key}")
        if why := sitting.why_recused(one, by.pk):
            raise Refused(_("%(nominee)s：%(why)s。") % {"nominee": one.nominee, "why": why})
        if by.pk in sitting.votes[key]:
            raise Refused(
                _("您已经投过%(nominee)s，一项投一次。") % {"nominee": one.nominee}, conflict=True
            )
    at = clock.now()
    votes = Vote.objects.bulk_create(
        Vote(nomination=items[key], by=by, choice=choice, at=at) for key, choice in choices.items()
    )
    # That somebody has voted, never how.
    audit.record(by, "vote.cast", round_, after={"nominations": sorted(choices)})
    return votes


def _check_may_vote(sitting: Sitting, by) -> None:
    seat = sitting.seat_of(by.pk)
    if seat is None:
        raise Refused(_("部务会定星开始时您不是部务会成员，不参加这次表决。"))
    if not sitting.attendance_taken:
        raise Refused(_("还没有登记到会人员，请机关人事科先登记。"))
    if not seat.present:
        raise Refused(_("登记为未到会，不能表决；书面意见不计票。"))
    if not sitting.has_quorum:
        raise Refused(
            _("到会不足法定人数，须到%(needed)s人，不能表决。") % {"needed": sitting.needed}
        )


@transaction.atomic
def settle(
    pk: int, *, by, star: str, kind: str, winners: Collection[int], reason: str
) -> Settlement:
    """The chair gives the last places where arithmetic cannot, once every vote is in."""
    round_ = _locked(pk)
    _check_sitting(round_, by)
    access.require(by, "vote.settle", round_.anchor())
    sitting = Sitting(round_)
    key = (star, kind)
    if key in sitting.settlements:
        raise Refused(_("这颗星的同票已经裁定过。"), conflict=True)
    placing = sitting.open_ties().get(key)
    if placing is None:
        raise Refused(_("这颗星没有需要裁定的同票，或者还没有投完。"))
    mine = [one for one in sitting.groups[key] if one.pk in placing.tied]
    if any(sitting.why_recused(one, by.pk) for one in mine):
        raise Refused(_("同票的提名中有您须回避的，请另一位主持人裁定。"))
    if not counting.is_settled_by(placing, winners):
        raise Refused(_("请在同票的提名中选定%(n)s项。") % {"n": placing.left}, field="winners")
    reason = reason.strip()
    if not reason:
        raise Refused(_("请写明裁定的理由。"), field="reason")
    if len(reason) > MAX_REASON:
        raise Refused(_("理由请写在200字以内。"), field="reason")
    settlement = Settlement.objects.create(
        round=round_,
        star_id=star,
        kind=kind,
        winners=sorted(winners),
        by=by,
        reason=reason,
        at=clock.now(),
    )
    audit.record(
        by,
        "vote.settle",
        round_,
        after={"star": star, "kind": kind, "winners": sorted(winners)},
        reason=reason,
    )
    return settlement
