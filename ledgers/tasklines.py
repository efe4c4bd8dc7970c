"""Which tasks a line of a report may name: those one handles, and those of one's section."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from ledgers.models import Task, TaskHandler
from scheme.models import SectionMembership, Staff

# More than anybody has in hand; beyond it a list is no longer a tap.
MOST = 30


def pickable(person: Staff, day: date) -> QuerySet[Task]:
    """Tasks of the ledger that are the person's or the section's of that day, whatever their
    state: a report may say how one was closed. Adds `handled`."""
    section = SectionMembership.objects.on(day).filter(staff=person).values("section")
    handled = Exists(TaskHandler.objects.filter(task=OuterRef("pk"), person=person))
    helping = Exists(
        Task.supporting.through.objects.filter(task=OuterRef("pk"), section__in=section)
    )
    return (
        Task.objects.visible_to(person)
        .exclude(state__in=Task.UNCOUNTED)
        .annotate(handled=handled, helping=helping)
        .filter(Q(handled=True) | Q(helping=True) | Q(lead__in=section))
    )


def offered(person: Staff, day: date) -> list[Task]:
    """Those under way: first what the person handles, then the section's; the nearest due first."""
    rows = pickable(person, day).filter(state__in=(*Task.UNDER_WAY, Task.State.APPROVED))
    return list(rows.order_by("-handled", "due_on", "number")[:MOST])
