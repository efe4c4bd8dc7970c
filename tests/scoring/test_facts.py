"""Each ledger's facts, at their edges. Dates of 2026: 6 March is a Friday, 9 March a Monday."""

from datetime import date
from decimal import Decimal

import pytest

from ledgers.models import (
    MonthlySummary,
    PointEntry,
    Promotion,
    PromotionCredit,
    StudyMiss,
    StudySession,
    SupervisionNote,
    Talk,
    Task,
    TaskHandler,
    WritingCredit,
    WritingItem,
)
from ledgers.titles import reduced
from scheme import clock as time
from scoring.actions import posting
from scoring.models import Declaration, Tier
from tests.factories import (
    make_absence,
    make_quarter,
    make_rule_book,
    make_section,
    make_staff,
    make_unit,
)

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
RULES = [
    ("学-扣", "deduction", "person", "xue", "缺席", "study_missed", "-0.50", None, None, None),
    ("学-扣科", "deduction", "section", "xue", "缺席", "study_missed", "-0.15", None, None, None),
    ("讲-加", "bonus", "person", "xue", "讲课", "talk_good", "0.80", None, None, None),
    ("讲-加科", "bonus", "section", "xue", "讲课", "talk_good", "0.50", None, None, None),
    ("写-加", "bonus", "person", "geng", "采用", "adopted", {"city": "2", "province": "5"},
     None, None, None),
    ("写-加科", "bonus", "section", "geng", "采用", "adopted", "1", None, None, None),
    ("任-加", "bonus", "person", "xiao", "办结", "task_done", "0.50", None, None, None),
    ("任-加科", "bonus", "section", "xiao", "办结", "task_done", "0.25", None, None, None),
    ("任-扣", "deduction", "person", "xiao", "逾期", "task_overdue", "-1.50", "4.50", None, None),
    ("任-扣科", "deduction", "section", "xiao", "逾期", "task_overdue", "-2", "6", None, None),
    ("退-扣", "deduction", "person", "xiao", "退回", "task_returned", "-0.75", None, None, None),
    ("退-扣科", "deduction", "section", "xiao", "退回", "task_returned", "-1", None, None, None),
    ("名-扣科", "deduction", "section", "xiao", "点名", "named", "-2", None, None, None),
    ("创-加", "bonus", "person", "xin", "推广", "promoted", {"city": "3.25"}, None, None, None),
    ("创-加科", "bonus", "section", "xin", "推广", "promoted", {"city": "3"}, None, None, None),
    ("月-加科", "bonus", "section", "ye", "月结", "summary_good", "0.50", None, None, None),
    ("申-加", "bonus", "person", "xue", "获奖", "declared", {"city": "1.50"}, None, None, None),
    ("申-加科", "bonus", "section", "xiao", "表扬", "declared", "2", None, None, None),
]  # fmt: skip


@pytest.fixture
def office(db, clock):
    clock.set("2026-07-15 09:00")
    section = make_section(make_unit(), "办公室")
    make_rule_book(section.unit, in_force_from=FIRST, rules=RULES)
    return section


@pytest.fixture
def me(office):
    return make_staff(section=office, staff_no="ZC008")


def settle(office):
    return posting.settle(office.unit, FIRST, LAST)


def posted(office):
    """What stands, as (rule, points, day, item), the oldest first."""
    settle(office)
    rows = (
        PointEntry.objects.in_force()
        .filter(unit=office.unit)
        .order_by("event_on", "rule_code", "points")
    )
    return [(e.rule_code, str(e.points), e.event_on, e.item) for e in rows]


def codes(office):
    return [(code, points) for code, points, _day, _item in posted(office)]


def adopted(unit, **more):
    values = {
        "adopted_on": date(2026, 3, 6),
        "title": "“三抓三促”提质效",
        "level": "city",
        "kind": "information",
    } | more
    return WritingItem.objects.create(
        unit=unit, title_key=reduced(values["title"]), recorded_at=time.now(), **values
    )


def task(office, *handlers, **more):
    values = {"number": "ZD-1", "title": "整顿", "difficulty": 3, "due_on": date(2026, 3, 6)} | more
    made = Task.objects.create(unit=office.unit, lead=office, recorded_at=time.now(), **values)
    for person, role, share in handlers:
        TaskHandler.objects.create(task=made, person=person, role=role, share=Decimal(share))
    return made


# --- Study and talks


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ("present", True),
        ("excused", False),
        ("back the day before", True),
        ("joined that day", True),
        ("joined the next day", False),
        ("left that day", False),
        ("left the next day", True),
        ("a leader", False),
    ],
)
def test_a_miss_counts_for_whoever_was_there_to_be_missed(office, change, counts):
    day = date(2026, 3, 6)
    roll = {
        "joined that day": {"joined_on": day},
        "joined the next day": {"joined_on": date(2026, 3, 7)},
        "left that day": {"left_on": day},
        "left the next day": {"left_on": date(2026, 3, 7)},
    }.get(change, {})
    place = {"unit": office.unit} if change == "a leader" else {"section": office}
    person = make_staff(**place, **roll)
    if change == "excused":
        make_absence(person, day, day)
    if change == "back the day before":
        make_absence(person, date(2026, 3, 2), date(2026, 3, 5))
    session = StudySession.objects.create(
        unit=office.unit, day=day, topic="学习", recorded_at=time.now()
    )
    StudyMiss.objects.create(session=session, person=person)
    assert codes(office) == ([("学-扣", "-0.50"), ("学-扣科", "-0.15")] if counts else [])


@pytest.mark.parametrize(
    ("ratings", "good"),
    [
        (["90"] * 5, True),
        (["90"] * 4, False),  # too few
        (["90", "88", "92", "91.5", "88.5"], True),  # exactly 90
        (["90"] * 9 + ["89.99999999"], False),
        ([], False),
    ],
)
def test_a_talk_is_good_by_its_exact_mean(office, me, ratings, good):
    Talk.objects.create(
        unit=office.unit,
        day=date(2026, 3, 6),
        speaker=me,
        title="讲课",
        ratings=sorted(map(Decimal, ratings)),
        recorded_at=time.now(),
    )
    assert codes(office) == ([("讲-加", "0.80"), ("讲-加科", "0.50")] if good else [])


# --- Writing and innovation


def test_an_item_is_credited_to_whom_it_names_and_nobody_else(office, me):
    item = adopted(office.unit)
    WritingCredit.objects.create(item=item, person=me, role="main")
    assert posted(office) == [("写-加", "2.00", date(2026, 3, 6), "三抓三促提质效")]
    WritingCredit.objects.create(item=item, section=office, role="joint")
    assert codes(office) == [("写-加", "2.00"), ("写-加科", "1.00")]


def test_roles_and_levels_pick_the_tier(office, me):
    book = make_rule_book(office.unit, version=2, in_force_from=date(2026, 2, 1), rules=[],
                          state="draft")  # fmt: skip
    rule = book.rules.create(
        code="写-加",
        kind="bonus",
        subject="person",
        star_id="geng",
        title="采用",
        trigger="adopted",
    )
    for role, points in (("main", "2"), ("joint", "0.75")):
        Tier.objects.create(rule=rule, level="city", role=role, points=Decimal(points))
    book.state, book.in_force_from, book.digest = "approved", date(2026, 2, 1), "x" * 64
    book.approved_by, book.approved_at = make_staff(office.unit), time.now()
    book.save()
    for day, level, role in (
        (date(2026, 1, 30), "city", "joint"),  # the old book knows no roles
        (date(2026, 2, 2), "city", "joint"),
        (date(2026, 2, 3), "city", "main"),
        (date(2026, 2, 4), "nation", "main"),  # fits no tier
    ):
        item = adopted(office.unit, adopted_on=day, level=level)
        WritingCredit.objects.create(item=item, person=me, role=role)
    assert codes(office) == [("写-加", "2.00"), ("写-加", "0.75"), ("写-加", "2.00")]


def test_a_corrected_item_is_reversed_and_posted_anew(office, me):
    item = adopted(office.unit)
    WritingCredit.objects.create(item=item, person=me, role="main")
    settle(office)
    item.level = "province"
    item.save()
    assert codes(office) == [("写-加", "5.00")]
    item.title, item.title_key = "改题", reduced("改题")
    item.save()
    assert posted(office) == [("写-加", "5.00", date(2026, 3, 6), "改题")]
    rows = PointEntry.objects.filter(source=f"writing:{item.pk}").order_by("pk")
    points = [str(e.points) for e in rows]
    assert points == ["2.00", "-2.00", "5.00", "-5.00", "5.00"]
    assert [e.posting for e in rows if not e.reverses_id] == [1, 2, 3]


def test_an_item_moved_from_another_half_year_is_not_lost(office, me, clock):
    item = adopted(office.unit, adopted_on=date(2026, 1, 5))
    WritingCredit.objects.create(item=item, person=me, role="main")
    settle(office)
    clock.set("2027-02-10 09:00")
    item.adopted_on = date(2026, 7, 8)
    item.save()
    # Only the new half-year is looked at: posted under the same source, and once.
    for _again in range(2):
        posting.settle(office.unit, date(2026, 7, 1), date(2026, 12, 31))
    there = PointEntry.objects.filter(source=f"writing:{item.pk}")
    assert there.get(event_on=date(2026, 7, 8)).posting == 2
    settle(office)
    assert there.in_force().get().event_on == date(2026, 7, 8)


def test_a_promotion_counts_for_persons_and_sections(office, me):
    made = Promotion.objects.create(
        unit=office.unit, promoted_on=date(2026, 3, 6), project="会诊制！", project_key="会诊制",
        level="city", recorded_at=time.now(),
    )  # fmt: skip
    PromotionCredit.objects.create(promotion=made, person=me)
    PromotionCredit.objects.create(promotion=made, section=office)
    day = date(2026, 3, 6)
    assert posted(office) == [("创-加", "3.25", day, "会诊制"), ("创-加科", "3.00", day, "会诊制")]


def test_a_good_month_counts_on_its_last_day(office):
    for month, grade in ((1, "good"), (2, "good"), (3, "poor"), (4, "")):
        MonthlySummary.objects.create(
            unit=office.unit, section=office, month=date(2026, month, 1), grade=grade,
            recorded_at=time.now(),
        )  # fmt: skip
    assert [day for _c, _p, day, _i in posted(office)] == [date(2026, 1, 31), date(2026, 2, 28)]


# --- Tasks


@pytest.mark.parametrize(
    ("closed", "extended", "granted", "outcome"),
    [
        (date(2026, 3, 6), None, None, "done"),
        (date(2026, 3, 8), None, None, "done"),  # a Sunday right after the deadline
        (date(2026, 3, 9), None, None, "-1.50"),
        (date(2026, 3, 11), None, None, "-2.25"),
        (date(2026, 3, 10), date(2026, 3, 10), date(2026, 3, 5), "done"),
        (date(2026, 3, 11), date(2026, 3, 10), date(2026, 3, 6), "-2.25"),  # granted too late
        (date(2026, 3, 11), date(2026, 3, 10), None, "-2.25"),
        (date(2026, 6, 30), None, None, "-4.50"),  # cut at 单项上限 in the entry
        (None, None, None, "-4.50"),
    ],
)
def test_in_time_or_late_by_working_days(office, me, closed, extended, granted, outcome):
    task(office, (me, "main", "100"), closed_on=closed, extended_to=extended,
         extension_granted_on=granted)  # fmt: skip
    found = {code: (points, day, item) for code, points, day, item in posted(office)}
    if outcome == "done":
        assert found == {"任-加": ("1.50", closed, "ZD-1"), "任-加科": ("0.75", closed, "ZD-1")}
    else:
        assert found["任-扣"] == (outcome, date(2026, 3, 9), "ZD-1")
        assert set(found) == {"任-扣", "任-扣科"}


def test_shares_of_a_finished_task(office, me):
    other = make_staff(section=office)
    task(office, (me, "main", "35"), (other, "joint", "65"), closed_on=date(2026, 3, 6))
    assert codes(office) == [("任-加", "0.53"), ("任-加", "0.98"), ("任-加科", "0.75")]


def test_only_main_handlers_answer_for_a_late_task(office, me):
    other = make_staff(section=office)
    task(office, (me, "main", "35"), (other, "joint", "65"), closed_on=date(2026, 3, 9))
    assert codes(office) == [("任-扣", "-1.50"), ("任-扣科", "-2.00")]


def test_an_open_task_is_late_when_it_is_known_how_late(office, me, clock):
    late = task(office, (me, "main", "100"))
    clock.set("2026-06-30 09:00")
    assert codes(office) == []
    clock.set("2026-07-01 09:00")
    assert codes(office) == [("任-扣", "-4.50"), ("任-扣科", "-6.00")]
    late.closed_on = date(2026, 7, 10)  # after the half-year: it was open at its end
    late.save()
    assert codes(office) == [("任-扣", "-4.50"), ("任-扣科", "-6.00")]


def test_due_on_the_last_day_is_late_in_the_next_half_year(office, me):
    task(office, (me, "main", "100"), due_on=date(2026, 6, 30), closed_on=date(2026, 7, 2))
    assert codes(office) == [("任-扣", "-1.88"), ("任-扣科", "-2.50")]
    assert {e.quarter.code for e in PointEntry.objects.all()} == {"2026Q3"}


def test_each_return_costs_the_lead_and_the_main_handlers(office, me):
    other = make_staff(section=office)
    elsewhere = make_section(office.unit, "研究室")
    one = task(office, (me, "main", "50"), (other, "joint", "50"), closed_on=date(2026, 5, 8),
               due_on=date(2026, 5, 8))  # fmt: skip
    for day, kind in ((6, "returned"), (9, "returned"), (10, "pressed")):
        SupervisionNote.objects.create(
            unit=office.unit, day=date(2026, 3, day), kind=kind, task=one, section=elsewhere,
            recorded_at=time.now(),
        )  # fmt: skip
    found = [row for row in posted(office) if row[0].startswith("退")]
    assert [(code, points) for code, points, *_rest in found] == [
        ("退-扣", "-0.75"), ("退-扣科", "-1.00"), ("退-扣", "-0.75"), ("退-扣科", "-1.00"),
    ]  # fmt: skip
    assert {item for *_rest, item in found} == {"ZD-1"}
    assert not PointEntry.objects.filter(section=elsewhere).exists()


def test_a_naming_costs_the_section_it_names(office):
    note = SupervisionNote.objects.create(
        unit=office.unit, day=date(2026, 3, 6), kind="named", section=office, recorded_at=time.now()
    )
    assert posted(office) == [("名-扣科", "-2.00", date(2026, 3, 6), f"named:{note.pk}")]


# --- Declarations


def declared(unit, **more):
    values = {
        "quarter": "2026Q1",
        "rule_code": "申-加",
        "level": "city",
        "matter": "“学习之星”",
        "document_no": "泽组发〔2026〕1号",
        "document_on": date(2026, 3, 6),
        "state": "confirmed",
        "imported": True,
    } | more
    return Declaration.objects.create(
        unit=unit, matter_key=reduced(values["matter"]), recorded_at=time.now(), **values
    )


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({}, "1.50"),
        ({"quantity": Decimal("2.5")}, "3.75"),
        ({"quantity": Decimal("0.003")}, None),  # rounds to nothing
        ({"state": "checked"}, None),
        ({"state": "refused"}, None),
        ({"document_no": ""}, None),
        ({"document_on": None}, None),
        ({"level": "own"}, None),  # fits no tier
        ({"level": ""}, None),
        ({"rule_code": "申-没有"}, None),
        ({"rule_code": "申-加科"}, None),  # a rule of sections
        ({"quarter": "2026Q2"}, "1.50"),
    ],
)
def test_a_declared_line_counts_when_all_of_it_is_there(office, me, change, points):
    declared(office.unit, person=me, **change)
    found = posted(office)
    wanted = [("申-加", points, date(2026, 3, 6), "学习之星")] if points else []
    assert found == wanted


def test_a_section_declares_too(office):
    line = declared(office.unit, section=office, rule_code="申-加科", level="")
    assert codes(office) == [("申-加科", "2.00")]
    line.state = "refused"
    line.save()
    assert codes(office) == []


def test_who_stood_behind_a_line_stands_in_its_entry(office, me):
    writer, checker, verifier = (make_staff(section=office) for _n in range(3))
    declared(
        office.unit, person=me, imported=False, filed_by=writer, filed_at=time.now(),
        checked_by=checker, checked_at=time.now(), verified_by=verifier, verified_at=time.now(),
    )  # fmt: skip
    settle(office)
    entry = PointEntry.objects.get(source__startswith="declared:")
    assert (entry.proposed_by, entry.checked_by, entry.approved_by) == (writer, checker, verifier)


# --- Late facts


def test_what_is_recorded_after_the_closing_counts_in_the_next_open_quarter(office, me):
    make_quarter(office.unit, "2026Q1", closed_by=me)
    item = adopted(office.unit)
    WritingCredit.objects.create(item=item, person=me, role="main")
    settle(office)
    entry = PointEntry.objects.get(source=f"writing:{item.pk}")
    assert (entry.event_on, entry.quarter.code) == (date(2026, 3, 6), "2026Q2")


def test_other_units_facts_are_none_of_ours(office, me):
    other = make_section(make_unit("别的单位"), "办公室")
    item = adopted(other.unit)
    WritingCredit.objects.create(item=item, person=me, role="main")
    assert codes(office) == []
