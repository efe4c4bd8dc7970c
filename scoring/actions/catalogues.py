from pathlib import Path

from django.db import transaction
from django.utils import translation

from scheme import audit, regulations
from scheme.access import Anchor, require
from scheme.models import RegulationVersion, Staff, Unit
from scoring import regulation_pages as pages
from scoring.exports import regulations as workbook


@transaction.atomic
def export(unit: Unit, path: Path, *, by: Staff) -> int:
    """The catalogue of the library, without drafts, in Chinese whoever asks; how many it lists."""
    require(by, "regulation.read", Anchor(unit.pk))
    with translation.override("zh-hans"):
        rows = pages.rows_of(pages.catalogue(by), regulations.area_names(unit))
        rows = [row for row in rows if row.shown.state == RegulationVersion.State.APPROVED]
        workbook.write(rows, path, by=by)
    audit.record(by, "regulation.export", unit, after={"rows": len(rows)})
    return len(rows)
