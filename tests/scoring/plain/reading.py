"""Cells and tables of a workbook: every way of writing a date, a time, a number or a list."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation


class Unreadable(Exception):
    """A cell that cannot be read: sheet, row, column, reason."""

    def __init__(self, sheet, row, column, reason):
        super().__init__(f"{sheet} {row} {column}: {reason}")
        self.sheet, self.row, self.column = sheet, row, column


def text(value) -> str:
    """NFKC, trimmed; 无 and / are empty; a number is its shortest decimal."""
    if value is None:
        return ""
    if isinstance(value, float):
        value = int(value) if value.is_integer() else repr(value)
    found = unicodedata.normalize("NFKC", str(value)).strip()
    return "" if found in ("无", "/") else found


def tight(value) -> str:
    """Staff numbers, sections, columns and fixed words: without any white space."""
    return "".join(text(value).split())


def listed(value) -> list[str]:
    """Parts between 、 without empty ones; the second of two equal ones goes."""
    return list(dict.fromkeys(parts(value)))


def parts(value) -> list[str]:
    return [part for part in (tight(part) for part in text(value).split("、")) if part]


def number(value) -> Decimal | None:
    found = tight(value)
    if not found:
        return None
    try:
        made = Decimal(found)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not made.is_finite():
        raise ValueError("not a number")
    return made


DAY = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})"
    r"|年([0-9]{1,2})月([0-9]{1,2})日)"
)
MONTH = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})|\.([0-9]{1,2})|年([0-9]{1,2})月)")
TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
QUARTER = re.compile(r"([0-9]{4})Q([1-4])")


def _day(match) -> date:
    return date(*(int(group) for group in match.groups() if group is not None))


def day(value) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = text(value)
    if not found:
        return None
    match = DAY.fullmatch(found)
    if not match:
        raise ValueError("not a date")
    return _day(match)


def month(value) -> date | None:
    """The first of the month."""
    if not isinstance(value, date):
        found = text(value)
        match = MONTH.fullmatch(found)
        if match:
            year, *others = (int(group) for group in match.groups() if group is not None)
            return date(year, others[0], 1)
    found = day(value)
    return found and found.replace(day=1)


def clock(value) -> time | None:
    if isinstance(value, datetime):
        return to_second(value).time()
    if isinstance(value, time):
        return to_second(datetime.combine(date(2000, 1, 1), value)).time()
    found = text(value)
    if not found:
        return None
    match = TIME.fullmatch(found)
    if not match:
        raise ValueError("not a time")
    return time(*(int(group or 0) for group in match.groups()))


def moment(value, of: date) -> datetime | None:
    """A time after its date, or a time alone, which is of the day `of`."""
    if isinstance(value, datetime):
        return to_second(value)
    if isinstance(value, time):
        return to_second(datetime.combine(of, value))
    found = text(value)
    if not found:
        return None
    match = DAY.match(found)
    if match:
        of, found = _day(match), found[match.end() :].strip()
    return datetime.combine(of, clock(found))


def to_second(value: datetime) -> datetime:
    return (value + timedelta(microseconds=500_000)).replace(microsecond=0)


def item_key(title) -> str:
    """The title reduced to letters and digits."""
    normal = unicodedata.normalize("NFKC", str(title))
    return "".join(c for c in normal if unicodedata.category(c)[0] in "LN")


class Row:
    """One row of a table; `row("日期", day)` reads a cell and names it when it cannot be read."""

    def __init__(self, sheet, number, cells):
        self.sheet, self.number, self._cells = sheet, number, cells

    def fail(self, column, reason):
        raise Unreadable(self.sheet, self.number, column, reason)

    def __call__(self, column, read=text, *, needed=False, **more):
        value = self._cells.get(column)
        if isinstance(value, str) and value.startswith("="):
            self.fail(column, "a formula")
        try:
            found = read(value, **more)
        except ValueError as error:
            self.fail(column, str(error))
        if needed and (found is None or found == "" or found == []):
            self.fail(column, "empty")
        return found

    def word(self, column, words, *, needed=False) -> str:
        found = self(column, tight, needed=needed)
        if found and found not in words:
            self.fail(column, f"unknown word {found}")
        return found


def table(sheet, columns, *, headers=(2,)):
    """Rows under the headers as `Row`s, until a row that begins with 注."""
    found = {}
    for row in headers:
        for cell in sheet[row]:
            name = tight(cell.value)
            if name in columns:
                found[name] = cell.column
    missing = [name for name in columns if name not in found]
    if missing:
        raise Unreadable(sheet.title, headers[-1], missing[0], "no such column")
    merged = [span for span in sheet.merged_cells.ranges if span.max_row > headers[-1]]
    for cells in sheet.iter_rows(min_row=headers[-1] + 1):
        filled = [cell for cell in cells if text(cell.value)]
        if not filled:
            continue
        number = cells[0].row
        if text(filled[0].value).startswith("注"):
            return
        if any(span.min_row <= number <= span.max_row for span in merged):
            raise Unreadable(sheet.title, number, "", "merged cells")
        values = {cell.column: cell.value for cell in cells}
        named = {name: values.get(column) for name, column in found.items()}
        yield Row(sheet.title, number, named)
