"""Who sees the sheets drafted from facts, once for lists and details alike."""

from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Subquery

from scheme import access, clock
from scheme.models import Appointment, SectionMembership
from scheme.offices import Office
from scheme.roles import Role

WRITERS = (Role.CHIEF, Role.DEPUTY)


def _places(person, *roles: Role) -> set[int]:
    return {place for role in roles for place in access.places(person, role)}


def _in_charge(section: str, office: str):
    """Who holds the office over the outer row's section today."""
    return Appointment.objects.on(clock.today()).filter(office=office, section=OuterRef(section))


class SectionSheetQuerySet(models.QuerySet):
    """Weekly sheets: the unit's once filed, a draft its section's chief's and deputy's only."""

    def visible_to(self, person):
        if not person.unit_id:
            return self.none()
        own = Q(section__in=_places(person, *WRITERS))
        return self.filter(own | Q(state="filed"), unit_id=person.unit_id)


class SummaryQuerySet(models.QuerySet):
    def visible_to(self, person):
        """The section's own people, its leader in charge, and who decides or counts in the unit; a
        draft, only who writes it."""
        if not person.unit_id:
            return self.none()
        rows = self.filter(unit_id=person.unit_id)
        drafts = Q(section__in=_places(person, *WRITERS))
        whole = (Role.COMMITTEE, Role.PERSONNEL, Role.SUPERVISION)
        if any(access.has_role(person, role) for role in whole):
            return rows.filter(drafts | ~Q(state="draft"))
        near = Q(section__in=_places(person, Role.MEMBER, Role.LEADER))
        return rows.filter(drafts | near & ~Q(state="draft"))

    def with_leader(self):
        """Adds `leaderless`: nobody but the filer has the section in charge today."""
        leaders = _in_charge("section_id", Office.LEADER_IN_CHARGE)
        return self.annotate(leaderless=~Exists(leaders.exclude(staff=OuterRef("filed_by"))))

    def to_grade_by(self, person):
        """Filed and waiting for this person: the leader in charge; where there is none but the
        filer, whoever chairs the committee."""
        led = access.places(person, Role.LEADER)
        chairs = access.has_role(person, Role.CHAIR)
        if not led and not chairs:
            return self.none()
        mine = Q(section__in=led)
        if chairs:
            mine |= Q(leaderless=True)
        rows = self.filter(unit_id=person.unit_id, state="filed").exclude(filed_by=person)
        return rows.with_leader().filter(mine)


class WorkReportQuerySet(models.QuerySet):
    def with_section(self):
        """Adds `section_id` and `section_name`: the person's section of today."""
        stay = SectionMembership.objects.on(clock.today()).filter(staff=OuterRef("person"))
        return self.annotate(
            section_id=Subquery(stay.values("section")[:1]),
            section_name=Subquery(stay.values("section__name")[:1]),
        )

    def with_receiver(self):
        """Adds `section_id`, `section_name`; `by_leader`: the person heads the section, or nobody
        else does; `leaderless`: nobody but the person has the section in charge."""
        heads = _in_charge("section_id", Office.SECTION_CHIEF)
        leaders = _in_charge("section_id", Office.LEADER_IN_CHARGE)
        by_leader = Exists(heads.filter(staff=OuterRef("person"))) | ~Exists(heads)
        return self.with_section().annotate(
            by_leader=ExpressionWrapper(by_leader, output_field=BooleanField()),
            leaderless=~Exists(leaders.exclude(staff=OuterRef("person"))),
        )

    def visible_to(self, person):
        """One's own; once filed, those of the sections one heads or has in charge, and the unit's
        for the committee and the personnel office."""
        if not person.unit_id:
            return self.none()
        rows = self.filter(unit_id=person.unit_id)
        filed = ~Q(state="draft")
        if any(access.has_role(person, role) for role in (Role.COMMITTEE, Role.PERSONNEL)):
            return rows.filter(Q(person=person) | filed)
        stay = SectionMembership.objects.on(clock.today()).filter(
            staff=OuterRef("person"), section__in=_places(person, Role.CHIEF, Role.LEADER)
        )
        return rows.filter(Q(person=person) | filed & Exists(stay))

    def to_receive_by(self, person):
        """Filed and waiting for this person. Nobody receives their own."""
        heads = access.places(person, Role.CHIEF)
        leads = access.places(person, Role.LEADER)
        chairs = access.has_role(person, Role.CHAIR)
        if not heads and not leads and not chairs:
            return self.none()
        mine = Q(by_leader=False, section_id__in=heads)
        mine |= Q(by_leader=True, section_id__in=leads)
        if chairs:
            mine |= Q(by_leader=True, leaderless=True)
        rows = self.filter(unit_id=person.unit_id, state="filed").exclude(person=person)
        return rows.with_receiver().filter(mine)
