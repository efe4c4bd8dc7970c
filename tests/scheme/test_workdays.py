from datetime import date

import pytest

from scheme import workdays
from scheme.errors import Refused
from scheme.models import CalendarDay

pytestmark = pytest.mark.django_db

# 2026: Spring Festival 15 to 23 February, with 14 and 28 February worked.
FRIDAY, MAKE_UP_SATURDAY = date(2026, 2, 13), date(2026, 2, 14)
HOLIDAY, BACK = date(2026, 2, 17), date(2026, 2, 24)


def test_the_shipped_calendar_knows_make_up_days():
    assert workdays.is_working(FRIDAY)
    assert workdays.is_working(MAKE_UP_SATURDAY)
    assert not workdays.is_working(HOLIDAY)
    assert workdays.is_working(BACK)
    assert not workdays.is_working(date(2026, 7, 4))


def test_counting_on():
    assert workdays.following(FRIDAY) == MAKE_UP_SATURDAY
    assert workdays.following(FRIDAY, 2) == BACK
    assert workdays.following(HOLIDAY) == BACK
    assert workdays.following(date(2026, 7, 6), 5) == date(2026, 7, 13)


def test_counting_back():
    assert workdays.preceding(BACK) == MAKE_UP_SATURDAY
    assert workdays.preceding(HOLIDAY, 2) == FRIDAY


def test_the_working_days_of_a_span():
    assert workdays.between(FRIDAY, BACK) == [FRIDAY, MAKE_UP_SATURDAY, BACK]
    assert workdays.between(HOLIDAY, HOLIDAY) == []
    assert workdays.between(BACK, FRIDAY) == []


def test_where_the_calendar_ends_it_says_so():
    last = CalendarDay.objects.latest("day").day
    first = CalendarDay.objects.earliest("day").day
    with pytest.raises(Refused, match="放假安排"):
        workdays.following(last)
    with pytest.raises(Refused, match="更早"):
        workdays.preceding(first)


def test_a_year_is_known_when_its_plan_is_out():
    assert workdays.is_known(2026)
    last = CalendarDay.objects.latest("day").day.year
    assert not workdays.is_known(last)
    assert not workdays.is_known(last + 1)


def test_the_days_of_a_year():
    assert len(workdays.days_of(2026)) == 365
    assert len(workdays.days_of(2028)) == 366
    assert workdays.days_of(2026)[-1] == date(2026, 12, 31)
