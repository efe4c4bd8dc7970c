"""The sheets 日报 and 请假 of a facts workbook, into reports and absences: all of it or nothing."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledgers.actions.reports import LINE_LENGTH, MOST_LINES, TEXT_LENGTH
from ledgers.matters import matters
from ledgers.models import DailyReport, ReportLine
from ledgers.models.reports import Grade
from scheme import audit, clock
from scheme.errors import Refused
from scheme.imports import cells
from scheme.imports.sheets import Book, Column, Problems, Row
from scheme.models import Absence, Staff, Unit

GRADES = {"好": Grade.GOOD, "较好": Grade.FAIR, "一般": Grade.PLAIN, "较差": Grade.POOR}
KINDS = {
    "请假": Absence.Kind.LEAVE,
    "出差": Absence.Kind.TRAVEL,
    "借调": Absence.Kind.SECONDMENT,
}
_texts = cells.at_most(TEXT_LENGTH, cells.text)
REPORTS = {
    "day": Column("日期", cells.day),
    "staff_no": Column("工号", cells.at_most(30, cells.code)),
    "filed_at": Column("提交时间", cells.moment, required=False, of_day="day"),
    "done": Column("今日完成", _texts, required=False, default=""),
    "plan": Column("明日计划", _texts, required=False, default=""),
    "grade": Column("等次", cells.choice(GRADES), required=False, default=""),
}
ABSENCES = {
    "staff_no": Column("工号", cells.at_most(30, cells.code)),
    "start_on": Column("开始日期", cells.day),
    "end_on": Column("结束日期", cells.day, required=False),
    "kind": Column("类别", cells.choice(KINDS)),
}
BATCH = 2000

Shift = Callable[[date], date | None]


class Unreadable(Refused):
    """Rows that cannot be read; `problems` says which, by sheet, row and column."""

    def __init__(self, problems: Problems):
        self.problems = problems
        super().__init__(
            _("工作簿有%(n)s处读不出来，什么都没有存。第一处：%(first)s")
            % {"n": len(problems), "first": problems[0]}
        )


class Counts(NamedTuple):
    reports: int
    drafts: int
    absences: int
    known: int  # rows that were there already

    LABELS = {
        "reports": gettext_lazy("日报"),
        "drafts": gettext_lazy("其中草稿"),
        "absences": gettext_lazy("请假出差借调"),
        "known": gettext_lazy("原来就有"),
    }


def load(book: Book, unit: Unit, *, by: Staff | None, shift: Shift | None = None) -> Counts:
    """Adds what is not there yet; loaded a second time, the same book changes nothing.

    Raises Unreadable. `shift` moves the days (the demo's half-year into the present one): the day
    of a report and the day of its filing alike. A day it answers with None drops out.
    """
    problems = Problems()
    numbers = Staff.objects.filter(unit=unit).values_list("staff_no", "pk")
    people = {cells.tight(number): pk for number, pk in numbers}
    reports = _read_reports(book, people, problems)
    absences = _read_absences(book, people, problems)
    if problems:
        raise Unreadable(problems)
    return _store(unit, people, reports, absences, by=by, shift=shift or (lambda day: day))


def _read_reports(book: Book, people, problems: Problems) -> list[Row]:
    rows, first_rows = [], {}
    for row in book.sheet("日报").table(REPORTS, problems=problems):
        if row["staff_no"] and row["staff_no"] not in people:
            row.refuse("staff_no", _("没有工号%(no)s") % {"no": row["staff_no"]})
        if row["filed_at"] and row["day"] and clock.local(row["filed_at"]).date() < row["day"]:
            row.refuse("filed_at", _("提交时间早于日报的日期"))
        if row["grade"] and not row["filed_at"]:
            row.refuse("grade", _("没有提交时间的日报不能有等次"))
        key = row["staff_no"], row["day"]
        if all(key) and key in first_rows:
            row.refuse("staff_no", _("这一天的日报在第%(n)s行已有") % {"n": first_rows[key]})
        first_rows.setdefault(key, row.number)
        if row["done"] is not None and row.ok:
            row.cells["lines"] = _lines(row)
        rows.append(row)
    return rows


def _lines(row: Row) -> list[str]:
    """A matter each; where there are too many or one is too long, the whole in pieces."""
    parts = matters(row["done"])
    if len(parts) <= MOST_LINES and all(len(part) <= LINE_LENGTH for part in parts):
        return parts
    text = row["done"]
    return [text[at : at + LINE_LENGTH] for at in range(0, len(text), LINE_LENGTH)]


def _read_absences(book: Book, people, problems: Problems) -> list[Row]:
    rows = []
    for row in book.sheet("请假").table(ABSENCES, problems=problems):
        if row["staff_no"] and row["staff_no"] not in people:
            row.refuse("staff_no", _("没有工号%(no)s") % {"no": row["staff_no"]})
        if row["start_on"] and row["end_on"] and row["end_on"] < row["start_on"]:
            row.refuse("end_on", _("结束日期早于开始日期"))
        rows.append(row)
    return rows


@transaction.atomic
def _store(unit: Unit, people, report_rows, absence_rows, *, by, shift) -> Counts:
    reports = {}
    for row in report_rows:
        if day := shift(row["day"]):
            one = _report(row, unit, people[row["staff_no"]], day, shift)
            reports[one.author_id, day] = one, row["lines"]
    days = [day for _author, day in reports]
    there = set()
    if days:
        span = (min(days), max(days))
        kept = DailyReport.objects.filter(unit=unit, day__range=span)
        there = set(kept.values_list("author", "day"))
    new = [pair for key, pair in reports.items() if key not in there]
    DailyReport.objects.bulk_create([report for report, _lines in new], batch_size=BATCH)
    ReportLine.objects.bulk_create(
        [
            ReportLine(report=report, position=position, text=text)
            for report, lines in new
            for position, text in enumerate(lines, 1)
        ],
        batch_size=BATCH,
    )
    found = _spans(absence_rows, people, shift)
    there = Absence.objects.filter(staff__in=people.values())
    there = set(there.values_list("staff", "kind", "start_on", "end_on"))
    absences = Absence.objects.bulk_create(
        Absence(staff_id=staff, kind=kind, start_on=start, end_on=end)
        for staff, kind, start, end in found
        if (staff, kind, start, end) not in there
    )
    counts = Counts(
        reports=len(new),
        drafts=sum(report.state == DailyReport.State.DRAFT for report, _lines in new),
        absences=len(absences),
        known=len(reports) - len(new) + len(found) - len(absences),
    )
    if new or absences:
        audit.record(by, "report.import", unit, after=counts._asdict(), unit=unit)
    return counts


def _report(row: Row, unit: Unit, author: int, day: date, shift: Shift) -> DailyReport:
    """Filed is accepted, graded or not: who read it then is not known any more."""
    State = DailyReport.State
    filed_at = row["filed_at"] and _moved(row["filed_at"], row["day"], day, shift)
    return DailyReport(
        unit=unit,
        author_id=author,
        day=day,
        state=State.ACCEPTED if filed_at else State.DRAFT,
        plan=row["plan"],
        first_filed_at=filed_at,
        filed_at=filed_at,
        grade=row["grade"],
        imported=True,
        saved_at=filed_at or clock.at(day, 18),
    )


def _moved(filed_at: datetime, was: date, day: date, shift: Shift) -> datetime:
    wall = clock.local(filed_at)
    # Never before the report's own day, also where the shift folds two days into one.
    there = max(day, shift(wall.date()) or day + (wall.date() - was))
    return clock.at(there, wall.hour, wall.minute, wall.second)


def _spans(rows, people, shift: Shift) -> dict[tuple, None]:
    """Each absence once, in order. One that loses its first or last day is that much shorter."""
    found = {}
    for row in rows:
        first, last = row["start_on"], row["end_on"]
        days = [first + timedelta(n) for n in range(((last or first) - first).days + 1)]
        moved = [there for there in map(shift, days) if there]
        if moved:
            end = max(moved) if last else None
            found[people[row["staff_no"]], row["kind"].value, min(moved), end] = None
    return found
