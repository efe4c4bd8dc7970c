"""The register of projects as a workbook: one row a project, from registration to promotion. A
document handed up is Chinese, whatever its maker reads."""

from pathlib import Path

from django.db.models import QuerySet
from django.utils import translation

from ledgers import innovating
from ledgers.models import Innovation, Promotion
from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet, save
from scheme.models import Unit

SIGNATURES = "分管领导：　　　　　　　审核人：　　　　　　　填报人："
COLUMNS = (
    Column("编号", 13, "立项"),
    Column("项目", 28, "立项", LEFT),
    Column("科室", 14, "立项"),
    Column("参与人员", 18, "立项", LEFT),
    Column("创新点", 36, "立项", LEFT),
    Column("成效", 36, "成效", LEFT),
    Column("见效日期", 13, "成效"),
    Column("推广单位、级别和日期", 34, "推广", LEFT),
    Column("最高级别", 10, "推广"),
    Column("状态", 10),
)


def write(unit: Unit, rows: QuerySet[Innovation], path: Path) -> int:
    """These projects in the order of their numbers; a constant number of queries."""
    rows = rows.select_related("section").prefetch_related("people", "promotions")
    projects = list(rows.order_by("number", "pk"))
    today = clock.today()
    with translation.override("zh-hans"):
        sheet = Sheet(
            name="创新项目",
            title=f"{unit}创新项目登记台账",
            unit=unit.name,
            day=f"{today.year}年{today.month}月{today.day}日",
            columns=COLUMNS,
            rows=[_line(project) for project in projects],
            notes=["推广只列已经核实的。"],
            signatures=SIGNATURES,
            footers=("", ""),
        )
        save([sheet], path, title=sheet.title, made=clock.now(), each_row=lambda: None)
    return len(projects)


def _line(project: Innovation) -> list[str]:
    taken_up = [one for one in project.promotions.all() if one.state == Promotion.State.VERIFIED]
    taken_up.sort(key=lambda one: (one.promoted_on, one.pk))
    highest = innovating.highest(taken_up)
    return [
        project.number,
        project.title,
        project.section.name,
        "、".join(one.name for one in project.people.all()),
        project.novelty,
        project.effect,
        f"{project.effect_on:%Y-%m-%d}" if project.effect_on else "",
        "；".join(_told(one) for one in taken_up),
        str(highest.label) if highest else "",
        project.get_state_display(),
    ]


def _told(one: Promotion) -> str:
    where = "　".join(filter(None, (one.where, one.get_level_display())))
    return f"{where}　{one.promoted_on:%Y-%m-%d}"
