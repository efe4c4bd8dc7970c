"""Every way in which a row cannot be read: told with sheet, row and column, and nothing stored."""

from datetime import date, datetime, timedelta

import pytest

from ledgers.imports import workbook
from ledgers.imports.roll import Reading, Roll
from ledgers.models import DailyReport, StudySession
from scheme.imports.sheets import open_book
from scheme.models import AuditEntry
from tests.ledgers.facts_books import (
    GOOD,
    HEADS,
    file_of,
    places,
    problems,
    read,
    row,
    small_unit,
)

pytestmark = pytest.mark.django_db
SHEETS = [name for name in GOOD if name != "申报"]
PEOPLE = [("日报", "工号"), ("请假", "工号"), ("学习", "缺席工号"), ("讲课", "工号"),
          ("信息宣传", "主报"), ("信息宣传", "协报"), ("创新", "人员")]  # fmt: skip
SECTIONS = [("月结", "科室"), ("信息宣传", "主报科室"), ("信息宣传", "协报科室"),
            ("重点任务", "牵头科室"), ("重点任务", "配合科室"), ("督办", "科室"),
            ("创新", "科室")]  # fmt: skip
DAYS = [("日报", "日期"), ("请假", "开始日期"), ("请假", "结束日期"), ("学习", "日期"),
        ("讲课", "日期"), ("信息宣传", "采用日期"), ("重点任务", "期限"), ("重点任务", "延期至"),
        ("重点任务", "延期批准日期"), ("重点任务", "办结日期"), ("督办", "日期"),
        ("创新", "推广日期")]  # fmt: skip
WORDS = [("日报", "等次"), ("请假", "类别"), ("月结", "等次"), ("信息宣传", "类型"),
         ("信息宣传", "级别"), ("督办", "事项"), ("创新", "级别")]  # fmt: skip
TEXTS = [("日报", "今日完成"), ("日报", "明日计划"), ("学习", "主题"), ("讲课", "题目"),
         ("信息宣传", "标题"), ("信息宣传", "载体"), ("信息宣传", "期号"), ("重点任务", "编号"),
         ("重点任务", "任务"), ("督办", "说明"), ("创新", "项目")]  # fmt: skip
OPTIONAL = {
    "日报": {"提交时间", "今日完成", "明日计划", "等次"},
    "请假": {"结束日期"},
    "月结": {"等次"},
    "学习": {"缺席工号"},
    "讲课": {"评分"},
    "信息宣传": {"载体", "期号", "主报", "协报", "主报科室", "协报科室"},
    "重点任务": {"配合科室", "延期至", "延期批准日期", "办结日期", "协办"},
    "督办": {"任务编号", "科室", "说明"},
    "创新": {"人员", "科室"},
}
REQUIRED = [(s, head) for s in SHEETS for head in HEADS[s] if head not in OPTIONAL[s]]


WRONG = [
    *[(sheet, head, number) for sheet, head in PEOPLE for number in ("ZC998", "zc001")],
    *[("重点任务", head, "ZC998:33.4") for head in ("主办", "协办")],
    *[(sheet, head, "干部九科") for sheet, head in SECTIONS],
    *[
        (sheet, head, value)
        for sheet, head in DAYS
        for value in ("2026-02-30", "3月5日", 46086, datetime(2026, 3, 5, 9))
    ],
    *[(sheet, head, "优") for sheet, head in WORDS],
    *[(sheet, head, "长" * 1001) for sheet, head in TEXTS],
    *[(sheet, head, value) for sheet, head in REQUIRED for value in (None, " 无 ", "／")],
    *[(sheet, head, "=1+1") for sheet in SHEETS for head in HEADS[sheet]],
    *[("讲课", "评分", value) for value in ("90、100.5", "90、-1", "九十", "9、1.123456789")],
    *[("重点任务", "难度", value) for value in (0, 6, 2.5, "高")],
    ("重点任务", "主办", "ZC001:0、ZC002:66.6"),
    ("重点任务", "主办", "ZC001:-1、ZC002:67.6"),
    ("重点任务", "主办", "ZC001、ZC002:66.6"),
    ("重点任务", "主办", "ZC001:66.7"),
    ("重点任务", "主办", "ZC001:9999999999999"),
    ("重点任务", "主办", "ZC001:33.3、ZC001:33.3"),
    ("重点任务", "协办", "ZC002:33.4"),
    ("重点任务", "延期至", "2026-03-06"),
    ("重点任务", "延期至", "2026-03-01"),
    ("请假", "结束日期", "2026-03-04"),
    ("日报", "提交时间", "2025-12-31 23:59:59"),
    ("日报", "提交时间", "25:00"),
    ("日报", "提交时间", "2026-03-05"),
    ("月结", "月份", "2026-13"),
    ("月结", "月份", 2026),
    ("月结", "月份", "3月"),
    ("督办", "任务编号", "2026-ZD-999"),
    ("督办", "任务编号", None),
]


@pytest.fixture
def w():
    return small_unit()


def with_task(sheet, *rows) -> dict:
    """The rows, beside the task that notes of supervision name."""
    return ({} if sheet == "重点任务" else {"重点任务": [GOOD["重点任务"]]}) | {sheet: list(rows)}


def numbered(sheet, n: int, **cells) -> dict:
    """A good row with these cells, unlike the others of its sheet."""
    first = date(2026, 1, 1) + timedelta(n)
    apart = {
        "日报": {"日期": first},
        "月结": {"月份": f"{2027 + n // 12}-{n % 12 + 1}"},
        "重点任务": {"编号": f"2027-ZD-{n}"},
    }
    return row(sheet, **(apart.get(sheet, {}) | cells))


def wrong(w, sheet, column, value) -> list:
    return problems(w.unit, **with_task(sheet, numbered(sheet, 0, **{column: value})))


def test_the_good_rows_are_good(w):
    assert not problems(w.unit, **{sheet: [GOOD[sheet]] for sheet in SHEETS})


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_wrong_cell_is_told_where_it_stands(w, sheet):
    cells = [(column, value) for one, column, value in WRONG if one == sheet]
    rows = [numbered(sheet, n, **{column: value}) for n, (column, value) in enumerate(cells)]

    facts = read(w.unit, **with_task(sheet, *rows))

    told = [(one.row, one.column) for one in facts.problems]
    assert told == [(3 + n, column) for n, (column, _value) in enumerate(cells)]
    assert {one.sheet for one in facts.problems} == {sheet}
    assert all(one.reason for one in facts.problems)


def test_what_is_unknown_is_named(w):
    facts = read(
        w.unit, 学习=[row("学习", 缺席工号="ZC998、ZC001、ZC999")], 月结=[row("月结", 科室="九科")]
    )
    reasons = [one.reason for one in facts.problems]
    assert "九科" in reasons[0] and "ZC998、ZC999" in reasons[1]


@pytest.mark.parametrize("sheet", SHEETS)
def test_cells_that_may_be_empty(w, sheet):
    empty = dict.fromkeys(OPTIONAL[sheet])
    if sheet == "督办":
        empty["事项"] = "催办"
    if sheet == "重点任务":
        empty["主办"] = "ZC001:100"
    assert not problems(w.unit, **with_task(sheet, row(sheet, **empty)))


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_merged_cell_among_the_data(w, sheet):
    def merge(made):
        made[sheet].merge_cells("A3:A4")

    data = file_of(with_task(sheet, GOOD[sheet], GOOD[sheet]), change=merge)
    facts = workbook.read(open_book(data), Reading(Roll.of(w.unit)))
    head = HEADS[sheet][0]
    assert places(facts) == [(sheet, 3, head), (sheet, 4, head)]


def test_a_naming_needs_its_section(w):
    said = row("督办", 事项="通报点名", 任务编号=None, 科室=None)
    assert problems(w.unit, 督办=[said]) == [("督办", 3, "科室")]


def test_shares_of_both_columns_make_a_hundred(w):
    assert not wrong(w, "重点任务", "协办", "ZC003:30、ZC900:3.4")
    assert wrong(w, "重点任务", "协办", None) == [("重点任务", 3, "主办")]


@pytest.mark.parametrize(
    "sheet, changes, column",
    [
        ("日报", {"日期": date(2026, 3, 5), "工号": "ZC００1", "提交时间": "18:00"}, "工号"),
        ("月结", {"月份": "2026年3月", "科室": " 干部 一科"}, "科室"),
        ("重点任务", {"编号": "2026-ZD-００1", "任务": "别的"}, "编号"),
    ],
)
def test_a_second_row_for_the_same(w, sheet, changes, column):
    facts = read(w.unit, **{sheet: [GOOD[sheet], row(sheet, **changes)]})
    assert places(facts) == [(sheet, 4, column)]
    assert "3" in facts.problems[0].reason


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_column_that_is_missing(w, sheet):
    missing = next(head for head in HEADS[sheet] if head in dict(REQUIRED).values())
    heads = {sheet: [head for head in HEADS[sheet] if head != missing]}
    data = file_of({sheet: [GOOD[sheet]]}, heads=heads)
    facts = workbook.read(open_book(data), Reading(Roll.of(w.unit)))
    assert places(facts) == [(sheet, 2, missing)]


def test_a_ledger_of_tasks_that_cannot_be_read_is_told_once(w):
    heads = {"重点任务": HEADS["重点任务"][:-2], "督办": HEADS["督办"]}
    data = file_of({"重点任务": [GOOD["重点任务"]], "督办": [GOOD["督办"]]}, heads=heads)
    facts = workbook.read(open_book(data), Reading(Roll.of(w.unit)))
    assert places(facts) == [("重点任务", 2, "主办"), ("重点任务", 2, "协办")]


def test_control_signs_are_told_and_not_quoted(w):
    # A workbook cannot hold most of them; some writers escape them.
    told = wrong(w, "学习", "主题", "条例_x0007_学习") + wrong(w, "督办", "任务编号", "一_x0001_")
    assert ("督办", 3, "任务编号") in told


def test_no_sheet_at_all_and_two_of_a_name(w):
    facts = workbook.read(
        open_book(file_of({"花名册": []}, heads={"花名册": ["工号"]})), Reading(Roll.of(w.unit))
    )
    assert places(facts) == [("花名册", 0, "")] and "日报" in facts.problems[0].reason
    twice = file_of({"学习": [], "学习 ": []}, heads=HEADS | {"学习 ": HEADS["学习"]})
    facts = workbook.read(open_book(twice), Reading(Roll.of(w.unit)))
    assert places(facts) == [("学习", 0, "")]


def test_one_wrong_cell_and_nothing_is_stored(w):
    facts = read(w.unit, 日报=[GOOD["日报"]], 学习=[GOOD["学习"], row("学习", 缺席工号="ZC998")])

    with pytest.raises(workbook.Unreadable, match="学习第4行") as caught:
        workbook.store(facts, w.unit, by=None)

    assert caught.value.problems == facts.problems
    assert not DailyReport.objects.exists() and not StudySession.objects.exists()
    assert not AuditEntry.objects.exists()


def test_notes_end_the_table_and_blank_rows_do_not(w):
    rows = [GOOD["学习"], {}, row("学习", 日期="2026-03-13"), ["注：缺席另附"], {"日期": "乱写"}]
    facts = read(w.unit, 学习=rows)
    assert not facts.problems
    assert [record.row for record in facts.rows["学习"]] == [3, 5]
