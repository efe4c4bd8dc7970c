"""Points and their mean, exactly; against a plain reading of the rule."""

from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest

from stars import marking
from stars.marking import Given


def marks(*points, leaders=()):
    return [Given(one) for one in points] + [Given(one, True) for one in leaders]


def mean(given, trimmed=False, weight=0):
    return marking.mean(given, trimmed=trimmed, leaders_weight=weight)


def test_the_plain_mean_is_exact():
    assert mean(marks(80, 81, 81)).mean == Fraction(242, 3)
    assert mean(marks()) == (None, 0, False)


@pytest.mark.parametrize(
    ("points", "expected", "cut"),
    [
        ((0, 80, 90, 90), Fraction(65), False),  # four: nothing is left out
        ((0, 80, 80, 80, 100), Fraction(80), True),
        ((70, 70, 70, 70, 70), Fraction(70), True),
        ((100, 100, 60, 60, 60, 60), Fraction(70), True),  # one of each, not all of them
    ],
)
def test_one_highest_and_one_lowest_go_from_five_on(points, expected, cut):
    got = mean(marks(*points), trimmed=True)
    assert (got.mean, got.given, got.trimmed) == (expected, len(points), cut)


def test_classes_are_weighed_and_an_empty_one_leaves_the_other_whole():
    assert mean(marks(60, 80, leaders=(100,)), weight=40).mean == 40 + Fraction(60, 100) * 70
    assert mean(marks(60, 80), weight=40).mean == 70
    assert mean(marks(leaders=(90,)), weight=40).mean == 90
    assert mean(marks(60, 80, leaders=(100,)), weight=0).mean == 80


def test_trimming_comes_before_weighing():
    given = marks(0, 80, 80, leaders=(90, 100))
    # 0 and 100 go; leaders 90, others 80.
    assert mean(given, trimmed=True, weight=50).mean == 85


def test_the_order_of_the_rows_does_not_matter():
    given = marks(60, 95, leaders=(60, 95, 80))
    results = {mean(list(order), True, 30).mean for order in permutations(given)}
    # Of equal ones those who do not lead went: only leaders are left.
    assert results == {Fraction(60 + 95 + 80, 3)}


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (Fraction(80), "agreed"),
        (Fraction(79_999_999, 1_000_000), "split"),
        (Fraction(60), "split"),
        (Fraction(59_999_999, 1_000_000), "against"),
        (None, "split"),
    ],
)
def test_the_lines_are_met_exactly(value, word):
    assert marking.outcome(value, agreed_from=80, against_below=60) == word


def test_what_is_written_never_reaches_a_line_the_mean_does_not():
    assert marking.kept(Fraction(79_999_999, 1_000_000)) == Decimal("79.999")
    assert marking.kept(Fraction(242, 3)) == Decimal("80.666")
    assert marking.kept(Fraction(100)) == Decimal("100.000")
    assert marking.kept(None) is None
