"""First drafts of 月通报 and 信息采用通报, drawn from the ledgers. What they say is Chinese,
whatever language their writer reads: a circular goes to the whole department.

Sections stand in office order, never by result; persons are not listed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.text import Truncator

from ledgers import adoption, lights
from ledgers.models import (
    Circular,
    CircularPart,
    Milestone,
    MonthlySummary,
    Naming,
    Progress,
    SupervisionNote,
    Task,
)
from scheme import clock
from scheme.models import Section, Unit

Kind = Circular.Kind
HEADING, TEXT, TABLE = CircularPart.Kind.HEADING, CircularPart.Kind.TEXT, CircularPart.Kind.TABLE
GOOD, PROBLEM = Naming.Kind.GOOD, Naming.Kind.PROBLEM
# Closed early: how many are proposed at most. The writer adds others by hand.
MOST_GOOD = 10
# Of a section's demands for the coming month, how many are spelled out.
MOST_DEMANDS = 4
LONGEST_NAMING = Naming._meta.get_field("text").max_length


class Part(NamedTuple):
    """`key` finds the part again when the figures are drawn anew."""

    kind: str
    key: str
    text: str = ""
    table: dict | None = None


class Named(NamedTuple):
    section: Section
    kind: str
    text: str
    task: Task | None = None


class Content(NamedTuple):
    kind: str
    period: str
    title: str
    parts: Sequence[Part]
    namings: Sequence[Named] = ()


def table(head, rows, align: str, caption: str = "") -> dict:
    rows = [[str(cell) for cell in row] for row in rows]
    return {"head": head, "rows": rows, "align": align, "caption": caption}


def month_of(period: str) -> date:
    """The first day of a period "2026-05". Raises ValueError for anything else."""
    return date.fromisoformat(f"{period}-01")


def drawn(unit: Unit, kind: str, month: date) -> Content:
    """The draft as the ledgers have it now. `month`: its first day."""
    with translation.override(settings.LANGUAGE_CODE):
        return _DRAFTS[kind](unit, month)


# --- 月通报


class Standing(NamedTuple):
    """The ledger of tasks as it stood when the month ended, or as it stands in it."""

    first: date
    until: date
    looked: date
    tasks: list[Task]
    open: list[Task]
    lights: dict[int, lights.Light]

    @property
    def shown(self) -> date:
        return min(self.until - timedelta(days=1), self.looked)

    def closed_in_month(self) -> list[Task]:
        return [t for t in self.tasks if t.closed_on and self.first <= t.closed_on < self.until]

    def word(self, task: Task) -> str:
        light = self.lights.get(task.pk)
        if light is None:
            return "done"
        if not light.burns:
            return "apart"
        if light.left < 0:
            return "overdue"
        on_schedule = light.colour == lights.Colour.GREEN or light.icon == "clock"
        return "normal" if on_schedule else "behind"


def standing(unit: Unit, month: date) -> Standing:
    first, until = adoption.month_span(month)
    looked = min(clock.today(), until)
    began = Q(assigned_at=None) | Q(assigned_at__lt=clock.at(until))
    rows = Task.objects.filter(began, unit=unit).exclude(state__in=Task.UNCOUNTED)
    rows = rows.filter(Q(start_on=None) | Q(start_on__lt=until))
    rows = rows.filter(Q(closed_on=None) | Q(closed_on__gte=date(month.year, 1, 1)))
    tasks = list(rows.select_related("lead").order_by("lead__position", "lead_id", "number"))
    ongoing = [task for task in tasks if not task.closed_on or task.closed_on >= until]
    _set_back(ongoing, until)
    return Standing(first, until, looked, tasks, ongoing, lights.of(ongoing, looked))


def _set_back(tasks: list[Task], until: date) -> None:
    """As they were when the month ended: what was reported or closed later does not count yet.
    On the objects only; they are never saved."""
    keys = [task.pk for task in tasks]
    told = Progress.objects.filter(task__in=keys, at__lt=clock.at(until)).order_by("at", "pk")
    percent = dict(told.values_list("task_id", "percent"))
    for task in tasks:
        later = task.progress_on and task.progress_on >= until
        if later or task.pk in percent:
            task.progress = percent.get(task.pk, 0)
        if task.closed_on or (task.reported_at and task.reported_at >= clock.at(until)):
            task.closed_on, task.state = None, Task.State.RECEIVED


def _monthly(unit: Unit, month: date) -> Content:
    now = standing(unit, month)
    notes = list(
        SupervisionNote.objects.filter(
            unit=unit, day__gte=now.first, day__lt=now.until, state=SupervisionNote.State.STANDS
        )
        .exclude(kind=SupervisionNote.Kind.NAMED)
        .select_related("task__lead", "section")
        .order_by("day", "pk")
    )
    sections = list(_sections(unit, now.first))
    name = f"{month.year}年{month.month}月"
    parts = [
        Part(TEXT, "opening", f"现将{name}重点工作推进情况通报如下。"),
        Part(HEADING, "h-overall", "一、总体情况"),
        Part(TEXT, "overall", _overall(now, notes)),
        Part(HEADING, "h-sections", "二、各科室推进情况"),
        Part(TABLE, "tasks", table=_task_table(now, notes, sections)),
        Part(HEADING, "h-grades", "三、一月一结评定情况"),
        Part(TABLE, "grades", table=_grade_table(unit, now.first, sections)),
        Part(HEADING, "good", "四、做得好的事项"),
        Part(HEADING, "problem", "五、存在的问题"),
        Part(HEADING, "h-demands", "六、下月要求"),
        Part(TEXT, "demands", _demands(now, sections)),
        Part(
            TEXT,
            "closing",
            "请各科室对照年度要点和月度清单抓好落实，确需延期的，在时限以前提出申请。",
        ),
    ]
    title = f"关于{name}重点工作推进情况的通报"
    named = [*_done_early(now), *_problems(now, notes)]
    return Content(Kind.MONTHLY, f"{month:%Y-%m}", title, parts, named)


def _sections(unit: Unit, day: date):
    rows = Section.objects.filter(unit=unit).filter(Q(closed_on=None) | Q(closed_on__gt=day))
    return rows.order_by("position", "pk")


def _overall(now: Standing, notes) -> str:
    words = Counter(now.word(task) for task in now.tasks)
    kinds = Counter(note.kind for note in notes)
    text = (
        f"截至{now.shown.month}月{now.shown.day}日，全年重点任务共{len(now.tasks)}项，已办结"
        f"{words['done']}项，其中本月办结{len(now.closed_in_month())}项；按序时推进"
        f"{words['normal']}项，滞后{words['behind']}项，逾期{words['overdue']}项"
    )
    if words["apart"]:
        text += f"，未交办或暂停{words['apart']}项"
    returned, pressed = (kinds[kind] for kind in ("returned", "pressed"))
    if returned or pressed:
        text += f"。本月催办{pressed}件次，退回{returned}件次"
    return f"{text}。"


def _task_table(now: Standing, notes, sections) -> dict:
    words = {task.pk: now.word(task) for task in now.tasks}
    by_section = defaultdict(list)
    for task in now.tasks:
        by_section[task.lead_id].append(task)
    closed = Counter(task.lead_id for task in now.closed_in_month())
    noted = Counter(
        (note.section_id or (note.task and note.task.lead_id), note.kind) for note in notes
    )
    apart = "apart" in words.values()
    columns = ("done", "normal", "behind", "overdue", *(["apart"] if apart else []))

    def figures(keys) -> list[int]:
        counted = Counter(words[task.pk] for key in keys for task in by_section[key])
        in_month = sum(closed[key] for key in keys)
        of_words = [counted[word] for word in columns]
        said = [sum(noted[key, kind] for key in keys) for kind in ("pressed", "returned")]
        return [counted.total(), of_words[0], in_month, *of_words[1:], *said]

    rows = [[section.name, *figures([section.pk])] for section in sections]
    rows.append(["合计", *figures([section.pk for section in sections])])
    heads = ["科室", "任务", "办结", "本月办结", "正常", "滞后", "逾期"]
    heads += [*(["未交办暂停"] if apart else []), "催办", "退回"]
    caption = f"各科室重点任务推进情况（截至{now.shown.month}月{now.shown.day}日）"
    return table([heads], rows, "l" + "r" * (len(heads) - 1), caption)


def _grade_table(unit: Unit, first: date, sections) -> dict:
    graded = MonthlySummary.objects.filter(
        unit=unit, month=first, state=MonthlySummary.State.GRADED
    )
    grades = {one.section_id: one.get_grade_display() for one in graded}
    rows = [[section.name, grades.get(section.pk) or "未评"] for section in sections]
    return table([["科室", "等次"]], rows, "lc", f"{first.month}月一月一结等次")


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _quoted(task: Task) -> str:
    return f"“{Truncator(task.title).chars(60)}”（{task.number}）"


def _done_early(now: Standing) -> list[Named]:
    """Closed in the month before their deadline, the hardest and earliest first."""
    early = [task for task in now.closed_in_month() if task.closed_on < task.deadline]
    days = lights.Days.around((task.closed_on, task.deadline) for task in early)
    found = [(days.after(task.closed_on, task.deadline), task) for task in early]
    found = sorted(
        ((ahead, task) for ahead, task in found if ahead),
        key=lambda pair: (-pair[1].difficulty, -pair[0], pair[1].number),
    )
    return [
        Named(
            task.lead,
            GOOD,
            f"{_quoted(task)}时限{_day(task.deadline)}，{_day(task.closed_on)}办结，"
            f"提前{ahead}个工作日。",
            task,
        )
        for ahead, task in found[:MOST_GOOD]
    ]


def _problems(now: Standing, notes) -> list[Named]:
    """What fell due in the month and was not done, what came back, what was pressed and not
    answered: a matter once, with all that is to be said of it."""
    reasons: dict[tuple, list[str]] = defaultdict(list)
    keep: dict[tuple, tuple] = {}
    due = [task for task in now.tasks if now.first <= task.deadline < now.until]
    days = lights.Days.around((t.deadline, t.closed_on) for t in due if t.closed_on)
    for task in due:
        key = (task.lead_id, task.pk)
        if task.closed_on and days.after(task.deadline, task.closed_on):
            late = days.after(task.deadline, task.closed_on)
            text = f"时限{_day(task.deadline)}，{_day(task.closed_on)}办结，超期{late}个工作日"
        elif now.word(task) == "overdue":
            text = f"时限{_day(task.deadline)}，到期未办结"
        else:
            continue
        reasons[key].append(text)
        keep[key] = (task.lead, task)
    for note in notes:
        section = note.section or (note.task and note.task.lead)
        if note.kind == SupervisionNote.Kind.RETURNED:
            text = f"{_day(note.day)}办理结果被退回"
        elif note.written_by_id and not note.answer and section:
            # A workbook does not tell of answers.
            text = f"{_day(note.day)}催办，没有反馈"
        else:
            continue
        key = (section.pk, note.task_id)
        reasons[key].append(text)
        keep[key] = (section, note.task)
    found = []
    for key, said in reasons.items():
        section, task = keep[key]
        text = (_quoted(task) if task else "") + "；".join(said)
        found.append(Named(section, PROBLEM, f"{text[: LONGEST_NAMING - 1]}。", task))
    return sorted(found, key=lambda one: (one.section.position, one.section.pk))


def _demands(now: Standing, sections) -> str:
    """Steps and deadlines of the coming month, section by section."""
    _first, after = adoption.month_span(now.until)
    steps = Milestone.objects.filter(
        task__in=[task.pk for task in now.open], due_on__gte=now.until, due_on__lt=after
    )
    tasks = {task.pk: task for task in now.open}
    demands = defaultdict(list)
    for step in steps.filter(Q(done_on=None) | Q(done_on__gte=now.until)):
        task = tasks[step.task_id]
        text = f"{_day(step.due_on)}前{step.text.rstrip('。；')}（{task.number}）"
        demands[task.lead_id].append((step.due_on, text))
    for task in now.open:
        end = lights.working_deadline(task)
        if now.until <= end < after:
            demands[task.lead_id].append((end, f"{_day(end)}前办结{_quoted(task)}"))
    lines = []
    for section in sections:
        texts = [text for _due, text in sorted(demands[section.pk])]
        if texts:
            rest = f"；等{len(texts)}项" if len(texts) > MOST_DEMANDS else ""
            lines.append(f"{section.name}：{'；'.join(texts[:MOST_DEMANDS])}{rest}。")
    return "\n".join(lines) or "下月没有到期的任务和节点，请按年度要点继续推进。"


# --- 信息采用通报


def _adoption(unit: Unit, month: date) -> Content:
    found = adoption.table(unit, month)
    total = adoption.total_of(found)
    name = f"{month.year}年{month.month}月"
    with_any = sum(1 for row in found if row.total.count)
    text = (
        f"{name}，各科室被采用的信息和宣传共{total.total.count}篇次，涉及{with_any}个科室；"
        f"今年以来累计{total.running.count}篇次。"
    )
    parts = [
        Part(TEXT, "opening", f"现将{name}信息宣传采用情况通报如下。"),
        Part(TEXT, "overall", text),
        Part(TABLE, "adopted", table=_adoption_table(found, total, month)),
        Part(
            TEXT,
            "note",
            "表中为篇次/得分。只计经核实、署科室名的采用；一篇由几个科室报送的，各科室各计。",
        ),
        Part(TEXT, "closing", "报送以质量为先，所报事实要准确，不得编造、拼凑。"),
    ]
    title = f"关于{name}信息宣传采用情况的通报"
    return Content(Kind.ADOPTION, f"{month:%Y-%m}", title, parts)


def _adoption_table(found, total, month: date) -> dict:
    top, sub = ["科室"], [""]
    for head in adoption.heads():
        kinds = [str(kind) for kind in head.kinds]
        top += [str(head.name), *[""] * (len(kinds) - 1)]
        sub += kinds
    top, sub = [*top, "合计", "累计"], [*sub, "", ""]
    rows = [
        [row.section.name if row.section else "合计", *row.cells, row.total, row.running]
        for row in (*found, total)
    ]
    caption = f"{month.month}月信息宣传采用情况（篇次/得分）"
    return table([top, sub], rows, "l" + "c" * (len(top) - 1), caption)


_DRAFTS: dict[str, Callable[[Unit, date], Content]] = {
    Kind.MONTHLY: _monthly,
    Kind.ADOPTION: _adoption,
}
