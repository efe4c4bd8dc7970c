"""Departments of a thousand people with a half-year of facts, written by the database itself."""

from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import connection

from ledgers.models import ReportPolicy
from scheme import clock
from scheme.models import Section, Staff, Unit
from scoring.actions import rulebooks
from scoring.imports import rules
from scoring.models import RuleBook

FIRST, UNTIL = date(2026, 1, 1), date(2026, 7, 1)
A_UNIT = 1_000
SECTIONS = 20

PEOPLE = """
INSERT INTO scheme_staff (unit_id, staff_no, login, name, name_key, staffing, post, rank,
    sort_weight, probation, joined_on, leaving, remark, administrator, is_active,
    must_change_password, password)
SELECT %(unit)s, 'B' || n, %(unit)s || '-B' || n, '人' || n, '', 'civil', '', '', n, false,
    DATE '2020-01-01', '', '', '', true, true, '!'
FROM generate_series(1, %(people)s) AS t(n)
"""
MEMBERS = """
INSERT INTO scheme_sectionmembership (staff_id, section_id, start_on)
SELECT s.id, (%(sections)s::bigint[])[1 + s.sort_weight %% cardinality(%(sections)s::bigint[])],
       s.joined_on
FROM scheme_staff s WHERE s.unit_id = %(unit)s AND s.sort_weight > 0
"""
# Of a hundred reports two are missing, four late, thirty graded good and three poor.
REPORTS = """
INSERT INTO ledgers_dailyreport (unit_id, author_id, day, state, open_matters, plan,
    first_filed_at, filed_at, grade, comment, imported, version, saved_at)
SELECT %(unit)s, s.id, c.day, 'accepted', '', '', at, at,
       CASE WHEN dice %% 100 < 30 THEN 'good' WHEN dice %% 100 < 33 THEN 'poor' ELSE '' END,
       '', true, 0, at
FROM (
    SELECT s.id, c.day, abs(hashint8(s.id * 1000 + (c.day - DATE '2026-01-01'))) AS dice
    FROM scheme_staff s CROSS JOIN scheme_calendarday c
    WHERE s.unit_id = %(unit)s AND s.sort_weight > 0 AND c.is_working
      AND c.day >= %(first)s AND c.day < %(until)s
) x
JOIN scheme_staff s ON s.id = x.id
JOIN scheme_calendarday c ON c.day = x.day
CROSS JOIN LATERAL (
    SELECT (c.day + TIME '17:30' + (dice / 100 %% 100 < 4)::int * INTERVAL '4 days')
        AT TIME ZONE 'Asia/Shanghai' AS at
) a
WHERE dice / 10000 %% 100 >= 2
"""
WRITING = """
WITH item AS (
    INSERT INTO ledgers_writingitem (unit_id, adopted_on, title, title_key, kind, carrier,
        issue_no, level, row, mark, recorded_at)
    SELECT %(unit)s, DATE '2026-01-05' + (s.sort_weight + n * 53) %% 170,
           '信息' || (s.sort_weight / 2) || n, '信息' || (s.sort_weight / 2) || n, 'information',
           '', '', CASE n WHEN 1 THEN 'province' ELSE 'city' END, s.sort_weight, '', now()
    FROM scheme_staff s CROSS JOIN generate_series(1, 2) AS t(n)
    WHERE s.unit_id = %(unit)s AND s.sort_weight > 0
    RETURNING id, row
)
INSERT INTO ledgers_writingcredit (item_id, person_id, role)
SELECT item.id, s.id, 'main' FROM item
JOIN scheme_staff s ON s.unit_id = %(unit)s AND s.sort_weight = item.row
"""


def build(number: int, people: int) -> Unit:
    """A unit with so many people, two leaders, the demo's rules and a half-year."""
    unit = Unit.objects.create(name=f"第{number}单位")
    leaders = [
        Staff.objects.create(
            unit=unit, staff_no=f"L{n}", login=f"{unit.pk}-L{n}", name="领导", joined_on=FIRST
        )
        for n in range(2)
    ]
    _rules(unit, *leaders)
    sections = Section.objects.bulk_create(
        Section(unit=unit, name=f"第{n}科", position=n) for n in range(SECTIONS)
    )
    values = {
        "unit": unit.pk,
        "people": people,
        "sections": [section.pk for section in sections],
        "first": FIRST,
        "until": UNTIL,
    }
    with connection.cursor() as cursor:
        for statement in (PEOPLE, MEMBERS, REPORTS, WRITING):
            cursor.execute(statement, values)
    return unit


def _rules(unit: Unit, proposer: Staff, approver: Staff) -> None:
    """The tests' workbook; two people stand for the office and the leader."""
    path = Path(settings.BASE_DIR) / "tests" / "data" / "rules.xlsx"
    with path.open("rb") as file:
        content, problems = rules.read(file)
    assert not problems
    book = RuleBook.objects.create(
        unit=unit, version=1, title=content.title, proposed_by=proposer, proposed_at=clock.now(),
        **content.settings,
    )  # fmt: skip
    for position, row in enumerate(content.rules, 1):
        values = {name: value for name, value in row.items() if name != "tiers"}
        rule = book.rules.create(position=position, **values)
        for place, tier in enumerate(row["tiers"], 1):
            rule.tiers.create(position=place, **tier)
    book.state, book.in_force_from = RuleBook.State.APPROVED, FIRST
    book.approved_by, book.approved_at = approver, clock.now()
    book.digest = rulebooks.digest_of(book, FIRST)
    book.save()
    ReportPolicy.objects.create(
        unit=unit, in_force_from=FIRST, cutoff=book.report_cutoff, backfill_days=book.backfill_days
    )
