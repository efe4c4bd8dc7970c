"""Whole departments, made at random, from workbooks to scorecards by the operator's commands.

What they print is what the plain model prints, in every cell. POINTS_DEPARTMENTS=N tries N of them
(6 unless told); POINTS_FIRST=N begins with that seed, so that one that failed is found again.
"""

import os

import pytest
from django.core.management import call_command

from tests.scoring.plain import counting, departments

FIRST = int(os.environ.get("POINTS_FIRST", 1))
COUNT = int(os.environ.get("POINTS_DEPARTMENTS", 2))
HALF = "2026H1"


def run(department, folder, *, closing: list[str], facts_first: bool) -> str:
    """The commands of an operator, in either order; answers the CSV they write."""
    unit = ["--unit", department.name]
    by = ["--by", department.proposer]
    approval = ["--approved-by", department.approver, "--in-force-from", "2026-01-01"]
    rules = ["import_rules", str(folder / "rules.xlsx"), *unit, *by, *approval]
    facts = ["import_facts", str(folder / "facts-2026H1.xlsx"), *unit, *by]
    call_command("import_roster", str(folder / "roster.xlsx"), *unit)
    for command in (facts, rules) if facts_first else (rules, facts):
        call_command(*command)
    for quarter in closing:
        # What was recorded before the closing counts in its own quarter, posted or not.
        call_command("close_quarter", quarter, *unit, *by)
    if closing:
        # The same file again is no news, so nothing counts late.
        call_command(*facts)
    call_command("score", *unit, "--half", HALF)
    out = folder / "scorecards.csv"
    call_command("export_scorecards", *unit, "--half", HALF, "--out", str(out))
    call_command("verify_points", *unit)
    return out.read_text(encoding="utf-8")


def lines(text: str) -> list[str]:
    return text.splitlines()


@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_the_program_prints_what_the_plain_model_prints(seed, db, clock, tmp_path):
    clock.set("2026-07-22 09:00")
    department = departments.Department(seed)
    department.write(tmp_path)
    expected = lines(counting.as_csv(counting.scorecards(tmp_path)))
    closing = ["2026Q1", "2026Q2"][: seed % 3]
    found = lines(run(department, tmp_path, closing=closing, facts_first=seed % 2 == 0))
    differing = [pair for pair in zip(expected, found, strict=False) if pair[0] != pair[1]]
    assert not differing, f"seed {seed}, expected and found: {differing[:5]}"
    assert len(found) == len(expected)
