"""What storing a workbook would do, as the office looks at it before it says yes. Plain JSON:

sheets   by sheet: rows read, new, changed, known, and cells to mend
samples  the first rows that are new or read differently now, in words
halves   the half-years whose points are to be settled afterwards
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from ledgers.imports.ledger import Plan
from scheme import clock, periods
from scheme.imports import cells
from scheme.imports.sheets import Book, Problems
from scheme.models import Unit
from scoring.imports import facts
from scoring.imports.facts import Facts

SHOWN = 30
NEW_SHOWN = 3
# The day a task is late, and the day after a report: an event may lie so far behind its row.
BEHIND = timedelta(14)


def of_problems(facts_read: Facts) -> dict:
    wrong = Counter(problem.sheet for problem in facts_read.problems)
    return {
        "sheets": [
            {"sheet": sheet, "read": len(facts_read.rows.get(sheet, ())), "problems": wrong[sheet]}
            for sheet in facts.SHEETS
            if sheet in facts_read.rows or wrong[sheet]
        ],
        "absent": facts_read.absent,
    }


def of_facts(facts_read: Facts, unit: Unit, book: Book | None = None) -> dict:
    """With the book the first rows are shown as they were written."""
    sheets, samples = [], []
    for ledger in facts.LEDGERS:
        if ledger.sheet not in facts_read.rows:
            continue
        plan = ledger.plan(unit, facts_read.rows[ledger.sheet])
        sheets.append({"sheet": ledger.sheet, **plan.count._asdict()})
        samples += _samples(ledger, plan, book)
    total = {
        name: sum(sheet[name] for sheet in sheets) for name in ("read", "new", "changed", "known")
    }
    return {
        "sheets": sheets,
        "total": total,
        "anything": bool(total["new"] or total["changed"]),
        "absent": facts_read.absent,
        "samples": samples,
        "halves": touched(facts_read),
    }


def same(one: dict, other: dict) -> bool:
    """Would they store the same, as far as the numbers tell?"""
    return one.get("sheets") == other.get("sheets")


def _samples(ledger, plan: Plan, book: Book | None) -> list[dict]:
    found = [
        {
            "sheet": ledger.sheet,
            "row": change.said.row,
            "name": str(change.thing),
            "changes": [
                [
                    _head(ledger, name),
                    _words(ledger, name, change.before[name]),
                    _words(ledger, name, change.after[name]),
                ]
                for name in change.after
            ],
        }
        for change in plan.changed[:SHOWN]
    ]
    if book is not None:
        sheet = book.sheet(ledger.sheet)
        for said in plan.new[:NEW_SHOWN]:
            values = [cells.shown(v, 24) for v in sheet.row(said.row) if not cells.is_empty(v)]
            found.append({"sheet": ledger.sheet, "row": said.row, "name": "　".join(values)})
    return found


def _head(ledger, name: str) -> str:
    """The column's head as the workbook has it; those that make one thing of several go by name."""
    column = ledger.columns.get(name.removesuffix("_id"))
    if column:
        return column.head
    combined = {
        "first_filed_at": "提交时间",
        "filed_at": "提交时间",
        "state": _("状态"),
        "lines": "今日完成",
        "handlers": "主办、协办",
        "credits": _("署名"),
        "misses": "缺席工号",
    }
    return combined.get(name, name)


def _words(ledger, name: str, value) -> str:
    if isinstance(value, (list, tuple)):
        return "、".join(str(one) for one in value)[:200]
    if name not in ledger.parts and value:
        choices = getattr(ledger.model._meta.get_field(name), "flatchoices", ())
        value = dict(choices).get(value, value)
    return "" if value is None else str(value)[:200]


def touched(facts_read: Facts) -> list[str]:
    """The half-years that any row may have something to say about, those to come left out."""
    today, found = clock.today(), set()
    for rows in facts_read.rows.values():
        for record in rows:
            days = [day for value in record.cells.values() for day in _days(value)]
            if not days:
                continue
            # An absence until further notice reaches until today.
            last = today if "end_on" in record.cells and not record.cells["end_on"] else max(days)
            found |= set(_halves(min(days), min(max(last, max(days)) + BEHIND, today)))
    return sorted(found)


def _days(value) -> Iterable[date]:
    if isinstance(value, datetime):
        yield clock.local(value).date()
    elif isinstance(value, date):
        yield value
    elif isinstance(value, str) and len(value) == 6 and value[4] == "Q":
        yield periods.quarter_span(value).first


def _halves(first: date, last: date) -> Iterable[str]:
    while first <= last:
        yield periods.half_of(first)
        first = periods.half_span(periods.half_of(first)).until


def of_error(text: str) -> tuple[dict, list[dict]]:
    """A file that is no workbook at all: counts and problems."""
    problems = Problems()
    problems.add("", 0, "", text)
    return {"sheets": [], "absent": []}, problems.as_rows()
