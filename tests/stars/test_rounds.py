from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from scheme import clock as time
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, CalendarDay, Notice, Section
from stars import ruling
from stars.actions import participants, rounds
from stars.models import Quota, Round, RoundMove
from tests.factories import again, make_round, make_unit
from tests.stars.conftest import NOW, settle
from tests.stars.opening_world import confirm_all

DATES = {
    "nominate_until": date(2026, 7, 24),
    "branch_until": date(2026, 7, 31),
    "committee_until": date(2026, 8, 5),
}

# Every rule otherwise than a round has it at first, as SQL.
OTHERWISE = {
    "floating_sections": "1",
    "floating_persons": "1",
    "branch_method": "'marks'",
    "trimmed": "true",
    "leaders_weight": "40",
    "agreed_from": "90",
    "against_below": "50",
    "secret": "true",
    "recusals": "'[]'",
    "tie_order": "'[\"score\"]'",
    "tie_last": "'empty'",
    "vetoes": "'[]'",
    "bar_probation": "false",
    "absence_limit": "30",
    "statement_fewest": "1",
    "statement_most": "600",
    "most_returns": "1",
}
# The same by the action.
CHOSEN = {
    "floating_sections": 1,
    "floating_persons": 2,
    "branch_method": "marks",
    "trimmed": True,
    "leaders_weight": 40,
    "agreed_from": 85,
    "against_below": 50,
    "secret": True,
    "recusals": ["charge"],
    "tie_order": ["tasks", "score"],
    "tie_last": "empty",
    "vetoes": ["sanction"],
    "bar_probation": False,
    "absence_limit": 30,
    "statement_fewest": 50,
    "statement_most": 300,
    "most_returns": 1,
}


def plan(round_, by, **more):
    arguments = {
        "seen": round_.version,
        "dates": DATES,
        "quotas": {},
        "quorum": (2, 3),
        "majority": (1, 2),
        "publicity_days": 5,
        **more,
    }
    return rounds.plan(round_.pk, by=by, **arguments)


@pytest.fixture
def ready(scored, office):
    """A round that lacks nothing."""
    return confirm_all(rounds.prepare(scored.unit, "2026H1", by=office), by=office)


# Preparing


def test_prepare_sets_the_usual_dates_places_and_list(department, office):
    round_ = rounds.prepare(department.unit, "2026H1", by=office)
    # 5, 5 and 3 working days from Monday 20 July.
    assert [round_.nominate_until, round_.branch_until, round_.committee_until] == [
        date(2026, 7, 27),
        date(2026, 8, 3),
        date(2026, 8, 6),
    ]
    assert (round_.state, round_.version, round_.publicity_days) == ("preparing", 0, 5)
    # A department's first round votes in secret.
    rules = {name: getattr(round_, name) for name in ruling.FIRST}
    assert rules == ruling.FIRST | {"secret": True} and rounds.forerunner(round_) is None
    places = round_.quotas.values_list("star", "kind", "places", "per_section")
    assert len(places) == 10 and {row[2:] for row in places} == {(1, 1)}
    expected = participants.expected(department.unit, "2026H1")
    assert round_.participants.count() == len(expected)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.actor) == ("round.prepare", office)
    assert entry.after == {"half": "2026H1", "participants": len(expected)}


@pytest.mark.parametrize("half", ["2027H1", "2026H3", "nonsense"])
def test_prepare_refuses_a_half_year_that_has_not_begun_or_is_none(department, office, half):
    with pytest.raises(Refused) as caught:
        rounds.prepare(department.unit, half, by=office)
    assert caught.value.field == "half"


def test_prepare_makes_one_round_a_half_year_until_it_is_cancelled(department, office):
    first = rounds.prepare(department.unit, "2026H1", by=office)
    with pytest.raises(Refused):
        rounds.prepare(department.unit, "2026H1", by=office)
    rounds.cancel(first.pk, by=office, reason="日期排错", seen=0)
    assert rounds.prepare(department.unit, "2026H1", by=office) != first


def test_prepare_refuses_where_the_calendar_ends(department, office):
    CalendarDay.objects.filter(day__gt=date(2026, 7, 22)).delete()
    with pytest.raises(Refused, match="日历"):
        rounds.prepare(department.unit, "2026H1", by=office)


def test_prepare_is_the_personnel_office_s_and_of_its_own_unit(department, office):
    for unit, by in [(department.unit, department.chiefs[0]), (make_unit(), office)]:
        with pytest.raises(PermissionDenied):
            rounds.prepare(unit, "2026H1", by=by)


# Planning


def test_plan_changes_dates_places_and_shares(department, office, settings):
    settings.DEMO = True
    round_ = make_round(department.unit)
    plan(
        round_,
        office,
        quotas={("ye", "person"): (3, 2)},
        quorum=(3, 4),
        majority=(3, 5),
        publicity_days=7,
        publicity_seconds=60,
        recused_count_as_entitled=False,
    )
    round_.refresh_from_db()
    assert round_.version == 1
    assert {name: getattr(round_, name) for name in DATES} == DATES
    assert (round_.quorum_num, round_.quorum_den) == (3, 4)
    assert (round_.majority_num, round_.majority_den) == (3, 5)
    assert (round_.publicity_days, round_.publicity_seconds) == (7, 60)
    assert round_.recused_count_as_entitled is False
    quota = Quota.objects.get(round=round_, star="ye", kind="person")
    assert (quota.places, quota.per_section) == (3, 2)
    assert Quota.objects.filter(round=round_, places=2).count() == 9
    entry = AuditEntry.objects.get(act="round.plan")
    assert entry.before["publicity_days"] == 5 and entry.after["publicity_days"] == 7
    assert "half" not in entry.after


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"dates": DATES | {"nominate_until": date(2026, 7, 17)}}, "nominate_until"),
        ({"dates": DATES | {"branch_until": date(2026, 7, 24)}}, "branch_until"),
        ({"dates": DATES | {"committee_until": date(2026, 8, 8)}}, "committee_until"),
        ({"quorum": (4, 3)}, "quorum_num"),
        ({"quorum": (0, 3)}, "quorum_num"),
        ({"majority": (2, 2)}, "majority_num"),
        ({"publicity_days": 0}, "publicity_days"),
        ({"publicity_seconds": 60}, "publicity_seconds"),
        ({"quotas": {("ye", "person"): (100, 1)}}, "places_ye_person"),
        ({"quotas": {("ye", "nobody"): (1, 1)}}, None),
    ],
)
def test_plan_refuses_what_cannot_be(department, office, settings, more, field):
    settings.DEMO = False
    round_ = make_round(department.unit)
    with pytest.raises(Refused) as caught:
        plan(round_, office, **more)
    assert caught.value.field == field
    assert Round.objects.get().version == 0


def test_plan_refuses_a_stale_page_a_stranger_and_an_open_round(department, office):
    round_ = make_round(department.unit)
    with pytest.raises(Stale):
        plan(round_, office, seen=3)
    with pytest.raises(PermissionDenied):
        plan(round_, department.chiefs[0])
    Round.objects.all().update(state="cancelled")
    opened = make_round(department.unit, state="nominating")
    with pytest.raises(Refused, match="封存"):
        plan(opened, office)


def test_a_new_round_takes_over_the_rules_and_places_of_the_last_one_opened(department, office):
    shares = {"publicity_days": 7, "quorum_num": 3, "quorum_den": 4, "contact": "人事科 8001"}
    last = make_round(department.unit, half="2025H1", state="published", **CHOSEN, **shares)
    make_round(department.unit, half="2024H2", state="published")
    make_round(department.unit, half="2025H2", state="cancelled")
    round_ = rounds.prepare(department.unit, "2026H1", by=office)
    assert {name: getattr(round_, name) for name in CHOSEN} == CHOSEN
    assert {name: getattr(round_, name) for name in shares} == shares
    assert set(round_.quotas.values_list("places", "per_section")) == {(2, 1)}
    assert rounds.forerunner(round_) == last
    assert AuditEntry.objects.get().after["rules_of"] == "2025H1"


def test_plan_sets_every_rule_and_leaves_those_not_named(department, office):
    round_ = plan(make_round(department.unit), office, rules=CHOSEN, contact=" 人事科 ")
    round_.refresh_from_db()
    assert {name: getattr(round_, name) for name in CHOSEN} == CHOSEN
    assert round_.contact == "人事科"
    entry = AuditEntry.objects.get(act="round.plan")
    assert {name: entry.after[name] for name in CHOSEN} == CHOSEN
    assert entry.before["recusals"] == ["head", "member", "nominator"]
    round_ = plan(round_, office)
    assert {name: getattr(round_, name) for name in CHOSEN} == CHOSEN
    assert round_.contact == "人事科"
    assert plan(round_, office, rules={"secret": False}).trimmed is True


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"floating_persons": 100}, "floating_persons"),
        ({"floating_sections": None}, "floating_sections"),
        ({"leaders_weight": 100}, "leaders_weight"),
        ({"agreed_from": 101}, "agreed_from"),
        ({"agreed_from": 50}, "against_below"),
        ({"absence_limit": 0}, "absence_limit"),
        ({"statement_fewest": 501}, "statement_fewest"),
        ({"statement_most": 2001}, "statement_most"),
        ({"most_returns": 10}, "most_returns"),
        ({"branch_method": "dice"}, "branch_method"),
        ({"tie_last": "dice"}, "tie_last"),
        ({"tie_order": ["alphabet"]}, "tie_order"),
        ({"tie_order": ["score", "score"]}, "tie_order"),
        ({"recusals": ["own"]}, "recusals"),
        ({"vetoes": ["face"]}, "vetoes"),
        ({"trimmed": None}, "trimmed"),
    ],
)
def test_plan_refuses_rules_that_cannot_be(department, office, rules, field):
    round_ = make_round(department.unit)
    with pytest.raises(Refused) as caught:
        plan(round_, office, rules=rules)
    assert caught.value.field == field and Round.objects.get().version == 0


def test_plan_refuses_an_endless_address(department, office):
    with pytest.raises(Refused) as caught:
        plan(make_round(department.unit), office, contact="长" * 201)
    assert caught.value.field == "contact"


# Opening


def test_open_binds_book_and_run_seals_and_tells_the_chiefs(ready, scored, office):
    opened = rounds.open_(ready.pk, by=office, seen=0)
    opened.refresh_from_db()
    assert (opened.state, opened.version, opened.opened_by) == ("nominating", 1, office)
    assert opened.book.version == 1 and opened.run.half == "2026H1"
    assert opened.due_at == time.at(opened.nominate_until, 18)
    assert opened.seal == rounds.digest_of(rounds.sealed_body(opened)) and len(opened.seal) == 64
    # What it was taken of is kept: a section renamed since does not break it.
    Section.objects.filter(pk=scored.one.pk).update(name="干部一处")
    opened.refresh_from_db()
    assert (
        opened.seal
        == rounds.digest_of(opened.sealed)
        != rounds.digest_of(rounds.sealed_body(opened))
    )
    move = RoundMove.objects.get()
    assert (move.version, move.from_state, move.to_state) == (0, "preparing", "nominating")
    assert move.by == office and move.reason
    assert {n.to for n in Notice.objects.filter(key=f"round:{ready.pk}:opened")} == set(
        scored.chiefs
    )
    assert AuditEntry.objects.get(act="round.open").after == {
        "state": "nominating",
        "seal": opened.seal,
    }


def test_the_seal_tells_every_rule_and_name_apart(ready, scored, office):
    ready.book, ready.run = scored_book(ready), settle(scored.unit, since=date(2026, 6, 25))
    seals = {rounds.digest_of(rounds.sealed_body(ready))}
    ready.publicity_days = 6
    seals.add(rounds.digest_of(rounds.sealed_body(ready)))
    Quota.objects.filter(round=ready, star="ye", kind="person").update(places=4)
    seals.add(rounds.digest_of(rounds.sealed_body(ready)))
    ready.participants.filter(person=scored.officers[0][1]).update(takes_part=False, reason="借调")
    seals.add(rounds.digest_of(rounds.sealed_body(ready)))
    assert len(seals) == 4
    for name, value in CHOSEN.items():
        if getattr(ready, name) != value:
            setattr(ready, name, value)
            seals.add(rounds.digest_of(rounds.sealed_body(ready)))
    # Secret from the first, and so it stays.
    assert len(seals) == 4 + len(CHOSEN) - 1
    ready.nominate_until = date(2026, 7, 31)
    assert rounds.digest_of(rounds.sealed_body(ready)) in seals


def test_seals_of_rounds_from_before_a_rule_could_be_chosen_still_prove_true(ready, scored):
    ready.book, ready.run = scored_book(ready), settle(scored.unit, since=date(2026, 6, 25))
    ready.secret = False
    assert set(rounds.sealed_body(ready)) == {
        "half", "publicity_days", "publicity_seconds", "quorum", "majority",
        "recused_count_as_entitled", "quotas", "unit", "book", "run", "participants",
    }  # fmt: skip


def scored_book(round_):
    from scoring import queries

    return queries.book_for(round_.unit, round_.half)


def test_open_refuses_while_something_is_missing(department, office):
    round_ = rounds.prepare(department.unit, "2026H1", by=office)
    with pytest.raises(Refused, match="积分细则"):
        rounds.open_(round_.pk, by=office, seen=0)
    assert Round.objects.get().state == "preparing" and not RoundMove.objects.exists()


def test_open_refuses_stale_stranger_and_a_second_time(ready, scored, office):
    with pytest.raises(Stale):
        rounds.open_(ready.pk, by=office, seen=1)
    with pytest.raises(PermissionDenied):
        rounds.open_(ready.pk, by=scored.chair, seen=0)
    rounds.open_(ready.pk, by=office, seen=0)
    with pytest.raises(Stale):
        rounds.open_(ready.pk, by=office, seen=0)
    with pytest.raises(Refused, match="已经开启"):
        rounds.open_(ready.pk, by=office, seen=1)


def test_whoever_opens_has_seen_the_list_as_it_is(ready, scored, office):
    row = ready.participants.get(person=scored.officers[0][1])
    participants.set_(ready.pk, {row.pk: (False, "借调")}, by=office)
    with pytest.raises(Stale):
        rounds.open_(ready.pk, by=office, seen=0)


def test_two_who_open_at_once_open_it_once(race, clock):
    from tests.factories import make_department, make_rule_book

    clock.set(NOW)
    d = make_department()
    make_rule_book(d.unit, approved_by=d.leader, in_force_from=date(2026, 6, 25))
    settle(d.unit, since=date(2026, 6, 25))
    round_ = rounds.prepare(d.unit, "2026H1", by=d.personnel[1])
    confirm_all(round_, by=d.personnel[1])
    results = race(
        lambda: rounds.open_(round_.pk, by=again(d.personnel[0]), seen=0),
        lambda: rounds.open_(round_.pk, by=again(d.personnel[1]), seen=0),
    )
    assert sorted(type(r).__name__ for r in results) == ["Round", "Stale"]
    assert RoundMove.objects.count() == 1


# Sealed


@pytest.mark.parametrize(
    "change",
    [
        "half = '2025H2'",
        "publicity_days = 3",
        "quorum_num = 1",
        "quorum_den = 9",
        "majority_den = 3",
        "recused_count_as_entitled = false",
        "seal = 'x'",
        "sealed = '{}'",
        *(f"{name} = {value}" for name, value in OTHERWISE.items()),
    ],
)
def test_the_database_refuses_other_rules_once_open(department, change):
    round_ = make_round(department.unit, state="nominating")
    with (
        pytest.raises(IntegrityError, match="sealed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE stars_round SET {change} WHERE id = %s", [round_.pk])


def test_every_rule_is_tried_there():
    assert set(OTHERWISE) == set(ruling.FIRST) == set(CHOSEN)
    # Rounds from before have what the columns were filled with.
    assert {name: getattr(Round(), name) for name in ruling.FIRST} == ruling.FIRST


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stars_quota SET places = 9 WHERE round_id = %s",
        "DELETE FROM stars_quota WHERE round_id = %s",
    ],
)
def test_the_database_refuses_other_places_once_open(department, statement):
    round_ = make_round(department.unit, state="nominating")
    with (
        pytest.raises(IntegrityError, match="sealed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [round_.pk])


# Giving up


@pytest.mark.parametrize("state", ["nominating", "at_branch", "at_committee", "publicity"])
def test_cancel_keeps_what_was_done_and_tells_the_chiefs(department, office, state):
    round_ = make_round(department.unit, state=state)
    rounds.cancel(round_.pk, by=office, reason=" 机构改革 ", seen=round_.version)
    round_.refresh_from_db()
    assert (round_.state, round_.due_at) == ("cancelled", None)
    move = RoundMove.objects.get()
    assert (move.from_state, move.to_state, move.reason) == (state, "cancelled", "机构改革")
    told = Notice.objects.filter(key=f"round:{round_.pk}:cancelled")
    assert {notice.to for notice in told} == set(department.chiefs)
    assert AuditEntry.objects.get(act="round.cancel").reason == "机构改革"


def test_cancel_of_a_round_nobody_knows_of_is_quiet(department, office):
    round_ = make_round(department.unit)
    rounds.cancel(round_.pk, by=office, reason="日期排错", seen=0)
    assert not Notice.objects.exists()


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_cancel_wants_a_reason(department, office, reason):
    round_ = make_round(department.unit)
    with pytest.raises(Refused) as caught:
        rounds.cancel(round_.pk, by=office, reason=reason, seen=0)
    assert caught.value.field == "reason"


def test_cancel_refuses_stale_stranger_and_what_is_over(department, office):
    round_ = make_round(department.unit, state="published")
    with pytest.raises(Refused, match="已经结束"):
        rounds.cancel(round_.pk, by=office, reason="x", seen=round_.version)
    with pytest.raises(Stale):
        rounds.cancel(round_.pk, by=office, reason="x", seen=0)
    with pytest.raises(PermissionDenied):
        rounds.cancel(round_.pk, by=department.chair, reason="x", seen=round_.version)
