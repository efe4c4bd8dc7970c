"""What bars somebody: recorded, lifted, read; and nowhere to be read by anybody else."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scheme.actions import restrictions
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, Notice, Restriction
from tests.factories import make_administrator, make_department, make_staff, make_unit
from tests.stars.nominating_world import make_restriction

MARCH, SEPTEMBER = date(2026, 3, 2), date(2026, 9, 2)
SECRET = ("处分", "sanction", "试纪〔2026〕3号", "违规")


@pytest.fixture
def department(db, clock):
    clock.set("2026-07-20 09:00")
    return make_department()


@pytest.fixture
def office(department):
    return department.personnel[1]


@pytest.fixture
def person(department):
    return department.officers[0][1]


def record(subject, by, **more):
    facts = {
        "kind": "sanction", "since": MARCH, "until": SEPTEMBER, "authority": "试纪〔2026〕3号",
        "note": "违规",
    }  # fmt: skip
    return restrictions.record(subject, by=by, **facts | more)


def url(name, *args):
    return reverse(f"scheme:restriction_{name}", args=args)


def post(client, where, **fields):
    return client.post(where, {"idem": str(uuid.uuid4()), **fields})


def login(client, person):
    client.force_login(person)
    return client


def test_recorded_it_stands_the_person_is_told_and_the_trail_keeps_quiet(
    department, office, person
):
    row = record(person, office)
    assert (row.staff, row.section, row.unit) == (person, None, department.unit)
    assert (row.since, row.until, row.recorded_by) == (MARCH, SEPTEMBER, office)
    notice = Notice.objects.get()
    assert notice.to == person and notice.url == url("detail", row.pk)
    entry = AuditEntry.objects.get(act="restriction.record")
    trail = f"{entry.before}{entry.after}{entry.reason}{entry.object_type}{notice.text}"
    assert not any(word in trail for word in SECRET) and entry.actor == office
    own = record(department.one, office, kind="criticism", until=None)
    assert (own.section, own.staff, own.until) == (department.one, None, None)
    assert Notice.objects.count() == 1


def test_what_is_refused(department, office, person):
    wrong = [
        ("kind", {"kind": "gossip"}),
        ("until", {"until": MARCH}),
        ("authority", {"authority": "  "}),
        ("authority", {"authority": "长" * 101}),
        ("note", {"note": "长" * 301}),
    ]
    for field, change in wrong:
        with pytest.raises(Refused) as caught:
            record(person, office, **change)
        assert caught.value.field == field
    with pytest.raises(Refused, match="涉及本人"):
        record(office, office)
    record(person, office)
    with pytest.raises(Refused, match="已经登记过"):
        record(person, office)
    assert record(person, office, since=date(2026, 3, 3))
    for by in (department.chiefs[0], department.chair, person):
        with pytest.raises(PermissionDenied):
            record(department.officers[0][2], by)
    with pytest.raises(PermissionDenied):
        record(make_staff(make_unit()), office)
    assert Restriction.objects.count() == 2


def test_lifted_it_ends_today_and_is_kept(department, office, person):
    row = record(person, office)
    with pytest.raises(Stale):
        restrictions.lift(row.pk, by=office, why="撤销", seen=None)
    for why in ("", "长" * 201):
        with pytest.raises(Refused) as caught:
            restrictions.lift(row.pk, by=office, why=why, seen=SEPTEMBER)
        assert caught.value.field == "why"
    with pytest.raises(PermissionDenied):
        restrictions.lift(row.pk, by=department.chair, why="撤销", seen=SEPTEMBER)
    done = restrictions.lift(row.pk, by=office, why="试纪〔2026〕8号", seen=SEPTEMBER)
    assert (done.until, done.lifted_by) == (date(2026, 7, 20), office)
    assert not Restriction.objects.on(date(2026, 7, 20)).exists()
    assert Restriction.objects.on(date(2026, 7, 19)).get() == done
    assert Notice.objects.filter(to=person).count() == 2
    entry = AuditEntry.objects.get(act="restriction.lift")
    assert (entry.before, entry.after, entry.reason) == ({}, {}, "")
    with pytest.raises(Stale):
        restrictions.lift(row.pk, by=office, why="再撤", seen=done.until)


def test_what_has_ended_or_is_to_come_and_one_s_own(department, office, person):
    past = make_restriction(person, by=office, until=date(2026, 7, 20))
    with pytest.raises(Refused, match="到期"):
        restrictions.lift(past.pk, by=office, why="撤", seen=past.until)
    coming = make_restriction(department.one, by=office, since=date(2026, 8, 3), until=None)
    assert restrictions.lift(coming.pk, by=office, why="撤", seen=None).until == date(2026, 8, 3)
    own = make_restriction(office, by=department.personnel[0])
    with pytest.raises(Refused, match="涉及本人"):
        restrictions.lift(own.pk, by=office, why="撤", seen=own.until)


def test_readings_by_the_office_leave_a_line_and_one_s_own_do_not(
    client, department, office, person
):
    row = make_restriction(person, by=office, note="违规")
    section = make_restriction(department.one, by=office, kind="criticism")
    make_restriction(person, by=office, kind="secrets", until=date(2026, 4, 1))
    page = login(client, office).get(url("list"))
    assert [one["row"] for one in page.context["rows"]] == [section, row]
    lines = AuditEntry.objects.filter(act="restriction.read", actor=office)
    assert {entry.object_id for entry in lines} == {str(row.pk), str(section.pk)}
    assert len(client.get(url("list"), {"state": "all"}).context["rows"]) == 3
    before = AuditEntry.objects.count()
    page = client.get(url("detail", row.pk))
    assert "违规" in page.text and "已经留痕" in page.text and page.context["may_lift"]
    assert AuditEntry.objects.count() == before + 1
    # The person reads their own, which is nobody else's business to know.
    page = login(client, person).get(url("detail", row.pk))
    assert "违规" in page.text and not page.context["may_lift"]
    assert "处分影响期" in client.get(reverse("scheme:me")).text
    assert [one["row"] for one in client.get(url("list")).context["rows"]] == [row]
    assert AuditEntry.objects.count() == before + 1


def test_nobody_else_finds_a_word_of_it(client, department, office, person):
    """Lists, details, search, the trail as the auditor reads it."""
    row = make_restriction(person, by=office, note="违规")
    record(department.officers[0][2], office)
    login(client, office).get(url("list"))
    others = [department.chiefs[0], department.leader, department.chair, department.officers[0][0]]
    for one in others:
        client = login(client, one)
        assert client.get(url("detail", row.pk)).status_code == 404
        assert client.get(url("list")).context["rows"] == []
        pages = [reverse("scheme:me"), reverse("desk:search") + f"?q={person.name}"]
        for page in pages:
            assert not any(word in client.get(page).text for word in SECRET), page
    trail = "".join(f"{e.before}{e.after}{e.reason}" for e in AuditEntry.objects.all())
    assert not any(word in trail for word in (*SECRET, person.name))
    auditor = login(client, make_administrator("audit"))
    page = auditor.get(reverse("admin:scheme_auditentry_changelist"))
    assert page.status_code == 200
    assert not any(word in page.text for word in ("处分影响期", "试纪", "违规"))


def test_recording_and_lifting_through_the_pages(client, department, office, person):
    client = login(client, office)
    page = client.get(url("new"))
    assert (
        person.name in page.text and "干部一科" in page.text and department.chair.name in page.text
    )
    fields = {
        "subject": f"p{person.pk}", "kind": "sanction", "since": "2026-03-02",
        "until": "2026-09-02", "authority": "试纪〔2026〕3号", "note": "",
    }  # fmt: skip
    for change in (
        {"subject": "p0"}, {"until": "2026-03-02"}, {"since": "1999-01-01"}, {"kind": ""},
        {"authority": "a\x00"}, {"subject": f"p{office.pk}"},
    ):  # fmt: skip
        assert post(client, url("new"), **fields | change).status_code == 422, change
    answer = post(client, url("new"), **fields)
    row = Restriction.objects.get()
    assert answer.url == url("detail", row.pk) and row.staff == person
    assert post(client, url("lift", row.pk), seen="x", why="撤").status_code == 422
    answer = post(client, url("lift", row.pk), seen="2026-09-02", why="试纪〔2026〕8号")
    assert answer.url == url("detail", row.pk)
    assert "试纪〔2026〕8号" in client.get(url("detail", row.pk)).text
    assert "已解除" in client.get(url("list"), {"state": "all"}).text
    post(client, url("new"), **fields | {"subject": f"s{department.one.pk}", "until": ""})
    assert Restriction.objects.get(section=department.one).until is None


def test_the_list_costs_the_same_at_thirty_rows(client, department, office, person):
    client = login(client, office)
    make_restriction(person, by=office)
    client.get(url("list"))
    with CaptureQueriesContext(connection) as few:
        client.get(url("list"))
    for n in range(30):
        make_restriction(make_staff(section=department.one), by=office, authority=f"{n}号")
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(url("list")).context["rows"]) == 31
    assert len(many) == len(few) <= 12
