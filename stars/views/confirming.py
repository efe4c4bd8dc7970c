"""The list of participants before the round opens: asked for, and confirmed section by section."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from scheme import access
from scheme.access import gate
from scheme.idempotency import once
from scheme.models import Section
from scheme.roles import Role
from stars.actions import participants
from stars.models import Round

from .stage import find_round, number


def _section(request) -> Section:
    return get_object_or_404(
        Section.objects.of_unit(request.user.unit), pk=number(request, "section")
    )


@gate("round.confirm")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def round_confirm(request, pk):
    """A chief looks over the section's own part of the list."""
    round_ = find_round(request, pk, Round.State.PREPARING)
    if request.method == "POST":
        section = _section(request)
        participants.confirm(pk, section, by=request.user, seen=number(request, "seen"))
        messages.success(request, _("已确认%(section)s的参加名单。") % {"section": section})
        return redirect("stars:round_confirm", pk)
    headed = access.places(request.user, Role.CHIEF)
    found = participants.sections_of(list(participants.listed(round_)))
    done = {row.section_id: row for row in round_.confirmations.select_related("by")}
    open_ = {section.pk for section in participants.unconfirmed(round_)}
    parts = [
        {
            "section": section,
            "rows": found[section.pk],
            "confirmation": done.get(section.pk),
            "is_open": section.pk in open_,
        }
        for section in Section.objects.filter(pk__in=headed)
        if section.pk in found
    ]
    if not parts:
        raise Http404
    return render(request, "stars/round_confirm.html", {"round": round_, "parts": parts})


@gate("round.manage")
@require_POST
@once
def round_confirm_stead(request, pk):
    """The office confirms in a section's stead, and says why."""
    round_ = find_round(request, pk)
    access.require(request.user, "round.manage", round_.anchor())
    section = _section(request)
    reason = request.POST.get("reason", "")
    participants.confirm(pk, section, by=request.user, reason=reason, seen=number(request, "seen"))
    messages.success(request, _("已代%(section)s确认参加名单。") % {"section": section})
    return redirect("stars:round_participants", pk)


@gate("round.manage")
@require_POST
@once
def round_ask(request, pk):
    """Asks the chiefs to look over their sections' part of the list."""
    find_round(request, pk)
    sections = participants.ask(pk, by=request.user)
    text = ngettext("已请%(n)s个科室核对名单。", "已请%(n)s个科室核对名单。", len(sections))
    messages.success(request, text % {"n": len(sections)})
    return redirect("stars:round_participants", pk)
