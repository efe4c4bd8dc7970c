from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from scheme import clock, periods
from scheme.commands import unit_named
from scheme.errors import Refused
from scheme.models import Unit
from scoring.actions import runs
from scoring.exports import scorecards
from scoring.models import Scorecard, ScoreRun


class Command(BaseCommand):
    help = "Writes the scorecards of the half-year's newest run: .csv, .json or .xlsx."

    def add_arguments(self, parser):
        parser.add_argument("--unit", required=True, help="name of the unit")
        parser.add_argument("--half", required=True, help="2026H1")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")

    def handle(self, *, unit, half, out: Path, **options):
        unit = unit_named(unit)
        try:
            periods.half_span(half)
        except ValueError:
            raise CommandError(f"no half-year: {half}") from None
        run = self._run(unit, half)
        if run is None:
            raise CommandError(f"{half} has not been scored yet: run the command score first")
        try:
            scorecards.write(run, out)
        except (OSError, Refused) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{Scorecard.objects.filter(run=run).count()} cards of run {run.pk}"
            f" ({clock.local(run.at):%Y-%m-%d %H:%M}) written to {out}\noutput {run.output_hash}"
        )

    def _run(self, unit: Unit, half: str) -> ScoreRun | None:
        """That of the books as they stand; else the newest, and a word about it."""
        newest = ScoreRun.objects.latest_of(unit, half)
        run = runs.standing(unit, half)
        if run is None and newest is not None:
            self.stderr.write("entries, people or rules have changed since this run: score again")
        return run or newest
