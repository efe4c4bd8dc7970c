"""Until when a day's report is on time, how long it may be back-filled, and what became of it.

The calendar, the review screen and the counting of points all ask here, so that filing and
counting can never disagree (see also `ReportPolicy`).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledgers.models import DailyReport, ReportLine, ReportPolicy
from scheme import clock
from scheme.errors import Refused
from scheme.models import Absence, Appointment, CalendarDay, Section, SectionMembership, Staff, Unit
from scheme.offices import Office

# The lines of reports, with the tasks they name.
LINES = models.Prefetch("lines", ReportLine.objects.select_related("task"))
# Longer than any run of days off, so that the next working day after a span is among its rows.
_BEYOND = timedelta(days=60)


class Deadline(NamedTuple):
    day: date
    next_workday: date
    cutoff: datetime  # the last second on time
    closes: datetime  # the last second of back-filling


class Status(models.TextChoices):
    ON_TIME = "on_time", gettext_lazy("按时")
    LATE = "late", gettext_lazy("迟报")
    BACKFILLED = "backfilled", gettext_lazy("补报")
    MISSING = "missing", gettext_lazy("缺报")
    EXCUSED = "excused", gettext_lazy("免报")
    OFF = "off", gettext_lazy("休息日")
    DUE = "due", gettext_lazy("待报")
    COMING = "coming", gettext_lazy("未到")
    NONE = "none", gettext_lazy("不在册")


IN_TIME = (Status.ON_TIME, Status.LATE, Status.BACKFILLED)
OWED = (*IN_TIME, Status.MISSING, Status.DUE)


class DayStatus(NamedTuple):
    """A person's day. `name` is that of a holiday, `absence` the kind of excuse."""

    day: date
    status: Status
    deadline: Deadline | None
    report: DailyReport | None
    working: bool
    name: str = ""
    absence: str = ""

    @property
    def makeup(self) -> bool:
        return self.working and self.day.weekday() > 4


class PersonDay(NamedTuple):
    person: Staff
    section: Section
    heads: bool
    status: DayStatus


def deadlines(
    unit: Unit | int, first: date, last: date, *, policies: list[ReportPolicy] | None = None
) -> dict[date, Deadline]:
    """The deadlines of every day from first to last, working or not, in two queries.

    `policies` are asked instead of the unit's own: what if the rules had been these?
    """
    return _deadlines(unit, first, last, _calendar(first, last), policies)


def deadline_of(unit: Unit | int, day: date) -> Deadline:
    """Raises Refused when the calendar does not reach the next working day."""
    found = deadlines(unit, day, day).get(day)
    if found is None:
        raise Refused(_("工作日历到不了那一天，请机关人事科先导入下一年的放假安排。"))
    return found


def in_time(deadline: Deadline, filed_at: datetime) -> Status:
    """When something was filed, to the second: at the cutoff is not late."""
    second = filed_at.replace(microsecond=0)
    if second <= deadline.cutoff:
        return Status.ON_TIME
    if second > deadline.closes:
        return Status.MISSING
    late = clock.local(second).date() <= deadline.next_workday
    return Status.LATE if late else Status.BACKFILLED


def status_of(
    day: date,
    *,
    deadline: Deadline | None,
    filed_at: datetime | None,
    working: bool,
    in_section: bool,
    excused: bool,
    now: datetime,
) -> Status:
    """What became of a day. Whoever is excused or off may file; it is kept, and not due."""
    if not in_section:
        return Status.NONE
    if not working or deadline is None:
        return Status.OFF
    if excused:
        return Status.EXCUSED
    if filed_at is not None:
        return in_time(deadline, filed_at)
    if day > clock.local(now).date():
        return Status.COMING
    open_still = now.replace(microsecond=0) <= deadline.closes
    return Status.DUE if open_still else Status.MISSING


def day_statuses(person: Staff, first: date, last: date) -> list[DayStatus]:
    """Each day from first to last, in four queries however long the span."""
    calendar = _calendar(first, last)
    limits = _deadlines(person.unit_id, first, last, calendar)
    until = last + timedelta(days=1)
    held = (
        SectionMembership.objects.during(first, until)
        .filter(staff=person)
        .order_by()
        .values_list("start_on", "end_on", Value("", output_field=models.CharField()))
    )
    away = (
        Absence.objects.filter(staff=person, start_on__lte=last)
        .order_by()
        .values_list("start_on", "end_on", "kind")
    )
    spans = list(held.union(away, all=True))
    reports = DailyReport.objects.filter(author=person, day__range=(first, last))
    report_on = {report.day: report for report in reports}
    now = clock.now()
    found = []
    for day in _days(first, last):
        member = any(not k and s <= day and (e is None or day < e) for s, e, k in spans)
        kinds = [k for s, e, k in spans if k and s <= day and (e is None or day <= e)]
        found.append(
            _day_status(
                day,
                calendar.get(day),
                limits.get(day),
                report_on.get(day),
                in_section=member and _on_roll(person, day),
                absence=kinds[0] if kinds else "",
                now=now,
            )
        )
    return found


def day_status(person: Staff, day: date) -> DayStatus:
    return day_statuses(person, day, day)[0]


def section_day(section: Section, day: date) -> list[PersonDay]:
    """All who belonged to the section that day, in office order."""
    return sections_day([section.pk], section.unit_id, day)


def sections_day(sections: Iterable[int], unit: Unit | int, day: date) -> list[PersonDay]:
    """All who belonged to the sections that day with status and report, in seven queries."""
    held = (
        SectionMembership.objects.on(day)
        .filter(section__in=sections, staff__unit=unit)
        .select_related("staff", "section")
        .order_by("section__position", "section_id", "staff__sort_weight", "staff__staff_no")
    )
    members = [row for row in held if _on_roll(row.staff, day)]
    people = [row.staff_id for row in members]
    calendar = _calendar(day, day)
    limit = _deadlines(unit, day, day, calendar).get(day)
    away = Absence.objects.filter(
        models.Q(end_on=None) | models.Q(end_on__gte=day), staff__in=people, start_on__lte=day
    )
    kind = dict(away.values_list("staff", "kind"))
    heads = set(
        Appointment.objects.on(day)
        .filter(office=Office.SECTION_CHIEF, staff__in=people)
        .values_list("staff", flat=True)
    )
    # Others' drafts are their own business.
    filed = DailyReport.objects.filter(author__in=people, day=day).filed()
    reports = filed.prefetch_related(LINES)
    report_of = {report.author_id: report for report in reports}
    now = clock.now()
    return [
        PersonDay(
            row.staff,
            row.section,
            row.staff_id in heads,
            _day_status(
                day,
                calendar.get(day),
                limit,
                report_of.get(row.staff_id),
                in_section=True,
                absence=kind.get(row.staff_id, ""),
                now=now,
            ),
        )
        for row in members
    ]


def _day_status(day, row, limit, report, *, in_section, absence, now) -> DayStatus:
    working = row is not None and row.is_working
    status = status_of(
        day,
        deadline=limit,
        filed_at=report.first_filed_at if report else None,
        working=working,
        in_section=in_section,
        excused=bool(absence),
        now=now,
    )
    return DayStatus(day, status, limit, report, working, row.name if row else "", absence)


def _calendar(first: date, last: date) -> dict[date, CalendarDay]:
    rows = CalendarDay.objects.filter(day__range=(first, last + _BEYOND))
    return {row.day: row for row in rows}


def _deadlines(unit, first: date, last: date, calendar, policies=None) -> dict[date, Deadline]:
    if policies is None:
        policies = list(ReportPolicy.objects.filter(unit=unit).order_by("in_force_from", "pk"))
    policies = policies or [ReportPolicy(in_force_from=date.min)]
    found, following = {}, None
    for day in reversed(_days(first, last + _BEYOND)):
        if day <= last and following is not None:
            # Before any policy the earliest one holds, as in ReportPolicyQuerySet.of.
            policy = policies[0]
            for one in policies:
                if one.in_force_from <= day:
                    policy = one
            cutoff = clock.at(following, policy.cutoff.hour, policy.cutoff.minute)
            cutoff += timedelta(seconds=policy.cutoff.second)
            last_day = clock.at(day + timedelta(days=policy.backfill_days), 23, 59, 59)
            found[day] = Deadline(day, following, cutoff, max(cutoff, last_day))
        row = calendar.get(day)
        if row is not None and row.is_working:
            following = day
    return found


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _on_roll(person: Staff, day: date) -> bool:
    joined = person.joined_on is not None and person.joined_on <= day
    return joined and (person.left_on is None or day < person.left_on)
