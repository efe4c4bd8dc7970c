"""A deputy for a dated absence: what it gives, what it never gives, and both names on every act."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from ledgers.actions import reports
from ledgers.models import DailyReport, LedgerMove, ReportEvent
from ledgers.reviewing import desks, pending, people_of
from scheme import access, audit
from scheme.access import Anchor, Power
from scheme.actions import deputations
from scheme.models import Appointment, AuditEntry, Deputation, Notice, Staff
from scheme.offices import Office
from scheme.roles import Role
from tests.factories import LONG_AGO, again, appoint, make_report, make_staff
from tests.ledgers.acting import THURSDAY, WEDNESDAY, refusal

pytestmark = pytest.mark.django_db
UNTIL = date(2026, 3, 13)
CHIEF, LEADER = Office.SECTION_CHIEF, Office.LEADER_IN_CHARGE


def stand_in(principal, deputy, *sections, office=CHIEF, first=THURSDAY, last=UNTIL, by=None):
    places = [(office, section.pk) for section in sections]
    return deputations.name(
        principal.pk,
        places=places,
        deputy_pk=deputy.pk,
        first=first,
        last=last,
        by=again(by or principal),
    )


def roles(person, on=None):
    return {(str(p.role), p.place, p.acting_for) for p in access.powers(again(person), on)}


def test_a_deputy_holds_the_office_for_the_days_and_no_longer(d):
    chief, deputy = d.chiefs[0], d.officers[0][1]
    held = Power(Role.CHIEF, d.one.pk, chief.pk)

    made = stand_in(chief, deputy, d.one)

    days = {day: held in access.powers(again(deputy), day) for day in (WEDNESDAY, THURSDAY, UNTIL)}
    assert list(days.values()) == [False, True, True]
    assert held not in access.powers(again(deputy), UNTIL + timedelta(1))
    assert access.places(again(deputy), Role.CHIEF) == [d.one.pk]
    assert access.deputised(again(deputy), Role.CHIEF) == {chief.pk: [d.one.pk]}
    assert access.deputised(again(chief), Role.CHIEF) == {}
    assert (made[0].named_by, made[0].end_on) == (chief, UNTIL + timedelta(1))
    assert AuditEntry.objects.get(act="deputation.name").after["deputy"] == deputy.pk
    assert "代" in Notice.objects.get(to=deputy).text and str(made[0])
    # Nor once the principal holds it no more, or is gone.
    Appointment.objects.filter(staff=chief, office=CHIEF).update(end_on=date(2026, 3, 9))
    assert held not in access.powers(again(deputy), date(2026, 3, 9))
    Appointment.objects.filter(staff=chief, office=CHIEF).update(end_on=None)
    Staff.objects.filter(pk=chief.pk).update(left_on=date(2026, 3, 10), is_active=True)
    assert held in access.powers(again(deputy), date(2026, 3, 9))
    assert held not in access.powers(again(deputy), date(2026, 3, 10))


def test_only_chief_and_leader_may_be_stood_in_for(d):
    leader, deputy = d.leader, d.chiefs[1]
    named = {"match": "deputation_of_a_chief_or_leader"}
    with pytest.raises(IntegrityError, **named), transaction.atomic():
        Deputation.objects.create(
            unit=d.unit, principal=leader, office=Office.COMMITTEE_MEMBER, section=d.one,
            deputy=deputy, start_on=THURSDAY, end_on=UNTIL, named_by=leader,
            named_at="2026-03-05T09:00:00+08:00",
        )  # fmt: skip
    stand_in(leader, deputy, d.one, office=LEADER)

    assert not access.has_role(again(deputy), Role.COMMITTEE)
    assert access.places(again(deputy), Role.LEADER) == [d.one.pk]
    # What is the principal's own stays the principal's: a deputy names no further deputy.
    nobody = d.officers[0][2]
    stand_in(d.chiefs[0], nobody, d.one)
    assert access.can(again(nobody), "report.review", Anchor(d.unit.pk, 0, d.one.pk, state="filed"))
    assert not access.can(again(nobody), "deputation.name")
    assert not access.can(again(nobody), "report.review", Anchor(d.unit.pk, 0, d.two.pk))


def test_who_names_and_what_is_refused(d, clock):
    chief, deputy, office = d.chiefs[0], d.officers[0][1], d.personnel[0]
    for who in (deputy, d.chiefs[1], d.leader):
        with pytest.raises(PermissionDenied):
            stand_in(chief, deputy, d.one, by=who)
    stranger = make_staff()
    with pytest.raises(PermissionDenied):
        stand_in(chief, stranger, d.one)
    leaving = make_staff(section=d.one, left_on=date(2026, 3, 10))
    for field, call in {
        "start_on": lambda: stand_in(chief, deputy, d.one, first=WEDNESDAY),
        "end_on": lambda: stand_in(chief, deputy, d.one, last=WEDNESDAY),
        "deputy": lambda: stand_in(chief, chief, d.one),
        "places": lambda: stand_in(chief, deputy, d.two),
    }.items():
        assert refusal(call).field == field
    assert refusal(lambda: stand_in(chief, deputy, d.one, last=date(2028, 1, 1))).field == "end_on"
    assert refusal(lambda: stand_in(chief, leaving, d.one)).field == "deputy"
    assert refusal(lambda: stand_in(chief, deputy)).field == "places"
    over_oneself = refusal(lambda: stand_in(d.leader, chief, d.one, office=LEADER))
    assert over_oneself.field == "deputy"
    assert not Deputation.objects.exists()

    first = stand_in(chief, deputy, d.one, by=office)[0]
    assert first.named_by == office and Notice.objects.filter(to=chief).exists()
    overlap = refusal(lambda: stand_in(chief, d.officers[0][2], d.one, first=UNTIL, last=UNTIL))
    assert overlap.field == "start_on" and Deputation.objects.count() == 1
    next_day = UNTIL + timedelta(1)
    after = stand_in(chief, deputy, d.one, first=next_day, last=next_day)[0]
    assert list(Deputation.objects.to_come(THURSDAY)) == [first, after]

    # Ended: the powers go at once; one yet to come never begins. A page of before is told so.
    with pytest.raises(PermissionDenied):
        deputations.end(first.pk, seen=first.end_on, by=again(deputy))
    assert refusal(lambda: deputations.end(first.pk, seen=THURSDAY, by=again(chief))).conflict
    clock.set("2026-03-06 09:00")
    deputations.end(first.pk, seen=first.end_on, by=again(chief))
    deputations.end(after.pk, seen=after.end_on, by=again(office))
    first.refresh_from_db(), after.refresh_from_db()
    assert first.end_on == date(2026, 3, 6) and after.end_on == after.start_on
    assert not access.has_role(again(deputy), Role.CHIEF)
    assert access.has_role(again(deputy), Role.CHIEF, on=THURSDAY)
    assert refusal(lambda: deputations.end(first.pk, seen=first.end_on, by=again(chief))).conflict
    assert refusal(lambda: deputations.end(after.pk, seen=after.end_on, by=again(chief))).conflict
    assert "到今天为止" in Notice.objects.filter(to=deputy).first().text


def test_both_names_stand_on_every_act(d, client):
    chief, deputy = d.chiefs[0], d.officers[0][1]
    one, other, third = (make_report(d.officers[0][2], day) for day in
                         (THURSDAY, WEDNESDAY, date(2026, 3, 3)))  # fmt: skip
    own = make_report(deputy, THURSDAY)
    chiefs = make_report(chief, THURSDAY)
    stand_in(chief, deputy, d.one)
    deputy = again(deputy)

    reports.accept(one.pk, by=deputy, grade="good", seen=1)
    reports.return_(other.pk, by=again(deputy), reason="写细", seen=1)
    reports.accept_rest(third.day, by=again(deputy), seen={third.pk: 1})
    for mine in (own, chiefs):
        with pytest.raises(PermissionDenied):
            reports.accept(mine.pk, by=again(deputy), grade="good", seen=1)

    done = ReportEvent.objects.filter(kind__in=["accepted", "returned"])
    assert {(row.by_id, row.on_behalf_of_id) for row in done} == {(deputy.pk, chief.pk)}
    trail = AuditEntry.objects.filter(act__startswith="report.")
    assert {(row.actor_id, row.on_behalf_of_id) for row in trail} == {(deputy.pk, chief.pk)}
    assert access.acting_for(deputy, "report.review", one.anchor()._replace(state="filed")) == chief
    assert access.acting_for(again(chief), "report.review", one.anchor()) is None
    assert access.acted_for(None) is None
    client.force_login(d.officers[0][2], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/reports/by/{one.pk}/").content.decode()
    assert f"{deputy.name}（代{chief.name}）" in page
    # The same person by their own office signs alone, also right after acting for another.
    appoint(deputy, CHIEF, section=d.one)
    access.require(deputy, "report.review", one.anchor()._replace(state="filed"))
    assert audit.record(deputy, "x", one).on_behalf_of is None
    assert not LedgerMove.objects.exists()


def test_a_deputy_s_own_report_is_the_leader_s(d):
    deputy = d.officers[0][1]
    own = make_report(deputy, THURSDAY)
    assert own not in DailyReport.objects.to_review_by(again(d.leader))
    stand_in(d.chiefs[0], deputy, d.one)

    leader = again(d.leader)
    assert own in DailyReport.objects.to_review_by(leader)
    desk = desks(leader)[0]
    assert deputy in [row.person for row in people_of(desk, leader, THURSDAY)]
    assert own in pending(desk, leader)
    assert own not in DailyReport.objects.to_review_by(again(deputy))
    assert reports.accept(own.pk, by=leader, grade="fair", seen=1).reviewed_by == leader


def test_desks_of_one_s_own_and_of_others(d, client):
    chief, leader = d.chiefs[1], d.leader
    stand_in(d.chiefs[0], chief, d.one)
    stand_in(leader, chief, d.one, d.office, office=LEADER)
    found = desks(again(chief))

    assert [(desk.as_chief, desk.sections, desk.acting_for) for desk in found] == [
        (True, (d.one.pk,), d.chiefs[0]),
        (True, (d.two.pk,), None),
        # Not the section one heads in somebody's stead: nobody checks what they do themselves.
        (False, (d.office.pk,), leader),
    ]
    client.force_login(again(chief), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/review/?section=charge-{leader.pk}").content.decode()
    assert f"您现在代{leader.name}批阅" in page
    assert "您现在代" not in client.get(f"/review/?section={d.two.pk}").content.decode()
    for place in (d.one, d.two, d.office):
        appoint(chief, LEADER, section=place, start_on=LONG_AGO)
    assert desks(again(chief))[2].acting_for is None and len(desks(again(chief))) == 3


def test_powers_cost_one_query_with_deputies_too(d):
    deputy = d.officers[0][1]
    stand_in(d.chiefs[0], deputy, d.one)
    deputy = again(deputy)
    with CaptureQueriesContext(connection) as queries:
        access.powers(deputy)
        access.places(deputy, Role.CHIEF)
        access.can(deputy, "review.open")
    assert len(queries) == 1


# --- Pages


def enter(client, person):
    client.force_login(again(person), backend="django.contrib.auth.backends.ModelBackend")


def form(principal, deputy, section, **more):
    return {
        "idem": f"00000000-0000-4000-8000-{deputy.pk:012d}",
        "principal": principal.pk,
        "places": f"section_chief:{section.pk}",
        "deputy": deputy.pk,
        "start_on": "2026-03-05",
        "end_on": "2026-03-13",
        **more,
    }


def test_a_chief_names_and_ends_the_deputy(client, d):
    chief, deputy = d.chiefs[0], d.officers[0][1]
    enter(client, chief)
    assert client.get("/deputies/name/").context["principal"] == chief
    bad = client.post("/deputies/name/", form(chief, deputy, d.one, end_on="2026-03-01"))
    assert bad.status_code == 422 and "结束日期早于开始日期" in bad.content.decode()
    # Whoever is named in the form, one names one's own deputy only.
    answer = client.post("/deputies/name/", form(d.chiefs[1], deputy, d.one))
    assert answer.status_code == 302 and Deputation.objects.get().principal == chief

    page = client.get("/deputies/").content.decode()
    assert deputy.name in page and "2026年3月13日" in page and "结束" in page
    enter(client, d.officers[1][0])
    assert client.get("/deputies/").context["rows"][0]["may_end"] is False
    enter(client, chief)
    row, key = Deputation.objects.get(), "6f1b9c0e-3f9f-4f0e-8d9b-0c7b8a1f2e3d"
    assert client.post(f"/deputies/{row.pk}/end/", {"idem": key}).status_code == 422
    done = client.post(f"/deputies/{row.pk}/end/", {"idem": key, "seen": row.end_on.isoformat()})
    assert done.status_code == 302
    assert "现在没有人代理" in client.get("/deputies/").content.decode()


def test_the_personnel_office_names_anybody_s(client, d):
    office, chief, deputy = d.personnel[1], d.chiefs[0], d.officers[0][1]
    enter(client, office)
    assert client.get("/deputies/name/").context["principal"] is None
    assert client.get("/deputies/name/", {"principal": "\x00"}).context["principal"] is None
    assert client.get("/deputies/name/", {"principal": chief.pk}).context["principal"] == chief
    for wrong in ("", "9" * 30, deputy.pk):
        body = form(chief, deputy, d.one) | {"principal": wrong}
        assert client.post("/deputies/name/", body).status_code == 404
    assert client.post("/deputies/name/", form(chief, deputy, d.one)).status_code == 302
    assert Deputation.objects.get().named_by == office
    # The chief of the office may name a deputy of their own, too.
    enter(client, d.personnel[0])
    assert client.get("/deputies/name/").context["principal"] == d.personnel[0]


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_the_same(client, d, many, django_assert_max_num_queries):
    for n in range(many):
        day = THURSDAY + timedelta(n)
        stand_in(d.chiefs[0], d.officers[0][1], d.one, first=day, last=day)
    enter(client, d.personnel[0])
    with django_assert_max_num_queries(12):
        assert len(client.get("/deputies/").context["rows"]) == many


def test_nothing_of_another_unit_shows(client, d):
    stand_in(d.chiefs[0], d.officers[0][1], d.one)
    other = make_staff(office=Office.PERSONNEL_OFFICE)
    enter(client, other)
    assert client.get("/deputies/").context["rows"] == []
    assert roles(other) == {("staff", None, None), ("personnel", None, None)}
