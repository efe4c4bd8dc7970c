"""Facts in through the browser: upload, look at what would be stored, confirm; and back out."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme import clock, periods
from scheme.access import gate
from scheme.idempotency import once
from scheme.imports.archive import BadBook
from scheme.models import Job
from scoring import uploads
from scoring.actions import uploads as actions
from scoring.exports import facts as workbook
from scoring.exports.facts_layout import LEDGERS
from scoring.forms import FactsForm
from scoring.models import FactsUpload

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = FactsUpload.State
# Listed at once; the workbook to download has them all.
PROBLEMS_SHOWN = 200
HALVES = 4
KINDS = {
    State.READING: ("done", "arrow-path"),
    State.PREVIEW: ("warn", ""),
    State.REFUSED: ("bad", ""),
    State.STORING: ("done", "arrow-path"),
    State.APPLIED: ("ok", ""),
    State.DROPPED: ("done", "minus"),
}


def _visible(request):
    rows = FactsUpload.objects.visible_to(request.user)
    return rows.select_related("unit", "job", "uploaded_by", "applied_by")


@gate("facts.import")
@once
@require_http_methods(["GET", "HEAD", "POST"])
def facts_list(request):
    form = FactsForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = actions.receive(request.user.unit, file, name=file.name, by=request.user)
            return redirect("scoring:facts_upload", upload.pk)
        except BadBook as error:
            form.add_error("file", str(error))
    past = _visible(request).defer("counts", "problems")[:20]
    context = {
        "form": form,
        "uploads": [(upload, *KINDS[upload.state]) for upload in past],
        "ledgers": LEDGERS,
        "halves": _halves(),
    }
    return render(request, "scoring/facts.html", context, status=422 if form.errors else 200)


def _halves() -> list[tuple[str, str]]:
    day, found = clock.today(), []
    for _half in range(HALVES):
        code = periods.half_of(day)
        found.append((code, periods.half_name(code)))
        day = periods.half_span(periods.half_before(day)).first
    return found


@gate("facts.import")
@require_safe
def facts_upload(request, pk):
    upload = get_object_or_404(_visible(request), pk=pk)
    context = {"upload": upload, "kind": KINDS[upload.state][0], "stored_before": _before(upload)}
    if upload.is_at_work:
        return render(request, "scoring/facts_working.html", context | _working(upload))
    if upload.state == State.REFUSED:
        context |= {
            "problems": upload.problems[:PROBLEMS_SHOWN],
            "count": len(upload.problems),
            "whole": not upload.counts.get("sheets"),
        }
        return render(request, "scoring/facts_problems.html", context)
    return render(request, "scoring/facts_preview.html", context | _settled(upload))


def _before(upload: FactsUpload) -> FactsUpload | None:
    """The same file, when it was stored already."""
    same = FactsUpload.objects.filter(
        unit=upload.unit_id, sha256=upload.sha256, state=State.APPLIED
    )
    return same.exclude(pk=upload.pk).defer("counts", "problems").first()


def _working(upload: FactsUpload) -> dict:
    word = _("正在入库") if upload.state == State.STORING else _("正在读取")
    return {"job": upload.job, "word": word, "stuck": upload.job.state == Job.State.PARKED}


def _settled(upload: FactsUpload) -> dict:
    """What the points book made of it, once the jobs it asked for are done."""
    if upload.state != State.APPLIED:
        return {}
    found = list(Job.objects.filter(pk__in=upload.job.result.get("settling", [])))
    return {
        "settling": found,
        "at_work": [job for job in found if job.state in (Job.State.WAITING, Job.State.RUNNING)],
        "stuck": any(job.state == Job.State.PARKED for job in found),
        "posted": sum(job.result.get("posted", 0) for job in found),
        "reversed": sum(job.result.get("reversed", 0) for job in found),
    }


@gate("facts.import")
@require_safe
def facts_progress(request, pk):
    """Asked every second by the page; leads on once there is something else to see."""
    upload = get_object_or_404(_visible(request), pk=pk)
    if upload.is_at_work:
        context = {"upload": upload, **_working(upload)}
        if not context["stuck"] or not request.htmx:
            return render(request, "scoring/_facts_progress.html", context)
    elif upload.state == State.APPLIED and request.GET.get("settled"):
        return render(
            request, "scoring/_facts_settled.html", {"upload": upload, **_settled(upload)}
        )
    address = reverse("scoring:facts_upload", args=[upload.pk])
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)


@gate("facts.import")
@once
@require_POST
def facts_confirm(request, pk):
    get_object_or_404(_visible(request), pk=pk)
    upload = actions.confirm(pk, by=request.user)
    return redirect("scoring:facts_upload", upload.pk)


@gate("facts.import")
@once
@require_POST
def facts_drop(request, pk):
    get_object_or_404(_visible(request), pk=pk)
    actions.drop(pk, by=request.user)
    messages.info(request, _("这份工作簿没有入库，现有台账没有变化。"))
    return redirect("scoring:facts_list")


@gate("facts.import")
@require_safe
def facts_errors(request, pk):
    upload = get_object_or_404(_visible(request), pk=pk)
    path = uploads.errors_path_of(upload)
    if upload.state != State.REFUSED or not path.is_file():
        raise Http404
    return _download(path.open("rb"), f"facts-errors-{upload.pk}.xlsx")


@gate("facts.import")
@require_safe
def facts_template(request):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.xlsx"
        workbook.write_template(request.user.unit, path)
        return _download(path.open("rb"), "facts-template.xlsx")


def _download(file, name: str) -> FileResponse:
    return FileResponse(
        file,
        as_attachment=True,
        filename=name,
        content_type=XLSX,
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


@gate("facts.import")
@once
@require_POST
def facts_export(request):
    """By POST, because an export leaves its line in the trail."""
    half = request.POST.get("half", "")
    if half not in dict(_halves()):
        raise Http404
    job = actions.start_export(
        request.user.unit, half, by=request.user, key=request.POST.get("idem", "")
    )
    return redirect("desk:job", job.pk)
