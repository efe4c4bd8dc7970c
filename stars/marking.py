"""How the points a branch gives come to one figure: exact fractions, no database and no clock.

The order is: first one highest and one lowest mark go, if the round says so and enough were given;
then each class has its own mean; then the classes are weighed. Of two equal marks the one of a
member who does not lead goes first, so that the result does not hang on the order of the rows.
"""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import NamedTuple

# Fewer marks are not trimmed: with four, half of the branch would be left out.
LEAST_TO_TRIM = 5
PLACES = Decimal("0.001")


class Given(NamedTuple):
    points: int
    leads: bool = False


class Marked(NamedTuple):
    """`mean` is None when nobody gave; `trimmed` says whether two marks were left out."""

    mean: Fraction | None
    given: int
    trimmed: bool


def mean(marks: Iterable[Given], *, trimmed: bool, leaders_weight: int) -> Marked:
    """The mean by the rules of the round. A class without marks leaves the other one whole."""
    kept = sorted(marks, key=lambda one: (one.points, one.leads))
    given, cut = len(kept), trimmed and len(kept) >= LEAST_TO_TRIM
    if cut:
        lowest = kept[0]
        highest = max(kept, key=lambda one: (one.points, not one.leads))
        kept.remove(lowest)
        kept.remove(highest)
    if not kept:
        return Marked(None, given, cut)
    if leaders_weight:
        leaders, others = (
            _plain(one for one in kept if one.leads is lead) for lead in (True, False)
        )
        if leaders is not None and others is not None:
            weight = Fraction(leaders_weight, 100)
            return Marked(weight * leaders + (1 - weight) * others, given, cut)
    return Marked(_plain(kept), given, cut)


def _plain(marks: Iterable[Given]) -> Fraction | None:
    points = [one.points for one in marks]
    return Fraction(sum(points), len(points)) if points else None


def outcome(mean_: Fraction | None, *, agreed_from: int, against_below: int) -> str:
    """agreed, against or split (BranchOutcome.Outcome); nothing given is no word either way."""
    if mean_ is None:
        return "split"
    if mean_ >= agreed_from:
        return "agreed"
    return "against" if mean_ < against_below else "split"


def kept(mean_: Fraction | None) -> Decimal | None:
    """As it is written down: cut off, never rounded up, so that no figure on paper reaches a line
    the mean itself does not reach."""
    if mean_ is None:
        return None
    whole = Decimal(mean_.numerator * 1000 // mean_.denominator)
    return (whole / 1000).quantize(PLACES, rounding=ROUND_FLOOR)
