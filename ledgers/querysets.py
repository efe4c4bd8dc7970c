"""Reads over the ledgers. Who sees a row is decided here, once, for lists and details alike."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value

from scheme import access, clock
from scheme.models import Appointment, Deputation, SectionMembership
from scheme.offices import Office
from scheme.roles import Role


def _other_chief_on(day) -> models.QuerySet:
    """Who heads, on that day, the section of the outer row's author, the author left out."""
    return Appointment.objects.filter(
        Q(end_on=None) | Q(end_on__gt=day),
        office=Office.SECTION_CHIEF,
        section=OuterRef("section_id"),
        start_on__lte=day,
    ).exclude(staff=OuterRef("author"))


def _section_on(person: str, day: str) -> models.QuerySet:
    """Memberships of the outer row's person on the outer row's day."""
    return SectionMembership.objects.filter(
        Q(end_on=None) | Q(end_on__gt=OuterRef(day)),
        staff=OuterRef(person),
        start_on__lte=OuterRef(day),
    )


class DailyReportQuerySet(models.QuerySet):
    def with_section(self):
        """Adds `section_id`: the author's section on the day of the report."""
        return self.annotate(
            section_id=Subquery(_section_on("author", "day").values("section")[:1])
        )

    def with_chief(self):
        """Adds `by_chief`: did the author head the section on that day?"""
        heads = Appointment.objects.filter(
            Q(end_on=None) | Q(end_on__gt=OuterRef("day")),
            staff=OuterRef("author"),
            office=Office.SECTION_CHIEF,
            start_on__lte=OuterRef("day"),
        )
        return self.annotate(by_chief=Exists(heads))

    def with_reviewer(self):
        """Adds `section_id`, `by_chief`, `chiefless`: nobody but the author heads (or headed that
        day) the section, and `stands_in`: the author is the absent chief's deputy today. In each
        case the report is the leader's to review."""
        today = clock.today()
        deputies = Deputation.objects.on(today).filter(
            office=Office.SECTION_CHIEF, section=OuterRef("section_id"), deputy=OuterRef("author")
        )
        return (
            self.with_section()
            .with_chief()
            .annotate(
                chiefless=~Exists(_other_chief_on(OuterRef("day")))
                | ~Exists(_other_chief_on(Value(today, output_field=models.DateField()))),
                stands_in=Exists(deputies),
            )
        )

    def to_review_by(self, person):
        """Filed and waiting for this person: as chief those of the section's people, as leader
        those of the chiefs, and of sections without one. Nobody reviews their own."""
        heads = access.places(person, Role.CHIEF)
        leads = access.places(person, Role.LEADER)
        if not heads and not leads:
            return self.none()
        return (
            self.filter(unit_id=person.unit_id, state="filed")
            .exclude(author=person)
            .with_reviewer()
            .filter(
                Q(section_id__in=heads, by_chief=False)
                | Q(section_id__in=leads)
                & (Q(by_chief=True) | Q(chiefless=True) | Q(stands_in=True))
            )
        )

    def visible_to(self, person, on: date | None = None):
        """One's own, and (filed, not drafts) those of the sections one heads or has in charge."""
        sections = {
            place
            for role in (Role.CHIEF, Role.DEPUTY, Role.LEADER)
            for place in access.places(person, role, on=on)
        }
        of_section = Exists(_section_on("author", "day").filter(section__in=sections))
        own = Q(author=person)
        if not sections:
            return self.filter(own)
        return self.filter(own | (of_section & ~Q(state="draft")), unit_id=person.unit_id)

    def filed(self):
        return self.exclude(state="draft")


class ReportPolicyQuerySet(models.QuerySet):
    def of(self, unit, day: date):
        """The policy in force in the unit on that day; the earliest one for days before any."""
        rows = self.filter(unit=unit)
        return (
            rows.filter(in_force_from__lte=day).order_by("-in_force_from", "-pk").first()
            or rows.order_by("in_force_from", "pk").first()
            or self.model(unit=unit, in_force_from=day)
        )


class UnitRowsQuerySet(models.QuerySet):
    """Ledgers that everybody in the unit may read."""

    def visible_to(self, person):
        return self.filter(unit_id=person.unit_id) if person.unit_id else self.none()


class CircularQuerySet(models.QuerySet):
    """What is issued, for everybody; before that for those who write it and, once it is filed, for
    those who sign it: a section is not named before all eyes by a draft."""

    def visible_to(self, person):
        if not person.unit_id:
            return self.none()
        rows = self.filter(unit_id=person.unit_id)
        if access.has_role(person, Role.PERSONNEL) or access.has_role(person, Role.SUPERVISION):
            return rows
        if access.has_role(person, Role.CHAIR):
            return rows.filter(state__in=["filed", "returned", "approved", "issued"])
        return rows.filter(state="issued")


class SupervisionNoteQuerySet(UnitRowsQuerySet):
    def unanswered(self):
        """Presses that wait for an answer. What a workbook brought is history: nobody waits."""
        return self.filter(kind="pressed", state="stands", answered_at=None).exclude(
            written_by=None
        )


class QuarterQuerySet(models.QuerySet):
    def of_unit(self, unit):
        return self.filter(unit=unit)

    def open(self):
        return self.filter(closed_at=None)

    def visible_to(self, person):
        return self.filter(unit_id=person.unit_id) if person.unit_id else self.none()


class PointEntryQuerySet(models.QuerySet):
    def visible_to(self, person, on: date | None = None):
        """One's own; those of one's section's people for its chief; the whole unit for those who
        decide; a section's entries for its members. See `points.read*` in roles.py."""
        if not person.unit_id:
            return self.none()
        rows = self.filter(unit_id=person.unit_id)
        whole_unit = any(
            access.has_role(person, role, on=on) for role in (Role.PERSONNEL, Role.COMMITTEE)
        )
        if whole_unit:
            return rows
        led = {
            place
            for role in (Role.CHIEF, Role.LEADER)
            for place in access.places(person, role, on=on)
        }
        own_sections = led | set(access.places(person, Role.MEMBER, on=on))
        of_led = Exists(_section_on("person", "event_on").filter(section__in=led))
        return rows.filter(Q(person=person) | Q(section__in=own_sections) | of_led)

    def in_quarters(self, codes):
        return self.filter(quarter__code__in=codes)

    def in_force(self):
        """Neither a reversal nor reversed."""
        return self.filter(reverses=None, reversed_by=None)


class FiledRowsQuerySet(UnitRowsQuerySet):
    """Ledgers into which people file. What is being written, and what was given up before anybody
    decided on it, is its writer's own."""

    def visible_to(self, person):
        own = Q(filed_by=person)
        unfiled = Q(state="draft") | Q(state="void", verified_by=None, filed_by__isnull=False)
        return super().visible_to(person).filter(own | ~unfiled)
