"""Reads over the round. Who sees a nomination is decided here, for lists and details alike."""

from collections import defaultdict

from django.db import models
from django.db.models import Exists, OuterRef, Q

from scheme import access, clock
from scheme.models import Appointment, SectionMembership
from scheme.offices import Office
from scheme.roles import Role


def _own_unit(rows, person, path="unit_id"):
    return rows.filter(**{path: person.unit_id}) if person.unit_id else rows.none()


class RoundQuerySet(models.QuerySet):
    def visible_to(self, person):
        """Everybody sees that a round runs; one being prepared the office sees, and the chiefs,
        who confirm their section's part of the list."""
        rows = _own_unit(self, person)
        if access.has_role(person, Role.PERSONNEL):
            return rows
        if access.has_role(person, Role.CHIEF):
            return rows.exclude(state="cancelled")
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
        return rows.filter(seen).without_recused(person)

    def without_recused(self, person):
        """Without what the person stands back from while it lies before the body: in lists, counts,
        exports and details alike. The nominee and the author keep what is theirs, and so does
        whoever heads a nominated section; but see `open_to`."""
        own = Q(person=person) | Q(made_by=person) | Q(submitted_by=person)
        own |= Q(kind="section", section__in=access.places(person, Role.CHIEF))
        return self.filter(own | ~self._stood_back_from(person))

    def open_to(self, person):
        """What the person may read the judgement of: nothing they stand back from, their own
        nomination least of all."""
        return self.exclude(person=person, state__in=["at_branch", "at_committee"]).filter(
            ~self._stood_back_from(person)
        )

    def _stood_back_from(self, person) -> Q:
        from stars.models import Recusal

        back = Recusal.objects.filter(nomination=OuterRef("pk"), staff=person, lifted_at=None)
        return Q(state="at_branch") & Exists(back.filter(body="branch")) | Q(
            state="at_committee"
        ) & Exists(back.filter(body="committee"))

    def standing(self):
        """Neither withdrawn nor still being written."""
        return self.exclude(state__in=["draft", "returned", "withdrawn"])


class BranchRecordQuerySet(models.QuerySet):
    def visible_to(self, person):
        """The branch's own members, the committee and the office."""
        rows = _own_unit(self, person, "round__unit_id")
        if access.has_role(person, Role.PERSONNEL) or access.has_role(person, Role.COMMITTEE):
            return rows
        return rows.filter(branch__in=access.places(person, Role.PARTY_MEMBER))


class AwardQuerySet(models.QuerySet):
    def visible_to(self, person):
        return _own_unit(self, person).with_revoked()

    def with_revoked(self):
        """`revoked` on each: was it taken back, by approval?"""
        revocations = self.model._meta.get_field("revocations").related_model.objects
        return self.annotate(
            revoked=Exists(revocations.filter(award=OuterRef("pk"), state="approved"))
        )

    def standing(self):
        """Those that were not taken back."""
        return self.with_revoked().filter(revoked=False)


class PublicationQuerySet(models.QuerySet):
    def visible_to(self, person):
        return _own_unit(self, person)


class ObjectionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(outcome="")

    def visible_to(self, person):
        """One's own; what one was asked to look into; for the office those that do not concern
        the reader. That there are any others is not to be seen."""
        rows = _own_unit(self, person, "round__unit_id")
        seen = Q(raised_by=person) | Q(assigned_to=person)
        if access.has_role(person, Role.PERSONNEL):
            sections = access.places(person, Role.MEMBER) + access.places(person, Role.CHIEF)
            own = Q(nomination__person=person) | Q(nomination__submitted_by=person)
            own |= Q(nomination__kind="section", nomination__section__in=sections)
            seen |= ~own
        if access.has_role(person, Role.CHAIR):
            seen |= _of_the_whole_office(person.unit_id)
        return rows.filter(seen)

    def originals(self):
        """Without those that ask for a second look at a finding."""
        return self.filter(reviews=None)

    def deciding(self):
        """Each matter's last word: the finding nobody asked to review, or the review's."""
        return self.filter(review=None)


def _of_the_whole_office(unit_id: int) -> Q:
    """Objections that concern everybody in the personnel office: somebody else has to give them
    out."""
    today = clock.today()
    held = Appointment.objects.on(today).filter(office=Office.PERSONNEL_OFFICE, staff__unit=unit_id)
    office = set(held.values_list("staff_id", flat=True))
    homes = SectionMembership.objects.on(today).filter(staff__in=office)
    at_home: dict[int, set[int]] = defaultdict(set)
    for section, staff in homes.values_list("section_id", "staff_id"):
        at_home[section].add(staff)
    shared = [section for section, people in at_home.items() if people == office]
    found = Q(nomination__kind="section", nomination__section__in=shared)
    if len(office) == 1:
        found |= Q(nomination__person__in=office) | Q(nomination__submitted_by__in=office)
    return found
