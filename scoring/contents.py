"""A rule book as plain values: what is proposed, compared, written out and signed."""

import json
from decimal import Decimal
from typing import NamedTuple

from scoring.models import RuleBook

SETTINGS = ("bonus_cap", "report_cutoff", "backfill_days", "talk_min_ratings", "talk_good_line")
RULE = ("code", "kind", "subject", "star_id", "title", "trigger")
CAPS = ("cap_item", "cap_quarter", "cap_half", "stacking")
TIER = ("level", "role", "points", "enabled", "clause")


class Content(NamedTuple):
    """A rule book as plain values: a rule is a dict of RULE and CAPS, its `tiers` dicts of TIER."""

    title: str
    settings: dict
    rules: list[dict]


def content_of(book: RuleBook) -> Content:
    rules = [
        {name: getattr(rule, name) for name in RULE + CAPS}
        | {"tiers": [{name: getattr(tier, name) for name in TIER} for tier in rule.tiers.all()]}
        for rule in book.rules.prefetch_related("tiers")
    ]
    return Content(book.title, {name: getattr(book, name) for name in SETTINGS}, rules)


def canonical(content: Content) -> str:
    """The one way to write the content down; the digest is taken of it."""

    def plain(value):
        return f"{value:.2f}" if isinstance(value, Decimal) else value.isoformat()

    return json.dumps(
        content._asdict(), default=plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
