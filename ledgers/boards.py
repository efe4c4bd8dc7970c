"""The supervision board (督办台): what is under way in the unit, the most urgent first.

Everything is read in sets: the board of three hundred tasks costs what that of three does.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django import forms
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledgers import lights, supervising
from ledgers.lights import Colour, Light
from ledgers.listing import FilterForm
from ledgers.models import Escalation, Extension, PassingOn, Progress, SupervisionNote, Task
from ledgers.models import TaskHandler as Handler
from scheme import clock
from scheme.models import Staff
from scheme.templatetags.look import listed

ORDER = [Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.GREY]
# Tasks on a page of the board; a meeting goes through the first.
PER_PAGE = 30


class Row(NamedTuple):
    """A task as the board shows it. `waits`: words for whom it waits for."""

    task: Task
    light: Light
    due: str
    deadline: object
    waits: list[str]

    @property
    def urgency(self) -> tuple:
        return (
            ORDER.index(self.light.colour),
            self.light.left,
            -self.light.behind,
            self.task.number,
        )


class Tally(NamedTuple):
    """The lights of one section, and what it closed this month."""

    section: str
    counts: list[int]
    total: int
    closed: int


class BoardFilter(FilterForm):
    """Sections and leaders are those of the tasks there are."""

    light = forms.ChoiceField(label=gettext_lazy("亮灯"))
    section = forms.ChoiceField(label=gettext_lazy("牵头科室"))
    leader = forms.ChoiceField(label=gettext_lazy("牵头领导"))
    waits = forms.ChoiceField(label=gettext_lazy("待办事项"))

    WAITS = {
        "press": gettext_lazy("催办待反馈"),
        "extension": gettext_lazy("延期待批"),
        "passing": gettext_lazy("转办待定"),
        "closing": gettext_lazy("报结待审、待批"),
        "receipt": gettext_lazy("待签收"),
    }

    def __init__(self, request, rows: list[Row]):
        super().__init__(request)
        sections = {str(r.task.lead_id): r.task.lead for r in rows}
        leaders = {str(r.task.leader_id): r.task.leader for r in rows if r.task.leader_id}
        by_position = sorted(sections.items(), key=lambda pair: (pair[1].position, pair[1].name))
        by_weight = sorted(leaders.items(), key=lambda pair: pair[1].sort_weight)
        self._offer("light", [(one.value, one.label) for one in ORDER])
        self._offer("section", [(pk, one.name) for pk, one in by_position])
        self._offer("leader", [(pk, one.name) for pk, one in by_weight])
        self._offer("waits", self.WAITS.items())

    def _offer(self, name: str, choices: Iterable) -> None:
        self.fields[name].choices = [("", gettext_lazy("全部")), *choices]

    def narrow(self, rows: list[Row]) -> list[Row]:
        tests = {
            "light": lambda row, value: row.light.colour == value,
            "section": lambda row, value: str(row.task.lead_id) == value,
            "leader": lambda row, value: str(row.task.leader_id) == value,
            "waits": lambda row, value: value in _waiting(row.task),
        }
        for name, test in tests.items():
            if value := self.value(name):
                rows = [row for row in rows if test(row, value)]
        return rows


def rows_for(person: Staff) -> list[Row]:
    """All the person's board holds, the most urgent first."""
    tasks = list(_told(supervising.boarded(person), person))
    shown = lights.of(tasks)
    rows = []
    for task in tasks:
        light, deadline = shown[task.pk], lights.working_deadline(task)
        words = [str(BoardFilter.WAITS[name]) for name in _waiting(task)]
        due = str(supervising.due_words(light, deadline)) if light.burns else ""
        rows.append(Row(task, light, due, deadline, words))
    return sorted(rows, key=lambda row: row.urgency)


def _told(tasks, person: Staff):
    """With the last report, what waits, and how high it has come, all in the one query."""
    pressed = SupervisionNote.objects.unanswered().filter(task=OuterRef("pk"))
    last = Progress.objects.filter(task=OuterRef("pk")).order_by("-at", "-pk")
    words = JSONObject(
        text="text", problems="problems", following="following", by="by__name", at="at"
    )
    levels = Escalation.objects.filter(task=OuterRef("pk")).order_by("-at", "-level")
    mine = Handler.objects.filter(task=OuterRef("pk"), person=person, role="main")
    return tasks.select_related("lead", "leader").annotate(
        open_presses=Subquery(
            pressed.order_by().values("task").annotate(n=Count("pk")).values("n")
        ),
        asked_to=Subquery(
            Extension.objects.filter(task=OuterRef("pk"), state="asked").values("to")[:1]
        ),
        passed_to=Subquery(
            PassingOn.objects.filter(task=OuterRef("pk"), state="asked").values("to__name")[:1]
        ),
        said=Subquery(last.values(json=words)[:1]),
        level=Subquery(levels.values("level")[:1]),
        raised_about=Subquery(levels.values("about")[:1]),
        mine=Exists(mine),
    )


def opened(person: Staff, row: Row) -> supervising.Acts:
    """The row with what may be done to it. What the board knows already is not read again, and
    what is not there is not looked for."""
    task = row.task
    told = supervising.Story(
        reports=[_report(task)] if task.said else [],
        steps=[],
        notes=list(task.notes.select_related("written_by", "answered_by")),
        extensions=list(task.extensions.select_related("asked_by")) if task.asked_to else [],
        passings=list(task.passings.select_related("asked_by", "to")) if task.passed_to else [],
        closings=list(task.closings.all()) if task.state in lights.REPORTED else [],
        escalations=[Escalation(level=task.level, about=task.raised_about)] if task.level else [],
        past_deadline=clock.today() >= task.deadline,
    )
    return supervising.acts(person, task, light=row.light, told=told, mine=task.mine)


def _report(task: Task) -> Progress:
    said = task.said
    return Progress(
        text=said["text"],
        problems=said["problems"],
        following=said["following"],
        by=Staff(name=said["by"]),
        at=parse_datetime(said["at"]),
    )


def _waiting(task: Task) -> list[str]:
    found = {
        "press": task.open_presses,
        "extension": task.asked_to,
        "passing": task.passed_to,
        "closing": task.state in lights.REPORTED,
        "receipt": task.state == Task.State.ASSIGNED,
    }
    return [name for name, there in found.items() if there]


def with_hands(rows: list[Row]) -> list[Row]:
    """The names of the 主办 handlers, onto the rows of one page."""
    names = defaultdict(list)
    main = Handler.objects.filter(task__in=[row.task.pk for row in rows], role="main")
    for pk, name in main.order_by("pk").values_list("task_id", "person__name"):
        names[pk].append(name)
    for row in rows:
        row.task.hands = listed(names[row.task.pk])
    return rows


class Counted(NamedTuple):
    colour: Colour
    word: str
    kind: str
    icon: str
    n: int


def counts(rows: list[Row]) -> list[Counted]:
    found = dict(lights.totals(row.light for row in rows))
    said = {
        Colour.RED: (_("逾期或严重滞后"), "exclamation-circle"),
        Colour.YELLOW: (_("临期或滞后"), "exclamation-triangle"),
        Colour.GREEN: (_("正常"), "check"),
        Colour.GREY: (_("暂停"), "pause"),
    }
    return [
        Counted(one, word, lights.KINDS[one], icon, found[one])
        for one, (word, icon) in said.items()
    ]


def closed_this_month(person: Staff) -> dict[int, tuple[str, int, int]]:
    """By section: its name, how many tasks were closed this month, its position."""
    first = clock.today().replace(day=1)
    rows = Task.objects.visible_to(person).filter(closed_on__gte=first).exclude(state="cancelled")
    found = rows.order_by().values_list("lead_id", "lead__name", "lead__position")
    return {pk: (name, n, position) for pk, name, position, n in found.annotate(n=Count("pk"))}


def tallies(rows: list[Row], closed: dict[int, tuple[str, int, int]]) -> list[Tally]:
    """Section by section, in office order and never by how they stand."""
    places = {row.task.lead_id: (row.task.lead.position, row.task.lead.name) for row in rows}
    places |= {pk: (position, name) for pk, (name, _n, position) in closed.items()}
    per_section = defaultdict(list)
    for row in rows:
        per_section[row.task.lead_id].append(row.light.colour)
    found = []
    for pk, (_position, name) in sorted(places.items(), key=lambda pair: pair[1]):
        colours = per_section[pk]
        figures = [colours.count(one) for one in ORDER]
        found.append(Tally(name, figures, len(colours), closed.get(pk, ("", 0, 0))[1]))
    return found


def supporting_of(tasks: Iterable[Task]) -> dict[int, str]:
    """Cooperating sections by task, as a list of names."""
    names = defaultdict(list)
    rows = Task.supporting.through.objects.filter(task__in=[task.pk for task in tasks])
    for pk, name in rows.order_by("section__position").values_list("task_id", "section__name"):
        names[pk].append(name)
    return {pk: listed(found) for pk, found in names.items()}
