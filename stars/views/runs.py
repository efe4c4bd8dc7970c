"""The run of a round on one page, and its sealed package."""

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from scheme import access
from scheme.access import gate
from scheme.idempotency import FIELD, once
from scheme.models import Job
from stars import running
from stars.actions import archives, reminders, stages
from stars.models import Round, RoundArchive

from .stage import find_round, head, number


@gate("round.document")
@require_safe
def round_run(request, pk):
    """What happened, what comes, whom it waits for, and what may be done."""
    round_ = find_round(request, pk)
    access.require(request.user, "round.document", round_.anchor())
    work = running.work(round_)
    context = head(request, round_) | {
        "happened": running.happened(round_, request.user),
        "coming": running.coming(round_),
        "late": running.is_late(round_),
        "work": [(running.name_of(job), job) for job in work],
        "parked": sum(job.state == Job.State.PARKED for job in work),
        "waits_for": running.waits_for(round_),
        "acts": running.acts(round_, request.user),
        "may": running.may(round_, request.user),
        "extendable": round_.state in stages.EXTENDABLE,
        "objections": running.objections_of(round_, request.user),
    }
    return render(request, "stars/round_run.html", context)


@gate("round.manage")
@require_POST
@once
def round_remind(request, pk):
    """The office reminds everybody the stage waits for."""
    round_ = find_round(request, pk)
    count = reminders.press(round_.pk, by=request.user, seen=number(request, "seen"))
    told = ngettext("已提醒%(count)s人。", "已提醒%(count)s人。", count)
    messages.success(request, told % {"count": count})
    return redirect("stars:round_run", pk)


# --- The sealed package


@gate("archive.read")
@require_safe
def round_archive(request, pk):
    """The editions, how to check one, and the making of another."""
    round_ = find_round(request, pk, Round.State.PUBLISHED)
    access.require(request.user, "archive.read", round_.anchor())
    rows = RoundArchive.objects.filter(round=round_).select_related("made_by")
    jobs = Job.objects.filter(kind="stars.archive", args__round=round_.pk).order_by("-pk")
    newest = jobs.first()
    context = head(request, round_) | {
        "archives": rows,
        "makes": access.can(request.user, "archive.make", round_.anchor()),
        "job": newest if newest and newest.asked_by_id == request.user.pk else None,
        "unchanged": bool(newest and newest.result.get("again")),
    }
    return render(request, "stars/round_archive.html", context)


@gate("archive.make")
@require_POST
@once
def round_archive_make(request, pk):
    round_ = find_round(request, pk)
    archives.start(round_.pk, by=request.user, key=request.POST.get(FIELD, ""))
    return redirect("stars:round_archive", pk)


@gate("archive.read")
@require_safe
def archive_file(request, pk):
    """The package, always as a download; every one of them is on record."""
    rows = RoundArchive.objects.filter(round__in=Round.objects.visible_to(request.user))
    archive = get_object_or_404(rows.select_related("round__unit"), pk=pk)
    path = Path(settings.FILES_ROOT) / Path(archive.file).name
    access.require(request.user, "archive.read", archive.anchor())
    if not path.is_file():
        raise Http404
    if request.method == "GET":
        archives.note_download(archive, by=request.user)
    name = _("%(round)s档案 第%(n)s版.zip") % {"round": archive.round, "n": archive.edition}
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    response["Content-Type"] = "application/zip"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
