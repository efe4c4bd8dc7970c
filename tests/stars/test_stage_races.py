"""Two at once: exactly one step, no vote lost between casting and closing. Real transactions."""

import pytest

from scheme.errors import Refused
from stars.actions import opinions, stages
from stars.actions.opinions import Given
from stars.models import (
    BranchOutcome,
    NominationMove,
    Opinion,
    Round,
    RoundMove,
    Seat,
)
from tests.factories import again, moment
from tests.stars import acts

S = Round.State


def test_two_clocks_take_one_step(race, clock):
    s = acts.nominating(clock)
    clock.set("2026-07-08 18:00")
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-08 18:00"))
    version = acts.fresh(s).version

    results = race(*[lambda: stages.advance(s.round.pk, seen=version)] * 4)

    assert sum(isinstance(one, Round) for one in results) == 1
    assert all(isinstance(one, Refused) for one in results if not isinstance(one, Round))
    assert acts.fresh(s).state == S.AT_BRANCH
    assert RoundMove.objects.count() == 1
    assert NominationMove.objects.count() == 3
    assert Seat.objects.count() == 17


def test_the_clock_and_the_office_take_one_step(race, clock):
    s = acts.nominating(clock)
    clock.set("2026-07-08 18:00")
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-08 18:00"))
    version, office = acts.fresh(s).version, again(s.d.personnel[0])

    results = race(
        lambda: stages.advance(s.round.pk, seen=version),
        lambda: stages.advance(s.round.pk, by=office, reason="到点了", seen=version),
    )

    assert sum(isinstance(one, Round) for one in results) == 1
    assert RoundMove.objects.count() == 1


def test_an_opinion_given_twice_at_once_counts_once(race, clock):
    s = acts.at_branch(clock)
    person = s.d.chair

    def give():
        return opinions.give(s.a.pk, by=again(person), mark="for", seen=s.a.version)

    results = race(*[give] * 4)

    assert sum(isinstance(one, Opinion) for one in results) == 1
    assert sum(isinstance(one, Refused) and one.conflict for one in results) == 3
    assert Opinion.objects.count() == 1


def test_an_opinion_is_counted_or_refused_when_the_stage_ends(race, clock):
    s = acts.at_branch(clock)
    person, office = again(s.d.chair), again(s.d.personnel[0])
    mark = {s.a.pk: Given("for", "", s.a.version)}

    given, moved = race(
        lambda: opinions.give_all(s.round.pk, by=person, marks=mark),
        lambda: stages.advance(s.round.pk, by=office, reason="提前", seen=acts.fresh(s).version),
    )

    assert isinstance(moved, Round)
    counted = BranchOutcome.objects.get(nomination=s.a).votes_for
    assert counted == Opinion.objects.count() == (0 if isinstance(given, Refused) else 1)


def test_ballots_and_settlements_are_kept(committed_db):
    import psycopg

    for table in ("stars_settlement", "stars_vote", "stars_ballot", "stars_opinion"):
        with committed_db.connect() as connection, pytest.raises(psycopg.errors.IntegrityError):
            connection.execute(f"TRUNCATE {table} CASCADE")
