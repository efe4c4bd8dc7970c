from datetime import date

import pytest

from scheme.models import SectionMembership, Staff
from scheme.offices import Administrator
from tests import factories

pytestmark = pytest.mark.django_db

JOINED, LEFT = date(2026, 3, 2), date(2026, 5, 6)


@pytest.fixture
def person():
    return factories.make_staff(section=factories.make_section(), joined_on=JOINED, left_on=LEFT)


def test_on_the_roll_from_joining_until_the_day_before_leaving(person):
    days = [date(2026, 3, 1), JOINED, date(2026, 5, 5), LEFT]
    assert [Staff.objects.on_roll(day).exists() for day in days] == [False, True, True, False]


def test_on_the_roll_in_a_span(person):
    def found(first, until):
        return Staff.objects.on_roll_during(first, until).exists()

    assert found(date(2026, 1, 1), date(2026, 7, 1))
    assert not found(date(2026, 1, 1), JOINED)
    assert found(date(2026, 1, 1), date(2026, 3, 3))
    assert not found(LEFT, date(2026, 7, 1))
    assert found(date(2026, 5, 5), date(2026, 7, 1))
    Staff.objects.update(left_on=JOINED)
    assert not found(date(2026, 1, 1), date(2026, 7, 1)), "left on the day of joining"


def test_rows_of_a_span(person):
    row = SectionMembership.objects.get()
    row.end_on = LEFT
    row.save()
    found = SectionMembership.objects.during
    assert found(date(2026, 5, 5), date(2026, 7, 1)).exists()
    assert not found(LEFT, date(2026, 7, 1)).exists()
    assert not found(date(2026, 1, 1), JOINED).exists()
    assert Staff.objects.subjects(date(2026, 1, 1), date(2026, 7, 1)).exists()
    SectionMembership.objects.all().delete()
    assert not Staff.objects.subjects(date(2026, 1, 1), date(2026, 7, 1)).exists()


def test_the_section_of_a_day(person):
    row = Staff.objects.with_section(JOINED).get()
    assert row.section_name == "" or row.section_id
    assert Staff.objects.with_section(date(2026, 3, 1)).get().section_id is None
    assert Staff.objects.with_section(date(2026, 3, 1)).get().section_name == ""


def test_whose_rows_one_sees(person):
    other = factories.make_staff(section=factories.make_section())
    root = factories.make_administrator(Administrator.SECURITY)
    for rows, mine in (
        (SectionMembership.objects, {"staff": person}),
        (Staff.objects, {"pk": person.pk}),
    ):
        assert rows.visible_to(person).get() == rows.get(**mine)
        assert rows.visible_to(other).count() == 1
        assert rows.visible_to(root).count() == rows.count()
        assert not rows.visible_to(Staff()).exists()


def test_in_office_order():
    unit = factories.make_unit()
    names = [("乙", 2, "B"), ("甲", 1, "C"), ("丙", 2, "A")]
    for name, weight, number in names:
        factories.make_staff(unit, name=name, sort_weight=weight, staff_no=number)
    assert [row.name for row in Staff.objects.of_unit(unit).in_office_order()] == list("甲丙乙")
