"""What a section's month comes to in figures, and what items are called in a line of a sheet."""

from collections import defaultdict
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from ledgers import deadlines
from ledgers.deadlines import Status
from ledgers.models import DailyReport, Promotion, StudySession, Talk, Task, WritingItem
from scheme import clock, periods, workdays
from scheme.models import Absence, Section, SectionMembership


def of_month(section: Section, month: date) -> list[str]:
    """Reports due and filed, study and talks, tasks, what was adopted and promoted."""
    last = periods.last_of_month(month)
    people = members(section, month, last)
    sessions = StudySession.objects.filter(
        unit_id=section.unit_id, day__range=(month, last), state=StudySession.State.HELD
    ).count()
    talks = Talk.objects.filter(
        speaker__in=people, day__range=(month, last), state=Talk.State.HELD
    ).count()
    tasks = Task.objects.filter(lead=section).exclude(state__in=Task.UNCOUNTED)
    closed = tasks.filter(closed_on__range=(month, last)).count()
    under_way = list(tasks.filter(Q(closed_on=None) | Q(closed_on__gt=last)))
    overdue = sum(task.deadline <= last for task in under_way)
    credited = Q(credits__section=section) | Q(credits__person__in=people)
    items = WritingItem.objects.filter(
        credited, adopted_on__range=(month, last), state=WritingItem.State.VERIFIED
    )
    promoted = Promotion.objects.filter(
        credited, promoted_on__range=(month, last), state=Promotion.State.VERIFIED
    )
    return [
        of_reports(statuses(section, month, last)),
        _("集体学习%(sessions)s次，本科室主讲%(talks)s次") % {"sessions": sessions, "talks": talks},
        _("牵头重点任务：本月办结%(closed)s项，在办%(open)s项，其中逾期%(overdue)s项")
        % {"closed": closed, "open": len(under_way), "overdue": overdue},
        _("信息宣传采用%(items)s篇，创新推广%(promoted)s项")
        % {"items": items.distinct().count(), "promoted": promoted.distinct().count()},
    ]


def members(section: Section, first: date, last: date):
    """Who was in the section on at least one of the days."""
    held = SectionMembership.objects.during(first, last + timedelta(days=1))
    return held.filter(section=section).values("staff")


def statuses(section: Section, first: date, last: date) -> list[Status]:
    """What became of every working day of everybody who was in the section on it."""
    limits = deadlines.deadlines(section.unit_id, first, last)
    held = SectionMembership.objects.during(first, last + timedelta(days=1))
    stays = list(held.filter(section=section).select_related("staff"))
    people = {stay.staff_id for stay in stays}
    filed = {
        (author, day): at
        for author, day, at in DailyReport.objects.filter(
            author__in=people, day__range=(first, last)
        ).values_list("author", "day", "first_filed_at")
    }
    away = defaultdict(list)
    absences = Absence.objects.filter(
        Q(end_on=None) | Q(end_on__gte=first), staff__in=people, start_on__lte=last
    )
    for staff, start, end in absences.values_list("staff", "start_on", "end_on"):
        away[staff].append((start, end))
    now = clock.now()
    return [
        deadlines.status_of(
            day,
            deadline=limits.get(day),
            filed_at=filed.get((stay.staff_id, day)),
            working=True,
            in_section=_was_in(stay, day),
            excused=any(s <= day and (e is None or day <= e) for s, e in away[stay.staff_id]),
            now=now,
        )
        for day in workdays.between(first, last)
        for stay in stays
    ]


def _was_in(stay: SectionMembership, day: date) -> bool:
    person = stay.staff
    on_roll = person.joined_on <= day and (person.left_on is None or day < person.left_on)
    return on_roll and stay.start_on <= day and (stay.end_on is None or day < stay.end_on)


def of_reports(found: list[Status]) -> str:
    owed = sum(found.count(status) for status in deadlines.OWED)
    return _("应报日报%(owed)s份，按时%(on_time)s份，迟报补报%(late)s份，缺报%(missing)s份") % {
        "owed": owed,
        "on_time": found.count(Status.ON_TIME),
        "late": found.count(Status.LATE) + found.count(Status.BACKFILLED),
        "missing": found.count(Status.MISSING),
    }


def adoption_words(item: WritingItem) -> str:
    return _("%(kind)s采用：《%(title)s》，%(level)s%(carrier)s") % {
        "kind": item.get_kind_display(),
        "title": item.title.strip("《》"),
        "level": item.get_level_display(),
        "carrier": "".join(f"　{part}" for part in (item.carrier, item.issue_no) if part),
    }


def promotion_words(one: Promotion) -> str:
    return _("创新推广：%(project)s，%(level)s%(where)s") % {
        "project": one.project,
        "level": one.get_level_display(),
        "where": f"　{one.where}" if one.where else "",
    }
