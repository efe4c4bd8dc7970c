"""Ledger sheets as an office hands them up, streamed: merged title, filling unit and date, grouped
heads on every page, borders, notes and the line of signatures.

Nothing here can execute: every text is written as a text cell and marked as quoted.
"""

import shutil
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

# Named, not shipped: the office's machines have them, others fall back.
TITLE = Font(name="方正小标宋简体", size=20)
HEAD = Font(name="黑体", size=12)
BODY = Font(name="仿宋_GB2312", size=12)
LINE = Font(name="楷体_GB2312", size=12)
_thin = Side(style="thin", color="000000")
BOX = Border(left=_thin, right=_thin, top=_thin, bottom=_thin)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
RIGHT = Alignment(horizontal="right", vertical="center")
EPOCH = (1980, 1, 1, 0, 0, 0)


class Column(NamedTuple):
    """`group` stands above neighbouring columns that name the same one."""

    head: str
    width: float
    group: str = ""
    align: Alignment = CENTRE


class Sheet(NamedTuple):
    name: str
    title: str
    unit: str
    day: str
    columns: Sequence[Column]
    rows: Iterable[Sequence]
    notes: Sequence[str]
    signatures: str
    footers: tuple[str, str]  # left and right of the page number


def text(value) -> str:
    """Safe for the format; whatever it begins with stays text."""
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))


def _cell(sheet, value, font, align=CENTRE, border=None):
    cell = WriteOnlyCell(sheet)
    if isinstance(value, int) and not isinstance(value, bool):
        cell.value = value
    elif value is not None:
        cell.value = text(value)
        # openpyxl reads a leading "=" as a formula; this says otherwise, and so does the quote.
        cell.data_type = "s"
        cell.quotePrefix = True
    cell.font, cell.alignment = font, align
    if border:
        cell.border = border
    return cell


def _width(value) -> float:
    """About how wide it stands in the body's 12 points, in the format's units of column width."""
    shown = "" if value is None else str(value)
    return sum(2.3 if ord(character) > 0x2E80 else 1.2 for character in shown) or 1


class SheetWriter:
    def __init__(self, workbook: Workbook, sheet: Sheet):
        self.sheet = sheet
        self.page = workbook.create_sheet(text(sheet.name))
        self.last = get_column_letter(len(sheet.columns))
        self.row = 0

    def write(self, each_row) -> None:
        self._set_up()
        self._head()
        for row in self.sheet.rows:
            self._give_height(row)
            self._append(
                [
                    _cell(self.page, value, BODY, column.align, BOX)
                    for value, column in zip(row, self.sheet.columns, strict=True)
                ]
            )
            each_row()
        self._foot()

    def _set_up(self) -> None:
        page = self.page
        for number, column in enumerate(self.sheet.columns, 1):
            page.column_dimensions[get_column_letter(number)].width = column.width
        page.page_setup.orientation = "landscape"
        page.page_setup.paperSize = 9  # A4
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr.fitToPage = True
        page.print_options.horizontalCentered = True
        margins = page.page_margins
        margins.left = margins.right = 0.6
        margins.top = margins.bottom = 0.75
        page.print_title_rows = "1:4"
        page.freeze_panes = "A5"
        page.oddFooter.center.text = "第 &P 页 共 &N 页"
        page.oddFooter.left.text, page.oddFooter.right.text = self.sheet.footers
        page.oddFooter.left.size = page.oddFooter.right.size = 7
        for row, height in ((1, 36), (2, 22), (3, 24), (4, 24)):
            page.row_dimensions[row].height = height

    def _give_height(self, row) -> None:
        """Streamed rows are not fitted by whoever opens the file; the longest cell decides."""
        lines = max(
            ceil(_width(value) / (column.width - 1))
            for value, column in zip(row, self.sheet.columns, strict=True)
        )
        self.page.row_dimensions[self.row + 1].height = max(24, 17 * lines + 8)

    def _append(self, cells) -> None:
        self.row += 1
        self.page.append(cells)

    def _merge(self, area: str) -> None:
        self.page.merged_cells.add(area)

    def _across(self, value, font, align) -> None:
        self._append([_cell(self.page, value, font, align)])
        self._merge(f"A{self.row}:{self.last}{self.row}")

    def _head(self) -> None:
        sheet, page = self.sheet, self.page
        self._across(sheet.title, TITLE, CENTRE)
        half = max(1, len(sheet.columns) // 2)
        line = [_cell(page, None, LINE, LEFT) for _column in sheet.columns]
        line[0] = _cell(page, f"填报单位：{sheet.unit}", LINE, LEFT)
        line[half] = _cell(page, f"填报日期：{sheet.day}", LINE, RIGHT)
        self._append(line)
        self._merge(f"A2:{get_column_letter(half)}2")
        self._merge(f"{get_column_letter(half + 1)}2:{self.last}2")
        tops = [column.group or column.head for column in sheet.columns]
        subs = [column.head if column.group else None for column in sheet.columns]
        self._append([_cell(page, value, HEAD, CENTRE, BOX) for value in tops])
        self._append([_cell(page, value, HEAD, CENTRE, BOX) for value in subs])
        self._merge_heads()

    def _merge_heads(self) -> None:
        columns = self.sheet.columns
        start = 0
        for at in range(1, len(columns) + 1):
            group = columns[start].group
            if at < len(columns) and group and columns[at].group == group:
                continue
            first, last = get_column_letter(start + 1), get_column_letter(at)
            if not group:
                self._merge(f"{first}3:{first}4")
            elif first != last:
                self._merge(f"{first}3:{last}3")
            start = at

    def _foot(self) -> None:
        for number, note in enumerate(self.sheet.notes, 1):
            label = f"注：{number}.{note}" if len(self.sheet.notes) > 1 else f"注：{note}"
            self._across(label, LINE, LEFT)
        self.page.row_dimensions[self.row + 1].height = 32
        self._across(self.sheet.signatures, LINE, LEFT)
        self.page.print_area = f"A1:{self.last}{self.row}"


def save(
    sheets: Sequence[Sheet],
    path: Path,
    *,
    title: str,
    made: datetime,
    each_row,
    writer: type[SheetWriter] = SheetWriter,
) -> None:
    """Writes the workbook; the same content and moment give the same bytes."""
    workbook = Workbook(write_only=True)
    properties = workbook.properties
    properties.creator, properties.title = "亮星", text(title)
    properties.created = properties.modified = made.astimezone(UTC).replace(
        tzinfo=None, microsecond=0
    )
    for sheet in sheets:
        writer(workbook, sheet).write(each_row)
    raw = path.with_suffix(".raw")
    try:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            ExcelWriter(workbook, archive).save()
        _pack(raw, path)
    finally:
        raw.unlink(missing_ok=True)


def _pack(raw: Path, path: Path) -> None:
    """The same parts with a fixed time each: a file is the same file whenever it is made."""
    with zipfile.ZipFile(raw) as parts, zipfile.ZipFile(path, "w") as packed:
        for part in parts.infolist():
            entry = zipfile.ZipInfo(part.filename, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with parts.open(part) as source, packed.open(entry, "w") as target:
                shutil.copyfileobj(source, target)
