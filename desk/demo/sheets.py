"""The demo's drafted sheets: last week for the meeting, last month, the reports of the year."""

from datetime import date, timedelta

from ledgers import months, weeks
from ledgers.actions import summaries, weekly, work_reports
from ledgers.models import MonthlySummary, SheetLine
from ledgers.sheet_lines import Edit
from scheme import access, clock, periods
from scheme.models import Appointment, Staff, Unit
from scheme.offices import Office
from scheme.roles import Role
from scoring import declaring

# Sections of the department, by place, that a visitor finds still to be done.
UNFILED, UNGRADED, MOST = 5, 3, 7
KEPT, CLAUSES = 4, 3


def build(unit: Unit, half: str, today: date) -> None:
    _leave_last_month(unit, half, today)
    week = weeks.monday(today) - timedelta(days=7)
    month = months.last_month(today)
    for number, chief in enumerate(declaring.chiefs_of(unit.pk)):
        if number == UNFILED or number >= MOST:
            continue
        for section in access.places(chief, Role.CHIEF):
            _week(section, week, chief)
            _month(section, month, chief, number)
    for person in Staff.objects.filter(unit=unit, staff_no__in=["ZC045", "ZC042", "ZC043"]):
        _year(person, today.year)


def _leave_last_month(unit: Unit, half: str, today: date) -> None:
    """Takes the workbook's word on last month and this one away, so that the visitor finds
    summaries drafted here; what the counted half-year rests on stays."""
    month = months.last_month(today)
    if month >= periods.half_span(half).until:
        MonthlySummary.objects.filter(unit=unit, month__gte=month, version=0).delete()


def _week(section: int, week: date, chief: Staff) -> None:
    sheet = weekly.draft(section, week, by=chief)
    lines = list(sheet.lines.all())
    if lines:
        weekly.file(sheet.pk, by=chief, version=sheet.version, edits=_edited(lines))


def _month(section: int, month: date, chief: Staff, number: int) -> None:
    summary = summaries.draft(section, month, by=chief)
    lines = summary.lines.exclude(part=SheetLine.Part.FACT)
    if summary.state != MonthlySummary.State.DRAFT or not lines:
        return
    version = summary.version
    summary = summaries.file(summary.pk, by=chief, version=version, edits=_edited(lines))
    leader = _leader(section)
    if leader is None or number == UNGRADED or leader == chief:
        return
    grade = ("good", "fair", "good", "plain", "fair")[number % 5]
    comment = "重点任务抓得实，数据清楚。" if grade == "good" else ""
    summaries.grade(summary.pk, by=leader, version=summary.version, grade=grade, comment=comment)


def _edited(lines) -> list[Edit]:
    """As a chief would: the four weightiest of what was done, each in a few words."""
    return [
        Edit(
            line.pk,
            line.part,
            "；".join(line.text.split("；")[:CLAUSES]),
            line.people,
            line.position,
            line.part == SheetLine.Part.DONE and line.position > KEPT,
        )
        for line in lines
    ]


def _leader(section: int) -> Staff | None:
    rows = Appointment.objects.on(clock.today())
    held = rows.filter(office=Office.LEADER_IN_CHARGE, section=section).select_related("staff")
    first = held.first()
    return first.staff if first else None


def _year(person: Staff, year: int) -> None:
    report = work_reports.draft(year, by=person)
    words = {
        "done": "围绕全年重点任务抓落实，经手的事项按期办结，日报及时准确。\n"
        "参与起草制度文件和总结材料，按意见修改定稿。",
        "open": "调研不够深，写出的信息数量偏少。",
        "plan": "每季度至少完成一篇调研信息，带好新同志。",
    }
    version = report.version
    if person.staff_no == "ZC043":
        work_reports.file(report.pk, by=person, version=version, words=words)
    else:
        work_reports.save(report.pk, by=person, version=version, words=words)
