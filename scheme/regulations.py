"""Reads of the regulations library: areas, places of decision, what counts today, who has read."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import access, clauses, clock
from scheme.models import (
    Appointment,
    Clause,
    ReadingSection,
    ReadReceipt,
    Regulation,
    RegulationArea,
    RegulationVersion,
    SectionMembership,
    Staff,
    Unit,
)
from scheme.offices import Office

AREAS = (
    gettext_lazy("集体学习"),
    gettext_lazy("督查督办"),
    gettext_lazy("工作纪律"),
    gettext_lazy("谈心谈话"),
    gettext_lazy("公文与保密"),
    gettext_lazy("考核激励"),
    gettext_lazy("后勤服务"),
)
Readers = RegulationVersion.Readers
MOST_HITS = 60


def area_names(unit: Unit | int) -> dict[int, str]:
    """By number, the unit's own name where it has given one."""
    names = {number: str(name) for number, name in enumerate(AREAS, 1)}
    return names | dict(RegulationArea.objects.filter(unit=unit).values_list("number", "name"))


def office_sections(unit: Unit | int) -> list[int]:
    """The personnel office's own sections."""
    today = clock.today()
    held = Appointment.objects.on(today).filter(
        office=Office.PERSONNEL_OFFICE, staff__unit=unit, staff__left_on=None
    )
    of_them = SectionMembership.objects.on(today).filter(staff__in=held.values("staff"))
    return sorted(set(of_them.values_list("section_id", flat=True)))


def approvers(regulation: Regulation) -> list[Staff]:
    """The leaders in charge of the owner section and of the personnel office."""
    sections = {regulation.owner_id, *office_sections(regulation.unit_id)}
    held = Appointment.objects.on(clock.today()).filter(
        office=Office.LEADER_IN_CHARGE, section__in=sections, staff__left_on=None
    )
    return list(Staff.objects.filter(pk__in=held.values("staff")))


def may_approve(person: Staff, version: RegulationVersion) -> bool:
    """Is it one of those leaders? Four eyes are the action's business."""
    places = (None, *office_sections(version.regulation.unit_id))
    return any(access.can(person, "regulation.approve", version.anchor(at)) for at in places)


def may_write(person: Staff, regulation: Regulation) -> bool:
    return access.can(person, "regulation.write", regulation.anchor("draft"))


def may_manage(person: Staff, regulation: Regulation) -> bool:
    return access.can(person, "regulation.manage", regulation.anchor())


def status(version: RegulationVersion, holding_pk: int | None, day: date) -> tuple[str, str]:
    """Colour and word; `holding_pk` is the version of the same regulation that counts that day."""
    if version.state == RegulationVersion.State.DRAFT:
        if version.return_reason:
            return "bad", _("退回修改")
        return ("warn", _("待批准")) if version.handed_in_at else ("warn", _("草稿"))
    if version.effective_on > day:
        return "done", _("待废止") if version.abolishes else _("待施行")
    if version.abolishes:
        return "done", _("废止")
    return ("ok", _("施行")) if version.pk == holding_pk else ("done", _("已修订"))


class Hit(NamedTuple):
    clause: Clause
    regulation: Regulation
    version: RegulationVersion


def find(person: Staff, asked: str, versions) -> list[Hit]:
    """Clauses of these versions that hold every word asked for, in the order of the library. A word
    may stand in the regulation's title instead, as long as one stands in the clause.

    The index narrows by pairs of characters; the text itself has the last word.
    """
    words = [word for word in asked.split() if clauses.needed(word)]
    if not words:
        return []
    found, somewhere = Clause.objects.filter(regulation_version__in=versions), Q()
    for word in words:
        here = Q(grams__contains=clauses.needed(word), text__icontains=word)
        found = found.filter(here | Q(regulation_version__regulation__title__icontains=word))
        somewhere |= here
    found = found.filter(somewhere)
    found = found.select_related("regulation_version__regulation").defer(
        "grams", "regulation_version__text"
    )
    found = found.order_by("regulation_version__regulation__number", "position")
    return [
        Hit(one, one.regulation_version.regulation, one.regulation_version)
        for one in found[:MOST_HITS]
    ]


# --- Read by those who must


def must_read(person: Staff, day: date):
    """Versions the person has still to read: the newest of each regulation, asked of them."""
    sections = SectionMembership.objects.on(day).filter(staff=person).values("section")
    asked = ReadingSection.objects.filter(regulation_version=OuterRef("pk"), section__in=sections)
    receipt = ReadReceipt.objects.filter(regulation_version=OuterRef("pk"), person=person)
    return (
        RegulationVersion.objects.newest()
        .filter(regulation__unit=person.unit_id, abolishes=False)
        .filter(Q(readers=Readers.EVERYBODY) | Q(Exists(asked), readers=Readers.SECTIONS))
        .exclude(Exists(receipt))
        .select_related("regulation")
        .order_by("read_by", "regulation__number")
    )


def readers_of(version: RegulationVersion, day: date):
    """Those on the roll that day who must read it."""
    people = Staff.objects.filter(unit=version.regulation.unit_id, is_active=True).on_roll(day)
    if version.readers == Readers.EVERYBODY:
        return people
    if version.readers == Readers.NOBODY:
        return people.none()
    sections = ReadingSection.objects.filter(regulation_version=version).values("section")
    held = SectionMembership.objects.on(day).filter(staff=OuterRef("pk"), section__in=sections)
    return people.filter(Exists(held))


class Reading(NamedTuple):
    asked: int
    read: int
    unread: list[Staff]
    done: list[ReadReceipt]

    @property
    def percent(self) -> int:
        return self.read * 100 // self.asked if self.asked else 100


def reading(version: RegulationVersion, day: date) -> Reading:
    """Counts and names, in office order. Who has left since is not counted."""
    people = list(readers_of(version, day).with_section(day).in_office_order())
    receipts = ReadReceipt.objects.filter(regulation_version=version).select_related("person")
    by_person = {one.person_id: one for one in receipts}
    unread = [one for one in people if one.pk not in by_person]
    done = [by_person[one.pk] for one in people if one.pk in by_person]
    return Reading(len(people), len(done), unread, done)


def reading_counts(versions: Iterable[RegulationVersion], day: date) -> dict[int, tuple[int, int]]:
    """(asked, read) of many versions of one unit, in four queries however many."""
    asked = [one for one in versions if one.readers]
    if not asked:
        return {}
    unit = asked[0].regulation.unit_id
    people = Staff.objects.filter(unit=unit, is_active=True).on_roll(day)
    section_of = dict(people.with_section(day).values_list("pk", "section_id"))
    wanted: dict[int, set] = {}
    rows = ReadingSection.objects.filter(regulation_version__in=asked)
    for version_id, section_id in rows.values_list("regulation_version", "section"):
        wanted.setdefault(version_id, set()).add(section_id)
    read: dict[int, set] = {}
    receipts = ReadReceipt.objects.filter(regulation_version__in=asked)
    for version_id, person_id in receipts.values_list("regulation_version", "person"):
        read.setdefault(version_id, set()).add(person_id)
    counts = {}
    for one in asked:
        if one.readers == Readers.EVERYBODY:
            those = set(section_of)
        else:
            those = {pk for pk, at in section_of.items() if at in wanted.get(one.pk, ())}
        counts[one.pk] = (len(those), len(those & read.get(one.pk, set())))
    return counts
