"""The facts workbook going out: an empty one to fill in, and the unit's ledgers of a half-year.

What goes out comes in again: read back, the ledgers change nothing.
"""

from collections.abc import Callable
from pathlib import Path

from ledgers.exports import layout
from ledgers.exports.workbook import half_title, ledger_sheet, save_ledgers, section_list
from scheme import periods
from scheme.exports.sheets import LEFT, Column, Sheet
from scheme.models import Unit
from scoring.exports import facts_rows
from scoring.exports.facts_layout import LEDGERS

HELP = "填表说明"
# Rows of the template that are ruled.
RULED = 60


def write_template(unit: Unit, path: Path) -> None:
    sections = layout.sections_of(unit)
    sheets = [_help(unit)]
    for ledger in LEDGERS:
        blank = [[None] * len(ledger.fields)] * RULED
        sheets.append(ledger_sheet(unit, ledger, ledger.title, blank))
    sheets.append(section_list(unit, sections))
    save_ledgers(sheets, path, f"{unit.name}台账模板", sections, LEDGERS)


def write(
    unit: Unit, half: str, path: Path, *, each_row: Callable[[], None] = lambda: None
) -> None:
    """The ledgers of the half-year."""
    name, rows = half_title(half), facts_rows.of(unit, periods.half_span(half))
    sheets = [
        ledger_sheet(unit, ledger, f"{name}{ledger.title}", rows[ledger.sheet])
        for ledger in LEDGERS
    ]
    sections = layout.sections_of(unit)
    save_ledgers(sheets, path, f"{unit.name}{name}台账", sections, LEDGERS, each_row)


def _help(unit: Unit) -> Sheet:
    columns = [Column("项目", 14), Column("怎么填", 110, "", LEFT)]
    rows = [*layout.GENERAL]
    rows += [(f"{ledger.sheet}表", ledger.how) for ledger in LEDGERS]
    return Sheet(HELP, "台账填表说明", unit.name, "", columns, rows, (), "", ("", ""))
