"""A section with a task under way, and everybody who has a hand in it."""

import itertools
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import transaction

from ledgers.actions import papers
from ledgers.models import LedgerMove, Task, TaskHandler
from scheme import clock
from scheme.errors import Refused
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from tests import factories as make

_numbers = itertools.count(1)


def make_world(unit=None) -> SimpleNamespace:
    """Sections one and two with chiefs; a leader in charge of both; the supervision office; the
    chair. `main` and `joint` handle the tasks of section one."""
    unit = unit or make.make_unit()
    w = SimpleNamespace(unit=unit)
    w.one, w.two = make.make_section(unit, "干部一科"), make.make_section(unit, "组织二科")
    w.office_section = make.make_section(unit, "办公室")
    w.chief = make.make_staff(section=w.one, office=Office.SECTION_CHIEF, name="王科长")
    w.other_chief = make.make_staff(section=w.two, office=Office.SECTION_CHIEF, name="李科长")
    w.main = make.make_staff(section=w.one, name="主办人")
    w.joint = make.make_staff(section=w.one, name="协办人")
    w.leader = make.make_staff(unit, name="赵副部长")
    for section in (w.one, w.two):
        make.appoint(w.leader, Office.LEADER_IN_CHARGE, section=section)
    w.other_leader = make.make_staff(unit, name="钱副部长")
    make.appoint(w.other_leader, Office.LEADER_IN_CHARGE, section=w.office_section)
    w.office = make.make_staff(section=w.office_section, name="督查员")
    make.appoint(w.office, Office.SUPERVISION_OFFICE)
    w.chair = make.make_staff(unit, name="部长")
    make.appoint(w.chair, Office.COMMITTEE_CHAIR)
    return w


def make_task(w, due_on=date(2026, 3, 20), *, state=Task.State.RECEIVED, lead=None, **more) -> Task:
    """Recorded and assigned on the clock's day; 主办 60 %, 协办 40 %."""
    n = next(_numbers)
    now = clock.now()
    begun = state not in (*Task.UNCOUNTED, Task.State.APPROVED)
    hands = more.pop("hands", None)
    received = begun and state != Task.State.ASSIGNED
    task = Task.objects.create(
        unit=w.unit,
        number=more.pop("number", f"〔2026〕-{n:03d}"),
        title=more.pop("title", f"重点任务{n}"),
        lead=lead or w.one,
        difficulty=more.pop("difficulty", 3),
        due_on=due_on,
        state=state,
        start_on=more.pop("start_on", clock.today()),
        assigned_at=more.pop("assigned_at", now if begun else None),
        received_at=more.pop("received_at", now if received else None),
        recorded_at=now,
        **more,
    )
    for person, role, share in hands or [(w.main, "main", 60), (w.joint, "joint", 40)]:
        TaskHandler.objects.create(task=task, person=person, role=role, share=Decimal(share))
    return task


def attach(task: Task, by) -> None:
    """A paper, as the section hangs it on the task before it reports."""
    papers.attach("task", task.pk, make.pdf(), "办理报告.pdf", by=by)
    task.refresh_from_db()


def refusal(call) -> Refused:
    with pytest.raises(Refused) as caught, transaction.atomic():
        call()
    return caught.value


def moves(row, ledger="task") -> list[str]:
    rows = LedgerMove.objects.filter(ledger=ledger, row_id=row.pk).order_by("version")
    return list(rows.values_list("kind", flat=True))


def told(person) -> list[str]:
    """What the person was told, the latest last."""
    return list(Notice.objects.filter(to=person).order_by("pk").values_list("text", flat=True))


def trail(row) -> list[str]:
    rows = AuditEntry.objects.filter(object_type=row._meta.label_lower, object_id=str(row.pk))
    return list(rows.order_by("pk").values_list("act", flat=True))
