from django.core.management.base import BaseCommand, CommandError

from ledgers.actions import evidence


class Command(BaseCommand):
    help = "Are the files of all proofs there, and do they say what they said when they were filed?"

    def handle(self, **options):
        found = evidence.astray()
        for kept in found.missing:
            self.stdout.write(f"missing: {kept.path}")
        for kept in found.altered:
            self.stdout.write(f"altered: {kept.path}")
        for path in found.unknown:
            self.stdout.write(f"without a row (an upload broken off; harmless): {path}")
        if found.missing or found.altered:
            wrong = len(found.missing) + len(found.altered)
            raise CommandError(f"{wrong} proofs must be restored from a backup of FILES_ROOT")
        self.stdout.write("every proof has its file")
