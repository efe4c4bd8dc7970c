from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from scheme.commands import person_of, unit_named
from scheme.errors import Refused
from scoring.actions import facts
from scoring.imports.facts import SHEETS, Unreadable


class Command(BaseCommand):
    help = "Reads a facts workbook into the work ledgers. All or nothing; twice is once."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--unit", required=True, help="name of the unit")
        parser.add_argument("--by", required=True, metavar="STAFFNO", help="who imports")

    def handle(self, *, file: Path, unit: str, by: str, **options):
        unit_ = unit_named(unit)
        person = person_of(unit_, by)
        try:
            with file.open("rb") as source:
                counts = facts.load(unit_, source, by=person)
        except Unreadable as unreadable:
            for problem in unreadable.problems:
                self.stderr.write(str(problem))
            raise CommandError(str(unreadable)) from None
        except (OSError, Refused, PermissionDenied) as error:
            raise CommandError(str(error)) from None
        for sheet, count in counts.items():
            text = _("%(sheet)s：读%(read)d行，新增%(new)d，更正%(changed)d，原有%(known)d")
            self.stdout.write(text % ({"sheet": sheet} | count._asdict()))
        if absent := [sheet for sheet in SHEETS if sheet not in counts]:
            text = _("工作簿里没有：%(sheets)s")
            self.stdout.write(text % {"sheets": "、".join(absent)})
