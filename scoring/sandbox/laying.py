"""Counts a half-year by two sets of rules side by side, in tables that go with the transaction.

Both sides take the same way: the facts of the ledgers are priced and counted by the statements the
points book itself is written and counted with (scoring/posting.py, scoring/counting.py). Only the
books differ: each day's own on the one side; on the other the book on trial from the half-year's
first day, with its deadlines of the daily report, as if it had come into force that day.

The database itself guards that nothing is written: the transaction is read only once its tables
are there, and is rolled back whatever happens.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from django.db import connection, transaction

from ledgers import deadlines
from ledgers.models import ReportPolicy
from scheme import clock, periods, workdays
from scheme.models import Unit
from scoring import counting, facts, posting, queries
from scoring.models import RuleBook
from scoring.querysets import HOLDING
from scoring.sandbox.trial import Trial

BEFORE, AFTER = "before", "after"

TABLES = """
CREATE TEMPORARY TABLE sandbox_live (
    side text, outside boolean, id bigint, person_id bigint, section_id bigint, star_id text,
    kind text, rule_code text, item text, event_on date, row integer, uncut numeric,
    points numeric, quarter text, stacking text, cap_item numeric, cap_quarter numeric,
    cap_half numeric
) ON COMMIT DROP;
CREATE TEMPORARY TABLE sandbox_counted (
    side text, subject bigint, person_id bigint, section_id bigint, star_id text, kind text,
    rule_code text, uncut numeric, points numeric, after_stacking numeric, after_item numeric,
    after_quarter numeric, points_counted numeric
) ON COMMIT DROP;
CREATE TEMPORARY TABLE sandbox_card (
    side text, subject bigint, pool text, star text, base numeric, deduction numeric,
    bonus numeric, score numeric, place bigint
) ON COMMIT DROP;
CREATE TEMPORARY TABLE sandbox_unpriced (
    side text, trigger text, only_rule text, level text, role text, pool text, facts bigint
) ON COMMIT DROP;
"""

# Days before the half-year stay with the book they had: late facts of them may count in it.
TRIED = f"""
book AS MATERIALIZED (
    SELECT b.*, b.in_force_from AS first_day,
           COALESCE(lead(b.in_force_from) OVER (ORDER BY b.in_force_from, b.version),
                    %(start)s::date) AS next_from
    FROM scoring_rulebook b
    WHERE b.unit_id = %(unit)s AND {HOLDING} AND b.in_force_from < %(start)s
    UNION ALL
    SELECT b.*, %(start)s::date, NULL::date FROM scoring_rulebook b WHERE b.id = %(book)s
)
"""

# A fact counts in the quarter of its date, save where the points book says that it was recorded
# after its quarter had closed: then it stays where it counts, whatever rule prices it.
LATE = """
late AS MATERIALIZED (
    SELECT e.source, COALESCE(e.person_id, -e.section_id) AS subject, e.rule_code, r.trigger,
           q.code AS quarter
    FROM ledgers_pointentry e
    JOIN ledgers_quarter q ON q.id = e.quarter_id
    LEFT JOIN scoring_rulebook b ON b.unit_id = e.unit_id AND b.version = e.book_version
    LEFT JOIN scoring_rule r ON r.book_id = b.id AND r.code = e.rule_code
    WHERE e.unit_id = %(unit)s AND e.reverses_id IS NULL
      AND e.id NOT IN (SELECT x.reverses_id FROM ledgers_pointentry x
                       WHERE x.unit_id = %(unit)s AND x.reverses_id IS NOT NULL)
      AND e.source IN (SELECT o.source FROM ledgers_pointentry o
                       JOIN ledgers_quarter oq ON oq.id = o.quarter_id
                       WHERE o.unit_id = %(unit)s AND o.reverses_id IS NULL
                       AND oq.starts_on > o.event_on)
), late_by_rule AS (
    SELECT source, subject, rule_code, max(quarter) AS quarter FROM late
    GROUP BY source, subject, rule_code
), late_by_trigger AS (
    SELECT source, subject, trigger, max(quarter) AS quarter FROM late
    GROUP BY source, subject, trigger
)
"""
# Facts nobody prices, and the others with the stacking and the caps of the book on this side.
PRICE = f"""
{posting.PRICED}, {LATE},
unpriced AS (
    INSERT INTO sandbox_unpriced
    SELECT %(side)s, f.trigger, f.only_rule, f.level, f.role,
           CASE WHEN f.person_id IS NULL THEN 'section' ELSE 'person' END AS pool, count(*)
    FROM fact f
    WHERE f.event_on BETWEEN %(start)s AND %(ledger_last)s AND NOT EXISTS (
        SELECT FROM price p WHERE p.trigger = f.trigger AND p.level IN ('', f.level)
        AND p.role IN ('', f.role) AND f.only_rule IN ('', p.code) AND p.first_day <= f.event_on
        AND (p.next_from IS NULL OR p.next_from > f.event_on)
        AND CASE p.pool WHEN 'person' THEN f.person_id ELSE f.section_id END IS NOT NULL
    )
    GROUP BY f.trigger, f.only_rule, f.level, f.role, 6
), quartered_fact AS (
    SELECT p.*, COALESCE(
        by_rule.quarter, by_trigger.quarter, to_char(p.event_on, 'YYYY"Q"Q')
    ) AS quarter
    FROM priced p
    LEFT JOIN late_by_rule by_rule ON by_rule.source = p.source AND by_rule.subject = p.subject
        AND by_rule.rule_code = p.rule_code
    LEFT JOIN late_by_trigger by_trigger ON by_trigger.source = p.source
        AND by_trigger.subject = p.subject AND by_trigger.trigger = p.trigger
    WHERE p.subject IS NOT NULL AND p.points <> 0
)
INSERT INTO sandbox_live
SELECT %(side)s, false, row_number() OVER (ORDER BY f.event_on, f.source, f.rule_code),
       f.person_id, f.section_id, f.star_id, f.kind, f.rule_code, f.item, f.event_on, f.row,
       f.uncut, f.points, f.quarter,
       COALESCE(ruled.stacking, own.stacking, 'all'),
       CASE WHEN ruled.id IS NULL THEN own.cap_item ELSE ruled.cap_item END,
       CASE WHEN ruled.id IS NULL THEN own.cap_quarter ELSE ruled.cap_quarter END,
       CASE WHEN ruled.id IS NULL THEN own.cap_half ELSE ruled.cap_half END
FROM quartered_fact f
LEFT JOIN scoring_rule ruled ON ruled.book_id = %(book)s AND ruled.code = f.rule_code
LEFT JOIN scoring_rulebook past ON past.unit_id = %(unit)s AND past.version = f.version
LEFT JOIN scoring_rule own ON own.book_id = past.id AND own.code = f.rule_code
WHERE f.quarter = ANY(%(codes)s)
"""

# What no ledger yields, and what was put right across half-years, stands as it was posted.
CARRY = f"""
WITH {counting.LIVE}
INSERT INTO sandbox_live
SELECT %(side)s, l.outside, -l.id, l.person_id, l.section_id, l.star_id, l.kind, l.rule_code,
       l.item, l.event_on, l.row, l.points, l.points, l.quarter, l.stacking, l.cap_item,
       l.cap_quarter, l.cap_half
FROM live l JOIN ledgers_pointentry e ON e.id = l.id
WHERE l.outside
   OR split_part(e.source, ':', 1) <> ALL(%(derived)s)
   OR e.id IN (SELECT x.reverses_id FROM ledgers_pointentry x
               WHERE x.unit_id = %(unit)s AND x.reverses_id IS NOT NULL)
"""
DERIVED = ["report", "base", *facts.ledgers.PREFIXES, *facts.tasks.PREFIXES]

COUNT = f"""
WITH live AS (SELECT * FROM sandbox_live WHERE side = %(side)s), {counting.STAGES}
INSERT INTO sandbox_counted
SELECT side, COALESCE(person_id, -section_id), person_id, section_id, star_id, kind, rule_code,
       uncut, points, after_stacking, after_item, after_quarter, points_counted
FROM counted
"""
PLACE = f"""
WITH counted AS (SELECT * FROM sandbox_counted WHERE side = %(side)s),
{counting.SUBJECTS}, {counting.PLACED}
INSERT INTO sandbox_card
SELECT %(side)s, COALESCE(person_id, -section_id), pool, COALESCE(star_id, ''), base, deduction,
       bonus, score, place
FROM placed
"""

# Late facts of earlier days count in this half-year too.
EARLIEST = """
SELECT min(e.event_on) FROM ledgers_pointentry e
JOIN ledgers_quarter q ON q.id = e.quarter_id AND q.code = ANY(%(codes)s)
WHERE e.unit_id = %(unit)s AND e.reverses_id IS NULL AND e.event_on < %(start)s
"""


@contextmanager
def laid_out(book: RuleBook, half: str) -> Iterator[Trial]:
    """The half-year counted as the rules were, and as if `book` had been in force from its first
    day. Whatever asks for results does so inside."""
    unit = book.unit
    in_force = queries.book_for(unit, half)
    span = periods.half_span(half)
    common = {"start": span.first, "codes": list(periods.quarters_of(half)), "unit": unit.pk}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            cursor.execute("SET TRANSACTION READ ONLY")
            # As in posting: the planner takes every set here for a row or two.
            cursor.execute(
                "SELECT set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true)"
            )
            cursor.execute(EARLIEST, common)
            earliest = cursor.fetchone()[0] or span.first
            own = list(ReportPolicy.objects.filter(unit=unit).order_by("in_force_from", "pk"))
            past = _facts_of(unit, half, earliest, own)
            _lay(cursor, BEFORE, unit, half, in_force, posting.BOOKS, past)
            tried = _facts_of(unit, half, earliest, _policies(own, book, span.first))
            _lay(cursor, AFTER, unit, half, book, TRIED, tried)
            yield Trial(cursor, book, in_force, half)
        transaction.set_rollback(True)


def _policies(own: list[ReportPolicy], book: RuleBook, start: date) -> list[ReportPolicy]:
    """The deadlines of the daily report as they would have been."""
    earlier = [policy for policy in own if policy.in_force_from < start]
    return [
        *earlier,
        ReportPolicy(
            unit=book.unit,
            in_force_from=start,
            cutoff=book.report_cutoff,
            backfill_days=book.backfill_days,
        ),
    ]


def _facts_of(unit: Unit, half: str, earliest: date, policies: list[ReportPolicy]) -> dict:
    """What the statements of scoring/facts are run with, for what counts in one half-year."""
    now, span = clock.now(), periods.half_span(half)
    today = clock.local(now).date()
    last = min(span.last, today)
    limits = deadlines.deadlines(unit, earliest, last, policies=policies)
    days = []
    for day in workdays.between(earliest, last):
        if day not in limits or now.replace(microsecond=0) <= limits[day].closes:
            break
        days.append(day)
    codes, first = [], earliest
    while first < span.until:
        codes.append(periods.half_of(first))
        first = periods.half_span(codes[-1]).until
    return {
        "days": days,
        "cutoffs": [limits[day].cutoff for day in days],
        "closes": [limits[day].closes for day in days],
        "first": earliest,
        "last": last,
        "today": today,
        "earliest": earliest,
        "ledger_last": last,
        "halves": codes,
        "half_firsts": [periods.half_span(code).first for code in codes],
        "half_untils": [periods.half_span(code).until for code in codes],
    }


def _lay(
    cursor, side: str, unit: Unit, half: str, book: RuleBook | None, books: str, values: dict
) -> None:
    span = periods.half_span(half)
    values = {
        **values,
        "unit": unit.pk,
        "side": side,
        "start": span.first,
        "book": book.pk if book else None,
        "codes": list(periods.quarters_of(half)),
        "derived": DERIVED,
        "person": None,
        "section": None,
        "bonus_cap": book.bonus_cap if book else None,
    }
    cursor.execute(f"WITH {books}, {PRICE}", values)
    cursor.execute(CARRY, values)
    cursor.execute(COUNT, values)
    cursor.execute(PLACE, {**values, "first": span.first, "until": span.until})
