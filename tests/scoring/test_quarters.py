from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ledgers.actions import quarters
from ledgers.models import PointEntry, Quarter, QuarterMove
from scheme import clock as clocks
from scheme.errors import Refused
from scheme.models import AuditEntry
from tests.factories import make_department, make_entry, make_quarter


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-20 09:00")
    return make_department()


def test_a_quarter_is_made_once(d):
    first = quarters.ensure(d.unit, "2026Q1")
    assert quarters.ensure(d.unit, "2026Q1") == first
    assert (first.starts_on, first.ends_on) == (date(2026, 1, 1), date(2026, 4, 1))
    with pytest.raises(ValueError):
        quarters.ensure(d.unit, "2026H1")


def test_closing_is_for_good_and_recorded(d):
    quarters.ensure(d.unit, "2026Q1")
    closed = quarters.close("2026Q1", unit=d.unit, by=d.personnel[0])
    assert closed.closed_by == d.personnel[0] and closed.closed_at
    assert AuditEntry.objects.get(act="quarter.close").actor == d.personnel[0]
    with pytest.raises(Refused, match="已经关账"):
        quarters.close("2026Q1", unit=d.unit, by=d.personnel[0])
    with pytest.raises(IntegrityError, match="is closed"), transaction.atomic():
        make_entry(d.officers[0][0], "-0.20", date(2026, 3, 5))
    assert not PointEntry.objects.exists()


def test_who_may_close(d):
    quarters.ensure(d.unit, "2026Q1")
    with pytest.raises(PermissionDenied):
        quarters.close("2026Q1", unit=d.unit, by=d.leader)
    assert Quarter.objects.get().closed_at is None


def test_quarters_close_in_order(d, clock):
    clock.set("2026-08-01")
    quarters.ensure(d.unit, "2026Q1")
    quarters.ensure(d.unit, "2026Q2")
    with pytest.raises(Refused, match="2026Q1"):
        quarters.close("2026Q2", unit=d.unit, by=d.personnel[0])


def test_a_quarter_nobody_knows(d):
    with pytest.raises(Refused, match="没有"):
        quarters.close("2026Q1", unit=d.unit, by=d.personnel[0])


def test_not_before_its_last_day_can_no_longer_be_filed(d, clock):
    quarters.ensure(d.unit, "2026Q1")
    clock.set("2026-04-07 23:59:45")
    with pytest.raises(Refused, match="补报期"):
        quarters.close("2026Q1", unit=d.unit, by=d.personnel[0])
    clock.set("2026-04-08 10:00:01")
    quarters.close("2026Q1", unit=d.unit, by=d.personnel[0])


def test_the_closing_says_what_stood_in_the_book(d):
    quarters.ensure(d.unit, "2026Q1")
    make_entry(d.officers[0][0], "20", date(2026, 1, 1), kind="base")
    make_entry(d.officers[0][0], "-0.20", date(2026, 3, 5))
    make_entry(d.officers[0][0], "-0.20", date(2026, 4, 5))
    quarters.close("2026Q1", unit=d.unit, by=d.personnel[0])
    move = QuarterMove.objects.get()
    assert (move.kind, move.entries, move.points) == ("closed", 2, Decimal("19.80"))
    assert move.by == d.personnel[0] and move.reason == ""
    assert AuditEntry.objects.get(act="quarter.close").after["points"] == "19.80"


def test_moves_are_never_changed(d):
    quarters.ensure(d.unit, "2026Q1")
    quarters.close("2026Q1", unit=d.unit, by=d.personnel[0])
    for act in (QuarterMove.objects.all().delete, lambda: QuarterMove.objects.update(entries=7)):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    with pytest.raises(IntegrityError, match="with_a_reason"), transaction.atomic():
        QuarterMove.objects.create(
            quarter=Quarter.objects.get(), kind="reopened", by=d.leader, at=clocks.now()
        )


@pytest.mark.parametrize(
    ("closed", "day", "expected"),
    [
        ([], date(2026, 3, 5), "2026Q1"),
        (["2026Q1"], date(2026, 3, 5), "2026Q2"),
        (["2026Q1"], date(2026, 4, 5), "2026Q2"),
        (["2026Q1", "2026Q2"], date(2026, 3, 5), "2026Q3"),
        (["2025Q3", "2025Q4"], date(2025, 9, 30), "2026Q1"),
    ],
)
def test_what_is_late_counts_in_the_next_open_quarter(d, closed, day, expected):
    for code in closed:
        make_quarter(d.unit, code, closed_by=d.personnel[0])
    with transaction.atomic():
        assert quarters.counting(d.unit, day).code == expected
