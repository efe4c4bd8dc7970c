"""The SQL that turns entries into scores: stacking, caps, stars, totals and places.

Each window runs in the order of event date, then row. A cap is applied as the difference of two
clipped running sums, so what exceeds it is cut from the later entries and the sum over all of them
is the clipped sum.

An entry and its reversal that count in the same half-year both drop out. One reversed in a later
half-year stays on the earlier card, and the reversal counts, with its own sign, on the later one.
"""

# Parameters: unit, book, codes (of both quarters), person and section (ids to keep, or null).
COUNTED = """
live AS (
    SELECT e.id, e.person_id, e.section_id, e.star_id, e.kind, e.rule_code, e.item, e.event_on,
           e.row, e.points, q.code AS quarter,
           COALESCE(ruled.stacking, own.stacking, 'all') AS stacking,
           CASE WHEN ruled.id IS NULL THEN own.cap_item ELSE ruled.cap_item END AS cap_item,
           CASE WHEN ruled.id IS NULL THEN own.cap_quarter ELSE ruled.cap_quarter END
               AS cap_quarter,
           CASE WHEN ruled.id IS NULL THEN own.cap_half ELSE ruled.cap_half END AS cap_half
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
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY person_id, section_id, rule_code, item
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
        PARTITION BY person_id, section_id, rule_code, item ORDER BY event_on, row, id
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
        PARTITION BY person_id, section_id, rule_code, quarter ORDER BY event_on, row, id
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
        PARTITION BY person_id, section_id, rule_code ORDER BY quarter, event_on, row, id
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

# What one entry counts, stage by stage.
ENTRIES = f"""
WITH {COUNTED}
SELECT id, points, after_stacking, after_item, after_quarter, points_counted
FROM counted ORDER BY event_on, row, id
"""

# Parameters besides: first, until (the half-year's days), bonus_cap. One row per subject and star
# that has a value, and one (star empty) for the total.
CARDS = f"""
WITH {COUNTED},
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
), valued AS (
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
    SELECT *, rank() OVER (PARTITION BY pool, star_id ORDER BY score DESC) AS place,
           count(*) OVER (PARTITION BY pool, star_id) AS pool_size
    FROM lines
)
SELECT person_id, section_id, placed.star_id,
       round(base, 2), round(deduction, 2), round(bonus, 2), round(score, 2), place, pool_size
FROM placed LEFT JOIN scheme_star star ON star.key = placed.star_id
WHERE (%(only_person)s::bigint IS NULL OR person_id = %(only_person)s)
  AND (%(only_section)s::bigint IS NULL OR section_id = %(only_section)s)
ORDER BY pool, person_id, section_id, star.position NULLS LAST
"""
