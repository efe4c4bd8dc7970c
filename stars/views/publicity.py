"""Publicity: the list for everybody, objections in confidence, their handling by the office."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheme import access, clock, workdays
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from stars.actions import objections
from stars.models import Nomination, Objection, Round

from .stage import find_round, head

S = Round.State


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
    chosen = request.POST.get("nomination", "")
    try:
        objections.raise_(
            round_.pk,
            int(chosen) if chosen.isdecimal() else 0,
            by=request.user,
            text=request.POST.get("text", ""),
        )
    except Refused as refused:
        if round_.state != S.PUBLICITY:
            raise
        return _page(request, round_, refused)
    messages.success(request, _("异议已提交，只有机关人事科看得到。核实结果会告诉您。"))
    return redirect("stars:publicity", pk)


@gate("objection.handle")
@require_POST
@once
def objection_handle(request, pk):
    row = get_object_or_404(
        Objection.objects.visible_to(request.user).select_related("round"), pk=pk
    )
    try:
        objections.handle(
            pk,
            by=request.user,
            outcome=request.POST.get("outcome", ""),
            finding=request.POST.get("finding", ""),
        )
    except Refused as refused:
        if row.round.state != S.PUBLICITY or refused.conflict:
            raise
        return _page(request, row.round, refused, handling=pk)
    messages.success(request, _("核实结果已记录，并已告诉提出人。"))
    return redirect("stars:publicity", row.round_id)


def _page(request, round_, refused=None, handling=None):
    context = head(request, round_) | {"refused": refused, "handling": handling}
    placed = list(
        Nomination.objects.filter(round=round_, decision__placed=True)
        .select_related("star", "person", "section", "decision")
        .order_by("star__position", "-kind", "person__sort_weight", "section__position", "pk")
    )
    stars: dict = {}
    for one in placed:
        stars.setdefault(one.star, []).append(one)
    rows = Objection.objects.visible_to(request.user).filter(round=round_)
    handles = access.can(request.user, "objection.handle", round_.anchor())
    concern = objections.concern_of(request.user, round_.pk) if handles else None
    context |= {
        "stars": stars.items(),
        "placed": placed,
        "days": _days(round_),
        "today": clock.today(),
        "now": clock.now(),
        "open": round_.state == S.PUBLICITY,
        "handles": handles,
        "objections": [
            {
                "objection": row,
                "barred": objections.why_not_handled_by(row, request.user, concern)
                if handles and not row.outcome
                else "",
            }
            for row in rows.select_related(
                "nomination__star", "nomination__person", "nomination__section", "raised_by"
            )
        ],
        "outcomes": Objection.Outcome.choices,
        "asked": request.POST.get("nomination", ""),
        "text": request.POST.get("text", ""),
        "finding": request.POST.get("finding", ""),
    }
    status = 200 if refused is None else 409 if refused.conflict else 422
    return render(request, "stars/publicity_detail.html", context, status=status)


def _days(round_):
    """The working days of publicity, the day it began not among them."""
    days = workdays.between(round_.publicity_from, round_.publicity_until)
    return [day for day in days if day > round_.publicity_from]
