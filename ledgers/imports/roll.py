"""What the rows of a workbook may name: the unit's people, sections and tasks, as compared."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from ledgers.models import Task
from scheme.imports import cells
from scheme.imports.sheets import Row
from scheme.models import Section, Staff, Unit


class Roll(NamedTuple):
    """Keys by compared staff number or name; whoever has left and what is closed among them.

    Plain data, so that a process without a database can read a workbook with it.
    """

    people: dict[str, int]
    sections: dict[str, int]
    tasks: frozenset[str]

    @classmethod
    def of(cls, unit: Unit) -> "Roll":
        people = Staff.objects.filter(unit=unit).values_list("staff_no", "pk")
        # Of two that compare alike the one in use is meant: written last, it stays.
        sections = Section.objects.filter(unit=unit).order_by("closed_on", "-pk")
        tasks = Task.objects.filter(unit=unit).values_list("number", flat=True)
        return cls(
            {cells.tight(number): pk for number, pk in people},
            {cells.tight(name): pk for name, pk in sections.values_list("name", "pk")},
            frozenset(map(cells.tight, tasks)),
        )


class Reading:
    """One workbook being read: what it may name, and what it has named so far."""

    def __init__(self, roll: Roll, rules: dict[str, list[str]] | None = None):
        """`rules`: whom the rules are for, by code; what the sheet of declarations is read with."""
        self.roll, self.rules = roll, rules or {}
        # None while nobody can say: the sheet of tasks itself could not be read.
        self.tasks: set[str] | None = set(roll.tasks)
        self._first: dict[tuple, int] = {}

    def person(self, row: Row, key: str) -> int | None:
        return next(iter(self.people(row, key)), None)

    def people(self, row: Row, key: str) -> list[int]:
        """The people a cell names, one or a list. Who is not known is a problem of that cell."""
        found, unknown = _look_up(row[key], self.roll.people)
        if unknown:
            row.refuse(key, _("没有工号%(no)s") % {"no": unknown})
        return found

    def section(self, row: Row, key: str) -> int | None:
        return next(iter(self.sections(row, key)), None)

    def sections(self, row: Row, key: str) -> list[int]:
        found, unknown = _look_up(row[key], self.roll.sections)
        if unknown:
            row.refuse(key, _("没有科室“%(name)s”") % {"name": unknown})
        return found

    def once(self, row: Row, key: str, *identity) -> None:
        """Complains about the second row of the sheet for the same thing."""
        if any(part is None for part in identity):
            return
        first = self._first.setdefault((row.table.sheet.name, *identity), row.number)
        if first != row.number:
            row.refuse(key, _("与第%(row)d行重复") % {"row": first})


def _look_up(named, known: dict[str, int]) -> tuple[list[int], str]:
    names = [named] if isinstance(named, str) else named or []
    unknown = [cells.shown(name) for name in names if name not in known]
    found = dict.fromkeys(known[name] for name in names if name in known)
    return list(found), "、".join(unknown[:5])
