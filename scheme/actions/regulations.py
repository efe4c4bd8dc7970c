"""A regulation's life: drafted by the personnel office or the owner section's chief, handed in, put
in force by a leader in charge who had no hand in it, revised, abolished. Then its words are fixed.
"""

from datetime import date
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from scheme import audit, clauses, clock, notices, regulations
from scheme.access import Anchor, require
from scheme.actions import library
from scheme.errors import Refused
from scheme.models import (
    AuditEntry,
    Clause,
    Regulation,
    RegulationVersion,
    Section,
    Staff,
    Unit,
)

State = RegulationVersion.State
LONGEST = RegulationVersion._meta.get_field("reason").max_length
BY_HAND = ("regulation.draft", "regulation.revise", "regulation.abolition", "regulation.write")


class Words(NamedTuple):
    """What a draft says."""

    text: str
    document_no: str = ""
    issued_on: date | None = None
    effective_on: date | None = None
    reason: str = ""


# --- Drafts


@transaction.atomic
def draft(
    unit: Unit, *, area: int, number: int, title: str, owner: Section, words: Words, by: Staff
) -> RegulationVersion:
    """A new regulation, as a draft."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    require(by, "regulation.write", Anchor(unit.pk, section_id=owner.pk, state=State.DRAFT))
    library.describable(unit, None, number=number, title=title, owner=owner)
    made = Regulation.objects.create(
        unit=unit, area=area, number=number, title=title.strip(), owner=owner
    )
    return _new_version(made, words, "regulation.draft", by)


@transaction.atomic
def revise(pk: int, *, by: Staff, seen: int) -> RegulationVersion:
    """A draft that says what the last version says, to be changed."""
    regulation = library.locked(pk, seen)
    require(by, "regulation.write", regulation.anchor(State.DRAFT))
    _no_other_draft(regulation)
    last = regulation.versions.approved().filter(abolishes=False).order_by("-number").first()
    words = Words(last.text if last else "")
    return _new_version(regulation, words, "regulation.revise", by)


@transaction.atomic
def propose_abolition(
    pk: int, *, effective_on: date, reason: str, document_no: str = "", by: Staff, seen: int
) -> RegulationVersion:
    """Ends a regulation from a day on, once a leader has agreed; it goes to them at once."""
    regulation = library.locked(pk, seen)
    require(by, "regulation.write", regulation.anchor(State.DRAFT))
    _no_other_draft(regulation)
    last = _last(regulation)
    if last is None or last.abolishes:
        raise Refused(_("这项制度没有施行，不用废止。"), conflict=True)
    words = Words("", document_no, clock.today(), effective_on, _said(reason))
    made = _new_version(regulation, words, "regulation.abolition", by, abolishes=True)
    return _hand_in(made, by)


@transaction.atomic
def write(pk: int, *, words: Words, by: Staff, seen: int) -> RegulationVersion:
    version = _draft(pk, seen)
    require(by, "regulation.write", version.anchor())
    if version.handed_in_at or version.abolishes:
        raise Refused(_("已经送审，要改请先撤回。"), conflict=True)
    _put(version, words)
    _saved(version, "text", "document_no", "issued_on", "effective_on", "reason")
    audit.record(by, "regulation.write", version, after={"length": len(version.text)})
    return version


@transaction.atomic
def hand_in(pk: int, *, by: Staff, seen: int) -> RegulationVersion:
    version = _draft(pk, seen)
    require(by, "regulation.write", version.anchor())
    if version.handed_in_at:
        raise Refused(_("已经送审了。"), conflict=True)
    return _hand_in(version, by)


@transaction.atomic
def take_back(pk: int, *, by: Staff, seen: int) -> RegulationVersion:
    """The draft is the writer's again, before anybody has decided."""
    version = _draft(pk, seen)
    require(by, "regulation.write", version.anchor())
    if not version.handed_in_at:
        raise Refused(_("还没有送审。"), conflict=True)
    if version.abolishes:
        raise Refused(_("不废止了，请直接作废这份草稿。"))
    version.handed_in_at = None
    _saved(version, "handed_in_at")
    audit.record(by, "regulation.take_back", version)
    return version


@transaction.atomic
def discard(pk: int, *, by: Staff, seen: int) -> Regulation | None:
    """The draft goes, and with it a regulation that never was anything else."""
    version = _draft(pk, seen)
    require(by, "regulation.write", version.anchor())
    regulation = version.regulation
    audit.record(by, "regulation.discard", version, before={"number": version.number})
    version.delete()
    if regulation.versions.exists():
        return regulation
    audit.record(by, "regulation.drop", regulation, before={"title": regulation.title})
    regulation.delete()
    return None


# --- The second pair of hands


@transaction.atomic
def approve(pk: int, *, by: Staff, seen: int) -> RegulationVersion:
    """In force from its day on; what was in force before is superseded that day."""
    version = _for_decision(pk, by, seen)
    if _had_a_hand(version, by):
        raise Refused(_("起草过的人不能批准，请另一位分管领导批准。"))
    last = _last(version.regulation)
    if last and version.effective_on < last.effective_on:
        text = _("施行日期不能早于前一版的%(day)s。")
        raise Refused(text % {"day": last.effective_on.isoformat()}, field="effective_on")
    version.state, version.approved_by, version.approved_at = State.APPROVED, by, clock.now()
    _saved(version, "state", "approved_by", "approved_at")
    after = {"state": State.APPROVED, "effective_on": version.effective_on.isoformat()}
    audit.record(by, "regulation.approve", version, before={"state": State.DRAFT}, after=after)
    notices.tell(
        version.drafted_by,
        f"regulation:{version.pk}:approved",
        lambda: _("%(title)s已批准") % {"title": version.regulation},
        url=library.page(version),
        icon="check",
    )
    library.tell_readers(version, by=by)
    return version


@transaction.atomic
def send_back(pk: int, *, reason: str, by: Staff, seen: int) -> RegulationVersion:
    version = _for_decision(pk, by, seen)
    version.return_reason, version.handed_in_at = _said(reason), None
    _saved(version, "return_reason", "handed_in_at")
    audit.record(by, "regulation.return", version, reason=version.return_reason)
    notices.tell(
        version.drafted_by,
        f"regulation:{version.pk}:returned:{version.version}",
        lambda: (
            _("%(title)s退回修改：%(reason)s")
            % {"title": version.regulation, "reason": version.return_reason}
        ),
        url=library.page(version),
    )
    return version


# --- Steps


def _draft(pk: int, seen: int) -> RegulationVersion:
    version = library.found(pk, seen)
    if version.state != State.DRAFT:
        raise Refused(_("这一版已经批准，要改请另拟一版。"), conflict=True)
    return version


def _for_decision(pk: int, by: Staff, seen: int) -> RegulationVersion:
    version = _draft(pk, seen)
    if not regulations.may_approve(by, version):
        raise PermissionDenied(_("制度由分管负责科室或机关人事科的领导批准。"))
    if not version.handed_in_at:
        raise Refused(_("还没有送审。"), conflict=True)
    return version


def _had_a_hand(version: RegulationVersion, by: Staff) -> bool:
    hands = AuditEntry.objects.filter(
        object_type=version._meta.label_lower, object_id=str(version.pk), act__in=BY_HAND
    )
    return version.drafted_by_id == by.pk or hands.filter(actor=by).exists()


def _saved(version: RegulationVersion, *fields: str) -> None:
    version.version += 1
    version.save(update_fields=[*fields, "version"])


def _last(regulation: Regulation) -> RegulationVersion | None:
    return regulation.versions.approved().order_by("-effective_on", "-number").first()


def _no_other_draft(regulation: Regulation) -> None:
    if regulation.versions.filter(state=State.DRAFT).exists():
        raise Refused(_("这项制度已有一份草稿，请先办完它。"), conflict=True)


def _new_version(
    regulation: Regulation, words: Words, act: str, by: Staff, *, abolishes: bool = False
) -> RegulationVersion:
    kept = regulation.versions.aggregate(last=Max("number"))["last"] or 0
    version = RegulationVersion(
        regulation=regulation,
        number=kept + 1,
        abolishes=abolishes,
        drafted_by=by,
        drafted_at=clock.now(),
    )
    _put(version, words)
    audit.record(by, act, version, after={"number": version.number}, unit=regulation.unit)
    return version


def _put(version: RegulationVersion, words: Words) -> None:
    """The words into the draft, and the text into its clauses."""
    pieces = [] if version.abolishes else clauses.parse(words.text)
    version.text = clauses.clean(words.text)
    version.document_no = words.document_no.strip()
    version.issued_on, version.effective_on = words.issued_on, words.effective_on
    version.reason = words.reason.strip()
    version.save()
    version.clauses.all().delete()
    Clause.objects.bulk_create(
        Clause(
            regulation_version=version,
            position=position,
            grams=clauses.grams(f"{piece.label} {piece.text}"),
            **piece._asdict(),
        )
        for position, piece in enumerate(pieces, 1)
    )


def _hand_in(version: RegulationVersion, by: Staff) -> RegulationVersion:
    if version.issued_on is None or version.effective_on is None:
        raise Refused(_("请先填印发日期和施行日期。"), field="effective_on")
    if version.effective_on < version.issued_on:
        raise Refused(_("施行日期不能早于印发日期。"), field="effective_on")
    version.handed_in_at, version.return_reason = clock.now(), ""
    _saved(version, "handed_in_at", "return_reason")
    audit.record(by, "regulation.hand_in", version, unit=version.regulation.unit)
    notices.tell_all(
        [one for one in regulations.approvers(version.regulation) if one != by],
        f"regulation:{version.pk}:handed_in:{version.version}",
        lambda: (
            (_("%(title)s请您批准废止") if version.abolishes else _("%(title)s请您批准施行"))
            % {"title": version.regulation}
        ),
        url=library.page(version),
    )
    return version


def _said(reason: str) -> str:
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST:
        text = _("请写明理由，不超过%(n)s字。")
        raise Refused(text % {"n": LONGEST}, field="reason")
    return reason
