from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError

from scheme import clock, periods
from scheme.errors import Refused
from scheme.models import Staff, Unit
from scoring.actions import posting, runs


class Command(BaseCommand):
    help = "Posts what is settled, then freezes the scorecards of a half-year and prints the run."

    def add_arguments(self, parser):
        parser.add_argument("--unit", required=True, help="name of the unit")
        parser.add_argument("--half", required=True, help="2026H1")
        parser.add_argument("--by", metavar="STAFFNO")

    def handle(self, *, unit, half, by, **options):
        try:
            unit = Unit.objects.get(name=unit)
            asker = Staff.objects.get(unit=unit, staff_no=by) if by else None
            span = periods.half_span(half)
        except (Unit.DoesNotExist, Staff.DoesNotExist) as error:
            raise CommandError(f"unknown unit or staff number: {error}") from None
        except ValueError:
            raise CommandError(f"no half-year: {half}") from None
        try:
            done = posting.settle(unit, span.first, span.last, by=asker)
            run = runs.score(unit, half, by=asker)
        except (Refused, PermissionDenied) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{done.posted} entries posted, {done.reversed} reversed, settled to {done.until}\n"
            f"run {run.pk} of {half} at {clock.local(run.at):%Y-%m-%d %H:%M}\n"
            f"input {run.input_hash}\noutput {run.output_hash}"
        )
