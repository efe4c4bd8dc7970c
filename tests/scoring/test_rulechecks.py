"""Every check explains itself: what it finds, what it lets pass, whether it blocks."""

from decimal import Decimal

import pytest

from scoring import rulechecks
from scoring.actions import rulebooks
from scoring.imports import rules
from scoring.models import Rule, RuleBook, Tier
from tests.factories import make_department
from tests.scoring.test_rulebooks import SETTINGS
from tests.scoring.test_rules_import import FILE

N = Decimal


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-15 09:00")
    return make_department()


def tier(points="1", level="", role="", enabled=True, clause="第一条") -> dict:
    return {"level": level, "role": role, "points": N(points), "enabled": enabled, "clause": clause}


def rule(code="加", **more) -> dict:
    """A bonus declared, without anything to find in it."""
    common = {"kind": "bonus", "subject": "person", "star_id": "ye", "title": "专项工作"}
    caps = {"cap_item": None, "cap_quarter": None, "cap_half": None, "stacking": "all"}
    own = {"code": code, "trigger": "declared", "tiers": [tier()]}
    return common | caps | own | more


BASE = rule("基", kind="base", title="基础分", trigger="base", tiers=[tier("10")])
CUT = rule("扣", kind="deduction", title="失实", tiers=[tier("-1")])


def found(d, *rows, base=True, **settings) -> list[tuple]:
    """(code, blocking, text) of everything found beside a base rule."""
    rows = [BASE, *rows] if base else list(rows)
    content = rulebooks.Content("细则", SETTINGS | settings, rows)
    pk = rulebooks.propose(d.unit, content, by=d.personnel[0]).pk
    book = RuleBook.objects.get(pk=pk)
    return [(f.code, f.blocking, f.text) for f in rulechecks.findings(book)]


def one(d, words, *rows, **more) -> tuple:
    hits = [hit for hit in found(d, *rows, **more) if words in hit[2]]
    assert len(hits) == 1, hits
    return hits[0][:2]


def none(d, words, *rows, **more) -> None:
    assert not [hit for hit in found(d, *rows, **more) if words in hit[2]]


def test_a_sound_book_has_nothing_to_find(d):
    assert found(d, rule(), CUT) == []


# --- Blocking


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (rule(tiers=[]), "没有分值档"),
        (rule(kind="fine"), "类别“fine”不认识"),
        (rule(subject="branch"), "对象“branch”不认识"),
        (rule(trigger="late"), "触发“late”不认识"),
        (rule(stacking="mean"), "叠加“mean”不认识"),
        (rule(stacking=""), "叠加“”不认识"),
        (rule(tiers=[tier(level="town")]), "级别“town”不认识"),
        (rule(trigger="adopted", tiers=[tier(role="x")]), "角色“x”不认识"),
        (rule("加 1"), "编号不能空着"),
        (rule("Ａ"), "编号不能空着"),
        (rule("无"), "编号不能空着"),
        (rule("注1"), "不能以“注”开头"),
        (rule(title=" 专项"), "前后不要有空格"),
        (rule(title="无"), "前后不要有空格"),
        (rule(title=""), "前后不要有空格"),
        (rule(tiers=[tier(clause="/")]), "前后不要有空格"),
        (rule(tiers=[tier("-1")]), "大于零"),
        (rule(kind="deduction"), "负数"),
        (rule(trigger="named"), "只能用于科室"),
        (rule(trigger="base", tiers=[tier(level="city")]), "不分级别"),
        (rule(tiers=[tier(role="main")]), "不分角色"),
        (rule(tiers=[tier(), tier(level="city")]), "有两档能套上同一件事"),
        (rule(trigger="adopted", tiers=[tier(level="city"), tier(role="main")]), "有两档"),
    ],
)
def test_what_stops_the_approval(d, row, words):
    assert one(d, words, row) == (row["code"], True)


def test_an_unknown_word_silences_the_rest(d):
    assert len(found(d, rule(trigger="late", tiers=[tier("-1", level="city")]))) == 1


def test_a_book_that_counts_nothing_or_has_no_name_is_stopped(d):
    assert one(d, "没有一条启用", rule(tiers=[tier(enabled=False)]), base=False) == ("", True)
    book = rulebooks.propose(d.unit, rulebooks.Content(" ", SETTINGS, [BASE]), by=d.personnel[0])
    assert rulechecks.findings(book) == [rulechecks.Finding("", "细则的名称空着。")]


# --- Caps


@pytest.mark.parametrize(
    ("caps", "words"),
    [
        ({"cap_item": N("0.50")}, "单项上限0.50低于一次的分值1"),
        ({"cap_quarter": N("0.50")}, "每季上限0.50低于一次的分值1"),
        ({"cap_half": N("0.50")}, "每期上限0.50低于一次的分值1"),
        ({"cap_quarter": N(5), "cap_half": N(5)}, "每季上限5.00不低于每期上限5.00"),
        ({"cap_quarter": N(6), "cap_half": N(5)}, "每季上限6.00不低于每期上限5.00"),
        ({"cap_item": N(5), "cap_half": N(5)}, "单项上限5.00不低于每期上限5.00"),
        ({"cap_quarter": N(2), "cap_half": N(4)}, "每期上限4.00不低于两个季度的每季上限2.00"),
        ({"cap_item": N(4), "cap_quarter": N(2)}, "单项上限4.00有每季上限2.00在先"),
    ],
)
def test_a_cap_that_does_nothing_or_too_much_is_said(d, caps, words):
    assert one(d, words, rule(**caps)) == ("加", False)


@pytest.mark.parametrize(
    "caps",
    [
        {"cap_item": N(1), "cap_quarter": N(3), "cap_half": N(5)},
        {"cap_item": N("3.99"), "cap_quarter": N(2)},
        {"cap_item": N(3)},
        {"cap_quarter": N(2), "cap_half": N("3.99")},
    ],
)
def test_caps_that_bite_are_not_spoken_of(d, caps):
    assert found(d, rule(**caps)) == []


def test_an_item_that_cannot_recur_lies_in_one_quarter(d):
    row = rule(trigger="report_good", cap_item=N(2), cap_quarter=N(2))
    assert one(d, "单项上限2.00有每季上限2.00在先", row) == ("加", False)
    none(d, "在先", row | {"trigger": "declared"})


def test_a_useless_item_cap_is_said_once(d):
    hits = found(d, rule(cap_item=N(9), cap_quarter=N(2), cap_half=N(3)))
    assert [text for _c, _b, text in hits] == ["单项上限9.00不低于每期上限3.00，用不上"]


# --- Pointless


@pytest.mark.parametrize("stacking", ["highest", "first_full"])
@pytest.mark.parametrize("trigger", ["base", "report_good", "talk_good", "task_done"])
def test_stacking_where_each_fact_is_an_item_does_nothing(d, stacking, trigger):
    row = rule(trigger=trigger, stacking=stacking, subject="section")
    assert one(d, "不起作用", row) == ("加", False)


@pytest.mark.parametrize("trigger", ["adopted", "promoted", "declared", "task_returned"])
def test_stacking_where_an_item_recurs_is_not_spoken_of(d, trigger):
    none(d, "不起作用", rule(trigger=trigger, stacking="highest"))


def test_a_base_by_level_is_said(d):
    row = rule(kind="base", tiers=[tier(level="city")])
    assert one(d, "够不上级别的", row) == ("加", False)
    none(d, "够不上级别的", rule(tiers=[tier(level="city")]), rule("基二", kind="base"))


def test_a_declared_rule_without_a_tier_switched_on_is_said(d):
    off = [tier(enabled=False)]
    assert one(d, "申报时选不到", rule(tiers=off)) == ("加", False)
    none(d, "申报时选不到", rule(tiers=[*off, tier(level="city")]))
    none(d, "申报时选不到", rule(trigger="report_good", tiers=off))
    # Off by default is how these are meant.
    none(d, "申报时选不到", rule(title="领导批示", tiers=off, cap_half=N(2)))


# --- Stars


def test_a_star_without_base_has_nothing_to_deduct_from(d):
    assert one(d, "精业没有启用的基础分值：扣分无分可扣", CUT, base=False) == ("", False)
    assert one(d, "精业没有启用的基础分值，从零分算起", rule(), base=False) == ("", False)
    off = BASE | {"tiers": [tier("10", enabled=False)]}
    assert one(d, "个人的精业没有启用", off, CUT, base=False) == ("", False)
    # A base of sections is none of persons.
    assert one(d, "个人的精业没有启用", BASE | {"subject": "section"}, CUT, base=False)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"cap_half": N("10.01")}, "每期上限10.01高于这颗星的基础分值10.00"),
        ({"tiers": [tier("-10.01")]}, "一次扣10.01，高于这颗星的基础分值10.00"),
    ],
)
def test_a_deduction_beyond_the_base_is_said(d, row, words):
    assert one(d, words, CUT | row) == ("扣", False)
    none(d, "基础分值10", CUT | {"cap_half": N(10), "tiers": [tier("-10")]})


def test_a_base_that_is_earned_bounds_nothing(d):
    earned = rule("基二", kind="base", trigger="task_done")
    none(d, "高于这颗星", CUT | {"cap_half": N(50)}, earned)


def test_two_rules_for_the_same_fact_are_said(d):
    two = [rule("甲", trigger="report_good"), rule("乙", trigger="report_good")]
    assert one(d, "与甲同一触发", *two) == ("乙", False)
    for other in (
        {"subject": "section"},
        {"star_id": "xue"},
        {"tiers": [tier(enabled=False)]},
    ):
        none(d, "同一触发", two[0], two[1] | other)
    none(d, "同一触发", rule("甲"), rule("乙"))
    levels = [
        rule("甲", trigger="adopted", tiers=[tier(level="city")]),
        rule("乙", trigger="adopted", tiers=[tier(level="own")]),
    ]
    none(d, "同一触发", *levels)


def test_bonuses_against_their_common_cap(d):
    assert one(d, "加分总上限为零", rule(), bonus_cap=N(0)) == ("", False)
    none(d, "加分总上限为零", CUT, bonus_cap=N(0))
    assert one(d, "每期上限8.00高于加分总上限7.00", rule(cap_half=N(8)), bonus_cap=N(7))
    none(d, "高于加分总上限", rule(cap_half=N(7)), bonus_cap=N(7))


# --- As a whole


def test_the_departments_own_book_may_stand(d):
    with FILE.open("rb") as file:
        content, _problems = rules.read(file)
    book = rulebooks.propose(d.unit, content, by=d.personnel[0])
    hits = rulechecks.findings(book)
    assert not [hit for hit in hits if hit.blocking]
    # Two tiers beyond their caps, three kinds of media bonus on and high: all meant so.
    said = {(hit.code, hit.text[:5]) for hit in hits}
    assert ("效能-加-12", "每期上限6") in said and ("笔耕-加-01", "审慎项（媒") in said


@pytest.mark.parametrize("count", [1, 12])
def test_the_number_of_queries_is_constant(d, count, django_assert_num_queries):
    content = rulebooks.Content("细则", SETTINGS, [rule(f"加{n}") for n in range(count)])
    book = rulebooks.propose(d.unit, content, by=d.personnel[0])
    with django_assert_num_queries(2):
        rulechecks.findings(book)


@pytest.mark.parametrize(
    ("text", "plain"), [(" 甲\r\n乙 ", "甲\n乙"), ("/", ""), (" 无 ", ""), ("甲，乙", "甲，乙")]
)
def test_text_as_the_workbook_gives_it_back(text, plain):
    assert rulechecks.as_written(text) == plain
    assert rulechecks.as_written(plain) == plain


def test_every_word_of_a_rule_is_looked_at():
    """A new fixed word must be added to the check of unknown words."""
    with_choices = {
        model: {f.name for f in model._meta.fields if f.choices} for model in (Rule, Tier)
    }
    assert with_choices == {
        Rule: {"kind", "subject", "trigger", "stacking"},
        Tier: {"level", "role"},
    }
