"""What a person may do in a round just now, in their own words, with the way there."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access
from scheme.roles import Role
from scheme.templatetags.look import listed, md
from stars.actions import participants
from stars.ballots import Sitting
from stars.branching import BranchStage
from stars.models import Nomination, Round

S = Round.State


class Duty(NamedTuple):
    """`done` of `total`, where something is counted; `waits` while the round waits for it."""

    text: str
    url: str
    act: str
    done: int | None = None
    total: int | None = None
    waits: bool = True


def of(round_: Round, person) -> list[Duty]:
    """What is open to the person now; empty when it is not their turn."""
    match round_.state:
        case S.PREPARING:
            return _confirm(round_, person)
        case S.NOMINATING:
            return [*_nominate(round_, person), *_look_over(round_, person)]
        case S.AT_BRANCH:
            return _evaluate(round_, person)
        case S.AT_COMMITTEE:
            return _vote(round_, person)
        case S.PUBLICITY:
            return _object(round_)
        case S.PUBLISHED:
            return [
                Duty(_("结果已公布。"), reverse("stars:wall_round", args=[round_.pk]), _("看结果"))
            ]
    return []


def _confirm(round_: Round, person) -> list[Duty]:
    headed = access.places(person, Role.CHIEF)
    still = participants.unconfirmed(round_) if headed else []
    waiting = [section for section in still if section.pk in headed]
    if not waiting:
        return []
    text = _("%(sections)s的参加名单等您核对。") % {"sections": listed(str(one) for one in waiting)}
    return [Duty(text, reverse("stars:round_confirm", args=[round_.pk]), _("核对"))]


def _nominate(round_: Round, person) -> list[Duty]:
    headed = access.places(person, Role.CHIEF)
    sections = round_.participants.taking_part().filter(section__in=headed)
    if not sections:
        return []
    rows = Nomination.objects.filter(round=round_, section__in=headed)
    text = _("本科室已推荐%(done)s个，草稿%(drafts)s份。") % {
        "done": rows.standing().count(),
        "drafts": rows.filter(
            state__in=[Nomination.State.DRAFT, Nomination.State.RETURNED]
        ).count(),
    }
    return [Duty(text, reverse("stars:nomination_list", args=[round_.pk]), _("推星"))]


def _look_over(round_: Round, person) -> list[Duty]:
    if not access.can(person, "round.manage", round_.anchor()):
        return []
    count = Nomination.objects.filter(round=round_).standing().count()
    text = _("各科室已推荐%(count)s个，材料不清的可退回补正。") % {"count": count}
    return [Duty(text, reverse("stars:nomination_list", args=[round_.pk]), _("看推荐"))]


def _evaluate(round_: Round, person) -> list[Duty]:
    stage = BranchStage(round_)
    branch = stage.branch_of(person.pk)
    if branch is None:
        return []
    total = sum(
        one.branch_id == branch and not stage.why_recused(one, person.pk)
        for one in stage.nominations
    )
    owed = len(stage.owed(person.pk))
    url = reverse("stars:branch", args=[round_.pk])
    if not owed:
        text = _("本支部评星，您已评完。") if total else _("本支部评星，没有要您评议的。")
        return [Duty(text, url, _("去看"), total, total, waits=False)]
    text = _("本支部评星，您还有%(owed)s份没有评。") % {"owed": owed}
    return [Duty(text, url, _("评星"), total - owed, total)]


def _vote(round_: Round, person) -> list[Duty]:
    """Of a member: the item that is on. Nothing of one they stand back from."""
    sitting = Sitting(round_)
    seat = sitting.seat_of(person.pk)
    if seat is None:
        return []
    url = reverse("stars:committee", args=[round_.pk])
    if sitting.owed(person.pk):
        return [Duty(_("部务会正在表决，等您投票。"), url, _("投票"))]
    if not sitting.is_open:
        meeting = sitting.meeting
        if sitting.undecided() and meeting and meeting.held_on:
            text = _("部务会定星，%(day)s开会。") % {"day": md(meeting.held_on)}
            return [Duty(text, url, _("去看"), waits=False)]
        text = _("部务会定星，等开会。")
        if not sitting.undecided():
            text = _("部务会定星，没有等您投的票。")
        return [Duty(text, url, _("去看"), waits=False)]
    if not seat.present:
        return [Duty(_("部务会定星，登记为您未到会。"), url, _("去看"), waits=False)]
    return [Duty(_("部务会正在开会，现在没有等您投的票。"), url, _("去看"), waits=False)]


def _object(round_: Round) -> list[Duty]:
    text = _("正在公示，对名单有异议可以提出。")
    return [Duty(text, reverse("stars:publicity", args=[round_.pk]), _("看公示"), waits=False)]
