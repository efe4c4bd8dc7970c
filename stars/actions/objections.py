"""Objections during publicity: confidential between the person and the office; open ones stop the
result."""

from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.errors import Refused
from scheme.models import SectionMembership
from stars.models import Nomination, Objection, Round, Vote
from stars.owing import office_of

MAX_TEXT = 1000


def _text(value: str, empty: str, field: str) -> str:
    value = value.strip()
    if not value:
        raise Refused(empty, field=field)
    if len(value) > MAX_TEXT:
        raise Refused(_("请写在1000字以内。"), field=field)
    return value


@transaction.atomic
def raise_(pk: int, nomination: int, *, by, text: str) -> Objection:
    """Anybody of the unit, by name, about a nominee on the published list."""
    round_ = Round.objects.select_for_update().get(pk=pk)
    if round_.state != Round.State.PUBLICITY:
        access.require(by, "round.read", round_.anchor())
        raise Refused(_("公示已经结束，或者还没有开始。"), conflict=True)
    access.require(by, "objection.raise", round_.anchor())
    listed = Nomination.objects.filter(round=round_, decision__placed=True)
    about = listed.select_related("person", "section", "star").filter(pk=nomination).first()
    if about is None:
        raise Refused(_("公示名单里没有这一项，请刷新后再提。"), field="nomination")
    text = _text(text, _("请写明异议的事实，以便核实。"), "text")
    if Objection.objects.open().filter(nomination=about, raised_by=by).exists():
        raise Refused(_("您对这一项的异议还在核实，请等结果。"), conflict=True)
    objection = Objection.objects.create(
        round=round_, nomination=about, raised_by=by, raised_at=clock.now(), text=text
    )
    audit.record(by, "objection.raise", objection, after={"nomination": about.pk}, unit=round_.unit)
    notices.tell_all(
        office_of(round_.unit_id),
        f"objection:{objection.pk}:raised",
        lambda: _("%(round)s的公示收到一条异议，处理完之前结果不会公布。") % {"round": round_},
        url=reverse("stars:publicity", args=[round_.pk]),
        icon="exclamation-circle",
    )
    return objection


@transaction.atomic
def handle(pk: int, *, by, outcome: str, finding: str) -> Objection:
    """The office's finding. Upheld, the nominee gets no star; the place stays empty."""
    round_pk = Objection.objects.values_list("round_id", flat=True).get(pk=pk)
    round_ = Round.objects.select_for_update().get(pk=round_pk)
    objection = (
        Objection.objects.select_for_update(of=("self",)).select_related("nomination").get(pk=pk)
    )
    access.require(by, "objection.handle", objection.anchor())
    if objection.outcome:
        raise Refused(_("这条异议已经处理过。"), conflict=True)
    if round_.state != Round.State.PUBLICITY:
        raise Refused(_("公示已经结束，不能再处理。"), conflict=True)
    if why := why_not_handled_by(objection, by, concern_of(by, round_pk)):
        raise Refused(why)
    if outcome not in Objection.Outcome.values:
        raise Refused(_("请选成立或不成立。"), field="outcome")
    finding = _text(finding, _("请写明核实情况。"), "finding")
    objection.outcome, objection.finding = outcome, finding
    objection.handled_by, objection.handled_at = by, clock.now()
    objection.save(update_fields=["outcome", "finding", "handled_by", "handled_at"])
    audit.record(
        by,
        "objection.handle",
        objection,
        before={"outcome": ""},
        after={"outcome": outcome},
        reason=finding,
        unit=round_.unit,
    )
    notices.tell(
        objection.raised_by,
        f"objection:{objection.pk}:handled",
        lambda: (
            _("您提出的异议已核实：%(outcome)s。%(finding)s")
            % {"outcome": objection.get_outcome_display(), "finding": finding}
        ),
        url=reverse("stars:publicity", args=[round_pk]),
        icon="check",
    )
    return objection


class Concern(NamedTuple):
    """What ties a person of the office to nominations: their sections, and what they voted on."""

    sections: frozenset[int]
    voted: frozenset[int]


def concern_of(by, round_pk: int) -> Concern:
    held = SectionMembership.objects.on(clock.today()).filter(staff=by)
    voted = Vote.objects.filter(nomination__round=round_pk, by=by)
    return Concern(
        frozenset(held.values_list("section_id", flat=True)),
        frozenset(voted.values_list("nomination_id", flat=True)),
    )


def why_not_handled_by(objection: Objection, by, concern: Concern) -> str:
    """Nobody looks into their own matter, nor into what they decided themselves; empty if free."""
    about = objection.nomination
    if by.pk == objection.raised_by_id:
        return _("不能处理自己提出的异议。")
    own = by.pk in (about.person_id, about.submitted_by_id)
    if own or (about.kind == "section" and about.section_id in concern.sections):
        return _("被异议的提名与您有关，请机关人事科的其他人处理。")
    if about.pk in concern.voted:
        return _("您参加了这一项的表决，请机关人事科的其他人处理。")
    return ""
