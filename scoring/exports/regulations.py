"""The catalogue of the regulations library, as an office hands it up."""

from pathlib import Path

from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet, save
from scheme.models import Staff
from scoring.regulation_pages import Row

COLUMNS = (
    Column("编号", 8),
    Column("方面", 16),
    Column("名称", 44, align=LEFT),
    Column("负责科室", 18),
    Column("版次", 8, "现行版本"),
    Column("文号", 24, "现行版本", LEFT),
    Column("印发日期", 15, "现行版本"),
    Column("施行日期", 15, "现行版本"),
    Column("状态", 10),
    Column("复审日期", 15),
)
NOTE = "未批准的草稿不在表内；全文在制度库里查。"
SIGNATURES = "分管领导：　　　　　　　　审核人：　　　　　　　　填报人："


def _day(day) -> str:
    return day.isoformat() if day else ""


def lines(rows: list[Row]) -> list[list]:
    return [
        [
            row.regulation.number,
            row.area,
            row.regulation.title,
            row.regulation.owner.name,
            row.shown.number,
            row.shown.document_no,
            _day(row.shown.issued_on),
            _day(row.shown.effective_on),
            row.status[1],
            _day(row.regulation.review_on),
        ]
        for row in rows
    ]


def write(rows: list[Row], path: Path, *, by: Staff) -> None:
    now = clock.local(clock.now())
    sheet = Sheet(
        name="制度目录",
        title=f"{by.unit.name}制度目录",
        unit=by.unit.name,
        day=f"{now:%Y}年{now.month}月{now.day}日",
        columns=COLUMNS,
        rows=lines(rows),
        notes=[NOTE],
        signatures=SIGNATURES,
        footers=("", ""),
    )
    save([sheet], path, title=sheet.title, made=now, each_row=lambda: None)
