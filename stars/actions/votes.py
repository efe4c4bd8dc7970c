"""The chair's word where arithmetic cannot choose between people."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import access, audit, clock
from scheme.errors import Refused
from stars import counting
from stars.ballots import Sitting
from stars.models import Round, Settlement

from . import leading


@transaction.atomic
def settle(
    pk: int, *, by, star: str | None, kind: str, winners: Collection[int], reason: str
) -> Settlement:
    """Gives the last places of a star, or the floating ones where `star` is empty, once every
    ballot on them is counted. Whoever presides in the chair's stead may do it too."""
    round_ = leading.locked(pk)
    leading.check_stage(round_, by)
    sitting = Sitting(round_)
    _check_may_settle(round_, sitting, by)
    key = (star or None, kind)
    if key in sitting.settlements:
        raise Refused(_("这颗星的同票已经裁定过。"), conflict=True)
    placing = sitting.open_ties().get(key)
    if placing is None or sitting.open_box:
        raise Refused(_("这颗星没有需要裁定的同票，或者还没有投完。"))
    level = [one for one in sitting.nominations if one.pk in placing.tied]
    if any(sitting.why_recused(one, by.pk) for one in level):
        raise Refused(_("同票的提名中有您须回避的，请另一位主持人裁定。"))
    if not counting.is_settled_by(placing, winners):
        raise Refused(_("请在同票的提名中选定%(n)s项。") % {"n": placing.left}, field="winners")
    reason = leading.given_reason(reason, _("请写明裁定的理由。"))
    settlement = Settlement.objects.create(
        round=round_,
        star_id=key[0],
        kind=kind,
        winners=sorted(winners),
        by=by,
        reason=reason,
        at=clock.now(),
    )
    audit.record(
        by,
        "vote.settle",
        round_,
        after={"star": key[0], "kind": kind, "winners": sorted(winners)},
        reason=reason,
    )
    return settlement


def _check_may_settle(round_: Round, sitting: Sitting, by) -> None:
    presides = sitting.presides(by.pk) and sitting.is_open
    access.require(by, "vote.cast" if presides else "vote.settle", round_.anchor())
