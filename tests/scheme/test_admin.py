import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheme.models import (
    Absence,
    Appointment,
    AuditEntry,
    BranchMembership,
    Section,
    SectionMembership,
    Staff,
    Unit,
)
from scheme.offices import Administrator, Office
from tests import factories
from tests.scheme.entering import enter, url

pytestmark = pytest.mark.django_db

PAGES = (
    "staff", "section", "branch", "sectionmembership", "branchmembership", "appointment",
    "absence", "star", "calendarday",
)  # fmt: skip


def crowd(unit, n):
    section, branch = factories.make_section(unit), factories.make_branch(unit)
    for _n in range(n):
        person = factories.make_staff(
            unit, section=section, branch=branch, office=Office.DEPUTY_CHIEF
        )
        factories.make_absence(person, date(2026, 3, 2))


# --- Who may enter what


def test_who_may_enter(client, unit, office):
    assert enter(client, office).get("/admin/").status_code == 200
    member = factories.make_staff(unit)
    assert enter(client, member).get("/admin/").status_code == 403


@pytest.mark.parametrize(
    "kind, open_pages",
    [
        (Administrator.SYSTEM, {"unit", "staff", "job", "calendarday", "star"}),
        (Administrator.SECURITY, {"staff", "section", "branch", "appointment"}),
        (Administrator.AUDIT, {"auditentry"}),
        ("personnel", set(PAGES)),
    ],
)
def test_pages_by_role(client, office, kind, open_pages):
    person = office if kind == "personnel" else factories.make_administrator(kind)
    enter(client, person)
    every = {*PAGES, "unit", "job", "auditentry"}
    answers = {page: client.get(url(page)).status_code for page in every}
    assert answers == {page: 200 if page in open_pages else 403 for page in every}


def test_nobody_writes_through_a_window(client):
    auditor = factories.make_administrator(Administrator.AUDIT)
    row = AuditEntry.objects.create(at="2026-01-01T00:00Z", act="x", object_type="y", object_id="1")
    enter(client, auditor)
    assert client.get(url("auditentry", row.pk, "change")).status_code == 200
    assert client.post(url("auditentry", row.pk, "change"), {"act": "z"}).status_code == 403
    assert client.get(url("auditentry", "add")).status_code == 403
    assert client.post(url("auditentry", row.pk, "delete")).status_code == 403


def test_the_system_administrator_appoints_nobody(client, unit):
    enter(client, factories.make_administrator(Administrator.SYSTEM))
    assert client.get(url("appointment", "add")).status_code == 403
    person = factories.make_staff(unit)
    page = client.get(url("staff", person.pk, "change")).content.decode()
    assert "appointment" not in page and 'name="post"' not in page


# --- Lists


@pytest.mark.parametrize(
    "page", [*PAGES, "staff/?q=zhang", "appointment/?q=张", "staff/?section=1"]
)
def test_lists_cost_the_same_at_1_and_30(desk, unit, page):
    address = url(page) if "?" not in page else "/admin/scheme/" + page
    counts = []
    for n in (1, 29):
        crowd(unit, n)
        desk.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


def test_one_unit_never_meets_another(desk, unit):
    other = factories.make_unit("乙单位")
    section, branch = factories.make_section(other, "外科"), factories.make_branch(other, "外支部")
    stranger = factories.make_staff(
        other, section=section, branch=branch, office=Office.SECTION_CHIEF, name="外人"
    )
    factories.make_absence(stranger, date(2026, 3, 2))
    rows = {
        "staff": stranger,
        "section": section,
        "branch": branch,
        "sectionmembership": SectionMembership.objects.get(staff=stranger),
        "branchmembership": BranchMembership.objects.get(staff=stranger),
        "appointment": Appointment.objects.get(staff=stranger),
        "absence": Absence.objects.get(staff=stranger),
    }
    for page, row in rows.items():
        assert "外" not in desk.get(url(page)).content.decode(), page
        for rest in ("change", "history", "delete"):
            answer = desk.get(url(page, row.pk, rest))
            assert answer.status_code in (302, 403, 404), (page, rest)
            assert "外" not in answer.content.decode()
        version = row.history.first().history_id
        assert desk.get(url(page, row.pk, "history", version)).status_code in (302, 404)
    assert "外科" not in desk.get(url("appointment", "add")).content.decode()
    found = desk.get(
        "/admin/autocomplete/",
        {"app_label": "scheme", "model_name": "appointment", "field_name": "staff", "term": "外"},
    )
    assert found.json()["results"] == []


def test_another_units_section_cannot_be_smuggled_in(desk, unit):
    person = factories.make_staff(unit)
    foreign = factories.make_section(factories.make_unit())
    answer = desk.post(
        url("sectionmembership", "add"),
        {"staff": person.pk, "section": foreign.pk, "start_on": "2026-01-05"},
    )
    assert answer.status_code == 200 and not SectionMembership.objects.filter(staff=person).exists()


def test_nor_by_the_security_administrator(client, unit):
    enter(client, factories.make_administrator(Administrator.SECURITY))
    person = factories.make_staff(unit)
    foreign = factories.make_section(factories.make_unit())
    answer = client.post(
        url("appointment", "add"),
        {
            "staff": person.pk, "office": "section_chief", "section": foreign.pk,
            "start_on": "2026-01-05",
        },
    )  # fmt: skip
    assert "不是这个人所在单位的" in answer.content.decode()
    assert not Appointment.objects.exists()


# --- Writing


def test_a_new_person_gets_login_key_and_unit(desk, unit, office):
    factories.make_staff(factories.make_unit(), staff_no="A7")
    data = {
        "staff_no": "a7", "name": "周正则", "staffing": "civil", "joined_on": "2026-01-05",
        "sort_weight": "3", "is_active": "on",
    } | without_inlines(desk, url("staff", "add"))  # fmt: skip
    assert desk.post(url("staff", "add"), data).status_code == 302
    person = Staff.objects.get(unit=unit, staff_no="a7")
    assert person.login == f"A7@{unit.pk}"
    assert person.name_key == "zzz zhouzhengze"
    assert not person.has_usable_password()
    row = AuditEntry.objects.get(act="staff.create")
    assert (row.actor, row.unit, row.after["name"]) == (office, unit, "周正则")
    answer = desk.post(url("staff", "add"), data | {"staff_no": "A7"})
    assert "本单位已有这个工号" in answer.content.decode()
    answer = desk.post(url("staff", "add"), data | {"staff_no": "A8", "joined_on": ""})
    assert answer.status_code == 200 and not Staff.objects.filter(staff_no="A8").exists()


def without_inlines(client, address):
    """The management fields of every inline of the page, all empty."""
    prefixes = inline_prefixes(client.get(address).content.decode())
    return {f"{p}-{name}": "0" for p in prefixes for name in ("TOTAL_FORMS", "INITIAL_FORMS")}


def inline_prefixes(page):
    return re.findall(r'name="([^"]+)-TOTAL_FORMS"', page)


def test_a_change_is_one_line_with_before_and_after(desk, unit, office):
    section = factories.make_section(unit, "甲科")
    assert (
        desk.post(
            url("section", section.pk, "change"), {"name": "乙科", "position": section.position}
        ).status_code
        == 302
    )
    row = AuditEntry.objects.get()
    assert (row.act, row.actor, row.before, row.after) == (
        "section.change", office, {"name": "甲科"}, {"name": "乙科"},
    )  # fmt: skip
    assert section.history.first().history_user == office
    assert "乙科" in desk.get(url("section", section.pk, "history")).content.decode()
    desk.post(url("section", section.pk, "change"), {"name": "乙科", "position": section.position})
    assert AuditEntry.objects.count() == 1


def test_a_name_taken_in_the_own_unit_is_told_at_the_form(desk, unit):
    factories.make_section(unit, "甲科")
    factories.make_section(factories.make_unit(), "乙科")
    answer = desk.post(url("section", "add"), {"name": "甲科", "position": "1"})
    assert "本单位已有同名科室" in answer.content.decode()
    assert desk.post(url("section", "add"), {"name": "乙科", "position": "1"}).status_code == 302
    assert Section.objects.filter(unit=unit, name="乙科").exists()


def test_deleting_an_absence_leaves_its_line(desk, unit):
    one, two = (
        factories.make_absence(factories.make_staff(unit), date(2026, 3, 2)) for _n in range(2)
    )
    desk.post(url("absence", one.pk, "delete"), {"post": "yes"})
    desk.post(
        url("absence"),
        {"action": "delete_selected", "_selected_action": [two.pk], "post": "yes"},
    )
    assert not Absence.objects.exists()
    assert AuditEntry.objects.filter(act="absence.delete").count() == 2


def test_nothing_else_is_deleted(desk, unit):
    person = factories.make_staff(unit)
    assert desk.post(url("staff", person.pk, "delete"), {"post": "yes"}).status_code == 403


def test_appointing_somebody_and_not_oneself(desk, unit, office):
    person = factories.make_staff(unit)
    data = {"office": "supervision_office", "start_on": "2026-01-05"}
    assert desk.post(url("appointment", "add"), data | {"staff": person.pk}).status_code == 302
    assert Appointment.objects.filter(staff=person).exists()
    answer = desk.post(
        url("appointment", "add"), data | {"staff": office.pk, "office": "committee_chair"}
    )
    assert "不能给自己任免职务" in answer.content.decode()
    assert Appointment.objects.filter(staff=office).count() == 1
    own = Appointment.objects.get(staff=office)
    desk.post(
        url("appointment", own.pk, "change"),
        {"staff": office.pk, "office": "committee_chair", "start_on": "2020-01-06"},
    )
    own.refresh_from_db()
    assert own.office == Office.PERSONNEL_OFFICE


def test_nor_through_ones_own_page(desk, unit, office):
    page = desk.get(url("staff", office.pk, "change")).content.decode()
    prefixes = inline_prefixes(page)
    offices = prefixes[-1]
    data = {
        "staff_no": "P1", "name": "许丽娟", "staffing": "civil", "joined_on": "2020-01-06",
        "sort_weight": "3", "is_active": "on",
    }  # fmt: skip
    for prefix in prefixes:
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    data |= {
        f"{offices}-TOTAL_FORMS": "1",
        f"{offices}-0-staff": office.pk,
        f"{offices}-0-office": "committee_chair",
        f"{offices}-0-start_on": "2026-01-05",
    }
    answer = desk.post(url("staff", office.pk, "change"), data)
    assert "不能给自己任免职务" in answer.content.decode()
    assert Appointment.objects.filter(staff=office).count() == 1

    other = factories.make_staff(unit, staff_no="Q1")
    data |= {"staff_no": "Q1", f"{offices}-0-staff": other.pk}
    assert desk.post(url("staff", other.pk, "change"), data).status_code == 302
    assert Appointment.objects.get(staff=other).office == Office.COMMITTEE_CHAIR
    row = AuditEntry.objects.get(act="appointment.create")
    assert row.after["office"] == "committee_chair"


def test_history_is_read_and_not_gone_back_to(desk, unit):
    section = factories.make_section(unit, "甲科")
    version = section.history.first().history_id
    address = url("section", section.pk, "history", version)
    assert desk.get(address).status_code == 200
    assert desk.post(address, {"name": "丁科", "position": "1"}).status_code == 403


# --- Administrators


def test_the_system_administrator_makes_administrators(client):
    system = factories.make_administrator(Administrator.SYSTEM)
    enter(client, system)
    data = {"staff_no": "audit2", "name": "审计员", "administrator": "audit"}
    assert client.post(url("staff", "add"), data).status_code == 302
    made = Staff.objects.get(staff_no="audit2")
    assert (made.login, made.administrator, made.unit) == ("AUDIT2", "audit", None)
    answer = client.post(url("staff", "add"), data | {"staff_no": "AUDIT2"})
    assert "已有人用" in answer.content.decode()
    answer = client.post(url("staff", "add"), data | {"staff_no": "x", "administrator": ""})
    assert not Staff.objects.filter(staff_no="x").exists()


def test_an_administrator_stays_what_they_are(client):
    system = factories.make_administrator(Administrator.SYSTEM)
    enter(client, system)
    data = {"administrator": "audit", "is_active": ""}
    client.post(url("staff", system.pk, "change"), data)
    system.refresh_from_db()
    assert (system.administrator, system.is_active) == ("system", True)
    other = factories.make_administrator(Administrator.SECURITY)
    client.post(url("staff", other.pk, "change"), data)
    other.refresh_from_db()
    assert (other.administrator, other.is_active) == ("security", False)


def test_the_personnel_office_makes_no_administrator(desk, unit):
    person = factories.make_staff(unit)
    page = desk.get(url("staff", person.pk, "change")).content.decode()
    assert 'name="administrator"' not in page and 'name="password"' not in page


def test_the_system_administrator_adds_a_unit(client):
    enter(client, factories.make_administrator(Administrator.SYSTEM))
    assert client.post(url("unit", "add"), {"name": "丙单位"}).status_code == 302
    assert Unit.objects.filter(name="丙单位").exists()
    assert AuditEntry.objects.get().act == "unit.create"
