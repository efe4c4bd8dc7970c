"""What every step of a round does alike: moving nominations along the table, and the moment at
which the next stage ends."""

from datetime import date, datetime, timedelta

from scheme import clock, workdays
from scheme.errors import Refused
from stars.models import Nomination, NominationMove
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
