"""Where items wait to be verified, many at once; and the month's table of what was adopted."""

import tempfile
from datetime import date
from pathlib import Path

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import adoption, adoption_sheets, crediting, proofs
from ledgers.actions import writing
from ledgers.filed import FILED, said
from ledgers.models import Paper, WritingItem
from scheme import audit, clock
from scheme.access import can, gate
from scheme.errors import Refused
from scheme.idempotency import once

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 100
# Session key of what became of the last batch; shown until the next one.
OUTCOME = "writing_outcome"


@gate("writing.verify")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def writing_verify_list(request):
    if request.method == "POST":
        return _decide(request)
    person = request.user
    rows = WritingItem.objects.visible_to(person).filter(state=FILED)
    rows = crediting.with_credits(rows)
    items = list(rows.order_by("filed_at", "pk")[:PAGE])
    shown = _rows(person, items)
    context = {
        "rows": shown,
        "able": sum(row["may"] for row in shown),
        "more": len(items) == PAGE,
        "outcome": _outcome(request),
        "at": request.GET.get("at", "")[:6],
    }
    return render(request, "ledgers/writing_queue.html", context)


def _rows(person, items) -> list[dict]:
    keys = [item.pk for item in items]
    hanging = list(Paper.objects.filter(ledger="writing", row_id__in=keys, removed_at=None))
    papers: dict[int, list[Paper]] = {}
    for paper in hanging:
        papers.setdefault(paper.row_id, []).append(paper)
    shared = proofs.shared(WritingItem, hanging, person)
    found = []
    for item in items:
        credits = crediting.of(item)
        people = {one.person.pk for one in credits if one.person} | {item.filed_by_id}
        found.append(
            {
                "item": item,
                "credits": credits,
                "papers": papers.get(item.pk, []),
                "shared": shared.get(item.pk, []),
                "may": person.pk not in people,
            }
        )
    return found


def _decide(request):
    versions = _versions(request)
    if not versions:
        raise Refused(_("还没有选中任何一项。请先勾选再办理。"))
    move = request.POST.get("move")
    if move == "pass":
        outcome = writing.verify_many(versions, by=request.user)
    elif move == "return":
        reason = said(request.POST.get("reason", ""))
        outcome = writing.turn_back_many(versions, reason=reason, by=request.user)
    else:
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    refused = {str(pk): why for pk, why in outcome.refused.items()}
    request.session[OUTCOME] = {"move": move, "done": outcome.done, "refused": refused}
    at = request.POST.get("at", "")
    place = f"&at={at}" if at.isdecimal() and len(at) < 6 else ""
    return redirect(f"{reverse('ledgers:writing_verify_list')}?outcome=1{place}")


def _versions(request) -> dict[int, int]:
    """The chosen items, each with the version the reader saw."""
    versions = {}
    for text in request.POST.getlist("pick")[:PAGE]:
        pk, _colon, version = text.partition(":")
        if pk.isdecimal() and version.isdecimal() and len(pk) < 19 and len(version) < 10:
            versions[int(pk)] = int(version)
    return versions


def _outcome(request) -> dict | None:
    kept = request.session.get(OUTCOME)
    if "outcome" not in request.GET or not kept:
        return None
    refused = {int(pk): why for pk, why in kept["refused"].items()}
    rows = WritingItem.objects.visible_to(request.user)
    known = rows.filter(pk__in=[*kept["done"], *refused]).in_bulk()
    return {
        "word": _("已核实") if kept["move"] == "pass" else _("已退回补正"),
        "done": [known[pk] for pk in kept["done"] if pk in known],
        "refused": [(known[pk], why) for pk, why in refused.items() if pk in known],
    }


# --- The month


@gate("writing.read")
@require_safe
def writing_monthly(request):
    month = _month(request.GET.get("month", ""))
    first, until = adoption.month_span(month)
    rows = adoption.table(request.user.unit, month, reader=request.user)
    total = adoption.total_of(rows)
    before = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
    context = {
        "month": first,
        "before": before,
        "after": until if until <= clock.today() else None,
        "heads": adoption.heads(),
        "rows": rows,
        "total": total,
        "anything": total.running.count,
        "hidden": any(row.running.score is None for row in rows),
        "may_circular": can(request.user, "circular.write"),
    }
    return render(request, "ledgers/writing_monthly.html", context)


def _month(text: str) -> date:
    """The month asked for; this one for what is none."""
    try:
        month = date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return clock.today().replace(day=1)
    return month if 2000 <= month.year <= 2198 else clock.today().replace(day=1)


@gate("ledger.export")
@require_POST
def writing_export(request):
    """By POST, because an export leaves its line in the trail."""
    person, month = request.user, _month(request.POST.get("month", ""))
    write = {"table": adoption_sheets.write_table, "items": adoption_sheets.write_items}.get(
        request.POST.get("which", "table")
    )
    if write is None:
        raise Http404
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "adopted.xlsx"
        write(person.unit, month, path, reader=person)
        content = path.read_bytes()
    told = {"month": f"{month:%Y-%m}", "which": request.POST.get("which", "table")}
    audit.record(person, "writing.export", person.unit, after=told, unit=person.unit)
    what = {"table": "月采用表", "items": "采用明细"}[told["which"]]
    name = f"{what}-{month:%Y-%m}.xlsx"
    headers = {
        "Content-Disposition": content_disposition_header(True, name),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=XLSX, headers=headers)
