"""The shipped holiday plans against a library that keeps them independently."""

import csv
from datetime import date, timedelta

import chinese_calendar

from tests.house.source import ROOT


def plan():
    with (ROOT / "scheme/calendar/exceptions.csv").open(encoding="utf-8") as file:
        return [(date.fromisoformat(row["日期"]), row["休班"]) for row in csv.DictReader(file)]


def test_every_day_of_the_shipped_years_agrees():
    stated = dict(plan())
    day, until = date(min(stated).year, 1, 1), date(max(stated).year + 1, 1, 1)
    compared = 0
    while day < until:
        working = stated[day] == "班" if day in stated else day.weekday() < 5
        try:
            assert working == chinese_calendar.is_workday(day), day
            compared += 1
        except NotImplementedError:
            # A year the library does not know yet.
            pass
        day += timedelta(1)
    assert compared > 6 * 365


def test_the_plan_is_in_order_and_says_only_what_differs():
    days = plan()
    assert [day for day, _kind in days] == sorted({day for day, _kind in days})
    assert {kind for _day, kind in days} == {"休", "班"}
    assert all(day.weekday() >= 5 for day, kind in days if kind == "班")
