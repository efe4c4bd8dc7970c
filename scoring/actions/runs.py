"""Scorecards frozen: a pure function of the sealed rule book, the roster and the posted entries."""

import hashlib
import logging

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ledgers.models import PointEntry
from scheme import audit, clock, periods
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import Staff, Unit
from scoring import counting, fingerprints, queries
from scoring.models import RuleBook, ScoreRun

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
        begins = periods.half_span(half).first
    except ValueError:
        raise Refused(_("没有“%(half)s”这个半年。") % {"half": half}) from None
    if begins > clock.today():
        raise Refused(_("%(half)s还没有开始。") % {"half": half})
    book = queries.book_for(unit, half)
    if book is None:
        raise Refused(_("这个半年没有已批准的积分细则。"))
    if by is not None:
        require(by, "score.run", Anchor(unit.pk))
    inputs = input_hash(unit, half, book)
    with connection.cursor() as cursor:
        outcome = _draft(cursor, unit, half, book)
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
        cursor.execute(STORE, {"run": run.pk})
    audit.record(by, "score.run", run, after={"half": half, "output": outcome})
    return run


# Set at once: the cards are drafted, hashed, and stored as they were drafted.
DRAFT = f"CREATE TEMPORARY TABLE scorecard_draft ON COMMIT DROP AS {counting.EXPLAINED}"
STORE = """
INSERT INTO scoring_scorecard
    (run_id, person_id, section_id, star_id, base, deduction, bonus, score, place, tree)
SELECT %(run)s, person_id, section_id, star_id, base, deduction, bonus, score, place, tree
FROM scorecard_draft
"""


def _draft(cursor, unit: Unit, half: str, book: RuleBook) -> str:
    """Lays the cards in a table of this transaction's own and returns their hash."""
    cursor.execute("DROP TABLE IF EXISTS scorecard_draft")
    cursor.execute(DRAFT, queries.parameters(unit, half, book))
    cursor.execute(fingerprints.DRAFT)
    return cursor.fetchone()[0]


def input_hash(unit: Unit, half: str, book: RuleBook) -> str:
    """Of the book's digest, the subjects of the half-year and the entries that count in it."""
    entries = PointEntry.objects.filter(unit=unit).in_quarters(periods.quarters_of(half))
    books = RuleBook.objects.filter(unit=unit, version__in=entries.values("book_version"))
    digests = books.order_by("version").values_list("version", "digest")
    lines = [f"{half} {book.version} {book.digest}"]
    lines += [f"{version} {digest}" for version, digest in digests]
    with connection.cursor() as cursor:
        cursor.execute(fingerprints.INPUT, queries.parameters(unit, half, book))
        lines += sorted(line for (line,) in cursor.fetchall())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def standing(unit: Unit, half: str) -> ScoreRun | None:
    """The run of the books as they stand, be it an older one; None when they have moved on."""
    book = queries.book_for(unit, half)
    if book is None:
        return None
    inputs = input_hash(unit, half, book)
    return ScoreRun.objects.filter(unit=unit, half=half, input_hash=inputs).first()


@transaction.atomic
def output_now(unit: Unit, half: str, book: RuleBook) -> str:
    """The output hash the books give today."""
    with connection.cursor() as cursor:
        return _draft(cursor, unit, half, book)


def recomputed_hash(run: ScoreRun) -> str:
    """The output hash of a run as its stored cards give it."""
    with connection.cursor() as cursor:
        cursor.execute(fingerprints.STORED, {"run": run.pk})
        return cursor.fetchone()[0]
