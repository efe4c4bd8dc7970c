"""The clock's part in a round. Beat says "look"; the rows say what is due and who owes what."""

import hashlib
import uuid
from datetime import date
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.db import transaction

from scheme import clock, jobs
from scheme.errors import Refused
from stars import publicity, reminding
from stars.actions import archives, reminders, results, stages
from stars.actions import publicity as keeping
from stars.archive import package
from stars.exports import published
from stars.models import Publication, Round


@shared_task
def look() -> None:
    """Registers what today's calendar and the clock ask of each round: the step of one whose moment
    has come, the reminders of the day. A round that is being prepared is reminded of only: whether
    it is ready to open is judged by a person, at that moment."""
    over = (Round.State.PUBLISHED, Round.State.CANCELLED)
    for round_ in Round.objects.exclude(state__in=over).select_related("unit"):
        # Asked without a lock first: a round in somebody's hands must not keep the others waiting.
        if (
            round_.state == Round.State.PUBLICITY
            and publicity.last_day(round_) != round_.publicity_until
        ):
            round_ = keeping.keep_length(round_.pk)
        if round_.due_at is not None and round_.due_at <= clock.now():
            jobs.enqueue(
                "stars.advance",
                f"{round_.pk}:{round_.version}:{round_.due_at.isoformat()}",
                args={"round": round_.pk, "version": round_.version},
                unit=round_.unit,
            )
        for one in reminding.due(round_):
            jobs.enqueue(
                "stars.remind",
                reminding.key(round_, one),
                args={
                    "round": round_.pk,
                    "what": one.what,
                    "state": round_.state,
                    "day": one.day.isoformat(),
                },
                unit=round_.unit,
            )


@jobs.handles("stars.advance")
def advance(job):
    """The step itself is the effect. One that somebody has taken meanwhile is left alone."""

    def effect():
        try:
            moved = stages.advance(job.args["round"], seen=job.args["version"])
        except Refused as refused:
            return {"skipped": str(refused)}
        return {"state": moved.state, "version": moved.version}

    return effect


@jobs.handles("stars.remind")
def remind(job):
    """Whom to tell is asked when they are told; of a day that is over nobody is."""
    return lambda: reminders.send(
        job.args["round"],
        what=job.args["what"],
        state=job.args["state"],
        day=date.fromisoformat(job.args["day"]),
    )


@jobs.handles("stars.archive")
def archive(job):
    """Writes the file outside the transaction that makes it known. The round is held while it is
    read: whatever changes it takes the same lock, so the package shows one moment."""
    with transaction.atomic():
        rows = Round.objects.select_for_update(of=("self",), no_key=True)
        round_ = rows.select_related("unit", "book", "run", "opened_by").get(pk=job.args["round"])
        files = package.contents(round_)
    half = _new_file(".part")
    packed = package.write(files, half)
    # Under its own hash: one that was lost is there again once it is made again.
    path = half.rename(half.with_name(f"{packed.sha256}.zip"))
    return lambda: archives.record(job, file=path.name, packed=packed, by=job.asked_by)


def _new_file(suffix: str) -> Path:
    """A random name: a worker that was killed leaves a file nobody points to."""
    folder = Path(settings.FILES_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{uuid.uuid4().hex}{suffix}"


@jobs.handles("stars.publish_workbook")
def publish_workbook(job):
    """Writes the file outside any transaction; the effect makes it known."""
    publication = Publication.objects.select_related("round", "unit").get(
        pk=job.args["publication"]
    )
    path = _new_file(".xlsx")
    published.write(publication, path, progress=lambda done, total: jobs.progress(job, done, total))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return lambda: results.record_workbook(job, publication, file=path.name, sha256=sha256)
