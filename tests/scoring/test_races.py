"""Real transactions at one moment: posting against posting, posting against closing."""

import os
import subprocess
import sys
import time
from datetime import date

import pytest
from django.db import connection, transaction

from ledgers.actions import quarters
from ledgers.models import PointEntry, Quarter
from scheme import clock as clocks
from scoring import posting as facts
from scoring.actions import posting, rulebooks
from scoring.models import RuleBook
from tests.factories import make_department, make_rule_book
from tests.infra.processes import ROOT

FIRST, LAST = date(2026, 1, 5), date(2026, 3, 31)
TRIALS = 20


@pytest.fixture
def d(committed_db, clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    d.book = make_rule_book(d.unit, in_force_from=date(2026, 1, 1))
    for code in ("2026Q1", "2026Q2"):
        quarters.ensure(d.unit, code)
    return d


def keys():
    return list(
        PointEntry.objects.values_list("source", "rule_code", "person", "section", "posting")
    )


def test_two_threads_post_each_fact_once(d, race):
    done = race(*[lambda: posting.settle(d.unit, FIRST, LAST) for _n in range(2)])
    assert sorted(result.posted > 0 for result in done) == [False, True]
    found = keys()
    assert len(found) == len(set(found)) > 100


def test_even_without_the_units_lock_the_index_lets_one_through(d, race):
    """The lock spares work; what makes a fact one entry is `entry_posted_once`."""
    reach = facts.reach(d.unit, FIRST, LAST, clocks.now())
    values = facts.parameters(reach)

    def post():
        with transaction.atomic():
            facts.lay_out(values)
            return facts.post(values)

    done = race(post, post, post)
    found = keys()
    assert sum(done) == len(found) == len(set(found)) > 100


def test_two_reversals_at_once_reverse_once(d, race):
    from tests.factories import make_absence

    posting.settle(d.unit, FIRST, LAST)
    person = d.officers[0][0]
    make_absence(person, FIRST, LAST)
    values = facts.parameters(facts.reach(d.unit, FIRST, LAST, clocks.now()))

    def reverse():
        with transaction.atomic():
            facts.lay_out(values)
            return facts.reverse(values)

    done = race(reverse, reverse)
    reversed_ = PointEntry.objects.filter(reverses__isnull=False)
    assert sum(done) == reversed_.count() == reversed_.values("reverses").distinct().count() > 0


SETTLE = """
import datetime, django
django.setup()
from scheme.models import Unit
from scoring.actions import posting
done = posting.settle(Unit.objects.get(), datetime.date(2026, 1, 5), datetime.date(2026, 3, 31))
print(done.posted)
"""


def test_two_processes_post_each_fact_once(d, committed_db):
    env = os.environ | {"DATABASE_URL": committed_db.url}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SETTLE], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        )
        for _n in range(2)
    ]
    posted = [int(process.communicate(timeout=120)[0]) for process in running]
    found = keys()
    assert sorted(posted) == [0, len(found)]
    assert len(found) == len(set(found)) > 100


def test_a_book_is_sealed_once_however_many_use_it(d, race):
    from scheme.models import AuditEntry

    race(*[lambda: rulebooks.seal(d.book.pk, by=None) for _n in range(3)])
    assert AuditEntry.objects.filter(act="rulebook.seal").count() == 1
    assert RuleBook.objects.get().sealed_at


@pytest.mark.parametrize("closer", ["the action's lock", "a plain update from a shell"])
def test_no_entry_slips_in_behind_the_closing(d, race, closer):
    """Many a time: what a reader finds in a closed quarter right after the closing stays all.

    The plain update is what the trigger's FOR SHARE is for: beside the weaker FOR KEY SHARE it
    does not wait for entries under way.
    """
    for _trial in range(TRIALS):
        # A quarter of its own for each trial; the guard looks at the row, not at its dates.
        quarter = Quarter.objects.create(
            unit=d.unit, code=f"T{_trial:03d}", starts_on=FIRST, ends_on=LAST
        )
        seen = {}

        def close(quarter=quarter, seen=seen):
            rows = Quarter.objects.filter(pk=quarter.pk)
            with transaction.atomic():
                if closer == "the action's lock":
                    rows = rows.select_for_update()
                    rows.get()
                rows.update(closed_at=clocks.now(), closed_by=d.personnel[0])
            seen["after"] = PointEntry.objects.filter(quarter=quarter).count()

        def post(n, quarter=quarter):
            from tests.factories import make_entry

            # Under way for a moment, as within a longer act.
            with transaction.atomic():
                entry = make_entry(d.officers[0][n], "-0.20", FIRST, quarter=quarter)
                time.sleep(0.02 * n)
                return entry

        done = race(close, *[lambda n=n: post(n) for n in range(3)])
        refused = [result for result in done if isinstance(result, Exception)]
        assert all("is closed" in str(error) for error in refused), refused
        assert PointEntry.objects.filter(quarter=quarter).count() == seen["after"]
        assert seen["after"] == 3 - len(refused)


def test_posting_and_closing_at_once_leave_no_fact_out(d, race):
    """Whoever is first: each fact has one entry, in the first quarter or in the next."""
    done = race(
        lambda: posting.settle(d.unit, FIRST, LAST),
        lambda: quarters.close("2026Q1", unit=d.unit, by=d.personnel[0]),
    )
    assert not [result for result in done if isinstance(result, Exception)], done
    closed_at = Quarter.objects.get(code="2026Q1").closed_at
    codes = set(PointEntry.objects.values_list("quarter__code", flat=True))
    assert closed_at and codes in ({"2026Q1", "2026Q2"}, {"2026Q1"}, {"2026Q2"})
    found = keys()
    assert len(found) == len(set(found)) == done[0].posted
    again = posting.settle(d.unit, FIRST, LAST)
    assert (again.posted, again.reversed) == (0, 0)


def test_a_worker_that_dies_in_the_middle_leaves_nothing(d):
    class Killed(Exception):
        pass

    with pytest.raises(Killed), transaction.atomic():
        posting.settle(d.unit, FIRST, LAST)
        raise Killed
    assert not PointEntry.objects.exists()
    connection.close()
    assert posting.settle(d.unit, FIRST, LAST).posted > 100
