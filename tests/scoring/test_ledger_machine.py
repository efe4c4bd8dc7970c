"""The points book under any order of facts, settlings, closings and mistakes, against a plain one.

LEDGER_RUNS=N makes N runs (5 unless told) of LEDGER_STEPS=N steps each (30 unless told).
"""

import itertools
import os
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledgers.models import PointEntry, Quarter
from scheme import clock as now
from scheme import periods
from scheme.errors import Refused
from scoring import posting
from scoring.actions import closing
from scoring.actions import posting as settling
from tests.factories import make_entry, make_quarter
from tests.scoring.ledger_world import World, as_cards
from tests.scoring.plain import counting, facts
from tests.scoring.plain.facts import PERSON, SECTION
from tests.scoring.plain.ledger import Ledger
from tests.scoring.plain.records import (
    Adoption,
    Declaration,
    Facts,
    Leave,
    Promotion,
    Report,
    Session,
    Summary,
    Supervision,
    Talk,
    Task,
)
from tests.scoring.plain.workbooks import LEVELS, Rules, Settings, Tier

RUNS = int(os.environ.get("LEDGER_RUNS", 2))
STEPS = int(os.environ.get("LEDGER_STEPS", 30))
PHASES = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
H1, H2 = "2026H1", "2026H2"
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
EDGES = [FIRST, date(2026, 3, 13), date(2026, 3, 16), date(2026, 3, 31), date(2026, 4, 1),
         date(2026, 4, 20), date(2026, 5, 10), date(2026, 5, 11), LAST]  # fmt: skip
TITLES = ("“红黄蓝”督办", "红黄蓝督办。", "夜学夜谈", "夜学 夜谈！", "导图式考察")
BASE, TAKE, GIVE = "基础分值", "扣分情形", "加分事项"

# code, kind, subject, star, trigger, level, role, points
ROWS = [
    line.split()
    for line in """
    P1 基础分值 个人 勤学 基础 - - 5
    P2 扣分情形 个人 勤学 学习缺席 - - -0.75
    P3 加分事项 个人 勤学 讲课良好 - - 0.85
    P4 加分事项 个人 笔耕 信息采用 省 主报 5
    P4 加分事项 个人 笔耕 信息采用 省 协报 1.25
    P4 加分事项 个人 笔耕 信息采用 市 - 2.25
    P5 加分事项 个人 精业 日报评好 - - 0.35
    P6 扣分情形 个人 精业 日报评差 - - -0.55
    P7 加分事项 个人 效能 任务办结 - - 0.55
    P8 扣分情形 个人 效能 任务逾期 - - -1.25
    P9 扣分情形 个人 效能 任务退回 - - -0.75
    PA 加分事项 个人 创新 创新推广 - - 3.25
    PB 加分事项 个人 精业 申报 省 - 2.05
    PB 加分事项 个人 精业 申报 市 - 1.15
    S1 基础分值 科室 效能 基础 - - 9
    S2 扣分情形 科室 效能 学习缺席 - - -0.15
    S3 加分事项 科室 笔耕 信息采用 - - 1.75
    S4 加分事项 科室 精业 月结评好 - - 0.65
    S5 扣分情形 科室 效能 通报点名 - - -2
    S6 加分事项 科室 效能 任务办结 - - 0.25
    S7 扣分情形 科室 效能 任务逾期 - - -2
    S8 加分事项 科室 创新 创新推广 国家 - 6
    S9 扣分情形 科室 效能 任务退回 - - -1
    """.strip().splitlines()
]
CODES = sorted({row[0] for row in ROWS})

days = st.sampled_from(EDGES) | st.dates(FIRST, LAST)
titles = st.sampled_from(TITLES)
levels = st.sampled_from(LEVELS)
cap = st.none() | st.sampled_from([Decimal("1.5"), Decimal(3), Decimal("4.05"), Decimal(9)])
stackings = st.sampled_from(["累加", "取最高", "首次减半"])
ways = st.fixed_dictionaries({code: st.tuples(cap, cap, cap, stackings) for code in CODES})
numbers = st.integers(0, 99)  # picks somebody or something of what is there


def tiers(chosen) -> list[Tier]:
    found = []
    for code, kind, subject, star, trigger, level, role, points in ROWS:
        words = ["" if word == "-" else word for word in (level, role)]
        *caps, stacking = chosen[code]
        found.append(
            Tier(code, kind, subject, star, trigger, *words, Decimal(points), *caps, stacking, True)
        )
    return found


class Machine(RuleBasedStateMachine):
    world: World
    folder = None

    @initialize(chosen=ways)
    def begin(self, chosen):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.rules = Rules(tiers(chosen), Settings())
        self.world.adopt(self.rules.tiers, self.folder / "rules.xlsx")
        self.facts, self.ledger = Facts(), Ledger()
        self.rows = {}  # by the place of the record: what stands for it in the database
        self.places = itertools.count(1)
        self.seen, self.changed = {}, True
        self.item_is_adopted(EDGES[3], TITLES[0], "省", [1], [2], [1])
        self.item_is_adopted(EDGES[4], TITLES[1], "市", [1, 2], [], [1])
        self.session_is_missed(EDGES[6], [4, 5, 6, 7])
        self.innovation_is_promoted(EDGES[2], TITLES[2], "国家", [5], 0)
        self.task_is_set(EDGES[1], 0, 3, 4, "35", None, 0)
        self.settle()

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    # --- Facts come, change and go

    def people(self, picks, *, also=()) -> list[str]:
        known = list(self.world.staff)
        return list(dict.fromkeys([*also, *(known[n % len(known)] for n in picks)]))

    def sections(self, picks) -> list[str]:
        known = list(self.world.sections)
        return list(dict.fromkeys(known[n % len(known)] for n in picks))

    def add(self, ledger, record):
        getattr(self.facts, ledger).append(record)
        self.rows[id(record)] = self.world.store(record)

    def change(self, ledger, pick, **values):
        found = getattr(self.facts, ledger)
        if found:
            at = pick % len(found)
            old, found[at] = found[at], replace(found[at], **values)
            row = self.rows[id(found[at])] = self.rows.pop(id(old))
            self.kept = old  # or its id could name the next record
            self.world.rewrite(found[at], row)

    def remove(self, ledger, pick):
        found = getattr(self.facts, ledger)
        if found:
            record = found.pop(pick % len(found))
            self.world.drop(self.rows.pop(id(record)))

    @rule(day=days, title=titles, level=levels, main=st.lists(numbers, max_size=2),
          others=st.lists(numbers, max_size=2), at=st.lists(numbers, max_size=2))  # fmt: skip
    def item_is_adopted(self, day, title, level, main, others, at):
        record = Adoption(
            next(self.places), day, title, level, self.people(main), self.people(others),
            self.sections(at), self.sections(others),
        )  # fmt: skip
        self.add("adoptions", record)

    @precondition(lambda self: self.facts.adoptions)
    @rule(pick=numbers, day=days, title=titles, level=levels)
    def item_is_corrected(self, pick, day, title, level):
        self.change("adoptions", pick, day=day, title=title, level=level)

    @rule(day=days, absent=st.lists(numbers, min_size=1, max_size=4))
    def session_is_missed(self, day, absent):
        self.add("sessions", Session(next(self.places), day, self.people(absent)))

    @precondition(lambda self: self.facts.sessions)
    @rule(pick=numbers, absent=st.lists(numbers, max_size=3))
    def miss_is_corrected(self, pick, absent):
        self.change("sessions", pick, absent=self.people(absent))

    @rule(day=days, pick=numbers, length=st.integers(0, 60), open_end=st.booleans())
    def somebody_was_excused(self, day, pick, length, open_end):
        last = None if open_end else day + timedelta(days=length)
        leave = Leave(self.people([pick])[0], day, last)
        if leave not in self.facts.leaves:
            self.add("leaves", leave)

    @rule(day=days, pick=numbers, ratings=st.lists(st.sampled_from([89, 90, 91]), max_size=7))
    def talk_is_given(self, day, pick, ratings):
        ratings = [Decimal(n) for n in ratings]
        self.add("talks", Talk(next(self.places), day, self.people([pick])[0], ratings))

    @precondition(lambda self: self.facts.talks)
    @rule(pick=numbers, ratings=st.lists(st.sampled_from([89, 90, 91]), min_size=4, max_size=6))
    def talk_is_rated(self, pick, ratings):
        self.change("talks", pick, ratings=[Decimal(n) for n in ratings])

    @rule(month=st.integers(1, 6), at=numbers, grade=st.sampled_from(["好", "", "较差"]))
    def summary_is_graded(self, month, at, grade):
        section = self.sections([at])[0]
        of = date(2026, month, 1)
        found = [(s.section, s.month) for s in self.facts.summaries]
        if (section, of) in found:
            self.change("summaries", found.index((section, of)), grade=grade)
        else:
            self.add("summaries", Summary(next(self.places), of, section, grade))

    @rule(due=st.dates(FIRST - timedelta(days=9), date(2026, 6, 19)), at=numbers,
          difficulty=st.integers(1, 5), pick=numbers, share=st.sampled_from(["0.4", "35", "66.6"]),
          extension=st.none() | st.integers(1, 9), granted=st.sampled_from([-1, 0]))  # fmt: skip
    def task_is_set(self, due, at, difficulty, pick, share, extension, granted):
        number = next(self.places)
        one, other = self.people([pick, pick + 1])
        shares = {one: Decimal(share)}, {other: 100 - Decimal(share)}
        more = {}
        if extension and due + timedelta(days=extension) < date(2026, 6, 24):
            more["extended_to"] = due + timedelta(days=extension)
            more["extended_on"] = due + timedelta(days=granted)
        section = self.sections([at])[0]
        self.add("tasks", Task(number, f"任务{number}", section, difficulty, due, *shares, **more))

    @precondition(lambda self: self.facts.tasks)
    @rule(pick=numbers, closed=st.none() | days | st.just(date(2026, 7, 6)))
    def task_is_closed_or_not(self, pick, closed):
        self.change("tasks", pick, closed=closed)

    @rule(day=days, pick=numbers, at=numbers, kind=st.sampled_from(["退回", "催办", "通报点名"]))
    def section_is_supervised(self, day, pick, at, kind):
        task = self.facts.tasks[pick % len(self.facts.tasks)].code if self.facts.tasks else ""
        if task or kind != "退回":
            section = self.sections([at])[0]
            self.add("supervisions", Supervision(next(self.places), day, kind, task, section))

    @rule(day=days, title=titles, level=levels, who=st.lists(numbers, max_size=3), at=numbers)
    def innovation_is_promoted(self, day, title, level, who, at):
        record = Promotion(
            next(self.places), day, title, level, self.people(who), self.sections([at])
        )
        self.add("promotions", record)

    @rule(day=days, pick=numbers, grade=st.sampled_from(["好", "较差"]))
    def report_is_graded(self, day, pick, grade):
        no = self.people([pick])[0]
        if (no, day) not in [(r.no, r.day) for r in self.facts.reports]:
            # The program gives reports no row: one person has one a day.
            self.add(
                "reports", Report(0, day, no, datetime(day.year, day.month, day.day, 17), grade)
            )

    @rule(day=days, pick=numbers, title=titles, level=levels,
          quantity=st.sampled_from([Decimal(1), Decimal("1.5"), Decimal("0.125")]))  # fmt: skip
    def declaration_is_confirmed(self, day, pick, title, level, quantity):
        record = Declaration(
            next(self.places), self.people([pick])[0], "PB", title, level, quantity, "1号", day,
            "通过", "通过",
        )  # fmt: skip
        self.add("declarations", record)

    @rule(which=numbers, pick=numbers)
    def fact_vanishes(self, which, pick):
        names = ("adoptions", "sessions", "talks", "promotions", "supervisions", "leaves",
                 "summaries")  # fmt: skip
        there = [name for name in names if getattr(self.facts, name)]
        if there:
            self.remove(there[which % len(there)], pick)

    @rule(which=numbers, pick=numbers)
    def fact_vanishes_and_the_book_follows(self, which, pick):
        self.fact_vanishes(which, pick)
        self.settle()

    # --- Settling, closing, opening again

    def wanted(self) -> list:
        found = []
        for half in (H1, H2):
            found += facts.entries(self.world.roster, self.rules, self.facts, half)
        return [entry for entry in found if entry.day <= now.today()]

    def settle(self):
        settling.settle(self.world.unit, FIRST, LAST)
        self.ledger.settle(self.wanted())
        self.changed = True

    @rule()
    def book_is_settled(self):
        self.settle()

    @rule()
    def book_is_settled_by_another_worker(self):
        self.settle()

    @rule()
    def book_is_settled_twice(self):
        self.settle()
        again = settling.settle(self.world.unit, FIRST, LAST)
        assert (again.posted, again.reversed) == (0, 0)
        assert not posting.drift(posting.reach(self.world.unit, FIRST, LAST, now.now()))

    def close(self, code):
        closing.close(code, unit=self.world.unit, by=self.world.d.personnel[0])
        self.ledger.settle(self.wanted())
        self.ledger.closed.append(code)
        self.changed = True

    @precondition(lambda self: len(self.ledger.closed) < 2)
    @rule()
    def next_quarter_is_closed(self):
        self.close(["2026Q1", "2026Q2"][len(self.ledger.closed)])

    @precondition(lambda self: self.ledger.closed)
    @rule()
    def last_quarter_is_opened_again(self):
        code = self.ledger.closed.pop()
        closing.reopen(code, unit=self.world.unit, reason="补记", by=self.world.d.leader)

    # --- What must be refused

    def refuses(self, act, *errors):
        with pytest.raises(errors), transaction.atomic():
            act()

    def any_entry(self, pick) -> PointEntry | None:
        found = PointEntry.objects.filter(unit=self.world.unit).order_by("pk")
        return found[pick % len(self.seen)] if self.seen else None

    @rule(pick=numbers)
    def entry_is_tampered_with(self, pick):
        if entry := self.any_entry(pick):
            one = PointEntry.objects.filter(pk=entry.pk)
            self.refuses(lambda: one.update(points=entry.points * 2), DatabaseError)
            self.refuses(lambda: one.update(note="改"), DatabaseError)
            self.refuses(one.delete, DatabaseError)
            self.refuses(lambda: _execute("TRUNCATE ledgers_pointentry CASCADE"), DatabaseError)

    @rule(pick=numbers)
    def entry_is_reversed_twice(self, pick):
        turned = PointEntry.objects.filter(unit=self.world.unit, reverses__isnull=False)
        if turned:
            first = turned.order_by("pk")[pick % len(turned)].reverses
            values = {"kind": first.kind, "rule_code": first.rule_code, "star": first.star_id}
            quarter = make_quarter(self.world.unit, "2026Q3")
            more = values | {"reverses": first, "quarter": quarter}
            subject = first.person or first.section
            self.refuses(
                lambda: make_entry(subject, -first.points, first.event_on, **more), DatabaseError
            )

    @rule()
    def quarters_are_closed_wrongly(self):
        unit, d = self.world.unit, self.world.d

        def close(code, by):
            return lambda: closing.close(code, unit=unit, by=by)

        waiting = ["2026Q1", "2026Q2", "2026Q3"][len(self.ledger.closed) :]
        for code in waiting[1:]:
            # Not before those before it, and none that still runs.
            self.refuses(close(code, d.personnel[0]), Refused)
        for code in self.ledger.closed:
            self.refuses(close(code, d.personnel[0]), Refused)
        self.refuses(close(waiting[0], d.leader), PermissionDenied)
        for code in self.ledger.closed[:-1]:
            self.refuses(
                lambda code=code: closing.reopen(code, unit=unit, reason="补记", by=d.leader),
                Refused,
            )

    @precondition(lambda self: self.ledger.closed)
    @rule()
    def closed_quarter_takes_nothing(self):
        person = self.world.d.chiefs[0]
        quarter = Quarter.objects.get(unit=self.world.unit, code=self.ledger.closed[-1])
        day = periods.quarter_span(quarter.code).first
        self.refuses(
            lambda: make_entry(person, "1.00", day, quarter=quarter, rule_code="P3"), DatabaseError
        )

    # --- What always holds

    @invariant()
    def book_is_the_plain_one(self):
        if hasattr(self, "ledger"):
            assert self.world.book() == self.ledger.book()

    @invariant()
    def scorecards_are_the_plain_ones(self):
        # Every fourth time also when nothing was posted: facts alone change no card.
        if hasattr(self, "ledger") and (self.changed or next(self.places) % 4 == 0):
            self.changed = False
            self.compare_cards(H1)
            if not self.ledger.gives_back(H2):
                self.compare_cards(H2)

    def compare_cards(self, half):
        lines = counting.rows(self.world.roster, self.rules, self.ledger.counting(half), half)
        assert self.world.cards(half) == as_cards(lines)

    @invariant()
    def entries_only_come_and_reversals_are_exact(self):
        if not hasattr(self, "ledger"):
            return
        rows = PointEntry.objects.filter(unit=self.world.unit).values()
        found = {row["id"]: row for row in rows}
        assert {pk: found.get(pk) for pk in self.seen} == self.seen
        self.seen = found
        turned = [row for row in found.values() if row["reverses_id"]]
        assert len({row["reverses_id"] for row in turned}) == len(turned)
        same = ("person_id", "section_id", "star_id", "kind", "rule_code", "book_version",
                "event_on", "item", "source", "posting")  # fmt: skip
        for row in turned:
            first = found[row["reverses_id"]]
            assert row["points"] == -first["points"] and first["reverses_id"] is None
            assert [row[name] for name in same] == [first[name] for name in same]
        closed = dict(
            Quarter.objects.filter(unit=self.world.unit, closed_at__isnull=False).values_list(
                "pk", "closed_at"
            )
        )
        assert len(closed) == len(self.ledger.closed)
        for row in found.values():
            assert row["quarter_id"] not in closed or row["posted_at"] <= closed[row["quarter_id"]]


def _execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_ledger_under_any_order_of_events(db, clock, tmp_path):
    clock.set("2026-07-15 09:00")

    class Here(Machine):
        world, folder = World(), tmp_path

    # Making examples smaller takes its time.
    _execute("SET idle_in_transaction_session_timeout = 0")
    assert {kind for kind in (PERSON, SECTION)} == {row[2] for row in ROWS}
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
