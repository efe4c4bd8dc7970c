"""Builders for the drafted sheets: accepted reports with lines, tasks with progress."""

import itertools
import uuid
from datetime import date
from decimal import Decimal

from ledgers.models import (
    DailyReport,
    Milestone,
    Progress,
    ReportLine,
    Task,
    TaskHandler,
    WritingCredit,
    WritingItem,
)
from scheme import clock
from tests.factories import make_report

_numbers = itertools.count(1)
WEEK = date(2026, 3, 2)
MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
MARCH = date(2026, 3, 1)


def make_task(section, title=None, *, due_on=date(2026, 6, 30), handlers=(), **more) -> Task:
    n = next(_numbers)
    task = Task.objects.create(
        unit_id=section.unit_id,
        number=f"试-{n:03d}",
        title=title or f"第{n}项任务",
        lead=section,
        difficulty=3,
        due_on=due_on,
        recorded_at=clock.now(),
        **more,
    )
    for place, person in enumerate(handlers):
        TaskHandler.objects.create(
            task=task, person=person, role="joint" if place else "main", share=Decimal(50)
        )
    return task


def accepted(author, day, *lines, state=DailyReport.State.ACCEPTED, **more) -> DailyReport:
    """A report read by its chief. A line is its text, or (text, done, task)."""
    more.setdefault("plan", "")
    report = make_report(author, day, state=state, lines=(), **more)
    rows = [line if isinstance(line, tuple) else (line, True, None) for line in lines]
    ReportLine.objects.bulk_create(
        ReportLine(report=report, position=n, text=text, done=done, task=task)
        for n, (text, done, task) in enumerate(rows, 1)
    )
    return report


def progress(task, percent, text, *, by, day=TUESDAY, **more) -> Progress:
    return Progress.objects.create(
        task=task, percent=percent, text=text, by=by, at=clock.at(day, 11), **more
    )


def step(task, text, due_on, target=60) -> Milestone:
    return Milestone.objects.create(
        task=task, position=next(_numbers), text=text, due_on=due_on, target=target
    )


def adopted(person, title, day, *, role="main", section=None) -> WritingItem:
    item = WritingItem.objects.create(
        unit_id=person.unit_id,
        adopted_on=day,
        title=title,
        kind="information",
        carrier="组工信息",
        level="city",
        recorded_at=clock.now(),
    )
    WritingCredit.objects.create(item=item, person=person, role=role)
    return item


def told(drafted, part) -> list[tuple[str, str]]:
    return [(line.text, line.people) for line in drafted if line.part == part]


def enter(client, person) -> None:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")


def keyed(version, **more) -> dict:
    return {"idem": str(uuid.uuid4()), "version": version, **more}
