import pytest
from django.db import IntegrityError, transaction

from scheme import audit, trace
from scheme.models import AuditEntry
from scheme.offices import Administrator
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_row_says_who_did_what_to_what_and_why():
    person = factories.make_staff()
    section = factories.make_section(person.unit)
    token = trace.current.set(trace.Trace("abc", "10.0.0.7"))
    try:
        row = audit.record(
            person, "section.rename", section, before={"n": "甲"}, after={"n": "乙"}, reason="合并"
        )
    finally:
        trace.current.reset(token)
    row.refresh_from_db()
    assert (row.actor, row.unit, row.act) == (person, person.unit, "section.rename")
    assert (row.object_type, row.object_id) == ("scheme.section", str(section.pk))
    assert (row.before, row.after, row.reason) == ({"n": "甲"}, {"n": "乙"}, "合并")
    assert (row.request_id, row.ip) == ("abc", "10.0.0.7")
    assert str(row) == f"section.rename scheme.section {section.pk}"


def test_the_unit_is_the_things_then_the_actors():
    unit, other = factories.make_unit(), factories.make_unit()
    person = factories.make_staff(unit)
    assert audit.record(person, "x", factories.make_section(other)).unit == other
    assert audit.record(person, "x", unit).unit == unit
    assert audit.record(person, "x", other, unit=other).unit == other
    root = factories.make_administrator(Administrator.SYSTEM)
    assert audit.record(root, "x", root).unit is None
    assert audit.record(None, "x", other).actor is None


def test_no_trail_no_act():
    person = factories.make_staff()
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.make_section(person.unit, "不留痕迹")
        audit.record(person, None, person)
    assert not AuditEntry.objects.exists()
    assert not type(factories.make_section(person.unit)).objects.filter(name="不留痕迹").exists()
