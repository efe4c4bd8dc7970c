"""Fills an empty installation with a department and its half-year, through the real actions.

The half-year is the last finished one, whenever the demo is first opened; the present one runs up
to this week, whose reports wait to be read and filed.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F

from desk.demo import (
    cast,
    circulars,
    declared,
    earlier,
    leave,
    morning,
    plans,
    regulations,
    round,
    sheets,
    study,
    supervision,
    week,
    writing,
)
from desk.demo.dates import SOURCE_HALF, shift_to
from ledgers.models import DailyReport
from scheme import clock, periods, workdays
from scheme.actions import rosters
from scheme.imports.sheets import open_book
from scheme.models import CalendarDay, Staff, Unit
from scoring.actions import closing, posting, rulebooks, runs
from scoring.imports import facts, rules

DATA = Path(settings.BASE_DIR) / "tests" / "data"
# The back-fill window of the rules, over the longest run of days off.
FILING_ENDS = timedelta(days=12)
OFFICE, APPROVER = "ZC013", "ZC003"


def everything(*, say: Callable[[str], object]) -> list:
    """Returns the cast with their passwords. All or nothing."""
    with transaction.atomic():
        today = clock.today()
        # In its first days the last half-year may still be filed: then it is the one before.
        half = periods.half_before(today - FILING_ENDS)
        span = periods.half_span(half)
        before = periods.half_before(span.first)
        _assume_years(periods.half_span(before).first.year, today.year + 1)
        unit = _roster(say)
        office = Staff.objects.get(unit=unit, staff_no=OFFICE)
        _rules(unit, office, earlier.trial(before)[0])
        first_unread = workdays.preceding(today, week.UNREAD_DAYS)
        with (DATA / "facts-2026H1.xlsx").open("rb") as file:
            told = facts.read(open_book(file), unit)
        earlier.tell(told, unit, before)
        earlier.build(unit, before, office)
        _reports(told, unit, half, first_unread)
        week.build(unit, first_unread, today)
        # Before the days are settled: a month graded good is a fact.
        sheets.build(unit, half, today)
        say("Reports are in; settling the days …")
        _post(unit, half, today)
        leave.build(unit, office, today)
        study.build(unit, office, today)
        circulars.build(unit, office, today)
        plans.build(unit, office, today)
        supervision.build(unit, office, today)
        regulations.build(unit, office, today)
        writing.build(unit, office, today)
        # What was entered since has its points too, before the half-year is closed and scored.
        _post(unit, half, today)
        _close(unit, office, half)
        declared.build(unit, office, today)
        round.build(unit, half, office)
        morning.build(unit, office, today)
        given = cast.give_passwords()
    say(f"{unit}: {half} is counted and its round stands at the branches.")
    return given


def _assume_years(first: int, last: int) -> None:
    """Years the shipped calendar does not know: Monday to Friday, marked as assumed."""
    for year in range(first, last + 1):
        if not CalendarDay.objects.filter(day__year=year).exists():
            CalendarDay.objects.bulk_create(
                CalendarDay(day=day, is_working=day.weekday() < 5, provisional=True)
                for day in workdays.days_of(year)
            )


def _roster(say) -> Unit:
    upload = rosters.load(
        cast.UNIT_NAME, (DATA / "roster.xlsx").read_bytes(), file_name="roster.xlsx"
    )
    say(rosters.summary(upload))
    return Unit.objects.get(name=cast.UNIT_NAME)


def _rules(unit: Unit, office: Staff, in_force_from: date) -> None:
    with (DATA / "rules.xlsx").open("rb") as file:
        content, problems = rules.read(file)
    if problems:
        raise ValueError(problems[0])
    book = rulebooks.propose(unit, content, by=office)
    approver = Staff.objects.get(unit=unit, staff_no=APPROVER)
    rulebooks.approve(book.pk, by=approver, in_force_from=in_force_from)


def _reports(told: facts.Facts, unit: Unit, half: str, first_unread: date) -> None:
    """The workbook's half-year in the counted one, and again in those since, up to this week."""
    opens = periods.half_span(SOURCE_HALF).first
    since = periods.half_span(half).until
    halves, day = [half], since
    while day < first_unread:
        halves.append(periods.half_of(day))
        day = periods.half_span(halves[-1]).until
    for code in halves:
        for lap in (0, 1):
            move = shift_to(code, until=first_unread, lap=lap)
            # Absences from before the workbook's half-year are told once.
            first = code == half and not lap
            facts.store(
                told,
                unit,
                by=None,
                shift=lambda d, move=move, first=first: move(d) if first or d >= opens else None,
                only=_told_of(code, half, lap),
            )
    # The workbook told of people who have left since, and not of those who came.
    DailyReport.objects.filter(unit=unit, author__left_on__lte=F("day")).delete()
    week.write_for_newcomers(unit, since, first_unread)


def _told_of(code: str, half: str, lap: int) -> set[str]:
    """Tasks go by number and declarations are declared anew: both are told once. The second lap
    of a longer half-year only fills the days."""
    if lap:
        return {"日报", "请假"}
    if code == half:
        return set(facts.SHEETS)
    return set(facts.SHEETS) - {"重点任务", "督办", "申报"}


def _post(unit: Unit, half: str, today: date) -> None:
    span = periods.half_span(half)
    posting.settle(unit, span.first, span.last)
    if span.until < today:
        posting.settle(unit, span.until, today - timedelta(days=1))


def _close(unit: Unit, office: Staff, half: str) -> None:
    for code in periods.quarters_of(half):
        closing.close(code, unit=unit, by=office)
    runs.score(unit, half, by=office)
