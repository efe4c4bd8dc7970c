"""A star taken back: proposed by the office on somebody's authority, approved by whoever chairs the
committee. One transaction strikes the star, takes back the points that rested on the same wrong and
publishes another edition; nothing is deleted and nothing printed."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers.models import PointEntry
from scheme import access, audit, clock, notices
from scheme.access import Anchor
from scheme.errors import Refused
from scheme.models import Appointment, SectionMembership, Staff, Unit
from scheme.offices import Office
from scheme.roles import Role
from scoring.actions import taking_back
from stars.models import Award, Revocation, Round
from stars.owing import office_of

from . import results

State = Revocation.State
LIMITS = {"authority": 100, "reason": 300, "answer": 200}
MOST_ENTRIES = 50


@transaction.atomic
def propose(
    award_pk: int, *, by: Staff, authority: str, reason: str, entries: Iterable[int] = ()
) -> Revocation:
    """`entries`: keys of point entries of the winner that rest on the same wrong."""
    award = _award(award_pk)
    access.require(by, "award.revoke", Anchor(award.unit_id, state="proposed"))
    if award.person_id == by.pk:
        raise Refused(_("不能提出撤销自己的星，请机关人事科另一位同志提出。"))
    if award.revocations.exclude(state=State.REFUSED).exists():
        raise Refused(_("这颗星已经提出撤销，或者已经撤销。"), conflict=True)
    chosen = sorted(set(entries))
    if len(chosen) > MOST_ENTRIES:
        raise Refused(_("一次最多冲销%(n)s笔。") % {"n": MOST_ENTRIES}, field="entries")
    if set(chosen) - set(entries_of(award).values_list("pk", flat=True)):
        raise Refused(
            _("有的积分已经冲销，或者不是获星者这个半年的，请刷新后再选。"), field="entries"
        )
    revocation = Revocation.objects.create(
        award=award,
        authority=_said("authority", authority, _("请写明依据：哪次会议、哪份文件。")),
        reason=_said("reason", reason, _("请写明撤销的理由。")),
        entries=chosen,
        proposed_by=by,
        proposed_at=clock.now(),
    )
    audit.record(
        by,
        "award.revoke",
        revocation,
        after={"award": award.number, "authority": revocation.authority, "entries": chosen},
        reason=revocation.reason,
        unit=award.unit,
    )
    notices.tell_all(
        [one for one in chairs_of(award.unit) if not why_not_decided_by(revocation, one)],
        f"revocation:{revocation.pk}:proposed",
        lambda: _("撤销%(number)s（%(who)s，%(star)s）待您批准。") % _words(award),
        url=_url(award),
        icon="exclamation-triangle",
    )
    return revocation


@transaction.atomic
def approve(pk: int, *, by: Staff) -> Revocation:
    """All of its effects, or none: a ledger's entry that still stands is refused by name."""
    revocation = _waiting(pk, by)
    award = revocation.award
    _decide(revocation, by, State.APPROVED, "")
    taken = taking_back.take_back(
        award.unit,
        revocation.entries,
        basis=revocation.authority,
        reason=_("撤销%(number)s：%(reason)s")
        % {"number": award.number, "reason": revocation.reason},
        proposed_by=revocation.proposed_by,
        by=by,
    )
    reason = _("撤销%(number)s，依据%(authority)s。") % {
        "number": award.number,
        "authority": revocation.authority,
    }
    edition = results.republish(award.round, by=by, reason=reason)
    audit.record(
        by,
        "award.revoked",
        revocation,
        before={"state": State.PROPOSED},
        after={
            "state": State.APPROVED,
            "entries": [entry.pk for entry in taken],
            "edition": edition.edition,
        },
        reason=revocation.reason,
        unit=award.unit,
    )
    _tell_winner(revocation)
    _tell_office(revocation, lambda: _("撤销%(number)s（%(who)s，%(star)s）已批准。"))
    return revocation


@transaction.atomic
def refuse(pk: int, *, by: Staff, answer: str) -> Revocation:
    revocation = _waiting(pk, by)
    answer = _said("answer", answer, _("请写明不批准的理由。"))
    _decide(revocation, by, State.REFUSED, answer)
    audit.record(
        by,
        "award.revoke_refused",
        revocation,
        before={"state": State.PROPOSED},
        after={"state": State.REFUSED},
        reason=answer,
        unit=revocation.award.unit,
    )
    _tell_office(revocation, lambda: _("撤销%(number)s（%(who)s，%(star)s）未批准。"))
    return revocation


# --- Asked by the page too


def entries_of(award: Award):
    """The winner's entries of the half-year that stand: what a revocation may name."""
    span = award.round.span
    rows = PointEntry.objects.filter(
        unit=award.unit_id, reverses=None, reversed_by=None, event_on__range=span
    )
    if award.person_id:
        return rows.filter(person=award.person_id)
    return rows.filter(section=award.section_id)


def chairs_of(unit: Unit):
    held = Appointment.objects.on(clock.today()).filter(office=Office.COMMITTEE_CHAIR)
    return Staff.objects.filter(unit=unit, pk__in=held.values("staff"))


def why_not_decided_by(revocation: Revocation, by: Staff) -> str:
    """Not the proposer, nobody about their own star or that of their own section."""
    award = revocation.award
    if by.pk == revocation.proposed_by_id:
        return _("提出人不能批准自己提出的撤销。")
    if by.pk == award.person_id:
        return _("不能批准撤销自己的星。")
    held = SectionMembership.objects.on(clock.today()).filter(staff=by)
    if award.section_id in (
        *held.values_list("section_id", flat=True),
        *access.places(by, Role.CHIEF),
    ):
        return _("获星者与您同一科室，请另一位主持人批准。")
    return ""


# --- Steps


def _award(pk: int) -> Award:
    """The unit's row, which points are posted under, then the round's, then the award's."""
    unit, round_ = Award.objects.values_list("unit_id", "round_id").get(pk=pk)
    Unit.objects.select_for_update(no_key=True).get(pk=unit)
    Round.objects.select_for_update().get(pk=round_)
    rows = Award.objects.select_for_update(of=("self",))
    return rows.select_related("unit", "round", "star", "person", "section").get(pk=pk)


def _waiting(pk: int, by: Staff) -> Revocation:
    """The row, for whoever may decide on it now."""
    award = _award(Revocation.objects.values_list("award_id", flat=True).get(pk=pk))
    revocation = (
        Revocation.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=pk)
    )
    revocation.award = award
    if not access.can(by, "award.revoke_decide", Anchor(award.unit_id, state="proposed")):
        raise PermissionDenied(_("撤销由部务会主持人批准。"))
    if revocation.state != State.PROPOSED:
        raise Refused(_("这件事已经办过。"), conflict=True)
    if why := why_not_decided_by(revocation, by):
        raise Refused(why)
    return revocation


def _decide(revocation: Revocation, by: Staff, state: str, answer: str) -> None:
    revocation.state, revocation.answer = state, answer
    revocation.decided_by, revocation.decided_at = by, clock.now()
    revocation.save(update_fields=["state", "answer", "decided_by", "decided_at"])


def _said(field: str, value: str, empty: str) -> str:
    value = value.strip()
    if not value:
        raise Refused(empty, field=field)
    if len(value) > LIMITS[field]:
        raise Refused(_("请写在%(n)s字以内。") % {"n": LIMITS[field]}, field=field)
    return value


def _words(award: Award) -> dict[str, str]:
    who = award.person or award.section
    return {"number": award.number, "who": who.name, "star": award.star.title}


def _url(award: Award) -> str:
    return reverse("stars:award_detail", args=[award.pk])


def _tell_winner(revocation: Revocation) -> None:
    """The winner; of a section its chiefs, and of a person the chiefs as well, who put it up."""
    award = revocation.award
    people = {*results.chiefs_of([award.section_id])[award.section_id], award.person} - {None}
    notices.tell_all(
        people,
        f"revocation:{revocation.pk}:approved",
        lambda: (
            _("%(who)s的%(star)s（%(number)s）已撤销，依据%(authority)s。证书请交回机关人事科。")
            % {**_words(award), "authority": revocation.authority}
        ),
        url=_url(award),
        icon="exclamation-triangle",
    )


def _tell_office(revocation: Revocation, say) -> None:
    award = revocation.award
    notices.tell_all(
        {*office_of(award.unit_id), revocation.proposed_by},
        f"revocation:{revocation.pk}:{revocation.state}:office",
        lambda: say() % _words(award),
        url=_url(award),
    )
