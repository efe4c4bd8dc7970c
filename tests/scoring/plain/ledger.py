"""The points book over time: what settling, closing and reopening leave in it."""

from dataclasses import dataclass, replace
from datetime import date

from . import periods
from .facts import Entry


@dataclass
class Line:
    """An entry in the quarter it counts in, and the quarter in which it was reversed, if it was."""

    entry: Entry
    reversed_in: str = ""


class Ledger:
    def __init__(self):
        self.lines: list[Line] = []
        self.closed: list[str] = []

    def open_quarter(self, day: date) -> str:
        """That of the day or, when closed, the next open one."""
        quarter = periods.quarter_of(day)
        while quarter in self.closed:
            quarter = periods.next_quarter(quarter)
        return quarter

    def settle(self, wanted: list[Entry]) -> None:
        """Reverses what is no fact any more and posts what is not there."""
        wanted = set(wanted)
        for line in self.lines:
            if not line.reversed_in:
                plain = replace(line.entry, late_quarter="")
                if plain in wanted:
                    wanted.remove(plain)
                else:
                    line.reversed_in = self.open_quarter(plain.day)
        for entry in wanted:
            quarter = self.open_quarter(entry.day)
            late = "" if quarter == periods.quarter_of(entry.day) else quarter
            self.lines.append(Line(replace(entry, late_quarter=late)))

    def counting(self, half: str) -> list[Entry]:
        """Entries that count in the half-year: one reversed within it is as if never posted, one
        reversed later stays."""
        return [
            line.entry
            for line in self.lines
            if periods.half_of(line.entry.quarter) == half
            and not (line.reversed_in and periods.half_of(line.reversed_in) == half)
        ]

    def gives_back(self, half: str) -> bool:
        """Is an entry of an earlier half-year reversed in this one?"""
        return any(
            line.reversed_in
            and periods.half_of(line.reversed_in) == half != periods.half_of(line.entry.quarter)
            for line in self.lines
        )

    def book(self) -> list[tuple]:
        """Every line that stands there: (subject, star, kind, code, points, day, quarter)."""
        found = []
        for line in self.lines:
            e = line.entry
            found.append((e.subject, e.star, e.kind, e.code, e.points, e.day, e.quarter))
            if line.reversed_in:
                found.append(
                    (e.subject, e.star, e.kind, e.code, -e.points, e.day, line.reversed_in)
                )
        return sorted(found, key=repr)
