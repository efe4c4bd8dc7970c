"""Sixty people, drawn from a seed: seven sections, three branches, a committee of seven with two
who may chair, and a half-year of a few working days (SIM_DAYS=all: every one of them)."""

import os
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from scheme.models import Branch, CalendarDay, Kinship, Section, Staff, Unit
from scheme.offices import Office
from tests import factories as make

HALF = "2026H1"
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
SECTIONS = ("干部一科", "干部二科", "组织一科", "组织二科", "人才科", "办公室", "机关人事科")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "文明志远思源国栋晓峰丽华建军秀英春梅海燕永康"


@dataclass
class World:
    seed: int
    rng: random.Random
    unit: Unit
    sections: list[Section] = field(default_factory=list)
    branches: list[Branch] = field(default_factory=list)
    people: list[Staff] = field(default_factory=list)
    chief: dict[int, Staff] = field(default_factory=dict)  # section → who heads it
    leader: dict[int, Staff] = field(default_factory=dict)  # section → who has it in charge
    committee: list[Staff] = field(default_factory=list)
    chairs: list[Staff] = field(default_factory=list)
    secretaries: dict[int, Staff] = field(default_factory=dict)
    personnel: list[Staff] = field(default_factory=list)
    kin: set[frozenset[int]] = field(default_factory=set)
    branch_of: dict[int, int] = field(default_factory=dict)  # person → branch
    days: list[date] = field(default_factory=list)
    # person → [(from, section)], the newest last
    homes: dict[int, list[tuple[date, int]]] = field(default_factory=dict)

    def section_on(self, person: int, day: date) -> int | None:
        found = None
        for since, section in self.homes.get(person, ()):
            if since <= day:
                found = section
        return found

    def members(self, section: int, day: date) -> list[Staff]:
        return [one for one in self.people if self.section_on(one.pk, day) == section]


def build(seed: int) -> World:
    rng = random.Random(seed)
    w = World(seed, rng, make.make_unit(f"某市委组织部（模拟{seed}）"))
    w.sections = [make.make_section(w.unit, name) for name in SECTIONS]
    w.branches = [make.make_branch(w.unit, f"机关第{n}党支部") for n in "一二三"]
    names = _names(rng)
    _seat_committee(w, names)
    _people_sections(w, names)
    _offices(w)
    for one, other in _pairs(w, 2):
        relation = rng.choice(Kinship.Relation.values)
        Kinship.objects.create(
            unit=w.unit, person=one, relative=other, relation=relation, declared_by=one,
            declared_at="2026-01-01T00:00:00Z",
        )  # fmt: skip
        w.kin.add(frozenset({one.pk, other.pk}))
    w.days = _working_days(rng)
    return w


def _names(rng):
    """All different: pages and documents tell people apart by name as well."""
    seen = set()
    while True:
        name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2))))
        if name not in seen:
            seen.add(name)
            yield name


def _seat_committee(w: World, names) -> None:
    for n in range(7):
        person = make.make_staff(
            w.unit, branch=w.branches[n % 3], name=next(names), post="部长" if not n else "副部长"
        )
        w.committee.append(person)
        w.people.append(person)
        w.branch_of[person.pk] = w.branches[n % 3].pk
        w.homes[person.pk] = []
        office = Office.COMMITTEE_CHAIR if n < 2 else Office.COMMITTEE_MEMBER
        make.appoint(person, office)
    w.chairs = w.committee[:2]


def _people_sections(w: World, names) -> None:
    sizes = [8, 8, 8, 7, 7, 7, 8]
    w.rng.shuffle(sizes)
    for n, (section, size) in enumerate(zip(w.sections, sizes, strict=True)):
        leader = w.committee[1 + n % 6]
        make.appoint(leader, Office.LEADER_IN_CHARGE, section=section)
        w.leader[section.pk] = leader
        for place in range(size):
            branch = w.branches[(n + (place == size - 1)) % 3]
            person = make.make_staff(
                section=section,
                branch=branch,
                name=next(names),
                office=None if place else Office.SECTION_CHIEF,
                post="科员" if place else "科长",
            )
            w.people.append(person)
            w.branch_of[person.pk] = branch.pk
            w.homes[person.pk] = [(date(2000, 1, 1), section.pk)]
            if not place:
                w.chief[section.pk] = person


def _offices(w: World) -> None:
    for n, branch in enumerate(w.branches):
        secretary = w.chief[w.sections[n].pk]
        make.appoint(secretary, Office.BRANCH_SECRETARY, branch=branch)
        w.secretaries[branch.pk] = secretary
    office = w.sections[-1]
    others = [one for one in w.members(office.pk, FIRST) if one != w.chief[office.pk]]
    w.personnel = [w.chief[office.pk], *others[:2]]
    for person in w.personnel:
        make.appoint(person, Office.PERSONNEL_OFFICE)


def _pairs(w: World, many: int):
    """A member of the committee and somebody of a section."""
    officers = [one for one in w.people if one not in w.committee]
    members = w.rng.sample(w.committee[2:], many)
    return zip(members, w.rng.sample(officers, many), strict=True)


def _working_days(rng) -> list[date]:
    """Two working days in a row: of the first a report may be late."""
    real = list(
        CalendarDay.objects.filter(day__range=(FIRST, LAST), is_working=True)
        .order_by("day")
        .values_list("day", flat=True)
    )
    wanted = os.environ.get("SIM_DAYS", "2")
    if wanted == "all":
        return real
    if wanted != "2":
        raise ValueError("SIM_DAYS is 2 or all")
    # Never so far from July that the calendar seems to end.
    starts = [n for n in range(len(real) - 1) if _is_run(real[n : n + 2])]
    first = rng.choice(starts)
    days = real[first : first + 2]
    CalendarDay.objects.filter(day__range=(FIRST, LAST)).update(is_working=False)
    CalendarDay.objects.filter(day__in=days).update(is_working=True)
    return days


def _is_run(days: list[date]) -> bool:
    return days[1] - days[0] == timedelta(1) and days[0].month == 5 and days[0].day < 28
