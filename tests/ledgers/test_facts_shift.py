"""Days moved into another half-year: every ledger, in the order the days had."""

from datetime import date, timedelta

import pytest

from ledgers.models import (
    MonthlySummary,
    Promotion,
    StudySession,
    SupervisionNote,
    Talk,
    Task,
    WritingItem,
)
from tests.ledgers.facts_books import GOOD, row, small_unit, store

pytestmark = pytest.mark.django_db
TASK = GOOD["重点任务"]


@pytest.fixture
def w():
    return small_unit()


def later(day):
    """Half a year later; Sundays drop out, and all of 2025."""
    return None if day.isoweekday() == 7 or day.year == 2025 else day + timedelta(days=182)


def days_of(task) -> tuple:
    return task.due_on, task.extended_to, task.extension_granted_on, task.closed_on


def test_every_ledger_moves(w):
    store(w.unit, shift=later, **{sheet: [good] for sheet, good in GOOD.items() if sheet != "申报"})

    assert MonthlySummary.objects.get().month == date(2026, 9, 1)
    assert StudySession.objects.get().day == date(2026, 9, 4)
    assert Talk.objects.get().day == date(2026, 9, 2)
    assert WritingItem.objects.get().adopted_on == date(2026, 9, 2)
    assert Promotion.objects.get().promoted_on == date(2026, 9, 10)
    assert SupervisionNote.objects.get().day == date(2026, 9, 8)
    assert days_of(Task.objects.get()) == (
        date(2026, 9, 4), date(2026, 9, 18), date(2026, 9, 3), date(2026, 9, 9)
    )  # fmt: skip


def test_a_row_whose_day_drops_out_is_not_there(w):
    sunday = date(2026, 3, 8)
    said = {
        "月结": [row("月结", 月份="2025-02")],
        "学习": [row("学习", 日期=sunday)],
        "讲课": [row("讲课", 日期=sunday)],
        "信息宣传": [row("信息宣传", 采用日期=sunday)],
        "重点任务": [row("重点任务", 期限=sunday)],
        "督办": [GOOD["督办"], row("督办", 日期=sunday)],
        "创新": [row("创新", 推广日期=sunday)],
    }

    counts = store(w.unit, shift=later, **said)

    # The note goes with its task.
    assert not counts.anything and counts.total.read == 0


def test_the_same_rows_moved_elsewhere_are_other_rows(w):
    said = {sheet: [GOOD[sheet]] for sheet in ("学习", "讲课", "信息宣传", "创新", "月结")}
    store(w.unit, **said)
    counts = store(w.unit, shift=later, **said)
    assert all(count == (1, 1, 0, 0) for count in counts.values())
    assert not store(w.unit, shift=later, **said).anything


def test_only_some_sheets(w):
    said = {sheet: [GOOD[sheet]] for sheet in ("学习", "重点任务", "督办")}
    store(w.unit, **said)
    counts = store(w.unit, shift=later, only={"学习", "督办"}, **said)
    assert {sheet: count.new for sheet, count in counts.items()} == {"学习": 1, "督办": 1}
    assert Task.objects.get().due_on == date(2026, 3, 6)


def test_a_closing_on_a_day_that_drops_out_is_the_working_day_before(w):
    store(w.unit, 重点任务=[row("重点任务", 办结日期="2026-03-08")], shift=later)
    assert Task.objects.get().closed_on == date(2026, 9, 5)


def test_what_has_not_come_yet_is_open(w):
    until = date(2026, 3, 6)
    store(w.unit, 重点任务=[TASK], shift=lambda day: day if day <= until else None)
    assert days_of(Task.objects.get()) == (until, date(2026, 3, 20), date(2026, 3, 5), None)


def test_days_folded_together_keep_their_order(w):
    friday = date(2026, 3, 6)
    said = [
        TASK,
        row("重点任务", 编号="二", 延期批准日期="2026-03-06"),
        row("重点任务", 编号="三", 延期批准日期=None, 延期至=None, 办结日期=None),
    ]

    store(w.unit, 重点任务=said, shift=lambda day: friday)

    first, second, third = Task.objects.order_by("row")
    assert first.deadline == first.extended_to == date(2026, 3, 7)
    assert first.extension_granted_on == date(2026, 3, 5)
    assert second.extension_granted_on == second.deadline == friday
    assert days_of(third) == (friday, None, None, None)
