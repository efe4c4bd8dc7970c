"""Scorecards of entries: stacking, caps, stars, totals, places."""

import csv
import io
from decimal import Decimal

from . import facts, periods, workbooks
from .facts import PERSON, SECTION, half_up
from .workbooks import STARS

HEADER = ("对象", "主体", "星级", "基础", "扣分", "加分", "得分", "名次")
ZERO = Decimal(0)


def clip(value, cap):
    """Bounded in its absolute value."""
    return value if cap is None else max(-cap, min(cap, value))


def stacked(found, stacking):
    """[(entry, what it counts)] of the entries of one item."""
    largest = min(found, key=lambda entry: (-abs(entry.points), entry.day, entry.row))
    for entry in found:
        if stacking == "累加" or entry is largest:
            yield entry, entry.points
        elif stacking == "取最高":
            yield entry, ZERO
        else:
            yield entry, half_up(entry.points / 2)


def rule_sum(entries, tier) -> Decimal:
    """What the entries of one rule give one subject in the half-year."""
    items, quarters = {}, {}
    for entry in entries:
        items.setdefault(entry.item, []).append(entry)
    for found in items.values():
        left = tier.cap_item
        worth = sorted(stacked(found, tier.stacking), key=lambda pair: (pair[0].day, pair[0].row))
        for entry, points in worth:
            counted = clip(points, left)
            if left is not None:
                left -= abs(counted)
            quarters[entry.quarter] = quarters.get(entry.quarter, ZERO) + counted
    return clip(sum((clip(q, tier.cap_quarter) for q in quarters.values()), ZERO), tier.cap_half)


def pools(roster, half) -> dict:
    first, last = periods.span(half)
    days = periods.days(first, last)
    people = [
        no
        for no, person in roster.people.items()
        if person.section and any(person.on_roll(day) for day in days)
    ]
    sections = sorted(roster.sections, key=lambda name: roster.written.get(name, name))
    return {PERSON: sorted(people), SECTION: sections}


def card(subject, entries, rules) -> dict:
    """{star or 合计: (base, deductions, bonuses, score)}; None for a star without value."""
    sums = {star: {"基础分值": ZERO, "扣分情形": ZERO, "加分事项": ZERO} for star in STARS}
    tiers = {tier.code: tier for tier in rules.tiers}
    by_rule = {}
    for entry in entries:
        by_rule.setdefault(entry.code, []).append(entry)
    for code, found in by_rule.items():
        tier = tiers[code]
        sums[tier.star][tier.kind] += rule_sum(found, tier)
    valued = {tier.star for tier in rules.tiers if tier.enabled and tier.subject == subject[0]}
    made = {}
    for star in STARS:
        base, deductions, bonuses = sums[star].values()
        score = max(ZERO, base + deductions) + bonuses
        made[star] = (base, deductions, bonuses, score) if star in valued else None
    base, deductions, bonuses = (
        sum((row[n] for row in made.values() if row), ZERO) for n in range(3)
    )
    bonuses = min(rules.settings.bonus_cap, bonuses)
    kept = sum((max(ZERO, row[0] + row[1]) for row in made.values() if row), ZERO)
    made["合计"] = (base, deductions, bonuses, kept + bonuses)
    return made


def rows(roster, rules, entries, half) -> list[tuple]:
    """The lines of the scorecards, each a tuple of strings under HEADER."""
    by_subject = {}
    for entry in entries:
        if periods.half_of(entry.quarter) == half:
            by_subject.setdefault(entry.subject, []).append(entry)
    lines = []
    for kind, names in pools(roster, half).items():
        cards = {
            name: card((kind, name), by_subject.get((kind, name), ()), rules) for name in names
        }
        for name, made in cards.items():
            shown = roster.written.get(name, name)
            for star, values in made.items():
                if values is None:
                    lines.append((kind, shown, star, "", "", "", "", ""))
                    continue
                place = 1 + sum(other[star][3] > values[3] for other in cards.values())
                lines.append((kind, shown, star, *(f"{v + ZERO:.2f}" for v in values), str(place)))
    return lines


def as_csv(lines) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(lines)
    return out.getvalue()


def scorecards(folder, half="2026H1", facts_name=None, workdays=None) -> list[tuple]:
    """The lines that the three workbooks of a folder give."""
    roster = workbooks.read_roster(folder / "roster.xlsx")
    rules = workbooks.read_rules(folder / "rules.xlsx")
    found = workbooks.read_facts(folder / (facts_name or f"facts-{half}.xlsx"), roster, rules)
    posted = facts.entries(roster, rules, found, half, workdays)
    return rows(roster, rules, posted, half)
