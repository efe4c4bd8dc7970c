"""The sheet for the weekly meeting (周例会): drafted from accepted reports, edited, filed."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers import drafting, records, sheet_lines
from ledgers.models import WeeklySheet
from ledgers.sheet_lines import Edit
from scheme import access, audit, clock
from scheme.access import Anchor
from scheme.errors import Refused, Stale
from scheme.models import Section, Staff

State = WeeklySheet.State
SAID_LENGTH = 200


@transaction.atomic
def draft(section_id: int, week: date, *, by: Staff) -> WeeklySheet:
    """The section's sheet of the week that begins on Monday `week`, drawn from its facts. The one
    that is there already is returned as it stands. Raises DoesNotExist for sections out of sight.
    """
    section = Section.objects.visible_to(by).get(pk=section_id)
    access.require(
        by, "weekly.write", Anchor(section.unit_id, section_id=section.pk, state="draft")
    )
    if week.weekday():
        raise Refused(_("周例会表按周填报，从星期一算起。"), field="week")
    if week > clock.today():
        raise Refused(_("这一周还没有开始。"), field="week")
    sheet, made = WeeklySheet.objects.select_for_update(of=("self",)).get_or_create(
        section=section,
        week=week,
        defaults={"unit_id": section.unit_id, "drafted_at": clock.now()},
    )
    if made:
        with sheet_lines.in_the_office_language():
            drawn = sheet_lines.draw(sheet, drafting.weekly(section, week))
        records.note(sheet, "draft", by=by)
        audit.record(by, "weekly.draft", sheet, after={"week": week.isoformat(), "lines": drawn})
    return sheet


@transaction.atomic
def redraft(pk: int, *, by: Staff, version: int, edits: Iterable[Edit] = ()) -> int:
    """Keeps the lines as written and draws what has come since; what was drawn before, edited or
    struck, is left alone. Returns the number of lines added."""
    sheet = _own(pk, by, version)
    sheet_lines.write(sheet, edits)
    with sheet_lines.in_the_office_language():
        fresh = drafting.weekly(sheet.section, sheet.week, known=sheet_lines.known(sheet))
        drawn = sheet_lines.draw(sheet, fresh)
    sheet.drafted_at = clock.now()
    sheet.version += 1
    sheet.save(update_fields=["drafted_at", "version"])
    records.note(sheet, "redraft", by=by, after={"lines": drawn})
    audit.record(by, "weekly.redraft", sheet, after={"lines": drawn})
    return drawn


@transaction.atomic
def save(pk: int, *, by: Staff, version: int, edits: Iterable[Edit]) -> WeeklySheet:
    """Keeps the lines as written so far. No trail: nothing has been handed in yet."""
    sheet = _own(pk, by, version)
    sheet_lines.write(sheet, edits)
    sheet.version += 1
    sheet.save(update_fields=["version"])
    return sheet


@transaction.atomic
def file(pk: int, *, by: Staff, version: int, edits: Iterable[Edit]) -> WeeklySheet:
    """Hands the sheet in, as it is on the page: from here on the unit reads it."""
    sheet = _own(pk, by, version)
    sheet_lines.write(sheet, edits)
    if not sheet_lines.of(sheet).filter(dropped=False).exists():
        raise Refused(_("一条也没有写，不能报送。"), field="lines")
    sheet.state, sheet.filed_by, sheet.filed_at = State.FILED, by, clock.now()
    sheet.version += 1
    sheet.save(update_fields=["state", "filed_by", "filed_at", "version"])
    records.note(sheet, "file", by=by, after=sheet_lines.snapshot(sheet))
    audit.record(by, "weekly.file", sheet, after={"state": sheet.state})
    return sheet


@transaction.atomic
def withdraw(pk: int, *, by: Staff, version: int, reason: str) -> WeeklySheet:
    """Takes a filed sheet back to mend it. What it said stays in its history."""
    sheet = _seen(pk, by, version)
    access.require(by, "weekly.withdraw", sheet.anchor()._replace(state=State.FILED))
    reason = reason.strip()
    if not reason:
        raise Refused(_("写明为什么撤回。"), field="reason")
    if len(reason) > SAID_LENGTH:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": SAID_LENGTH}, field="reason")
    if sheet.state != State.FILED:
        raise Stale(_("这张表还没有报送。"))
    sheet.state, sheet.filed_by, sheet.filed_at = State.DRAFT, None, None
    sheet.version += 1
    sheet.save(update_fields=["state", "filed_by", "filed_at", "version"])
    before = sheet_lines.snapshot(sheet)
    records.note(sheet, "withdraw", by=by, text=reason, before=before)
    audit.record(by, "weekly.withdraw", sheet, after={"state": sheet.state}, reason=reason)
    return sheet


@transaction.atomic
def export(week: date, path: Path, *, by: Staff) -> None:
    """The sheets of all sections for one week, as a workbook in the layout of the meeting."""
    from ledgers.exports import weekly as layout

    access.require(by, "weekly.read", Anchor(by.unit_id))
    layout.save(by.unit, week, path)
    audit.record(by, "weekly.export", by.unit, after={"week": week.isoformat()}, unit=by.unit)


def _seen(pk: int, by: Staff, version: int) -> WeeklySheet:
    """Locked. Raises DoesNotExist for a sheet out of sight."""
    seen = WeeklySheet.objects.visible_to(by).filter(pk=pk).values("pk")
    rows = WeeklySheet.objects.select_for_update(of=("self",)).select_related("section")
    sheet = rows.get(pk__in=seen)
    if sheet.version != version:
        raise Stale(_("这张表刚才变了，刷新后再改。"))
    return sheet


def _own(pk: int, by: Staff, version: int) -> WeeklySheet:
    """A draft that this person writes, locked."""
    sheet = _seen(pk, by, version)
    access.require(by, "weekly.write", sheet.anchor()._replace(state=State.DRAFT))
    if sheet.state != State.DRAFT:
        raise Stale(_("这张表已经报送，撤回后才能改。"))
    return sheet
