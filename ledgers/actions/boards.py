"""The supervision board going out as a workbook."""

from pathlib import Path

from django.db import transaction
from django.utils import translation

from ledgers import boards
from ledgers.exports import board as workbook
from scheme import audit
from scheme.access import require
from scheme.models import Staff


@transaction.atomic
def export(path: Path, *, by: Staff) -> int:
    """What is on the person's board now, in Chinese whoever asks; how many lines."""
    require(by, "supervision.board")
    with translation.override("zh-hans"):
        rows = boards.with_hands(boards.rows_for(by))
        workbook.write(by.unit, rows, path)
    audit.record(by, "supervision.export", by.unit, after={"rows": len(rows)}, unit=by.unit)
    return len(rows)
