"""Which half-years there is anything to try a rule book on, and how many are ranked in one."""

from django.db import connection

from scheme import clock, periods
from scheme.models import Unit
from scoring import counting

WITH_FACTS = """
SELECT h.half
FROM unnest(%(halves)s::text[], %(firsts)s::date[], %(untils)s::date[]) AS h(half, first, until)
WHERE EXISTS (SELECT FROM ledgers_quarter q WHERE q.unit_id = %(unit)s
              AND q.starts_on >= h.first AND q.starts_on < h.until
              AND EXISTS (SELECT FROM ledgers_pointentry e WHERE e.quarter_id = q.id))
   OR EXISTS (SELECT FROM ledgers_dailyreport x WHERE x.unit_id = %(unit)s
              AND x.state <> 'draft' AND x.day >= h.first AND x.day < h.until)
   OR EXISTS (SELECT FROM ledgers_monthlysummary x WHERE x.unit_id = %(unit)s
              AND x.month >= h.first AND x.month < h.until)
   OR EXISTS (SELECT FROM ledgers_studysession x WHERE x.unit_id = %(unit)s
              AND x.day >= h.first AND x.day < h.until)
   OR EXISTS (SELECT FROM ledgers_talk x WHERE x.unit_id = %(unit)s
              AND x.day >= h.first AND x.day < h.until)
   OR EXISTS (SELECT FROM ledgers_writingitem x WHERE x.unit_id = %(unit)s
              AND x.adopted_on >= h.first AND x.adopted_on < h.until)
   OR EXISTS (SELECT FROM ledgers_task x WHERE x.unit_id = %(unit)s
              AND (x.due_on >= h.first AND x.due_on < LEAST(h.until, %(today)s)
                   OR x.closed_on >= h.first AND x.closed_on < h.until))
   OR EXISTS (SELECT FROM ledgers_supervisionnote x WHERE x.unit_id = %(unit)s
              AND x.day >= h.first AND x.day < h.until)
   OR EXISTS (SELECT FROM ledgers_promotion x WHERE x.unit_id = %(unit)s
              AND x.promoted_on >= h.first AND x.promoted_on < h.until)
   OR EXISTS (SELECT FROM scoring_declaration x WHERE x.unit_id = %(unit)s
              AND x.state = 'confirmed' AND x.document_on >= h.first AND x.document_on < h.until)
ORDER BY h.half DESC
"""
# As far back as anybody would want to try a rule book.
YEARS = 5


def halves_with_facts(unit: Unit) -> list[str]:
    """Newest first, the present one included when it has any. One query."""
    today = clock.today()
    codes = [f"{today.year - n}H{part}" for n in range(YEARS + 1) for part in (1, 2)]
    spans = {code: periods.half_span(code) for code in codes}
    values = {
        "unit": unit.pk,
        "today": today,
        "halves": [code for code in codes if spans[code].first <= today],
        "firsts": [spans[code].first for code in codes if spans[code].first <= today],
        "untils": [spans[code].until for code in codes if spans[code].first <= today],
    }
    with connection.cursor() as cursor:
        cursor.execute(WITH_FACTS, values)
        return [half for (half,) in cursor.fetchall()]


def subjects_of(unit: Unit, half: str) -> int:
    """How many persons and sections are ranked in the half-year."""
    span = periods.half_span(half)
    values = {"unit": unit.pk, "first": span.first, "until": span.until}
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {counting.SUBJECTS} SELECT count(*) FROM subjects", values)
        return cursor.fetchone()[0]
