"""What a weekly sheet or a monthly summary says before anybody has written a word: read from
accepted reports, progress on tasks, adopted items and promotions. Nothing is written here.

Every line knows what it was drawn from, so that it opens to its source, and so that drawing again
leaves alone what has been drawn before.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledgers import figures
from ledgers.matters import matters
from ledgers.models import (
    DailyReport,
    Milestone,
    Progress,
    Promotion,
    SheetLine,
    Task,
    WritingItem,
)
from ledgers.titles import reduced
from scheme import periods
from scheme.models import Section
from scheme.templatetags.look import listed, md

Part = SheetLine.Part
# Texts of one line are joined up to this length; what is left over begins another line.
FULL, LONGEST = 900, 1000
MOST_PEOPLE = 200
# Words by which a matter asks for somebody else's help.
ASKING = ("协调", "请示", "支持", "配合", "沟通", "建议", "需要", "需由")


class Source(NamedTuple):
    """A row of `LineSource`, by keys; a report may be about a task."""

    report: int | None = None
    task: int | None = None
    writing: int | None = None
    promotion: int | None = None
    progress: int | None = None


class Drafted(NamedTuple):
    part: str
    text: str
    people: str = ""
    sources: tuple[Source, ...] = ()


class _Said(NamedTuple):
    """A matter somebody reported, and where."""

    text: str
    person: str
    source: Source


def weekly(section: Section, week: date, *, known: frozenset = frozenset()) -> list[Drafted]:
    """The lines of the week that begins on Monday `week`, and of the plan for the one after it.

    `known` holds (part, source) of what has been drawn before: it is left out.
    """
    last = week + timedelta(days=6)
    reports = _accepted(section, week, last)
    progress = _progress(section, week, last)
    lines = _done(reports, progress, known)
    lines += _open(reports, reports, progress, known)
    lines += _plan(section, last, last + timedelta(days=7), _last_plans(reports), progress, known)
    return lines


def monthly(section: Section, month: date, *, known: frozenset = frozenset()) -> list[Drafted]:
    """The lines of a month, in figures first, and what is due in the next."""
    last = periods.last_of_month(month)
    reports = _accepted(section, month, last)
    progress = _progress(section, month, last)
    lines = [Drafted(Part.FACT, text) for text in figures.of_month(section, month)]
    lines += _done(reports, progress, known)
    lines += _adopted(section, month, last, known)
    # Of a month, only what was still open at its end.
    at_end = list({one.author_id: one for one in reports}.values())
    lines += _open(reports, at_end, progress, known)
    lines += _plan(
        section, last, periods.last_of_month(last + timedelta(days=1)), [], progress, known
    )
    return lines


def unread(section: Section, first: date, last: date) -> int:
    """Reports of the days that are filed and not accepted yet: they are not drawn."""
    rows = DailyReport.objects.filter(unit_id=section.unit_id, day__range=(first, last))
    return rows.filter(state="filed").with_section().filter(section_id=section.pk).count()


# --- Reading


def _accepted(section: Section, first: date, last: date) -> list[DailyReport]:
    """Oldest first, those of a day in office order."""
    rows = DailyReport.objects.filter(
        unit_id=section.unit_id, day__range=(first, last), state=DailyReport.State.ACCEPTED
    )
    rows = rows.with_section().filter(section_id=section.pk).select_related("author")
    rows = rows.prefetch_related("lines__task")
    return list(rows.order_by("day", "author__sort_weight", "author__staff_no"))


def _progress(section: Section, first: date, last: date) -> list[Progress]:
    """Of the section's tasks in these days, oldest first."""
    until = last + timedelta(days=1)
    rows = Progress.objects.filter(task__lead=section, at__date__gte=first, at__date__lt=until)
    return list(rows.select_related("task", "by").order_by("at", "pk"))


# --- Composing


def _done(reports, progress, known) -> list[Drafted]:
    """By task, then what belongs to none by those who did it."""
    by_task: dict[Task, list[_Said]] = defaultdict(list)
    rest: list[_Said] = []
    for report in reports:
        for line in report.lines.all():
            if not line.done:
                continue
            source = Source(report=report.pk, task=line.task_id)
            if (Part.DONE, source) in known:
                continue
            said = _Said(line.text, report.author.name, source)
            (by_task[line.task] if line.task else rest).append(said)
    for one in progress:
        source = Source(task=one.task_id, progress=one.pk)
        if (Part.DONE, source) not in known:
            text = _("%(text)s（进度%(percent)s%%）") % {"text": one.text, "percent": one.percent}
            by_task[one.task].append(_Said(text, one.by.name, source))
    lines = []
    for task in sorted(by_task, key=lambda task: task.number):
        lines += _joined(Part.DONE, by_task[task], head=task.title)
    return lines + _by_people(Part.DONE, rest)


def _open(reports, told, progress, known) -> list[Drafted]:
    """Lines of the reports in `told` left undone, and not done later; their open matters, apart
    where they ask for help."""
    finished = {
        (report.author_id, reduced(line.text)): report.day
        for report in reports
        for line in report.lines.all()
        if line.done
    }
    undone, asked = [], []
    for report in told:
        source = Source(report=report.pk)
        for line in report.lines.all():
            later = finished.get((report.author_id, reduced(line.text)))
            if not line.done and (later is None or later < report.day):
                about = Source(report=report.pk, task=line.task_id)
                undone.append(_Said(line.text, report.author.name, about))
        for text in matters(report.open_matters):
            asks = any(word in text for word in ASKING)
            (asked if asks else undone).append(_Said(text, report.author.name, source))
    for one in progress:
        source = Source(task=one.task_id, progress=one.pk)
        for text in matters(one.problems):
            text = _("%(task)s：%(text)s") % {"task": one.task.title, "text": text}
            asked.append(_Said(text, one.by.name, source))
    undone = [said for said in undone if (Part.OPEN, said.source) not in known]
    asked = [said for said in asked if (Part.HELP, said.source) not in known]
    return _by_people(Part.OPEN, undone) + _by_people(Part.HELP, asked)


def _last_plans(reports) -> list[_Said]:
    last = {report.author_id: report for report in reports if report.plan.strip()}
    return [
        _Said(text, report.author.name, Source(report=report.pk))
        for report in last.values()
        for text in matters(report.plan)
    ]


def _plan(section, before: date, last: date, plans, progress, known) -> list[Drafted]:
    """What falls due after `before` and until `last`; next steps named with progress; plans."""
    lines = []
    steps = Milestone.objects.filter(
        task__lead=section, due_on__gt=before, due_on__lte=last, done_on=None
    ).exclude(task__state__in=(*Task.UNCOUNTED, Task.State.CLOSED, Task.State.STRUCK))
    for step in steps.select_related("task").order_by("due_on", "pk"):
        text = _("%(task)s：%(step)s（%(day)s前，应达%(target)s%%）") % {
            "task": step.task.title,
            "step": step.text,
            "day": md(step.due_on),
            "target": step.target,
        }
        lines.append((text, Source(task=step.task_id), step.task_id))
    due = Task.objects.filter(lead=section, state__in=Task.UNDER_WAY)
    due = due.filter(Q(due_on__gt=before, due_on__lte=last) | Q(extended_to__gt=before))
    for task in due.order_by("due_on", "number"):
        if before < task.deadline <= last:
            text = _("%(task)s：%(day)s到期，办结报送") % {
                "task": task.title,
                "day": md(task.deadline),
            }
            lines.append((text, Source(task=task.pk), task.pk))
    latest = {one.task_id: one for one in progress if one.following.strip()}
    for one in latest.values():
        text = _("%(task)s：%(text)s") % {"task": one.task.title, "text": one.following}
        lines.append((text, Source(task=one.task_id, progress=one.pk), one.task_id))
    handlers = _handlers([task for _text, _source, task in lines])
    drafted = [
        Drafted(Part.PLAN, fitted(text), handlers.get(task, ""), (source,))
        for text, source, task in lines
        if (Part.PLAN, source) not in known
    ]
    plans = [said for said in plans if (Part.PLAN, said.source) not in known]
    return drafted + _by_people(Part.PLAN, plans)


def _handlers(tasks: Iterable[int]) -> dict[int, str]:
    """The names of those who handle each task, the main ones first."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Task.objects.filter(pk__in=set(tasks), handlers__isnull=False)
    rows = rows.order_by("-handlers__role", "-handlers__share", "handlers__person__sort_weight")
    for pk, name in rows.values_list("pk", "handlers__person__name"):
        found[pk].append(name)
    return {pk: _names(names) for pk, names in found.items()}


def _adopted(section, first: date, last: date, known) -> list[Drafted]:
    """Items adopted and practices promoted, credited to the section or to its people."""
    members = figures.members(section, first, last)
    credited = Q(credits__section=section) | Q(credits__person__in=members)
    lines = []
    items = WritingItem.objects.filter(
        credited, adopted_on__range=(first, last), state=WritingItem.State.VERIFIED
    )
    for item in items.distinct().prefetch_related("credits__person").order_by("adopted_on", "pk"):
        source = Source(writing=item.pk)
        if (Part.DONE, source) not in known:
            people = _names(c.person.name for c in item.credits.all() if c.person)
            lines.append(Drafted(Part.DONE, figures.adoption_words(item), people, (source,)))
    promoted = Promotion.objects.filter(
        credited, promoted_on__range=(first, last), state=Promotion.State.VERIFIED
    )
    promoted = promoted.distinct().prefetch_related("credits__person")
    for one in promoted.order_by("promoted_on", "pk"):
        source = Source(promotion=one.pk)
        if (Part.DONE, source) not in known:
            people = _names(c.person.name for c in one.credits.all() if c.person)
            lines.append(Drafted(Part.DONE, figures.promotion_words(one), people, (source,)))
    return lines


def _by_people(part: str, said: list[_Said]) -> list[Drafted]:
    """The same matter told by several stands once, with all their names; what remains stands by
    person."""
    tellers: dict[str, list[_Said]] = defaultdict(list)
    for one in said:
        tellers[reduced(one.text) or one.text].append(one)
    groups: dict[frozenset[str], list[_Said]] = defaultdict(list)
    for told in tellers.values():
        groups[frozenset(one.person for one in told)] += told
    lines = []
    for told in groups.values():
        lines += _joined(part, told)
    return lines


def _joined(part: str, said: list[_Said], *, head: str = "") -> list[Drafted]:
    """One line of all texts, each once, as long as a line may be; else several."""
    texts: dict[str, list[_Said]] = defaultdict(list)
    for one in said:
        texts[reduced(one.text) or one.text].append(one)
    lines, batch, length = [], [], 0
    most = FULL - len(head)
    for told in texts.values():
        text = told[0].text.strip().rstrip("。；;")
        days = len({one.source for one in told})
        if batch and length + len(text) > most:
            lines.append(_line(part, head, batch))
            batch, length = [], 0
        batch.append((text, days, told))
        length += len(text) + 6
    lines.append(_line(part, head, batch))
    return lines


def _line(part: str, head: str, batch) -> Drafted:
    told = [one for _text, _days, some in batch for one in some]
    texts = []
    for text, times, some in batch:
        people = len({one.person for one in some})
        if times > people:
            text = ngettext("%(text)s（%(n)s次）", "%(text)s（%(n)s次）", times) % {
                "text": text,
                "n": times,
            }
        texts.append(text)
    whole = listed(texts, "；")
    if head:
        whole = _("%(task)s：%(text)s") % {"task": head, "text": whole}
    sources = tuple(dict.fromkeys(one.source for one in told))
    return Drafted(part, fitted(whole), _names(one.person for one in told), sources)


def fitted(text: str) -> str:
    """As much as a line holds; the rest stands in its source."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _names(names: Iterable[str]) -> str:
    """As many as a cell holds; a name is never cut."""
    kept: list[str] = []
    for name in dict.fromkeys(names):
        if sum(map(len, kept)) + 2 * len(kept) + len(name) > MOST_PEOPLE:
            break
        kept.append(name)
    return listed(kept, "、")
