"""A section puts forward: drafting, submitting (which freezes the dossier), taking back, returning.

Every act here holds the round's row first: quotas are counted under that lock, and a round that is
moving on lets nobody in.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.errors import Refused, Stale
from scheme.models import (
    Appointment,
    Branch,
    BranchMembership,
    Deputation,
    Section,
    SectionMembership,
    Staff,
    Star,
)
from scheme.offices import Office
from stars import dossiers, eligibility
from stars.models import Dossier, Nomination, NominationMove, Participant, Quota, Round
from stars.models.round import NomineeKind
from stars.workflow import NOMINATION_STEPS

State = Nomination.State


def _nominating(round_pk: int) -> Round:
    round_ = Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=round_pk)
    if round_.state != Round.State.NOMINATING:
        raise Refused(_("现在不是科室推星的时候。"), conflict=True)
    return round_


def _locked(pk: int, by, verb: str, move: str, seen: int) -> Nomination:
    """The nomination, its round held before it; allowed, unchanged since seen, and free to move."""
    round_pk = Nomination.objects.values_list("round_id", flat=True).get(pk=pk)
    round_ = Round.objects.select_for_update().get(pk=round_pk)
    nomination = (
        Nomination.objects.select_for_update(of=("self",))
        .select_related("round__unit", "star", "person", "section")
        .get(pk=pk)
    )
    # States are answered for below, in words; the right is asked of the place.
    access.require(by, verb, nomination.anchor()._replace(state=_state_for(verb)))
    if nomination.version != seen:
        raise Stale(_("这份提名刚刚有了变化，请看过最新情况再办。"))
    if round_.state != Round.State.NOMINATING:
        raise Refused(_("科室推星已经结束，不能再动。"), conflict=True)
    if (nomination.state, move) not in NOMINATION_STEPS:
        text = _("这份提名现在是“%(state)s”，办不了这一步。")
        raise Refused(text % {"state": nomination.get_state_display()}, conflict=True)
    return nomination


def _state_for(verb: str) -> str:
    return State.SUBMITTED if verb == "nomination.return" else State.DRAFT


def _take(nomination: Nomination, move: str, *, by, reason: str = "") -> dict:
    """One step of the table: the move's row, the new state and version, the trail."""
    start, seen = nomination.state, nomination.version
    step = NOMINATION_STEPS[start, move]
    NominationMove.objects.create(
        nomination=nomination,
        version=seen,
        from_state=start,
        to_state=step.to,
        by=by,
        on_behalf_of_id=access.acted_for(by),
        reason=reason,
        at=clock.now(),
    )
    nomination.state, nomination.version = step.to, seen + 1
    nomination.save()
    return {"before": {"state": start}, "after": {"state": step.to}, "reason": reason}


def section_of(person: Staff) -> int | None:
    held = SectionMembership.objects.on(clock.today()).filter(staff=person)
    return held.values_list("section_id", flat=True).first()


def branch_for(person: Staff | None, section: Section) -> Branch | None:
    """Who evaluates: the person's own branch today, else the branch most of the section's people
    belong to (of equals, the one listed first)."""
    today = clock.today()
    memberships = BranchMembership.objects.on(today)
    if person is not None:
        own = memberships.filter(staff=person).select_related("branch").first()
        if own:
            return own.branch
    people = SectionMembership.objects.on(today).filter(section=section).values("staff")
    row = (
        memberships.filter(staff__in=people)
        .values("branch")
        .annotate(count=Count("pk"))
        .order_by("-count", "branch__position", "branch")
        .first()
    )
    return Branch.objects.get(pk=row["branch"]) if row else None


def _check_nominee(round_: Round, kind: str, person: Staff | None, section: Section) -> None:
    """Takes part in the round and, a person, belongs to the section today."""
    if kind not in NomineeKind.values or (kind == NomineeKind.PERSON) != (person is not None):
        raise Refused(_("请选推荐谁。"), field="nominee")
    who = {"person": person} if person else {"section": section}
    row = Participant.objects.filter(round=round_, **who).first()
    if row is None or not row.takes_part:
        why = row.reason if row and row.reason else _("不在参加名单里")
        text = _("%(who)s不参加本轮：%(why)s。")
        raise Refused(text % {"who": person or section, "why": why}, field="nominee")
    if person and section_of(person) != section.pk:
        raise Refused(
            _("%(who)s今天不在%(section)s，不能由这个科室推荐。")
            % {"who": person, "section": section},
            field="nominee",
        )


def _check_quota(
    round_: Round, star: Star, kind: str, section: Section, *, but: int | None
) -> None:
    """Counted under the round's lock. Drafts and returned ones hold no place."""
    quota = Quota.objects.filter(round=round_, star=star, kind=kind).first()
    limit = quota.per_section if quota and quota.places else 0
    used = (
        Nomination.objects.standing()
        .filter(round=round_, star=star, kind=kind, section=section)
        .exclude(pk=but)
        .count()
    )
    if used >= limit:
        if limit == 0:
            text = _("本轮%(star)s不评%(kind)s。")
        else:
            text = _("本科室推%(star)s（%(kind)s）的名额是%(limit)s个，已经用完。")
        kind_name = NomineeKind(kind).label
        raise Refused(text % {"star": star.title, "kind": kind_name, "limit": limit}, field="star")


def _check_once(
    round_: Round, star: Star, person: Staff | None, section: Section, *, but: int | None
) -> None:
    others = Nomination.objects.filter(round=round_).exclude(state=State.WITHDRAWN).exclude(pk=but)
    if person and others.filter(person=person).exists():
        raise Refused(_("本轮已有对此人的提名，一人一轮只推一颗星。"), field="nominee")
    if not person and others.filter(kind="section", section=section, star=star).exists():
        raise Refused(_("本科室已推过这颗星。"), field="star")


def _check_statement(round_: Round, statement: str, *, whole: bool = False) -> str:
    """Within the round's limits; a draft (not `whole`) may still be too short."""
    statement = statement.strip()
    most, fewest = round_.statement_most, round_.statement_fewest
    if len(statement) > most:
        raise Refused(_("推荐理由最多%(most)s字。") % {"most": most}, field="statement")
    if whole and len(statement) < fewest:
        raise Refused(
            _("推荐理由至少写%(fewest)s字，说清做了什么、成效如何。") % {"fewest": fewest},
            field="statement",
        )
    return statement


def _check_standing(round_: Round, person: Staff | None, section: Section) -> None:
    """Nothing bars the nominee today. What does is told to the nominee and the office alone."""
    if eligibility.of(round_, person, section):
        text = _("%(who)s不能推荐：%(why)s原因由机关人事科告知本人。")
        raise Refused(
            text % {"who": person or section, "why": eligibility.NEUTRAL}, field="nominee"
        )


@transaction.atomic
def save(
    round_pk: int,
    *,
    by: Staff,
    star: Star,
    kind: str,
    person: Staff | None,
    section: Section,
    statement: str,
    pk: int | None = None,
    seen: int | None = None,
) -> Nomination:
    """A draft, new or changed. One that was returned stays returned until submitted again.

    A nominee who is barred today may be drafted, for that may pass; the page warns.
    """
    round_ = _nominating(round_pk)
    if pk is None:
        nomination = Nomination(
            unit=round_.unit, round=round_, made_by=by, made_at=clock.now(), section=section
        )
    else:
        nomination = Nomination.objects.select_for_update().get(pk=pk, round=round_)
    access.require(by, "nomination.write", nomination.anchor()._replace(state=State.DRAFT))
    if pk is not None and nomination.version != seen:
        raise Stale(_("这份提名刚刚有了变化，请看过最新情况再办。"))
    if nomination.state not in (State.DRAFT, State.RETURNED):
        text = _("这份提名现在是“%(state)s”，不能再改。")
        raise Refused(text % {"state": nomination.get_state_display()}, conflict=True)
    if nomination.section_id != section.pk:
        raise Refused(_("提名属于哪个科室不能改。"))
    statement = _check_statement(round_, statement)
    _check_nominee(round_, kind, person, section)
    _check_once(round_, star, person, section, but=pk)
    _check_quota(round_, star, kind, section, but=pk)

    before = {} if pk is None else _figures(nomination)
    nomination.star, nomination.kind, nomination.person = star, kind, person
    nomination.statement = statement
    if pk is not None:
        nomination.version = seen + 1
    nomination.save()
    audit.record(by, "nomination.save", nomination, before=before, after=_figures(nomination))
    return nomination


def _figures(nomination: Nomination) -> dict:
    return {
        "star": nomination.star_id,
        "kind": nomination.kind,
        "person": nomination.person_id,
        "statement": nomination.statement,
    }


@transaction.atomic
def submit(pk: int, *, by: Staff, seen: int) -> Nomination:
    """Freezes the dossier and says which branch evaluates."""
    nomination = _locked(pk, by, "nomination.write", "submit", seen)
    round_, person, section = nomination.round, nomination.person, nomination.section
    _check_statement(round_, nomination.statement, whole=True)
    _check_nominee(round_, nomination.kind, person, section)
    _check_standing(round_, person, section)
    _check_quota(round_, nomination.star, nomination.kind, section, but=pk)
    branch = branch_for(person, section)
    if branch is None:
        raise Refused(_("这个科室没有人编入党支部，无人评星。请机关人事科先编入支部。"))

    at = clock.now()
    nomination.branch = branch
    nomination.submitted_by, nomination.submitted_at = by, at
    trail = _take(nomination, "submit", by=by)
    body = dossiers.build(nomination)
    frozen = Dossier.objects.create(
        nomination=nomination,
        version=nomination.version,
        body=body,
        digest=dossiers.digest_of(body),
        at=at,
    )
    trail["after"] |= {"branch": branch.pk, "dossier": frozen.digest}
    audit.record(by, "nomination.submit", nomination, **trail)
    if person and person != by:
        notices.tell(
            person,
            f"nomination:{pk}:{nomination.version}:submitted",
            lambda: (
                _("%(section)s推荐您参评%(round)s%(star)s。")
                % {"section": section, "round": round_, "star": nomination.star.title}
            ),
            url=reverse("stars:nomination_detail", args=[pk]),
            icon="star",
        )
    return nomination


@transaction.atomic
def withdraw(pk: int, *, by: Staff, seen: int, reason: str = "") -> Nomination:
    """Takes it back; the place is free again."""
    nomination = _locked(pk, by, "nomination.withdraw", "withdraw", seen)
    was_known = nomination.state == State.SUBMITTED
    trail = _take(nomination, "withdraw", by=by, reason=_reason(reason))
    audit.record(by, "nomination.withdraw", nomination, **trail)
    if was_known and nomination.person and nomination.person != by:
        notices.tell(
            nomination.person,
            f"nomination:{pk}:{nomination.version}:withdrawn",
            lambda: (
                _("%(section)s撤回了对您参评%(star)s的推荐。")
                % {"section": nomination.section, "star": nomination.star.title}
            ),
            url=reverse("stars:round_detail", args=[nomination.round_id]),
            icon="star",
        )
    return nomination


@transaction.atomic
def return_(pk: int, *, by: Staff, reason: str, seen: int) -> Nomination:
    """The personnel office sends it back to be mended, as often as the round allows.

    Told are those who answer for the section today, who need not be the ones that submitted it.
    """
    nomination = _locked(pk, by, "nomination.return", "return", seen)
    reason = _reason(reason)
    if not reason:
        raise Refused(_("请写明要补正什么。"), field="reason")
    if returns_of(nomination) >= nomination.round.most_returns:
        text = _("已经退回过%(times)s次，不能再退；有意见请留给支部和部务会。")
        raise Refused(text % {"times": nomination.round.most_returns})
    trail = _take(nomination, "return", by=by, reason=reason)
    audit.record(by, "nomination.return", nomination, **trail)
    notices.tell_all(
        answering_for(nomination.section_id),
        f"nomination:{pk}:{nomination.version}:returned",
        lambda: (
            _("对%(nominee)s的推荐退回补正：%(reason)s")
            % {"nominee": nomination.nominee, "reason": reason}
        ),
        url=reverse("stars:nomination_detail", args=[pk]),
        icon="arrow-uturn-left",
    )
    return nomination


@transaction.atomic
def read_grounds(nomination: Nomination, *, by: Staff) -> list[eligibility.Ground]:
    """What bars the nominee today, for whom that concerns; a reading by the office is recorded."""
    if not eligibility.may_know(by, nomination):
        raise PermissionDenied(_("您的职责不包括这一步。"))
    if by.pk != nomination.person_id:
        audit.record(by, "restriction.read", nomination)
    return eligibility.of(nomination.round, nomination.person, nomination.section)


def returns_of(nomination: Nomination) -> int:
    return nomination.moves.filter(to_state=State.RETURNED).count()


def answering_for(section_pk: int) -> list[Staff]:
    """Who may act for the section today: its chiefs and their deputies (代理); where it has none,
    whoever has it in charge, to see to it that somebody does."""
    today = clock.today()
    held = Appointment.objects.on(today).filter(
        Q(staff__left_on=None) | Q(staff__left_on__gt=today),
        section=section_pk,
        staff__is_active=True,
    )
    chiefs = held.filter(office=Office.SECTION_CHIEF).values("staff")
    deputies = Deputation.objects.on(today).filter(
        section=section_pk, office=Office.SECTION_CHIEF, principal__in=chiefs
    )
    people = Staff.objects.on_roll(today).filter(is_active=True).in_office_order()
    found = list(people.filter(Q(pk__in=chiefs) | Q(pk__in=deputies.values("deputy"))))
    leaders = held.filter(office=Office.LEADER_IN_CHARGE).values("staff")
    return found or list(people.filter(pk__in=leaders))


def _reason(text: str) -> str:
    text = text.strip()
    if len(text) > 200:
        raise Refused(_("理由请写在200字以内。"), field="reason")
    return text
