"""The rule book of a unit: proposed, approved by a second person, sealed by its first use."""

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from ledgers.models import PointEntry, ReportPolicy
from scheme import audit, clock, notices
from scheme.access import Anchor, can, require
from scheme.errors import Refused
from scheme.models import Appointment, SectionMembership, Staff, Unit
from scheme.offices import Office
from scoring import rulechecks
from scoring.models import Rule, RuleBook, Tier

SETTINGS = ("bonus_cap", "report_cutoff", "backfill_days", "talk_min_ratings", "talk_good_line")
RULE = ("code", "kind", "subject", "star_id", "title", "trigger")
CAPS = ("cap_item", "cap_quarter", "cap_half", "stacking")
TIER = ("level", "role", "points", "enabled", "clause")


class Content(NamedTuple):
    """A rule book as plain values: a rule is a dict of RULE and CAPS, its `tiers` dicts of TIER."""

    title: str
    settings: dict
    rules: list[dict]


def content_of(book: RuleBook) -> Content:
    rules = [
        {name: getattr(rule, name) for name in RULE + CAPS}
        | {"tiers": [{name: getattr(tier, name) for name in TIER} for tier in rule.tiers.all()]}
        for rule in book.rules.prefetch_related("tiers")
    ]
    return Content(book.title, {name: getattr(book, name) for name in SETTINGS}, rules)


def canonical(content: Content) -> str:
    """The one way to write the content down; the digest is taken of it."""

    def plain(value):
        return f"{value:.2f}" if isinstance(value, Decimal) else value.isoformat()

    return json.dumps(
        content._asdict(), default=plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def digest_of(book: RuleBook, in_force_from: date) -> str:
    head = f"{book.version} {in_force_from.isoformat()}\n"
    return hashlib.sha256((head + canonical(content_of(book))).encode()).hexdigest()


@transaction.atomic
def propose(unit: Unit, content: Content, *, by: Staff) -> RuleBook:
    """A new draft with these rules."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    require(by, "rulebook.propose", Anchor(unit.pk))
    last = RuleBook.objects.filter(unit=unit).aggregate(last=Max("version"))["last"] or 0
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


@transaction.atomic
def approve(pk: int, *, by: Staff, in_force_from: date) -> RuleBook:
    """The second pair of eyes. From here on the book is fixed; the report deadlines go with it."""
    book = _locked(pk)
    if book.state != RuleBook.State.DRAFT:
        raise Refused(_("这一版已经批准过了。"), conflict=True)
    if not may_decide(by, "rulebook.approve", book):
        raise PermissionDenied(_("积分细则由分管机关人事科的领导批准。"))
    if by == book.proposed_by:
        raise Refused(_("拟订人不能批准自己拟订的细则。"))
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
    )
    return book


def _locked(pk: int) -> RuleBook:
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
    later = RuleBook.objects.filter(
        unit=book.unit, state=RuleBook.State.APPROVED, in_force_from__gte=day
    ).first()
    if later:
        raise Refused(
            _("第%(version)s版已批准自%(day)s起施行，请先停用它，或者选更晚的日期。")
            % {"version": later.version, "day": later.in_force_from},
            field="in_force_from",
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
    book = _locked(pk)
    if book.state != RuleBook.State.APPROVED:
        raise Refused(_("只有已批准的细则才能用来计分。"))
    if book.sealed_at is None:
        book.sealed_at = clock.now()
        book.save(update_fields=["sealed_at"])
        audit.record(by, "rulebook.seal", book, after={"digest": book.digest})
    return book


@transaction.atomic
def retire(pk: int, *, by: Staff, reason: str) -> RuleBook:
    """Takes back an approved version that nothing has been counted by; the one before holds again,
    with its report deadlines."""
    book = _locked(pk)
    if book.state != RuleBook.State.APPROVED:
        raise Refused(_("只有已批准的细则才能停用。"), conflict=True)
    if not may_decide(by, "rulebook.retire", book):
        raise PermissionDenied(_("积分细则由分管机关人事科的领导停用。"))
    if book.sealed_at:
        raise Refused(_("这一版已用来计分，不能停用。请另拟一版，从新的日期起施行。"))
    if not reason.strip():
        raise Refused(_("请写明停用的理由。"), field="reason")
    book.state = RuleBook.State.RETIRED
    book.save(update_fields=["state"])
    before = RuleBook.objects.in_force(book.unit, book.in_force_from)
    if before:
        _write_policy(before, book.in_force_from)
    audit.record(
        by,
        "rulebook.retire",
        book,
        before={"state": "approved"},
        after={"state": "retired"},
        reason=reason,
    )
    return book
