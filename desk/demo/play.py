"""Carries the demo's round to its end: who is next, and the acts of those a visitor does not play.

Every act goes through the real actions as the person who holds it; nothing is written around them.
"""

from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.demo import cast
from scheme import clock
from scheme.models import Staff
from stars.actions import boxes, opinions, sittings
from stars.ballots import Sitting
from stars.branching import BranchStage
from stars.models import Meeting, Nomination, Opinion, Round, Vote

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
            return [*_sitting_turns(running), forward]
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


def _sitting_turns(running: Round) -> list[Turn]:
    """The office leads, a member and the chair vote; the rest can be played item by item."""
    console = reverse("stars:meeting", args=[running.pk])
    phone = reverse("stars:committee", args=[running.pk])
    screen = reverse("stars:sitting", args=[running.pk])
    return [
        Turn(_("以机关人事科身份安排会议、登记到会、逐项开票"), "ZC013", console),
        Turn(_("以部务会成员身份在手机上表决"), "ZC003", phone),
        Turn(_("看会场大屏"), "ZC013", screen),
        Turn(_("让其余成员投完这一项；没有在表决的，开始下一项"), rest=True),
        Turn(_("以主持人身份末位表态，票数相同时裁定"), "ZC001", phone),
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


# Whom a visitor may be, and who therefore votes last of those the demo plays.
_VISITORS = ("ZC003", "ZC001")


def _cast_votes(running: Round) -> int:
    """One step of the meeting: everybody but a visitor's two votes on the open item; pressed once
    more, those two and the count; with nothing open, the next item is put."""
    sitting = Sitting(running)
    if not sitting.nominations:
        return 0
    _hold(running, sitting)
    sitting = Sitting(running)
    if sitting.open_box is None:
        return _put_next(sitting)
    box, owing = sitting.open_box, sitting.owing()
    others = [
        seat
        for seat in owing
        if seat.staff.staff_no not in _VISITORS and not sitting.presides(seat.staff_id)
    ]
    # Whoever presides is the last of those owing.
    casting = others or owing
    for seat in casting:
        choice = _leaning(sitting.open_item, seat.staff, Vote.Choice)
        boxes.cast(box.pk, by=seat.staff, choice=choice)
    if casting == owing:
        boxes.close(box.pk, by=_leader(sitting, sitting.open_item))
    return len(casting) or 1


def _hold(running: Round, sitting: Sitting) -> None:
    """Opens the meeting, arranged and attended by all, unless that is done."""
    meeting, office = sitting.meeting, _office()
    if sitting.is_open or not sitting.undecided():
        return
    if meeting is None or meeting.state == Meeting.State.CLOSED:
        meeting = sittings.call(
            running.pk, by=office, held_on=clock.today(), place=_("三楼会议室"), reason=_("续会")
        )
    chair = meeting.chair or sitting.seats[0].staff
    meeting = sittings.arrange(
        meeting.pk,
        by=office,
        seen=meeting.version,
        held_on=meeting.held_on or clock.today(),
        place=meeting.place or _("三楼会议室"),
        chair=chair,
        recorder=meeting.recorder or office,
        scrutineer=meeting.scrutineer,
        teller=meeting.teller,
    )
    if not sitting.attendance_taken:
        meeting = sittings.record_attendance(
            meeting.pk,
            by=office,
            present={seat.staff_id for seat in sitting.seats},
            absences={},
            seen=meeting.version,
        )
    sittings.begin(meeting.pk, by=office, seen=meeting.version)


def _put_next(sitting: Sitting) -> int:
    waiting = sitting.undecided()
    if waiting:
        one = waiting[0]
        boxes.open_(one.pk, by=_leader(sitting, one), seen=sitting.meeting.version)
    return len(waiting[:1])


def _leader(sitting: Sitting, one: Nomination) -> Staff:
    """The office leads; whoever presides, where the office stands back."""
    office = _office()
    barred = one.person_id == office.pk or sitting.why_recused(one, office.pk)
    return sitting.presiding.staff if barred else office


def _office() -> Staff:
    return Staff.objects.get(login="ZC013")


def _leaning(nomination: Nomination, person: Staff, marks):
    """A steady, mostly friendly judgement, different enough that counts differ."""
    number = (nomination.pk * 7 + person.pk * 13) % 11
    if number == 0:
        return marks.AGAINST
    if number == 1:
        return marks.ABSTAIN
    return marks.FOR
