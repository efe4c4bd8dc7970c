"""The department of tests/data, loaded and settled, against the scorecards two programs agree on.

Only the triggers of the daily report post as yet, so what other ledgers give is left out.
"""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.core.management import call_command

from ledgers.models import PointEntry
from scheme import access
from scheme.actions import rosters
from scheme.imports import cells
from scheme.imports.sheets import Column, Problems, open_book
from scheme.models import Appointment, Section, Staff, Unit
from scheme.offices import Office
from scoring import queries
from scoring.actions import posting, rulebooks
from scoring.imports import facts
from scoring.models import RuleBook, Scorecard, ScoreRun

DATA = Path(__file__).resolve().parent.parent / "data"
NAME = "中共泽川市委组织部"
STARS = {"勤学": "xue", "笔耕": "geng", "精业": "ye", "效能": "xiao", "创新": "xin", "合计": None}


def load(capsys) -> Unit:
    data = (DATA / "roster.xlsx").read_bytes()
    assert rosters.load(NAME, data, file_name="roster.xlsx").state == "applied"
    unit = Unit.objects.get(name=NAME)
    proposer = Appointment.objects.filter(office=Office.PERSONNEL_OFFICE).first().staff
    leader = next(
        person
        for person in Staff.objects.filter(unit=unit)
        if set(access.places(person, access.Role.LEADER)) & set(rulebooks.approvers_sections(unit))
    )
    asked = [str(DATA / "rules.xlsx"), "--unit", NAME, "--in-force-from", "2026-01-01"]
    asked += ["--by", proposer.staff_no, "--approved-by", leader.staff_no]
    call_command("import_rules", *asked)
    call_command("import_rules", *asked)
    assert "nothing done" in capsys.readouterr().out
    assert RuleBook.objects.count() == 1
    book = open_book((DATA / "facts-2026H1.xlsx").read_bytes())
    facts.store(facts.read(book, unit), unit, by=None, only={"日报", "请假"})
    return unit


def expected() -> dict:
    with (DATA / "expected-scorecards.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return {(row["对象"], row["主体"], STARS[row["星级"]]): row for row in rows}


def declared_for(code: str) -> set[str]:
    """Subjects that may have points of this rule from a ledger that does not post yet."""
    columns = {
        "subject": Column("对象", cells.code),
        "code": Column("规则编号", cells.code),
    }
    sheet = open_book((DATA / "facts-2026H1.xlsx").read_bytes()).sheet("申报")
    table = sheet.table(columns, problems=Problems())
    return {row["subject"] for row in table if row["code"] == code}


def test_the_half_year_of_the_department(db, clock, capsys, django_assert_max_num_queries):
    clock.set("2026-07-15 09:00")
    unit = load(capsys)
    posting.settle(unit, date(2026, 1, 1), date(2026, 6, 30))
    with django_assert_max_num_queries(3):
        cards = queries.scorecards(unit, "2026H1")
    numbers = dict(Staff.objects.filter(unit=unit).values_list("pk", "staff_no"))
    names = {pk: cells.tight(n) for pk, n in Section.objects.values_list("pk", "name")}
    found = {
        ("个人", cells.tight(numbers[card.person_id]), card.star_id)
        if card.person_id
        else ("科室", names[card.section_id], card.star_id): card
        for card in cards
    }
    wanted = expected()
    valued = {key for key, row in wanted.items() if row["得分"]}
    assert set(found) == valued
    for key in valued:
        assert found[key].base == Decimal(wanted[key]["基础"]), key
    ye = {key for key in valued if key[2] == "ye"}
    differing = {
        key: (found[key].deduction, wanted[key]["扣分"])
        for key in ye
        if found[key].deduction != Decimal(wanted[key]["扣分"])
    }
    assert not differing
    # 日报评好 is all the bonus of 精业 but for those who declared something for it.
    others = declared_for("精业-加-02")
    plain = {key for key in ye if key[0] == "个人" and key[1] not in others}
    assert len(plain) > 50
    for key in plain:
        row = wanted[key]
        assert (found[key].bonus, found[key].score) == (Decimal(row["加分"]), Decimal(row["得分"]))
    # With one pool for all, whoever declared nothing stands in the same order among themselves.
    order = [sorted(plain, key=lambda k: (int(by[k]), k)) for by in (
        {k: wanted[k]["名次"] for k in plain}, {k: found[k].place for k in plain}
    )]  # fmt: skip
    assert order[0] == order[1]

    call_command("score", "--unit", NAME, "--half", "2026H1")
    call_command("score", "--unit", NAME, "--half", "2026H1")
    run = ScoreRun.objects.get()
    assert Scorecard.objects.filter(run=run).count() == len(cards)
    assert capsys.readouterr().out.count(run.output_hash) == 2
    # A second look at the same facts posts nothing at all.
    count = PointEntry.objects.count()
    posting.settle(unit, date(2026, 1, 1), date(2026, 6, 30))
    assert PointEntry.objects.count() == count
