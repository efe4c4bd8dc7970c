"""Filing figures with an honest denominator: days that were due, and nothing else.

Due is a working day on which a person was on the roll, in a section and not excused, whose time
for filing punctually is over. A day that is still open for that is not counted, filed or not.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from ledgers.deadlines import deadlines
from scheme import clock
from scheme.models import Unit
from scheme.periods import Span, half_name, half_of, half_span, quarter_of, quarter_span

SHANGHAI = "Asia/Shanghai"


class Tally(NamedTuple):
    """`open`: past the time for filing punctually, may still be back-filled."""

    due: int = 0
    on_time: int = 0
    late: int = 0
    backfilled: int = 0
    open: int = 0
    missing: int = 0
    excused: int = 0

    def __add__(self, other):
        return Tally(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def rate(self) -> Decimal | None:
        """Filed punctually of what was due, in percent; nothing due has none."""
        if not self.due:
            return None
        share = Decimal(100 * self.on_time) / self.due
        return share.quantize(Decimal("0.1"), ROUND_HALF_UP)


class Row(NamedTuple):
    section_id: int
    section: str
    staff_id: int
    name: str
    month: date
    tally: Tally


class Choice(NamedTuple):
    code: str
    name: str


# One pass over the days that count; whatever the number of days and people, one statement.
_SQL = """
WITH days(day, cutoff, next_workday, closes) AS (
    SELECT * FROM unnest(%(days)s::date[], %(cutoffs)s::timestamptz[], %(nexts)s::date[],
                         %(closes)s::timestamptz[])
), told AS (
    SELECT m.section_id, s.id AS staff_id, d.*,
        EXISTS (SELECT FROM scheme_absence a WHERE a.staff_id = s.id AND a.start_on <= d.day
                AND (a.end_on IS NULL OR a.end_on >= d.day)) AS excused,
        date_trunc('second', r.first_filed_at) AS filed
    FROM scheme_staff s
    JOIN scheme_sectionmembership m ON m.staff_id = s.id
    JOIN days d ON m.start_on <= d.day AND (m.end_on IS NULL OR m.end_on > d.day)
        AND s.joined_on <= d.day AND (s.left_on IS NULL OR s.left_on > d.day)
    LEFT JOIN ledgers_dailyreport r ON r.author_id = s.id AND r.day = d.day
    WHERE s.unit_id = %(unit)s
        AND (%(sections)s::bigint[] IS NULL OR m.section_id = ANY(%(sections)s))
        AND (%(person)s::bigint IS NULL OR s.id = %(person)s)
), judged AS (
    SELECT section_id, staff_id, date_trunc('month', day)::date AS month,
        CASE WHEN excused THEN 'excused'
            WHEN filed <= cutoff THEN 'on_time'
            WHEN filed <= closes AND (filed AT TIME ZONE %(zone)s)::date <= next_workday THEN 'late'
            WHEN filed <= closes THEN 'backfilled'
            WHEN filed IS NULL AND %(now)s <= closes THEN 'open'
            ELSE 'missing' END AS status
    FROM told
)
SELECT j.section_id, p.name, j.staff_id, s.name, j.month,
    count(*) FILTER (WHERE status <> 'excused'),
    count(*) FILTER (WHERE status = 'on_time'),
    count(*) FILTER (WHERE status = 'late'),
    count(*) FILTER (WHERE status = 'backfilled'),
    count(*) FILTER (WHERE status = 'open'),
    count(*) FILTER (WHERE status = 'missing'),
    count(*) FILTER (WHERE status = 'excused')
FROM judged j
JOIN scheme_section p ON p.id = j.section_id
JOIN scheme_staff s ON s.id = j.staff_id
GROUP BY j.section_id, p.name, p.position, j.staff_id, s.name, s.sort_weight, s.staff_no, j.month
ORDER BY p.position, j.section_id, s.sort_weight, s.staff_no, j.month
"""


def rows(
    unit: Unit | int,
    span: Span,
    *,
    sections: Sequence[int] | None = None,
    person: int | None = None,
) -> list[Row]:
    """What became of the due days of the span, a row for each person, section and month, in office
    order. `sections` and `person` narrow it down."""
    unit_id = unit if isinstance(unit, int) else unit.pk
    now = clock.now().replace(microsecond=0)
    last = min(span.last, clock.today())
    if last < span.first:
        return []
    of_day = deadlines(unit_id, span.first - timedelta(days=1), last)
    # A working day is the next one of the day before it.
    working = {limit.next_workday for limit in of_day.values()}
    limits = [one for day, one in sorted(of_day.items()) if day in working and one.cutoff < now]
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL,
            {
                "days": [limit.day for limit in limits],
                "cutoffs": [limit.cutoff for limit in limits],
                "nexts": [limit.next_workday for limit in limits],
                "closes": [limit.closes for limit in limits],
                "unit": unit_id,
                "sections": None if sections is None else list(sections),
                "person": person,
                "zone": SHANGHAI,
                "now": now,
            },
        )
        return [Row(*found[:5], Tally(*found[5:])) for found in cursor.fetchall()]


def by_section(found: list[Row]) -> list[tuple[int, str, Tally]]:
    """The sections in office order, never by their rate."""
    sums: dict[int, tuple[str, Tally]] = {}
    for row in found:
        name, tally = sums.get(row.section_id, (row.section, Tally()))
        sums[row.section_id] = (name, tally + row.tally)
    return [(pk, name, tally) for pk, (name, tally) in sums.items()]


def by_person(found: list[Row]) -> list[tuple[Row, Tally]]:
    """A row a person and section; who moved in between stands in both."""
    sums: dict[tuple[int, int], tuple[Row, Tally]] = {}
    for row in found:
        key = (row.section_id, row.staff_id)
        first, tally = sums.get(key, (row, Tally()))
        sums[key] = (first, tally + row.tally)
    return list(sums.values())


def by_month(found: list[Row]) -> list[tuple[date, Tally]]:
    sums: dict[date, Tally] = {}
    for row in found:
        sums[row.month] = sums.get(row.month, Tally()) + row.tally
    return sorted(sums.items())


def total(found: list[Row]) -> Tally:
    return sum((row.tally for row in found), Tally())


def span_of(code: str) -> Span:
    """The days of "2026-07", "2026Q3" or "2026H2". Raises ValueError for anything else."""
    if "Q" in code:
        return quarter_span(code)
    if "H" in code:
        return half_span(code)
    first = date.fromisoformat(f"{code}-01")
    if not 2000 <= first.year <= 2199:
        raise ValueError(code)
    return Span(first, (first + timedelta(days=31)).replace(day=1))


def spans(today: date) -> list[Choice]:
    """What one may look at: six months back, then quarters, then half-years."""
    found, first = [], today.replace(day=1)
    for _n in range(6):
        found.append(
            Choice(
                f"{first:%Y-%m}",
                _("%(year)s年%(month)s月") % {"year": first.year, "month": first.month},
            )
        )
        first = (first - timedelta(days=1)).replace(day=1)
    day, halves = today, []
    for _n in range(3):
        code = quarter_of(day)
        name = _("%(year)s年第%(n)s季度") % {"year": code[:4], "n": code[5:]}
        found.append(Choice(code, name))
        if half_of(day) not in halves:
            halves.append(half_of(day))
        day = quarter_span(code).first - timedelta(days=1)
    return found + [Choice(code, half_name(code)) for code in halves]
