"""What of a key task is known before anything is done to it: who may do what, what it still lacks,
its next number."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _

from ledgers.models import LedgerMove, Task
from scheme import access
from scheme.access import Anchor
from scheme.models import Section, SectionMembership, Staff

State = Task.State
WRITTEN = (State.DRAFT, State.RETURNED)
# Whose share of the work may still be put right.
SHARED_OUT = (State.ASSIGNED, State.RECEIVED)
KINDS = {
    State.DRAFT: "done",
    State.FILED: "warn",
    State.RETURNED: "bad",
    State.APPROVED: "warn",
    State.ASSIGNED: "warn",
    State.RECEIVED: "ok",
    State.REPORTED: "warn",
    State.REVIEWED: "warn",
    State.CLOSED: "done",
    State.STRUCK: "done",
    State.SUSPENDED: "warn",
    State.CANCELLED: "done",
}


class Hand(NamedTuple):
    """A handler as it is written down."""

    person_id: int
    role: str
    share: Decimal


class Step(NamedTuple):
    """A milestone as it is written down."""

    text: str
    due_on: date
    target: int


def anchor_for(unit_id: int, section_id: int | None, state: str = State.DRAFT) -> Anchor:
    return Anchor(unit_id, section_id=section_id, state=state)


def proposable(person: Staff) -> list[Section]:
    """The sections the person may propose tasks for."""
    rows = Section.objects.filter(unit_id=person.unit_id, closed_on=None)
    return [
        one
        for one in rows
        if access.can(person, "task.propose", anchor_for(person.unit_id, one.pk))
    ]


def may_write(person: Staff, task: Task) -> bool:
    return access.can(person, "task.propose", task.anchor())


def wrote(person: Staff, task: Task) -> bool:
    """Has the person had a hand in what is to be approved?"""
    if task.proposed_by_id == person.pk:
        return True
    rows = LedgerMove.objects.filter(ledger="task", row_id=task.pk, by=person)
    return rows.filter(kind__in=["draft", "change", "file"]).exists()


def may_decide(person: Staff, task: Task) -> bool:
    return access.can(person, "task.approve", task.anchor()) and not wrote(person, task)


def may_withdraw(person: Staff, task: Task) -> bool:
    return task.state == State.FILED and task.proposed_by_id == person.pk


def may_cancel(person: Staff, task: Task) -> bool:
    """The supervision office; of a draft also whoever may write it. What is closed has been
    counted, and stands."""
    if task.state in (State.CANCELLED, State.CLOSED, State.STRUCK):
        return False
    return access.can(person, "task.cancel", task.anchor()) or may_write(person, task)


def may_share_out(person: Staff, task: Task) -> bool:
    return access.can(person, "task.pass_on", task.anchor())


def people_of(sections: Iterable[int], day: date) -> set[int]:
    rows = SectionMembership.objects.on(day).filter(section__in=list(sections))
    return set(rows.values_list("staff_id", flat=True))


def next_number(unit_id: int, year: int) -> str:
    """〔2026〕-007: the one after the highest of the unit and year."""
    head = f"〔{year}〕-"
    taken = Task.objects.filter(unit=unit_id, number__startswith=head)
    ends = (number[len(head) :] for number in taken.values_list("number", flat=True))
    last = max((int(end) for end in ends if re.fullmatch(r"[0-9]{1,6}", end)), default=0)
    return f"{head}{last + 1:03d}"


def lacks(task: Task, hands: list[Hand]) -> str:
    """What keeps a task from being filed, in words; empty when nothing does."""
    if not task.leader_id:
        return _("还没有牵头领导。")
    if not task.source and not task.item_id:
        return _("还没有任务来源：写依据，或者选要点条目。")
    if not task.measures:
        return _("还没有写具体举措。")
    return wrong_hands(hands)


def wrong_hands(hands: list[Hand]) -> str:
    """What is wrong with handlers that are to work; empty when nothing is."""
    if not any(hand.role == "main" for hand in hands):
        return _("至少要有一名主办。")
    total = sum((hand.share for hand in hands), Decimal(0))
    if total != 100:
        return _("承办人份额合计%(total)s，应为100。") % {"total": f"{total.normalize():f}"}
    return ""


def wrong_steps(steps: list[Step], due_on: date) -> str:
    """Milestones go forward in time and in progress, and not beyond the deadline."""
    for before, after in pairwise(steps):
        if after.due_on < before.due_on:
            return _("时间节点要按时限先后写。")
        if after.target <= before.target:
            return _("后一个节点的应达进度要高于前一个。")
    if steps and steps[-1].due_on > due_on:
        return _("时间节点不能晚于完成时限。")
    if steps and steps[-1].target != 100:
        return _("最后一个节点的应达进度应为100。")
    return ""
