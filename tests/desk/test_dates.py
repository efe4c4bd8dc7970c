from datetime import date, datetime, timedelta

import pytest

from desk.demo.dates import shift_moment, shift_to
from scheme import clock, workdays
from scheme.periods import half_span

pytestmark = pytest.mark.django_db


def test_the_source_half_stays_where_it_is():
    move = shift_to("2026H1")
    assert move(date(2026, 2, 14)) == date(2026, 2, 14)


def test_working_days_land_on_working_days_in_order():
    move = shift_to("2026H2")
    span = half_span("2026H1")
    landed = [move(day) for day in workdays.between(span.first, span.last)]
    kept = [day for day in landed if day]
    assert kept == sorted(set(kept))
    assert kept == workdays.between(kept[0], kept[-1])
    assert half_span("2026H2").first <= kept[0] and kept[-1] < half_span("2026H2").until


def test_no_two_days_of_the_source_land_on_one():
    move = shift_to("2025H2")
    span = half_span("2026H1")
    days = [span.first + timedelta(n) for n in range((span.until - span.first).days)]
    landed = [moved for day in days if (moved := move(day))]
    assert len(landed) == len(set(landed))


def test_days_that_have_not_come_drop_out():
    move = shift_to("2026H2", until=date(2026, 7, 8))
    assert move(date(2026, 1, 4)) == date(2026, 7, 1)
    assert move(date(2026, 6, 30)) is None


def test_a_filing_before_ten_of_the_next_working_day_stays_one():
    """14 February's next working day is the 24th; the target's is the day after."""
    move = shift_to("2026H2")
    day = date(2026, 2, 14)
    filed = clock.at(date(2026, 2, 24), 9, 59)
    moved = clock.local(shift_moment(move, day, filed))
    assert moved.date() == workdays.following(move(day))
    assert moved.time() == datetime(2026, 1, 1, 9, 59).time()


def test_a_filing_on_a_rest_day_keeps_its_distance():
    move = shift_to("2026H2")
    friday = date(2026, 1, 9)
    filed = clock.at(date(2026, 1, 10), 20, 0)
    moved = clock.local(shift_moment(move, friday, filed))
    assert moved.date() - move(friday) == timedelta(1)


def test_a_longer_half_begins_the_source_again():
    span = half_span("2026H1")
    days = workdays.between(span.first, span.last)
    first, second = (shift_to("2026H2", lap=lap) for lap in (0, 1))
    landed = [moved for move in (first, second) for day in days if (moved := move(day))]
    target = half_span("2026H2")
    assert landed == workdays.between(target.first, target.last)
    assert shift_to("2026H1", lap=1)(days[0]) is None
    assert second(date(2025, 12, 1)) is None
