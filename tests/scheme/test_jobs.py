import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import transaction

from scheme import clock as our_clock
from scheme import jobs, tasks
from scheme.jobs import FenceLost
from scheme.models import Job, Unit
from tests import factories
from tests.infra.processes import ROOT, empty_broker

DB = pytest.mark.django_db


@pytest.fixture
def kind():
    """`kind(handler)` registers it for this test and gives the name."""
    made = []

    def register(handler):
        made.append(f"test {len(made)}")
        jobs.handles(made[-1])(handler)
        return made[-1]

    yield register
    for name in made:
        del jobs._handlers[name]


def nothing(job):
    return lambda: None


@DB
def test_the_same_key_is_the_same_work(kind):
    unit = factories.make_unit()
    person = factories.make_staff(unit)
    name = kind(nothing)
    first = jobs.enqueue(name, "k", args={"n": 1}, unit=unit, by=person)
    second = jobs.enqueue(name, "k", args={"n": 2})
    other = jobs.enqueue(name, "other")
    assert first == second != other
    assert (second.args, second.unit, second.asked_by) == ({"n": 1}, unit, person)
    assert second.state == Job.State.WAITING
    assert name in jobs.kinds()


def test_no_job_without_its_transaction(committed_db):
    with pytest.raises(RuntimeError), transaction.atomic():
        jobs.enqueue("x", "k")
        raise RuntimeError
    assert not Job.objects.exists()


@DB
def test_a_job_is_done_once_however_often_it_is_delivered(kind):
    seen = []
    name = kind(lambda job: seen.append(job.args["n"]) or (lambda: {"made": 7}))
    job = jobs.enqueue(name, "k", args={"n": 3})
    assert jobs.run(job.pk) is True
    assert jobs.run(job.pk) is False
    tasks.run_job(job.pk)
    assert seen == [3]
    job.refresh_from_db()
    assert (job.state, job.result, job.attempts, job.fence) == ("done", {"made": 7}, 1, 1)
    assert job.finished_at and job.lease_until is None
    assert job.percent == 100


@DB
def test_an_unknown_number_is_nobodys_work():
    assert jobs.run(987654321) is False


@DB
def test_not_before_its_time(kind, clock):
    clock.set("2026-07-06 09:00")
    name = kind(nothing)
    job = jobs.enqueue(name, "k", run_after=our_clock.now() + timedelta(minutes=5))
    assert jobs.run(job.pk) is False
    clock.set("2026-07-06 09:06")
    assert jobs.run(job.pk) is True


@DB
def test_a_held_job_is_left_alone_until_its_lease_is_over(kind, clock):
    clock.set("2026-07-06 09:00")
    job = jobs.enqueue(kind(nothing), "k")
    held = jobs._take(job.pk)
    assert held.fence == 1
    assert jobs.run(job.pk) is False
    clock.set("2026-07-06 09:02")
    assert jobs.run(job.pk) is True
    job.refresh_from_db()
    assert (job.fence, job.attempts) == (2, 2)


@DB
def test_a_sleeper_cannot_act_after_its_lease(kind, clock):
    clock.set("2026-07-06 09:00")
    acted = []

    def handler(job):
        if job.fence == 1:
            # It sleeps past its lease, and another worker takes the job and finishes it.
            clock.advance(seconds=61)
            assert jobs.run(job.pk) is True
            with pytest.raises(FenceLost):
                jobs.progress(job, 1, 2)
        return lambda: acted.append(job.fence)

    job = jobs.enqueue(kind(handler), "k")
    assert jobs.run(job.pk) is False
    assert acted == [2]
    job.refresh_from_db()
    assert job.state == Job.State.DONE


@DB
def test_a_sleeper_that_fails_late_does_not_touch_the_new_holders_work(kind, clock):
    clock.set("2026-07-06 09:00")

    def handler(job):
        clock.advance(seconds=61)
        assert jobs._take(job.pk).fence == 2
        raise RuntimeError("too late anyway")

    job = jobs.enqueue(kind(handler), "k")
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.fence, job.error) == ("running", 2, "")


@DB
def test_progress_keeps_the_lease(kind, clock):
    clock.set("2026-07-06 09:00")
    shown = []

    def handler(job):
        for n in range(1, 4):
            clock.advance(seconds=40)
            jobs.progress(job, n, 4)
            shown.append(Job.objects.get(pk=job.pk).percent)
            assert jobs.run(job.pk) is False
        return lambda: None

    job = jobs.enqueue(kind(handler), "k")
    assert jobs.run(job.pk) is True
    assert shown == [25, 50, 75]


@DB
def test_failure_waits_longer_each_time_and_is_parked_at_last(kind, clock):
    clock.set("2026-07-06 09:00")

    def handler(job):
        raise ValueError("line 7 is not a number")

    job = jobs.enqueue(kind(handler), "k")
    waits = []
    for n in range(1, jobs.MAX_ATTEMPTS + 1):
        assert jobs.run(job.pk) is False
        job.refresh_from_db()
        assert job.attempts == n
        waits.append(job.run_after - our_clock.now())
        clock.advance(hours=1)
    assert waits == sorted(waits)
    assert waits[0] > timedelta(seconds=5)
    assert job.state == Job.State.PARKED
    assert job.error == "ValueError: line 7 is not a number"
    assert not jobs.due().exists()
    assert jobs.run(job.pk) is False


@DB
def test_a_job_that_kills_its_workers_is_parked_too(kind, clock):
    """The worker dies each time, so nobody is left to put the job back."""
    clock.set("2026-07-06 09:00")
    job = jobs.enqueue(kind(nothing), "k")
    for n in range(1, jobs.MAX_ATTEMPTS + 1):
        assert jobs._take(job.pk).attempts == n
        clock.advance(seconds=61)
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert job.state == Job.State.PARKED
    assert job.error
    assert job.attempts == jobs.MAX_ATTEMPTS


@DB
def test_a_failing_effect_leaves_nothing_behind(kind):
    def handler(job):
        def effect():
            Unit.objects.create(name="half done")
            raise RuntimeError

        return effect

    job = jobs.enqueue(kind(handler), "k")
    assert jobs.run(job.pk) is False
    assert not Unit.objects.filter(name="half done").exists()
    job.refresh_from_db()
    assert job.state == Job.State.WAITING


@DB
def test_a_poison_job_does_not_stop_the_others(kind, django_capture_on_commit_callbacks):
    def poison(job):
        raise RuntimeError

    bad, good = jobs.enqueue(kind(poison), "k"), jobs.enqueue(kind(nothing), "k")
    for pk in jobs.due().order_by("pk").values_list("pk", flat=True):
        tasks.run_job(pk)
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("waiting", "done")


@DB
def test_percent_never_reads_done_before_it_is():
    assert Job(done_count=5, total_count=5).percent == 99
    assert Job(done_count=0, total_count=0).percent == 0


def test_two_workers_at_once_do_it_once(committed_db, race, kind):
    seen = []

    def handler(job):
        seen.append(job.fence)
        time.sleep(0.2)
        return lambda: Unit.objects.create(name="once") and None

    job = jobs.enqueue(kind(handler), "k")
    results = race(*[lambda: jobs.run(job.pk)] * 4)
    assert sorted(results) == [False, False, False, True]
    assert seen == [1]
    assert Unit.objects.filter(name="once").count() == 1


def test_two_who_register_the_same_work_register_it_once(committed_db, race):
    results = race(*[lambda: jobs.enqueue("x", "k").pk] * 4)
    assert len(set(results)) == 1, results
    assert Job.objects.count() == 1


def test_a_broker_that_is_away_costs_no_work(committed_db):
    script = (
        "import django; django.setup()\nfrom scheme import jobs\nprint(jobs.enqueue('x', 'k').pk)\n"
    )
    env = os.environ | {
        "DATABASE_URL": committed_db.url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    job = Job.objects.get(pk=int(done.stdout))
    assert job in jobs.due()
    assert "not sent" in done.stderr


@DB
def test_the_sweeper_sends_what_is_due_and_nothing_else(clock):
    clock.set("2026-07-06 09:00")
    at = our_clock.now()
    soon = {"kind": "x", "created_at": at}
    Job.objects.create(dedupe_key="due", run_after=at, **soon)
    Job.objects.create(dedupe_key="later", run_after=at + timedelta(hours=1), **soon)
    held = Job.objects.create(dedupe_key="held", run_after=at, **soon)
    jobs._take(held.pk)
    assert list(jobs.due().values_list("dedupe_key", flat=True)) == ["due"]
    tasks.sweep()
    empty_broker()


@DB
def test_a_message_that_cannot_be_sent_is_only_worth_a_line_in_the_log(caplog):
    jobs.send(object())
    assert "not sent" in caplog.text


def test_the_sweeper_finds_what_no_message_brought(committed_db, worker):
    """A row without a message; the handler is unknown to the worker, so being tried is visible."""
    at = our_clock.now()
    job = Job.objects.create(kind="unheard of", dedupe_key="k", run_after=at, created_at=at)
    worker.beat()
    deadline = time.monotonic() + 30
    while not Job.objects.filter(pk=job.pk, attempts__gte=1, state="waiting").exists():
        assert time.monotonic() < deadline, worker.log[-3000:]
        time.sleep(0.2)
    job.refresh_from_db()
    assert job.error.startswith("KeyError")
