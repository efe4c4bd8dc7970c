"""Office workbooks as tables: safe to open, read as people write them, errors by row and column.

    book = open_book(file)
    problems = Problems()
    for row in book.sheet("日报").table(columns, header_rows=(2,), problems=problems):
        if row.ok:
            row["day"], row.number
        if unknown(row["staff_no"]):
            row.refuse("staff_no", _("没有这个工号"))

Python-calamine hands over the cells; one pass over the sheet's own XML finds what it hides:
formulas, errors and merged cells.
"""

import io
import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import python_calamine
from django.utils.translation import gettext as _

from scheme.imports import archive, cells
from scheme.imports.archive import BadBook
from scheme.imports.cells import CellError, Reader

__all__ = ["BadBook", "CellError", "Column", "Problem", "Problems", "Row", "open_book"]

# More cells than this are no office's table; bounds what a sparse sheet can make of memory.
MAX_CELLS = 2_000_000
MAX_LETTERS = 50_000_000
MAX_MERGED_ROWS = 20_000


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
        self.ok = True

    def __getitem__(self, key: str):
        return self.cells[key]

    def refuse(self, key: str, reason: str) -> None:
        """`key` is a column's key, or "" for the whole row."""
        self.ok = False
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
            return column.read(value, row.cells[column.of_day])
        return column.read(value)


class Sheet:
    """One sheet: its rows counted from 1, and what stands behind the values."""

    def __init__(self, name: str, rows: list[list], facts: "_Facts"):
        self.name, self.rows = name, rows
        self.formulas, self.failures = facts.formulas, facts.failures
        self._merged = self._spread(facts.merged)

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
    def __init__(self, copy: io.BytesIO):
        self._parts = zipfile.ZipFile(copy)
        self._members = set(self._parts.namelist())
        self._paths = self._sheet_paths()
        self._lengths = self._text_lengths()
        own = io.BytesIO(copy.getvalue())
        self._reader = _read_by_calamine(
            lambda: python_calamine.CalamineWorkbook.from_filelike(own)
        )

    @property
    def names(self) -> list[str]:
        """Names of the sheets as written, in their order."""
        return list(self._paths)

    def first(self) -> Sheet:
        return self._open(self.names[0])

    def sheet(self, name: str) -> Sheet:
        for written in self._paths:
            if cells.tight(written) == name:
                return self._open(written)
        raise BadBook(_("缺少工作表“%(name)s”。") % {"name": name})

    def _open(self, written: str) -> Sheet:
        facts = _Facts(self._parts.read(self._paths[written]), self._lengths)
        sheet = _read_by_calamine(lambda: self._reader.get_sheet_by_name(written))
        rows = _read_by_calamine(lambda: sheet.to_python(skip_empty_area=False))
        return Sheet(cells.plain(written), rows, facts)

    def _sheet_paths(self) -> dict[str, str]:
        targets: dict[str, str] = {}

        def relation(name, attributes):
            if name == "Relationship":
                targets[attributes.get("Id", "")] = attributes.get("Target", "")

        paths: dict[str, str] = {}

        def sheet(name, attributes):
            if name == "sheet":
                ids = [v for k, v in attributes.items() if k.endswith("relationships}id")]
                target = targets.get(ids[0], "") if ids else ""
                path = posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
                if "/worksheets/" in path and path in self._members:
                    paths[attributes.get("name", "")] = path

        if "xl/_rels/workbook.xml.rels" in self._members:
            archive.walk(self._parts.read("xl/_rels/workbook.xml.rels"), start=relation)
        archive.walk(self._parts.read("xl/workbook.xml"), start=sheet)
        if not paths:
            raise BadBook(_("工作簿里没有工作表。"))
        return paths

    def _text_lengths(self) -> list[int]:
        """Length of each shared text: a long one named by many cells is a bomb of its own."""
        lengths: list[int] = []

        def start(name, _attributes):
            if name == "si":
                lengths.append(0)

        def words(data):
            if lengths:
                lengths[-1] += len(data)

        for member in self._members:
            if member.lower() == "xl/sharedstrings.xml":
                archive.walk(self._parts.read(member), start=start, words=words)
        return lengths


_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def _place(reference: str) -> tuple[int, int]:
    """ "B3" → (3, 1): the row from 1, the column from 0."""
    match = _CELL.fullmatch(reference)
    if not match:
        raise BadBook(_("工作表里有读不懂的单元格位置。"))
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column - 1


class _Facts:
    """One pass over a sheet's XML: formulas, error cells, merged ranges, and is its size sane."""

    def __init__(self, content: bytes, lengths: list[int]):
        self.formulas: set[tuple[int, int]] = set()
        self.failures: set[tuple[int, int]] = set()
        self.merged: list[tuple[int, int, int, int]] = []
        self._lengths = lengths
        self._row = self._column = 0
        self._last_row = self._last_column = self._letters = 0
        self._type, self._value = "", None
        archive.walk(content, start=self._start, end=self._end, words=self._words)

    def _start(self, name, attributes):
        if name == "row":
            self._row = int(attributes["r"]) if attributes.get("r", "").isdigit() else self._row + 1
            self._column = -1
        elif name == "c":
            self._type = attributes.get("t", "")
            if reference := attributes.get("r"):
                self._row, self._column = _place(reference)
            else:
                self._column += 1
            if self._type == "e":
                self.failures.add((self._row, self._column))
        elif name == "f":
            self.formulas.add((self._row, self._column))
        elif name in ("v", "is"):
            self._value = ""
            self._grow()
        elif name == "mergeCell":
            first, _colon, last = attributes.get("ref", "").partition(":")
            self.merged.append((*_place(first), *_place(last or first)))

    def _words(self, data):
        if self._value is not None:
            self._letters += len(data)
            if self._type == "s":
                self._value += data

    def _end(self, name):
        if name == "v" and self._type == "s" and self._value:
            index = int(self._value) if self._value.isdigit() else -1
            if not 0 <= index < len(self._lengths):
                raise BadBook(_("工作表引用了不存在的文字，请用Excel另存后再上传。"))
            self._letters += self._lengths[index]
        if name in ("v", "is"):
            self._value = None
            if self._letters > MAX_LETTERS:
                raise BadBook(_("工作簿展开后过大，不能导入。"))

    def _grow(self):
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        if self._last_row * (self._last_column + 1) > MAX_CELLS:
            raise BadBook(_("工作表太大：请删去数据以外的空行空列后再上传。"))


def _read_by_calamine(read):
    """The Rust side answers a broken book with an error, or, in a bad hour, a panic."""
    try:
        return read()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise BadBook(_("这不是能读的Excel工作簿（.xlsx），请用Excel另存后再上传。")) from error


def open_book(source) -> Book:
    """Opens an uploaded file, an open file or the bytes of one. Raises BadBook."""
    if isinstance(source, bytes):
        data = source
    else:
        archive.check_size(getattr(source, "size", 0) or 0)
        data = source.read(archive.MAX_FILE + 1)
    return Book(archive.repack(data))
