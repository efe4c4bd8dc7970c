from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledgers.models import DailyReport, PointEntry, Quarter
from scheme import clock as time
from scheme.models import Absence, AuditEntry, Job, SectionMembership
from scoring import posting as facts
from scoring.actions import posting
from scoring.models import RuleBook
from tests.factories import (
    make_absence,
    make_quarter,
    make_report,
    make_rule_book,
    make_section,
    make_staff,
    make_unit,
)

DAY = date(2026, 3, 5)  # a Thursday; its window closes on 12 March
AFTER = "2026-03-16 09:00"


@pytest.fixture
def section(db, clock):
    clock.set(AFTER)
    section = make_section(make_unit(), "办公室")
    make_rule_book(section.unit, in_force_from=date(2026, 1, 1))
    return section


@pytest.fixture
def person(section):
    return make_staff(section=section, staff_no="ZC008")


def settle(unit, first=DAY, last=DAY):
    return posting.settle(unit, first, last)


def entries(subject, prefix="report:"):
    field = "person" if hasattr(subject, "staff_no") else "section"
    rows = PointEntry.objects.filter(**{field: subject}, source__startswith=prefix)
    return [(e.rule_code, e.points, e.posting, bool(e.reverses_id)) for e in rows.order_by("pk")]


def test_a_day_without_a_report_costs_the_person_and_the_section(person, section):
    settle(section.unit)
    assert entries(person) == [("精业-扣-01", Decimal("-0.20"), 1, False)]
    assert entries(section) == [("精业-扣-11", Decimal("-0.05"), 1, False)]
    entry = PointEntry.objects.get(person=person, source__startswith="report:")
    assert entry.source == entry.item == f"report:{person.pk}:2026-03-05"
    assert (entry.event_on, entry.quarter.code, entry.book_version) == (DAY, "2026Q1", 1)
    assert entry.fact["day"] == "2026-03-05" and "report" not in entry.fact


def test_base_comes_with_the_half_year_once_a_subject(person, section):
    late = make_staff(section=section, joined_on=date(2026, 3, 2))
    make_staff(section.unit)  # no section: no subject
    gone = make_staff(section=section, left_on=date(2026, 1, 1))
    settle(section.unit)
    assert entries(person, "base:") == [
        ("勤学-基-01", Decimal(20), 1, False),
        ("精业-基-01", Decimal(20), 1, False),
    ]
    assert entries(section, "base:") == [("精业-基-11", Decimal(20), 1, False)]
    days = PointEntry.objects.filter(person=late, kind="base").values_list("event_on", flat=True)
    assert set(days) == {date(2026, 3, 2)}
    assert not PointEntry.objects.filter(person=gone).exists()
    assert not PointEntry.objects.filter(person__isnull=False, source__contains="H2").exists()


@pytest.mark.parametrize(
    ("filed_at", "rules"),
    [
        ("2026-03-05 17:30:00", []),
        ("2026-03-06 10:00:00", []),
        ("2026-03-06 10:00:01", ["精业-扣-02"]),
        ("2026-03-12 23:59:59", ["精业-扣-02"]),
        ("2026-03-13 00:00:00", ["精业-扣-01"]),
    ],
)
def test_when_it_was_filed_decides(person, section, filed_at, rules):
    from datetime import datetime

    at = time.at(DAY).replace(tzinfo=None)
    wall = datetime.fromisoformat(filed_at)
    make_report(person, DAY, filed_at=time.at(DAY) + (wall - at))
    settle(section.unit)
    assert [code for code, *_rest in entries(person)] == rules


def test_before_a_long_holiday_the_window_ends_with_the_next_cutoff(person, section, clock):
    day = date(2026, 2, 14)
    clock.set("2026-02-24 09:59:45")
    assert facts.settled_until(section.unit, time.now(), since=day) == date(2026, 2, 13)
    clock.set("2026-02-24 10:00:01")
    assert facts.settled_until(section.unit, time.now(), since=day) == date(2026, 2, 23)
    make_report(person, day, filed_at=time.at(date(2026, 2, 24), 10))
    settle(section.unit, day, day)
    assert entries(person) == []


def test_grades_count_when_given_and_only_of_a_report_in_time(person, section):
    reviewer = make_staff(section.unit, name="周正则")
    accepted = {"state": "accepted", "reviewed_by": reviewer}
    make_report(person, DAY, grade="good", **accepted)
    make_report(person, date(2026, 3, 4), grade="poor", **accepted)
    make_report(person, date(2026, 3, 3), grade="fair", **accepted)
    late = time.at(date(2026, 3, 14), 8)
    make_report(person, date(2026, 3, 2), grade="good", filed_at=late, **accepted)
    settle(section.unit, date(2026, 3, 2), DAY)
    assert [(code, points) for code, points, *_ in entries(person)] == [
        ("精业-扣-01", Decimal("-0.20")),
        ("精业-扣-03", Decimal("-0.50")),
        ("精业-加-01", Decimal("0.05")),
    ]
    fact = PointEntry.objects.get(rule_code="精业-加-01").fact
    assert fact["reviewer"] == "周正则" and fact["grade"] == "good"
    assert fact["report"] == DailyReport.objects.get(day=DAY).pk


@pytest.mark.parametrize("why", ["rest day", "not joined", "left", "absent", "no section", "draft"])
def test_who_owes_nothing_pays_nothing(section, why):
    day, more = DAY, {}
    if why == "rest day":
        day = date(2026, 3, 7)
    if why == "not joined":
        more = {"joined_on": date(2026, 3, 6)}
    if why == "left":
        more = {"left_on": DAY}
    person = make_staff(section.unit, section=None if why == "no section" else section, **more)
    if why == "absent":
        make_absence(person, date(2026, 3, 1))
    if why == "draft":
        make_report(person, DAY, state="draft")
    settle(section.unit, day, day)
    assert bool(entries(person)) == (why == "draft")


def test_a_persons_section_is_that_of_the_day(section):
    other = make_section(section.unit)
    person = make_staff(section=section, since=date(2025, 1, 1))
    SectionMembership.objects.filter(staff=person).update(end_on=DAY)
    SectionMembership.objects.create(staff=person, section=other, start_on=DAY)
    settle(section.unit, date(2026, 3, 4), DAY)
    assert len(entries(section)) == len(entries(other)) == 1
    assert PointEntry.objects.get(section=section, kind="deduction").event_on == date(2026, 3, 4)


def test_again_and_again_changes_nothing(person, section):
    make_report(person, DAY, state="accepted", grade="good")
    first = settle(section.unit)
    count = PointEntry.objects.count()
    assert first.posted == count > 0
    again = settle(section.unit)
    assert (again.posted, again.reversed, PointEntry.objects.count()) == (0, 0, count)
    assert AuditEntry.objects.filter(act="entries.post").count() == 1


def test_an_unsettled_day_is_left_alone(person, section, clock):
    clock.set("2026-03-12 23:59:45")
    done = settle(section.unit)
    assert done.until == date(2026, 3, 4) and entries(person) == []
    clock.set("2026-03-13 00:00:00")
    assert settle(section.unit).until == DAY and len(entries(person)) == 1


def test_an_absence_entered_later_reverses_and_its_going_posts_again(person, section):
    settle(section.unit)
    absence = make_absence(person, DAY, DAY)
    assert settle(section.unit)[:2] == (0, 2)
    assert entries(person) == [
        ("精业-扣-01", Decimal("-0.20"), 1, False),
        ("精业-扣-01", Decimal("0.20"), 1, True),
    ]
    assert settle(section.unit)[:2] == (0, 0)
    Absence.objects.filter(pk=absence.pk).delete()
    assert settle(section.unit)[:2] == (2, 0)
    assert entries(person)[-1] == ("精业-扣-01", Decimal("-0.20"), 2, False)
    make_absence(person, DAY, DAY)
    assert settle(section.unit)[:2] == (0, 2)
    assert len(entries(person)) == 4
    assert PointEntry.objects.in_force().filter(person=person, kind="deduction").count() == 0


def test_a_corrected_joining_day_moves_the_base(person, section):
    settle(section.unit)
    person.joined_on = date(2026, 2, 2)
    person.save()
    settle(section.unit)
    held = PointEntry.objects.in_force().filter(person=person, kind="base")
    assert {(e.event_on, e.posting) for e in held} == {(date(2026, 2, 2), 2)}


def test_what_comes_after_the_closing_counts_in_the_next_quarter(person, section):
    settle(section.unit)
    make_quarter(section.unit, "2026Q1", closed_by=make_staff(section.unit))
    make_absence(person, DAY, DAY)
    settle(section.unit)
    reversal = PointEntry.objects.get(person=person, reverses__isnull=False)
    assert (reversal.event_on, reversal.quarter.code) == (DAY, "2026Q2")


def test_when_all_quarters_are_closed_the_next_one_is_opened(person, section):
    closer = make_staff(section.unit)
    for code in ("2026Q1", "2026Q2"):
        make_quarter(section.unit, code, closed_by=closer)
    settle(section.unit)
    assert PointEntry.objects.filter(person=person).exists()
    assert set(PointEntry.objects.values_list("quarter__code", flat=True)) == {"2026Q3"}


def test_the_first_use_seals_the_book(person, section):
    assert RuleBook.objects.get().sealed_at is None
    settle(section.unit)
    assert RuleBook.objects.get().sealed_at is not None
    assert AuditEntry.objects.filter(act="rulebook.seal").count() == 1
    settle(section.unit)
    assert AuditEntry.objects.filter(act="rulebook.seal").count() == 1


def test_nothing_is_posted_for_days_before_the_book(person, section):
    done = settle(section.unit, date(2025, 12, 1), date(2025, 12, 31))
    assert entries(person) == []
    assert done.posted == PointEntry.objects.filter(kind="base").count()


def test_units_do_not_meet(person, section):
    stranger = make_staff(section=make_section(make_unit()))
    settle(section.unit)
    assert not PointEntry.objects.filter(person=stranger).exists()


# --- The look of the beat


def test_many_days_are_caught_up_by_one_job_a_half_year(person, section):
    made = posting.enqueue_due(section.unit)
    assert [job.args for job in made] == [{"first": "2026-01-04", "last": "2026-03-06"}]
    assert posting.enqueue_due(section.unit) == []


def run_all():
    from scheme import jobs

    for job in Job.objects.filter(state="waiting"):
        assert jobs.run(job.pk)


def test_then_each_newly_settled_day_has_its_own(person, section, clock):
    posting.enqueue_due(section.unit)
    run_all()
    clock.set("2026-03-18 09:00")
    made = posting.enqueue_due(section.unit)
    assert [job.dedupe_key for job in made] == [
        f"{section.unit.pk}/2026-03-09",
        f"{section.unit.pk}/2026-03-10",
    ]
    run_all()
    assert posting.enqueue_due(section.unit) == []


def test_a_fact_that_changed_is_looked_at_again_each_time(person, section):
    posting.enqueue_due(section.unit)
    run_all()
    for _time in range(2):
        absence = make_absence(person, DAY, DAY)
        assert len(posting.enqueue_due(section.unit)) == 1
        assert posting.enqueue_due(section.unit) == []
        run_all()
        absence.delete()
        assert len(posting.enqueue_due(section.unit)) == 1
        run_all()
    assert posting.enqueue_due(section.unit) == []
    assert PointEntry.objects.filter(person=person, rule_code="精业-扣-01").exists()


def test_a_joiner_gets_the_base_and_a_new_half_year_begins_with_it(person, section, clock):
    posting.enqueue_due(section.unit)
    run_all()
    joiner = make_staff(section=section, joined_on=date(2026, 3, 16))
    posting.enqueue_due(section.unit)
    run_all()
    assert len(entries(joiner, "base:2026H1")) == 2
    clock.set("2026-07-01 00:00:10")
    for _time in range(4):
        posting.enqueue_due(section.unit)
        run_all()
    assert len(entries(joiner, "base:2026H2")) == 2


def test_no_book_no_work(db, clock):
    clock.set(AFTER)
    unit = make_unit()
    assert posting.enqueue_due(unit) == []
    make_rule_book(unit, in_force_from=date(2026, 4, 1))
    assert posting.enqueue_due(unit) == []


def test_a_book_in_force_since_a_moment_ago_looks_no_further_back(person, section):
    other = make_unit()
    make_rule_book(other, in_force_from=date(2026, 3, 2))
    made = posting.enqueue_due(other)
    assert made[0].args["first"] == "2026-03-02"


def test_the_task_asks_every_unit_with_a_book(person, section):
    from scoring.tasks import look

    look()
    job = Job.objects.get()
    assert job.unit == section.unit
    run_all()
    job.refresh_from_db()
    assert job.result["posted"] == PointEntry.objects.count() > 0


def test_a_settled_day_follows_its_working_day(section):
    at = time.now()
    assert facts.settled_until(section.unit, at, since=date(2026, 3, 5)) == date(2026, 3, 8)
    assert facts.settled_until(section.unit, at, since=date(2026, 3, 14)) == date(2026, 3, 15)
    future = time.today() + timedelta(3)
    assert facts.settled_until(section.unit, at, since=future) == future - timedelta(1)


def test_quarters_are_there_before_they_are_needed(section):
    settle(section.unit)
    assert {"2026Q1", "2026Q2"} <= set(Quarter.objects.values_list("code", flat=True))


def test_rest_days_alone_are_settled_at_once(section, clock):
    clock.set("2026-03-14 09:00")
    day = date(2026, 3, 14)
    assert facts.settled_until(section.unit, time.now(), since=day) == day
