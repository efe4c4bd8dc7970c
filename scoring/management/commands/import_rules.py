from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from scheme.commands import day, person_of, unit_named
from scheme.errors import Refused
from scoring.actions import rulebooks
from scoring.imports import rules
from scoring.models import RuleBook


class Command(BaseCommand):
    help = "Reads a rule workbook as a new version and has it approved by a second person."

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument("--unit", required=True, help="name of the unit")
        parser.add_argument("--by", required=True, metavar="STAFFNO", help="who proposes")
        parser.add_argument("--approved-by", required=True, metavar="STAFFNO")
        parser.add_argument("--in-force-from", required=True, type=day, metavar="YYYY-MM-DD")

    def handle(self, *, file, unit, by, approved_by, in_force_from, **options):
        unit = unit_named(unit)
        proposer, approver = person_of(unit, by), person_of(unit, approved_by)
        try:
            with open(file, "rb") as source:
                content, problems = rules.read(source)
            if problems:
                raise CommandError("\n".join(str(problem) for problem in problems))
            if self._stands(unit, content, in_force_from):
                self.stdout.write("the book in force says just this; nothing done")
                return
            with transaction.atomic():
                book = rulebooks.propose(unit, content, by=proposer)
                book = rulebooks.approve(book.pk, by=approver, in_force_from=in_force_from)
        except OSError as error:
            raise CommandError(str(error)) from None
        except (Refused, PermissionDenied) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{book}: {len(content.rules)} rules in force from {in_force_from}, {book.digest}"
        )

    def _stands(self, unit, content, day) -> bool:
        book = RuleBook.objects.in_force(unit, day)
        return book is not None and rulebooks.canonical(
            rulebooks.content_of(book)
        ) == rulebooks.canonical(content)
