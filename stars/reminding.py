"""When the clock reminds whom of what: the moments follow from the round's dates and the calendar
alone, so that any look at any time finds the same ones.

A reminder belongs to its day. Missed on that day, be it for an outage, it is not sent any more: the
next one says what is still open then.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from scheme import clock, workdays
from stars.models import Round

REMIND_AT = (5, 3, 1)
REMIND_FROM_HOUR = 9
S = Round.State

# What a stage reminds of: so many working days before it ends …
BEFORE_THE_END: dict[str, dict[str, tuple[int, ...]]] = {
    S.PREPARING: {"opening": REMIND_AT},
    S.NOMINATING: {"stage": REMIND_AT},
    S.AT_BRANCH: {"stage": REMIND_AT, "records": (1,)},
    S.AT_COMMITTEE: {"stage": REMIND_AT, "records": (3, 1)},
    S.PUBLICITY: {"last_day": (0,)},
}
# … and on every working day after the one on which it began.
DAILY: dict[str, tuple[str, ...]] = {
    S.AT_COMMITTEE: ("ties", "item"),
    S.PUBLICITY: ("objections",),
}


class Reminder(NamedTuple):
    what: str
    day: date
    # Working days after `day` up to the last one of the stage.
    left: int

    @property
    def at(self) -> datetime:
        return clock.at(self.day, REMIND_FROM_HOUR)


def last_day(round_: Round) -> date | None:
    """Of the present stage; of a round that is being prepared, the day nominations would end."""
    if round_.state == S.PREPARING:
        return round_.nominate_until
    return clock.local(round_.due_at).date() if round_.due_at else None


def planned(round_: Round) -> list[Reminder]:
    """Every reminder of the present stage, in the order of the days. One query."""
    last = last_day(round_)
    if last is None or round_.state not in BEFORE_THE_END:
        return []
    began = clock.local(round_.stage_since).date()
    # Ten days hold no six working days; the longest holidays do not take a month.
    working = workdays.between(min(began, last - timedelta(31)), last)
    return sorted(_planned(round_.state, began, working), key=lambda one: (one.day, one.what))


def _planned(state: str, began: date, working: list[date]) -> Iterator[Reminder]:
    """On the day a stage begins everybody has just been told."""
    backwards = working[::-1]
    for what, lefts in BEFORE_THE_END[state].items():
        for left in lefts:
            if left < len(backwards) and (backwards[left] > began or state == S.PREPARING):
                yield Reminder(what, backwards[left], left)
    for what in DAILY.get(state, ()):
        for left, day in enumerate(backwards):
            if day > began:
                yield Reminder(what, day, left)


def due(round_: Round) -> list[Reminder]:
    """Those of today whose hour has come, while the stage still runs."""
    now = clock.now()
    if round_.due_at is not None and round_.due_at <= now:
        return []
    today = clock.today()
    return [one for one in planned(round_) if one.day == today and one.at <= now]


def key(round_: Round, one: Reminder) -> str:
    """One of a kind a day, whatever happens to the dates meanwhile."""
    return f"{round_.pk}:{round_.state}:{one.what}:{one.day.isoformat()}"
