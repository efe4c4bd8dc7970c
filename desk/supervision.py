"""What of key tasks waits on the desk: to sign for, to answer, to decide, to review."""

from django.db.models import Q
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.rows import Task as Row
from ledgers.models import SupervisionNote, Task
from scheme import access, clock
from scheme.access import Anchor
from scheme.roles import Role

State = Task.State
MOST = 5


def waiting(person) -> list[Row]:
    """By office: what the section must do first, then what lies with the leader and the office."""
    return [*_presses(person), *_of_chief(person), *_of_leader(person), *_of_office(person)]


def _presses(person) -> list[Row]:
    """Presses to be answered: as chief, or because one handles the task."""
    mine = Q(section__in=access.places(person, Role.CHIEF))
    mine |= Q(task__handlers__person=person, task__handlers__role="main")
    rows = SupervisionNote.objects.visible_to(person).unanswered().filter(mine)
    return [
        Row(
            "bad",
            _("催办"),
            _("反馈催办：%(task)s") % {"task": _short(note.task.title if note.task else note.text)},
            Truncator(note.text).chars(60),
            reverse("ledgers:note_detail", args=[note.pk]),
            _("去反馈"),
        )
        for note in rows.select_related("task").order_by("day", "pk").distinct()[:MOST]
    ]


def _of_chief(person) -> list[Row]:
    sections = access.places(person, Role.CHIEF)
    if not sections:
        return []
    rows = Task.objects.visible_to(person).filter(lead__in=sections, state=State.ASSIGNED)
    return [
        Row(
            "warn",
            _("待签收"),
            _("签收任务：%(task)s") % {"task": _short(task.title)},
            _("签收后算承办，按节点报进展"),
            reverse("ledgers:task_detail", args=[task.pk]),
            _("去签收"),
        )
        for task in rows.order_by("due_on", "pk")[:MOST]
    ]


def _of_leader(person) -> list[Row]:
    """Where a section has a leader its requests are theirs; the chair sees those without one."""
    sections = access.places(person, Role.LEADER)
    if not sections:
        return []
    rows = Task.objects.visible_to(person).filter(lead__in=sections)
    asked = rows.filter(extensions__state="asked", state=State.RECEIVED)
    found = []
    for task in asked.order_by("due_on", "pk")[:MOST]:
        late = clock.today() >= task.deadline
        if not late:
            found.append(
                _decision(task, _("待批延期"), _("批延期：%(task)s"), _("时限当天起不能再批"))
            )
    for task in rows.filter(state=State.REVIEWED).order_by("reported_at", "pk")[:MOST]:
        found.append(_decision(task, _("待批办结"), _("批办结：%(task)s"), _("督查室已审核")))
    return found


def _decision(task: Task, word: str, title: str, note: str) -> Row:
    url = reverse("ledgers:task_detail", args=[task.pk])
    return Row("warn", word, title % {"task": _short(task.title)}, note, url, _("去批"))


def _of_office(person) -> list[Row]:
    """The supervision office: packages and requests, as one line each that leads to the board."""
    if not access.can(person, "task.review", Anchor(person.unit_id, state=State.REPORTED)):
        return []
    rows = Task.objects.visible_to(person)
    board, found = reverse("ledgers:board"), []
    if n := rows.filter(state=State.REPORTED).count():
        text = ngettext("%(n)s项报结待审核", "%(n)s项报结待审核", n) % {"n": n}
        note = _("看材料是否齐全、结果是否合格")
        found.append(Row("warn", _("待审核"), text, note, f"{board}?waits=closing", _("去审核")))
    if n := rows.filter(passings__state="asked").count():
        text = ngettext("%(n)s项任务申请转办", "%(n)s项任务申请转办", n) % {"n": n}
        note = _("同意后由新科室重新签收")
        found.append(Row("warn", _("待转办"), text, note, f"{board}?waits=passing", _("去办理")))
    return found


def _short(text: str) -> str:
    return Truncator(text).chars(24)
