import hashlib
import uuid
from datetime import date
from pathlib import Path

from celery import shared_task
from django.conf import settings

from scheme import jobs
from scheme.models import Job, Unit
from scoring import uploading  # noqa: F401  (its jobs are known with these)
from scoring.actions import posting
from scoring.actions import sandbox as trying
from scoring.exports import sandbox as trial_book
from scoring.models import RuleBook


@shared_task
def look() -> None:
    """Beat says "look": which days are settled and not posted yet? Twice or late does no harm."""
    books = RuleBook.objects.filter(state=RuleBook.State.APPROVED)
    for unit in Unit.objects.filter(pk__in=books.values("unit")):
        posting.enqueue_due(unit)


@jobs.handles(posting.KIND)
def settle(job: Job) -> jobs.Effect:
    first, last = (date.fromisoformat(job.args[name]) for name in ("first", "last"))

    def effect():
        done = posting.settle(job.unit, first, last)
        return {"posted": done.posted, "reversed": done.reversed}

    return effect


@jobs.handles(trying.KIND)
def try_rule_book(job: Job) -> jobs.Effect:
    """Tries the book and writes the workbook outside any transaction; the effect makes it known."""
    book = RuleBook.objects.select_related("unit").filter(pk=job.args["book"]).first()
    if book is None:
        return lambda: {"skipped": "discarded"}
    places = {name: job.args[name] for name in ("persons", "sections")}
    content = trial_book.read(book, job.args["half"], **places)
    folder = Path(settings.FILES_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    # A random name: a worker that was killed leaves a file nobody points to.
    path = folder / f"{uuid.uuid4().hex}.xlsx"
    trial_book.write(content, path, progress=lambda done, total: jobs.progress(job, done, total))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return lambda: trying.record_workbook(job, book, file=path.name, sha256=sha256)
