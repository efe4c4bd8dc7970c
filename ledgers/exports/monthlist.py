"""A section's list of a month as a workbook, in the layout in which it is signed for."""

from pathlib import Path

from ledgers.models import MonthlyList
from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet
from scheme.exports.sheets import save as save_sheets

COLUMNS = (
    Column("序号", 6),
    Column("编号", 18),
    Column("任务", 44, align=LEFT),
    Column("角色", 8),
    Column("本月要求", 48, align=LEFT),
    Column("时限", 13),
)


def save(one: MonthlyList, path: Path) -> None:
    rows = [
        [
            line.position,
            line.number,
            line.title,
            "牵头" if line.leads else "配合",
            line.demand,
            line.due_on,
        ]
        for line in one.lines.order_by("position")
    ]
    issued = f"下发：{one.issued_by.name}" if one.issued_by else "草稿，未下发"
    if one.signed_by:
        signed = f"签收：{one.signed_by.name}　{clock.local(one.signed_at):%Y年%m月%d日}"
    else:
        signed = "签收：　　　　　　　　　　年　　月　　日"
    sheet = Sheet(
        name="任务清单",
        title=f"{one.section.name}{one.month.year}年{one.month.month}月任务清单",
        unit=one.unit.name,
        day=f"{clock.local(one.issued_at or one.drawn_at):%Y年%m月%d日}",
        columns=COLUMNS,
        rows=rows,
        notes=[],
        signatures=f"{issued}　　　　{signed}",
        footers=("内部资料　注意保管", "亮星"),
    )
    save_sheets([sheet], path, title=sheet.title, made=clock.now(), each_row=lambda: None)
