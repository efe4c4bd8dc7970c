"""The sheet of a weekly meeting as a workbook: a row a section, longer ones continued."""

from datetime import date, timedelta
from math import ceil
from pathlib import Path

from ledgers import weeks
from ledgers.models import SheetLine
from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet, SheetWriter
from scheme.exports.sheets import save as save_sheets
from scheme.models import Unit

Part = SheetLine.Part
COLUMNS = (
    Column("科室", 12),
    Column("上周重点工作完成情况", 46, align=LEFT),
    Column("未完成事项及原因", 28, align=LEFT),
    Column("本周工作安排", 40, align=LEFT),
    Column("需协调解决的问题", 24, align=LEFT),
    Column("责任人", 10),
)
PARTS = (Part.DONE, Part.OPEN, Part.PLAN, Part.HELP)
# A row of a sheet is at most 409 points high; what does not fit goes on in the next one.
MOST_LINES = 21


class _Writer(SheetWriter):
    def _give_height(self, row) -> None:
        most = max(
            _lines(str(value or ""), column.width)
            for value, column in zip(row, self.sheet.columns, strict=True)
        )
        self.page.row_dimensions[self.row + 1].height = min(409, max(24, 17 * most + 8))


def save(unit: Unit, week: date, path: Path) -> None:
    last = week + timedelta(days=6)
    sheet = Sheet(
        name="周例会",
        title="周例会工作情况表",
        unit=unit.name,
        day=f"{week:%Y年%m月%d日}至{last:%m月%d日}",
        columns=COLUMNS,
        rows=rows(unit, week),
        notes=["各条责任人在括号内，末栏为填报的科室负责人。"],
        signatures="主持人：　　　　　　　　汇总人：　　　　　　　　",
        footers=("内部资料　注意保管", "亮星"),
    )
    save_sheets(
        [sheet], path, title=sheet.title, made=clock.now(), each_row=lambda: None, writer=_Writer
    )


def rows(unit: Unit, week: date) -> list[list[str]]:
    found = []
    for row in weeks.meeting(unit, week):
        if row.sheet is None:
            found.append([row.section.name, "未报", "", "", "", ""])
            continue
        cells = [
            _chunks([_words(n, line) for n, line in enumerate(row.parts[part], 1)], column.width)
            for part, column in zip(PARTS, COLUMNS[1:], strict=False)
        ]
        for at in range(max(1, *map(len, cells))):
            name = row.section.name if at == 0 else f"{row.section.name}（续）"
            texts = [chunks[at] if at < len(chunks) else "" for chunks in cells]
            found.append([name, *texts, row.sheet.filed_by.name])
    return found


def _words(number: int, line: SheetLine) -> str:
    people = f"（{line.people}）" if line.people else ""
    return f"{number}. {line.text}{people}"


def _chunks(texts: list[str], width: float) -> list[str]:
    """Texts joined line by line, as many as a row is high."""
    chunks, batch, used = [], [], 0
    for text in texts:
        lines = _lines(text, width)
        if batch and used + lines > MOST_LINES:
            chunks.append("\n".join(batch))
            batch, used = [], 0
        batch.append(text)
        used += lines
    return [*chunks, "\n".join(batch)] if batch else chunks


def _lines(text: str, width: float) -> int:
    """How many lines it takes: a Chinese character is about two units wide, others one."""
    return sum(
        max(1, ceil(sum(2.3 if ord(c) > 0x2E80 else 1.2 for c in part) / (width - 1)))
        for part in text.split("\n")
    )
