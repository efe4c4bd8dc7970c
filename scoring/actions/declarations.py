"""Declaring (一季一申报): a line is written with its proof, filed, sent back and filed again.

The checks of a filed line stand in `checking`; they are called from here as well.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from ledgers import proofnames
from ledgers.actions import evidence
from scheme import audit, clock, notices
from scheme.errors import Refused, Stale
from scheme.models import Section, Staff, Unit
from scoring import declarable, declaring
from scoring.actions.checking import (
    Outcome,
    check,
    check_many,
    note_moves,
    refuse,
    revoke,
    turn_back,
    url_of,
    verify,
    verify_many,
)
from scoring.models import Declaration, DeclarationMove, DeclarationProof

__all__ = [
    "Outcome",
    "add",
    "attach",
    "change",
    "check",
    "check_many",
    "detach",
    "file",
    "read_proof",
    "refuse",
    "revoke",
    "turn_back",
    "verify",
    "verify_many",
    "withdraw",
]

MOST_LINES = 100
MOST_PROOFS = 10
CONTENT = ("rule_code", "level", "quantity", "matter", "document_no", "document_on", "note")
State, Kind = Declaration.State, DeclarationMove.Kind


@transaction.atomic
def add(
    unit: Unit,
    *,
    quarter: str,
    rule_code: str,
    level: str = "",
    quantity: Decimal | int = 1,
    matter: str,
    document_no: str = "",
    document_on: date | None = None,
    note: str = "",
    person: Staff | None = None,
    section: Section | None = None,
    by: Staff,
) -> Declaration:
    """A draft for oneself, or for a section one heads. Seen by its writer alone until filed."""
    if section is None:
        person = person or by
    elif person is not None:
        raise ValueError("a line is about a person or about a section")
    _hold_subject(person and person.pk, section and section.pk)
    line = Declaration(
        unit=unit,
        quarter=quarter,
        person=person,
        section=section,
        rule_code=rule_code,
        level=level,
        quantity=Decimal(quantity),
        matter=matter,
        document_no=document_no,
        document_on=document_on,
        note=note,
        filed_by=by,
        recorded_at=clock.now(),
    )
    if not declaring.writes(by, line):
        raise PermissionDenied(_("个人的申报由本人填，科室的由科长填。"))
    _require_window(line)
    declarable.check_content(line)
    declarable.check_unique(line, [])
    same = Declaration.objects.filter(unit=unit, quarter=quarter, person=person, section=section)
    if same.exclude(state__in=declarable.DEAD).count() >= MOST_LINES:
        raise Refused(_("一个季度最多申报%(n)s条，请撤回不用的再填。") % {"n": MOST_LINES})
    line.save()
    audit.record(by, "declaration.add", line, after={"rule": rule_code, "matter": line.matter})
    return line


@transaction.atomic
def change(pk: int, *, version: int, by: Staff, **fields) -> Declaration:
    """Writes a draft or a returned line anew. `fields`: those of CONTENT that change."""
    if unknown := fields.keys() - set(CONTENT):
        raise TypeError(f"not to be changed: {sorted(unknown)}")
    line = _to_edit(pk, by)
    if line.version != version:
        raise Stale(_("这条申报在别处改过，刷新后再改。"))
    for name, value in fields.items():
        setattr(line, name, Decimal(value) if name == "quantity" else value)
    declarable.check_content(line)
    declarable.check_unique(line, _files(line))
    line.version += 1
    line.save()
    audit.record(by, "declaration.change", line, after={"fields": sorted(fields)})
    return line


@transaction.atomic
def attach(pk: int, file, name: str, *, by: Staff) -> DeclarationProof:
    """Keeps a file as proof of a draft or a returned line. The same file again changes nothing."""
    line = _to_edit(pk, by)
    kept = evidence.keep(line.unit, file, by=by)
    declarable.check_unique(line, [kept.pk])
    present = line.proofs.filter(file=kept).first()
    if present:
        return present
    if line.proofs.count() >= MOST_PROOFS:
        raise Refused(
            _("一条申报最多附%(n)s份材料，请合并后再上传。") % {"n": MOST_PROOFS}, field="file"
        )
    proof = DeclarationProof.objects.create(
        declaration=line,
        file=kept,
        name=proofnames.fit(name, kept.kind),
        added_by=by,
        added_at=clock.now(),
    )
    audit.record(by, "declaration.attach", line, after=_told(proof))
    return proof


@transaction.atomic
def detach(proof_pk: int, *, by: Staff) -> Declaration:
    """Takes a proof off a line that is being written. The file itself stays where it is kept."""
    pk = DeclarationProof.objects.values_list("declaration_id", flat=True).get(pk=proof_pk)
    line = _to_edit(pk, by)
    proof = line.proofs.select_related("file").filter(pk=proof_pk).first()
    if proof is None:
        raise Stale(_("这份材料已经移除，刷新后再看。"))
    audit.record(by, "declaration.detach", line, before=_told(proof))
    proof.delete()
    return line


@transaction.atomic
def file(pk: int, *, by: Staff) -> Declaration:
    """Hands the line in for its first check, for the first time or mended after it was returned.

    Only the first filing needs an open window: it was declared in time.
    """
    line = _to_edit(pk, by)
    if line.state == State.DRAFT:
        _require_window(line)
    declarable.check_content(line)
    proofs = list(line.proofs.all())
    declarable.check_complete(line, proofs)
    declarable.check_unique(line, [proof.file_id for proof in proofs])
    before = {"state": line.state}
    line.state, line.filed_by, line.filed_at = State.FILED, by, clock.now()
    line.version += 1
    line.save()
    checkers = declaring.checkers_of(line)
    if not checkers:
        raise Refused(_("现在没有能初核这条申报的人，请机关人事科先登记科长或分管领导的任职。"))
    note_moves([line], Kind.FILED, by)
    audit.record(by, "declaration.file", line, before=before, after={"state": line.state})
    who = line.person or line.section
    notices.tell_all(
        checkers,
        f"declaration:{line.pk}:{line.version}",
        lambda: _("%(who)s的申报待您初核：%(matter)s") % {"who": who, "matter": line.matter[:100]},
        url=url_of(line.pk),
        icon="clipboard-document-check",
    )
    return line


@transaction.atomic
def withdraw(pk: int, *, by: Staff) -> Declaration:
    """Takes the line back, for good, as long as nobody has passed it."""
    line = _locked(pk)
    if line.imported or not declaring.writes(by, line):
        raise PermissionDenied(_("申报由申报人自己撤回。"))
    if not declaring.may_withdraw(by, line):
        raise Refused(
            _("这条申报现在是“%(state)s”，不能撤回。") % {"state": line.get_state_display()},
            conflict=True,
        )
    before = {"state": line.state}
    line.state = State.WITHDRAWN
    line.version += 1
    line.save(update_fields=["state", "version"])
    note_moves([line], Kind.WITHDRAWN, by)
    audit.record(by, "declaration.withdraw", line, before=before, after={"state": line.state})
    return line


@transaction.atomic
def read_proof(proof_pk: int, *, by: Staff):
    """The proof and its bytes, for whoever sees the line. Who read what stands in the trail."""
    seen = Declaration.objects.visible_to(by)
    proof = DeclarationProof.objects.select_related("file").get(
        pk=proof_pk, declaration__in=seen.values("pk")
    )
    content = evidence.open_evidence(proof.file)
    audit.record(by, "declaration.read_proof", proof.declaration, after=_told(proof))
    return proof, content


# --- Steps


def _hold_subject(person_id: int | None, section_id: int | None) -> None:
    """Who writes about one subject goes one after another: a line is compared with others."""
    if person_id:
        Staff.objects.select_for_update(no_key=True).get(pk=person_id)
    else:
        Section.objects.select_for_update(no_key=True).get(pk=section_id)


def _locked(pk: int) -> Declaration:
    subject = Declaration.objects.values_list("person_id", "section_id").get(pk=pk)
    _hold_subject(*subject)
    rows = Declaration.objects.select_related("unit", "person", "section", "filed_by")
    return rows.select_for_update(of=("self",)).get(pk=pk)


def _to_edit(pk: int, by: Staff) -> Declaration:
    line = _locked(pk)
    if line.imported or not declaring.writes(by, line):
        raise PermissionDenied(_("个人的申报由本人填，科室的由科长填。"))
    if not declaring.may_edit(by, line):
        raise Stale(
            _("这条申报现在是“%(state)s”，不能再改。") % {"state": line.get_state_display()}
        )
    return line


def _require_window(line: Declaration) -> None:
    window = declaring.window_of(line.unit, line.quarter)
    if window is None or not window.opens_on <= clock.today() <= window.closes_on:
        raise Refused(
            _("%(quarter)s现在不在申报期内，请联系机关人事科。") % {"quarter": line.quarter},
            field="quarter",
        )


def _files(line: Declaration) -> Iterable[int]:
    return line.proofs.values_list("file_id", flat=True)


def _told(proof: DeclarationProof) -> dict:
    return {"proof": proof.name, "sha256": proof.file.sha256}
