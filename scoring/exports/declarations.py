"""A quarter's declarations in the columns of the facts workbook's sheet 申报."""

from pathlib import Path

from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet, save
from scheme.models import Unit
from scoring.declared import plain
from scoring.models import Declaration

State = Declaration.State
COLUMNS = (
    Column("季度", 11),
    Column("对象", 16),
    Column("规则编号", 16),
    Column("级别", 8),
    Column("数量", 8),
    Column("事项", 46, align=LEFT),
    Column("文件号", 26, align=LEFT),
    Column("文件日期", 15),
    Column("初核", 9),
    Column("核验", 9),
)
NOTE = "草稿和已撤回的不在表内；初核、核验空着的还没有办。"
SIGNATURES = "分管领导：　　　　　　　　审核人：　　　　　　　　填报人："
PASSED, FAILED = "通过", "不通过"


def rows(unit: Unit, quarter: str) -> list[list]:
    lines = Declaration.objects.filter(unit=unit, quarter=quarter)
    lines = lines.exclude(state__in=[State.DRAFT, State.WITHDRAWN])
    return [
        [
            line.quarter,
            line.person.staff_no if line.person else line.section.name,
            line.rule_code,
            line.get_level_display(),
            plain(line.quantity),
            line.matter,
            line.document_no,
            f"{line.document_on:%Y-%m-%d}" if line.document_on else "",
            *_outcomes(line),
        ]
        for line in lines.select_related("person", "section").order_by("pk")
    ]


def _outcomes(line: Declaration) -> tuple[str, str]:
    """Of the first check and of the verification; empty while it is not done."""
    if line.state == State.CONFIRMED:
        return PASSED, PASSED
    if line.state == State.CHECKED:
        return PASSED, ""
    if line.state == State.REFUSED:
        return (PASSED, FAILED) if line.checked_by_id else (FAILED, "")
    return "", ""


def write(unit: Unit, quarter: str, path: Path) -> int:
    """Writes the workbook; how many lines it holds."""
    found = rows(unit, quarter)
    now = clock.local(clock.now())
    title = f"{quarter[:4]}年第{quarter[-1]}季度积分申报表"
    sheet = Sheet(
        name="申报",
        title=title,
        unit=unit.name,
        day=f"{now:%Y}年{now.month}月{now.day}日",
        columns=COLUMNS,
        rows=found,
        notes=[NOTE],
        signatures=SIGNATURES,
        footers=("", ""),
    )
    save([sheet], path, title=title, made=now, each_row=lambda: None)
    return len(found)
