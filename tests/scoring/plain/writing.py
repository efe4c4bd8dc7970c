"""Writes values into workbooks in all the ways people write them."""

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

WIDE = {c: chr(ord(c) + 0xFEE0) for c in map(chr, range(0x21, 0x7F))}
SPACES = (" ", "\u3000", "  ")
DAY_FORMATS = ("yyyy-mm-dd", "yyyy/m/d", 'yyyy"年"m"月"d"日"')


class Pen:
    """The same value never twice in the same way."""

    def __init__(self, rnd: random.Random):
        self.rnd = rnd

    def chance(self, share: float) -> bool:
        return self.rnd.random() < share

    def empty(self):
        return self.rnd.choice((None, None, None, None, "", " ", "无", "/", "／", " 无 ", "\u3000"))

    def wide(self, words: str, share=0.15) -> str:
        if self.chance(share):
            return "".join(WIDE.get(c, c) for c in words)
        return words

    def padded(self, words: str, share=0.15) -> str:
        if self.chance(share):
            words = self.rnd.choice(SPACES) + words
        if self.chance(share):
            words += self.rnd.choice(SPACES)
        return words

    def text(self, words: str | None):
        return self.padded(words) if words else self.empty()

    def word(self, words: str | None):
        """A number of a person, a section, a fixed word: also with white space within."""
        if not words:
            return self.empty()
        if words.isdecimal() and words[0] != "0" and self.chance(0.4):
            return self.rnd.choice((int, float))(words)
        words = self.wide(words)
        if self.chance(0.1) and len(words) > 1:
            at = self.rnd.randrange(1, len(words))
            words = words[:at] + self.rnd.choice(SPACES) + words[at:]
        return self.padded(words)

    def list(self, names) -> str | None:
        names = list(names)
        if not names:
            return self.empty()
        if self.chance(0.15):
            names.insert(self.rnd.randrange(len(names) + 1), self.rnd.choice(names))
        return self._joined([str(self.word(name)).removesuffix(".0") for name in names])

    def ratings(self, numbers) -> str | float | None:
        numbers = list(numbers)
        if not numbers:
            return self.empty()
        if len(numbers) == 1 and self.chance(0.5):
            return float(numbers[0])
        return self._joined([self.wide(f"{number}") for number in numbers])

    def shares(self, shares: dict):
        if not shares:
            return self.empty()
        parts = []
        for no, share in shares.items():
            colon, percent = self.rnd.choice(":："), self.rnd.choice(("", "", "%", "％"))
            parts.append(f"{self.wide(no)}{colon}{self.wide(str(share))}{percent}")
        return self._joined(parts)

    def _joined(self, parts) -> str:
        between = self.rnd.choice(("、", "、", "、 ", " 、"))
        joined = between.join(parts)
        if self.chance(0.15):
            joined += "、"
        if self.chance(0.1):
            joined = "、" + joined.replace("、", "、、", 1)
        return self.padded(joined)

    def number(self, value):
        if value is None:
            return self.empty()
        way = self.rnd.randrange(4)
        if way == 0:
            return self.word(str(value))
        if way == 1:
            return self.padded(f"{Decimal(value):.2f}") if _has_cents(value) else str(value)
        return int(value) if value == int(value) and way == 2 else float(value)

    def day(self, value: date | None):
        if value is None:
            return self.empty()
        way = self.rnd.randrange(7)
        if way < 2:
            return datetime(value.year, value.month, value.day)
        if way == 2:
            return value
        return self._written(value)

    def _written(self, value: date) -> str:
        return self.padded(self.wide(self._styled(value), 0.2))

    def _styled(self, value: date) -> str:
        month, day = str(value.month), str(value.day)
        if self.chance(0.5):
            month, day = f"{value.month:02}", f"{value.day:02}"
        return self.rnd.choice(
            (f"{value.year}-{month}-{day}", f"{value.year}.{month}.{day}",
             f"{value.year}年{month}月{day}日")
        )  # fmt: skip

    def moment(self, value: datetime | None, of: date):
        if value is None:
            return self.empty()
        way = self.rnd.randrange(7)
        if way < 3:
            # A time cell is a fraction of a day and rarely exact.
            return value + timedelta(microseconds=self.rnd.choice((0, 0, -300_000, 300_000)))
        if way == 3 and value.date() == of:
            return value.time()
        words = f"{value:%H:%M:%S}" if value.second or self.chance(0.3) else f"{value:%H:%M}"
        if value.hour < 10 and self.chance(0.3):
            words = words[1:]
        if way == 4 and value.date() == of:
            return self.padded(self.wide(words))
        return self.padded(self.wide(f"{self._styled(value.date())} {words}"))

    def month(self, value: date):
        way = self.rnd.randrange(5)
        if way == 0:
            return self.day(value + timedelta(self.rnd.randrange(27)))
        month = f"{value.month:02}" if self.chance(0.5) else str(value.month)
        words = self.rnd.choice(
            (f"{value.year}-{month}", f"{value.year}.{month}", f"{value.year}年{month}月")
        )
        return self.padded(self.wide(words))

    def clock(self, value: time):
        return value if self.chance(0.3) else self.padded(self.wide(f"{value:%H:%M}"))

    def header(self, words: str) -> str:
        if self.chance(0.15) and len(words) > 2:
            words = words[:2] + self.rnd.choice(("\n", " ", "\u3000")) + words[2:]
        return self.padded(words, 0.05)

    def title(self, words: str) -> str:
        """The same item: other punctuation, white space, width."""
        signs = (
            "",
            "“",
            "”",
            "：",
            "。",
            "！",
            " ",
            "\u3000",
            "《",
            "》",
            "-",
            "·",
            "★",
            "、",
            "（",
        )
        made = [self.rnd.choice(signs) if self.chance(0.2) else "" for _c in words]
        joined = "".join(a + b for a, b in zip(made, words, strict=True))
        return self.padded(self.wide(joined, 0.2) + self.rnd.choice(("", "", "。", "！", " ")))


def _has_cents(value) -> bool:
    return Decimal(value) == Decimal(value).quantize(Decimal("0.01"))


class Book:
    """Sheets as people keep them: titles, shuffled and foreign columns, blank rows, notes."""

    def __init__(self, pen: Pen):
        self.pen = pen
        self.book = openpyxl.Workbook()
        self.book.remove(self.book.active)
        if pen.chance(0.06):
            self.book.epoch = CALENDAR_MAC_1904
        self.book.iso_dates = pen.chance(0.06)

    def sheet(self, name, columns, rows, *, title, above=(), grouped=()):
        """`rows`: dicts by column. `grouped`: columns that stand together under one head."""
        pen, rnd = self.pen, self.pen.rnd
        sheet = self.book.create_sheet(name)
        heads = [column for column in columns if column not in grouped]
        heads += [None] * rnd.choice((0, 0, 1))
        if pen.chance(0.5):
            rnd.shuffle(heads)
        if grouped:
            at = rnd.randrange(len(heads) + 1)
            heads[at:at] = grouped
        sheet.append([title])
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(heads))
        for line in above:
            sheet.append(line)
        self._headers(sheet, heads, grouped)
        for row in rows:
            while pen.chance(0.06):
                blank = (None, " ", "\u3000") if pen.chance(0.7) else (None, "无", " / ")
                sheet.append([rnd.choice(blank) if head else None for head in heads])
            sheet.append(
                [row.get(head) if head else rnd.choice((None, "—", "已核", 7)) for head in heads]
            )
        if pen.chance(0.5):
            last = sheet.max_row + 1
            sheet.cell(last, 1, rnd.choice(("注：以上为试验数据。", "注:1.请按时填报", "注")))
            sheet.merge_cells(start_row=last, end_row=last, start_column=1, end_column=len(heads))
            sheet.cell(last + 2, 1, "审核人：")
            sheet.cell(last + 2, 2, "=1+1")
        for cells in sheet.iter_rows(min_row=3):
            for cell in cells:
                if isinstance(cell.value, date) and not isinstance(cell.value, datetime):
                    cell.number_format = rnd.choice(DAY_FORMATS)

    def _headers(self, sheet, heads, grouped):
        row = sheet.max_row + 1
        for column, head in enumerate(heads, 1):
            written = self.pen.header(head) if head else "备注（内部）"
            if not grouped:
                sheet.cell(row, column, written)
            elif head in grouped:
                sheet.cell(row + 1, column, written)
            else:
                sheet.cell(row, column, written)
                sheet.merge_cells(
                    start_row=row, end_row=row + 1, start_column=column, end_column=column
                )
        if grouped:
            first = heads.index(grouped[0]) + 1
            sheet.cell(row, first, "党组织")
            sheet.merge_cells(
                start_row=row, end_row=row, start_column=first, end_column=first + len(grouped) - 1
            )

    def save(self, path: Path) -> None:
        self.book.save(path)
