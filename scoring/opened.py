"""A scorecard opened: total → star → rule → entry → the fact it came from.

A constant number of queries, however many entries there are.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from ledgers.models import PointEntry, Quarter
from scheme import clock, periods
from scheme.models import Section, Staff
from scheme.templatetags.look import listed
from scoring import queries, retelling
from scoring.formulas import ZERO
from scoring.models import RuleBook, ScoreRun
from scoring.queries import Counted, StarLine
from scoring.retelling import Link

# Entries shown at once in the third column; the table below has them all.
NEAR = 8


@dataclass
class OpenedEntry:
    """An entry with what is left of it. One that was reversed, and the reversal, count nothing."""

    entry: PointEntry
    counted: Counted | None

    @property
    def points(self) -> Decimal:
        return self.counted.counted if self.counted else ZERO

    @property
    def is_void(self) -> bool:
        return self.counted is None

    @property
    def why(self) -> str:
        """Why it counts less than it says; empty when it counts in full."""
        if self.counted is None:
            if self.entry.reverses_id:
                return _("冲销分录%(number)s") % {"number": number_of(self.entry.reverses_id)}
            return _("已冲销")
        return listed(_cut_word(name) for name in self.counted.cut_by)

    @property
    def number(self) -> str:
        return number_of(self.entry.pk)

    @property
    def words(self) -> str:
        return retelling.words_of(self.entry)

    @property
    def proof(self) -> list[tuple[str, str]]:
        return retelling.proof_of(self.entry)

    def tell(self, reader: Staff) -> list[tuple[str, str]]:
        return retelling.tell(self.entry, reader, counted=self.points, why=self.why)


@dataclass
class OpenedRule:
    """A rule with its entries; `points` is what they count together."""

    code: str
    title: str
    clause: str
    limits: str
    entries: list[OpenedEntry] = field(default_factory=list)

    @property
    def points(self) -> Decimal:
        return sum((one.points for one in self.entries), ZERO)

    @property
    def standing(self) -> list[OpenedEntry]:
        return [one for one in self.entries if not one.is_void]


class Opened(NamedTuple):
    half: str
    book: RuleBook
    run: ScoreRun | None
    total: StarLine
    stars: list[StarLine]
    over: Decimal  # what the cap on all bonuses takes from the sum of the stars
    star: StarLine
    rules: list[OpenedRule]
    rule: OpenedRule | None
    entry: OpenedEntry | None
    facts: list[tuple[str, str]]
    link: Link | None
    counted: dict[int, Counted]

    @property
    def near(self) -> list[OpenedEntry]:
        """The rule's entries around the opened one, newest first."""
        entries = self.rule.entries[::-1] if self.rule else []
        at = entries.index(self.entry) if self.entry else 0
        start = max(0, min(at - NEAR // 2, len(entries) - NEAR))
        return entries[start : start + NEAR]

    @property
    def far(self) -> int:
        """How many of the rule's entries are not among the near ones."""
        return len(self.rule.entries) - len(self.near) if self.rule else 0

    @property
    def entries(self) -> list[OpenedEntry]:
        """All of the star, in the order of the book."""
        found = [one for rule in self.rules for one in rule.entries]
        return sorted(found, key=lambda one: (one.entry.event_on, one.entry.row, one.entry.pk))


def number_of(pk: int) -> str:
    return f"{pk:07d}"


def halves_of(unit) -> list[str]:
    """Half-years the points book knows, newest first, the present one always among them."""
    codes = Quarter.objects.filter(unit=unit, starts_on__lte=clock.today())
    days = codes.values_list("starts_on", flat=True)
    return sorted({periods.half_of(day) for day in [*days, clock.today()]}, reverse=True)


def open_card(
    *,
    half: str,
    reader: Staff,
    person: Staff | None = None,
    section: Section | None = None,
    star: str = "",
    rule: str = "",
    entry: str = "",
) -> Opened | None:
    """The card with one star, one of its rules and one entry of that opened.

    What is not named, or not there, is chosen: the first star, its most telling rule, the last
    entry of that. None when the subject has no card in that half-year.
    """
    subject = person or section
    book = queries.book_for(subject.unit, half)
    lines = queries.scorecard_of(person, section, half=half, book=book) if book else []
    if not lines:
        return None
    stars = [line for line in lines if line.star]
    chosen = next((line for line in stars if line.star.key == star), stars[0])
    counted = queries.counted_entries(book, half, person=person, section=section)
    rules = _rules(book, half, [chosen.star], person, section, counted)[chosen.star.key]
    opened = next((one for one in rules if one.code == rule), None)
    opened = opened or _most_telling(rules)
    entries = opened.entries if opened else []
    shown = next((one for one in entries if str(one.entry.pk) == entry), None)
    shown = shown or (entries[-1] if entries else None)
    return Opened(
        half=half,
        book=book,
        run=ScoreRun.objects.latest_of(subject.unit, half),
        total=lines[-1],
        stars=stars,
        over=sum((line.score for line in stars), ZERO) - lines[-1].score,
        star=chosen,
        rules=rules,
        rule=opened,
        entry=shown,
        facts=shown.tell(reader) if shown else [],
        link=retelling.link_of(shown.entry, reader) if shown else None,
        counted=counted,
    )


def _most_telling(rules: list[OpenedRule]) -> OpenedRule | None:
    """The first with entries that are not the base points everybody has."""
    used = [rule for rule in rules if rule.entries]
    earned = [rule for rule in used if rule.entries[0].entry.kind != PointEntry.Kind.BASE]
    return next(iter(earned or used or rules), None)


def _rules(book, half, stars, person, section, counted) -> dict[str, list[OpenedRule]]:
    """Each star's rules in the order of the book, then those of older versions with entries."""
    wanted = {"person": person} if person else {"section": section}
    entries = (
        PointEntry.objects.filter(star__in=stars, unit_id=book.unit_id, **wanted)
        .in_quarters(periods.quarters_of(half))
        .select_related("quarter", *retelling.PEOPLE)
        .order_by("event_on", "row", "pk")
    )
    kind = "person" if person else "section"
    found: dict[str, dict[str, OpenedRule]] = {star.key: {} for star in stars}
    for rule in book.rules.filter(star__in=stars, subject=kind).prefetch_related("tiers"):
        enabled = [tier for tier in rule.tiers.all() if tier.enabled]
        if enabled:
            opened = OpenedRule(rule.code, rule.title, enabled[0].clause, limits(rule))
            found[rule.star_id][rule.code] = opened
    for entry in entries:
        past = OpenedRule(entry.rule_code, entry.rule_title, "", "")
        rule = found[entry.star_id].setdefault(entry.rule_code, past)
        rule.entries.append(OpenedEntry(entry, counted.get(entry.pk)))
    return {star: list(rules.values()) for star, rules in found.items()}


class WholeCard(NamedTuple):
    """Everything at once, as it is printed and signed."""

    book: RuleBook
    run: ScoreRun | None
    total: StarLine
    over: Decimal
    stars: list[tuple[StarLine, list[OpenedRule]]]


def whole_card(
    *, half: str, person: Staff | None = None, section: Section | None = None
) -> WholeCard | None:
    """A constant number of queries. None when the subject has no card in that half-year."""
    unit = (person or section).unit
    book = queries.book_for(unit, half)
    lines = queries.scorecard_of(person, section, half=half, book=book) if book else []
    if not lines:
        return None
    *stars, total = lines
    counted = queries.counted_entries(book, half, person=person, section=section)
    rules = _rules(book, half, [line.star for line in stars], person, section, counted)
    return WholeCard(
        book=book,
        run=ScoreRun.objects.latest_of(unit, half),
        total=total,
        over=sum((line.score for line in stars), ZERO) - total.score,
        stars=[(line, rules[line.star.key]) for line in stars],
    )


def limits(rule) -> str:
    """每季上限4.00，每期上限6.00."""
    pairs = (
        (_("单项上限%(cap)s"), rule.cap_item),
        (_("每季上限%(cap)s"), rule.cap_quarter),
        (_("每期上限%(cap)s"), rule.cap_half),
    )
    return listed((text % {"cap": cap} for text, cap in pairs if cap is not None), "，")


def _cut_word(name: str) -> str:
    return {
        "stacking": _("同一事项不重复计"),
        "item": _("超出单项上限"),
        "quarter": _("超出每季上限"),
        "half": _("超出每期上限"),
    }[name]
