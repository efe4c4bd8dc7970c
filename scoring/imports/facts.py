"""The facts workbook with all its ledgers: read, compared with what is stored, stored.

    facts = facts.read(book, unit)                      every row; what is wrong in .problems
    counts = facts.compare(read, unit)                  by sheet: read, new, changed, known
    counts = facts.store(read, unit, by=person)         in a transaction that holds the unit

A process without a database reads with what it was given: `read_with(book, known(unit))`.
"""

from collections.abc import Collection
from typing import NamedTuple

from ledgers.imports import workbook
from ledgers.imports.ledger import Count, Shift
from ledgers.imports.roll import Reading, Roll
from ledgers.imports.workbook import Counts, Facts, Unreadable
from scheme.imports.sheets import Book
from scheme.models import Staff, Unit
from scoring.imports.declared import Declared, kinds_by_code

__all__ = ["LEDGERS", "SHEETS", "Count", "Counts", "Facts", "Known", "Unreadable"]
__all__ += ["compare", "known", "read", "read_with", "store"]

LEDGERS = (*workbook.LEDGERS, Declared())
SHEETS = tuple(ledger.sheet for ledger in LEDGERS)


class Known(NamedTuple):
    """What a workbook of the unit may name, as plain data."""

    roll: Roll
    rules: dict[str, list[str]]


def known(unit: Unit) -> Known:
    return Known(Roll.of(unit), kinds_by_code(unit))


def read_with(book: Book, known: Known) -> Facts:
    """Raises nothing, asks no database."""
    return workbook.read(book, Reading(*known), LEDGERS)


def read(book: Book, unit: Unit) -> Facts:
    """All sheets; what cannot be read stands in `.problems` of the answer. Raises nothing."""
    return read_with(book, known(unit))


def compare(facts: Facts, unit: Unit) -> Counts:
    """What storing would do, by sheet. Writes nothing."""
    return workbook.compare(facts, unit, LEDGERS)


def store(
    facts: Facts,
    unit: Unit,
    *,
    by: Staff | None,
    shift: Shift | None = None,
    only: Collection[str] | None = None,
) -> Counts:
    """See `workbook.store`. Raises Unreadable when anything could not be read."""
    return workbook.store(facts, unit, LEDGERS, by=by, shift=shift, only=only)
