import pytest
from django.core.exceptions import PermissionDenied

from scheme import clock as house_clock
from scheme import jobs
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, CalendarDay, Job, Notice
from stars import owing, readiness, tasks
from stars.actions import objections, reminders
from stars.models import Meeting, Nomination, Objection, Round, RoundMove
from tests.factories import (
    again,
    make_department,
    make_nomination,
    make_round,
    moment,
    step_round,
)
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
    look(kind="stars.advance")
    assert acts.fresh(s).due_at == moment("2026-07-17 18:00")
    acts.attend(s)
    acts.vote(s, choices={s.b.pk: "against"})
    clock.set("2026-07-17 18:00")
    tasks.look()
    assert jobs.run(Job.objects.first().pk)
    assert acts.fresh(s).state == S.PUBLICITY


@pytest.mark.parametrize("state", [S.PUBLISHED, S.CANCELLED])
def test_rounds_that_do_not_run_are_let_be(clock, state):
    clock.set("2026-07-06 10:00")
    d = make_department()
    make_round(d.unit, state=state, by=d.personnel[0], due_at=moment("2026-07-01 18:00"))
    tasks.look()
    assert not Job.objects.exists() and not Notice.objects.exists()


# Reminders


def look(*, kind="stars.remind"):
    """The clock looks twice, and a worker does what there is of the kind."""
    tasks.look()
    tasks.look()
    for job in Job.objects.filter(kind=kind, state="waiting"):
        assert jobs.run(job.pk)


def reminded(s, left=None, what="stage"):
    rows = Notice.objects.filter(key__contains=f":{what}:", key__startswith=f"round:{s.round.pk}:")
    if left is not None:
        rows = rows.filter(key__endswith=f":{left}")
    return set(rows.values_list("to_id", flat=True))


def test_chiefs_without_a_nomination_are_reminded(clock):
    s = acts.nominating(clock)
    due_at(s, "2026-07-14 18:00")
    for day, left in [("2026-07-07", 5), ("2026-07-09", 3), ("2026-07-13", 1)]:
        clock.set(f"{day} 09:30")
        look()
        # Sections one and two have put forward; the office's own has not.
        assert reminded(s, left) == {s.d.chiefs[2].pk}
    assert Notice.objects.filter(to=s.d.chiefs[2]).count() == 3
    text = Notice.objects.filter(to=s.d.chiefs[2]).order_by("pk").first().text
    assert "7月14日18:00" in text and "5个工作日" in text
    keys = Job.objects.order_by("pk").values_list("dedupe_key", flat=True)
    assert keys[0] == f"{s.round.pk}:nominating:stage:2026-07-07"
    assert {job.result["told"] for job in Job.objects.all()} == {1}


def test_a_reminder_belongs_to_its_day(clock):
    """Registered and not done for an outage, it is dropped; what is due today is sent, once."""
    s = acts.nominating(clock)
    due_at(s, "2026-07-14 18:00")
    clock.set("2026-07-09 09:30")
    tasks.look()
    late = Job.objects.get()
    clock.set("2026-07-13 16:00")
    look()
    late.refresh_from_db()
    assert late.result == {"skipped": "past"}
    assert reminded(s, 3) == set() and reminded(s, 1) == {s.d.chiefs[2].pk}
    assert Job.objects.count() == 2
    # The stage is over before the reminder is sent: nobody is told any more.
    Notice.objects.all().delete()
    Job.objects.filter(dedupe_key__endswith="07-13").update(state="waiting", finished_at=None)
    acts.push(s)
    look()
    assert not reminded(s)


@pytest.mark.parametrize("gap", [True, False])
def test_the_office_is_reminded_to_open_what_nobody_but_a_person_opens(clock, monkeypatch, gap):
    clock.set("2026-07-06 10:00")
    d = make_department()
    round_ = make_round(d.unit, nominate_until=moment("2026-07-13 00:00").date())
    if not gap:
        monkeypatch.setattr(readiness, "missing", lambda round_: [])
    look()
    notice = Notice.objects.filter(key__contains=":opening:")
    assert set(notice.values_list("to_id", flat=True)) == {one.pk for one in d.personnel}
    assert ("还缺" in notice.first().text) == gap
    clock.set("2026-07-14 10:00")
    look()
    round_.refresh_from_db()
    assert round_.state == S.PREPARING and Job.objects.count() == 1


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
    look()
    assert not any(reminded(s, left) for left in range(6))


def test_a_weekend_worked_counts(clock):
    s = acts.nominating(clock)
    due_at(s, "2026-07-13 18:00")
    CalendarDay.objects.filter(day="2026-07-11").update(is_working=True)
    clock.set("2026-07-11 10:00")
    look()
    assert reminded(s, 1) == {s.d.chiefs[2].pk}


def test_branch_members_who_still_owe_are_reminded(clock):
    s = acts.at_branch(clock)
    acts.judge(s, nominations=[s.a, s.section])
    clock.set("2026-07-10 10:00")
    look()
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
    look()
    assert reminded(s, 3) == everybody - {s.d.leader.pk, s.d.other_leader.pk}
    # A ballot left open over night: whoever presides, and the office.
    assert reminded(s, what="item") == {s.d.chair.pk, *(one.pk for one in s.d.personnel)}
    # And the secretaries, of the records of their branches.
    assert reminded(s, what="records") == {one.pk for one in s.d.secretaries}
    assert not reminded(s, what="ties")


def test_ties_wait_for_whoever_presides(clock):
    s = acts.voted(clock, places=1, tie_order=[])
    clock.set("2026-07-07 10:00")
    look()
    assert reminded(s, what="ties") == {s.d.chair.pk}
    assert not reminded(s, what="item")
    Meeting.objects.update(chair=None)
    assert owing.chairs_with_ties(s.round) == [s.d.chair]


def test_objections_and_the_last_day_of_publicity(clock):
    s = acts.in_publicity(clock)
    first, other = (
        objections.raise_(s.round.pk, one.pk, by=again(s.d.officers[2][1]), text="数字有出入。")
        for one in (s.a, s.b)
    )
    clock.set("2026-07-07 10:00")
    look()
    office = {one.pk for one in s.d.personnel}
    assert reminded(s, what="objections") == office
    assert "2条异议" in Notice.objects.filter(key__contains=":objections:").first().text
    Objection.objects.filter(pk=first.pk).update(
        assigned_to=s.d.leader, assigned_at=house_clock.now()
    )
    clock.set("2026-07-08 10:00")
    look()
    assert reminded(s, what="objections") == {*office, s.d.leader.pk}
    last = house_clock.local(acts.fresh(s).due_at).date()
    clock.set(f"{last} 10:00")
    look()
    notice = Notice.objects.filter(key__contains=":last_day:").first()
    assert reminded(s, 0, "last_day") == office and "还有2条异议" in notice.text
    assert other.nomination == s.b


# By hand


def test_the_office_reminds_everybody_once_a_day(clock):
    s = acts.nominating(clock)
    due_at(s, "2026-07-14 18:00")
    office = s.d.personnel[0]

    def press(by=office, seen=None):
        version = acts.fresh(s).version if seen is None else seen
        return reminders.press(s.round.pk, by=again(by), seen=version)

    assert press() == press() == 1
    assert reminded(s, what="pressed") == {s.d.chiefs[2].pk}
    assert Notice.objects.count() == 1 and "机关人事科提醒" in Notice.objects.get().text
    assert AuditEntry.objects.filter(act="round.remind", actor=office).count() == 2
    with pytest.raises(Stale):
        press(seen=99)
    with pytest.raises(PermissionDenied):
        press(by=s.d.chair)
    make_nomination(s.round, s.d.office, star="xin", state="submitted")
    with pytest.raises(Refused, match="都办完了"):
        press()
    step_round(s.round, "cancelled")
    with pytest.raises(Refused, match="没有要催办的人"):
        press()


def test_nobody_owes_a_sitting_without_items(clock):
    s = acts.at_committee(clock, mark="against")
    assert owing.debtors(s.round) == []


def test_publicity_without_objections_asks_nothing_but_its_last_day(clock):
    s = acts.in_publicity(clock)
    clock.set("2026-07-10 10:00")
    Notice.objects.all().delete()
    look()
    assert not Notice.objects.exists()
    assert owing.debtors(s.round) == []
    last = house_clock.local(acts.fresh(s).due_at).date()
    clock.set(f"{last} 10:00")
    look()
    assert "到时自动公布" in Notice.objects.filter(key__contains=":last_day:").first().text


def test_drafts_do_not_count_as_put_forward(clock):
    s = acts.nominating(clock)
    Nomination.objects.filter(pk=s.b.pk).update(state="withdrawn")
    assert set(owing.chiefs_owing(s.round)) == {s.d.chiefs[1], s.d.chiefs[2]}
    step_round(s.round, "cancelled")
    assert owing.debtors(acts.fresh(s)) == []
