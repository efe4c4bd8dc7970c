from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from ledgers.actions import quarters
from scheme.errors import Refused
from scheme.models import Staff, Unit


class Command(BaseCommand):
    help = "Closes a quarter of a unit for good: it takes no more entries."

    def add_arguments(self, parser):
        parser.add_argument("code", help="2026Q1")
        parser.add_argument("--unit", required=True, help="name of the unit")
        parser.add_argument("--by", required=True, metavar="STAFFNO")

    def handle(self, *, code, unit, by, **options):
        try:
            unit = Unit.objects.get(name=unit)
            closer = Staff.objects.get(unit=unit, staff_no=by)
            quarter = quarters.close(code, unit=unit, by=closer)
        except (Unit.DoesNotExist, Staff.DoesNotExist) as error:
            raise CommandError(f"unknown unit or staff number: {error}") from None
        except (Refused, PermissionDenied) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{quarter.code} closed at {quarter.closed_at:%Y-%m-%d %H:%M}")
