"""Ties: the chair's word where arithmetic does not choose between people."""

import pytest
from django.core.exceptions import PermissionDenied

from scheme.errors import Refused
from scheme.models import AuditEntry
from scheme.offices import Office
from stars.actions import boxes, sittings, votes
from stars.ballots import Sitting
from stars.models import Decision, Settlement
from tests.factories import again, appoint, make_nomination
from tests.stars import acts

pytestmark = pytest.mark.django_db


def test_members_stand_back_and_still_count_as_entitled(clock):
    s = acts.nominating(clock)
    head, member = s.d.chiefs[0], s.d.officers[0][1]
    for person in (head, member):
        appoint(person, Office.COMMITTEE_MEMBER)
    own = make_nomination(
        s.round, member, star="geng", state="submitted", by=head, branch=s.d.branches[0]
    )
    acts.push(s)
    acts.judge(s)
    acts.push(s)
    acts.attend(s)
    sitting = Sitting(s.round)
    assert "提名对象" in sitting.why_recused(own, member.pk)
    assert {seat.staff for seat in sitting.recused(s.section)} == {head, member}
    acts.vote(s)
    acts.push(s)
    got = Decision.objects.get(nomination=s.section)
    # Seven entitled: the two who stand back still count, so four votes are needed, five came.
    assert (got.entitled, got.recused, got.votes_for, got.passed) == (7, 2, 5, True)


def test_whether_the_recused_count_as_entitled_is_the_rounds_rule(clock):
    s = acts.nominating(clock, recused_count_as_entitled=False)
    for person in (s.d.chiefs[0], s.d.officers[0][1]):
        appoint(person, Office.COMMITTEE_MEMBER)
    acts.push(s)
    acts.judge(s)
    acts.push(s)
    acts.attend(s)
    sitting = Sitting(s.round)
    least = {one.pk: sitting.least_to_pass(one) for one in sitting.nominations}
    assert (least[s.section.pk], least[s.b.pk]) == (3, 4)


# Ties


@pytest.fixture
def tied(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s)
    acts.vote(s)
    return s


def settle(s, **more):
    more = {"star": "ye", "kind": "person", "winners": [s.a.pk], "reason": "任务更重"} | more
    by = more.pop("by", None) or again(s.d.chair)
    return votes.settle(s.round.pk, by=by, **more)


def test_the_chair_settles_once_with_a_reason(tied):
    row = settle(tied)
    assert (row.winners, row.by, row.reason) == ([tied.a.pk], tied.d.chair, "任务更重")
    assert AuditEntry.objects.get(act="vote.settle").reason == "任务更重"
    with pytest.raises(Refused, match="已经裁定过"):
        settle(tied, winners=[tied.b.pk])
    assert Settlement.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"winners": []}, "选定1项"),
        ({"winners": [0]}, "选定1项"),
        ({"reason": " "}, "理由"),
        ({"reason": "长" * 201}, "200字"),
        ({"star": "geng"}, "没有需要裁定"),
        ({"star": "xiao", "kind": "section"}, "没有需要裁定"),
    ],
)
def test_a_settlement_must_fit_the_tie(tied, more, text):
    with pytest.raises(Refused, match=text):
        settle(tied, **more)
    with pytest.raises(Refused, match="选定1项"):
        settle(tied, winners=[tied.a.pk, tied.b.pk])


def test_nobody_but_the_chair_settles(tied):
    with pytest.raises(PermissionDenied):
        settle(tied, by=again(tied.d.leader))


def test_a_tie_is_not_there_before_the_last_vote(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s)
    acts.decide(s, s.a)
    acts.open_item(s, s.b)
    acts.cast_all(s)
    with pytest.raises(Refused, match="还没有投完"):
        settle(s)
    acts.close_box(s)
    acts.open_item(s, s.section)
    with pytest.raises(Refused, match="还没有投完"):
        settle(s)
    acts.vote(s)
    assert settle(s)


def test_a_chair_who_must_stand_back_does_not_settle(clock):
    s = acts.nominating(clock)
    appoint(s.a.person, Office.COMMITTEE_CHAIR)
    acts.push(s)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.arrange(s, chair=s.d.chair)
    acts.attend(s)
    # Level although one member stands back: five votes each.
    acts.decide(s, s.a)
    acts.decide(s, s.b, lambda one: "abstain" if one == s.a.person else "for")
    acts.vote(s, "abstain")
    with pytest.raises(Refused, match="您须回避"):
        settle(s, by=again(s.a.person))
    assert settle(s)


def test_whoever_presides_settles_while_the_meeting_lasts(clock):
    s = acts.at_branch(clock)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s, absent=[s.d.chair])
    acts.vote(s)
    leader = again(s.d.leader)
    meeting = acts.meeting_of(s)
    with pytest.raises(Refused, match="同票没有裁定"):
        sittings.close(meeting.pk, by=leader, seen=meeting.version)
    sittings.adjourn(meeting.pk, by=leader, reason="等部长", seen=meeting.version)
    with pytest.raises(PermissionDenied):
        settle(s, by=leader)
    assert settle(s).by == s.d.chair


def test_a_ballot_stands_once_places_were_given_on_it(tied):
    s = tied
    settle(s)
    assert Sitting(s.round).is_settled(s.a) and not Sitting(s.round).is_settled(s.section)
    everybody = [person.pk for person in s.d.committee]
    with pytest.raises(Refused, match="不能再表决"):
        boxes.reconsider(s.a.pk, by=again(s.d.chair), supporters=everybody, reason="再议")


def test_a_place_may_stay_empty_by_rule(clock):
    s = acts.at_branch(clock, tie_last="empty")
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s)
    acts.vote(s)
    assert Sitting(s.round).open_ties() == {}
    acts.push(s)
    placed = dict(Decision.objects.values_list("nomination_id", "placed"))
    assert placed == {s.a.pk: False, s.b.pk: False, s.section.pk: True}


# Floating places, over all stars of a kind


def with_third(clock, **more):
    """A third person, for another star; one place each and one floating."""
    s = acts.nominating(clock, floating_persons=1, **more)
    s.c = make_nomination(
        s.round, s.d.officers[1][1], star="geng", state="submitted", branch=s.d.branches[1]
    )
    s.e = make_nomination(
        s.round, s.d.officers[2][1], star="geng", state="submitted", branch=s.d.branches[0]
    )
    acts.push(s)
    acts.judge(s)
    acts.push(s)
    acts.attend(s)
    return s


def placed(s) -> dict:
    rows = Decision.objects.filter(placed=True)
    return dict(rows.values_list("nomination_id", "floating"))


def yes(s, count):
    """So many of the five vote for."""
    return lambda person: "for" if person in s.d.committee[:count] else "abstain"


def test_a_floating_place_goes_to_the_best_of_those_left_out(clock):
    s = with_third(clock)
    for one, count in ((s.a, 5), (s.b, 4), (s.c, 5), (s.e, 3), (s.section, 2)):
        acts.decide(s, one, yes(s, count))
    assert Sitting(s.round).open_ties() == {}
    acts.push(s)
    assert placed(s) == {s.a.pk: False, s.c.pk: False, s.b.pk: True}


def test_a_tie_for_a_floating_place_comes_after_the_stars_own(clock):
    s = with_third(clock, tie_order=[])
    for one, count in ((s.a, 4), (s.b, 4), (s.c, 5), (s.e, 4), (s.section, 5)):
        acts.decide(s, one, yes(s, count))
    # For the star's own place first; only then it is known who is left out.
    assert set(Sitting(s.round).open_ties()) == {("ye", "person")}
    with pytest.raises(Refused, match="没有需要裁定"):
        settle(s, star="", winners=[s.e.pk])
    settle(s, winners=[s.b.pk])
    ties = Sitting(s.round).open_ties()
    assert {key: placing.tied for key, placing in ties.items()} == {
        (None, "person"): {s.a.pk, s.e.pk}
    }
    with pytest.raises(Refused, match="同票"):
        acts.push(s)
    row = settle(s, star="", winners=[s.e.pk], reason="基层一线")
    assert row.star is None
    acts.push(s)
    assert placed(s) == dict.fromkeys([s.b.pk, s.c.pk, s.section.pk], False) | {s.e.pk: True}
    reasons = dict(Decision.objects.values_list("nomination_id", "settled_reason"))
    assert reasons[s.b.pk] == "任务更重" and reasons[s.e.pk] == reasons[s.a.pk] == "基层一线"


# What parts those who are level


@pytest.mark.parametrize(
    ("criterion", "less", "more"),
    [
        ("tasks", {"tasks": {"done": 2}}, {"tasks": {"done": 3}}),
        ("deductions", {"deduction": "-0.5"}, {"deduction": "-0.2"}),
        ("score", {"score": "20.50"}, {"score": "20.51"}),
    ],
)
def test_the_frozen_dossier_parts_those_who_are_level(clock, criterion, less, more):
    s = acts.at_branch(clock, tie_order=["branch", criterion])
    for one, body in ((s.a, less), (s.b, more)):
        card = {"star": "ye", "base": "20", "deduction": "-0.5", "bonus": "1", "score": "20.50"}
        body = {key: value for key, value in body.items() if key == "tasks"} | {
            "cards": [card | body]
        }
        acts.make_dossier(one, **body)
    acts.judge(s, "abstain")
    acts.push(s)
    acts.attend(s)
    acts.vote(s)
    assert Sitting(s.round).given(("ye", "person")) == {s.b.pk}
    assert Sitting(s.round).open_ties() == {}


def test_the_mean_of_the_branch_parts_where_marks_are_given(tied):
    """As the rules of another round would have it: read, not stored."""
    sitting = Sitting(tied.round)
    sitting.round.branch_method = "marks"
    for one in sitting.nominations:
        one.branch_outcome.mean = "91.250" if one == tied.a else "90.000"
    assert sitting.given(("ye", "person")) == {tied.a.pk}
