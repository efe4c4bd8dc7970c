"""Carries the demo's round to its end: who is next, and the acts of those a visitor does not play.

Every act goes through the real actions as the person who holds it; nothing is written around them.
"""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.demo import cast
from scheme.models import Staff
from stars.actions import opinions, votes
from stars.ballots import Sitting
from stars.branching import BranchStage
from stars.models import Nomination, Opinion, Round, Vote

S = Round.State


class Turn(NamedTuple):
    """One thing a visitor can do next: as whom, where it leads, or an act for the rest."""

    text: str
    staff_no: str = ""
    url: str = ""
    rest: bool = False


def round_() -> Round | None:
    unit = cast.unit()
    if unit is None:
        return None
    rounds = Round.objects.filter(unit=unit).exclude(state=S.CANCELLED)
    return rounds.exclude(state=S.PUBLISHED).first() or rounds.first()


def turns(running: Round) -> list[Turn]:
    """What to play next, in order, in the words of the person who does it."""
    page = reverse("stars:round_detail", args=[running.pk])
    forward = Turn(_("以机关人事科身份，写明理由推进到下一步"), "ZC013", page)
    match running.state:
        case S.PREPARING:
            return [Turn(_("以机关人事科身份，核对条件后开启本轮"), "ZC013", page)]
        case S.NOMINATING:
            listed = reverse("stars:nomination_list", args=[running.pk])
            return [Turn(_("以科长身份推星"), "ZC042", listed), forward]
        case S.AT_BRANCH:
            branch = reverse("stars:branch", args=[running.pk])
            return [
                Turn(_("以支部党员身份评星"), "ZC043", branch),
                Turn(_("让其余党员评完"), rest=True),
                forward,
            ]
        case S.AT_COMMITTEE:
            sitting = reverse("stars:attendance", args=[running.pk])
            vote = reverse("stars:committee", args=[running.pk])
            tie = reverse("stars:tie", args=[running.pk])
            first = [Turn(_("以机关人事科身份登记到会"), "ZC013", sitting)]
            return [
                *first,
                Turn(_("以部务会成员身份表决"), "ZC003", vote),
                Turn(_("让其余成员投完"), rest=True),
                Turn(_("票数相同时，以主持人身份裁定"), "ZC001", tie),
                forward,
            ]
        case S.PUBLICITY:
            publicity = reverse("stars:publicity", args=[running.pk])
            return [
                Turn(_("以科员身份看公示"), "ZC045", publicity),
                Turn(
                    _("公示到时自动公布，请等%(n)s秒后刷新") % {"n": running.publicity_seconds or 0}
                ),
            ]
    return [
        Turn(_("看光荣榜"), "ZC045", reverse("stars:wall")),
        Turn(
            _("以机关人事科身份下载公布的表格"), "ZC013", reverse("stars:result", args=[running.pk])
        ),
    ]


def play_the_rest(running: Round) -> int:
    """Gives the opinions or votes that everybody but the present visitor still owes."""
    match running.state:
        case S.AT_BRANCH:
            return give_opinions(running)
        case S.AT_COMMITTEE:
            return _cast_votes(running)
    return 0


def give_opinions(running: Round, *, leave: frozenset[str] = frozenset()) -> int:
    """`leave`: staff numbers whose opinions stay open for a visitor."""
    stage = BranchStage(running)
    given = 0
    for seat in stage.owing():
        if seat.staff.staff_no in leave:
            continue
        marks = {
            one.pk: opinions.Given(_leaning(one, seat.staff, Opinion.Mark), "", one.version)
            for one in stage.owed(seat.staff_id)
        }
        given += len(opinions.give_all(running.pk, by=seat.staff, marks=marks))
    return given


def _cast_votes(running: Round) -> int:
    sitting = Sitting(running)
    given = 0
    for seat in sitting.owing():
        choices = {
            one.pk: _leaning(one, seat.staff, Vote.Choice) for one in sitting.owed(seat.staff_id)
        }
        given += len(votes.cast_all(running.pk, by=seat.staff, choices=choices))
    return given


def _leaning(nomination: Nomination, person: Staff, marks):
    """A steady, mostly friendly judgement, different enough that counts differ."""
    number = (nomination.pk * 7 + person.pk * 13) % 11
    if number == 0:
        return marks.AGAINST
    if number == 1:
        return marks.ABSTAIN
    return marks.FOR
