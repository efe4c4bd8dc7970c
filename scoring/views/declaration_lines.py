"""One declared line: what it says, its proofs, what happened to it, and the acts one may take."""

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheme import access
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.templatetags.look import moment, points, ymd
from scoring import declared, declaring
from scoring.actions import declarations
from scoring.models import Declaration, DeclarationMove, DeclarationProof
from scoring.views.declarations import seen_line

State = Declaration.State


@gate("declaration.read")
@require_safe
def declaration_detail(request, pk):
    line = seen_line(request, pk)
    person = request.user
    shown = declared.shown(line.unit, [line])[0]
    context = {
        "line": line,
        "shown": shown,
        "subject": line.section or line.person,
        "facts": _facts(line, shown),
        "proofs": line.proofs.select_related("file", "added_by"),
        "twins": list(declared.like(line, person)[:5]),
        "items": _items(line),
        "points_url": _points_url(person, line, shown),
        "may_edit": declaring.may_edit(person, line),
        "may_withdraw": declaring.may_withdraw(person, line),
        "may_check": declaring.may_check(person, line),
        "may_verify": declaring.may_verify(person, line),
        "may_revoke": declaring.may_revoke(person, line),
        "back": _back(request, request.GET.get("back", "")),
    }
    return render(request, "scoring/declaration_detail.html", context)


def _facts(line, shown) -> list[tuple]:
    rule = shown.rule
    pairs = [
        (_("规则"), f"{line.rule_code}　{rule.title}" if rule else line.rule_code),
        (_("级别"), line.get_level_display() or _("不分级别")),
        (_("数量"), declared.plain(line.quantity)),
        (_("文件号"), line.document_no),
        (_("文件日期"), ymd(line.document_on)),
        (_("申报季度"), declared.quarter_name(line.quarter)),
    ]
    if line.note:
        pairs.append((_("补充说明"), line.note))
    if rule and (words := declared.rule_words(rule)):
        pairs.append((_("分值和上限"), words))
    if shown.entry:
        text = _("%(points)s分，计入%(quarter)s")
        quarter = declared.quarter_name(shown.entry.quarter.code)
        pairs.append((_("记分"), text % {"points": points(shown.entry.points), "quarter": quarter}))
    elif shown.to_post:
        pairs.append((_("记分"), _("随后入账")))
    elif shown.pending or line.state == State.DRAFT:
        pairs.append((_("待确认"), _pending_words(line, shown)))
    return pairs


def _pending_words(line, shown) -> str:
    words = declared.worth_words(shown.worth)
    if shown.worth is not None and line.document_on:
        quarter = declared.counting_words(line.document_on, declared.closed_quarters(line.unit))
        words = _("%(worth)s；%(quarter)s") % {"worth": words, "quarter": quarter}
    return words


def _points_url(person, line, shown) -> str:
    """The points page with the entry opened, for who may read it."""
    if not shown.entry:
        return ""
    half = declared.half_of(shown.entry.quarter.code)
    query = f"?half={half}&star={shown.entry.star_id}&rule={shown.entry.rule_code}"
    query += f"&entry={shown.entry.pk}"
    if line.section_id:
        allowed = access.can(person, "points.read_section", line.anchor())
        return allowed and reverse("scoring:points_section", args=[line.section_id]) + query
    if line.person_id == person.pk:
        return reverse("scoring:points_mine") + query
    anchor = line.anchor(line.home_id)
    allowed = access.can(person, "points.read", anchor)
    return allowed and reverse("scoring:points_of", args=[line.person_id]) + query


def _items(line) -> list[dict]:
    Kind = DeclarationMove.Kind
    back = (Kind.RETURNED, Kind.REFUSED, Kind.REVOKED)
    items = [
        {
            "when": moment(move.at),
            "who": move.by.name,
            "what": move.get_kind_display(),
            "text": move.reason,
            "kind": "back" if move.kind in back else "past",
        }
        for move in line.moves.select_related("by")
    ]
    if line.imported and not items:
        items.append(
            {
                "when": moment(line.recorded_at),
                "what": _("随台账导入：%(state)s") % {"state": line.get_state_display()},
            }
        )
    coming = {
        State.DRAFT: [("now", _("草稿，还没有送出"))],
        State.FILED: [("now", _("待初核")), ("next", _("核验")), ("next", _("记分"))],
        State.RETURNED: [("now", _("待补正")), ("next", _("初核"))],
        State.CHECKED: [("now", _("待核验")), ("next", _("记分"))],
    }.get(line.state, [])
    return items + [{"kind": kind, "what": what} for kind, what in coming]


# What is pressed: the action, and whether it asks for a reason.
MOVES = {
    "check": (declarations.check, False),
    "verify": (declarations.verify, False),
    "return": (declarations.turn_back, True),
    "refuse": (declarations.refuse, True),
}


@gate("declaration.read")
@require_POST
@once
def declaration_decide(request, pk):
    """The check, the verification, and the ways back; the action says who may."""
    line = seen_line(request, pk)
    move, reason = request.POST.get("move"), request.POST.get("reason", "").strip()
    if move == "revoke":
        declarations.revoke(pk, reason=reason, by=request.user)
    elif move in MOVES:
        action, asks = MOVES[move]
        more = {"reason": reason} if asks else {}
        action(pk, version=_version(request, line), by=request.user, **more)
    else:
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    messages.success(request, said(move))
    back = _back(request, request.POST.get("back", ""))
    return redirect(back) if back else redirect("scoring:declaration_detail", pk)


def _back(request, given: str) -> str:
    """The list the reader came from, on this host; else nothing."""
    here = url_has_allowed_host_and_scheme(given, allowed_hosts={request.get_host()})
    return given if here else ""


def said(move: str) -> str:
    return {
        "check": _("初核通过，已送核验。"),
        "verify": _("核验通过，几秒后入账。"),
        "return": _("已退回补正。"),
        "refuse": _("不予认定。"),
        "revoke": _("认定已撤销，记的分已冲销。"),
    }[move]


def _version(request, line) -> int:
    given = request.POST.get("seen", "")
    return int(given) if given.isdecimal() and len(given) < 10 else -1


@gate("declaration.read")
@require_safe
def proof_download(request, pk):
    """The file as it was sent up: to be saved, never to be shown. Every reading is kept."""
    try:
        proof, content = declarations.read_proof(pk, by=request.user)
    except DeclarationProof.DoesNotExist:
        raise Http404 from None
    response = FileResponse(content, as_attachment=True, filename=proof.name)
    response["Content-Type"] = "application/octet-stream"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
