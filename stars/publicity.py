"""The days of publicity: working days after the day of publication, to closing time of the last.

The number of days is promised. When the calendar changes meanwhile the end moves out so that they
are all given; it never moves in, for the end was announced.
"""

from datetime import date, datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from scheme import clock, workdays
from scheme.errors import Refused
from scheme.templatetags.look import md
from stars.actions.ending_committee import is_shortened
from stars.actions.rounds import CLOSING_HOUR
from stars.models import Round


class Period(NamedTuple):
    """`nth`: how many of the days have begun; 0 on the day of publication, which is not counted."""

    days: list[date]
    until: date
    ends_at: datetime
    nth: int
    # A working day, and not the day of publication: `nth` is today's own number.
    counts_today: bool

    @property
    def total(self) -> int:
        return len(self.days)


def last_day(round_: Round) -> date:
    """As announced, or later where the calendar has taken days away since."""
    if is_shortened(round_):
        return round_.publicity_until
    try:
        promised = workdays.following(round_.publicity_from, round_.publicity_days)
    except Refused:  # the calendar ends before: what was announced stands
        return round_.publicity_until
    return max(promised, round_.publicity_until)


def period(round_: Round) -> Period:
    today, until = clock.today(), last_day(round_)
    days = [
        day for day in workdays.between(round_.publicity_from, until) if day > round_.publicity_from
    ]
    return Period(
        days=days,
        until=until,
        ends_at=clock.at(until, CLOSING_HOUR),
        nth=sum(day <= today for day in days),
        counts_today=today in days,
    )


def words(period: Period) -> str:
    """第2个工作日，共5个，到7月13日18:00止，公示当日不计。"""
    said = {"n": period.nth, "total": period.total, "until": md(period.until)}
    if clock.now() >= period.ends_at:
        return _("公示已满%(total)s个工作日，%(until)s18:00截止。") % said
    if not period.nth:
        return _("公示当日不计，从下一个工作日起共%(total)s个，到%(until)s18:00止。") % said
    if period.counts_today:
        return _("第%(n)s个工作日，共%(total)s个，到%(until)s18:00止，公示当日不计。") % said
    return (
        _("今天不是工作日，已过%(n)s个，共%(total)s个，到%(until)s18:00止，公示当日不计。") % said
    )
