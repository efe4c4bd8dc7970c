"""The week as the weekly meeting sees it: all sections beside each other, filed or not."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Prefetch, Q

from ledgers.models import SheetLine, WeeklySheet
from scheme import clock, workdays
from scheme.errors import Refused
from scheme.models import Section, Unit

# The meeting is held on the first working day after the week.
MEETING_HOUR = 9


class Row(NamedTuple):
    """A section's line of the meeting. Without a filed sheet it has none, and empty parts."""

    section: Section
    sheet: WeeklySheet | None
    parts: dict[str, list[SheetLine]]
    after_meeting: bool = False


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def meets_at(week: date) -> datetime | None:
    """When the sheets of the week are read out; None beyond the calendar."""
    try:
        day = workdays.following(week + timedelta(days=6))
    except Refused:
        return None
    return clock.at(day, MEETING_HOUR)


def meeting(unit: Unit, week: date) -> list[Row]:
    """Every section the unit had that week, in office order; three queries and the calendar's."""
    last = week + timedelta(days=6)
    lines = SheetLine.objects.filter(dropped=False).order_by("position", "pk")
    filed = WeeklySheet.objects.filter(unit=unit, week=week, state=WeeklySheet.State.FILED)
    filed = filed.select_related("filed_by").prefetch_related(Prefetch("lines", lines))
    sheets = {sheet.section_id: sheet for sheet in filed}
    sections = Section.objects.filter(Q(closed_on=None) | Q(closed_on__gt=last), unit=unit)
    hour = meets_at(week)
    rows = []
    for section in sections.order_by("position", "pk"):
        sheet = sheets.get(section.pk)
        parts = {part: [] for part in SheetLine.Part.values}
        for line in sheet.lines.all() if sheet else ():
            parts[line.part].append(line)
        late = bool(sheet and hour and sheet.filed_at > hour)
        rows.append(Row(section, sheet, parts, late))
    return rows
