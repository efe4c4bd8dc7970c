"""What of papers, key tasks and monthly lists waits on the desk: to approve, to assign, to sign,
and to mend."""

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.rows import Task as Row
from ledgers import planning, tasking
from ledgers.models import MonthlyList, PlanPaper, Suggestion, Task
from scheme import access
from scheme.models import Staff
from scheme.roles import Role

MOST = 5


def waiting(person: Staff) -> list[Row]:
    return [*_papers(person), *_to_approve(person), *_to_assign(person), *_said(person)]


def owed(person: Staff) -> list[Row]:
    """Lists to sign for, and what was sent back to whoever wrote it."""
    return [*_to_sign(person), *_returned(person)]


def _papers(person: Staff) -> list[Row]:
    if not access.has_role(person, Role.CHAIR):
        return []
    rows = PlanPaper.objects.filter(unit=person.unit_id, state=PlanPaper.State.FILED)
    return [
        Row(
            "warn",
            _("待批准"),
            paper.title,
            _("由%(name)s拟订，批准后逐条分解为任务") % {"name": paper.written_by},
            reverse("ledgers:plan_detail", args=[paper.pk]),
            _("去看"),
        )
        for paper in rows.select_related("written_by").order_by("pk")[:MOST]
        if planning.may_decide(person, paper)
    ]


def _to_approve(person: Staff) -> list[Row]:
    sections = access.places(person, Role.LEADER)
    if not sections:
        return []
    rows = Task.objects.filter(
        unit=person.unit_id, state=Task.State.FILED, lead__in=sections
    ).exclude(proposed_by=person)
    found = [task for task in rows.order_by("pk")[:MOST] if tasking.may_decide(person, task)]
    return [
        Row(
            "warn",
            _("待审批"),
            _("重点任务：%(title)s") % {"title": Truncator(task.title).chars(24)},
            _("看来源、举措、承办人和时限，批准后立项"),
            reverse("ledgers:task_detail", args=[task.pk]),
            _("去审批"),
        )
        for task in found
    ]


def _to_assign(person: Staff) -> list[Row]:
    if not access.has_role(person, Role.SUPERVISION):
        return []
    rows = Task.objects.filter(unit=person.unit_id, state=Task.State.APPROVED)
    count = rows.count()
    if not count:
        return []
    return [
        Row(
            "warn",
            _("待交办"),
            ngettext("%(n)s项重点任务待交办", "%(n)s项重点任务待交办", count) % {"n": count},
            _("已批准立项，交办后科室签收"),
            f"{reverse('ledgers:task_list')}?state=approved",
            _("去交办"),
        )
    ]


def _said(person: Staff) -> list[Row]:
    """Suggestions nobody has answered, once there are key points they could go into."""
    if not access.has_role(person, Role.SUPERVISION):
        return []
    draft = planning.drafts_of_points(person.unit_id).first()
    if draft is None:
        return []
    rows = Suggestion.objects.filter(unit=person.unit_id, state=Suggestion.State.OPEN)
    count = rows.count()
    if not count:
        return []
    return [
        Row(
            "warn",
            _("待答复"),
            ngettext("%(n)s条务虚会意见待答复", "%(n)s条务虚会意见待答复", count) % {"n": count},
            _("列入正在拟的要点，或者写明理由"),
            reverse("ledgers:plan_detail", args=[draft.pk]),
            _("去答复"),
        )
    ]


def _to_sign(person: Staff) -> list[Row]:
    sections = access.places(person, Role.CHIEF)
    if not sections:
        return []
    rows = MonthlyList.objects.filter(section__in=sections, state=MonthlyList.State.ISSUED)
    return [
        Row(
            "warn",
            _("待签收"),
            _("%(section)s%(month)s月任务清单")
            % {"section": one.section.name, "month": one.month.month},
            _("看本月要办的任务和时限"),
            reverse("ledgers:list_detail", args=[one.pk]),
            _("去签收"),
        )
        for one in rows.select_related("section").order_by("month")[:MOST]
    ]


def _returned(person: Staff) -> list[Row]:
    tasks = Task.objects.filter(unit=person.unit_id, proposed_by=person, state=Task.State.RETURNED)
    papers = PlanPaper.objects.filter(
        unit=person.unit_id, written_by=person, state=PlanPaper.State.RETURNED
    )
    found = [
        (_("重点任务：%(title)s") % {"title": Truncator(one.title).chars(24)}, "task_edit", one.pk)
        for one in tasks.order_by("-pk")[:MOST]
    ]
    found += [(one.title, "plan_edit", one.pk) for one in papers.order_by("-pk")[:MOST]]
    return [
        Row(
            kind="bad",
            word=_("退回补正"),
            title=title,
            note=_("改好再报批"),
            url=reverse(f"ledgers:{route}", args=[pk]),
            act=_("去补正"),
        )
        for title, route, pk in found
    ]
