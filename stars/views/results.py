"""What came of it: the counts, what became of each nomination, the workbook."""

from typing import NamedTuple

from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from scheme import access
from scheme.access import gate
from scheme.idempotency import FIELD, once
from scheme.roles import Role
from stars import eligibility, objecting
from stars.actions import results
from stars.models import Award, Nomination, Objection, Round

from .stage import find_round, head

S = Round.State


class Shown(NamedTuple):
    """A nomination with its conclusion in a word, and what else is said of it."""

    one: Nomination
    award: Award | None
    word: str
    kind: str = "done"
    icon: str = ""
    said: str = ""


@gate("result.read")
@require_safe
def result(request, pk):
    """How each nomination was counted. Those who decide see every count, those concerned their
    own; for everybody the list holds who won."""
    round_ = find_round(request, pk, S.PUBLICITY, S.PUBLISHED)
    rows = (
        Nomination.objects.filter(round=round_, decision__isnull=False)
        .filter(_counts_shown_to(request.user))
        .select_related("star", "person", "section", "decision__settled_by", "branch_outcome")
        .order_by("star__position", "-kind", "pk")
    )
    publication = round_.publications.order_by("-edition").first()
    awards = {one.nomination_id: one for one in round_.awards.with_revoked()}
    # Until the result is out objections are between those who raised them and the office.
    outcomes = objecting.outcomes(round_) if publication else {}
    context = head(request, round_) | {
        "rows": [
            _shown(request.user, one, awards.get(one.pk), publication, outcomes.get(one.pk, ""))
            for one in rows
        ],
        "publication": publication,
        "changes": publication.body.get("changes", ()) if publication else (),
        "exports": publication and access.can(request.user, "result.export", publication.anchor()),
        "prints": publication and access.can(request.user, "award.print", round_.anchor()),
    }
    return render(request, "stars/result_detail.html", context)


def _shown(person, one: Nomination, award: Award | None, publication, outcome: str) -> Shown:
    decision, said = one.decision, objecting.said_to(person, one, outcome)
    if award:
        if award.revoked:
            return Shown(one, award, _("已撤销"), "bad", "x-circle", said)
        return Shown(one, award, pgettext("star", "评定"), "ok", "check", said)
    if decision.deferred:
        return Shown(one, None, _("缓议"), "done", "clock", said)
    if not decision.passed:
        return Shown(one, None, _("未通过"), "done", "minus", said)
    if not decision.placed:
        return Shown(one, None, _("通过，名额已满"), "done", "flag", said)
    if publication is None:
        return Shown(one, None, _("拟评定"), "ok", "check")
    # Placed, and no star came of it: the place stays empty, and this is why.
    if outcome == Objection.Outcome.UPHELD:
        return Shown(one, None, said, "warn", "exclamation-triangle", _("名额空缺"))
    return Shown(one, None, _("没有评定"), "warn", "exclamation-triangle", str(eligibility.NEUTRAL))


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
