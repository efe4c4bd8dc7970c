"""Ballots of the committee: one item at a time, opened, cast, closed; void, or set aside.

What a member chose is in the argument of `cast` and in the envelope, and nowhere else before the
box is closed: not in the trail, a notice, a job or a log, and of a secret ballot not afterwards
either.
"""

from collections.abc import Collection

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from scheme import access, audit, clock, notices, sealing
from scheme.errors import Refused
from stars import counting
from stars.ballots import Sitting
from stars.dossiers import digest_of
from stars.models import Ballot, Box, Elector, Envelope, Meeting, Nomination, Round, Seat, Vote
from stars.owing import office_of

from . import leading

Due = Elector.Standing
# Ballots are laid down in this order, whoever gave them.
ORDER = {choice: n for n, choice in enumerate(Vote.Choice.values)}


@transaction.atomic
def open_(nomination_pk: int, *, by, seen: int) -> Box:
    """Puts an item to the vote. From here on the electorate stands still."""
    one, sitting, meeting = _taken_up(nomination_pk, by)
    leading.check_seen(meeting, seen)
    turns = sitting.boxes[one.pk]
    last = turns[-1] if turns else None
    if last and last.state == Box.State.CLOSED and not sitting.deferred(one):
        raise Refused(_("这一项已经表决。重新表决，请按复议办理。"), conflict=True)
    aside = {}
    if last and last.state == Box.State.VOID:
        # A ballot that failed is run again as what it was.
        aside = {
            "reconsiders": last.reconsiders,
            "reconsidered_why": last.reconsidered_why,
            "supporters": last.supporters,
        }
    return _opened(sitting, meeting, one, by, **aside)


@transaction.atomic
def reconsider(nomination_pk: int, *, by, supporters: Collection[int], reason: str) -> Box:
    """复议: more than half of the entitled want the ballot set aside. It stays readable; another
    is opened at once."""
    one, sitting, meeting = _taken_up(nomination_pk, by)
    counted = sitting.counted(one)
    if counted is None:
        raise Refused(_("这一项还没有表决，谈不上复议。"))
    entitled = sitting.came - set(sitting.recusals.get(one.pk, ()))
    wanted = set(supporters)
    if not wanted <= entitled:
        raise Refused(_("赞成复议的须是到会并且不回避的成员。"), field="supporters")
    if len(wanted) < (needed := sitting.least_to_support(one)):
        raise Refused(
            _("复议须过半数应到成员赞成，至少%(n)s人。") % {"n": needed}, field="supporters"
        )
    reason = leading.given_reason(reason, _("请写明复议的理由。"))
    return _opened(
        sitting,
        meeting,
        one,
        by,
        reconsiders=counted,
        reconsidered_why=reason,
        supporters=sorted(wanted),
    )


def _taken_up(nomination_pk: int, by) -> tuple[Nomination, Sitting, Meeting]:
    """What has to hold before any ballot is opened."""
    round_pk = Nomination.objects.values_list("round_id", flat=True).get(pk=nomination_pk)
    round_ = leading.locked(round_pk)
    leading.check_stage(round_, by)
    meeting = leading.current(round_)
    leading.check_leads(round_, meeting, by)
    meeting = leading.check_open(meeting)
    sitting = Sitting(round_)
    one = sitting.item(nomination_pk)
    if one is None:
        raise Refused(_("会上没有这一项，请刷新后再办。"), conflict=True)
    one.round = round_
    leading.check_stands_apart(one, by)
    if sitting.open_box:
        raise Refused(_("还有一项正在表决，请先结束那一项。"), conflict=True)
    if sitting.is_settled(one):
        raise Refused(_("这颗星的同票已经裁定，不能再表决。"))
    if not (sitting.presiding and sitting.presiding.present):
        raise Refused(_("主持人不在会上，请先指定到会的一位成员主持。"))
    _check_quorum(sitting.has_quorum, sitting.needed, len(sitting.came))
    return one, sitting, meeting


def _opened(sitting: Sitting, meeting: Meeting, one: Nomination, by, **more) -> Box:
    secret = sitting.round.secret
    box = Box.objects.create(
        meeting=meeting,
        nomination=one,
        turn=len(sitting.boxes[one.pk]) + 1,
        secret=secret,
        opened_at=clock.now(),
        opened_by=by,
        key=sealing.new_box() if secret else None,
        **more,
    )
    recused, electors = sitting.recusals.get(one.pk, {}), []
    for seat in sitting.seats:
        standing = Due.DUE if seat.present else Due.ABSENT
        if seat.staff_id in recused:
            standing = Due.RECUSED
        presides = standing == Due.DUE and sitting.presides(seat.staff_id)
        electors.append(Elector(box=box, staff=seat.staff, standing=standing, presides=presides))
    Elector.objects.bulk_create(electors)
    leading.moved_on(meeting)
    facts = {"nomination": one.pk, "turn": box.turn, "secret": secret}
    facts |= {word: sum(row.standing == word for row in electors) for word in Due.values[:3]}
    if box.reconsiders_id:
        facts |= {"reconsiders": box.reconsiders_id, "supporters": box.supporters}
    audit.record(by, "box.open", box, after=facts, reason=box.reconsidered_why)
    return box


@sensitive_variables("choice")
@transaction.atomic
def cast(box_pk: int, *, by, choice: str) -> Elector:
    """One member's ballot, once. Answers alike whatever was chosen."""
    round_, box = _locked_box(box_pk)
    leading.check_stage(round_, by)
    access.require(by, "vote.cast", round_.anchor())
    if box.state != Box.State.OPEN:
        raise Refused(_("这一项的表决已经结束。"), conflict=True)
    electors = {row.staff_id: row for row in box.electors.all()}
    elector = electors.get(by.pk)
    _check_may_cast(elector, electors.values())
    _check_room(round_)
    if choice not in Vote.Choice.values:
        raise Refused(_("请选同意、不同意、弃权或缓议。"), field="choice")
    if box.secret:
        sealed = sealing.seal(bytes(box.key), choice)
        Envelope.objects.create(box=box, staff=by, sealed=sealed)
    else:
        Vote.objects.create(
            nomination_id=box.nomination_id, box=box, by=by, choice=choice, at=clock.now()
        )
    elector.has_voted = True
    elector.save(update_fields=["has_voted"])
    # That somebody has voted, never how.
    audit.record(by, "vote.cast", box, after={"nomination": box.nomination_id})
    return elector


def _check_may_cast(elector: Elector | None, electors) -> None:
    if elector is None:
        raise Refused(_("部务会定星开始时您不是部务会成员，不参加这次表决。"))
    match elector.standing:
        case Due.RECUSED:
            raise Refused(_("这一项您须回避，不参加表决。"))
        case Due.ABSENT:
            raise Refused(_("这一项开始表决时您没有到会，不能表决；书面意见不计票。"))
        case Due.LEFT:
            raise Refused(_("您在这一项表决中离会，不再参加这一项的表决。"))
    if elector.has_voted:
        raise Refused(_("您已经投过这一项，一项投一次。"), conflict=True)
    if elector.presides and (others := len(_awaited(electors)) - 1):
        raise Refused(_("主持人最后表决，还有%(n)s人没有投。") % {"n": others})


@transaction.atomic
def close(box_pk: int, *, by=None) -> Box:
    """Counts the box once everybody due has voted; without `by` the clock does, when the stage is
    due. A box that does not open is void, and says so."""
    round_, box = _locked_box(box_pk)
    if by is not None:
        leading.check_stage(round_, by)
        _check_leads(round_, box, by)
    elif round_.due_at is None or round_.due_at > clock.now():
        raise Refused(_("本阶段还没有到期。"))
    if box.state != Box.State.OPEN:
        raise Refused(_("这一项的表决已经结束。"), conflict=True)
    electors = list(box.electors.all())
    if waiting := len(_awaited(electors)):
        raise Refused(
            _("还有%(n)s票没有投。中途离会的，请先登记离会。") % {"n": waiting}, conflict=True
        )
    _check_room(round_)
    choices = _opened_ballots(box, sum(row.has_voted for row in electors))
    if choices is None:
        return _empty(round_, box, by, _("有选票不能打开"))
    return _counted(round_, box, by, electors, choices)


@sensitive_variables("choices", "votes")
def _opened_ballots(box: Box, voted: int) -> list[str] | None:
    """All choices in their own order; nothing when an envelope is missing or does not open."""
    if box.secret:
        try:
            choices = sealing.unseal(
                bytes(box.key), list(box.envelopes.values_list("sealed", flat=True))
            )
        except sealing.Unreadable:
            return None
    else:
        choices = list(box.votes.values_list("choice", flat=True))
    if len(choices) != voted or not set(choices) <= set(ORDER):
        return None
    return sorted(choices, key=ORDER.__getitem__)


def _counted(round_: Round, box: Box, by, electors: list[Elector], choices: list[str]) -> Box:
    if box.secret:
        Ballot.objects.bulk_create(
            Ballot(box=box, number=n, choice=choice) for n, choice in enumerate(choices, 1)
        )
    recused = {row.staff_id for row in electors if row.standing == Due.RECUSED}
    waiting_outside = round_.seats.filter(
        body=Seat.Body.COMMITTEE, staff__in=recused, present=True
    ).count()
    due = sum(row.standing == Due.DUE for row in electors)
    count = counting.count(len(electors), len(recused), choices)
    for name, value in count._asdict().items():
        setattr(box, name, value)
    box.present = due + waiting_outside
    box.digest = digest_of(digested(box, choices))
    _shut(box, Box.State.CLOSED, by)
    audit.record(by, "box.close", box, after={"digest": box.digest}, unit=round_.unit)
    return box


def digested(box: Box, choices: list[str]) -> dict:
    """What the hash of a counted box is made of; an archive makes it again."""
    return {
        "box": box.pk,
        "nomination": box.nomination_id,
        "turn": box.turn,
        "secret": box.secret,
        "entitled": box.entitled,
        "present": box.present,
        "recused": box.recused,
        "ballots": choices,
    }


@transaction.atomic
def void(box_pk: int, *, by, reason: str) -> Box:
    """The ballot does not count: a wrong item, a failed connection, the quorum gone."""
    round_, box = _locked_box(box_pk)
    leading.check_stage(round_, by)
    _check_leads(round_, box, by)
    if box.state != Box.State.OPEN:
        raise Refused(_("这一项的表决已经结束。"), conflict=True)
    reason = leading.given_reason(reason, _("请写明这次表决作废的理由。"))
    return _empty(round_, box, by, reason)


@transaction.atomic
def void_open(round_: Round, *, by, reason: str) -> Box | None:
    """For acts that end the meeting or the round and hold its lock: what is open is void."""
    box = Box.objects.filter(meeting__round=round_, state=Box.State.OPEN).first()
    return _empty(round_, box, by, reason) if box else None


def _empty(round_: Round, box: Box, by, why: str) -> Box:
    box.void_why = why[: leading.MAX_REASON]
    _shut(box, Box.State.VOID, by)
    audit.record(by, "box.void", box, reason=box.void_why, unit=round_.unit)
    notices.tell_all(
        office_of(round_.unit_id),
        f"box:{box.pk}:void",
        lambda: (
            _("%(round)s：部务会有一项表决作废，须重新表决。%(why)s")
            % {"round": round_, "why": box.void_why}
        ),
        url=reverse("stars:committee", args=[round_.pk]),
        icon="exclamation-triangle",
    )
    return box


def _shut(box: Box, state: str, by) -> None:
    """The key goes with the envelopes; what was laid down is all that is left."""
    box.state, box.closed_at, box.closed_by, box.key = state, clock.now(), by, None
    box.save()
    box.envelopes.all().delete()
    leading.moved_on(box.meeting)


def _locked_box(pk: int) -> tuple[Round, Box]:
    round_ = leading.locked(Box.objects.values_list("meeting__round_id", flat=True).get(pk=pk))
    boxes = Box.objects.select_for_update(of=("self", "meeting"))
    related = ("meeting", "nomination__star", "nomination__person", "nomination__section")
    box = boxes.select_related(*related).get(pk=pk)
    box.nomination.round = round_
    return round_, box


def _check_leads(round_: Round, box: Box, by) -> None:
    leading.check_leads(round_, box.meeting, by)
    leading.check_stands_apart(box.nomination, by)


def _awaited(electors) -> list[Elector]:
    return [row for row in electors if row.standing == Due.DUE and not row.has_voted]


def _check_room(round_: Round) -> None:
    """Is the quorum still there? It is watched all through the meeting."""
    seats = list(round_.seats.filter(body=Seat.Body.COMMITTEE).values_list("present", flat=True))
    quorum = counting.Share(round_.quorum_num, round_.quorum_den)
    came = seats.count(True)
    _check_quorum(
        counting.has_quorum(came, len(seats), quorum),
        counting.least_to_meet(quorum, len(seats)),
        came,
    )


def _check_quorum(there: bool, needed: int, came: int) -> None:
    if not there:
        raise Refused(
            _("到会不足法定人数，须到%(needed)s人，实到%(came)s人，不能表决。")
            % {"needed": needed, "came": came}
        )
