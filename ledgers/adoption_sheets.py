"""The month's adoptions as workbooks: the table of the circular, and the items one by one in the
layout the office's own import sheet has. A document handed up is Chinese, whatever its maker reads.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db.models import Sum
from django.utils import translation

from ledgers import adoption, crediting
from ledgers.models import CreditRole, PointEntry, WritingItem
from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet, save
from scheme.models import Section, SectionMembership, Staff, Unit
from scheme.templatetags.look import points

SIGNATURES = "分管领导：　　　　　　　审核人：　　　　　　　填报人："
NOTE = "各栏为篇数/得分；累计自当年1月起。主报、协报各按细则计分，同一稿件叠加和上限以前。"


def write_table(unit: Unit, month: date, path: Path, *, reader: Staff | None = None) -> None:
    with translation.override("zh-hans"):
        rows = adoption.table(unit, month, reader=reader)
        columns = [Column("科室", 22, align=LEFT)]
        for head in adoption.heads():
            columns += [Column(kind, 11, head.name) for kind in head.kinds]
        columns += [Column("合计", 12), Column("累计", 12)]
        shown = [
            [row.section.name if row.section else "合计", *map(str, row[1]), *map(str, row[2:])]
            for row in (*rows, adoption.total_of(rows))
        ]
        title = adoption.title_of(unit, month)
        _save(unit, title, "采用情况", columns, shown, [NOTE], path)


def write_items(unit: Unit, month: date, path: Path, *, reader: Staff | None = None) -> None:
    """期号 标题 采用级别 采用载体 采用时间 备注, then who reported, who joined, who else."""
    worth = ("主报单位", "采用单位", "其他单位")
    columns = [
        Column("期号", 10),
        Column("标题", 40, align=LEFT),
        Column("采用级别", 10),
        Column("采用载体", 20),
        Column("采用时间", 13),
        Column("备注", 16, align=LEFT),
    ]
    for head in worth:
        columns += [Column(head, 18), Column("分值", 8)]
    notes = [
        "采用单位为协报科室；其他单位为署名人员所在、本身没有署名的科室，不计科室分。",
        "分值为主报、协报各按细则所计，叠加和上限以前。",
    ]
    with translation.override("zh-hans"):
        title = f"{unit}{month.year}年{month.month}月信息宣传采用明细"
        _save(unit, title, "采用明细", columns, _items(unit, month, reader), notes, path)


def _items(unit: Unit, month: date, reader: Staff | None) -> list[tuple]:
    first, until = adoption.month_span(month)
    rows = WritingItem.objects.filter(
        unit=unit, state=WritingItem.State.VERIFIED, adopted_on__gte=first, adopted_on__lt=until
    )
    items = list(crediting.with_credits(rows).order_by("adopted_on", "pk"))
    scores = _scores(unit, items)
    open_to = adoption.open_to(reader)
    homes = _homes(items)
    return [_line(item, scores, open_to, homes) for item in items]


def _scores(unit: Unit, items: list[WritingItem]) -> dict[tuple[str, int], Decimal]:
    rows = PointEntry.objects.in_force().filter(
        unit=unit, section__isnull=False, source__in=[f"writing:{item.pk}" for item in items]
    )
    summed = rows.order_by().values_list("source", "section_id").annotate(sum=Sum("points"))
    return {(source, section): score for source, section, score in summed}


def _homes(items: list[WritingItem]) -> dict[int, list[SectionMembership]]:
    """Where the credited persons were, at any time: one query."""
    people = {one.person_id for item in items for one in item.credits.all() if one.person_id}
    found: dict[int, list] = {}
    for one in SectionMembership.objects.filter(staff__in=people).select_related("section"):
        found.setdefault(one.staff_id, []).append(one)
    return found


def _line(item: WritingItem, scores, open_to, homes) -> tuple:
    credits = crediting.of(item)
    named = [one for one in credits if one.section]

    def pair(role: str) -> tuple[str, str]:
        sections = [one.section for one in named if one.role == role]
        shown = [_worth(item, one, scores, open_to) for one in sections]
        return "、".join(one.name for one in sections), "、".join(shown)

    others = _others(item, credits, {one.section.pk for one in named}, homes)
    return (
        item.issue_no,
        item.title,
        item.get_level_display(),
        item.carrier,
        f"{item.adopted_on:%Y-%m-%d}",
        item.note,
        *pair(CreditRole.MAIN),
        *pair(CreditRole.JOINT),
        "、".join(others),
        "0" if others else "",
    )


def _worth(item, section: Section, scores, open_to) -> str:
    if open_to is not None and section.pk not in open_to:
        return "—"
    return points(scores.get((f"writing:{item.pk}", section.pk), 0))


def _others(item, credits, named: set[int], homes) -> list[str]:
    found: dict[int, str] = {}
    for one in credits:
        for home in homes.get(one.person.pk, ()) if one.person else ():
            ended = home.end_on is not None and home.end_on <= item.adopted_on
            if home.start_on <= item.adopted_on and not ended and home.section_id not in named:
                found[home.section_id] = home.section.name
    return list(found.values())


def _save(unit: Unit, title: str, name: str, columns, rows, notes, path: Path) -> None:
    today = clock.today()
    sheet = Sheet(
        name=name,
        title=title,
        unit=unit.name,
        day=f"{today.year}年{today.month}月{today.day}日",
        columns=columns,
        rows=rows,
        notes=notes,
        signatures=SIGNATURES,
        footers=("", ""),
    )
    save([sheet], path, title=title, made=clock.now(), each_row=lambda: None)
