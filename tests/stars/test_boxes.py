"""One item put to the vote: who may, who must not, what a closed box says. The world is built
once; every test takes its own way from there."""

import hashlib
import json

import pytest
from django.core.exceptions import PermissionDenied

from scheme import sealing
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from stars.actions import boxes, rounds, sittings, stages
from stars.ballots import Sitting
from stars.models import Ballot, Box, Decision, Elector, Envelope, Nomination, Recusal, Vote
from tests.factories import again, appoint, make_staff, moment
from tests.stars import acts

pytestmark = pytest.mark.django_db
WORDS = ("for", "against", "abstain", "defer")


@pytest.fixture
def s(clock, request):
    """A meeting under way, the ballots secret; five members, the chair presides."""
    s = acts.at_committee(clock, secret=True, places=2)
    acts.attend(s)
    return s


@pytest.fixture
def shown(clock):
    """The same with open ballots."""
    s = acts.at_committee(clock, places=2)
    acts.attend(s)
    return s


def cast(box, person, choice="for"):
    return boxes.cast(box.pk, by=again(person), choice=choice)


def recuse(s, nomination, person, kind="ordered"):
    return Recusal.objects.create(
        round=s.round,
        body="committee",
        nomination=nomination,
        staff=person,
        kind=kind,
        at=moment("2026-07-06 10:00"),
    )


def standing(box) -> dict:
    return dict(box.electors.values_list("staff_id", "standing"))


# Opening


def test_opening_freezes_who_is_entitled(s):
    recuse(s, s.a, s.d.leader)
    acts.attend(s, absent=[s.d.members[0]])
    box = acts.open_item(s, s.a)
    frozen = standing(box)
    assert frozen == {
        s.d.chair.pk: "due",
        s.d.leader.pk: "recused",
        s.d.other_leader.pk: "due",
        s.d.members[0].pk: "absent",
        s.d.members[1].pk: "due",
    }
    assert box.electors.get(presides=True).staff == s.d.chair
    assert (box.turn, box.secret, box.state) == (1, True, "open") and len(box.key) > 32
    entry = AuditEntry.objects.get(act="box.open")
    assert entry.after == {
        "nomination": s.a.pk,
        "turn": 1,
        "secret": True,
        "due": 3,
        "absent": 1,
        "recused": 1,
    }
    # Whatever moves meanwhile: a newcomer votes from the next item, a recusal changes nothing.
    acts.attend(s)
    recuse(s, s.a, s.d.other_leader)
    late = make_staff(s.d.unit)
    appoint(late, Office.COMMITTEE_MEMBER)
    assert standing(box) == frozen
    for person, text in (
        (s.d.members[0], "没有到会"),
        (s.d.leader, "须回避"),
        (late, "不是部务会成员"),
    ):
        with pytest.raises(Refused, match=text):
            cast(box, person)
    assert cast(box, s.d.other_leader).has_voted


def test_one_item_at_a_time_by_those_who_lead(s):
    with pytest.raises(Stale):
        boxes.open_(s.a.pk, by=again(s.d.personnel[0]), seen=0)
    for person in (s.d.leader, s.d.officers[0][1]):
        with pytest.raises(PermissionDenied):
            acts.open_item(s, s.a, by=again(person))
    acts.open_item(s, s.a, by=again(s.d.chair))
    with pytest.raises(Refused, match="还有一项正在表决") as refused:
        acts.open_item(s, s.b)
    assert refused.value.conflict
    acts.cast_all(s)
    acts.close_box(s)
    with pytest.raises(Refused, match="按复议办理"):
        acts.open_item(s, s.a)
    Nomination.objects.filter(pk=s.b.pk).update(state="closed")
    with pytest.raises(Refused, match="会上没有这一项"):
        acts.open_item(s, s.b)


def test_the_member_who_presides_leads(clock):
    s = acts.at_committee(clock, places=2)
    acts.attend(s, absent=[s.d.chair])
    assert acts.meeting_of(s).chair == s.d.leader
    box = acts.open_item(s, s.a, by=again(s.d.leader))
    assert box.electors.get(presides=True).staff == s.d.leader
    acts.cast_all(s)
    assert acts.close_box(s, by=again(s.d.leader)).votes_for == 4


def test_nobody_leads_the_ballot_on_themselves(s):
    appoint(s.a.person, Office.COMMITTEE_CHAIR)
    recuse(s, s.b, s.d.chair)
    with pytest.raises(Refused, match="须回避"):
        acts.open_item(s, s.a, by=again(s.a.person))
    with pytest.raises(Refused, match="须回避"):
        acts.open_item(s, s.b, by=again(s.d.chair))
    box = acts.open_item(s, s.b)
    # With whoever presides standing back, nobody is last.
    assert not box.electors.filter(presides=True).exists()
    acts.cast_all(s)
    for act in (
        lambda: boxes.close(box.pk, by=again(s.d.chair)),
        lambda: boxes.void(box.pk, by=again(s.d.chair), reason="试"),
    ):
        with pytest.raises(Refused, match="须回避"):
            act()
    assert acts.close_box(s).recused == 1


def test_no_ballot_without_a_meeting_a_quorum_and_somebody_who_presides(clock):
    s = acts.at_committee(clock)
    with pytest.raises(Refused, match="先宣布开会"):
        acts.open_item(s, s.a)
    acts.attend(s)
    acts.attend(s, absent=[s.d.chair])
    with pytest.raises(Refused, match="主持人不在会上"):
        acts.open_item(s, s.a)
    acts.arrange(s, chair=s.d.members[0])
    acts.attend(s, absent=[s.d.chair, s.d.leader])
    with pytest.raises(Refused, match="须到4人，实到3人"):
        acts.open_item(s, s.a)
    acts.attend(s)
    assert acts.open_item(s, s.a)


def test_ballots_belong_to_the_stage(clock):
    s = acts.at_branch(clock)
    with pytest.raises(Refused, match="还没有开始"):
        boxes.open_(s.a.pk, by=again(s.d.personnel[0]), seen=0)


# Casting


def test_a_secret_ballot_is_an_envelope_and_nothing_else(s):
    box = acts.open_item(s, s.a)
    sizes = set()
    for person, choice in zip([*s.d.committee[1:], s.d.chair], [*WORDS, "for"], strict=True):
        row = cast(box, person, choice)
        assert row.has_voted and vars(row).keys() == vars(Elector.objects.get(pk=row.pk)).keys()
    assert not Vote.objects.exists() and not Ballot.objects.exists()
    for row in Envelope.objects.all():
        sizes.add(len(row.sealed))
        assert not any(word.encode() in bytes(row.sealed) for word in WORDS)
    assert len(sizes) == 1
    for entry in AuditEntry.objects.filter(act="vote.cast"):
        assert entry.after == {"nomination": s.a.pk} and entry.before == {}


def test_an_open_ballot_carries_the_name(shown):
    box = acts.open_item(shown, shown.a)
    cast(box, shown.d.leader, "against")
    vote = Vote.objects.get()
    assert (vote.by, vote.choice, vote.box) == (shown.d.leader, "against", box)
    assert box.key is None and not Envelope.objects.exists()


@pytest.mark.parametrize("secret", [True, False])
def test_once_each_and_the_chair_last(clock, secret):
    s = acts.at_committee(clock, secret=secret)
    acts.attend(s)
    box = acts.open_item(s, s.a)
    with pytest.raises(Refused, match="主持人最后表决，还有4人"):
        cast(box, s.d.chair)
    cast(box, s.d.leader)
    with pytest.raises(Refused, match="一项投一次") as refused:
        cast(box, s.d.leader, "against")
    assert refused.value.conflict
    with pytest.raises(Refused, match="请选") as refused:
        cast(box, s.d.other_leader, "maybe")
    assert refused.value.field == "choice"
    with pytest.raises(PermissionDenied):
        cast(box, s.d.officers[0][1])
    acts.cast_all(s)
    assert box.electors.filter(has_voted=True).count() == 5
    acts.close_box(s)
    with pytest.raises(Refused, match="已经结束") as refused:
        cast(box, s.d.leader)
    assert refused.value.conflict


def test_a_leaver_is_not_waited_for_and_a_vote_given_stands(s):
    box = acts.open_item(s, s.a)
    cast(box, s.d.leader)
    acts.attend(s, absent=[s.d.leader])
    assert standing(box)[s.d.leader.pk] == "due"
    acts.attend(s)
    acts.attend(s, absent=[s.d.members[0]])
    assert standing(box)[s.d.members[0].pk] == "left"
    acts.attend(s)
    with pytest.raises(Refused, match="中离会"):
        cast(box, s.d.members[0])
    acts.cast_all(s)
    box = acts.close_box(s)
    assert (box.entitled, box.present, box.votes_for) == (5, 4, 4)


def test_the_quorum_is_watched_all_through(s):
    box = acts.open_item(s, s.a)
    acts.attend(s, absent=s.d.members)
    with pytest.raises(Refused, match="实到3人，不能表决"):
        cast(box, s.d.leader)
    acts.attend(s, absent=s.d.members[:1])
    acts.cast_all(s)
    acts.attend(s, absent=s.d.members)
    with pytest.raises(Refused, match="实到3人，不能表决"):
        acts.close_box(s)
    meeting = sittings.adjourn(
        acts.meeting_of(s).pk,
        by=again(s.d.chair),
        reason="人数不足",
        seen=acts.meeting_of(s).version,
    )
    box.refresh_from_db()
    assert (box.state, box.void_why, box.key) == ("void", "休会：人数不足", None)
    assert meeting.state == "closed" and not Envelope.objects.exists()


# Closing


def test_a_closed_box_holds_the_choices_in_their_order_and_no_key(s):
    recuse(s, s.a, s.d.members[1])
    box = acts.open_item(s, s.a)
    order = dict(zip(s.d.committee[1:4], ("defer", "for", "against"), strict=True))
    for person, choice in order.items():
        cast(box, person, choice)
    with pytest.raises(Refused, match="还有1票没有投") as refused:
        acts.close_box(s)
    assert refused.value.conflict
    cast(box, s.d.chair, "for")
    box = acts.close_box(s, by=again(s.d.chair))

    assert list(Ballot.objects.values_list("number", "choice")) == [
        (1, "for"),
        (2, "for"),
        (3, "against"),
        (4, "defer"),
    ]
    counted = Box.objects.get()
    assert (counted.entitled, counted.present, counted.recused) == (5, 5, 1)
    assert Sitting(s.round).tally(s.a)[2:] == (2, 1, 0, 1)
    assert counted.key is None and not Envelope.objects.exists()
    assert counted.closed_by == s.d.chair
    # anybody who has the opened ballots makes the hash again.
    body = {
        "box": box.pk,
        "nomination": s.a.pk,
        "turn": 1,
        "secret": True,
        "entitled": 5,
        "present": 5,
        "recused": 1,
        "ballots": ["for", "for", "against", "defer"],
    }
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert counted.digest == hashlib.sha256(text.encode()).hexdigest()
    assert AuditEntry.objects.get(act="box.close").after == {"digest": counted.digest}
    with pytest.raises(Refused, match="已经结束") as refused:
        boxes.close(box.pk, by=again(s.d.chair))
    assert refused.value.conflict
    with pytest.raises(Refused, match="已经结束"):
        boxes.void(box.pk, by=again(s.d.chair), reason="晚了")


@pytest.mark.parametrize("harm", ["damaged", "missing", "strange"])
def test_a_box_that_does_not_open_is_void_and_run_again(s, harm, monkeypatch):
    box = acts.open_item(s, s.a)
    if harm == "strange":
        cast(box, s.d.leader)
        monkeypatch.setattr(sealing, "unseal", lambda key, sealed: ["yes"] * len(sealed))
    elif harm == "damaged":
        with monkeypatch.context() as patched:
            patched.setattr(sealing, "seal", lambda key, choice: b"\0" * 64)
            cast(box, s.d.leader)
    else:
        cast(box, s.d.leader)
        monkeypatch.setattr(sealing, "unseal", lambda key, sealed: ["for"])
    acts.cast_all(s)
    box = acts.close_box(s)
    assert (box.state, box.void_why, box.votes_for) == ("void", "有选票不能打开", None)
    assert not Ballot.objects.exists() and not Envelope.objects.exists()
    monkeypatch.undo()
    told = Notice.objects.filter(key=f"box:{box.pk}:void")
    assert {row.to for row in told} == set(s.d.personnel)
    assert Sitting(s.round).undecided()[0] == s.a
    acts.decide(s, s.a)
    assert Box.objects.get(turn=2).votes_for == 5


def test_the_clock_closes_what_is_voted_when_the_stage_is_due(s, clock):
    acts.decide(s, s.b)
    acts.decide(s, s.section)
    box = acts.open_item(s, s.a)
    acts.cast_all(s)
    with pytest.raises(Refused, match="还没有到期"):
        boxes.close(box.pk)
    clock.set("2026-07-16 18:00")
    assert stages.advance(s.round.pk).state == "publicity"
    box.refresh_from_db()
    assert (box.state, box.closed_by) == ("closed", None)
    assert Decision.objects.get(nomination=s.a).box == box


def test_the_clock_puts_off_what_is_not_voted(s, clock):
    box = acts.open_item(s, s.a)
    acts.cast_all(s)
    clock.set("2026-07-16 18:00")
    assert stages.advance(s.round.pk).state == "at_committee"
    box.refresh_from_db()
    # With the other items still to come, this one waits for whoever leads.
    assert box.state == "open" and Envelope.objects.count() == 5
    assert Notice.objects.filter(to=s.d.personnel[0], text__contains="还有2项没有表决").exists()
    assert acts.close_box(s).votes_for == 5


# Void, deferred, reconsidered


def test_void_needs_a_reason_and_the_item_is_run_again(shown):
    s = shown
    box = acts.open_item(s, s.a)
    cast(box, s.d.leader)
    with pytest.raises(Refused, match="作废的理由"):
        boxes.void(box.pk, by=again(s.d.chair), reason=" ")
    with pytest.raises(PermissionDenied):
        boxes.void(box.pk, by=again(s.d.leader), reason="投错了")
    box = boxes.void(box.pk, by=again(s.d.chair), reason=" 念错了名字 ")
    assert (box.void_why, box.closed_by) == ("念错了名字", s.d.chair)
    acts.decide(s, s.a, "abstain")
    assert [b.state for b in Sitting(s.round).boxes[s.a.pk]] == ["void", "closed"]
    assert Sitting(s.round).tally(s.a)[2:] == (0, 0, 5, 0)


def test_a_deferred_item_may_be_taken_up_again_and_else_has_not_passed(s):
    words = dict(zip(s.d.committee, ("for", "defer", "defer", "defer", "for"), strict=True))
    acts.decide(s, s.a, words.__getitem__)
    acts.decide(s, s.b, words.__getitem__)
    sitting = Sitting(s.round)
    assert sitting.deferred(s.a) and not sitting.passed(s.a) and sitting.is_decided(s.a)
    acts.decide(s, s.a)
    assert Sitting(s.round).passed(s.a)
    acts.decide(s, s.section)
    acts.push(s)
    rows = {row.nomination_id: row for row in Decision.objects.all()}
    assert (rows[s.a.pk].votes_for, rows[s.a.pk].deferred, rows[s.a.pk].box.turn) == (5, False, 2)
    b = rows[s.b.pk]
    assert (b.votes_defer, b.deferred, b.passed, b.placed) == (3, True, False, False)


def test_reconsideration_takes_more_than_half_and_keeps_the_old_ballot(s):
    recuse(s, s.a, s.d.members[1])

    def again_(supporters, reason="材料有新的情况", by=s.d.chair, nomination=s.a):
        keys = [person.pk for person in supporters]
        return boxes.reconsider(nomination.pk, by=again(by), supporters=keys, reason=reason)

    three = s.d.committee[:3]
    with pytest.raises(Refused, match="还没有表决"):
        again_(three)
    acts.decide(s, s.a, "against")
    with pytest.raises(PermissionDenied):
        again_(three, by=s.d.leader)
    with pytest.raises(Refused, match="至少3人"):
        again_(three[:2])
    with pytest.raises(Refused, match="不回避"):
        again_([*three[:2], s.d.members[1]])
    with pytest.raises(Refused, match="复议的理由"):
        again_(three, " ")
    box = again_(three)
    assert (box.turn, box.reconsiders.turn, box.reconsidered_why) == (2, 1, "材料有新的情况")
    assert box.supporters == sorted(person.pk for person in three)
    entry = AuditEntry.objects.filter(act="box.open").order_by("pk").last()
    assert (entry.reason, entry.after["reconsiders"]) == (box.reconsidered_why, box.reconsiders_id)
    # Void, it is run again as what it was; until then the old one counts.
    boxes.void(box.pk, by=again(s.d.chair), reason="掉线")
    assert Sitting(s.round).tally(s.a).votes_against == 4
    box = acts.open_item(s, s.a)
    assert (box.turn, box.reconsiders.turn, len(box.supporters)) == (3, 1, 3)
    acts.cast_all(s)
    acts.close_box(s)
    assert Sitting(s.round).tally(s.a).votes_for == 4
    assert Ballot.objects.filter(box__turn=1).count() == 4


def test_a_round_that_is_given_up_leaves_no_envelope(s):
    box = acts.open_item(s, s.a)
    cast(box, s.d.leader)
    version = acts.fresh(s).version
    rounds.cancel(s.round.pk, by=again(s.d.personnel[0]), reason="机构改革", seen=version)
    box.refresh_from_db()
    assert (box.state, box.key) == ("void", None) and not Envelope.objects.exists()
    assert acts.meeting_of(s).state == "closed"
