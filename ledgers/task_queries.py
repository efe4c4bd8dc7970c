"""The ledger of key tasks as a list: what a filter leaves, and what a row of the sheet says."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext as _

from ledgers import lights, tasking
from ledgers.lights import Light
from ledgers.models import Progress, Task, TaskHandler
from scheme.models import Staff

State = Task.State
RUNNING = (State.APPROVED, *Task.UNDER_WAY, State.SUSPENDED)
PROPOSED = (State.DRAFT, State.FILED, State.RETURNED)


class Row(NamedTuple):
    """A line of the ledger as the office prints it."""

    task: Task
    light: Light
    kind: str
    due_on: date
    hands: str
    supporting: str
    source: str
    progress: str
    latest: Progress | None
    outcome: str


def with_due(rows: models.QuerySet) -> models.QuerySet:
    """Adds `due`: the day the work is now to be done by, as `lights.working_deadline` tells it."""
    kept = models.Case(
        models.When(extension_granted_on__lt=models.F("due_on"), then=models.F("extended_to")),
        default=None,
    )
    deadline = Coalesce(kept, models.F("due_on"))
    return rows.annotate(due=Greatest(deadline, Coalesce("replanned_to", deadline)))


def of_person(person: Staff) -> Q:
    return Q(pk__in=TaskHandler.objects.filter(person=person).values("task"))


def of_section(section_id: int, part: str = "") -> Q:
    leads = Q(lead=section_id)
    joins = Q(pk__in=Task.supporting.through.objects.filter(section=section_id).values("task"))
    return {"lead": leads, "joint": joins}.get(part, leads | joins)


def in_state(state: str) -> Q:
    """`state`: one of the table, "running", "proposed"; empty is whatever is in the ledger."""
    groups = {"running": RUNNING, "proposed": PROPOSED}
    if state:
        return Q(state__in=groups.get(state, (state,)))
    return ~Q(state__in=Task.UNCOUNTED)


def due_within(window: str, today: date) -> Q:
    """Of tasks being worked on: "late", "week", "month" (seven and thirty days from today)."""
    open_ = Q(state__in=RUNNING)
    if window == "late":
        return open_ & Q(due__lt=today)
    days = {"week": 7, "month": 30}[window]
    return open_ & Q(due__range=(today, today + timedelta(days)))


def worded(words: str) -> Q:
    return Q(number__icontains=words) | Q(title__icontains=words) | Q(source__icontains=words)


def of_colour(rows: Iterable[Task], colour: str, today: date) -> tuple[list[Task], dict]:
    """Lights are computed, not stored: of all rows at once. Returns the rows of the colour, and
    the lights, which need not be computed again."""
    tasks = list(rows)
    burning = lights.of(tasks, today)
    return [task for task in tasks if burning[task.pk].colour == colour], burning


def latest_of(tasks: Iterable[Task]) -> dict[int, Progress]:
    """What was reported last on each, in one query."""
    rows = Progress.objects.filter(task__in=[task.pk for task in tasks])
    rows = rows.order_by("task_id", "-at", "-pk").distinct("task_id")
    return {row.task_id: row for row in rows}


def shown(
    tasks: Iterable[Task],
    today: date,
    *,
    burning: dict[int, Light] | None = None,
    latest: dict[int, Progress] | None = None,
) -> list[Row]:
    """The rows of a page: a set of queries, whatever their number. Lights and progress may be
    known already."""
    tasks, latest = list(tasks), latest or {}
    burning = lights.of(tasks, today) if burning is None else burning
    rows = []
    for task in tasks:
        light = burning[task.pk]
        hands = [f"{hand.person.name}（{hand.get_role_display()}）" for hand in task.handlers.all()]
        source = task.source
        if task.item_id and not source:
            source = f"{task.item.paper.title} {task.item.number}"
        asked = f"{light.planned}%" if light.burns else ""
        rows.append(
            Row(
                task,
                light,
                tasking.KINDS[task.state],
                lights.working_deadline(task),
                "、".join(hands),
                "、".join(one.name for one in task.supporting.all()),
                source,
                asked,
                latest.get(task.pk),
                _outcome(task),
            )
        )
    return rows


def ready(rows: models.QuerySet) -> models.QuerySet:
    """With all that `shown` reads."""
    handlers = TaskHandler.objects.select_related("person").order_by("-role", "pk")
    return rows.select_related("lead", "leader", "item__paper").prefetch_related(
        "supporting", models.Prefetch("handlers", handlers)
    )


def _outcome(task: Task) -> str:
    if task.closed_on:
        late = task.closed_on > task.deadline
        return (
            _("%(state)s，逾期办结") % {"state": task.get_state_display()}
            if late
            else (_("%(state)s，按时办结") % {"state": task.get_state_display()})
        )
    return str(task.get_state_display())
