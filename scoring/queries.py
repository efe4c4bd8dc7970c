"""Scorecards and counted entries, read live from the points book. Sets, not loops.

Other rooms use `scorecard_of` (one subject's five stars and total, with places), `scorecards`
(the whole unit's) and `book_for`.
"""

from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from scheme import clock, periods
from scheme.models import Section, Staff, Star, Unit
from scoring import counting
from scoring.models import RuleBook


class StarLine(NamedTuple):
    """One star of a scorecard; the total has no star. `pool` is how many are ranked with it."""

    star: Star | None
    base: Decimal
    deduction: Decimal
    bonus: Decimal
    score: Decimal
    place: int
    pool: int


class Card(NamedTuple):
    """A row of the whole unit's scorecards; `star_id` is empty on the total."""

    person_id: int | None
    section_id: int | None
    star_id: str | None
    base: Decimal
    deduction: Decimal
    bonus: Decimal
    score: Decimal
    place: int
    pool: int


class Counted(NamedTuple):
    """What is left of an entry's points after each stage; the last is what it counts."""

    entry_id: int
    points: Decimal
    after_stacking: Decimal
    after_item: Decimal
    after_quarter: Decimal
    counted: Decimal
    rule_code: str

    @property
    def cut_by(self) -> list[str]:
        """Which stages took something away: stacking, item, quarter, half."""
        stages = zip(("stacking", "item", "quarter", "half"), self[1:5], self[2:6], strict=True)
        return [name for name, before, after in stages if before != after]


def book_for(unit: Unit, half: str) -> RuleBook | None:
    """The rule book a half-year is scored by: in force on its last day, or today if sooner."""
    return RuleBook.objects.in_force(unit, min(periods.half_span(half).last, clock.today()))


def parameters(unit: Unit, half: str, book: RuleBook, **more) -> dict:
    """What the statements of counting.py are run with."""
    span = periods.half_span(half)
    return {
        "unit": unit.pk,
        "book": book.pk,
        "bonus_cap": book.bonus_cap,
        "codes": list(periods.quarters_of(half)),
        "first": span.first,
        "until": span.until,
        "person": None,
        "section": None,
        "only_person": None,
        "only_section": None,
        **more,
    }


def _rows(sql: str, unit: Unit, half: str, book: RuleBook, **more) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters(unit, half, book, **more))
        return cursor.fetchall()


def scorecards(
    unit: Unit, half: str, book: RuleBook | None = None, *, through: str = ""
) -> list[Card]:
    """Every subject's every star and total, persons first; empty before a book is in force.

    `through`: a quarter of the half-year; what counts in a later one is left out.
    """
    book = book or book_for(unit, half)
    if book is None:
        return []
    codes = [code for code in periods.quarters_of(half) if not through or code <= through]
    return [Card(*row) for row in _rows(counting.CARDS, unit, half, book, codes=codes)]


def scorecard_of(
    person: Staff | None = None,
    section: Section | None = None,
    *,
    half: str,
    book: RuleBook | None = None,
) -> list[StarLine]:
    """One subject's stars that have a value, in their order, then the total (star None).

    Computed from the points book as it stands; places are within the unit's pool of persons or of
    sections. Empty when nothing is in force, or the subject is in no pool of that half-year.
    """
    subject = person or section
    unit = subject.unit
    book = book or book_for(unit, half)
    if book is None:
        return []
    rows = _rows(
        counting.CARDS,
        unit,
        half,
        book,
        only_person=person.pk if person else None,
        only_section=section.pk if section and not person else None,
    )
    stars = Star.objects.in_bulk()
    return [StarLine(stars.get(card.star_id), *card[3:]) for card in map(Card._make, rows)]


def counted_entries(
    book: RuleBook, half: str, *, person: Staff | None = None, section: Section | None = None
) -> dict[int, Counted]:
    """By entry id, what each entry of one subject counts in the half-year.

    Entries that were reversed within the half-year, and those reversals, are not in it: they
    count nothing.
    """
    rows = _rows(
        counting.ENTRIES,
        (person or section).unit,
        half,
        book,
        person=person.pk if person else None,
        section=section.pk if section and not person else None,
    )
    return {row[0]: Counted(*row) for row in rows}
