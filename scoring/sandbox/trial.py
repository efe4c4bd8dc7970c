"""What the sandbox shows of a half-year counted twice. Every question is one statement."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from scheme import periods
from scoring.models import RuleBook

STAGES = ("stacking", "item", "quarter", "half", "bonus", "floor")

# Both sides of a subject and star beside each other, with names. A person stands under the section
# of the half-year's end, or the last one before.
PAIRS = """
seat AS (
    SELECT DISTINCT ON (m.staff_id) m.staff_id, m.section_id
    FROM scheme_sectionmembership m JOIN scheme_staff s ON s.id = m.staff_id
    WHERE s.unit_id = %(unit)s AND m.start_on < %(until)s
    ORDER BY m.staff_id, m.start_on DESC
), pair AS (
    SELECT COALESCE(a.pool, b.pool) AS pool, COALESCE(a.subject, b.subject) AS subject,
           COALESCE(a.star, b.star) AS star, b.score AS score_before, a.score AS score_after,
           b.place AS place_before, a.place AS place_after, a.score - b.score AS moved
    FROM (SELECT * FROM sandbox_card WHERE side = 'after') a
    FULL JOIN (SELECT * FROM sandbox_card WHERE side = 'before') b
        ON b.subject = a.subject AND b.star = a.star
), named AS (
    SELECT pair.*, s.staff_no, COALESCE(s.name, own.name) AS name,
           COALESCE(seat.section_id, own.id) AS section_id,
           COALESCE(of_person.name, '') AS section_name,
           COALESCE(s.sort_weight, own.position, 0) AS weight, star.position AS star_position
    FROM pair
    LEFT JOIN scheme_staff s ON s.id = pair.subject
    LEFT JOIN scheme_section own ON own.id = -pair.subject
    LEFT JOIN seat ON seat.staff_id = pair.subject
    LEFT JOIN scheme_section of_person ON of_person.id = seat.section_id
    LEFT JOIN scheme_star star ON star.key = pair.star
)
"""
CHOSEN = """
(%(pool)s = '' OR pool = %(pool)s) AND (%(star)s = '*' OR star = %(star)s)
AND (%(section)s::bigint IS NULL OR section_id = %(section)s)
"""
MANY = f"WITH {PAIRS} SELECT count(*) FROM named WHERE {CHOSEN}"
MOVES = f"""
WITH {PAIRS}
SELECT pool, subject, star, COALESCE(staff_no, ''), name, section_name, score_before, score_after,
       moved, place_before, place_after
FROM named WHERE {CHOSEN}
ORDER BY {{order}} pool, weight, name, subject, star_position NULLS LAST
LIMIT %(limit)s OFFSET %(offset)s
"""
ORDERS = {
    "moved": "abs(moved) DESC NULLS LAST, abs(place_after - place_before) DESC NULLS LAST,",
    "place": "abs(place_after - place_before) DESC NULLS LAST, abs(moved) DESC NULLS LAST,",
    "after": "place_after NULLS LAST,",
    "office": "",
}
SUMMARY = f"""
WITH {PAIRS}
SELECT pool, star, count(*), count(*) FILTER (WHERE moved > 0), count(*) FILTER (WHERE moved < 0),
       count(*) FILTER (WHERE moved = 0), min(moved), max(moved),
       count(*) FILTER (WHERE place_before <> place_after)
FROM pair GROUP BY pool, star
"""
# Nothing earned is no place among the first. Of a long tie those come first who change hands.
HANDS = f"""
WITH {PAIRS}, wide AS (
    SELECT named.*, CASE pool WHEN 'person' THEN %(persons)s ELSE %(sections)s END AS seats
    FROM named WHERE star <> ''
), held AS (
    SELECT *, COALESCE(score_before > 0 AND place_before <= seats, false) AS held_before,
           COALESCE(score_after > 0 AND place_after <= seats, false) AS held_after
    FROM wide
), listed AS (
    SELECT *, row_number() OVER (
        PARTITION BY pool, star ORDER BY held_before DESC, place_before, held_after, weight, subject
    ) AS at_before, row_number() OVER (
        PARTITION BY pool, star ORDER BY held_after DESC, place_after, held_before, weight, subject
    ) AS at_after,
    count(*) FILTER (WHERE held_before) OVER (PARTITION BY pool, star) AS n_before,
    count(*) FILTER (WHERE held_after) OVER (PARTITION BY pool, star) AS n_after,
    count(*) FILTER (WHERE held_after AND NOT held_before) OVER (PARTITION BY pool, star) AS n_in,
    count(*) FILTER (WHERE held_before AND NOT held_after) OVER (PARTITION BY pool, star) AS n_out
    FROM held WHERE held_before OR held_after
)
SELECT pool, star, seats, n_before, n_after, n_in, n_out, COALESCE(staff_no, ''), name,
       section_name, score_before, score_after, place_before, place_after, held_before, held_after
FROM listed
WHERE held_before AND at_before <= %(shown)s OR held_after AND at_after <= %(shown)s
ORDER BY pool, star_position, LEAST(place_after, place_before), weight, subject
"""
# Buckets of equal width on both sides of an exact zero.
BUCKETS = f"""
WITH {PAIRS}
SELECT (sign(moved) * ceil(abs(moved) / %(width)s))::int AS bucket, count(*)
FROM pair WHERE pool = %(pool)s AND star = %(star)s AND moved IS NOT NULL
GROUP BY bucket ORDER BY bucket
"""
WIDEST = """
SELECT max(abs(a.score - b.score)) FROM sandbox_card a
JOIN sandbox_card b ON b.side = 'before' AND b.subject = a.subject AND b.star = a.star
WHERE a.side = 'after' AND a.pool = %(pool)s AND a.star = %(star)s
"""
RULES = """
SELECT side, rule_code, count(*), count(DISTINCT subject), sum(points), sum(points_counted)
FROM sandbox_counted GROUP BY side, rule_code
"""
# What each stage takes from a subject, in points whatever their sign. A late task is cut at
# 单项上限 in the entry already.
BITES = """
SELECT side, rule_code, stage, count(*), sum(abs(cut))
FROM (
    SELECT side, rule_code, subject, sum(points - after_stacking) AS stacking,
           sum(uncut - points) + sum(after_stacking - after_item) AS item,
           sum(after_item - after_quarter) AS quarter,
           sum(after_quarter - points_counted) AS half
    FROM sandbox_counted GROUP BY side, rule_code, subject
) AS of_rule, LATERAL (VALUES
    ('stacking', stacking), ('item', item), ('quarter', quarter), ('half', half)
) AS v(stage, cut)
WHERE cut <> 0 GROUP BY side, rule_code, stage
"""
# The cap on all bonuses, and what deductions could not take: of the cards, not of a rule.
LIMITS = """
SELECT side, pool, '' AS star, 'bonus' AS stage, count(*), sum(bonus_of_stars - bonus_of_total)
FROM (
    SELECT side, pool, subject, sum(bonus) FILTER (WHERE star <> '') AS bonus_of_stars,
           sum(bonus) FILTER (WHERE star = '') AS bonus_of_total
    FROM sandbox_card GROUP BY side, pool, subject
) AS of_subject WHERE bonus_of_stars > bonus_of_total GROUP BY side, pool
UNION ALL
SELECT side, pool, star, 'floor', count(*), -sum(base + deduction)
FROM sandbox_card WHERE star <> '' AND base + deduction < 0 GROUP BY side, pool, star
"""
UNPRICED = """
SELECT a.trigger, a.only_rule, a.level, a.role, a.pool, a.facts,
       COALESCE((SELECT b.facts FROM sandbox_unpriced b WHERE b.side = 'before'
                 AND (b.trigger, b.only_rule, b.level, b.role, b.pool)
                   = (a.trigger, a.only_rule, a.level, a.role, a.pool)), 0)
FROM sandbox_unpriced a WHERE a.side = 'after'
ORDER BY a.trigger, a.only_rule, a.level, a.role, a.pool
"""
CARDS = """
SELECT pool, CASE WHEN subject > 0 THEN subject END, CASE WHEN subject < 0 THEN -subject END,
       NULLIF(star, ''), base, deduction, bonus, score, place
FROM sandbox_card WHERE side = %(side)s
"""

# From this many on either side a list of holders is cut short: more than there are seats.
SHOWN = 60
# A tie of up to so many is read as names.
SHORT_TIE = 4
# Widths people read easily.
WIDTHS = [Decimal(10) ** power * n for power in (-2, -1, 0, 1, 2, 3) for n in (1, 2, 5)]
BUCKETS_A_SIDE = 6


class Move(NamedTuple):
    """One subject's one star (empty: the total) on both sides. None where it has no value."""

    pool: str
    subject: int
    star: str
    staff_no: str
    name: str
    section: str
    before: Decimal | None
    after: Decimal | None
    moved: Decimal | None
    place_before: int | None
    place_after: int | None

    @property
    def climbed(self) -> int | None:
        """By how many places; negative for down."""
        if self.place_before is None or self.place_after is None:
            return None
        return self.place_before - self.place_after

    @property
    def fell(self) -> int:
        return -(self.climbed or 0)


class Holder(NamedTuple):
    """Somebody within the places of a star on either side."""

    staff_no: str
    name: str
    section: str
    before: Decimal | None
    after: Decimal | None
    place_before: int | None
    place_after: int | None
    held_before: bool
    held_after: bool

    @property
    def change(self) -> str:
        if self.held_before == self.held_after:
            return "stays"
        return "in" if self.held_after else "out"


class Hand(NamedTuple):
    """A star of one pool and who would hold it. More holders than seats are a tie."""

    pool: str
    star: str
    seats: int
    n_before: int
    n_after: int
    n_in: int
    n_out: int
    holders: list[Holder]

    @property
    def before(self) -> "Side":
        return Side.of(self, [one for one in self.holders if one.held_before], "place_before")

    @property
    def after(self) -> "Side":
        return Side.of(self, [one for one in self.holders if one.held_after], "place_after")

    @property
    def unlisted(self) -> int:
        return self.n_after + self.n_out - len(self.holders)


class Side(NamedTuple):
    """The holders of one side in their order. A long tie across the last place stands apart:
    `tied` of its `tie` many are listed."""

    holders: list[Holder]
    tied: list[Holder]
    tie: int
    place: int | None

    @classmethod
    def of(cls, hand: Hand, held: list[Holder], place: str) -> "Side":
        many = getattr(hand, place.replace("place", "n"))
        held = sorted(held, key=lambda one: getattr(one, place))
        last = getattr(held[-1], place) if held else None
        tie = many - last + 1 if held else 0
        if many <= hand.seats or tie <= SHORT_TIE:
            return cls(held, [], 0, None)
        return cls(
            [one for one in held if getattr(one, place) < last],
            [one for one in held if getattr(one, place) == last],
            tie,
            last,
        )


class Summary(NamedTuple):
    """Of one pool and star: how many there are, went up, went down, stayed."""

    subjects: int
    up: int
    down: int
    same: int
    lowest: Decimal | None
    highest: Decimal | None
    places: int


class Bucket(NamedTuple):
    """`low` < difference ≤ `high` above zero, mirrored below it; both zero for no difference."""

    low: Decimal
    high: Decimal
    count: int


class Fired(NamedTuple):
    """What a rule yielded on one side."""

    entries: int = 0
    subjects: int = 0
    points: Decimal = Decimal(0)
    counted: Decimal = Decimal(0)


class Bite(NamedTuple):
    subjects: int = 0
    points: Decimal = Decimal(0)


class Unpriced(NamedTuple):
    trigger: str
    only_rule: str
    level: str
    role: str
    pool: str
    facts: int
    before: int


class Trial:
    """The two sides while they lie there. `in_force` is None before any book held."""

    def __init__(self, cursor, book: RuleBook, in_force: RuleBook | None, half: str):
        self._cursor, self.book, self.in_force, self.half = cursor, book, in_force, half
        self._values = {"unit": book.unit_id, "until": periods.half_span(half).until}

    def _rows(self, sql: str, **values) -> list[tuple]:
        assert connection.in_atomic_block
        self._cursor.execute(sql, {**self._values, **values})
        return self._cursor.fetchall()

    def how_many(self, *, pool: str = "", star: str = "*", section: int | None = None) -> int:
        ((count,),) = self._rows(MANY, pool=pool, star=star, section=section)
        return count

    def moves(
        self,
        *,
        pool: str = "",
        star: str = "*",
        section: int | None = None,
        order: str = "moved",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Move]:
        """Those asked for. `star`: "" the total, "*" every one."""
        rows = self._rows(
            MOVES.format(order=ORDERS[order]),
            pool=pool,
            star=star,
            section=section,
            limit=limit,
            offset=offset,
        )
        return [Move(*row) for row in rows]

    def summary(self) -> dict[tuple[str, str], Summary]:
        """By pool and star."""
        return {row[:2]: Summary(*row[2:]) for row in self._rows(SUMMARY)}

    def hands(self, *, persons: int, sections: int) -> list[Hand]:
        found: dict[tuple, list] = {}
        for row in self._rows(HANDS, persons=persons, sections=sections, shown=SHOWN):
            found.setdefault(row[:7], []).append(Holder(*row[7:]))
        return [Hand(*key, holders) for key, holders in found.items()]

    def differences(self, pool: str, star: str) -> list[Bucket]:
        """From the largest loss to the largest gain, the empty ones between them too."""
        ((widest,),) = self._rows(WIDEST, pool=pool, star=star)
        if widest is None:
            return []
        width = next((one for one in WIDTHS if one * BUCKETS_A_SIDE >= widest), WIDTHS[-1])
        counts = dict(self._rows(BUCKETS, pool=pool, star=star, width=width))
        ends = [0, *counts]
        return [
            Bucket(*_bounds(number, width), counts.get(number, 0))
            for number in range(min(ends), max(ends) + 1)
        ]

    def fired(self) -> dict[tuple[str, str], Fired]:
        """By side and rule."""
        return {row[:2]: Fired(*row[2:]) for row in self._rows(RULES)}

    def bites(self) -> dict[tuple[str, str, str], Bite]:
        """By side, rule and stage; only those that cut something."""
        return {row[:3]: Bite(*row[3:]) for row in self._rows(BITES)}

    def limits(self) -> dict[tuple[str, str, str, str], Bite]:
        """By side, pool, star (empty for the total) and stage: bonus or floor."""
        return {row[:4]: Bite(*row[4:]) for row in self._rows(LIMITS)}

    def unpriced(self) -> list[Unpriced]:
        """Facts of the half-year that fit no rule, or no tier of one, of the book on trial."""
        return [Unpriced(*row) for row in self._rows(UNPRICED)]

    def cards(self, side: str) -> Iterable[tuple]:
        """pool, person, section, star, base, deduction, bonus, score, place."""
        return self._rows(CARDS, side=side)


def _bounds(number: int, width: Decimal) -> tuple[Decimal, Decimal]:
    if number > 0:
        return (number - 1) * width, number * width
    if number < 0:
        return number * width, (number + 1) * width
    return Decimal(0), Decimal(0)
