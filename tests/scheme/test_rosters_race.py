"""Two people confirm the same roster at the same moment."""

from scheme.actions import rosters
from scheme.errors import Stale
from scheme.models import AuditEntry, RosterUpload, Staff
from scheme.offices import Office
from tests import factories
from tests.scheme.books import one, roster


def read(office):
    return rosters.read(office.unit, roster(one("A1")), file_name="r.xlsx", by=office).pk


def test_one_upload_is_applied_once(race):
    office = factories.make_staff(office=Office.PERSONNEL_OFFICE)
    pk = read(office)
    answers = race(*[lambda: rosters.apply(pk, by=office)] * 2)
    assert sorted(type(answer) for answer in answers if isinstance(answer, Exception)) == [Stale]
    assert Staff.objects.filter(staff_no="A1").count() == 1
    assert AuditEntry.objects.filter(act="roster.apply").count() == 1


def test_two_uploads_of_one_unit_do_not_mix(race):
    office = factories.make_staff(office=Office.PERSONNEL_OFFICE)
    first, second = read(office), read(office)
    answers = race(
        lambda: rosters.apply(first, by=office), lambda: rosters.apply(second, by=office)
    )
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [Stale]
    assert RosterUpload.objects.filter(state="applied").count() == 1
