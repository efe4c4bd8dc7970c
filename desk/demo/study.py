"""The demo's study and talks: weeks planned ahead, one to be entered, a talk being rated."""

from datetime import date, timedelta
from decimal import Decimal

from ledgers import rota
from ledgers.actions import ratings, study, talks
from ledgers.models import StudySession, Talk
from scheme import clock, periods, workdays
from scheme.models import Staff, Unit

FRIDAY, FORTNIGHT = 4, timedelta(days=14)
AHEAD, RATED, RATING_ENDS = 4, 12, 18
# The visitor's part in it is left to them.
LISTENS = "ZC045"


def build(unit: Unit, office: Staff, today: date) -> None:
    _sessions(unit, office, today)
    _talks(unit, office, today)


def _sessions(unit: Unit, office: Staff, today: date) -> None:
    """Fridays from the last one to the end of the half-year, and a fortnight more at its end."""
    last = today - timedelta((today.weekday() - FRIDAY) % 7 or 7)
    until = max(periods.half_span(periods.half_of(today)).last, today + FORTNIGHT)
    study.plan_series(
        unit, first=last, until=until, topic="党的创新理论专题学习", place="三楼会议室", by=office
    )
    # Whatever the calendar left of them, the last one waits to be entered.
    if not StudySession.objects.filter(unit=unit, state="planned", day__lte=today).exists():
        day = workdays.preceding(today)
        study.plan(unit, day=day, topic="机关公文写作规范", place="三楼会议室", by=office)


def _talks(unit: Unit, office: Staff, today: date) -> None:
    """One given on the last working day and being rated, the next ones by the rota."""
    given = workdays.preceding(today)
    while Talk.objects.filter(unit=unit, day=given).exists():
        given = workdays.preceding(given)
    proposed, read = rota.propose(unit, [given], today)
    speaker = read.people[proposed[0].key]
    (talk,) = talks.plan(unit, [(given, speaker)], by=office)
    talk = talks.give(
        talk.pk,
        title="怎样把一件小事写成一条好信息",
        summary="选题、核实、标题、时效，各举两例。",
        version=talk.version,
        by=speaker,
    )
    ends = clock.at(workdays.following(today, 2), RATING_ENDS)
    ratings.open_rating(talk.pk, until=ends, version=talk.version, by=office)
    listeners = Staff.objects.of_unit(unit).on_roll(today).exclude(pk=speaker.pk)
    for n, person in enumerate(listeners.exclude(staff_no=LISTENS).in_office_order()[:RATED]):
        ratings.rate(talk.pk, Decimal(88 + n * 7 % 12), by=person)

    days = [workdays.following(today - timedelta(1) + FORTNIGHT * (n + 1)) for n in range(AHEAD)]
    proposed, read = rota.propose(unit, days, today)
    turns = [(turn.day, read.people[turn.key]) for turn in proposed]
    talks.plan(unit, turns, by=office)
