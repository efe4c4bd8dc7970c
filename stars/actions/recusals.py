"""Standing back on the way: declared by a member, ordered by office or chair, lifted when in error.

All three before the member has judged and before the item is put to the vote: afterwards a recusal
would choose whose word counts by what the word was.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.errors import Refused
from stars import recusal
from stars.models import Box, Nomination, Opinion, Recusal, Round, Seat
from stars.models.round import RecusalKind
from stars.owing import office_of

MAX_REASON = 200


@transaction.atomic
def declare(pk: int, *, by, reason: str) -> Recusal:
    """One asks to stand back and does so at once. Why is for the personnel office alone."""
    one, body = _opened(pk)
    access.require(by, "recusal.declare", one.anchor())
    note = _reason(reason)
    _check_seat(one, body, by.pk)
    _check_not_judged(one, body, by.pk)
    row = _add(one, body, by.pk, RecusalKind.DECLARED, note, by)
    # Never the reason: the trail is read by more people than the office.
    audit.record(by, "recusal.declare", row, after=_facts(row), unit=one.unit)
    back = Recusal.objects.filter(nomination=one, lifted_at=None).values("staff")
    told = office_of(one.unit_id).exclude(pk__in=back).exclude(pk=one.person_id)
    notices.tell_all(
        told,
        f"recusal:{row.pk}:declared",
        lambda: _("%(name)s在%(round)s申请回避一项。") % {"name": by.name, "round": one.round},
        url=reverse("stars:recusal_list", args=[one.round_id]),
        icon="hand-raised",
    )
    return row


@transaction.atomic
def order(pk: int, *, by, staff: int, reason: str) -> Recusal:
    """Office or chair has a member stand back."""
    one, body = _opened(pk)
    access.require(by, "recusal.order", one.anchor())
    _check_impartial(one, body, by)
    note = _reason(reason)
    if staff == by.pk:
        raise Refused(_("本人回避请用“申请回避”。"), field="staff")
    _check_seat(one, body, staff)
    _check_not_judged(one, body, staff)
    row = _add(one, body, staff, RecusalKind.ORDERED, note, by)
    audit.record(by, "recusal.order", row, after=_facts(row), reason=note, unit=one.unit)
    # Not which item: whoever stands back learns nothing more of it.
    notices.tell(
        row.staff,
        f"recusal:{row.pk}:ordered",
        lambda: _("组织决定您在%(round)s回避一项，那一项不再列给您。") % {"round": one.round},
        url=reverse("stars:round_detail", args=[one.round_id]),
        icon="hand-raised",
    )
    return row


@transaction.atomic
def lift(pk: int, *, by, reason: str) -> Recusal:
    """Takes back one that was declared or ordered in error. Those of the rules stand."""
    nomination = Recusal.objects.values_list("nomination_id", flat=True).get(pk=pk)
    one, body = _opened(nomination)
    row = Recusal.objects.select_for_update(of=("self",)).select_related("staff").get(pk=pk)
    access.require(by, "recusal.order", one.anchor())
    _check_impartial(one, body, by)
    why = _reason(reason)
    if row.lifted_at is not None:
        raise Refused(_("这条回避已经撤销。"), conflict=True)
    if row.body != body:
        raise Refused(_("那一阶段已经结束，回避不再撤销。"), conflict=True)
    if row.kind not in recusal.BY_HAND:
        raise Refused(_("依规则回避的不能撤销。"))
    row.lifted_by, row.lifted_at, row.lifted_why = by, clock.now(), why
    row.save(update_fields=["lifted_by", "lifted_at", "lifted_why"])
    audit.record(by, "recusal.lift", row, before=_facts(row), reason=why, unit=one.unit)
    notices.tell(
        row.staff,
        f"recusal:{row.pk}:lifted",
        lambda: _("您在%(round)s的一项回避已撤销，请参加评议。") % {"round": one.round},
        url=reverse("stars:round_detail", args=[one.round_id]),
        icon="hand-raised",
    )
    return row


def _opened(pk: int) -> tuple[Nomination, str]:
    """The nomination and the body it lies before, with the round locked: the same lock that opens
    an item, takes an opinion and ends a stage."""
    round_pk = Nomination.objects.values_list("round_id", flat=True).get(pk=pk)
    Round.objects.select_for_update().get(pk=round_pk)
    one = Nomination.objects.select_related("round", "unit").get(pk=pk)
    body = recusal.BODY_OF.get(one.state)
    if body is None:
        raise Refused(_("这一项现在不在评议，不用回避。"), conflict=True)
    if body == Seat.Body.COMMITTEE and one.boxes.exclude(state=Box.State.VOID).exists():
        raise Refused(_("这一项已经开始表决，回避要在表决之前。"), conflict=True)
    return one, body


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(_("请写明理由。"), field="reason")
    if len(text) > MAX_REASON:
        raise Refused(_("理由请写在200字以内。"), field="reason")
    return text


def _check_seat(one: Nomination, body: str, staff: int) -> None:
    seats = Seat.objects.filter(round=one.round_id, body=body, staff=staff)
    if body == Seat.Body.BRANCH:
        seats = seats.filter(branch=one.branch_id)
    if not seats.exists():
        raise Refused(_("这一项不由这位同志评议，不用回避。"), field="staff")


def _check_not_judged(one: Nomination, body: str, staff: int) -> None:
    if Recusal.objects.filter(nomination=one, body=body, staff=staff, lifted_at=None).exists():
        raise Refused(_("这一项已经回避。"), conflict=True)
    given = body == Seat.Body.BRANCH and Opinion.objects.filter(nomination=one, by=staff).exists()
    if given or one.votes.filter(by=staff).exists():
        raise Refused(_("已经评过的，不再回避。"), conflict=True)


def _check_impartial(one: Nomination, body: str, by) -> None:
    """Nobody chooses the judges of a matter of their own."""
    concerned = {one.person_id, one.made_by_id, one.submitted_by_id}
    back = Recusal.objects.filter(nomination=one, body=body, staff=by, lifted_at=None)
    if by.pk in concerned or back.exists():
        raise PermissionDenied(_("这一项与您有关，请别的同志办理。"))


def _add(one: Nomination, body: str, staff: int, kind: str, note: str, by) -> Recusal:
    return Recusal.objects.create(
        round=one.round,
        body=body,
        nomination=one,
        staff_id=staff,
        kind=kind,
        note=note,
        by=by,
        at=clock.now(),
    )


def _facts(row: Recusal) -> dict:
    return {
        "nomination": row.nomination_id,
        "staff": row.staff_id,
        "body": str(row.body),
        "kind": str(row.kind),
    }


@transaction.atomic
def read(round_: Round, *, by) -> None:
    """The office reads reasons and kinship: a line in the trail."""
    access.require(by, "recusal.order", round_.anchor())
    audit.record(by, "recusal.read", round_)
