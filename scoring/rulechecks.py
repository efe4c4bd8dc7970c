"""What a rule may say, in one place: for the workbook, the admin, the page and the approval."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from django.utils.translation import gettext as _

from ledgers.models import PointEntry
from scheme.imports import cells
from scoring.cautions import LOW, caution
from scoring.models import Rule, RuleBook, Tier
from scoring.models.rulebook import Stacking, SubjectKind, Trigger

__all__ = ["Finding", "caution", "findings", "of_rule"]

HAS_LEVEL = (Trigger.ADOPTED, Trigger.PROMOTED, Trigger.DECLARED)
HAS_ROLE = (Trigger.ADOPTED,)
OF_SECTIONS_ONLY = (Trigger.SUMMARY_GOOD, Trigger.NAMED)
# One item may give one subject several entries; under any other trigger each fact is an item.
SEVERAL_OF_AN_ITEM = (
    Trigger.ADOPTED, Trigger.PROMOTED, Trigger.DECLARED, Trigger.TASK_RETURNED,
)  # fmt: skip
Kind = PointEntry.Kind


class Finding(NamedTuple):
    """`blocking`: the book cannot be approved so; else it is said and may stand."""

    code: str
    text: str
    blocking: bool = True


# --- A cell


def code_is_wrong(code: str) -> str:
    """Why a number could not be read back from the workbook; empty when it could."""
    if cells.is_empty(code) or code != cells.tight(code):
        return _("编号不能空着，不能写“无”“/”，也不能有空格和全角字母数字")
    if code.startswith("注"):
        return _("编号不能以“注”开头，工作簿读到“注”就当表已结束")
    return ""


def words_are_wrong(words: str) -> str:
    """Why a text could not be read back from the workbook; empty when it could."""
    return "" if words == as_written(words) else _("前后不要有空格，也不要只写“无”“/”")


def as_written(value: str) -> str:
    """A text as the workbook gives it back."""
    words = value.strip().replace("\r\n", "\n").replace("\r", "\n")
    return "" if cells.is_empty(words) else words


def sign_is_wrong(kind: str, points: Decimal) -> str:
    """Why the sign does not fit the kind; empty when it does."""
    if kind == Kind.DEDUCTION and points >= 0:
        return _("扣分情形的分值要写成负数")
    if kind != Kind.DEDUCTION and points <= 0:
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


# --- A rule


def of_rule(rule: Rule, tiers: list[Tier]) -> Iterable[Finding]:
    if unknown := list(_unknown_words(rule, tiers)):
        # Nothing more can be said of a word that is not known.
        yield from unknown
        return
    yield from _wrong(rule, tiers)
    yield from _caps(rule, tiers)
    yield from _pointless(rule, tiers)
    yield from _cautious(rule, tiers)


def _unknown_words(rule: Rule, tiers: list[Tier]) -> Iterable[Finding]:
    """The database takes any word in these columns; forms and the workbook take these only."""
    for row, names in [(rule, ("kind", "subject", "trigger", "stacking"))] + [
        (tier, ("level", "role")) for tier in tiers
    ]:
        for name in names:
            field, value = row._meta.get_field(name), getattr(row, name)
            if value not in dict(field.choices) and not (value == "" and field.blank):
                text = _("%(field)s“%(word)s”不认识")
                yield Finding(rule.code, text % {"field": field.verbose_name, "word": value})


def _wrong(rule: Rule, tiers: list[Tier]) -> Iterable[Finding]:
    if not tiers:
        yield Finding(rule.code, _("没有分值档，这条规则什么也不记。"))
    reasons = [
        code_is_wrong(rule.code),
        # An empty one is as good as 无.
        words_are_wrong(rule.title or "无"),
        subject_is_wrong(rule.trigger, rule.subject),
    ]
    for tier in tiers:
        reasons += [
            words_are_wrong(tier.clause),
            sign_is_wrong(rule.kind, tier.points),
            level_is_wrong(rule.trigger, tier.level),
            role_is_wrong(rule.trigger, tier.role),
        ]
    for reason in dict.fromkeys(filter(None, reasons)):
        yield Finding(rule.code, reason)
    for one, other in combinations(tiers, 2):
        if overlap((one.level, one.role), (other.level, other.role)):
            yield Finding(rule.code, _("有两档能套上同一件事（级别、角色空着就是都算）"))
            break


def _caps(rule: Rule, tiers: list[Tier]) -> Iterable[Finding]:
    item, quarter, half = rule.cap_item, rule.cap_quarter, rule.cap_half
    named = ((_("单项上限"), item), (_("每季上限"), quarter), (_("每期上限"), half))
    for tier in tiers:
        for label, cap in named:
            if cap is not None and cap < abs(tier.points):
                text = _("%(cap)s%(limit)s低于一次的分值%(points)s，多出的不计")
                values = {"cap": label, "limit": cap, "points": abs(tier.points)}
                yield _may_stand(rule, text % values)
    if half is not None:
        for label, cap in named[:2]:
            if cap is not None and cap >= half:
                text = _("%(cap)s%(limit)s不低于每期上限%(half)s，用不上")
                yield _may_stand(rule, text % {"cap": label, "limit": cap, "half": half})
    if quarter is None:
        return
    if half is not None and half >= 2 * quarter:
        text = _("每期上限%(half)s不低于两个季度的每季上限%(quarter)s之和，用不上")
        yield _may_stand(rule, text % {"half": half, "quarter": quarter})
    # An item may lie in both quarters where it can recur.
    reach = 2 * quarter if rule.trigger in SEVERAL_OF_AN_ITEM else quarter
    if item is not None and item >= reach and not (half is not None and item >= half):
        text = _("单项上限%(item)s有每季上限%(quarter)s在先，用不上")
        yield _may_stand(rule, text % {"item": item, "quarter": quarter})


def _pointless(rule: Rule, tiers: list[Tier]) -> Iterable[Finding]:
    if rule.stacking != Stacking.ALL and rule.trigger not in SEVERAL_OF_AN_ITEM:
        text = _("“%(trigger)s”每件事各算各的，叠加写“%(stacking)s”不起作用")
        values = {
            "trigger": rule.get_trigger_display(),
            "stacking": rule.get_stacking_display(),
        }
        yield _may_stand(rule, text % values)
    if rule.kind == Kind.BASE and any(tier.level for tier in tiers):
        yield _may_stand(rule, _("基础分值分了级别：够不上级别的，一分基础也没有"))
    off = tiers and not any(tier.enabled for tier in tiers)
    if off and rule.trigger == Trigger.DECLARED and not caution(rule, tiers):
        yield _may_stand(rule, _("各档都停用了，申报时选不到这一条"))


def _cautious(rule: Rule, tiers: list[Tier]) -> Iterable[Finding]:
    found = caution(rule, tiers)
    if not found:
        return
    if any(tier.enabled for tier in tiers):
        text = _("审慎项（%(what)s）已启用：%(reason)s")
        yield _may_stand(rule, text % {"what": found.label, "reason": found.reason})
    if rule.cap_half is None:
        text = _("审慎项（%(what)s）没有每期上限，建议不高于%(low)s")
        yield _may_stand(rule, text % {"what": found.label, "low": LOW})
    elif rule.cap_half > LOW:
        text = _("审慎项（%(what)s）每期上限%(cap)s偏高，建议不高于%(low)s")
        yield _may_stand(rule, text % {"what": found.label, "cap": rule.cap_half, "low": LOW})


def _may_stand(rule: Rule | None, text: str) -> Finding:
    return Finding(rule.code if rule else "", text, blocking=False)


# --- A book


def findings(book: RuleBook) -> list[Finding]:
    """Everything to mend or to know in a book; a constant number of queries."""
    rules = list(book.rules.select_related("star").prefetch_related("tiers"))
    live = [(rule, on) for rule in rules if (on := [t for t in rule.tiers.all() if t.enabled])]
    found = [] if live else [Finding("", _("还没有一条启用的规则。"))]
    if not as_written(book.title):
        found.append(Finding("", _("细则的名称空着。")))
    for rule in rules:
        found += of_rule(rule, list(rule.tiers.all()))
    return [*found, *_stars(live), *_twice(live), *_bonuses(book, live)]


def _stars(live: list[tuple[Rule, list[Tier]]]) -> Iterable[Finding]:
    """Deductions take from the base of their star and from nothing else."""
    groups = defaultdict(list)
    for rule, tiers in live:
        groups[rule.subject, rule.star_id].append((rule, tiers))
    for (subject, _star), group in groups.items():
        names = {"subject": dict(SubjectKind.choices).get(subject, subject)}
        names["star"] = group[0][0].star.name
        base = [(rule, tiers) for rule, tiers in group if rule.kind == Kind.BASE]
        taking = [(rule, tiers) for rule, tiers in group if rule.kind == Kind.DEDUCTION]
        if not base:
            text = (
                _("%(subject)s的%(star)s没有启用的基础分值：扣分无分可扣，等于不扣")
                if taking
                else _("%(subject)s的%(star)s没有启用的基础分值，从零分算起")
            )
            yield _may_stand(None, text % names)
        elif all(rule.trigger == Trigger.BASE for rule, _tiers in base):
            whole = sum(tier.points for _rule, tiers in base for tier in tiers)
            for rule, tiers in taking:
                yield from _beyond(rule, tiers, whole)


def _beyond(rule: Rule, tiers: list[Tier], base: Decimal) -> Iterable[Finding]:
    if rule.cap_half is not None and rule.cap_half > base:
        text = _("每期上限%(cap)s高于这颗星的基础分值%(base)s，扣完为止，永远扣不到")
        yield _may_stand(rule, text % {"cap": rule.cap_half, "base": base})
    most = max(abs(tier.points) for tier in tiers)
    if most > base:
        text = _("一次扣%(points)s，高于这颗星的基础分值%(base)s，扣完为止，多出的不扣")
        yield _may_stand(rule, text % {"points": most, "base": base})


def _twice(live: list[tuple[Rule, list[Tier]]]) -> Iterable[Finding]:
    """A declaration names its rule; every other fact is priced by each rule it fits."""
    groups = defaultdict(list)
    for rule, tiers in live:
        if rule.trigger != Trigger.DECLARED:
            groups[rule.trigger, rule.subject, rule.kind, rule.star_id].append((rule, tiers))
    for group in groups.values():
        for (first, ours), (second, theirs) in combinations(group, 2):
            if any(overlap((a.level, a.role), (b.level, b.role)) for a in ours for b in theirs):
                text = _("与%(code)s同一触发、同一对象、同一颗星：同一件事会记两笔")
                yield _may_stand(second, text % {"code": first.code})


def _bonuses(book: RuleBook, live: list[tuple[Rule, list[Tier]]]) -> Iterable[Finding]:
    bonuses = [rule for rule, _tiers in live if rule.kind == Kind.BONUS]
    if bonuses and not book.bonus_cap:
        yield _may_stand(None, _("加分总上限为零：合计里一分加分也不算"))
        return
    for rule in bonuses:
        if rule.cap_half is not None and rule.cap_half > book.bonus_cap:
            text = _("每期上限%(cap)s高于加分总上限%(total)s，合计里用不满")
            yield _may_stand(rule, text % {"cap": rule.cap_half, "total": book.bonus_cap})
