"""Pure arithmetic on points: exact decimals, two places, half-up of the absolute value."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


def half_up(value: Decimal) -> Decimal:
    """−0.125 → −0.13. Decimal's ROUND_HALF_UP already rounds the absolute value."""
    return value.quantize(CENT, ROUND_HALF_UP)


def star_score(base: Decimal, deduction: Decimal, bonus: Decimal) -> Decimal:
    """Deductions eat the base and nothing else (扣完为止)."""
    return max(ZERO, base + deduction) + bonus


def total_score(stars: Iterable[tuple[Decimal, Decimal, Decimal]], bonus_cap: Decimal) -> Decimal:
    """From (base, deduction, bonus) of each star. The cap on all bonuses leaves the stars alone."""
    stars = list(stars)
    kept = sum((max(ZERO, base + deduction) for base, deduction, _bonus in stars), ZERO)
    return kept + min(bonus_cap, sum((bonus for _base, _deduction, bonus in stars), ZERO))
