from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from scheme.actions import calendars
from scheme.errors import Refused


class Command(BaseCommand):
    help = "Loads a year's holiday plan: rows of date,休 or 班,name. Twice does no harm."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--source", default="")

    def handle(self, *args, file: Path, year: int, source: str, **options):
        try:
            text = file.read_text(encoding="utf-8-sig")
            different = calendars.load_plan(year, text, source=source[:60], by=None)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(_("放假安排已导入，%(n)d天与原来不同。") % {"n": different})
