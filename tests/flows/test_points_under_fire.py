"""The points book under fire: workers shot at any moment, settling, closing and confirming at once.

A few shots and rounds run with the suite. Many more: POINTS_SHOTS=500 POINTS_RACES=200, from
POINTS_FIRST on (the seed of the first).
"""

import io
import os
import random
import shutil
import signal
import threading
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection, connections

from ledgers.actions import quarters
from ledgers.models import PointEntry, Quarter, QuarterMove
from scheme import clock as our_clock
from scheme import jobs, periods, tasks
from scheme.errors import Refused
from scheme.models import Job, Unit
from scheme.offices import Office
from scoring import posting as statements
from scoring import queries, verifying
from scoring.actions import closing, declarations, facts, posting, runs, uploads
from scoring.models import Declaration, FactsUpload
from tests import factories
from tests.factories import DAILY_RULES, DECLARED_RULES, again
from tests.flows import images
from tests.infra import database, processes
from tests.ledgers.facts_books import file_of, row, small_unit
from tests.scoring.uploading import work

FIRST = int(os.environ.get("POINTS_FIRST", 1))
SHOTS = int(os.environ.get("POINTS_SHOTS", 3))
RACES = int(os.environ.get("POINTS_RACES", 6))
# More at one job would have it parked as one that kills its workers.
SHOTS_A_ROUND = 3
PATIENCE = 120
HALF = "2026H1"
SPAN = periods.half_span(HALF)

LEDGER_RULES = [
    ("勤学-加-01", "bonus", "person", "xue", "讲课良好", "talk_good", "1", None, "2", None),
    ("勤学-扣-01", "deduction", "person", "xue", "学习缺席", "study_missed", "-0.5",
     None, "1", None),
    ("笔耕-加-01", "bonus", "person", "geng", "信息采用", "adopted",
     {"city": "1.50", "province": "2.50"}, "2", "3", None),
    ("效能-加-01", "bonus", "person", "xiao", "任务办结", "task_done", "0.5", None, None, None),
    ("效能-加-11", "bonus", "section", "xiao", "任务办结", "task_done", "0.5", None, None, None),
    ("效能-扣-11", "deduction", "section", "xiao", "任务退回", "task_returned", "-0.2",
     None, None, None),
    ("创新-加-01", "bonus", "person", "xin", "创新推广", "promoted", {"province": "3"},
     None, None, None),
]  # fmt: skip
TALK = {"评分": "90、92、95、88、96.5"}


def days(*numbers: int, month: int = 3) -> list[str]:
    return [f"2026-{month:02}-{n:02}" for n in numbers]


# --- A worker that is shot


def first_facts() -> dict:
    return {
        "日报": [row("日报", 日期=day, 工号="ZC002", 等次="好") for day in days(3, 4, 5)],
        "讲课": [row("讲课", 工号="ZC002", 题目="已入账的课", **TALK)],
        "信息宣传": [row("信息宣传", 标题="已入账的信息")],
    }


def later_facts() -> list[dict]:
    """Four workbooks, each of sheets of its own: what one stores changes no other's preview."""
    return [
        {
            "讲课": [
                row("讲课", 日期=day, 工号=f"ZC00{n}", 题目=f"第{n}课", **TALK)
                for n, day in enumerate(days(10, 11, 12), 1)
            ],
            "学习": [row("学习", 日期=day) for day in days(6, 13, 20)],
        },
        {
            "信息宣传": [
                row("信息宣传", 采用日期=day, 标题=f"第{n}条信息", 级别="省" if n % 2 else "市")
                for n, day in enumerate(days(2, 3, 9, 10), 1)
            ],
            "创新": [row("创新", 项目=f"第{n}个项目") for n in (1, 2)],
        },
        {
            "重点任务": [
                row("重点任务", 编号=f"2026-ZD-00{n}", 任务=f"任务{n}") for n in (1, 2, 3)
            ],
            "督办": [row("督办", 任务编号="2026-ZD-002", 日期=day) for day in days(9, 10)],
        },
        {
            "申报": [
                row("申报", 事项=f"获评第{n}课", 文件号=f"泽组发〔2026〕{n}号") for n in (1, 2)
            ],
        },
    ]


@pytest.fixture
def w(committed_db, clock, settings, tmp_path, monkeypatch):
    """Facts posted, then some that are corrected; workbooks that have been confirmed, and the
    settling of six months: all of it waits for a worker."""
    monkeypatch.setattr(jobs, "send", lambda pk: None)
    settings.FILES_ROOT = str(tmp_path / "files")
    clock.set("2026-07-15 09:00")
    w = small_unit()
    w.office = factories.make_staff(
        section=w.two, office=Office.PERSONNEL_OFFICE, joined_on=date(2026, 5, 4)
    )
    rules = DAILY_RULES + LEDGER_RULES + DECLARED_RULES
    factories.make_rule_book(w.unit, rules=rules, in_force_from=SPAN.first, proposed_by=w.office)
    facts.load(w.unit, file_of(first_facts()), by=w.office)
    posting.settle(w.unit, SPAN.first, SPAN.last)
    factories.make_absence(w.b, date(2026, 3, 2), date(2026, 3, 13))
    factories.make_absence(w.c, date(2026, 4, 20), date(2026, 5, 8))
    for said in later_facts():
        data = io.BytesIO(file_of(said))
        kept = uploads.receive(w.unit, data, name="台账.xlsx", by=w.office)
        assert jobs.run(kept.job_id)
        uploads.confirm(kept.pk, by=w.office)
    for month in range(1, 7):
        each = [date(2026, month, 1), date(2026, month, 28)]
        posting.enqueue_for(w.unit, each, cause=f"month {month}")
    monkeypatch.undo()
    return w


def outcome(w) -> SimpleNamespace:
    """What everything has led to, when nothing is left to do."""
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    assert set(FactsUpload.objects.values_list("state", flat=True)) == {"applied"}
    run = runs.score(w.unit, HALF, by=None)
    found = {check.__name__: list(check(w.unit)) for check in verifying.CHECKS}
    assert found == {check.__name__: [] for check in verifying.CHECKS}
    reach = statements.reach(w.unit, SPAN.first, SPAN.last, our_clock.now())
    assert statements.differences(reach) == []
    hashes = (run.input_hash, run.output_hash)
    return SimpleNamespace(book=images.points_book(), facts=images.facts(), hashes=hashes)


class Target:
    """A worker of a copy of the database, and shots that hit it at work."""

    def __init__(self, tmp_path: Path, copy: database.Clone, files: str, clock, seed: int):
        env = {"DATABASE_URL": copy.url, "FILES_ROOT": files}
        self.worker = processes.Worker(tmp_path, env)
        self.clock, self.random = clock, random.Random(seed)
        kinds = ["child", "group", self.random.choice(["child", "group"])]
        self.random.shuffle(kinds)
        self.shots = kinds

    def start(self) -> None:
        """The messages come in any order."""
        self.worker.start()
        due = sorted(jobs.due().values_list("pk", flat=True))
        for pk in self.random.sample(due, len(due)):
            jobs.send(pk)

    def shoot(self, what: str) -> None:
        """At a random moment with a job in hand: held still to look, and shot there."""
        self._until(self._caught)
        group = self.worker.process.pid
        if what == "group":
            self.worker.kill()
            self.worker.start()
        else:
            for child in self.random.sample(sorted(children(group)), 1):
                os.kill(child, signal.SIGKILL)
            os.killpg(group, signal.SIGCONT)
        # The leases of the dead are over, and of whoever lives and is at work, too.
        self.clock.advance(seconds=61)

    def _caught(self) -> bool:
        time.sleep(self.random.uniform(0, 0.15))
        group = self.worker.process.pid
        os.killpg(group, signal.SIGSTOP)
        # A lease that is over is one of those shot before.
        in_hand = Job.objects.filter(state="running", lease_until__gt=our_clock.now())
        if in_hand.exists():
            return True
        os.killpg(group, signal.SIGCONT)
        return False

    def finish(self) -> None:
        self._until(lambda: not Job.objects.exclude(state__in=["done", "parked"]).exists())

    def _until(self, what) -> None:
        deadline, sent = time.monotonic() + PATIENCE, 0.0
        while not what():
            now = time.monotonic()
            assert now < deadline, self.worker.log[-3000:]
            if now > sent + 1:
                # As beat does.
                tasks.sweep()
                sent = now
            time.sleep(0.02)


def children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_worker_that_is_shot_leaves_the_book_of_one_that_was_not(w, clock, settings, tmp_path):
    def copied(name) -> str:
        return str(shutil.copytree(tmp_path / "files", tmp_path / name))

    with database.clone(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(jobs, "send", lambda pk: None)
        settings.FILES_ROOT = copied("files of the undisturbed")
        work()
        expected = outcome(w)
    triggers = {line.split('"trigger": "')[1].split('"')[0][:8] for line in expected.book}
    assert len(expected.book) > 300 and len(triggers) > 6
    assert any('"reverses": "' in line for line in expected.book)

    for seed in range(FIRST, FIRST + -(-SHOTS // SHOTS_A_ROUND)):
        clock.set("2026-07-15 09:00")
        processes.empty_broker()
        files = copied(f"files of {seed}")
        with database.clone() as copy:
            target = Target(tmp_path, copy, files, clock, seed)
            try:
                target.start()
                for what in target.shots:
                    target.shoot(what)
                target.finish()
                found = outcome(w)
                tried = Job.objects.filter(attempts__gt=1).count()
            except BaseException:
                print(target.worker.log[-6000:])
                raise
            finally:
                target.worker.close()
        assert tried, "nothing was hit"
        assert found.book == expected.book, f"seed {seed}"
        assert found.facts == expected.facts, f"seed {seed}"
        assert found.hashes == expected.hashes, f"seed {seed}"
    processes.empty_broker()


# --- Settling, closing and confirming at once

MONDAY, QUARTER = date(2026, 3, 16), "2026Q1"
Q1 = periods.quarter_span(QUARTER)


@pytest.fixture
def d(committed_db, clock, monkeypatch):
    """A department with two weeks under rules, and a declaration that waits to be verified."""
    monkeypatch.setattr(jobs, "send", lambda pk: None)
    clock.set("2026-04-20 09:00")
    d = factories.make_department(people_per_section=2)
    factories.make_rule_book(
        d.unit,
        rules=DAILY_RULES + DECLARED_RULES,
        in_force_from=MONDAY,
        proposed_by=d.personnel[0],
        approved_by=d.leader,
    )
    d.line = factories.make_declaration(
        d.officers[0][1],
        document_on=date(2026, 3, 20),
        state=Declaration.State.CHECKED,
        checked_by=d.chiefs[0],
    )
    for code in (QUARTER, "2026Q2"):
        quarters.ensure(d.unit, code)
    return d


def settle(d):
    return posting.settle(d.unit, MONDAY, Q1.last)


def keys() -> list[tuple]:
    """What makes an entry one: its fact, rule and subject, and how often that was reversed."""
    own = PointEntry.objects.filter(reverses=None)
    return list(own.values_list("unit", "source", "rule_code", "person", "section", "posting"))


def standing() -> list[tuple]:
    left = PointEntry.objects.filter(reverses=None, reversed_by=None)
    return list(left.values_list("unit", "source", "rule_code", "person", "section"))


def test_settling_closing_and_confirming_at_once(d, race):
    codes = set()
    for seed in range(FIRST, FIRST + RACES):
        late = random.Random(seed)

        def soon(call, late=late):
            pause = late.choice([0, late.uniform(0, 0.2)])
            return lambda: (time.sleep(pause), call())[1]

        with database.clone():
            office, other = (again(one) for one in d.personnel)
            done = race(
                soon(lambda: settle(d)),
                soon(lambda: settle(d)),
                soon(lambda by=office: closing.close(QUARTER, unit=d.unit, by=by)),
                soon(
                    lambda by=other: declarations.verify(d.line.pk, version=d.line.version, by=by)
                ),
            )
            assert not [one for one in done if isinstance(one, Exception)], (seed, done)
            quarter, move = Quarter.objects.get(code=QUARTER), QuarterMove.objects.get()
            closed = PointEntry.objects.filter(quarter=quarter)
            assert quarter.closed_at and closed.count() == move.entries > 0, seed
            work()
            settle(d)
            assert closed.count() == move.entries, seed
            for found in (keys(), standing()):
                assert len(found) == len(set(found)), seed
            declared = PointEntry.objects.get(source=f"declared:{d.line.pk}")
            codes.add(declared.quarter.code)
            runs.score(d.unit, HALF, by=None)
            wrong = [text for check in verifying.CHECKS for text in check(d.unit)]
            assert wrong == [], seed
    # Confirmed before the closing or after it: over many rounds either is seen.
    assert codes <= {QUARTER, "2026Q2"}


def test_a_verification_sees_one_moment_while_points_are_posted(d, monkeypatch, capsys):
    """It would compare what was counted before a posting with what is counted after it."""
    settle(d)
    who, read = d.officers[0][0], queries.scorecards

    def post():
        factories.make_absence(who, MONDAY, Q1.last)
        posted.append(settle(d).reversed)
        connections.close_all()

    def read_and_be_overtaken(*asked):
        found = list(read(*asked))
        if not posted:
            overtaking = threading.Thread(target=post)
            overtaking.start()
            overtaking.join(60)
        return found

    posted = []
    monkeypatch.setattr(queries, "scorecards", read_and_be_overtaken)
    call_command("verify_points", unit=d.unit.name)
    assert posted[0] > 0
    assert "everything agrees" in capsys.readouterr().out


# --- And without the guards

TRIES = 3


def drop_the_index(patched) -> None:
    """In the test's own database. The statement must then do without it as well."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX entry_posted_once")
    for name in ("POST", "MOVED_HERE"):
        patched.setattr(statements, name, getattr(statements, name).replace(statements.ONCE, ""))


def drop_the_lock(patched) -> None:
    unlocked = SimpleNamespace(select_for_update=lambda **_how: Unit.objects)
    patched.setattr(posting, "Unit", SimpleNamespace(objects=unlocked))


@pytest.mark.parametrize(
    ("dropped", "twice"),
    [
        ([], False),
        ([drop_the_index], False),
        ([drop_the_lock], False),
        ([drop_the_index, drop_the_lock], True),
    ],
    ids=["both guards", "the lock alone", "the index alone", "neither"],
)
def test_each_guard_alone_keeps_entries_single(d, race, monkeypatch, dropped, twice):
    for drop in dropped:
        drop(monkeypatch)
    together = threading.Barrier(TRIES)
    lay_out = statements.lay_out

    def lay_out_and_wait(values):
        """Whoever is let in this far waits for the others; the lock lets in one."""
        lay_out(values)
        with suppress(threading.BrokenBarrierError):
            together.wait(2)

    monkeypatch.setattr(statements, "lay_out", lay_out_and_wait)
    done = race(*[lambda: settle(d)] * TRIES)
    assert not [one for one in done if isinstance(one, Exception)], done
    found = keys()
    assert len(set(found)) > 50
    assert len(found) == len(set(found)) * (TRIES if twice else 1)
    doubled = list(verifying.reversals(d.unit))
    assert bool(doubled) == twice


def test_a_closing_refuses_the_second_who_asks(d, race):
    """The one answer of the race above that is no error of the program."""
    done = race(*[lambda by=by: closing.close(QUARTER, unit=d.unit, by=by) for by in d.personnel])
    assert sorted(isinstance(one, Refused) for one in done) == [False, True]
