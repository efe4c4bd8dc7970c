"""A facts workbook in the browser: kept, read by a worker, confirmed by a person, stored once."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from scheme import audit, clock, jobs, notices, periods
from scheme.access import can, require
from scheme.errors import Refused, Stale
from scheme.models import Job, Staff, Unit
from scoring import posting, previews, uploads
from scoring.actions import facts as facts_in
from scoring.actions.posting import KIND as SETTLE
from scoring.imports.facts import Facts
from scoring.models import FactsUpload, RuleBook

State = FactsUpload.State
READ, STORE, EXPORT = "facts.read", "facts.store", "facts.export"
# What nobody has decided on for so long is let go.
FORGOTTEN = timedelta(30)


@transaction.atomic
def receive(unit: Unit, file, *, name: str, by: Staff) -> FactsUpload:
    """Keeps the file and has it read. One that is already waiting to be confirmed is not read
    again. Raises BadBook for a file too large."""
    require(by, "facts.import", FactsUpload(unit=unit).anchor())
    with uploads.incoming(unit, file) as kept:
        waiting = FactsUpload.objects.filter(
            unit=unit,
            sha256=kept.sha256,
            uploaded_by=by,
            state__in=(State.READING, State.PREVIEW, State.STORING),
        ).first()
        if waiting:
            return waiting
        upload = FactsUpload.objects.create(
            unit=unit,
            file_name=name[-200:],
            sha256=kept.sha256,
            size=kept.size,
            state=State.READING,
            uploaded_by=by,
            uploaded_at=clock.now(),
        )
        kept.settle(upload)
        _set_to_work(upload, READ, by)
    _forget_old(unit, by)
    transaction.on_commit(lambda: uploads.sweep(unit))
    return upload


def _set_to_work(upload: FactsUpload, kind: str, by: Staff) -> None:
    """A job of its own for each time it is asked for: the one before names it apart."""
    upload.job = jobs.enqueue(
        kind,
        f"{upload.pk}/{upload.job_id or 0}",
        args={"upload": upload.pk, "language": get_language()},
        unit=upload.unit,
        by=by,
    )
    upload.save()


def _forget_old(unit: Unit, by: Staff) -> None:
    old = FactsUpload.objects.filter(
        unit=unit,
        state__in=(State.PREVIEW, State.REFUSED),
        uploaded_at__lt=clock.now() - FORGOTTEN,
    )
    for pk in old.values_list("pk", flat=True):
        drop(pk, by=by)


def _locked(pk: int) -> FactsUpload:
    rows = FactsUpload.objects.select_for_update(of=("self",))
    return rows.select_related("unit", "job", "uploaded_by", "applied_by").get(pk=pk)


@transaction.atomic
def show(pk: int, *, counts: dict, problems: list[dict], by: Staff | None) -> FactsUpload:
    """What the worker has read, for the office to look at."""
    upload = _locked(pk)
    if upload.state == State.READING:
        upload.state = State.REFUSED if problems else State.PREVIEW
        upload.counts, upload.problems = counts, problems
        upload.save()
        audit.record(by, "facts.read", upload, after={"state": upload.state})
    return upload


@transaction.atomic
def confirm(pk: int, *, by: Staff) -> FactsUpload:
    """Has stored what the preview shows."""
    upload = _locked(pk)
    require(by, "facts.import", upload.anchor())
    if upload.state != State.PREVIEW:
        raise Stale(_("这份工作簿已经处理过，请看它现在的状态。"))
    if not upload.counts.get("anything"):
        raise Refused(_("这份工作簿里没有新内容，不需要入库。"))
    upload.state, upload.applied_by = State.STORING, by
    _set_to_work(upload, STORE, by)
    audit.record(by, "facts.confirm", upload, after={"sha256": upload.sha256})
    return upload


@transaction.atomic
def drop(pk: int, *, by: Staff) -> FactsUpload:
    """Lets it go, also one whose job has failed for good. What is being worked on stays."""
    upload = _locked(pk)
    require(by, "facts.import", upload.anchor())
    stuck = upload.is_at_work and upload.job.state == Job.State.PARKED
    if upload.state not in (State.PREVIEW, State.REFUSED) and not stuck:
        raise Stale(_("这份工作簿已经处理过，请看它现在的状态。"))
    before, upload.state = upload.state, State.DROPPED
    upload.save()
    audit.record(by, "facts.drop", upload, before={"state": before}, after={"state": upload.state})
    transaction.on_commit(lambda: uploads.remove(upload))
    return upload


@transaction.atomic
def apply(pk: int, read: Facts, *, by: Staff) -> dict:
    """Stores what was confirmed, with the points settled after it. Nothing when it would be
    anything else than what the office has seen: then the new preview is up for confirmation."""
    mine = FactsUpload.objects.filter(pk=pk).values("unit")
    Unit.objects.select_for_update(no_key=True).get(pk__in=mine)
    upload = _locked(pk)
    if upload.state != State.STORING:
        return {"skipped": upload.state}
    if read.problems:
        upload.state, upload.problems = State.REFUSED, read.problems.as_rows()
        upload.counts, upload.applied_by = previews.of_problems(read), None
        upload.save()
        return {"state": upload.state}
    counts = previews.of_facts(read, upload.unit)
    allowed = can(by, "facts.import", upload.anchor())
    if not allowed or not previews.same(counts, upload.counts):
        upload.state, upload.applied_by = State.PREVIEW, None
        upload.counts = counts | {"changed_since": True}
        upload.save()
        return {"state": upload.state}
    facts_in.store(read, upload.unit, by=by)
    upload.state, upload.applied_at = State.APPLIED, clock.now()
    upload.save()
    audit.record(by, "facts.apply", upload, after={"sha256": upload.sha256, **counts["total"]})
    settling = [job.pk for job in _settle(upload, counts["halves"])]
    notices.tell(
        by,
        f"facts:{upload.pk}",
        lambda: (
            _("台账“%(file)s”已入库：新增%(new)d行，更正%(changed)d行。")
            % {"file": upload.file_name[:100], **counts["total"]}
        ),
        url=reverse("scoring:facts_upload", args=[upload.pk]),
        icon="check",
    )
    transaction.on_commit(lambda: uploads.remove(upload))
    return {"state": upload.state, "settling": settling}


def _settle(upload: FactsUpload, halves: list[str]) -> list[Job]:
    """The settled days of the half-years it has something to say about, from the first rule book
    on. Later days are settled by the clock, as always."""
    books = RuleBook.objects.holding().filter(unit=upload.unit)
    start = books.order_by("in_force_from").values_list("in_force_from", flat=True).first()
    made = []
    for half in halves:
        span = periods.half_span(half)
        if start is None or span.last < start:
            continue
        reach = posting.reach(upload.unit, max(start, span.first), span.last, clock.now())
        args = {"first": reach.first.isoformat(), "last": reach.last.isoformat()}
        key = f"{upload.unit_id}/facts-{upload.pk}-{half}"
        made.append(jobs.enqueue(SETTLE, key, args=args, unit=upload.unit))
    return made


@transaction.atomic
def start_export(unit: Unit, half: str, *, by: Staff, key: str) -> Job:
    """Has the ledgers of the half-year written to a workbook; `key` is the form's own, so one form
    makes one workbook."""
    require(by, "facts.import", FactsUpload(unit=unit).anchor())
    periods.half_span(half)
    return jobs.enqueue(
        EXPORT,
        f"{unit.pk}/{half}/{key}",
        args={"half": half, "language": get_language()},
        unit=unit,
        by=by,
    )


@transaction.atomic
def record_export(unit: Unit, half: str, *, file: str, sha256: str, by: Staff) -> dict:
    """The effect of the job: a line in the trail, and where the workbook lies."""
    audit.record(by, "facts.export", unit, after={"half": half, "sha256": sha256}, unit=unit)
    return {"file": file, "name": f"{half}台账.xlsx"}
