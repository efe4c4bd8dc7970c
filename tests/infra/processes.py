"""Real processes beside the test: a web server, a worker, beat. Any of them may be shot."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import redis

from config.embedded import die_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 60


class Process:
    """A child in a group of its own, so that a kill takes its whole family."""

    name = "process"

    def __init__(self, folder: Path, env: dict[str, str]):
        self.env = os.environ | env
        self.log_file = folder / f"{self.name}-{uuid.uuid4().hex[:6]}.log"
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def is_ready(self) -> bool:
        raise NotImplementedError

    def start(self) -> "Process":
        self.log_file.write_bytes(b"")
        with self.log_file.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.command()],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{self.name} did not come up:\n{self.log[-4000:]}")
            time.sleep(0.05)
        return self

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """kill -9, children included: nothing gets to tidy up."""
        if self.alive:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self, seconds: float = 30) -> None:
        if self.alive:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()


class WebServer(Process):
    name = "web"

    def __init__(self, folder: Path, env: dict[str, str]):
        super().__init__(folder, env)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [
            *("gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{self.port}"),
            *("--worker-class", "gthread", "--workers", "1", "--threads", "4"),
            *("--no-control-socket", "--graceful-timeout", "2"),
        ]

    def is_ready(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/health/", timeout=10).close()
        except urllib.error.HTTPError:
            # Unhealthy is an answer too; what it means is for the test to say.
            return True
        except OSError:
            return False
        return True


class Worker(Process):
    name = "worker"

    def __init__(self, folder: Path, env: dict[str, str], concurrency: int = 2):
        super().__init__(folder, env)
        self.folder = folder
        self.concurrency = concurrency
        self.beat_process: Beat | None = None

    def command(self) -> list[str]:
        return [
            *("celery", "-A", "config", "worker", "--concurrency", str(self.concurrency)),
            *("--without-gossip", "--without-mingle", "-l", "info"),
            *("-n", f"{uuid.uuid4().hex[:8]}@test"),
        ]

    def is_ready(self) -> bool:
        return " ready." in self.log

    def beat(self) -> "Beat":
        self.beat_process = Beat(self.folder, self.env)
        return self.beat_process.start()

    def close(self) -> None:
        if self.beat_process:
            self.beat_process.kill()
        self.kill()


class Beat(Process):
    name = "beat"

    def command(self) -> list[str]:
        return ["celery", "-A", "config", "beat", "-l", "info", "--pidfile", ""]

    def is_ready(self) -> bool:
        return "beat: Starting" in self.log


def broker_client(url: str) -> redis.Redis:
    if url.startswith("redis+socket://"):
        path, _, _ = url.removeprefix("redis+socket://").partition("?")
        return redis.Redis(unix_socket_path=path)
    return redis.Redis.from_url(url)


def empty_broker() -> None:
    """Remove this process's messages, and nobody else's."""
    with broker_client(os.environ["REDIS_URL"]) as client:
        for key in client.scan_iter(match=f"{os.environ['BROKER_KEY_PREFIX']}*", count=500):
            client.delete(key)
