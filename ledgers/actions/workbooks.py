"""A ledger going out as a workbook, in the columns in which it may come in."""

from pathlib import Path

from django.db import transaction

from ledgers.exports import layout, workbook
from scheme import audit, periods
from scheme.access import Anchor, require
from scheme.models import Staff

# Sheets that are not for the whole unit: attendance, ratings, the grades of other sections.
OF_PERSONS = ("study", "talk", "summary")


def verb_of(ledger: str) -> str:
    return "ledger.export_persons" if ledger in OF_PERSONS else "ledger.export"


@transaction.atomic
def export(ledger: str, half: str, path: Path, *, by: Staff) -> str:
    """Writes the ledger of the half-year to the path; returns the name to hand it out under.

    Raises KeyError for a ledger without a sheet of its own, ValueError for no half-year.
    """
    sheet = layout.SHEETS[ledger]
    periods.half_span(half)
    require(by, verb_of(ledger), Anchor(by.unit_id))
    workbook.write(by.unit, sheet, half, path)
    audit.record(by, f"{ledger}.export", by.unit, after={"half": half}, unit=by.unit)
    return f"{half}{layout.of_sheet(sheet).title}.xlsx"
