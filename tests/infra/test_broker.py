"""The broker dies under a running task: the worker must reconnect, acknowledge, and live."""

import subprocess
import sys
import time
from contextlib import contextmanager

import redis

from config import embedded
from tests.infra.processes import ROOT, Worker


class SlowWorker(Worker):
    def command(self):
        app = ("celery", "-A", "tests.infra.slow_tasks")
        return [*app, "worker", "-c", "1", "--without-gossip", "-l", "info"]


@contextmanager
def broker_at(var):
    for folder in (var, *var.parents[:2]):
        folder.chmod(0o711)
    ground = embedded.Ground(var)
    server = embedded.Valkey(ground).start()
    try:
        yield server
    finally:
        server.stop()
        ground.remove()


def run_through_a_broker_crash(tmp_path, transport: str) -> tuple[SlowWorker, str, int]:
    said = tmp_path / "said"
    said.touch()
    with broker_at(tmp_path) as server:
        client = redis.Redis(unix_socket_path=str(server.socket))
        worker = SlowWorker(tmp_path, {"SLOW_BROKER": server.url, "SLOW_TRANSPORT": transport})
        # Celery would set Django up by itself, and with it the mended transport.
        worker.env.pop("DJANGO_SETTINGS_MODULE", None)
        worker.start()
        try:
            send = "from tests.infra.slow_tasks import slow; import sys; slow.delay(sys.argv[1])"
            subprocess.run(
                [sys.executable, "-c", send, str(said)], env=worker.env, check=True, cwd=ROOT
            )
            wait_for(lambda: "start" in said.read_text())
            server.process.kill()
            server.process.wait()
            time.sleep(1)
            server.start()
            wait_for(lambda: "end" in said.read_text())
            wait_for(lambda: not worker.alive or not client.hlen("unacked"), quietly=True)
            return worker, said.read_text(), client.hlen("unacked")
        finally:
            survived = worker.alive
            worker.kill()
            worker.survived = survived


def wait_for(check, seconds=20, quietly=False):
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            assert quietly, "waited in vain"
            return
        time.sleep(0.1)


def test_late_acknowledgement_survives_a_broker_crash(tmp_path):
    worker, said, unacknowledged = run_through_a_broker_crash(tmp_path, "ours")
    assert worker.survived, worker.log[-3000:]
    assert said == "start\nend\n"
    assert unacknowledged == 0
