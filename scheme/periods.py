"""Half-years and quarters by name: "2026H1" = "2026Q1" + "2026Q2". Half-open spans of days."""

import re
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _


class Span(NamedTuple):
    first: date
    until: date  # not included

    @property
    def last(self) -> date:
        return date.fromordinal(self.until.toordinal() - 1)


def _months(year: int, first_month: int, count: int) -> Span:
    month = first_month + count
    return Span(date(year, first_month, 1), date(year + (month > 12), (month - 1) % 12 + 1, 1))


def half_span(code: str) -> Span:
    """Days of a half-year code. Raises ValueError for anything but "2026H1" or "2026H2"."""
    match = re.fullmatch(r"([0-9]{4})H([12])", code)
    if not match or not 2000 <= int(match[1]) <= 2199:
        raise ValueError(code)
    return _months(int(match[1]), 1 if match[2] == "1" else 7, 6)


def quarter_span(code: str) -> Span:
    match = re.fullmatch(r"([0-9]{4})Q([1-4])", code)
    if not match or not 2000 <= int(match[1]) <= 2199:
        raise ValueError(code)
    return _months(int(match[1]), int(match[2]) * 3 - 2, 3)


def half_of(day: date) -> str:
    return f"{day.year}H{1 if day.month < 7 else 2}"


def quarter_of(day: date) -> str:
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


def quarters_of(half: str) -> tuple[str, str]:
    """The two quarter codes of a half-year code."""
    first = 1 if half.endswith("1") else 3
    return f"{half[:4]}Q{first}", f"{half[:4]}Q{first + 1}"


def half_before(day: date) -> str:
    """The last half-year that had ended by that day."""
    return f"{day.year - 1}H2" if day.month < 7 else f"{day.year}H1"


def half_name(code: str) -> str:
    """What people call it: 2026年上半年, or "first half of 2026" in English."""
    if code.endswith("1"):
        return _("%(year)s年上半年") % {"year": code[:4]}
    return _("%(year)s年下半年") % {"year": code[:4]}


def last_of_month(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return _months(month.year, month.month, 1).last
