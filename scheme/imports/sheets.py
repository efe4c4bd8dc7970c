"""Office workbooks as tables: safe to open, read as people write them, errors by row and column.

    book = open_book(file)
    problems = Problems()
    for row in book.sheet("日报").table(columns, header_rows=(2,), problems=problems):
        if row.ok:
            row["day"], row.number
        if unknown(row["staff_no"]):
            row.refuse("staff_no", _("没有这个工号"))

The file itself is taken apart by raw.py, in a child process (isolation.py).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from scheme.imports import archive, cells, isolation
from scheme.imports.archive import BadBook
from scheme.imports.cells import CellError, Reader
from scheme.imports.raw import RawSheet

__all__ = ["BadBook", "CellError", "Column", "Problem", "Problems", "Row", "open_book"]

MAX_MERGED_ROWS = 20_000
ANY_DAY = date(2000, 1, 1)


class Problem(NamedTuple):
    """One thing to mend. `column` is the head as the sheet writes it, or empty for a whole row."""

    sheet: str
    row: int
    column: str
    reason: str

    def __str__(self):
        if not self.row:
            return f"{self.sheet}：{self.reason}"
        place = _("%(sheet)s第%(row)s行") % {"sheet": self.sheet, "row": self.row}
        if self.column:
            place += _("“%(column)s”") % {"column": self.column}
        return f"{place}：{self.reason}"


class Problems(list):
    """Everything wrong with a workbook, in the order of reading. Any at all: nothing is stored."""

    def add(self, sheet: str, row: int, column: str, reason: str) -> None:
        self.append(Problem(sheet, row, column, str(reason)))

    def as_rows(self) -> list[dict]:
        """Sheet by sheet, from the top down."""
        sheets = {name: at for at, name in enumerate(dict.fromkeys(one.sheet for one in self))}
        ordered = sorted(self, key=lambda one: (sheets[one.sheet], one.row))
        return [problem._asdict() for problem in ordered]


class Column(NamedTuple):
    """What the head says, how a cell is read, and whether it may be empty.

    `spare`: the whole column may be absent without changing what the table means. `of_day`: the
    key of an earlier column whose day the reader is given too (for a time alone).
    """

    head: str
    read: Reader
    required: bool = True
    spare: bool = False
    default: Any = None
    of_day: str = ""


class Row:
    """One row of a table: cells by column key, and the way to complain about them."""

    def __init__(self, table: "Table", number: int):
        self.table, self.number = table, number
        self.cells: dict[str, Any] = {}
        self.refused: set[str] = set()

    def __getitem__(self, key: str):
        return self.cells[key]

    @property
    def ok(self) -> bool:
        return not self.refused

    def refuse(self, key: str, reason: str) -> None:
        """`key` is a column's key, or "" for the whole row."""
        self.refused.add(key)
        column = self.table.columns[key].head if key else ""
        self.table.problems.add(self.table.sheet.name, self.number, column, reason)


class Table:
    """Rows under a header; iterate once. Unreadable cells are problems, and their row is not ok."""

    def __init__(self, sheet: "Sheet", columns: dict[str, Column], header_rows, problems: Problems):
        self.sheet, self.columns, self.problems = sheet, columns, problems
        self.header_rows = header_rows
        self.places = self._find_columns()

    def _find_columns(self) -> dict[str, int]:
        """Which column is where. The lower header row speaks, the upper where it is silent."""
        heads: dict[int, str] = {}
        for number in self.header_rows:
            for place, value in enumerate(self.sheet.row(number)):
                if not cells.is_empty(value):
                    heads[place] = cells.tight(value)
        last = self.header_rows[-1]
        places = {}
        for key, column in self.columns.items():
            found = [place for place, head in heads.items() if head == column.head]
            if len(found) > 1:
                self.problems.add(self.sheet.name, last, column.head, _("这一列出现了两次"))
            elif found:
                places[key] = found[0]
            elif not column.spare:
                self.problems.add(self.sheet.name, last, column.head, _("缺少这一列"))
        return places

    def __iter__(self) -> Iterator[Row]:
        if not all(key in self.places or c.spare for key, c in self.columns.items()):
            return
        for number in self._numbers():
            values = self.sheet.row(number)
            filled = [value for value in values if not cells.is_empty(value)]
            if filled and cells.plain(filled[0]).startswith("注"):
                return
            if any(self._holds(values, number, place) for place in self.places.values()):
                yield self._read(Row(self, number), values)

    def _numbers(self) -> Iterator[int]:
        """A formula that was never calculated has no value, so its row may be none of the rows."""
        end = len(self.sheet.rows) + 1
        yield from range(self.header_rows[-1] + 1, end)
        yield from sorted({number for number, _place in self.sheet.formulas if number >= end})

    def _holds(self, values, number: int, place: int) -> bool:
        filled = place < len(values) and not cells.is_empty(values[place])
        return filled or (number, place) in self.sheet.formulas

    def _read(self, row: Row, values) -> Row:
        merged = [k for k, place in self.places.items() if self.sheet.is_merged(row.number, place)]
        if merged:
            row.cells = {key: column.default for key, column in self.columns.items()}
            row.refuse(merged[0], _("单元格是合并的，请取消合并后逐行填写"))
            return row
        for key, column in self.columns.items():
            row.cells[key] = column.default
            place = self.places.get(key)
            if place is None:
                continue
            try:
                row.cells[key] = self._cell(column, row, place, values)
            except CellError as error:
                row.refuse(key, str(error))
        return row

    def _cell(self, column: Column, row: Row, place: int, values):
        number = row.number
        if (number, place) in self.sheet.formulas:
            raise CellError(_("单元格是公式，请粘贴为数值"))
        if (number, place) in self.sheet.failures:
            raise CellError(_("单元格是错误值"))
        value = values[place] if place < len(values) else None
        if cells.is_empty(value):
            if column.required:
                raise CellError(_("不能为空"))
            return column.default
        if column.of_day:
            # A day that cannot be read is complained about once, where it stands.
            return column.read(value, row.cells[column.of_day] or ANY_DAY)
        return column.read(value)


class Sheet:
    """One sheet: its rows counted from 1, and what stands behind the values."""

    def __init__(self, raw: RawSheet):
        if raw.refused:
            raise BadBook(raw.refused)
        self.name, self.rows = cells.plain(raw.name), raw.rows
        self.formulas, self.failures = raw.formulas, raw.failures
        self._merged = self._spread(raw.merged)

    def row(self, number: int) -> list:
        return self.rows[number - 1] if 0 < number <= len(self.rows) else []

    def is_merged(self, number: int, place: int) -> bool:
        return any(left <= place <= right for left, right in self._merged.get(number, ()))

    def _spread(self, ranges) -> dict[int, list[tuple[int, int]]]:
        """Merged columns by row, so that a cell asks only its own row."""
        by_row, count = defaultdict(list), 0
        for top, left, bottom, right in ranges:
            for number in range(top, min(bottom, len(self.rows)) + 1):
                by_row[number].append((left, right))
                count += 1
                if count > MAX_MERGED_ROWS:
                    raise BadBook(_("工作表里合并的单元格太多，请取消合并后再上传。"))
        return by_row

    def table(self, columns: dict[str, Column], *, header_rows=(2,), problems: Problems) -> Table:
        return Table(self, columns, header_rows, problems)


class Book:
    def __init__(self, sheets: list[RawSheet]):
        self._sheets = {sheet.name: sheet for sheet in sheets}

    @property
    def names(self) -> list[str]:
        """Names of the sheets as written, in their order."""
        return list(self._sheets)

    def first(self) -> Sheet:
        return Sheet(self._sheets[self.names[0]])

    def sheet(self, name: str) -> Sheet:
        for written, sheet in self._sheets.items():
            if cells.tight(written) == name:
                return Sheet(sheet)
        raise BadBook(_("缺少工作表“%(name)s”。") % {"name": name})


def open_book(source) -> Book:
    """Opens an uploaded file, an open file or the bytes of one. Raises BadBook.

    Every workbook anybody sends comes in here, and is parsed in a process of its own.
    """
    if isinstance(source, bytes):
        data = source
    else:
        archive.check_size(getattr(source, "size", 0) or 0)
        data = source.read(archive.MAX_FILE + 1)
    archive.check_size(len(data))
    return Book(isolation.parse(data))
