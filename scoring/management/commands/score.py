from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from scheme import clock, periods
from scheme.commands import person_of, unit_named
from scheme.errors import Refused
from scoring.actions import posting, runs


class Command(BaseCommand):
    help = "Posts what is settled, then freezes the scorecards of a half-year and prints the run."

    def add_arguments(self, parser):
        parser.add_argument("--unit", required=True, help="name of the unit")
        parser.add_argument("--half", required=True, help="2026H1")
        parser.add_argument("--by", metavar="STAFFNO")

    def handle(self, *, unit, half, by, **options):
        unit = unit_named(unit)
        asker = person_of(unit, by) if by else None
        try:
            span = periods.half_span(half)
        except ValueError:
            raise CommandError(f"no half-year: {half}") from None
        try:
            # What is posted for a run that does not come about is taken back.
            with transaction.atomic():
                done = posting.settle(unit, span.first, span.last, by=asker)
                run = runs.score(unit, half, by=asker)
        except (Refused, PermissionDenied) as error:
            raise CommandError(str(error)) from None
        except runs.DifferentOutcome as alarm:
            text = "ALARM: the same inputs gave another result; nothing was changed. Look before"
            raise CommandError(f"{text} going on: verify_points, {alarm}") from None
        self.stdout.write(
            f"{done.posted} entries posted, {done.reversed} reversed, settled to {done.until}\n"
            f"run {run.pk} of {half} at {clock.local(run.at):%Y-%m-%d %H:%M}\n"
            f"input {run.input_hash}\noutput {run.output_hash}"
        )
