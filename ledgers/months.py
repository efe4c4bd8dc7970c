"""Months by section: what is owed, and the table of sections by months."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from ledgers.actions import summaries
from ledgers.models import MonthlySummary
from ledgers.sheet_querysets import WRITERS
from scheme import access, clock
from scheme.errors import Refused
from scheme.models import Section
from scheme.roles import Role

State = MonthlySummary.State
_WHOLE = (Role.COMMITTEE, Role.PERSONNEL, Role.SUPERVISION)


@dataclass
class Owed:
    """A month of a section: its summary, if there is one, and until when it is to be filed."""

    section: Section
    month: date
    summary: MonthlySummary | None
    due: date | None

    @property
    def open(self) -> bool:
        return self.summary is None or self.summary.state in (State.DRAFT, State.RETURNED)

    @property
    def late(self) -> bool:
        return self.open and self.due is not None and clock.today() > self.due


@dataclass
class Cell:
    summary: MonthlySummary | None
    kind: str = ""
    missing: bool = False


def last_month(today: date) -> date:
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def due_on(month: date) -> date | None:
    """None where the calendar does not reach."""
    try:
        return summaries.due_on(month)
    except Refused:
        return None


def own(person) -> list[Owed]:
    """Last month and this one, for the sections whose summaries the person writes."""
    places = {place for role in WRITERS for place in access.places(person, role)}
    if not places:
        return []
    today = clock.today()
    offered = (last_month(today), today.replace(day=1))
    rows = MonthlySummary.objects.filter(section__in=places, month__in=offered)
    there = {(row.section_id, row.month): row for row in rows}
    due = {month: due_on(month) for month in offered}
    return [
        Owed(section, month, there.get((section.pk, month)), due[month])
        for section in Section.objects.filter(pk__in=places).order_by("position", "pk")
        for month in offered
    ]


def matrix(person, year: int) -> list[tuple[Section, list[Cell]]]:
    """The sections the person may see, and their twelve months. Two queries, and one for when
    last month was due."""
    first, today = date(year, 1, 1), clock.today()
    sections = Section.objects.visible_to(person)
    if not any(access.has_role(person, role) for role in _WHOLE):
        near = {
            place
            for role in (Role.MEMBER, Role.CHIEF, Role.DEPUTY, Role.LEADER)
            for place in access.places(person, role)
        }
        sections = sections.filter(pk__in=near)
    sections = sections.filter(Q(closed_on=None) | Q(closed_on__gt=first))
    rows = MonthlySummary.objects.visible_to(person).filter(
        month__range=(first, date(year, 12, 31))
    )
    there = {(row.section_id, row.month.month): row for row in rows}
    previous = last_month(today)
    due = due_on(previous)
    return [
        (
            section,
            [
                _cell(there.get((section.pk, month)), date(year, month, 1), section, previous, due)
                for month in range(1, 13)
            ],
        )
        for section in sections.order_by("position", "pk")
    ]


def _cell(summary, month: date, section: Section, previous: date, due: date | None) -> Cell:
    if summary is not None:
        kinds = {State.FILED: "warn", State.GRADED: "ok"}
        return Cell(summary, kinds.get(summary.state, "warn"))
    gone = section.closed_on is not None and section.closed_on <= month
    late = month < previous or (month == previous and due is not None and clock.today() > due)
    return Cell(None, missing=late and not gone)
