"""What each sheet of a facts workbook becomes, read once, twice and corrected."""

from datetime import date
from decimal import Decimal

import pytest

from ledgers.imports import workbook
from ledgers.imports.roll import Reading, Roll
from ledgers.models import (
    DailyReport,
    MonthlySummary,
    Promotion,
    StudySession,
    SupervisionNote,
    Talk,
    Task,
    WritingItem,
)
from scheme.imports.sheets import open_book
from scheme.models import AuditEntry
from tests.factories import make_unit
from tests.ledgers.facts_books import (
    GOOD,
    HEADS,
    file_of,
    problems,
    read,
    row,
    small_unit,
    store,
)

pytestmark = pytest.mark.django_db
SHEETS = [name for name in GOOD if name != "申报"]


@pytest.fixture
def w():
    return small_unit()


def credits(thing) -> set:
    return {
        (one.person and one.person.staff_no, one.section and one.section.name)
        + ((one.role,) if hasattr(one, "role") else ())
        for one in thing.credits.all()
    }


def test_all_sheets_at_once_and_again(w):
    sheets = {name: [GOOD[name]] for name in SHEETS}

    counts = store(w.unit, by=w.a, **sheets)

    assert list(counts) == SHEETS and all(count == (1, 1, 0, 0) for count in counts.values())
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.actor, entry.unit) == ("facts.import", w.a, w.unit)
    assert entry.after["学习"] == {"read": 1, "new": 1, "changed": 0, "known": 0}
    again = store(w.unit, by=w.a, **sheets)
    assert all(count == (1, 0, 0, 1) for count in again.values()) and not again.anything
    assert AuditEntry.objects.count() == 1


def test_a_monthly_summary(w):
    said = [
        row("月结"),
        row("月结", 月份=2026.4, 等次="较好"),
        row("月结", 月份=date(2026, 5, 9), 等次=None),
    ]

    store(w.unit, 月结=said)

    stored = list(MonthlySummary.objects.order_by("month").values_list("month", "grade", "row"))
    assert stored == [
        (date(2026, 3, 1), "good", 3),
        (date(2026, 4, 1), "fair", 4),
        (date(2026, 5, 1), "", 5),
    ]
    counts = store(w.unit, 月结=[row("月结", 月份="2026年3月", 等次="较差")])
    assert counts["月结"] == (1, 0, 1, 0)
    assert MonthlySummary.objects.get(month="2026-03-01").grade == "poor"
    assert MonthlySummary.objects.count() == 3
    entry = AuditEntry.objects.get(act="facts.correct")
    assert (entry.before, entry.after) == ({"grade": "good"}, {"grade": "poor"})


def test_who_missed_a_session_may_be_corrected(w):
    store(w.unit, 学习=[row("学习", 缺席工号="ZC003、ZC001、、ZC003、无")])

    session = StudySession.objects.get()
    assert (session.day, session.topic) == (date(2026, 3, 6), "条例学习")
    assert {one.staff_no for one in session.missed_by.all()} == {"ZC001", "ZC003"}
    counts = store(w.unit, 学习=[row("学习", 日期="2026年3月6日", 主题=" 条例学习 ", 缺席工号="/")])
    assert counts["学习"] == (1, 0, 1, 0)
    assert not StudySession.objects.get().missed_by.exists()
    entry = AuditEntry.objects.get(act="facts.correct")
    assert (entry.before, entry.after) == ({"missed": ["ZC003", "ZC001"]}, {"missed": []})


def test_two_sessions_of_a_day_and_topic_are_two(w):
    twice = [row("学习"), row("学习", 缺席工号=None)]

    assert store(w.unit, 学习=twice)["学习"] == (2, 2, 0, 0)
    assert store(w.unit, 学习=twice)["学习"] == (2, 0, 0, 2)
    assert store(w.unit, 学习=[*twice, row("学习")])["学习"] == (3, 1, 0, 2)


def test_the_order_of_a_list_is_no_correction(w):
    store(w.unit, 学习=[row("学习", 缺席工号="ZC003、ZC001")])
    assert not store(w.unit, 学习=[row("学习", 缺席工号="ZC001、ZC003")]).anything


def test_every_rating_counts_and_none_tells_who_gave_it(w):
    store(w.unit, 讲课=[row("讲课", 评分="95.5、90、 90、９０")])

    talk = Talk.objects.get()
    assert (talk.speaker, talk.title) == (w.a, "怎样写信息")
    assert talk.ratings == [90, 90, 90, Decimal("95.5")]
    assert not store(w.unit, 讲课=[row("讲课", 评分="90、90.0、90、95.50")]).anything
    assert store(w.unit, 讲课=[row("讲课", 评分=None)])["讲课"].changed == 1
    assert Talk.objects.get().ratings == []
    assert AuditEntry.objects.get(act="facts.correct").before == {
        "ratings": ["90", "90", "90", "95.5"]
    }


def test_an_item_with_its_credits(w):
    said = row("信息宣传", 主报="ZC002、ZC900", 协报="ZC002、ZC003", 主报科室="组织 二科、干部一科",
               协报科室="干部一科")  # fmt: skip

    store(w.unit, 信息宣传=[said])

    item = WritingItem.objects.get()
    assert (item.title, item.title_key) == ("“三抓三促”", "三抓三促")
    assert (item.kind, item.level, item.carrier, item.issue_no) == (
        "information", "city", "《每日要情》", "35"
    )  # fmt: skip
    assert credits(item) == {
        ("ZC002", None, "main"), ("ZC900", None, "main"), ("ZC003", None, "joint"),
        (None, "组织二科", "main"), (None, "干部一科", "main"),
    }  # fmt: skip
    counts = store(w.unit, 信息宣传=[said | {"类型": "宣传", "协报": None}])
    assert counts["信息宣传"] == (1, 0, 1, 0)
    item.refresh_from_db()
    assert item.kind == "publicity" and ("ZC003", None, "joint") not in credits(item)
    assert store(w.unit, 信息宣传=[said | {"期号": "第36期"}])["信息宣传"] == (1, 1, 0, 0)


def test_a_task_with_its_shares(w):
    store(w.unit, 重点任务=[row("重点任务", 主办="ZC001：33.3%、 ZC900:33.3")])

    task = Task.objects.get()
    assert (task.number, task.lead, task.difficulty) == ("2026-ZD-001", w.one, 3)
    assert list(task.supporting.all()) == [w.two]
    assert (task.due_on, task.extended_to) == (date(2026, 3, 6), date(2026, 3, 20))
    assert (task.extension_granted_on, task.closed_on) == (date(2026, 3, 5), date(2026, 3, 11))
    assert set(task.handlers.values_list("person__staff_no", "role", "share")) == {
        ("ZC001", "main", Decimal("33.3")), ("ZC900", "main", Decimal("33.3")),
        ("ZC003", "joint", Decimal("33.4")),
    }  # fmt: skip


def test_a_task_is_known_by_its_number_and_all_else_may_be_corrected(w):
    store(w.unit, 重点任务=[row("重点任务", 办结日期=None)])
    said = row(
        "重点任务", 编号="２０２６-ＺＤ-００１", 牵头科室="组织二科", 难度="５", 主办="ZC001:66.6"
    )

    assert store(w.unit, 重点任务=[said])["重点任务"] == (1, 0, 1, 0)

    task = Task.objects.get()
    assert (task.lead, task.difficulty, task.closed_on) == (w.two, 5, date(2026, 3, 11))
    assert task.handlers.count() == 2 and list(task.supporting.all()) == [w.two]
    entry = AuditEntry.objects.get(act="facts.correct")
    assert entry.before == {
        "lead_id": "干部一科",
        "difficulty": 3,
        "closed_on": None,
        "handlers": ["ZC001 main 33.3", "ZC002 main 33.3", "ZC003 joint 33.4"],
    }
    assert entry.after["closed_on"] == "2026-03-11" and entry.after["lead_id"] == "组织二科"


def test_a_column_that_is_not_there_says_nothing(w):
    store(w.unit, 重点任务=[row("重点任务")], 日报=[row("日报", 明日计划="接着核稿")])
    heads = {
        "重点任务": [head for head in HEADS["重点任务"] if head != "配合科室"],
        "日报": ["日期", "工号", "提交时间", "等次"],
    }
    data = file_of({"重点任务": [row("重点任务")], "日报": [row("日报")]}, heads=heads)

    facts = workbook.read(open_book(data), Reading(Roll.of(w.unit)))

    assert not facts.problems
    assert not workbook.store(facts, w.unit, by=None).anything
    assert list(Task.objects.get().supporting.all()) == [w.two]
    assert DailyReport.objects.get().plan == "接着核稿"


def test_what_supervision_noted(w):
    said = [
        row("督办", 任务编号="２０２６-ZD-001 "),
        row("督办", 事项="催办", 科室=None, 说明="发催办单"),
        row("督办", 事项="通报点名", 任务编号=None),
    ]

    store(w.unit, 重点任务=[row("重点任务")], 督办=said)

    notes = SupervisionNote.objects.order_by("row").values_list("kind", "task__number", "section")
    assert list(notes) == [
        ("returned", "2026-ZD-001", w.one.pk),
        ("pressed", "2026-ZD-001", None),
        ("named", None, w.one.pk),
    ]
    # The task is in the ledger by now: a workbook of notes alone may name it.
    assert store(w.unit, 督办=[*said, said[0]])["督办"] == (4, 1, 0, 3)


def test_a_promotion_with_its_credits(w):
    store(w.unit, 创新=[row("创新", 人员="ZC００1、ZC001、ZC003", 科室="干部一科、 组织二科")])

    promotion = Promotion.objects.get()
    assert (promotion.level, promotion.project_key) == ("province", "红色议事厅")
    assert credits(promotion) == {
        ("ZC001", None), ("ZC003", None), (None, "干部一科"), (None, "组织二科")
    }  # fmt: skip
    assert store(w.unit, 创新=[row("创新", 人员="ZC002")])["创新"] == (1, 0, 1, 0)
    assert credits(promotion) == {("ZC002", None), (None, "干部一科")}
    assert store(w.unit, 创新=[row("创新", 级别="国家")])["创新"] == (1, 1, 0, 0)


def test_rows_that_are_not_there_any_more_stay(w):
    store(w.unit, 创新=[row("创新"), row("创新", 项目="别的")])
    store(w.unit, 创新=[row("创新")])
    assert Promotion.objects.count() == 2


def test_absent_sheets_count_as_empty_as_long_as_one_is_there(w):
    facts = read(w.unit, 创新=[row("创新")])
    assert not facts.problems and facts.absent == [name for name in SHEETS if name != "创新"]
    assert list(facts.rows) == ["创新"]


def test_two_units_do_not_know_each_other(w):
    store(w.unit, 重点任务=[row("重点任务")])
    other = make_unit()

    assert problems(other, 重点任务=[row("重点任务", 配合科室=None)]) == [
        ("重点任务", 3, "牵头科室"),
        ("重点任务", 3, "主办"),
        ("重点任务", 3, "主办"),
        ("重点任务", 3, "协办"),
    ]
    assert problems(other, 督办=[row("督办", 科室=None)]) == [("督办", 3, "任务编号")]
