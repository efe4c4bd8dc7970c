"""What may not stand in a key task, not even in a draft of one. Everything here raises Refused."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ledgers import tasking
from ledgers.models import PlanItem, Task
from ledgers.tasking import Hand, Step
from scheme import clock
from scheme.errors import Refused
from scheme.models import Section, Staff

MOST_HANDLERS, MOST_STEPS, MOST_SUPPORTING = 20, 20, 20


def check(task: Task, supporting: list[int], handlers: list[Hand], steps: list[Step]) -> None:
    """What can be wrong with a draft: it may lack things, but not contradict itself."""
    others = Task.objects.filter(unit=task.unit_id, number=task.number).exclude(pk=task.pk)
    if others.exists():
        raise Refused(_("台账里已有这个编号。"), field="number")
    named = {task.lead_id, *supporting}
    known = Section.objects.filter(unit=task.unit_id, pk__in=named).count()
    if task.lead_id in supporting or known != len(named) or len(supporting) > MOST_SUPPORTING:
        raise Refused(_("配合科室要是本单位的其他科室。"), field="supporting")
    if task.leader_id and not Staff.objects.filter(pk=task.leader_id, unit=task.unit_id).exists():
        raise Refused(_("牵头领导要是本单位的人员。"), field="leader")
    if task.item_id and not _carries_out(task):
        raise Refused(_("只能分解已批准要点里的条目。"), field="item")
    if task.start_on and task.start_on > task.due_on:
        raise Refused(_("完成时限不能早于开始日期。"), field="due_on")
    if len(steps) > MOST_STEPS:
        raise Refused(_("时间节点最多%(n)s个。") % {"n": MOST_STEPS}, field="milestones")
    if why := tasking.wrong_steps(steps, task.due_on):
        raise Refused(why, field="milestones")
    check_hands(handlers, named)


def _carries_out(task: Task) -> bool:
    rows = PlanItem.objects.filter(pk=task.item_id, paper__unit=task.unit_id)
    return rows.filter(paper__kind="points", paper__state__in=["approved", "replaced"]).exists()


def check_hands(handlers: list[Hand], sections: Iterable[int]) -> None:
    if len(handlers) > MOST_HANDLERS:
        raise Refused(_("承办人最多%(n)s名。") % {"n": MOST_HANDLERS}, field="handlers")
    people = [hand.person_id for hand in handlers]
    if len(set(people)) < len(people):
        raise Refused(_("同一个人写了两次。"), field="handlers")
    if set(people) - tasking.people_of(sections, clock.today()):
        raise Refused(_("承办人要是牵头科室或配合科室的人。"), field="handlers")
    if any(not 0 < hand.share <= 100 for hand in handlers):
        raise Refused(_("份额要大于0，不超过100。"), field="handlers")
