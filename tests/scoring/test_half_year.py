"""The department of tests/data by the operator's commands, against the scorecards two programs
agree on: to the last hundredth, byte for byte."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from ledgers.models import PointEntry
from scheme.imports.sheets import open_book
from scheme.models import Staff, Unit
from scoring import queries
from scoring.models import RuleBook, Scorecard, ScoreRun

DATA = Path(__file__).resolve().parent.parent / "data"
NAME = "中共泽川市委组织部"
# The whole result in one word. A change of it is a change of somebody's points.
OUTPUT = "90f900829d99e8571dfb7f647cb7c2190895d76fcadd00afaa8ac80a8de6538f"
INPUT = "e9148f49d9a0b014f598bd9f0beaa0dd29fa6aa4bf557699b185eaeca583fb5f"


def command(name, *args):
    call_command(name, *map(str, args), "--unit", NAME)


def load_rules():
    people = ["--by", "ZC013", "--approved-by", "ZC003"]
    command("import_rules", DATA / "rules.xlsx", *people, "--in-force-from", "2026-01-01")


def load_facts():
    command("import_facts", DATA / "facts-2026H1.xlsx", "--by", "ZC013")


def score_and_export(folder: Path, name="out.csv") -> bytes:
    command("score", "--half", "2026H1")
    command("export_scorecards", "--half", "2026H1", "--out", folder / name)
    return (folder / name).read_bytes()


@pytest.fixture
def department(db, clock) -> None:
    clock.set("2026-07-15 09:00")
    command("import_roster", DATA / "roster.xlsx")


def test_the_half_year_of_the_department(department, tmp_path, capsys):
    load_rules()
    load_rules()
    assert "nothing done" in capsys.readouterr().out
    assert RuleBook.objects.count() == 1
    load_facts()
    expected = (DATA / "expected-scorecards.csv").read_bytes()
    assert score_and_export(tmp_path) == expected
    run = ScoreRun.objects.get()
    assert (run.output_hash, run.input_hash) == (OUTPUT, INPUT)

    # Everything once more changes nothing at all.
    count = PointEntry.objects.count()
    load_facts()
    assert score_and_export(tmp_path) == expected
    assert PointEntry.objects.count() == count and ScoreRun.objects.get() == run

    # The other two formats say the same.
    score_and_export(tmp_path, "out.json")
    body = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    rows = expected.decode().splitlines()
    heads = rows[0].split(",")
    assert [",".join(card[head] for head in heads) for card in body["计分卡"]] == rows[1:]
    assert body["结果校验值"] == OUTPUT
    score_and_export(tmp_path, "out.xlsx")
    book = open_book((tmp_path / "out.xlsx").read_bytes())
    sections = book.sheet("科室")
    assert [sections.row(5 + n)[0] for n in range(2)] == ["人才工作科", "人才工作科"]
    assert sections.row(5)[2:7] == rows[-132].split(",")[3:]


def test_the_order_of_the_commands_and_closed_quarters_change_nothing(department, tmp_path):
    load_facts()
    load_rules()
    for code in ("2026Q1", "2026Q2"):
        command("close_quarter", code, "--by", "ZC013")
    expected = (DATA / "expected-scorecards.csv").read_bytes()
    assert score_and_export(tmp_path) == expected
    assert ScoreRun.objects.get().output_hash == OUTPUT


def test_every_stored_card_explains_its_numbers(department, django_assert_max_num_queries):
    """The explanation is part of the result: rule by rule it adds up to the card."""
    load_rules()
    load_facts()
    command("score", "--half", "2026H1")
    with django_assert_max_num_queries(3):
        cards = queries.scorecards(Unit.objects.get(name=NAME), "2026H1")
    assert len(cards) == Scorecard.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE base + deduction + bonus = ("
            " SELECT COALESCE(sum((rule ->> 'counted')::numeric), 0)"
            " FROM jsonb_array_elements(tree) AS t(rule)))"
            " FROM scoring_scorecard WHERE star_id IS NOT NULL"
        )
        cards, explained = cursor.fetchone()
    assert cards == explained > 500
    tree = Scorecard.objects.get(person__staff_no="ZC008", star="geng").tree
    adopted = next(rule for rule in tree if rule["rule"] == "笔耕-加-01")
    assert adopted["counted"] == "15.00" and adopted["cut"]


@pytest.mark.parametrize(
    ("out", "word"),
    [("out.txt", ".csv"), ("missing/out.csv", "No such file")],
)
def test_an_export_that_cannot_be_written_leaves_nothing(department, tmp_path, out, word):
    load_rules()
    command("score", "--half", "2026H1")
    with pytest.raises(CommandError, match=word):
        command("export_scorecards", "--half", "2026H1", "--out", tmp_path / out)
    assert not list(tmp_path.iterdir())


def test_nothing_is_exported_before_it_is_scored(department, tmp_path):
    for half, unit in (("2026H1", NAME), ("2026H3", NAME), ("2026H1", "没有这个单位")):
        with pytest.raises(CommandError):
            call_command(
                "export_scorecards",
                "--unit",
                unit,
                "--half",
                half,
                "--out",
                str(tmp_path / "o.csv"),
            )
    assert not list(tmp_path.iterdir())


def test_an_export_says_when_the_books_have_moved_on(department, tmp_path, capsys):
    load_rules()
    command("score", "--half", "2026H1")
    first = ScoreRun.objects.get()
    out = tmp_path / "out.csv"
    person = Staff.objects.get(staff_no="ZC096")
    left = person.left_on
    Staff.objects.filter(pk=person.pk).update(left_on=person.joined_on)
    command("export_scorecards", "--half", "2026H1", "--out", out)
    assert "score again" in capsys.readouterr().err
    command("score", "--half", "2026H1")
    assert ScoreRun.objects.count() == 2
    # Put right again, the books are those of the first run, and its cards are exported.
    Staff.objects.filter(pk=person.pk).update(left_on=left)
    command("score", "--half", "2026H1")
    assert ScoreRun.objects.count() == 2
    capsys.readouterr()
    command("export_scorecards", "--half", "2026H1", "--out", out)
    said = capsys.readouterr()
    assert first.output_hash in said.out and not said.err


def test_other_surroundings_give_the_same_result(committed_db, clock):
    """Another hash seed, time zone and language of the process: the same output hash."""
    clock.set("2026-07-15 09:00")
    command("import_roster", DATA / "roster.xlsx")
    load_rules()
    load_facts()
    asked = [sys.executable, "manage.py", "score", "--unit", NAME, "--half", "2026H1"]
    for seed, zone, language in (("1", "America/Lima", "C.UTF-8"), ("9", "Asia/Tokyo", "zh_CN")):
        env = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LANG": language}
        env |= {"LC_ALL": language, "DATABASE_URL": committed_db.url}
        done = subprocess.run(
            asked, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
        )
        assert OUTPUT in done.stdout and INPUT in done.stdout
