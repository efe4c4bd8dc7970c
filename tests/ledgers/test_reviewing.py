from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ledgers.actions import reports
from ledgers.models import DailyReport, ReportEvent
from scheme.errors import Stale
from scheme.models import Appointment, AuditEntry, Notice, SectionMembership
from scheme.offices import Office
from tests.factories import (
    again,
    appoint,
    make_report,
    make_section,
    make_staff,
)
from tests.ledgers.acting import THURSDAY, WEDNESDAY, draft, file, refusal

pytestmark = pytest.mark.django_db
State = DailyReport.State


def test_a_chief_accepts_with_a_grade(d, author):
    report = file(author)
    chief = d.chiefs[0]

    reports.accept(report.pk, by=chief, grade="good", comment=" 写得清楚 ", seen=1)

    report.refresh_from_db()
    assert (report.state, report.grade, report.comment) == (State.ACCEPTED, "good", "写得清楚")
    assert (report.reviewed_by, report.version) == (chief, 2)
    event = ReportEvent.objects.get(version=2)
    assert (event.kind, event.grade, event.text) == ("accepted", "good", "写得清楚")
    entry = AuditEntry.objects.get(act="report.accept")
    assert (entry.actor, entry.after) == (chief, {"state": "accepted", "grade": "good"})
    notice = Notice.objects.get()
    assert (notice.to, notice.url) == (author, "/reports/2026-03-05/")
    assert "好" in notice.text


def test_an_accepted_report_is_closed(d, author):
    report = file(author)
    reports.accept(report.pk, by=d.chiefs[0], grade="good", seen=1)

    for call in (
        lambda: reports.accept(report.pk, by=d.chiefs[0], grade="poor", seen=2),
        lambda: reports.return_(report.pk, by=d.chiefs[0], reason="重写", seen=2),
        lambda: file(author, seen=2),
    ):
        assert refusal(call).conflict
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyReport.objects.filter(pk=report.pk).update(grade="poor")


@pytest.mark.parametrize("grade", ["", "excellent"])
def test_a_grade_is_chosen(d, author, grade):
    report = file(author)

    call = lambda: reports.accept(report.pk, by=d.chiefs[0], grade=grade, seen=1)  # noqa: E731
    assert refusal(call).field == "grade"


def test_a_long_comment_and_reason_are_refused_at_their_field(d, author):
    report, chief = file(author), d.chiefs[0]
    long = "字" * 201

    for field, call in {
        "comment": lambda: reports.accept(report.pk, by=chief, grade="good", comment=long, seen=1),
        "reason": lambda: reports.return_(report.pk, by=chief, reason=long, seen=1),
    }.items():
        assert refusal(call).field == field


def test_nobody_reviews_what_they_have_not_read(d, author):
    report = file(author)

    for call in (
        lambda: reports.accept(report.pk, by=d.chiefs[0], grade="good", seen=0),
        lambda: reports.return_(report.pk, by=d.chiefs[0], reason="重写", seen=0),
    ):
        assert isinstance(refusal(call), Stale)


def test_returned_mended_and_filed_again_it_stays_as_punctual(d, author, clock):
    report = file(author)
    first = report.first_filed_at

    reports.return_(report.pk, by=d.chiefs[0], reason="请写明份数", seen=1)

    report.refresh_from_db()
    assert (report.state, report.version, report.reviewed_at) == (State.RETURNED, 2, None)
    assert "请写明份数" in Notice.objects.get(to=author).text
    assert AuditEntry.objects.get(act="report.return").reason == "请写明份数"
    # Long after back-filling has ended: the first filing was in time.
    clock.set("2026-03-20 09:00")
    draft(author, lines=["核对"], seen=2, base=report.saved_at)

    report = file(author, lines=["核对档案12卷"], seen=2, answer="已补份数")

    assert (report.state, report.version) == (State.FILED, 3)
    assert report.first_filed_at == first and report.filed_at > first
    event = ReportEvent.objects.get(version=3)
    assert (event.text, event.body["lines"][0]["text"]) == ("已补份数", "核对档案12卷")
    reports.accept(report.pk, by=d.chiefs[0], grade="fair", seen=3)
    assert Notice.objects.filter(to=author).count() == 2


def test_a_return_says_why(d, author):
    report = file(author)

    call = lambda: reports.return_(report.pk, by=d.chiefs[0], reason="  ", seen=1)  # noqa: E731
    assert refusal(call).field == "reason"


def both(report, by):
    """Accepting and returning alike are refused to `by`."""
    for call in (
        lambda: reports.accept(report.pk, by=by, grade="good", seen=report.version),
        lambda: reports.return_(report.pk, by=by, reason="重写", seen=report.version),
        lambda: reports.accept_rest(report.day, by=by, seen={report.pk: report.version}),
    ):
        with pytest.raises(PermissionDenied), transaction.atomic():
            call()
    report.refresh_from_db()
    assert report.state == State.FILED


def test_only_the_section_s_chief_reviews_its_people(d, author):
    report = file(author)

    for by in (d.chiefs[1], d.deputies[0], d.leader, d.officers[0][2], d.personnel[0], author):
        both(report, by)


def test_a_chief_s_own_goes_to_the_leader_in_charge(d):
    chief = d.chiefs[0]
    report = file(chief)
    second = make_staff(section=d.one, office=Office.SECTION_CHIEF)

    for by in (chief, second, d.other_leader, d.chair):
        both(report, by)
    reports.accept(report.pk, by=d.leader, grade="good", seen=1)


def test_without_a_chief_the_leader_reads_the_section(d, author):
    report = file(author)
    Appointment.objects.filter(staff=d.chiefs[0], office=Office.SECTION_CHIEF).delete()

    both(report, again(d.chiefs[0]))
    reports.accept(report.pk, by=d.leader, grade="good", seen=1)


def test_who_heads_the_section_by_now_does_not_review_their_own_past(d, author, clock):
    """The new chief's reports as a member: the leader's, for nobody else heads the section."""
    report = file(author)
    Appointment.objects.filter(staff=d.chiefs[0], office=Office.SECTION_CHIEF).update(
        end_on=THURSDAY
    )
    appoint(author, Office.SECTION_CHIEF, section=d.one, start_on=date(2026, 3, 6))
    clock.set("2026-03-06 09:00")

    both(report, again(author))
    assert list(DailyReport.objects.to_review_by(d.leader)) == [report]
    reports.accept(report.pk, by=d.leader, grade="good", seen=1)


def test_the_section_is_that_of_the_report_s_day(d, author):
    report = file(author, WEDNESDAY)
    SectionMembership.objects.filter(staff=author).update(end_on=THURSDAY)
    SectionMembership.objects.create(staff=author, section=d.two, start_on=THURSDAY)

    both(report, d.chiefs[1])
    reports.accept(report.pk, by=d.chiefs[0], grade="good", seen=1)


def test_the_office_is_that_of_today(d, author, clock):
    report = file(author)
    Appointment.objects.filter(staff=d.chiefs[0], office=Office.SECTION_CHIEF).update(
        end_on=date(2026, 3, 6)
    )
    successor = make_staff(section=d.two)
    appoint(successor, Office.SECTION_CHIEF, section=d.one, start_on=date(2026, 3, 6))

    clock.set("2026-03-06 09:00")

    both(report, again(d.chiefs[0]))
    reports.accept(report.pk, by=again(successor), grade="good", seen=1)


def test_the_database_keeps_everybody_from_their_own(author):
    report = file(author)

    with pytest.raises(IntegrityError), transaction.atomic():
        DailyReport.objects.filter(pk=report.pk).update(
            reviewed_by=author, reviewed_at=report.filed_at
        )


# --- All the rest


def test_the_rest_is_accepted_without_a_grade(d, clock):
    one, two = (file(person) for person in d.officers[0][:2])

    assert reports.accept_rest(THURSDAY, by=d.chiefs[0], seen={one.pk: 1, two.pk: 1}) == 2

    for report in (one, two):
        report.refresh_from_db()
        assert (report.state, report.grade, report.version) == (State.ACCEPTED, "", 2)
        assert report.reviewed_by == d.chiefs[0]
        assert report.events.get(version=2).kind == "accepted"
        assert Notice.objects.get(to=report.author).url == "/reports/2026-03-05/"
    entry = AuditEntry.objects.get(act="report.accept_rest")
    assert entry.after == {"day": "2026-03-05", "reports": [one.pk, two.pk]}
    assert entry.unit == d.unit


def test_of_the_rest_only_what_was_on_the_page_is_accepted(d):
    one, two, three = (file(person) for person in d.officers[0])
    reports.return_(two.pk, by=d.chiefs[0], reason="重写", seen=1)
    file(d.officers[0][1], seen=2)

    assert reports.accept_rest(THURSDAY, by=d.chiefs[0], seen={one.pk: 1, two.pk: 1}) == 1

    states = dict(DailyReport.objects.values_list("pk", "state"))
    assert states == {one.pk: "accepted", two.pk: "filed", three.pk: "filed"}


def test_of_the_rest_other_days_are_left_alone(d, author):
    report = file(author, WEDNESDAY)

    call = lambda: reports.accept_rest(THURSDAY, by=d.chiefs[0], seen={report.pk: 1})  # noqa: E731
    assert refusal(call).conflict


def test_the_rest_of_a_leader_is_the_chiefs(d):
    chiefs = [file(chief) for chief in (d.chiefs[0], d.chiefs[2])]

    done = reports.accept_rest(THURSDAY, by=d.leader, seen={report.pk: 1 for report in chiefs})

    assert done == 2


def test_one_that_is_not_theirs_spoils_the_whole(d, author):
    mine, other = file(author), file(d.officers[1][0])

    with pytest.raises(PermissionDenied), transaction.atomic():
        reports.accept_rest(THURSDAY, by=d.chiefs[0], seen={mine.pk: 1, other.pk: 1})
    assert set(DailyReport.objects.values_list("state", flat=True)) == {"filed"}


# --- What waits for whom


def test_what_waits_for_a_reviewer(d, author):
    mine, chief_s, other = file(author), file(d.chiefs[0]), file(d.officers[1][0])
    draft(d.officers[0][0])
    bare = make_section(d.unit)
    appoint(d.leader, Office.LEADER_IN_CHARGE, section=bare)
    orphan = file(make_staff(section=bare))

    waiting = {
        person: set(DailyReport.objects.to_review_by(again(person)))
        for person in (d.chiefs[0], d.leader, d.other_leader, d.chiefs[1], d.deputies[0], d.chair)
    }

    assert waiting == {
        d.chiefs[0]: {mine},
        d.leader: {chief_s, orphan},
        d.other_leader: set(),
        d.chiefs[1]: {other},
        d.deputies[0]: set(),
        d.chair: set(),
    }


def test_drafts_are_seen_by_nobody_else(d, author):
    written = draft(author)
    make_report(d.officers[0][2], THURSDAY)

    assert written in DailyReport.objects.visible_to(author)
    assert written not in DailyReport.objects.visible_to(d.chiefs[0])


def test_a_report_is_anchored_in_the_section_of_its_day(d, author):
    report = make_report(author, WEDNESDAY)
    SectionMembership.objects.filter(staff=author).update(end_on=THURSDAY)

    anchor = DailyReport.objects.get(pk=report.pk).anchor()

    assert anchor == (d.unit.pk, author.pk, d.one.pk, None, "filed")
