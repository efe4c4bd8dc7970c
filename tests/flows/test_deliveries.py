"""Every kind of job and every task of the clock, brought once, three times one after another and
three times at one moment, leaves the same database.

A kind or a task that is not in the tables below fails the test: whoever adds one says here what it
looks like.
"""

import io
import shutil
import threading
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

import desk.tasks  # noqa: F401  (its kinds and tasks are known with it)
import ledgers.tasks  # noqa: F401
import scheme.tasks
import scoring.tasks
import stars.tasks
from config.celery import app
from scheme import clock as our_clock
from scheme import jobs
from scheme.models import Job
from scheme.offices import Office
from scoring.actions import facts, posting, sandbox
from scoring.actions import uploads as uploading
from scoring.models import FactsUpload, RuleBook
from stars.actions import archives, rehearsal, results, rounds
from stars.models import Publication, Round
from tests.factories import again, make_rule_book, make_staff, moment
from tests.flows import images
from tests.infra import database
from tests.ledgers.facts_books import GOOD, file_of, small_unit
from tests.stars import acts

NOW = "2026-07-20 09:00"
TIMES = 3


# --- One job of each kind


def settling(w) -> Job:
    (job,) = posting.enqueue_for(w.unit, [date(2026, 3, 16), date(2026, 3, 31)], cause="example")
    return job


def uploaded(w, *sheets) -> FactsUpload:
    data = io.BytesIO(file_of({sheet: [GOOD[sheet]] for sheet in sheets}))
    return uploading.receive(w.unit, data, name="台账.xlsx", by=w.office)


def reading(w) -> Job:
    return uploaded(w, "讲课", "创新").job


def storing(w) -> Job:
    upload = uploaded(w, "学习", "信息宣传", "重点任务", "督办")
    assert jobs.run(upload.job_id)
    return uploading.confirm(upload.pk, by=w.office).job


def exporting(w) -> Job:
    return uploading.start_export(w.unit, "2026H1", by=w.office, key=str(uuid.uuid4()))


def trying(w) -> Job:
    draft = make_rule_book(w.unit, state=RuleBook.State.DRAFT, version=2, proposed_by=w.office)
    asked = {"half": "2026H1", "persons": 1, "sections": 1, "key": "example"}
    return sandbox.start(draft.pk, by=w.office, **asked)


def publishing(w) -> Job:
    acts.published(w.clock)
    publication = Publication.objects.get()
    office = publication.round.opened_by
    return results.start_workbook(publication.pk, by=again(office), key="example")


def advancing(w) -> Job:
    s = acts.nominating(w.clock)
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-06 09:00"))
    stars.tasks.look()
    return Job.objects.get(kind="stars.advance", args__round=s.round.pk)


def reminding(w) -> Job:
    s = acts.nominating(w.clock)
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-21 18:00"))
    w.clock.set(NOW)
    stars.tasks.look()
    return Job.objects.get(kind="stars.remind", args__round=s.round.pk)


def archiving(w) -> Job:
    """Of the round that `publishing` has carried to its end."""
    round_ = Publication.objects.get().round
    return archives.start(round_.pk, by=again(round_.opened_by), key="example")


def rehearsing(w) -> Job:
    round_ = rounds.prepare(w.unit, "2026H1", by=again(w.office))
    return rehearsal.start(round_.pk, by=again(w.office), key="example")


EXAMPLES = {
    "facts.export": exporting,
    "facts.read": reading,
    "facts.store": storing,
    "scoring.sandbox": trying,
    "scoring.settle": settling,
    "stars.advance": advancing,
    "stars.archive": archiving,
    "stars.publish_workbook": publishing,
    "stars.rehearse": rehearsing,
    "stars.remind": reminding,
}
# Kinds and tasks of the clock whose own tests bring them twice, late and at one moment.
ELSEWHERE = {
    "tests/desk/test_digests.py": ["digest.unit", "digest.people", "desk.tasks.look"],
    "tests/desk/test_digest_deliveries.py": ["digest.send"],
    "tests/ledgers/test_escalation.py": ["ledgers.watch_tasks", "ledgers.tasks.look"],
    "tests/ledgers/test_ratings.py": ["ledgers.shut_rating", "ledgers.tasks.look_for_ratings"],
}
# Those whose effect is done once even if the same work were registered twice, under two names; of
# the others each registration makes a workbook and a line in the trail.
ONCE_BY_THEMSELVES = {
    "facts.read",
    "facts.store",
    "scoring.settle",
    "stars.advance",
    "stars.archive",
    "stars.rehearse",
    "stars.remind",
}
# What the clock says, with what it may do to a database in which the jobs are done; None for the
# message that carries a job, which is brought with every kind.
TASKS = {
    "scheme.tasks.run_job": None,
    "scheme.tasks.sweep": scheme.tasks.sweep,
    "scoring.tasks.look": scoring.tasks.look,
    "stars.tasks.look": stars.tasks.look,
}


@pytest.fixture
def w(committed_db, clock, settings, tmp_path, monkeypatch):
    """A unit with rules and a few facts, and one job of each kind waiting; nothing reaches the
    broker."""
    monkeypatch.setattr(jobs, "send", lambda pk: None)
    settings.FILES_ROOT = str(tmp_path / "files")
    clock.set(NOW)
    w = small_unit()
    w.clock = clock
    w.office = make_staff(section=w.two, office=Office.PERSONNEL_OFFICE)
    make_rule_book(w.unit, in_force_from=date(2026, 3, 16), proposed_by=w.office)
    facts.load(w.unit, file_of({name: [GOOD[name]] for name in ("日报", "月结")}), by=w.office)
    # Those that move the clock come first.
    w.jobs = {kind: EXAMPLES[kind](w).pk for kind in sorted(EXAMPLES, reverse=True)}
    clock.set(NOW)
    Job.objects.update(run_after=our_clock.now() - timedelta(hours=1))
    return w


def elsewhere() -> set[str]:
    assert all((Path(settings.BASE_DIR) / path).is_file() for path in ELSEWHERE)
    return {name for names in ELSEWHERE.values() for name in names}


def test_there_is_an_example_of_every_kind_of_job():
    assert sorted({*EXAMPLES, *(elsewhere() & {*jobs.kinds()})}) == jobs.kinds()


def test_every_task_of_the_clock_is_tried():
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == set(TASKS) | (elsewhere() & ours)
    assert elsewhere() <= ours | {*jobs.kinds()}


# --- Ways to bring a message


class Ways:
    """Each brings the message of a job, or the word of the clock, in its way."""

    def __init__(self, race, monkeypatch):
        self.race, self.monkeypatch = race, monkeypatch

    def once(self, call, job=None):
        call()

    def in_sequence(self, call, job=None):
        for _n in range(TIMES):
            call()

    def in_parallel(self, call, job=None):
        answers = self.race(*[call] * TIMES)
        assert not [one for one in answers if isinstance(one, Exception)], answers

    def past_their_leases(self, call, job=None):
        """Three workers take the job one after the other, since each sleeps past its lease; all
        three have their effect in hand when they wake at the same moment."""
        if job is None:
            return self.in_parallel(call)
        done = jobs._handlers[job.kind]
        taken = [threading.Event() for _n in range(TIMES)]
        awake = threading.Barrier(TIMES)
        taken[0].set()

        def sleepy(held):
            effect = done(held)
            long_ago = our_clock.now() - timedelta(hours=1)
            Job.objects.filter(pk=held.pk).update(lease_until=long_ago)
            if held.fence < TIMES:
                taken[held.fence].set()
            awake.wait(30)
            return effect

        def wait_and_call(n):
            assert taken[n].wait(30)
            return jobs.run(job.pk)

        with self.monkeypatch.context() as patched:
            patched.setitem(jobs._handlers, job.kind, sleepy)
            answers = self.race(*[lambda n=n: wait_and_call(n) for n in range(TIMES)])
        assert not [one for one in answers if isinstance(one, Exception)], answers
        assert Job.objects.get(pk=job.pk).fence == TIMES


WAYS = ("in_sequence", "in_parallel", "past_their_leases")


@pytest.fixture
def after(w, race, monkeypatch, settings, tmp_path):
    """`after(way)` is the image of a copy of the database in which everything was brought that
    way."""
    ways = Ways(race, monkeypatch)

    def brought(way: str, *, kinds=tuple(EXAMPLES), also=lambda: None) -> dict[str, list[str]]:
        settings.FILES_ROOT = str(tmp_path / f"files of {uuid.uuid4()}")
        shutil.copytree(tmp_path / "files", settings.FILES_ROOT)
        w.clock.set(NOW)
        with database.clone():
            bring = getattr(ways, way)
            for kind in kinds:
                job = Job.objects.get(pk=w.jobs[kind])
                bring(lambda pk=job.pk: scheme.tasks.run_job(pk), job)
            also()
            for name in sorted(TASKS):
                if TASKS[name]:
                    bring(TASKS[name])
            states = Job.objects.filter(pk__in=[w.jobs[kind] for kind in kinds])
            assert set(states.values_list("state", flat=True)) == {"done"}
            return images.whole()

    return brought


def differing(one: dict, other: dict) -> dict:
    """The tables that differ, with the lines only one of the two has."""
    return {
        label: sorted(set(one[label]) ^ set(other[label])) or "as often"
        for label in one
        if one[label] != other[label]
    }


def test_brought_three_times_is_brought_once(after):
    expected = after("once")
    for way in WAYS:
        assert differing(expected, after(way)) == {}, way


def test_registered_twice_under_two_names_is_done_once(after, w):
    """Also where no fence helps: the effect looks whether it is there already."""

    def again_under_another_name():
        for kind in sorted(ONCE_BY_THEMSELVES):
            told = Job.objects.filter(pk=w.jobs[kind]).values("kind", "args", "unit", "asked_by")
            row = {f"{k}_id" if k in ("unit", "asked_by") else k: v for k, v in told[0].items()}
            at = our_clock.now() - timedelta(minutes=1)
            twin = Job.objects.create(dedupe_key="twin", run_after=at, created_at=at, **row)
            assert jobs.run(twin.pk)

    kinds = sorted(ONCE_BY_THEMSELVES)
    expected = after("once", kinds=kinds)
    found = after("once", kinds=kinds, also=again_under_another_name)
    assert differing(expected, found).keys() <= {"scheme.Job"}


def test_without_the_fence_it_is_done_as_often_as_it_is_brought(after, monkeypatch):
    """The control."""
    kinds = ["facts.export", "stars.publish_workbook"]
    expected = after("once", kinds=kinds)
    monkeypatch.setattr(jobs, "_hold", lambda job: None)
    found = after("past_their_leases", kinds=kinds)
    trail = "scheme.AuditEntry"
    assert len(found[trail]) - len(expected[trail]) == (TIMES - 1) * len(kinds)
