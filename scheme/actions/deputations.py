"""Deputies for a dated absence: named, and ended early."""

from collections.abc import Collection
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.access import Anchor
from scheme.errors import Refused, Stale
from scheme.models import Appointment, Deputation, Section, Staff
from scheme.offices import Office
from scheme.templatetags.look import md

LONGEST = timedelta(days=366)


@transaction.atomic
def name(
    principal_pk: int,
    *,
    places: Collection[tuple[str, int]],
    deputy_pk: int,
    first: date,
    last: date,
    by: Staff,
) -> list[Deputation]:
    """Gives the deputy the principal's powers over the places from first to last.

    `places` are (office, section) that the principal holds on the first day.
    """
    principal = Staff.objects.select_for_update().get(pk=principal_pk)
    access.require(by, "deputation.name", Anchor(principal.unit_id, principal.pk))
    deputy = Staff.objects.get(pk=deputy_pk)
    if deputy.unit_id != principal.unit_id:
        raise PermissionDenied(_("您的职责不包括这一步。"))
    today = clock.today()
    if first < today:
        raise Refused(_("从今天或以后开始。"), field="start_on")
    if last < first:
        raise Refused(_("结束日期早于开始日期。"), field="end_on")
    if last - first > LONGEST:
        raise Refused(_("一次最多一年，到期再指定。"), field="end_on")
    if deputy.pk == principal.pk:
        raise Refused(_("不能代理自己。"), field="deputy")
    until = last + timedelta(days=1)
    if not Staff.objects.on_roll(last).on_roll(first).filter(pk=deputy.pk, is_active=True).exists():
        raise Refused(_("代理人这几天要在册。"), field="deputy")
    held = set(held_by(principal, first).values_list("office", "section_id"))
    if not places:
        raise Refused(_("至少选一个科室。"), field="places")
    if not set(places) <= held:
        raise Refused(_("只能代理本人当天担任的职务。"), field="places")
    charged = {section for office, section in places if office == Office.LEADER_IN_CHARGE}
    heads = Appointment.objects.on(first).filter(staff=deputy, office=Office.SECTION_CHIEF)
    if heads.filter(section__in=charged).exists():
        raise Refused(_("科长不能代分管领导管自己的科室，请换一位。"), field="deputy")
    made = []
    for office, section in sorted(set(places)):
        row = Deputation(
            unit_id=principal.unit_id,
            principal=principal,
            office=office,
            section_id=section,
            deputy=deputy,
            start_on=first,
            end_on=until,
            named_by=by,
            named_at=clock.now(),
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise Refused(_("这几天已经指定了代理人。"), field="start_on") from error
        audit.record(by, "deputation.name", row, after=_facts(row))
        made.append(row)
    _tell(made, by)
    return made


@transaction.atomic
def end(pk: int, *, seen: date, by: Staff) -> Deputation:
    """Ends it today: from now on the deputy has no power. One yet to come is called off.

    `seen` is the end that stood on the page.
    """
    row = Deputation.objects.select_for_update(of=("self",)).select_related("deputy").get(pk=pk)
    access.require(by, "deputation.name", Anchor(row.unit_id, row.principal_id))
    today = clock.today()
    if row.end_on != seen or row.end_on <= today or row.end_on == row.start_on:
        raise Stale(_("这项代理已经结束或改过，刷新后再看。"))
    before = _facts(row)
    row.end_on = max(today, row.start_on)
    row.ended_by, row.ended_at = by, clock.now()
    row.save(update_fields=["end_on", "ended_by", "ended_at"])
    audit.record(by, "deputation.end", row, before=before, after=_facts(row))
    section = Section.objects.get(pk=row.section_id)
    notices.tell_all(
        [one for one in (row.deputy, row.principal) if one.pk != by.pk],
        f"deputation:{row.pk}:ended",
        lambda: (
            _("%(deputy)s代%(name)s（%(section)s）到今天为止。")
            % {"deputy": row.deputy.name, "name": row.principal.name, "section": section.name}
        ),
        url=reverse("ledgers:deputation_list"),
        icon="user-minus",
    )
    return row


def held_by(principal: Staff, day: date):
    """What of the principal's a deputy can hold that day: chief of sections, in charge of some."""
    return (
        Appointment.objects.on(day)
        .filter(staff=principal, office__in=Deputation.STOOD_IN_FOR, section__closed_on=None)
        .select_related("section")
        .order_by("office", "section__position", "section_id")
    )


def _facts(row: Deputation) -> dict:
    return {
        "principal": row.principal_id,
        "office": row.office,
        "section": row.section_id,
        "deputy": row.deputy_id,
        "from": row.start_on.isoformat(),
        "until": row.end_on.isoformat(),
    }


def _tell(made: list[Deputation], by: Staff) -> None:
    first = made[0]
    sections = Section.objects.filter(pk__in=[row.section_id for row in made])
    names = "、".join(section.name for section in sections)
    last = first.end_on - timedelta(days=1)

    def say() -> str:
        text = _("%(first)s至%(last)s由%(deputy)s代%(name)s办理%(sections)s的事项（%(office)s）。")
        return text % {
            "first": md(first.start_on),
            "last": md(last),
            "deputy": first.deputy.name,
            "name": first.principal.name,
            "sections": names,
            "office": Office(first.office).label,
        }

    notices.tell_all(
        [one for one in (first.deputy, first.principal) if one.pk != by.pk],
        f"deputation:{first.pk}:named",
        say,
        url=reverse("ledgers:deputation_list"),
        icon="user-plus",
    )
