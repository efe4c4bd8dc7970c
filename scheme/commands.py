"""What the operator names on the command line: a unit, a person of it, a day."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import CommandError

from scheme.models import Staff, Unit


def unit_named(name: str) -> Unit:
    unit = Unit.objects.filter(name=name.strip()).first()
    if unit is None:
        raise CommandError(f"unknown unit: {name}")
    return unit


def person_of(unit: Unit, staff_no: str) -> Staff:
    person = Staff.objects.filter(unit=unit, staff_no=staff_no.strip()).first()
    if person is None:
        raise CommandError(f"unknown staff number in {unit.name}: {staff_no}")
    return person


def day(text: str) -> date:
    """As the pages take it: other years are slips of the hand."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2199:
        raise ArgumentTypeError(f"no day like 2026-01-01: {text}")
    return found
