"""The weekly sheet: drafted, edited, drawn again, filed, taken back; and the meeting's table."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledgers import records, sheet_lines
from ledgers.actions import weekly
from ledgers.models import LineSource, SheetLine, WeeklySheet
from ledgers.sheet_lines import Edit
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, Deputation, Section
from scheme.offices import Office
from tests.factories import again, make_section
from tests.ledgers.acting import refusal
from tests.ledgers.sheets_world import (
    MONDAY,
    TUESDAY,
    WEEK,
    accepted,
    enter,
    keyed,
    make_task,
)

pytestmark = pytest.mark.django_db
State = WeeklySheet.State


@pytest.fixture
def chief(d):
    return d.chiefs[0]


@pytest.fixture
def sheet(d, chief):
    one = d.officers[0][1]
    accepted(one, MONDAY, ("起草初稿", True, make_task(d.one, "修订办法")), "核对档案")
    accepted(one, TUESDAY, ("装订", False, None), plan="送审", open_matters="请协调会议室")
    return weekly.draft(d.one.pk, WEEK, by=chief)


def lines(sheet, part, **more):
    rows = sheet_lines.of(sheet).filter(part=part, dropped=False, **more)
    return list(rows.values_list("text", flat=True))


def edits(sheet, **changes):
    """Every line as it stands, but for those changed by text: {"核对档案": {"text": …}}."""
    found = []
    for line in sheet_lines.of(sheet).exclude(part="fact").filter(dropped=False):
        edit = Edit(line.pk, line.part, line.text, line.people, line.position)
        found.append(edit._replace(**changes.get(line.text, {})))
    return found


def test_the_chief_and_the_deputy_chief_draft_once(d, chief, sheet):
    assert lines(sheet, "done") == ["修订办法：起草初稿", "核对档案"]
    assert (lines(sheet, "open"), lines(sheet, "plan")) == (["装订"], ["送审"])
    assert lines(sheet, "help") == ["请协调会议室"]
    again_ = weekly.draft(d.one.pk, WEEK, by=d.deputies[0])
    assert again_ == sheet and again_.version == 0
    assert AuditEntry.objects.get(act="weekly.draft").actor == chief
    assert [one.what for one in records.history(sheet)] == ["起草"]
    assert sheet_lines.reused(sheet) == "取自2份日报、1项任务，没有重填一项。"


def test_what_is_drafted_is_kept_in_the_language_of_the_office(d, chief):
    from django.utils import translation

    accepted(d.officers[0][1], MONDAY, "核对档案", "核对档案")
    with translation.override("en"):
        sheet = weekly.draft(d.one.pk, WEEK, by=chief)
    assert lines(sheet, "done") == ["核对档案"]


def test_who_may_not_draft_and_what_cannot_be_drafted(d, chief):
    with pytest.raises(PermissionDenied):
        weekly.draft(d.one.pk, WEEK, by=d.officers[0][1])
    with pytest.raises(PermissionDenied):
        weekly.draft(d.two.pk, WEEK, by=chief)
    with pytest.raises(Section.DoesNotExist):
        weekly.draft(make_section().pk, WEEK, by=chief)
    assert refusal(lambda: weekly.draft(d.one.pk, TUESDAY, by=chief)).field == "week"
    coming = date(2026, 3, 9)
    assert refusal(lambda: weekly.draft(d.one.pk, coming, by=chief)).field == "week"


def test_a_deputy_writes_in_the_chiefs_stead_and_both_names_stand(d, chief):
    stand_in = d.officers[0][2]
    Deputation.objects.create(
        unit=d.unit, principal=chief, office=Office.SECTION_CHIEF, section=d.one, deputy=stand_in,
        start_on=MONDAY, end_on=date(2026, 3, 20), named_by=chief, named_at="2026-03-01T00:00Z",
    )  # fmt: skip
    sheet = weekly.draft(d.one.pk, WEEK, by=again(stand_in))
    assert records.history(sheet)[0].who == f"{stand_in.name}（代{chief.name}）"


def test_edits_change_order_drop_and_add(d, chief, sheet):
    kept = edits(
        sheet,
        核对档案={"position": 1, "text": " 核对档案30卷 ", "people": "全科"},
        送审={"dropped": True},
        装订={"part": "help"},
    )
    kept += [Edit(None, "done", "接待来访2批"), Edit(None, "plan", "  ")]
    saved = weekly.save(sheet.pk, by=chief, version=0, edits=kept)

    assert saved.version == 1 and saved.state == State.DRAFT
    assert lines(sheet, "done") == ["核对档案30卷", "修订办法：起草初稿", "接待来访2批"]
    assert lines(sheet, "plan") == [] and lines(sheet, "help") == ["装订", "请协调会议室"]
    assert sheet_lines.of(sheet).get(text="送审").dropped
    assert sheet_lines.of(sheet).get(text="核对档案30卷").people == "全科"

    own = sheet_lines.of(sheet).get(text="接待来访2批")
    struck = sheet_lines.of(sheet).get(text="送审")
    gone = [*edits(sheet, 接待来访2批={"text": ""}), Edit(struck.pk, "", "", back=True)]
    weekly.save(sheet.pk, by=chief, version=1, edits=gone)
    assert lines(sheet, "plan") == ["送审"]
    assert not SheetLine.objects.filter(pk=own.pk).exists()


def test_what_cannot_be_written(d, chief, sheet):
    def save(*edits, version=0):
        return weekly.save(sheet.pk, by=chief, version=version, edits=edits)

    assert refusal(lambda: save(Edit(None, "done", "长" * 1001))).field == "lines"
    assert refusal(lambda: save(Edit(None, "done", "事", "名" * 201))).field == "lines"
    assert refusal(lambda: save(*[Edit(None, "done", "事")] * 151)).field == "lines"
    for part in ("fact", "", "else"):
        with pytest.raises(Refused):
            save(Edit(None, part, "事"))
    with pytest.raises(Stale):
        save(Edit(10**12, "done", "事"))
    with pytest.raises(Stale):
        save(version=7)
    other = weekly.draft(d.two.pk, WEEK, by=d.chiefs[1])
    with pytest.raises(WeeklySheet.DoesNotExist):
        weekly.save(other.pk, by=chief, version=0, edits=())
    assert lines(sheet, "done") == ["修订办法：起草初稿", "核对档案"]


def test_drawing_again_adds_and_leaves_edits_alone(d, chief, sheet):
    changed = edits(sheet, 核对档案={"text": "改过的"}, 送审={"dropped": True},
                    装订={"part": "help"})  # fmt: skip
    weekly.save(sheet.pk, by=chief, version=0, edits=changed)
    assert weekly.redraft(sheet.pk, by=chief, version=1) == 0
    accepted(d.officers[0][2], TUESDAY, "新来的")
    assert weekly.redraft(sheet.pk, by=chief, version=2, edits=[Edit(None, "plan", "手写的")]) == 1

    sheet.refresh_from_db()
    assert sheet.version == 3
    assert lines(sheet, "done") == ["修订办法：起草初稿", "改过的", "新来的"]
    assert lines(sheet, "plan") == ["手写的"]
    assert sorted(lines(sheet, "help")) == ["装订", "请协调会议室"] and lines(sheet, "open") == []
    assert LineSource.objects.filter(line__weekly=sheet, report__isnull=False).count() == 6
    assert AuditEntry.objects.filter(act="weekly.redraft").latest("pk").after == {"lines": 1}


def test_filed_it_is_the_units_and_taken_back_it_is_not(d, chief, sheet):
    reader = d.officers[1][0]
    assert sheet not in WeeklySheet.objects.visible_to(reader)
    filed = weekly.file(sheet.pk, by=chief, version=0, edits=edits(sheet))
    assert (filed.state, filed.filed_by) == (State.FILED, chief)
    assert sheet in WeeklySheet.objects.visible_to(reader)
    for act in (weekly.save, weekly.file, weekly.redraft):
        with pytest.raises(Stale):
            act(sheet.pk, by=chief, version=1, edits=())

    def withdraw(reason, version=1, by=chief):
        return weekly.withdraw(sheet.pk, by=by, version=version, reason=reason)

    assert refusal(lambda: withdraw(" ")).field == "reason"
    assert refusal(lambda: withdraw("长" * 201)).field == "reason"
    with pytest.raises(Stale):
        withdraw("漏了", version=0)
    with pytest.raises(PermissionDenied):
        withdraw("漏了", by=reader)
    assert withdraw("漏了").filed_at is None
    with pytest.raises(Stale):
        withdraw("漏了", version=2)
    told = [(one.what, one.text) for one in records.history(sheet)]
    assert told == [("起草", ""), ("报送", ""), ("撤回", "漏了")]


def test_an_empty_sheet_is_not_filed(d, chief):
    sheet = weekly.draft(d.one.pk, WEEK, by=chief)
    assert refusal(lambda: weekly.file(sheet.pk, by=chief, version=0, edits=())).field == "lines"


def test_nobody_outside_the_unit_sees_any(d, sheet):
    from scheme.offices import Administrator
    from tests.factories import make_administrator

    assert not WeeklySheet.objects.visible_to(make_administrator(Administrator.SYSTEM))


# --- Pages


def test_the_form_works_without_scripts(client, d, chief, sheet):
    enter(client, chief)
    page = client.get(f"/weekly/{sheet.pk}/edit/").content.decode()
    assert "取自2份日报、1项任务" in page and "涉密" in page
    line = sheet_lines.of(sheet).get(text="核对档案")
    said = {
        f"line-{line.pk}-text": "核对档案\x00\r\n两科",
        f"line-{line.pk}-people": "全科",
        f"line-{line.pk}-part": "done",
        f"line-{line.pk}-position": "x",
        f"line-{line.pk}-keep": "on",
        "new-plan-0-text": "开会",
        "new-plan-0-people": "",
    }
    answer = client.post(f"/weekly/{sheet.pk}/edit/", keyed(0, **said))
    assert answer.status_code == 302
    line.refresh_from_db()
    assert (line.text, line.people) == ("核对档案\n两科", "全科")
    assert lines(sheet, "plan") == ["送审", "开会"]

    struck = {key: value for key, value in said.items() if not key.endswith("keep")}
    client.post(f"/weekly/{sheet.pk}/redraft/", keyed(1, **struck))
    line.refresh_from_db()
    assert line.dropped
    shown = client.get(f"/weekly/{sheet.pk}/edit/").content.decode()
    assert f"line-{line.pk}-back" in shown

    long = {"new-done-0-text": "长" * 1001}
    answer = client.post(f"/weekly/{sheet.pk}/file/", keyed(3, **{f"line-{line.pk}-back": "on"}))
    assert answer.status_code == 409
    answer = client.post(f"/weekly/{sheet.pk}/file/", keyed(2, **long))
    assert answer.status_code == 422 and "长" * 1001 in answer.content.decode()
    answer = client.post(f"/weekly/{sheet.pk}/file/", keyed(2, **{f"line-{line.pk}-back": "on"}))
    assert answer.status_code == 302
    line.refresh_from_db()
    assert not line.dropped


def test_a_draft_is_asked_for_from_the_list(client, d, chief):
    enter(client, chief)
    assert "取数起草" in client.get("/weekly/").content.decode()
    said = {"section": d.one.pk, "week": WEEK}
    answer = client.post("/weekly/draft/", keyed(0, **said))
    sheet = WeeklySheet.objects.get()
    assert answer.headers["Location"] == f"/weekly/{sheet.pk}/edit/"
    weekly.file(sheet.pk, by=chief, version=0, edits=[Edit(None, "done", "甲")])
    answer = client.post("/weekly/draft/", keyed(0, **said))
    assert answer.headers["Location"] == f"/weekly/{sheet.pk}/"
    for bad in ({"week": "0001-01-01"}, {"section": "9" * 30}, {"section": "\x00"}):
        assert client.post("/weekly/draft/", keyed(0, **said | bad)).status_code == 422


def test_sources_open_for_those_who_may_read_them(client, d, chief, sheet):
    weekly.file(sheet.pk, by=chief, version=0, edits=edits(sheet))
    enter(client, chief)
    assert "/reports/by/" in client.get(f"/weekly/{sheet.pk}/").content.decode()
    enter(client, d.officers[1][0])
    page = client.get(f"/weekly/{sheet.pk}/").content.decode()
    assert "/reports/by/" not in page and "另有1份日报" in page and "核对档案" in page


def test_the_meeting_shows_every_section_and_who_has_not_filed(client, d, chief, sheet, clock):
    clock.set("2026-03-09 09:30")
    weekly.file(sheet.pk, by=chief, version=0, edits=edits(sheet))
    weekly.draft(d.two.pk, WEEK, by=d.chiefs[1])
    make_section(d.unit, "撤了的科", closed_on=MONDAY)
    enter(client, d.officers[1][0])

    answer = client.get(f"/weekly/meeting/{WEEK}/")
    page = answer.content.decode()
    assert [(row.section.name, row.sheet is not None) for row in answer.context["rows"]] == [
        ("干部一科", True), ("组织二科", False), ("机关人事科", False),
    ]  # fmt: skip
    assert page.count("未报") == 2 and "会后报送" in page and "修订办法：起草初稿" in page
    assert client.get(f"/weekly/meeting/{TUESDAY}/").headers["Location"].endswith(f"/{WEEK}/")
    assert client.get(f"/weekly/meeting/{WEEK}/screen/").status_code == 200
    assert client.get("/weekly/meeting/2026-02-31/").status_code == 404

    answer = client.post(f"/weekly/meeting/{WEEK}/export/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    heads = [cell.value for cell in book[3]]
    assert heads[:3] == ["科室", "上周重点工作完成情况", "未完成事项及原因"]
    assert heads[3:] == ["本周工作安排", "需协调解决的问题", "责任人"]
    assert book["B5"].value.startswith("1. 修订办法：起草初稿（") and book["F5"].value == chief.name
    assert book["B6"].value == "未报"
    assert AuditEntry.objects.filter(act="weekly.export").count() == 1


def test_a_long_section_goes_on_in_the_next_row_of_the_workbook(d, chief, sheet):
    from ledgers.exports import weekly as layout

    added = [Edit(None, "done", "字" * 300) for _n in range(5)]
    weekly.file(sheet.pk, by=chief, version=0, edits=added)
    names = [row[0] for row in layout.rows(d.unit, WEEK)]
    assert names[:3] == ["干部一科", "干部一科（续）", "干部一科（续）"]


def test_the_list_costs_the_same_at_any_size(client, d, chief, sheet, django_assert_num_queries):
    enter(client, chief)
    client.get("/weekly/")
    with CaptureQueriesContext(connection) as few:
        client.get("/weekly/")
    assert len(few) <= 12
    for n in range(1, 31):
        weekly.draft(d.one.pk, WEEK - timedelta(days=7 * n), by=chief)
    with django_assert_num_queries(len(few)):
        client.get("/weekly/")
    with CaptureQueriesContext(connection) as meeting:
        client.get(f"/weekly/meeting/{WEEK}/")
    assert len(meeting) <= 12
    found = client.get(f"/weekly/?section={d.one.pk}&state=draft&page=2")
    assert found.context["found"].total == 31 and len(found.context["rows"]) == 1
    assert client.get("/weekly/?section=%00&state=x&page=999").status_code == 200
