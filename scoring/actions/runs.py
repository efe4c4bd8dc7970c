"""Scorecards frozen: a pure function of the sealed rule book, the roster and the posted entries."""

import hashlib
import json
import logging
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers.models import PointEntry
from scheme import audit, clock, periods
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import Section, Staff, Unit
from scoring import queries
from scoring.models import RuleBook, Scorecard, ScoreRun

log = logging.getLogger(__name__)


class DifferentOutcome(Exception):
    """The same inputs gave another result: somebody has to look before anybody goes on."""


@transaction.atomic
def score(unit: Unit, half: str, *, by: Staff | None) -> ScoreRun:
    """The run of the half-year as the points book stands. The same inputs give the same run.

    `by` is None when the clock or the command line asks.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    try:
        periods.half_span(half)
    except ValueError:
        raise Refused(_("没有“%(half)s”这个半年。") % {"half": half}) from None
    book = queries.book_for(unit, half)
    if book is None:
        raise Refused(_("这个半年没有已批准的积分细则。"))
    if by is not None:
        require(by, "score.run", Anchor(unit.pk))
    inputs = input_hash(unit, half, book)
    cards = queries.scorecards(unit, half, book)
    outcome = output_hash(cards)
    run = ScoreRun.objects.filter(unit=unit, half=half, input_hash=inputs).first()
    if run:
        if run.output_hash != outcome:
            log.critical("run %s: same inputs, other outcome %s", run.pk, outcome)
            raise DifferentOutcome(f"run {run.pk}: {run.output_hash} is not {outcome}")
        return run
    run = ScoreRun.objects.create(
        unit=unit,
        half=half,
        book=book,
        input_hash=inputs,
        output_hash=outcome,
        asked_by=by,
        at=clock.now(),
    )
    Scorecard.objects.bulk_create(
        Scorecard(
            run=run,
            person_id=card.person_id,
            section_id=card.section_id,
            star_id=card.star_id,
            base=card.base,
            deduction=card.deduction,
            bonus=card.bonus,
            score=card.score,
            place=card.place,
        )
        for card in cards
    )
    audit.record(by, "score.run", run, after={"half": half, "output": outcome})
    return run


def input_hash(unit: Unit, half: str, book: RuleBook) -> str:
    """Of the book's digest, the roster of the half-year and the entries that count in it."""
    span = periods.half_span(half)
    people = Staff.objects.filter(unit=unit).subjects(*span).order_by("pk")
    sections = Section.objects.filter(unit=unit).order_by("pk")
    entries = PointEntry.objects.filter(unit=unit).in_quarters(periods.quarters_of(half))
    books = RuleBook.objects.filter(unit=unit, version__in=entries.values("book_version"))
    parts = [
        ["book", half, book.version, book.digest],
        ["people", *people.values_list("pk", "joined_on", "left_on")],
        ["sections", *sections.values_list("pk", "closed_on")],
        ["versions", *books.order_by("version").values_list("version", "digest")],
        [
            "entries",
            *entries.order_by("pk").values_list(
                "pk", "person", "section", "star", "kind", "rule_code", "book_version", "points",
                "event_on", "quarter__code", "item", "row", "reverses",
            ),
        ],
    ]  # fmt: skip
    return _digest(parts)


def output_hash(cards: list[queries.Card]) -> str:
    return _digest([card[:8] for card in cards])


def _digest(parts) -> str:
    text = json.dumps(parts, default=_plain, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value) -> str:
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)
