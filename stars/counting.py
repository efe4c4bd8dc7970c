"""How votes are counted: pure arithmetic on whole numbers, no database and no clock.

Shares are of the entitled, never of those present; an abstention is not a yes. Whether somebody
who is recused still counts as entitled is a rule of the round.
"""

from collections.abc import Collection, Hashable, Iterable
from fractions import Fraction
from typing import NamedTuple


class Share(NamedTuple):
    """A part such as two thirds."""

    num: int
    den: int


HALF = Share(1, 2)


class Tally(NamedTuple):
    entitled: int  # seats, those of recused members included
    recused: int
    votes_for: int
    votes_against: int
    votes_abstain: int


def sums(entitled: int, recused: int, choices: Iterable[str]) -> Tally:
    given = list(choices)
    return Tally(entitled, recused, *(given.count(c) for c in ("for", "against", "abstain")))


class Count(NamedTuple):
    """What one ballot of the committee came to."""

    entitled: int
    recused: int
    votes_for: int
    votes_against: int
    votes_abstain: int
    votes_defer: int


# Fewer ballots than this, and a count comes close to naming people.
FEW = 4


def count(entitled: int, recused: int, choices: Iterable[str]) -> Count:
    given = list(choices)
    words = ("for", "against", "abstain", "defer")
    return Count(entitled, recused, *(given.count(word) for word in words))


class Candidate(NamedTuple):
    """A nomination that passed, with what its place depends on: the yes votes, and then what the
    round compares in turn, greater first."""

    key: Hashable
    votes_for: int
    then: tuple = ()


class Placing(NamedTuple):
    """Who has a place for certain; who is level for the `left` places that remain."""

    placed: frozenset
    tied: frozenset
    left: int


def base(tally: Tally | Count, *, recused_count: bool) -> int:
    """What shares are taken of."""
    return tally.entitled if recused_count else tally.entitled - tally.recused


def meets(count: int, share: Share, of: int) -> bool:
    """At least the share: quorum."""
    return count * share.den >= share.num * of


def exceeds(count: int, share: Share, of: int) -> bool:
    """More than the share: majority."""
    return count * share.den > share.num * of


def least_to_meet(share: Share, of: int) -> int:
    return -(-share.num * of // share.den)


def least_to_exceed(share: Share, of: int) -> int:
    return share.num * of // share.den + 1


def has_quorum(present: int, entitled: int, quorum: Share) -> bool:
    """Nobody there is never a quorum, not even of an empty body."""
    return present > 0 and meets(present, quorum, entitled)


def is_deferred(count: Count, *, recused_count: bool) -> bool:
    """More than half of the entitled would rather decide later."""
    return exceeds(count.votes_defer, HALF, base(count, recused_count=recused_count))


def has_passed(count: Count, majority: Share, *, recused_count: bool) -> bool:
    if is_deferred(count, recused_count=recused_count):
        return False
    return exceeds(count.votes_for, majority, base(count, recused_count=recused_count))


def betrays(count: Count) -> bool:
    """Would the figures of a secret ballot tell what somebody in particular voted?

    Of all ballots alike everybody knows everybody's; of very few, one's own gives away much of
    the others'. That lies in the figures themselves: it can be said, not mended.
    """
    given = [number for number in count[2:] if number]
    return len(given) == 1 or 0 < sum(given) < FEW


def branch_outcome(tally: Tally, *, recused_count: bool) -> str:
    """agreed, against or split (BranchOutcome.Outcome)."""
    entitled = base(tally, recused_count=recused_count)
    if exceeds(tally.votes_for, HALF, entitled):
        return "agreed"
    if exceeds(tally.votes_against, HALF, entitled):
        return "against"
    return "split"


def share_for(tally: Tally, *, recused_count: bool) -> Fraction:
    """The yes votes as a part of the entitled; of nobody, nothing."""
    entitled = base(tally, recused_count=recused_count)
    return Fraction(tally.votes_for, entitled) if entitled else Fraction(0)


def place(candidates: Iterable[Candidate], places: int) -> Placing:
    """More yes votes first, then whatever the round compares in turn.

    Those who are level with the last place and do not all fit are tied: arithmetic does not
    choose between people.
    """
    standing = lambda one: (one.votes_for, *one.then)  # noqa: E731
    ordered = sorted(candidates, key=standing, reverse=True)
    if len(ordered) <= places:
        return Placing(frozenset(one.key for one in ordered), frozenset(), 0)
    if places == 0:
        return Placing(frozenset(), frozenset(), 0)
    line = standing(ordered[places - 1])
    above = frozenset(one.key for one in ordered if standing(one) > line)
    level = frozenset(one.key for one in ordered if standing(one) == line)
    left = places - len(above)
    if len(level) == left:
        return Placing(above | level, frozenset(), 0)
    return Placing(above, level, left)


def is_settled_by(placing: Placing, winners: Collection) -> bool:
    """Do these winners fill exactly the places left, out of those who are level?"""
    chosen = frozenset(winners)
    return len(chosen) == len(winners) == placing.left and chosen <= placing.tied


def settled(placing: Placing, winners: Collection) -> frozenset:
    """Everybody with a place once the tie is settled."""
    if not is_settled_by(placing, winners):
        raise ValueError("these winners do not settle the tie")
    return placing.placed | frozenset(winners)
