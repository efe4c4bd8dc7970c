"""Who may look into an objection, who may ask for a second look, and what came of them."""

from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from scheme import access, clock, workdays
from scheme.access import Anchor
from scheme.errors import Refused
from scheme.models import SectionMembership, Staff
from scheme.roles import Role
from stars.actions.ending_committee import is_shortened
from stars.actions.rounds import CLOSING_HOUR
from stars.models import Elector, Nomination, Objection, Opinion, Round, Vote

# Working days in which a finding may be reviewed before the result becomes final.
REVIEW_DAYS = 1


class Concern(NamedTuple):
    """What ties a person to the nominations of a round: their sections, and what they judged. Of a
    secret ballot only who was to vote is known, and that is enough."""

    sections: frozenset[int]
    judged: frozenset[int]


def concern_of(by: Staff, round_pk: int) -> Concern:
    held = SectionMembership.objects.on(clock.today()).filter(staff=by)
    judged = {
        *Vote.objects.filter(nomination__round=round_pk, by=by).values_list(
            "nomination_id", flat=True
        ),
        *Opinion.objects.filter(nomination__round=round_pk, by=by).values_list(
            "nomination_id", flat=True
        ),
        *Elector.objects.filter(
            box__nomination__round=round_pk, staff=by, standing__in=["due", "left"]
        ).values_list("box__nomination_id", flat=True),
    }
    return Concern(frozenset(held.values_list("section_id", flat=True)), frozenset(judged))


def why_concerned(objection: Objection, by: Staff, concern: Concern) -> str:
    """Nobody touches their own matter; empty if it is not."""
    about = objection.nomination
    first = objection.reviews
    if by.pk in (objection.raised_by_id, first and first.raised_by_id):
        return _("不能处理自己提出的异议。")
    own = by.pk in (about.person_id, about.submitted_by_id)
    if own or (about.kind == "section" and about.section_id in concern.sections):
        return _("被异议的提名与本人有关，不能处理。")
    return ""


def why_not_handled_by(objection: Objection, by: Staff, concern: Concern) -> str:
    """Nor does anybody look into what they decided themselves, or found the first time."""
    if why := why_concerned(objection, by, concern):
        return why
    about = objection.nomination
    if about.section_id in concern.sections:
        return _("被异议的提名是本人所在科室推的，请交给别的科室的人核实。")
    if about.pk in concern.judged:
        return _("本人评议或者表决过这一项，请交给没有参加的人核实。")
    if objection.reviews and objection.reviews.handled_by_id == by.pk:
        return _("第一次是本人核实的，复核要换一个人。")
    return ""


def tied_to(objection: Objection) -> set[int]:
    """Everybody whom `why_not_handled_by` would bar, told in a few queries for all."""
    about, first = objection.nomination, objection.reviews
    held = SectionMembership.objects.on(clock.today()).filter(section=about.section_id)
    electors = Elector.objects.filter(box__nomination=about, standing__in=["due", "left"])
    return {
        objection.raised_by_id,
        about.person_id,
        about.submitted_by_id,
        *((first.raised_by_id, first.handled_by_id) if first else ()),
        *held.values_list("staff_id", flat=True),
        *Vote.objects.filter(nomination=about).values_list("by_id", flat=True),
        *Opinion.objects.filter(nomination=about).values_list("by_id", flat=True),
        *electors.values_list("staff_id", flat=True),
    } - {None}


def handling_anchor(objection: Objection) -> Anchor:
    """Whose to look into: of whoever it was given to, or of the office."""
    state = objection.outcome or "open"
    return Anchor(objection.round.unit_id, objection.assigned_to_id, state=state)


def reviewable_by(person: Staff, round_: Round):
    """Findings on which the person may ask for a second look: those that went against them. Who
    raised it when it was dismissed; the nominee, or the chiefs of the section, when upheld."""
    headed = access.places(person, Role.CHIEF)
    lost = Q(nomination__person=person)
    lost |= Q(nomination__kind="section", nomination__section__in=headed)
    return (
        Objection.objects.filter(round=round_, reviews=None, review=None)
        .filter(Q(outcome="dismissed", raised_by=person) | Q(lost, outcome="upheld"))
        .select_related("nomination__star", "nomination__person", "nomination__section")
    )


def review_open_until(round_: Round):
    """The moment until which the newest finding may still be reviewed; None when none may."""
    if is_shortened(round_):
        return None
    findings = Objection.objects.filter(round=round_, reviews=None, review=None)
    newest = findings.exclude(handled_at=None).order_by("-handled_at").first()
    if newest is None:
        return None
    day = clock.local(newest.handled_at).date()
    try:
        return clock.at(workdays.following(day, REVIEW_DAYS), CLOSING_HOUR)
    except Refused:  # the calendar ends here
        return None


def upheld(round_: Round) -> set[int]:
    """Nominations that lost their star by the last word on an objection."""
    rows = round_.objections.deciding().filter(outcome=Objection.Outcome.UPHELD)
    return set(rows.values_list("nomination_id", flat=True))


def outcomes(round_: Round) -> dict[int, str]:
    """What came of the objections to each nomination; one that was upheld outweighs the others."""
    found: dict[int, str] = {}
    for pk, outcome in round_.objections.deciding().values_list("nomination_id", "outcome"):
        if outcome and found.get(pk) != Objection.Outcome.UPHELD:
            found[pk] = outcome
    return found


def said_to(person: Staff, nomination: Nomination, outcome: str) -> str:
    """The outcome beside the decision, once the result is out: that one was upheld explains an
    empty place to everybody; that one was dismissed is between the office, the committee and the
    nominee."""
    if outcome == Objection.Outcome.UPHELD:
        return _("异议成立")
    chiefs = nomination.section_id in access.places(person, Role.CHIEF)
    knows = (
        access.has_role(person, Role.COMMITTEE)
        or access.has_role(person, Role.PERSONNEL)
        or person.pk == nomination.person_id
        or chiefs
    )
    return _("异议不成立") if outcome and knows else ""
