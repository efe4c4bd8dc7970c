"""The round's arithmetic once more, in plain Python and without any of the product's own: what the
branch's opinions and the committee's ballots come to, and who gets the places."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction as F


@dataclass(frozen=True)
class Rules:
    """As drawn for one round; the names are those of the product's `Round`."""

    quorum: tuple[int, int]
    majority: tuple[int, int]
    recused_count: bool
    method: str  # votes or marks
    trimmed: bool
    leaders_weight: int
    agreed_from: int
    against_below: int
    secret: bool
    recusals: tuple[str, ...]
    tie_order: tuple[str, ...]
    tie_last: str
    floating: dict[str, int]
    places: int
    per_section: int


@dataclass
class Item:
    """A nomination as the oracle remembers it."""

    pk: int
    star: str
    kind: str
    person: int | None
    section: int
    by: int
    score: Decimal = Decimal(0)
    deductions: Decimal = Decimal(0)
    tasks: int = 0
    branch: int | None = None
    # The branch
    seats: set[int] = field(default_factory=set)
    recused_at_branch: set[int] = field(default_factory=set)
    opinions: dict[int, str | int] = field(default_factory=dict)
    # The committee: what each voted on the ballot that counts
    recused: set[int] = field(default_factory=set)
    votes: dict[int, str] = field(default_factory=dict)

    @property
    def subject(self):
        return ("person", self.person) if self.person else ("section", self.section)


def base(entitled: int, recused: int, rules: Rules) -> int:
    return entitled if rules.recused_count else entitled - recused


def more_than(count: int, share: tuple[int, int], of: int) -> bool:
    return F(count) > F(*share) * of


def branch_mean(item: Item, leads: set[int], rules: Rules) -> F | None:
    """None where nobody gave points."""
    # Of equal marks those of members who do not lead are left out first.
    given = sorted(item.opinions.items(), key=lambda pair: (pair[1], pair[0] in leads))
    if not given:
        return None
    if rules.trimmed and len(given) >= 5:
        given = given[1:]
        given.remove(max(given, key=lambda pair: (pair[1], pair[0] not in leads)))
    classes = ([p for who, p in given if who in leads], [p for who, p in given if who not in leads])
    if not rules.leaders_weight or not all(classes):
        points = [p for _who, p in given]
        return F(sum(points), len(points))
    top, rest = (F(sum(points), len(points)) for points in classes)
    weight = F(rules.leaders_weight, 100)
    return top * weight + rest * (1 - weight)


def branch_outcome(item: Item, leads: set[int], rules: Rules) -> str:
    if rules.method == "marks":
        mean = branch_mean(item, leads, rules)
        if mean is None:
            return "split"
        if mean >= rules.agreed_from:
            return "agreed"
        return "against" if mean < rules.against_below else "split"
    words = list(item.opinions.values())
    of = base(len(item.seats), len(item.recused_at_branch & item.seats), rules)
    if more_than(words.count("for"), (1, 2), of):
        return "agreed"
    return "against" if more_than(words.count("against"), (1, 2), of) else "split"


def cut_off_at_thousandths(mean: F) -> F:
    """As a mean is written down; what is compared is what anybody can read."""
    return F(int(mean * 1000), 1000)


def branch_standing(item: Item, leads: set[int], rules: Rules) -> F:
    if rules.method == "marks":
        return cut_off_at_thousandths(branch_mean(item, leads, rules) or F(0))
    of = base(len(item.seats), len(item.recused_at_branch & item.seats), rules)
    return F(list(item.opinions.values()).count("for"), of) if of else F(0)


def ballot(item: Item, entitled: int, rules: Rules) -> tuple[dict[str, int], str]:
    """Counts by choice, and passed, deferred or failed."""
    words = list(item.votes.values())
    counts = {word: words.count(word) for word in ("for", "against", "abstain", "defer")}
    of = base(entitled, len(item.recused), rules)
    if more_than(counts["for"], rules.majority, of):
        return counts, "passed"
    return counts, "deferred" if more_than(counts["defer"], (1, 2), of) else "failed"


def order(item: Item, leads: set[int], rules: Rules) -> tuple:
    """The greater goes first."""
    by = {
        "branch": lambda: branch_standing(item, leads, rules),
        "score": lambda: item.score,
        "deductions": lambda: item.deductions,  # −0.2 stands before −1
        "tasks": lambda: item.tasks,
    }
    votes = list(item.votes.values()).count("for")
    return (votes, *(by[name]() for name in rules.tie_order))


def fill(passed: list[Item], places: int, standing) -> tuple[set[int], set[int], int]:
    """(placed, level for the rest, how many places are left for those)."""
    ranked = sorted(passed, key=standing, reverse=True)
    if len(ranked) <= places:
        return {one.pk for one in ranked}, set(), 0
    if not places:
        return set(), set(), 0
    line = standing(ranked[places - 1])
    above = {one.pk for one in ranked if standing(one) > line}
    level = {one.pk for one in ranked if standing(one) == line}
    left = places - len(above)
    if len(level) == left:
        return above | level, set(), 0
    return above, level, left


class Places:
    """Who gets a star, filled in as the chair settles ties: `key` is (star or None, kind)."""

    def __init__(self, items: list[Item], entitled: int, leads: set[int], rules: Rules):
        self.rules, self.leads = rules, leads
        self.passed = [one for one in items if ballot(one, entitled, rules)[1] == "passed"]
        self.items = items
        self.settled: dict[tuple, set[int]] = {}

    def _standing(self, one: Item):
        return order(one, self.leads, self.rules)

    def of_star(self, star: str, kind: str):
        group = [one for one in self.passed if (one.star, one.kind) == (star, kind)]
        return fill(group, self.rules.places, self._standing)

    def stars(self) -> set[tuple[str, str]]:
        return {(one.star, one.kind) for one in self.items}

    def open_ties(self) -> dict[tuple, tuple[set[int], int]]:
        """Those of the stars first; the floating places wait until they are settled."""
        if self.rules.tie_last == "empty":
            return {}
        found = {
            key: (level, left)
            for key in self.stars()
            for _placed, level, left in [self.of_star(*key)]
            if left and key not in self.settled
        }
        if found:
            return found
        for kind in ("person", "section"):
            _placed, level, left = self._floating(kind)
            if left and (None, kind) not in self.settled:
                found[None, kind] = (level, left)
        return found

    def _placed_on_stars(self) -> set[int]:
        return {
            pk
            for key in self.stars()
            for pk in self.of_star(*key)[0] | self.settled.get(key, set())
        }

    def _floating(self, kind: str):
        taken = self._placed_on_stars()
        left_out = [one for one in self.passed if one.kind == kind and one.pk not in taken]
        return fill(left_out, self.rules.floating[kind], self._standing)

    def winners(self) -> tuple[set[int], set[int]]:
        """(everybody placed, of them on a floating place)."""
        on_stars = self._placed_on_stars()
        floating = {
            pk
            for kind in ("person", "section")
            for pk in self._floating(kind)[0] | self.settled.get((None, kind), set())
        }
        return on_stars | floating, floating
