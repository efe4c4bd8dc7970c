"""The half-year of the department entered by its people, act by act, gives the scorecards that its
workbook gives: to the last hundredth, byte for byte.

Every ledger is entered whole. Of the daily reports, 9,627, those of LIVE_SECTIONS sections are
filed and graded here and the others come from the workbook, which must leave alone what people
filed; LIVE_SECTIONS=all enters them all.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from ledgers.models import DailyReport, Promotion, StudySession, Talk, Task, WritingItem
from scheme.actions import rosters
from scheme.imports.sheets import open_book
from scheme.models import Section, Unit
from scoring.imports import facts
from tests.flows import entering, entering_tasks

DATA = Path(__file__).resolve().parent.parent / "data"
NAME = "中共泽川市委组织部"
SECTIONS = os.environ.get("LIVE_SECTIONS", "1")


def steps_of(told, hands, of, twice):
    rows = {sheet: told.rows[sheet] for sheet in told.rows}
    notes = rows["督办"]
    return [
        *entering.leave(rows["请假"], hands),
        *entering.daily(rows["日报"], hands, of=of),
        *entering.monthly(rows["月结"], hands),
        *entering.sessions(rows["学习"], hands),
        *entering.given(rows["讲课"], hands),
        *entering.adopted(rows["信息宣传"], hands, twice),
        *entering.promoted(rows["创新"], hands),
        *entering_tasks.key_tasks(rows["重点任务"], notes, hands),
        *entering_tasks.pressed(notes, hands),
        *entering_tasks.named(notes, hands),
        *entering.declared(rows["申报"], hands),
    ]


@pytest.mark.django_db
def test_entered_act_by_act_it_gives_the_same_scorecards(clock, tmp_path, settings):
    settings.FILES_ROOT = str(tmp_path / "files")
    clock.set("2025-12-19 08:00")
    rosters.load(NAME, (DATA / "roster.xlsx").read_bytes(), file_name="roster.xlsx")
    unit = Unit.objects.get(name=NAME)
    people = ["--by", "ZC013", "--approved-by", "ZC003", "--unit", NAME]
    call_command("import_rules", DATA / "rules.xlsx", *people, "--in-force-from", "2026-01-01")
    told = facts.read(open_book((DATA / "facts-2026H1.xlsx").read_bytes()), unit)
    assert not told.problems
    hands = entering.Hands(unit)
    sections = None
    if SECTIONS != "all":
        first = Section.objects.filter(unit=unit).order_by("position")[2:]
        sections = {one.pk for one in first[: int(SECTIONS)]}

    twice: list = []
    steps = sorted(steps_of(told, hands, sections, twice), key=lambda step: step.at)
    for step in steps:
        clock.set(step.at)
        step.do()

    clock.set("2026-07-15 09:00")
    live = DailyReport.objects.count()
    rest = facts.store(told, unit, by=None, only={"日报"})
    assert live and rest["日报"].new == len(told.rows["日报"]) - live
    # One proof stands twice in the workbook, on one day; entered by people it is taken once.
    assert len(twice) == 1
    entered = {
        "讲课": Talk.objects.filter(state="held", mark=""),
        "学习": StudySession.objects.filter(state="held", mark=""),
        "信息宣传": WritingItem.objects.filter(state="verified", mark=""),
        "创新": Promotion.objects.filter(state="verified", mark=""),
        "重点任务": Task.objects.exclude(proposed_by=None),
    }
    assert Counter({sheet: rows.count() for sheet, rows in entered.items()}) == Counter(
        {sheet: len(told.rows[sheet]) - (sheet == "信息宣传") for sheet in entered}
    )
    # The workbook, read once more, finds what was entered here; only the names of projects it
    # writes now so, now so, while promotions here bear the name of their project.
    again = facts.compare(told, unit)
    for sheet in ("学习", "讲课", "重点任务", "月结"):
        assert (again[sheet].new, again[sheet].changed) == (0, 0), sheet

    call_command("score", "--half", "2026H1", "--unit", NAME)
    out = tmp_path / "out.csv"
    call_command("export_scorecards", "--half", "2026H1", "--out", out, "--unit", NAME)
    assert out.read_bytes() == (DATA / "expected-scorecards.csv").read_bytes()
