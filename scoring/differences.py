"""What one version of a rule book says otherwise than another, in words, field by field."""

from collections import defaultdict
from datetime import time
from decimal import Decimal
from typing import NamedTuple

from django.db.models import DecimalField, TimeField
from django.utils.translation import gettext as _

from scheme.models import Star
from scheme.models.star import spoken
from scheme.templatetags.look import listed, points, together
from scoring.contents import CAPS, RULE, SETTINGS, TIER, Content
from scoring.models import Rule, RuleBook, Tier


class Change(NamedTuple):
    """`before` and `after` in the reader's words; empty reads as 无."""

    label: str
    before: str
    after: str


class TierChange(NamedTuple):
    name: str
    changes: list[Change]


class RuleChange(NamedTuple):
    code: str
    title: str
    changes: list[Change]
    tiers_added: list[str]
    tiers_removed: list[str]
    tiers_changed: list[TierChange]


class RuleLine(NamedTuple):
    """A whole rule, where there is nothing to set it against."""

    code: str
    title: str
    said: list[str]
    tiers: list[str]


class Difference(NamedTuple):
    settings: list[Change]
    added: list[RuleLine]
    removed: list[RuleLine]
    changed: list[RuleChange]
    reordered: bool

    @property
    def is_none(self) -> bool:
        return not any(self)


def between(old: Content, new: Content) -> Difference:
    stars = {star.pk: spoken(star.name, star.key) for star in Star.objects.all()}
    say = _Words(stars)
    before = {rule["code"]: rule for rule in old.rules}
    after = {rule["code"]: rule for rule in new.rules}
    kept = [code for code in after if code in before]
    changed = [say.rule_change(before[code], after[code]) for code in kept]
    found = Difference(
        settings=say.settings(old, new),
        added=[say.line(rule) for code, rule in after.items() if code not in before],
        removed=[say.line(rule) for code, rule in before.items() if code not in after],
        changed=[change for change in changed if change],
        reordered=[code for code in before if code in after] != kept
        or any(
            _tier_order(before[code], after[code]) != _tier_order(after[code], before[code])
            for code in kept
        ),
    )
    return found


def _key(tier: dict) -> tuple[str, str]:
    return tier["level"], tier["role"]


def _tier_order(rule: dict, other: dict) -> list[tuple[str, str]]:
    """The rule's tiers that the other has too, in the rule's order."""
    shared = {_key(tier) for tier in other["tiers"]}
    return [_key(tier) for tier in rule["tiers"] if _key(tier) in shared]


class _Words:
    def __init__(self, stars: dict[str, str]):
        self.stars = stars

    def settings(self, old: Content, new: Content) -> list[Change]:
        pairs = [("title", old.title, new.title)]
        pairs += [(name, old.settings[name], new.settings[name]) for name in SETTINGS]
        return [
            Change(
                label_of(RuleBook, name),
                self.value(RuleBook, name, a),
                self.value(RuleBook, name, b),
            )
            for name, a, b in pairs
            if a != b
        ]

    def rule_change(self, old: dict, new: dict) -> RuleChange | None:
        changes = self._changes(Rule, RULE + CAPS, old, new)
        before, after = self._tiers(old), self._tiers(new)
        found = RuleChange(
            new["code"],
            new["title"],
            changes,
            [self.tier(tier) for key, tier in after.items() if key not in before],
            [self.tier(tier) for key, tier in before.items() if key not in after],
            [
                TierChange(self.tier_name(tier), differing)
                for key, tier in after.items()
                if key in before and (differing := self._changes(Tier, TIER, before[key], tier))
            ],
        )
        return found if any(found[2:]) else None

    def _tiers(self, rule: dict) -> dict[tuple, dict]:
        """By level and role; a draft may have several of one kind, told apart by their order."""
        seen, found = defaultdict(int), {}
        for tier in rule["tiers"]:
            key = _key(tier)
            found[*key, seen[key]] = tier
            seen[key] += 1
        return found

    def _changes(self, model, names, old: dict, new: dict) -> list[Change]:
        return [
            Change(
                label_of(model, name),
                self.value(model, name, old[name]),
                self.value(model, name, new[name]),
            )
            for name in names
            if old[name] != new[name]
        ]

    def line(self, rule: dict) -> RuleLine:
        names = [name for name in RULE[1:] + CAPS if name != "title"]
        said = [
            f"{label_of(Rule, name)}　{self.value(Rule, name, rule[name])}"
            for name in names
            if rule[name] is not None
        ]
        return RuleLine(
            rule["code"], rule["title"], said, [self.tier(tier) for tier in rule["tiers"]]
        )

    def tier_name(self, tier: dict) -> str:
        words = [self.value(Tier, name, tier[name]) for name in ("level", "role") if tier[name]]
        return together(*words) or _("不分级别角色")

    def tier(self, tier: dict) -> str:
        parts = [f"{self.tier_name(tier)}　{self.value(Tier, 'points', tier['points'])}"]
        if not tier["enabled"]:
            parts.append(_("停用"))
        if tier["clause"]:
            parts.append(tier["clause"])
        return listed(parts, "，")

    def value(self, model, name: str, value) -> str:
        return shown(model, name, value, self.stars)


def label_of(model, name: str) -> str:
    return str(model._meta.get_field(name.removesuffix("_id")).verbose_name)


def shown(model, name: str, value, stars: dict[str, str]) -> str:
    """A field's value in the reader's words; from the trail it comes as text."""
    field = model._meta.get_field(name.removesuffix("_id"))
    if isinstance(value, str) and isinstance(field, DecimalField | TimeField):
        value = field.to_python(value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Decimal):
        return points(value)
    if isinstance(value, time):
        return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
    if name.removesuffix("_id") == "star":
        return stars.get(value, str(value))
    choices = dict(field.flatchoices)
    return str(choices.get(value, "" if value is None else value))
