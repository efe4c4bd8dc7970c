"""Facts of the ledgers of study, writing, innovation and monthly summaries, and of declarations.

What is a person's own (a miss, a talk) counts for the person and for the section of that day;
what is credited or declared counts for whom it names, and for nobody else. A row counts once it
is a fact: held, graded, verified by another hand; never while it is a draft, and no more when void.
"""

# Persons on the roll, and in a section, on the day of the fact; leaders are in none.
PRESENT = """
JOIN scheme_staff s ON s.id = {person} AND s.unit_id = %(unit)s AND s.joined_on <= {day}
    AND (s.left_on IS NULL OR s.left_on > {day})
JOIN scheme_sectionmembership m ON m.staff_id = s.id AND m.start_on <= {day}
    AND (m.end_on IS NULL OR m.end_on > {day})
"""
# Facts of other ledgers than the daily report need not wait for a deadline.
IN_REACH = "{day} BETWEEN %(earliest)s AND %(ledger_last)s"
NOBODY = "NULL::bigint, NULL::bigint, NULL::bigint"

SUMMARIES = f"""
SELECT 'summary_good', '', NULL::bigint, x.section_id, '', '', 1::numeric, x.last_day,
       'summary:' || x.id, 'summary:' || x.id, x.row,
       jsonb_build_object('summary', x.id, 'month', x.month, 'grade', x.grade), {NOBODY}
FROM (
    SELECT *, (month + INTERVAL '1 month - 1 day')::date AS last_day
    FROM ledgers_monthlysummary
    WHERE unit_id = %(unit)s AND state = 'graded' AND grade = 'good'
) x
WHERE {IN_REACH.format(day="x.last_day")}
"""

STUDY = f"""
SELECT 'study_missed', '', s.id, m.section_id, '', '', 1::numeric, x.day,
       'study:' || x.id || ':' || s.id, 'study:' || x.id || ':' || s.id, x.row,
       jsonb_build_object('study', x.id, 'topic', x.topic, 'day', x.day, 'person', s.id,
                          'name', s.name), {NOBODY}
FROM ledgers_studysession x
JOIN ledgers_studymiss missed ON missed.session_id = x.id
{PRESENT.format(person="missed.person_id", day="x.day")}
WHERE x.unit_id = %(unit)s AND x.state = 'held' AND {IN_REACH.format(day="x.day")}
  AND NOT EXISTS (
      SELECT FROM scheme_absence a WHERE a.staff_id = s.id AND a.start_on <= x.day
      AND (a.end_on IS NULL OR a.end_on >= x.day)
  )
"""

# The mean is compared exactly: sums, not quotients. How many and how good is for the book to say.
TALKS = f"""
SELECT 'talk_good', '', s.id, m.section_id, '', '', 1::numeric, x.day,
       'talk:' || x.id, 'talk:' || x.id, x.row,
       jsonb_build_object('talk', x.id, 'title', x.title, 'day', x.day, 'person', s.id,
                          'name', s.name, 'ratings', cardinality(x.ratings), 'mean',
                          round(given.total / cardinality(x.ratings), 2)), {NOBODY}
FROM ledgers_talk x
CROSS JOIN LATERAL (SELECT sum(one) AS total FROM unnest(x.ratings) AS t(one)) given
JOIN book b ON b.first_day <= x.day AND (b.next_from IS NULL OR b.next_from > x.day)
    AND cardinality(x.ratings) >= GREATEST(b.talk_min_ratings, 1)
    AND given.total >= b.talk_good_line * cardinality(x.ratings)
{PRESENT.format(person="x.speaker_id", day="x.day")}
WHERE x.unit_id = %(unit)s AND x.state = 'held' AND {IN_REACH.format(day="x.day")}
"""

_ADOPTED = """
       jsonb_build_object('writing', x.id, 'title', x.title, 'carrier', x.carrier,
                          'issue_no', x.issue_no, 'level', x.level, 'role', c.role)
"""
WRITING = f"""
SELECT 'adopted', '', s.id, NULL::bigint, x.level, c.role, 1::numeric, x.adopted_on,
       'writing:' || x.id, x.title_key, x.row, {_ADOPTED}, {NOBODY}
FROM ledgers_writingitem x
JOIN ledgers_writingcredit c ON c.item_id = x.id AND c.person_id IS NOT NULL
{PRESENT.format(person="c.person_id", day="x.adopted_on")}
WHERE x.unit_id = %(unit)s AND x.state = 'verified' AND {IN_REACH.format(day="x.adopted_on")}
UNION ALL
SELECT 'adopted', '', NULL, c.section_id, x.level, c.role, 1::numeric, x.adopted_on,
       'writing:' || x.id, x.title_key, x.row, {_ADOPTED}, {NOBODY}
FROM ledgers_writingitem x
JOIN ledgers_writingcredit c ON c.item_id = x.id AND c.section_id IS NOT NULL
WHERE x.unit_id = %(unit)s AND x.state = 'verified' AND {IN_REACH.format(day="x.adopted_on")}
"""

_PROMOTED = """
       jsonb_build_object('promotion', x.id, 'project', x.project, 'level', x.level)
"""
PROMOTIONS = f"""
SELECT 'promoted', '', s.id, NULL::bigint, x.level, '', 1::numeric, x.promoted_on,
       'promotion:' || x.id, x.project_key, x.row, {_PROMOTED}, {NOBODY}
FROM ledgers_promotion x
JOIN ledgers_promotioncredit c ON c.promotion_id = x.id AND c.person_id IS NOT NULL
{PRESENT.format(person="c.person_id", day="x.promoted_on")}
WHERE x.unit_id = %(unit)s AND x.state = 'verified' AND {IN_REACH.format(day="x.promoted_on")}
UNION ALL
SELECT 'promoted', '', NULL, c.section_id, x.level, '', 1::numeric, x.promoted_on,
       'promotion:' || x.id, x.project_key, x.row, {_PROMOTED}, {NOBODY}
FROM ledgers_promotion x
JOIN ledgers_promotioncredit c ON c.promotion_id = x.id AND c.section_id IS NOT NULL
WHERE x.unit_id = %(unit)s AND x.state = 'verified' AND {IN_REACH.format(day="x.promoted_on")}
"""

# Confirmed and with its document; it counts on the document's day, whenever it was declared.
_DECLARED = """
       jsonb_strip_nulls(jsonb_build_object(
           'declaration', x.id, 'matter', x.matter, 'level', NULLIF(x.level, ''),
           'quantity', x.quantity, 'document_no', x.document_no, 'document_on', x.document_on,
           'declared_in', x.quarter
       )), x.filed_by_id, x.checked_by_id, x.verified_by_id
"""
_CONFIRMED = f"""
    x.unit_id = %(unit)s AND x.state = 'confirmed' AND x.document_no <> ''
    AND {IN_REACH.format(day="x.document_on")}
"""
DECLARATIONS = f"""
SELECT 'declared', x.rule_code, s.id, NULL::bigint, x.level, '', x.quantity, x.document_on,
       'declared:' || x.id, x.matter_key, x.row, {_DECLARED}
FROM scoring_declaration x
{PRESENT.format(person="x.person_id", day="x.document_on")}
WHERE {_CONFIRMED}
UNION ALL
SELECT 'declared', x.rule_code, NULL, x.section_id, x.level, '', x.quantity, x.document_on,
       'declared:' || x.id, x.matter_key, x.row, {_DECLARED}
FROM scoring_declaration x
WHERE x.section_id IS NOT NULL AND {_CONFIRMED}
"""

SOURCES = (SUMMARIES, STUDY, TALKS, WRITING, PROMOTIONS, DECLARATIONS)
PREFIXES = ("summary", "study", "talk", "writing", "promotion", "declared")
