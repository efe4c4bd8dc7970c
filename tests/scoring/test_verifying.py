"""Whatever is changed behind the program's back, verifying finds it."""

from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ledgers.models import PointEntry, Quarter
from scheme.clock import at
from scheme.models import Section, SectionMembership, Staff
from scoring import recount, verifying
from scoring.actions import closing, posting, runs
from scoring.models import Rule, RuleBook, ScoreRun
from tests.factories import make_department, make_report, make_rule_book

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)


@pytest.fixture
def d(db, clock):
    clock.set("2026-07-15 09:00")
    department = make_department()
    make_rule_book(department.unit, in_force_from=FIRST)
    writer = department.officers[0][0]
    for day, grade in ((3, "good"), (4, "poor"), (5, "")):
        make_report(writer, date(2026, 3, day), grade=grade, state="accepted")
    posting.settle(department.unit, FIRST, LAST)
    # The history is dated by the machine's own clock.
    for model in (RuleBook, Staff, Section, SectionMembership):
        model.history.update(history_date=at(date(2026, 7, 1), 9))
    runs.score(department.unit, "2026H1", by=None)
    return department


@contextmanager
def behind_its_back(table):
    """Raw SQL by whoever owns the tables and has taken the guards off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor.execute
        cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kept")


def found(unit) -> dict[str, list[str]]:
    outcome = {check.__name__: list(check(unit)) for check in verifying.CHECKS}
    return {name: texts for name, texts in outcome.items() if texts}


def test_an_honest_book_agrees(d, capsys):
    assert found(d.unit) == {}
    call_command("verify_points", "--unit", d.unit.name)
    assert "everything agrees" in capsys.readouterr().out


def test_an_honest_book_agrees_after_corrections_and_closing(d, clock):
    report = d.officers[0][0]
    Section.objects.filter(pk=d.one.pk).update(name=d.one.name)
    closing.close("2026Q1", unit=d.unit, by=d.personnel[0])
    closing.close("2026Q2", unit=d.unit, by=d.personnel[0])
    report.left_on = date(2026, 4, 1)  # the days after are no longer due: reversed in 2026Q3
    report.save()
    posting.settle(d.unit, FIRST, LAST)
    assert PointEntry.objects.filter(reverses__isnull=False, quarter__code="2026Q3").exists()
    assert found(d.unit) == {}


def test_a_changed_entry_is_found(d, capsys):
    entry = PointEntry.objects.filter(kind="deduction", person__isnull=False).first()
    with behind_its_back("ledgers_pointentry") as run:
        run("UPDATE ledgers_pointentry SET points = points - 0.01 WHERE id = %s", [entry.pk])
    assert {"facts", "scorecards"} <= set(found(d.unit))
    with pytest.raises(CommandError, match="do not agree"):
        call_command("verify_points", "--unit", d.unit.name)
    assert "wrong" in capsys.readouterr().out


def test_a_removed_entry_is_found(d):
    entry = PointEntry.objects.filter(kind="deduction", person__isnull=False).first()
    waiting = verifying.waiting(d.unit)
    with behind_its_back("ledgers_pointentry") as run:
        run("DELETE FROM ledgers_pointentry WHERE id = %s", [entry.pk])
    assert set(found(d.unit)) == {"scorecards"}
    assert verifying.waiting(d.unit) == waiting + 1


def test_an_added_entry_is_found(d):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledgers_pointentry (unit_id, person_id, star_id, kind, rule_code,"
            " rule_title, book_version, points, event_on, quarter_id, source, item, row, posting,"
            " fact, note, posted_at) SELECT unit_id, person_id, star_id, 'bonus', '没有', '', 1, 9,"
            " event_on, quarter_id, 'manual:1', 'x', 0, 1, '{}', '', posted_at"
            " FROM ledgers_pointentry WHERE person_id IS NOT NULL LIMIT 1"
        )
    assert {"entries", "manual_entries", "scorecards"} <= set(found(d.unit))


def test_a_false_reversal_is_found(d):
    entry = PointEntry.objects.filter(kind="deduction", person__isnull=False).first()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledgers_pointentry (unit_id, person_id, star_id, kind, rule_code,"
            " rule_title, book_version, points, event_on, quarter_id, source, item, row, posting,"
            " fact, note, posted_at, reverses_id) SELECT unit_id, person_id, star_id, kind,"
            " rule_code, rule_title, book_version, 5, event_on, quarter_id, source, item, row,"
            " posting, fact, note, posted_at, id FROM ledgers_pointentry WHERE id = %s",
            [entry.pk],
        )
    assert "reversals" in found(d.unit)


def test_a_late_entry_in_a_closed_quarter_is_found(d):
    closing.close("2026Q1", unit=d.unit, by=d.personnel[0])
    entry = PointEntry.objects.filter(quarter__code="2026Q2", person__isnull=False).first()
    quarter = Quarter.objects.get(unit=d.unit, code="2026Q1")
    with behind_its_back("ledgers_pointentry") as run:
        run(
            "UPDATE ledgers_pointentry SET quarter_id = %s, posted_at = '2026-08-01' WHERE id = %s",
            [quarter.pk, entry.pk],
        )
    assert len(found(d.unit)["closed_quarters"]) == 2


def test_a_changed_rule_is_found(d):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE scoring_rule DISABLE TRIGGER USER")
    Rule.objects.filter(code="精业-扣-01").update(cap_quarter=Decimal(1))
    assert "rule_books" in found(d.unit)


@pytest.mark.parametrize("change", ["score = score + 1", "tree = '[]'", "base = base + 1"])
def test_a_changed_scorecard_is_found(d, change):
    with behind_its_back("scoring_scorecard") as run:
        run(
            f"UPDATE scoring_scorecard SET {change} WHERE id = (SELECT min(id) FROM"
            " scoring_scorecard WHERE star_id IS NOT NULL AND tree <> '[]')"
        )
    assert "scorecards" in found(d.unit)


def test_a_person_moved_behind_its_back_is_found(d):
    Staff.objects.filter(pk=d.officers[0][0].pk).update(left_on=date(2025, 12, 31))
    assert "scorecards" in found(d.unit)


def test_a_counting_that_goes_wrong_is_found(d, monkeypatch):
    monkeypatch.setattr(recount, "counted", lambda entries: {one.pk: one.points for one in entries})
    assert "caps" in found(d.unit)


@pytest.mark.django_db
def test_no_such_unit():
    with pytest.raises(CommandError, match="unknown unit"):
        call_command("verify_points", "--unit", "没有这个单位")


def test_verifying_writes_nothing(d):
    before = (PointEntry.objects.count(), ScoreRun.objects.count())
    found(d.unit)
    assert (PointEntry.objects.count(), ScoreRun.objects.count()) == before
