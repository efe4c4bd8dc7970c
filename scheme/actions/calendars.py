"""The working calendar: the State Council's plan for a year, as days off and make-up days."""

import csv
import io
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from scheme import audit, clock, workdays
from scheme.access import require
from scheme.errors import Refused
from scheme.imports.cells import CellError, day, plain, tight
from scheme.models import CalendarDay, Staff

OFF, ON = "休", "班"
MAX_ROWS = 120
FIELDS = ["is_working", "name", "source", "provisional"]


def read_plan(text: str) -> dict[date, tuple[bool, str]]:
    """Rows 日期,休 or 班,名称 (comma or tab): the days that are not as the week has them."""
    lines = [line for line in text.replace("\t", ",").splitlines() if line.strip()]
    plan: dict[date, tuple[bool, str]] = {}
    for number, row in enumerate(csv.reader(io.StringIO("\n".join(lines))), 1):
        cells = [plain(cell) for cell in row] + ["", ""]
        if number == 1 and tight(cells[0]) == "日期":
            continue
        try:
            found = day(cells[0])
        except CellError as error:
            raise _refuse(number, str(error)) from error
        if cells[1] not in (OFF, ON):
            raise _refuse(number, _("第二栏只能填“休”或“班”"))
        if found in plan:
            raise _refuse(number, _("这一天写了两次"))
        if cells[1] == ON and found.weekday() < 5:
            raise _refuse(number, _("这一天本来就上班，不是调休"))
        plan[found] = (cells[1] == ON, cells[2][:40])
    if not plan or len(plan) > MAX_ROWS:
        raise Refused(_("放假安排应有1到%(n)d行。") % {"n": MAX_ROWS}, field="plan")
    if not any(not working for working, _name in plan.values()):
        raise Refused(_("放假安排里一个休息日也没有。"), field="plan")
    return plan


def _refuse(number: int, why: str) -> Refused:
    return Refused(_("第%(n)d行：%(why)s。") % {"n": number, "why": why}, field="plan")


@transaction.atomic
def load_plan(year: int, text: str, *, by: Staff | None, source: str = "") -> int:
    """Lays a year's plan over Monday to Friday; answers how many days are otherwise than before.

    `by` is None for the command line. The year after is laid out as assumed, so that deadlines
    near the end of the year can be counted.
    """
    if by is not None:
        require(by, "calendar.load")
    if not clock.today().year <= year <= clock.today().year + 2:
        raise Refused(_("只能导入今年和今后两年的放假安排。"), field="year")
    plan = read_plan(text)
    if any(found.year != year for found in plan):
        raise Refused(_("放假安排里有别的年份的日子。"), field="plan")
    source = source or f"国务院办公厅{year}年节假日安排"
    known = {row.day: row for row in CalendarDay.objects.select_for_update().filter(day__year=year)}
    added, changed, different = [], [], 0
    for found in workdays.days_of(year):
        working, name = plan.get(found, (found.weekday() < 5, ""))
        row = known.get(found)
        values = [working, name, source if found in plan else "", False]
        if row is None:
            added.append(CalendarDay(day=found, **dict(zip(FIELDS, values, strict=True))))
        elif [getattr(row, field) for field in FIELDS] != values:
            different += row.is_working != working
            for field, value in zip(FIELDS, values, strict=True):
                setattr(row, field, value)
            changed.append(row)
    added += _assumed(year + 1)
    bulk_create_with_history(added, CalendarDay, default_user=by)
    if changed:
        bulk_update_with_history(changed, CalendarDay, FIELDS, default_user=by)
    if added or changed:
        first = CalendarDay(day=date(year, 1, 1))
        after = {"year": year, "days": len(plan), "different": different, "source": source}
        audit.record(by, "calendar.load_plan", first, after=after)
    return different


def _assumed(year: int) -> list[CalendarDay]:
    if CalendarDay.objects.filter(day__year=year).exists():
        return []
    return [
        CalendarDay(day=found, is_working=found.weekday() < 5, provisional=True)
        for found in workdays.days_of(year)
    ]
