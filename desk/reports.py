"""What of leave waits on the desk, and where one stands in for somebody."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.rows import Task
from scheme.models import LeaveRequest


def waiting(person) -> list[Task]:
    """Requests for leave and travel to decide on; one is named."""
    rows = list(LeaveRequest.objects.to_decide_by(person).select_related("staff")[:50])
    if not rows:
        return []
    title = ngettext("%(n)s份请假出差待批准", "%(n)s份请假出差待批准", len(rows)) % {"n": len(rows)}
    if len(rows) == 1:
        form = {"name": rows[0].staff.name, "kind": rows[0].get_kind_display()}
        title = _("%(name)s申请%(kind)s") % form
    return [
        Task(
            "warn",
            _("待批准"),
            title,
            _("批准后那几天免报日报"),
            reverse("ledgers:absence_list"),
            _("去批准"),
        )
    ]
