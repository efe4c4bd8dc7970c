from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from scheme import clock
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, CalendarDay, Notice
from scheme.offices import Office
from stars.actions import objections, stages, votes
from stars.models import (
    Award,
    BranchOutcome,
    Decision,
    Nomination,
    Publication,
    Recusal,
    Round,
    RoundMove,
    Seat,
)
from tests.factories import again, appoint, make_nomination, make_staff, moment
from tests.stars import acts

pytestmark = pytest.mark.django_db
S = Round.State


def due(s, clock_) -> None:
    clock_.set(clock.local(acts.fresh(s).due_at).replace(tzinfo=None))


def seats(s, body):
    rows = Seat.objects.filter(round=s.round, body=body).order_by("branch_id", "pk")
    return {row.staff_id: (row.branch_id, row.chairs) for row in rows}


# From the sections to the branches


def test_a_move_says_whether_the_hand_or_the_clock_made_it(clock):
    s = acts.nominating(clock)
    office = s.d.personnel[0]
    stages.advance(s.round.pk, by=office, reason="推星已齐", seen=acts.fresh(s).version)
    assert {move.by for move in s.a.moves.filter(to_state="at_branch")} == {office}
    due(s, clock)
    stages.advance(s.round.pk)
    assert set(s.a.moves.exclude(to_state="at_branch").values_list("by", flat=True)) <= {
        None,
        s.a.made_by_id,
    }


def test_submitted_nominations_go_to_their_branches(clock):
    s = acts.nominating(clock)
    draft = make_nomination(s.round, s.d.officers[0][1], star="geng", state="draft")
    back = make_nomination(s.round, s.d.officers[0][2], star="geng", state="returned")
    clock.set("2026-07-08 18:00")
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-08 18:00"))

    moved = stages.advance(s.round.pk)

    assert moved.state == S.AT_BRANCH
    assert moved.due_at == moment("2026-07-13 18:00")
    assert acts.states(s) == {
        s.a.pk: "at_branch",
        s.b.pk: "at_branch",
        s.section.pk: "at_branch",
        draft.pk: "withdrawn",
        back.pk: "withdrawn",
    }
    move = RoundMove.objects.get()
    assert (move.from_state, move.to_state, move.by) == ("nominating", "at_branch", None)
    assert draft.moves.get().reason == "截止未报"
    assert AuditEntry.objects.get(act="round.advance").after == {
        "state": "at_branch",
        "nominations": 3,
        "withdrawn": 2,
        "seats": len(seats(s, "branch")),
        "recused": Recusal.objects.count(),
        "unfit": 0,
    }
    told = Notice.objects.filter(key=f"nomination:{draft.pk}:unsubmitted")
    assert [notice.to_id for notice in told] == [draft.made_by_id]


def test_the_seats_of_a_branch_are_its_members_of_that_day(clock):
    s = acts.nominating(clock)
    gone = make_staff(s.d.unit, branch=s.d.branches[0], left_on=date(2026, 7, 1))
    acts.push(s)

    held = seats(s, "branch")

    first, second = s.d.branches
    assert held[s.d.chair.pk] == (first.pk, False)
    assert held[s.d.officers[0][2].pk] == (second.pk, False)
    assert gone.pk not in held
    assert len(held) == 17

    make_staff(s.d.unit, branch=first)
    assert seats(s, "branch") == held


def test_without_a_nomination_the_clock_puts_it_off_and_the_office_hears(clock):
    s = acts.nominating(clock)
    Nomination.objects.filter(round=s.round).update(state="withdrawn")
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-10 18:00"))
    clock.set("2026-07-10 18:00")  # a Friday
    version = acts.fresh(s).version

    moved = stages.advance(s.round.pk)

    assert (moved.state, moved.version) == (S.NOMINATING, version + 1)
    assert moved.due_at == moment("2026-07-13 18:00")
    row = RoundMove.objects.get()
    assert row.from_state == row.to_state == "nominating"
    assert row.reason.startswith("顺延：还没有一个科室报来推荐")
    told = Notice.objects.filter(key__contains="postponed")
    assert {notice.to_id for notice in told} == {one.pk for one in s.d.personnel}
    assert AuditEntry.objects.filter(act="round.postpone").count() == 1
    with pytest.raises(Refused, match="没有到期"):
        stages.advance(s.round.pk)


def test_without_a_nomination_the_hand_is_refused(clock):
    s = acts.nominating(clock)
    Nomination.objects.filter(round=s.round).update(state="withdrawn")
    with pytest.raises(Refused, match="还没有一个科室"):
        acts.push(s)
    assert not RoundMove.objects.exists()


def test_beyond_the_calendar_it_is_put_off_by_a_day(clock):
    s = acts.nominating(clock)
    Nomination.objects.filter(round=s.round).update(state="withdrawn")
    CalendarDay.objects.filter(day__gt=date(2026, 7, 10)).delete()
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-10 18:00"))
    clock.set("2026-07-10 18:00")
    assert stages.advance(s.round.pk).due_at == moment("2026-07-11 18:00")


def test_a_date_already_past_gives_the_next_working_day(clock):
    s = acts.nominating(clock)
    clock.set("2026-07-17 19:00")  # a Friday after the branch's last day
    acts.push(s)
    assert s.round.due_at == moment("2026-07-20 18:00")


# Who may push, and how


def test_the_hand_needs_the_right_a_reason_and_the_present_version(clock):
    s = acts.nominating(clock)
    office, version = s.d.personnel[0], s.round.version
    with pytest.raises(PermissionDenied):
        stages.advance(s.round.pk, by=s.d.chair, reason="快点", seen=version)
    with pytest.raises(Refused, match="理由") as refused:
        stages.advance(s.round.pk, by=office, reason="  ", seen=version)
    assert refused.value.field == "reason"
    with pytest.raises(Refused, match="200字"):
        stages.advance(s.round.pk, by=office, reason="长" * 201, seen=version)
    with pytest.raises(Stale):
        stages.advance(s.round.pk, by=office, reason="会议提前", seen=version - 1)
    with pytest.raises(Stale):
        stages.advance(s.round.pk, by=office, reason="会议提前")
    assert acts.fresh(s).state == S.NOMINATING

    acts.push(s)
    move = RoundMove.objects.get()
    assert (move.by, move.reason, move.version) == (office, "会议提前", version)
    assert s.round.version == version + 1
    assert AuditEntry.objects.get(act="round.advance").reason == "会议提前"


@pytest.mark.parametrize("state", [S.PREPARING, S.PUBLISHED, S.CANCELLED])
def test_a_round_that_does_not_run_goes_nowhere(clock, state):
    from tests.factories import make_department, make_round

    d = make_department()
    round_ = make_round(d.unit, state=state, by=d.personnel[0])
    with pytest.raises(Refused, match="不在进行中"):
        stages.advance(round_.pk, by=d.personnel[0], reason="试一试", seen=round_.version)


def test_the_clock_waits_for_its_moment(clock):
    s = acts.nominating(clock)
    with pytest.raises(Refused, match="没有到期"):
        stages.advance(s.round.pk)
    Round.objects.filter(pk=s.round.pk).update(due_at=None)
    with pytest.raises(Refused, match="没有到期"):
        stages.advance(s.round.pk)


# From the branches to the committee


def test_opinions_come_to_outcomes_and_the_refused_close(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "for", nominations=[s.a])
    acts.judge(s, "against", nominations=[s.b])
    acts.judge(s, "abstain", nominations=[s.section])

    acts.push(s)

    got = dict(BranchOutcome.objects.values_list("nomination_id", "outcome"))
    assert got == {s.a.pk: "agreed", s.b.pk: "against", s.section.pk: "split"}
    assert acts.states(s) == {
        s.a.pk: "at_committee",
        s.b.pk: "closed",
        s.section.pk: "at_committee",
    }
    assert s.b.moves.last().reason == "支部评议过半数不赞成"
    row = BranchOutcome.objects.get(nomination=s.a)
    # Branch one: chair, leader, two chiefs, five officers; the nominee and the nominator recused.
    assert (row.entitled, row.recused, row.votes_for) == (9, 2, 7)
    assert s.round.due_at == moment("2026-07-16 18:00")


def test_the_committee_of_that_day_takes_its_seats(clock):
    s = acts.at_branch(clock)
    appoint(s.d.chair, Office.COMMITTEE_MEMBER)
    acts.push(s)
    assert seats(s, "committee") == {
        person.pk: (None, person == s.d.chair) for person in s.d.committee
    }
    told = Notice.objects.filter(key=f"round:{s.round.pk}:at_committee")
    everybody = {one.pk for one in [*s.d.committee, *s.d.personnel]}
    assert {notice.to_id for notice in told} == everybody


def test_without_a_committee_the_stage_waits(clock):
    from scheme.models import Appointment

    s = acts.at_branch(clock)
    Appointment.objects.filter(office__startswith="committee").delete()
    with pytest.raises(Refused, match="部务会成员"):
        acts.push(s)
    assert not BranchOutcome.objects.exists()
    assert set(acts.states(s).values()) == {"at_branch"}


# From the committee to publicity


def test_the_sitting_must_be_complete(clock):
    s = acts.at_committee(clock)
    with pytest.raises(Refused, match="还有3项没有表决"):
        acts.push(s)
    acts.attend(s)
    acts.decide(s, s.a)
    acts.open_item(s, s.b)
    with pytest.raises(Refused, match="正在表决"):
        acts.push(s)
    acts.vote(s, choices={s.b.pk: "against"})
    acts.push(s)
    assert s.round.state == S.PUBLICITY
    assert s.round.meetings.get().state == "closed"


def test_the_clock_puts_an_incomplete_sitting_off(clock):
    s = acts.at_committee(clock)
    due(s, clock)
    moved = stages.advance(s.round.pk)
    assert (moved.state, moved.due_at) == (S.AT_COMMITTEE, moment("2026-07-17 18:00"))
    assert not Decision.objects.exists()


def test_decisions_count_everybody_and_places_go_by_votes(clock):
    s = acts.voted(
        clock, choices=lambda s: {s.a.pk: "for", s.b.pk: "abstain", s.section.pk: "against"}
    )
    acts.push(s)
    fields = ("entitled", "present", "recused", "votes_for", "votes_against", "votes_abstain")
    got = {row.nomination_id: row for row in Decision.objects.all()}
    assert [getattr(got[s.a.pk], name) for name in fields] == [5, 5, 0, 5, 0, 0]
    assert [getattr(got[s.b.pk], name) for name in fields] == [5, 5, 0, 0, 0, 5]
    assert [(got[n.pk].passed, got[n.pk].placed) for n in (s.a, s.b, s.section)] == [
        (True, True),
        (False, False),
        (False, False),
    ]
    assert set(acts.states(s).values()) == {"closed"}


def test_a_member_who_left_early_is_not_waited_for_and_their_votes_stand(clock):
    s = acts.at_committee(clock, places=2)
    acts.attend(s)
    early = s.d.committee[1]
    acts.decide(s, s.a)
    acts.open_item(s, s.b)
    acts.cast_all(s, people=[p for p in s.d.committee if p not in (early, s.d.chair)])
    acts.attend(s, absent=[early])
    acts.vote(s)
    acts.push(s)
    got = {row.nomination_id: (row.present, row.votes_for) for row in Decision.objects.all()}
    assert got == {s.a.pk: (5, 5), s.b.pk: (4, 4), s.section.pk: (4, 4)}


def test_an_open_tie_bars_the_way_until_it_is_settled(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s)
    acts.vote(s)
    with pytest.raises(Refused, match="同票"):
        acts.push(s)
    due(s, clock)
    assert stages.advance(s.round.pk).state == S.AT_COMMITTEE

    votes.settle(
        s.round.pk,
        by=again(s.d.chair),
        star="ye",
        kind="person",
        winners=[s.b.pk],
        reason="任务更重",
    )
    acts.push(s)

    got = {row.nomination_id: row for row in Decision.objects.all()}
    assert (got[s.a.pk].placed, got[s.b.pk].placed) == (False, True)
    assert {got[s.a.pk].settled_by, got[s.b.pk].settled_by} == {s.d.chair}
    assert got[s.b.pk].settled_reason == "任务更重"
    assert got[s.section.pk].settled_by is None


def test_the_branch_share_parts_those_level_in_the_committee(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "for", nominations=[s.a, s.section])
    acts.push(s)
    acts.attend(s)
    acts.vote(s)
    acts.push(s)
    assert Decision.objects.get(nomination=s.a).placed
    assert not Decision.objects.get(nomination=s.b).placed


def test_publicity_counts_working_days_after_the_day_of_publication(clock):
    s = acts.voted(clock, places=2)
    clock.set("2026-09-24 10:00")  # Thursday; 25–27 are the Mid-Autumn days off
    acts.push(s)
    assert s.round.publicity_from == date(2026, 9, 24)
    expected = list(
        CalendarDay.objects.filter(day__gt=date(2026, 9, 24), is_working=True)
        .order_by("day")
        .values_list("day", flat=True)[:5]
    )
    assert s.round.publicity_until == expected[-1] > date(2026, 9, 30)
    assert clock_text(s.round.due_at) == f"{expected[-1]} 18:00"


def clock_text(instant) -> str:
    return clock.local(instant).strftime("%Y-%m-%d %H:%M")


def test_a_committee_without_items_passes_on(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "against")
    acts.push(s)
    assert acts.states(s).keys() and set(acts.states(s).values()) == {"closed"}
    acts.push(s)
    assert s.round.state == S.PUBLICITY and not Decision.objects.exists()


# Publicity and the result


def test_no_office_can_cut_publicity_short(clock):
    s = acts.in_publicity(clock)
    with pytest.raises(Refused, match="没有期满"):
        acts.push(s)
    due(s, clock)
    acts.push(s, "自动任务停了")
    assert s.round.state == S.PUBLISHED
    assert Publication.objects.get().published_by == s.d.personnel[0]


def test_an_open_objection_stops_the_result(clock):
    s = acts.in_publicity(clock)
    objection = objections.raise_(s.round.pk, s.b.pk, by=s.d.officers[1][1], text="事实不符")
    due(s, clock)

    moved = stages.advance(s.round.pk)

    assert moved.state == S.PUBLICITY and not Award.objects.exists()
    due(s, clock)
    with pytest.raises(Refused, match="异议"):
        acts.push(s)
    objections.handle(objection.pk, by=again(s.d.personnel[1]), outcome="upheld", finding="属实")
    due(s, clock)
    # The finding may still be reviewed.
    stages.advance(s.round.pk)
    assert not Award.objects.exists()
    due(s, clock)
    stages.advance(s.round.pk)
    assert set(Award.objects.values_list("nomination_id", flat=True)) == {s.a.pk, s.section.pk}


def test_seconds_of_publicity_count_only_in_a_demonstration(clock, settings):
    s = acts.voted(clock, places=2, publicity_seconds=20)
    settings.DEMO = True
    acts.push(s)
    assert s.round.publicity_until == date(2026, 7, 6)
    assert timedelta(0) < s.round.due_at - clock_now() <= timedelta(seconds=20)
    objections.raise_(s.round.pk, s.a.pk, by=s.d.officers[1][1], text="事实不符")
    clock.advance(seconds=21)
    moved = stages.advance(s.round.pk)
    assert moved.due_at - clock_now() <= timedelta(seconds=20)


def clock_now():
    return clock.now()


def test_seconds_of_publicity_mean_nothing_in_use(clock):
    s = acts.voted(clock, places=2, publicity_seconds=20)
    acts.push(s)
    assert s.round.publicity_until == date(2026, 7, 13)
