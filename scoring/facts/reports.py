"""Facts of the daily reports: missing, late, graded. And the base points everybody has."""

# A report is owed on a working day by whoever is on the roll, in a section and not excused.
DUE = """
day AS (
    SELECT * FROM unnest(%(days)s::date[], %(cutoffs)s::timestamptz[], %(closes)s::timestamptz[])
        AS d(day, cutoff, closes)
), due AS (
    SELECT s.id AS person_id, s.name AS person_name, m.section_id, d.day, d.cutoff, d.closes
    FROM day d
    JOIN scheme_staff s ON s.unit_id = %(unit)s AND s.joined_on <= d.day
        AND (s.left_on IS NULL OR s.left_on > d.day)
    JOIN scheme_sectionmembership m ON m.staff_id = s.id AND m.start_on <= d.day
        AND (m.end_on IS NULL OR m.end_on > d.day)
    WHERE NOT EXISTS (
        SELECT FROM scheme_absence a WHERE a.staff_id = s.id AND a.start_on <= d.day
        AND (a.end_on IS NULL OR a.end_on >= d.day)
    )
), filed AS (
    SELECT due.*, r.id AS report_id, r.first_filed_at, r.grade, r.state,
           reviewer.name AS reviewer, r.reviewed_by_id,
           COALESCE(date_trunc('second', r.first_filed_at) <= due.closes, false) AS in_time,
           date_trunc('second', r.first_filed_at) > due.cutoff AS late
    FROM due
    LEFT JOIN ledgers_dailyreport r ON r.author_id = due.person_id AND r.day = due.day
        AND r.state <> 'draft'
    LEFT JOIN scheme_staff reviewer ON reviewer.id = r.reviewed_by_id
), met AS (
    SELECT filed.*, trigger FROM filed, LATERAL (VALUES
        ('report_missing', NOT in_time),
        ('report_late', in_time AND late),
        ('report_good', in_time AND state = 'accepted' AND grade = 'good'),
        ('report_poor', in_time AND state = 'accepted' AND grade = 'poor')
    ) AS t(trigger, holds) WHERE holds
)
"""
REPORTS = """
SELECT trigger, '' AS only_rule, person_id, section_id, '' AS level, '' AS role,
       1::numeric AS factor, day AS event_on, 'report:' || person_id || ':' || day AS source,
       'report:' || person_id || ':' || day AS item, 0 AS row,
       jsonb_strip_nulls(jsonb_build_object(
           'day', day, 'person', person_id, 'name', person_name, 'report', report_id,
           'filed_at', first_filed_at, 'cutoff', cutoff, 'closes', closes,
           'grade', NULLIF(grade, ''), 'reviewer', reviewer
       )) AS fact,
       NULL::bigint AS proposed_by,
       CASE WHEN trigger IN ('report_good', 'report_poor') THEN reviewed_by_id END AS checked_by,
       NULL::bigint AS approved_by
FROM met
"""

# Once a half-year for every subject on the roll at any time of it; on the first day there.
BASE = """
SELECT 'base' AS trigger, '' AS only_rule, s.id AS person_id, NULL::bigint AS section_id,
       '' AS level, '' AS role, 1::numeric AS factor, GREATEST(s.joined_on, h.first) AS event_on,
       'base:' || h.half || ':p' || s.id AS source, 'base:' || h.half || ':p' || s.id AS item,
       0 AS row,
       jsonb_build_object('half', h.half, 'joined_on', s.joined_on, 'name', s.name) AS fact,
       NULL::bigint AS proposed_by, NULL::bigint AS checked_by, NULL::bigint AS approved_by
FROM half h
JOIN scheme_staff s ON s.unit_id = %(unit)s AND s.joined_on < h.until
    AND (s.left_on IS NULL OR s.left_on > GREATEST(s.joined_on, h.first))
WHERE GREATEST(s.joined_on, h.first) <= %(today)s AND EXISTS (
    SELECT FROM scheme_sectionmembership m WHERE m.staff_id = s.id
    AND m.start_on < h.until AND (m.end_on IS NULL OR m.end_on > h.first)
)
UNION ALL
SELECT 'base', '', NULL, c.id, '', '', 1, h.first, 'base:' || h.half || ':s' || c.id,
       'base:' || h.half || ':s' || c.id, 0,
       jsonb_build_object('half', h.half, 'name', c.name), NULL, NULL, NULL
FROM half h JOIN scheme_section c ON c.unit_id = %(unit)s
    AND (c.closed_on IS NULL OR c.closed_on > h.first)
WHERE h.first <= %(today)s
"""
HALVES = """
half AS (
    SELECT * FROM unnest(%(halves)s::text[], %(half_firsts)s::date[], %(half_untils)s::date[])
        AS h(half, first, until)
)
"""
