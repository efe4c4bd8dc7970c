"""Who was to come to a study session, who was excused, who missed it: for a session, for a person,
for a half-year. Due is whoever is on the roll and in a section that day and not excused.

What is counted here is what scoring counts: a miss of somebody who was excused that day is none.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from ledgers.models import StudySession
from scheme import access
from scheme.models import Section, Staff, Unit
from scheme.periods import Span
from scheme.roles import Role

# A row for everybody expected at a session `x`: who, in which section, excused how, missed or not.
_EXPECTED = """
FROM ledgers_studysession x
JOIN scheme_staff s ON s.unit_id = x.unit_id AND s.joined_on <= x.day
    AND (s.left_on IS NULL OR s.left_on > x.day)
JOIN scheme_sectionmembership m ON m.staff_id = s.id AND m.start_on <= x.day
    AND (m.end_on IS NULL OR m.end_on > x.day)
JOIN scheme_section g ON g.id = m.section_id
LEFT JOIN LATERAL (
    SELECT a.kind FROM scheme_absence a
    WHERE a.staff_id = s.id AND a.start_on <= x.day AND (a.end_on IS NULL OR a.end_on >= x.day)
    ORDER BY a.id LIMIT 1
) away ON true
LEFT JOIN ledgers_studymiss missed ON missed.session_id = x.id AND missed.person_id = s.id
"""
_SUMS = """
    count(*) AS expected,
    count(*) FILTER (WHERE away.kind IS NOT NULL) AS excused,
    count(*) FILTER (WHERE away.kind IS NULL AND missed.id IS NOT NULL) AS missed
"""


class Attendance(models.TextChoices):
    PRESENT = "present", _("到会")
    EXCUSED = "excused", _("免到")
    MISSED = "missed", _("缺席")


class Line(NamedTuple):
    """Somebody at a session. `marked`: entered as missing, which counts for nothing if excused."""

    key: int
    name: str
    # Pinyin and initials, to be found by.
    search: str
    staff_no: str
    post: str
    section: int
    section_name: str
    excused: bool
    marked: bool

    @property
    def attendance(self) -> Attendance:
        if self.excused:
            return Attendance.EXCUSED
        return Attendance.MISSED if self.marked else Attendance.PRESENT


class Sums(NamedTuple):
    """`due` leaves out who was excused: the honest denominator."""

    expected: int = 0
    excused: int = 0
    missed: int = 0

    @property
    def due(self) -> int:
        return self.expected - self.excused

    @property
    def present(self) -> int:
        return self.due - self.missed


class Figure(NamedTuple):
    person: Staff
    section: Section
    sums: Sums


class Attended(NamedTuple):
    """One held session, as one person attended it."""

    session: int
    day: date
    topic: str
    attendance: Attendance


def expected(session: StudySession) -> list[Line]:
    """Everybody expected, section by section, in office order."""
    rows = _read(
        "SELECT s.id, s.name, s.name_key, s.staff_no, s.post, g.id, g.name, away.kind IS NOT NULL,"
        f" missed.id IS NOT NULL {_EXPECTED} WHERE x.id = %s"
        " ORDER BY g.position, g.id, s.sort_weight, s.staff_no",
        [session.pk],
    )
    return [Line(*row) for row in rows]


def sums_of(sessions: Iterable[StudySession]) -> dict[int, Sums]:
    """Of several sessions at once."""
    rows = _read(
        f"SELECT x.id, {_SUMS} {_EXPECTED} WHERE x.id = ANY(%s) GROUP BY x.id",
        [[one.pk for one in sessions]],
    )
    return {key: Sums(*sums) for key, *sums in rows}


def figures(unit: Unit, span: Span, sections: Iterable[int] | None = None) -> list[Figure]:
    """Held sessions of the span by person and section of the day, in office order: whoever moved
    stands in both. `sections`: of these only."""
    only = list(sections) if sections is not None else None
    rows = _read(
        f"SELECT m.section_id, s.id, {_SUMS} {_EXPECTED}"
        " WHERE x.unit_id = %s AND x.state = 'held' AND x.day >= %s AND x.day < %s"
        " AND (%s::bigint[] IS NULL OR m.section_id = ANY(%s))"
        " GROUP BY m.section_id, g.position, g.id, s.id"
        " ORDER BY g.position, g.id, s.sort_weight, s.staff_no",
        [unit.pk, span.first, span.until, only, only],
    )
    people = Staff.objects.in_bulk({row[1] for row in rows})
    places = Section.objects.in_bulk({row[0] for row in rows})
    return [Figure(people[one], places[place], Sums(*sums)) for place, one, *sums in rows]


def record_of(person: Staff, span: Span) -> list[Attended]:
    """The held sessions of the span the person was expected at, newest first."""
    rows = _read(
        f"SELECT x.id, x.day, x.topic, away.kind IS NOT NULL, missed.id IS NOT NULL {_EXPECTED}"
        " WHERE x.unit_id = %s AND s.id = %s AND x.state = 'held' AND x.day >= %s AND x.day < %s"
        " ORDER BY x.day DESC, x.id DESC",
        [person.unit_id, person.pk, span.first, span.until],
    )
    found = []
    for key, day, topic, excused, marked in rows:
        how = Attendance.MISSED if marked else Attendance.PRESENT
        found.append(Attended(key, day, topic, Attendance.EXCUSED if excused else how))
    return found


def sums(lines: Iterable[Line]) -> Sums:
    lines = list(lines)
    return Sums(
        len(lines),
        sum(one.excused for one in lines),
        sum(one.attendance is Attendance.MISSED for one in lines),
    )


def sections_named_to(person: Staff) -> set[int] | None:
    """Of which sections' people the person sees who was missing; None means of all. One's own
    attendance everybody sees."""
    if access.has_role(person, Role.PERSONNEL):
        return None
    return {place for role in (Role.CHIEF, Role.LEADER) for place in access.places(person, role)}


def _read(sql: str, values: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
