"""What a workbook holds, as plain rows: cells, and what stands behind them.

Python-calamine hands over the cells; one pass over the sheet's own XML finds what it hides:
formulas, errors and merged cells. Runs in the child (see child.py): no Django here.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

import python_calamine

from scheme.imports import archive
from scheme.imports.archive import BadBook

# More cells than this are no office's table; bounds what a sparse sheet can make of memory.
MAX_CELLS = 2_000_000
# Of all sheets together, empty tails aside: what whoever asked has to hold.
MAX_FILLED = 1_000_000
MAX_LETTERS = 50_000_000


def _(words: str) -> str:
    return words


class RawSheet(NamedTuple):
    """Rows from the first on, without their empty tails; places are (row from 1, column from 0).

    `refused`: why this one sheet cannot be read, should anybody ask for it.
    """

    name: str
    rows: list[list]
    formulas: set[tuple[int, int]]
    failures: set[tuple[int, int]]
    merged: list[tuple[int, int, int, int]]
    refused: str = ""


def parse(data: bytes) -> Iterator[RawSheet]:
    """The sheets in their order. Raises BadBook when the file as a whole cannot be read."""
    return _Book(archive.repack(data)).sheets()


class _Book:
    def __init__(self, copy: io.BytesIO):
        self._parts = zipfile.ZipFile(copy)
        self._members = set(self._parts.namelist())
        self._paths = self._sheet_paths()
        self._lengths = self._text_lengths()
        own = io.BytesIO(copy.getvalue())
        self._reader = _read_by_calamine(
            lambda: python_calamine.CalamineWorkbook.from_filelike(own)
        )

    def sheets(self) -> Iterator[RawSheet]:
        filled = 0
        for name, path in self._paths.items():
            try:
                sheet = self._open(name, path)
                filled += sum(map(len, sheet.rows))
                if filled > MAX_FILLED:
                    raise BadBook(_("工作表太大：请删去数据以外的空行空列后再上传。"))
            except BadBook as refused:
                sheet = RawSheet(name, [], set(), set(), [], refused.args[0])
            yield sheet

    def _open(self, name: str, path: str) -> RawSheet:
        facts = _Facts(self._parts.read(path), self._lengths)
        sheet = _read_by_calamine(lambda: self._reader.get_sheet_by_name(name))
        rows = _read_by_calamine(lambda: sheet.to_python(skip_empty_area=False))
        for row in rows:
            while row and row[-1] == "":
                row.pop()
        return RawSheet(name, rows, facts.formulas, facts.failures, facts.merged)

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
