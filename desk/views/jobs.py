from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from scheme import audit
from scheme.access import gate
from scheme.models import Job

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _own(request, pk):
    return get_object_or_404(Job.objects.filter(asked_by=request.user), pk=pk)


@gate("job.read")
@require_safe
def job(request, pk):
    """How far one's own piece of background work is."""
    return render(request, "desk/job.html", {"job": _own(request, pk)})


@gate("job.read")
@require_safe
def job_progress(request, pk):
    return render(request, "desk/_job_progress.html", {"job": _own(request, pk)})


@gate("job.read")
@require_safe
def job_file(request, pk):
    """The finished file, always as a download, to the person who asked for it."""
    done = _own(request, pk)
    stored = done.result.get("file", "")
    path = Path(settings.FILES_ROOT) / Path(stored).name
    if done.state != Job.State.DONE or not stored or not path.is_file():
        raise Http404
    audit.record(request.user, "job.download", done, after={"name": done.result.get("name", "")})
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=done.result.get("name") or _("结果.xlsx")
    )
    response["Content-Type"] = WORKBOOK
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
