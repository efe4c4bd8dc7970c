"""Is a proof in the ledger already, and where else does the same thing stand?"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from ledgers import records
from ledgers.models import Paper, Quarter, WritingItem
from ledgers.titles import reduced
from scheme import periods
from scheme.models import Staff, Unit


def twin(item: WritingItem) -> WritingItem | None:
    """Another item of the same title, carrier and day that stands, filed or read in."""
    rows = WritingItem.objects.filter(
        unit=item.unit_id, title_key=item.title_key, adopted_on=item.adopted_on
    )
    rows = rows.exclude(state=WritingItem.State.VOID).exclude(pk=item.pk)
    carrier = reduced(item.carrier)
    for one in rows.select_related("filed_by").order_by("pk"):
        if reduced(one.carrier) == carrier:
            return one
    return None


def kin(item: WritingItem, reader: Staff) -> QuerySet[WritingItem]:
    """The same text adopted elsewhere or on another day: for the rule book to stack."""
    rows = WritingItem.objects.visible_to(reader).filter(title_key=item.title_key)
    return rows.exclude(pk=item.pk).exclude(state=WritingItem.State.VOID).order_by("adopted_on")


def involved(row) -> set[int]:
    """Who filed it and who is credited in person: none of them verifies it."""
    people = row.credits.filter(person__isnull=False).values_list("person_id", flat=True)
    return {row.filed_by_id, *people} - {None}


def shared(
    model: type[Model], papers: Iterable[Paper], reader: Staff
) -> dict[int, list[tuple[str, Model]]]:
    """Of these papers of rows, whose file hangs on another row of the same ledger too. By row,
    the paper's name and the other row; two queries."""
    papers = list(papers)
    others = Paper.objects.filter(
        ledger=records.ledger_of(model()),
        file__in={paper.file_id for paper in papers},
        removed_at=None,
    )
    places: dict[int, set[int]] = {}
    for row, file in others.values_list("row_id", "file_id"):
        places.setdefault(file, set()).add(row)
    rows = model.objects.visible_to(reader).exclude(state="void")
    known = rows.in_bulk({row for found in places.values() if len(found) > 1 for row in found})
    found: dict[int, list] = {}
    for paper in papers:
        for other in sorted(places.get(paper.file_id, ())):
            if other != paper.row_id and other in known:
                found.setdefault(paper.row_id, []).append((paper.name, known[other]))
    return found


def counts_in(unit: Unit, day: date) -> str:
    """In words, in which quarter it counts: that of the day, or the next one that is open."""
    code = periods.quarter_of(day)
    closed = set(
        Quarter.objects.of_unit(unit).exclude(closed_at=None).values_list("code", flat=True)
    )
    if code not in closed:
        return code
    then = code
    while then in closed:
        then = periods.quarter_of(periods.quarter_span(then).until)
    return _("%(code)s已关账，计入%(then)s") % {"code": code, "then": then}
