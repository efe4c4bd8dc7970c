"""Checking what was declared: first by the chief or the leader in charge, then verified by the
personnel office against the document. Either may send it back or refuse it, and say why.

Set-based: a hundred lines take as many statements as one. Confirmed, a line is a fact; its entry
is posting's to write, which is asked for in the same transaction.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.errors import Refused, Stale
from scheme.models import Staff
from scoring import declaring
from scoring.actions import posting
from scoring.models import Declaration, DeclarationMove, DeclarationProof

MOST_RETURNS = 3
MOST_REASON = 200
MOST_AT_ONCE = 200
State, Kind = Declaration.State, DeclarationMove.Kind


class Outcome(NamedTuple):
    """Of a batch: the keys of the lines that took the step, and why each other did not."""

    done: list[int]
    refused: dict[int, str]


@transaction.atomic
def check(pk: int, *, version: int, by: Staff) -> Declaration:
    """The first check: what is declared is so, as far as the section knows."""
    desk = _Desk([pk], by)
    _require_check(desk, desk.line(pk), version)
    return _check([desk.line(pk)], by)[0]


@transaction.atomic
def check_many(versions: Mapping[int, int], *, by: Staff) -> Outcome:
    """`check` of all these lines in the versions that were seen; those that cannot are named."""
    return _each(versions, by, _require_check, _check)


@transaction.atomic
def verify(pk: int, *, version: int, by: Staff) -> Declaration:
    """Confirmed against the document. From now on it is a fact that is posted."""
    desk = _Desk([pk], by)
    _require_verify(desk, desk.line(pk), version)
    return _verify([desk.line(pk)], by)[0]


@transaction.atomic
def verify_many(versions: Mapping[int, int], *, by: Staff) -> Outcome:
    """`verify` of all these lines in the versions that were seen; those that cannot are named."""
    return _each(versions, by, _require_verify, _verify)


@transaction.atomic
def turn_back(pk: int, *, version: int, reason: str, by: Staff) -> Declaration:
    """Sends a line back to be mended, by whoever has it before them. Not for ever."""
    line = _before(pk, version, by)
    reason = _said(reason)
    returns = line.moves.filter(kind=Kind.RETURNED).count()
    if returns >= MOST_RETURNS:
        raise Refused(
            _("这条申报已退回%(n)s次，不能再退，请通过或不予认定。") % {"n": MOST_RETURNS}
        )
    left = MOST_RETURNS - returns - 1
    before = {"state": line.state}
    line.checked_by = line.checked_at = None
    _turn_down(line, State.RETURNED, Kind.RETURNED, by, reason)
    _record(by, "declaration.turn_back", line, before, reason)

    def say():
        text = _("申报“%(matter)s”被退回补正：%(reason)s（还可退回%(left)s次）")
        return text % {"matter": line.matter[:60], "reason": reason, "left": left}

    _tell_filer(line, say, icon="arrow-uturn-left")
    return line


@transaction.atomic
def refuse(pk: int, *, version: int, reason: str, by: Staff) -> Declaration:
    """The line is not recognised, for good, by whoever has it before them."""
    line = _before(pk, version, by)
    reason = _said(reason)
    before = {"state": line.state}
    _turn_down(line, State.REFUSED, Kind.REFUSED, by, reason)
    _record(by, "declaration.refuse", line, before, reason)

    def say():
        text = _("申报“%(matter)s”不予认定：%(reason)s")
        return text % {"matter": line.matter[:60], "reason": reason}

    _tell_filer(line, say, icon="x-circle")
    return line


@transaction.atomic
def revoke(pk: int, *, reason: str, by: Staff) -> Declaration:
    """Takes a confirmed line back: its document turned out not to hold. Posting reverses its entry.

    Four eyes: another member of the office than the one who verified.
    """
    desk = _Desk([pk], by)
    line = desk.line(pk)
    access.require(by, "declaration.revoke", line.anchor()._replace(state=State.CONFIRMED))
    if line.imported:
        raise Refused(_("导入的申报请在工作簿里改正后重新导入。"))
    _require_seen(line, line.version, State.CONFIRMED)
    if not declaring.may_revoke(by, line):
        raise _needs_another(desk, (line.person_id, line.filed_by_id, line.verified_by_id))
    return _revoke(line, by, _said(reason))


@transaction.atomic
def revoke_decided(pk: int, *, reason: str, by: Staff) -> Declaration:
    """`revoke` because the committee decided so. `taking_back` has asked for the right."""
    desk = _Desk([pk], by)
    line = desk.line(pk)
    if line.imported:
        raise Refused(_("导入的申报请在工作簿里改正后重新导入。"))
    _require_seen(line, line.version, State.CONFIRMED)
    if declaring.is_own(by, line):
        raise Refused(_("不能撤销自己的申报。"))
    return _revoke(line, by, reason[:MOST_REASON])


def note_moves(lines: list[Declaration], kind: str, by: Staff, reason: str = "") -> None:
    """A row for each line that has just moved: what it said, and with which proofs."""
    at = clock.now()
    bodies = {line.pk: _body(line) for line in lines}
    proofs = DeclarationProof.objects.filter(declaration__in=bodies).select_related("file")
    for proof in proofs:
        said = {"name": proof.name, "sha256": proof.file.sha256}
        bodies[proof.declaration_id]["proofs"].append(said)
    DeclarationMove.objects.bulk_create(
        DeclarationMove(
            declaration=line,
            version=line.version,
            kind=kind,
            at=at,
            by=by,
            reason=reason,
            body=bodies[line.pk],
        )
        for line in lines
    )


def url_of(pk: int) -> str:
    return reverse("scoring:declaration_detail", args=[pk])


# --- Steps


class _Desk:
    """The lines of the actor's unit, held, with what it takes to judge them; read once for all."""

    def __init__(self, pks: Iterable[int], by: Staff):
        self.by = by
        rows = declaring.with_checker(Declaration.objects.filter(pk__in=pks, unit_id=by.unit_id))
        rows = rows.select_related("unit", "person", "section", "filed_by", "verified_by")
        held = rows.select_for_update(of=("self",)).order_by("pk")
        self.lines = {row.pk: row for row in held}

    def line(self, pk: int) -> Declaration:
        if pk not in self.lines:
            raise Declaration.DoesNotExist(pk)
        return self.lines[pk]

    @cached_property
    def office(self) -> list[Staff]:
        return declaring.personnel_of(self.by.unit_id)

    @cached_property
    def worths(self) -> dict:
        return declaring.worths(self.lines.values())


def _each(versions: Mapping[int, int], by: Staff, judge: Callable, take: Callable) -> Outcome:
    if len(versions) > MOST_AT_ONCE:
        raise Refused(_("一次最多办%(n)s条，请分几次办。") % {"n": MOST_AT_ONCE})
    desk, passed, refused = _Desk(versions, by), [], {}
    for pk, version in versions.items():
        try:
            line = desk.line(pk)
            judge(desk, line, version)
            passed.append(line)
        except (Refused, PermissionDenied) as error:
            refused[pk] = str(error)
        except Declaration.DoesNotExist:
            refused[pk] = _("没有这条申报。")
    if passed:
        take(passed, by)
    return Outcome([line.pk for line in passed], refused)


def _require_check(desk: _Desk, line: Declaration, version: int) -> None:
    if line.imported or not declaring.is_first_check_of(desk.by, line):
        raise PermissionDenied(_("您的职责不包括这一步。"))
    if declaring.is_own(desk.by, line):
        raise Refused(_("不能初核自己的申报。"))
    _require_seen(line, version, State.FILED)


def _require_verify(desk: _Desk, line: Declaration, version: int) -> None:
    _require_verifier(desk, line)
    _require_seen(line, version, State.CHECKED)
    if desk.worths[line.pk] is None:
        raise Refused(
            _("按文件日期施行的细则，这条申报已没有相符的规则或级别，请退回补正或不予认定。")
        )


def _require_verifier(desk: _Desk, line: Declaration) -> None:
    if line.imported or not _is_of_office(desk.by, line):
        raise PermissionDenied(_("您的职责不包括这一步。"))
    taken_part = (line.person_id, line.filed_by_id, line.checked_by_id)
    if desk.by.pk in taken_part:
        raise _needs_another(desk, taken_part)


def _is_of_office(by: Staff, line: Declaration) -> bool:
    return access.can(by, "declaration.verify", line.anchor()._replace(state=State.CHECKED))


def _needs_another(desk: _Desk, taken_part: Iterable[int | None]) -> Refused:
    """Says whether there is anybody else to do it."""
    if any(one.pk not in taken_part for one in desk.office):
        return Refused(_("这一步须由没有经手过这条申报的人办，请机关人事科另一名经办人办理。"))
    return Refused(_("机关人事科没有别的经办人能办这一步，请先在任职里增加一名经办人。"))


def _require_seen(line: Declaration, version: int, *states: str) -> None:
    if line.state not in states:
        raise Stale(
            _("这条申报现在是“%(state)s”，刷新后再办。") % {"state": line.get_state_display()}
        )
    if line.version != version:
        raise Stale(_("这条申报刚才变了，刷新后再办。"))


def _before(pk: int, version: int, by: Staff) -> Declaration:
    """The line, for whoever may check or verify it in the state it is in. Who might have in
    another state is told that it moved on, not that they may not."""
    desk = _Desk([pk], by)
    line = desk.line(pk)
    first = declaring.is_first_check_of(by, line)
    if _is_of_office(by, line) and (line.state == State.CHECKED or not first):
        _require_verifier(desk, line)
        _require_seen(line, version, State.CHECKED)
    else:
        _require_check(desk, line, version)
    return line


def _said(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused(_("写明理由，申报人才知道为什么。"), field="reason")
    if len(reason) > MOST_REASON:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": MOST_REASON}, field="reason")
    return reason


def _check(lines: list[Declaration], by: Staff) -> list[Declaration]:
    _pass(lines, State.CHECKED, by, checked_by=by, checked_at=clock.now())
    note_moves(lines, Kind.CHECKED, by)
    _record_all(by, "declaration.check", lines, State.FILED, State.CHECKED)
    office = declaring.personnel_of(by.unit_id)
    # The office is told once a day that something waits; it works the list, not the bell.
    notices.tell_all(
        office,
        f"declaration:to_verify:{clock.today()}",
        lambda: _("有申报初核通过，待机关人事科核验。"),
        url=reverse("scoring:declaration_verify_list"),
        icon="clipboard-document-check",
    )
    return lines


def _verify(lines: list[Declaration], by: Staff) -> list[Declaration]:
    _pass(lines, State.CONFIRMED, by, verified_by=by, verified_at=clock.now())
    note_moves(lines, Kind.CONFIRMED, by)
    _record_all(by, "declaration.verify", lines, State.CHECKED, State.CONFIRMED)
    _post(lines)
    notices.tell_each(
        notices.Told(line.filed_by, _key(line), _confirmed(line), url_of(line.pk)) for line in lines
    )
    return lines


def _confirmed(line: Declaration) -> notices.Say:
    return lambda: _("申报“%(matter)s”核验通过，积分随后入账。") % {"matter": line.matter[:100]}


def _pass(lines: list[Declaration], state: str, by: Staff, **written) -> None:
    keys = [line.pk for line in lines]
    Declaration.objects.filter(pk__in=keys).update(state=state, version=F("version") + 1, **written)
    for line in lines:
        line.state, line.version = state, line.version + 1
        for name, value in written.items():
            setattr(line, name, value)


def _turn_down(line: Declaration, state: str, kind: str, by: Staff, reason: str) -> None:
    line.state = state
    line.version += 1
    line.save(update_fields=["state", "version", "checked_by", "checked_at"])
    note_moves([line], kind, by, reason)


def _revoke(line: Declaration, by: Staff, reason: str) -> Declaration:
    _turn_down(line, State.REFUSED, Kind.REVOKED, by, reason)
    _record(by, "declaration.revoke", line, {"state": State.CONFIRMED}, reason)
    _post([line])

    def say():
        text = _("申报“%(matter)s”的认定已撤销，所计积分将冲回：%(reason)s")
        return text % {"matter": line.matter[:60], "reason": reason}

    _tell_filer(line, say, icon="x-circle", also=[line.verified_by])
    return line


def _record(by: Staff, act: str, line: Declaration, before: dict, reason: str) -> None:
    audit.record(by, act, line, before=before, after={"state": line.state}, reason=reason)


def _record_all(by: Staff, act: str, lines: list[Declaration], start: str, to: str) -> None:
    """One line of the trail for one; for many one as well, that names them."""
    before, after = {"state": start}, {"state": to}
    if len(lines) == 1:
        audit.record(by, act, lines[0], before=before, after=after)
    else:
        after |= {"declarations": [line.pk for line in lines]}
        audit.record(by, act, by.unit, before=before, after=after, unit=by.unit)


def _post(lines: list[Declaration]) -> None:
    """Asks for the settling of what these lines touch. The first names the act: it took this step
    to this version once."""
    first = lines[0]
    days = [line.document_on for line in lines]
    posting.enqueue_for(first.unit, days, cause=f"declared:{first.pk}:{first.version}")


def _key(line: Declaration) -> str:
    return f"declaration:{line.pk}:{line.version}"


def _tell_filer(line: Declaration, say: notices.Say, *, icon: str, also: Iterable = ()) -> None:
    notices.tell_all({line.filed_by, *also}, _key(line), say, url=url_of(line.pk), icon=icon)


def _body(line: Declaration) -> dict:
    return {
        "quarter": line.quarter,
        "rule_code": line.rule_code,
        "level": line.level,
        "quantity": f"{line.quantity.normalize():f}",
        "matter": line.matter,
        "document_no": line.document_no,
        "document_on": line.document_on.isoformat() if line.document_on else "",
        "note": line.note,
        "proofs": [],
    }
