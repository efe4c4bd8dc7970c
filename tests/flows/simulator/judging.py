"""The branches' opinions and the committee's sitting, with what goes wrong in them."""

from functools import partial

from django.core.exceptions import PermissionDenied

from scheme import clock as house_clock
from scheme.errors import Refused
from stars.actions import boxes, opinions, recusals, sittings, votes
from stars.actions.opinions import Given
from stars.ballots import Sitting
from stars.models import Ballot, Box, BranchOutcome, Elector, Envelope, Nomination, Opinion, Seat
from tests.factories import again
from tests.flows.simulator import ties
from tests.flows.simulator.mishaps import cut_off, refused
from tests.flows.simulator.oracle import (
    Places,
    ballot,
    branch_mean,
    branch_outcome,
    cut_off_at_thousandths,
)

CHOICES = ("for", "against", "abstain", "defer")


def at_branches(play) -> None:
    w, rules, rng = play.w, play.rules, play.w.rng
    day = house_clock.today()
    for item in play.items.values():
        item.seats = {pk for pk, branch in w.branch_of.items() if branch == item.branch}
        item.recused_at_branch = ties.in_branch(w, item, rules, day) & item.seats
    found = set(
        Seat.objects.filter(round=play.round, body="branch").values_list("staff_id", "branch_id")
    )
    judged = {item.branch for item in play.items.values()}
    assert found == {(who, b) for who, b in w.branch_of.items() if b in judged}
    for person in rng.sample(w.people, len(w.people)):
        mine = [i for i in play.items.values() if person.pk in i.seats - i.recused_at_branch]
        given = {i.pk: _opinion(rules, rng) for i in mine if rng.random() < 0.85}
        if given:
            _give(play, person, given)
        recused = [i for i in play.items.values() if person.pk in i.recused_at_branch]
        if recused and rng.random() < 0.3:
            barred = {recused[0].pk: "for"}
            refused(partial(_give_now, play, person, barred), Refused)


def _opinion(rules, rng) -> str:
    if rules.method == "marks":
        return str(rng.choice((55, 60, 70, 80, 85, 90, 95, 100)))
    return rng.choices(("for", "against", "abstain"), (7, 2, 1))[0]


def _give_now(play, person, given) -> None:
    rows = Nomination.objects.in_bulk(list(given))
    marks = {pk: Given(mark, "", rows[pk].version) for pk, mark in given.items()}
    opinions.give_all(play.round.pk, by=again(person), marks=marks)


def _give(play, person, given) -> None:
    rng = play.w.rng
    if rng.random() < 0.05:
        cut_off(rng, lambda: _give_now(play, person, given))
    _give_now(play, person, given)
    if rng.random() < 0.1:
        refused(lambda: _give_now(play, person, given), Refused)
    for pk, mark in given.items():
        play.items[pk].opinions[person.pk] = int(mark) if mark.isdigit() else mark


def outcomes_are_right(play) -> None:
    leads, rules = ties.leads(play.w), play.rules
    found = {one.nomination_id: one for one in BranchOutcome.objects.all()}
    assert set(found) == set(play.items)
    assert Opinion.objects.count() == sum(len(i.opinions) for i in play.items.values())
    for pk, item in play.items.items():
        row, words = found[pk], list(item.opinions.values())
        assert row.outcome == branch_outcome(item, leads, rules), pk
        assert (row.entitled, row.recused) == (len(item.seats), len(item.recused_at_branch))
        if rules.method == "marks":
            mean = branch_mean(item, leads, rules)
            assert row.given == len(words)
            assert (row.mean is None) == (mean is None)
            if mean is not None:
                assert row.mean == cut_off_at_thousandths(mean)
        else:
            told = (row.votes_for, row.votes_against, row.votes_abstain)
            assert told == tuple(words.count(word) for word in ("for", "against", "abstain"))
    play.items = {pk: item for pk, item in play.items.items() if found[pk].outcome != "against"}


def sit(play) -> None:
    """One meeting or two; item by item; ties settled."""
    w, rng, day = play.w, play.w.rng, house_clock.today()
    for item in play.items.values():
        members = {one.pk for one in w.committee}
        item.recused = ties.in_committee(w, item, play.rules, day) & members
    sitting = Sitting(play.fresh())
    assert {one.pk for one in sitting.nominations} == set(play.items)
    for item in play.items.values():
        assert set(sitting.recusals.get(item.pk, {})) == item.recused, item
    _arrange(play)
    _attend(play, away=set(rng.sample([m.pk for m in w.committee[2:]], 1)))
    play.lead("begin")
    order = list(play.items.values())
    rng.shuffle(order)
    _stand_back(play, order[-1])
    half = len(order) // 2
    for n, item in enumerate(order):
        if n == half and rng.random() < 0.4:
            _adjourn(play)
        _vote_on(play, item)
    for item in order:
        if ballot(item, len(w.committee), play.rules)[1] == "deferred" and rng.random() < 0.5:
            _vote_on(play, item)
    _reconsider(play, order)
    _settle(play)


def _meeting(play):
    return Sitting(play.fresh()).meeting


def _arrange(play) -> None:
    meeting, w = _meeting(play), play.w
    sittings.arrange(
        meeting.pk, by=again(w.personnel[0]), seen=meeting.version, held_on=house_clock.today(),
        place="三楼会议室", chair=w.chairs[0], recorder=None, scrutineer=None, teller=None,
    )  # fmt: skip
    play.presiding = w.chairs[0].pk


def _attend(play, *, away: set[int]) -> None:
    meeting, w = _meeting(play), play.w
    sittings.record_attendance(
        meeting.pk, by=again(w.personnel[0]), seen=meeting.version,
        present={m.pk for m in w.committee} - away, absences=dict.fromkeys(away, "出差"),
    )  # fmt: skip
    play.away = away


def _stand_back(play, item) -> None:
    """A member asks to, before the item is put to the vote."""
    free = [m for m in play.w.committee[2:] if m.pk not in item.recused]
    if len(free) > 4:
        member = play.w.rng.choice(free)
        recusals.declare(item.pk, by=again(member), reason="多年同事，主动回避")
        item.recused.add(member.pk)


def _adjourn(play) -> None:
    w, meeting = play.w, _meeting(play)
    chair = again(w.chairs[0])
    sittings.adjourn(meeting.pk, by=chair, reason="时间已晚", seen=meeting.version)
    refused(
        lambda: sittings.adjourn(meeting.pk, by=chair, reason="再休", seen=meeting.version),
        Refused,
    )
    sittings.call(
        play.round.pk, by=again(w.personnel[0]), held_on=house_clock.today(), place="三楼会议室",
        reason="续议其余各项",
    )  # fmt: skip
    _arrange(play)
    _attend(play, away=set())
    play.lead("begin")


def _vote_on(play, item) -> None:
    w, rng = play.w, play.w.rng
    leader = _leader(play, item)

    def open_it():
        return boxes.open_(item.pk, by=leader, seen=_meeting(play).version)

    if rng.random() < 0.15:
        cut_off(rng, open_it)
    box = open_it()
    due = {m.pk for m in w.committee} - play.away - item.recused
    found = Elector.objects.filter(box=box, standing="due").values_list("staff_id", flat=True)
    assert set(found) == due, item
    item.votes = {}
    gone = _leave(play, due) if rng.random() < 0.12 else set()
    voters = [m for m in w.committee if m.pk in due - gone]
    rng.shuffle(voters)
    voters.sort(key=lambda m: m.pk == play.presiding)
    weights = rng.choice([(6, 2, 1, 1), (8, 1, 1, 0), (1, 1, 0, 8)])
    for n, member in enumerate(voters):
        if n == 0 and play.presiding in due and len(voters) > 1:
            chair = again(next(m for m in w.committee if m.pk == play.presiding))
            refused(partial(boxes.cast, box.pk, by=chair, choice="for"), Refused)
        _cast(play, box, item, member, rng.choices(CHOICES, weights)[0])
        if n < len(voters) - 1 and rng.random() < 0.1:
            refused(lambda: boxes.close(box.pk, by=leader), Refused)
    for member in w.committee:
        if member.pk in item.recused | play.away and rng.random() < 0.2:
            refused(lambda m=member: boxes.cast(box.pk, by=again(m), choice="for"), Refused)
    _close(play, box, item, leader)


def _leader(play, item):
    """Chair or office, whoever does not stand back and is not the nominee."""
    w = play.w
    able = [w.chairs[0], *w.personnel, w.chairs[1]]
    return again(next(p for p in able if p.pk not in item.recused and p.pk != item.person))


def _leave(play, due: set[int]) -> set[int]:
    """Somebody goes while the ballot is on; the quorum stays."""
    w = play.w
    if len(w.committee) - len(play.away) < 7:
        return set()
    others = [pk for pk in sorted(due) if pk != play.presiding]
    if not others:
        return set()
    gone = {play.w.rng.choice(others)}
    _attend(play, away=play.away | gone)
    return gone


def _cast(play, box, item, member, choice) -> None:
    rng = play.w.rng

    def act():
        return boxes.cast(box.pk, by=again(member), choice=choice)

    if rng.random() < 0.04:
        cut_off(rng, act)
    act()
    item.votes[member.pk] = choice
    if rng.random() < 0.1:
        refused(act, Refused)


def _close(play, box, item, leader) -> None:
    rng, w = play.w.rng, play.w
    nobody = again(next(m for m in w.committee[2:]))
    refused(lambda: boxes.close(box.pk, by=nobody), PermissionDenied, Refused)
    if rng.random() < 0.08:
        boxes.void(box.pk, by=leader, reason="议题读错")
        assert not Envelope.objects.filter(box=box).exists()
        return _vote_on(play, item)
    if rng.random() < 0.15:
        cut_off(rng, lambda: boxes.close(box.pk, by=leader))
    boxes.close(box.pk, by=leader)
    # The other chair, a moment later.
    other = again(w.chairs[1])
    refused(lambda: boxes.close(box.pk, by=other), Refused, PermissionDenied)
    box = Box.objects.get(pk=box.pk)
    counts, _word = ballot(item, len(w.committee), play.rules)
    told = {name: getattr(box, f"votes_{name}") for name in counts}
    assert told == counts, item
    assert (box.entitled, box.recused) == (len(w.committee), len(item.recused))
    assert not Envelope.objects.filter(box=box).exists() and box.key is None
    if box.secret:
        laid = list(Ballot.objects.filter(box=box).values_list("choice", flat=True))
        assert sorted(laid) == sorted(item.votes.values())
        assert not box.votes.exists()
    return None


def _reconsider(play, order) -> None:
    w, rng = play.w, play.w.rng
    if rng.random() < 0.5:
        return
    item = rng.choice(order)
    able = [m for m in w.committee if m.pk not in item.recused | play.away]
    leader = _leader(play, item)
    refused(
        lambda: boxes.reconsider(item.pk, by=leader, supporters=[able[0].pk], reason="想一想"),
        Refused,
    )
    of = len(w.committee) - (0 if play.rules.recused_count else len(item.recused))
    if len(able) * 2 <= of:
        return
    box = boxes.reconsider(item.pk, by=leader, supporters=[m.pk for m in able], reason="有新情况")
    boxes.void(box.pk, by=leader, reason="先听汇报")
    _vote_on(play, item)


def _settle(play) -> None:
    w = play.w
    play.places = Places(list(play.items.values()), len(w.committee), ties.leads(w), play.rules)
    for _n in range(20):
        open_ties = play.places.open_ties()
        if not open_ties:
            break
        for key, (level, left) in sorted(open_ties.items(), key=str):
            winners = set(w.rng.sample(sorted(level), left))
            back = {pk for one in level for pk in play.items[one].recused}
            chair = next(c for c in w.chairs if c.pk not in back)
            votes.settle(
                play.round.pk, by=again(chair), star=key[0], kind=key[1], winners=winners,
                reason="按平时表现",
            )  # fmt: skip
            play.places.settled[key] = winners
    assert not Sitting(play.fresh()).open_ties()
