import uuid
from datetime import date

import pytest

from ledgers.actions import reports
from ledgers.models import DailyReport
from scheme.models import Appointment, AuditEntry
from scheme.offices import Office
from tests.factories import (
    appoint,
    make_absence,
    make_report,
    make_staff,
    moment,
)

pytestmark = pytest.mark.django_db
WEDNESDAY, THURSDAY = date(2026, 3, 4), date(2026, 3, 5)
State = DailyReport.State


@pytest.fixture
def chief(d, client):
    enter(client, d.chiefs[0])
    return d.chiefs[0]


def enter(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def keys(report, *, seen=None, section=None, **more) -> dict:
    return {
        "idem": str(uuid.uuid4()),
        "seen": report.version if seen is None else seen,
        "section": section or "",
        **more,
    }


def shown(answer) -> list:
    return [row["person"] for row in answer.context["rows"]]


def test_a_chief_sees_the_section_of_the_day(client, d, chief):
    one, two, three = d.officers[0]
    make_report(one, THURSDAY)
    make_report(two, THURSDAY, filed_at=moment("2026-03-05 17:00"))
    make_absence(three, THURSDAY)
    make_report(chief, THURSDAY)
    make_report(d.officers[1][0], THURSDAY)

    answer = client.get("/review/")

    assert shown(answer) == [one, two, three]
    assert answer.context["day"] == THURSDAY
    assert answer.context["counts"] == {"owed": 2, "filed": 2, "read": 0}
    assert answer.context["chosen"].person == one
    page = answer.content.decode()
    assert "请假" in page and "其余2份全部通过" in page


def test_the_oldest_day_with_reports_waiting_comes_first(client, d, chief):
    make_report(d.officers[0][0], THURSDAY)
    make_report(d.officers[0][1], WEDNESDAY)

    answer = client.get("/review/")

    assert answer.context["day"] == WEDNESDAY
    assert [(one["day"], one["n"]) for one in answer.context["waiting"]] == [(THURSDAY, 1)]
    assert answer.context["next"]["day"] == THURSDAY


def test_with_nothing_waiting_the_last_working_day_is_shown(client, d, chief, clock):
    clock.set("2026-03-08 12:00")

    answer = client.get("/review/")

    assert answer.context["day"] == date(2026, 3, 6)
    assert answer.context["chosen"] is None and answer.context["next"] is None


def test_working_days_are_walked_over_the_holiday(client, d, chief):
    answer = client.get("/review/?day=2026-02-14")

    assert answer.context["previous"]["day"] == date(2026, 2, 13)
    assert answer.context["next"]["day"] == date(2026, 2, 24)


@pytest.mark.parametrize("day", ["x", "2026-03-06", "0001-01-01", "9999-12-31"])
def test_a_day_that_cannot_be_read_is_the_usual_one(client, d, chief, day):
    assert client.get("/review/", {"day": day}).context["day"] == THURSDAY


def test_a_leader_sees_the_chiefs_of_the_sections_in_charge(client, d):
    make_report(d.chiefs[0], THURSDAY)
    make_report(d.officers[0][0], THURSDAY)
    enter(client, d.leader)

    answer = client.get("/review/")

    assert shown(answer) == [d.chiefs[0], d.chiefs[2]]
    assert answer.context["desk"].key == "charge"


def test_a_leader_sees_the_whole_of_a_section_without_a_chief(client, d):
    Appointment.objects.filter(staff=d.chiefs[0], office=Office.SECTION_CHIEF).delete()
    enter(client, d.leader)

    assert shown(client.get("/review/")) == [d.chiefs[0], *d.officers[0], d.chiefs[2]]


def test_who_heads_two_sections_has_two_desks(client, d, chief):
    appoint(chief, Office.SECTION_CHIEF, section=d.two)
    appoint(chief, Office.LEADER_IN_CHARGE, section=d.office)
    make_report(d.officers[1][0], THURSDAY)
    make_report(d.officers[0][0], THURSDAY)

    first = client.get("/review/")
    second = client.get("/review/", {"section": d.two.pk})
    third = client.get("/review/?section=charge")

    assert [desk["label"] for desk in first.context["desks"]] == [
        "干部一科",
        "组织二科",
        "分管科室",
    ]
    assert shown(first) == d.officers[0]
    assert shown(second) == d.officers[1]
    assert shown(third) == [d.chiefs[2]]


def test_others_desks_are_not_there(client, d, chief):
    assert client.get("/review/", {"section": d.two.pk}).status_code == 404
    assert client.get("/review/?section=charge").status_code == 404


def test_who_reviews_nobody_may_not_enter(client, d):
    for person in (d.officers[0][1], d.deputies[0], d.personnel[1], d.members[0]):
        enter(client, person)
        assert client.get("/review/").status_code == 403
        assert client.post("/review/rest/", {"idem": str(uuid.uuid4())}).status_code == 403


def test_a_report_of_another_desk_is_not_there(client, d, chief):
    other = make_report(d.officers[1][0], THURSDAY)
    draft = make_report(d.officers[0][0], THURSDAY, state=State.DRAFT)

    for report in (other, draft):
        assert client.get("/review/", {"report": report.pk}).status_code == 404
        for path in (f"/review/{report.pk}/accept/", f"/review/{report.pk}/return/"):
            assert client.post(path, keys(report, grade="good", reason="x")).status_code == 404


def test_what_may_be_seen_but_not_reviewed_is_refused(client, d):
    """The leader reads the section's reports and grades the chief's."""
    report = make_report(d.officers[0][0], THURSDAY)
    enter(client, d.leader)

    answer = client.post(f"/review/{report.pk}/accept/", keys(report, grade="good"))

    assert answer.status_code == 403
    assert not AuditEntry.objects.exists()


def test_grading_goes_on_to_the_next_unread(client, d, chief):
    one, two, three = (make_report(person, THURSDAY) for person in d.officers[0])
    reports.accept(one.pk, by=chief, grade="good", seen=1)

    answer = client.post(
        f"/review/{two.pk}/accept/", keys(two, grade="fair", comment="好"), follow=True
    )

    two.refresh_from_db()
    assert (two.grade, two.comment) == ("fair", "好")
    assert answer.context["chosen"].status.report == three
    answer = client.post(f"/review/{three.pk}/accept/", keys(three, grade="good"), follow=True)
    assert answer.context["counts"] == {"owed": 3, "filed": 3, "read": 3}


def test_the_day_read_the_next_day_follows(client, d, chief):
    one = make_report(d.officers[0][0], WEDNESDAY)
    two = make_report(d.officers[0][0], THURSDAY)

    answer = client.post(f"/review/{one.pk}/accept/", keys(one, grade="fair"), follow=True)

    assert answer.context["day"] == THURSDAY
    assert answer.context["chosen"].status.report == two
    assert "3月4日的日报看完了" in answer.content.decode()


def test_beside_the_text_stand_plan_and_grades(client, d, chief):
    person = d.officers[0][0]
    make_report(person, date(2026, 3, 3), state=State.ACCEPTED, grade="good")
    make_report(person, WEDNESDAY, state=State.ACCEPTED, grade="poor", plan="核对档案；起草通知")
    make_report(person, THURSDAY, lines=["核对档案"])

    answer = client.get("/review/?day=2026-03-05")

    assert answer.context["planned"] == [
        {"text": "核对档案", "done": True},
        {"text": "起草通知", "done": False},
    ]
    assert [one.grade for one in answer.context["grades"]] == ["poor", "good"]


def test_a_grade_must_be_chosen(client, d, chief):
    report = make_report(d.officers[0][0], THURSDAY)

    answer = client.post(f"/review/{report.pk}/accept/", keys(report))

    assert answer.status_code == 422
    assert "先选等次" in answer.content.decode()


def test_a_page_that_is_too_old_conflicts(client, d, chief):
    report = make_report(d.officers[0][0], THURSDAY)

    answer = client.post(f"/review/{report.pk}/accept/", keys(report, grade="good", seen=0))
    unread = client.post(f"/review/{report.pk}/accept/", keys(report, grade="good", seen="x"))

    assert (answer.status_code, unread.status_code) == (409, 422)


def test_returning_asks_for_a_reason(client, d, chief):
    report = make_report(d.officers[0][0], THURSDAY)

    refused = client.post(f"/review/{report.pk}/return/", keys(report, reason=" "))
    answer = client.post(
        f"/review/{report.pk}/return/", keys(report, reason="请写明份数"), follow=True
    )

    report.refresh_from_db()
    assert (refused.status_code, report.state) == (422, State.RETURNED)
    page = answer.content.decode()
    assert "已退回" in page and "请写明份数" in page


def test_the_same_press_twice_grades_once(client, d, chief):
    report = make_report(d.officers[0][0], THURSDAY)
    data = keys(report, grade="good")

    answers = [client.post(f"/review/{report.pk}/accept/", data) for _n in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert AuditEntry.objects.filter(act="report.accept").count() == 1


def test_all_the_rest_at_once(client, d, chief):
    for person in d.officers[0]:
        make_report(person, THURSDAY)
    page = client.get("/review/")
    data = {"idem": str(uuid.uuid4()), "day": "2026-03-05", "seen": page.context["rest"]}

    answer = client.post("/review/rest/", {**data, "section": d.one.pk}, follow=True)

    assert answer.context["counts"]["read"] == 3
    assert "3份日报已阅" in answer.content.decode()


@pytest.mark.parametrize("seen", ["", "x", "1", "1:2;3:4", "1:2,", "9" * 20 + ":1"])
def test_a_garbled_rest_is_refused(client, d, chief, seen):
    data = {"idem": str(uuid.uuid4()), "day": "2026-03-05", "seen": seen}

    assert client.post("/review/rest/", data).status_code == 422


@pytest.mark.parametrize("who", ["chief", "leader"])
def test_the_screen_costs_the_same_for_one_and_for_thirty(
    client, d, who, django_assert_max_num_queries
):
    enter(client, d.chiefs[0] if who == "chief" else d.leader)
    if who == "leader":
        Appointment.objects.filter(staff=d.chiefs[0], office=Office.SECTION_CHIEF).delete()
    make_report(d.officers[0][0], THURSDAY)
    with django_assert_max_num_queries(30) as few:
        client.get("/review/?day=2026-03-05")
    for _n in range(30):
        make_report(make_staff(section=d.one), THURSDAY)

    with django_assert_max_num_queries(len(few)):
        client.get("/review/?day=2026-03-05")
