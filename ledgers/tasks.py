from celery import shared_task
from django.db.models import Exists, OuterRef

from ledgers import watching
from ledgers.models import Task
from scheme import clock, jobs
from scheme.models import Job, Unit

WATCH = "ledgers.watch_tasks"


@shared_task
def look() -> None:
    """Beat says "look": whose tasks have not been looked at today? Only in working hours."""
    if not watching.may_speak(clock.now()):
        return
    today = clock.today().isoformat()
    open_tasks = Task.objects.filter(unit=OuterRef("pk"), state__in=watching.AT_WORK)
    done = Job.objects.filter(kind=WATCH, unit=OuterRef("pk"), dedupe_key__endswith=f"/{today}")
    for unit in Unit.objects.filter(Exists(open_tasks), ~Exists(done)):
        jobs.enqueue(WATCH, f"{unit.pk}/{today}", unit=unit)


@jobs.handles(WATCH)
def watch(job: Job) -> jobs.Effect:
    """Late in the evening nobody is told any more: the next day's look does what was left."""

    def effect():
        if not watching.may_speak(clock.now()):
            return {"skipped": "after hours"}
        return watching.watch(job.unit)

    return effect
