"""What all sheets of a facts workbook have in common: read, compared with what is stored, stored.

    records = ledger.read(book, reading, problems)      no database
    plan = ledger.plan(unit, records)                   reads it
    ledger.write(unit, plan, by=person)                 writes, in the caller's transaction

A row is told from all others by a key: the number of a task, the section and month of a summary,
else its mark (see marks.py). The row that comes again is known; when it says something else it
corrects what is stored, and the trail keeps what stood there before. Rows that a later workbook
does not have stay. A row that people entered or acted on here is known likewise, and their word
stands.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from django.db import models

from ledgers.imports.marks import Marker
from ledgers.imports.roll import Reading, Roll
from scheme import audit, clock
from scheme.imports import cells
from scheme.imports.sheets import Book, Column, Problems, Row
from scheme.models import Staff, Unit

BATCH = 500

Shift = Callable[[date], date | None]


@dataclass(frozen=True, slots=True)
class Record:
    """A row as read: what its cells say, people and sections by key. Columns that are not there
    have no cell."""

    row: int
    cells: dict[str, Any]

    def __getitem__(self, key: str):
        return self.cells[key]

    def __contains__(self, key: str) -> bool:
        return key in self.cells

    def get(self, key: str, default):
        return self.cells.get(key, default)


class Said(NamedTuple):
    """A record as it would be stored. `fields` and `parts` may be corrected, `fixed` may not."""

    row: int
    fixed: dict[str, Any]
    fields: dict[str, Any] = {}
    parts: dict[str, Any] = {}


class Part(NamedTuple):
    """Rows that hang on a row: credits, handlers. Compared and replaced as a set."""

    model: type[models.Model]
    owner: str
    columns: tuple[str, ...]


class Change(NamedTuple):
    thing: models.Model
    said: Said
    before: dict[str, Any]
    after: dict[str, Any]


class Count(NamedTuple):
    """Rows of a sheet: read = new + changed + known."""

    read: int
    new: int
    changed: int
    known: int


class Plan(NamedTuple):
    read: int
    new: list[Said]
    changed: list[Change]

    @property
    def count(self) -> Count:
        known = self.read - len(self.new) - len(self.changed)
        return Count(self.read, len(self.new), len(self.changed), known)


class Ledger:
    """One sheet. A subclass says what its columns are, what makes a row wrong, what it means."""

    sheet: ClassVar[str]
    columns: ClassVar[dict[str, Column]]
    model: ClassVar[type[models.Model]]
    key: ClassVar[tuple[str, ...]] = ("mark",)
    # For ledgers known by mark: the field with the day of the row, where rows are entered here too.
    day: ClassVar[str] = ""
    related: ClassVar[tuple[str, ...]] = ()
    parts: ClassVar[dict[str, Part]] = {}
    has_version: ClassVar[bool] = False

    # --- Reading

    def check(self, row: Row, reading: Reading) -> None:
        """Complains about what cells alone do not tell; turns names into keys."""

    def said(self, record: Record, marker: Marker, shift: Shift) -> Said | None:
        """What to store; None for a row whose day drops out."""
        raise NotImplementedError

    def read(self, book: Book, reading: Reading, problems: Problems) -> list[Record]:
        table = book.sheet(self.sheet).table(self.columns, problems=problems)
        records = []
        for row in table:
            self.check(row, reading)
            said = {
                key: value
                for key, value in row.cells.items()
                if key in table.places or key not in self.columns
            }
            records.append(Record(row.number, said))
        return records

    # --- Comparing

    def plan(
        self, unit: Unit, records: list[Record], *, shift: Shift | None = None, lock: bool = False
    ) -> Plan:
        """What storing would do. `lock` keeps the rows that are there as they are until it does."""
        said = self.all_said(unit, records, shift)
        there = self.there(unit, said, lock)
        held = self.parts_there(there)
        names = _Names(unit) if there else None
        new, changed = [], []
        for key, one in said.items():
            thing = there.get(key)
            if thing is None:
                new.append(one)
            elif self.may_change(thing):
                before = {name: getattr(thing, name) for name in one.fields}
                before |= {name: held[name].get(thing.pk, []) for name in one.parts}
                after = one.fields | one.parts
                differ = [n for n in after if not self.alike(n, before[n], after[n])]
                if differ:
                    shown = [
                        {name: self.shown(name, values[name], names) for name in differ}
                        for values in (before, after)
                    ]
                    changed.append(Change(thing, one, *shown))
        return Plan(len(said), new, changed)

    def all_said(self, unit: Unit, records: list[Record], shift: Shift | None) -> dict[tuple, Said]:
        """By key, in the order of the sheet. Days may be moved onto each other: the first stays."""
        marker, found = Marker(), {}
        for record in records:
            one = self.said(record, marker, shift or unmoved)
            if one:
                found.setdefault(tuple(one.fixed[name] for name in self.key), one)
        return found

    def there(self, unit: Unit, said: dict[tuple, Said], lock: bool) -> dict[tuple, models.Model]:
        """What is stored already, by key."""
        rows = self.model.objects.filter(unit=unit)
        if self.key == ("mark",):
            known = models.Q(mark__in=[mark for (mark,) in said])
            if self.day:
                days = {one.fixed[self.day] for one in said.values()}
                known |= models.Q(mark="", **{f"{self.day}__in": days})
            rows = rows.filter(known)
            if self.related:
                rows = rows.select_related(*self.related)
        if lock:
            rows = rows.select_for_update(of=("self",)).order_by("pk")
        if not self.day:
            return {self.key_of(thing): thing for thing in rows}
        # What was entered here has no mark; it is given the one it would have had.
        marker, found = Marker(), {}
        for thing in sorted(rows, key=lambda thing: (not thing.mark, thing.pk)):
            mark = marker(*self.named_by(thing))
            found.setdefault((thing.mark or mark,), thing)
        return found

    def key_of(self, thing) -> tuple:
        return tuple(getattr(thing, name) for name in self.key)

    def named_by(self, thing) -> tuple:
        """For ledgers with a `day`: what of a stored row makes its mark."""
        raise NotImplementedError

    def may_change(self, thing) -> bool:
        """False for what people have entered or dealt with here: their word stands."""
        return True

    def parts_there(self, there: dict[tuple, models.Model]) -> dict[str, dict[int, list]]:
        """By name of the part and key of the owner."""
        keys = [thing.pk for thing in there.values()]
        found = {}
        for name, part in self.parts.items():
            found[name] = defaultdict(list)
            rows = part.model.objects.filter(**{f"{part.owner}__in": keys}).order_by("pk")
            for row in rows.values_list(part.owner, *part.columns):
                found[name][row[0]].append(row[1:])
        return found

    def alike(self, name: str, before, after) -> bool:
        if name in self.parts:
            return set(before) == set(after)
        return before == after or _plain(before) == _plain(after)

    def shown(self, name: str, value, names: "_Names"):
        """A value for the trail: JSON-ready, people by staff number and sections by name."""
        if name in self.parts:
            columns = self.parts[name].columns
            rows = [[names.of(*pair) for pair in zip(columns, row, strict=True)] for row in value]
            return [" ".join(str(word) for word in row if word is not None) for row in rows]
        return names.of(name, value)

    # --- Storing

    def write(self, unit: Unit, plan: Plan, *, by: Staff | None) -> None:
        made = self.make_all(unit, plan.new)
        self.model.objects.bulk_create(made, batch_size=BATCH)
        owners = list(zip(made, plan.new, strict=True))
        if plan.changed:
            self.correct(plan.changed, by)
            owners += [(change.thing, change.said) for change in plan.changed]
            audit.record_many(
                by,
                "facts.correct",
                [(change.thing, change.before, change.after) for change in plan.changed],
                unit=unit,
            )
        self.write_parts(owners, plan.changed)

    def make_all(self, unit: Unit, new: list[Said]) -> list[models.Model]:
        at = clock.now()
        return [
            self.model(unit=unit, row=said.row, recorded_at=at, **said.fixed, **said.fields)
            for said in new
        ]

    def correct(self, changed: list[Change], by: Staff | None) -> None:
        fields = {"row", "version"} if self.has_version else {"row"}
        for change in changed:
            change.thing.row = change.said.row
            fields |= change.said.fields.keys()
            for name, value in change.said.fields.items():
                setattr(change.thing, name, value)
            if self.has_version:
                change.thing.version += 1
        things = [change.thing for change in changed]
        write_fields(self.model, things, fields)

    def write_parts(self, owners: list[tuple[models.Model, Said]], changed: list[Change]) -> None:
        """Those of new rows are written, those that changed are replaced."""
        for name, part in self.parts.items():
            stale = {change.thing.pk for change in changed if name in change.before}
            kept = {change.thing.pk for change in changed} - stale
            part.model.objects.filter(**{f"{part.owner}__in": stale}).delete()
            rows = [
                part.model(**{part.owner: thing}, **dict(zip(part.columns, row, strict=True)))
                for thing, said in owners
                if thing.pk not in kept
                for row in said.parts.get(name, ())
            ]
            part.model.objects.bulk_create(rows, batch_size=BATCH)


def write_fields(model: type[models.Model], things: list, fields: Iterable[str]) -> None:
    """An update of many rows, as an upsert by key: a fraction of the time of bulk_update."""
    model.objects.bulk_create(
        things,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=sorted(fields),
    )


def unmoved(day: date) -> date:
    return day


def moved_month(first: date, shift: Shift) -> date | None:
    """Where a month goes: where its middle does, or a day near it where rest days drop out."""
    tried = (shift(first.replace(day=day)) for day in (15, 14, 13, 16, 17))
    day = next(filter(None, tried), None)
    return day and day.replace(day=1)


def _plain(value):
    """Texts compare after NFKC and trimming."""
    if isinstance(value, str):
        return cells.plain(value)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


class _Names:
    def __init__(self, unit: Unit):
        roll = Roll.of(unit)
        self._people = {pk: number for number, pk in roll.people.items()}
        self._sections = {pk: name for name, pk in roll.sections.items()}

    def of(self, column: str, value):
        if column == "person_id":
            return self._people.get(value, value)
        if column in ("section_id", "lead_id"):
            return self._sections.get(value, value)
        if isinstance(value, (date, datetime)):
            return value.isoformat()
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        if isinstance(value, Iterable) and not isinstance(value, str):
            return [self.of("", one) for one in value]
        return value
