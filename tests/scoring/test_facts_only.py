"""A row of a ledger counts while it is a fact, and at no other time: no draft, nothing that waits
for another hand, nothing void. What counted and stands no more is reversed; restored it counts."""

from datetime import date

import pytest

from ledgers.models import (
    MonthlySummary,
    PointEntry,
    Promotion,
    StudySession,
    SupervisionNote,
    Talk,
    Task,
    WritingItem,
)
from scoring.actions import posting
from tests.factories import make_rule_book
from tests.ledgers.facts_books import GOOD, row, small_unit, store
from tests.scoring.test_facts import RULES

TASK = row("重点任务", 办结日期="2026-03-05", 延期至=None, 延期批准日期=None)
SHEETS = {sheet: [GOOD[sheet]] for sheet in ("月结", "学习", "讲课", "信息宣传", "创新")}
SHEETS |= {"重点任务": [TASK], "督办": [GOOD["督办"], row("督办", 事项="通报点名")]}
SHEETS["讲课"] = [row("讲课", 评分="90、90、90、90、95")]
SHEETS["信息宣传"] = [row("信息宣传", 级别="市")]
SHEETS["创新"] = [row("创新", 级别="市")]


@pytest.fixture
def unit(db, clock):
    clock.set("2026-07-15 09:00")
    made = small_unit().unit
    make_rule_book(made, in_force_from=date(2026, 1, 1), rules=RULES)
    store(made, **SHEETS)
    return made


def standing(unit) -> dict[str, int]:
    """Entries in force, by the ledger they come from."""
    posting.settle(unit, date(2026, 1, 1), date(2026, 6, 30))
    found: dict[str, int] = {}
    for source in PointEntry.objects.in_force().values_list("source", flat=True):
        ledger = source.partition(":")[0]
        found[ledger] = found.get(ledger, 0) + 1
    return found


@pytest.mark.parametrize(
    "model,fact,others,ledgers",
    [
        (MonthlySummary, "graded", ["draft", "filed", "returned"], ["summary"]),
        (StudySession, "held", ["planned", "void"], ["study"]),
        (Talk, "held", ["planned", "void"], ["talk"]),
        (WritingItem, "verified", ["draft", "filed", "returned", "void"], ["writing"]),
        (Promotion, "verified", ["draft", "filed", "returned", "void"], ["promotion"]),
        (SupervisionNote, "stands", ["void"], ["returned", "named"]),
        (Task, "closed", ["draft", "filed", "returned", "cancelled"], ["task", "returned"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_only_facts_count(unit, model, fact, others, ledgers):
    whole = standing(unit)
    assert set(whole) == {
        *("summary", "study", "talk", "writing", "promotion"),
        *("task", "returned", "named"),
    }
    for state in others:
        changes = {"state": state}
        if model is MonthlySummary:
            changes["grade"] = ""
        model.objects.update(**changes)
        left = standing(unit)
        assert left == {k: n for k, n in whole.items() if k not in ledgers}, state
        back = {"state": fact} | ({"grade": "good"} if model is MonthlySummary else {})
        model.objects.update(**back)
        assert standing(unit) == whole, state
