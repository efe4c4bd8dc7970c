"""The demo's last working days: reports that wait for their readers, and some not yet filed."""

from datetime import date

from ledgers.models import DailyReport, ReportEvent, ReportLine
from scheme import clock, workdays
from scheme.models import Absence, Staff, Unit

UNREAD_DAYS = 3
# Their latest report is left for the visitor to file.
STILL_OWED = frozenset({"ZC045", "ZC042", "ZC013", "ZC015", "ZC040", "ZC043"})


def build(unit: Unit, first: date, today: date) -> None:
    """Reports of the working days from `first` until today (not included), filed and unread."""
    days = [day for day in workdays.between(first, today) if day < today]
    texts = _texts(unit)
    reports, lines = [], []
    for day in days:
        away = Absence.objects.filter(start_on__lte=day).exclude(end_on__lt=day).values("staff")
        people = Staff.objects.of_unit(unit).on_roll(day).with_section(day).exclude(section_id=None)
        for person in people.exclude(pk__in=away).in_office_order():
            own = texts.get(person.pk)
            owes = day == days[-1] and person.staff_no in STILL_OWED
            if not own or owes or (person.pk + day.toordinal()) % 13 == 0:
                continue
            body, plan = own[day.toordinal() % len(own)]
            at = clock.at(day, 17, (person.pk * 7) % 50 + 5)
            report = DailyReport(
                unit=unit,
                author=person,
                day=day,
                state=DailyReport.State.FILED,
                plan=plan,
                first_filed_at=at,
                filed_at=at,
                version=1,
                saved_at=at,
            )
            reports.append(report)
            lines.append(body)
    DailyReport.objects.bulk_create(reports)
    _write_lines(reports, lines)
    ReportEvent.objects.bulk_create(
        ReportEvent(
            report=report,
            version=1,
            kind=ReportEvent.Kind.FILED,
            at=report.filed_at,
            by=report.author,
            body={
                "lines": [{"text": text, "done": True} for text in body],
                "open_matters": "",
                "plan": report.plan,
            },
        )
        for report, body in zip(reports, lines, strict=True)
    )


def write_for_newcomers(unit: Unit, first: date, until: date) -> None:
    """Whoever joined after the workbook's half-year reports what a colleague of the section did."""
    wrote = DailyReport.objects.filter(unit=unit, day__gte=first).values("author")
    people = Staff.objects.of_unit(unit).on_roll(until).with_section(until)
    for newcomer in people.exclude(pk__in=wrote).exclude(section_id=None):
        colleague = people.filter(section_id=newcomer.section_id, pk__in=wrote).last()
        if colleague is None:
            continue
        theirs = DailyReport.objects.filter(
            author=colleague, day__gte=max(first, newcomer.joined_on), day__lt=until
        ).prefetch_related("lines")
        copies, lines = [], []
        for report in theirs:
            lines.append([line.text for line in report.lines.all()])
            report.pk, report.author = None, newcomer
            report._state.adding = True
            copies.append(report)
        DailyReport.objects.bulk_create(copies)
        _write_lines(copies, lines)


def _write_lines(reports: list[DailyReport], lines: list[list[str]]) -> None:
    ReportLine.objects.bulk_create(
        ReportLine(report=report, position=n, text=text)
        for report, body in zip(reports, lines, strict=True)
        for n, text in enumerate(body, 1)
    )


def _texts(unit: Unit) -> dict[int, list[tuple[list[str], str]]]:
    """What each person wrote on other days, to write again."""
    found: dict[int, list] = {}
    written = (
        DailyReport.objects.filter(unit=unit)
        .exclude(plan="")
        .filed()
        .prefetch_related("lines")
        .order_by("author", "-day")
    )
    for report in written:
        own = found.setdefault(report.author_id, [])
        if len(own) < 20:
            own.append(([line.text for line in report.lines.all()], report.plan))
    return found
