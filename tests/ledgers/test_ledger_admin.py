from datetime import date

import pytest
from django.contrib import admin

from ledgers.models import DailyReport, PointEntry, Quarter, ReportLine
from scheme.offices import Administrator, Office
from tests.factories import make_administrator, make_entry, make_section, make_staff

pytestmark = pytest.mark.django_db


def enter(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


@pytest.fixture
def officer():
    return make_staff(section=make_section(), office=Office.PERSONNEL_OFFICE)


def test_the_personnel_office_looks_through_the_window_at_its_own_unit(client, officer):
    own = make_entry(officer, "-0.25", date(2026, 3, 5))
    other = make_entry(make_staff(section=make_section()), "1", date(2026, 3, 5))
    enter(client, officer)

    page = client.get("/admin/ledgers/pointentry/")

    assert list(page.context["cl"].result_list) == [own]
    assert "−0.25" in page.content.decode()
    assert client.get(f"/admin/ledgers/pointentry/{own.pk}/change/").status_code == 200
    assert client.get(f"/admin/ledgers/pointentry/{other.pk}/change/").status_code == 302
    assert client.get("/admin/ledgers/pointentry/?q=ZC").status_code == 200
    assert list(client.get("/admin/ledgers/quarter/").context["cl"].result_list) == [own.quarter]


@pytest.mark.parametrize("model", [PointEntry, Quarter])
def test_nothing_is_added_changed_or_deleted_there(client, officer, model):
    row = make_entry(officer, "-0.25", date(2026, 3, 5))
    row = row if model is PointEntry else row.quarter
    enter(client, officer)
    base = f"/admin/ledgers/{model._meta.model_name}/"

    for path in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/"):
        assert client.post(base + path, {"code": "2030Q1"}).status_code == 403


def test_an_entry_list_costs_the_same_for_one_and_for_thirty(
    client, officer, django_assert_max_num_queries
):
    enter(client, officer)
    make_entry(officer, 1, date(2026, 3, 5))
    with django_assert_max_num_queries(40) as few:
        client.get("/admin/ledgers/pointentry/")
    for _n in range(30):
        make_entry(officer, 1, date(2026, 3, 5))
    with django_assert_max_num_queries(len(few)):
        client.get("/admin/ledgers/pointentry/")


def test_reports_are_not_in_the_admin(client, officer):
    assert not {DailyReport, ReportLine} & set(admin.site._registry)
    enter(client, make_administrator(Administrator.SYSTEM))
    assert client.get("/admin/ledgers/pointentry/").status_code == 403
