"""The uploaded workbook again, with what is wrong with it: a list, and a last column on each sheet.

Rows stand where they stood, so that it may be mended and uploaded as it is.
"""

import math
import re
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill

from scheme.exports.sheets import text
from scheme.imports import cells
from scheme.imports.archive import BadBook
from scheme.imports.sheets import Book, Problems, Sheet
from scheme.models import Unit

LIST, ERRORS = "错误清单", "错误"
HEAD_ROW = 2
WRONG = PatternFill("solid", fgColor="F8D7DA")
RED = Font(color="9C0006")
BOLD = Font(bold=True)
WIDTHS = (16, 8, 18, 80)
_NOT_IN_A_NAME = re.compile(r"[\\*?:/\[\]]")
# A formula without a value may stand in a row far below all others: that one is listed only.
BEYOND = 100


def write(unit: Unit, book: Book, problems: Problems, path: Path) -> None:
    workbook = Workbook(write_only=True)
    _list(workbook, unit, problems)
    by_sheet: dict[str, dict[int, list]] = defaultdict(lambda: defaultdict(list))
    for problem in problems:
        by_sheet[problem.sheet][problem.row].append(problem)
    for name in book.names:
        if cells.tight(name) == LIST:
            continue
        try:
            sheet = book.sheet(cells.tight(name))
        except BadBook:
            continue  # told in the list
        _sheet(workbook, sheet, by_sheet.get(sheet.name, {}))
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)


def _list(workbook: Workbook, unit: Unit, problems: Problems) -> None:
    page = workbook.create_sheet(LIST)
    for letter, width in zip("ABCD", WIDTHS, strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A3"
    page.append([_cell(page, f"{unit.name}台账错误清单", font=BOLD)])
    heads = ("工作表", "行", "列", "原因")
    page.append([_cell(page, head, font=BOLD) for head in heads])
    for one in problems.as_rows():
        row = (one["sheet"], one["row"] or None, one["column"], one["reason"])
        page.append([_cell(page, value) for value in row])


def _sheet(workbook: Workbook, sheet: Sheet, wrong: dict[int, list]) -> None:
    name = _NOT_IN_A_NAME.sub("", text(sheet.name))[:31]
    page = workbook.create_sheet(name or None)
    page.freeze_panes = "A3"
    heads = [cells.tight(v) if not cells.is_empty(v) else "" for v in sheet.row(HEAD_ROW)]
    # Uploaded once more, the column that was added last time is the one to write to.
    width = heads.index(ERRORS) if ERRORS in heads else max(map(len, sheet.rows), default=0)
    end = len(sheet.rows)
    last = max([end, *(number for number in wrong if number <= end + BEYOND)])
    for number in range(1, last + 1):
        values = list(sheet.row(number))[:width]
        values += [None] * (width - len(values))
        found = wrong.get(number, ())
        columns = {problem.column for problem in found}
        row = [
            _cell(page, value, fill=WRONG if head and head in columns else None)
            for value, head in zip(values, heads + [""] * width, strict=False)
        ]
        if number == HEAD_ROW and wrong:
            row.append(_cell(page, ERRORS, font=BOLD))
        elif found:
            reasons = [f"{p.column}：{p.reason}" if p.column else p.reason for p in found]
            row.append(_cell(page, "；".join(reasons), font=RED))
        page.append(row)


def _cell(page, value, *, font=None, fill=None):
    """As it was: numbers and days stay what they are, texts stay texts."""
    if value in (None, "") and not fill:
        return None
    cell = WriteOnlyCell(page)
    if isinstance(value, float) and not math.isfinite(value):
        value = str(value)
    if isinstance(value, (bool, int, float, date, datetime, time, timedelta)):
        cell.value = value
        if isinstance(value, date) and not isinstance(value, datetime):
            cell.number_format = "yyyy-mm-dd"
    elif value not in (None, ""):
        cell.value = text(value)
        cell.data_type = "s"
        cell.quotePrefix = True
    if font:
        cell.font = font
    if fill:
        cell.fill = fill
    return cell
