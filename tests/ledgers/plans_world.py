"""The department with a supervision office, and what papers and tasks are made of, said shortly."""

from datetime import date
from decimal import Decimal

from ledgers.actions import plans, tasks
from ledgers.tasking import Hand
from scheme.models import Notice
from scheme.offices import Office
from tests.factories import appoint, make_staff

DUE = date(2026, 6, 30)
TEXT = (
    "一、党建\n（一）整顿软弱涣散党组织。\n（二）推进标准化建设。\n二、干部\n（一）核准人事档案。"
)


def keeper_of(d):
    """Somebody of the supervision office, who is nothing else."""
    person = make_staff(section=d.two, name="督查员")
    appoint(person, Office.SUPERVISION_OFFICE)
    return person


def hands(*people) -> list[Hand]:
    """Equal shares; the first is the main handler."""
    share = Decimal(100) / len(people)
    return [Hand(one.pk, "joint" if n else "main", share) for n, one in enumerate(people)]


def propose(d, *, by=None, **more):
    told = {
        "title": "整理干部档案",
        "lead_id": d.one.pk,
        "difficulty": 4,
        "due_on": DUE,
        "source": "部务会",
        "measures": "逐卷核对",
        "leader_id": d.leader.pk,
        "handlers": hands(d.officers[0][1]),
    }
    return tasks.propose(d.unit, **(told | more), by=by or d.chiefs[0])


def filed(d, **more):
    task = propose(d, **more)
    return tasks.file(task.pk, version=task.version, by=task.proposed_by)


def approved(d, **more):
    task = filed(d, **more)
    return tasks.approve(task.pk, version=task.version, by=d.leader)


def assigned(d, keeper, **more):
    task = approved(d, **more)
    return tasks.assign(task.pk, version=task.version, by=keeper)


def paper(d, keeper, kind="points", *, year=2026, text=TEXT, state="approved"):
    made = plans.draft(d.unit, kind=kind, year=year, title="工作要点", text=text, by=keeper)
    if state == "draft":
        return made
    made = plans.file(made.pk, version=made.version, by=keeper)
    return plans.approve(made.pk, version=made.version, by=d.chair) if state != "filed" else made


def told(person) -> list[str]:
    return list(Notice.objects.filter(to=person).order_by("pk").values_list("text", flat=True))
