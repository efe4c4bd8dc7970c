"""A project from its registration over its result to where it was taken up."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from ledgers import records
from ledgers.models import Innovation, Level, Paper, Promotion
from scheme import access
from scheme.models import Staff

# Highest first, as the levels are declared.
RANK = {level.value: at for at, level in enumerate(Level)}


def involved(project: Innovation) -> set[int]:
    """Who filed it and who takes part: none of them registers it."""
    return {project.filed_by_id, *project.people.values_list("pk", flat=True)}


def concerns(person: Staff, project: Innovation) -> bool:
    """One of its people, or the chief of its section."""
    if project.people.filter(pk=person.pk).exists():
        return True
    return access.can(person, "innovation.file_section", project.anchor())


def papers_of_result(project: Innovation) -> list[Paper]:
    """Papers that came after the registration: those of the result."""
    if project.verified_at is None:
        return []
    return [one for one in records.papers(project) if one.added_at > project.verified_at]


def highest(promotions: Iterable[Promotion]) -> Level | None:
    """The highest level at which the project was taken up and verified."""
    reached = [one.level for one in promotions if one.state == Promotion.State.VERIFIED]
    return Level(min(reached, key=RANK.__getitem__)) if reached else None


def strays(project: Innovation) -> QuerySet[Promotion]:
    """Promotions read in from workbooks under the project's name, not joined to any yet."""
    rows = Promotion.objects.filter(unit=project.unit_id, project_key=project.title_key)
    rows = rows.filter(Q(innovation=None), ~Q(state=Promotion.State.VOID))
    return rows.order_by("promoted_on", "pk")


def body(project: Innovation) -> dict:
    """For the history: what it says."""
    return {
        "title": project.title,
        "section": project.section.name,
        "novelty": project.novelty,
        "people": [one.name for one in project.people.in_office_order()],
    }
