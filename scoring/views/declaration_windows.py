"""The personnel office's own page: when declarations are taken, how far they are, and out with
them in Excel."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.db.models import Count, Min
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheme import clock, periods
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Section, Staff
from scheme.templatetags.look import ymd
from scoring import declared
from scoring.actions import declaration_papers, windows
from scoring.declaration_forms import WindowForm
from scoring.models import Declaration, DeclarationWindow
from scoring.views.declaration_ways import ways

State = Declaration.State
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Quarters back from the present one that can be looked at, and the one to come.
BACK = 6


@gate("declaration.window")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def declaration_windows(request):
    unit = request.user.unit
    quarters = _quarters()
    if request.method != "POST":
        return _page(request, quarters, WindowForm(quarters=quarters, initial=_initial(request)))
    form = WindowForm(request.POST, quarters=quarters)
    if form.is_valid():
        data = form.cleaned_data
        try:
            window = windows.set_window(unit, data.pop("quarter"), **data, by=request.user)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            text = _("%(quarter)s的申报：%(opens)s至%(closes)s。") % {
                "quarter": declared.quarter_name(window.quarter),
                "opens": ymd(window.opens_on),
                "closes": ymd(window.closes_on),
            }
            messages.success(request, text)
            url = reverse("scoring:declaration_windows")
            return redirect(f"{url}?quarter={window.quarter}")
    return _page(request, quarters, form, status=422)


def _quarters() -> list[str]:
    present = periods.quarter_of(clock.today())
    found = [declared.quarter_after(present), present]
    while len(found) < BACK + 2:
        found.append(declared.quarter_before(found[-1]))
    return found


def _initial(request) -> dict:
    quarter = _asked(request)
    window = DeclarationWindow.objects.filter(unit=request.user.unit, quarter=quarter).first()
    if window is None:
        return {"quarter": quarter}
    return {"quarter": quarter, "opens_on": window.opens_on, "closes_on": window.closes_on}


def _asked(request) -> str:
    asked = request.GET.get("quarter", "")
    return asked if asked in _quarters() else periods.quarter_of(clock.today())


def _page(request, quarters, form, *, status=200):
    unit = request.user.unit
    quarter = _asked(request)
    found = DeclarationWindow.objects.filter(unit=unit).select_related("set_by")
    by_quarter = {window.quarter: window for window in found}
    context = {
        "form": form,
        "quarter": quarter,
        "quarter_name": declared.quarter_name(quarter),
        "tabs": [
            {
                "label": declared.quarter_name(code),
                "url": f"?quarter={code}",
                "current": code == quarter,
            }
            for code in quarters
        ],
        "ways": ways(request.user, "windows"),
        "window": by_quarter.get(quarter),
        "words": declared.window_words(by_quarter.get(quarter)),
        **_statistics(unit, quarter),
    }
    return render(request, "scoring/declaration_windows.html", context, status=status)


def _statistics(unit, quarter: str) -> dict:
    """Who has declared, out of everybody who could; and how far the lines are."""
    span = periods.quarter_span(quarter)
    lines = Declaration.objects.filter(unit=unit, quarter=quarter)
    sent = lines.exclude(state__in=[State.DRAFT, State.WITHDRAWN])
    people = Staff.objects.filter(unit=unit).subjects(*span)
    sections = Section.objects.filter(unit=unit, closed_on=None)
    by_state = dict(lines.order_by().values_list("state").annotate(Count("pk")))
    waiting = dict(
        lines.filter(state__in=[State.FILED, State.CHECKED])
        .order_by()
        .values_list("state")
        .annotate(Min("filed_at"))
    )
    return {
        "people": people.count(),
        "people_declared": people.filter(pk__in=sent.values("person")).count(),
        "sections": sections.count(),
        "sections_declared": sections.filter(pk__in=sent.values("section")).count(),
        "lines": sum(by_state.values()),
        "states": [
            {
                "value": state.value,
                "label": state.label,
                "kind": declared.KINDS[state],
                "n": by_state.get(state, 0),
                "oldest": waiting.get(state),
            }
            for state in State
        ],
    }


@gate("declaration.export")
@require_POST
def declaration_export(request):
    """By POST, because an export leaves its line in the trail."""
    quarter = request.POST.get("quarter", "")
    try:
        periods.quarter_span(quarter)
    except ValueError:
        raise Http404 from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "declarations.xlsx"
        declaration_papers.export(request.user.unit, quarter, path, by=request.user)
        return HttpResponse(
            path.read_bytes(),
            content_type=XLSX,
            headers={
                "Content-Disposition": f'attachment; filename="declarations-{quarter}.xlsx"',
                "X-Content-Type-Options": "nosniff",
            },
        )
