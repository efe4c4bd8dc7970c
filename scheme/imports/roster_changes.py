"""What a roster would write, by kind of row, and what a person reads of it beforehand."""

from dataclasses import dataclass, field


@dataclass
class Writes:
    """Rows to add, to change and to take back, by kind; `shrunk` go before `changed`.

    Two rows of one person may trade a day between them, and the database looks after each row.
    """

    added: list = field(default_factory=list)
    shrunk: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    removed: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.added or self.shrunk or self.changed or self.removed)


@dataclass
class Plan:
    """All writes, and `lines`: what a person reads of them, one per row of the roster."""

    sections: Writes = field(default_factory=Writes)
    branches: Writes = field(default_factory=Writes)
    staff: Writes = field(default_factory=Writes)
    in_section: Writes = field(default_factory=Writes)
    in_branch: Writes = field(default_factory=Writes)
    offices: Writes = field(default_factory=Writes)
    absences: Writes = field(default_factory=Writes)
    lines: list[dict] = field(default_factory=list)
    missing: list[dict] = field(default_factory=list)

    def writes(self) -> list[Writes]:
        """In the order in which they lean on each other."""
        return [
            self.sections,
            self.branches,
            self.staff,
            self.in_section,
            self.in_branch,
            self.offices,
            self.absences,
        ]

    def __bool__(self):
        return any(self.writes())

    def as_json(self) -> dict:
        counts = {kind: 0 for kind in ("joined", "changed", "moved", "left", "untouched")}
        for line in self.lines:
            counts[line["kind"]] += 1
        return {
            "counts": counts | {"missing": len(self.missing)},
            "lines": [line for line in self.lines if line["kind"] != "untouched"],
            "missing": self.missing,
            "sections": [section.name for section in self.sections.added],
            "branches": [branch.name for branch in self.branches.added],
            "anything": bool(self),
        }
