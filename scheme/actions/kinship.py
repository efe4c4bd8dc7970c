"""Who is kin to whom, for standing back: declared by either of the two, or entered by the personnel
office. What has ended stays written, for past rounds."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.access import Anchor
from scheme.errors import Refused
from scheme.models import Appointment, Kinship, Staff
from scheme.offices import Office


@transaction.atomic
def declare(person_pk: int, *, by: Staff, relative: int, relation: str) -> Kinship:
    """Either of the two says it; once said, it holds for both."""
    # Locked in the order of their keys: two who name each other at once wait for one another.
    two = Staff.objects.select_for_update().filter(pk__in=[person_pk, relative]).order_by("pk")
    found = {one.pk: one for one in two}
    person = found.get(person_pk)
    if person is None:
        raise Refused(_("本单位没有这位同志。"), field="person")
    access.require(by, "kin.declare", Anchor(person.unit_id, person.pk))
    other = found.get(relative)
    if other is None or other.unit_id != person.unit_id:
        raise Refused(_("本单位没有这位同志。"), field="relative")
    if other == person:
        raise Refused(_("不能填本人。"), field="relative")
    if relation not in Kinship.Relation.values:
        raise Refused(_("请选关系。"), field="relation")
    if _between(person, other).exists():
        raise Refused(_("这层关系已经报告过。"), field="relative", conflict=True)
    row = Kinship.objects.create(
        unit=person.unit,
        person=person,
        relative=other,
        relation=relation,
        declared_by=by,
        declared_at=clock.now(),
    )
    # The relation itself stays out of the trail, which more people read.
    audit.record(by, "kin.declare", row)
    _tell(row, by, "declared")
    return row


@transaction.atomic
def read(*, by: Staff):
    """Everything the unit's people have reported. Whoever of the office reads it leaves a line."""
    access.require(by, "kin.read", Anchor(by.unit_id))
    audit.record(by, "kin.read", by.unit, unit=by.unit)
    return Kinship.objects.visible_to(by)


@transaction.atomic
def end(pk: int, *, by: Staff) -> Kinship:
    """It has ended, or was said in error. What the office entered only the office ends."""
    row = Kinship.objects.select_for_update().get(pk=pk)
    is_office = access.can(by, "kin.declare", Anchor(row.unit_id))
    if not is_office and row.declared_by_id != by.pk:
        raise PermissionDenied(_("这一条由报告的人或者机关人事科撤销。"))
    if row.ended_at is not None:
        raise Refused(_("这一条已经撤销。"), conflict=True)
    row.ended_by, row.ended_at = by, clock.now()
    row.save(update_fields=["ended_by", "ended_at"])
    audit.record(by, "kin.end", row)
    _tell(row, by, "ended")
    return row


def _between(person: Staff, other: Staff):
    either = Q(person=person, relative=other) | Q(person=other, relative=person)
    return Kinship.objects.filter(either, ended_at=None)


def _tell(row: Kinship, by: Staff, what: str) -> None:
    """The office, that there is something to read; never who or what in the notice itself."""
    held = Appointment.objects.on(clock.today()).filter(office=Office.PERSONNEL_OFFICE)
    office = Staff.objects.filter(unit=row.unit_id, pk__in=held.values("staff")).exclude(pk=by.pk)
    notices.tell_all(
        office,
        f"kin:{row.pk}:{what}",
        lambda: _("亲属关系报告有变化，请核对。"),
        url=reverse("scheme:kinship_unit"),
        icon="users",
    )
