"""What of circulars waits on the desk: to sign, to issue, to mend."""

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.rows import Task
from ledgers.models import Circular
from scheme import access
from scheme.roles import Role

State = Circular.State


def waiting(person) -> list[Task]:
    """Filed ones for the chair, signed ones for whoever numbers and issues them."""
    tasks = []
    if access.has_role(person, Role.CHAIR):
        rows = _in(person, State.FILED).exclude(written_by=person)
        tasks += [_task(one, _("待签发"), _("签发后编号印发"), _("去看")) for one in rows]
    if access.can(person, "circular.issue"):
        rows = _in(person, State.APPROVED)
        tasks += [_task(one, _("待印发"), _("已签发，编号后印发"), _("去印发")) for one in rows]
    return tasks


def returned(person) -> list[Task]:
    """Sent back to its writer."""
    if not access.can(person, "circular.write"):
        return []
    rows = _in(person, State.RETURNED).filter(written_by=person)
    return [
        _task(one, _("退回补正"), _("改好再送签"), _("去补正"), kind="bad", edit=True)
        for one in rows
    ]


def _in(person, state: str):
    rows = Circular.objects.filter(unit_id=person.unit_id, state=state)
    return rows.order_by("filed_at", "pk")


def _task(circular, word, note, act, *, kind="warn", edit=False) -> Task:
    route = "ledgers:circular_edit" if edit else "ledgers:circular_detail"
    return Task(kind, word, circular.title, note, reverse(route, args=[circular.pk]), act)
