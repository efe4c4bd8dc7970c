"""The rule book of a unit: proposed, mended, approved by a second person, sealed by its first use,
retired."""

import hashlib
from datetime import date
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers.models import PointEntry, ReportPolicy
from scheme import audit, clock, notices
from scheme.access import Anchor, can, require
from scheme.errors import Refused
from scheme.models import Appointment, SectionMembership, Staff, Unit
from scheme.offices import Office
from scoring import rulechecks
from scoring.contents import CAPS, RULE, SETTINGS, TIER, Content, canonical, content_of
from scoring.exports import rules as workbook
from scoring.models import Rule, RuleBook, Tier

__all__ = ["CAPS", "RULE", "SETTINGS", "TIER", "Content", "canonical", "content_of"]


def digest_of(book: RuleBook, in_force_from: date) -> str:
    head = f"{book.version} {in_force_from.isoformat()}\n"
    return hashlib.sha256((head + canonical(content_of(book))).encode()).hexdigest()


@transaction.atomic
def propose(unit: Unit, content: Content, *, by: Staff) -> RuleBook:
    """A new draft with these rules."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    require(by, "rulebook.propose", Anchor(unit.pk))
    # A discarded draft's number is not given out again: the trail speaks of it.
    rows = (RuleBook.objects, RuleBook.history)
    last = max(kept.filter(unit=unit).aggregate(last=Max("version"))["last"] or 0 for kept in rows)
    book = RuleBook.objects.create(
        unit=unit,
        version=last + 1,
        title=content.title,
        proposed_by=by,
        proposed_at=clock.now(),
        **content.settings,
    )
    for position, row in enumerate(content.rules, 1):
        values = {name: row[name] for name in RULE + CAPS}
        rule = Rule.objects.create(book=book, position=position, **values)
        for place, tier in enumerate(row["tiers"], 1):
            Tier.objects.create(rule=rule, position=place, **tier)
    audit.record(by, "rulebook.propose", book, after={"version": book.version})
    return book


@transaction.atomic
def copy_draft(pk: int, *, by: Staff) -> RuleBook:
    """A new draft that says what this version says, to be edited."""
    book = RuleBook.objects.get(pk=pk)
    Unit.objects.select_for_update(no_key=True).get(pk=book.unit_id)
    require(by, "rulebook.propose", Anchor(book.unit_id))
    draft = RuleBook.objects.filter(unit=book.unit_id, state=RuleBook.State.DRAFT).first()
    if draft:
        raise Refused(
            _("第%(version)s版还是草案，请先改完它再另拟一版。") % {"version": draft.version}
        )
    return propose(book.unit, content_of(book), by=by)


def _page(book: RuleBook) -> str:
    return reverse("scoring:rulebook_detail", args=[book.pk])


def approvers_sections(unit: Unit) -> list[int]:
    """The personnel office's own sections; their leader in charge approves the rules."""
    today = clock.today()
    held = Appointment.objects.on(today).filter(
        office=Office.PERSONNEL_OFFICE, staff__unit=unit, staff__left_on=None
    )
    of_them = SectionMembership.objects.on(today).filter(staff__in=held.values("staff"))
    return sorted(set(of_them.values_list("section_id", flat=True)))


def may_decide(by: Staff, verb: str, book: RuleBook) -> bool:
    """Is it one of the leaders whose say the book needs, in its present state?"""
    return any(can(by, verb, book.anchor(section)) for section in approvers_sections(book.unit))


def approvers(unit: Unit) -> list[Staff]:
    """The leaders in charge of the personnel office."""
    held = Appointment.objects.on(clock.today()).filter(
        office=Office.LEADER_IN_CHARGE, section__in=approvers_sections(unit), staff__left_on=None
    )
    return list(Staff.objects.filter(pk__in=held.values("staff")))


def _draft(pk: int) -> RuleBook:
    book = locked(pk)
    if book.state != RuleBook.State.DRAFT:
        raise Refused(_("这一版已经批准，不能再改。"), conflict=True)
    return book


@transaction.atomic
def send_back(pk: int, *, by: Staff, reason: str) -> RuleBook:
    """The leader wants the draft mended; until it is handed in again it cannot be approved."""
    book = _draft(pk)
    if not may_decide(by, "rulebook.approve", book):
        raise PermissionDenied(_("积分细则由分管机关人事科的领导退回。"))
    if book.returned_at:
        raise Refused(_("这一版已经退回了。"), conflict=True)
    reason = checked_reason(reason, _("请写明退回的理由，拟订人才知道改哪里。"))
    book.returned_by, book.returned_at, book.return_reason = by, clock.now(), reason
    book.save(update_fields=["returned_by", "returned_at", "return_reason"])
    audit.record(by, "rulebook.return", book, reason=reason)
    notices.tell(
        book.proposed_by,
        f"rulebook:{book.pk}:returned:{book.returned_at.isoformat()}",
        lambda: (
            _("积分细则第%(version)s版草案退回修改：%(reason)s")
            % {"version": book.version, "reason": reason}
        ),
        url=_page(book),
    )
    return book


@transaction.atomic
def hand_in(pk: int, *, by: Staff) -> RuleBook:
    """A draft that was sent back goes to the leaders again."""
    book = _draft(pk)
    require(by, "rulebook.propose", book.anchor())
    if not book.returned_at:
        raise Refused(_("这一版没有退回，不用再送。"), conflict=True)
    sent_back_at = book.returned_at.isoformat()
    book.returned_by, book.returned_at, book.return_reason = None, None, ""
    book.save(update_fields=["returned_by", "returned_at", "return_reason"])
    audit.record(by, "rulebook.hand_in", book)
    notices.tell_all(
        approvers(book.unit),
        f"rulebook:{book.pk}:handed_in:{sent_back_at}",
        lambda: _("积分细则第%(version)s版草案已改好，请批准") % {"version": book.version},
        url=_page(book),
    )
    return book


@transaction.atomic
def discard(pk: int, *, by: Staff, reason: str) -> None:
    """Throws a draft away. What it said stays in the history, and its number is not used again."""
    book = _draft(pk)
    require(by, "rulebook.propose", book.anchor())
    reason = checked_reason(reason, _("请写明作废的理由。"))
    before = {"version": book.version, "title": book.title, "rules": book.rules.count()}
    audit.record(by, "rulebook.discard", book, before=before, reason=reason)
    book.delete()


@transaction.atomic
def switch(pk: int, *, enabled: bool, by: Staff) -> Rule:
    """Turns one rule of a draft on or off as a whole, all its tiers."""
    book = _draft(Rule.objects.values_list("book_id", flat=True).get(pk=pk))
    require(by, "rulebook.propose", book.anchor())
    rule = book.rules.get(pk=pk)
    changed = list(rule.tiers.exclude(enabled=enabled))
    if not rule.tiers.exists():
        raise Refused(_("这条规则还没有分值档，没有什么可以开关。"))
    for tier in changed:
        tier.enabled = enabled
        tier.save(update_fields=["enabled"])
    if changed:
        before, after = {"enabled": not enabled}, {"enabled": enabled, "tiers": len(changed)}
        audit.record(by, "rule.switch", rule, before=before, after=after, unit=book.unit)
    return rule


@transaction.atomic
def approve(pk: int, *, by: Staff, in_force_from: date) -> RuleBook:
    """The second pair of eyes. From here on the book is fixed; the report deadlines go with it."""
    book = locked(pk)
    if book.state != RuleBook.State.DRAFT:
        raise Refused(_("这一版已经批准过了。"), conflict=True)
    if not may_decide(by, "rulebook.approve", book):
        raise PermissionDenied(_("积分细则由分管机关人事科的领导批准。"))
    if by == book.proposed_by:
        raise Refused(_("拟订人不能批准自己拟订的细则。"))
    if book.returned_at:
        raise Refused(_("这一版已退回修改，等机关人事科改好再送。"), conflict=True)
    blocking = [finding for finding in rulechecks.findings(book) if finding.blocking]
    if blocking:
        first = blocking[0]
        raise Refused(
            _("细则还不能批准。%(code)s：%(text)s") % {"code": first.code, "text": first.text}
        )
    _refuse_to_reach_back(book, in_force_from)
    book.state = RuleBook.State.APPROVED
    book.approved_by, book.approved_at = by, clock.now()
    book.in_force_from = in_force_from
    book.digest = digest_of(book, in_force_from)
    book.save()
    _write_policy(book, in_force_from)
    after = {"in_force_from": in_force_from.isoformat(), "digest": book.digest}
    audit.record(by, "rulebook.approve", book, before={"state": "draft"}, after=after)
    notices.tell(
        book.proposed_by,
        f"rulebook:{book.pk}:approved",
        lambda: _("积分细则第%(version)s版已批准") % {"version": book.version},
        url=_page(book),
    )
    return book


def checked_reason(reason: str, missing: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused(missing, field="reason")
    if len(reason) > 500:
        raise Refused(_("理由至多500个字。"), field="reason")
    return reason


def locked(pk: int) -> RuleBook:
    """The unit's row first, as everybody takes it: nothing is posted while rules change."""
    unit = RuleBook.objects.values_list("unit_id", flat=True).get(pk=pk)
    Unit.objects.select_for_update(no_key=True).get(pk=unit)
    return RuleBook.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)


def _refuse_to_reach_back(book: RuleBook, day: date) -> None:
    """Days already posted keep the rules they were posted by."""
    posted = PointEntry.objects.filter(unit=book.unit, event_on__gte=day).order_by("-event_on")
    last = posted.values_list("event_on", flat=True).first()
    if last:
        raise Refused(
            _("到%(day)s的积分已按原细则入账，施行日期要晚于这一天。") % {"day": last},
            field="in_force_from",
        )
    later = RuleBook.objects.holding().filter(unit=book.unit, in_force_from__gte=day).first()
    if later:
        text = (
            _("第%(version)s版已用来计分，自%(day)s起施行，请选更晚的日期。")
            if later.sealed_at
            else _("第%(version)s版已批准自%(day)s起施行，请先停用它，或者选更晚的日期。")
        )
        raise Refused(
            text % {"version": later.version, "day": later.in_force_from}, field="in_force_from"
        )


def _write_policy(book: RuleBook, day: date) -> None:
    ReportPolicy.objects.create(
        unit=book.unit,
        in_force_from=day,
        cutoff=book.report_cutoff,
        backfill_days=book.backfill_days,
    )


@transaction.atomic
def seal(pk: int, *, by: Staff | None) -> RuleBook:
    """Marks the first use; done again it changes nothing."""
    book = locked(pk)
    if book.state != RuleBook.State.APPROVED:
        raise Refused(_("只有已批准的细则才能用来计分。"))
    if book.sealed_at is None:
        book.sealed_at = clock.now()
        book.save(update_fields=["sealed_at"])
        audit.record(by, "rulebook.seal", book, after={"digest": book.digest})
    return book


@transaction.atomic
def retire(pk: int, *, by: Staff, reason: str) -> RuleBook:
    """Puts a version away. One that nothing was counted by is as if it had never held: the one
    before holds again, with its report deadlines. One that was used must be superseded, and goes
    on pricing its own days."""
    book = locked(pk)
    if book.state != RuleBook.State.APPROVED:
        raise Refused(_("只有已批准的细则才能停用。"), conflict=True)
    if not may_decide(by, "rulebook.retire", book):
        raise PermissionDenied(_("积分细则由分管机关人事科的领导停用。"))
    reason = checked_reason(reason, _("请写明停用的理由。"))
    if book.sealed_at:
        if not is_superseded(book):
            raise Refused(
                _("这一版已用来计分，还没有新版接上，不能停用。请另拟一版，施行后再停用它。")
            )
    else:
        _refuse_to_wake_a_retired_one(book)
    book.state = RuleBook.State.RETIRED
    book.retired_by, book.retired_at, book.retire_reason = by, clock.now(), reason
    book.save(update_fields=["state", "retired_by", "retired_at", "retire_reason"])
    if not book.sealed_at and (before := _holding_before(book)):
        _write_policy(before, book.in_force_from)
    audit.record(
        by,
        "rulebook.retire",
        book,
        before={"state": "approved"},
        after={"state": "retired", "used": bool(book.sealed_at)},
        reason=reason,
    )
    notices.tell(
        book.proposed_by,
        f"rulebook:{book.pk}:retired",
        lambda: (
            _("积分细则第%(version)s版已停用：%(reason)s")
            % {"version": book.version, "reason": reason}
        ),
        url=_page(book),
    )
    return book


def is_superseded(book: RuleBook) -> bool:
    """Does a later version hold today?"""
    today = clock.today()
    in_force = RuleBook.objects.in_force(book.unit, today)
    return book.in_force_from <= today and in_force is not None and in_force != book


def _holding_before(book: RuleBook) -> RuleBook | None:
    others = RuleBook.objects.exclude(pk=book.pk)
    return others.in_force(book.unit, book.in_force_from)


def _refuse_to_wake_a_retired_one(book: RuleBook) -> None:
    """The days of an unused version fall back to the one before it, which must still stand."""
    before = _holding_before(book)
    if before and before.state == RuleBook.State.RETIRED:
        raise Refused(
            _("停用这一版就要退回第%(version)s版，而它已停用。请另拟一版接上。")
            % {"version": before.version}
        )


@transaction.atomic
def export(pk: int, path: Path, *, by: Staff) -> RuleBook:
    """The version as a workbook that reads back as what it is. One line in the trail."""
    book = RuleBook.objects.select_related("unit", "proposed_by", "approved_by").get(pk=pk)
    require(by, "rulebook.read", book.anchor())
    workbook.write(book, path)
    audit.record(by, "rulebook.export", book, after={"version": book.version})
    return book
