"""What of circulars waits on the desk: to sign, to issue, to mend."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.rows import Task
from ledgers.models import Circular
from scheme import access
from scheme.roles import Role

State = Circular.State


def waiting(person) -> list[Task]:
    """Filed ones for the chair, signed ones for whoever issues, returned ones for their writer: in
    one query, and in none for all others."""
    asked = Q()
    if access.has_role(person, Role.CHAIR):
        asked |= Q(state=State.FILED) & ~Q(written_by=person)
    if access.can(person, "circular.issue"):
        asked |= Q(state=State.APPROVED) | Q(state=State.RETURNED, written_by=person)
    if not asked:
        return []
    rows = Circular.objects.filter(asked, unit_id=person.unit_id)
    return [_task(one) for one in rows.order_by("filed_at", "pk")]


def _task(circular: Circular) -> Task:
    if circular.state == State.RETURNED:
        kind, word, note, act = "bad", _("退回补正"), _("改好再送签"), _("去补正")
        route = "ledgers:circular_edit"
    else:
        kind, route = "warn", "ledgers:circular_detail"
        word, note, act = {
            State.FILED: (_("待签发"), _("签发后编号印发"), _("去看")),
            State.APPROVED: (_("待印发"), _("已签发，编号后印发"), _("去印发")),
        }[circular.state]
    return Task(kind, word, circular.title, note, reverse(route, args=[circular.pk]), act)
