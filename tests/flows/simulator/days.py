"""Sixty people file their days and their chiefs read them, with what goes wrong in an office: late,
twice, never, too late, sent back, read by the wrong one, moved to another section, cut off."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from ledgers.actions import reports
from ledgers.models import DailyReport
from scheme.errors import Refused
from scheme.models import SectionMembership
from tests.factories import again, make_absence
from tests.flows.simulator.books import Diary
from tests.flows.simulator.mishaps import cut_off

GRADES = ("good", "fair", "plain", "poor")
LINES = [reports.Line("核对干部档案", True)]


def live(w, clock) -> Diary:
    """Plays every working day of the half-year in the order of time."""
    diary = Diary()
    _leave(w, diary)
    moved = _somebody_moves(w)
    events: list[tuple[datetime, int, tuple]] = []
    for day in w.days:
        if moved and day == moved[0]:
            _move(w, *moved)
        for person in w.people:
            if w.section_on(person.pk, day) is not None and (person.pk, day) not in diary.excused:
                _plan(w, events, person, day)
    for at, _n, (act, *args) in sorted(events, key=lambda event: event[:2]):
        clock.set(f"{at:%Y-%m-%d %H:%M}")
        act(w, diary, *args)
    return diary


def _plan(w, events, person, day) -> None:
    nth, rng = len(events), w.rng
    after = w.days.index(day) + 1
    follows = after < len(w.days) and w.days[after] == day + timedelta(1)
    what = rng.choices(("on_time", "late", "never", "too_late"), (86, 6, 6, 2))[0]
    if what == "never" or (what == "late" and not follows):
        return
    moment = {
        "on_time": datetime.combine(day, time(17, rng.randrange(60))),
        "late": datetime.combine(day + timedelta(1), time(10, 1 + rng.randrange(50))),
        "too_late": datetime.combine(day + timedelta(60), time(9)),
    }[what]
    if what == "too_late":
        events.append((moment, nth, (_file_too_late, person, day)))
        return
    events.append((moment, nth, (_file, person, day, what == "late")))
    if rng.random() < 0.95:
        read = moment + timedelta(hours=rng.randrange(1, 60))
        events.append((read, nth, (_read, person, day, rng.choice(GRADES))))


def _file(w, diary, person, day, late) -> None:
    def act():
        return reports.file(
            day, by=again(person), lines=LINES, open_matters="", plan="接着核对", answer="", seen=0
        )

    if w.rng.random() < 0.01:
        cut_off(w.rng, act)
    act()
    diary.filed[person.pk, day] = late
    if w.rng.random() < 0.03:
        # The second click of two.
        with pytest.raises(Refused):
            act()


def _file_too_late(w, diary, person, day) -> None:
    with pytest.raises(Refused):
        reports.file(
            day, by=again(person), lines=LINES, open_matters="", plan="", answer="", seen=0
        )


def reader_of(w, person, day):
    section = w.section_on(person.pk, day)
    chief = w.chief[section]
    return w.leader[section] if person == chief else chief


def _read(w, diary, person, day, grade) -> None:
    report = DailyReport.objects.get(author=person, day=day)
    reader = again(reader_of(w, person, day))
    if w.rng.random() < 0.03:
        with pytest.raises(PermissionDenied):
            reports.accept(report.pk, by=again(person), grade="good", seen=report.version)
    if w.rng.random() < 0.04:
        report = reports.return_(report.pk, by=reader, reason="写具体些", seen=report.version)
        report = reports.file(
            day, by=again(person), lines=LINES, open_matters="", plan="接着核对",
            answer="已补充", seen=report.version,
        )  # fmt: skip
    reports.accept(report.pk, by=reader, grade=grade, seen=report.version)
    diary.grades[person.pk, day] = grade
    if w.rng.random() < 0.02:
        with pytest.raises(Refused):
            reports.accept(report.pk, by=reader, grade="poor", seen=report.version)


def _leave(w, diary) -> None:
    for person in w.rng.sample(w.people[7:], 8):
        first = w.rng.choice(w.days)
        last = first + timedelta(w.rng.randrange(3))
        make_absence(person, first, last)
        diary.excused |= {(person.pk, day) for day in w.days if first <= day <= last}


def _somebody_moves(w) -> tuple[date, int, int] | None:
    """An officer changes section on a day in the middle; not one who has an office."""
    busy = {one.pk for one in (*w.chief.values(), *w.personnel, *w.committee)}
    person = w.rng.choice([one for one in w.people if one.pk not in busy])
    now = w.section_on(person.pk, date(2026, 1, 1))
    goes = w.rng.choice([one.pk for one in w.sections if one.pk != now])
    return w.days[len(w.days) // 2], person.pk, goes


def _move(w, day, person, section) -> None:
    SectionMembership.objects.filter(staff=person, end_on=None).update(end_on=day)
    SectionMembership.objects.create(staff_id=person, section_id=section, start_on=day)
    w.homes[person].append((day, section))
