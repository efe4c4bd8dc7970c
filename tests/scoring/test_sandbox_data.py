"""The department of tests/data on trial: with its own rules nothing moves, with any other rules it
comes out as if those had been approved, posted and scored; and the database stays as it was."""

import os
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import InternalError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledgers.models import PointEntry
from scheme import periods
from scheme.models import Staff, Unit
from scoring import queries, sandbox
from scoring.actions import posting, rulebooks
from scoring.contents import content_of
from scoring.models import RuleBook
from tests.infra.clock import Clock
from tests.infra.database import clone

DATA = Path(__file__).resolve().parent.parent / "data"
HALF = "2026H1"
NAME = "示例县委组织部"
SPAN = periods.half_span(HALF)


@pytest.fixture(scope="module")
def unit(django_db_setup, django_db_blocker):
    """Everything recorded, nothing posted."""
    moved = Clock(os.environ["CLOCK_FILE"])
    moved.set("2026-07-22 09:00")
    with django_db_blocker.unblock(), clone():
        to, by = ["--unit", NAME], ["--by", "ZC013"]
        call_command("import_roster", str(DATA / "roster.xlsx"), *to)
        approval = ["--approved-by", "ZC003", "--in-force-from", "2025-07-01"]
        call_command("import_rules", str(DATA / "rules.xlsx"), *to, *by, *approval)
        call_command("import_facts", str(DATA / "facts-2026H1.xlsx"), *to, *by)
        yield Unit.objects.get(name=NAME)
    moved.reset()


@pytest.fixture
def taken_back(unit):
    with transaction.atomic():
        yield unit
        transaction.set_rollback(True)


def cards(unit) -> dict:
    found = queries.scorecards(unit, HALF)
    return {card[:3]: card[3:8] for card in found}


def tried(trial, side) -> dict:
    return {row[1:4]: tuple(row[4:]) for row in trial.cards(side)}


def settle(unit):
    posting.settle(unit, SPAN.first, SPAN.last)


def test_the_rules_in_force_give_the_scorecards_on_both_sides(taken_back):
    unit = taken_back
    book = RuleBook.objects.get(unit=unit)
    settle(unit)
    expected = cards(unit)
    with sandbox.laid_out(book, HALF) as trial:
        assert tried(trial, "before") == expected
        assert tried(trial, "after") == expected
        assert [one for one in trial.moves() if one.moved or one.climbed] == []
        assert [hand for hand in trial.hands(persons=3, sections=1) if hand.n_in] == []
    assert len(expected) == (88 + 22) * 6


caps = st.none() | st.integers(1, 2000).map(lambda n: Decimal(n) / 100)
change = st.one_of(
    st.tuples(st.sampled_from(["cap_item", "cap_quarter", "cap_half"]), caps),
    st.tuples(st.just("stacking"), st.sampled_from(["all", "highest", "first_full"])),
    st.tuples(st.just("points"), st.integers(1, 1000).map(lambda n: Decimal(n) / 100)),
    st.tuples(st.just("enabled"), st.booleans()),
    st.tuples(st.just("code"), st.just("换号")),
)
rules = st.lists(st.tuples(st.integers(0, 35), change), min_size=1, max_size=25)
asked = st.fixed_dictionaries(
    {},
    optional={
        "bonus_cap": st.integers(1, 60).map(Decimal),
        "report_cutoff": st.sampled_from([time(8), time(9, 30), time(12), time(18)]),
        "backfill_days": st.integers(0, 14),
        "talk_min_ratings": st.integers(1, 8),
        "talk_good_line": st.integers(60, 99).map(Decimal),
    },
)


def changed(content, changes, settings_):
    found = [{**rule, "tiers": [dict(tier) for tier in rule["tiers"]]} for rule in content.rules]
    for number, (what, value) in changes:
        rule = found[number % len(found)]
        if what == "code":
            # Declarations name their rule: those of the old number find none.
            rule["code"] = f"{rule['code']}-{value}" if not rule["code"].endswith(value) else "换号"
        elif what in ("points", "enabled"):
            for tier in rule["tiers"]:
                sign = -1 if rule["kind"] == "deduction" else 1
                tier[what] = value * sign if what == "points" else value
        else:
            rule[what] = value
    codes = [rule["code"] for rule in found]
    for n, rule in enumerate(found):
        if codes.count(rule["code"]) > 1:
            rule["code"] += f"-{n}"
        # What may not be approved is nothing to try: a cap below what it caps.
        for tier in rule["tiers"]:
            for name in ("cap_item", "cap_quarter", "cap_half"):
                if rule[name] is not None:
                    rule[name] = max(rule[name], abs(tier["points"]))
    return content._replace(rules=found, settings={**content.settings, **settings_})


@settings(
    max_examples=int(os.environ.get("SANDBOX_EXAMPLES", 2)),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(changes=rules, settings_=asked)
def test_any_rules_come_out_as_if_they_had_been_approved_and_posted(unit, changes, settings_):
    office, leader = (Staff.objects.get(staff_no=number) for number in ("ZC013", "ZC003"))
    content = changed(content_of(RuleBook.objects.get(unit=unit)), changes, settings_)
    with transaction.atomic():
        draft = rulebooks.propose(unit, content, by=office)
        with sandbox.laid_out(draft, HALF) as trial:
            expected = tried(trial, "after")
        rulebooks.approve(draft.pk, by=leader, in_force_from=SPAN.first)
        settle(unit)
        found = cards(unit)
        transaction.set_rollback(True)
    differing = {key: (expected.get(key), found.get(key)) for key in {*expected, *found}}
    assert {key: pair for key, pair in differing.items() if pair[0] != pair[1]} == {}


def test_trying_after_posting_gives_the_same_as_before_it(taken_back):
    unit = taken_back
    office = Staff.objects.get(staff_no="ZC013")
    content = content_of(RuleBook.objects.get(unit=unit))
    draft = rulebooks.propose(
        unit, changed(content, [(n, ("stacking", "all")) for n in range(36)], {}), by=office
    )
    with sandbox.laid_out(draft, HALF) as trial:
        first = tried(trial, "after")
    settle(unit)
    with sandbox.laid_out(draft, HALF) as trial:
        assert tried(trial, "after") == first
        assert tried(trial, "before") == cards(unit)
        assert tried(trial, "before") != first


def rows_of_everything() -> list:
    """Every table: how many rows, by whom last written, and what they say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted(row[0] for row in cursor.fetchall())
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', count(*), max(xmin::text::bigint),"
                f" sum(hashtextextended(t::text, 7)) FROM {table} t"
                for table in tables
            )
        )
        return sorted(cursor.fetchall(), key=str)


def test_nothing_is_written(unit):
    book = RuleBook.objects.get(unit=unit)
    before = rows_of_everything()
    with sandbox.laid_out(book, HALF) as trial:
        trial.summary(), trial.moves(), trial.hands(persons=3, sections=1)
        trial.fired(), trial.bites(), trial.limits(), trial.unpriced()
        trial.differences("person", "")
    assert rows_of_everything() == before
    assert PointEntry.objects.count() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'sandbox%'")
        assert cursor.fetchone() == (0,), "its tables are gone"


def test_the_database_itself_refuses_to_write_meanwhile(unit):
    book = RuleBook.objects.get(unit=unit)
    with pytest.raises(InternalError, match="read-only"), sandbox.laid_out(book, HALF):
        RuleBook.objects.filter(pk=book.pk).update(title="另一个名字")
    assert not RuleBook.objects.filter(title="另一个名字").exists()
    # Afterwards everything goes on as before, within a larger transaction too.
    with transaction.atomic():
        with sandbox.laid_out(book, HALF):
            pass
        RuleBook.objects.filter(pk=book.pk).update(talk_min_ratings=5)
        transaction.set_rollback(True)


def test_a_constant_number_of_questions(unit, django_assert_max_num_queries):
    book = RuleBook.objects.get(unit=unit)
    with django_assert_max_num_queries(30), sandbox.laid_out(book, HALF) as trial:
        trial.summary(), trial.hands(persons=3, sections=1), trial.differences("section", "")
    assert HALF in sandbox.halves_with_facts(unit)
    assert sandbox.subjects_of(unit, HALF) == 110
