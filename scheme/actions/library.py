"""Keeping the library: how regulations are called and placed, who must read them, who has."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import audit, clock, notices, regulations
from scheme.access import Anchor, require
from scheme.errors import Refused, Stale
from scheme.models import (
    ReadingSection,
    ReadReceipt,
    Regulation,
    RegulationArea,
    RegulationVersion,
    Section,
    Staff,
    Unit,
)

State = RegulationVersion.State


@transaction.atomic
def describe(
    pk: int,
    *,
    area: int,
    number: int,
    title: str,
    owner: Section,
    review_on: date | None,
    cited_bare: bool,
    by: Staff,
    seen: int,
) -> Regulation:
    """Everything about a regulation but what it says."""
    regulation = locked(pk, seen)
    require(by, "regulation.settings", regulation.anchor())
    describable(regulation.unit, regulation, number=number, title=title, owner=owner)
    before = _described(regulation)
    if cited_bare:
        # One of a unit's regulations is meant where a rule names none.
        others = Regulation.objects.filter(unit=regulation.unit, cited_bare=True)
        others.exclude(pk=pk).update(cited_bare=False)
    regulation.area, regulation.number, regulation.title = area, number, title.strip()
    regulation.owner, regulation.review_on, regulation.cited_bare = owner, review_on, cited_bare
    regulation.version += 1
    regulation.save()
    audit.record(by, "regulation.describe", regulation, before=before, after=_described(regulation))
    return regulation


@transaction.atomic
def ask_to_read(
    pk: int,
    *,
    readers: str,
    sections: Iterable[Section],
    read_by: date | None,
    by: Staff,
    seen: int,
) -> RegulationVersion:
    """Who must read it and by when. Receipts given before stand."""
    version = found(pk, seen)
    require(by, "regulation.manage", version.regulation.anchor())
    sections = list(sections) if readers == regulations.Readers.SECTIONS else []
    if version.abolishes:
        raise Refused(_("废止的决定没有要读的全文。"))
    if readers and read_by is None:
        raise Refused(_("请写明什么时候前读完。"), field="read_by")
    if readers == regulations.Readers.SECTIONS and not sections:
        raise Refused(_("请勾选要读的科室。"), field="sections")
    if any(one.unit_id != version.regulation.unit_id for one in sections):
        raise Refused(_("请选本单位的科室。"), field="sections")
    version.readers, version.read_by = readers, read_by if readers else None
    version.version += 1
    version.save(update_fields=["readers", "read_by", "version"])
    version.reading_sections.all().delete()
    ReadingSection.objects.bulk_create(
        ReadingSection(regulation_version=version, section=one) for one in sections
    )
    after = {
        "readers": readers,
        "sections": [one.pk for one in sections],
        "read_by": version.read_by.isoformat() if version.read_by else "",
    }
    audit.record(by, "regulation.ask_to_read", version, after=after)
    if version.state == State.APPROVED:
        tell_readers(version, by=by)
    return version


@transaction.atomic
def confirm_read(pk: int, *, by: Staff):
    """One touch at the end of the text; a second one changes nothing."""
    version = RegulationVersion.objects.select_related("regulation").get(pk=pk)
    require(by, "regulation.read", version.regulation.anchor())
    if version.state != State.APPROVED or version.abolishes:
        raise Refused(_("这一版还没有批准，不用回执。"), conflict=True)
    receipt, made = ReadReceipt.objects.get_or_create(
        regulation_version=version, person=by, defaults={"at": clock.now()}
    )
    if made:
        audit.record(by, "regulation.read", version)
    return receipt


@transaction.atomic
def name_area(unit: Unit, number: int, *, name: str, by: Staff) -> None:
    """The unit's own name for one of the seven areas; an empty one brings the usual back."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    require(by, "regulation.settings", Anchor(unit.pk))
    before = regulations.area_names(unit).get(number)
    if before is None:
        raise Refused(_("一共七个方面。"))
    rows = RegulationArea.objects
    name = name.strip()
    if name and name != before:
        rows.update_or_create(unit=unit, number=number, defaults={"name": name})
    elif not name:
        rows.filter(unit=unit, number=number).delete()
    after = regulations.area_names(unit)[number]
    if after != before:
        audit.record(
            by, "regulation.name_area", unit, before={number: before}, after={number: after}
        )


@transaction.atomic
def tell_readers(version: RegulationVersion, *, by: Staff) -> None:
    """Everybody who must read it but the one who says so."""
    notices.tell_all(
        regulations.readers_of(version, clock.today()).exclude(pk=by.pk),
        f"regulation:{version.pk}:read",
        lambda: (
            _("请在%(day)s前阅读%(title)s")
            % {"day": version.read_by.isoformat(), "title": version.regulation}
        ),
        url=page(version),
        icon="book-open",
    )


# --- Steps


def locked(pk: int, seen: int) -> Regulation:
    regulation = Regulation.objects.select_for_update(no_key=True).get(pk=pk)
    if regulation.version != seen:
        raise Stale(_("这项制度刚被改过，请看最新情况。"))
    return regulation


def found(pk: int, seen: int) -> RegulationVersion:
    """Locked through its regulation: one regulation is acted on by one person at a time."""
    of = RegulationVersion.objects.filter(pk=pk).values_list("regulation", flat=True).first()
    Regulation.objects.select_for_update(no_key=True).filter(pk=of).first()
    version = (
        RegulationVersion.objects.select_related("regulation__unit", "drafted_by")
        .filter(pk=pk)
        .first()
    )
    if version is None or version.version != seen:
        raise Stale(_("这一版刚被改过，请看最新情况。"))
    return version


def page(version: RegulationVersion) -> str:
    page = reverse("scoring:regulation_detail", args=[version.regulation_id])
    return f"{page}?version={version.number}"


def describable(unit: Unit, regulation: Regulation | None, *, number, title, owner) -> None:
    """Raises Refused where a name, number or owner cannot stand."""
    others = Regulation.objects.filter(unit=unit).exclude(pk=regulation.pk if regulation else None)
    if owner.unit_id != unit.pk:
        raise Refused(_("请选本单位的科室。"), field="owner")
    if not title.strip():
        raise Refused(_("请写制度名称。"), field="title")
    if others.filter(title=title.strip()).exists():
        raise Refused(_("本单位已有同名制度，修订请在那一项里另拟一版。"), field="title")
    if others.filter(number=number).exists():
        raise Refused(_("这个编号已经用了。"), field="number")


def _described(regulation: Regulation) -> dict:
    day = regulation.review_on
    return {
        "area": regulation.area,
        "number": regulation.number,
        "title": regulation.title,
        "owner": regulation.owner_id,
        "review_on": day.isoformat() if day else "",
        "cited_bare": regulation.cited_bare,
    }
