"""Who may not be put forward today, and why: sanctions and the like, probation, long absence.

The reasons are for the person concerned and the personnel office alone; everybody else reads
`NEUTRAL`. Judged on the day it is asked, in a constant number of queries for the whole unit.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import access, clock
from scheme.access import Anchor
from scheme.models import Restriction, Section, Staff
from stars.models import Nomination, Round

# Said the same whatever the ground, so that it gives nothing away.
NEUTRAL = gettext_lazy("按本轮规则，现在不能参评。")

Subject = tuple[str, int]

# Working days on leave, each counted once however many rows excuse it. Travel is work, and who is
# lent out is dealt with in the list of participants.
ABSENT = """
SELECT a.staff_id, COUNT(DISTINCT d.day)
FROM scheme_absence a
JOIN scheme_staff s ON s.id = a.staff_id AND s.unit_id = %(unit)s
JOIN scheme_calendarday d ON d.is_working
    AND d.day BETWEEN GREATEST(a.start_on, %(first)s)
                  AND LEAST(COALESCE(a.end_on, %(last)s), %(last)s)
WHERE a.kind = 'leave'
GROUP BY a.staff_id
HAVING COUNT(DISTINCT d.day) > %(limit)s
"""


class Ground(NamedTuple):
    """One thing in the way; `until` is the first day it is gone, empty when nobody knows."""

    kind: str
    text: str
    since: date | None = None
    until: date | None = None


def grounds(round_: Round, day: date) -> dict[Subject, list[Ground]]:
    """Everybody and every section of the unit that is barred that day, with all that bars them."""
    found: dict[Subject, list[Ground]] = defaultdict(list)
    held = Restriction.objects.filter(unit=round_.unit_id, kind__in=round_.vetoes).on(day)
    for row in held.order_by("since", "pk"):
        subject = ("person", row.staff_id) if row.staff_id else ("section", row.section_id)
        found[subject].append(
            Ground(row.kind, str(row.get_kind_display()), since=row.since, until=row.until)
        )
    if round_.bar_probation:
        new = Staff.objects.filter(unit=round_.unit_id, probation=True)
        for pk, since in new.order_by().values_list("pk", "joined_on"):
            found["person", pk].append(Ground("probation", _("试用期内"), since=since))
    if round_.absence_limit is not None:
        text = _("这个半年请假%(days)s个工作日，超过%(limit)s个")
        for pk, days in _absent(round_, day):
            told = text % {"days": days, "limit": round_.absence_limit}
            found["person", pk].append(Ground("absence", told))
    return dict(found)


def _absent(round_: Round, day: date) -> list[tuple[int, int]]:
    """(person, working days on leave) of those beyond the limit by that day."""
    span = round_.span
    with connection.cursor() as cursor:
        cursor.execute(
            ABSENT,
            {
                "unit": round_.unit_id,
                "first": span.first,
                "last": min(span.last, day),
                "limit": round_.absence_limit,
            },
        )
        return cursor.fetchall()


def subject_of(person: Staff | None, section: Section) -> Subject:
    return ("person", person.pk) if person else ("section", section.pk)


def of(round_: Round, person: Staff | None, section: Section) -> list[Ground]:
    """What bars that one nominee today; with a person given, the section does not matter."""
    return grounds(round_, clock.today()).get(subject_of(person, section), [])


def lost(round_: Round, nominations: Iterable[Nomination]) -> dict[int, list[Ground]]:
    """Nominations whose nominee no longer qualifies today, by id, each with its grounds."""
    nominations = list(nominations)
    barred = grounds(round_, clock.today()) if nominations else {}
    told = {}
    for one in nominations:
        subject = (
            ("section", one.section_id) if one.person_id is None else ("person", one.person_id)
        )
        if subject in barred:
            told[one.pk] = barred[subject]
    return told


def may_know(person: Staff, nomination: Nomination) -> bool:
    """Is this one told the reason? The nominee, and the personnel office (which leaves a line)."""
    anchor = Anchor(nomination.unit_id, nomination.person_id)
    return access.can(person, "restriction.read", anchor)
