"""Rules that national provisions ask to be careful with: leaders' instructions, media bonuses.

They are switches of their own, off and low by default, and the reason is printed with them.
"""

from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledgers.models import PointEntry
from scheme.imports import cells
from scoring.models import Rule, Tier
from scoring.models.rulebook import Trigger

# A half-year's cap above this is not low any more.
LOW = Decimal("6.00")


class What(TextChoices):
    INSTRUCTION = "instruction", _("领导批示")
    MEDIA = "media", _("媒体宣传")


class Caution(NamedTuple):
    what: What
    reason: str | Promise
    source: str | Promise

    @property
    def label(self):
        return self.what.label


SOURCE = _("《整治形式主义为基层减负若干规定》（2024年8月6日印发）")
CAUTIONS = {
    What.INSTRUCTION: Caution(
        What.INSTRUCTION,
        _("督查考核不得以领导批示为内容，这类加分单独设开关，默认停用，分值从低。"),
        SOURCE,
    ),
    What.MEDIA: Caution(
        What.MEDIA,
        _(
            "督查考核不得以在报刊媒体上刊发文章、信息、经验为内容，这类加分单独设开关，默认停用，分值从低。"
        ),
        SOURCE,
    ),
}
INSTRUCTION_WORD = "批示"
MEDIA_WORDS = ("媒体", "刊发", "宣传")


def caution(rule: Rule, tiers: list[Tier] | None = None) -> Caution | None:
    """Which caution the rule falls under. A deduction rewards nothing and falls under none.

    The title speaks first: the clause of a media rule may well quote both bans.
    """
    if rule.kind == PointEntry.Kind.DEDUCTION:
        return None
    title = cells.tight(rule.title)
    if INSTRUCTION_WORD in title:
        return CAUTIONS[What.INSTRUCTION]
    if rule.trigger == Trigger.ADOPTED or any(word in title for word in MEDIA_WORDS):
        return CAUTIONS[What.MEDIA]
    if tiers is None:
        tiers = list(rule.tiers.all()) if rule.pk else []
    if any(INSTRUCTION_WORD in cells.tight(tier.clause) for tier in tiers):
        return CAUTIONS[What.INSTRUCTION]
    return None
