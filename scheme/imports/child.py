"""The process that parses one workbook and is gone: `python -m scheme.imports.child LIMITS < FILE`.

Binds itself before it reads a byte, then answers in lines of JSON: a sheet each, and a last one
that says it is whole. It has no settings, no secrets in its environment and no Django.
"""

import datetime
import json
import signal
import sys

from scheme.imports import archive, raw

try:
    import resource
except ImportError:  # not a Unix: whoever waits for the answer still ends it in time
    resource = None


def bind(memory: int, seconds: int) -> None:
    """From here on: so much memory and time, no file written, no process started."""
    if resource is None:
        return
    limits = {
        "RLIMIT_AS": memory,
        "RLIMIT_CPU": seconds,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": 16,
        "RLIMIT_NPROC": 0,
        "RLIMIT_CORE": 0,
    }
    for name, value in limits.items():
        which = getattr(resource, name, None)
        try:
            _soft, hard = resource.getrlimit(which)
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (value, value))
        except (TypeError, ValueError, OSError):
            # Elsewhere some of them do not exist; where the product runs they all must hold.
            if sys.platform == "linux":
                raise
    # Should nobody wait any more, it still ends.
    signal.alarm(2 * seconds)


def plain(value) -> dict:
    """What JSON has no word for; isolation.py reads it back."""
    if isinstance(value, datetime.datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, datetime.date):
        return {"day": value.isoformat()}
    if isinstance(value, datetime.time):
        return {"time": value.isoformat()}
    if isinstance(value, datetime.timedelta):
        return {"span": [value.days, value.seconds, value.microseconds]}
    raise TypeError(type(value))


def answer(source, out) -> None:
    def line(words: dict) -> None:
        out.write(json.dumps(words, default=plain, separators=(",", ":")).encode() + b"\n")

    try:
        count = 0
        for sheet in raw.parse(source.read(archive.MAX_FILE + 1)):
            places = {"formulas": sorted(sheet.formulas), "failures": sorted(sheet.failures)}
            line(sheet._asdict() | places)
            count += 1
        line({"whole": count})
    except archive.BadBook as refused:
        line({"refused": refused.args[0]})
    except Exception as error:  # whatever the parser makes of bytes nobody foresaw
        line({"died": type(error).__name__})
    out.flush()


def main() -> None:
    memory, seconds = map(int, sys.argv[1:])
    bind(memory, seconds)
    answer(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main()
