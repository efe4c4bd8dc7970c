"""The month: drafted, filed, graded by another hand, returned, graded anew; lists and matrix."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from desk import sheets as on_the_desk
from ledgers import months, records, sheet_lines
from ledgers.actions import summaries
from ledgers.models import MonthlySummary
from ledgers.sheet_lines import Edit
from scheme import clock as present
from scheme.errors import Stale
from scheme.models import Appointment, AuditEntry, Deputation, Notice, Section
from scheme.offices import Office
from tests.factories import again, appoint, forget_powers, make_section
from tests.ledgers.acting import refusal
from tests.ledgers.sheets_world import MARCH, MONDAY, accepted, adopted, enter, keyed

pytestmark = pytest.mark.django_db
State = MonthlySummary.State
FEBRUARY = date(2026, 2, 1)


@pytest.fixture
def chief(d):
    return d.chiefs[0]


@pytest.fixture
def summary(d, chief, clock):
    """March, drafted on the first working day of April."""
    clock.set("2026-04-01 09:00")
    accepted(d.officers[0][1], MONDAY, "核对档案")
    return summaries.draft(d.one.pk, MARCH, by=chief)


@pytest.fixture
def filed(summary, chief):
    return file(summary, chief)


def file(summary, by, *edits, version=0):
    edits = edits or [
        Edit(line.pk, line.part, line.text, line.people)
        for line in sheet_lines.of(summary).exclude(part="fact")
    ]
    return summaries.file(summary.pk, by=by, version=version, edits=edits)


def test_drafted_from_facts_once(d, chief, summary):
    texts = list(sheet_lines.of(summary).values_list("part", "text"))
    assert ("done", "核对档案") in texts and sum(part == "fact" for part, _text in texts) == 4
    assert (summary.state, summary.grade) == (State.DRAFT, "")
    assert summaries.draft(d.one.pk, date(2026, 3, 9), by=d.deputies[0]) == summary
    assert AuditEntry.objects.filter(act="summary.draft").count() == 1
    assert summary not in MonthlySummary.objects.visible_to(d.leader)
    assert summary in MonthlySummary.objects.visible_to(chief)


def test_what_cannot_be_drafted(d, chief, clock):
    with pytest.raises(PermissionDenied):
        summaries.draft(d.two.pk, MARCH, by=chief)
    with pytest.raises(Section.DoesNotExist):
        summaries.draft(make_section().pk, MARCH, by=chief)
    assert refusal(lambda: summaries.draft(d.one.pk, date(2026, 4, 1), by=chief)).field == "month"


def test_an_imported_month_stands(d, chief, clock):
    there = MonthlySummary.objects.create(
        unit=d.unit, section=d.one, month=FEBRUARY, grade="good", recorded_at=present.now()
    )
    assert summaries.draft(d.one.pk, FEBRUARY, by=chief).state == State.GRADED
    with pytest.raises(Stale):
        summaries.save(there.pk, by=chief, version=0, edits=())
    anew = summaries.regrade(there.pk, by=d.leader, version=0, grade="fair", reason="核实后改")
    assert (anew.grade, anew.graded_by) == ("fair", d.leader)
    assert not Notice.objects.exists()


def test_the_month_is_filed_from_its_last_working_day(d, chief, clock):
    draft = summaries.draft(d.one.pk, MARCH, by=chief)
    clock.set("2026-03-30 17:00")
    assert "3月31日" in str(refusal(lambda: file(draft, chief, Edit(None, "done", "甲"))))
    clock.set("2026-03-31 08:00")
    nothing = refusal(lambda: file(draft, chief, Edit(None, "done", " ")))
    assert nothing.field == "lines"
    assert file(draft, chief, Edit(None, "done", "甲")).state == State.FILED
    assert summaries.due_on(MARCH) == date(2026, 4, 3)
    # A month without a working day in the calendar is over on its last day.
    assert summaries.opens_on(date(2031, 2, 1)) == date(2031, 2, 28)
    assert months.due_on(date(2031, 2, 1)) is None


def test_drawing_again_counts_anew(d, chief, summary):
    adopted(d.officers[0][1], "小网格", MONDAY)
    changed = [Edit(line.pk, line.part, "改过的") for line in sheet_lines.of(summary)
               if line.part == "done"]  # fmt: skip
    assert summaries.redraft(summary.pk, by=chief, version=0, edits=changed) == 1
    texts = list(sheet_lines.of(summary).values_list("text", flat=True))
    assert "改过的" in texts and "核对档案" not in texts
    assert "信息宣传采用1篇，创新推广0项" in texts and len(texts) == 6
    assert summaries.save(summary.pk, by=chief, version=1, edits=()).version == 2


def test_the_leader_grades_and_the_filer_is_told(d, chief, filed):
    def grade(by, version=1, **more):
        said = {"grade": "good", "comment": "抓得实"} | more
        return summaries.grade(filed.pk, by=by, version=version, **said)

    for by in (chief, d.chair):
        with pytest.raises(PermissionDenied):
            grade(by)
    with pytest.raises(MonthlySummary.DoesNotExist):
        grade(d.other_leader if not d.other_leader.is_active else d.officers[1][0])
    assert refusal(lambda: grade(d.leader, grade="best")).field == "grade"
    assert refusal(lambda: grade(d.leader, comment="长" * 301)).field == "comment"
    with pytest.raises(Stale):
        grade(d.leader, version=0)
    done = grade(d.leader)
    assert (done.state, done.grade, done.graded_by) == (State.GRADED, "good", d.leader)
    assert Notice.objects.get(to=chief).text == "干部一科3月的月结已评：好。"
    with pytest.raises(Stale):
        grade(d.leader, version=2)
    assert AuditEntry.objects.get(act="summary.grade").reason == "抓得实"


def test_returned_it_is_mended_and_filed_again(d, chief, filed):
    def back(reason, version=1):
        return summaries.return_(filed.pk, by=d.leader, version=version, reason=reason)

    assert refusal(lambda: back(" ")).field == "reason"
    assert refusal(lambda: back("长" * 301)).field == "reason"
    assert back("写具体些").state == State.RETURNED
    assert "写具体些" in Notice.objects.get(to=chief).text
    assert file(filed, d.deputies[0], version=2).filed_by == d.deputies[0]
    kinds = [one.what for one in records.history(filed)]
    assert kinds == ["起草", "报送", "退回补正", "报送"]


def test_a_grade_is_changed_with_a_reason(d, chief, filed):
    summaries.grade(filed.pk, by=d.leader, version=1, grade="good", comment="好")

    def regrade(grade="plain", reason="数据不实", version=2, by=d.leader):
        return summaries.regrade(filed.pk, by=by, version=version, grade=grade, reason=reason)

    assert refusal(lambda: regrade("good")).field == "grade"
    assert refusal(lambda: regrade("best")).field == "grade"
    assert refusal(lambda: regrade(reason=" ")).field == "reason"
    with pytest.raises(PermissionDenied):
        regrade(by=d.chair)
    changed = regrade()
    assert (changed.grade, changed.comment) == ("plain", "好")
    assert records.history(filed)[-1].text == "数据不实"
    assert "改评为一般：数据不实" in Notice.objects.filter(to=chief).latest("pk").text
    with pytest.raises(Stale):
        summaries.grade(filed.pk, by=d.leader, version=3, grade="good")


def test_without_another_leader_the_chair_grades(d, filed, chief):
    Appointment.objects.filter(office=Office.LEADER_IN_CHARGE, section=d.one).delete()
    appoint(chief, Office.LEADER_IN_CHARGE, section=d.one)
    forget_powers(d.chair, d.leader, chief)
    with pytest.raises(PermissionDenied):
        summaries.grade(filed.pk, by=chief, version=1, grade="good")
    assert list(MonthlySummary.objects.to_grade_by(d.chair)) == [filed]
    assert not MonthlySummary.objects.to_grade_by(chief)
    seen = MonthlySummary.objects.with_leader().get(pk=filed.pk)
    assert summaries.may_judge(seen, "summary.grade", by=d.chair)
    assert not summaries.may_judge(seen, "summary.grade", by=chief)
    assert not summaries.may_judge(seen, "summary.grade", by=d.members[0])
    assert summaries.grade(filed.pk, by=d.chair, version=1, grade="fair").grade == "fair"


def test_nobody_grades_in_the_filers_stead(d, chief, filed):
    Appointment.objects.filter(office=Office.LEADER_IN_CHARGE, section=d.one).delete()
    appoint(chief, Office.LEADER_IN_CHARGE, section=d.one)
    Deputation.objects.create(
        unit=d.unit, principal=chief, office=Office.LEADER_IN_CHARGE, section=d.one,
        deputy=d.officers[0][2], start_on=MARCH, end_on=date(2026, 5, 1), named_by=chief,
        named_at=present.now(),
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        summaries.grade(filed.pk, by=again(d.officers[0][2]), version=1, grade="good")


def test_who_sees_which(d, filed):
    seen = {
        person: filed in MonthlySummary.objects.visible_to(person)
        for person in (d.officers[0][2], d.leader, d.members[0], d.personnel[1], d.officers[1][0])
    }
    assert list(seen.values()) == [True, True, True, True, False]
    from scheme.offices import Administrator
    from tests.factories import make_administrator

    assert not MonthlySummary.objects.visible_to(make_administrator(Administrator.AUDIT))


# --- Pages and the desk


def test_from_the_desk_to_the_grade(client, d, chief, summary):
    titles = [task.title for task in on_the_desk.owed(chief)]
    assert titles[0] == "干部一科3月的月结" and "周例会表" in titles[1]
    enter(client, chief)
    page = client.get(f"/summaries/{summary.pk}/edit/").content.decode()
    assert "取自1份日报" in page and "应报日报" in page and "4月3日前报送" in page
    line = sheet_lines.of(summary).get(text="核对档案")
    said = {f"line-{line.pk}-text": "核对档案", f"line-{line.pk}-part": "done"}
    assert client.post(f"/summaries/{summary.pk}/file/", keyed(0, **said)).status_code == 422
    said[f"line-{line.pk}-keep"] = "on"
    assert client.post(f"/summaries/{summary.pk}/edit/", keyed(0, **said)).status_code == 302
    assert client.post(f"/summaries/{summary.pk}/redraft/", keyed(1, **said)).status_code == 302
    assert client.post(f"/summaries/{summary.pk}/file/", keyed(2, **said)).status_code == 302
    assert [task.title for task in on_the_desk.owed(chief)] == titles[1:]

    enter(client, d.leader)
    assert "1份月结待评定" in [task.title for task in on_the_desk.waiting(d.leader)]
    page = client.get(f"/summaries/{summary.pk}/").content.decode()
    assert 'name="grade"' in page
    url = f"/summaries/{summary.pk}/return/"
    assert client.post(url, keyed(3, reason="")).status_code == 422
    answer = client.post(f"/summaries/{summary.pk}/grade/", keyed(3, grade="none", comment="留着"))
    assert answer.status_code == 422 and "留着" in answer.content.decode()
    answer = client.post(f"/summaries/{summary.pk}/grade/", keyed(3, grade="good"))
    assert answer.status_code == 302
    page = client.get(f"/summaries/{summary.pk}/").content.decode()
    assert "改评" in page and 'name="comment"' not in page
    url = f"/summaries/{summary.pk}/regrade/"
    assert client.post(url, keyed(4, grade="fair", reason="")).status_code == 422
    assert client.post(url, keyed(4, grade="fair", reason="核实")).status_code == 302
    summary.refresh_from_db()
    assert summary.grade == "fair"


def test_returned_and_late_are_said_on_the_desk(client, d, chief, filed, clock):
    enter(client, d.leader)
    client.post(f"/summaries/{filed.pk}/return/", keyed(1, reason="写具体些"))
    first = on_the_desk.owed(chief)[0]
    assert (first.kind, first.act) == ("bad", "去补正")
    enter(client, chief)
    assert "写具体些" in client.get(f"/summaries/{filed.pk}/edit/").content.decode()
    clock.set("2026-04-08 09:00")
    assert on_the_desk.owed(d.chiefs[1])[0].word == "未报"
    assert on_the_desk.owed(d.officers[0][2]) == []


def test_lists_and_the_matrix(client, d, chief, filed, django_assert_num_queries):
    enter(client, chief)
    client.get("/summaries/")
    with CaptureQueriesContext(connection) as few:
        client.get("/summaries/")
    assert len(few) <= 12
    rows = [
        MonthlySummary(
            unit=d.unit, section=d.one, month=date(2020 + n // 12, n % 12 + 1, 1), grade="good",
            recorded_at=present.now(),
        )
        for n in range(30)
    ]  # fmt: skip
    MonthlySummary.objects.bulk_create(rows)
    with django_assert_num_queries(len(few)):
        client.get("/summaries/")
    found = client.get(f"/summaries/?month=2026-03&section={d.one.pk}&state=filed")
    assert [row["summary"] for row in found.context["rows"]] == [filed]
    assert client.get("/summaries/?grade=good").context["found"].total == 30
    assert client.get("/summaries/?month=%00&state=9&grade=x").context["found"].total == 31

    with CaptureQueriesContext(connection) as costs:
        own = client.get("/summaries/matrix/")
    assert len(costs) <= 12
    assert [section.name for section, _cells in own.context["rows"]] == ["干部一科"]
    enter(client, d.personnel[1])
    rows = client.get("/summaries/matrix/?year=2026").context["rows"]
    assert [section.name for section, _cells in rows] == ["干部一科", "组织二科", "机关人事科"]
    cells = rows[0][1]
    assert cells[2].summary == filed and cells[0].missing and not cells[3].missing
    assert client.get("/summaries/matrix/?year=%00").status_code == 200


def test_the_workbook_of_all_months_is_for_the_office_that_keeps_it(client, d, chief, filed):
    from ledgers.actions import workbooks

    enter(client, chief)
    assert "/ledgers/summary/workbook/" not in client.get("/summaries/").content.decode()
    with pytest.raises(PermissionDenied):
        workbooks.export("summary", "2026H1", None, by=again(chief))
    enter(client, d.personnel[1])
    assert "/ledgers/summary/workbook/" in client.get("/summaries/").content.decode()
