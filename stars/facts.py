"""What the screens of branch and committee show of a nomination at a glance: read from the dossier
frozen when it was submitted, never from today's books."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from scheme.models.star import spoken
from scheme.templatetags.look import points, signed
from stars.models import Dossier, Nomination

DEEDS = 4


class Fact(NamedTuple):
    label: str
    value: str
    small: str = ""


class Facts(NamedTuple):
    figures: list[Fact]
    deeds: list[Fact]


def of(nominations: Iterable[Nomination]) -> dict[int, Facts]:
    """One query for all of them; a nomination without a dossier has none of either."""
    newest = (
        Dossier.objects.filter(nomination__in=[one.pk for one in nominations])
        .order_by("nomination_id", "-version")
        .distinct("nomination_id")
    )
    bodies = dict(newest.values_list("nomination_id", "body"))
    return {one.pk: read(one, bodies.get(one.pk, {})) for one in nominations}


def read(nomination: Nomination, body: dict) -> Facts:
    figures = []
    cards = {card["star"]: card for card in body.get("cards", ())}
    own, total = cards.get(nomination.star_id), cards.get(None)
    if own:
        small = _("合计%(score)s") % {"score": points(total["score"])} if total else ""
        label = _("%(star)s积分") % {"star": spoken(nomination.star.name, nomination.star_id)}
        figures.append(Fact(label, points(own["score"]), small))
    if filing := body.get("filing"):
        small = _("应报%(due)s，迟%(late)s，缺%(missing)s") % filing
        figures.append(Fact(_("日报按时"), str(filing["on_time"]), small))
    if (tasks := body.get("tasks")) and any(tasks.values()):
        small = _("逾期办结%(late)s，逾期未结%(overdue)s，在办%(running)s") % tasks
        figures.append(Fact(_("重点任务办结"), str(tasks["done"]), small))
    if "awards" in body:
        earlier = body["awards"]
        small = _("最近%(half)s%(name)s") % earlier[0] if earlier else ""
        figures.append(Fact(_("往期获星"), str(len(earlier)), small))
    deeds = [
        Fact(rule["title"], signed(rule["counted"]), _("%(n)s次") % {"n": rule["count"]})
        for rule in body.get("rules", ())
        if rule["kind"] != "base"
    ]
    return Facts(figures, deeds[:DEEDS])
