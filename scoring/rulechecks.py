"""What a rule may say, in one place: for the workbook, the admin, the page and the approval."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from django.utils.translation import gettext as _

from ledgers.models import PointEntry
from scoring.models import RuleBook, Tier
from scoring.models.rulebook import SubjectKind, Trigger

HAS_LEVEL = (Trigger.ADOPTED, Trigger.PROMOTED, Trigger.DECLARED)
HAS_ROLE = (Trigger.ADOPTED,)
OF_SECTIONS_ONLY = (Trigger.SUMMARY_GOOD, Trigger.NAMED)


class Finding(NamedTuple):
    """`blocking`: the book cannot be approved so; else it is said and may stand."""

    code: str
    text: str
    blocking: bool = True


def sign_is_wrong(kind: str, points: Decimal) -> str:
    """Why the sign does not fit the kind; empty when it does."""
    if kind == PointEntry.Kind.DEDUCTION and points >= 0:
        return _("扣分情形的分值要写成负数")
    if kind != PointEntry.Kind.DEDUCTION and points <= 0:
        return _("基础分值和加分事项的分值要大于零")
    return ""


def subject_is_wrong(trigger: str, subject: str) -> str:
    if trigger in OF_SECTIONS_ONLY and subject != SubjectKind.SECTION:
        return _("“%(trigger)s”只能用于科室") % {"trigger": Trigger(trigger).label}
    return ""


def level_is_wrong(trigger: str, level: str) -> str:
    if level and trigger not in HAS_LEVEL:
        return _("“%(trigger)s”不分级别，这里空着") % {"trigger": Trigger(trigger).label}
    return ""


def role_is_wrong(trigger: str, role: str) -> str:
    if role and trigger not in HAS_ROLE:
        return _("“%(trigger)s”不分角色，这里空着") % {"trigger": Trigger(trigger).label}
    return ""


def overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Do two (level, role) fit a same fact? Empty fits any."""
    return all(not a or not b or a == b for a, b in zip(one, other, strict=True))


def findings(book: RuleBook) -> list[Finding]:
    """Everything to mend or to know in a book; two queries."""
    found = []
    rules = list(book.rules.prefetch_related("tiers"))
    if not any(tier.enabled for rule in rules for tier in rule.tiers.all()):
        found.append(Finding("", _("还没有一条启用的规则。")))
    for rule in rules:
        found += of_rule(rule, list(rule.tiers.all()))
    return found


def of_rule(rule, tiers: list[Tier]) -> Iterable[Finding]:
    if not tiers:
        yield Finding(rule.code, _("没有分值档，这条规则什么也不记。"))
    if why := subject_is_wrong(rule.trigger, rule.subject):
        yield Finding(rule.code, why)
    for tier in tiers:
        for why in (
            sign_is_wrong(rule.kind, tier.points),
            level_is_wrong(rule.trigger, tier.level),
            role_is_wrong(rule.trigger, tier.role),
        ):
            if why:
                yield Finding(rule.code, why)
        for label, cap in (
            (_("单项上限"), rule.cap_item),
            (_("每季上限"), rule.cap_quarter),
            (_("每期上限"), rule.cap_half),
        ):
            if cap is not None and cap < abs(tier.points):
                text = _("%(cap)s%(limit)s低于一次的分值%(points)s，多出的不计")
                values = {"cap": label, "limit": cap, "points": abs(tier.points)}
                yield Finding(rule.code, text % values, blocking=False)
    for one, other in combinations(tiers, 2):
        if overlap((one.level, one.role), (other.level, other.role)):
            yield Finding(rule.code, _("有两档能套上同一件事（级别、角色空着就是都算）"))
            break
