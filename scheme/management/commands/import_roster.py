from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from scheme.actions import rosters
from scheme.errors import Refused
from scheme.imports.sheets import Problem
from scheme.models import Unit
from scheme.templatetags.look import listed

LONGEST_NAME = Unit._meta.get_field("name").max_length


class Command(BaseCommand):
    help = "Reads a department's roster workbook; makes the unit when it is new. All or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--unit", required=True, help="name of the unit")

    def handle(self, *args, file: Path, unit: str, **options):
        unit = unit.strip()
        if not 0 < len(unit) <= LONGEST_NAME:
            raise CommandError(f"the name of a unit has 1 to {LONGEST_NAME} characters")
        try:
            with file.open("rb") as source:
                data = source.read(rosters.MAX_FILE + 1)
            upload = rosters.load(unit, data, file_name=file.name)
        except OSError as error:
            raise CommandError(str(error)) from error
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if upload.errors:
            for error in upload.errors:
                self.stderr.write(str(Problem(**error)))
            raise CommandError(_("名册有%(n)d处错误，没有导入。") % {"n": len(upload.errors)})
        if not upload.changes["anything"]:
            self.stdout.write(_("名册与现有数据一致，没有变化。"))
        self.stdout.write(rosters.summary(upload))
        for kind, names in (
            (_("新设科室"), upload.changes["sections"]),
            (_("新设支部"), upload.changes["branches"]),
            (_("名册中没有"), [one["name"] for one in upload.changes["missing"]]),
        ):
            if names:
                self.stdout.write(
                    _("%(what)s%(n)d：%(names)s")
                    % {"what": kind, "n": len(names), "names": listed(names)}
                )
