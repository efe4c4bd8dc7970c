"""What every act of the sitting asks first: the lock, the moment, and who may lead."""

from django.utils.translation import gettext as _

from scheme import access
from scheme.errors import Refused, Stale
from stars import recusal
from stars.models import Meeting, Nomination, Round, Seat

MAX_REASON = 200


def locked(pk: int) -> Round:
    """Every vote, every close and the end of the stage take this lock: a vote is counted or
    refused, and whoever closes second finds it closed."""
    return Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)


def locked_meeting(pk: int) -> tuple[Round, Meeting]:
    round_ = locked(Meeting.objects.values_list("round_id", flat=True).get(pk=pk))
    return round_, Meeting.objects.select_for_update().get(pk=pk)


def current(round_: Round) -> Meeting | None:
    """The meeting that is called or open; there is one at most."""
    open_ones = round_.meetings.exclude(state=Meeting.State.CLOSED)
    return open_ones.select_for_update().first()


def check_stage(round_: Round, by) -> None:
    if round_.state != Round.State.AT_COMMITTEE:
        access.require(by, "round.read", round_.anchor())
        raise Refused(_("部务会定星已经结束，或者还没有开始。"), conflict=True)


def check_leads(round_: Round, meeting: Meeting | None, by) -> None:
    """The office, the committee's chair, or the member who presides in the chair's stead."""
    if meeting is not None and meeting.chair_id == by.pk:
        access.require(by, "vote.cast", round_.anchor())
    else:
        access.require(by, "sitting.lead", round_.anchor())


def check_stands_apart(one: Nomination, by) -> None:
    """Nobody leads the ballot on themselves, nor one they stand back from."""
    why = recusal.of(one.round, Seat.Body.COMMITTEE).get(one.pk, {}).get(by.pk)
    if why or one.person_id == by.pk:
        raise Refused(_("这一项您须回避，请另一位主持人或机关人事科主持。"))


def check_open(meeting: Meeting | None) -> Meeting:
    if meeting is None or meeting.state != Meeting.State.OPEN:
        raise Refused(_("部务会没有在开，请先宣布开会。"), conflict=True)
    return meeting


def check_seen(meeting: Meeting, seen: int) -> None:
    if meeting.version != seen:
        raise Stale(_("会议刚刚有了变化，请看过最新情况再办。"))


def moved_on(meeting: Meeting) -> None:
    """Whoever saw the meeting as it was has to look again."""
    meeting.version += 1
    meeting.save(update_fields=["version"])


def given_reason(reason: str, missing: str) -> str:
    """`missing` is what to say when there is none."""
    reason = reason.strip()
    if not reason:
        raise Refused(missing, field="reason")
    if len(reason) > MAX_REASON:
        raise Refused(_("理由请写在200字以内。"), field="reason")
    return reason
