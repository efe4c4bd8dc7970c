from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ledgers.actions import quarters
from ledgers.models import PointEntry, Quarter, QuarterMove
from scheme.access import Anchor, can, gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.templatetags.look import moment, points
from scoring import closing
from scoring.actions import closing as acts
from scoring.actions import rulebooks

Kind = PointEntry.Kind


@gate("quarter.read")
@require_safe
def quarter_list(request):
    """The office's page of the book's quarters: what stands in each, and what closing asks."""
    person = request.user
    sections = rulebooks.approvers_sections(person.unit)
    if not any(
        can(person, "quarter.read", Anchor(person.unit_id, section_id=section))
        for section in (None, *sections)
    ):
        raise PermissionDenied(_("季度账由机关人事科和分管领导查看。"))
    rows = list(Quarter.objects.visible_to(person).select_related("closed_by"))
    following = next((row for row in rows if not row.closed_at), None)
    last = next((row for row in reversed(rows) if row.closed_at), None)
    matters = _matters(following) if following else []
    context = {
        "rows": _with_sums(rows)[::-1],
        "following": following,
        "matters": matters,
        "blocked": any(matter.blocking for matter in matters),
        "may_close": can(person, "quarter.close", Anchor(person.unit_id, state="open")),
        "last": last,
        "may_reopen": last and quarters.may_reopen(last, sections, person),
        "own": last and last.closed_by == person,
        "moves": _moves(rows),
    }
    return render(request, "scoring/quarter_list.html", context)


def _matters(quarter) -> list[closing.Matter]:
    try:
        return closing.in_the_way(quarter.unit, quarter.code)
    except Refused as refused:
        return [closing.Matter(str(refused))]


def _with_sums(rows) -> list[dict]:
    """Each quarter with number and sum of its entries, by kind and together."""
    book = PointEntry.objects.filter(quarter__in=rows).order_by()
    sums = {
        (quarter, kind): (count, total)
        for quarter, kind, count, total in book.values_list("quarter", "kind").annotate(
            n=Count("pk"), sum=Sum("points")
        )
    }
    found = []
    for row in rows:
        kinds = [(kind.label, *sums.get((row.pk, kind.value), (0, 0))) for kind in Kind]
        count, total = (sum(part) for part in list(zip(*kinds, strict=True))[1:])
        found.append({"quarter": row, "kinds": kinds, "entries": count, "points": total})
    return found


def _moves(rows) -> list[dict]:
    moves = QuarterMove.objects.filter(quarter__in=rows).select_related("quarter", "by")
    text = _("当时有%(entries)s笔分录，合计%(points)s。")
    return [
        {
            "what": f"{move.quarter.code}　{move.get_kind_display()}",
            "who": move.by.name,
            "when": moment(move.at),
            "kind": "back" if move.kind == QuarterMove.Kind.REOPENED else "past",
            "text": " ".join(
                filter(
                    None,
                    (
                        move.reason,
                        text % {"entries": move.entries, "points": points(move.points)},
                    ),
                )
            ),
        }
        for move in moves
    ]


@gate("quarter.close")
@require_POST
@once
def quarter_close(request, pk):
    quarter = get_object_or_404(Quarter.objects.visible_to(request.user), pk=pk)
    if not request.POST.get("checked"):
        raise Refused(_("关账等于签字：请先核对，勾上“我已核对”再关账。"))
    done = acts.close(quarter.code, unit=quarter.unit, by=request.user)
    text = _("%(code)s已关账：%(entries)s笔分录，合计%(points)s。")
    said = {"code": quarter.code, "entries": done.move.entries, "points": points(done.move.points)}
    messages.success(request, text % said)
    return redirect("scoring:quarter_list")


@gate("quarter.reopen")
@require_POST
@once
def quarter_reopen(request, pk):
    quarter = get_object_or_404(Quarter.objects.visible_to(request.user), pk=pk)
    reason = request.POST.get("reason", "")
    acts.reopen(quarter.code, unit=quarter.unit, reason=reason, by=request.user)
    messages.success(request, _("%(code)s已重新开账。") % {"code": quarter.code})
    return redirect("scoring:quarter_list")
