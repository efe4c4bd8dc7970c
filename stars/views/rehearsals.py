"""演练: asked for on the page of a round that is being prepared; its report is read here."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from scheme import access
from scheme.access import gate
from scheme.idempotency import FIELD, once
from scheme.models import Job
from stars.actions import rehearsal

from .stage import find_round

UNDER_WAY = (Job.State.WAITING, Job.State.RUNNING, Job.State.PARKED)


@gate("round.manage")
@require_POST
@once
def round_rehearse(request, pk):
    round_ = find_round(request, pk)
    job = rehearsal.start(round_.pk, by=request.user, key=request.POST.get(FIELD, ""))
    return redirect("stars:round_rehearsal", pk, job.pk)


def _found(request, pk, job):
    round_ = find_round(request, pk)
    access.require(request.user, "round.manage", round_.anchor())
    return round_, get_object_or_404(rehearsal.of(round_), pk=job)


@gate("round.manage")
@require_safe
def round_rehearsal(request, pk, job):
    """How far it is; once it is done, its report."""
    round_, found = _found(request, pk, job)
    context = {"round": round_, "job": found, "report": found.result or None}
    return render(request, "stars/round_rehearsal.html", context)


@gate("round.manage")
@require_safe
def round_rehearsal_progress(request, pk, job):
    """Asked every second by the page; leads on to the report."""
    round_, found = _found(request, pk, job)
    if found.state in UNDER_WAY:
        context = {"round": round_, "job": found}
        return render(request, "stars/_round_rehearsing.html", context)
    address = reverse("stars:round_rehearsal", args=[round_.pk, found.pk])
    if getattr(request, "htmx", False):
        return HttpResponse(headers={"HX-Redirect": address})
    return redirect(address)
