"""日报 and 请假 out of a facts workbook."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from ledgers.models import DailyReport, ReportEvent
from scheme.models import Absence, AuditEntry
from tests.factories import make_absence, make_report, moment
from tests.ledgers import acting
from tests.ledgers.facts_books import row, small_unit, store

pytestmark = pytest.mark.django_db
THURSDAY, FRIDAY = date(2026, 3, 5), date(2026, 3, 6)
State = DailyReport.State


@pytest.fixture
def w():
    return small_unit()


def lines(report) -> list[str]:
    return list(report.lines.values_list("text", flat=True))


def test_a_filed_row_is_an_accepted_report(w):
    said = row("日报", 日期="2026年3月5日", 工号=" ZC００1", 今日完成="1.核稿16份；2.用印28次。",
               明日计划="接着核稿", 等次="较好")  # fmt: skip

    assert store(w.unit, 日报=[said], by=w.a)["日报"] == (1, 1, 0, 0)

    report = DailyReport.objects.get()
    assert (report.author, report.day, report.state) == (w.a, THURSDAY, State.ACCEPTED)
    assert report.first_filed_at == report.filed_at == moment("2026-03-05 17:42")
    assert (report.grade, report.plan, report.imported) == ("fair", "接着核稿", True)
    assert lines(report) == ["核稿16份", "用印28次"]


def test_without_a_time_it_is_a_draft_and_without_a_grade_merely_read(w):
    said = [
        row("日报", 提交时间=None, 等次="好"),
        row("日报", 日期=FRIDAY, 提交时间="2026-03-09 08:39:05", 今日完成=None, 等次="无"),
    ]

    store(w.unit, 日报=said)

    draft, seen = DailyReport.objects.order_by("day")
    assert (draft.state, draft.filed_at, draft.grade) == (State.DRAFT, None, "")
    assert (seen.state, seen.grade, seen.lines.count()) == (State.ACCEPTED, "", 0)
    assert seen.first_filed_at == moment("2026-03-09 08:39:05")


def test_long_texts_are_cut_into_lines_that_fit(w):
    many = "；".join(f"第{n}件事" for n in range(30))

    store(w.unit, 日报=[row("日报", 今日完成=many), row("日报", 日期=FRIDAY, 今日完成="字" * 900)])

    first, second = DailyReport.objects.order_by("day")
    assert "".join(lines(first)) == many
    assert [len(line) for line in lines(second)] == [500, 400]


def test_a_later_workbook_completes_a_draft_and_corrects_what_was_filed(w):
    store(
        w.unit,
        日报=[row("日报", 提交时间=None), row("日报", 日期=FRIDAY, 明日计划="用印", 等次="好")],
    )
    later = [
        row("日报", 提交时间="17:00", 等次="较差"),
        row("日报", 日期=FRIDAY, 提交时间="17:50", 今日完成="核稿17份", 明日计划=None),
    ]

    assert store(w.unit, 日报=later, by=w.b)["日报"] == (2, 0, 2, 0)

    first, second = DailyReport.objects.order_by("day")
    assert (first.state, first.grade, first.version) == (State.ACCEPTED, "poor", 1)
    assert first.first_filed_at == moment("2026-03-05 17:00")
    assert (second.grade, second.plan, lines(second)) == ("", "", ["核稿17份"])
    event = ReportEvent.objects.get(report=second)
    assert (event.kind, event.version, event.grade, event.by) == ("corrected", 1, "good", w.b)
    assert event.body["lines"] == [{"text": "核稿16份", "done": True}]
    assert (event.body["plan"], event.body["filed_at"][:16]) == ("用印", "2026-03-06T09:42")
    entry = AuditEntry.objects.filter(act="facts.correct").get(object_id=str(second.pk))
    assert entry.before["lines"] == ["核稿16份"] and entry.after["grade"] == ""
    assert not store(w.unit, 日报=later).anything


def test_only_what_differs_is_replaced(w):
    store(w.unit, 日报=[row("日报")])
    line = DailyReport.objects.get().lines.get()

    store(w.unit, 日报=[row("日报", 等次="好")])

    assert DailyReport.objects.get().lines.get() == line


def test_what_was_filed_comes_back_as_a_draft_when_the_workbook_says_so(w):
    store(w.unit, 日报=[row("日报", 等次="好")])
    store(w.unit, 日报=[row("日报", 提交时间=None)])
    report = DailyReport.objects.get()
    assert (report.state, report.grade, report.first_filed_at) == (State.DRAFT, "", None)


def test_what_was_written_here_is_not_overwritten(w):
    own = make_report(w.a, THURSDAY)

    assert store(w.unit, 日报=[row("日报", 今日完成="别的", 等次="好")])["日报"] == (1, 0, 0, 1)

    own.refresh_from_db()
    assert own.state == State.FILED


@pytest.mark.parametrize("act", [acting.draft, acting.file])
def test_an_imported_draft_its_author_went_on_with_is_the_author_s(d, act):
    author = d.officers[0][1]
    said = row("日报", 工号=author.staff_no, 提交时间=None)
    store(d.unit, 日报=[said])
    DailyReport.objects.update(saved_at="2026-03-05 01:00Z")

    acting.reports.save_draft(
        THURSDAY,
        by=author,
        lines=[acting.Line("自己写的")],
        seen=0,
        base=moment("2026-03-05 09:00"),
    ) if act is acting.draft else act(author)
    counts = store(d.unit, 日报=[said | {"提交时间": "17:00", "今日完成": "别的"}])

    assert counts["日报"] == (1, 0, 0, 1)
    assert DailyReport.objects.get().imported is False


def test_the_database_lets_only_unread_imports_be_corrected(w):
    store(w.unit, 日报=[row("日报", 等次="好")])
    report = DailyReport.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyReport.objects.update(day=FRIDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyReport.objects.update(grade="poor", imported=False)
    DailyReport.objects.update(grade="fair")
    DailyReport.objects.update(reviewed_by=w.b, reviewed_at=report.filed_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        DailyReport.objects.update(grade="poor")
    assert store(w.unit, 日报=[row("日报", 等次="较差")])["日报"].known == 1


# --- Absences


def absences() -> set:
    return set(Absence.objects.values_list("kind", "start_on", "end_on"))


def test_an_absence_is_recorded_once(w):
    make_absence(w.a, THURSDAY, THURSDAY)
    make_absence(w.b, FRIDAY, kind="secondment", note="省委组织部")
    said = [
        row("请假", 结束日期="2026.3.5"),
        row("请假", 开始日期="2026-03-09", 结束日期=None, 类别="借调"),
        row("请假", 开始日期="2026-03-09", 结束日期="/", 类别=" 借 调"),
        row("请假", 工号="ZC002", 开始日期=FRIDAY, 结束日期=None, 类别="借调"),
    ]

    assert store(w.unit, 请假=said)["请假"] == (3, 1, 0, 2)

    assert absences() == {
        ("leave", THURSDAY, THURSDAY),
        ("secondment", date(2026, 3, 9), None),
        ("secondment", FRIDAY, None),
    }


def test_an_absence_until_further_notice_gets_its_end(w):
    store(w.unit, 请假=[row("请假", 结束日期=None)])

    assert store(w.unit, 请假=[row("请假")], by=w.a)["请假"] == (1, 0, 1, 0)

    assert absences() == {("leave", THURSDAY, FRIDAY)}
    entry = AuditEntry.objects.get(act="facts.correct")
    assert (entry.before, entry.after) == ({"end_on": None}, {"end_on": "2026-03-06"})
    assert Absence.objects.get().history.get().history_user == w.a


def test_absences_that_the_roster_told_or_the_workbook_still_has_stay(w):
    make_absence(w.a, THURSDAY, kind="secondment", note="省委组织部")
    both = [row("请假", 结束日期=None), row("请假")]
    store(w.unit, 请假=both)

    store(w.unit, 请假=[row("请假", 类别="借调"), *both])

    assert absences() == {
        ("secondment", THURSDAY, None),
        ("secondment", THURSDAY, FRIDAY),
        ("leave", THURSDAY, None),
        ("leave", THURSDAY, FRIDAY),
    }


# --- Days moved


def test_days_may_be_moved_and_dropped(w):
    def shift(day):
        return None if day.day in (7, 12) else day + timedelta(days=140)

    reports = [
        row("日报", 提交时间="2026-03-06 09:00"),
        row("日报", 日期=FRIDAY, 提交时间="2026-03-07 09:00"),
        row("日报", 日期=date(2026, 3, 7)),
    ]
    away = [
        row("请假", 开始日期=date(2026, 3, 10), 结束日期=date(2026, 3, 12), 类别="出差"),
        row("请假", 开始日期=date(2026, 3, 12), 结束日期=date(2026, 3, 12), 类别="出差"),
        row("请假", 开始日期=date(2026, 3, 7), 结束日期=date(2026, 3, 8)),
        row("请假", 开始日期=date(2026, 3, 9), 结束日期=None),
    ]

    counts = store(w.unit, 日报=reports, 请假=away, shift=shift)

    assert (counts["日报"].new, counts["请假"].new) == (2, 3)
    assert list(DailyReport.objects.order_by("day").values_list("day", "first_filed_at")) == [
        (date(2026, 7, 23), moment("2026-07-24 09:00")),
        (date(2026, 7, 24), moment("2026-07-25 09:00")),
    ]
    assert absences() == {
        ("travel", date(2026, 7, 28), date(2026, 7, 29)),
        ("leave", date(2026, 7, 26), date(2026, 7, 26)),
        ("leave", date(2026, 7, 27), None),
    }


def test_two_days_moved_onto_one_are_the_first(w):
    said = [row("日报", 今日完成="先"), row("日报", 日期=FRIDAY, 今日完成="后")]
    store(w.unit, 日报=said, shift=lambda day: THURSDAY)
    assert lines(DailyReport.objects.get()) == ["先"]
