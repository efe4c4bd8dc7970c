"""Counting against a plain oracle that tries every possibility instead of computing."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stars import counting
from stars.counting import Candidate, Count, Share, Tally

shares = st.integers(1, 20).flatmap(
    lambda den: st.integers(1, den).map(lambda num: Share(num, den))
)
counts = st.integers(0, 60)


@st.composite
def tallies(draw):
    recused = draw(st.integers(0, 5))
    given_ = [draw(st.integers(0, 12)) for _ in range(3)]
    silent = draw(st.integers(0, 5))
    return Tally(recused + sum(given_) + silent, recused, *given_)


@given(counts, shares, counts)
def test_shares_are_compared_exactly(count, share, of):
    part = Fraction(share.num * of, share.den)
    assert counting.meets(count, share, of) == (count >= part)
    assert counting.exceeds(count, share, of) == (count > part)


@given(shares, counts)
def test_the_line_is_the_first_count_that_reaches_it(share, of):
    line = counting.least_to_meet(share, of)
    assert counting.meets(line, share, of)
    assert line == 0 or not counting.meets(line - 1, share, of)
    line = counting.least_to_exceed(share, of)
    assert counting.exceeds(line, share, of)
    assert not counting.exceeds(line - 1, share, of)


def test_nobody_is_no_quorum():
    assert not counting.has_quorum(0, 0, Share(2, 3))
    assert counting.has_quorum(6, 9, Share(2, 3))
    assert not counting.has_quorum(5, 9, Share(2, 3))


@pytest.mark.parametrize(
    ("yes", "recused", "recused_count", "passes"),
    [(4, 1, True, False), (5, 1, True, True), (4, 2, False, True), (4, 1, False, False)],
)
def test_majority_is_of_the_entitled(yes, recused, recused_count, passes):
    """Nine entitled: five are needed; without two recused, seven: four are needed."""
    count = Count(9, recused, yes, 0, 9 - recused - yes, 0)
    assert counting.has_passed(count, Share(1, 2), recused_count=recused_count) is passes


@st.composite
def ballots(draw):
    """What lay in a box, and who was entitled to it."""
    recused, silent = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    choices = draw(st.lists(st.sampled_from(["for", "against", "abstain", "defer"]), max_size=12))
    return recused, silent, choices


@given(ballots(), shares, st.booleans())
def test_a_ballot_passes_defers_or_neither(drawn, majority, recused_count):
    recused, silent, choices = drawn
    entitled = recused + silent + len(choices)
    count = counting.count(entitled, recused, choices)
    assert sum(count[2:]) == len(choices)
    of = Fraction(entitled - (0 if recused_count else recused))
    deferred = choices.count("defer") > of / 2
    more = choices.count("for") > of * Fraction(*majority)
    rule = {"recused_count": recused_count}
    assert counting.is_deferred(count, **rule) == deferred
    assert counting.has_passed(count, majority, **rule) == (more and not deferred)


@given(ballots())
def test_the_order_of_the_ballots_tells_nothing(drawn):
    recused, _silent, choices = drawn
    once = counting.count(20, recused, choices)
    assert once == counting.count(20, recused, reversed(choices))


@pytest.mark.parametrize(
    ("given_", "betrays"),
    [
        ((7, 0, 0, 0), True),
        ((0, 0, 5, 0), True),
        ((2, 1, 0, 0), True),
        ((3, 1, 0, 0), False),
        ((0, 0, 0, 0), False),
    ],
)
def test_unanimous_and_very_small_ballots_betray_their_voters(given_, betrays):
    assert counting.betrays(Count(9, 0, *given_)) is betrays


@given(tallies(), st.booleans())
def test_a_branch_agrees_when_more_than_half_of_its_entitled_do(tally, recused_count):
    half = Fraction(tally.entitled - (0 if recused_count else tally.recused), 2)
    outcome = counting.branch_outcome(tally, recused_count=recused_count)
    if tally.votes_for > half:
        assert outcome == "agreed"
    elif tally.votes_against > half:
        assert outcome == "against"
    else:
        assert outcome == "split"


@given(tallies())
def test_the_share_of_nobody_is_nothing(tally):
    share = counting.share_for(tally, recused_count=True)
    assert 0 <= share <= 1
    assert counting.share_for(Tally(2, 2, 0, 0, 0), recused_count=False) == 0


candidates = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)).map(
        lambda t: (t[0], (Fraction(t[1], 3), -t[2]))
    ),
    max_size=7,
).map(lambda rows: [Candidate(n, *row) for n, row in enumerate(rows)])


def fair_sets(rows, places):
    """The oracle: every set of winners no loser of which stands above one of them."""
    size = min(places, len(rows))
    for chosen in combinations(rows, size):
        rest = [row for row in rows if row not in chosen]
        if all(one[1:] >= other[1:] for one in chosen for other in rest):
            yield frozenset(row.key for row in chosen)


@given(candidates, st.integers(0, 7))
def test_places_go_to_those_every_fair_choice_holds(rows, places):
    fair = set(fair_sets(rows, places))
    placing = counting.place(rows, places)

    assert placing.placed == frozenset.intersection(*fair)
    assert placing.tied == frozenset.union(*fair) - placing.placed
    assert placing.left == min(places, len(rows)) - len(placing.placed)
    assert bool(placing.tied) == (len(fair) > 1)


@given(candidates, st.integers(0, 7))
def test_a_tie_is_settled_only_by_as_many_of_the_level_as_places_are_left(rows, places):
    placing = counting.place(rows, places)
    fair = set(fair_sets(rows, places))
    for size in range(len(rows) + 1):
        for winners in combinations(range(len(rows)), size):
            if counting.is_settled_by(placing, winners):
                assert counting.settled(placing, winners) in fair
            else:
                with pytest.raises(ValueError):
                    counting.settled(placing, winners)
    assert sum(
        counting.is_settled_by(placing, w) for w in combinations(range(len(rows)), placing.left)
    ) == len(fair)


def test_a_winner_named_twice_fills_one_place():
    rows = [Candidate(n, 3, (Fraction(1, 2),)) for n in range(3)]
    placing = counting.place(rows, 2)
    assert placing.left == 2
    assert not counting.is_settled_by(placing, [0, 0])


def test_without_places_nobody_is_placed_and_nothing_is_tied():
    rows = [Candidate(n, 3, (Fraction(1, 2),)) for n in range(3)]
    assert counting.place(rows, 0) == (frozenset(), frozenset(), 0)
    with pytest.raises(ValueError):
        counting.settled(counting.place(rows, 2), [0])
