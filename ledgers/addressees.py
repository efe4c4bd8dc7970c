"""Who holds an office today, to be told what has come to them."""

from collections.abc import Iterable

from scheme import clock
from scheme.models import Appointment, Staff
from scheme.offices import Office


def chiefs_of(sections: Iterable[int]) -> list[Staff]:
    return _holders(Office.SECTION_CHIEF, section__in=list(sections))


def leaders_of(sections: Iterable[int]) -> list[Staff]:
    return _holders(Office.LEADER_IN_CHARGE, section__in=list(sections))


def supervisors_of(unit_id: int) -> list[Staff]:
    return _holders(Office.SUPERVISION_OFFICE, staff__unit=unit_id)


def chairs_of(unit_id: int) -> list[Staff]:
    return _holders(Office.COMMITTEE_CHAIR, staff__unit=unit_id)


def _holders(office: str, **where) -> list[Staff]:
    """Who still serves, each once, in office order."""
    today = clock.today()
    rows = Appointment.objects.on(today).filter(office=office, **where)
    people = Staff.objects.on_roll(today).filter(pk__in=rows.values("staff"), is_active=True)
    return list(people.in_office_order())
