"""Whose reports lie on whose desk: a chief's are the section's people, a leader's the chiefs."""

from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from ledgers.deadlines import PersonDay, sections_day
from ledgers.models import DailyReport
from scheme import access, clock
from scheme.models import Appointment, Section, Staff
from scheme.offices import Office
from scheme.roles import Role

CHARGE = "charge"


class Desk(NamedTuple):
    key: str
    label: str
    sections: tuple[int, ...]
    as_chief: bool


def desks(person: Staff) -> list[Desk]:
    """One for each section the person heads, one for all the sections in the person's charge."""
    heads = access.places(person, Role.CHIEF)
    found = [
        Desk(str(section.pk), section.name, (section.pk,), True)
        for section in Section.objects.filter(pk__in=heads)
    ]
    if leads := access.places(person, Role.LEADER):
        found.append(Desk(CHARGE, _("分管科室"), tuple(leads), False))
    return found


def pending(desk: Desk, person: Staff):
    """Filed reports that wait for the person at this desk."""
    rows = DailyReport.objects.to_review_by(person).filter(section_id__in=desk.sections)
    if desk.as_chief:
        return rows.filter(by_chief=False)
    return rows.filter(Q(by_chief=True) | Q(chiefless=True))


def pending_days(desk: Desk, person: Staff) -> dict[date, int]:
    """Days with waiting reports and how many, the oldest day first."""
    days = pending(desk, person).order_by("day").values("day").annotate(n=Count("pk"))
    return {row["day"]: row["n"] for row in days}


def people_of(desk: Desk, person: Staff, day: date) -> list[PersonDay]:
    """Everybody whose report of that day is read at this desk, in office order."""
    rows = sections_day(desk.sections, person.unit_id, day)
    others = [row for row in rows if row.person.pk != person.pk]
    if desk.as_chief:
        return [row for row in others if not row.heads]
    chiefs = _chiefs(desk.sections, day), _chiefs(desk.sections, clock.today())
    return [
        row
        for row in others
        if row.heads or any(not on[row.section.pk] - {row.person.pk} for on in chiefs)
    ]


def _chiefs(sections, day: date) -> dict[int, set[int]]:
    found = defaultdict(set)
    rows = Appointment.objects.on(day).filter(office=Office.SECTION_CHIEF, section__in=sections)
    for section, staff in rows.values_list("section", "staff"):
        found[section].add(staff)
    return found


def last_grades(author: Staff, before: date, count: int = 5) -> list[DailyReport]:
    graded = DailyReport.objects.filter(author=author, day__lt=before).exclude(grade="")
    return list(graded.filter(day__gte=before - timedelta(days=60)).order_by("-day")[:count])
