"""Key tasks (重点任务台账) until somebody works on them: proposed, approved, assigned, cancelled.

What is done to a task under way stands in `supervision`.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import addressees, records, taskchecks, tasking
from ledgers.models import Milestone, Task, TaskHandler
from ledgers.tasking import Hand, Step
from scheme import audit, clock, notices
from scheme.access import require
from scheme.errors import Refused, Stale
from scheme.models import Staff, Unit

State = Task.State
CONTENT = (
    "number",
    "title",
    "source",
    "item_id",
    "measures",
    "lead_id",
    "leader_id",
    "difficulty",
    "urgency",
    "start_on",
    "due_on",
)


@transaction.atomic
def propose(
    unit: Unit,
    *,
    title: str,
    lead_id: int,
    difficulty: int,
    due_on: date,
    number: str = "",
    source: str = "",
    item_id: int | None = None,
    measures: str = "",
    leader_id: int | None = None,
    urgency: str = Task.Urgency.NORMAL,
    start_on: date | None = None,
    supporting: Iterable[int] = (),
    handlers: Iterable[Hand] = (),
    milestones: Iterable[Step] = (),
    by: Staff,
) -> Task:
    """A draft of the ledger. Without a number it gets the next one of its year."""
    _hold_numbers(unit.pk)
    require(by, "task.propose", tasking.anchor_for(unit.pk, lead_id))
    task = Task(
        unit=unit,
        number=number.strip() or tasking.next_number(unit.pk, clock.today().year),
        title=title,
        lead_id=lead_id,
        difficulty=difficulty,
        due_on=due_on,
        state=State.DRAFT,
        source=source,
        item_id=item_id,
        measures=measures,
        leader_id=leader_id,
        urgency=urgency,
        start_on=start_on,
        proposed_by=by,
        recorded_at=clock.now(),
    )
    supporting, handlers, milestones = list(supporting), list(handlers), list(milestones)
    taskchecks.check(task, supporting, handlers, milestones)
    task.save()
    _write_parts(task, supporting, handlers, milestones)
    records.note(task, "draft", by=by, after=_told(task))
    audit.record(by, "task.draft", task, after=_told(task))
    return task


@transaction.atomic
def change(
    pk: int,
    *,
    version: int,
    supporting: Iterable[int],
    handlers: Iterable[Hand],
    milestones: Iterable[Step],
    by: Staff,
    **content,
) -> Task:
    """Writes a draft or a returned task anew. `content`: those of CONTENT that change."""
    if unknown := content.keys() - set(CONTENT):
        raise TypeError(f"not to be changed: {sorted(unknown)}")
    _hold_numbers(Task.objects.values_list("unit_id", flat=True).get(pk=pk))
    task = _locked(pk, version)
    _require_written(task, by)
    before = _told(task)
    for name, value in content.items():
        setattr(task, name, value)
    # Into a section one may not propose for it is not moved either.
    require(by, "task.propose", task.anchor())
    task.number = task.number.strip() or before["number"]
    supporting, handlers, milestones = list(supporting), list(handlers), list(milestones)
    taskchecks.check(task, supporting, handlers, milestones)
    _move(task)
    _write_parts(task, supporting, handlers, milestones)
    _note(task, "change", by, before=before, after=_told(task))
    return task


@transaction.atomic
def file(pk: int, *, version: int, by: Staff) -> Task:
    """Hands the task to the leader in charge of its lead section (报批)."""
    task = _locked(pk, version)
    _require_written(task, by)
    if why := tasking.lacks(task, _hands(task)):
        raise Refused(why)
    deciders = [
        one for one in addressees.leaders_of([task.lead_id]) if not tasking.wrote(one, task)
    ]
    deciders = [one for one in deciders if one.pk != by.pk]
    if not deciders:
        raise Refused(_("现在没有能审批这项任务的分管领导，请先登记分管任职。"))
    task.state, task.proposed_by = State.FILED, by
    _move(task)
    _note(task, "file", by)
    _tell(
        deciders,
        task,
        lambda: _("重点任务待您审批：%(task)s") % {"task": task.title[:100]},
    )
    return task


@transaction.atomic
def withdraw(pk: int, *, version: int, by: Staff) -> Task:
    """Takes it back from the leader's desk, to go on writing."""
    task = _locked(pk, version)
    if not task.proposed_by_id == by.pk:
        raise PermissionDenied(_("报批的任务由报送人撤回。"))
    _require_state(task, State.FILED)
    task.state = State.DRAFT
    _move(task)
    _note(task, "withdraw", by)
    return task


@transaction.atomic
def turn_back(pk: int, *, reason: str, version: int, by: Staff) -> Task:
    """The leader returns it, with a reason (退回补正)."""
    task = _to_decide(pk, version, by)
    reason = _reason(reason)
    task.state = State.RETURNED
    _move(task)
    _note(task, "return", by, text=reason)
    _tell(
        [task.proposed_by],
        task,
        lambda: (
            _("重点任务退回补正：%(task)s。%(reason)s")
            % {"task": task.title[:80], "reason": reason[:100]}
        ),
    )
    return task


@transaction.atomic
def approve(pk: int, *, version: int, by: Staff) -> Task:
    """Puts it into the ledger (立项)."""
    task = _to_decide(pk, version, by)
    task.state, task.approved_by, task.approved_at = State.APPROVED, by, clock.now()
    _move(task)
    _note(task, "approve", by)
    people = {one.pk: one for one in addressees.supervisors_of(task.unit_id)}
    people[task.proposed_by_id] = task.proposed_by
    _tell(
        people.values(),
        task,
        lambda: _("重点任务已立项，待交办：%(task)s") % {"task": task.title[:100]},
    )
    return task


@transaction.atomic
def assign(pk: int, *, version: int, by: Staff) -> Task:
    """Hands it over to its section in writing (交办); the chief signs for it."""
    task = _locked(pk, version)
    require(by, "task.assign", task.anchor()._replace(state=State.APPROVED))
    _require_state(task, State.APPROVED)
    task.state, task.assigned_at = State.ASSIGNED, clock.now()
    _move(task)
    _note(task, "assign", by)
    _tell(
        addressees.chiefs_of([task.lead_id]),
        task,
        lambda: _("重点任务交办，请签收：%(task)s") % {"task": task.title[:100]},
    )
    others = addressees.chiefs_of(task.supporting.values_list("pk", flat=True))
    handlers = [one.person for one in task.handlers.select_related("person")]
    _tell(
        {one.pk: one for one in (*others, *handlers)}.values(),
        task,
        lambda: _("您承办或配合的重点任务已交办：%(task)s") % {"task": task.title[:100]},
    )
    return task


@transaction.atomic
def share_out(pk: int, *, handlers: Iterable[Hand], reason: str, version: int, by: Staff) -> Task:
    """The chief puts other people to a task under way, or the same at other shares. The leader in
    charge is told: points go by shares."""
    task = _locked(pk, version)
    if not tasking.may_share_out(by, task):
        require(by, "task.pass_on", task.anchor()._replace(state=State.RECEIVED))
        raise Refused(_("这项任务现在不能调整承办人。"), conflict=True)
    reason = _reason(reason)
    handlers = list(handlers)
    sections = [task.lead_id, *task.supporting.values_list("pk", flat=True)]
    taskchecks.check_hands(handlers, sections)
    if why := tasking.wrong_hands(handlers):
        raise Refused(why, field="handlers")
    before, after = _shares(_hands(task)), _shares(handlers)
    if before == after:
        raise Refused(_("承办人和份额都没有变。"), field="handlers")
    _write_hands(task, handlers)
    _move(task)
    _note(task, "change", by, text=reason, before={"shares": before}, after={"shares": after})
    told = {one.pk: one for one in addressees.leaders_of([task.lead_id])}
    named = {int(key) for key in (*before, *after)} - {by.pk}
    told |= {one.pk: one for one in Staff.objects.filter(pk__in=named)}
    _tell(
        told.values(),
        task,
        lambda: _("重点任务调整了承办人和份额：%(task)s") % {"task": task.title[:100]},
    )
    return task


@transaction.atomic
def cancel(pk: int, *, reason: str, version: int, by: Staff) -> Task:
    """Takes it out of the ledger for good (取消): it counts no more, and what was done stays to
    be read."""
    task = _locked(pk, version)
    if not tasking.may_cancel(by, task):
        require(by, "task.cancel", task.anchor())
        raise Refused(
            _("这项任务现在是“%(state)s”，不能取消。") % {"state": task.get_state_display()},
            conflict=True,
        )
    reason = _reason(reason)
    known = task.state not in Task.UNCOUNTED
    task.state = State.CANCELLED
    _move(task)
    _note(task, "cancel", by, text=reason)
    sections = [task.lead_id, *task.supporting.values_list("pk", flat=True)] if known else []
    people = [*addressees.chiefs_of(sections), *addressees.leaders_of(sections[:1])]
    if task.proposed_by_id and task.proposed_by_id != by.pk:
        people.append(task.proposed_by)
    _tell(
        {one.pk: one for one in people}.values(),
        task,
        lambda: (
            _("重点任务取消：%(task)s。%(reason)s")
            % {"task": task.title[:80], "reason": reason[:100]}
        ),
    )
    return task


# --- Steps


def url_of(pk: int) -> str:
    return reverse("ledgers:task_detail", args=[pk])


def _hold_numbers(unit_id: int) -> None:
    """Whoever numbers tasks of a unit goes one after another."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit_id)


def _locked(pk: int, version: int) -> Task:
    rows = Task.objects.select_related("unit", "lead", "proposed_by")
    task = rows.select_for_update(of=("self",)).get(pk=pk)
    if task.version != version:
        raise Stale(_("这项任务在别处办过，刷新后再办。"))
    return task


def _require_written(task: Task, by: Staff) -> None:
    """May the person write it, and is it being written? Who may not learns that first."""
    require(by, "task.propose", tasking.anchor_for(task.unit_id, task.lead_id))
    if task.state not in tasking.WRITTEN:
        _refuse_state(task)


def _to_decide(pk: int, version: int, by: Staff) -> Task:
    task = _locked(pk, version)
    require(by, "task.approve", task.anchor()._replace(state=State.FILED))
    _require_state(task, State.FILED)
    if tasking.wrote(by, task):
        raise PermissionDenied(_("不能审批自己拟的任务。"))
    return task


def _require_state(task: Task, state: str) -> None:
    if task.state != state:
        _refuse_state(task)


def _refuse_state(task: Task):
    raise Refused(
        _("这项任务现在是“%(state)s”，不能这样办。") % {"state": task.get_state_display()},
        conflict=True,
    )


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise Refused(_("请写明理由。"), field="reason")
    return text[:500]


def _write_parts(task: Task, supporting, handlers: list[Hand], steps: list[Step]) -> None:
    task.supporting.set(supporting)
    task.milestones.all().delete()
    Milestone.objects.bulk_create(
        Milestone(task=task, position=n, text=one.text, due_on=one.due_on, target=one.target)
        for n, one in enumerate(steps, 1)
    )
    _write_hands(task, handlers)


def _write_hands(task: Task, handlers: list[Hand]) -> None:
    task.handlers.all().delete()
    TaskHandler.objects.bulk_create(
        TaskHandler(task=task, person_id=one.person_id, role=one.role, share=one.share)
        for one in handlers
    )


def _hands(task: Task) -> list[Hand]:
    rows = task.handlers.values_list("person_id", "role", "share")
    return [Hand(*row) for row in rows.order_by("pk")]


def _shares(hands: list[Hand]) -> dict[str, list[str]]:
    return {str(one.person_id): [one.role, f"{Decimal(one.share).normalize():f}"] for one in hands}


def _told(task: Task) -> dict:
    return {"number": task.number, "title": task.title, "due_on": str(task.due_on)}


def _move(task: Task) -> None:
    task.version += 1
    task.save()


def _note(task: Task, kind: str, by: Staff, *, text: str = "", before=None, after=None) -> None:
    records.note(task, kind, by=by, text=text, before=before, after=after)
    after = (after or {}) | {"state": task.state}
    audit.record(by, f"task.{kind}", task, before=before, after=after, reason=text)


def _tell(people, task: Task, say) -> None:
    key = f"task:{task.pk}:{task.version}"
    url = url_of(task.pk)
    notices.tell_all(people, key, say, url=url, icon="clipboard-document-list")
