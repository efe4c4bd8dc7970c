"""The personnel office of one unit, at its desk in Django's admin."""

import pytest

from scheme import clock as clocks
from scheme.offices import Office
from tests import factories
from tests.scheme.entering import enter


@pytest.fixture
def unit():
    return factories.make_unit("甲单位")


@pytest.fixture
def office(unit):
    return factories.make_staff(
        unit,
        section=factories.make_section(unit, "机关人事科"),
        office=Office.PERSONNEL_OFFICE,
        staff_no="P1",
        name="许丽娟",
    )


@pytest.fixture
def desk(client, office):
    return enter(client, office)


@pytest.fixture
def today():
    return clocks.today()
