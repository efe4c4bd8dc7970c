"""Facts become entries: what should stand in the points book, what stands there, the difference.

A few statements write the difference, each a set. Exactly once rests on the table's unique indexes
(`entry_posted_once`, one reversal an entry), whoever runs how often and at the same time.
"""

import hashlib
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from ledgers import deadlines
from scheme import clock, periods, workdays
from scheme.models import Unit
from scoring import facts
from scoring.querysets import HOLDING

# The version that holds on a day: from `first_day` until the day before `next_from`. One that was
# used and retired later still prices the days it was in force on.
BOOKS = f"""
book AS MATERIALIZED (
    SELECT *, in_force_from AS first_day,
           lead(in_force_from) OVER (ORDER BY in_force_from, version) AS next_from
    FROM scoring_rulebook WHERE unit_id = %(unit)s AND {HOLDING}
)
"""

# Each fact under each rule and tier it fits, by the book in force on its day. What a task is late
# is cut at 单项上限 in the entry already.
PRICED = f"""
{facts.CTES},
fact (trigger, only_rule, person_id, section_id, level, role, factor, event_on, source, item, row,
      fact, proposed_by, checked_by, approved_by)
AS ({" UNION ALL ".join(facts.SOURCES)}),
price AS MATERIALIZED (
    SELECT r.trigger, r.code, r.title, r.star_id, r.kind, r.subject AS pool, r.cap_item,
           t.level, t.role, t.points, b.version, b.first_day, b.next_from
    FROM book b
    JOIN scoring_rule r ON r.book_id = b.id
    JOIN scoring_tier t ON t.rule_id = r.id AND t.enabled
),
priced AS (
    -- One number tells subjects apart, so that the joins below can hash.
    SELECT CASE p.pool WHEN 'person' THEN f.person_id ELSE -f.section_id END AS subject,
           CASE WHEN p.pool = 'person' THEN f.person_id END AS person_id,
           CASE WHEN p.pool = 'section' THEN f.section_id END AS section_id,
           p.star_id, p.kind, p.code AS rule_code, p.title AS rule_title, p.version, p.trigger,
           round(p.points * f.factor, 2) AS uncut,
           CASE WHEN p.trigger = 'task_overdue' AND p.cap_item IS NOT NULL
               THEN LEAST(GREATEST(round(p.points * f.factor, 2), -p.cap_item), p.cap_item)
               ELSE round(p.points * f.factor, 2)
           END AS points,
           f.event_on, f.source, f.item, f.row, f.fact, f.proposed_by, f.checked_by, f.approved_by
    FROM fact f
    JOIN price p ON p.trigger = f.trigger AND p.level IN ('', f.level) AND p.role IN ('', f.role)
        AND f.only_rule IN ('', p.code)
        AND p.first_day <= f.event_on AND (p.next_from IS NULL OR p.next_from > f.event_on)
)
"""
WANTED = f"""
CREATE TEMPORARY TABLE posting_wanted ON COMMIT DROP AS
WITH {BOOKS},
{PRICED}
SELECT * FROM priced WHERE subject IS NOT NULL AND points <> 0
"""
PAST = f"""
CREATE TEMPORARY TABLE posting_past ON COMMIT DROP AS
WITH {facts.reports.HALVES}
SELECT e.*, COALESCE(e.person_id, -e.section_id) AS subject,
       EXISTS (SELECT FROM ledgers_pointentry r WHERE r.reverses_id = e.id) AS is_reversed
FROM ledgers_pointentry e
WHERE e.unit_id = %(unit)s AND e.reverses_id IS NULL
  AND e.event_on BETWEEN %(earliest)s AND %(latest)s AND {facts.HELD}
"""
# What stands and is no fact any more; what is a fact and does not stand.
DIFFERENCE = """
gone AS (
    SELECT past.* FROM posting_past past WHERE NOT is_reversed AND NOT EXISTS (
        SELECT FROM posting_wanted w WHERE w.source = past.source
        AND w.rule_code = past.rule_code AND w.subject = past.subject AND w.points = past.points
        AND w.event_on = past.event_on AND w.item = past.item
    )
),
last AS (
    SELECT source, rule_code, subject, max(posting) AS posting
    FROM posting_past GROUP BY source, rule_code, subject
),
new AS (
    SELECT w.*, COALESCE(last.posting, 0) + 1 AS posting
    FROM posting_wanted w
    LEFT JOIN last ON last.source = w.source AND last.rule_code = w.rule_code
        AND last.subject = w.subject
    WHERE NOT EXISTS (
        SELECT FROM posting_past past WHERE NOT is_reversed AND w.source = past.source
        AND w.rule_code = past.rule_code AND w.subject = past.subject
        AND w.points = past.points AND w.event_on = past.event_on AND w.item = past.item
    )
)
"""

# The open quarter the entry counts in: that of its date or, when closed, the next open one.
QUARTER = """
(SELECT q.id FROM ledgers_quarter q WHERE q.unit_id = %(unit)s AND q.closed_at IS NULL
 AND q.ends_on > {event} ORDER BY q.starts_on LIMIT 1)
"""

REVERSE = f"""
WITH {DIFFERENCE}
INSERT INTO ledgers_pointentry (
    unit_id, person_id, section_id, star_id, kind, rule_code, rule_title, book_version, points,
    event_on, quarter_id, source, item, row, posting, fact, reverses_id, note, posted_at
)
SELECT unit_id, person_id, section_id, star_id, kind, rule_code, rule_title, book_version, -points,
       event_on, {QUARTER.format(event="event_on")}, source, item, row, posting, fact, id, '',
       %(at)s
FROM gone ORDER BY event_on, source, rule_code
ON CONFLICT (reverses_id) DO NOTHING
"""

INTO = """
INSERT INTO ledgers_pointentry (
    unit_id, person_id, section_id, star_id, kind, rule_code, rule_title, book_version, points,
    event_on, quarter_id, source, item, row, posting, fact, proposed_by_id, checked_by_id,
    approved_by_id, note, posted_at
)
"""
ONCE = """
ON CONFLICT (unit_id, source, rule_code, person_id, section_id, posting)
    WHERE reverses_id IS NULL DO NOTHING
"""
POST = f"""
WITH {DIFFERENCE}
{INTO}SELECT %(unit)s, person_id, section_id, star_id, kind, rule_code, rule_title, version, points,
       event_on, {QUARTER.format(event="event_on")}, source, item, row, posting, fact, proposed_by,
       checked_by, approved_by, '', %(at)s
FROM new ORDER BY event_on, source, rule_code
{ONCE}"""
# A fact whose date has moved here from a half-year out of reach was posted under its source there:
# its next posting is told by the whole book.
MOVED_HERE = f"""
WITH {DIFFERENCE}
{INTO}SELECT %(unit)s, new.person_id, new.section_id, new.star_id, new.kind, new.rule_code,
       new.rule_title, new.version, new.points, new.event_on,
       {QUARTER.format(event="new.event_on")}, new.source, new.item, new.row,
       old.posting + 1, new.fact, new.proposed_by, new.checked_by, new.approved_by, '', %(at)s
FROM new
JOIN LATERAL (
    SELECT max(e.posting) AS posting,
           bool_or(e.event_on = new.event_on AND e.points = new.points AND e.item = new.item
                   AND r.id IS NULL) AS stands
    FROM ledgers_pointentry e LEFT JOIN ledgers_pointentry r ON r.reverses_id = e.id
    WHERE e.unit_id = %(unit)s AND e.source = new.source AND e.rule_code = new.rule_code
      AND COALESCE(e.person_id, -e.section_id) = new.subject AND e.reverses_id IS NULL
) old ON NOT old.stands
ORDER BY new.event_on, new.source, new.rule_code
{ONCE}"""

COUNT_NEW = f"WITH {DIFFERENCE} SELECT count(*) FROM new"

# One line for each act that is due; its number makes a recurring one a new one.
DRIFT = f"""
WITH {DIFFERENCE}
SELECT 'reverse ' || id::text AS line FROM gone
UNION ALL
SELECT concat_ws(' ', 'post', source, rule_code, person_id, section_id, posting) FROM new
ORDER BY line
"""


class Reach(NamedTuple):
    """Which settled days and half-years a posting looks at. `last` is the last settled day."""

    unit: Unit
    first: date
    last: date
    at: datetime

    @property
    def halves(self) -> list[str]:
        """Half-years the days lie in, and the present one: it has its base from its first day."""
        found = {periods.half_of(self.first), periods.half_of(clock.local(self.at).date())}
        day = self.first
        while day <= self.last:
            found.add(periods.half_of(day))
            day = periods.half_span(periods.half_of(day)).until
        return sorted(found)


def settled_until(unit: Unit, at: datetime, *, since: date) -> date:
    """The last day of which nothing can be filed in time any more; the day before `since` if none.

    A rest day is settled with the working day before it.
    """
    today = clock.local(at).date()
    if since > today:
        return since - timedelta(days=1)
    limits = deadlines.deadlines(unit, since, today)
    moment = at.replace(microsecond=0)
    for day in workdays.between(since, today):
        if day not in limits or moment <= limits[day].closes:
            return day - timedelta(days=1)
    return today


def reach(unit: Unit, first: date, last: date, at: datetime) -> Reach:
    """The part of the days that is settled at that instant."""
    return Reach(unit, first, min(last, settled_until(unit, at, since=first)), at)


def parameters(reach: Reach) -> dict:
    days, limits = [], {}
    if reach.first <= reach.last:
        limits = deadlines.deadlines(reach.unit, reach.first, reach.last)
        days = [day for day in workdays.between(reach.first, reach.last) if day in limits]
    spans = [periods.half_span(half) for half in reach.halves]
    today = clock.local(reach.at).date()
    return {
        "unit": reach.unit.pk,
        "first": reach.first,
        "last": reach.last,
        "today": today,
        "at": reach.at,
        "days": days,
        "cutoffs": [limits[day].cutoff for day in days],
        "closes": [limits[day].closes for day in days],
        "earliest": min([reach.first, *(span.first for span in spans)]),
        "latest": max([reach.last, *(span.last for span in spans)]),
        "ledger_last": min(today, max(span.last for span in spans)),
        "halves": reach.halves,
        "half_firsts": [span.first for span in spans],
        "half_untils": [span.until for span in spans],
    }


def lay_out(values: dict) -> None:
    """Prices the facts and picks up what stands, once for everything that follows in this
    transaction; both tables are its own and go with it."""
    with _planned() as cursor:
        cursor.execute("DROP TABLE IF EXISTS posting_wanted, posting_past")
        cursor.execute(WANTED, values)
        cursor.execute(PAST, values)


def reverse(values: dict) -> int:
    """Reverses what is no fact any more. Returns how many entries. After `lay_out`."""
    with _planned() as cursor:
        cursor.execute(REVERSE, values)
        return cursor.rowcount


def post(values: dict) -> int:
    """Posts the facts that have no entry in force. Returns how many entries. After `lay_out`."""
    with _planned() as cursor:
        cursor.execute(COUNT_NEW)
        (due,) = cursor.fetchone()
        cursor.execute(POST, values)
        posted = cursor.rowcount
        if posted < due:
            cursor.execute(MOVED_HERE, values)
            posted += cursor.rowcount
        return posted


@transaction.atomic
def differences(reach: Reach) -> list[str]:
    """One line for each act that posting would do now; empty when the book is up to date."""
    lay_out(parameters(reach))
    with _planned() as cursor:
        cursor.execute(DRIFT)
        return [line for (line,) in cursor.fetchall()]


def drift(reach: Reach) -> str:
    """A fingerprint of what posting would do now; empty when the book is up to date."""
    lines = differences(reach)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32] if lines else ""


@contextmanager
def _planned():
    """The planner cannot know how many facts there will be, takes it for one or two, and would
    compare each with each; every join here can hash."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
        yield cursor
        cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")
