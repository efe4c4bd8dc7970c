"""Standing back: a member's own request, and the list from which office and chair order or lift."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme import access
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.roles import Role
from stars import recusal
from stars.actions import recusals
from stars.models import Nomination, Recusal, Round, Seat
from stars.models.round import RecusalKind

from .stage import find_round, head

S = Round.State
UNDER_WAY = (S.AT_BRANCH, S.AT_COMMITTEE)
FORM = require_http_methods(["GET", "HEAD", "POST"])


@gate("recusal.declare")
@FORM
@once
def recusal_declare(request, pk):
    """ "申请回避": the reason is for the office; afterwards the item is out of sight."""
    rows = Nomination.objects.visible_to(request.user).select_related(
        "round__unit", "star", "person", "section"
    )
    one = get_object_or_404(rows, pk=pk)
    access.require(request.user, "recusal.declare", one.anchor())
    refused, reason = None, request.POST.get("reason", "").replace("\x00", "")
    if request.method == "POST":
        try:
            recusals.declare(one.pk, by=request.user, reason=reason)
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("已回避，这一项不再列给您。"))
            stage = "branch" if one.state == Nomination.State.AT_BRANCH else "committee"
            return redirect(f"stars:{stage}", one.round_id)
    context = head(request, one.round) | {"nomination": one, "refused": refused, "reason": reason}
    status = 200 if refused is None else 409 if refused.conflict else 422
    return render(request, "stars/branch_recuse.html", context, status=status)


@gate("recusal.order")
@require_safe
def recusal_list(request, pk):
    """Who stands back from what in the present stage, whatever the reader may read of it."""
    round_ = find_round(request, pk, *UNDER_WAY)
    access.require(request.user, "recusal.order", round_.anchor())
    return _page(request, round_)


def _page(request, round_, refused=None):
    person, body = request.user, recusal.BODY_OF[round_.state]
    is_office = access.has_role(person, Role.PERSONNEL)
    rows = (
        Recusal.objects.filter(round=round_, body=body, nomination__in=_open(round_, person))
        .exclude(staff=person)
        .select_related(
            "staff", "by", "lifted_by", "nomination__star", "nomination__person",
            "nomination__section",
        )
        .order_by("nomination__star__position", "nomination_id", "pk")
    )  # fmt: skip
    if is_office and rows:
        recusals.read(round_, by=person)
    seats = Seat.objects.filter(round=round_, body=body).exclude(staff=person)
    context = head(request, round_) | {
        "rows": [_shown(row, is_office) for row in rows if row.kind in recusal.BY_HAND],
        "by_rule": _by_rule(rows, is_office),
        "is_office": is_office,
        "nominations": _open(round_, person)
        .select_related("star", "person", "section")
        .order_by("star__position", "kind", "pk"),
        "seats": seats.select_related("staff").order_by("staff__sort_weight", "staff__staff_no"),
        "refused": refused,
        "posted": request.POST,
    }
    status = 200 if refused is None else 409 if refused.conflict else 422
    return render(request, "stars/branch_recusals.html", context, status=status)


def _open(round_, person):
    """What is before the body and no matter of the reader's own."""
    rows = Nomination.objects.filter(round=round_, state=round_.state).open_to(person)
    return rows.exclude(made_by=person).exclude(submitted_by=person)


def _shown(row: Recusal, is_office: bool) -> dict:
    """Kinship and the reasons given are for the office's eyes."""
    hidden = not is_office and row.kind == RecusalKind.KIN
    return {
        "row": row,
        "why": _("依规则回避") if hidden else row.get_kind_display(),
        "note": row.note if is_office or row.kind == RecusalKind.ORDERED else "",
    }


def _by_rule(rows, is_office: bool) -> list[dict]:
    """One line an item: they are many, and nothing is to be done about them."""
    found = {}
    for row in rows:
        if row.kind not in recusal.BY_HAND:
            line = found.setdefault(row.nomination_id, {"nomination": row.nomination, "people": []})
            line["people"].append(_shown(row, is_office))
    return list(found.values())


@gate("recusal.order")
@require_POST
@once
def recusal_order(request, pk):
    round_ = find_round(request, pk, *UNDER_WAY)
    access.require(request.user, "recusal.order", round_.anchor())
    try:
        one = _chosen(request, "nomination", _open(round_, request.user))
        seat = _chosen(request, "staff", Seat.objects.filter(round=round_), "staff")
        recusals.order(
            one.pk, by=request.user, staff=seat.staff_id, reason=_text(request, "reason")
        )
    except Refused as refused:
        return _page(request, round_, refused)
    messages.success(request, _("已定为回避。"))
    return redirect("stars:recusal_list", pk)


def _chosen(request, name: str, rows, field: str = "pk"):
    key = request.POST.get(name, "")
    known = key.isascii() and key.isdigit() and len(key) < 19
    row = rows.filter(**{field: int(key)}).first() if known else None
    if row is None:
        raise Refused(_("请选提名和人员。"), field=name)
    return row


def _text(request, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")


@gate("recusal.order")
@require_POST
@once
def recusal_lift(request, pk):
    rounds = Round.objects.visible_to(request.user)
    row = get_object_or_404(Recusal.objects.filter(round__in=rounds), pk=pk)
    access.require(request.user, "recusal.order", row.round.anchor())
    get_object_or_404(Nomination.objects.filter(pk=row.nomination_id).open_to(request.user))
    recusals.lift(row.pk, by=request.user, reason=_text(request, "reason"))
    messages.success(request, _("回避已撤销。"))
    return redirect("stars:recusal_list", row.round_id)
