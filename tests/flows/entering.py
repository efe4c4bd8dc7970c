"""A half-year entered by its people: what the facts workbook tells, done by the acts that the pages
call, each at its moment.

Every ledger is a list of `Step`s; the test brings them into the order of time and lets them happen.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ledgers import sheet_lines
from ledgers.actions import (
    innovations,
    papers,
    promotions,
    ratings,
    reports,
    study,
    summaries,
    talks,
    writing,
)
from ledgers.crediting import Credit
from ledgers.imports.reports import _lines
from ledgers.models import CreditRole, Innovation, SupervisionNote
from ledgers.titles import reduced
from scheme import clock, periods
from scheme.actions import absences
from scheme.errors import Refused
from scheme.models import Absence, Appointment, Section, SectionMembership, Staff, Unit
from scheme.offices import Office
from scoring.actions import checking, declarations, windows
from tests.factories import pdf

FIRST = date(2026, 1, 1)
BEFORE = date(2025, 12, 22)
Kind = SupervisionNote.Kind


class Step(NamedTuple):
    at: datetime
    do: Callable[[], object]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return clock.at(day, hour, minute)


class Hands:
    """Who holds what on which day, read once: the flow asks thousands of times."""

    def __init__(self, unit: Unit):
        self.unit = unit
        self.people = Staff.objects.in_bulk()
        self.sections = Section.objects.in_bulk()
        self.homes = defaultdict(list)
        for row in SectionMembership.objects.all():
            self.homes[row.staff_id].append(row)
        self.held = list(Appointment.objects.all())

    def __getitem__(self, pk: int) -> Staff:
        return self.people[pk]

    def of(self, office: Office, day: date, section: int | None = None) -> list[Staff]:
        rows = [
            row
            for row in self.held
            if row.office == office
            and row.section_id == section
            and row.start_on <= day
            and (row.end_on is None or day < row.end_on)
        ]
        found = [self[row.staff_id] for row in rows if self.is_there(row.staff_id, day)]
        return sorted(found, key=lambda person: person.staff_no)

    def is_there(self, pk: int, day: date) -> bool:
        person = self[pk]
        return person.joined_on <= day and (person.left_on is None or day < person.left_on)

    def section_of(self, pk: int, day: date) -> int | None:
        for row in self.homes[pk]:
            if row.start_on <= day and (row.end_on is None or day < row.end_on):
                return row.section_id
        return None

    def chief(self, section: int, day: date) -> Staff | None:
        return next(iter(self.of(Office.SECTION_CHIEF, day, section)), None)

    def leader(self, section: int, day: date) -> Staff:
        found = self.of(Office.LEADER_IN_CHARGE, day, section)
        return found[0] if found else self.chair(day)

    def chair(self, day: date) -> Staff:
        return self.of(Office.COMMITTEE_CHAIR, day)[0]

    def office(self, day: date, *, but=()) -> Staff | None:
        people = [one for one in self.of(Office.PERSONNEL_OFFICE, day) if one.pk not in but]
        return people[0] if people else None

    def supervisor(self, day: date, *, but=()) -> Staff | None:
        people = [one for one in self.of(Office.SUPERVISION_OFFICE, day) if one.pk not in but]
        return people[0] if people else None


# --- Days and weeks


def leave(rows, hands: Hands) -> Iterator[Step]:
    """请假: kept by the personnel office, on its first day; what began long ago, at the start."""
    for row in rows:
        first, last = row["start_on"], row["end_on"]

        def keep(row=row, first=first, last=last):
            by = hands.office(clock.today())
            for start, end in still_free(row["person"], first, last):
                absences.keep(row["person"], kind=str(row["kind"]), first=start, last=end, by=by)

        yield Step(at(max(first, BEFORE), 7), keep)


def still_free(person: int, first: date, last: date | None) -> list[tuple[date, date | None]]:
    """The days that no other row covers: a workbook may tell of a day twice, a page refuses it."""
    taken = list(Absence.objects.filter(staff=person).values_list("start_on", "end_on"))
    if last is None:
        return [] if any(end is None for _start, end in taken) else [(first, None)]
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    free = [d for d in days if not any(s <= d and (e is None or d <= e) for s, e in taken)]
    spans: list[tuple[date, date]] = []
    for day in free:
        if spans and spans[-1][1] == day - timedelta(1):
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


def daily(rows, hands: Hands, *, of: set[int] | None) -> Iterator[Step]:
    """日报: filed by its author, graded by the chief or the leader a quarter of an hour later.
    `of`: sections whose people report here; None for all."""
    for row in rows:
        author, day, filed_at = row["author"], row["day"], row["filed_at"]
        if filed_at is None or (of is not None and hands.section_of(author, day) not in of):
            continue
        made: dict = {}

        def file(row=row, author=author, day=day, made=made):
            lines = [reports.Line(text) for text in _lines(row["done"])] or [reports.Line("值班")]
            try:
                made["report"] = reports.file(
                    day, by=hands[author], lines=lines, plan=row["plan"], seen=0
                )
            except Refused:
                # Beyond the last day, or nobody's duty: a workbook would tell of it in vain.
                made.clear()

        def grade(row=row, author=author, day=day, made=made):
            if "report" not in made:
                return
            report, section = made["report"], hands.section_of(author, day)
            chief = hands.chief(section, day)
            by = chief if chief and chief.pk != author else hands.leader(section, clock.today())
            reports.accept(report.pk, by=by, grade=str(row["grade"]), seen=report.version)

        yield Step(filed_at, file)
        if row["grade"]:
            yield Step(filed_at + timedelta(minutes=15), grade)


def monthly(rows, hands: Hands) -> Iterator[Step]:
    """月结: drawn up and filed by the chief on the month's last day, graded by the leader."""
    for row in rows:
        month, section = row["month"], row["section"]
        last = periods.last_of_month(month)

        def enter(row=row, month=month, section=section, last=last):
            chief = hands.chief(section, last) or hands.leader(section, last)
            drawn = summaries.draft(section, month, by=chief)
            text = sheet_lines.Edit(None, "done", "完成了本月任务")
            filed = summaries.file(drawn.pk, by=chief, version=drawn.version, edits=[text])
            if row["grade"]:
                summaries.grade(
                    filed.pk,
                    by=hands.leader(section, last),
                    version=filed.version,
                    grade=str(row["grade"]),
                )

        yield Step(at(last, 19), enter)


# --- Study and talks


def sessions(rows, hands: Hands) -> Iterator[Step]:
    for row in rows:

        def hold(row=row):
            day = row["day"]
            by = hands.office(day)
            planned = study.plan(hands.unit, day=day, topic=row["topic"], by=by)
            # Leaders, and who has left, are on no list to be ticked; they would not count.
            missed = [
                pk for pk in row["missed"] if hands.is_there(pk, day) and hands.section_of(pk, day)
            ]
            study.hold(planned.pk, missed=missed, version=planned.version, by=by)

        yield Step(at(row["day"], 17, 30), hold)


def given(rows, hands: Hands) -> Iterator[Step]:
    """讲课: planned, given, rated by as many listeners as there are ratings, opened."""
    for row in rows:
        day, held = row["day"], {}
        ends = at(day + timedelta(days=2), 18)

        def plan(row=row, day=day, held=held, ends=ends):
            by = hands.office(day)
            (talk,) = talks.plan(hands.unit, [(day, hands[row["speaker"]])], by=by)
            talk = talks.give(
                talk.pk, title=row["title"], version=talk.version, by=hands[row["speaker"]]
            )
            held["talk"] = ratings_opened(talk, ends, by)

        def rate(row=row, held=held):
            talk, today = held["talk"], clock.today()
            listeners = [
                pk
                for pk in sorted(hands.people, reverse=True)
                if pk != row["speaker"]
                and hands.is_there(pk, today)
                and not hands[pk].administrator
            ]
            for value, pk in zip(row["ratings"], listeners, strict=False):
                ratings.rate(talk.pk, Decimal(value), by=hands[pk])

        def shut(held=held):
            talk = held["talk"]
            talk.refresh_from_db()
            ratings.shut(talk.pk, version=talk.version, by=None)

        yield Step(at(day, 16), plan)
        yield Step(at(day, 17), rate)
        yield Step(ends + timedelta(minutes=1), shut)


def ratings_opened(talk, until: datetime, by: Staff):
    return ratings.open_rating(talk.pk, until=until, version=talk.version, by=by)


# --- Writing and innovation


def credits_of(hands: Hands, day: date, people=(), sections=(), role=CreditRole.MAIN) -> list:
    """Who has left or not come yet cannot be credited, and would not count either."""
    found = [Credit(person=hands[pk], role=role) for pk in people if hands.is_there(pk, day)]
    return found + [Credit(section=hands.sections[pk], role=role) for pk in sections]


def filer_of(hands: Hands, credits: list, day: date) -> Staff:
    """A credited person of a section, or the chief of a credited section."""
    for one in credits:
        if one.person and hands.section_of(one.person.pk, day):
            return one.person
    for one in credits:
        if one.section and (chief := hands.chief(one.section.pk, day)):
            return chief
    raise AssertionError("nobody may file it")


def verifier_of(hands: Hands, credits: list, filer: Staff, day: date) -> Staff:
    named = {one.person.pk for one in credits if one.person} | {filer.pk}
    return hands.office(day, but=named) or hands.supervisor(day, but=named)


def adopted(rows, hands: Hands, refused: list) -> Iterator[Step]:
    """信息宣传. `refused` takes the items that were there already: the same proof twice."""
    for row in rows:
        day = row["day"]

        def enter(row=row, day=day):
            credits = [
                *credits_of(hands, day, row["main"], row["main_sections"]),
                *credits_of(hands, day, row["joint"], row["joint_sections"], role=CreditRole.JOINT),
            ]
            if not credits:
                return
            filer = filer_of(hands, credits, day)
            try:
                item = writing.add(
                    hands.unit,
                    title=row["title"],
                    kind=str(row["kind"]),
                    carrier=row["carrier"] or "内部刊物",
                    issue_no=row["issue_no"],
                    level=str(row["level"]),
                    adopted_on=day,
                    credits=credits,
                    by=filer,
                )
            except writing.Duplicate as twice:
                refused.append(twice.other)
                return
            papers.attach("writing", item.pk, pdf(), "采用.pdf", by=filer)
            item = writing.file(item.pk, by=filer)
            by = verifier_of(hands, credits, filer, day)
            writing.verify(item.pk, version=item.version, by=by)

        yield Step(at(day, 11), enter)


def promoted(rows, hands: Hands) -> Iterator[Step]:
    """创新: the project is registered the first time it is promoted."""
    for number, row in enumerate(rows):
        day = row["day"]

        def enter(row=row, day=day, number=number):
            credits = credits_of(hands, day, row["people"], row["sections"])
            if not credits:
                return
            filer = filer_of(hands, credits, day)
            by = verifier_of(hands, credits, filer, day)
            project = Innovation.objects.filter(title_key=reduced(row["project"])).first()
            if project is None:
                home = hands.sections[hands.section_of(filer.pk, day)]
                project = innovations.add(
                    hands.unit,
                    title=row["project"],
                    section=home,
                    people=[filer],
                    novelty="以前没有这样做过",
                    by=filer,
                )
                project = innovations.file(project.pk, by=filer)
                project = innovations.verify(project.pk, version=project.version, by=by)
            made = promotions.add(
                project.pk,
                where=f"第{number}处",
                level=str(row["level"]),
                promoted_on=day,
                credits=credits,
                by=filer,
            )
            papers.attach("promotion", made.pk, pdf(), "推广.pdf", by=filer)
            made = promotions.file(made.pk, by=filer)
            promotions.verify(made.pk, version=made.version, by=by)

        yield Step(at(day, 14), enter)


# --- Declarations


def declared(rows, hands: Hands) -> Iterator[Step]:
    """申报: written once the document is there, checked, verified; the windows stand wide open."""

    def open_windows():
        for quarter, opens in (("2026Q1", date(2026, 1, 1)), ("2026Q2", date(2026, 4, 1))):
            windows.set_window(
                hands.unit,
                quarter,
                opens_on=opens,
                closes_on=opens + timedelta(days=180),
                by=hands.office(clock.today()),
            )

    yield Step(at(FIRST, 6), open_windows)
    for row in rows:
        first = periods.quarter_span(row["quarter"]).first
        day = max(row["document_on"] or first, first)
        while row["section"] and hands.chief(row["section"], day) is None:
            day += timedelta(days=1)
        yield Step(at(day, 18), lambda row=row: declare(row, hands))


def declare(row, hands: Hands) -> None:
    day = clock.today()
    person, section = row.get("person", None), row.get("section", None)
    by = hands[person] if person else hands.chief(section, day)
    home = section or hands.section_of(person, day)
    if person and not hands.is_there(person, row["document_on"] or day):
        return
    try:
        line = declarations.add(
            hands.unit,
            quarter=row["quarter"],
            rule_code=row["rule_code"],
            level=str(row["level"]),
            quantity=row["quantity"],
            matter=row["matter"],
            document_no=row["document_no"],
            document_on=row["document_on"],
            section=hands.sections[section] if section else None,
            by=by,
        )
    except Refused as refused:
        # No such rule or level that day, or switched off: a workbook would tell of it in vain.
        assert refused.field in ("rule_code", "level"), refused
        return
    if not (row["document_no"] and row["document_on"]):
        return
    declarations.attach(line.pk, pdf(), "文件.pdf", by=by)
    line = declarations.file(line.pk, by=by)
    chief = hands.chief(home, day)
    checker = chief if chief and person and chief.pk != person else hands.leader(home, day)
    if row["checked"] is None:
        return
    if not row["checked"]:
        checking.refuse(line.pk, version=line.version, reason="情况不符", by=checker)
        return
    line = checking.check(line.pk, version=line.version, by=checker)
    office = hands.office(day, but={by.pk, checker.pk})
    if row["verified"] is False:
        checking.refuse(line.pk, version=line.version, reason="没有文件依据", by=office)
    elif row["verified"]:
        checking.verify(line.pk, version=line.version, by=office)
