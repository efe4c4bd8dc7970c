"""Declarations as the rules tell them, in plain Python: who may do what with which line, and what
stands in the points book afterwards. Every act answers whether it is done; a refused one changes
nothing."""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

LIVING = ("draft", "filed", "checked", "returned", "confirmed")
MOST_RETURNS = 3


@dataclass
class Cast:
    """`home`: whose section is which. `chief`, `leader`: of each section. `office`: its members."""

    home: dict[str, str]
    chief: dict[str, str]
    leader: dict[str, str]
    office: set[str]


@dataclass
class Line:
    subject: str
    code: str
    level: str
    quantity: Decimal
    document: str
    day: date
    filer: str
    state: str = "draft"
    version: int = 0
    returns: int = 0
    checker: str = ""
    verifier: str = ""
    files: set = field(default_factory=set)


@dataclass
class Declarations:
    cast: Cast
    tiers: dict  # (code, level) → points
    open: bool = True
    closed: bool = False  # the quarter of all the documents
    lines: list[Line] = field(default_factory=list)
    entries: dict[int, list] = field(default_factory=dict)  # line → [(points, quarter)]

    # --- Who may

    def writes(self, who: str, subject: str) -> bool:
        if subject in self.cast.chief:
            return self.cast.chief[subject] == who
        return who == subject and subject in self.cast.home

    def own(self, who: str, line: Line) -> bool:
        return who in (line.subject, line.filer)

    def checks(self, who: str, line: Line) -> bool:
        section = self.cast.home.get(line.subject, line.subject)
        by_leader = line.subject in (section, self.cast.chief[section])
        first = (self.cast.leader if by_leader else self.cast.chief)[section]
        return who == first and not self.own(who, line)

    def verifies(self, who: str, line: Line) -> bool:
        return who in self.cast.office and not self.own(who, line) and who != line.checker

    def revokes(self, who: str, line: Line) -> bool:
        return who in self.cast.office and not self.own(who, line) and who != line.verifier

    def turns_down(self, who: str, line: Line) -> bool:
        may = {"filed": self.checks, "checked": self.verifies}.get(line.state)
        return may is not None and may(who, line)

    def twins(self, line: Line) -> list[Line]:
        return [
            other
            for other in self.lines
            if other is not line
            and (other.subject, other.code) == (line.subject, line.code)
            and other.state in LIVING
        ]

    def unique(self, line: Line, files) -> bool:
        return not any(
            (line.document and other.document == line.document) or other.files & set(files)
            for other in self.twins(line)
        )

    # --- What is done

    def add(self, who: str, line: Line) -> bool:
        fits = (line.code, line.level) in self.tiers
        if not (self.writes(who, line.subject) and self.open and fits and self.unique(line, ())):
            return False
        self.lines.append(line)
        return True

    def edits(self, who: str, line: Line) -> bool:
        return self.writes(who, line.subject) and line.state in ("draft", "returned")

    def change(self, who: str, line: Line, version: int, **values) -> bool:
        before = {name: getattr(line, name) for name in values}
        for name, value in values.items():
            setattr(line, name, value)
        done = (
            self.edits(who, line)
            and version == line.version
            and (line.code, line.level) in self.tiers
            and self.unique(line, line.files)
        )
        for name, value in () if done else before.items():
            setattr(line, name, value)
        line.version += done
        return done

    def attach(self, who: str, line: Line, file: str) -> bool:
        if not self.edits(who, line) or not self.unique(line, [file]):
            return False
        line.files.add(file)
        return True

    def file(self, who: str, line: Line) -> bool:
        in_time = self.open or line.state == "returned"
        whole = bool(line.document and line.files) and self.unique(line, line.files)
        if not (self.edits(who, line) and in_time and whole):
            return False
        line.filer = who
        return self._move(line, "filed")

    def withdraw(self, who: str, line: Line) -> bool:
        if not self.writes(who, line.subject) or line.state not in ("draft", "returned", "filed"):
            return False
        return self._move(line, "withdrawn")

    def check(self, who: str, line: Line, version: int) -> bool:
        if line.state != "filed" or not self.checks(who, line) or version != line.version:
            return False
        line.checker = who
        return self._move(line, "checked")

    def verify(self, who: str, line: Line, version: int) -> bool:
        if line.state != "checked" or not self.verifies(who, line) or version != line.version:
            return False
        line.verifier = who
        return self._move(line, "confirmed")

    def turn_back(self, who: str, line: Line, version: int) -> bool:
        if not self.turns_down(who, line) or version != line.version:
            return False
        if line.returns >= MOST_RETURNS:
            return False
        line.returns += 1
        line.checker = ""
        return self._move(line, "returned")

    def refuse(self, who: str, line: Line, version: int) -> bool:
        if not self.turns_down(who, line) or version != line.version:
            return False
        return self._move(line, "refused")

    def revoke(self, who: str, line: Line) -> bool:
        if line.state != "confirmed" or not self.revokes(who, line):
            return False
        return self._move(line, "refused")

    def _move(self, line: Line, state: str) -> bool:
        line.state = state
        line.version += 1
        return True

    # --- What it gives

    def worth(self, line: Line) -> Decimal:
        points = self.tiers[line.code, line.level] * line.quantity
        return points.quantize(Decimal("0.01"), ROUND_HALF_UP)

    def settle(self) -> None:
        """Each confirmed line has one entry; one taken back is reversed. No sooner than now."""
        quarter = "2026Q2" if self.closed else "2026Q1"
        for n, line in enumerate(self.lines):
            found = self.entries.setdefault(n, [])
            if line.state == "confirmed" and not found:
                found.append((self.worth(line), quarter))
            elif line.state != "confirmed" and len(found) == 1:
                found.append((-found[0][0], quarter))
