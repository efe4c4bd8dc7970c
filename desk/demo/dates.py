"""Moves the demo's half-year to another one, working day onto working day.

The workbooks tell 2026H1. When the last finished half-year is another, the n-th working day of the
one becomes the n-th working day of the other, so that lateness, holidays and make-up workdays stay
what they were. Where the target has more working days, the source begins again from its first (the
second lap); where it has fewer, the last ones drop out.
"""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, datetime

from scheme import clock, workdays
from scheme.periods import half_span

SOURCE_HALF = "2026H1"

Shift = Callable[[date], date | None]


def shift_to(half: str, *, until: date | None = None, lap: int = 0) -> Shift:
    """Maps a day of the source half-year to one of `half`; None for a day that drops out.

    `lap` 1 begins where the source's working days have run out.

    `until`: days of the target half from this one on drop out (they have not come yet).
    """
    source, target = half_span(SOURCE_HALF), half_span(half)
    theirs = workdays.between(source.first, source.last)
    ours = workdays.between(target.first, target.last)

    def move(day: date) -> date | None:
        if half == SOURCE_HALF:
            moved = None if lap else day
        elif day < source.first and lap:
            return None
        elif day < source.first:
            moved = target.first - (source.first - day)
        else:
            there = bisect_right(theirs, day) - 1
            place = there + lap * len(theirs)
            if there < 0 or place >= len(ours):
                return None
            # A rest day follows the working day before it at the same distance.
            moved = ours[place] + (day - theirs[there])
            if moved != ours[place] and workdays_touch(ours, place, moved):
                return None
        return None if moved is None or (until and moved >= until) else moved

    return move


def workdays_touch(days: list[date], place: int, moved: date) -> bool:
    """Would a rest day land on or behind the next working day?"""
    return place + 1 < len(days) and moved >= days[place + 1]


def shift_moment(move: Shift, day: date, moment: datetime) -> datetime | None:
    """The moment of a filing, at the same distance from its report's day and the same time.

    A filing on a later working day moves with that day, so that "next working day before ten"
    stays so across a holiday.
    """
    local = clock.local(moment)
    there = move(day)
    if there is None:
        return None
    filed_on = local.date()
    landed = move(filed_on) if filed_on != day else there
    if landed is None or landed < there:
        landed = there + (filed_on - day)
    return clock.at(landed, local.hour, local.minute, local.second)
