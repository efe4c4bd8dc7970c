"""The whole system on one machine with one command.

    python -m config.local demo             the app with a department in it
    python -m config.local reset            remove what the demo keeps
    python -m config.local services CMD …   run a command with the database and the broker up
    python -m config.local translations     compile the catalogues

`DATABASE_URL` and `REDIS_URL` decide: one that is set is used, one that is not is started in var/.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import environ

from config.embedded import Ground, NotStarted, Postgres, Server, Valkey, die_with_parent, services

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
LOGINS = VAR / "demo-logins.txt"
HEALTH_SECONDS = 90
STOP_SECONDS = 30
LONGEST_BACKOFF = 30
# A child that lived this long was well; its next death starts counting anew.
WELL_SECONDS = 60


def say(text: str = "") -> None:
    print(text, flush=True)


def secret_key() -> str:
    path = VAR / "secret-key"
    if not path.exists():
        VAR.mkdir(exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text()


def environment(found: dict[str, str]) -> dict[str, str]:
    """What a process on this machine needs. It speaks plain HTTP, whatever .env is meant for."""
    env = os.environ | found | {"HTTPS": "false", "PYTHONUNBUFFERED": "1"}
    # The database in var/ is the demo's; of another one only `demo` itself may say so.
    if not os.environ.get("DATABASE_URL"):
        env.setdefault("DEMO", "true")
    env["SECRET_KEY"] = env.get("SECRET_KEY") or secret_key()
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    return env


def free_port() -> int:
    if "PORT" in os.environ:
        return int(os.environ["PORT"])
    for port in (8000, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise NotStarted("No free port.")


def compile_translations() -> None:
    """.po to .mo without the gettext tools, which are not everywhere."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(BASE_DIR.glob("locale/*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        half = source.with_suffix(f".mo.{os.getpid()}")
        with half.open("wb") as file:
            write_mo(file, catalogue)
        half.replace(source.with_suffix(".mo"))


class Child:
    """One process of the demo, started again when it dies."""

    def __init__(self, name: str, argv: list[str], env: dict[str, str]):
        self.name, self.argv, self.env = name, argv, env
        self.log = VAR / "log" / f"{name}.log"
        self.log.parent.mkdir(exist_ok=True)
        self.log.write_bytes(b"")
        self.deaths = 0
        self.start()

    def start(self) -> None:
        self.began = time.monotonic()
        self.due: float | None = None
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.argv,
                cwd=BASE_DIR,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                # Ctrl-C reaches only the supervisor, which stops the others in order.
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def look(self) -> None:
        code = self.process.poll()
        if code is None:
            return
        now = time.monotonic()
        if self.due is None:
            self.deaths = 1 if now - self.began > WELL_SECONDS else self.deaths + 1
            wait = min(LONGEST_BACKOFF, 2 ** (self.deaths - 1))
            self.due = now + wait
            say(f"{self.name} ended ({code}); again in {wait} s. See {self.log}")
        elif now >= self.due:
            self.start()

    def terminate(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def commands(host: str, port: int) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "config"]
    return {
        "web": [
            *(*python, "gunicorn", "config.wsgi:application", "--bind", f"{host}:{port}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", "4"),
            *("--max-requests", "2000", "--max-requests-jitter", "200", "--no-control-socket"),
        ],
        "worker": [*celery, "worker", "--concurrency", "2", "--without-gossip", "-l", "info"],
        "beat": [*celery, "beat", "-l", "info", "--pidfile", ""],
    }


def manage(env: dict[str, str], *argv: str) -> None:
    done = subprocess.run([sys.executable, "manage.py", *argv], cwd=BASE_DIR, env=env, check=False)
    if done.returncode:
        raise NotStarted(f"manage.py {argv[0]} failed.")


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def demo() -> None:
    host, port = os.environ.get("HOST", "127.0.0.1"), free_port()
    say("Starting the database and the broker …")
    with services(VAR, os.environ) as found:
        env = {"DEMO": "true"} | environment(found)
        say("Preparing the database …")
        manage(env, "migrate", "--no-input", "-v", "0")
        compile_translations()
        manage(env, "collectstatic", "--no-input", "-v", "0")
        say("Loading the department …")
        manage(env, "load_demo")
        children: list[Child] = []
        try:
            for name, argv in commands(host, port).items():
                children.append(Child(name, argv, env))
            supervise(found.servers, children, port)
        finally:
            say("\nStopping …")
            stop(children)


def supervise(servers: list[Server], children: list[Child], port: int) -> None:
    deadline = time.monotonic() + HEALTH_SECONDS
    announced = False
    while True:
        for server in servers:
            if server.has_died:
                say(f"{server.name} ended; starting it again.")
                server.start()
        for child in children:
            child.look()
        if not announced and healthy(port):
            announced = True
            say(f"\n亮星 Liangxing  http://127.0.0.1:{port}/\n")
            if LOGINS.exists():
                say(LOGINS.read_text())
            say("Ctrl-C stops it; the data stays until `make demo-reset`. Logs: var/log/.")
        if not announced and time.monotonic() > deadline:
            tail = "\n".join(children[0].log.read_text(errors="replace").splitlines()[-15:])
            raise NotStarted(f"/health/ does not answer 200 on port {port}.\n{tail}")
        time.sleep(0.5)


def stop(children: list[Child]) -> None:
    for child in reversed(children):
        child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in reversed(children):
        child.wait(deadline)


def reset() -> None:
    ground = Ground(VAR)
    if Postgres(ground).answers() or Valkey(ground).answers():
        raise NotStarted("The demo is running: stop it first.")
    shutil.rmtree(VAR, ignore_errors=True)
    ground.remove()


def run(argv: list[str]) -> int:
    if not argv:
        raise NotStarted("Which command?")
    if argv[0] == "manage.py":
        argv = [sys.executable, *argv]
    with services(VAR, os.environ) as found:
        try:
            child = subprocess.Popen(
                argv, env=environment(found), preexec_fn=die_with_parent(signal.SIGTERM)
            )
        except FileNotFoundError:
            raise NotStarted(f"There is no command {argv[0]}.") from None
        try:
            return child.wait()
        except BaseException:
            child.terminate()
            child.wait()
            raise


def leave(number, frame) -> None:
    # Once is enough: a second signal must not cut the stopping short.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise SystemExit(0 if number == signal.SIGINT else 128 + number)


def main(argv: list[str]) -> int:
    if (BASE_DIR / ".env").exists():
        environ.Env.read_env(BASE_DIR / ".env")
    signal.signal(signal.SIGTERM, leave)
    word, rest = (argv[0], argv[1:]) if argv else ("", [])
    try:
        if word == "services":
            return run(rest)
        signal.signal(signal.SIGINT, leave)
        acts = {"demo": demo, "reset": reset, "translations": compile_translations}
        if word not in acts:
            say(__doc__)
            return 2
        acts[word]()
    except NotStarted as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
