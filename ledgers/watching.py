"""What the clock does for tasks under way: reminds, puts away requests nobody decided, brings what
burns before the next level up. Only on working days, in working hours, one level at a time."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import lights
from ledgers.actions import extensions, supervision
from ledgers.lights import Colour, Light
from ledgers.models import Escalation, Extension, LightPolicy, SupervisionNote, Task, TaskHandler
from scheme import clock, notices, workdays
from scheme.models import Appointment, Staff, Unit
from scheme.offices import Office
from scheme.templatetags.look import md

OPENS, SHUTS = time(9), time(17)
# Working days before the deadline on which those at work are reminded.
REMINDERS = (1, 3, 5)
AT_WORK = supervision.AT_WORK


def may_speak(at: datetime) -> bool:
    """Nobody is reminded at night or on a day off."""
    local = clock.local(at)
    return OPENS <= local.time() < SHUTS and workdays.is_working(local.date())


@transaction.atomic
def watch(unit: Unit) -> dict[str, int]:
    """One look at the unit's tasks, held meanwhile. Done twice it does nothing the second time."""
    today = clock.today()
    asked = Extension.objects.filter(
        state=Extension.State.ASKED, task__unit=unit, task__state__in=AT_WORK
    )
    overdue = [one.task_id for one in asked.select_related("task") if one.task.deadline <= today]
    expired = sum(extensions.expire(pk, by=None) for pk in sorted(overdue))
    rows = Task.objects.filter(unit=unit, state__in=AT_WORK, closed_on=None).order_by("pk")
    tasks = list(rows.select_for_update(of=("self",)))
    shown = lights.of(tasks, today)
    reminded = _remind(tasks, shown)
    raised = 0
    for task, reason in _to_raise(tasks, shown, lights.policy_of(unit.pk, today), today):
        supervision.escalate(task.pk, reason=reason, by=None)
        raised += 1
    return {"expired": expired, "reminded": reminded, "raised": raised}


# --- Reminders


def _remind(tasks: list[Task], shown: dict[int, Light]) -> int:
    """To the 主办 handlers and the chief, once for each of the days and deadline."""
    due = []
    for task in tasks:
        left = shown[task.pk].left
        step = next((n for n in REMINDERS if 0 <= left <= n), None)
        if step is not None:
            due.append((task, step))
    people = _people([task for task, _step in due])
    told = []
    for task, step in due:
        about, left = lights.working_deadline(task), shown[task.pk].left
        key = f"task:{task.pk}:due:{about}:{step}"
        url = reverse("ledgers:task_detail", args=[task.pk])

        def say(task=task, about=about, left=left):
            if not left:
                return _("“%(task)s”今日到期。") % {"task": task.title[:100]}
            text = _("“%(task)s”%(day)s到期，还有%(n)s个工作日。")
            return text % {"task": task.title[:100], "day": md(about), "n": left}

        told += [notices.Told(one, key, say, url) for one in people[task.pk]]
    notices.tell_each(told, icon="clock")
    return len(told)


def _people(tasks: list[Task]) -> dict[int, list[Staff]]:
    """Who is at work on each task and who answers for it, in two queries."""
    found: dict[int, dict[int, Staff]] = defaultdict(dict)
    main = TaskHandler.objects.filter(task__in=tasks, role="main", person__is_active=True)
    for row in main.select_related("person"):
        found[row.task_id][row.person_id] = row.person
    chiefs = defaultdict(list)
    heads = Appointment.objects.on(clock.today()).filter(
        office=Office.SECTION_CHIEF,
        section__in={task.lead_id for task in tasks},
        staff__is_active=True,
    )
    for row in heads.select_related("staff"):
        chiefs[row.section_id].append(row.staff)
    for task in tasks:
        for chief in chiefs[task.lead_id]:
            found[task.pk][chief.pk] = chief
    return {task.pk: list(found[task.pk].values()) for task in tasks}


# --- Level by level


def _to_raise(
    tasks: list[Task], shown: dict[int, Light], policy: LightPolicy, today: date
) -> Iterator[tuple[Task, str]]:
    """A red light is brought before the chief at once; a press has been. From there it goes up
    when the interval of working days since the level before has passed, and still nothing has
    changed: the light is red, or the press unanswered."""
    open_presses = SupervisionNote.objects.unanswered().filter(task__in=tasks)
    pressed = set(open_presses.values_list("task_id", flat=True))
    burning = [
        (task, shown[task.pk])
        for task in tasks
        if shown[task.pk].colour == Colour.RED or task.pk in pressed
    ]
    last = {}
    for row in Escalation.objects.filter(task__in=[task for task, _light in burning]):
        last[row.task_id, row.about] = row
    since = [clock.local(row.at).date() for row in last.values()]
    days = lights.Days.around((day, today) for day in since)
    for task, light in burning:
        before = last.get((task.pk, lights.working_deadline(task)))
        if before is None:
            if light.colour == Colour.RED:
                yield task, _reason(light)
        elif before.level < Escalation.Level.CHAIR:
            waited = days.after(clock.local(before.at).date(), today)
            if waited >= policy.escalate_after:
                yield task, _reason(light)


def _reason(light: Light) -> str:
    if light.late:
        return _("逾期%(n)s个工作日") % {"n": light.late}
    if light.colour == Colour.RED:
        return _("落后序时进度%(n)s个百分点") % {"n": light.behind}
    return _("催办没有反馈")
