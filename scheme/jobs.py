"""Work that must happen exactly once, as rows. Celery only carries a row's number and may lose it.

A handler is called with the running job outside any transaction, does its reading and building
there (`progress` as it goes), and returns a function without arguments. That function is the
effect: it runs in the one transaction that also marks the job done, and only while the job's fence
is still the handler's own. So a worker killed anywhere leaves nothing half done, and one that
slept through its lease cannot act late.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q

from scheme import clock
from scheme.models import Job

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5

Effect = Callable[[], dict | None]
_handlers: dict[str, Callable[[Job], Effect]] = {}


class FenceLost(Exception):
    """Somebody else has taken the job since."""


def handles(kind: str):
    """Registers the handler of a kind of job; for the tasks module of an app."""

    def register(handler):
        _handlers[kind] = handler
        return handler

    return register


def kinds() -> list[str]:
    return sorted(_handlers)


def enqueue(kind: str, dedupe_key: str, *, args=None, unit=None, by=None, run_after=None) -> Job:
    """Registers work in the present transaction; the same key is the same work.

    Once the transaction has committed the broker is told; should that fail, the sweeper finds the
    row within seconds.
    """
    at = clock.now()
    job, made = Job.objects.get_or_create(
        kind=kind,
        dedupe_key=dedupe_key,
        defaults={
            "args": args or {},
            "unit": unit,
            "asked_by": by,
            "run_after": run_after or at,
            "created_at": at,
        },
    )
    if made and job.run_after <= at:
        transaction.on_commit(lambda: send(job.pk))
    return job


def send(pk: int) -> None:
    """Tells the broker. A broker that is away costs seconds, never the work."""
    from scheme.tasks import run_job

    try:
        run_job.delay(pk)
    except Exception as error:  # any broker trouble at all: the row stays due
        log.warning("job %s not sent: %s", pk, error)


def due():
    """Open jobs whose time has come and which nobody holds."""
    at = clock.now()
    return Job.objects.filter(
        Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING, lease_until__lt=at),
        run_after__lte=at,
    )


def run(pk: int) -> bool:
    """Takes the job and does it. False when it is not due, is held, or is parked now."""
    job = _take(pk)
    if job is None:
        return False
    try:
        effect = _handlers[job.kind](job)
        with transaction.atomic():
            _hold(job)
            result = effect() or {}
            Job.objects.filter(pk=job.pk).update(
                state=Job.State.DONE,
                finished_at=clock.now(),
                lease_until=None,
                result=result,
                error="",
            )
    except FenceLost:
        log.warning("job %s was taken over", pk)
        return False
    except Exception as error:  # a poison job must not stop the others
        log.exception("job %s failed", pk)
        _put_back(job, error)
        return False
    return True


def progress(job: Job, done: int, total: int) -> None:
    """Shows how far the work is and keeps the lease. Raises FenceLost when it is no longer ours."""
    held = Job.objects.filter(pk=job.pk, fence=job.fence, state=Job.State.RUNNING).update(
        done_count=done, total_count=total, lease_until=clock.now() + LEASE
    )
    if not held:
        raise FenceLost


def _take(pk: int) -> Job | None:
    # Whoever held it last never came back, once too often: it kills its workers.
    due().filter(pk=pk, attempts__gte=MAX_ATTEMPTS).update(
        state=Job.State.PARKED, lease_until=None, error="the worker died of it"
    )
    taken = (
        due()
        .filter(pk=pk)
        .update(
            state=Job.State.RUNNING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            lease_until=clock.now() + LEASE,
        )
    )
    return Job.objects.get(pk=pk) if taken else None


def _hold(job: Job) -> None:
    mine = Job.objects.select_for_update().filter(
        pk=job.pk, fence=job.fence, state=Job.State.RUNNING
    )
    if not mine.exists():
        raise FenceLost


def _put_back(job: Job, error: Exception) -> None:
    """Waits longer each time; parked after the last try, where the administrator sees it."""
    parked = job.attempts >= MAX_ATTEMPTS
    Job.objects.filter(pk=job.pk, fence=job.fence, state=Job.State.RUNNING).update(
        state=Job.State.PARKED if parked else Job.State.WAITING,
        lease_until=None,
        run_after=clock.now() + timedelta(seconds=5 * 2**job.attempts),
        error=f"{type(error).__name__}: {error}"[:2000],
    )
