"""Loaded as a plugin (`-p tests.infra.boot`): servers and environment stand before Django looks.

The controller starts PostgreSQL and Valkey; xdist's workers inherit their addresses. A
`DATABASE_URL` or `REDIS_URL` from outside is used instead of a server of our own.
"""

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from config.embedded import UNSAFE_BUT_FAST, Ground, services
from config.local import compile_translations

PREFIX = "liangxing-test-"
_stack = contextlib.ExitStack()


def _scratch() -> Path:
    """A folder of this run; those of runs that were killed are swept away first."""
    for old in Path("/tmp").glob(f"{PREFIX}*"):
        number = old.name.removeprefix(PREFIX)
        if number.isdigit() and not Path(f"/proc/{number}").exists() and Path("/proc").exists():
            Ground(old).remove()
            shutil.rmtree(old, ignore_errors=True)
    scratch = Path("/tmp") / f"{PREFIX}{os.getpid()}"
    scratch.mkdir(mode=0o711)
    _stack.callback(shutil.rmtree, scratch, ignore_errors=True)
    return scratch


def _start_services() -> None:
    scratch = _scratch()
    _stack.callback(Ground(scratch).remove)
    options = (*UNSAFE_BUT_FAST, "max_connections=200")
    os.environ.update(_stack.enter_context(services(scratch, os.environ, options=options)))
    os.environ["TEST_SCRATCH"] = str(scratch)
    compile_translations()


def _set_environment(worker: str) -> None:
    own = Path(os.environ["TEST_SCRATCH"]) / worker
    own.mkdir(exist_ok=True)
    os.environ.update(
        SECRET_KEY="only-for-the-tests-and-long-enough-to-please-the-check",
        DEBUG="false",
        DEMO="false",
        HTTPS="false",
        LOG_LEVEL="WARNING",
        PASSWORD_HASHER="django.contrib.auth.hashers.MD5PasswordHasher",
        STATIC_STORAGE="django.contrib.staticfiles.storage.StaticFilesStorage",
        STATIC_ROOT=str(own / "static"),
        FILES_ROOT=str(own / "files"),
        BEAT_FILE=str(own / "beat"),
        BEAT_SECONDS="1",
        CLOCK_FILE=str(own / "clock"),
        BROKER_KEY_PREFIX=f"test-{os.getppid()}-{worker}:",
    )
    # whitenoise warns of a root that is not there.
    (own / "static").mkdir(exist_ok=True)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config, parser, args):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        _start_services()
    _set_environment(worker or "main")
    return (yield)


def pytest_unconfigure(config):
    _stack.close()
