"""What the days of a half-year are worth, in plain Python: one pass over what was done, no SQL."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

D = Decimal
BASE = {("person", "xue"): D(20), ("person", "ye"): D(20), ("section", "ye"): D(20)}
# code → worth, most in a quarter, most in the half-year (tests/factories.py: DAILY_RULES)
WORTH = {
    "missing": (D("-0.20"), D(4), None),
    "late": (D("-0.10"), D(2), None),
    "poor": (D("-0.50"), D(2), D(3)),
    "good": (D("0.05"), D("1.5"), D("2.5")),
    "section_missing": (D("-0.05"), D(2), None),
}
BONUSES = {"good"}


@dataclass
class Diary:
    """What became of each due day: person and day → late or not, and the grade."""

    filed: dict[tuple[int, date], bool] = field(default_factory=dict)
    grades: dict[tuple[int, date], str] = field(default_factory=dict)
    excused: set[tuple[int, date]] = field(default_factory=set)

    def happenings(self, w):
        """(subject, code, day) of everything that is worth points."""
        for person in w.people:
            for day in w.days:
                section = w.section_on(person.pk, day)
                key = person.pk, day
                if section is None or key in self.excused:
                    continue
                if key not in self.filed:
                    yield ("person", person.pk), "missing", day
                    yield ("section", section), "section_missing", day
                    continue
                if self.filed[key]:
                    yield ("person", person.pk), "late", day
                if self.grades.get(key) in ("good", "poor"):
                    yield ("person", person.pk), self.grades[key], day


def cards(diary: Diary, w) -> dict[tuple[str, int, str], tuple[Decimal, Decimal, Decimal]]:
    """(kind, subject, star) → base, deductions, bonus, as the scorecards must have them."""
    counts: dict = defaultdict(int)
    for subject, code, day in diary.happenings(w):
        counts[subject, code, (day.month - 1) // 3] += 1
    sums: dict = defaultdict(lambda: {"deduction": D(0), "bonus": D(0)})
    for subject in {subject for subject, _code, _quarter in counts}:
        for code, (worth, in_quarter, in_half) in WORTH.items():
            total = sum(
                (_capped(counts[subject, code, q] * worth, in_quarter) for q in (0, 1)), D(0)
            )
            part = "bonus" if code in BONUSES else "deduction"
            sums[subject][part] += _capped(total, in_half)
    found = {}
    # Leaders belong to no section: they judge and have no card.
    subjects = [("person", one.pk) for one in w.people if w.homes[one.pk]]
    subjects += [("section", one.pk) for one in w.sections]
    for subject in subjects:
        for (kind, star), base in BASE.items():
            if kind == subject[0]:
                own = sums[subject] if star == "ye" else {"deduction": D(0), "bonus": D(0)}
                found[(*subject, star)] = (base, own["deduction"], own["bonus"])
    return found


def _capped(value: Decimal, most: Decimal | None) -> Decimal:
    return value if most is None else max(-most, min(most, value))


def score(card: tuple[Decimal, Decimal, Decimal]) -> Decimal:
    base, deduction, bonus = card
    return max(D(0), base + deduction) + bonus
