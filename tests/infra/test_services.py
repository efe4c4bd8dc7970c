"""The test servers themselves, and the launcher that the demo uses."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from config import embedded
from tests.infra import processes
from tests.infra.database import clone


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def wait_until(check, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_committed_db_is_a_copy_that_is_dropped(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        template = connection.settings_dict["NAME"]
        with clone() as copy:
            assert connection.settings_dict["NAME"] == copy.name != template
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE only_here (id int)")
            with copy.connect() as other:
                assert other.execute("SELECT count(*) FROM only_here").fetchone() == (0,)
                migrated = other.execute("SELECT count(*) FROM django_migrations").fetchone()
                assert migrated[0] > 10
        assert connection.settings_dict["NAME"] == template
        with pytest.raises(psycopg.OperationalError):
            copy.connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('only_here')")
            assert cursor.fetchone() == (None,)
        connection.close()


def test_race_sees_real_commits(committed_db, race):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE raced (name text UNIQUE)")

    def insert():
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO raced VALUES ('one')")
        return "in"

    results = race(*[insert] * 4)
    assert results.count("in") == 1
    assert sum("duplicate key" in str(r) for r in results) == 3


def test_clock_moves_here(clock):
    from scheme import clock as ours

    clock.set("2026-07-10 09:00")
    assert ours.today().isoformat() == "2026-07-10"
    clock.advance(days=1)
    assert ours.today().isoformat() == "2026-07-11"


def test_broker_keys_carry_this_runs_prefix(settings):
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    assert prefix == os.environ["BROKER_KEY_PREFIX"] != "liangxing:"


class TestLauncher:
    """The servers that `config.local` starts, in a folder of their own."""

    CODE = (
        "import sys, time; from pathlib import Path; from config.embedded import services\n"
        "with services(Path(sys.argv[1]), {}) as found:\n"
        "    print(found['DATABASE_URL'], found['REDIS_URL'], flush=True); time.sleep(600)\n"
    )

    @pytest.fixture
    def var(self, tmp_path):
        # Root's servers run as nobody, who has to be able to walk in.
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o711)
        yield tmp_path / "var"
        embedded.Ground(tmp_path / "var").remove()

    @pytest.fixture
    def owner(self, var):
        owners = []

        def launch():
            owner = subprocess.Popen(
                [sys.executable, "-c", self.CODE, str(var)],
                cwd=processes.ROOT,
                stdout=subprocess.PIPE,
                text=True,
                preexec_fn=embedded.die_with_parent(signal.SIGKILL),
            )
            owners.append(owner)
            assert owner.stdout.readline().startswith("postgres://")
            return owner

        yield launch
        for owner in owners:
            owner.kill()
            owner.wait()

    @staticmethod
    def children(owner) -> list[int]:
        listed = Path(f"/proc/{owner.pid}/task/{owner.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    @pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux only")
    def test_servers_go_with_a_killed_owner_and_the_data_stays(self, var, owner):
        first = owner()
        servers = self.children(first)
        assert len(servers) == 2
        with embedded.Postgres(embedded.Ground(var)).connect("liangxing") as database:
            database.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        first.kill()
        first.wait()
        wait_until(lambda: not any(map(is_running, servers)))

        owner()
        with embedded.Postgres(embedded.Ground(var)).connect("liangxing") as database:
            assert database.execute("SELECT answer FROM kept").fetchone() == (42,)

    def test_a_second_command_uses_the_running_servers(self, var, owner):
        first = owner()
        second = owner()
        assert len(self.children(first)) == 2
        assert self.children(second) == []

    def test_nothing_listens_on_a_port(self, var, owner):
        owner()
        with embedded.Postgres(embedded.Ground(var)).connect() as database:
            assert database.execute("SHOW listen_addresses").fetchone() == ("",)
        folder = embedded.Ground(var).sockets
        assert folder.stat().st_mode & 0o077 == 0

    def test_a_named_address_is_used_as_it_is(self, var):
        named = {"DATABASE_URL": "postgres://elsewhere/x", "REDIS_URL": "redis://elsewhere"}
        with embedded.services(var, named) as found:
            assert found == named


class TestProcesses:
    def test_web_server_answers_from_the_copy(self, web_server):
        assert web_server.alive
        import urllib.request

        with urllib.request.urlopen(f"{web_server.url}/health/") as answer:
            assert answer.status == 200

    def test_worker_is_shot_and_comes_back(self, worker):
        first = worker.process.pid
        worker.kill()
        assert not worker.alive
        worker.start()
        assert worker.alive
        assert worker.process.pid != first
        assert worker.beat().alive
