"""A facts workbook as a whole: all its sheets read, compared with what is stored, stored."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from ledgers.imports.absences import Absences
from ledgers.imports.innovation import Innovation
from ledgers.imports.ledger import Count, Ledger, Record, Shift
from ledgers.imports.reports import Reports
from ledgers.imports.roll import Reading
from ledgers.imports.study import Study, Talks
from ledgers.imports.summaries import Summaries
from ledgers.imports.tasks import Supervision, Tasks
from ledgers.imports.writing import Writing
from scheme import audit
from scheme.errors import Refused
from scheme.imports import cells
from scheme.imports.sheets import BadBook, Book, Problems
from scheme.models import Staff, Unit

# In this order: a note of supervision names a task.
LEDGERS: tuple[Ledger, ...] = (
    Reports(),
    Absences(),
    Summaries(),
    Study(),
    Talks(),
    Writing(),
    Tasks(),
    Supervision(),
    Innovation(),
)


class Unreadable(Refused):
    """Rows that cannot be read; `problems` says which, by sheet, row and column."""

    def __init__(self, problems: Problems):
        self.problems = problems
        super().__init__(
            _("工作簿有%(n)s处读不出来，什么都没有存。第一处：%(first)s")
            % {"n": len(problems), "first": problems[0]}
        )


class Facts(NamedTuple):
    """What a workbook says, sheet by sheet. With any problem at all nothing of it is stored.

    Plain data: it may be read in one process and stored by another.
    """

    rows: dict[str, list[Record]]
    absent: list[str]
    problems: Problems


class Counts(dict[str, Count]):
    """By sheet, in the order of the sheets."""

    @property
    def total(self) -> Count:
        return Count(*map(sum, zip(*self.values(), strict=True))) if self else Count(0, 0, 0, 0)

    @property
    def anything(self) -> bool:
        return bool(self.total.new or self.total.changed)

    def as_json(self) -> dict[str, dict[str, int]]:
        return {sheet: count._asdict() for sheet, count in self.items()}


def read(book: Book, reading: Reading, ledgers: Sequence[Ledger] = LEDGERS) -> Facts:
    """Raises nothing: a sheet that cannot be opened is a problem like a cell that cannot be read.

    Sheets that are not there count as empty, as long as there is one of them.
    """
    problems = Problems()
    names = [cells.tight(name) for name in book.names]
    rows, absent = {}, []
    for ledger in ledgers:
        if ledger.sheet not in names:
            absent.append(ledger.sheet)
            continue
        if names.count(ledger.sheet) > 1:
            problems.add(ledger.sheet, 0, "", _("有两张同名的工作表"))
        try:
            rows[ledger.sheet] = ledger.read(book, reading, problems)
        except BadBook as error:
            problems.add(ledger.sheet, 0, "", str(error))
    if len(absent) == len(ledgers):
        text = _("没有一张台账工作表，应有：%(sheets)s") % {"sheets": "、".join(absent)}
        problems.add(cells.shown(book.names[0]), 0, "", text)
    return Facts(rows, absent, problems)


def compare(facts: Facts, unit: Unit, ledgers: Sequence[Ledger] = LEDGERS) -> Counts:
    """What storing would do, sheet by sheet. Writes nothing."""
    return Counts(
        (ledger.sheet, ledger.plan(unit, facts.rows[ledger.sheet]).count)
        for ledger in ledgers
        if ledger.sheet in facts.rows
    )


def store(
    facts: Facts,
    unit: Unit,
    ledgers: Sequence[Ledger] = LEDGERS,
    *,
    by: Staff | None,
    shift: Shift | None = None,
    only: Collection[str] | None = None,
) -> Counts:
    """Stores what is new and corrects what reads differently, in the transaction of its caller,
    who holds the unit; and records it. The same facts again change nothing.

    `shift` moves the days of every row (the demo's half-year into the present one); a row whose
    day it answers with None drops out. `only`: these sheets and no others.
    """
    if facts.problems:
        raise Unreadable(facts.problems)
    counts = Counts()
    for ledger in ledgers:
        if ledger.sheet in facts.rows and (only is None or ledger.sheet in only):
            plan = ledger.plan(unit, facts.rows[ledger.sheet], shift=shift, lock=True)
            ledger.write(unit, plan, by=by)
            counts[ledger.sheet] = plan.count
    if counts.anything:
        audit.record(by, "facts.import", unit, after=counts.as_json(), unit=unit)
    return counts
