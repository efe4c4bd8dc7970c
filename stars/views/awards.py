"""An award with its whole history; its certificate; its revocation."""

import io

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme import access, periods
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.templatetags.look import md_hm, ymd
from scoring import manuals
from scoring.actions import taking_back
from stars import certificates, objecting
from stars.actions import certificates as printing
from stars.actions import revocations
from stars.models import Award, Revocation, Round

from .publicity import BIGGEST
from .stage import find_round

RS = Revocation.State


@gate("result.read")
@require_safe
def award_detail(request, pk):
    return _page(request, _find(request, pk))


@gate("award.print")
@require_POST
def award_print(request, pk):
    """A download: sent twice it is printed twice, and both stand in the list."""
    award = _find(request, pk)
    copy = request.POST.get("copy") == "yes"
    try:
        content = printing.print_one(pk, by=request.user, copy=copy)
    except Refused as refused:
        return _page(request, award, refused)
    return _pdf(content, f"亮星证书{award.number}{'（已撤销）' if copy else ''}.pdf")


@gate("award.print")
@require_POST
def certificates_print(request, pk):
    round_ = find_round(request, pk, Round.State.PUBLISHED)
    content = printing.print_all(round_.pk, by=request.user)
    return _pdf(content, f"亮星证书{periods.half_name(round_.half)}.pdf")


@gate("award.revoke")
@require_http_methods(["GET", "POST"])
@once
def revocation_new(request, pk):
    award = _find(request, pk)
    if request.method == "POST":
        try:
            revocations.propose(
                pk,
                by=request.user,
                authority=request.POST.get("authority", ""),
                reason=request.POST.get("reason", ""),
                entries=_picked(request),
            )
        except Refused as refused:
            return _proposal(request, award, refused)
        messages.success(request, _("已提出撤销，等部务会主持人批准。"))
        return redirect("stars:award_detail", pk)
    return _proposal(request, award)


@gate("award.revoke_decide")
@require_POST
@once
def revocation_decide(request, pk):
    rows = Revocation.objects.filter(award__in=Award.objects.visible_to(request.user))
    revocation = get_object_or_404(rows, pk=pk)
    try:
        if request.POST.get("decision") == "approve":
            revocations.approve(pk, by=request.user)
            messages.success(request, _("已批准撤销，结果已另出一版。"))
        else:
            revocations.refuse(pk, by=request.user, answer=request.POST.get("answer", ""))
            messages.success(request, _("已记为不批准，并已告诉机关人事科。"))
    except Refused as refused:
        if refused.conflict:
            raise
        return _page(request, _find(request, revocation.award_id), refused)
    return redirect("stars:award_detail", revocation.award_id)


def _find(request, pk) -> Award:
    rows = Award.objects.visible_to(request.user).select_related(
        "unit", "star", "person", "section", "round", "nomination__decision"
    )
    return get_object_or_404(rows, pk=pk)


def _picked(request) -> list[int]:
    values = request.POST.getlist("entries")
    return [int(one) for one in values if one.isdecimal() and int(one) <= BIGGEST]


def _pdf(content: bytes, name: str) -> FileResponse:
    return FileResponse(
        io.BytesIO(content), as_attachment=True, filename=name, content_type="application/pdf"
    )


def _page(request, award, refused=None):
    person, anchor = request.user, award.round.anchor()
    office = access.can(person, "award.print", anchor)
    reads = access.can(person, "award.revoke_read", anchor)
    rows = list(award.revocations.select_related("award", "proposed_by", "decided_by"))
    waiting = next((row for row in rows if row.state == RS.PROPOSED), None) if reads else None
    decides = waiting and access.can(person, "award.revoke_decide", waiting.anchor())
    editions = list(award.round.publications.order_by("edition"))
    prints = list(award.prints.select_related("by")) if office else []
    context = {
        "award": award,
        "round": award.round,
        "refused": refused,
        "revocation": next((row for row in rows if row.state == RS.APPROVED), None),
        # Why, for those who decide on it and for the winner.
        "tells_why": reads or person.pk == award.person_id,
        "waiting": waiting,
        "barred": decides and revocations.why_not_decided_by(waiting, person),
        "decides": decides,
        "entries": _entries(award, waiting.entries) if waiting else [],
        "prints": prints,
        "office": office,
        "code": certificates.code_of(editions[0], award.number) if editions else "",
        "editions": editions,
        "history": _history(person, award, rows if reads else [], prints),
    }
    status = 200 if refused is None else 409 if refused.conflict else 422
    return render(request, "stars/award_detail.html", context, status=status)


def _proposal(request, award, refused=None):
    picked = _picked(request)
    context = {
        "award": award,
        "round": award.round,
        "refused": refused,
        "entries": _entries(award, None, picked),
        "said": request.POST,
        "limits": revocations.LIMITS,
    }
    status = 200 if refused is None else 409 if refused.conflict else 422
    return render(request, "stars/revocation_new.html", context, status=status)


def _entries(award, keys, picked=()) -> list[dict]:
    """Entries that stand, with what becomes of each: taken back with the approval, or to be put
    right in its ledger before."""
    rows = revocations.entries_of(award)
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    return [
        {
            "entry": row,
            "picked": row.pk in picked,
            "ledger": "" if taking_back.by_hand(row) else manuals.ledger_of(row.source),
        }
        for row in rows.select_related("star").order_by("event_on", "pk")
    ]


def _history(person, award, revocations_read, prints) -> list[dict]:
    """What happened to it, oldest first. Who printed and who proposed are the office's to see."""
    nomination, round_ = award.nomination, award.round
    decided = getattr(nomination, "decision", None)
    word = objecting.said_to(person, nomination, objecting.outcomes(round_).get(nomination.pk, ""))
    items = [
        (nomination.submitted_at, _("科室推星"), "", ""),
        (decided and decided.at, _("部务会定星，入选"), "", ""),
        (
            round_.publicity_from,
            _("公示到%(until)s") % {"until": ymd(round_.publicity_until)},
            word,
            "",
        ),
        (award.awarded_on, _("评定，编号%(number)s") % {"number": award.number}, "", ""),
    ]
    items += [(row.at, _("打印证书"), row.sha256[:8], row.by.name) for row in prints]
    for row in revocations_read:
        items.append((row.proposed_at, _("提出撤销"), row.reason, row.proposed_by.name))
        if row.decided_by:
            said = _("批准撤销") if row.state == RS.APPROVED else _("不批准撤销")
            items.append((row.decided_at, said, row.answer, row.decided_by.name))
    return [
        {
            "when": md_hm(at) if hasattr(at, "hour") else ymd(at),
            "what": what,
            "text": text,
            "who": who,
        }
        for at, what, text, who in items
        if at
    ]
