"""A department whose facts stand twice: as rows of the database and as plain records."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl

from ledgers.models import (
    CreditRole,
    DailyReport,
    Level,
    MonthlySummary,
    PointEntry,
    Promotion,
    PromotionCredit,
    StudyMiss,
    StudySession,
    SupervisionNote,
    Talk,
    Task,
    TaskHandler,
    WritingCredit,
    WritingItem,
)
from ledgers.titles import reduced
from scheme import clock
from scheme.models import Section, SectionMembership, Staff
from scoring import queries
from scoring.actions import rulebooks
from scoring.imports import rules
from scoring.models import Declaration
from tests import factories
from tests.scoring.plain import workbooks
from tests.scoring.plain.facts import PERSON, SECTION
from tests.scoring.plain.rulebooks import Rulebook

LEVEL = {"国家": Level.NATION, "省": Level.PROVINCE, "市": Level.CITY, "本级": Level.OWN}
GRADE = {"": "", "好": "good", "较好": "fair", "一般": "plain", "较差": "poor"}
STAR = {"勤学": "xue", "笔耕": "geng", "精业": "ye", "效能": "xiao", "创新": "xin"}
KIND = {"基础分值": "base", "扣分情形": "deduction", "加分事项": "bonus"}
NOTE = {"退回": "returned", "催办": "pressed", "通报点名": "named"}
MOVED, LEFT, JOINED = date(2026, 3, 16), date(2026, 5, 11), date(2026, 4, 20)
IN_FORCE = date(2026, 1, 1)


class World:
    """Three sections; somebody moves, somebody leaves, somebody joins, leaders belong to none."""

    def __init__(self):
        self.d = d = factories.make_department(people_per_section=1)
        self.unit = d.unit
        mover = d.officers[1][0]
        past = SectionMembership.objects.filter(staff=mover)
        past.update(end_on=MOVED)
        SectionMembership.objects.create(staff=mover, section=d.one, start_on=MOVED)
        factories.make_staff(section=d.one, left_on=LEFT)
        factories.make_staff(section=d.two, joined_on=JOINED)
        self.staff = {one.staff_no: one for one in Staff.objects.filter(unit=self.unit)}
        self.sections = {one.name: one for one in Section.objects.filter(unit=self.unit)}
        people = {no: self._person(one) for no, one in self.staff.items()}
        people[mover.staff_no].moves = [(MOVED, d.two.name)]
        self.roster = workbooks.Roster(people, set(self.sections))

    def _person(self, one: Staff) -> workbooks.Person:
        last = SectionMembership.objects.filter(staff=one).order_by("start_on").last()
        section = last.section.name if last else ""
        return workbooks.Person(one.staff_no, section, one.joined_on, one.left_on)

    def adopt(self, tiers: list[workbooks.Tier], path: Path):
        """A rule book of these rows, read from a workbook, proposed and approved."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "积分细则"
        sheet.append(["积分细则"])
        sheet.append(Rulebook.HEADS)
        for t in tiers:
            caps = [None if cap is None else float(cap) for cap in t.caps]
            row = [t.code, t.kind, t.subject, t.star, "试验", t.trigger, t.level or None]
            row += [t.role or None, float(t.points), *caps, t.stacking, "是" if t.enabled else "否"]
            sheet.append(row)
        settings = book.create_sheet("参数")
        settings.append(["积分参数"])
        settings.append(["名称", "值", "说明"])
        book.save(path)
        with path.open("rb") as file:
            content, problems = rules.read(file)
        assert not problems, problems
        draft = rulebooks.propose(self.unit, content, by=self.d.personnel[0])
        rulebooks.approve(draft.pk, by=self.d.leader, in_force_from=IN_FORCE)

    # --- Facts into rows

    def store(self, record):
        """Writes a record as a row of its ledger; answers the row."""
        return getattr(self, f"_{type(record).__name__.lower()}")(record, None)

    def rewrite(self, record, row):
        """Makes the row say what the record says now."""
        getattr(self, f"_{type(record).__name__.lower()}")(record, row)

    def drop(self, row):
        if isinstance(row, StudySession):
            row.misses.all().delete()
        row.delete()

    def _save(self, model, stored, **values):
        if stored is None:
            return model.objects.create(unit=self.unit, recorded_at=clock.now(), **values)
        for name, value in values.items():
            setattr(stored, name, value)
        stored.save()
        return stored

    def _credit(self, model, owner, row, *names, **more):
        for name in names:
            field = "person" if name in self.staff else "section"
            subject = self.staff.get(name) or self.sections[name]
            model.objects.create(**{owner: row, field: subject}, **more)

    def _adoption(self, x, row):
        row = self._save(
            WritingItem, row, adopted_on=x.day, title=x.title, title_key=reduced(x.title),
            kind="information", level=LEVEL[x.level], row=x.row,
        )  # fmt: skip
        row.credits.all().delete()
        main = [*x.main, *x.main_sections]
        joint = [name for name in (*x.others, *x.other_sections) if name not in main]
        self._credit(WritingCredit, "item", row, *main, role=CreditRole.MAIN)
        self._credit(WritingCredit, "item", row, *joint, role=CreditRole.JOINT)
        return row

    def _promotion(self, x, row):
        row = self._save(
            Promotion, row, promoted_on=x.day, project=x.title, project_key=reduced(x.title),
            level=LEVEL[x.level], row=x.row,
        )  # fmt: skip
        row.credits.all().delete()
        self._credit(PromotionCredit, "promotion", row, *x.people, *x.sections)
        return row

    def _session(self, x, row):
        row = self._save(StudySession, row, day=x.day, topic="学习", row=x.row)
        row.misses.all().delete()
        for no in x.absent:
            StudyMiss.objects.create(session=row, person=self.staff[no])
        return row

    def _talk(self, x, row):
        return self._save(
            Talk, row, day=x.day, speaker=self.staff[x.no], title="讲课", row=x.row,
            ratings=sorted(x.ratings),
        )  # fmt: skip

    def _summary(self, x, row):
        return self._save(
            MonthlySummary, row, section=self.sections[x.section], month=x.month,
            grade=GRADE[x.grade], row=x.row,
        )  # fmt: skip

    def _task(self, x, row):
        row = self._save(
            Task, row, number=x.code, title="任务", lead=self.sections[x.section],
            difficulty=x.difficulty, due_on=x.due, extended_to=x.extended_to,
            extension_granted_on=x.extended_on, closed_on=x.closed, row=x.row,
        )  # fmt: skip
        row.handlers.all().delete()
        for role, shares in (("main", x.main), ("joint", x.others)):
            for no, share in shares.items():
                TaskHandler.objects.create(task=row, person=self.staff[no], role=role, share=share)
        return row

    def _supervision(self, x, row):
        task = Task.objects.get(unit=self.unit, number=x.task) if x.task else None
        return self._save(
            SupervisionNote, row, day=x.day, kind=NOTE[x.kind], task=task,
            section=self.sections.get(x.section), row=x.row,
        )  # fmt: skip

    def _leave(self, x, row):
        assert row is None
        return factories.make_absence(self.staff[x.no], x.first, x.last)

    def _report(self, x, row):
        """Graded by the reviewer when it was filed already; a graded one is fixed."""
        assert row is None
        return factories.make_report(
            self.staff[x.no], x.day, filed_at=x.filed_at.astimezone(), grade=GRADE[x.grade],
            state=DailyReport.State.ACCEPTED if x.grade else DailyReport.State.FILED,
        )  # fmt: skip

    def _declaration(self, x, row):
        """As a workbook brings it, checked and verified."""
        assert row is None
        return Declaration.objects.create(
            unit=self.unit, quarter="2026Q1", person=self.staff.get(x.subject),
            section=self.sections.get(x.subject), rule_code=x.code, level=LEVEL.get(x.level, ""),
            quantity=x.quantity, matter=x.title, matter_key=reduced(x.title),
            document_no=x.document, document_on=x.document_on, row=x.row, imported=True,
            state=Declaration.State.CONFIRMED, recorded_at=clock.now(),
        )  # fmt: skip

    # --- What the database says

    def subject(self, person_id, section_id) -> tuple:
        if person_id:
            return PERSON, next(no for no, one in self.staff.items() if one.pk == person_id)
        return SECTION, next(n for n, one in self.sections.items() if one.pk == section_id)

    def book(self) -> list[tuple]:
        """Every line of the points book, in the words of the plain ledger."""
        star = {key: name for name, key in STAR.items()}
        kind = {key: name for name, key in KIND.items()}
        rows = PointEntry.objects.filter(unit=self.unit).values_list(
            "person_id", "section_id", "star_id", "kind", "rule_code", "points", "event_on",
            "quarter__code",
        )  # fmt: skip
        found = [
            (self.subject(row[0], row[1]), star[row[2]], kind[row[3]], *row[4:]) for row in rows
        ]
        return sorted(found, key=repr)

    def cards(self, half: str) -> dict[tuple, tuple]:
        """{(subject, star or 合计): (base, deductions, bonuses, score, place)}."""
        star = {key: name for name, key in STAR.items()} | {None: "合计"}
        return {
            (self.subject(card.person_id, card.section_id), star[card.star_id]): (
                card.base, card.deduction, card.bonus, card.score, card.place
            )
            for card in queries.scorecards(self.unit, half)
        }  # fmt: skip


def as_cards(lines: list[tuple]) -> dict[tuple, tuple]:
    """The plain scorecards in the same form, without the stars that have no value."""
    return {
        ((kind, name), star): (*map(Decimal, numbers[:4]), int(numbers[4]))
        for kind, name, star, *numbers in lines
        if numbers[0]
    }
