"""What the ledgers tell of a person's year, line by line with its source: the facts of 年终述职.
Points and stars stand elsewhere; here is what was done."""

from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from ledgers import deadlines, figures
from ledgers.drafting import Drafted, Source, fitted
from ledgers.models import (
    Innovation,
    Promotion,
    SheetLine,
    StudySession,
    Talk,
    Task,
    TaskHandler,
    WritingCredit,
    WritingItem,
)
from scheme import clock
from scheme.models import Absence, Staff
from scheme.templatetags.look import listed, md

# Beyond this many items of a kind the rest is counted, not told.
MOST = 40


def of(person: Staff, year: int) -> list[Drafted]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    until = min(last, clock.today())
    return [
        *_reports(person, first, until),
        *_tasks(person, first, last),
        *_writing(person, first, last),
        *_talks(person, first, last),
        *_study(person, first, until),
        *_innovation(person, first, last),
    ]


def _fact(text: str, *sources: Source) -> Drafted:
    return Drafted(SheetLine.Part.FACT, fitted(text), "", sources)


def _reports(person, first, until) -> list[Drafted]:
    days = deadlines.day_statuses(person, first, until)
    return [_fact(figures.of_reports([day.status for day in days]))]


def _tasks(person, first, last) -> list[Drafted]:
    """Those that were closed in the year, and those that were open and fell due in it or later."""
    rows = TaskHandler.objects.filter(person=person, task__unit_id=person.unit_id)
    open_then = Q(task__closed_on=None) | Q(task__closed_on__gt=last)
    rows = rows.filter(
        Q(task__closed_on__range=(first, last)) | open_then & Q(task__due_on__gte=first)
    )
    rows = rows.exclude(task__state__in=Task.UNCOUNTED)
    rows = list(rows.select_related("task").order_by("task__due_on", "task__number"))
    lines = [_fact(_task_words(row), Source(task=row.task_id)) for row in rows[:MOST]]
    return _counted(_("承办重点任务%(n)s项"), len(rows), lines)


def _task_words(row: TaskHandler) -> str:
    task = row.task
    if task.closed_on is None:
        state = _("在办，%(day)s到期") % {"day": md(task.deadline)}
    elif task.closed_on <= task.deadline:
        state = _("%(day)s按期办结") % {"day": md(task.closed_on)}
    else:
        state = _("%(day)s办结，超过时限") % {"day": md(task.closed_on)}
    return _("%(task)s（%(role)s，份额%(share)s%%）：%(state)s") % {
        "task": task.title,
        "role": row.get_role_display(),
        "share": f"{row.share.normalize():f}",
        "state": state,
    }


def _writing(person, first, last) -> list[Drafted]:
    rows = WritingCredit.objects.filter(
        person=person,
        item__adopted_on__range=(first, last),
        item__state=WritingItem.State.VERIFIED,
    )
    rows = list(rows.select_related("item").order_by("item__adopted_on", "item"))
    lines = [
        _fact(
            _("%(item)s（%(role)s）")
            % {"item": figures.adoption_words(row.item), "role": row.get_role_display()},
            Source(writing=row.item_id),
        )
        for row in rows[:MOST]
    ]
    return _counted(_("信息宣传采用%(n)s篇"), len(rows), lines)


def _talks(person, first, last) -> list[Drafted]:
    rows = Talk.objects.filter(speaker=person, day__range=(first, last), state=Talk.State.HELD)
    titles = [talk.title for talk in rows.order_by("day", "pk")]
    if not titles:
        return []
    told = listed([_("《%(title)s》") % {"title": one.strip("《》")} for one in titles[:MOST]])
    return [_fact(_("两周一讲主讲%(n)s次：%(titles)s") % {"n": len(titles), "titles": told})]


def _study(person, first, until) -> list[Drafted]:
    """Sessions while the person was on the roll; who was excused did not miss."""
    day = max(first, person.joined_on)
    held = StudySession.objects.filter(
        unit_id=person.unit_id, day__range=(day, until), state=StudySession.State.HELD
    )
    excused = Absence.objects.filter(
        Q(end_on=None) | Q(end_on__gte=OuterRef("day")), staff=person, start_on__lte=OuterRef("day")
    )
    missed = held.filter(misses__person=person).exclude(Exists(excused)).count()
    text = _("集体学习%(n)s次，缺席%(missed)s次") % {"n": held.count(), "missed": missed}
    return [_fact(text)]


def _innovation(person, first, last) -> list[Drafted]:
    projects = Innovation.objects.filter(
        people=person, verified_at__date__range=(first, last), state=Innovation.State.VERIFIED
    )
    lines = [
        _fact(_("创新项目登记：%(title)s") % {"title": one.title})
        for one in projects.order_by("pk")[:MOST]
    ]
    promoted = Promotion.objects.filter(
        credits__person=person,
        promoted_on__range=(first, last),
        state=Promotion.State.VERIFIED,
    )
    lines += [
        _fact(figures.promotion_words(one), Source(promotion=one.pk))
        for one in promoted.order_by("promoted_on", "pk")[:MOST]
    ]
    return lines


def _counted(words: str, n: int, lines: list[Drafted]) -> list[Drafted]:
    """How many first, then each."""
    return [_fact(words % {"n": n}), *lines] if n else []
