"""Has a workbook parsed in a process of its own, so that a hostile one can spoil nothing here.

The child gets the bytes and limits, nothing else; its answer is JSON of bounded length. However it
ends (crash, hunger, overtime), whoever asked gets a text and goes on.
"""

import json
import logging
import os
import selectors
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import NamedTuple

from scheme.imports.archive import MEGABYTE, BadBook
from scheme.imports.raw import RawSheet

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent.parent


def _(words: str) -> str:
    return words


class Limits(NamedTuple):
    memory: int = 1024 * MEGABYTE
    cpu_seconds: int = 20
    seconds: float = 30
    answer: int = 48 * MEGABYTE


LIMITS = Limits()
# Neither our environment nor the user's own site: only the code and its packages.
PROGRAM = (sys.executable, "-E", "-s", "-m", "scheme.imports.child")


class _Overdue(Exception):
    pass


def parse(data: bytes) -> list[RawSheet]:
    """Raises BadBook, also for what the child did not survive."""
    limits = LIMITS
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        child = subprocess.Popen(
            [*PROGRAM, str(limits.memory), str(limits.cpu_seconds)],
            cwd=ROOT,
            env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        answer = _listen(child.stdout, limits)
        child.wait(limits.seconds)
    except (_Overdue, subprocess.TimeoutExpired):
        log.warning("the parser of a workbook took longer than %s s", limits.seconds)
        raise BadBook(
            _("读这份工作簿用时过长，已停止。请去掉多余的工作表和格式后再上传。")
        ) from None
    finally:
        child.kill()
        child.stdout.close()
        child.wait()
    try:
        return _understood(answer)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        log.warning("the parser of a workbook ended with %s: %r", child.returncode, error)
        raise BadBook(
            _("读这份工作簿时出了错：文件已损坏，或者内容太多。请用Excel另存后再上传。")
        ) from None


def _listen(pipe, limits: Limits) -> bytes:
    """Everything the child says, unless it says too much or takes too long."""
    deadline = time.monotonic() + limits.seconds
    heard = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                raise _Overdue
            part = os.read(pipe.fileno(), 1 << 20)
            if not part:
                return bytes(heard)
            heard += part
            if len(heard) > limits.answer:
                raise BadBook(_("工作簿展开后过大，不能导入。"))


def _understood(answer: bytes) -> list[RawSheet]:
    """The sheets; ValueError and its like when the answer is not whole."""
    lines = [json.loads(line, object_hook=_value) for line in answer.splitlines()]
    if not lines:
        raise ValueError("no answer")
    last = lines.pop()
    if set(last) == {"refused"}:
        raise BadBook(str(last["refused"])[:200])
    if last != {"whole": len(lines)}:
        raise ValueError("the answer breaks off")
    return [
        RawSheet(
            name=str(one["name"]),
            rows=[list(row) for row in one["rows"]],
            formulas={(row, column) for row, column in one["formulas"]},
            failures={(row, column) for row, column in one["failures"]},
            merged=[tuple(area) for area in one["merged"]],
            refused=str(one["refused"])[:200],
        )
        for one in lines
    ]


def _value(found: dict):
    match found:
        case {"moment": said}:
            return datetime.fromisoformat(said)
        case {"day": said}:
            return date.fromisoformat(said)
        case {"time": said}:
            return clock_time.fromisoformat(said)
        case {"span": said}:
            return timedelta(*said)
    return found
