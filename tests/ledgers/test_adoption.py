"""The month's table: sections by level and kind, the month and the year so far."""

from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from ledgers import adoption, adoption_sheets
from ledgers.actions import writing
from ledgers.models import PointEntry
from tests.factories import make_entry, make_section
from tests.ledgers.writing_world import draft, filed, person, prove, section, verified, world


@pytest.fixture
def d(db, clock):
    clock.set("2026-03-31 17:30")
    d = world()
    both = [person(d.author), section(d.one), section(d.two, "joint")]
    d.march = verified(d.author, checker=d.office_two, credits=both)
    d.province = verified(
        d.author, checker=d.office_two, credits=both, title="第二篇", level="province",
        kind="publicity", carrier="省报", issue_no="", note="头版",
    )  # fmt: skip
    d.january = verified(
        d.author, checker=d.office_two, credits=both, title="第三篇", adopted_on=date(2026, 1, 5)
    )
    d.old = verified(
        d.author, checker=d.office_two, credits=both, title="去年", adopted_on=date(2025, 12, 31)
    )
    own = verified(d.author, checker=d.office_two, title="只署个人")
    assert own.state == "verified"
    filed(d.author, title="还没核实", credits=both)
    for item, points in ((d.march, 2), (d.province, 5), (d.january, 2), (d.old, 9)):
        source, day = f"writing:{item.pk}", item.adopted_on
        make_entry(d.one, points, day, star="geng", source=source, rule_code="笔耕-加-11")
        make_entry(d.two, "0.5", day, star="geng", source=source, rule_code="笔耕-加-11")
    return d


def row(rows, one):
    return next(row for row in rows if row.section == one)


def test_the_table(d, django_assert_num_queries):
    make_section(d.unit, "撤了的科", closed_on=date(2026, 3, 1))
    fresh = make_section(d.unit, "后撤的科", closed_on=date(2026, 3, 2))
    with django_assert_num_queries(3):
        rows = adoption.table(d.unit, date(2026, 3, 15))
    assert [one.section for one in rows] == [d.one, d.two, d.office, fresh]
    first = row(rows, d.one)
    cells = dict(zip(adoption.COLUMNS, first.cells, strict=True))
    assert str(cells["city", "information"]) == "1/2.0"
    assert str(cells["province", "publicity"]) == "1/5.0"
    assert [str(cell) for cell in first.cells].count("") == 6
    assert (first.total, first.running) == ((2, Decimal(7)), (3, Decimal(9)))
    assert row(rows, d.office).running.count == 0
    total = adoption.total_of(rows)
    assert total.section is None and total.total == (4, Decimal(8))
    assert str(total.running) == "6/10.5"
    assert len(adoption.heads()) == 4 and adoption.month_span(date(2026, 12, 5)) == (
        date(2026, 12, 1),
        date(2027, 1, 1),
    )


def test_what_is_reversed_or_void_is_out(d):
    entry = PointEntry.objects.get(section=d.one, source=f"writing:{d.march.pk}")
    make_entry(
        d.one, -2, d.march.adopted_on, star="geng", kind="bonus", source=entry.source,
        rule_code=entry.rule_code, reverses=entry,
    )  # fmt: skip
    first = row(adoption.table(d.unit, date(2026, 3, 1)), d.one)
    assert first.total == (2, Decimal(5))
    writing.void(d.march.pk, version=d.march.version, reason="x", by=d.office_one)
    assert row(adoption.table(d.unit, date(2026, 3, 1)), d.one).total == (1, Decimal(5))


def test_scores_are_shown_to_whom_they_are_open(d):
    month = date(2026, 3, 1)
    seen = adoption.table(d.unit, month, reader=d.author)
    assert str(row(seen, d.one).total) == "2/7.0" and str(row(seen, d.two).total) == "2"
    assert adoption.total_of(seen).total == (4, None)
    # Who drafts the circular, and the committee, see all.
    for reader in (d.office_one, d.supervisor, d.chair):
        rows = adoption.table(d.unit, month, reader=reader)
        assert str(row(rows, d.two).total) == "2/1.0", reader


def test_the_workbooks(d, tmp_path):
    item = draft(d.mate, credits=[person(d.mate), section(d.two)], title="=1+1", carrier="载")
    prove(item)
    item = writing.file(item.pk, by=d.mate)
    writing.verify(item.pk, version=item.version, by=d.office_two)
    month = date(2026, 3, 1)
    path = tmp_path / "table.xlsx"
    adoption_sheets.write_table(d.unit, month, path)
    sheet = openpyxl.load_workbook(path).active
    cells = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert "2026年3月信息宣传采用情况" in cells[0][0]
    assert cells[2][1] == "国家" and cells[3][1:3] == ["信息", "宣传"]
    assert next(line for line in cells if line[0] == "干部一科")[-2:] == ["2/7.0", "3/9.0"]
    assert any(line[0] == "合计" for line in cells)
    adoption_sheets.write_items(d.unit, month, path, reader=d.author)
    sheet = openpyxl.load_workbook(path).active
    cells = [[cell.value or "" for cell in line] for line in sheet.iter_rows()]
    assert cells[2] == [
        *("期号", "标题", "采用级别", "采用载体", "采用时间", "备注"),
        *("主报单位", "分值", "采用单位", "分值", "其他单位", "分值"),
    ]
    lines = {line[1]: line for line in cells[4:]}
    first = lines["探索干部监督新机制"]
    assert first[0] == "第12期" and first[6:10] == ["干部一科", "2.0", "组织二科", "—"]
    assert lines["第二篇"][5] == "头版"
    # Who is credited alone is named by the section, which is not credited.
    assert lines["只署个人"][6:] == ["", "", "", "", "干部一科", "0"]
    assert lines["=1+1"][10] == "干部一科", "what looks like a formula is text"
    assert "还没核实" not in lines
