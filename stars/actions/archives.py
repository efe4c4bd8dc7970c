"""The sealed package of a finished round. Made in the background; a round that has changed since
(a star revoked, minutes confirmed) gets another edition beside the first."""

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import access, audit, clock, jobs
from scheme.errors import Refused
from scheme.models import Job
from stars.archive.package import Packed
from stars.models import Round, RoundArchive


@transaction.atomic
def start(pk: int, *, by, key: str) -> Job:
    """Registers the making; `key` is the form's own, so one form makes one package."""
    round_ = Round.objects.select_related("unit").get(pk=pk)
    access.require(by, "archive.read", round_.anchor())
    if round_.state != Round.State.PUBLISHED:
        raise Refused(_("公布结果以后才能封存档案。"))
    access.require(by, "archive.make", round_.anchor())
    return jobs.enqueue(
        "stars.archive",
        f"{round_.pk}:{by.pk}:{key}",
        args={"round": round_.pk},
        unit=round_.unit,
        by=by,
    )


@transaction.atomic
def record(job: Job, *, file: str, packed: Packed, by) -> dict:
    """The effect of the job: the edition and its line in the trail. A round that says what its
    newest package says gets no second one."""
    round_ = Round.objects.select_for_update(of=("self",)).get(pk=job.args["round"])
    newest = RoundArchive.objects.filter(round=round_).order_by("-edition").first()
    if newest is not None and newest.root == packed.root:
        return {"archive": newest.pk, "again": True}
    made = RoundArchive.objects.create(
        round=round_,
        edition=newest.edition + 1 if newest else 1,
        file=file,
        sha256=packed.sha256,
        root=packed.root,
        made_by=by,
        made_at=clock.now(),
    )
    audit.record(
        by, "archive.make", made, after={"edition": made.edition, "root": made.root}, unit=job.unit
    )
    return {"archive": made.pk}


@transaction.atomic
def note_download(archive: RoundArchive, *, by) -> None:
    """Whoever takes the package out is on record."""
    access.require(by, "archive.read", archive.anchor())
    audit.record(
        by,
        "archive.download",
        archive,
        after={"edition": archive.edition, "sha256": archive.sha256},
        unit=archive.round.unit,
    )
