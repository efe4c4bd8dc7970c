"""Where one stands among all: how many have about as much, and nobody's name.

Read from the newest frozen run, so that the page costs the same in any unit.
"""

from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from django.db import connection

from scoring.models import ScoreRun

BARS = 8
# Among fewer the bars would tell who is who.
FEWEST = 10

BUCKETS = """
SELECT floor(score / %(width)s) AS bucket, count(*)
FROM scoring_scorecard
WHERE run_id = %(run)s AND star_id IS NOT DISTINCT FROM %(star)s
  AND (person_id IS NOT NULL) = %(persons)s
GROUP BY bucket
"""
SPAN = """
SELECT count(*), min(score), max(score) FROM scoring_scorecard
WHERE run_id = %(run)s AND star_id IS NOT DISTINCT FROM %(star)s
  AND (person_id IS NOT NULL) = %(persons)s
"""


class Bar(NamedTuple):
    """From `low` up to, not including, `high`."""

    low: Decimal
    high: Decimal
    count: int
    own: bool


def bars_of(run: ScoreRun, star: str | None, *, persons: bool, own: Decimal) -> list[Bar]:
    """At most some eight bars from the lowest to the highest score; empty for a small pool."""
    values = {"run": run.pk, "star": star, "persons": persons}
    with connection.cursor() as cursor:
        cursor.execute(SPAN, values)
        count, low, high = cursor.fetchone()
        if count < FEWEST:
            return []
        width = max(((high - low) / BARS).to_integral_value(ROUND_CEILING), Decimal(1))
        cursor.execute(BUCKETS, values | {"width": width})
        counts = {int(bucket): number for bucket, number in cursor.fetchall()}
    first, last = int(low // width), int(high // width)
    return [
        Bar(n * width, (n + 1) * width, counts.get(n, 0), n == own // width)
        for n in range(first, last + 1)
    ]
