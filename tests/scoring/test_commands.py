"""The operator's commands say in one message what is wrong, and leave everything as it was."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from ledgers.models import PointEntry, Quarter
from scheme.models import AuditEntry
from scoring.actions import runs
from scoring.models import RuleBook, ScoreRun
from tests.factories import make_department, make_rule_book
from tests.scoring.test_half_year import DATA

NOBODY, NOWHERE = "ZZ999", "无此单位"


@pytest.fixture
def d(db, clock):
    clock.set("2026-07-15")
    d = make_department()
    d.name, d.by = d.unit.name, d.personnel[0].staff_no
    return d


def _score(d, *more):
    call_command("score", "--unit", d.name, "--half", "2026H1", *more)


@pytest.fixture
def booked(d):
    d.book = make_rule_book(d.unit, in_force_from=date(2026, 1, 1))
    return d


def _untouched() -> tuple:
    tables = (PointEntry, Quarter, ScoreRun, AuditEntry)
    return tuple(table.objects.count() for table in tables)


def test_a_refused_score_posts_nothing(booked):
    before = _untouched()
    with pytest.raises(CommandError, match="职责"):
        _score(booked, "--by", booked.chiefs[0].staff_no)
    assert _untouched() == before
    assert RuleBook.objects.get(pk=booked.book.pk).sealed_at == booked.book.sealed_at
    _score(booked)
    assert _untouched() != before


def test_a_score_without_a_book_opens_no_quarter(d):
    before = _untouched()
    with pytest.raises(CommandError, match="积分细则"):
        _score(d)
    assert _untouched() == before


def test_another_outcome_is_an_alarm_in_one_line(booked, monkeypatch):
    _score(booked)
    before = _untouched()
    monkeypatch.setattr(runs, "DRAFT", f"{runs.DRAFT} LIMIT 1")
    with pytest.raises(CommandError, match="ALARM: the same inputs gave another result"):
        _score(booked)
    assert _untouched() == before


COMMANDS = {
    "import_facts": [str(DATA / "facts-2026H1.xlsx")],
    "import_rules": [str(DATA / "rules.xlsx"), "--in-force-from", "2026-01-01"],
    "close_quarter": ["2026Q1"],
    "reopen_quarter": ["2026Q1", "--reason", "核对"],
    "score": ["--half", "2026H1"],
    "export_scorecards": ["--half", "2026H1", "--out", "never.csv"],
    "verify_points": [],
}
SIGNED = ("import_facts", "import_rules", "close_quarter", "reopen_quarter", "score")


def _signed(name: str, by: str) -> list[str]:
    if name not in SIGNED:
        return []
    return ["--by", by, *(["--approved-by", by] if name == "import_rules" else [])]


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_unit_is_named(d, name):
    with pytest.raises(CommandError, match=f"unknown unit: {NOWHERE}"):
        call_command(name, *COMMANDS[name], "--unit", NOWHERE, *_signed(name, d.by))


@pytest.mark.parametrize("name", SIGNED)
def test_an_unknown_person_is_named(d, name):
    with pytest.raises(CommandError, match=f"unknown staff number in {d.name}: {NOBODY}"):
        call_command(name, *COMMANDS[name], "--unit", d.name, *_signed(name, NOBODY))


@pytest.mark.parametrize("day", ["2026-13-01", "0001-01-01", "9999-12-31", "1 January"])
def test_a_book_comes_into_force_on_a_day_of_this_age(d, day):
    known = ["--unit", d.name, *_signed("import_rules", d.by), "--in-force-from", day]
    with pytest.raises(CommandError, match="no day like 2026-01-01"):
        call_command("import_rules", str(DATA / "rules.xlsx"), *known)
    assert not RuleBook.objects.filter(unit=d.unit).exists()
