"""Counting working days, from the rows of scheme.CalendarDay and nothing else."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from scheme.errors import Refused
from scheme.models import CalendarDay


def is_working(day: date) -> bool:
    return CalendarDay.objects.filter(day=day, is_working=True).exists()


def following(day: date, count: int = 1) -> date:
    """The count-th working day after `day` (which is itself not counted).

    Raises Refused when the calendar does not reach so far.
    """
    days = CalendarDay.objects.filter(day__gt=day, is_working=True).order_by("day")
    found = list(days.values_list("day", flat=True)[count - 1 : count])
    if not found:
        raise Refused(_("工作日历到不了那一天，请机关人事科先导入下一年的放假安排。"))
    return found[0]


def preceding(day: date, count: int = 1) -> date:
    """The count-th working day before `day`."""
    days = CalendarDay.objects.filter(day__lt=day, is_working=True).order_by("-day")
    found = list(days.values_list("day", flat=True)[count - 1 : count])
    if not found:
        raise Refused(_("工作日历没有更早的日子。"))
    return found[0]


def between(first: date, last: date) -> list[date]:
    """Working days from first to last, both included."""
    days = CalendarDay.objects.filter(day__range=(first, last), is_working=True).order_by("day")
    return list(days.values_list("day", flat=True))


def is_known(year: int) -> bool:
    """Is the year's holiday plan in the calendar, not merely assumed?"""
    days = CalendarDay.objects.filter(day__year=year)
    return days.exists() and not days.filter(provisional=True).exists()


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]
