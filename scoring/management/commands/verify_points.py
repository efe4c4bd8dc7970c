from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from scheme.commands import unit_named
from scoring import verifying

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Proves that entries, facts, caps, scorecards and hashes of a unit agree; changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("--unit", required=True, help="name of the unit")

    def handle(self, *, unit, **options):
        unit = unit_named(unit)
        wrong = 0
        overall = not connection.in_atomic_block
        with transaction.atomic():
            if overall:
                # One moment of a book that may be written to meanwhile.
                connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for check in verifying.CHECKS:
                wrong += self._run(check, unit)
            waiting = verifying.waiting(unit)
        if waiting:
            self.stdout.write(f"{waiting} facts wait to be posted")
        if wrong:
            raise CommandError(f"{wrong} things do not agree")
        self.stdout.write("everything agrees")

    def _run(self, check, unit) -> int:
        found = list(check(unit))
        name = check.__name__.replace("_", " ")
        self.stdout.write(f"{name}: {'ok' if not found else f'{len(found)} wrong'}")
        for text in found[:SHOWN]:
            self.stderr.write(f"  {text}")
        if len(found) > SHOWN:
            self.stderr.write(f"  … {len(found) - SHOWN} more")
        return len(found)
