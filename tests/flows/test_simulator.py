"""Whole half-years of sixty people, drawn from seeds: every act is the product's own, every number
is compared with plain Python. `SIM_SEEDS="1 2 3"` plays others, `SIM_DAYS=all` all working days."""

import os

import pytest

from scheme import periods
from scoring import queries
from scoring.actions import closing, posting, runs
from tests.factories import again, make_rule_book
from tests.flows.simulator import books, days, world
from tests.flows.simulator.play import Play

SEEDS = [int(seed) for seed in os.environ.get("SIM_SEEDS", "11 12 13").split()]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_a_half_year_of_sixty_people(seed, clock):
    clock.set("2026-01-01 08:00")
    w = world.build(seed)
    make_rule_book(w.unit, proposed_by=w.personnel[0], approved_by=w.committee[0])
    diary = days.live(w, clock)
    clock.set("2026-07-20 09:00")
    span = periods.half_span(world.HALF)
    posting.settle(w.unit, span.first, span.last)
    for code in periods.quarters_of(world.HALF):
        closing.close(code, unit=w.unit, by=again(w.personnel[0]))
    runs.score(w.unit, world.HALF, by=again(w.personnel[0]))
    _cards_are_right(w, diary)
    Play(w, clock, books.cards(diary, w)).whole_round()


def _cards_are_right(w, diary) -> None:
    expected = books.cards(diary, w)
    found = {}
    for card in queries.scorecards(w.unit, world.HALF):
        if card.star_id in ("xue", "ye"):
            kind = "person" if card.person_id else "section"
            key = kind, card.person_id or card.section_id, card.star_id
            found[key] = (card.base, card.deduction, card.bonus)
            assert card.score == books.score(expected[key]), key
    assert found == expected
