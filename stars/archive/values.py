"""Rows as plain values: people by number and name, times and days as ISO, other things by name."""

import hashlib
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Model

from scheme.models import Staff

COUNTS = ("entitled", "recused", "votes_for", "votes_against", "votes_abstain")


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value):
    match value:
        case Staff():
            return {"no": value.staff_no, "name": value.name}
        case Model():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
    return value


def row_of(one, *names: str) -> dict:
    return {name: plain(getattr(one, name)) for name in names}


def rows_of(rows, *names: str) -> list[dict]:
    """Links named among them are followed once for all."""
    model = rows.model
    links = [n for n in names if n in {f.name for f in model._meta.fields if f.is_relation}]
    return [row_of(one, *names) for one in rows.select_related(*links)]
