"""What the pages of the later stages have in common: finding the round, its head, moving it on."""

from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from scheme import access
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.templatetags.look import md_hm
from stars import steps
from stars.actions import stages
from stars.models import Round


def find_round(request, pk, *states) -> Round:
    """404 unless the person may know of the round and it stands in one of the states."""
    rows = Round.objects.visible_to(request.user).select_related("unit", "book", "run")
    round_ = get_object_or_404(rows, pk=pk)
    if states and round_.state not in states:
        raise Http404
    return round_


def head(request, round_: Round) -> dict:
    """Context every page of a round begins with."""
    return {
        "round": round_,
        "steps": steps.of(round_),
        "shortened": stages.is_shortened(round_),
        "manages": access.can(request.user, "round.manage", round_.anchor()),
    }


def posted(request, name: str) -> dict[int, str]:
    """The fields "name-12" of a form, by number; those left empty are not there."""
    found = {}
    for field, value in request.POST.items():
        first, _dash, number = field.rpartition("-")
        if first == name and number.isdecimal() and value:
            found[int(number)] = value
    return found


def number(request, name: str) -> int:
    """A whole number the page itself put into the form."""
    try:
        return int(request.POST.get(name, ""))
    except ValueError:
        raise Refused(_("这一页已过期，请刷新后再提交。")) from None


@gate("round.manage")
@require_POST
@once
def round_advance(request, pk):
    """The office moves the round on by hand, with a reason."""
    round_ = find_round(request, pk)
    moved = stages.advance(
        round_.pk,
        by=request.user,
        reason=request.POST.get("reason", ""),
        seen=number(request, "seen"),
    )
    messages.success(request, _("已转入%(stage)s。") % {"stage": moved.get_state_display()})
    return redirect("stars:round_detail", pk)


@gate("round.manage")
@require_POST
@once
def round_extend(request, pk):
    """The office puts the last day of the present stage off, with a reason."""
    round_ = find_round(request, pk)
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        raise Refused(_("请选延期到哪一天。"), field="until") from None
    moved = stages.extend(
        round_.pk,
        by=request.user,
        until=until,
        reason=request.POST.get("reason", ""),
        seen=number(request, "seen"),
    )
    messages.success(
        request, _("已延期到%(due)s，有关人员已收到提醒。") % {"due": md_hm(moved.due_at)}
    )
    return redirect("stars:round_detail", pk)
