"""Reads over requests for leave and travel: who sees them, and on whose desk they lie."""

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from scheme import access, clock
from scheme.offices import Office
from scheme.roles import Role


class LeaveRequestQuerySet(models.QuerySet):
    def with_decider(self):
        """Adds `section_id`, the person's section today, and `by_leader`: the person heads it, or
        nobody else does."""
        from scheme.models import Appointment, SectionMembership

        today = clock.today()
        held = SectionMembership.objects.on(today).filter(staff=OuterRef("staff"))
        heads = Appointment.objects.on(today).filter(
            office=Office.SECTION_CHIEF, section=OuterRef("section_id")
        )
        rows = self.annotate(section_id=Subquery(held.values("section")[:1]))
        return rows.annotate(
            by_leader=Q(Exists(heads.filter(staff=OuterRef("staff"))))
            | ~Exists(heads.exclude(staff=OuterRef("staff")))
        )

    def asked(self):
        return self.filter(state="asked")

    def to_decide_by(self, person):
        """Those that wait for this person; nobody decides on their own."""
        heads = access.places(person, Role.CHIEF)
        leads = access.places(person, Role.LEADER)
        if not heads and not leads:
            return self.none()
        return (
            self.asked()
            .filter(unit_id=person.unit_id)
            .exclude(staff=person)
            .with_decider()
            .filter(
                Q(by_leader=False, section_id__in=heads) | Q(by_leader=True, section_id__in=leads)
            )
        )

    def visible_to(self, person):
        """One's own, those of the sections one heads or has in charge; all to the personnel
        office."""
        from scheme.models import SectionMembership

        if not person.unit_id:
            return self.none()
        rows = self.filter(unit_id=person.unit_id)
        if access.has_role(person, Role.PERSONNEL):
            return rows
        led = {place for role in (Role.CHIEF, Role.LEADER) for place in access.places(person, role)}
        held = SectionMembership.objects.on(clock.today()).filter(
            staff=OuterRef("staff"), section__in=led
        )
        return rows.filter(Q(staff=person) | Exists(held))


class AbsenceQuerySet(models.QuerySet):
    def visible_to(self, person):
        """As for requests."""
        return _in_sight(self, person)


def _in_sight(rows, person):
    from scheme.models import SectionMembership

    if not person.unit_id:
        return rows.none()
    rows = rows.filter(staff__unit_id=person.unit_id)
    if access.has_role(person, Role.PERSONNEL):
        return rows
    led = {place for role in (Role.CHIEF, Role.LEADER) for place in access.places(person, role)}
    held = SectionMembership.objects.on(clock.today()).filter(
        staff=OuterRef("staff"), section__in=led
    )
    return rows.filter(Q(staff=person) | Exists(held))
