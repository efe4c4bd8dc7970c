import time

from django.core.management.base import BaseCommand

from scheme import jobs


class Command(BaseCommand):
    help = "Does the due jobs in this process, without a broker. --loop goes on until stopped."

    def add_arguments(self, parser):
        parser.add_argument("--loop", action="store_true")
        parser.add_argument("--pause", type=float, default=2.0, help="seconds between looks")

    def handle(self, *, loop, pause, **options):
        while True:
            done = sum(jobs.run(pk) for pk in list(jobs.due().values_list("pk", flat=True)))
            self.stdout.write(f"{done} jobs done")
            if not loop:
                return
            time.sleep(pause)
