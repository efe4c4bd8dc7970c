"""A trial put into the rows that the page and the workbook both show."""

from decimal import Decimal
from typing import NamedTuple

from django.db.models import Prefetch

from scoring.models import Rule, RuleBook, Tier
from scoring.models.rulebook import Stacking
from scoring.sandbox.trial import Bite, Fired, Trial

CAPS = {"item": "cap_item", "quarter": "cap_quarter", "half": "cap_half"}


class RuleLine(NamedTuple):
    """A rule of either book with what it yielded under each. A book that has it not, or has it
    switched off, is None; a code of neither book is known from the points book alone."""

    code: str
    before_rule: Rule | None
    after_rule: Rule | None
    before: Fired
    after: Fired

    @property
    def rule(self) -> Rule | None:
        return self.after_rule or self.before_rule

    @property
    def verdict(self) -> str:
        if self.after_rule is None:
            return "gone" if self.before_rule else "past"
        if not self.after.entries:
            return "never"
        return "new" if self.before_rule is None else ""


class CapLine(NamedTuple):
    """One stage of a rule, or of all (`rule` None: `stage` is bonus or floor, of a pool and star).

    `set_before` and `set_after` are the cap, the stacking, or None where there is none.
    """

    stage: str
    pool: str
    star: str
    code: str
    rule: Rule | None
    set_before: Decimal | str | None
    set_after: Decimal | str | None
    before: Bite
    after: Bite

    @property
    def bites(self) -> bool:
        return bool(self.before.subjects or self.after.subjects)


class Rules:
    """Both books' rules that are switched on, read once."""

    def __init__(self, trial: Trial):
        self.trial = trial
        self.before, self.after = _enabled(trial.in_force), _enabled(trial.book)
        # The tried one's order; what only the other has comes after it.
        self.codes = list(dict.fromkeys([*self.after, *self.before]))

    def lines(self) -> list[RuleLine]:
        fired = self.trial.fired()
        others = sorted({code for _side, code in fired} - set(self.codes))
        return [
            RuleLine(
                code,
                self.before.get(code),
                self.after.get(code),
                fired.get(("before", code), Fired()),
                fired.get(("after", code), Fired()),
            )
            for code in [*self.codes, *others]
        ]

    def caps(self) -> list[CapLine]:
        """Every cap and stacking that is set on either side, and what it cuts."""
        bites = self.trial.bites()
        found = []
        for code in self.codes:
            before, after = self.before.get(code), self.after.get(code)
            rule = after or before
            for stage in ("stacking", *CAPS):
                cut = [bites.get((side, code, stage), Bite()) for side in ("before", "after")]
                limits = [_limit(one, stage) for one in (before, after)]
                if any(limit is not None for limit in limits) or any(one.points for one in cut):
                    found.append(
                        CapLine(stage, rule.subject, rule.star_id, code, rule, *limits, *cut)
                    )
        return found + self._of_all()

    def _of_all(self) -> list[CapLine]:
        """The cap on all bonuses, and the floor of every star that deductions ran into."""
        limits = self.trial.limits()
        in_force = self.trial.in_force
        caps = (in_force.bonus_cap if in_force else None, self.trial.book.bonus_cap)
        keys = {(stage, pool, star) for _side, pool, star, stage in limits}
        keys |= {("bonus", pool, "") for pool in ("person", "section")}
        return [
            CapLine(
                stage,
                pool,
                star,
                "",
                None,
                *(caps if stage == "bonus" else (None, None)),
                *(limits.get((side, pool, star, stage), Bite()) for side in ("before", "after")),
            )
            for stage, pool, star in sorted(keys)
        ]


def _enabled(book: RuleBook | None) -> dict[str, Rule]:
    if book is None:
        return {}
    tiers = Prefetch("tiers", Tier.objects.filter(enabled=True), to_attr="enabled_tiers")
    rules = book.rules.select_related("star").prefetch_related(tiers)
    return {rule.code: rule for rule in rules if rule.enabled_tiers}


def _limit(rule: Rule | None, stage: str) -> Decimal | str | None:
    if rule is None:
        return None
    if stage == "stacking":
        return None if rule.stacking == Stacking.ALL else rule.stacking
    return getattr(rule, CAPS[stage])
