"""Circulars: the list, the page, and every step of the way."""

import re
import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import circular_pages as pages
from ledgers import circulating, records
from ledgers.actions import circular_steps as steps
from ledgers.actions import circulars as acts
from ledgers.circular_forms import CircularFilter, NamingForm, NewForm, TextForm, months, seen
from ledgers.circular_moves import OPEN, to_write
from ledgers.exports.circular import number_of
from ledgers.listing import listing
from ledgers.models import Circular
from scheme.access import can, gate, require
from scheme.errors import Refused
from scheme.idempotency import once

State = Circular.State
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# What no file may be called on the machines of an office, and the breaks of a long title.
_UNFIT = re.compile(r'[\s\\/:*?"<>|]+')
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def seen_circular(request, pk) -> Circular:
    rows = Circular.objects.visible_to(request.user).select_related(
        "unit", "written_by", "approved_by", "issued_by"
    )
    return get_object_or_404(rows, pk=pk)


@gate("circular.read")
@require_safe
def circular_list(request):
    form = CircularFilter(request)
    rows = form.filter(Circular.objects.visible_to(request.user).select_related("written_by"))
    found = listing(request, rows.order_by("-recorded_at", "-pk"), form)
    context = {
        "listing": found,
        "form": form,
        "page_obj": found.page_obj,
        "rows": [(one, pages.KINDS[one.state], number_of(one)) for one in found.page_obj],
        "may_write": can(request.user, "circular.write"),
    }
    return render(request, "ledgers/circular_list.html", context)


@gate("circular.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def circular_new(request):
    """Which circular, of which month: the rest is drawn from the ledgers."""
    status = 200
    form = NewForm(initial={"kind": Circular.Kind.MONTHLY, "month": f"{months()[1]:%Y-%m}"})
    if request.method == "POST":
        form, status = NewForm(request.POST), 422
        if form.is_valid():
            unit, data = request.user.unit, form.cleaned_data
            content = circulating.drawn(unit, data["kind"], data["month"])
            try:
                made = acts.draft(unit, content, by=request.user)
            except Refused as refused:
                form.add_error(refused.field, str(refused))
            else:
                messages.success(request, _("已从台账起草，核对后送签。"))
                return redirect("ledgers:circular_edit", made.pk)
    return render(request, "ledgers/circular_new.html", {"form": form}, status=status)


@gate("circular.read")
@require_safe
def circular_detail(request, pk):
    circular, person = seen_circular(request, pk), request.user
    context = {
        "circular": circular,
        "kind": pages.KINDS[circular.state],
        "blocks": pages.shown(circular),
        "facts": pages.facts(circular),
        "noted": pages.noted(circular),
        "mark": steps.next_mark(circular.unit) if circular.state == State.APPROVED else "",
        **pages.rights(person, circular),
        "ledger": "circular",
        "row": circular,
        "papers": records.papers(circular),
        "may_attach": records.may_attach(person, circular),
        "history": records.history(circular),
    }
    return render(request, "ledgers/circular_detail.html", context)


@gate("circular.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def circular_edit(request, pk):
    """The whole text on one page: heads, paragraphs, namings; tables as the ledgers have them."""
    circular = seen_circular(request, pk)
    if circular.state not in OPEN:
        if request.method == "POST":
            to_write(pk, by=request.user, version=seen(request))
        return redirect("ledgers:circular_detail", pk)
    require(request.user, "circular.write", circular.anchor())
    if request.method != "POST":
        return _edit_page(request, circular, TextForm(circular), NamingForm(circular))
    form = TextForm(circular, request.POST)
    if form.is_valid():
        try:
            done = acts.change(pk, **form.content(), by=request.user)
            if request.POST.get("move") == "file":
                steps.file(pk, version=done.version, by=request.user)
                messages.success(request, _("已送签。"))
                return redirect("ledgers:circular_detail", pk)
        except Refused as refused:
            if refused.conflict:
                raise
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("已保存。"))
            return redirect("ledgers:circular_edit", pk)
    return _edit_page(request, circular, form, NamingForm(circular), status=422)


@gate("circular.write")
@require_POST
@once
def circular_name(request, pk):
    """One more section named."""
    circular = seen_circular(request, pk)
    form = NamingForm(circular, request.POST)
    if form.is_valid():
        data = dict(form.cleaned_data)
        version = data.pop("seen")
        try:
            acts.name(pk, **data, version=version, by=request.user)
        except Refused as refused:
            if circular.version != version or circular.state not in OPEN:
                raise
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("已列入。"))
            return redirect("ledgers:circular_edit", pk)
    return _edit_page(request, circular, TextForm(circular), form, status=422)


def _edit_page(request, circular, form, naming, *, status=200):
    context = {
        "circular": circular,
        "form": form,
        "naming": naming,
        "length": pages.length(circular),
        "longest": pages.LONGEST,
        "redraw_url": pages.redraw_url(circular),
        "sources": pages.sources(circular),
    }
    return render(request, "ledgers/circular_edit.html", context, status=status)


@gate("circular.write")
@require_POST
@once
def circular_redraw(request, pk):
    """The figures as the ledgers have them now. A quarterly comparison is drawn where the points
    are, in scoring."""
    circular = seen_circular(request, pk)
    if circular.kind == Circular.Kind.QUARTERLY:
        raise Http404
    month = circulating.month_of(circular.period)
    content = circulating.drawn(circular.unit, circular.kind, month)
    acts.redraw(pk, content, version=seen(request), by=request.user)
    messages.success(request, pages.REDRAWN)
    return redirect("ledgers:circular_edit", pk)


# --- The steps


@gate("circular.write")
@require_POST
@once
def circular_file(request, pk):
    seen_circular(request, pk)
    steps.file(pk, version=seen(request), by=request.user)
    messages.success(request, _("已送签。"))
    return redirect("ledgers:circular_detail", pk)


@gate("circular.withdraw")
@require_POST
@once
def circular_withdraw(request, pk):
    seen_circular(request, pk)
    steps.withdraw(pk, version=seen(request), by=request.user)
    messages.success(request, _("已撤回，可以接着改。"))
    return redirect("ledgers:circular_edit", pk)


@gate("circular.approve")
@require_POST
@once
def circular_sign(request, pk):
    seen_circular(request, pk)
    steps.approve(pk, version=seen(request), by=request.user)
    messages.success(request, _("已签发，等编号印发。"))
    return redirect("ledgers:circular_detail", pk)


@gate("circular.read")
@require_POST
@once
def circular_return(request, pk):
    seen_circular(request, pk)
    reason = request.POST.get("reason", "").replace("\x00", "")
    steps.give_back(pk, reason=reason, version=seen(request), by=request.user)
    messages.success(request, _("已退回补正。"))
    return redirect("ledgers:circular_detail", pk)


@gate("circular.issue")
@require_POST
@once
def circular_issue(request, pk):
    seen_circular(request, pk)
    mark = request.POST.get("mark", "")
    done = steps.issue(pk, mark=mark, version=seen(request), by=request.user)
    messages.success(request, _("%(number)s已印发。") % {"number": number_of(done)})
    return redirect("ledgers:circular_detail", pk)


@gate("circular.write")
@require_POST
@once
def circular_drop(request, pk):
    seen_circular(request, pk)
    reason = request.POST.get("reason", "").replace("\x00", "")
    steps.drop(pk, reason=reason, version=seen(request), by=request.user)
    messages.success(request, _("已定为不发，这一期可以重新起草。"))
    return redirect("ledgers:circular_list")


# --- On paper


@gate("circular.read")
@require_POST
def circular_word(request, pk):
    """By POST, because an export leaves its line in the trail."""
    circular = seen_circular(request, pk)
    return _file(steps.word(pk, by=request.user), DOCX, f"{_file_name(circular)}.docx")


@gate("circular.read")
@require_POST
def circular_tables(request, pk):
    circular = seen_circular(request, pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.xlsx"
        steps.workbook(pk, path, by=request.user)
        return _file(path.read_bytes(), XLSX, f"{_file_name(circular)}.xlsx")


def _file_name(circular: Circular) -> str:
    """As an office files it: the number once there is one, and the title on one line."""
    number = number_of(circular) if circular.issued_on else ""
    return _UNFIT.sub("", f"{number}{circular.title}")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=kind, headers=headers)
