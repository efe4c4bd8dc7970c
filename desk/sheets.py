"""What of the drafted sheets waits on the desk: the chief's week and month, months to grade, work
reports to receive and to mend."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.rows import Task
from ledgers import months, weeks
from ledgers.models import MonthlySummary, WeeklySheet, WorkReport
from scheme import access, clock
from scheme.models import Section
from scheme.roles import Role
from scheme.templatetags.look import md


def owed(person) -> list[Task]:
    """Last week's sheet and last month's summary, until they are filed; what was sent back."""
    return [*_of_section(person), *_returned(person)]


def _of_section(person) -> list[Task]:
    places = access.places(person, Role.CHIEF)
    if not places:
        return []
    today = clock.today()
    week = weeks.monday(today) - timedelta(days=7)
    month = months.last_month(today)
    sheets = WeeklySheet.objects.filter(section__in=places, week=week)
    week_of = {sheet.section_id: sheet for sheet in sheets}
    rows = MonthlySummary.objects.filter(section__in=places, month=month)
    month_of = {summary.section_id: summary for summary in rows}
    due = months.due_on(month)
    tasks = []
    for section in Section.objects.filter(pk__in=places).order_by("position", "pk"):
        owed_month = months.Owed(section, month, month_of.get(section.pk), due)
        if owed_month.open:
            tasks.append(_month(owed_month))
        sheet = week_of.get(section.pk)
        if sheet is None or sheet.state == WeeklySheet.State.DRAFT:
            tasks.append(_week(section, week, sheet))
    return tasks


def _week(section, week, sheet) -> Task:
    return Task(
        "warn",
        _("待报"),
        _("%(section)s%(first)s—%(last)s的周例会表")
        % {"section": section.name, "first": md(week), "last": md(week + timedelta(days=6))},
        _("从已阅日报和任务进展起草，改好就报"),
        reverse("ledgers:weekly_edit", args=[sheet.pk])
        if sheet
        else reverse("ledgers:weekly_list"),
        _("接着改") if sheet else _("去起草"),
    )


def _month(owed: months.Owed) -> Task:
    names = {"section": owed.section.name, "month": owed.month.month}
    title = _("%(section)s%(month)s月的月结") % names
    note = _("%(day)s前报送，分管领导评等次") % {"day": md(owed.due)} if owed.due else ""
    if owed.summary is None:
        url, act = reverse("ledgers:summary_list"), _("去起草")
    else:
        url, act = reverse("ledgers:summary_edit", args=[owed.summary.pk]), _("接着改")
    if owed.summary is not None and owed.summary.state == MonthlySummary.State.RETURNED:
        return Task("bad", _("退回补正"), title, note, url, _("去补正"))
    return Task("bad" if owed.late else "warn", _("未报") if owed.late else _("待报"), title, note,
                url, act)  # fmt: skip


def _returned(person) -> list[Task]:
    rows = WorkReport.objects.filter(person=person, state=WorkReport.State.RETURNED)
    return [
        Task(
            "bad",
            _("退回补正"),
            _("%(year)s年的述职") % {"year": report.year},
            _("改好再报，由科长收下"),
            reverse("ledgers:work_report_edit", args=[report.pk]),
            _("去补正"),
        )
        for report in rows.order_by("-year")[:2]
    ]


def waiting(person) -> list[Task]:
    """Months to grade, work reports to receive."""
    tasks = []
    if count := MonthlySummary.objects.to_grade_by(person).count():
        tasks.append(
            Task(
                "warn",
                _("待评"),
                ngettext("%(n)s份月结待评定", "%(n)s份月结待评定", count) % {"n": count},
                _("好、较好、一般、较差，写得不行的退回"),
                f"{reverse('ledgers:summary_list')}?state=filed",
                _("去评定"),
            )
        )
    if count := WorkReport.objects.to_receive_by(person).count():
        tasks.append(
            Task(
                "warn",
                _("待收"),
                ngettext("%(n)s份述职待收", "%(n)s份述职待收", count) % {"n": count},
                _("看过收下，收下以后不再改"),
                f"{reverse('ledgers:work_report_list')}?state=filed",
                _("去看"),
            )
        )
    return tasks
