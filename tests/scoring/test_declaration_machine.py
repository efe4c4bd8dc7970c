"""Declarations under any order of acts by anybody, against a plain model of the rules.

DECLARATION_RUNS=N makes N runs (6 unless told) of DECLARATION_STEPS=N steps each (40 unless told),
which shrink when they fail; DECLARATION_WALKS=N makes N long walks (1 unless told), each of which
must have been everywhere.
"""

import os
import random
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase
from hypothesis import settings as dose
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from ledgers.models import PointEntry
from scheme.errors import Refused
from scheme.models import Job
from scoring import declaring
from scoring.actions import closing, declarations, posting
from scoring.models import Declaration
from tests.factories import (
    DECLARED_RULES,
    forget_powers,
    make_department,
    make_quarter,
    make_rule_book,
    make_window,
    pdf,
)
from tests.scoring.plain.declaring import Cast, Declarations, Line

RUNS = int(os.environ.get("DECLARATION_RUNS", 2))
WALKS = int(os.environ.get("DECLARATION_WALKS", 1))
STEPS = int(os.environ.get("DECLARATION_STEPS", 40))
PHASES = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
IN_TIME, TOO_LATE = "2026-07-15 09:00", "2026-08-05 09:00"
POINTS = {
    ("勤学-加-02", "province"): "2.50",
    ("勤学-加-02", "city"): "1.50",
    ("勤学-加-02", "own"): "0.50",
    ("精业-加-02", ""): "1",
    ("精业-加-02", "city"): "1",
    ("笔耕-扣-01", ""): "-1",
    ("笔耕-扣-01", "city"): "-1",
}
OF_SECTIONS = {("效能-加-12", "city"): "2", ("效能-加-12", "own"): "0.50"}

TAMPERINGS = ["quantity = quantity + 1", "document_no = 'x'", "state = 'confirmed'",
              "imported = true"]  # fmt: skip

picks = st.integers(0, 999)
tiers = st.sampled_from([*sorted(POINTS), ("勤学-加-02", ""), ("精业-加-99", "")])
quantities = st.sampled_from([Decimal(1), Decimal("1.333"), Decimal("0.125"), Decimal(7)])
documents = st.sampled_from(["", "一号", "二号", "三号", "四号"])
days = st.sampled_from([date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 31)])
files = st.sampled_from(["甲", "乙", "丙"])
offs = st.sampled_from([0, 0, 0, 0, -1, 1])


class World:
    def __init__(self, clock):
        clock.set(IN_TIME)
        self.clock = clock
        self.d = d = make_department(people_per_section=2)
        make_rule_book(d.unit, rules=DECLARED_RULES)
        make_window(d.unit, opens_on=date(2026, 4, 1), closes_on=date(2026, 7, 31))
        for code in ("2026Q1", "2026Q2"):
            make_quarter(d.unit, code)
        home = {}
        for section, chief, officers in zip(d.sections, d.chiefs, d.officers, strict=True):
            home |= {one.staff_no: section.name for one in (chief, *officers)}
        names = [section.name for section in d.sections]
        leaders = (d.leader, d.other_leader, d.leader)
        self.people = {one.staff_no: one for one in d.everybody}
        self.sections = {section.name: section for section in d.sections}
        self.cast = Cast(
            home,
            dict(zip(names, (one.staff_no for one in d.chiefs), strict=True)),
            dict(zip(names, (one.staff_no for one in leaders), strict=True)),
            {one.staff_no for one in d.personnel},
        )
        # Two people of each of two sections and the sections themselves: lines meet one another.
        self.subjects = [
            d.officers[0][1].staff_no, d.chiefs[0].staff_no, d.officers[2][0].staff_no,
            d.chiefs[2].staff_no, d.one.name, d.office.name,
        ]  # fmt: skip
        self.actors = list(
            dict.fromkeys(
                [*self.subjects[:4], d.leader.staff_no, d.other_leader.staff_no,
                 d.deputies[0].staff_no, d.chiefs[1].staff_no, d.chair.staff_no]
            )
        )  # fmt: skip


class Machine(RuleBasedStateMachine):
    world: World

    @initialize()
    def begin(self):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        worth = {key: Decimal(points) for key, points in (POINTS | OF_SECTIONS).items()}
        self.model = Declarations(self.world.cast, worth)
        self.pks, self.turn = [], 0
        self.go_to(IN_TIME)
        for n, subject in enumerate(self.world.subjects):
            tier = ("效能-加-12", "city") if subject in self.world.sections else ("精业-加-02", "")
            who = self.actor(1, lambda who, subject=subject: self.model.writes(who, subject))
            self.write(Line(subject, *tier, Decimal(1), f"{n}号", date(2026, 3, 5), who))
            self.do("attach", n, who, f"第{n}份")
            self.do("file", n, who)

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def go_to(self, moment):
        self.world.clock.set(moment)
        forget_powers(*self.world.people.values())

    # --- Doing as the model does

    def agree(self, done: bool, act):
        """The program does it when the model does, and refuses it in words when it does not."""
        if done:
            return act()
        with pytest.raises((Refused, PermissionDenied)) as caught, transaction.atomic():
            act()
        assert str(caught.value)
        return None

    def line(self, pick, *states) -> tuple[int, Line]:
        """Any line; four out of five times one in these states, when there is one."""
        lines = list(enumerate(self.model.lines))
        found = [pair for pair in lines if pair[1].state in states and pick % 5] or lines
        return found[pick // 5 % len(found)]

    def actor(self, pick, entitled) -> str:
        """Two out of three times one of the entitled, when there are any; else anybody."""
        fit = [who for who in self.world.actors if entitled(who)]
        chosen = fit if fit and pick % 3 else self.world.actors
        return chosen[pick // 3 % len(chosen)]

    def write(self, line: Line):
        section = self.world.sections.get(line.subject)
        row = self.agree(
            self.model.add(line.filer, line),
            lambda: declarations.add(
                self.world.d.unit,
                quarter="2026Q1",
                rule_code=line.code,
                level=line.level,
                quantity=line.quantity,
                matter="抽调专班",
                document_no=line.document,
                document_on=line.day,
                person=None if section else self.world.people[line.subject],
                section=section,
                by=self.world.people[line.filer],
            ),
        )
        if row:
            self.pks.append(row.pk)

    def do(self, name, n, who, *given, **more):
        """One act of the program beside the same of the model. `given` goes to both."""
        line, by = self.model.lines[n], self.world.people[who]
        done = getattr(self.model, name)(who, line, *given)
        program = getattr(declarations, name)
        if name == "attach":
            given = (pdf(given[0]), "a.pdf")
        elif given:
            given, more = (), more | {"version": given[0]}
        self.agree(done, lambda: program(self.pks[n], *given, by=by, **more))

    @rule(subject=picks, pick=picks, tier=tiers, quantity=quantities, document=documents, day=days)
    def line_is_written(self, subject, pick, tier, quantity, document, day):
        subject = self.world.subjects[subject % len(self.world.subjects)]
        who = self.actor(pick, lambda who: self.model.writes(who, subject))
        if subject in self.world.sections:
            tier = sorted(OF_SECTIONS)[pick % 2]
        self.write(Line(subject, *tier, quantity, document, day, who))

    @rule(name=st.sampled_from(["change", "attach", "attach", "file", "file", "withdraw"]),
          at=picks, pick=picks, off=offs, quantity=quantities, document=documents,
          file=files)  # fmt: skip
    def writer_acts(self, name, at, pick, off, quantity, document, file):
        n, line = self.line(at, *(["draft", "returned"] if name != "withdraw" or at % 3 else []))
        who = self.actor(pick, lambda who: self.model.writes(who, line.subject))
        if name == "attach":
            self.do(name, n, who, file)
        elif name == "change":
            by, version = self.world.people[who], line.version + off
            values = {"quantity": quantity, "document": document}
            done = self.model.change(who, line, version, **values)
            fields = {"quantity": quantity, "document_no": document}
            act = declarations.change
            self.agree(done, lambda: act(self.pks[n], version=version, by=by, **fields))
        else:
            self.do(name, n, who)

    @rule(name=st.sampled_from(["check", "check", "verify", "verify", "verify", "turn_back",
                                "refuse", "revoke"]),
          at=picks, pick=picks, off=offs)  # fmt: skip
    def desk_acts(self, name, at, pick, off):
        states, entitled = {
            "check": (["filed"], self.model.checks),
            "verify": (["checked"], self.model.verifies),
            "turn_back": (["filed", "checked"], self.model.turns_down),
            "refuse": (["filed", "checked"], self.model.turns_down),
            "revoke": (["confirmed"], self.model.revokes),
        }[name]
        n, line = self.line(at, *states)
        who = self.actor(pick, lambda who: entitled(who, line))
        reason = {} if name in ("check", "verify") else {"reason": "原件不符"}
        seen = () if name == "revoke" else (line.version + off,)
        self.do(name, n, who, *seen, **reason)

    @rule(pick=picks, name=st.sampled_from(["check", "verify"]), late=st.sets(picks, max_size=2))
    def desk_is_cleared_at_once(self, pick, name, late):
        """All lines there are, some of them in a version long gone."""
        who = self.world.actors[pick % len(self.world.actors)]
        stale = {n % len(self.pks) for n in late}
        versions = [line.version - (n in stale) for n, line in enumerate(self.model.lines)]
        act = getattr(self.model, name)
        done = [n for n, line in enumerate(self.model.lines) if act(who, line, versions[n])]
        given = dict(zip(self.pks, versions, strict=True))
        outcome = getattr(declarations, f"{name}_many")(given, by=self.world.people[who])
        assert outcome.done == [self.pks[n] for n in done]
        assert set(outcome.refused) == set(self.pks) - set(outcome.done)
        assert all(outcome.refused.values())

    # --- Time, settling, closing

    @rule(what=st.integers(0, 19))
    def time_goes_on(self, what):
        if what == 1 and self.model.open:
            self.go_to(TOO_LATE)
            self.model.open = False
        if what == 2 and not self.model.closed:
            closing.close("2026Q1", unit=self.world.d.unit, by=self.world.d.personnel[0])
            self.model.settle()
            self.model.closed = True

    @rule(asked=st.booleans())
    def book_is_settled(self, asked):
        """Whole, or by the jobs alone that confirming and revoking left, the last one first."""
        unit, spans = self.world.d.unit, [(FIRST, LAST)]
        if asked:
            jobs = Job.objects.filter(unit=unit, kind=posting.KIND).order_by("-pk")
            spans = [[date.fromisoformat(job.args[n]) for n in ("first", "last")] for job in jobs]
            jobs.delete()
        for first, last in spans:
            posting.settle(unit, first, last)
        self.model.settle()

    # --- What nobody may do at all

    @rule(at=picks, column=st.sampled_from(TAMPERINGS))
    def line_is_tampered_with(self, at, column):
        n, line = self.line(at, "filed", "checked", "returned")
        if line.state in ("draft", "returned") and not column.startswith(("state", "imported")):
            return
        if line.state in ("confirmed", "checked") and column.startswith("state"):
            return
        sql = f"UPDATE scoring_declaration SET {column} WHERE id = %s"
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [self.pks[n]])

    # --- What holds at any time

    @invariant()
    def lines_are_as_the_model_has_them(self):
        if not hasattr(self, "pks"):
            return
        rows = Declaration.objects.select_related("checked_by", "verified_by", "filed_by")
        rows = {row.pk: row for row in rows.filter(pk__in=self.pks)}
        for n, line in enumerate(self.model.lines):
            row = rows[self.pks[n]]
            assert (row.state, row.version) == (line.state, line.version)
            assert row.filed_by.staff_no == line.filer
            assert (row.checked_by.staff_no if row.checked_by else "") == line.checker
            assert (row.verified_by.staff_no if row.verified_by else "") == line.verifier
        worths = declaring.worths(rows.values())
        assert worths == {
            self.pks[n]: self.model.worth(line) for n, line in enumerate(self.model.lines)
        }

    @invariant()
    def entries_stand_once_settled_and_no_sooner(self):
        if not hasattr(self, "pks"):
            return
        found = {n: [] for n in self.model.entries}
        entries = PointEntry.objects.filter(unit=self.world.d.unit).select_related("quarter")
        for entry in entries.order_by("pk"):
            n = self.pks.index(int(entry.source.removeprefix("declared:")))
            line = self.model.lines[n]
            subject = entry.person.staff_no if entry.person else entry.section.name
            assert (subject, entry.rule_code, entry.event_on) == (line.subject, line.code, line.day)
            assert bool(entry.reverses_id) == bool(found.setdefault(n, []))
            found[n].append((entry.points, entry.quarter.code))
        assert found == self.model.entries

    @invariant()
    def desks_show_what_may_be_done(self):
        """One desk after every step, each in turn."""
        if not hasattr(self, "pks"):
            return
        self.turn += 1
        no = self.world.actors[self.turn % len(self.world.actors)]
        person = self.world.people[no]
        to_check = set(declaring.to_check_by(person).values_list("pk", flat=True))
        to_verify = set(declaring.to_verify_by(person).values_list("pk", flat=True))
        for n, line in enumerate(self.model.lines):
            waits = line.state == "filed" and self.model.checks(no, line)
            assert (self.pks[n] in to_check) == waits
            waits = line.state == "checked" and self.model.verifies(no, line)
            assert (self.pks[n] in to_verify) == waits


@pytest.fixture
def folder(settings, tmp_path):
    settings.FILES_ROOT = str(tmp_path)


def test_declarations_agree_with_the_model(db, clock, folder):
    Machine.world = World(clock)
    run_state_machine_as_test(
        Machine,
        settings=dose(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )


WORDS = ["writer_acts"] * 6 + ["desk_acts"] * 8 + ["line_is_written"] * 2 + [
    "desk_is_cleared_at_once", "book_is_settled", "book_is_settled", "line_is_tampered_with",
]  # fmt: skip
WRITERS = ["change", "attach", "attach", "file", "file", "withdraw"]
DESKS = ["check", "check", "verify", "verify", "verify", "turn_back", "refuse", "revoke"]


def arguments(word, one: random.Random) -> dict:
    n = one.randrange
    off = one.choice([0, 0, 0, 0, -1, 1])
    document = one.choice(["", "一号", "二号", "三号", "四号"])
    quantity = one.choice([Decimal(1), Decimal("1.333"), Decimal(7)])
    return {
        "line_is_written": {
            "subject": n(999), "pick": n(999), "tier": one.choice(sorted(POINTS)),
            "quantity": quantity, "document": document, "day": date(2026, n(3) + 1, n(28) + 1),
        },
        "writer_acts": {
            "name": one.choice(WRITERS), "at": n(999), "pick": n(999), "off": off,
            "quantity": quantity, "document": document, "file": one.choice("甲乙丙丁戊"),
        },
        "desk_acts": {"name": one.choice(DESKS), "at": n(999), "pick": n(999), "off": off},
        "desk_is_cleared_at_once": {
            "pick": n(999), "name": one.choice(["check", "verify"]), "late": {n(999), n(999)},
        },
        "book_is_settled": {"asked": n(2) == 0},
        "line_is_tampered_with": {"at": n(999), "column": one.choice(TAMPERINGS)},
    }[word]  # fmt: skip


@pytest.mark.parametrize("seed", range(WALKS))
def test_long_walks_agree_with_the_model(db, clock, folder, seed):
    Machine.world = World(clock)
    one, machine, been = random.Random(seed), Machine(), set()
    machine.begin()
    try:
        for step in range(240):
            word = one.choice(WORDS)
            getattr(machine, word)(**arguments(word, one))
            if step in (150, 200):
                machine.time_goes_on(what=2 if step == 150 else 1)
            machine.lines_are_as_the_model_has_them()
            machine.entries_stand_once_settled_and_no_sooner()
            machine.desks_show_what_may_be_done()
            been |= {line.state for line in machine.model.lines}
        machine.book_is_settled(asked=False)
        been |= {f"{len(found)} entries" for found in machine.model.entries.values()}
    finally:
        machine.teardown()
    assert been == {*Declaration.State.values, "0 entries", "1 entries", "2 entries"}
