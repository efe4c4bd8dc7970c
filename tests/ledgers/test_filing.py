from datetime import date, timedelta

import pytest

from ledgers.actions import reports
from ledgers.actions.reports import Line
from ledgers.models import DailyReport, ReportEvent, ReportLine
from scheme.errors import Stale
from scheme.models import AuditEntry, Notice, SectionMembership
from tests.factories import (
    again,
    make_absence,
    moment,
)
from tests.ledgers.acting import THURSDAY, WEDNESDAY, draft, file, refusal

pytestmark = pytest.mark.django_db
State = DailyReport.State


def test_a_draft_is_kept_without_a_trail(author):
    report = draft(
        author, lines=["核对档案", " ", "起草通知"], open_matters=" 缺3份 ", plan="接着核对"
    )

    report.refresh_from_db()
    assert (report.state, report.version, report.filed_at) == (State.DRAFT, 0, None)
    assert (report.open_matters, report.plan) == ("缺3份", "接着核对")
    assert list(report.lines.values_list("position", "text")) == [(1, "核对档案"), (2, "起草通知")]
    assert not AuditEntry.objects.exists() and not ReportEvent.objects.exists()


def test_a_draft_is_saved_over_and_over_by_the_page_that_knows_it(author, clock):
    first = draft(author)
    clock.advance(seconds=30)

    second = draft(author, lines=["核对档案", "起草通知"], base=first.saved_at)

    assert second.pk == first.pk and second.saved_at > first.saved_at
    assert ReportLine.objects.count() == 2


@pytest.mark.parametrize("knows", ["nothing", "an older one"])
def test_a_draft_written_elsewhere_is_not_overwritten(author, clock, knows):
    first = draft(author)
    clock.advance(seconds=30)
    draft(author, lines=["手机上写的"], base=first.saved_at)
    base = None if knows == "nothing" else first.saved_at

    assert refusal(lambda: draft(author, lines=["旧页面"], base=base)).conflict
    assert ReportLine.objects.get().text == "手机上写的"


def test_a_draft_may_be_empty(author):
    assert draft(author, lines=[]).lines.count() == 0


# --- Filing


def test_filing_leaves_the_text_the_time_an_event_and_a_trail(author, clock):
    clock.set("2026-03-05 17:42")
    lines = [Line("核对档案"), Line("汇总记录", done=False)]

    report = reports.file(THURSDAY, by=author, lines=lines, plan="接着汇总", seen=0)

    report.refresh_from_db()
    assert (report.state, report.version) == (State.FILED, 1)
    assert report.filed_at == report.first_filed_at
    assert abs(report.filed_at - moment("2026-03-05 17:42")) < timedelta(seconds=30)
    event = ReportEvent.objects.get()
    assert (event.kind, event.version, event.by) == ("filed", 1, author)
    assert event.body == {
        "lines": [{"text": "核对档案", "done": True}, {"text": "汇总记录", "done": False}],
        "open_matters": "",
        "plan": "接着汇总",
    }
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.actor, entry.before) == ("report.file", author, {"state": "draft"})
    assert entry.after["state"] == "filed"
    assert not Notice.objects.exists()


def test_a_draft_is_filed_as_it_stands_on_the_page(author):
    draft(author)

    report = file(author, lines=["别的"], seen=0)

    assert report.version == 1 and report.lines.get().text == "别的"


def test_filing_again_is_refused(author):
    report = file(author)

    for seen in (0, report.version):
        assert refusal(lambda seen=seen: file(author, seen=seen)).conflict
        assert refusal(lambda seen=seen: draft(author, seen=seen)).conflict
    assert ReportEvent.objects.count() == 1


def test_a_page_that_saw_another_version_is_refused(author):
    draft(author)

    assert isinstance(refusal(lambda: file(author, seen=3)), Stale)


@pytest.mark.parametrize("lines", [[], ["", "  \n "]])
def test_a_report_says_at_least_one_thing(author, lines):
    assert refusal(lambda: file(author, lines=lines)).field == "lines"
    assert not DailyReport.objects.exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"lines": ["事"] * 21}, "lines"),
        ({"lines": ["字" * 501]}, "lines"),
        ({"open_matters": "字" * 1001}, "open_matters"),
        ({"plan": "字" * 1001}, "plan"),
        ({"answer": "字" * 201}, "answer"),
    ],
)
def test_what_is_too_long_is_refused_at_its_field(author, more, field):
    assert refusal(lambda: file(author, **more)).field == field
    assert not DailyReport.objects.exists()


def test_the_longest_report_is_taken(author):
    longest = {"open_matters": "字" * 1000, "plan": "字" * 1000, "answer": "字" * 200}

    assert file(author, lines=["字" * 500] * 20, **longest).lines.count() == 20


def test_no_report_of_a_day_to_come(author):
    assert "还没到" in str(refusal(lambda: file(author, date(2026, 3, 6))))


def test_no_report_of_a_day_before_joining_or_without_a_section(d, author):
    author.joined_on = THURSDAY
    assert "还没有到岗" in str(refusal(lambda: file(author, WEDNESDAY)))
    assert "不在任何科室" in str(refusal(lambda: file(d.leader)))
    assert "不在任何科室" in str(refusal(lambda: draft(d.leader)))


def test_who_has_left_the_section_may_still_file_its_days(d, author, clock):
    SectionMembership.objects.filter(staff=author).update(end_on=THURSDAY)

    assert file(again(author), WEDNESDAY).state == State.FILED
    assert "不在任何科室" in str(refusal(lambda: file(again(author))))


@pytest.mark.parametrize(
    ("now", "taken"), [("2026-03-12 23:59:50", True), ("2026-03-13 00:00:01", False)]
)
def test_back_filling_ends_to_the_second(author, clock, now, taken):
    clock.set(now)

    if taken:
        assert file(author).state == State.FILED
    else:
        assert "3月12日23:59" in str(refusal(lambda: file(author)))


def test_excused_and_off_days_may_be_filed(author, clock):
    make_absence(author, THURSDAY)
    clock.set("2026-03-07 12:00")

    assert file(author).state == State.FILED
    assert file(author, date(2026, 3, 7)).state == State.FILED
