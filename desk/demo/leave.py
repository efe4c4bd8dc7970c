"""The demo's leave, deputies and tasks on lines, through the actions."""

from datetime import date, timedelta

from ledgers.models import DailyReport
from ledgers.tasklines import offered
from scheme import access, workdays
from scheme.actions import absences, deputations
from scheme.errors import Refused
from scheme.models import Absence, Appointment, Staff, Unit
from scheme.offices import Office
from scheme.roles import Role

OWN_CHIEF, OWN_OFFICER = "ZC042", "ZC045"


def build(unit: Unit, office: Staff, today: date) -> None:
    """A request that waits, one that was granted, deputies, lines that name tasks."""
    people = {one.staff_no: one for one in Staff.objects.of_unit(unit).on_roll(today)}
    chief = people.get(OWN_CHIEF)
    if chief is None:
        return
    section = access.places(chief, Role.CHIEF)[0]
    mates = Staff.objects.of_section(section, today).exclude(pk=chief.pk).in_office_order()
    mates = [one for one in mates if one.staff_no != OWN_OFFICER]
    first = workdays.following(today, 3)
    _ask(mates[0], Absence.Kind.TRAVEL, first, workdays.following(first))
    if len(mates) > 1:
        asked = _ask(mates[1], Absence.Kind.LEAVE, workdays.following(today), first)
        if asked:
            absences.grant(asked.pk, version=asked.version, by=chief)
    away = workdays.following(today, 5)
    held = list(deputations.held_by(chief, away).values_list("office", "section_id"))
    deputations.name(
        chief.pk,
        places=held,
        deputy_pk=mates[0].pk,
        first=away,
        last=away + timedelta(days=4),
        by=office,
    )
    _stand_in_today(unit, office, today)
    _task_lines(people, today)


def _ask(person: Staff, kind: str, first: date, last: date):
    try:
        return absences.ask(kind=kind, first=first, last=last, by=person)
    except Refused:
        # The workbook tells of an absence in these very days.
        return None


def _stand_in_today(unit: Unit, office: Staff, today: date) -> None:
    """Somewhere a chief is away now and a colleague reads in their stead."""
    heads = Appointment.objects.on(today).filter(
        office=Office.SECTION_CHIEF, staff__unit=unit, staff__left_on=None
    )
    for head in heads.exclude(staff__staff_no=OWN_CHIEF).exclude(staff=office).order_by("pk"):
        mates = Staff.objects.of_section(head.section_id, today).exclude(pk=head.staff_id)
        deputy = mates.on_roll(today).in_office_order().first()
        if deputy is None:
            continue
        deputations.name(
            head.staff_id,
            places=[(head.office, head.section_id)],
            deputy_pk=deputy.pk,
            first=today,
            last=today + timedelta(days=6),
            by=office,
        )
        return


def _task_lines(people: dict[str, Staff], today: date) -> None:
    """The newest waiting report of some people names the tasks they are at."""
    for person in list(people.values())[::7]:
        report = (
            DailyReport.objects.filter(author=person, state=DailyReport.State.FILED)
            .order_by("-day")
            .first()
        )
        tasks = offered(person, today)[:2]
        if report is None or not tasks:
            continue
        for line, task in zip(report.lines.all(), tasks, strict=False):
            line.task = task
            line.save(update_fields=["task"])
