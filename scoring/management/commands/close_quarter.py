from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from scheme import clock
from scheme.commands import person_of, unit_named
from scheme.errors import Refused
from scoring.actions import closing


class Command(BaseCommand):
    help = "Posts what is recorded, then closes a quarter of a unit: it takes no more entries."

    def add_arguments(self, parser):
        parser.add_argument("code", help="2026Q1")
        parser.add_argument("--unit", required=True, help="name of the unit")
        parser.add_argument("--by", required=True, metavar="STAFFNO")

    def handle(self, *, code, unit, by, **options):
        unit = unit_named(unit)
        closer = person_of(unit, by)
        try:
            done = closing.close(code, unit=unit, by=closer)
        except (Refused, PermissionDenied) as error:
            raise CommandError(str(error)) from None
        move = done.move
        self.stdout.write(
            f"{done.posted} entries posted, {done.reversed} reversed\n"
            f"{code} closed at {clock.local(move.at):%Y-%m-%d %H:%M} by {closer.staff_no}: "
            f"{move.entries} entries, {move.points:.2f} points"
        )
