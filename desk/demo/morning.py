"""This morning's digest of whoever a visitor can be."""

from datetime import date

from desk import digests, queries
from desk.actions import digests as acts
from desk.demo import cast
from scheme import workdays
from scheme.models import Staff, Unit


def build(unit: Unit, office: Staff, today: date) -> None:
    if not workdays.is_working(today):
        return
    numbers = [part.staff_no for part in cast.CAST]
    found = []
    for person in digests.people_of(unit, today).filter(staff_no__in=numbers):
        if body := digests.body_of(person, queries.current_round(person)):
            found.append(acts.Body(person.pk, body))
    # A day of no batches: the clock makes no more of this unit today, the demo is quick to load.
    acts.split(unit, today, [])
    acts.store(unit, today, found)
