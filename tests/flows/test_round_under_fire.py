"""One round played to its end on real processes, again and again, each time with another mishap;
every time it says the same, byte for byte.

People act in between at the same hours; everything else is the clock's. A light dose runs with the
suite. More: ROUND_FIRES=20, from ROUND_FIRST on (the seed of the first).
"""

import json
import os
import random
import re
import subprocess
import time
from collections import Counter
from contextlib import contextmanager, suppress

from django.db import Error, connection, connections, transaction

from config.embedded import UNSAFE_BUT_FAST, Ground, Postgres
from scheme import clock as our_clock
from scheme.models import AuditEntry, Job, Notice
from stars.models import (
    Award,
    Box,
    BranchOutcome,
    Decision,
    Meeting,
    NominationMove,
    Publication,
    Round,
    RoundMove,
)
from tests.infra import database, processes
from tests.stars import acts, archive_world

S = Round.State
PATIENCE = 300
FIRES = int(os.environ.get("ROUND_FIRES", 1))
FIRST = int(os.environ.get("ROUND_FIRST", 1))


class Game:
    """The round, a worker and beat on one database; a mishap gets to act where it likes."""

    def __init__(self, s, clock, tmp_path, url: str, seed: int = 0):
        self.s, self.clock, self.folder = s, clock, tmp_path
        self.random = random.Random(seed)
        self.env = {"DATABASE_URL": url, "BEAT_FILE": str(tmp_path / f"beat-{time.time_ns()}")}
        self.worker = processes.Worker(tmp_path, self.env)

    def start(self):
        self.worker.start()
        self.worker.beat()

    def stop(self):
        self.worker.close()

    def until(self, what):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if what():
                    return
            except Error:
                connections.close_all()
            assert time.monotonic() < deadline, self.worker.log[-4000:]
            time.sleep(0.1)

    def to_the_end_of(self, state: str, mishap) -> None:
        """The moment comes; the clock's part is done, or done again, until the stage is over."""
        due = Round.objects.get(pk=self.s.round.pk).due_at
        mishap(self, state, our_clock.local(due).replace(tzinfo=None))
        rows = Round.objects.filter(pk=self.s.round.pk)
        self.until(lambda: rows.exclude(state=state).exists())

    def play(self, mishap) -> dict:
        s = self.s
        self.clock.set("2026-07-24 10:00")
        self.until(lambda: Notice.objects.filter(key__endswith=":stage:2026-07-24:1").exists())
        self.to_the_end_of(S.NOMINATING, mishap)
        acts.judge(s)
        self.to_the_end_of(S.AT_BRANCH, mishap)
        self.clock.set("2026-08-06 10:00")
        acts.attend(s, absent=[s.d.members[1]])
        acts.vote(s, choices={s.b.pk: "abstain"})
        self.to_the_end_of(S.AT_COMMITTEE, mishap)
        self.to_the_end_of(S.PUBLICITY, mishap)
        return image(s)


def image(s) -> dict:
    """What the round came to. Times of day are left out, and numbers of rows that were drawn."""
    open_jobs = Job.objects.filter(kind__startswith="stars.").exclude(state="done")
    assert not open_jobs.exists(), list(open_jobs.values("kind", "state", "error"))
    counts = ("entitled", "recused", "votes_for", "votes_against", "votes_abstain")
    by = ("nomination_id", *counts)
    told = Notice.objects.filter(key__regex="^(round|nomination|award|box|minutes):")
    ours = AuditEntry.objects.filter(object_type__startswith="stars.", actor=None)
    return {
        "publication": [
            (row.edition, json.dumps(row.body, sort_keys=True, ensure_ascii=False), row.digest)
            for row in Publication.objects.order_by("edition")
        ],
        "awards": list(Award.objects.order_by("number").values_list("number", "nomination_id")),
        "decisions": list(
            Decision.objects.order_by("nomination_id").values_list(
                *by, "present", "passed", "deferred", "placed", "floating"
            )
        ),
        "outcomes": list(
            BranchOutcome.objects.order_by("nomination_id").values_list(*by, "outcome")
        ),
        "boxes": list(Box.objects.order_by("pk").values_list(*by, "turn", "state")),
        "meetings": list(Meeting.objects.values_list("number", "state", "closed_by_id")),
        "moves": list(
            RoundMove.objects.values_list("version", "from_state", "to_state", "by_id", "reason")
        ),
        "steps": list(
            NominationMove.objects.order_by("nomination_id", "version").values_list(
                "nomination_id", "version", "from_state", "to_state", "by_id", "reason"
            )
        ),
        "notices": Counter(
            (person, re.sub(r"^(award|box|minutes):\d+", r"\1", key))
            for person, key in told.values_list("to_id", "key")
        ),
        "trail": Counter(ours.values_list("act", flat=True)),
    }


# --- Mishaps: each is called for every stage, just before its moment comes, and moves the clock


def plain(game, state, due):
    game.clock.set(due)


def shot_in_the_act(game, state, due):
    """The worker has the step in hand and waits for the round's row when it is shot; its lease has
    to run out. And once more at any moment."""
    if state not in (S.AT_BRANCH, S.PUBLICITY):
        return plain(game, state, due)
    steps = Job.objects.filter(kind="stars.advance", state="running")
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=game.s.round.pk)
        game.clock.set(due)
        deadline = time.monotonic() + PATIENCE
        while not steps.exists():
            assert time.monotonic() < deadline, game.worker.log[-3000:]
            time.sleep(0.05)
        game.worker.kill()
    game.clock.advance(seconds=61)
    game.worker.start()
    time.sleep(game.random.uniform(0, 0.6))
    game.worker.kill()
    game.clock.advance(seconds=61)
    game.worker.start()


def broker_flushed(game, state, due):
    """Every message is lost while the moment comes and goes."""
    game.clock.set(due)
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        processes.empty_broker()
        time.sleep(game.random.uniform(0, 0.05))


def two_beats(game, state, due):
    if state == S.NOMINATING:
        env = game.env | {"BEAT_FILE": game.env["BEAT_FILE"] + "-second"}
        game.second = processes.Beat(game.folder, env).start()
    game.clock.set(due)


def three_days_out(game, state, due):
    """Nothing runs from before the moment until three days after it."""
    if state != S.NOMINATING:
        return plain(game, state, due)
    game.worker.close()
    game.clock.set(due)
    game.clock.advance(days=3)
    game.start()


def database_down(server):
    """The server stops at once, as in a power failure, while the moment comes; it comes back."""

    def mishap(game, state, due):
        game.clock.set(due)
        time.sleep(game.random.uniform(0, 1.2))
        connections.close_all()
        subprocess.run(
            [server.tool("pg_ctl"), "-D", server.data, "-m", "immediate", "-w", "stop"],
            check=True,
            capture_output=True,
            cwd="/",
            **server.ground.who,
        )
        server.process.wait(20)
        time.sleep(0.3)
        server.start()
        # Whoever had the step in hand may have lost it; so that its lease need not be waited for.
        game.clock.advance(seconds=61)

    return mishap


@contextmanager
def own_server(tmp_path, copy: database.Clone):
    """A PostgreSQL of this test's own with the same database in it: others go on using theirs."""
    ground = Ground(tmp_path / "own")
    server = Postgres(ground, options=UNSAFE_BUT_FAST)
    server.start()
    default = connections["default"]
    before = {name: default.settings_dict[name] for name in ("HOST", "NAME", "USER", "PORT")}
    try:
        dump = subprocess.run(
            [server.tool("pg_dump"), "--no-owner", f"--dbname={conninfo(before)}"],
            check=True,
            capture_output=True,
            cwd="/",
        )
        there = conninfo({"HOST": str(ground.sockets), "NAME": server.role, "USER": server.role})
        subprocess.run(
            [server.tool("psql"), "-q", "-v", "ON_ERROR_STOP=1", "-d", there],
            input=dump.stdout,
            check=True,
            capture_output=True,
            cwd="/",
        )
        connections.close_all()
        changed = {"HOST": str(ground.sockets), "NAME": server.role, "USER": server.role}
        default.settings_dict.update(changed | {"PORT": ""})
        yield server
    finally:
        connections.close_all()
        default.settings_dict.update(before)
        server.stop()
        ground.remove()


def conninfo(parts: dict) -> str:
    named = {"HOST": "host", "PORT": "port", "USER": "user", "NAME": "dbname"}
    return " ".join(f"{named[k]}={v}" for k, v in parts.items() if v)


@contextmanager
def playing(s, clock, tmp_path, url, seed=0):
    processes.empty_broker()
    clock.set("2026-07-21 09:00")
    game = Game(s, clock, tmp_path, url, seed)
    try:
        game.start()
        yield game
    except BaseException:
        print(game.worker.log[-6000:])
        raise
    finally:
        game.stop()
        with suppress(AttributeError):
            game.second.kill()
        processes.empty_broker()


def differing(one: dict, other: dict) -> dict:
    return {key: (one[key], other[key]) for key in one if one[key] != other[key]}


def test_whatever_happens_to_the_machines_the_round_says_the_same(committed_db, clock, tmp_path):
    s = archive_world.opened(clock)
    connection.close()

    with database.clone() as copy, playing(s, clock, tmp_path, copy.url) as game:
        expected = game.play(plain)
    assert len(expected["publication"]) == 1 and len(expected["awards"]) == 2
    assert [move[2] for move in expected["moves"]][1:] == [
        "at_branch",
        "at_committee",
        "publicity",
        "published",
    ]
    assert expected["trail"]["round.advance"] == 4 and expected["trail"]["result.publish"] == 1
    assert max(expected["notices"].values()) == 1

    mishaps = (shot_in_the_act, broker_flushed, two_beats, three_days_out)
    for seed in range(FIRST, FIRST + FIRES):
        for mishap in mishaps:
            with database.clone() as copy, playing(s, clock, tmp_path, copy.url, seed) as game:
                found = game.play(mishap)
                tried = Job.objects.filter(attempts__gt=1).count()
            assert differing(expected, found) == {}, (mishap.__name__, seed)
            assert tried or mishap is not shot_in_the_act, "nothing was hit"
        with (
            database.clone() as copy,
            own_server(tmp_path / f"pg{seed}", copy) as server,
            playing(s, clock, tmp_path, server.url, seed) as game,
        ):
            found = game.play(database_down(server))
        assert differing(expected, found) == {}, ("database down", seed)
