"""Counting once more, in plain Python and entry by entry: what verifying sets against the SQL.

Slow and simple on purpose. It shares nothing with counting.py but the meaning of the rules.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from scoring.formulas import ZERO, half_up, star_score, total_score


class Entry(NamedTuple):
    """An entry that counts in the half-year. `alone`: outside stacking and caps."""

    pk: int
    subject: tuple[str, int]
    star: str
    kind: str
    rule: str
    points: Decimal
    item: str
    quarter: str
    order: tuple
    stacking: str
    cap_item: Decimal | None
    cap_quarter: Decimal | None
    cap_half: Decimal | None
    alone: bool


def counted(entries: Iterable[Entry]) -> dict[int, Decimal]:
    """What each entry counts, by its pk."""
    left = {}
    of_rule = defaultdict(list)
    for entry in entries:
        if entry.alone:
            left[entry.pk] = entry.points
        else:
            of_rule[entry.subject, entry.rule].append(entry)
    for own in of_rule.values():
        own.sort(key=lambda one: one.order)
        for item in _groups(own, lambda one: one.item):
            left |= _stacked(item)
            _cut(left, item, item[0].cap_item)
        for quarter in _groups(own, lambda one: one.quarter):
            _cut(left, quarter, quarter[0].cap_quarter)
        # Across the quarters the earlier quarter comes first, whatever the dates.
        own.sort(key=lambda one: (one.quarter, one.order))
        _cut(left, own, own[0].cap_half)
    return left


def _groups(entries: list[Entry], key) -> list[list[Entry]]:
    found = defaultdict(list)
    for entry in entries:
        found[key(entry)].append(entry)
    return list(found.values())


def _stacked(item: list[Entry]) -> dict[int, Decimal]:
    if item[0].stacking == "all":
        return {one.pk: one.points for one in item}
    largest = min(item, key=lambda one: (-abs(one.points), one.order))
    halved = item[0].stacking == "first_full"
    return {
        one.pk: one.points if one is largest else half_up(one.points / 2) if halved else ZERO
        for one in item
    }


def _cut(left: dict[int, Decimal], entries: list[Entry], cap: Decimal | None) -> None:
    """Cuts from the later ones what carries the sum beyond the cap, either way."""
    if cap is None:
        return
    run = ZERO
    for entry in entries:
        before = min(max(run, -cap), cap)
        run += left[entry.pk]
        left[entry.pk] = min(max(run, -cap), cap) - before


def cards(
    entries: list[Entry], stars_of: dict[tuple[str, int], list[str]], bonus_cap: Decimal
) -> dict[tuple, tuple[Decimal, ...]]:
    """(subject, star or None) → base, deduction, bonus, score. `stars_of`: every subject with the
    stars that have a value for it."""
    left = counted(entries)
    sums = defaultdict(lambda: dict.fromkeys(("base", "deduction", "bonus"), ZERO))
    for entry in entries:
        sums[entry.subject, entry.star][entry.kind] += left[entry.pk]
    found = {}
    for subject, stars in stars_of.items():
        # What counts under a star whose rules are switched off since still has its line.
        stars = {*stars, *(star for who, star in sums if who == subject)}
        lines = {star: tuple(sums[subject, star].values()) for star in stars}
        for star, parts in lines.items():
            found[subject, star] = (*parts, star_score(*parts))
        base, deduction, bonus = (sum((p[n] for p in lines.values()), ZERO) for n in range(3))
        total = total_score(lines.values(), bonus_cap)
        found[subject, None] = (base, deduction, min(bonus, bonus_cap), total)
    return found


def places(scores: dict[tuple, Decimal]) -> dict[tuple, int]:
    """Higher first, equal scores share the place, the next place skips."""
    return {
        who: 1 + sum(other > score for other in scores.values()) for who, score in scores.items()
    }
