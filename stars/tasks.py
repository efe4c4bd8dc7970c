"""The clock's part in a round. Beat says "look"; the rows say what is due and who owes what."""

import hashlib
import uuid
from datetime import timedelta
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import clock, jobs, notices, workdays
from scheme.errors import Refused
from scheme.models import Notice
from scheme.templatetags.look import md
from stars import owing
from stars.actions import results, stages
from stars.exports import published
from stars.models import Publication, Round

REMIND_AT = (5, 3, 1)
REMIND_FROM_HOUR = 9


@shared_task
def look() -> None:
    """Registers the step of every round whose moment has come, and reminds those who owe."""
    for round_ in Round.objects.running().exclude(due_at=None):
        if round_.due_at <= clock.now():
            jobs.enqueue(
                "stars.advance",
                f"{round_.pk}:{round_.version}:{round_.due_at.isoformat()}",
                args={"round": round_.pk, "version": round_.version},
                unit=round_.unit,
            )
        else:
            remind(round_)


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


def remind(round_: Round) -> None:
    """Five, three and one working days before the stage ends, once each, in working hours."""
    now = clock.local(clock.now())
    if now.hour < REMIND_FROM_HOUR or not workdays.is_working(now.date()):
        return
    last = clock.local(round_.due_at).date()
    left = len(workdays.between(now.date() + timedelta(1), last))
    if left not in REMIND_AT:
        return
    key = f"round:{round_.pk}:{round_.state}:{last.isoformat()}:{left}"
    if Notice.objects.filter(key=key).exists():
        return
    route = {
        Round.State.NOMINATING: "stars:nomination_list",
        Round.State.AT_BRANCH: "stars:branch",
        Round.State.AT_COMMITTEE: "stars:committee",
    }.get(round_.state)
    if route is None:
        return
    notices.tell_all(
        owing.debtors(round_),
        key,
        lambda: (
            _("%(round)s：%(stage)s到%(day)s18:00截止，还剩%(left)s个工作日，您还有没办的。")
            % {
                "round": round_,
                "stage": round_.get_state_display(),
                "day": md(last),
                "left": left,
            }
        ),
        url=reverse(route, args=[round_.pk]),
        icon="clock",
    )


@jobs.handles("stars.publish_workbook")
def publish_workbook(job):
    """Writes the file outside any transaction; the effect makes it known."""
    publication = Publication.objects.select_related("round", "unit").get(
        pk=job.args["publication"]
    )
    folder = Path(settings.FILES_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    # A random name: a worker that was killed leaves a file nobody points to.
    path = folder / f"{uuid.uuid4().hex}.xlsx"
    published.write(publication, path, progress=lambda done, total: jobs.progress(job, done, total))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return lambda: results.record_workbook(job, publication, file=path.name, sha256=sha256)
