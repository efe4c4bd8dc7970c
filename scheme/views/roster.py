"""The roster in the browser: upload, look at what would change, confirm; and the way back out."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme.access import gate
from scheme.actions import rosters
from scheme.errors import Refused
from scheme.exports import roster as export
from scheme.forms import RosterForm
from scheme.idempotency import once
from scheme.imports.archive import MAX_FILE, BadBook, check_size
from scheme.models import RosterUpload, Staff
from scheme.offices import Office, Staffing

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ERRORS_SHOWN = 200


@gate("roster.import")
@once
@require_http_methods(["GET", "HEAD", "POST"])
def roster(request):
    form = RosterForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            check_size(file.size)
            upload = rosters.read(
                request.user.unit, file.read(MAX_FILE + 1), file_name=file.name, by=request.user
            )
            return redirect("scheme:roster_preview", upload.pk)
        except BadBook as error:
            form.add_error("file", str(error))
    past = RosterUpload.objects.filter(unit=request.user.unit).select_related(
        "uploaded_by", "applied_by"
    )
    context = {"form": form, "uploads": past.defer("rows", "changes", "errors")[:10]}
    return render(request, "scheme/roster.html", context, status=422 if form.errors else 200)


def _own(request, pk: int) -> RosterUpload:
    return get_object_or_404(
        RosterUpload.objects.select_related("unit", "uploaded_by", "applied_by"),
        pk=pk,
        unit_id=request.user.unit_id,
    )


@gate("roster.import")
@require_safe
def roster_preview(request, pk):
    upload = _own(request, pk)
    context = {"upload": upload, "state": RosterUpload.State}
    if upload.errors:
        context |= {"errors": upload.errors[:ERRORS_SHOWN], "error_count": len(upload.errors)}
        return render(request, "scheme/roster_errors.html", context)
    lines = upload.changes["lines"]
    titles = (
        ("joined", _("新进")),
        ("left", _("离开")),
        ("moved", _("调整科室或支部")),
        ("changed", _("信息变动")),
    )
    context |= {
        "counts": upload.changes["counts"],
        "new_places": upload.changes["sections"] + upload.changes["branches"],
        "missing": upload.changes["missing"],
        "groups": [
            {
                "kind": kind,
                "title": title,
                "lines": [_readable(line) for line in lines if line["kind"] == kind],
            }
            for kind, title in titles
            if upload.changes["counts"][kind]
        ],
    }
    return render(request, "scheme/roster_preview.html", context)


def _readable(line: dict) -> dict:
    """A line with its changes in the reader's words."""
    changes = [
        {"label": _label(name), "before": _shown(name, before), "after": _shown(name, after)}
        for name, before, after in line["changes"]
    ]
    return line | {"changes": changes}


def _label(name: str) -> str:
    own = {
        "section": _("科室"),
        "branch": _("党支部"),
        "office": _("职责"),
        "secondment": _("借调"),
    }
    return own.get(name) or Staff._meta.get_field(name).verbose_name


def _shown(name: str, value) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if name == "staffing" and value:
        return Staffing(value).label
    if name == "office" and value:
        office, _bar, place = value.partition("|")
        return f"{place} {Office(office).label}".strip()
    return value


@gate("roster.import")
@once
@require_POST
def roster_apply(request, pk):
    upload = rosters.apply(_own(request, pk).pk, by=request.user)
    messages.success(request, _("名册已导入：%(what)s。") % {"what": rosters.summary(upload)})
    return redirect("scheme:roster_preview", upload.pk)


@gate("roster.import")
@once
@require_POST
def roster_drop(request, pk):
    rosters.drop(_own(request, pk).pk, by=request.user)
    messages.info(request, _("这份名册没有导入，现有数据没有变化。"))
    return redirect("scheme:roster")


def _workbook(name: str, write) -> HttpResponse:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        write(path)
        return HttpResponse(
            path.read_bytes(),
            content_type=XLSX,
            headers={
                "Content-Disposition": f'attachment; filename="{name}.xlsx"',
                "X-Content-Type-Options": "nosniff",
            },
        )


@gate("roster.import")
@require_safe
def roster_errors(request, pk):
    upload = _own(request, pk)
    if upload.state != RosterUpload.State.REFUSED:
        raise Refused(_("这份名册没有错误。"))
    return _workbook(
        f"roster-errors-{upload.pk}",
        lambda path: export.write_errors(upload.unit, upload.rows, upload.errors, path),
    )


@gate("roster.export")
@require_POST
def roster_export(request):
    """By POST, because an export leaves its line in the trail."""
    unit = request.user.unit
    return _workbook("roster", lambda path: rosters.export(unit, path, by=request.user))
