"""A round from its last nomination to the published workbook, moved by nothing but the clock: a
real worker, a real broker, beat, and time that the test sets."""

import os
import time
from pathlib import Path

import pytest
from openpyxl import load_workbook

from scheme import clock as house_clock
from scheme.models import AuditEntry, Job, Notice
from stars.actions import results
from stars.models import Award, Publication, Round, RoundMove
from tests.factories import again, moment
from tests.stars import acts

S = Round.State
PATIENCE = 60


def wait_for(what, worker):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.2)
    raise AssertionError(f"it did not happen in {PATIENCE} s:\n{worker.log[-3000:]}")


def stands(s, state):
    return lambda: Round.objects.filter(pk=s.round.pk, state=state).exists()


def to_its_moment(s, clock):
    clock.set(house_clock.local(acts.fresh(s).due_at).replace(tzinfo=None))


def test_a_round_moves_by_the_clock_to_its_workbook(worker, clock):
    s = acts.nominating(clock, places=2)
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-08 18:00"))
    clock.set("2026-07-07 10:00")
    worker.beat()
    chief = s.d.chiefs[2]
    wait_for(lambda: Notice.objects.filter(to=chief, key__endswith=":1").exists(), worker)

    to_its_moment(s, clock)
    wait_for(stands(s, S.AT_BRANCH), worker)
    acts.fresh(s)
    acts.judge(s)

    # The worker dies with the stage open; its successor takes the step all the same, once.
    worker.kill()
    to_its_moment(s, clock)
    worker.start()
    wait_for(stands(s, S.AT_COMMITTEE), worker)

    # Nobody came by the day it ends: put off, and the office is told.
    to_its_moment(s, clock)
    wait_for(lambda: Notice.objects.filter(key__contains=":postponed:").exists(), worker)
    assert acts.fresh(s).state == S.AT_COMMITTEE
    acts.attend(s)
    acts.vote(s)
    to_its_moment(s, clock)
    wait_for(stands(s, S.PUBLICITY), worker)

    to_its_moment(s, clock)
    wait_for(stands(s, S.PUBLISHED), worker)
    assert Award.objects.count() == 3
    publication = Publication.objects.get()

    steps = RoundMove.objects.values_list("from_state", "to_state", "by")
    assert list(steps) == [
        ("nominating", "at_branch", None),
        ("at_branch", "at_committee", None),
        ("at_committee", "at_committee", None),
        ("at_committee", "publicity", None),
        ("publicity", "published", None),
    ]
    assert AuditEntry.objects.filter(act="round.advance", actor=None).count() == 4

    job = results.start_workbook(publication.pk, by=again(s.d.personnel[0]), key="flow")
    wait_for(lambda: Job.objects.filter(pk=job.pk, state="done").exists(), worker)
    job.refresh_from_db()
    made = Path(os.environ["FILES_ROOT"]) / job.result["file"]
    assert load_workbook(made).sheetnames == ["科室", "个人", "计票"]
    # The mornings' digests go their own way.
    assert not Job.objects.exclude(state="done").exclude(kind__startswith="digest.").exists()


@pytest.mark.parametrize("times", [5])
def test_the_same_step_delivered_again_and_again_is_taken_once(worker, clock, times):
    from scheme.tasks import run_job

    s = acts.nominating(clock)
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-06 09:00"))
    from stars import tasks

    tasks.look()
    job = Job.objects.get(kind="stars.advance")
    for _n in range(times):
        run_job.delay(job.pk)
    wait_for(stands(s, S.AT_BRANCH), worker)
    time.sleep(1)
    assert RoundMove.objects.count() == 1
    assert AuditEntry.objects.filter(act="round.advance").count() == 1
