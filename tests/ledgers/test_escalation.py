"""What the clock does: reminders, requests put away, one level after another, never at night."""

from datetime import date

import pytest

from ledgers import tasks as looking
from ledgers import watching
from ledgers.actions import extensions, light_policies, notes, supervision
from ledgers.models import Escalation, Extension, Task
from scheme import clock as clocks
from scheme import jobs
from scheme.models import Job
from tests.ledgers.supervision_world import make_task, make_world, moves, told

THURSDAY = date(2026, 3, 5)


@pytest.fixture
def w(db, clock):
    clock.set("2026-03-05 10:00")
    return make_world()


def levels(task) -> list[int]:
    return list(task.escalations.order_by("pk").values_list("level", flat=True))


def watch_on(clock, w, moment):
    clock.set(moment)
    return watching.watch(w.unit)


def test_reminded_once_five_three_and_one_working_days_before(w, clock):
    """Due on Friday the 20th; the 14th and 15th are rest days."""
    task = make_task(w, progress=95)
    make_task(w, date(2026, 3, 13), state="suspended")
    make_task(w, date(2026, 3, 13), state="draft")
    heard = {}
    for day in (12, 13, 16, 17, 18, 19, 20):
        watch_on(clock, w, f"2026-03-{day} 10:00")
        assert watching.watch(w.unit)["raised"] == 0
        heard[day] = [len(told(who)) for who in (w.main, w.chief, w.joint, w.leader)]
    assert {day: n for day, (n, *_rest) in heard.items()} == {
        12: 0, 13: 1, 16: 1, 17: 2, 18: 2, 19: 3, 20: 3,
    }  # fmt: skip
    assert heard[20] == [3, 3, 0, 0]
    left = [f"“{task.title}”3月20日到期，还有{n}个工作日。" for n in (5, 3, 1)]
    assert told(w.main) == left


def test_a_day_without_a_look_loses_no_reminder(w, clock):
    task = make_task(w, progress=95)
    for moment in ("2026-03-18 10:00", "2026-03-18 15:00", "2026-03-20 10:00"):
        watch_on(clock, w, moment)
    assert told(w.main) == [
        f"“{task.title}”3月20日到期，还有2个工作日。",
        f"“{task.title}”今日到期。",
    ]


def test_a_request_nobody_decided_is_put_away_on_the_day(w, clock):
    task, later = make_task(w), make_task(w, date(2026, 3, 23))
    for one in (task, later):
        extensions.ask(one.pk, version=0, to=date(2026, 4, 10), reason="等", by=w.chief)
    assert watch_on(clock, w, "2026-03-19 10:00")["expired"] == 0
    assert watch_on(clock, w, "2026-03-20 10:00")["expired"] == 1
    assert watching.watch(w.unit)["expired"] == 0
    states = dict(Extension.objects.values_list("task_id", "state"))
    assert states == {task.pk: "refused", later.pk: "asked"}
    assert moves(task)[-1] == "expire"


def test_red_goes_up_one_level_after_each_interval(w, clock):
    """Overdue from Monday the 9th; three working days between the levels."""
    task = make_task(w, date(2026, 3, 6), progress=100)
    assert watch_on(clock, w, "2026-03-06 10:00")["raised"] == 0
    assert watch_on(clock, w, "2026-03-09 10:00")["raised"] == 1
    assert levels(task) == [1] and "逾期1个工作日" in told(w.chief)[-1] and not told(w.leader)
    for moment in ("2026-03-09 11:00", "2026-03-10 10:00", "2026-03-11 10:00"):
        assert watch_on(clock, w, moment)["raised"] == 0
    assert watch_on(clock, w, "2026-03-12 10:00")["raised"] == 1
    assert levels(task) == [1, 2] and told(w.leader) and not told(w.chair)
    # Friday, then Monday and Tuesday: the weekend does not count.
    assert watch_on(clock, w, "2026-03-16 10:00")["raised"] == 0
    assert watch_on(clock, w, "2026-03-17 10:00")["raised"] == 1
    assert levels(task) == [1, 2, 3] and told(w.chair)
    assert watch_on(clock, w, "2026-03-30 10:00")["raised"] == 0, "there is nobody above"
    assert all(row.by is None for row in Escalation.objects.all())


def test_behind_the_plan_is_red_as_well_and_progress_stops_it(w, clock):
    task = make_task(w, date(2026, 4, 30))
    watch_on(clock, w, "2026-03-20 10:00")
    assert levels(task) == [] and watch_on(clock, w, "2026-03-24 10:00")["raised"] == 1
    assert "落后序时进度" in task.escalations.get().reason
    task.refresh_from_db()
    supervision.progress(task.pk, version=task.version, percent=60, text="赶上", by=w.main)
    assert watch_on(clock, w, "2026-04-10 10:00")["raised"] == 0


def test_a_press_left_unanswered_goes_up_and_an_answer_stops_it(w, clock):
    quiet, deaf = make_task(w, date(2026, 6, 30)), make_task(w, date(2026, 6, 30))
    pressed = {
        task: notes.press(task.pk, version=0, text="请反馈", by=w.office) for task in (quiet, deaf)
    }
    notes.answer(pressed[quiet].pk, version=1, text="正在办", by=w.chief)
    assert watch_on(clock, w, "2026-03-09 10:00")["raised"] == 0
    assert watch_on(clock, w, "2026-03-10 10:00")["raised"] == 1
    assert (levels(quiet), levels(deaf)) == ([1], [1, 2])
    assert "催办没有反馈" in told(w.leader)[-1]
    deaf.refresh_from_db()
    note = pressed[deaf]
    notes.void(note.pk, version=1, reason="误办", by=w.leader)
    assert watch_on(clock, w, "2026-03-20 10:00")["raised"] == 0


def test_the_interval_is_the_offices(w, clock):
    light_policies.set_policy(
        w.unit, in_force_from=THURSDAY, near_days=3, yellow_behind=10, red_behind=30,
        escalate_after=1, by=w.office,
    )  # fmt: skip
    task = make_task(w, date(2026, 3, 6))
    for day in (9, 10, 11):
        watch_on(clock, w, f"2026-03-{day:02d} 10:00")
    assert levels(task) == [1, 2, 3]


def test_a_new_date_starts_from_the_bottom(w, clock):
    task = make_task(w, date(2026, 3, 6))
    watch_on(clock, w, "2026-03-09 10:00")
    task.refresh_from_db()
    extensions.replan(
        task.pk, version=task.version, to=date(2026, 3, 13), reason="重排", by=w.leader
    )
    Task.objects.filter(pk=task.pk).update(progress=100)
    assert watch_on(clock, w, "2026-03-13 10:00")["raised"] == 0
    watch_on(clock, w, "2026-03-16 10:00")
    assert list(task.escalations.order_by("pk").values_list("level", "about")) == [
        (1, date(2026, 3, 6)),
        (1, date(2026, 3, 13)),
    ]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-06 08:59", False),
        ("2026-03-06 09:00", True),
        ("2026-03-06 16:59", True),
        ("2026-03-06 17:00", False),
        ("2026-03-07 10:00", False),
        # A Sunday that is worked, and a Monday of the Spring Festival.
        ("2026-02-28 10:00", True),
        ("2026-02-16 10:00", False),
    ],
)
def test_nobody_is_told_at_night_or_on_a_day_off(db, clock, moment, expected):
    clock.set(moment)
    assert watching.may_speak(clocks.now()) is expected


def test_one_job_a_unit_a_day_and_only_where_there_is_work(
    w, clock, django_capture_on_commit_callbacks
):
    idle = make_world()
    task = make_task(w, date(2026, 3, 6))
    clock.set("2026-03-09 08:00")
    looking.look()
    assert not Job.objects.filter(kind=looking.WATCH).exists()
    clock.set("2026-03-09 10:00")
    looking.look()
    looking.look()
    job = Job.objects.get(kind=looking.WATCH)
    assert job.unit == w.unit != idle.unit
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done" and job.result["raised"] == 1 and levels(task) == [1]
    assert not jobs.run(job.pk), "once"
    # Taken up late, after hours: nobody is told, the next day's does it.
    clock.set("2026-03-12 16:59")
    looking.look()
    late = Job.objects.filter(kind=looking.WATCH).latest("pk")
    clock.set("2026-03-12 21:00")
    jobs.run(late.pk)
    late.refresh_from_db()
    assert late.result == {"skipped": "after hours"} and levels(task) == [1]
    clock.set("2026-03-13 09:30")
    looking.look()
    assert jobs.run(Job.objects.filter(kind=looking.WATCH).latest("pk").pk)
    assert levels(task) == [1, 2]
