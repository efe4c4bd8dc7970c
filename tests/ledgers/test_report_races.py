"""Two people, or one twice, at the same moment: one gets through, and the other is told."""

from datetime import date

import pytest

from ledgers.actions import reports
from ledgers.actions.reports import Line
from ledgers.models import DailyReport, ReportEvent
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry
from scheme.offices import Office
from tests.factories import again, appoint, make_department, make_policy, make_report

THURSDAY = date(2026, 3, 5)


@pytest.fixture
def d(committed_db, clock):
    clock.set("2026-03-05 17:30")
    department = make_department()
    make_policy(department.unit)
    # Acting together for a day: both may review the section.
    appoint(department.officers[0][0], Office.SECTION_CHIEF, section=department.one)
    return department


def won(results) -> list:
    """Those that got through; every other was refused in words."""
    assert all(isinstance(r, (DailyReport, int, Refused)) for r in results), results
    return [r for r in results if not isinstance(r, Refused)]


def test_two_reviewers_grade_once(race, d):
    report = make_report(d.officers[0][1], THURSDAY)
    reviewers = [again(d.chiefs[0]), again(d.officers[0][0])]

    results = race(
        *(
            lambda by=by, grade=grade: reports.accept(report.pk, by=by, grade=grade, seen=1)
            for by, grade in zip(reviewers, ("good", "poor"), strict=True)
        )
    )

    report.refresh_from_db()
    assert [r.grade for r in won(results)] == [report.grade]
    assert report.events.filter(kind="accepted").count() == 1
    assert AuditEntry.objects.filter(act="report.accept").count() == 1


def test_returning_and_accepting_do_not_both_happen(race, d):
    report = make_report(d.officers[0][1], THURSDAY)
    one, other = again(d.chiefs[0]), again(d.officers[0][0])

    results = race(
        lambda: reports.accept(report.pk, by=one, grade="good", seen=1),
        lambda: reports.return_(report.pk, by=other, reason="请写明份数", seen=1),
        lambda: reports.accept_rest(THURSDAY, by=again(one), seen={report.pk: 1}),
    )

    report.refresh_from_db()
    assert len(won(results)) == 1
    assert report.version == 2 and report.events.count() == 2


def test_two_pages_file_one_report(race, d):
    author = d.officers[0][1]

    results = race(
        *(
            lambda text=text: reports.file(THURSDAY, by=again(author), lines=[Line(text)], seen=0)
            for text in ("电脑上写的", "手机上写的", "又一页")
        )
    )

    report = DailyReport.objects.get()
    assert len(won(results)) == 1
    assert report.lines.count() == 1 and ReportEvent.objects.count() == 1


def test_an_autosave_does_not_undo_a_filing(race, d):
    author = d.officers[0][1]
    draft = reports.save_draft(THURSDAY, by=author, lines=[Line("写到一半")], seen=0)

    results = race(
        lambda: reports.file(THURSDAY, by=again(author), lines=[Line("写完了")], seen=0),
        lambda: reports.save_draft(
            THURSDAY, by=again(author), lines=[Line("写到一半")], seen=0, base=draft.saved_at
        ),
    )

    draft.refresh_from_db()
    assert draft.state == "filed" and draft.lines.get().text == "写完了"
    assert not isinstance(results[0], Exception)
    assert isinstance(results[1], (Stale, DailyReport))
