"""Two imports at one moment, an import beside somebody who files: nothing twice, nothing lost."""

from datetime import date

import pytest

from ledgers.actions import reports
from ledgers.actions.reports import Line
from ledgers.models import DailyReport, StudySession, Task
from scheme.errors import Refused
from scheme.models import AuditEntry
from scheme.offices import Office
from scoring.actions import facts
from tests.factories import again, make_policy, make_staff
from tests.ledgers.facts_books import GOOD, file_of, row, small_unit

THURSDAY = date(2026, 3, 5)


@pytest.fixture
def w(committed_db, clock):
    clock.set("2026-03-05 17:30")
    made = small_unit()
    made.office = make_staff(section=made.two, office=Office.PERSONNEL_OFFICE)
    make_policy(made.unit)
    return made


def test_two_imports_of_one_workbook_store_it_once(race, w):
    data = file_of({sheet: [good] for sheet, good in GOOD.items()})

    answers = race(*[lambda: facts.load(w.unit, data, by=again(w.office))] * 2)

    assert sorted(counts.total.new for counts in answers) == [0, len(GOOD)]
    assert Task.objects.count() == StudySession.objects.count() == 1
    assert AuditEntry.objects.filter(act="facts.import").count() == 1


def test_two_corrections_at_once_are_one_after_the_other(race, w):
    facts.load(w.unit, file_of({"重点任务": [GOOD["重点任务"]]}), by=again(w.office))
    said = [
        file_of({"重点任务": [row("重点任务", 难度=level, 主办=f"{who}:66.6")]})
        for level, who in ((4, "ZC001"), (5, "ZC002"))
    ]

    answers = race(
        *[lambda data=data: facts.load(w.unit, data, by=again(w.office)) for data in said]
    )

    assert [counts["重点任务"].changed for counts in answers] == [1, 1]
    task = Task.objects.get()
    main = task.handlers.get(role="main").person.staff_no
    assert (task.difficulty, main) in {(4, "ZC001"), (5, "ZC002")}


def test_an_imported_draft_is_filed_by_one_of_the_two(race, w):
    said = row("日报", 提交时间=None)
    facts.load(w.unit, file_of({"日报": [said]}), by=again(w.office))
    data = file_of({"日报": [said | {"提交时间": "17:00"}]})

    filed, counts = race(
        lambda: reports.file(THURSDAY, by=again(w.a), lines=[Line("自己写的")], seen=0),
        lambda: facts.load(w.unit, data, by=again(w.office)),
    )

    report = DailyReport.objects.get()
    if isinstance(filed, Refused):
        assert counts["日报"].changed == 1
        assert (report.state, report.imported) == ("accepted", True)
    else:
        assert counts["日报"].known == 1
        assert (report.state, report.imported) == ("filed", False)
        assert [line.text for line in report.lines.all()] == ["自己写的"]


def test_a_report_filed_at_that_moment_undoes_the_import_or_stays(race, w):
    filed, counts = race(
        lambda: reports.file(THURSDAY, by=again(w.a), lines=[Line("自己写的")], seen=0),
        lambda: facts.load(w.unit, file_of({"日报": [GOOD["日报"]]}), by=again(w.office)),
    )

    assert all(isinstance(one, (DailyReport, dict, Refused)) for one in (filed, counts))
    report = DailyReport.objects.get()
    assert report.imported == isinstance(filed, Refused)
