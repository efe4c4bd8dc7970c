import pytest

from scheme import jobs
from scheme.models import CalendarDay, Job, Notice
from stars import owing, tasks
from stars.models import Nomination, Round, RoundMove
from tests.factories import make_round, moment, step_round
from tests.stars import acts

pytestmark = pytest.mark.django_db
S = Round.State


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """The rows are looked at here; the real broker carries them in tests/flows."""
    monkeypatch.setattr(jobs, "send", lambda pk: None)


def due_at(s, text) -> None:
    Round.objects.filter(pk=s.round.pk).update(due_at=moment(text))
    acts.fresh(s)


# Steps


def test_a_round_whose_moment_has_come_is_registered_once(clock):
    s = acts.nominating(clock)
    due_at(s, "2026-07-08 18:00")
    clock.set("2026-07-08 17:59")
    tasks.look()
    assert not Job.objects.exists()

    clock.set("2026-07-08 18:00")
    for _n in range(3):
        tasks.look()
    job = Job.objects.get()
    assert job.kind == "stars.advance"
    assert job.args == {"round": s.round.pk, "version": s.round.version}

    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result["state"] == acts.fresh(s).state == S.AT_BRANCH
    tasks.look()
    assert Job.objects.count() == 1


def test_a_step_somebody_took_meanwhile_is_left_alone(clock):
    s = acts.nominating(clock)
    due_at(s, "2026-07-06 09:00")
    tasks.look()
    acts.push(s)
    job = Job.objects.get()
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert "刚刚有了变化" in job.result["skipped"]
    assert RoundMove.objects.count() == 1 and acts.fresh(s).state == S.AT_BRANCH


def test_a_step_put_off_is_taken_again_on_its_new_day(clock):
    s = acts.at_committee(clock)
    clock.set("2026-07-16 18:00")
    tasks.look()
    assert jobs.run(Job.objects.get().pk)
    assert acts.fresh(s).due_at == moment("2026-07-17 18:00")
    acts.attend(s)
    acts.vote(s, choices={s.b.pk: "against"})
    clock.set("2026-07-17 18:00")
    tasks.look()
    assert jobs.run(Job.objects.first().pk)
    assert acts.fresh(s).state == S.PUBLICITY


@pytest.mark.parametrize("state", [S.PREPARING, S.PUBLISHED, S.CANCELLED])
def test_rounds_that_do_not_run_are_let_be(clock, state):
    from tests.factories import make_department

    clock.set("2026-07-06 10:00")
    d = make_department()
    make_round(d.unit, state=state, by=d.personnel[0], due_at=moment("2026-07-01 18:00"))
    tasks.look()
    assert not Job.objects.exists() and not Notice.objects.exists()


# Reminders


def reminded(s, left):
    keys = Notice.objects.filter(key__endswith=f":{left}", key__startswith=f"round:{s.round.pk}:")
    return set(keys.values_list("to_id", flat=True))


def test_chiefs_without_a_nomination_are_reminded(clock):
    s = acts.nominating(clock)
    due_at(s, "2026-07-13 18:00")
    for day, left in [("2026-07-06", 5), ("2026-07-08", 3), ("2026-07-10", 1)]:
        clock.set(f"{day} 09:30")
        for _n in range(2):
            tasks.look()
        # Sections one and two have put forward; the office's own has not.
        assert reminded(s, left) == {s.d.chiefs[2].pk}
    assert Notice.objects.filter(to=s.d.chiefs[2]).count() == 3
    text = Notice.objects.filter(to=s.d.chiefs[2]).order_by("pk").first().text
    assert "7月13日18:00" in text and "5个工作日" in text


@pytest.mark.parametrize(
    "moment_",
    [
        "2026-07-07 09:30",  # four working days left
        "2026-07-06 08:59",  # before office hours
        "2026-07-11 10:00",  # a Saturday, one left
        "2026-07-13 10:00",  # the day itself
    ],
)
def test_on_other_days_and_hours_nobody_is_reminded(clock, moment_):
    s = acts.nominating(clock)
    due_at(s, "2026-07-13 18:00")
    clock.set(moment_)
    tasks.look()
    assert not any(reminded(s, left) for left in range(6))


def test_a_weekend_worked_counts(clock):
    s = acts.nominating(clock)
    due_at(s, "2026-07-13 18:00")
    CalendarDay.objects.filter(day="2026-07-11").update(is_working=True)
    clock.set("2026-07-11 10:00")
    tasks.look()
    assert reminded(s, 1) == {s.d.chiefs[2].pk}


def test_branch_members_who_still_owe_are_reminded(clock):
    s = acts.at_branch(clock)
    acts.judge(s, nominations=[s.a, s.section])
    clock.set("2026-07-10 10:00")
    tasks.look()
    second = {
        one.pk for one in (s.d.other_leader, *s.d.members, s.d.officers[0][2], *s.d.officers[1][1:])
    }
    assert reminded(s, 1) == second


def test_members_of_the_committee_are_reminded(clock):
    s = acts.at_committee(clock)
    everybody = {person.pk for person in s.d.committee}
    assert {one.pk for one in owing.debtors(s.round)} == everybody
    acts.attend(s, absent=[s.d.leader])
    assert owing.debtors(s.round) == [s.d.chair]
    acts.decide(s, s.a, people=[s.d.other_leader])
    clock.set("2026-07-13 10:00")
    tasks.look()
    assert reminded(s, 3) == everybody - {s.d.leader.pk, s.d.other_leader.pk}


def test_nobody_owes_a_sitting_without_items(clock):
    s = acts.at_committee(clock, mark="against")
    assert owing.debtors(s.round) == []


def test_publicity_asks_nothing_of_anybody(clock):
    s = acts.in_publicity(clock)
    clock.set("2026-07-10 10:00")
    Notice.objects.all().delete()
    tasks.look()
    assert not Notice.objects.exists()
    assert owing.debtors(s.round) == []


def test_drafts_do_not_count_as_put_forward(clock):
    s = acts.nominating(clock)
    Nomination.objects.filter(pk=s.b.pk).update(state="withdrawn")
    assert set(owing.chiefs_owing(s.round)) == {s.d.chiefs[1], s.d.chiefs[2]}
    step_round(s.round, "cancelled")
    assert owing.debtors(acts.fresh(s)) == []
