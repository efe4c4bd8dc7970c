"""The jobs of facts workbooks. Reading and writing files happens here, outside any transaction;
what it leads to is the effect, done once however often a worker is killed."""

import hashlib
import uuid
from pathlib import Path

from django.conf import settings
from django.utils import translation

from scheme import jobs
from scheme.imports.archive import BadBook
from scheme.imports.sheets import open_book
from scheme.models import Job
from scoring import previews, uploads
from scoring.actions import uploads as actions
from scoring.exports import facts as facts_out
from scoring.exports import facts_errors
from scoring.imports import facts as facts_in
from scoring.models import FactsUpload

# Steps a reader sees: opened, read, compared.
STEPS = 3
# The lease is renewed and the reader told after so many rows.
ROWS = 500


def _upload(job: Job) -> FactsUpload:
    return FactsUpload.objects.select_related("unit").get(pk=job.args["upload"])


def _language(job: Job):
    return translation.override(job.args.get("language"))


@jobs.handles(actions.READ)
def read(job: Job) -> jobs.Effect:
    upload = _upload(job)
    if upload.state != FactsUpload.State.READING:
        return lambda: {"skipped": upload.state}
    with _language(job):
        counts, problems = _look(job, upload)

    def effect():
        shown = actions.show(upload.pk, counts=counts, problems=problems, by=job.asked_by)
        return {"state": shown.state}

    return effect


def _look(job: Job, upload: FactsUpload) -> tuple[dict, list[dict]]:
    jobs.progress(job, 0, STEPS)
    try:
        book = open_book(uploads.path_of(upload).read_bytes())
    except BadBook as error:
        return previews.of_error(str(error))
    jobs.progress(job, 1, STEPS)
    said = facts_in.read(book, upload.unit)
    jobs.progress(job, 2, STEPS)
    if said.problems:
        facts_errors.write(upload.unit, book, said.problems, uploads.errors_path_of(upload))
        return previews.of_problems(said), said.problems.as_rows()
    return previews.of_facts(said, upload.unit, book), []


@jobs.handles(actions.STORE)
def store(job: Job) -> jobs.Effect:
    upload = _upload(job)
    if upload.state != FactsUpload.State.STORING:
        return lambda: {"skipped": upload.state}
    jobs.progress(job, 0, STEPS)
    data = uploads.path_of(upload).read_bytes()
    if hashlib.sha256(data).hexdigest() != upload.sha256:
        raise ValueError("the file is not the one that was confirmed")
    with _language(job):
        said = facts_in.read(open_book(data), upload.unit)
    jobs.progress(job, 1, STEPS)

    def effect():
        with _language(job):
            return actions.apply(upload.pk, said, by=job.asked_by)

    return effect


@jobs.handles(actions.EXPORT)
def export(job: Job) -> jobs.Effect:
    folder = Path(settings.FILES_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    # A random name: a worker that was killed leaves a file nobody points to.
    path = folder / f"{uuid.uuid4().hex}.xlsx"
    done = 0

    def count():
        nonlocal done
        done += 1
        if done % ROWS == 0:
            jobs.progress(job, done, max(job.total_count, done))

    facts_out.write(job.unit, job.args["half"], path, each_row=count)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return lambda: actions.record_export(
        job.unit, job.args["half"], file=path.name, sha256=sha256, by=job.asked_by
    )
