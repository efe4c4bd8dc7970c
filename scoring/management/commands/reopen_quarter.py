from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from scheme.commands import person_of, unit_named
from scheme.errors import Refused
from scoring.actions import closing


class Command(BaseCommand):
    help = "Opens the last closed quarter of a unit again, for a reason."

    def add_arguments(self, parser):
        parser.add_argument("code", help="2026Q1")
        parser.add_argument("--unit", required=True, help="name of the unit")
        parser.add_argument("--by", required=True, metavar="STAFFNO")
        parser.add_argument("--reason", required=True)

    def handle(self, *, code, unit, by, reason, **options):
        unit = unit_named(unit)
        opener = person_of(unit, by)
        try:
            quarter = closing.reopen(code, unit=unit, reason=reason, by=opener)
        except (Refused, PermissionDenied) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{quarter.code} is open again; entries counted later stay there")
