"""The board as the office hands it up: the header of the supervision ledger."""

from pathlib import Path

from ledgers import boards
from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet, save
from scheme.models import Unit

COLUMNS = (
    Column("序号", 6),
    Column("编号", 16),
    Column("重点任务", 36, align=LEFT),
    Column("任务来源（依据）", 22, align=LEFT),
    Column("具体举措", 36, align=LEFT),
    Column("牵头领导", 11),
    Column("责任科室", 14),
    Column("配合科室", 16),
    Column("责任人", 14),
    Column("完成时限", 13),
    Column("序时进度", 9),
    Column("实际进度", 9),
    Column("亮灯", 11),
    Column("当前进展", 36, align=LEFT),
    Column("存在问题", 24, align=LEFT),
    Column("下步打算", 24, align=LEFT),
    Column("完成情况", 12),
    Column("备注", 20, align=LEFT),
)
NOTES = (
    "序时进度按时间节点或工作日推算；亮灯以导出时为准。",
    "重新明确时限的任务，计分仍按原时限。",
)
SIGNATURES = "分管领导：　　　　　　　　审核人：　　　　　　　　填报人："


def write(unit: Unit, rows: list[boards.Row], path: Path) -> None:
    now = clock.local(clock.now())
    sheet = Sheet(
        name="督办",
        title=f"{unit.name}重点任务督办表",
        unit=unit.name,
        day=f"{now:%Y}年{now.month}月{now.day}日",
        columns=COLUMNS,
        rows=_lines(rows),
        notes=NOTES,
        signatures=SIGNATURES,
        footers=("", ""),
    )
    save([sheet], path, title=sheet.title, made=now, each_row=lambda: None)


def _lines(rows: list[boards.Row]) -> list[list]:
    supporting = boards.supporting_of(row.task for row in rows)
    return [
        [
            number,
            row.task.number,
            row.task.title,
            row.task.source,
            row.task.measures,
            row.task.leader.name if row.task.leader else "",
            row.task.lead.name,
            supporting.get(row.task.pk, ""),
            row.task.hands,
            row.deadline.isoformat(),
            f"{row.light.planned}%" if row.light.burns else "",
            f"{row.task.progress}%",
            str(row.light.word),
            *(_said(row.task, name) for name in ("text", "problems", "following")),
            row.task.get_state_display(),
            "；".join(row.waits),
        ]
        for number, row in enumerate(rows, 1)
    ]


def _said(task, name: str) -> str:
    return task.said[name] if task.said else ""
