"""Rows of the desk about the points book, for those who decide on it."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.rows import Task
from scheme import access
from scheme.roles import Role
from scheme.templatetags.look import signed
from scoring import manuals
from scoring.models import ManualEntry


def manual_entries(person) -> list[Task]:
    """Entries by hand that wait for this leader's approval; one leads straight to its page."""
    if not access.has_role(person, Role.LEADER):
        return []
    rows = ManualEntry.objects.visible_to(person).filter(state=ManualEntry.State.PROPOSED)
    rows = rows.select_related("unit", "person", "section", "proposed_by").order_by("pk")
    mine = manuals.for_decision(person, rows)
    if not mine:
        return []
    first, count = mine[0], len(mine)
    if count == 1:
        subject = first.person or first.section
        title = _("手工记分：%(subject)s %(points)s")
        title = title % {"subject": subject, "points": signed(first.points)}
        url = reverse("scoring:manual_detail", args=[first.pk])
    else:
        title = ngettext("%(n)s笔手工记分待批准", "%(n)s笔手工记分待批准", count) % {"n": count}
        url = reverse("scoring:manual_list")
    note = _("由%(name)s提出，批准后才入账") % {"name": first.proposed_by.name}
    return [Task("warn", _("待批准"), title, note, url, _("去看"))]
