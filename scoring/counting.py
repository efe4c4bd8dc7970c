"""The SQL that turns entries into scores: stacking, caps, stars, totals and places.

Each window runs in the order of event date, then row. A cap is applied as the difference of two
clipped running sums, so what exceeds it is cut from the later entries and the sum over all of them
is the clipped sum.

An entry and its reversal that count in the same half-year both drop out. One reversed in a later
half-year stays on the earlier card, and the reversal counts on the later one as it is: outside
stacking and caps, which know nothing of the other half-year's entries.
"""

# The entries of the points book. Parameters: unit, book, codes (of both quarters), person and
# section (ids to keep, or null).
LIVE = """
live AS (
    SELECT e.reverses_id IS NOT NULL AS outside, e.id, e.person_id, e.section_id, e.star_id,
           e.kind, e.rule_code, e.item, e.event_on,
           e.row, e.points, q.code AS quarter,
           CASE WHEN e.reverses_id IS NOT NULL THEN 'all'
               ELSE COALESCE(ruled.stacking, own.stacking, 'all') END AS stacking,
           CASE WHEN e.reverses_id IS NOT NULL THEN NULL WHEN ruled.id IS NULL THEN own.cap_item
               ELSE ruled.cap_item END AS cap_item,
           CASE WHEN e.reverses_id IS NOT NULL THEN NULL WHEN ruled.id IS NULL THEN own.cap_quarter
               ELSE ruled.cap_quarter END AS cap_quarter,
           CASE WHEN e.reverses_id IS NOT NULL THEN NULL WHEN ruled.id IS NULL THEN own.cap_half
               ELSE ruled.cap_half END AS cap_half
    FROM ledgers_pointentry e
    JOIN ledgers_quarter q ON q.id = e.quarter_id AND q.code = ANY(%(codes)s)
    LEFT JOIN scoring_rule ruled ON ruled.book_id = %(book)s AND ruled.code = e.rule_code
    LEFT JOIN scoring_rulebook past ON past.unit_id = e.unit_id AND past.version = e.book_version
    LEFT JOIN scoring_rule own ON own.book_id = past.id AND own.code = e.rule_code
    WHERE e.unit_id = %(unit)s
      AND (%(person)s::bigint IS NULL OR e.person_id = %(person)s)
      AND (%(section)s::bigint IS NULL OR e.section_id = %(section)s)
      -- Sets without a reference to the outer row: they are hashed whatever the planner believes.
      AND e.id NOT IN (
          SELECT r.reverses_id FROM ledgers_pointentry r
          JOIN ledgers_quarter rq ON rq.id = r.quarter_id AND rq.code = ANY(%(codes)s)
          WHERE r.unit_id = %(unit)s AND r.reverses_id IS NOT NULL
      )
      AND (e.reverses_id IS NULL OR e.reverses_id NOT IN (
          SELECT o.id FROM ledgers_pointentry o
          JOIN ledgers_quarter oq ON oq.id = o.quarter_id AND oq.code = ANY(%(codes)s)
          WHERE o.unit_id = %(unit)s
      ))
)
"""

# What stacking and each cap leave of what is `live`.
STAGES = """
ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY outside, person_id, section_id, rule_code, item
        ORDER BY abs(points) DESC, event_on, row, id
    ) AS size_place
    FROM live
), stacked AS (
    SELECT *, CASE
        WHEN stacking = 'all' OR size_place = 1 THEN points
        WHEN stacking = 'first_full' THEN round(points / 2, 2)
        ELSE 0
    END AS after_stacking
    FROM ranked
), item_run AS (
    SELECT *, sum(after_stacking) OVER (
        PARTITION BY outside, person_id, section_id, rule_code, item ORDER BY event_on, row, id
    ) AS run
    FROM stacked
), itemed AS (
    SELECT *, CASE WHEN cap_item IS NULL THEN after_stacking
        ELSE LEAST(GREATEST(run, -cap_item), cap_item)
             - LEAST(GREATEST(run - after_stacking, -cap_item), cap_item)
    END AS after_item
    FROM item_run
), quarter_run AS (
    SELECT *, sum(after_item) OVER (
        PARTITION BY outside, person_id, section_id, rule_code, quarter ORDER BY event_on, row, id
    ) AS in_quarter
    FROM itemed
), quartered AS (
    SELECT *, CASE WHEN cap_quarter IS NULL THEN after_item
        ELSE LEAST(GREATEST(in_quarter, -cap_quarter), cap_quarter)
             - LEAST(GREATEST(in_quarter - after_item, -cap_quarter), cap_quarter)
    END AS after_quarter
    FROM quarter_run
), half_run AS (
    SELECT *, sum(after_quarter) OVER (
        PARTITION BY outside, person_id, section_id, rule_code ORDER BY quarter, event_on, row, id
    ) AS in_half
    FROM quartered
), counted AS (
    SELECT *, CASE WHEN cap_half IS NULL THEN after_quarter
        ELSE LEAST(GREATEST(in_half, -cap_half), cap_half)
             - LEAST(GREATEST(in_half - after_quarter, -cap_half), cap_half)
    END AS points_counted
    FROM half_run
)
"""

COUNTED = f"{LIVE}, {STAGES}"

# Who is ranked in a half-year. Parameters: unit; first, until (the half-year's days).
SUBJECTS = """
subjects AS (
    SELECT s.id AS person_id, NULL::bigint AS section_id, 'person' AS pool
    FROM scheme_staff s
    WHERE s.unit_id = %(unit)s AND s.joined_on < %(until)s
      AND (s.left_on IS NULL OR s.left_on > GREATEST(s.joined_on, %(first)s))
      AND EXISTS (
          SELECT FROM scheme_sectionmembership m WHERE m.staff_id = s.id
          AND m.start_on < %(until)s AND (m.end_on IS NULL OR m.end_on > %(first)s)
      )
    UNION ALL
    SELECT NULL, c.id, 'section' FROM scheme_section c
    WHERE c.unit_id = %(unit)s AND (c.closed_on IS NULL OR c.closed_on > %(first)s)
)
"""

# One row per subject and star that has a value, and one (star empty) for the total. Parameters:
# book, bonus_cap.
PLACED = """
valued AS (
    SELECT DISTINCT r.subject AS pool, r.star_id
    FROM scoring_rule r JOIN scoring_tier t ON t.rule_id = r.id AND t.enabled
    WHERE r.book_id = %(book)s
), starred AS (
    -- Added up together with a zero for each star that has a value, rather than joined to it.
    SELECT max(pool) AS pool, max(person_id) AS person_id, max(section_id) AS section_id, star_id,
           sum(base) AS base, sum(deduction) AS deduction, sum(bonus) AS bonus
    FROM (
        SELECT COALESCE(j.person_id, -j.section_id) AS subject, v.star_id, j.pool, j.person_id,
               j.section_id, 0 AS base, 0 AS deduction, 0 AS bonus
        FROM subjects j JOIN valued v ON v.pool = j.pool
        UNION ALL
        SELECT COALESCE(person_id, -section_id), star_id, NULL, NULL, NULL,
               CASE kind WHEN 'base' THEN points_counted ELSE 0 END,
               CASE kind WHEN 'deduction' THEN points_counted ELSE 0 END,
               CASE kind WHEN 'bonus' THEN points_counted ELSE 0 END
        FROM counted
    ) AS parts
    GROUP BY subject, star_id
    HAVING max(pool) IS NOT NULL
), lines AS (
    SELECT pool, person_id, section_id, star_id, base, deduction, bonus,
           GREATEST(0, base + deduction) + bonus AS score
    FROM starred
    UNION ALL
    SELECT pool, person_id, section_id, NULL, sum(base), sum(deduction),
           LEAST(sum(bonus), %(bonus_cap)s),
           sum(GREATEST(0, base + deduction)) + LEAST(sum(bonus), %(bonus_cap)s)
    FROM starred GROUP BY pool, person_id, section_id
), placed AS (
    SELECT pool, person_id, section_id, star_id, round(base, 2) AS base,
           round(deduction, 2) AS deduction, round(bonus, 2) AS bonus, round(score, 2) AS score,
           rank() OVER (PARTITION BY pool, star_id ORDER BY score DESC) AS place,
           count(*) OVER (PARTITION BY pool, star_id) AS pool_size
    FROM lines
)
"""

# What one entry counts, stage by stage.
ENTRIES = f"""
WITH {COUNTED}
SELECT id, points, after_stacking, after_item, after_quarter, points_counted, rule_code
FROM counted ORDER BY event_on, row, id
"""

CARDS = f"""
WITH {COUNTED}, {SUBJECTS}, {PLACED}
SELECT person_id, section_id, placed.star_id, base, deduction, bonus, score, place, pool_size
FROM placed LEFT JOIN scheme_star star ON star.key = placed.star_id
WHERE (%(only_person)s::bigint IS NULL OR person_id = %(only_person)s)
  AND (%(only_section)s::bigint IS NULL OR section_id = %(only_section)s)
ORDER BY pool, person_id, section_id, star.position NULLS LAST
"""

# Cards with their explanation: rule by rule how many entries, their sum as posted and after each
# stage, which were cut, and a hash of every one of them with what each stage left (`leaf`). Points
# are texts, exact.
EXPLAINED = f"""
WITH {COUNTED}, {SUBJECTS}, {PLACED},
ruled AS (
    SELECT COALESCE(person_id, -section_id) AS subject, star_id, rule_code, count(*) AS n,
           sum(points) AS points, sum(after_stacking) AS stacked, sum(after_item) AS item,
           sum(after_quarter) AS quarter, sum(points_counted) AS counted,
           encode(sha256(convert_to(string_agg(
               concat_ws(' ', to_char(event_on, 'YYYY-MM-DD'), row, round(points, 2),
                         round(after_stacking, 2), round(after_item, 2), round(after_quarter, 2),
                         round(points_counted, 2)),
               E'\\n' ORDER BY event_on, row, points, after_stacking, after_item, after_quarter,
                              points_counted
           ), 'UTF8')), 'hex') AS leaf,
           jsonb_agg(jsonb_build_array(id, round(points_counted, 2)::text)
                     ORDER BY event_on, row, id) FILTER (WHERE points_counted <> points) AS cut
    FROM counted GROUP BY subject, star_id, rule_code
), explained AS (
    SELECT subject, star_id, jsonb_agg(jsonb_build_object(
        'rule', rule_code, 'n', n, 'points', round(points, 2)::text,
        'stacked', round(stacked, 2)::text, 'item', round(item, 2)::text,
        'quarter', round(quarter, 2)::text, 'counted', round(counted, 2)::text,
        'leaf', leaf, 'cut', COALESCE(cut, '[]')
    ) ORDER BY rule_code COLLATE "C") AS tree
    FROM ruled GROUP BY subject, star_id
)
SELECT person_id, section_id, placed.star_id, base, deduction, bonus, score, place,
       COALESCE(tree, '[]') AS tree
FROM placed
LEFT JOIN explained x ON x.subject = COALESCE(placed.person_id, -placed.section_id)
    AND x.star_id = placed.star_id
LEFT JOIN scheme_star star ON star.key = placed.star_id
ORDER BY pool, person_id, section_id, star.position NULLS LAST
"""
