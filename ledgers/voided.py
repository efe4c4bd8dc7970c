"""Rows of ledgers that were taken out of the counting and may come back."""

from django.db import models

from ledgers import records
from ledgers.models import LedgerMove


def state_before_void(row: models.Model) -> str:
    """Of a row that is void now: its history says so."""
    moves = LedgerMove.objects.filter(
        ledger=records.ledger_of(row), row_id=row.pk, kind="void"
    ).order_by("-version")
    return moves.values_list("before__state", flat=True)[0]
