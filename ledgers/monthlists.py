"""What a section's list of a month says (一清单), drawn from the ledger of key tasks."""

from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Prefetch, Q
from django.utils import translation
from django.utils.translation import gettext as _

from ledgers import lights
from ledgers.models import Milestone, MonthlyList, Task
from scheme.templatetags.look import listed, md

State = MonthlyList.State
KINDS = {State.DRAFT: "done", State.ISSUED: "warn", State.SIGNED: "ok"}


class Line(NamedTuple):
    task_id: int
    number: str
    title: str
    demand: str
    due_on: date
    leads: bool


def next_month(month: date) -> date:
    return (month + timedelta(31)).replace(day=1)


def months_to_draw(today: date) -> tuple[date, date]:
    """This month and the next: what has gone by is not set as a task."""
    first = today.replace(day=1)
    return first, next_month(first)


def drawn(unit_id: int, month: date) -> dict[int, list[Line]]:
    """Lines by section, from three queries: tasks under way that have begun by the month, those
    it leads before those it supports."""
    until = next_month(month)
    rows = (
        Task.objects.filter(unit=unit_id, state__in=Task.UNDER_WAY)
        .filter(Q(start_on=None) | Q(start_on__lt=until))
        .prefetch_related(
            "supporting", Prefetch("milestones", Milestone.objects.order_by("position"))
        )
        .order_by("due_on", "number")
    )
    found: dict[int, list[Line]] = {}
    for task in rows:
        due = lights.working_deadline(task)
        # Kept and read by all: in the language of the office, whoever draws.
        with translation.override(settings.LANGUAGE_CODE):
            demand = _demand(task, due, month, until)
        sections = [(task.lead_id, True), *((one.pk, False) for one in task.supporting.all())]
        for section, leads in sections:
            line = Line(task.pk, task.number, task.title, demand, due, leads)
            found.setdefault(section, []).append(line)
    return {pk: sorted(lines, key=lambda line: not line.leads) for pk, lines in found.items()}


def _demand(task: Task, due: date, month: date, until: date) -> str:
    """What is to be done this month: its milestones, the end of it, or the next step."""
    steps = [step for step in task.milestones.all() if task.progress < step.target]
    told = [
        _("%(day)s前%(text)s（应达%(target)s%%）")
        % {"day": md(step.due_on), "text": step.text, "target": step.target}
        for step in steps
        if step.due_on < until
    ]
    if due < month:
        told.append(_("已过时限，抓紧办结"))
    elif due < until:
        told.append(_("%(day)s前办结") % {"day": md(due)})
    elif not told:
        coming = steps[0] if steps else None
        told.append(
            _("按序时推进，下一节点%(day)s：%(text)s")
            % {"day": md(coming.due_on), "text": coming.text}
            if coming
            else _("按序时推进")
        )
    return listed(told, "；")[:500]
