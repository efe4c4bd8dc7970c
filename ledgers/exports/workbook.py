"""Sheets of ledgers going out, in the layout the import knows."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from ledgers.exports import layout, rows
from ledgers.exports.layout import DAY, LONG, NUMBER, SECTIONS, Field, Ledger
from scheme import clock, periods
from scheme.exports.sheets import (
    BODY,
    BOX,
    CENTRE,
    HEAD,
    LEFT,
    TITLE,
    Column,
    Sheet,
    SheetWriter,
    save,
    text,
)
from scheme.models import Unit

SECTION_LIST = "科室"
# Rows that offer the lists.
OFFERED = 3_000
REQUIRED = PatternFill("solid", fgColor="FFF2D6")
DAY_FORMAT, TEXT_FORMAT = "yyyy-mm-dd", "@"


def write(unit: Unit, sheet: str, half: str, path: Path) -> None:
    """One ledger of the half-year."""
    ledger, name = layout.of_sheet(sheet), half_title(half)
    found = rows.of(unit, periods.half_span(half))[sheet]
    sections = layout.sections_of(unit)
    sheets = [
        ledger_sheet(unit, ledger, f"{name}{ledger.title}", found),
        section_list(unit, sections),
    ]
    title = f"{unit.name}{name}{ledger.title}"
    save_ledgers(sheets, path, title, sections, (ledger,))


def half_title(half: str) -> str:
    return f"{half[:4]}年{'上' if half.endswith('1') else '下'}半年"


def ledger_sheet(unit: Unit, ledger: Ledger, title: str, rows: Iterable[Sequence]) -> Sheet:
    columns = [
        Column(field.head, field.width, "", LEFT if field.kind == LONG else CENTRE)
        for field in ledger.fields
    ]
    return Sheet(
        ledger.sheet, f"{unit.name}{title}", unit.name, "", columns, rows, (), "", ("", "")
    )


def section_list(unit: Unit, sections: list[str]) -> Sheet:
    rows = [[name] for name in sections]
    return Sheet(
        SECTION_LIST, "本单位科室", unit.name, "", [Column("科室", 30)], rows, (), "", ("", "")
    )


def save_ledgers(
    sheets: Sequence[Sheet],
    path: Path,
    title: str,
    sections: list[str],
    ledgers: Sequence[Ledger],
    each_row: Callable[[], None] = lambda: None,
) -> None:
    """Sheets named after one of the ledgers have its columns, with their lists to choose from."""
    with_list = any(sheet.name == SECTION_LIST for sheet in sheets)

    class Writer(LedgerWriter):
        section_rows = len(sections) if with_list else 0
        by_sheet = {ledger.sheet: ledger for ledger in ledgers}

    save(sheets, path, title=title, made=clock.now(), each_row=each_row, writer=Writer)


class LedgerWriter(SheetWriter):
    """The layout the import knows: title in row 1, heads in row 2, data from row 3, and no end."""

    section_rows = 0
    by_sheet: ClassVar[dict[str, Ledger]] = {}

    def write(self, each_row) -> None:
        ledger = self.by_sheet.get(self.sheet.name)
        self._set_up()
        self._across(self.sheet.title, TITLE, CENTRE)
        self._append([self._head_cell(field) for field in self._fields(ledger)])
        for row in self.sheet.rows:
            if any(row):
                self._give_height(row)
            pairs = zip(row, self._fields(ledger), strict=True)
            self._append([self._cell(value, field) for value, field in pairs])
            each_row()
        if ledger:
            self._offer(ledger)

    def _fields(self, ledger: Ledger | None) -> Sequence[Field]:
        if ledger:
            return ledger.fields
        return [Field(column.head, column.width, LONG) for column in self.sheet.columns]

    def _set_up(self) -> None:
        super()._set_up()
        self.page.print_title_rows = "1:2"
        self.page.freeze_panes = "A3"
        self.page.row_dimensions[2].height = 24
        for row in (3, 4):
            self.page.row_dimensions[row].height = None

    def _head_cell(self, field: Field):
        cell = WriteOnlyCell(self.page, value=field.head)
        cell.font, cell.alignment, cell.border = HEAD, CENTRE, BOX
        if field.required:
            cell.fill = REQUIRED
        return cell

    def _cell(self, value, field: Field):
        cell = WriteOnlyCell(self.page)
        if isinstance(value, (date, datetime)):
            cell.value, cell.number_format = value, DAY_FORMAT
        elif isinstance(value, int) or (isinstance(value, Decimal) and _is_short(value)):
            cell.value = value
        elif value is not None and value != "":
            # A text whatever it begins with, and marked as one for whoever edits it.
            cell.value = text(value)
            cell.data_type = "s"
            cell.quotePrefix = True
        if field.kind not in (DAY, NUMBER):
            cell.number_format = TEXT_FORMAT
        elif value is None and field.kind == DAY:
            cell.number_format = DAY_FORMAT
        cell.font, cell.border = BODY, BOX
        cell.alignment = LEFT if field.kind == LONG else CENTRE
        return cell

    def _offer(self, ledger: Ledger) -> None:
        """Lists to choose from. What is not on them is told when the file is read."""
        for number, field in enumerate(ledger.fields, 1):
            if field.words == SECTIONS and self.section_rows:
                source = f"'{SECTION_LIST}'!$A$3:$A${self.section_rows + 2}"
            elif field.words and field.words != SECTIONS:
                source = f'"{",".join(field.words)}"'
            else:
                continue
            letter = get_column_letter(number)
            offered = DataValidation("list", formula1=source, allow_blank=True)
            offered.showErrorMessage = False
            offered.add(f"{letter}3:{letter}{OFFERED}")
            self.page.data_validations.append(offered)


def _is_short(number: Decimal) -> bool:
    """Survives a number cell, which is a binary fraction with fifteen digits."""
    return Decimal(repr(float(number))) == number
