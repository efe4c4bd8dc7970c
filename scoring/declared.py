"""Declarations as pages show them: what a line is called, what it is worth and where it counts.

Rules, worth and entries of many lines are read by set: a page costs the same for one line as for
a hundred.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from ledgers.models import PointEntry, Quarter
from scheme import clock, periods, workdays
from scheme.models import Section, Staff, Star, Unit
from scheme.templatetags.look import listed, points, together, ymd
from scoring import declaring, queries
from scoring.formulas import ZERO
from scoring.models import Declaration, DeclarationWindow, Rule, RuleBook
from scoring.models.rulebook import Trigger
from scoring.opened import limits

State = Declaration.State
# Before anybody has confirmed them; what they are worth counts nowhere yet.
PENDING = (State.FILED, State.CHECKED, State.RETURNED)
KINDS = {
    State.DRAFT: "done",
    State.FILED: "warn",
    State.CHECKED: "warn",
    State.RETURNED: "bad",
    State.CONFIRMED: "ok",
    State.REFUSED: "done",
    State.WITHDRAWN: "done",
}
SOURCE = "declared:"


def quarter_name(code: str) -> str:
    """2026年一季度."""
    texts = (
        _("%(year)s年一季度"),
        _("%(year)s年二季度"),
        _("%(year)s年三季度"),
        _("%(year)s年四季度"),
    )
    return texts[int(code[-1]) - 1] % {"year": code[:4]}


def quarter_after(code: str) -> str:
    return periods.quarter_of(periods.quarter_span(code).until)


def half_of(quarter: str) -> str:
    """2026Q3 → 2026H2."""
    return periods.half_of(periods.quarter_span(quarter).first)


def quarter_before(code: str) -> str:
    return periods.quarter_of(periods.quarter_span(code).first - timedelta(1))


# --- What a line is called and worth


class Names:
    """The rules that may be declared for, of all the versions of a unit's book, read once: for
    their names and stars. What holds on a day is declaring's to say."""

    def __init__(self, unit: Unit):
        books = RuleBook.objects.filter(unit=unit).holding()
        rules = Rule.objects.filter(book__in=books, trigger=Trigger.DECLARED)
        oldest_first = rules.select_related("star").order_by("book__version")
        self._newest = {rule.code: rule for rule in oldest_first}

    def rule(self, line: Declaration) -> Rule | None:
        return self._newest.get(line.rule_code)

    def codes_of_star(self, star: str) -> set[str]:
        return {rule.code for rule in self.all if rule.star_id == star}

    @cached_property
    def all(self) -> list[Rule]:
        return sorted(self._newest.values(), key=lambda rule: (rule.star.position, rule.code))


def plain(number: Decimal) -> str:
    """1, 2.5: without the zeros the database keeps."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tier_words(rule: Rule) -> str:
    """省5.0、市2.0: what each level is worth."""
    told = (tier for tier in rule.tiers.all() if tier.enabled)
    return listed(together(tier.get_level_display(), points(tier.points)) for tier in told)


def rule_words(rule: Rule) -> str:
    """What the rule gives and where it stops, in one line."""
    return listed((words for words in (tier_words(rule), limits(rule)) if words), "；")


# --- Where it counts


def closed_quarters(unit: Unit) -> set[str]:
    found = Quarter.objects.filter(unit=unit, closed_at__isnull=False)
    return set(found.values_list("code", flat=True))


def counting_quarter(day: date, closed: set[str]) -> str:
    """The quarter of the day or, closed, the next open one."""
    code = periods.quarter_of(day)
    while code in closed:
        code = quarter_after(code)
    return code


def counting_words(day: date, closed: set[str]) -> str:
    own = periods.quarter_of(day)
    counts = counting_quarter(day, closed)
    form = {"own": quarter_name(own), "counts": quarter_name(counts)}
    if own == counts:
        return _("按文件日期计入%(counts)s") % form
    return _("文件日期在%(own)s，该季已关账，计入%(counts)s") % form


def worth_words(worth: Decimal | None) -> str:
    """核验通过后记2.0分."""
    if worth is None:
        return _("细则里没有适用的分值，请核对规则、级别和文件日期")
    return _("核验通过后记%(worth)s分，叠加和上限另计") % {"worth": points(worth)}


# --- The window


class WindowWords(NamedTuple):
    kind: str
    word: str
    text: str
    open: bool


def window_words(window: DeclarationWindow | None) -> WindowWords:
    today = clock.today()
    if window is None:
        text = _("申报窗口由机关人事科设定，开了以后才能填报。")
        return WindowWords("done", _("未开窗口"), text, False)
    form = {"opens": ymd(window.opens_on), "closes": ymd(window.closes_on)}
    if today < window.opens_on:
        text = _("%(opens)s开始，%(closes)s截止。") % form
        return WindowWords("done", _("未开始"), text, False)
    if today > window.closes_on:
        text = _("已于%(closes)s截止。没赶上的事项在下一季申报，仍按文件日期计分。") % form
        return WindowWords("done", _("已截止"), text, False)
    if today == window.closes_on:
        return WindowWords("bad", _("今日截止"), _("今天是最后一天。"), True)
    left = len(workdays.between(today, window.closes_on)) - workdays.is_working(today)
    text = _("%(closes)s截止，还有%(n)s个工作日。") % (form | {"n": left})
    return WindowWords("warn" if left <= 3 else "ok", _("正在申报"), text, True)


# --- The system's own lines


@dataclass
class RuleSum:
    code: str
    title: str
    kind: str
    entries: int = 0
    posted: Decimal = ZERO
    counted: Decimal = ZERO


@dataclass
class StarSum:
    star: Star
    rules: list[RuleSum] = field(default_factory=list)

    @property
    def counted(self) -> Decimal:
        return sum((rule.counted for rule in self.rules), ZERO)


class Posted(NamedTuple):
    """A subject's entries of one quarter: what the ledgers gave, and what declared lines became."""

    stars: list[StarSum]
    declared: dict[int, Decimal]  # declaration → what its entry counts

    @property
    def counted(self) -> Decimal:
        return sum((one.counted for one in self.stars), ZERO)


def posted(subject: Staff | Section, quarter: str) -> Posted:
    """What stands in the points book for the quarter, after stacking and caps."""
    whose = {"person" if isinstance(subject, Staff) else "section": subject}
    half = half_of(quarter)
    book = queries.book_for(subject.unit, half)
    counted = queries.counted_entries(book, half, **whose) if book else {}
    rows = PointEntry.objects.filter(quarter__code=quarter, pk__in=counted, **whose)
    stars: dict[str, StarSum] = {}
    rules: dict[str, RuleSum] = {}
    declared: dict[int, Decimal] = {}
    for entry in rows.select_related("star").order_by("star__position", "kind", "rule_code", "pk"):
        counts = counted[entry.pk].counted
        if entry.source.startswith(SOURCE):
            declared[int(entry.source.removeprefix(SOURCE))] = counts
            continue
        if entry.rule_code not in rules:
            rules[entry.rule_code] = RuleSum(entry.rule_code, entry.rule_title, entry.kind)
            star = stars.setdefault(entry.star_id, StarSum(entry.star))
            star.rules.append(rules[entry.rule_code])
        line = rules[entry.rule_code]
        line.entries += 1
        line.posted += entry.points
        line.counted += counts
    order = [kind.value for kind in PointEntry.Kind]
    for star in stars.values():
        star.rules.sort(key=lambda rule: (order.index(rule.kind), rule.code))
    return Posted(list(stars.values()), declared)


# --- Declared lines


class Shown(NamedTuple):
    """A line with all a page says of it."""

    line: Declaration
    rule: Rule | None
    worth: Decimal | None
    entry: PointEntry | None
    counts_in: str
    kind: str

    @property
    def title(self) -> str:
        return self.rule.title if self.rule else self.line.rule_code

    @property
    def pending(self) -> bool:
        return self.line.state in PENDING

    @property
    def to_post(self) -> bool:
        """Confirmed a moment ago: its entry is on the way."""
        settled = self.line.state == State.CONFIRMED and self.entry is None
        return settled and self.worth is not None and bool(self.line.document_on)


def entries_of(unit: Unit, lines: Iterable[Declaration]) -> dict[int, PointEntry]:
    """The standing entry of each confirmed line."""
    sources = {f"{SOURCE}{line.pk}": line.pk for line in lines if line.state == State.CONFIRMED}
    found = PointEntry.objects.filter(
        unit=unit, source__in=sources, reverses=None, reversed_by=None
    ).select_related("quarter")
    return {sources[entry.source]: entry for entry in found}


def shown(unit: Unit, lines: Iterable[Declaration], names: Names | None = None) -> list[Shown]:
    names, lines = names or Names(unit), list(lines)
    worths, rules = declaring.worths(lines), declaring.rules_of(lines)
    entries, closed = entries_of(unit, lines), closed_quarters(unit)
    rows = []
    for line in lines:
        entry = entries.get(line.pk)
        counts = entry.quarter.code if entry else ""
        if not entry and line.document_on and line.state not in (State.REFUSED, State.WITHDRAWN):
            counts = counting_quarter(line.document_on, closed)
        rule = rules.get(line.pk) or names.rule(line)
        rows.append(Shown(line, rule, worths[line.pk], entry, counts, KINDS[line.state]))
    return rows


def pending_worth(rows: Iterable[Shown]) -> Decimal:
    """What is declared and not confirmed; it counts nowhere."""
    return sum((row.worth or ZERO for row in rows if row.pending), ZERO)


def like(line: Declaration, reader: Staff):
    """Other lines of the same subject for the same rule and matter that still stand."""
    return (
        Declaration.objects.visible_to(reader)
        .filter(
            unit_id=line.unit_id,
            person_id=line.person_id,
            section_id=line.section_id,
            rule_code=line.rule_code,
            matter_key=line.matter_key,
        )
        .exclude(pk=line.pk)
        .exclude(matter_key="")
        .exclude(state__in=[State.WITHDRAWN, State.REFUSED])
    )
