"""What the record of a branch's meeting asks of its secretary."""

from django.urls import reverse
from django.utils.translation import gettext as _

from desk.rows import Task
from scheme import access
from scheme.roles import Role
from stars.models import BranchRecord, Round, Seat

WHILE = (Round.State.AT_BRANCH, Round.State.AT_COMMITTEE)


def records_owed(person, running: Round | None) -> list[Task]:
    """Branches one is secretary of, that judged something and have no record yet."""
    led = access.places(person, Role.SECRETARY)
    if not led or running is None or running.state not in WHILE:
        return []
    seated = Seat.objects.filter(round=running, body=Seat.Body.BRANCH, branch__in=led)
    written = BranchRecord.objects.filter(round=running).values("branch")
    owed = (
        seated.exclude(branch__in=written)
        .order_by("branch__position", "branch")
        .values_list("branch", "branch__name")
        .distinct()
    )
    return [
        Task(
            "warn",
            _("待记录"),
            _("%(branch)s会议记录还没有写") % {"branch": name},
            _("已按实际情况起草，核对后存好"),
            reverse("stars:branch_record_edit", args=[running.pk, branch]),
            _("去写"),
        )
        for branch, name in owed
    ]
