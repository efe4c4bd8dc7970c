"""Leave and travel: asked, granted, kept; what they excuse; and that no reason is stored."""

import uuid
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from desk import reports as desk_rows
from ledgers.deadlines import Status, day_status
from scheme import clock
from scheme.actions import absences, deputations
from scheme.models import Absence, AuditEntry, LeaveRequest, Notice
from tests.factories import again, make_absence, make_staff
from tests.ledgers.acting import THURSDAY, refusal

pytestmark = pytest.mark.django_db
FRIDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 9)


def ask(person, kind="travel", first=FRIDAY, last=MONDAY):
    return absences.ask(kind=kind, first=first, last=last, by=again(person))


def keep(person, by, kind="leave", first=FRIDAY, last=None):
    return absences.keep(person.pk, kind=kind, first=first, last=last, by=again(by))


def test_no_field_holds_a_reason():
    names = {field.name for model in (LeaveRequest, Absence) for field in model._meta.fields}
    assert not names & {"reason", "why", "text", "comment", "remark", "answer"}


def test_asked_granted_and_excused(d, author):
    row = ask(author)
    with pytest.raises(PermissionDenied):
        absences.grant(row.pk, version=0, by=again(author))
    for who in (d.deputies[0], d.leader, d.chiefs[1], d.personnel[0]):
        with pytest.raises(PermissionDenied):
            absences.grant(row.pk, version=0, by=again(who))
    assert refusal(lambda: absences.grant(row.pk, version=1, by=again(d.chiefs[0]))).conflict
    assert day_status(author, FRIDAY).status == Status.COMING

    absences.grant(row.pk, version=0, by=again(d.chiefs[0]))

    assert [day_status(author, day).status for day in (THURSDAY, FRIDAY, MONDAY)] == [
        Status.DUE, Status.EXCUSED, Status.EXCUSED,
    ]  # fmt: skip
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.on_behalf_of) == ("granted", d.chiefs[0], None)
    assert row.absence.history.get().history_user == d.chiefs[0]
    acts = AuditEntry.objects.order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["absence.ask", "absence.keep", "absence.grant"]
    assert "已批准" in Notice.objects.get(to=author).text
    for late in (absences.grant, absences.refuse):
        assert refusal(lambda late=late: late(row.pk, version=1, by=again(d.chiefs[0]))).conflict
    with pytest.raises(IntegrityError), transaction.atomic():
        LeaveRequest.objects.filter(pk=row.pk).update(decided_by=author)


def test_a_chief_s_own_goes_to_the_leader_and_may_be_refused(d):
    row = ask(d.chiefs[0])
    with pytest.raises(PermissionDenied):
        absences.refuse(row.pk, version=0, by=again(d.chiefs[1]))
    absences.refuse(row.pk, version=0, by=again(d.leader))
    assert "没有批准" in Notice.objects.get(to=d.chiefs[0]).text
    assert not Absence.objects.exists()
    # Days that were refused may be asked for again.
    assert ask(d.chiefs[0]).state == "asked"


def test_a_deputy_grants_and_both_names_stand(d, author):
    row, deputy, own = ask(author), d.officers[0][2], ask(d.officers[0][2])
    deputations.name(
        d.chiefs[0].pk, places=[("section_chief", d.one.pk)], deputy_pk=deputy.pk,
        first=THURSDAY, last=MONDAY, by=again(d.chiefs[0]),
    )  # fmt: skip
    assert list(LeaveRequest.objects.to_decide_by(again(deputy))) == [row]
    with pytest.raises(PermissionDenied):
        absences.grant(own.pk, version=0, by=again(deputy))
    absences.grant(row.pk, version=0, by=again(deputy))

    row.refresh_from_db()
    assert (row.decided_by, row.on_behalf_of) == (deputy, d.chiefs[0])
    entry = AuditEntry.objects.get(act="absence.grant")
    assert (entry.actor, entry.on_behalf_of) == (deputy, d.chiefs[0])


def test_what_is_refused_at_the_asking(d, author):
    long_ago = THURSDAY - timedelta(32)
    cases = {
        "kind": {"kind": "secondment"},
        "end_on": {"last": THURSDAY},
        "start_on": {"first": long_ago, "last": long_ago},
    }
    for field, more in cases.items():
        assert refusal(lambda more=more: ask(author, **more)).field == field
    assert refusal(lambda: ask(author, last=date(2028, 1, 1))).field == "end_on"
    with pytest.raises(PermissionDenied):
        ask(d.leader)
    ask(author)
    assert refusal(lambda: ask(author, first=MONDAY, last=MONDAY)).field == "start_on"
    make_absence(author, date(2026, 4, 1))
    assert refusal(lambda: ask(author, first=date(2026, 5, 1), last=date(2026, 5, 1))).field
    assert LeaveRequest.objects.count() == 1


def test_withdrawn_before_the_grant_only(d, author):
    row = ask(author)
    with pytest.raises(PermissionDenied):
        absences.withdraw(row.pk, version=0, by=again(d.chiefs[0]))
    assert refusal(lambda: absences.withdraw(row.pk, version=3, by=again(author))).conflict
    absences.withdraw(row.pk, version=0, by=again(author))
    assert refusal(lambda: absences.grant(row.pk, version=1, by=again(d.chiefs[0]))).conflict
    granted = ask(author)
    absences.grant(granted.pk, version=0, by=again(d.chiefs[0]))
    assert refusal(lambda: absences.withdraw(granted.pk, version=1, by=again(author))).conflict


def test_the_personnel_office_keeps_ends_and_cancels(d, author):
    office = d.personnel[0]
    for who in (d.chiefs[0], d.leader, author):
        with pytest.raises(PermissionDenied):
            keep(author, who)
    assert refusal(lambda: keep(author, office, kind="rest")).field == "kind"
    row = keep(author, office, kind="secondment", first=THURSDAY)
    assert day_status(author, THURSDAY).status == Status.EXCUSED
    assert "免报日报" in Notice.objects.get(to=author).text
    assert refusal(lambda: keep(author, office, first=MONDAY)).field == "start_on"

    def end(last, seen=None, by=office):
        return absences.end(row.pk, last=last, seen=seen, by=again(by))

    with pytest.raises(PermissionDenied):
        end(FRIDAY, by=d.chiefs[0])
    assert refusal(lambda: end(date(2026, 3, 4))).field == "end_on"
    assert refusal(lambda: end(FRIDAY, seen=MONDAY)).conflict
    end(FRIDAY)
    assert refusal(lambda: end(FRIDAY, seen=FRIDAY)).field == "end_on"
    assert day_status(author, MONDAY).status == Status.COMING
    later = keep(author, office, first=date(2026, 3, 20), last=date(2026, 3, 20))
    assert refusal(lambda: end(date(2026, 3, 25), seen=FRIDAY)).field == "start_on"
    end(THURSDAY, seen=FRIDAY)
    history = Absence.history.filter(id=row.pk).order_by("history_date")
    assert [one.end_on for one in history] == [None, FRIDAY, THURSDAY]
    assert {one.history_user for one in history} == {office}

    with pytest.raises(PermissionDenied):
        absences.cancel(row.pk, seen=THURSDAY, by=again(d.leader))
    assert refusal(lambda: absences.cancel(row.pk, seen=FRIDAY, by=again(office))).conflict
    absences.cancel(row.pk, seen=THURSDAY, by=again(office))
    assert day_status(author, THURSDAY).status == Status.DUE
    assert list(Absence.objects.all()) == [later] and history.all().count() == 4
    assert "已取消" in Notice.objects.filter(to=author).first().text
    # One's own entry needs no word to oneself.
    keep(office, office, first=FRIDAY, last=FRIDAY)
    assert not Notice.objects.filter(to=office).exists()


def test_a_granted_request_outlives_its_cancelled_absence(d, author):
    row = ask(author)
    made = absences.grant(row.pk, version=0, by=again(d.chiefs[0])).absence
    other = ask(author, first=date(2026, 3, 20), last=date(2026, 3, 20))
    keep(author, d.personnel[0], first=date(2026, 3, 19), last=date(2026, 3, 21))
    taken = refusal(lambda: absences.grant(other.pk, version=0, by=again(d.chiefs[0])))
    assert "重叠" in str(taken)
    absences.cancel(made.pk, seen=MONDAY, by=again(d.personnel[0]))
    row.refresh_from_db()
    assert (row.state, row.absence) == ("granted", None)
    assert str(row)


# --- Pages


def enter(client, person):
    client.force_login(again(person), backend="django.contrib.auth.backends.ModelBackend")


def post(client, path, **data):
    return client.post(path, {"idem": str(uuid.uuid4()), **data})


def test_the_way_of_a_request_through_the_pages(client, d, author):
    enter(client, author)
    days = {"start_on": "2026-03-06", "end_on": "2026-03-09"}
    bad = post(client, "/absences/ask/", kind="leave", start_on="2026-03-09", end_on="2026-03-06")
    assert bad.status_code == 422 and "结束日期早于开始日期" in bad.content.decode()
    assert post(client, "/absences/ask/", kind="leave", start_on="0001-01-01").status_code == 422
    assert post(client, "/absences/ask/", kind="leave", **days).status_code == 302
    row = LeaveRequest.objects.get()
    assert "待批" in client.get("/absences/").content.decode()
    assert desk_rows.waiting(again(author)) == []
    task = desk_rows.waiting(again(d.chiefs[0]))[0]
    assert author.name in task.title and task.url == "/absences/"

    enter(client, d.officers[0][2])
    assert post(client, f"/absences/asked/{row.pk}/grant/", version=0).status_code == 404
    enter(client, d.chiefs[0])
    assert author.name in client.get("/absences/").content.decode()
    assert post(client, f"/absences/asked/{row.pk}/grant/").status_code == 422
    assert post(client, f"/absences/asked/{row.pk}/grant/", version=0).status_code == 302
    enter(client, author)
    page = client.get("/absences/").content.decode()
    assert "已批准" in page and d.chiefs[0].name in page
    month = client.get("/reports/mine/?month=2026-03").content.decode()
    assert "请假" in month
    second = ask(author, first=date(2026, 3, 20), last=date(2026, 3, 20))
    third = ask(author, first=date(2026, 3, 21), last=date(2026, 3, 21))
    assert len(desk_rows.waiting(again(d.chiefs[0]))) == 1
    assert post(client, f"/absences/asked/{second.pk}/withdraw/", version=0).status_code == 302
    enter(client, d.chiefs[0])
    assert post(client, f"/absences/asked/{third.pk}/refuse/", version=0).status_code == 302
    assert desk_rows.waiting(again(d.chiefs[0])) == []


def test_the_office_s_pages(client, d, author):
    enter(client, d.personnel[0])
    staff = {"staff": author.pk, "kind": "secondment", "start_on": "2026-03-06"}
    assert post(client, "/absences/keep/", **staff).status_code == 302
    assert post(client, "/absences/keep/", **staff).status_code == 422
    row = Absence.objects.get()
    where = f"/absences/{row.pk}"
    assert "取消登记" in client.get(f"{where}/end/").content.decode()
    assert post(client, f"{where}/end/", end_on="2026-03-01").status_code == 422
    assert post(client, f"{where}/end/", end_on="2026-03-10", seen="2026-03-09").status_code == 409
    assert post(client, f"{where}/end/", end_on="2026-03-10").status_code == 302
    assert post(client, f"{where}/cancel/", seen="x").status_code == 422
    assert post(client, f"{where}/cancel/", seen="2026-03-10").status_code == 302
    assert not Absence.objects.exists()


def test_who_sees_whose_and_filters_stay(client, d, author, clock):
    make_absence(author, FRIDAY, MONDAY)
    make_absence(d.officers[1][0], FRIDAY, MONDAY, kind="travel")
    make_absence(author, date(2026, 1, 5), date(2026, 1, 6))
    elsewhere = make_staff()
    make_absence(elsewhere, FRIDAY)

    def seen(person, **query):
        enter(client, person)
        return {row.staff for row in client.get("/absences/", query).context["list"].page_obj}

    assert seen(d.personnel[0]) == {author, d.officers[1][0]}
    assert seen(d.personnel[0], kind="travel") == {d.officers[1][0]}
    assert seen(d.personnel[0], q=author.name) == {author}
    assert seen(d.chiefs[0]) == seen(d.leader) == seen(author) == {author}
    assert seen(d.officers[0][2]) == seen(d.chair) == set()
    # Now that nobody is away any more, all that were are shown on demand.
    clock.set("2026-04-01 09:00")
    assert seen(author) == set() and seen(author, when="all") == {author}


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_costs_the_same(client, d, many, django_assert_max_num_queries):
    for n in range(many):
        person = make_staff(section=d.one)
        make_absence(person, FRIDAY + timedelta(n))
        LeaveRequest.objects.create(
            unit=d.unit, staff=d.officers[0][1], kind="leave", start_on=date(2026, 6, 1),
            end_on=date(2026, 6, 1), asked_at=clock.now(),
        )  # fmt: skip
    enter(client, d.chiefs[0])
    with django_assert_max_num_queries(12):
        answer = client.get("/absences/")
    assert len(answer.context["waiting"]) == len(answer.context["list"].page_obj) == many
