"""The rows of the facts workbook: the ledgers' own, and the declarations."""

from collections.abc import Iterator

from django.db.models import Q

from ledgers.exports import rows as ledger_rows
from ledgers.exports.rows import within, word
from scheme import periods
from scheme.models import Unit
from scheme.periods import Span
from scoring.models import Declaration


def of(unit: Unit, span: Span) -> dict[str, Iterator[list]]:
    """By name of the sheet."""
    return ledger_rows.of(unit, span) | {"申报": declarations(unit, span)}


def declarations(unit: Unit, span: Span) -> Iterator[list]:
    """Declared in the span or proved by a document of it."""
    quarters = periods.quarters_of(periods.half_of(span.first))
    rows = Declaration.objects.filter(
        within("document_on", span) | Q(quarter__in=quarters), unit=unit
    )
    rows = rows.exclude(state__in=[Declaration.State.DRAFT, Declaration.State.WITHDRAWN])
    for row in rows.select_related("person", "section").order_by("quarter", "pk"):
        yield [
            row.quarter,
            row.person.staff_no if row.person else row.section.name,
            row.rule_code,
            word(row, "level") or None,
            row.quantity.normalize(),
            row.matter,
            row.document_no or None,
            row.document_on,
            *_checks(row),
        ]


def _checks(row: Declaration) -> tuple[str | None, str | None]:
    """初核 and 核验."""
    State = Declaration.State
    passed, failed = "通过", "不通过"
    return {
        State.FILED: (None, None),
        State.RETURNED: (None, None),
        State.CHECKED: (passed, None),
        State.CONFIRMED: (passed, passed),
    }.get(row.state) or ((passed, failed) if row.checked_at or row.imported else (failed, None))
