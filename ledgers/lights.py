"""Lights of tasks (亮灯): what the plan asks for by today against what was reported.

A light is never a colour alone: it has a word and an icon. A day's work is asked for once the day
is over: on the day of a deadline nothing is overdue yet, and days after it count only when they
are working days, as they do for the points.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledgers.models import LightPolicy, Milestone, Task
from scheme import clock
from scheme.models import CalendarDay

ONE_DAY = timedelta(1)
State = Task.State
FINISHED = (State.CLOSED, State.STRUCK)
# Reported done and being looked at: measured by the day of the report, not by today.
REPORTED = (State.REPORTED, State.REVIEWED)


class Colour(models.TextChoices):
    RED = "red", _("红灯")
    YELLOW = "yellow", _("黄灯")
    GREEN = "green", _("绿灯")
    BLUE = "blue", _("已办结")
    GREY = "grey", _("不亮灯")


# Class of components/_status.html and icon, by colour.
KINDS = {"red": "bad", "yellow": "warn", "green": "ok", "blue": "done", "grey": "done"}


class Light(NamedTuple):
    """`left`: working days until the deadline, negative once it has passed. `behind`: points the
    progress is behind the plan."""

    colour: str
    word: str | Promise
    icon: str
    planned: int = 0
    progress: int = 0
    left: int = 0

    @property
    def kind(self) -> str:
        return KINDS[self.colour]

    @property
    def behind(self) -> int:
        return max(0, self.planned - self.progress)

    @property
    def late(self) -> int:
        return max(0, -self.left)

    @property
    def burns(self) -> bool:
        """Is it work under way, rather than done, not begun or put aside?"""
        return self.colour in (Colour.RED, Colour.YELLOW, Colour.GREEN)


class Days:
    """Working days as a sorted list: counting a span is two look-ups."""

    def __init__(self, days: Sequence[date]):
        self.days = days

    @classmethod
    def around(cls, spans: Iterable[tuple[date, date]]) -> "Days":
        """In one query, as far as the spans reach."""
        spans = list(spans)
        if not spans:
            return cls([])
        first, last = min(s[0] for s in spans), max(s[1] for s in spans)
        rows = CalendarDay.objects.filter(day__range=(first, last), is_working=True)
        return cls(list(rows.order_by("day").values_list("day", flat=True)))

    def after(self, first: date, last: date) -> int:
        """How many after first up to and including last."""
        return max(0, bisect_right(self.days, last) - bisect_right(self.days, first))


def working_deadline(task: Task) -> date:
    """The day the work is now to be done by. A date set after the deadline had passed moves it;
    the points keep the old one (Task.deadline)."""
    return max(task.deadline, task.replanned_to or task.deadline)


def start_of(task: Task) -> date:
    begun = task.start_on
    if begun is None:
        begun = clock.local(task.assigned_at or task.recorded_at).date()
    return min(begun, working_deadline(task))


def planned(task: Task, steps: Sequence[Milestone], days: Days, today: date) -> int:
    """Percent that the plan asks for before today: by working days between the milestones, or
    between the start and the deadline where there are none. Rounded down, in the task's favour."""
    start, end, reached = start_of(task), working_deadline(task), 0
    points = [(start - ONE_DAY, 0)]
    for step in sorted(steps, key=lambda s: (s.due_on, s.position)):
        if start <= step.due_on < end:
            reached = max(reached, step.target)
            points.append((step.due_on, reached))
    points.append((end, 100))
    for (begin, low), (until, high) in pairwise(points):
        if today <= until:
            span, gone = days.after(begin, until), days.after(begin, today - ONE_DAY)
            return low + (high - low) * gone // span if span else low
    return 100


def light_of(
    task: Task, steps: Sequence[Milestone], days: Days, policy: LightPolicy, today: date
) -> Light:
    """The light of one task. `days` reach over its span and today."""
    if task.state == State.CANCELLED:
        return Light(Colour.GREY, _("已取消"), "x-circle", progress=task.progress)
    if task.closed_on or task.state in FINISHED:
        return Light(Colour.BLUE, _("已办结"), "flag", planned=100, progress=100)
    if task.state == State.SUSPENDED:
        return Light(Colour.GREY, _("暂停"), "pause", progress=task.progress)
    if task.state not in Task.UNDER_WAY:
        return Light(Colour.GREY, _("未交办"), "minus", progress=task.progress)
    on, progress = today, task.progress
    if task.state in REPORTED and task.reported_at:
        on, progress = min(today, clock.local(task.reported_at).date()), 100
    end = working_deadline(task)
    left = days.after(on, end) if on <= end else -days.after(end, on)
    asked = planned(task, steps, days, on)
    figures = {"planned": asked, "progress": progress, "left": left}
    behind = asked - progress
    if left < 0:
        return Light(Colour.RED, _("逾期"), "exclamation-circle", **figures)
    if behind >= policy.red_behind:
        return Light(Colour.RED, _("严重滞后"), "exclamation-circle", **figures)
    if end > task.deadline and days.after(task.deadline, on) and task.state not in REPORTED:
        return Light(Colour.YELLOW, _("已过原时限"), "exclamation-triangle", **figures)
    if behind >= policy.yellow_behind:
        return Light(Colour.YELLOW, _("滞后"), "exclamation-triangle", **figures)
    if left <= policy.near_days and task.state not in REPORTED:
        return Light(Colour.YELLOW, _("临期"), "clock", **figures)
    return Light(Colour.GREEN, _("正常"), "check", **figures)


def policy_of(unit_id: int, day: date) -> LightPolicy:
    """In force that day; the plain defaults before any was set."""
    rows = LightPolicy.objects.filter(unit_id=unit_id, in_force_from__lte=day)
    return rows.order_by("-in_force_from", "-pk").first() or LightPolicy(
        unit_id=unit_id, in_force_from=day
    )


def of(tasks: Iterable[Task], today: date | None = None) -> dict[int, Light]:
    """Lights of tasks of one unit, by key: three queries however many they are."""
    tasks, today = list(tasks), today or clock.today()
    if not tasks:
        return {}
    steps = steps_of(tasks)
    days = days_of(tasks, today)
    policy = policy_of(tasks[0].unit_id, today)
    return {task.pk: light_of(task, steps.get(task.pk, ()), days, policy, today) for task in tasks}


def steps_of(tasks: Iterable[Task]) -> dict[int, list[Milestone]]:
    """Milestones by task, in one query."""
    found: dict[int, list[Milestone]] = {}
    keys = [task.pk for task in tasks]
    for step in Milestone.objects.filter(task__in=keys).order_by("position"):
        found.setdefault(step.task_id, []).append(step)
    return found


def days_of(tasks: Iterable[Task], today: date) -> Days:
    """The working days that the lights of these tasks ask for."""
    return Days.around(
        (min(start_of(task), today), max(working_deadline(task), today)) for task in tasks
    )


def totals(lights: Iterable[Light]) -> list[tuple[Colour, int]]:
    """How many of each colour, the worst first."""
    counted = Counter(light.colour for light in lights)
    return [(colour, counted[colour]) for colour in Colour]
