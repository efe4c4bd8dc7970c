"""What was done to a version since it was proposed, from the trail, in words."""

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from scheme.models import AuditEntry, Star
from scheme.models.star import spoken
from scheme.templatetags.look import listed, ymd
from scoring.differences import label_of, shown
from scoring.models import Rule, RuleBook, Tier

# Said at once; a draft is seldom edited oftener.
SHOWN = 100
MODELS = {"scoring.rulebook": RuleBook, "scoring.rule": Rule, "scoring.tier": Tier}


def _acts() -> dict[str, str]:
    return {
        "rulebook.propose": _("拟订"),
        "rulebook.change": _("修改名称或参数"),
        "rulebook.return": _("退回修改"),
        "rulebook.hand_in": _("改好再送"),
        "rulebook.approve": pgettext("done", "批准"),
        "rulebook.seal": _("首次用来计分，封存"),
        "rulebook.retire": pgettext("done", "停用"),
        "rule.create": _("增加规则"),
        "rule.change": _("修改规则"),
        "rule.delete": _("删除规则"),
        "rule.switch": _("开关规则"),
        "tier.create": _("增加一档"),
        "tier.change": _("修改一档"),
        "tier.delete": _("删除一档"),
    }


def edits_of(book: RuleBook) -> tuple[list[dict], int]:
    """The latest edits, oldest first, as the timeline takes them, and how many came before."""
    acts = _acts()
    rules = dict(
        Rule.history.filter(book_id=book.pk).order_by("history_id").values_list("id", "code")
    )
    tiers = {
        pk: rules[rule]
        for pk, rule in Tier.history.filter(rule_id__in=rules).values_list("id", "rule_id")
    }
    rows = AuditEntry.objects.filter(
        Q(object_type="scoring.rulebook", object_id=str(book.pk))
        | Q(object_type="scoring.rule", object_id__in=[str(pk) for pk in rules])
        | Q(object_type="scoring.tier", object_id__in=[str(pk) for pk in tiers]),
        act__in=acts,
    ).select_related("actor")
    found = list(rows.order_by("-pk")[: SHOWN + 1])
    earlier = rows.count() - SHOWN if len(found) > SHOWN else 0
    stars = {star.pk: spoken(star.name, star.key) for star in Star.objects.all()}
    codes = {"scoring.rule": rules, "scoring.tier": tiers}
    items = [
        {
            "when": ymd(row.at),
            "who": row.actor.name if row.actor else _("系统"),
            "what": _named(acts[row.act], codes.get(row.object_type, {}).get(int(row.object_id))),
            "text": _said(row, stars),
        }
        for row in reversed(found[:SHOWN])
    ]
    return items, earlier


def _named(act: str, code: str | None) -> str:
    return f"{act} {code}" if code else act


def _said(row: AuditEntry, stars: dict[str, str]) -> str:
    """The fields that changed, from → to; for an act of its own its reason."""
    if row.reason:
        return row.reason
    if row.act == "rule.switch":
        return _("启用") if row.after["enabled"] else _("停用")
    model = MODELS[row.object_type]
    names = {field.name for field in model._meta.fields}
    parts = []
    for name, value in row.after.items():
        if name not in names or name in ("book", "rule"):
            continue
        after = shown(model, name, value, stars) or _("无")
        label = label_of(model, name)
        if name in row.before:
            before = shown(model, name, row.before[name], stars) or _("无")
            parts.append(f"{label}：{before} → {after}")
        elif value not in (None, ""):
            parts.append(f"{label}：{after}")
    return listed(parts, "；")
