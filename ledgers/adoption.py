"""What was adopted in a month, section by section: the table of the monthly adoption circular.

Counted are verified items credited to the section itself, each in full; the score is what stands
for them in the points book. A constant number of queries, however many items.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from ledgers.models import Level, PointEntry, WritingCredit, WritingItem
from scheme.access import Anchor, can
from scheme.models import Section, Staff, Unit
from scheme.templatetags.look import points

Kind = WritingItem.Kind
# The columns: every level with its two kinds, the highest first.
COLUMNS = tuple((level, kind) for level in Level for kind in Kind)
ZERO = Decimal(0)


class Cell(NamedTuple):
    """`score` is empty where the reader may not see the section's points."""

    count: int = 0
    score: Decimal | None = ZERO

    def __str__(self):
        """篇数/得分, as the circular prints it; empty for nothing."""
        if not self.count:
            return ""
        return str(self.count) if self.score is None else f"{self.count}/{points(self.score)}"


class Row(NamedTuple):
    """`cells` in the order of `COLUMNS`; `total` of the month; `running` since New Year."""

    section: Section | None
    cells: tuple[Cell, ...]
    total: Cell
    running: Cell


class Head(NamedTuple):
    """A group of columns: a level over its kinds."""

    name: str
    kinds: tuple[str, ...]


def heads() -> list[Head]:
    return [Head(level.label, tuple(kind.label for kind in Kind)) for level in Level]


def table(unit: Unit, month: date, *, reader: Staff | None = None) -> list[Row]:
    """One row a section of the unit in that month, in office order. `month`: any day of it.

    With a `reader`, scores are shown only of sections whose points this person may read; without,
    all are: for the circular that publishes them.
    """
    first, until = month_span(month)
    sections = Section.objects.filter(unit=unit).filter(Q(closed_on=None) | Q(closed_on__gt=first))
    items = _items(unit, date(first.year, 1, 1), until)
    scores = _scores(unit, date(first.year, 1, 1), until, items)
    seen = open_to(reader)
    return [
        _row(
            section,
            [item for item in items if item.section == section.pk],
            scores,
            first,
            hidden=seen is not None and section.pk not in seen,
        )
        for section in sections.order_by("position", "pk")
    ]


def total_of(rows: Iterable[Row]) -> Row:
    """The line under the table. A score that is hidden anywhere hides the sum."""
    rows = list(rows)
    cells = tuple(_sum(row.cells[at] for row in rows) for at in range(len(COLUMNS)))
    return Row(None, cells, _sum(row.total for row in rows), _sum(row.running for row in rows))


def month_span(month: date) -> tuple[date, date]:
    first = month.replace(day=1)
    until = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first, until


def title_of(unit: Unit, month: date) -> str:
    """As the printed sheet is headed."""
    return _("%(unit)s%(year)s年%(month)s月信息宣传采用情况") % {
        "unit": unit,
        "year": month.year,
        "month": month.month,
    }


class _Item(NamedTuple):
    pk: int
    section: int
    level: str
    kind: str
    day: date


def _items(unit: Unit, first: date, until: date) -> list[_Item]:
    rows = WritingCredit.objects.filter(
        item__unit=unit,
        item__state=WritingItem.State.VERIFIED,
        item__adopted_on__gte=first,
        item__adopted_on__lt=until,
        section__isnull=False,
    )
    names = ("item_id", "section_id", "item__level", "item__kind", "item__adopted_on")
    return [_Item(*row) for row in rows.order_by("item_id", "section_id").values_list(*names)]


def _scores(
    unit: Unit, first: date, until: date, items: Iterable[_Item]
) -> Mapping[tuple[int, int], Decimal]:
    """By item and section, what stands in the book: neither reversed nor a reversal."""
    rows = PointEntry.objects.in_force().filter(
        unit=unit,
        section__isnull=False,
        event_on__gte=first,
        event_on__lt=until,
        source__startswith="writing:",
    )
    known = {item.pk for item in items}
    found = {}
    summed = rows.order_by().values_list("source", "section_id").annotate(sum=Sum("points"))
    for source, section, score in summed:
        pk = int(source.partition(":")[2])
        if pk in known:
            found[pk, section] = score
    return found


def open_to(reader: Staff | None) -> set[int] | None:
    """Sections whose points the reader may see; None for all. Who drafts the circular sees all:
    it is to be published."""
    if reader is None or can(reader, "circular.write"):
        return None
    return {
        one.pk
        for one in Section.objects.filter(unit_id=reader.unit_id)
        if can(reader, "points.read_section", Anchor(one.unit_id, section_id=one.pk))
    }


def _row(section, items: list[_Item], scores, first: date, *, hidden: bool) -> Row:
    def cell(chosen: Iterable[_Item]) -> Cell:
        chosen = list(chosen)
        score = sum((scores.get((item.pk, item.section), ZERO) for item in chosen), ZERO)
        return Cell(len(chosen), None if hidden else score)

    present = [item for item in items if item.day >= first]
    cells = tuple(
        cell(item for item in present if (item.level, item.kind) == column) for column in COLUMNS
    )
    return Row(section, cells, cell(present), cell(items))


def _sum(cells: Iterable[Cell]) -> Cell:
    cells = list(cells)
    if any(one.score is None and one.count for one in cells):
        return Cell(sum(one.count for one in cells), None)
    return Cell(sum(one.count for one in cells), sum((one.score or ZERO for one in cells), ZERO))
