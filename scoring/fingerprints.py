"""Hashes of what a run was computed from and of what came out, as SQL.

They name people and sections by number and name, never by a database key, and sort by bytes: two
installations with the same facts and rules get the same hashes, in any language and time zone.
"""

from scoring import counting

# One line for each subject in the pools, with a hash of its entries that count in the half-year.
# An item that is the fact itself groups nothing and is left out. Parameters: those of counting.py.
INPUT = f"""
WITH {counting.LIVE}, {counting.SUBJECTS},
entered AS (
    SELECT COALESCE(e.person_id, -e.section_id) AS subject, concat_ws(
               ' ', e.star_id, e.kind, e.rule_code, e.book_version, round(e.points, 2),
               to_char(e.event_on, 'YYYY-MM-DD'), q.code, e.row, live.outside,
               CASE WHEN e.item <> e.source THEN encode(convert_to(e.item, 'UTF8'), 'hex') END
           ) AS line
    FROM live
    JOIN ledgers_pointentry e ON e.id = live.id
    JOIN ledgers_quarter q ON q.id = e.quarter_id
), hashed AS (
    SELECT subject, encode(sha256(convert_to(
        string_agg(line, E'\\n' ORDER BY line COLLATE "C"), 'UTF8')), 'hex') AS digest
    FROM entered GROUP BY subject
)
SELECT concat_ws(' ', j.pool, COALESCE(s.staff_no, c.name), hashed.digest) AS line
FROM subjects j
LEFT JOIN scheme_staff s ON s.id = j.person_id
LEFT JOIN scheme_section c ON c.id = j.section_id
LEFT JOIN hashed ON hashed.subject = COALESCE(j.person_id, -j.section_id)
"""

# What a card says, as one line of text; `k` is the card.
CARD = """concat_ws(
        ' ', COALESCE('person ' || s.staff_no, 'section ' || c.name), COALESCE(k.star_id, 'total'),
        round(k.base, 2), round(k.deduction, 2), round(k.bonus, 2), round(k.score, 2), k.place,
        (SELECT string_agg(concat_ws(
            ' ', rule ->> 'rule', rule ->> 'n', rule ->> 'points', rule ->> 'stacked',
            rule ->> 'item', rule ->> 'quarter', rule ->> 'counted', rule ->> 'leaf'
         ), E'\\n' ORDER BY rule ->> 'rule' COLLATE "C")
         FROM jsonb_array_elements(k.tree) AS t(rule))
    )"""
NAMED = """LEFT JOIN scheme_staff s ON s.id = k.person_id
    LEFT JOIN scheme_section c ON c.id = k.section_id"""
# Of a table of cards: one that is about to be stored, or those of a stored run.
OUTPUT = f"""
WITH lines AS (
    SELECT encode(sha256(convert_to({CARD}, 'UTF8')), 'hex') AS line
    FROM {{cards}} k
    {NAMED}
    WHERE {{where}}
)
SELECT encode(sha256(convert_to(
    COALESCE(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), ''), 'UTF8')), 'hex')
FROM lines
"""
DRAFT = OUTPUT.format(cards="scorecard_draft", where="true")
STORED = OUTPUT.format(cards="scoring_scorecard", where="k.run_id = %(run)s")
# Each card of a stored run with its line.
LINES = f"SELECT k.id, {CARD} FROM scoring_scorecard k {NAMED} WHERE k.run_id = %(run)s"
