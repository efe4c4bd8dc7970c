"""Who tells of the year, section by section: the reading list of the 年终述职会."""

from dataclasses import dataclass

from ledgers.models import WorkReport
from scheme import access, clock
from scheme.models import Appointment, Section, SectionMembership
from scheme.offices import Office
from scheme.roles import Role


@dataclass
class Reader:
    person: object
    heads: bool
    report: WorkReport | None


def by_section(person, year: int) -> list[tuple[Section, list[Reader]]]:
    """Sections in office order, the chief of each first, in four queries. Of the unit for those
    who decide; of the sections one heads or has in charge; else one's own line."""
    today = clock.today()
    stays = SectionMembership.objects.on(today).filter(staff__unit_id=person.unit_id)
    if not any(access.has_role(person, role) for role in (Role.COMMITTEE, Role.PERSONNEL)):
        led = {place for role in (Role.CHIEF, Role.LEADER) for place in access.places(person, role)}
        stays = stays.filter(section__in=led) if led else stays.filter(staff=person)
    stays = stays.filter(staff__left_on=None).select_related("section", "staff")
    stays = list(stays.order_by("section__position", "section_id", "staff__sort_weight"))
    chiefs = set(
        Appointment.objects.on(today)
        .filter(office=Office.SECTION_CHIEF, staff__in=[stay.staff_id for stay in stays])
        .values_list("staff", "section")
    )
    rows = WorkReport.objects.visible_to(person).filter(year=year)
    reports = {report.person_id: report for report in rows}
    groups: dict[Section, list[Reader]] = {}
    for stay in stays:
        heads = (stay.staff_id, stay.section_id) in chiefs
        reader = Reader(stay.staff, heads, reports.get(stay.staff_id))
        groups.setdefault(stay.section, []).append(reader)
    return [
        (section, sorted(readers, key=lambda one: not one.heads))
        for section, readers in groups.items()
    ]
