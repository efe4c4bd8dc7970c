from datetime import date, time

import pytest

from ledgers import deadlines, showing
from ledgers.deadlines import Status
from ledgers.models import DailyReport
from scheme.clock import today
from scheme.errors import Refused
from scheme.models import SectionMembership
from scheme.offices import Office
from tests.factories import (
    make_absence,
    make_policy,
    make_report,
    make_section,
    make_staff,
    make_unit,
    moment,
)

pytestmark = pytest.mark.django_db
THURSDAY, FRIDAY = date(2026, 3, 5), date(2026, 3, 6)


@pytest.fixture
def person(clock):
    clock.set("2026-03-31 12:00")
    section = make_section()
    make_policy(section.unit)
    return make_staff(section=section)


def on(person, day) -> deadlines.DayStatus:
    return deadlines.day_status(person, day)


@pytest.mark.parametrize(
    ("day", "cutoff", "closes"),
    [
        ("2026-03-05", "2026-03-06 10:00", "2026-03-12 23:59:59"),
        ("2026-03-06", "2026-03-09 10:00", "2026-03-13 23:59:59"),
        # The working Saturday before the spring festival: the next working day is nine days off.
        ("2026-02-14", "2026-02-24 10:00", "2026-02-24 10:00"),
        # Friday before a working Saturday, and a working Sunday.
        ("2026-02-27", "2026-02-28 10:00", "2026-03-06 23:59:59"),
        ("2026-01-04", "2026-01-05 10:00", "2026-01-11 23:59:59"),
        ("2026-06-30", "2026-07-01 10:00", "2026-07-07 23:59:59"),
    ],
)
def test_a_day_closes_at_the_later_of_back_filling_and_cutoff(day, cutoff, closes):
    found = deadlines.deadline_of(make_unit(), date.fromisoformat(day))

    assert (found.cutoff, found.closes) == (moment(cutoff), moment(closes))


@pytest.mark.parametrize(
    ("filed", "status"),
    [
        ("2026-03-05 17:30:00", Status.ON_TIME),
        ("2026-03-06 10:00:00", Status.ON_TIME),
        ("2026-03-06 10:00:01", Status.LATE),
        ("2026-03-06 23:59:59", Status.LATE),
        ("2026-03-07 00:00:00", Status.BACKFILLED),
        ("2026-03-12 23:59:59", Status.BACKFILLED),
        ("2026-03-13 00:00:00", Status.MISSING),
    ],
)
def test_filing_is_judged_to_the_second(person, filed, status):
    make_report(person, THURSDAY, filed_at=moment(filed))

    assert on(person, THURSDAY).status == status


def test_parts_of_a_second_are_not_late():
    found = deadlines.deadline_of(make_unit(), THURSDAY)

    half = found.cutoff.replace(microsecond=999_999)

    assert deadlines.in_time(found, half) == Status.ON_TIME


@pytest.mark.parametrize(
    ("filed", "status"),
    [("2026-02-24 10:00:00", Status.ON_TIME), ("2026-02-24 10:00:01", Status.MISSING)],
)
def test_the_day_before_the_spring_festival_closes_with_its_cutoff(person, filed, status):
    make_report(person, date(2026, 2, 14), filed_at=moment(filed))

    assert on(person, date(2026, 2, 14)).status == status


def test_an_open_day_is_due_until_the_last_second(person, clock):
    clock.set("2026-03-12 23:59:58")
    assert on(person, THURSDAY).status == Status.DUE

    clock.set("2026-03-13 00:00:01")
    assert on(person, THURSDAY).status == Status.MISSING


def test_a_draft_is_not_filed(person, clock):
    clock.set("2026-03-06 09:00")
    make_report(person, THURSDAY, state=DailyReport.State.DRAFT)

    shown = on(person, THURSDAY)

    assert (shown.status, showing.word(shown)) == (Status.DUE, "草稿")


def test_days_ahead_off_excused_and_outside_the_section(person):
    person.left_on = date(2026, 3, 27)
    SectionMembership.objects.filter(staff=person).update(start_on=date(2026, 3, 2))
    make_absence(person, THURSDAY, FRIDAY)
    make_absence(person, date(2026, 3, 20))

    shown = {s.day.day: s.status for s in deadlines.day_statuses(person, date(2026, 3, 1), FRIDAY)}

    assert shown == {
        1: Status.NONE,
        2: Status.MISSING,
        3: Status.MISSING,
        4: Status.MISSING,
        5: Status.EXCUSED,
        6: Status.EXCUSED,
    }
    assert on(person, date(2026, 3, 9)).status == Status.MISSING
    assert on(person, date(2026, 3, 26)).status == Status.EXCUSED
    assert on(person, date(2026, 3, 27)).status == Status.NONE


def test_a_day_that_has_not_come_is_neither_due_nor_missing(person):
    assert on(person, date(2026, 4, 1)).status == Status.COMING
    assert on(person, date(2026, 4, 4)).status == Status.OFF


def test_a_make_up_day_is_a_working_day_and_a_weekday_off_is_not(person):
    saturday = on(person, date(2026, 2, 14))
    monday = on(person, date(2026, 2, 16))

    assert (saturday.status, saturday.makeup, saturday.name) == (Status.MISSING, True, "春节")
    assert (monday.status, monday.makeup) == (Status.OFF, False)


def test_what_is_filed_while_excused_is_kept_and_not_due(person):
    make_absence(person, THURSDAY, THURSDAY)
    make_report(person, THURSDAY)

    shown = on(person, THURSDAY)

    assert (shown.status, showing.note(shown)) == (Status.EXCUSED, "已报")
    assert showing.word(shown) == "请假"


def test_the_policy_in_force_on_the_day_counts(person):
    make_policy(person.unit, in_force_from=FRIDAY, cutoff=time(12, 0, 30), backfill_days=1)

    before, after = (deadlines.deadline_of(person.unit, day) for day in (THURSDAY, FRIDAY))

    assert before.cutoff == moment("2026-03-06 10:00")
    assert after.cutoff == after.closes == moment("2026-03-09 12:00:30")


def test_the_earliest_policy_holds_before_any():
    unit = make_unit()
    make_policy(unit, in_force_from=FRIDAY, cutoff=time(9))

    assert deadlines.deadline_of(unit, THURSDAY).cutoff == moment("2026-03-06 09:00")


def test_where_the_calendar_ends_there_is_no_deadline():
    with pytest.raises(Refused):
        deadlines.deadline_of(make_unit(), date(2198, 3, 5))


@pytest.mark.parametrize("days", [1, 200])
def test_a_calendar_costs_four_queries(person, days, django_assert_num_queries):
    first = date(2026, 1, 1)
    with django_assert_num_queries(4):
        deadlines.day_statuses(person, first, date.fromordinal(first.toordinal() + days))


@pytest.mark.parametrize("people", [1, 30])
def test_a_section_s_day_costs_seven_queries(people, django_assert_num_queries):
    section = make_section()
    for _n in range(people):
        make_report(make_staff(section=section), THURSDAY)

    with django_assert_num_queries(7):
        rows = deadlines.section_day(section, THURSDAY)

    assert [row.status.report is not None for row in rows] == [True] * people


def test_a_section_s_day_has_who_belonged_to_it_that_day(clock):
    clock.set("2026-03-31 12:00")
    section = make_section()
    other = make_section(section.unit)
    chief = make_staff(section=section, office=Office.SECTION_CHIEF)
    moved = make_staff(section=section)
    SectionMembership.objects.filter(staff=moved).update(end_on=FRIDAY)
    SectionMembership.objects.create(staff=moved, section=other, start_on=FRIDAY)
    make_staff(section=section, left_on=THURSDAY)
    away = make_staff(section=section)
    make_absence(away, THURSDAY)
    drafting = make_staff(section=section)
    make_report(drafting, THURSDAY, state=DailyReport.State.DRAFT)

    rows = deadlines.section_day(section, THURSDAY)

    assert [(row.person, row.heads, row.status.status) for row in rows] == [
        (chief, True, Status.MISSING),
        (moved, False, Status.MISSING),
        (away, False, Status.EXCUSED),
        (drafting, False, Status.MISSING),
    ]
    # Others' drafts are their own business.
    assert all(row.status.report is None for row in rows)
    assert moved not in [row.person for row in deadlines.section_day(section, FRIDAY)]


def test_the_denominator_is_what_was_owed(person, clock):
    clock.set("2026-03-12 12:00")
    make_report(person, date(2026, 3, 2))
    make_report(person, date(2026, 3, 3), filed_at=moment("2026-03-04 11:00"))
    make_report(person, date(2026, 3, 4), filed_at=moment("2026-03-09 11:00"))
    make_absence(person, date(2026, 3, 9), date(2026, 3, 10))

    days = deadlines.day_statuses(person, date(2026, 3, 1), date(2026, 3, 31))

    # 5, 6, 11 and 12 March may still be filed; 13 March and later have not come.
    assert showing.sums(days, today()) == {
        "owed": 7,
        "filed": 3,
        "on_time": 1,
        "late": 1,
        "backfilled": 1,
        "missing": 0,
        "due": 4,
        "excused": 2,
    }
