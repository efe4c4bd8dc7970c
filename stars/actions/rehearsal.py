"""演练: the whole round played on a copy that is thrown away, and what is reported of it.

The copy is a transaction that is always rolled back, in which the real actions are called with
the time pretended; so nothing of it is ever seen by anybody else, no notice goes out and no work
is handed on. Only the report is kept, as the result of the job.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from scheme import access, audit, jobs
from scheme.errors import Refused
from scheme.models import Job
from stars.models import Round

KIND = "stars.rehearse"
# Seconds between two signs of life; a lease is a minute.
PACE = 2

Step = Callable[[int, int], None]


def of(round_: Round):
    """Its rehearsals, the newest first."""
    return Job.objects.filter(kind=KIND, args__round=round_.pk).order_by("-pk")


@transaction.atomic
def start(pk: int, *, by, key: str) -> Job:
    """Registers a rehearsal of a round that is being prepared; `key` is the form's own."""
    round_ = Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    access.require(by, "round.manage", round_.anchor())
    if round_.state != Round.State.PREPARING:
        raise Refused(_("这一轮已经开启，不再演练。"), conflict=True)
    job = jobs.enqueue(
        KIND,
        f"{round_.pk}:{by.pk}:{key}",
        args={"round": round_.pk, "language": translation.get_language()},
        unit=round_.unit,
        by=by,
    )
    audit.record(by, "round.rehearse", round_, after={"job": job.pk, "version": round_.version})
    return job


def play(pk: int, *, by, step: Step | None = None) -> dict:
    """Plays the round and takes everything back; the round's lock is held for that long only."""
    from .rehearsing import Rehearsal

    with transaction.atomic():
        report = Rehearsal(pk, by, step or (lambda done, total: None)).report()
        transaction.set_rollback(True)
    return report


@jobs.handles(KIND)
def handle(job: Job) -> Callable[[], dict]:
    """The job: its effect is the report, and nothing else."""
    round_ = Round.objects.get(pk=job.args["round"])
    if round_.state != Round.State.PREPARING:
        text = _("这一轮已经开启，没有演练。")
        return lambda: {"finished": False, "verdict": text, "stages": [], "documents": []}
    with translation.override(job.args.get("language")):
        report = play(round_.pk, by=job.asked_by, step=signs_of(job))
    return lambda: report


def signs_of(job: Job) -> Step:
    """Progress written beside the copy, or nobody would see it before the copy is gone."""
    last = float("-inf")

    def step(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last < PACE:
            return
        with ThreadPoolExecutor(1) as aside:
            aside.submit(_on_its_own, lambda: jobs.progress(job, done, total)).result()
        last = time.monotonic()

    return step


def _on_its_own(call: Callable[[], None]) -> None:
    """On this thread's own connection, closed afterwards."""
    try:
        call()
    finally:
        connections.close_all()
