from celery import shared_task
from django.db.models import Exists, OuterRef

from ledgers import watching
from ledgers.actions import ratings
from ledgers.models import Talk, Task
from scheme import clock, jobs
from scheme.errors import Refused
from scheme.models import Job, Unit

WATCH, SHUT = "ledgers.watch_tasks", "ledgers.shut_rating"


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


@shared_task
def look_for_ratings() -> None:
    """Registers the opening of every talk's ratings whose time is up."""
    due = Talk.objects.filter(state=Talk.State.OPEN, rating_ends_at__lte=clock.now())
    for talk in due.select_related("unit"):
        args = {"talk": talk.pk, "version": talk.version}
        jobs.enqueue(SHUT, f"{talk.pk}:{talk.version}", args=args, unit=talk.unit)


@jobs.handles(SHUT)
def shut_rating(job: Job) -> jobs.Effect:
    """One that the keeper has closed, or that moved meanwhile, is left alone."""

    def effect():
        try:
            talk = ratings.shut(job.args["talk"], version=job.args["version"], by=None)
        except Refused as refused:
            return {"skipped": str(refused)}
        return {"state": talk.state, "version": talk.version}

    return effect
