"""The branch's stage: one's own opinions, blind until given; the secretary sees who is awaited."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheme import access
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.roles import Role
from stars import facts
from stars.actions import opinions
from stars.actions.opinions import Given
from stars.branching import BranchStage
from stars.models import Nomination, Opinion, Round, Seat
from stars.models.round import BranchMethod

from .stage import find_round, head, number, posted

S = Round.State
LATER = (S.AT_COMMITTEE, S.PUBLICITY, S.PUBLISHED)


@gate("opinion.give")
@require_safe
def branch(request, pk):
    round_ = find_round(request, pk, S.AT_BRANCH, *LATER)
    return _page(request, round_)


@gate("opinion.give")
@require_POST
@once
def opinion_give(request, pk):
    """One opinion or all of them: whatever is marked on the page."""
    round_ = find_round(request, pk)
    comments = posted(request, "comment")
    try:
        marks = {
            key: Given(mark, comments.get(key, ""), number(request, f"seen-{key}"))
            for key, mark in posted(request, "mark").items()
        }
        given = opinions.give_all(round_.pk, by=request.user, marks=marks)
    except Refused as refused:
        if round_.state != S.AT_BRANCH:
            raise
        return _page(request, round_, refused=refused)
    messages.success(request, _("已提交%(n)s项意见。") % {"n": len(given)})
    return redirect("stars:branch", pk)


def _page(request, round_, refused=None):
    context = head(request, round_) | {"refused": refused}
    if round_.state == S.AT_BRANCH:
        context |= _under_way(request, round_, refused)
    else:
        context["outcomes"] = _outcomes(request, round_)
        context["by_marks"] = round_.branch_method == BranchMethod.MARKS
    status = 200 if refused is None else 409 if refused.conflict else 422
    return render(request, "stars/branch_detail.html", context, status=status)


def _under_way(request, round_, refused=None) -> dict:
    person, stage = request.user, BranchStage(round_)
    own = stage.branch_of(person.pk)
    # What one stands back from is not listed, not counted, not named.
    mine = [
        one
        for one in stage.nominations
        if one.branch_id == own and not stage.why_recused(one, person.pk)
    ]
    shown = facts.of(mine)
    marks, comments = posted(request, "mark"), posted(request, "comment")
    items = []
    for one in mine:
        given = stage.opinions[one.pk]
        items.append(
            {
                "nomination": one,
                "facts": shown[one.pk],
                "own": given.get(person.pk),
                # Others' marks only once one's own is in.
                "others": [o for o in given.values() if o.by_id != person.pk]
                if person.pk in given
                else [],
                "mark": marks.get(one.pk, ""),
                "comment": comments.get(one.pk, ""),
                "wrong": str(refused) if _is_about(refused, one) else "",
            }
        )
    left = sum(not item["own"] for item in items)
    return {
        "items": items,
        "open": left > 0,
        "done": len(items) - left,
        "total": len(items),
        "left": left,
        "by_marks": stage.by_marks,
        "choices": Opinion.Mark.choices,
        "has_seat": own is not None,
        "awaited": _awaited(person, stage),
    }


def _is_about(refused, one) -> bool:
    return refused is not None and refused.field in (f"mark-{one.pk}", f"comment-{one.pk}")


def _awaited(person, stage):
    """For the secretary: who in the branch has still to judge, by name; never how others did. One
    who stands back from an item reads the names without the numbers, which would count it."""
    led = access.places(person, Role.SECRETARY)
    if not led:
        return None
    rows = [seat for seat in stage.owing() if seat.branch_id in led]
    is_back = any(stage.why_recused(one, person.pk) for one in stage.nominations)
    return [
        {"name": seat.staff.name, "left": None if is_back else len(stage.owed(seat.staff_id))}
        for seat in rows
    ]


def _outcomes(request, round_):
    """After the stage: how one's branch came out."""
    seat = Seat.objects.filter(round=round_, body=Seat.Body.BRANCH, staff=request.user)
    return (
        Nomination.objects.filter(
            round=round_, branch__in=seat.values("branch"), branch_outcome__isnull=False
        )
        .open_to(request.user)
        .select_related("star", "person", "section", "branch_outcome")
        .order_by("star__position", "-kind", "pk")
    )
