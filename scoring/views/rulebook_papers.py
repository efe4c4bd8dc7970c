"""A rule book on paper: as a workbook, as a template to fill, set against another version."""

import tempfile
from pathlib import Path

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from scheme import clock
from scheme.access import gate
from scoring import differences
from scoring.actions import rulebooks
from scoring.contents import content_of
from scoring.exports import rules as workbook
from scoring.models import RuleBook
from scoring.views.rulebooks import against, visible

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _download(name: str, write) -> HttpResponse:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.xlsx"
        write(path)
        return HttpResponse(
            path.read_bytes(),
            content_type=XLSX,
            headers={
                "Content-Disposition": f'attachment; filename="{name}.xlsx"',
                "X-Content-Type-Options": "nosniff",
            },
        )


@gate("rulebook.read")
@require_POST
def rulebook_export(request, pk):
    """By POST, because an export leaves its line in the trail."""
    book = get_object_or_404(visible(request), pk=pk)
    return _download(
        f"rules-{book.version}", lambda path: rulebooks.export(pk, path, by=request.user)
    )


@gate("rulebook.propose")
@require_safe
def rulebook_template(request):
    return _download(
        "rules-template", lambda path: workbook.write_template(request.user.unit, path)
    )


@gate("rulebook.read")
@require_safe
def rulebook_difference(request, pk):
    """This version set against another: the one asked for, or the one in force."""
    new = get_object_or_404(visible(request), pk=pk)
    others = [other for other in visible(request) if other != new]
    old = _asked_for(request, others)
    if old is None:
        old = against(new, RuleBook.objects.in_force(new.unit, clock.today()))
    context = {"new": new, "old": old, "others": others}
    if old:
        context["difference"] = differences.between(content_of(old), content_of(new))
    return render(request, "scoring/rulebook_difference.html", context)


def _asked_for(request, others) -> RuleBook | None:
    asked = request.GET.get("with", "")
    if not asked:
        return None
    for other in others:
        if str(other.pk) == asked:
            return other
    raise Http404(_("没有这一版细则。"))
