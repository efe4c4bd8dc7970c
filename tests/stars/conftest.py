from datetime import date

import pytest

from scheme import periods
from scoring.actions import posting, runs
from tests.factories import make_department, make_rule_book

NOW = "2026-07-20 09:00"  # a Monday, weeks after the half-year


@pytest.fixture
def department(db, clock):
    clock.set(NOW)
    return make_department()


@pytest.fixture
def office(department):
    """One of the personnel office, who is no chief."""
    return department.personnel[1]


def settle(unit, *, since=date(2026, 1, 1)):
    """The half-year counted: entries posted, scorecards frozen."""
    span = periods.half_span("2026H1")
    posting.settle(unit, max(since, span.first), span.last)
    return runs.score(unit, "2026H1", by=None)


@pytest.fixture
def scored(department):
    """The department with a rule book of the half-year's last days and its scorecards."""
    make_rule_book(
        department.unit,
        proposed_by=department.personnel[0],
        approved_by=department.leader,
        in_force_from=date(2026, 6, 25),
    )
    settle(department.unit, since=date(2026, 6, 25))
    return department
