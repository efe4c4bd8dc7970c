"""A branch member judges the nominations before the branch: once each, blind until then."""

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import access, audit, clock
from scheme.errors import Refused, Stale
from stars.branching import BranchStage
from stars.models import Nomination, Opinion, Round

MAX_COMMENT = 200
MOST = 100


class Given(NamedTuple):
    """`mark`: one of the words, or points from 0 to 100 as they were typed, as the round has it."""

    mark: str
    comment: str
    seen: int  # the nomination's version on the member's screen


def give(pk: int, *, by, mark: str, comment: str = "", seen: int) -> Opinion:
    """One member's opinion of one nomination."""
    round_pk = Nomination.objects.values_list("round_id", flat=True).get(pk=pk)
    return give_all(round_pk, by=by, marks={pk: Given(mark, comment, seen)})[0]


@transaction.atomic
def give_all(pk: int, *, by, marks: Mapping[int, Given]) -> list[Opinion]:
    """Several opinions at once, all or none.

    The round's lock is what the end of the stage waits for: an opinion is counted or refused,
    never lost in between.
    """
    round_ = Round.objects.select_for_update().get(pk=pk)
    if not marks:
        raise Refused(_("还没有评任何一项。"))
    wanted = Nomination.objects.filter(round=round_).in_bulk(list(marks))
    for key in marks:
        if key not in wanted:
            raise Refused(_("这一轮没有这份提名，请刷新后再评。"), conflict=True)
    _check_open(round_, wanted.values(), by)
    for key, given in marks.items():
        if wanted[key].version != given.seen:
            raise Stale(_("这份提名刚刚有了变化，请重新看过再评。"))
        if len(given.comment) > MAX_COMMENT:
            raise Refused(_("意见说明请写在200字以内。"), field=f"comment-{key}")
    stage = BranchStage(round_)
    said = {key: _said(stage, key, given.mark) for key, given in marks.items()}
    _check_entitled(stage, wanted.values(), by)

    at = clock.now()
    opinions = Opinion.objects.bulk_create(
        Opinion(nomination=wanted[key], by=by, comment=one.comment.strip(), at=at, **said[key])
        for key, one in marks.items()
    )
    # That somebody has judged, never how.
    audit.record(by, "opinion.give", round_, after={"nominations": sorted(marks)})
    return opinions


def _said(stage: BranchStage, key: int, mark: str) -> dict:
    if stage.by_marks:
        # isascii: full-width and other digits are not typed by this page's field.
        if not (mark.isascii() and mark.isdigit() and len(mark) <= 3 and int(mark) <= MOST):
            raise Refused(_("请填0到100的整数。"), field=f"mark-{key}")
        return {"points": int(mark)}
    if mark not in Opinion.Mark.values:
        raise Refused(_("请选赞成、不赞成或弃权。"), field=f"mark-{key}")
    return {"mark": mark}


def _check_open(round_: Round, nominations, by) -> None:
    if round_.state != Round.State.AT_BRANCH:
        access.require(by, "round.read", round_.anchor())
        raise Refused(_("支部评星已经结束，或者还没有开始。"), conflict=True)
    for one in nominations:
        access.require(by, "opinion.give", one.anchor())


def _check_entitled(stage: BranchStage, nominations, by) -> None:
    for one in nominations:
        if stage.branch_of(by.pk) != one.branch_id:
            raise Refused(_("支部评星开始时您不在这个支部，不参加这次评议。"))
        if why := stage.why_recused(one, by.pk):
            raise Refused(_("%(nominee)s：%(why)s。") % {"nominee": one.nominee, "why": why})
        if by.pk in stage.opinions[one.pk]:
            raise Refused(
                _("您已经评过%(nominee)s，一份提名评一次。") % {"nominee": one.nominee},
                conflict=True,
            )
