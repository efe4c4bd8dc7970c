"""What would still help, and what would fail: told while there is time, not at the end.

Advice, not points: everything here is read from the rules in force and the entries as they stand.
"""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledgers.models import PointEntry, Task
from scheme import clock, periods, workdays
from scheme.models import Section, Staff
from scheme.models.star import spoken
from scheme.templatetags.look import listed, points, signed, together
from scoring.formulas import ZERO
from scoring.models import Declaration, RuleBook
from scoring.queries import Counted, StarLine

Kind = PointEntry.Kind
# A base that has this share of itself left is nearly gone.
NEARLY = Decimal("0.25")


class Chance(NamedTuple):
    """A bonus rule and how much room it has left; `room` is None where nothing bounds it."""

    star: str
    code: str
    title: str
    worth: str
    counted: Decimal
    room: Decimal | None

    @property
    def is_full(self) -> bool:
        return self.room is not None and self.room <= 0


class Warning(NamedTuple):
    """A condition that fails or is about to. `failed`: it has already."""

    text: str
    url: str = ""
    failed: bool = False


class Outlook(NamedTuple):
    chances: list[Chance]
    warnings: list[Warning]
    days_left: int


def look_ahead(
    lines: list[StarLine],
    counted: dict[int, Counted],
    *,
    book: RuleBook,
    half: str,
    person: Staff | None = None,
    section: Section | None = None,
) -> Outlook | None:
    """For a half-year that is not over, from its card as opened; None for one that is."""
    span = periods.half_span(half)
    today = clock.today()
    if today >= span.until:
        return None
    unit = (person or section).unit
    return Outlook(
        chances=_chances(book, counted, "person" if person else "section"),
        warnings=[
            *_floors(lines),
            *_bonus_cap(lines, book),
            *_tasks(unit, person, section, today),
            *_declarations(person, section, half),
        ],
        days_left=len(workdays.between(max(today, span.first), span.last)),
    )


def _chances(book: RuleBook, counted: dict[int, Counted], kind: str) -> list[Chance]:
    """Rules with room first, in the order of the book."""
    of_rule: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for entry in counted.values():
        of_rule[entry.rule_code] += entry.counted
    rules = book.rules.filter(subject=kind, kind=Kind.BONUS).select_related("star")
    found = []
    for rule in rules.prefetch_related("tiers"):
        tiers = [tier for tier in rule.tiers.all() if tier.enabled]
        if tiers:
            sum_ = of_rule[rule.code]
            # Two quarters bound a half-year as well.
            caps = [rule.cap_half, rule.cap_quarter and 2 * rule.cap_quarter]
            cap = min(filter(None, caps), default=None)
            star = spoken(rule.star.name, rule.star_id)
            room = None if cap is None else max(ZERO, cap - sum_)
            found.append(Chance(star, rule.code, rule.title, _worth(tiers), sum_, room))
    return sorted(found, key=lambda chance: chance.is_full)


def _worth(tiers) -> str:
    """国家+10.00、省主报+5.00."""
    return listed(
        together(tier.get_level_display(), tier.get_role_display(), signed(tier.points))
        for tier in tiers
    )


def _floors(lines: list[StarLine]):
    """Deductions eat the base and stop there; whoever is close should know."""
    for line in lines:
        if line.star is None or not line.base:
            continue
        left = line.base + line.deduction
        name = spoken(line.star.name, line.star.key)
        if left <= 0:
            yield Warning(_("%(star)s的基础分已经扣完。") % {"star": name}, failed=True)
        elif left <= line.base * NEARLY:
            values = {"star": name, "left": points(left), "base": points(line.base)}
            yield Warning(_("%(star)s的基础分%(base)s只剩%(left)s。") % values)


def _bonus_cap(lines: list[StarLine], book: RuleBook):
    bonus = sum((line.bonus for line in lines if line.star), ZERO)
    if bonus >= book.bonus_cap:
        values = {"cap": points(book.bonus_cap), "bonus": points(bonus)}
        yield Warning(
            _("各项加分%(bonus)s已到加分总上限%(cap)s，再加只进各星，不进合计。") % values
        )


def _tasks(unit, person, section, today: date):
    """Open tasks that are late already: their deduction comes with the closing or the end."""
    mine = Q(handlers__person=person, handlers__role="main") if person else Q(lead=section)
    rows = Task.objects.filter(mine, unit=unit, closed_on=None, due_on__lt=today).distinct()
    open_tasks = rows.exclude(state__in=[*Task.UNCOUNTED, Task.State.SUSPENDED])
    overdue = [task for task in open_tasks if task.deadline < today]
    if not overdue:
        return
    working = workdays.between(min(task.deadline for task in overdue), today)
    for task in overdue:
        late = sum(day > task.deadline for day in working)
        if late:
            text = ngettext(
                "任务%(number)s已逾期%(n)s个工作日，办结或期末时扣分。",
                "任务%(number)s已逾期%(n)s个工作日，办结或期末时扣分。",
                late,
            )
            yield Warning(text % {"number": task.number, "n": late}, failed=True)


def _declarations(person, section, half: str):
    """Lines sent back, or written and never filed, while their window closes."""
    mine = {"person": person} if person else {"section": section}
    rows = Declaration.objects.filter(
        state__in=["draft", "returned"], quarter__in=_with_the_one_before(half), **mine
    )
    for line in rows:
        url = reverse("scoring:declaration_detail", args=[line.pk])
        if line.state == Declaration.State.RETURNED:
            yield Warning(
                _("申报“%(matter)s”被退回，补正后才计分。") % {"matter": line.matter}, url
            )
        else:
            yield Warning(_("申报“%(matter)s”还是草稿，没有提交。") % {"matter": line.matter}, url)


def _with_the_one_before(half: str) -> list[str]:
    first = periods.half_span(half).first
    before = periods.quarter_of(date.fromordinal(first.toordinal() - 1))
    return [before, *periods.quarters_of(half)]
