"""Reads over the round. Who sees a nomination is decided here, for lists and details alike."""

from django.db import models
from django.db.models import Q

from scheme import access
from scheme.roles import Role


def _own_unit(rows, person, path="unit_id"):
    return rows.filter(**{path: person.unit_id}) if person.unit_id else rows.none()


class RoundQuerySet(models.QuerySet):
    def visible_to(self, person):
        """Everybody sees that a round runs; one being prepared only the office sees."""
        rows = _own_unit(self, person)
        if access.has_role(person, Role.PERSONNEL):
            return rows
        return rows.exclude(state__in=["preparing", "cancelled"])

    def running(self):
        return self.exclude(state__in=["preparing", "published", "cancelled"])


class ParticipantQuerySet(models.QuerySet):
    def taking_part(self):
        return self.filter(takes_part=True)


class NominationQuerySet(models.QuerySet):
    def visible_to(self, person):
        """One's own once it is no draft; those of the sections one heads or has in charge; those
        before one's branch; and, once submitted, all for the committee and the office."""
        rows = _own_unit(self, person)
        headed = access.places(person, Role.CHIEF)
        charged = access.places(person, Role.LEADER)
        branches = access.places(person, Role.PARTY_MEMBER)
        not_draft = ~Q(state__in=["draft", "withdrawn"])
        seen = Q(section__in=headed) | (Q(person=person) & not_draft)
        seen |= Q(section__in=charged) & not_draft
        seen |= Q(branch__in=branches, state__in=["at_branch", "at_committee", "closed"])
        if access.has_role(person, Role.PERSONNEL):
            seen |= not_draft
        if access.has_role(person, Role.COMMITTEE):
            seen |= Q(state__in=["at_committee", "closed"])
        return rows.filter(seen)

    def standing(self):
        """Neither withdrawn nor still being written."""
        return self.exclude(state__in=["draft", "returned", "withdrawn"])


class AwardQuerySet(models.QuerySet):
    def visible_to(self, person):
        return _own_unit(self, person)


class PublicationQuerySet(models.QuerySet):
    def visible_to(self, person):
        return _own_unit(self, person)


class ObjectionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(outcome="")

    def visible_to(self, person):
        rows = _own_unit(self, person, "round__unit_id")
        if access.has_role(person, Role.PERSONNEL):
            return rows
        return rows.filter(raised_by=person)
