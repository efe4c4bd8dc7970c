"""The same sums, written by hand for just these facts and just these rules: the floor.

It knows the rules by heart (the demo's: base points, reports, adopted items), keeps no versions, no
sources, no reversals and no explanations, and cannot be run twice. It must come out the same.
"""

TABLES = """
DROP TABLE IF EXISTS hand_entry, hand_card;
CREATE TABLE hand_entry (
    unit_id bigint, person_id bigint, section_id bigint, star text, kind text, rule text,
    points numeric(14, 2), day date, quarter int, item text
);
CREATE TABLE hand_card (
    unit_id bigint, person_id bigint, section_id bigint, star text, base numeric, deduction numeric,
    bonus numeric, score numeric, place int
);
"""

ENTRIES = """
WITH limits AS (
    SELECT d.day, (
        (SELECT min(n.day) FROM scheme_calendarday n WHERE n.is_working AND n.day > d.day)
        + TIME '10:00') AT TIME ZONE 'Asia/Shanghai' AS cutoff,
        (d.day + 7 + TIME '23:59:59') AT TIME ZONE 'Asia/Shanghai' AS week
    FROM scheme_calendarday d
    WHERE d.is_working AND d.day >= %(first)s AND d.day < %(until)s
), due AS (
    SELECT s.unit_id, s.id AS person_id, m.section_id, l.day, l.cutoff,
           r.first_filed_at AS at, r.grade,
           r.first_filed_at <= GREATEST(l.cutoff, l.week) AS in_time
    FROM limits l
    CROSS JOIN scheme_staff s
    JOIN scheme_sectionmembership m ON m.staff_id = s.id
    LEFT JOIN ledgers_dailyreport r ON r.author_id = s.id AND r.day = l.day
    WHERE s.unit_id = ANY(%(units)s)
), reported AS (
    SELECT due.*, v.* FROM due CROSS JOIN LATERAL (VALUES
        ('精业-扣-01', 'deduction', -0.20, true, NOT COALESCE(in_time, false)),
        ('精业-扣-11', 'deduction', -0.05, false, NOT COALESCE(in_time, false)),
        ('精业-扣-02', 'deduction', -0.10, true, in_time AND at > cutoff),
        ('精业-扣-03', 'deduction', -0.50, true, in_time AND grade = 'poor'),
        ('精业-加-01', 'bonus', 0.05, true, in_time AND grade = 'good')
    ) AS v(rule, kind, points, own, holds) WHERE holds
), base AS (
    SELECT * FROM (VALUES
        ('勤学-基-01', 'xue', 20, true), ('笔耕-基-01', 'geng', 10, true),
        ('精业-基-01', 'ye', 20, true), ('效能-基-01', 'xiao', 10, true),
        ('创新-基-01', 'xin', 5, true), ('勤学-基-11', 'xue', 20, false),
        ('笔耕-基-11', 'geng', 10, false), ('精业-基-11', 'ye', 20, false),
        ('效能-基-11', 'xiao', 20, false), ('创新-基-11', 'xin', 5, false)
    ) AS v(rule, star, points, own)
)
INSERT INTO hand_entry
SELECT unit_id, CASE WHEN own THEN person_id END, CASE WHEN NOT own THEN section_id END, 'ye', kind,
       rule, points, day, EXTRACT(quarter FROM day), 'report:' || person_id || ':' || day
FROM reported
UNION ALL
SELECT s.unit_id, s.id, NULL, star, 'base', rule, points, %(first)s, 1, ''
FROM scheme_staff s JOIN scheme_sectionmembership m ON m.staff_id = s.id CROSS JOIN base
WHERE own AND s.unit_id = ANY(%(units)s)
UNION ALL
SELECT c.unit_id, NULL, c.id, star, 'base', rule, points, %(first)s, 1, ''
FROM scheme_section c CROSS JOIN base WHERE NOT own AND c.unit_id = ANY(%(units)s)
UNION ALL
SELECT w.unit_id, c.person_id, NULL, 'geng', 'bonus', '笔耕-加-01',
       CASE w.level WHEN 'province' THEN 5 ELSE 2 END, w.adopted_on,
       EXTRACT(quarter FROM w.adopted_on), w.title_key
FROM ledgers_writingitem w JOIN ledgers_writingcredit c ON c.item_id = w.id
WHERE w.unit_id = ANY(%(units)s)
"""

CARDS = """
WITH caps (rule, quarter_cap, half_cap, highest) AS (VALUES
    ('精业-扣-01', 4, NULL::numeric, false), ('精业-扣-11', 2, NULL, false),
    ('精业-扣-02', 2, NULL, false), ('精业-扣-03', 2, 3, false), ('精业-加-01', 1.5, 2.5, false),
    ('笔耕-加-01', NULL, 15, true)
), stacked AS (
    SELECT e.*, c.quarter_cap, c.half_cap, CASE WHEN c.highest AND row_number() OVER (
        PARTITION BY e.person_id, e.rule, e.item ORDER BY e.points DESC, e.day) > 1
        THEN 0 ELSE e.points END AS kept
    FROM hand_entry e LEFT JOIN caps c ON c.rule = e.rule
), quarters AS (
    SELECT unit_id, person_id, section_id, star, kind, rule, max(half_cap) AS half_cap,
           GREATEST(LEAST(sum(kept), COALESCE(max(quarter_cap), 1e9)),
                    -COALESCE(max(quarter_cap), 1e9)) AS points
    FROM stacked GROUP BY unit_id, person_id, section_id, star, kind, rule, quarter
), halves AS (
    SELECT unit_id, person_id, section_id, star, kind,
           GREATEST(LEAST(sum(points), COALESCE(max(half_cap), 1e9)),
                    -COALESCE(max(half_cap), 1e9)) AS points
    FROM quarters GROUP BY unit_id, person_id, section_id, star, kind, rule
), stars AS (
    SELECT unit_id, person_id, section_id, star,
           COALESCE(sum(points) FILTER (WHERE kind = 'base'), 0) AS base,
           COALESCE(sum(points) FILTER (WHERE kind = 'deduction'), 0) AS deduction,
           COALESCE(sum(points) FILTER (WHERE kind = 'bonus'), 0) AS bonus
    FROM halves GROUP BY unit_id, person_id, section_id, star
), lines AS (
    SELECT *, GREATEST(0, base + deduction) + bonus AS score FROM stars
    UNION ALL
    SELECT unit_id, person_id, section_id, NULL, sum(base), sum(deduction), LEAST(20, sum(bonus)),
           sum(GREATEST(0, base + deduction)) + LEAST(20, sum(bonus))
    FROM stars GROUP BY unit_id, person_id, section_id
)
INSERT INTO hand_card
SELECT *, rank() OVER (PARTITION BY unit_id, person_id IS NULL, star ORDER BY score DESC)
FROM lines
"""
