"""Publicity: the list for everybody, with the exact days; one's own objections and reviews."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheme import access, clock
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from stars import objecting
from stars import publicity as days
from stars.actions import documents, objections
from stars.bodies import first_sentence
from stars.models import Nomination, Objection, Round

from .stage import find_round, head

S = Round.State
BIGGEST = 2**63 - 1


@gate("result.read")
@require_safe
def publicity(request, pk):
    round_ = find_round(request, pk, S.PUBLICITY, S.PUBLISHED)
    return _page(request, round_)


@gate("objection.raise")
@require_POST
@once
def objection_raise(request, pk):
    round_ = find_round(request, pk)
    try:
        objection = objections.raise_(
            round_.pk,
            chosen(request, "nomination"),
            by=request.user,
            text=request.POST.get("text", ""),
        )
    except Refused as refused:
        if round_.state != S.PUBLICITY:
            raise
        return _page(request, round_, refused)
    messages.success(
        request,
        _("异议已提交，回执号%(number)s。只有您和机关人事科看得到，核实结果会告诉您。")
        % {"number": objection.number},
    )
    return redirect("stars:objection_receipt", objection.pk)


@gate("objection.raise")
@require_POST
@once
def objection_review(request, pk):
    """Asked for on a finding the person need not have seen: a nominee knows only that it was
    upheld."""
    round_ = get_object_or_404(
        Round.objects.visible_to(request.user).filter(objections=pk, state=S.PUBLICITY)
    )
    get_object_or_404(objecting.reviewable_by(request.user, round_), pk=pk)
    try:
        review = objections.ask_review(pk, by=request.user, text=request.POST.get("text", ""))
    except Refused as refused:
        return _page(request, find_round(request, round_.pk), refused, reviewing=pk)
    messages.success(request, _("复核申请已提交，回执号%(number)s。") % {"number": review.number})
    return redirect("stars:objection_receipt", review.pk)


def chosen(request, name: str) -> int:
    """The key picked in a form; 0, which is nobody's, for anything else."""
    value = request.POST.get(name, "")
    return int(value) if value.isdecimal() and int(value) <= BIGGEST else 0


def listed(round_: Round) -> list[Nomination]:
    """Who is on the list, in the order of the list."""
    return list(
        Nomination.objects.filter(round=round_, decision__placed=True)
        .select_related("star", "person", "section", "decision")
        .order_by("star__position", "-kind", "person__sort_weight", "section__position", "pk")
    )


def _page(request, round_, refused=None, reviewing=None):
    placed = listed(round_)
    stars: dict = {}
    for one in placed:
        stars.setdefault(one.star, []).append({"one": one, "line": first_sentence(one.statement)})
    period = days.period(round_)
    open_ = round_.state == S.PUBLICITY
    own = Objection.objects.filter(raised_by=request.user, round=round_)
    until = objecting.review_open_until(round_) if open_ else None
    may_review = until is not None and clock.now() < until
    context = head(request, round_) | {
        "refused": refused,
        "reviewing": reviewing,
        "stars": stars.items(),
        "placed": placed,
        "contact": documents.contact_of(round_),
        "period": period,
        "period_words": days.words(period),
        "today": clock.today(),
        "now": clock.now(),
        "open": open_,
        "keeps": access.can(request.user, "objection.record", round_.anchor()),
        "objections": own.select_related(
            "nomination__star", "nomination__person", "nomination__section"
        ),
        "asked_of_me": Objection.objects.open().filter(round=round_, assigned_to=request.user),
        "reviewable": objecting.reviewable_by(request.user, round_) if may_review else [],
        "review_until": until,
        "asked": request.POST.get("nomination", ""),
        "text": request.POST.get("text", ""),
    }
    status = 200 if refused is None else 409 if refused.conflict else 422
    return render(request, "stars/publicity_detail.html", context, status=status)
