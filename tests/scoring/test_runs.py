from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from scheme.errors import Refused
from scheme.models import AuditEntry
from scoring import queries
from scoring.actions import runs
from scoring.models import Scorecard, ScoreRun
from tests.factories import make_department, make_entry, make_rule_book, make_staff


@pytest.fixture
def d(db, clock):
    clock.set("2026-07-15")
    d = make_department()
    d.book = make_rule_book(d.unit, in_force_from=date(2026, 1, 1))
    return d


def test_the_same_inputs_give_the_same_run(d):
    make_entry(d.officers[0][0], "-0.20", date(2026, 3, 5))
    first = runs.score(d.unit, "2026H1", by=d.personnel[0])
    assert runs.score(d.unit, "2026H1", by=d.personnel[1]) == first
    assert AuditEntry.objects.filter(act="score.run").count() == 1
    cards = queries.scorecards(d.unit, "2026H1")
    assert Scorecard.objects.filter(run=first).count() == len(cards)
    mine = Scorecard.objects.get(run=first, person=d.officers[0][0], star="ye")
    assert (mine.base, mine.deduction, mine.score) == (0, Decimal("-0.20"), 0)


@pytest.mark.parametrize("change", ["an entry", "a joiner", "a section closed"])
def test_other_inputs_give_another_run(d, change):
    first = runs.score(d.unit, "2026H1", by=None)
    if change == "an entry":
        make_entry(d.officers[0][0], "-0.20", date(2026, 3, 5))
    elif change == "a joiner":
        make_staff(section=d.one)
    else:
        d.two.closed_on = date(2026, 1, 1)
        d.two.save()
    second = runs.score(d.unit, "2026H1", by=None)
    assert second != first and second.input_hash != first.input_hash
    assert ScoreRun.objects.latest_of(d.unit, "2026H1") == second


def test_another_outcome_from_the_same_inputs_is_an_alarm(d, monkeypatch, caplog):
    runs.score(d.unit, "2026H1", by=None)
    monkeypatch.setattr(runs, "DRAFT", f"{runs.DRAFT} LIMIT 1")
    with pytest.raises(runs.DifferentOutcome):
        runs.score(d.unit, "2026H1", by=None)
    assert "same inputs, other outcome" in caplog.text


def test_who_may_ask(d):
    with pytest.raises(PermissionDenied):
        runs.score(d.unit, "2026H1", by=d.chiefs[0])


@pytest.mark.parametrize("half", ["2026H3", "2026Q1", ""])
def test_no_half_year_of_that_name(d, half):
    with pytest.raises(Refused):
        runs.score(d.unit, half, by=None)


def test_a_half_year_that_has_not_begun(d, clock):
    clock.set("2026-12-31 23:59")
    with pytest.raises(Refused, match="还没有开始"):
        runs.score(d.unit, "2027H1", by=None)
    clock.set("2027-01-01 00:00")
    assert runs.score(d.unit, "2027H1", by=None).half == "2027H1"


def test_before_any_book_there_is_nothing_to_score(d):
    with pytest.raises(Refused):
        runs.score(d.unit, "2025H1", by=None)


@pytest.mark.parametrize("table", [ScoreRun, Scorecard])
def test_runs_and_cards_stay_as_they_are(d, table):
    runs.score(d.unit, "2026H1", by=None)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        table.objects.update(id=0)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        table.objects.all()._raw_delete("default")


def test_the_command(d, capsys):
    by = d.personnel[0].staff_no
    call_command("score", "--unit", d.unit.name, "--half", "2026H1", "--by", by)
    run = ScoreRun.objects.get()
    assert run.output_hash in capsys.readouterr().out and run.asked_by == d.personnel[0]
    for wrong in (
        ["--unit", "无此单位", "--half", "2026H1"],
        ["--unit", d.unit.name, "--half", "2026"],
        ["--unit", d.unit.name, "--half", "2025H1"],
        ["--unit", d.unit.name, "--half", "2026H1", "--by", d.chiefs[0].staff_no],
    ):
        with pytest.raises(CommandError):
            call_command("score", *wrong)


def test_books_put_right_again_stand_by_their_first_run(d):
    first = runs.score(d.unit, "2026H1", by=None)
    d.two.closed_on = date(2026, 1, 1)
    d.two.save()
    assert runs.standing(d.unit, "2026H1") is None
    second = runs.score(d.unit, "2026H1", by=None)
    d.two.closed_on = None
    d.two.save()
    assert ScoreRun.objects.latest_of(d.unit, "2026H1") == second
    assert runs.score(d.unit, "2026H1", by=None) == runs.standing(d.unit, "2026H1") == first
    assert runs.standing(d.unit, "2025H1") is None
