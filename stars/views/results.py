"""What came of it: the honour wall, the counts, the workbook."""

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from scheme import access, periods
from scheme.access import gate
from scheme.idempotency import FIELD, once
from scheme.roles import Role
from stars.actions import results, stages
from stars.models import Nomination, Publication, Round, Settlement

from .stage import find_round, head

S = Round.State


@gate("result.read")
@require_safe
def wall(request):
    """The newest result of the unit; a calm empty wall before there is one."""
    newest = Publication.objects.visible_to(request.user).order_by("-round__half", "-edition")
    return _wall(request, newest.select_related("round", "unit").first())


@gate("result.read")
@require_safe
def wall_round(request, pk):
    round_ = find_round(request, pk)
    edition = round_.publications.select_related("round", "unit").order_by("-edition").first()
    if edition is None:
        raise Http404
    return _wall(request, edition)


def _wall(request, publication):
    others = (
        Publication.objects.visible_to(request.user)
        .order_by("-round__half", "round_id")
        .distinct("round__half", "round_id")
        .values_list("round_id", "round__half")
    )
    context = {
        "publication": publication,
        "shortened": bool(publication) and stages.is_shortened(publication.round),
        "half": periods.half_name(publication.body["half"]) if publication else "",
        "others": [
            {"round": round_, "half": periods.half_name(half)}
            for round_, half in others
            if publication is None or round_ != publication.round_id
        ][:6],
    }
    return render(request, "stars/wall.html", context)


@gate("result.read")
@require_safe
def result(request, pk):
    """How each nomination was counted. Those who decide see every count, those concerned their
    own; for everybody the list holds who won."""
    round_ = find_round(request, pk, S.PUBLICITY, S.PUBLISHED)
    rows = (
        Nomination.objects.filter(round=round_, decision__isnull=False)
        .filter(_counts_shown_to(request.user))
        .select_related(
            "star", "person", "section", "decision__settled_by", "branch_outcome", "award"
        )
        .order_by("star__position", "-kind", "pk")
    )
    publication = round_.publications.order_by("-edition").first()
    context = head(request, round_) | {
        "rows": rows,
        "publication": publication,
        "settlements": Settlement.objects.filter(round=round_).select_related("by", "star"),
        "exports": publication and access.can(request.user, "result.export", publication.anchor()),
    }
    return render(request, "stars/result_detail.html", context)


def _counts_shown_to(person) -> Q:
    if access.has_role(person, Role.COMMITTEE) or access.has_role(person, Role.PERSONNEL):
        return Q()
    sections = access.places(person, Role.CHIEF) + access.places(person, Role.LEADER)
    return Q(decision__placed=True) | Q(person=person) | Q(section__in=sections)


@gate("result.export")
@require_POST
@once
def export_start(request, pk):
    """Has the workbook made in the background; its page shows how far it is."""
    round_ = find_round(request, pk)
    publication = get_object_or_404(round_.publications.order_by("-edition")[:1])
    job = results.start_workbook(publication.pk, by=request.user, key=request.POST.get(FIELD, ""))
    return redirect("desk:job", job.pk)
