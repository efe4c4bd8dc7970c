from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from scheme import access, clock
from scheme.models import Appointment, SectionMembership
from scheme.offices import Office
from scheme.roles import Role

# A draft is never sealed (a constraint), so a sealed book was in use.
HOLDING = "(state = 'approved' OR sealed_at IS NOT NULL)"


class RuleBookQuerySet(models.QuerySet):
    def visible_to(self, person):
        return self.filter(unit_id=person.unit_id) if person.unit_id else self.none()

    def holding(self):
        """The versions that price days: approved ones, and retired ones that were used. What is
        retired unused never held. The same in SQL: scoring.querysets.HOLDING."""
        return self.filter(Q(state="approved") | Q(sealed_at__isnull=False))

    def in_force(self, unit, day: date):
        """The version that holds in the unit on that day; None before the first."""
        return (
            self.holding()
            .filter(unit=unit, in_force_from__lte=day)
            .order_by("-in_force_from", "-version")
            .first()
        )


class ScoreRunQuerySet(models.QuerySet):
    def visible_to(self, person):
        return self.filter(unit_id=person.unit_id) if person.unit_id else self.none()

    def latest_of(self, unit, half: str):
        """The newest run of the half-year; scorecards are read from it. None before the first."""
        return self.filter(unit=unit, half=half).order_by("-pk").first()


class _OfUnit(models.QuerySet):
    def of_unit(self, unit):
        return self.filter(unit=unit)


class WindowQuerySet(_OfUnit):
    def visible_to(self, person):
        return self.filter(unit_id=person.unit_id) if person.unit_id else self.none()

    def open_on(self, day: date):
        return self.filter(opens_on__lte=day, closes_on__gte=day)


class _OfOffice(_OfUnit):
    """What only the personnel office sees, and the leaders in charge of its own sections."""

    def visible_to(self, person):
        entitled = access.has_role(person, Role.PERSONNEL) or _leads_the_office(person)
        return self.filter(unit_id=person.unit_id) if entitled else self.none()


def _leads_the_office(person) -> bool:
    led, today = access.places(person, Role.LEADER), clock.today()
    if not led:
        return False
    office = Appointment.objects.on(today).filter(
        office=Office.PERSONNEL_OFFICE, staff__unit=person.unit_id, staff__left_on=None
    )
    held = SectionMembership.objects.on(today).filter(section__in=led)
    return held.filter(staff__in=office.values("staff")).exists()


class ManualEntryQuerySet(_OfOffice):
    pass


class FactsUploadQuerySet(_OfUnit):
    def visible_to(self, person):
        entitled = access.has_role(person, Role.PERSONNEL)
        return self.filter(unit_id=person.unit_id) if entitled else self.none()


class DeclarationQuerySet(_OfUnit):
    def visible_to(self, person):
        """One's own; once filed those of the people of a section one heads or has in charge; a
        section's for its members; every one for the office that verifies. Drafts are their
        writer's alone."""
        if not person.unit_id:
            return self.none()
        rows = self.filter(unit_id=person.unit_id)
        own = Q(person=person) | Q(filed_by=person)
        filed = ~Q(state="draft")
        if access.has_role(person, Role.PERSONNEL):
            return rows.filter(own | filed)
        led = {place for role in (Role.CHIEF, Role.LEADER) for place in access.places(person, role)}
        sections = led | set(access.places(person, Role.MEMBER))
        of_led = Exists(_stay_of_person().filter(section__in=led))
        return rows.filter(own | Q(section__in=led) | filed & (Q(section__in=sections) | of_led))

    def with_person_section(self):
        """Adds `person_section_id`: the person's latest section, whose chief checks first."""
        return self.annotate(
            person_section_id=models.Subquery(_stay_of_person().values("section")[:1])
        )


def _stay_of_person():
    """The latest section of the outer row's person."""
    return SectionMembership.objects.filter(staff=OuterRef("person")).order_by("-start_on")
