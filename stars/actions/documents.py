"""The documents of a round, made on demand: a line in the trail for each that goes out."""

import re
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from ledgers.actions.circular_steps import next_mark
from scheme import access, audit, clock
from scheme.errors import Refused
from scheme.models import Appointment, SectionMembership, Unit
from scheme.offices import Office
from scheme.roles import Role
from stars import recusal
from stars.exports import circular as circulars
from stars.exports import dossier as dossiers
from stars.exports import memo as memos
from stars.exports import notice as notices_
from stars.models import Nomination, Publication, Recusal, Revocation, Round

S = Round.State
LONGEST_CONTACT = 200
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


class File(NamedTuple):
    name: str
    content: bytes


# In which states a round has which document.
AT = {
    "notice": (S.PUBLICITY, S.PUBLISHED),
    "memo": (S.AT_COMMITTEE, S.PUBLICITY, S.PUBLISHED),
    "circular": (S.PUBLISHED,),
}


def available(round_: Round) -> list[str]:
    return [name for name, states in AT.items() if round_.state in states]


def contact_of(round_: Round) -> str:
    """How to object: as written for this round, else as it was in the newest one before."""
    if round_.contact:
        return round_.contact
    earlier = Round.objects.filter(unit=round_.unit_id, half__lt=round_.half).exclude(contact="")
    return earlier.order_by("-half").values_list("contact", flat=True).first() or ""


@transaction.atomic
def set_contact(pk: int, *, by, contact: str) -> Round:
    """Where and how to object. No rule: it may be put right at any time, also when sealed."""
    round_ = Round.objects.select_for_update().get(pk=pk)
    access.require(by, "round.manage", round_.anchor())
    contact = " ".join(contact.replace("\x00", "").split())
    if not contact:
        raise Refused(_("请写明受理异议的地点、电话和时间。"), field="contact")
    if len(contact) > LONGEST_CONTACT:
        text = _("最多%(n)s字。") % {"n": LONGEST_CONTACT}
        raise Refused(text, field="contact")
    before, round_.contact = round_.contact, contact
    round_.save(update_fields=["contact"])
    audit.record(
        by, "round.contact", round_, before={"contact": before}, after={"contact": contact}
    )
    return round_


def _open(pk: int, by, kind: str) -> Round:
    round_ = Round.objects.visible_to(by).select_related("unit").get(pk=pk)
    access.require(by, "round.document", round_.anchor())
    if round_.state not in AT[kind]:
        raise Refused(_("这一阶段还没有这份文件。"), conflict=True)
    return round_


def _goes_out(by, round_: Round, kind: str, title: str, content: bytes) -> File:
    audit.record(by, "round.document", round_, after={"document": kind})
    return File(f"{_UNFIT.sub('', title)}.docx", content)


@transaction.atomic
def notice(pk: int, *, by) -> File:
    """公示."""
    round_ = _open(pk, by, "notice")
    placed = Nomination.objects.filter(round=round_, decision__placed=True).select_related(
        "star", "person", "section"
    )
    content = notices_.word(round_, list(_in_order(placed)), contact_of(round_))
    return _goes_out(by, round_, "notice", notices_.title_of(round_), content)


@transaction.atomic
def memo(pk: int, *, by) -> File:
    """请示. What its maker stands back from is not in it, and it says so."""
    round_ = _open(pk, by, "memo")
    everything = Nomination.objects.filter(round=round_, branch_outcome__isnull=False)
    kept = everything
    if round_.state == S.AT_COMMITTEE:
        back = Recusal.objects.filter(nomination=OuterRef("pk"), staff=by, lifted_at=None)
        kept = everything.exclude(Exists(back.filter(body="committee")))
    nominated = list(
        _in_order(kept)
        .select_related("star", "person", "section", "branch", "branch_outcome", "decision")
        .prefetch_related("clearances")
    )
    asked = [one for one in nominated if one.state == "at_committee" or hasattr(one, "decision")]
    content = memos.word(
        round_,
        asked,
        nominated,
        office=_office(round_.unit),
        partial=len(nominated) < everything.count(),
    )
    return _goes_out(by, round_, "memo", memos.title_of(round_), content)


@transaction.atomic
def circular(pk: int, *, by) -> File:
    """通报 of the newest edition."""
    round_ = _open(pk, by, "circular")
    publication = Publication.objects.filter(round=round_).order_by("-edition").first()
    if publication is None:
        raise Refused(_("结果还没有公布。"), conflict=True)
    revoked = Revocation.objects.filter(
        award__round=round_, state=Revocation.State.APPROVED
    ).select_related("award__star", "award__person", "award__section")
    content = circulars.word(
        publication, list(revoked.order_by("decided_at")), mark=next_mark(round_.unit)
    )
    return _goes_out(by, round_, "circular", circulars.title_of(publication), content)


@transaction.atomic
def dossier(pk: int, *, by) -> File:
    """推荐材料, as frozen when it was submitted. Whoever may not see the nomination finds none."""
    one = (
        Nomination.objects.visible_to(by)
        .select_related(
            "round", "star", "person", "section", "branch", "branch_outcome", "decision"
        )
        .get(pk=pk)
    )
    access.require(by, "nomination.read", one.anchor())
    frozen = one.dossiers.order_by("-version").first()
    if frozen is None:
        raise Refused(_("还没有提交，没有定稿的材料。"), conflict=True)
    decides = access.has_role(by, Role.COMMITTEE) or access.has_role(by, Role.PERSONNEL)
    # How it goes is not for the nominee, nor for an author who stands back from it.
    decides = decides and by.pk != one.person_id and not recusal.is_blind(one, by)
    content = dossiers.word(one, frozen, outcome=dossiers.outcome_of(one, counts=decides))
    audit.record(by, "nomination.document", one, after={"digest": frozen.digest})
    name = f"{one.nominee.name}{dossiers.title_of(one)}"
    return File(f"{_UNFIT.sub('', name)}.docx", content)


def _in_order(rows):
    """As on the wall: stars, sections before people, each in the order of the office."""
    return rows.order_by(
        "star__position", "-kind", "person__sort_weight", "section__position", "pk"
    )


def _office(unit: Unit) -> str:
    """The section that signs: the personnel office's own name."""
    today = clock.today()
    holders = Appointment.objects.on(today).filter(office=Office.PERSONNEL_OFFICE, staff__unit=unit)
    row = (
        SectionMembership.objects.on(today)
        .filter(staff__in=holders.values("staff"))
        .select_related("section")
        .order_by("section__position", "pk")
        .first()
    )
    return row.section.name if row else "机关人事科"
