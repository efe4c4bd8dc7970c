"""Whose reports lie on whose desk: a chief's are the section's people, a leader's the chiefs."""

from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from ledgers.deadlines import PersonDay, sections_day
from ledgers.models import DailyReport
from scheme import access, clock
from scheme.models import Appointment, Deputation, Section, Staff
from scheme.offices import Office
from scheme.roles import Role

CHARGE = "charge"


class Desk(NamedTuple):
    """`acting_for`: the absent chief or leader in whose stead the person reads at this desk."""

    key: str
    label: str
    sections: tuple[int, ...]
    as_chief: bool
    acting_for: Staff | None = None


def desks(person: Staff) -> list[Desk]:
    """One for each section the person heads, one for all the sections in the person's charge; and
    the same again for each absent chief or leader the person stands in for."""
    heads, leads = access.places(person, Role.CHIEF), access.places(person, Role.LEADER)
    as_chief, as_leader = (access.deputised(person, role) for role in (Role.CHIEF, Role.LEADER))
    principals = Staff.objects.in_bulk({*as_chief, *as_leader}) if as_chief or as_leader else {}
    of = {place: principals[pk] for pk, places in as_chief.items() for place in places}
    found = [
        Desk(str(one.pk), _named(one.name, of.get(one.pk)), (one.pk,), True, of.get(one.pk))
        for one in Section.objects.filter(pk__in=heads)
    ]
    acted = {place for places in as_leader.values() for place in places}
    if own := tuple(place for place in leads if place not in acted):
        found.append(Desk(CHARGE, _("分管科室"), own, False))
    for pk, places in as_leader.items():
        label = _named(_("分管科室"), principals[pk])
        found.append(Desk(f"{CHARGE}-{pk}", label, tuple(places), False, principals[pk]))
    return found


def _named(label: str, principal: Staff | None) -> str:
    if principal is None:
        return label
    return _("%(desk)s（代%(name)s）") % {"desk": label, "name": principal.name}


def pending(desk: Desk, person: Staff):
    """Filed reports that wait for the person at this desk."""
    rows = DailyReport.objects.to_review_by(person).filter(section_id__in=desk.sections)
    if desk.as_chief:
        return rows.filter(by_chief=False)
    return rows.filter(Q(by_chief=True) | Q(chiefless=True) | Q(stands_in=True))


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
    deputies = set(
        Deputation.objects.on(clock.today())
        .filter(office=Office.SECTION_CHIEF, section__in=desk.sections)
        .values_list("section", "deputy")
    )
    return [
        row
        for row in others
        if row.heads
        or (row.section.pk, row.person.pk) in deputies
        or any(not on[row.section.pk] - {row.person.pk} for on in chiefs)
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


def require_reviewer(report: DailyReport, by: Staff, verb: str, *, state: str) -> None:
    """Raises PermissionDenied unless it is this person's to review (or unlock): the chief's for
    the section's people; the leader's in charge for chiefs, for sections without one, and for
    whoever stands in for the chief. Wants `with_reviewer`."""
    anchor = report.anchor()._replace(state=state)
    if not report.by_chief and access.can(by, verb, anchor):
        return
    if report.by_chief or report.chiefless or report.stands_in:
        access.require(by, f"{verb}_chief", anchor)
    else:
        raise PermissionDenied(_("您的职责不包括这一步。"))


def may_unlock(report: DailyReport, person: Staff) -> bool:
    """For the page; the action looks again."""
    if report.state != DailyReport.State.ACCEPTED or report.author_id == person.pk:
        return False
    row = DailyReport.objects.with_reviewer().get(pk=report.pk)
    try:
        require_reviewer(row, person, "report.unlock", state=report.state)
    except PermissionDenied:
        return False
    return True
