"""Entries of facts: the table of triggers, one function a ledger."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from . import periods
from .reading import item_key
from .records import Facts
from .workbooks import Roster, Rules

PERSON, SECTION = "个人", "科室"


def half_up(value) -> Decimal:
    """Two places, halves away from zero."""
    value = Fraction(value)
    cents = int(abs(value) * 100 + Fraction(1, 2))
    return Decimal(cents if value >= 0 else -cents) / 100


def declared(points: Decimal, quantity: Decimal) -> Decimal:
    return half_up(Fraction(points) * Fraction(quantity))


def closed_task(points: Decimal, difficulty: int, share: Decimal | None) -> Decimal:
    """A section has no share."""
    part = 1 if share is None else Fraction(share) / 100
    return half_up(Fraction(points) * difficulty * part)


def late_task(points: Decimal, days: int, cap: Decimal | None) -> Decimal:
    value = half_up(Fraction(points) * (1 + Fraction(days - 1, 4)))
    return value if cap is None else max(-cap, min(cap, value))


@dataclass(frozen=True)
class Entry:
    subject: tuple  # (PERSON or SECTION, staff number or name)
    star: str
    kind: str
    code: str
    points: Decimal
    day: date
    item: tuple
    row: int
    # Of a fact recorded after its own quarter was closed.
    late_quarter: str = ""

    @property
    def quarter(self) -> str:
        return self.late_quarter or periods.quarter_of(self.day)


class Posting:
    def __init__(self, roster: Roster, rules: Rules, facts: Facts, half: str, workdays=None):
        self.roster, self.rules, self.facts = roster, rules, facts
        self.first, self.last = periods.span(half)
        self.workdays = workdays or periods.WorkingDays()
        self.entries = []
        self.leaves = {}
        for leave in facts.leaves:
            self.leaves.setdefault(leave.no, []).append(leave)
        self.tasks = {task.code: task for task in facts.tasks}

    def run(self) -> list[Entry]:
        self.base()
        self.reports()
        for ledger in (
            self.summaries, self.sessions, self.talks, self.adoptions, self.closings,
            self.supervisions, self.promotions, self.declarations,
        ):  # fmt: skip
            ledger()
        return self.entries

    # --- One fact, one subject

    def post(
        self, trigger, kind, name, day, item, row=0, *, price=None, level="", role="", code=""
    ):
        """An entry for each rule that fits, if the subject counts on that day.

        `item` names the item within the trigger; `price` makes the points of a tier's.
        """
        if not self.first <= day <= self.last:
            return
        if kind == PERSON and not self.counts(name, day):
            return
        for tier in self.rules.tiers:
            if (tier.trigger, tier.subject) != (trigger, kind) or code not in ("", tier.code):
                continue
            if not (tier.enabled and tier.fits(level, role)):
                continue
            points = price(tier) if price else tier.points
            self.entries.append(
                Entry((kind, name), tier.star, tier.kind, tier.code, points, day, item, row)
            )

    def counts(self, no, day) -> bool:
        person = self.roster.people[no]
        return bool(person.section) and person.on_roll(day)

    def own(self, trigger, no, day, item, row=0):
        """What is a person's own goes to the person and to the section of that day."""
        if self.counts(no, day):
            section = self.roster.people[no].section_on(day)
            self.post(trigger, PERSON, no, day, (*item, no), row)
            self.post(trigger, SECTION, section, day, (*item, no), row)

    def excused(self, no, day) -> bool:
        seconded = self.roster.people[no].seconded_from
        if seconded and seconded <= day:
            return True
        return any(
            leave.first <= day and (leave.last is None or day <= leave.last)
            for leave in self.leaves.get(no, ())
        )

    # --- The ledgers

    def base(self):
        for no, person in self.roster.people.items():
            for day in periods.days(self.first, self.last):
                if person.on_roll(day):
                    self.post("基础", PERSON, no, day, ("base",))
                    break
        for name in self.roster.sections:
            self.post("基础", SECTION, name, self.first, ("base",))

    def limit(self, day) -> datetime:
        """The last moment at which a report of the day is filed in time."""
        last = day + timedelta(days=self.rules.settings.backfill_days)
        return max(datetime.combine(last, time(23, 59, 59)), self.cutoff(day))

    def cutoff(self, day) -> datetime:
        return datetime.combine(self.workdays.after(day), self.rules.settings.cutoff)

    def reports(self):
        filed = {(r.no, r.day): r for r in self.facts.reports if r.filed_at}
        for day in periods.days(self.first, self.last):
            if day not in self.workdays:
                continue
            for no in self.roster.people:
                if self.excused(no, day):
                    continue
                report = filed.get((no, day))
                row = report.row if report else 0
                if report is None or report.filed_at > self.limit(day):
                    self.own("日报缺报", no, day, (day,), row)
                    continue
                if report.filed_at > self.cutoff(day):
                    self.own("日报迟报", no, day, (day,), row)
                graded = {"好": "日报评好", "较差": "日报评差"}.get(report.grade)
                if graded:
                    self.own(graded, no, day, (day,), row)

    def summaries(self):
        for fact in self.facts.summaries:
            if fact.grade == "好":
                day = periods.last_of_month(fact.month)
                self.post("月结评好", SECTION, fact.section, day, (fact.row,), fact.row)

    def sessions(self):
        for fact in self.facts.sessions:
            for no in fact.absent:
                if not self.excused(no, fact.day):
                    self.own("学习缺席", no, fact.day, (fact.row,), fact.row)

    def talks(self):
        settings = self.rules.settings
        for fact in self.facts.talks:
            count = len(fact.ratings)
            enough = count and count >= settings.least_ratings
            if enough and Fraction(sum(fact.ratings)) >= Fraction(settings.good_mean) * count:
                self.own("讲课良好", fact.no, fact.day, (fact.row,), fact.row)

    def adoptions(self):
        for fact in self.facts.adoptions:
            item = (item_key(fact.title),)
            for kind, main, others in (
                (PERSON, fact.main, fact.others),
                (SECTION, fact.main_sections, fact.other_sections),
            ):
                roles = dict.fromkeys(others, "协报") | dict.fromkeys(main, "主报")
                for name, role in roles.items():
                    self.post(
                        "信息采用", kind, name, fact.day, item, fact.row,
                        level=fact.level, role=role,
                    )  # fmt: skip

    def closings(self):
        for task in self.facts.tasks:
            due = task.due
            if task.extended_to and task.extended_on and task.extended_on < task.due:
                due = task.extended_to
            closed = task.closed if task.closed and task.closed <= self.last else None
            late = self.workdays.between(due, closed or self.last)
            item = (task.code,)
            if late:
                day = self.workdays.after(due)

                def price(tier, late=late):
                    return late_task(tier.points, late, tier.cap_item)

                self.post("任务逾期", SECTION, task.section, day, item, task.row, price=price)
                for no in task.main:
                    self.post("任务逾期", PERSON, no, day, item, task.row, price=price)
            elif closed:

                def price(tier, share=None, task=task):
                    return closed_task(tier.points, task.difficulty, share)

                self.post("任务办结", SECTION, task.section, closed, item, task.row, price=price)
                for no, share in [*task.main.items(), *task.others.items()]:
                    self.post(
                        "任务办结", PERSON, no, closed, item, task.row,
                        price=lambda tier, share=share, price=price: price(tier, share),
                    )  # fmt: skip

    def supervisions(self):
        for fact in self.facts.supervisions:
            if fact.kind == "退回":
                task = self.tasks[fact.task]
                item = (task.code,)
                self.post("任务退回", SECTION, task.section, fact.day, item, fact.row)
                for no in task.main:
                    self.post("任务退回", PERSON, no, fact.day, item, fact.row)
            elif fact.kind == "通报点名":
                self.post("通报点名", SECTION, fact.section, fact.day, (fact.row,), fact.row)

    def promotions(self):
        for fact in self.facts.promotions:
            item = (item_key(fact.title),)
            for kind, names in ((PERSON, fact.people), (SECTION, fact.sections)):
                for name in names:
                    self.post("创新推广", kind, name, fact.day, item, fact.row, level=fact.level)

    def declarations(self):
        kinds = self.rules.declarable()
        for fact in self.facts.declarations:
            checked = fact.first_check == fact.verified == "通过"
            if checked and fact.document and fact.document_on:
                self.post(
                    "申报", kinds[fact.code], fact.subject, fact.document_on,
                    (item_key(fact.title),), fact.row, level=fact.level, code=fact.code,
                    price=lambda tier, fact=fact: declared(tier.points, fact.quantity),
                )  # fmt: skip


def entries(roster, rules, facts, half, workdays=None) -> list[Entry]:
    return Posting(roster, rules, facts, half, workdays).run()
