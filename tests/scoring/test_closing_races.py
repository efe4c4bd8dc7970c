"""Closing, posting and manual entries let go at one moment, with their guards and without."""

import time
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from ledgers.actions import quarters
from ledgers.models import PointEntry, Quarter, QuarterMove
from scheme import clock as clocks
from scheme.errors import Refused
from scheme.models import Unit
from scoring.actions import closing, manual, posting
from scoring.models import ManualEntry
from tests.factories import make_department, make_rule_book

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
TRIALS = 5


@pytest.fixture
def d(committed_db, clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    make_rule_book(
        d.unit, in_force_from=date(2026, 1, 1), proposed_by=d.personnel[0], approved_by=d.leader
    )
    return d


def quarters_used():
    entries = PointEntry.objects.filter(event_on__lte=LAST)
    return set(entries.values_list("quarter__code", flat=True))


def test_what_was_recorded_before_the_closing_counts_in_the_quarter(d, race):
    done = race(
        lambda: closing.close("2026Q1", unit=d.unit, by=d.personnel[0]),
        lambda: posting.settle(d.unit, FIRST, LAST),
        lambda: posting.settle(d.unit, FIRST, LAST),
    )
    assert not [one for one in done if isinstance(one, Exception)], done
    assert quarters_used() == {"2026Q1"}
    move = QuarterMove.objects.get()
    assert move.entries == PointEntry.objects.filter(quarter__code="2026Q1").count() > 100


def test_without_settling_first_facts_recorded_in_time_come_too_late(d):
    """The control: the bare closing leaves them to the next quarter."""
    quarters.ensure(d.unit, "2026Q1")
    quarters.close("2026Q1", unit=d.unit, by=d.personnel[0])
    posting.settle(d.unit, FIRST, LAST)
    assert quarters_used() == {"2026Q2"}


def test_closed_once_however_many_close(d, race):
    by = d.personnel
    done = race(*[lambda n=n: closing.close("2026Q1", unit=d.unit, by=by[n % 2]) for n in range(3)])
    assert sum(isinstance(one, closing.Closed) for one in done) == 1
    assert all(isinstance(one, Refused | closing.Closed) for one in done), done
    assert QuarterMove.objects.count() == 1


def test_opened_again_once(d, race):
    closing.close("2026Q1", unit=d.unit, by=d.personnel[0])

    def reopen():
        return closing.reopen("2026Q1", unit=d.unit, reason="漏记", by=d.leader)

    done = race(reopen, reopen, reopen)
    assert sorted(isinstance(one, Quarter) for one in done) == [False, False, True]
    assert QuarterMove.objects.filter(kind="reopened").count() == 1


def waiting(d):
    return manual.propose(
        d.unit,
        person=d.officers[0][0],
        rule_code="精业-加-01",
        points=Decimal("0.5"),
        event_on=date(2026, 3, 5),
        matter="接访",
        reason="台账没有",
        basis="纪要",
        by=d.personnel[0],
    )


def approve_unguarded(pk, by):
    """As the action would, had it no lock: look, then write."""
    one = ManualEntry.objects.get(pk=pk)
    if one.state != "proposed":
        raise Refused("late")
    time.sleep(0.02)
    with transaction.atomic():
        # Nor a source of its own, which the index of the book would catch.
        one.entry = PointEntry.objects.create(
            unit=one.unit, person=one.person, star_id="ye", kind="bonus", rule_code=one.rule_code,
            rule_title="", book_version=1, points=one.points, event_on=one.event_on,
            quarter=quarters.ensure(one.unit, "2026Q1"), source=f"t:{time.monotonic_ns()}",
            item="t", posted_at=clocks.now(),
        )  # fmt: skip
    return one


@pytest.mark.parametrize("guard", ["on", "off"])
def test_one_decision_makes_one_entry(d, race, guard):
    extra = 0
    quarters.ensure(d.unit, "2026Q1")
    for _trial in range(TRIALS):
        before = PointEntry.objects.count()
        pk = waiting(d).pk

        def decide(pk=pk):
            if guard == "on":
                return manual.approve(pk, by=d.leader)
            return approve_unguarded(pk, d.leader)

        done = race(decide, decide, decide)
        assert all(isinstance(one, Refused | ManualEntry) for one in done), done
        extra += PointEntry.objects.count() - before - 1
    assert (extra == 0) == (guard == "on")


def test_withdrawn_or_approved_never_both(d, race):
    for _trial in range(TRIALS):
        pk = waiting(d).pk
        done = race(
            lambda pk=pk: manual.approve(pk, by=d.leader),
            lambda pk=pk: manual.withdraw(pk, by=d.personnel[0]),
        )
        assert sum(isinstance(one, Refused) for one in done) == 1, done
        one = ManualEntry.objects.get(pk=pk)
        assert (one.entry_id is not None) == (one.state == "approved")


def test_approving_and_closing_at_once_leave_no_entry_behind(d, race):
    """Either the entry is in before the closing, or the closing is refused for it."""
    pk = waiting(d).pk
    done = race(
        lambda: manual.approve(pk, by=d.leader),
        lambda: closing.close("2026Q1", unit=d.unit, by=d.personnel[0]),
    )
    approved, closed = done
    assert approved.entry.quarter.code == "2026Q1"
    if isinstance(closed, Exception):
        assert "手工记分" in str(closed)
        closed = closing.close("2026Q1", unit=d.unit, by=d.personnel[0])
    assert closed.move.entries == PointEntry.objects.filter(quarter__code="2026Q1").count()


def test_the_closing_waits_for_whoever_holds_the_unit(d, race):
    """No proposal slips in between the look and the closing."""

    def hold():
        with transaction.atomic():
            Unit.objects.select_for_update(no_key=True).get(pk=d.unit.pk)
            time.sleep(0.3)
            return waiting(d)

    def close():
        time.sleep(0.1)
        return closing.close("2026Q1", unit=d.unit, by=d.personnel[0])

    proposed, closed = race(hold, close)
    assert isinstance(proposed, ManualEntry)
    assert isinstance(closed, Refused) and "手工记分" in str(closed)
