"""The year: drafted from the ledgers, told in one's own words, received by another hand."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk import sheets as on_the_desk
from ledgers import records, sheet_lines, year_reading
from ledgers.actions import work_reports
from ledgers.models import WorkReport
from scheme import clock as present
from scheme.errors import Stale
from scheme.models import Appointment, Deputation, Notice
from scheme.offices import Office
from tests.factories import again, forget_powers, make_staff
from tests.ledgers.acting import refusal
from tests.ledgers.sheets_world import MARCH, MONDAY, accepted, enter, keyed, make_task

pytestmark = pytest.mark.django_db
State = WorkReport.State
WORDS = {"done": "完成档案核对。\n\n起草办法2件。", "open": "调研少。", "plan": "多下基层。"}


@pytest.fixture
def report(d, author, clock):
    clock.set("2026-12-10 09:00")
    accepted(author, MONDAY, "核对档案")
    make_task(d.one, "修订办法", handlers=[author])
    return work_reports.draft(2026, by=author)


def file(report, by, version=0, **words):
    return work_reports.file(report.pk, by=by, version=version, words=WORDS | words)


def test_drafted_once_a_year_from_the_ledgers(d, author, report):
    assert work_reports.draft(2026, by=author) == report
    facts = list(sheet_lines.of(report).values_list("part", "text"))
    assert {part for part, _text in facts} == {"fact"}
    assert sheet_lines.reused(report) == "取自1项任务，没有重填一项。"
    assert work_reports.draft(2025, by=author).year == 2025
    assert refusal(lambda: work_reports.draft(2024, by=author)).field == "year"
    with pytest.raises(PermissionDenied):
        work_reports.draft(2026, by=d.leader)


def test_own_words_stay_when_facts_are_drawn_anew(d, author, report):
    make_task(d.one, "新任务", handlers=[author])
    done = work_reports.redraft(report.pk, by=author, version=0, words=WORDS)
    texts = list(sheet_lines.of(done).values_list("text", flat=True))
    assert "起草办法2件。" in texts and any(text.startswith("新任务") for text in texts)
    saved = work_reports.save(report.pk, by=author, version=1, words={"done": "只有一段"})
    own = sheet_lines.of(saved).exclude(part="fact")
    assert list(own.values_list("text", flat=True)) == ["只有一段"]


def test_what_cannot_be_written_or_filed(d, author, report):
    assert refusal(lambda: file(report, author, done=" ")).field == "done"
    assert refusal(lambda: file(report, author, open="长" * 6001)).field == "open"
    assert refusal(lambda: file(report, author, plan="长" * 1001)).field == "plan"
    assert refusal(lambda: file(report, author, plan="段\n" * 61)).field == "plan"
    with pytest.raises(Stale):
        file(report, author, version=3)
    with pytest.raises(WorkReport.DoesNotExist):
        file(report, d.chiefs[0])
    file(report, author)
    with pytest.raises(PermissionDenied):
        file(report, d.chiefs[0], version=1)
    with pytest.raises(Stale):
        file(report, author, version=1)


def test_the_chief_receives_or_sends_back(d, author, report):
    file(report, author)
    chief = d.chiefs[0]

    def back(reason, by=chief, version=1):
        return work_reports.return_(report.pk, by=by, version=version, reason=reason)

    for by in (author, d.leader, d.chair):
        with pytest.raises(PermissionDenied):
            work_reports.receive(report.pk, by=by, version=1)
    with pytest.raises(WorkReport.DoesNotExist):
        work_reports.receive(report.pk, by=d.officers[0][2], version=1)
    assert refusal(lambda: back(" ")).field == "reason"
    assert refusal(lambda: back("长" * 201)).field == "reason"
    assert back("补上数据").state == State.RETURNED
    assert "补上数据" in Notice.objects.get(to=author).text
    assert on_the_desk.owed(author)[0].title == "2026年的述职"
    file(report, author, version=2)
    with pytest.raises(Stale):
        work_reports.receive(report.pk, by=chief, version=1)
    done = work_reports.receive(report.pk, by=chief, version=3)
    assert (done.state, done.received_by) == (State.RECEIVED, chief)
    with pytest.raises(Stale):
        work_reports.receive(report.pk, by=chief, version=4)
    kinds = [one.what for one in records.history(report)]
    assert kinds == ["起草", "报送", "退回补正", "报送", "签收"]


def test_a_chiefs_own_goes_to_the_leader_and_else_to_the_chair(d, report, clock):
    chief = d.chiefs[0]
    own = work_reports.draft(2026, by=chief)
    file(own, chief)
    with pytest.raises(PermissionDenied):
        work_reports.receive(own.pk, by=chief, version=1)
    with pytest.raises(PermissionDenied):
        work_reports.receive(own.pk, by=d.chair, version=1)
    seen = WorkReport.objects.with_receiver().get(pk=own.pk)
    assert work_reports.may_receive(seen, by=d.leader)
    assert not work_reports.may_receive(seen, by=chief)
    assert not work_reports.may_receive(seen, by=d.chair)
    assert list(WorkReport.objects.to_receive_by(d.leader)) == [own]
    assert not WorkReport.objects.to_receive_by(d.chair)
    Appointment.objects.filter(office=Office.LEADER_IN_CHARGE, section=d.one).delete()
    forget_powers(d.chair, d.leader)
    assert list(WorkReport.objects.to_receive_by(d.chair)) == [own]
    assert work_reports.receive(own.pk, by=d.chair, version=1).received_by == d.chair


def test_nobody_receives_in_the_authors_stead(d, report):
    chief, stand_in = d.chiefs[0], d.officers[0][2]
    own = work_reports.draft(2026, by=chief)
    file(own, chief)
    Appointment.objects.filter(office=Office.LEADER_IN_CHARGE, section=d.one).delete()
    Appointment.objects.create(
        staff=chief, office=Office.LEADER_IN_CHARGE, section=d.one, start_on=MARCH
    )
    Deputation.objects.create(
        unit=d.unit, principal=chief, office=Office.LEADER_IN_CHARGE, section=d.one,
        deputy=stand_in, start_on=MARCH, end_on="2027-01-01", named_by=chief,
        named_at=present.now(),
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        work_reports.receive(own.pk, by=again(stand_in), version=1)


def test_pages_from_the_draft_to_paper(client, d, author, report):
    enter(client, author)
    page = client.get("/work-reports/").content.decode()
    assert "我的述职" in page
    page = client.get(f"/work-reports/{report.pk}/edit/").content.decode()
    assert "修订办法" in page and "取自1项任务" in page
    answer = client.post(f"/work-reports/{report.pk}/file/", keyed(0, done="", open="只写了这些"))
    assert answer.status_code == 422 and "只写了这些" in answer.content.decode()
    answer = client.post(f"/work-reports/{report.pk}/edit/", keyed(0, done="长" * 6001))
    assert answer.status_code == 422
    answer = client.post(f"/work-reports/{report.pk}/edit/", keyed(0, done="nul\x00"))
    assert answer.status_code == 422
    assert client.post(f"/work-reports/{report.pk}/edit/", keyed(0, **WORDS)).status_code == 302
    assert client.post(f"/work-reports/{report.pk}/redraft/", keyed(1, **WORDS)).status_code == 302
    page = client.get(f"/work-reports/{report.pk}/edit/").content.decode()
    assert "完成档案核对。\n起草办法2件。" in page
    assert client.post(f"/work-reports/{report.pk}/file/", keyed(2, **WORDS)).status_code == 302

    enter(client, d.chiefs[0])
    assert [task.title for task in on_the_desk.waiting(d.chiefs[0])] == ["1份述职待收"]
    assert "收下" in client.get(f"/work-reports/{report.pk}/").content.decode()
    url = f"/work-reports/{report.pk}/return/"
    assert client.post(url, keyed(3, reason="")).status_code == 422
    assert client.post(url, keyed("", reason="")).status_code == 422
    answer = client.post(f"/work-reports/{report.pk}/receive/", keyed(3))
    assert answer.status_code == 302
    paper = client.get(f"/work-reports/{report.pk}/print/").content.decode()
    assert "2026年述职报告" in paper and "起草办法2件。" in paper and "修订办法（主办" in paper


def test_the_list_and_the_reading_list(client, d, author, report, django_assert_num_queries):
    file(report, author)
    enter(client, d.personnel[1])
    client.get("/work-reports/")
    with CaptureQueriesContext(connection) as few:
        client.get("/work-reports/")
    assert len(few) <= 12
    now = present.now()
    for _n in range(30):
        person = make_staff(section=d.two)
        WorkReport.objects.create(
            unit=d.unit, person=person, year=2026, state="filed", filed_at=now, drafted_at=now
        )
    with django_assert_num_queries(len(few)):
        client.get("/work-reports/")
    with CaptureQueriesContext(connection) as costs:
        groups = client.get("/work-reports/reading/").context["groups"]
    assert len(costs) <= 12
    assert [section.name for section, _people in groups] == ["干部一科", "组织二科", "机关人事科"]
    assert groups[0][1][0].heads
    by = {one.person: one.report for one in groups[0][1]}
    assert by[author] == report and by[d.chiefs[0]] is None
    query = f"?section={d.one.pk}&year=2026&state=filed"
    assert client.get(f"/work-reports/{query}").context["found"].total == 1
    assert client.get("/work-reports/?year=%00&state=x").context["found"].total == 31
    own = year_reading.by_section(d.officers[0][2], 2026)
    assert [one.person for _section, people in own for one in people] == [d.officers[0][2]]
    of_section = year_reading.by_section(d.chiefs[0], 2026)
    assert len(of_section) == 1 and len(of_section[0][1]) == 4
