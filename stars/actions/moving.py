"""What every step of a round does alike: moving nominations along the table, and the moment at
which the next stage ends."""

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import clock, notices, workdays
from scheme.errors import Refused
from stars import eligibility
from stars.models import Nomination, NominationMove, Round
from stars.owing import office_of
from stars.workflow import NOMINATION_STEPS

from .rounds import CLOSING_HOUR


def take(nominations: list[Nomination], move: str, by, reason: str = "") -> None:
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


def tell_lost(round_: Round, nominations: list[Nomination]) -> None:
    """Whoever put them forward and the office hear that they no longer qualify; why is for the
    nominee's own page and the office's."""
    office = set(office_of(round_.unit_id)) if nominations else set()
    for one in nominations:
        notices.tell_all(
            {one.made_by, *office},
            f"nomination:{one.pk}:unfit",
            lambda one=one: (
                _("对%(nominee)s的推荐不再往下走：%(why)s")
                % {"nominee": one.nominee, "why": eligibility.NEUTRAL}
            ),
            url=reverse("stars:nomination_list", args=[round_.pk]),
            icon="exclamation-triangle",
        )


def end_of(day: date) -> datetime:
    """Closing time of that day; of the next working day when that has passed."""
    end = clock.at(day, CLOSING_HOUR)
    return end if end > clock.now() else end_of_next_working_day()


def end_of_next_working_day() -> datetime:
    try:
        day = workdays.following(clock.today())
    except Refused:  # the calendar ends here; the step itself will say so
        day = clock.today() + timedelta(1)
    return clock.at(day, CLOSING_HOUR)
