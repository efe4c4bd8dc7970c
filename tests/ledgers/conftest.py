import pytest

from tests.factories import make_department, make_policy


@pytest.fixture
def d(db, clock):
    """The department on Thursday, 5 March 2026, in the evening."""
    clock.set("2026-03-05 17:30")
    department = make_department()
    make_policy(department.unit)
    return department


@pytest.fixture
def author(d):
    return d.officers[0][1]
