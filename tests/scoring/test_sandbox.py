"""What a trial says: who moves, who holds a star, what no rule prices, what the caps take."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from ledgers.models import (
    DailyReport,
    Level,
    StudySession,
    Talk,
    Task,
    WritingCredit,
    WritingItem,
)
from scheme import clock as house_clock
from scheme import periods
from scheme.models import Section
from scoring import queries, sandbox
from scoring.actions import posting
from scoring.models import Rule, RuleBook
from scoring.sandbox.reading import Rules
from tests.factories import (
    DAILY_RULES,
    make_absence,
    make_entry,
    make_policy,
    make_quarter,
    make_report,
    make_rule_book,
    make_section,
    make_staff,
    make_unit,
)

HALF = "2026H1"
SPAN = periods.half_span(HALF)
DAY = date(2026, 3, 5)
PERSON = "person"


@pytest.fixture
def unit(db, clock):
    """A book in force with the rules of the daily report; nobody works there yet."""
    clock.set("2026-07-15 09:00")
    unit = make_unit()
    make_rule_book(unit, in_force_from=date(2025, 7, 1))
    make_section(unit, "办公室")
    return unit


@pytest.fixture
def section(unit):
    return Section.objects.get(unit=unit)


def joined(section, **more):
    """Here for two weeks of March: few due days, few surprises."""
    more = {"joined_on": date(2026, 3, 2), "left_on": date(2026, 3, 14)} | more
    return make_staff(section=section, since=more["joined_on"], **more)


def filed(person, days, **more):
    for day in days:
        make_report(person, date(2026, 3, day), **more)


def a_draft(unit, rules=DAILY_RULES, **more):
    last = RuleBook.objects.filter(unit=unit).count()
    return make_rule_book(unit, state="draft", version=last + 1, rules=rules, **more)


def changed(**of_code):
    """The rules of the daily report with other figures: points, item, quarter, half."""
    rows = []
    for row in DAILY_RULES:
        row = list(row)
        for name, value in of_code.get(row[0].replace("-", "_"), {}).items():
            row[["points", "item", "quarter", "half"].index(name) + 6] = value
        rows.append(tuple(row))
    return rows


def settle(unit, first=date(2025, 7, 1)):
    posting.settle(unit, first, SPAN.last)


def booked(unit, half=HALF):
    return {card[:3]: card[3:8] for card in queries.scorecards(unit, half)}


def tried(trial, side):
    return {row[1:4]: tuple(row[4:]) for row in trial.cards(side)}


# --- The same counting on both sides


def test_a_dearer_miss_moves_who_missed(unit, section):
    good, poor = joined(section, name="按时"), joined(section, name="缺报")
    weekdays = [2, 3, 4, 5, 6, 9, 10, 11, 12, 13]
    filed(good, weekdays)
    filed(poor, weekdays[:5])
    draft = a_draft(unit, changed(精业_扣_01={"points": "-1.00", "quarter": "3"}))
    with sandbox.laid_out(draft, HALF) as trial:
        moves = {one.name: one for one in trial.moves(pool=PERSON, star="")}
        assert moves["按时"].moved == 0 and moves["按时"].climbed == 0
        assert moves["缺报"].moved == Decimal("-2.00")
        assert (moves["缺报"].before, moves["缺报"].after) == (Decimal(39), Decimal(37))
        total = trial.summary()[PERSON, ""]
        assert total[:4] == (2, 0, 1, 1) and (total.lowest, total.highest) == (-2, 0)
        buckets = trial.differences(PERSON, "")
        assert buckets[0] == (Decimal("-2.00"), Decimal("-1.50"), 1)
        assert buckets[-1] == (0, 0, 1) and len(buckets) == 5
        assert sum(one.count for one in buckets) == 2
        cut = trial.bites()
        assert ("before", "精业-扣-01", "quarter") not in cut
        assert cut["after", "精业-扣-01", "quarter"] == (1, Decimal("2.00"))


def test_the_deadlines_of_the_report_are_those_of_the_draft(unit, section):
    person = joined(section)
    filed(person, [3, 4, 5, 6, 9, 10, 11, 12, 13])
    at = datetime.combine(date(2026, 3, 3), time(11), house_clock.now().tzinfo)
    make_report(person, date(2026, 3, 2), filed_at=house_clock.at(at.date(), 11))
    with sandbox.laid_out(a_draft(unit, report_cutoff=time(12)), HALF) as trial:
        fired = trial.fired()
        assert fired["before", "精业-扣-02"].entries == 1
        assert ("after", "精业-扣-02") not in fired
    draft = RuleBook.objects.get(unit=unit, state="draft")
    draft.report_cutoff, draft.backfill_days = time(8), 0
    draft.save()
    # A day's own end at the latest, or the next working day's early morning: too late by three.
    with sandbox.laid_out(draft, HALF) as trial:
        fired = trial.fired()
        assert ("after", "精业-扣-02") not in fired
        assert fired["after", "精业-扣-01"].entries == 1


def test_the_settings_of_talks_are_those_of_the_draft(unit, section):
    speaker = joined(section)
    Talk.objects.create(
        unit=unit, day=DAY, speaker=speaker, title="讲课", ratings=[90, 90, 92], recorded_at=now()
    )
    rule = ("勤学-加-01", "bonus", PERSON, "xue", "讲课良好", "talk_good", "1", None, None, None)
    draft = a_draft(unit, [*DAILY_RULES, rule])
    with sandbox.laid_out(draft, HALF) as trial:
        assert ("after", "勤学-加-01") not in trial.fired()
    draft.talk_min_ratings = 3
    draft.save()
    with sandbox.laid_out(draft, HALF) as trial:
        assert trial.fired()["after", "勤学-加-01"][:2] == (1, 1)


def test_earlier_days_keep_their_own_book_and_deadlines(unit, section):
    """Two versions within the half-year: the one side has both, the other the tried one alone."""
    person = joined(section)
    make_rule_book(
        unit,
        version=2,
        in_force_from=date(2026, 3, 9),
        rules=changed(精业_扣_01={"points": "-0.30"}),
    )
    settle(unit)
    newest = RuleBook.objects.get(version=2)
    with sandbox.laid_out(newest, HALF) as trial:
        assert trial.in_force == newest
        assert tried(trial, "before") == booked(unit)
        assert trial.fired()["before", "精业-扣-01"].points == Decimal("-2.50")
        assert trial.fired()["after", "精业-扣-01"].points == Decimal("-3.00")
    assert person.pk


# --- What stands in the points book


def test_late_facts_count_where_they_count(unit, section):
    """Recorded after the first quarter had closed: they count in the second, under its cap."""
    person = joined(section)
    make_quarter(unit, "2026Q1", closed_by=make_staff(unit))
    settle(unit)
    draft = a_draft(unit, changed(精业_扣_01={"quarter": "1.50"}, 精业_扣_03={"points": "-9"}))
    with sandbox.laid_out(draft, HALF) as trial:
        assert tried(trial, "before") == booked(unit)
        assert tried(trial, "after")[person.pk, None, "ye"][1] == Decimal("-1.50")
    make_quarter(unit, "2026Q2", closed_by=make_staff(unit))
    late = joined(section, name="后补")
    settle(unit)
    with sandbox.laid_out(draft, HALF) as trial:
        assert tried(trial, "before") == booked(unit)
        assert tried(trial, "after")[late.pk, None, "ye"][:2] == (0, 0)
    with sandbox.laid_out(draft, "2026H2") as trial:
        # The late ones are on the next half-year's card, priced by the book of their own day.
        assert tried(trial, "before") == booked(unit, "2026H2")


def test_a_correction_across_half_years_stands_as_posted(unit, section):
    person = joined(section)
    settle(unit)
    closer = make_staff(unit)
    for code in ("2026Q1", "2026Q2"):
        make_quarter(unit, code, closed_by=closer)
    make_absence(person, DAY, DAY)
    settle(unit)
    before = booked(unit), booked(unit, "2026H2")
    draft = a_draft(unit)
    for half, cards in zip((HALF, "2026H2"), before, strict=True):
        with sandbox.laid_out(draft, half) as trial:
            assert tried(trial, "before") == cards
            assert tried(trial, "after") == cards


def test_manual_entries_are_carried_over(unit, section):
    person = joined(section)
    make_entry(person, "3.00", DAY, rule_code="精业-加-01", source="manual:1", item="manual:1")
    settle(unit)
    draft = a_draft(unit, changed(精业_加_01={"quarter": "1"}))
    with sandbox.laid_out(draft, HALF) as trial:
        assert tried(trial, "before") == booked(unit)
        assert tried(trial, "before")[person.pk, None, "ye"][2] == Decimal("1.50")
        assert tried(trial, "after")[person.pk, None, "ye"][2] == Decimal("1.00")


def test_without_a_book_in_force_one_side_is_empty(db, clock):
    clock.set("2026-07-15 09:00")
    section = make_section(make_unit())
    person = joined(section)
    make_policy(section.unit)
    draft = a_draft(section.unit)
    with sandbox.laid_out(draft, HALF) as trial:
        assert trial.in_force is None and tried(trial, "before") == {}
        assert tried(trial, "after")[person.pk, None, "ye"][0] == Decimal(20)
        (move,) = trial.moves(pool=PERSON, star="")
        assert (move.before, move.moved, move.climbed, move.fell) == (None, None, None, 0)
        assert trial.differences(PERSON, "") == []
        verdicts = {line.code: line.verdict for line in Rules(trial).lines()}
        assert verdicts["精业-扣-01"] == "new" and verdicts["精业-加-01"] == "never"


def test_the_present_half_year_is_tried_as_far_as_it_is_settled(unit, section, clock):
    person = joined(section, left_on=None)
    clock.set("2026-03-11 09:00")
    settle(unit)
    with sandbox.laid_out(a_draft(unit), HALF) as trial:
        assert tried(trial, "before") == tried(trial, "after") == booked(unit)
        assert trial.fired()["after", "精业-扣-01"].entries == 2, "2 and 3 March"
    assert person.pk


# --- Who holds a star


def by_grades(section, grades):
    people = []
    for name, good in grades:
        person = joined(section, name=name)
        filed(person, range(2, 7), state="accepted", grade="fair")
        filed(person, range(9, 14), state="accepted", grade="fair")
        days = [date(2026, 3, day) for day in range(2, 2 + good)]
        DailyReport.objects.filter(author=person, day__in=days).update(grade="good")
        people.append(person)
    return people


def holders(side):
    return [one.name for one in side.holders]


def test_a_star_changes_hands(unit, section):
    one, two, three = by_grades(section, [("甲", 3), ("乙", 2), ("丙", 0)])
    make_report(three, date(2026, 3, 1), state="accepted", grade="good")  # a rest day: nothing
    make_absence(two, DAY, DAY)
    rules = changed(精业_加_01={"points": "1.00", "quarter": "2"})
    with sandbox.laid_out(a_draft(unit, rules), HALF) as trial:
        hands = {(hand.pool, hand.star): hand for hand in trial.hands(persons=1, sections=1)}
    hand = hands[PERSON, "ye"]
    assert (hand.seats, hand.n_before, hand.n_after, hand.n_in, hand.n_out) == (1, 1, 2, 1, 0)
    assert holders(hand.before) == ["甲"] and holders(hand.after) == ["甲", "乙"], "a tie"
    assert {one.name: one.change for one in hand.holders} == {"甲": "stays", "乙": "in"}
    assert hand.unlisted == 0 and one.pk


def test_a_long_tie_stands_apart_and_nothing_earned_holds_nothing(unit, section):
    by_grades(section, [(f"甲{n}", 0) for n in range(6)])
    leader = by_grades(section, [("领先", 3)])[0]
    with sandbox.laid_out(a_draft(unit, changed(精业_加_01={"points": "0.01"})), HALF) as trial:
        hands = {(hand.pool, hand.star): hand for hand in trial.hands(persons=3, sections=1)}
        shown = {(hand.pool, hand.star): hand for hand in trial.hands(persons=3, sections=1)}
    side = hands[PERSON, "ye"].after
    assert holders(side) == ["领先"] and (side.place, side.tie, len(side.tied)) == (2, 6, 6)
    assert hands[PERSON, "xue"].before.tie == 7 and hands[PERSON, "xue"].before.holders == []
    assert ("person", "xin") not in hands and shown == hands and leader.pk
    empty = a_draft(unit, changed(精业_基_01={"points": "0.01"}, 精业_加_01={"points": "-1"}))
    Rule.objects.filter(book=empty, code="精业-加-01").update(kind="deduction")
    with sandbox.laid_out(empty, HALF) as trial:
        hand = {(one.pool, one.star): one for one in trial.hands(persons=3, sections=1)}[
            PERSON, "ye"
        ]
    assert hand.n_after == 6 and "领先" not in holders(hand.after), "0 holds nothing"
    assert hand.n_out == 1


# --- Rules and caps


def test_facts_no_tier_prices_and_rules_that_never_fire(unit, section):
    person = joined(section)
    item = WritingItem.objects.create(
        unit=unit, adopted_on=DAY, title="信息", title_key="信息", kind="information",
        level=Level.PROVINCE, recorded_at=now(),
    )  # fmt: skip
    WritingCredit.objects.create(item=item, person=person, role="main")
    rule = ("笔耕-加-01", "bonus", PERSON, "geng", "信息采用", "adopted", "2", None, None, None)
    draft = a_draft(unit, [*DAILY_RULES[:-1], rule])
    draft.rules.get(code="笔耕-加-01").tiers.update(level="city")
    with sandbox.laid_out(draft, HALF) as trial:
        (one,) = [row for row in trial.unpriced() if row.trigger == "adopted"]
        assert one == ("adopted", "", "province", "main", PERSON, 1, 1)
        verdicts = {line.code: line.verdict for line in Rules(trial).lines()}
        assert verdicts["笔耕-加-01"] == "never" and verdicts["精业-扣-11"] == "gone"
        assert verdicts["精业-扣-01"] == ""
    draft.rules.get(code="笔耕-加-01").tiers.update(level="")
    with sandbox.laid_out(draft, HALF) as trial:
        assert [row for row in trial.unpriced() if row.trigger == "adopted"] == []
        assert trial.fired()["after", "笔耕-加-01"].counted == 2
    draft.rules.get(code="笔耕-加-01").tiers.update(enabled=False)
    with sandbox.laid_out(draft, HALF) as trial:
        assert "笔耕-加-01" not in {line.code for line in Rules(trial).lines()}


def test_a_code_of_neither_book_is_known_from_the_points_book(unit, section):
    make_entry(joined(section), "1.00", DAY, rule_code="旧-加-01", source="manual:1")
    with sandbox.laid_out(a_draft(unit), HALF) as trial:
        line = Rules(trial).lines()[-1]
        assert (line.code, line.verdict, line.rule) == ("旧-加-01", "past", None)


def test_how_hard_each_cap_bites(unit, section):
    """Ten days missed at 3.00 under a cap of 4 and beyond the base; bonuses over their cap."""
    person = joined(section)
    for n in range(4):
        make_entry(
            person, "2.00", DAY, star="xue", rule_code="勤学-加-09", source=f"manual:{n}", item="同"
        )
    rules = changed(精业_扣_01={"points": "-3.00", "quarter": "25", "half": "24"})
    rules.append(("勤学-加-09", "bonus", PERSON, "xue", "加分", "declared", "2", "5", None, None))
    draft = a_draft(unit, rules, bonus_cap=Decimal("3"))
    Rule.objects.filter(book=draft, code="勤学-加-09").update(stacking="first_full")
    with sandbox.laid_out(draft, HALF) as trial:
        lines = {(one.code, one.stage, one.pool): one for one in Rules(trial).caps()}
        cards = tried(trial, "after")
    quarter, half = (lines["精业-扣-01", stage, PERSON] for stage in ("quarter", "half"))
    assert quarter.after == (1, Decimal("5.00")) and quarter.set_after == Decimal(25)
    assert half.after == (1, Decimal("1.00")) and half.set_before is None
    stacking, item = (lines["勤学-加-09", stage, PERSON] for stage in ("stacking", "item"))
    assert stacking.after == (1, Decimal("3.00")) and stacking.set_after == "first_full"
    assert item.after == (0, 0) and not item.bites and stacking.bites
    # 2 + 1 + 1 + 1 = 5 of bonus, of which the total keeps 3; 24 of 20 points lost.
    bonus, floor = lines["", "bonus", PERSON], lines["", "floor", PERSON]
    assert bonus.after == (1, Decimal("2.00")) and bonus.set_after == 3
    assert floor.after == (1, Decimal("4.00")) and floor.star == "ye" and floor.rule is None
    assert cards[person.pk, None, None][3] == Decimal(20 + 0 + 3)


def test_a_late_task_is_cut_in_the_entry_and_shown_as_a_cap_of_the_item(unit, section):
    Task.objects.create(
        unit=unit, number="1号", title="任务", lead=section, difficulty=1, due_on=DAY,
        closed_on=date(2026, 3, 31), recorded_at=now(),
    )  # fmt: skip
    rule = ("效能-扣-01", "deduction", "section", "xiao", "逾期", "task_overdue", "-2", "3", *"--")
    rule = tuple(None if cell == "-" else cell for cell in rule)
    with sandbox.laid_out(a_draft(unit, [*DAILY_RULES, rule]), HALF) as trial:
        (line,) = [one for one in Rules(trial).caps() if one.code == "效能-扣-01"]
    assert line.stage == "item" and line.after.subjects == 1
    # 18 working days late: 2 × (1 + 17/4) = 10.50, of which 3.00 stand.
    assert line.after.points == Decimal("7.50")


# --- Lists


def test_moves_are_filtered_ordered_and_paged(unit, section):
    other = make_section(unit, "研究室")
    people = [joined(section, name=f"甲{n}") for n in range(3)] + [joined(other, name="乙")]
    filed(people[0], range(2, 7))
    filed(people[3], range(2, 4))
    with sandbox.laid_out(a_draft(unit, changed(精业_扣_01={"points": "-0.30"})), HALF) as trial:
        assert trial.how_many(pool=PERSON, star="") == 4
        assert trial.how_many(pool=PERSON) == 4 * 3
        assert trial.how_many() == 4 * 3 + 2 * 2
        assert {one.name for one in trial.moves(pool=PERSON, star="", section=other.pk)} == {"乙"}
        assert {one.name for one in trial.moves(pool="section", section=other.pk)} == {"研究室"}
        moved = [abs(one.moved) for one in trial.moves(pool=PERSON, star="ye")]
        assert moved == sorted(moved, reverse=True)
        places = [one.place_after for one in trial.moves(pool=PERSON, star="ye", order="after")]
        assert places == sorted(places)
        office = trial.moves(pool=PERSON, star="", order="office")
        assert [one.name for one in office] == [person.name for person in people]
        page = trial.moves(pool=PERSON, star="", order="office", limit=2, offset=2)
        assert page == office[2:]
        assert [one.section for one in page] == ["办公室", "研究室"]
        assert len(trial.moves(pool=PERSON, star="", order="place")) == 4


def test_units_do_not_meet(unit, section):
    joined(make_section(make_unit()))
    with sandbox.laid_out(a_draft(unit), HALF) as trial:
        assert trial.how_many(pool=PERSON) == 0 and trial.how_many(pool="section", star="") == 1


def test_half_years_with_something_in_them(unit, section, clock):
    assert sandbox.halves_with_facts(unit) == []
    StudySession.objects.create(unit=unit, day=date(2024, 5, 6), topic="学习", recorded_at=now())
    make_report(joined(section), DAY)
    assert sandbox.halves_with_facts(unit) == ["2026H1", "2024H1"]
    settle(unit)
    assert sandbox.halves_with_facts(unit) == ["2026H2", "2026H1", "2025H2", "2024H1"]
    assert sandbox.subjects_of(unit, HALF) == 2


def now():
    return house_clock.now()
