from datetime import date

import pytest
from django.utils import translation

from scheme import periods


def test_halves_and_quarters_are_half_open():
    assert periods.half_span("2026H1") == (date(2026, 1, 1), date(2026, 7, 1))
    assert periods.half_span("2026H2") == (date(2026, 7, 1), date(2027, 1, 1))
    assert periods.quarter_span("2026Q1") == (date(2026, 1, 1), date(2026, 4, 1))
    assert periods.quarter_span("2026Q4") == (date(2026, 10, 1), date(2027, 1, 1))
    assert periods.half_span("2026H1").last == date(2026, 6, 30)


@pytest.mark.parametrize(
    "code", ["", "2026", "2026H3", "2026H0", "26H1", "2026h1", "1999H1", "2200H1", "２０２６H1"]
)
def test_nothing_else_is_a_half(code):
    with pytest.raises(ValueError):
        periods.half_span(code)
    with pytest.raises(ValueError):
        periods.quarter_span(code.replace("H3", "Q5").replace("H", "Q").replace("Q1", "Q0"))


@pytest.mark.parametrize(
    ("day", "half", "quarter", "before"),
    [
        (date(2026, 1, 1), "2026H1", "2026Q1", "2025H2"),
        (date(2026, 6, 30), "2026H1", "2026Q2", "2025H2"),
        (date(2026, 7, 1), "2026H2", "2026Q3", "2026H1"),
        (date(2026, 12, 31), "2026H2", "2026Q4", "2026H1"),
    ],
)
def test_the_periods_of_a_day(day, half, quarter, before):
    assert periods.half_of(day) == half
    assert periods.quarter_of(day) == quarter
    assert periods.half_before(day) == before
    assert quarter in periods.quarters_of(half)
    assert periods.half_span(half).first <= day < periods.half_span(half).until
    assert periods.half_span(before).until <= day


def test_the_two_quarters_make_the_half():
    for half in ("2026H1", "2026H2"):
        first, second = map(periods.quarter_span, periods.quarters_of(half))
        assert (first.first, second.until) == periods.half_span(half)
        assert first.until == second.first


def test_what_people_call_it():
    with translation.override("zh-hans"):
        assert periods.half_name("2026H1") == "2026年上半年"
        assert periods.half_name("2026H2") == "2026年下半年"
