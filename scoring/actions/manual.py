"""Entries that no ledger yields: proposed by the personnel office, approved by the leader in charge
of it. Nobody has a hand in an entry of their own, and nobody holds both ends of one."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers.actions import quarters
from ledgers.models import PointEntry
from scheme import audit, clock, notices
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import Appointment, Section, Staff, Unit
from scheme.offices import Office
from scheme.templatetags.look import signed
from scoring import manuals
from scoring.actions import rulebooks
from scoring.models import ManualEntry, Rule

State = ManualEntry.State
PREFIX = "manual:"
LONGEST = ManualEntry._meta.get_field("reason").max_length


@transaction.atomic
def propose(
    unit: Unit,
    *,
    person: Staff | None = None,
    section: Section | None = None,
    rule_code: str,
    points: Decimal,
    event_on: date,
    matter: str,
    reason: str,
    basis: str,
    by: Staff,
) -> ManualEntry:
    """The first pair of hands. Nothing is in the book before another person approves."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    require(by, "manual.propose", Anchor(unit.pk))
    if (person is None) == (section is None):
        raise Refused(_("请选一个人或一个科室。"))
    said = {"matter": matter.strip(), "reason": reason.strip(), "basis": basis.strip()}
    for name, text in said.items():
        if not text:
            raise Refused(_("事项、理由和依据都要写明。"), field=name)
    if person == by:
        raise Refused(_("不能给自己记分，请本科室另一位同志提出。"))
    manual = ManualEntry(
        unit=unit,
        person=person,
        section=section,
        rule_code=rule_code,
        points=points,
        event_on=event_on,
        proposed_by=by,
        proposed_at=clock.now(),
        **said,
    )
    manuals.rule_for(manual)
    manual.save()
    return _proposed(manual)


@transaction.atomic
def propose_reversal(entry_pk: int, *, reason: str, by: Staff) -> ManualEntry:
    """Takes back a manual entry, to the cent. Others are put right where their fact stands."""
    entry = PointEntry.objects.select_related("unit").get(pk=entry_pk)
    Unit.objects.select_for_update(no_key=True).get(pk=entry.unit_id)
    require(by, "manual.propose", Anchor(entry.unit_id))
    if not entry.source.startswith(PREFIX):
        raise Refused(
            _("这笔分由%(ledger)s产生，请到那里更正，积分账会自动冲销。")
            % {"ledger": manuals.ledger_of(entry.source)}
        )
    if entry.reverses_id:
        raise Refused(_("冲销的分录不能再冲销，需要时另提一笔。"))
    if PointEntry.objects.filter(reverses=entry).exists():
        raise Refused(_("这笔分已经冲销。"), conflict=True)
    if ManualEntry.objects.filter(reverses=entry, state=State.PROPOSED).exists():
        raise Refused(_("已经有人提出冲销，正等批准。"), conflict=True)
    if entry.person_id == by.pk:
        raise Refused(_("不能冲销自己的分，请本科室另一位同志提出。"))
    if not 0 < len(reason.strip()) <= LONGEST:
        text = _("请写明冲销的理由，不超过%(n)s字。")
        raise Refused(text % {"n": LONGEST}, field="reason")
    first = ManualEntry.objects.get(entry=entry)
    manual = ManualEntry.objects.create(
        unit=entry.unit,
        person_id=entry.person_id,
        section_id=entry.section_id,
        rule_code=entry.rule_code,
        points=-entry.points,
        event_on=entry.event_on,
        matter=first.matter,
        reason=reason.strip(),
        basis=first.basis,
        reverses=entry,
        proposed_by=by,
        proposed_at=clock.now(),
    )
    return _proposed(manual)


@transaction.atomic
def reverse_decided(
    entry: PointEntry, *, basis: str, reason: str, proposed_by: Staff, by: Staff
) -> ManualEntry:
    """Reverses a manual entry that the committee decided to take back: proposed and approved in
    one. `taking_back` holds the unit's row and has asked for the right."""
    if by == proposed_by:
        raise Refused(_("提出人不能批准自己提出的手工记分。"))
    if entry.person_id in (by.pk, proposed_by.pk):
        raise Refused(_("不能冲销自己的分，请本科室另一位同志提出。"))
    if ManualEntry.objects.filter(reverses=entry, state=State.PROPOSED).exists():
        raise Refused(_("已经有人提出冲销，正等批准。"), conflict=True)
    at = clock.now()
    reversal = ManualEntry(
        unit=entry.unit,
        person_id=entry.person_id,
        section_id=entry.section_id,
        rule_code=entry.rule_code,
        points=-entry.points,
        event_on=entry.event_on,
        matter=ManualEntry.objects.get(entry=entry).matter,
        reason=reason[:LONGEST],
        basis=basis,
        reverses=entry,
        proposed_by=proposed_by,
        proposed_at=at,
    )
    # The entry names its paper, so the paper comes first.
    reversal.save()
    reversal.entry = _entry(reversal, None, by, at)
    reversal.state, reversal.decided_by, reversal.decided_at = State.APPROVED, by, at
    reversal.save(update_fields=["entry", "state", "decided_by", "decided_at"])
    after = {"entry": reversal.entry_id, "points": f"{reversal.points:.2f}", "reverses": entry.pk}
    audit.record(by, "manual.reverse_decided", reversal, after=after, reason=reversal.reason)
    notices.tell_all(
        _concerned(reversal),
        f"manual:{reversal.pk}:posted",
        lambda: _("%(matter)s：%(points)s分已入账") % _words(reversal),
        url=_points_url(reversal),
    )
    return reversal


@transaction.atomic
def approve(pk: int, *, by: Staff) -> ManualEntry:
    """The second pair of hands. The entry goes into the book, in the quarter of its day or the next
    open one, and names both."""
    manual = _waiting(pk, by)
    rule = None if manual.reverses_id else manuals.rule_for(manual)
    at = clock.now()
    manual.entry = _entry(manual, rule, by, at)
    manual.state = State.APPROVED
    manual.decided_by, manual.decided_at = by, at
    manual.save(update_fields=["entry", "state", "decided_by", "decided_at"])
    after = {"entry": manual.entry_id, "points": f"{manual.points:.2f}"}
    audit.record(by, "manual.approve", manual, before={"state": "proposed"}, after=after)
    _tell_proposer(manual, lambda: _("手工记分已批准：%(matter)s"))
    notices.tell_all(
        _concerned(manual),
        f"manual:{manual.pk}:posted",
        lambda: _("%(matter)s：%(points)s分已入账") % _words(manual),
        url=_points_url(manual),
    )
    return manual


@transaction.atomic
def refuse(pk: int, *, answer: str, by: Staff) -> ManualEntry:
    manual = _waiting(pk, by)
    if not 0 < len(answer.strip()) <= LONGEST:
        text = _("请写明不批准的理由，不超过%(n)s字。")
        raise Refused(text % {"n": LONGEST}, field="answer")
    manual.state = State.REFUSED
    manual.decided_by, manual.decided_at, manual.answer = by, clock.now(), answer.strip()
    manual.save(update_fields=["state", "decided_by", "decided_at", "answer"])
    audit.record(
        by,
        "manual.refuse",
        manual,
        before={"state": "proposed"},
        after={"state": "refused"},
        reason=manual.answer,
    )
    _tell_proposer(manual, lambda: _("手工记分未批准：%(matter)s"))
    return manual


@transaction.atomic
def withdraw(pk: int, *, by: Staff) -> ManualEntry:
    """By whoever proposed it, while nobody has decided."""
    manual = _locked(pk)
    require(by, "manual.propose", Anchor(manual.unit_id))
    if by != manual.proposed_by:
        raise PermissionDenied(_("只有提出人能撤回。"))
    _still_proposed(manual)
    manual.state = State.WITHDRAWN
    manual.save(update_fields=["state"])
    states = {"before": {"state": "proposed"}, "after": {"state": "withdrawn"}}
    audit.record(by, "manual.withdraw", manual, **states)
    return manual


def _locked(pk: int) -> ManualEntry:
    """The unit's row first, as posting and closing take it."""
    unit = ManualEntry.objects.values_list("unit_id", flat=True).get(pk=pk)
    Unit.objects.select_for_update(no_key=True).get(pk=unit)
    rows = ManualEntry.objects.select_for_update(of=("self",))
    return rows.select_related("unit", "person", "section", "proposed_by", "reverses").get(pk=pk)


def _waiting(pk: int, by: Staff) -> ManualEntry:
    """The row, for whoever may decide on it now."""
    manual = _locked(pk)
    _still_proposed(manual)
    if by == manual.proposed_by:
        raise Refused(_("提出人不能批准自己提出的手工记分。"))
    if by == manual.person:
        raise Refused(_("不能批准给自己记分。"))
    if not manuals.may_decide(by, manual):
        raise PermissionDenied(_("手工记分由分管机关人事科的领导批准。"))
    return manual


def _still_proposed(manual: ManualEntry) -> None:
    if manual.state != State.PROPOSED:
        raise Refused(
            _("这笔手工记分%(state)s，不用再办。") % {"state": manual.get_state_display()},
            conflict=True,
        )


def _entry(manual: ManualEntry, rule: Rule | None, by: Staff, at) -> PointEntry:
    quarter = quarters.counting(manual.unit, manual.event_on)
    fact = {
        "manual": manual.pk,
        "matter": manual.matter,
        "reason": manual.reason,
        "basis": manual.basis,
        "proposer": manual.proposed_by.name,
        "approver": by.name,
    }
    first = manual.reverses
    if first:
        named = ("star_id", "kind", "rule_code", "rule_title", "book_version", "source", "item")
        values = {name: getattr(first, name) for name in (*named, "row", "posting")}
    else:
        source = f"{PREFIX}{manual.pk}"
        values = {
            "star_id": rule.star_id,
            "kind": rule.kind,
            "rule_code": rule.code,
            "rule_title": rule.title,
            "book_version": rule.book.version,
            "source": source,
            "item": source,
        }
    entry = PointEntry.objects.create(
        unit=manual.unit,
        person=manual.person,
        section=manual.section,
        points=manual.points,
        event_on=manual.event_on,
        quarter=quarter,
        fact=fact,
        reverses=first,
        proposed_by=manual.proposed_by,
        approved_by=by,
        note=manual.matter,
        posted_at=at,
        **values,
    )
    if rule and rule.book.sealed_at is None:
        rulebooks.seal(rule.book_id, by=None)
    return entry


def _words(manual: ManualEntry) -> dict[str, str]:
    return {"matter": manual.matter, "points": signed(manual.points)}


def _proposed(manual: ManualEntry) -> ManualEntry:
    """Leaves its line in the trail and tells those who decide."""
    by = manual.proposed_by
    after = {
        "person": manual.person_id,
        "section": manual.section_id,
        "rule": manual.rule_code,
        "points": f"{manual.points:.2f}",
        "event_on": manual.event_on.isoformat(),
        "reverses": manual.reverses_id,
    }
    audit.record(by, "manual.propose", manual, after=after, reason=manual.reason)
    notices.tell_all(
        [
            one
            for one in rulebooks.approvers(manual.unit)
            if one.pk not in (by.pk, manual.person_id)
        ],
        f"manual:{manual.pk}:proposed",
        lambda: _("手工记分待批准：%(matter)s，%(points)s分") % _words(manual),
        url=reverse("scoring:manual_detail", args=[manual.pk]),
    )
    return manual


def _tell_proposer(manual: ManualEntry, say) -> None:
    notices.tell(
        manual.proposed_by,
        f"manual:{manual.pk}:{manual.state}",
        lambda: say() % _words(manual),
        url=reverse("scoring:manual_detail", args=[manual.pk]),
    )


def _concerned(manual: ManualEntry) -> Iterable[Staff]:
    """The person, or whoever heads the section."""
    if manual.person:
        return [manual.person]
    chiefs = Appointment.objects.on(clock.today()).filter(
        office=Office.SECTION_CHIEF, section=manual.section
    )
    return Staff.objects.filter(pk__in=chiefs.values("staff"))


def _points_url(manual: ManualEntry) -> str:
    if manual.person_id:
        return reverse("scoring:points_mine")
    return reverse("scoring:points_section", args=[manual.section_id])
