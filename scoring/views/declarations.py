"""One's own declarations, and a section's: the system's lines first, then the declared ones."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scheme import access, clock, periods
from scheme.access import Anchor, gate
from scheme.models import Section
from scheme.roles import Role
from scoring import declared, declaring
from scoring.models import Declaration, DeclarationWindow
from scoring.views.declaration_ways import ways

# Quarters offered as tabs, the present one first.
QUARTERS = 6


# --- Lists


@gate("declaration.read")
@require_safe
def declaration_mine(request):
    person = request.user
    lines = Declaration.objects.filter(person=person)
    more = {
        "mine": True,
        "title": _("我的申报"),
        "member": access.has_role(person, Role.MEMBER),
    }
    return _list_page(request, person, lines, **more)


@gate("declaration.read")
@require_safe
def declaration_section(request, pk):
    """A section's own declarations; its chief files them, its members read along."""
    section = get_object_or_404(
        Section.objects.visible_to(request.user).select_related("unit"), pk=pk
    )
    anchor = Anchor(section.unit_id, section_id=pk)
    if not access.can(request.user, "declaration.read", anchor):
        raise Http404
    lines = Declaration.objects.visible_to(request.user).filter(section=section)
    may_file = access.can(request.user, "declaration.file_section", anchor._replace(state="draft"))
    more = {"title": _("%(name)s的申报") % {"name": section.name}, "member": may_file}
    return _list_page(request, section, lines, **more)


def _list_page(request, subject, lines, *, mine=False, **more):
    unit = subject.unit
    windows = {window.quarter: window for window in _windows(unit)}
    quarters = _quarters(windows, lines)
    quarter = request.GET.get("quarter", "")
    if quarter not in quarters:
        quarter = _present_quarter(windows)
    rows = declared.shown(unit, lines.filter(quarter=quarter).order_by("pk"))
    book = declared.posted(subject, quarter)
    section = subject if isinstance(subject, Section) else None
    # A line counts in the quarter of its document; the sum is of what stands in this one.
    confirmed = sum(book.declared.values(), declared.ZERO)
    context = {
        "quarter": quarter,
        "quarter_name": declared.quarter_name(quarter),
        "quarters": [
            {
                "code": code,
                "label": declared.quarter_name(code),
                "current": code == quarter,
            }
            for code in quarters
        ],
        "window": declared.window_words(windows.get(quarter)),
        "posted": book,
        "confirmed": confirmed,
        "counted": book.counted + confirmed,
        "rows": rows,
        "pending": declared.pending_worth(rows),
        "pending_count": sum(row.pending for row in rows),
        "points_url": _points_url(section, declared.half_of(quarter)),
        "new_url": _new_url(quarter, section),
        "mine": mine,
        "section": section,
        "ways": ways(request.user, f"section:{section.pk}" if section else "mine"),
        **more,
    }
    return render(request, "scoring/declaration_list.html", context)


def _windows(unit):
    return DeclarationWindow.objects.filter(unit=unit)


def _present_quarter(windows) -> str:
    """The one whose window is open, else the present one."""
    today = clock.today()
    taking = [code for code, one in windows.items() if one.opens_on <= today <= one.closes_on]
    return max(taking) if taking else periods.quarter_of(today)


def _quarters(windows, lines) -> list[str]:
    present = periods.quarter_of(clock.today())
    declared_for = set(lines.order_by().values_list("quarter", flat=True).distinct())
    found = {present, *windows, *declared_for}
    while len(found) < 2:
        found.add(declared.quarter_before(min(found)))
    return sorted(found, reverse=True)[:QUARTERS]


def _points_url(section: Section | None, half: str) -> str:
    url = (
        reverse("scoring:points_section", args=[section.pk])
        if section
        else reverse("scoring:points_mine")
    )
    return f"{url}?half={half}"


def _new_url(quarter: str, section: Section | None) -> str:
    query = {"quarter": quarter} | ({"section": section.pk} if section else {})
    return f"{reverse('scoring:declaration_new')}?{urlencode(query)}"


def seen_line(request, pk) -> Declaration:
    lines = declaring.with_checker(Declaration.objects.visible_to(request.user))
    related = lines.select_related("unit", "person", "section", "filed_by", "checked_by")
    return get_object_or_404(related.select_related("verified_by"), pk=pk)
