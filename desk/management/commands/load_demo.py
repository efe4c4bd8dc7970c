from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from desk.demo import build, cast
from scheme.models import Unit


class Command(BaseCommand):
    help = "Fills an empty installation with a department and its half-year (only with DEMO=true)."

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("load_demo runs only with DEMO=true.")
        if cast.unit() is not None and cast.logins_file().exists():
            self.stdout.write("The demo's department is there already.")
            return
        if Unit.objects.exclude(name=cast.UNIT_NAME).exists():
            raise CommandError("Another unit lives here; the demo stays out of it.")
        given = build.everything(say=self.stdout.write)
        self.stdout.write(f"Logins are in {cast.write_logins(given)}")
