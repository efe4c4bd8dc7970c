"""A number opened down to its proof, on the page and on paper; what would still help."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledgers.models import PointEntry, Task, TaskHandler, WritingCredit, WritingItem
from scheme import clock as time
from scoring import distribution, outlook, queries, retelling
from scoring.actions import posting, runs
from tests.factories import (
    DECLARED_RULES,
    make_declaration,
    make_department,
    make_entry,
    make_rule_book,
    make_staff,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
RULES = [
    ("效能-基-01", "base", "person", "xiao", "基础分", "base", "10", None, None, None),
    ("笔耕-加-01", "bonus", "person", "geng", "采用", "adopted", {"city": "2", "province": "5"},
     None, "4", "15"),
    ("效能-加-01", "bonus", "person", "xiao", "办结", "task_done", "0.50", None, None, None),
    ("效能-扣-01", "deduction", "person", "xiao", "逾期", "task_overdue", "-1.50", "4.50", None,
     None),
    *DECLARED_RULES,
]  # fmt: skip


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    make_rule_book(d.unit, in_force_from=FIRST, rules=RULES)
    d.me, d.colleague = d.officers[0][1:3]
    return d


def get(client, person, name, *args, **query):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(f"scoring:{name}", args=args), query)


def adopted(d, title="简报", level="city"):
    item = WritingItem.objects.create(
        unit=d.unit, adopted_on=date(2026, 3, 6), title=title, title_key=title, level=level,
        kind="information", carrier="《每日要情》", issue_no="12", recorded_at=time.now(),
    )  # fmt: skip
    WritingCredit.objects.create(item=item, person=d.me, role="main")


def task(d, **more):
    values = {"number": "ZD-7", "title": "整顿", "difficulty": 3, "due_on": date(2026, 3, 6)} | more
    made = Task.objects.create(unit=d.unit, lead=d.one, recorded_at=time.now(), **values)
    TaskHandler.objects.create(task=made, person=d.me, role="main", share=Decimal(35))
    TaskHandler.objects.create(task=made, person=d.colleague, role="joint", share=Decimal(65))


def told(d, prefix, reader=None) -> dict[str, str]:
    posting.settle(d.unit, FIRST, LAST)
    entry = PointEntry.objects.filter(person=d.me, source__startswith=prefix).get()
    return dict(retelling.tell(entry, reader or d.me, counted=entry.points, why=""))


def test_an_adopted_item_tells_where_and_as_what(d):
    adopted(d, level="province")
    pairs = told(d, "writing:")
    assert pairs["题目"] == "简报" and pairs["载体"] == "《每日要情》　12"
    assert (pairs["级别"], pairs["角色"], pairs["计入季度"]) == ("省", "主报", "2026Q1")


def test_a_finished_task_tells_how_its_points_come_about(d):
    task(d, closed_on=date(2026, 3, 5))
    pairs = told(d, "task:")
    assert pairs["任务"] == "ZD-7　整顿" and pairs["折算"] == "主办，难度3，份额35%"
    assert pairs["分值"] == "+0.53" and pairs["办结"] == "2026年3月5日"


def test_a_late_task_tells_how_late(d):
    task(d, closed_on=date(2026, 3, 11))
    pairs = told(d, "task:")
    assert pairs["逾期"] == "3个工作日" and pairs["分值"] == "−2.25"


def test_a_declared_line_tells_its_document_and_its_people(d, client):
    line = make_declaration(
        d.me, state="confirmed", rule_code="勤学-加-02", level="city", quantity=2,
        document_on=date(2026, 3, 6), filed_by=d.me, checked_by=d.chiefs[0],
        verified_by=d.personnel[0],
    )  # fmt: skip
    pairs = told(d, "declared:")
    assert pairs["文件"].startswith(line.document_no) and pairs["数量"] == "2"
    people = (pairs["申报"], pairs["初核"], pairs["核验"])
    assert people == (d.me.name, d.chiefs[0].name, d.personnel[0].name)
    entry = PointEntry.objects.get(source=f"declared:{line.pk}")
    page = get(client, d.me, "points_mine", star="xue", rule="勤学-加-02", entry=entry.pk)
    assert reverse("scoring:declaration_detail", args=[line.pk]) in page.content.decode()
    paper = get(client, d.me, "points_print", d.me.pk).content.decode()
    assert f"文件 {pairs['文件']}" in paper and f"核验 {d.personnel[0].name}" in paper
    # Who may read points, but not the line itself, gets no link.
    stranger = make_staff(section=d.two)
    assert retelling.link_of(entry, stranger) is None


def queries_of(client, d, name, *args) -> int:
    """Of a page for somebody who has signed in already."""
    get(client, d.me, name, *args)
    with CaptureQueriesContext(connection) as found:
        client.get(reverse(f"scoring:{name}", args=args))
    return len(found)


def test_one_printed_page_holds_every_entry(client, d):
    adopted(d)
    task(d, closed_on=date(2026, 3, 11))
    posting.settle(d.unit, FIRST, LAST)
    text = get(client, d.me, "points_print", d.me.pk).content.decode()
    assert "简报" in text and "ZD-7 整顿" in text and "本人签字" in text and "效能-加-01" in text
    few = queries_of(client, d, "points_print", d.me.pk)
    for n in range(30):
        make_entry(d.me, "-0.01", date(2026, 1, 5 + n % 20), star="xiao", rule_code="效能-扣-01")
    assert queries_of(client, d, "points_print", d.me.pk) == few <= 18
    assert client.get(reverse("scoring:points_print", args=[d.me.pk])).content.count(b"<tr") > 30


def test_a_section_prints_without_its_peoples_names(client, d):
    posting.settle(d.unit, FIRST, LAST)
    text = get(client, d.me, "points_section_print", d.one.pk).content.decode()
    assert d.one.name in text and "本人签字" not in text
    assert d.colleague.name not in text


def test_before_any_rules_the_paper_says_so(client, d):
    page = get(client, d.me, "points_print", d.me.pk, half="2025H2")
    assert page.status_code == 200 and "这个半年没有积分" in page.content.decode()


# --- What would still help


def ahead(d, person=None):
    person = person or d.me
    posting.settle(d.unit, FIRST, LAST)
    book = queries.book_for(d.unit, "2026H1")
    lines = queries.scorecard_of(person, half="2026H1")
    counted = queries.counted_entries(book, "2026H1", person=person)
    return outlook.look_ahead(lines, counted, book=book, half="2026H1", person=person)


def test_room_under_the_caps(d):
    found = {one.code: one for one in ahead(d).chances}
    assert found["笔耕-加-01"].room == 8  # twice the quarter's cap is nearer than the half-year's
    assert found["效能-加-01"].room is None and "效能-加-12" not in found
    adopted(d, "甲", "province")
    adopted(d, "乙", "province")
    found = {one.code: one for one in ahead(d).chances}
    assert (found["笔耕-加-01"].counted, found["笔耕-加-01"].room) == (4, 4)
    assert found["笔耕-加-01"].worth == "市+2.0、省+5.0"


def test_a_full_rule_comes_last(d):
    make_entry(d.me, "15", date(2026, 1, 5), star="geng", kind="bonus", rule_code="笔耕-加-01")
    make_entry(d.me, "15", date(2026, 4, 5), star="geng", kind="bonus", rule_code="笔耕-加-01")
    chances = ahead(d).chances
    assert chances[-1].code == "笔耕-加-01" and chances[-1].is_full


@pytest.mark.parametrize(
    ("lost", "word", "failed"),
    [("-7.49", None, None), ("-7.50", "只剩2.5", False), ("-10", "已经扣完", True)],
)
def test_a_base_that_runs_out_is_told_early(d, lost, word, failed):
    make_entry(d.me, lost, date(2026, 3, 5), star="xiao", rule_code="手工")
    warnings = ahead(d).warnings
    if word is None:
        assert warnings == []
    else:
        assert word in warnings[0].text and warnings[0].failed is failed


def test_a_late_open_task_is_told_before_it_is_posted(d):
    task(d, extended_to=date(2026, 4, 16), extension_granted_on=date(2026, 3, 2))
    assert "ZD-7已逾期2个工作日" in ahead(d).warnings[0].text
    # Who only helps is not charged.
    assert ahead(d, d.colleague).warnings == []


def test_a_rest_day_after_the_deadline_is_no_delay(d, clock):
    task(d, due_on=date(2026, 4, 17))
    clock.set("2026-04-19 09:00")
    assert ahead(d).warnings == []


def test_lines_that_lie_about_are_told(d):
    make_declaration(d.me, state="returned", document_on=date(2026, 3, 6), matter="甲")
    make_declaration(d.me, state="draft", document_on=date(2026, 3, 6), matter="乙")
    texts = [one.text for one in ahead(d).warnings]
    assert any("被退回" in text for text in texts) and any("还是草稿" in text for text in texts)


def test_the_cap_on_all_bonuses_is_told(d):
    for n, star in enumerate(("xue", "geng")):
        make_entry(d.me, "12", date(2026, 3, 5), star=star, kind="bonus", rule_code=f"手工-{n}")
    assert "已到加分总上限20" in ahead(d).warnings[0].text


def test_nothing_is_foretold_of_a_half_year_that_is_over(d, clock):
    clock.set("2026-07-01 09:00")
    assert ahead(d) is None


def test_the_page_says_it_all_in_few_queries(client, d):
    task(d)
    make_declaration(d.me, state="returned", document_on=date(2026, 3, 6))
    posting.settle(d.unit, FIRST, LAST)
    runs.score(d.unit, "2026H1", by=None)
    few = queries_of(client, d, "points_mine")
    text = client.get(reverse("scoring:points_mine")).content.decode()
    assert "还能做什么" in text and "ZD-7" in text
    for n in range(30):
        task(d, number=f"ZD-1{n}")
        make_declaration(d.me, state="returned", document_on=date(2026, 3, 6))
    assert queries_of(client, d, "points_mine") == few <= 24


# --- Where one stands


def test_the_bars_count_everybody_and_mark_oneself(d):
    posting.settle(d.unit, FIRST, LAST)
    make_entry(d.me, "7.30", date(2026, 3, 5), star="geng", kind="bonus", rule_code="手工")
    run = runs.score(d.unit, "2026H1", by=None)
    own = queries.scorecard_of(d.me, half="2026H1")[-1]
    bars = distribution.bars_of(run, None, persons=True, own=own.score)
    assert sum(bar.count for bar in bars) == own.pool
    mine = [bar for bar in bars if bar.own]
    assert len(mine) == 1 and mine[0].low <= own.score < mine[0].high


def test_few_are_not_drawn(d):
    posting.settle(d.unit, FIRST, LAST)
    run = runs.score(d.unit, "2026H1", by=None)
    assert distribution.bars_of(run, None, persons=False, own=Decimal(0)) == []
