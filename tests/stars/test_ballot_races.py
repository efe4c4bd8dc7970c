"""Voting, closing, leaving and standing back at one moment, in real transactions: whatever was
acknowledged is counted, whatever was refused is not, and a box is closed once.

Each race is run on one world by reconsidering the same item again and again. `BALLOT_RACES` sets
how often; the rule of the house before a release is 200.
"""

import os
import random
from types import SimpleNamespace

import pytest

from scheme.errors import Refused
from stars.actions import boxes, recusals, sittings, stages
from stars.ballots import Sitting
from stars.models import Ballot, Box, Decision, Elector, Envelope, Recusal, Round
from tests.factories import again, moment
from tests.stars import acts

TIMES = int(os.environ.get("BALLOT_RACES", "2"))
WORDS = ("for", "against", "abstain", "defer")


def next_box(s) -> Box:
    """Another turn of the first item."""
    if Sitting(acts.fresh(s)).counted(s.a) is None:
        return acts.open_item(s, s.a)
    return boxes.reconsider(
        s.a.pk,
        by=again(s.d.personnel[0]),
        supporters=[person.pk for person in s.d.committee],
        reason="再议",
    )


def refused(results) -> list[Refused]:
    found = [one for one in results if isinstance(one, Exception)]
    assert all(isinstance(one, Refused) for one in found), found
    return found


def counted(box) -> list[str]:
    return list(Ballot.objects.filter(box=box).values_list("choice", flat=True))


@pytest.fixture
def s(race, clock):
    """The stage's moment has come: the clock may close as well."""
    s = acts.at_committee(clock, secret=True, places=2)
    acts.attend(s)
    clock.set("2026-07-16 18:00")
    s.chance = random.Random(7)
    s.people = SimpleNamespace(
        office=lambda: again(s.d.personnel[0]), chair=lambda: again(s.d.chair)
    )
    return s


def test_votes_and_closes_at_one_moment(race, s):
    for _time in range(TIMES):
        vote_and_close(race, s, next_box(s).pk)


def vote_and_close(race, s, key):
    others = s.d.committee[1:]

    def cast(person, word):
        return lambda: boxes.cast(key, by=again(person), choice=word)

    # Everybody at once, one of them four times over.
    words = {person: s.chance.choice(WORDS) for person in others}
    eager = s.chance.choice(others)
    calls = [cast(person, word) for person, word in words.items()]
    results = race(*calls, *[cast(eager, s.chance.choice(WORDS)) for _n in range(3)])
    again_refused = refused(results)
    assert len(again_refused) == 3 and all(one.conflict for one in again_refused)
    assert Envelope.objects.filter(box=key).count() == len(others)

    # The last vote, and three who would close: refused while it is missing, and once only.
    last = s.chance.choice(WORDS)
    closers = [
        lambda: boxes.close(key, by=s.people.office()),
        lambda: boxes.close(key, by=s.people.chair()),
        lambda: boxes.close(key),
    ]
    results = race(cast(s.d.chair, last), *closers)
    assert isinstance(results[0], Elector)
    assert all(one.conflict for one in refused(results))
    done = [one for one in results if isinstance(one, Box)]
    if not done:
        results = race(*closers, *closers)
        assert all(one.conflict for one in refused(results))
        done = [one for one in results if isinstance(one, Box)]
    assert len(done) == 1

    box = Box.objects.get(pk=key)
    laid = counted(box)
    assert len(laid) == len(others) + 1 == len(box.electors.filter(has_voted=True))
    assert laid.count(last) >= 1 and not Envelope.objects.exists()
    tally = (box.votes_for, box.votes_against, box.votes_abstain, box.votes_defer)
    assert tally == tuple(laid.count(word) for word in WORDS)
    # What was given once cannot have been changed by what came later.
    free = [word for person, word in words.items() if person != eager] + [last]
    for word in WORDS:
        assert 0 <= laid.count(word) - free.count(word) <= 1


def test_leaving_and_standing_back_against_voting_and_opening(race, s):
    member, other = s.d.members
    for _time in range(TIMES):
        box = next_box(s)
        meeting, everybody = acts.meeting_of(s), {person.pk for person in s.d.committee}

        def leave(meeting=meeting, everybody=everybody):
            return sittings.record_attendance(
                meeting.pk,
                by=s.people.office(),
                present=everybody - {member.pk},
                absences={member.pk: "接电话"},
                seen=meeting.version,
            )

        voted, _left = race(
            lambda key=box.pk: boxes.cast(key, by=again(member), choice="for"), leave
        )
        row = box.electors.get(staff=member)
        assert (row.standing, row.has_voted) == (
            ("left", False) if isinstance(voted, Refused) else ("due", True)
        )
        acts.cast_all(s, "abstain")
        assert acts.close_box(s).votes_for == int(row.has_voted)
        acts.attend(s)

    # The second item has not been opened: standing back comes before that or not at all.
    seen = acts.meeting_of(s).version
    opened, stood_back = race(
        lambda: boxes.open_(s.b.pk, by=s.people.office(), seen=seen),
        lambda: recusals.declare(s.b.pk, by=again(other), reason="同学"),
    )
    standing = opened.electors.get(staff=other).standing
    assert standing == ("recused" if isinstance(stood_back, Recusal) else "due")
    assert isinstance(stood_back, Recusal | Refused)


def test_the_last_vote_and_the_end_of_the_stage(race, s):
    """Two clocks and the office would go on; the item is counted by them or waits for its vote."""
    for one in (s.b, s.section):
        acts.decide(s, one)
    box = next_box(s)
    acts.cast_all(s, people=s.d.committee[1:])
    Round.objects.filter(pk=s.round.pk).update(due_at=moment("2026-07-16 17:00"))
    version = acts.fresh(s).version
    results = race(
        lambda: boxes.cast(box.pk, by=s.people.chair(), choice="for"),
        lambda: stages.advance(s.round.pk, seen=version),
        lambda: stages.advance(s.round.pk, seen=version),
    )
    assert isinstance(results[0], Elector)
    refused(results)
    round_ = acts.fresh(s)
    if round_.state == "publicity":
        assert Decision.objects.get(nomination=s.a).votes_for == 5
    else:
        # Put off: the vote is in, and the next moment carries it on.
        assert round_.due_at > moment("2026-07-16 18:00") and not Decision.objects.exists()
        acts.close_box(s)
    assert len(counted(box)) == 5
