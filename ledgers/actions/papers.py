"""Papers of ledger rows: attached by whoever keeps the row, read by whoever sees it."""

import io

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.translation import gettext as _

from ledgers import proofnames, records
from ledgers.actions import evidence
from ledgers.models import Paper
from scheme import audit, clock
from scheme.errors import Refused
from scheme.models import Staff

MOST = 10


@transaction.atomic
def attach(ledger: str, row_id: int, file, name: str, *, by: Staff) -> Paper:
    """Keeps a file as a paper of the row. The same file again changes nothing.

    Raises KeyError for an unknown ledger, DoesNotExist for a row out of sight.
    """
    row = _row(ledger, row_id, by)
    if not records.may_attach(by, row):
        raise PermissionDenied(_("您的职责不包括这一步。"))
    return hang(row, file, name, by=by)


@transaction.atomic
def hang(row: models.Model, file, name: str, *, by: Staff) -> Paper:
    """`attach` for an act that holds the row's lock and has looked who may."""
    ledger = records.ledger_of(row)
    kept = evidence.keep(row.unit, file, by=by)
    present = records.papers(row)
    for one in present:
        if one.file_id == kept.pk:
            return one
    if len(present) >= MOST:
        raise Refused(_("最多附%(n)s份材料，请合并几份。") % {"n": MOST}, field="file")
    paper = Paper.objects.create(
        unit=row.unit,
        ledger=ledger,
        row_id=row.pk,
        file=kept,
        name=proofnames.fit(name, kept.kind),
        added_by=by,
        added_at=clock.now(),
    )
    _move_on(row)
    records.note(row, "attach", by=by, text=paper.name, after=_told(paper))
    audit.record(by, f"{ledger}.attach", row, after=_told(paper))
    return paper


@transaction.atomic
def detach(pk: int, *, by: Staff) -> Paper:
    """Takes a paper off its row. What it said stays in the history, the file where it is kept."""
    paper = Paper.objects.select_for_update(of=("self",)).select_related("file").get(pk=pk)
    row = _row(paper.ledger, paper.row_id, by)
    if not records.may_attach(by, row):
        raise PermissionDenied(_("您的职责不包括这一步。"))
    if paper.removed_at:
        raise Refused(_("这份材料已经取下。"), conflict=True)
    paper.removed_by, paper.removed_at = by, clock.now()
    paper.save(update_fields=["removed_by", "removed_at"])
    _move_on(row)
    records.note(row, "detach", by=by, text=paper.name, before=_told(paper))
    audit.record(by, f"{paper.ledger}.detach", row, before=_told(paper))
    return paper


def read(pk: int, *, by: Staff) -> tuple[Paper, io.BytesIO]:
    """The paper and its bytes, for whoever sees its row. Raises DoesNotExist for all others."""
    paper = Paper.objects.select_related("file").get(pk=pk, unit=by.unit_id)
    model = records.model_of(paper.ledger)
    model.objects.visible_to(by).get(pk=paper.row_id)
    return paper, evidence.open_evidence(paper.file)


def _row(ledger: str, row_id: int, by: Staff) -> models.Model:
    """Locked against other acts on the same row."""
    model = records.model_of(ledger)
    seen = model.objects.visible_to(by).filter(pk=row_id).values("pk")
    return model.objects.select_for_update(of=("self",)).get(pk__in=seen)


def _move_on(row: models.Model) -> None:
    row.version += 1
    row.save(update_fields=["version"])


def _told(paper: Paper) -> dict:
    return {"paper": paper.name, "sha256": paper.file.sha256}
