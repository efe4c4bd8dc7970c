"""Facts of the key tasks and of their supervision: closed in time, late, returned, named."""

from django.conf import settings

from scoring.facts.ledgers import IN_REACH, NOBODY, PRESENT

# `number` counts the working days up to and including each day, so that a span of days is one
# subtraction. A task is late by the working days after its deadline until it was closed, or until
# its half-year ended; closed on rest days right after the deadline it is in time. While a package
# waits for its review the task is as late as it will be once the package is accepted, which closes
# it on the day of filing: whoever reviews slowly makes nobody late.
WORKED = f"""
numbered AS MATERIALIZED (
    SELECT day, is_working, sum(is_working::int) OVER (ORDER BY day) AS number
    FROM scheme_calendarday
), deadline AS MATERIALIZED (
    SELECT t.*, CASE WHEN t.extended_to IS NOT NULL AND t.extension_granted_on < t.due_on
               THEN t.extended_to ELSE t.due_on END AS deadline,
           COALESCE(t.closed_on, CASE WHEN t.state IN ('reported', 'reviewed')
               THEN (t.reported_at AT TIME ZONE '{settings.TIME_ZONE}')::date END) AS ended_on
    FROM ledgers_task t WHERE t.unit_id = %(unit)s
        AND t.state NOT IN ('draft', 'filed', 'returned', 'cancelled')
), worked AS MATERIALIZED (
    SELECT t.*, late.day AS late_from, half.last AS half_last, ended.number - due.number AS late_by,
           t.ended_on <= t.deadline OR closed.number = due.number AS in_time
    FROM deadline t
    LEFT JOIN numbered due ON due.day = t.deadline
    LEFT JOIN numbered late ON late.is_working AND late.number = due.number + 1
    LEFT JOIN LATERAL (
        SELECT (date_trunc('year', late.day)
            + CASE WHEN date_part('month', late.day) < 7 THEN INTERVAL '6 months - 1 day'
                   ELSE INTERVAL '1 year - 1 day' END)::date AS last
    ) half ON true
    LEFT JOIN numbered closed ON closed.day = t.ended_on
    LEFT JOIN numbered ended ON ended.day = LEAST(t.ended_on, half.last)
)
"""

_TASK = """
    'task', x.id, 'number', x.number, 'title', x.title, 'difficulty', x.difficulty,
    'deadline', x.deadline, 'closed_on', x.closed_on
"""
_DONE = f"x.closed_on IS NOT NULL AND x.in_time AND {IN_REACH.format(day='x.closed_on')}"
DONE = f"""
SELECT 'task_done', '', s.id, NULL::bigint, '', '', x.difficulty * h.share * 0.01, x.closed_on,
       'task:' || x.id || ':done', x.number, x.row,
       jsonb_build_object({_TASK}, 'share', h.share, 'handler', h.role), {NOBODY}
FROM worked x
JOIN ledgers_taskhandler h ON h.task_id = x.id
{PRESENT.format(person="h.person_id", day="x.closed_on")}
WHERE {_DONE}
UNION ALL
SELECT 'task_done', '', NULL, x.lead_id, '', '', x.difficulty::numeric, x.closed_on,
       'task:' || x.id || ':done', x.number, x.row, jsonb_build_object({_TASK}), {NOBODY}
FROM worked x
WHERE {_DONE}
"""

# Known for good once the task is closed or its half-year is over; until then nothing is posted,
# or the book would be written anew every day.
_LATE = f"""
    NOT COALESCE(x.in_time, false) AND x.late_by >= 1 AND x.state <> 'suspended'
    AND (x.closed_on <= %(today)s OR x.half_last < %(today)s)
    AND {IN_REACH.format(day="x.late_from")}
"""
_LATE_FACT = f"jsonb_strip_nulls(jsonb_build_object({_TASK}, 'late_by', x.late_by))"
LATE = f"""
SELECT 'task_overdue', '', s.id, NULL::bigint, '', '', 1 + (x.late_by - 1) * 0.25, x.late_from,
       'task:' || x.id || ':late', x.number, x.row, {_LATE_FACT}, {NOBODY}
FROM worked x
JOIN ledgers_taskhandler h ON h.task_id = x.id AND h.role = 'main'
{PRESENT.format(person="h.person_id", day="x.late_from")}
WHERE {_LATE}
UNION ALL
SELECT 'task_overdue', '', NULL, x.lead_id, '', '', 1 + (x.late_by - 1) * 0.25, x.late_from,
       'task:' || x.id || ':late', x.number, x.row, {_LATE_FACT}, {NOBODY}
FROM worked x
WHERE {_LATE}
"""

_RETURN = f"jsonb_build_object('note', n.id, 'text', n.text, {_TASK})"
_RETURNED = f"""
    n.unit_id = %(unit)s AND n.kind = 'returned' AND n.state = 'stands'
    AND {IN_REACH.format(day="n.day")}
"""
RETURNED = f"""
SELECT 'task_returned', '', s.id, NULL::bigint, '', '', 1::numeric, n.day,
       'returned:' || n.id, x.number, n.row, {_RETURN}, {NOBODY}
FROM ledgers_supervisionnote n
JOIN worked x ON x.id = n.task_id
JOIN ledgers_taskhandler h ON h.task_id = x.id AND h.role = 'main'
{PRESENT.format(person="h.person_id", day="n.day")}
WHERE {_RETURNED}
UNION ALL
SELECT 'task_returned', '', NULL, x.lead_id, '', '', 1::numeric, n.day,
       'returned:' || n.id, x.number, n.row, {_RETURN}, {NOBODY}
FROM ledgers_supervisionnote n
JOIN worked x ON x.id = n.task_id
WHERE {_RETURNED}
"""

NAMED = f"""
SELECT 'named', '', NULL::bigint, n.section_id, '', '', 1::numeric, n.day,
       'named:' || n.id, 'named:' || n.id, n.row,
       jsonb_build_object('note', n.id, 'text', n.text), {NOBODY}
FROM ledgers_supervisionnote n
WHERE n.unit_id = %(unit)s AND n.kind = 'named' AND n.state = 'stands'
  AND {IN_REACH.format(day="n.day")}
"""

SOURCES = (DONE, LATE, RETURNED, NAMED)
PREFIXES = ("task", "returned", "named")
