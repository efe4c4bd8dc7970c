"""Monthly task lists: drawn, issued, signed for, printed."""

import tempfile
from datetime import date
from pathlib import Path

from django.contrib import messages
from django.db.models import Count
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ledgers import monthlists
from ledgers.actions import lists as acts
from ledgers.models import MonthlyList
from ledgers.task_forms import SeenForm
from scheme import access, clock
from scheme.access import can, gate
from scheme.errors import Refused
from scheme.idempotency import once

State = MonthlyList.State


def seen_list(request, pk) -> MonthlyList:
    rows = MonthlyList.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("section", "issued_by", "signed_by"), pk=pk)


def _month(request) -> date | None:
    """The month asked for; None is the usual one."""
    text = request.GET.get("month", "")
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return month if 2000 <= month.year <= 2199 else None


@gate("list.read")
@require_safe
def list_list(request):
    """A month's lists, section by section: who has signed and who has not."""
    person, today = request.user, clock.today()
    rows = MonthlyList.objects.visible_to(person)
    this, following = monthlists.months_to_draw(today)
    known = list(rows.order_by("-month").values_list("month", flat=True).distinct()[:12])
    month = _month(request) or this
    months = sorted({this, following, month, *known}, reverse=True)
    found = rows.filter(month=month).select_related("section", "signed_by")
    found = found.annotate(line_count=Count("lines"))
    may_issue = _may_issue(person)
    shown = [
        (one, monthlists.KINDS[one.state])
        for one in found.order_by("section__position", "section")
        if may_issue or one.state != State.DRAFT
    ]
    states = [one.state for one, _kind in shown]
    url = reverse("ledgers:list_list")
    context = {
        "month": month,
        "rows": shown,
        "tabs": [
            {
                "label": _("%(year)s年%(month)s月") % {"year": m.year, "month": m.month},
                "url": f"{url}?month={m:%Y-%m}",
                "current": m == month,
            }
            for m in months
        ],
        "drafts": states.count(State.DRAFT),
        "unsigned": states.count(State.ISSUED),
        "may_draw": may_issue and month in (this, following),
        "may_issue": may_issue,
    }
    return render(request, "ledgers/list_list.html", context)


def _may_issue(person) -> bool:
    return can(person, "list.issue", access.Anchor(person.unit_id, state=State.DRAFT))


def _readable(request, pk) -> MonthlyList:
    """A draft is seen by nobody but who draws it."""
    one = seen_list(request, pk)
    if one.state == State.DRAFT and not _may_issue(request.user):
        raise Http404
    return one


@gate("list.read")
@require_safe
def list_detail(request, pk):
    one, person = _readable(request, pk), request.user
    context = {
        "list": one,
        "kind": monthlists.KINDS[one.state],
        "lines": one.lines.select_related("task").order_by("position"),
        "may_issue": can(person, "list.issue", one.anchor()),
        "may_sign": can(person, "list.sign", one.anchor()),
    }
    return render(request, "ledgers/list_detail.html", context)


@gate("list.issue")
@require_POST
@once
def list_draw(request, month):
    """One touch draws the lists of all sections, another sends them down."""
    unit, person = request.user.unit, request.user
    if request.POST.get("move") == "issue":
        done = acts.issue_all(unit, month, by=person)
        said = _("已下发%(n)s份清单，各科长会收到提醒。") % {"n": len(done)}
    else:
        done = acts.draw(unit, month, by=person)
        said = _("已生成或更新%(n)s份清单。") % {"n": len(done)} if done else _("清单没有变化。")
    messages.success(request, said)
    return redirect(f"{reverse('ledgers:list_list')}?month={month:%Y-%m}")


@gate("list.read")
@require_POST
@once
def list_act(request, pk):
    seen_list(request, pk)
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    move, seen = form.cleaned_data["move"], form.cleaned_data["seen"]
    if move == "issue":
        acts.issue(pk, version=seen, by=request.user)
        messages.success(request, _("已下发，科长会收到提醒。"))
    elif move == "sign":
        acts.sign(pk, version=seen, by=request.user)
        messages.success(request, _("已签收。"))
    else:
        raise Http404
    return redirect("ledgers:list_detail", pk)


@gate("list.read")
@require_POST
def list_export(request, pk):
    """By POST, because an export leaves its line in the trail."""
    one = _readable(request, pk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        acts.export(pk, path, by=request.user)
        # Open on disk beyond its name: the answer closes it.
        file = path.open("rb")
    name = f"{one.section.name}-{one.month:%Y%m}-任务清单.xlsx"
    return FileResponse(file, as_attachment=True, filename=name)
