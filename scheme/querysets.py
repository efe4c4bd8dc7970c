"""Reads that chain. Every list a person sees starts from `visible_to`."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce


class UnitScopedQuerySet(models.QuerySet):
    def of_unit(self, unit):
        return self.filter(unit=unit)

    def visible_to(self, person):
        """Rows of the person's own unit; an administrator of the installation sees every unit's."""
        if person.administrator:
            return self
        return self.filter(unit_id=person.unit_id) if person.unit_id else self.none()


class DatedQuerySet(models.QuerySet):
    """Rows that hold from `start_on` until the day before `end_on` (open when empty)."""

    def on(self, day: date):
        return self.filter(Q(end_on=None) | Q(end_on__gt=day), start_on__lte=day)

    def during(self, first: date, until: date):
        """Rows that hold on at least one day of the half-open span."""
        return self.filter(Q(end_on=None) | Q(end_on__gt=first), start_on__lt=until)

    def visible_to(self, person):
        if person.administrator:
            return self
        return self.filter(staff__unit_id=person.unit_id) if person.unit_id else self.none()


class StaffQuerySet(UnitScopedQuerySet):
    def on_roll(self, day: date):
        """On the roll from the joining day until the day before leaving."""
        return self.filter(Q(left_on=None) | Q(left_on__gt=day), joined_on__lte=day)

    def on_roll_during(self, first: date, until: date):
        return self.filter(
            Q(left_on=None) | Q(left_on__gt=first),
            Q(left_on=None) | Q(left_on__gt=models.F("joined_on")),
            joined_on__lt=until,
        )

    def of_section(self, section, day: date):
        from scheme.models import SectionMembership

        held = SectionMembership.objects.on(day).filter(staff=OuterRef("pk"), section=section)
        return self.filter(Exists(held))

    def with_section(self, day: date):
        """Adds `section_id` and `section_name` of that day; empty for the leaders."""
        from scheme.models import SectionMembership

        held = SectionMembership.objects.on(day).filter(staff=OuterRef("pk"))
        return self.annotate(
            section_id=Subquery(held.values("section_id")[:1]),
            section_name=Coalesce(
                Subquery(held.values("section__name")[:1]),
                models.Value(""),
            ),
        )

    def subjects(self, first: date, until: date):
        """Who can hold points: on the roll in the span and in a section at some time of it."""
        from scheme.models import SectionMembership

        held = SectionMembership.objects.during(first, until).filter(staff=OuterRef("pk"))
        return self.on_roll_during(first, until).filter(Exists(held))

    def in_office_order(self):
        """As the department lists its people: by manual weight, then staff number."""
        return self.order_by("sort_weight", "staff_no")
