"""Reads of 一报告一要点: who may do what with a paper, what its items have led to."""

from datetime import date
from typing import NamedTuple

from django.db.models import Count, Prefetch, Q

from ledgers import tasking
from ledgers.models import LedgerMove, PlanItem, PlanPaper, Suggestion, Task
from scheme import access
from scheme.access import Anchor
from scheme.models import Staff, Unit
from scheme.roles import Role

Kind, State = PlanPaper.Kind, PlanPaper.State
WRITTEN = (State.DRAFT, State.RETURNED)
KINDS = {
    State.DRAFT: "done",
    State.FILED: "warn",
    State.RETURNED: "bad",
    State.APPROVED: "ok",
    State.REPLACED: "done",
}


def draft_anchor(unit_id: int | None) -> Anchor:
    return Anchor(unit_id, state=State.DRAFT)


def may_draft(person: Staff) -> bool:
    return access.can(person, "paper.write", draft_anchor(person.unit_id))


def may_write(person: Staff, paper: PlanPaper) -> bool:
    return access.can(person, "paper.write", paper.anchor())


def wrote(person: Staff, paper: PlanPaper) -> bool:
    """Has the person had a hand in what is to be approved?"""
    if paper.written_by_id == person.pk:
        return True
    rows = LedgerMove.objects.filter(ledger="paper", row_id=paper.pk, by=person)
    return rows.filter(kind__in=["draft", "change", "file"]).exists()


def may_decide(person: Staff, paper: PlanPaper) -> bool:
    return access.can(person, "paper.approve", paper.anchor()) and not wrote(person, paper)


def may_withdraw(person: Staff, paper: PlanPaper) -> bool:
    return paper.state == State.FILED and may_write_filed(person, paper)


def may_write_filed(person: Staff, paper: PlanPaper) -> bool:
    return access.can(person, "paper.write", paper.anchor()._replace(state=State.DRAFT))


class Shown(NamedTuple):
    """An item with the tasks that carry it out and the items of the key points that take it up."""

    item: PlanItem
    tasks: list[tuple[Task, str]]
    may_task: bool

    @property
    def open(self) -> int:
        return sum(task.closed_on is None for task, _kind in self.tasks)


def items_of(paper: PlanPaper, person: Staff) -> list[Shown]:
    """In their order; a cancelled task carries nothing out."""
    tasks = Task.objects.exclude(state=Task.State.CANCELLED).select_related("lead")
    rows = (
        paper.items.select_related("lead", "leader", "source__paper")
        .prefetch_related(
            Prefetch("tasks", tasks.order_by("number")),
            Prefetch("carried", PlanItem.objects.select_related("paper").order_by("pk")),
            Prefetch("suggestions", Suggestion.objects.select_related("meeting").order_by("pk")),
        )
        .order_by("position")
    )
    in_force = paper.kind == Kind.POINTS and paper.state == State.APPROVED
    places = {one.pk for one in tasking.proposable(person)} if in_force else set()
    everywhere = in_force and access.has_role(person, Role.SUPERVISION)
    return [
        Shown(
            item,
            [(task, tasking.KINDS[task.state]) for task in item.tasks.all()],
            bool(places) and (everywhere or item.lead_id is None or item.lead_id in places),
        )
        for item in rows
    ]


def source_items(paper: PlanPaper) -> list[PlanItem]:
    """Items of the reports that key points of this year may carry out."""
    if paper.kind != Kind.POINTS:
        return []
    rows = PlanItem.objects.filter(
        Q(paper__state=State.APPROVED) | Q(carried__paper=paper),
        paper__unit=paper.unit_id,
        paper__kind=Kind.REPORT,
        paper__year__in=[paper.year - 1, paper.year],
    )
    rows = rows.distinct().select_related("paper")
    return list(rows.order_by("-paper__year", "paper_id", "position"))


def open_suggestions(unit_id: int):
    """Put forward at a meeting and not answered yet."""
    rows = Suggestion.objects.filter(unit=unit_id, state=Suggestion.State.OPEN)
    return rows.select_related("meeting", "raised_by", "section").order_by("meeting__day", "pk")


def drafts_of_points(unit: Unit | int):
    """Key points being written: what a suggestion can go into."""
    rows = PlanPaper.objects.filter(unit=unit, kind=Kind.POINTS, state__in=WRITTEN)
    return rows.order_by("-year", "-pk")


def with_counts(rows):
    """Adds `item_count`, and `bare_count`: items that no task carries out."""
    standing = Task.objects.exclude(state=Task.State.CANCELLED).values("item")
    tasked = Q(items__in=PlanItem.objects.filter(pk__in=standing.exclude(item=None)))
    return rows.annotate(
        item_count=Count("items", distinct=True),
        bare_count=Count("items", filter=~tasked, distinct=True),
    )


def year_of(today: date) -> int:
    """Towards the end of a year the next one's papers are drafted."""
    return today.year + (today.month >= 11)
