"""The days of a round's stages: counted from a first day, checked, and said in working days."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from scheme import clock, workdays
from scheme.errors import Refused
from stars.ruling import DATES

# Working days of each stage where nothing else was said.
USUAL_DAYS = (5, 5, 3)
MOST_DAYS = 60


class Stage(NamedTuple):
    """A stage as it is planned: its working days, first and last, and how many."""

    name: str
    first: date
    last: date
    days: int


def ends(first: date, days: tuple[int, ...]) -> dict[str, date]:
    """The last day of each stage, `first` being the first working day of the first stage."""
    last, found = first - timedelta(1), {}
    for name, count in zip(DATES, days, strict=True):
        if not 1 <= count <= MOST_DAYS:
            raise Refused(
                _("每个阶段须为1至%(most)s个工作日。") % {"most": MOST_DAYS}, field=f"days_{name}"
            )
        found[name] = last = workdays.following(last, count)
    return found


def stages(first: date, dates: Mapping[str, date]) -> list[Stage]:
    """The stages as they lie in the calendar; a stage without a working day has none to show."""
    found = []
    for name in DATES:
        days = workdays.between(first, dates[name])
        if days:
            found.append(Stage(name, days[0], days[-1], len(days)))
        first = max(first, dates[name] + timedelta(1))
    return found


def check(dates: Mapping[str, date]) -> None:
    last = None
    for name in DATES:
        day = dates[name]
        if day < clock.today():
            raise Refused(_("截止日已经过去，请改到今天以后。"), field=name)
        if last and day <= last:
            raise Refused(_("各阶段的截止日须一个比一个晚。"), field=name)
        if not workdays.is_working(day):
            raise Refused(_("截止日须是工作日（以工作日历为准）。"), field=name)
        last = day


def put_off(dates: Mapping[str, date], stage: str, until: date) -> dict[str, date]:
    """The dates with this stage's last day later. A later stage it would run into keeps the
    working days it had, and moves."""
    found, place = dict(dates), DATES.index(stage)
    found[stage] = until
    for before, name in zip(DATES[place:], DATES[place + 1 :], strict=False):
        if found[name] > found[before]:
            break
        had = len(workdays.between(dates[before] + timedelta(1), dates[name]))
        found[name] = workdays.following(found[before], max(had, 1))
    return found
