"""The roster: read a file, show what it would change, and change it, all or nothing."""

import hashlib
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from scheme import audit, clock
from scheme.access import Anchor, require
from scheme.errors import Refused, Stale
from scheme.exports import roster
from scheme.imports.archive import MAX_FILE
from scheme.imports.roster import read_roster
from scheme.imports.roster_changes import Plan, Writes
from scheme.imports.roster_plan import plan
from scheme.models import RosterUpload, Staff, Unit

__all__ = ["MAX_FILE", "apply", "drop", "export", "load", "read", "summary"]

State = RosterUpload.State


def _allow(by: Staff | None, unit: Unit) -> None:
    """`by` is None for the command line, which whoever runs the server holds."""
    if by is not None:
        require(by, "roster.import", Anchor(unit_id=unit.pk))


def _said(unit: Unit) -> list[dict]:
    """What the last roster of the unit said."""
    last = RosterUpload.objects.filter(unit=unit, state=State.APPLIED).first()
    return last.rows if last else []


@transaction.atomic
def read(unit: Unit, data: bytes, *, file_name: str, by: Staff | None) -> RosterUpload:
    """Keeps the file's rows with what they would change, or with what is wrong with them.

    Raises BadBook when there is no table to read at all.
    """
    _allow(by, unit)
    said = read_roster(data)
    refused = bool(said.problems)
    changes = {}
    if not refused:
        changes = plan(unit, said.people, _said(unit), today=clock.today()).as_json()
    return RosterUpload.objects.create(
        unit=unit,
        file_name=file_name[-200:],
        sha256=hashlib.sha256(data).hexdigest(),
        rows=said.raw if refused else said.people,
        changes=changes,
        errors=said.problems.as_rows(),
        state=State.REFUSED if refused else State.PREVIEW,
        uploaded_by=by,
        uploaded_at=clock.now(),
    )


@transaction.atomic
def apply(pk: int, *, by: Staff | None) -> RosterUpload:
    """Does what the preview showed; refuses when it would be anything else by now."""
    upload = RosterUpload.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    unit = Unit.objects.select_for_update().get(pk=upload.unit_id)
    _allow(by, unit)
    if upload.state != State.PREVIEW:
        raise Stale(_("这份名册已经处理过，请重新上传。"))
    now = plan(unit, upload.rows, _said(unit), today=clock.today())
    if now.as_json() != upload.changes:
        raise Stale(_("预览之后单位的数据有了变化，没有导入。请重新上传，看过新的预览再确认。"))
    if not now:
        raise Refused(_("名册与现有数据一致，不需要导入。"))
    _write(now, by)
    upload.state, upload.applied_by, upload.applied_at = State.APPLIED, by, clock.now()
    upload.save(update_fields=["state", "applied_by", "applied_at"])
    after = {"sha256": upload.sha256} | upload.changes["counts"]
    audit.record(by, "roster.apply", upload, after=after)
    return upload


@transaction.atomic
def drop(pk: int, *, by: Staff) -> RosterUpload:
    upload = RosterUpload.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    _allow(by, upload.unit)
    if upload.state != State.PREVIEW:
        raise Stale(_("这份名册已经处理过，请重新上传。"))
    upload.state = State.DROPPED
    upload.save(update_fields=["state"])
    return upload


@transaction.atomic
def export(unit: Unit, path: Path, *, by: Staff) -> None:
    """Writes the roster as it stands today."""
    require(by, "roster.export", Anchor(unit_id=unit.pk))
    roster.write(unit, path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    audit.record(by, "roster.export", unit, after={"sha256": sha256}, unit=unit)


def _write(now: Plan, by: Staff | None) -> None:
    for person in now.staff.added:
        person.set_unusable_password()
    for writes in now.writes():
        _write_kind(writes, by)


def _write_kind(writes: Writes, by: Staff | None) -> None:
    for row in writes.removed:
        # The day an office began is also the day it ended: it was never held.
        row.delete()
    for rows in (writes.shrunk, list(reversed(writes.changed))):
        if rows:
            bulk_update_with_history(rows, type(rows[0]), _fields(rows[0]), default_user=by)
    if writes.added:
        # New rows name new sections and people by object; by now those have their keys.
        for row in writes.added:
            for field in row._meta.concrete_fields:
                if field.is_relation and field.is_cached(row):
                    setattr(row, field.name, field.get_cached_value(row))
        bulk_create_with_history(writes.added, type(writes.added[0]), default_user=by)


def _fields(row) -> list[str]:
    skipped = {"id", "password", "last_login", "created_at"}
    return [field.name for field in row._meta.concrete_fields if field.name not in skipped]


def load(unit_name: str, data: bytes, *, file_name: str, by: Staff | None = None) -> RosterUpload:
    """Reads and applies in one go, making the unit when it is new. For the command line.

    Nothing stays when the file has errors; the answer tells them.
    """
    with transaction.atomic():
        unit, made = Unit.objects.get_or_create(name=unit_name)
        upload = read(unit, data, file_name=file_name, by=by)
        if upload.state == State.REFUSED:
            transaction.set_rollback(True)
        elif upload.changes["anything"]:
            if made:
                audit.record(by, "unit.create", unit, after={"name": unit.name}, unit=unit)
            upload = apply(upload.pk, by=by)
        else:
            transaction.set_rollback(True)
    return upload


def summary(upload: RosterUpload) -> str:
    """新进3人，信息变动2人……, for the page and the command line."""
    return (
        _(
            "新进%(joined)d人，信息变动%(changed)d人，调整科室或支部%(moved)d人，离开%(left)d人，"
            "未变%(untouched)d人"
        )
        % (upload.changes["counts"])
    )
