"""The plain model itself: the department of tests/data, and the worked examples of the rules."""

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from tests.scoring.plain import counting, departments, facts, periods, reading, workbooks
from tests.scoring.plain.facts import PERSON, SECTION, Entry
from tests.scoring.plain.records import Adoption, Facts, Task
from tests.scoring.plain.workbooks import Person, Roster, Rules, Settings

DATA = Path(__file__).resolve().parent.parent / "data"
RULE = workbooks.Tier(
    "R", "加分事项", PERSON, "精业", "申报", "", "", Decimal(1), None, None, None, "累加", True
)


def tier(**values):
    return replace(RULE, **values)


def department(*tiers, **found):
    """ZC001 in 甲科, the tiers given, the facts given; answers entries and the card of ZC001."""
    roster = Roster({"ZC001": Person("ZC001", "甲科", date(2020, 1, 1))}, {"甲科"})
    rules = Rules(list(tiers), Settings())
    posted = facts.entries(roster, rules, Facts(**found), "2026H1")
    mine = [entry for entry in posted if entry.subject == (PERSON, "ZC001")]
    return posted, counting.card((PERSON, "ZC001"), mine, rules)


def entry(points, day, *, item="a", row=1, code="R", kind="加分事项", star="精业"):
    return Entry((PERSON, "ZC001"), star, kind, code, Decimal(points), day, (item,), row)


def test_the_department_of_the_data_in_every_cell_and_order():
    made = counting.as_csv(counting.scorecards(DATA))
    assert made == (DATA / "expected-scorecards.csv").read_text(encoding="utf-8")


def test_missed_reports_of_two_quarters():
    base = tier(code="B", kind="基础分值", trigger="基础", points=Decimal(20))
    missing = tier(
        code="M",
        kind="扣分情形",
        trigger="日报缺报",
        points=Decimal("-0.20"),
        cap_quarter=Decimal(4),
    )
    day = periods.days(date(2026, 1, 1), date(2026, 6, 30))
    entries = [entry(20, day[0], code="B", kind="基础分值")]
    for n in (*range(12), *range(100, 125)):
        more = {"code": "M", "kind": "扣分情形", "item": str(n)}
        entries.append(entry("-0.20", day[n], **more))
    made = counting.card((PERSON, "ZC001"), entries, Rules([base, missing], Settings()))
    assert made["精业"] == (20, Decimal("-6.40"), 0, Decimal("13.60"))
    assert made["勤学"] is None


def test_an_item_in_two_bulletins_counts_once_where_the_counted_entry_stands():
    tiers = [
        tier(trigger="信息采用", level=level, role="主报", points=Decimal(points),
             stacking="取最高", cap_half=Decimal(15), cap_quarter=Decimal(4))
        for level, points in (("市", 2), ("省", 5))
    ]  # fmt: skip
    adopted = [
        Adoption(3, date(2026, 3, 9), "“甲”：乙", "市", ["ZC001"], [], [], []),
        Adoption(4, date(2026, 4, 9), "甲 乙。", "省", ["ZC001"], ["ZC001"], [], []),
    ]
    posted, card = department(*tiers, adoptions=adopted)
    assert [one.points for one in posted] == [2, 5]
    # Bounded by the quarter it stands in, so it stands in one quarter.
    assert card["精业"] == (0, 0, 4, 4)


def test_a_late_task():
    rule = tier(
        kind="扣分情形",
        subject=SECTION,
        trigger="任务逾期",
        points=Decimal(-2),
        cap_item=Decimal(6),
    )
    task = Task(3, "1", "甲科", 3, date(2026, 3, 6), {"ZC001": Decimal(100)})
    posted, _card = department(rule, tasks=[replace(task, closed=date(2026, 3, 11))])
    assert [(one.points, one.day) for one in posted] == [(Decimal("-3.00"), date(2026, 3, 9))]
    posted, _card = department(rule, tasks=[task])
    assert [one.points for one in posted] == [-6]
    # On the rest days after its deadline it is in time still.
    assert department(rule, tasks=[replace(task, closed=date(2026, 3, 8))])[0] == []


@pytest.mark.parametrize(
    ("granted", "late"), [(date(2026, 3, 5), 0), (date(2026, 3, 6), 1), (None, 1)]
)
def test_an_extension_is_granted_before_the_deadline(granted, late):
    rule = tier(kind="扣分情形", subject=SECTION, trigger="任务逾期", points=Decimal(-2))
    task = Task(3, "1", "甲科", 3, date(2026, 3, 6), {"ZC001": Decimal(100)})
    task = replace(task, extended_to=date(2026, 3, 20), extended_on=granted)
    posted, _card = department(rule, tasks=[replace(task, closed=date(2026, 3, 9))])
    assert len(posted) == late


def test_rounding():
    assert facts.closed_task(Decimal("0.50"), 3, Decimal(35)) == Decimal("0.53")
    assert facts.half_up(Decimal("-0.125")) == Decimal("-0.13")
    assert facts.declared(Decimal("0.05"), Decimal("1.5")) == Decimal("0.08")


def test_the_first_of_equals_is_the_earlier_then_the_upper():
    day = date(2026, 3, 9)
    found = [entry("0.25", day, row=5), entry("0.25", day, row=4), entry("0.25", date(2026, 4, 1))]
    worth = dict(counting.stacked(found, "首次减半"))
    assert [worth[one] for one in found] == [Decimal("0.13"), Decimal("0.25"), Decimal("0.13")]


def test_caps_of_item_quarter_and_half_in_turn():
    rule = tier(cap_item=Decimal(3), cap_quarter=Decimal(4), cap_half=Decimal(5))
    march, april = date(2026, 3, 9), date(2026, 4, 9)
    found = [entry(2, march), entry(2, april), entry(2, march, item="b"), entry(3, april, item="c")]
    # a: 2 and 1; the first quarter 2 + 2, the second 1 + 3; the half-year 8.
    assert counting.rule_sum(found, rule) == 5
    assert counting.rule_sum(found, replace(rule, cap_half=None)) == 8
    assert counting.rule_sum(found, replace(rule, cap_item=None, cap_half=None)) == 8
    assert counting.rule_sum(found, replace(rule, cap_quarter=None, cap_half=None)) == 8


def test_deductions_never_eat_bonuses_and_the_total_has_its_own_cap():
    rules = Rules([tier(), tier(code="D", kind="扣分情形")], Settings(bonus_cap=Decimal(2)))
    day = date(2026, 3, 9)
    found = [entry(3, day), entry(-5, day, code="D", kind="扣分情形")]
    card = counting.card((PERSON, "ZC001"), found, rules)
    assert card["精业"] == (0, -5, 3, 3)
    assert card["合计"] == (0, -5, 2, 2)


def test_the_limits_of_filing_across_the_spring_festival():
    posting = facts.Posting(Roster({}, set()), Rules([], Settings()), Facts(), "2026H1")
    assert posting.limit(date(2026, 2, 14)) == datetime(2026, 2, 24, 10)
    assert posting.limit(date(2026, 3, 3)) == datetime(2026, 3, 10, 23, 59, 59)


@pytest.mark.parametrize(
    "written",
    ["2026-03-05", "2026.3.5", "2026年3月5日", "２０２６.０３.０５", " 2026-3-05　",
     datetime(2026, 3, 5), date(2026, 3, 5)],
)  # fmt: skip
def test_every_way_of_writing_a_day(written):
    assert reading.day(written) == date(2026, 3, 5)


def test_times_alone_are_of_their_day():
    of = date(2026, 3, 5)
    for written in ("17:42", "１７：４２", time(17, 41, 59, 600_000), "2026.3.5 17:42:00"):
        assert reading.moment(written, of) == datetime(2026, 3, 5, 17, 42)


@pytest.mark.parametrize("seed", range(3))
def test_random_departments_read_as_they_were_meant(seed, tmp_path):
    department = departments.Department(seed)
    department.write(tmp_path)
    roster = workbooks.read_roster(tmp_path / "roster.xlsx")
    rules = workbooks.read_rules(tmp_path / "rules.xlsx")
    assert list(roster.people) == [one.no for one in department.people]
    meant = {reading.tight(name) for name in department.sections}
    assert {p.section for p in roster.people.values()} == {"", *meant}
    for written, meant in zip(rules.tiers, department.rulebook.rows, strict=True):
        assert (written.code, written.points, written.level, written.role) == (
            meant["编号"], meant["分值"], meant["级别"] or "", meant["角色"] or ""
        )  # fmt: skip
        assert written.caps == (meant["单项上限"], meant["每季上限"], meant["每期上限"])
    found = workbooks.read_facts(tmp_path / "facts-2026H1.xlsx", roster, rules)
    assert facts.entries(roster, rules, found, "2026H1")


def test_the_model_is_written_apart_from_the_program():
    for path in Path(reading.__file__).parent.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]):
                assert words[1].split(".")[0] not in ("scheme", "ledgers", "scoring", "django")
