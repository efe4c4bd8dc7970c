"""The one clock. Everything that asks for the time asks here (a test reads the code for others)."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

# What `pretend` says the time is, in this context and no other.
_pretended: ContextVar[datetime | None] = ContextVar("pretended time", default=None)


def _offset() -> timedelta:
    """Seconds written into `CLOCK_FILE`, so that a worker and a browser see the same moved time."""
    if not settings.CLOCK_FILE:
        return timedelta()
    try:
        return timedelta(seconds=float(Path(settings.CLOCK_FILE).read_text() or 0))
    except FileNotFoundError:
        return timedelta()


def now() -> datetime:
    """The present instant, aware, UTC."""
    return _pretended.get() or timezone.now() + _offset()


def today() -> date:
    """The present day in Asia/Shanghai."""
    return timezone.localdate(now())


@contextmanager
def pretend(instant: datetime) -> Iterator[None]:
    """Within, time stands still at `instant`: for what is only rehearsed, and for a past that is
    made up for show. Nests; other threads and tasks see nothing of it."""
    if timezone.is_naive(instant):
        raise ValueError("an instant without its zone")
    token = _pretended.set(instant)
    try:
        yield
    finally:
        _pretended.reset(token)


def local(instant: datetime) -> datetime:
    return timezone.localtime(instant)


def at(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """The instant of a wall-clock time in Asia/Shanghai."""
    naive = datetime(day.year, day.month, day.day, hour, minute, second)
    return timezone.make_aware(naive, timezone.get_default_timezone())
