"""A sitting walked through at random, against an oracle in plain Python that knows nothing of the
database: what is refused, who is waited for, and what a ballot comes to must agree at every step.

`SITTING_STEPS` sets the length of a walk and `SITTING_WALKS` their number; the rule of the house
before a release is 500 walks of 40 steps.
"""

import os
import random
from fractions import Fraction

import pytest
from django.db import transaction

from scheme.errors import Refused
from stars.actions import boxes, recusals, sittings
from stars.ballots import Sitting
from tests.factories import again
from tests.stars import acts

WALKS = int(os.environ.get("SITTING_WALKS", "2"))
STEPS = int(os.environ.get("SITTING_STEPS", "40"))
WORDS = ("for", "against", "abstain", "defer")
pytestmark = pytest.mark.django_db


class Oracle:
    """Members and items are names; the chair is the first member."""

    def __init__(self, members, items, *, recused_count, secret):
        self.members, self.chair, self.items = members, members[0], items
        self.recused_count = recused_count
        self.room, self.recused = set(members), {one: set() for one in items}
        self.last = dict.fromkeys(items)  # the ballot that counts: (words, recused)
        self.failed = dict.fromkeys(items, False)  # the newest ballot was void
        self.open, self.due, self.gone, self.given = None, set(), set(), {}
        self.secret, self.named = secret, {one: set() for one in items}  # open votes ever given

    def quorum(self):
        return 3 * len(self.room) >= 2 * len(self.members)

    def of(self, recused):
        return len(self.members) - (0 if self.recused_count else len(recused))

    def more_than_half(self, count, recused):
        return Fraction(count, 1) > Fraction(self.of(recused), 2)

    def deferred(self, one):
        words, recused = self.last[one]
        return self.more_than_half(words.count("defer"), recused)

    def passed(self, one):
        words, recused = self.last[one]
        return self.more_than_half(words.count("for"), recused) and not self.deferred(one)

    def awaited(self):
        return self.due - self.gone - set(self.given)

    # Each: may it be done? If so it is.

    def put(self, one):
        again_ = self.last[one] is None or self.failed[one] or self.deferred(one)
        return self._opens(one) if again_ else False

    def reconsider(self, one, wanted):
        fit = wanted <= self.room - self.recused[one]
        enough = self.more_than_half(len(wanted), self._frozen(one)[1])
        return self._opens(one) if self.last[one] and fit and enough else False

    def _frozen(self, one):
        return self.last[one] or ((), self.recused[one])

    def _opens(self, one):
        if self.open or not self.quorum() or self.chair not in self.room:
            return False
        self.open, self.gone, self.given = one, set(), {}
        self.frozen = set(self.recused[one])
        self.due = self.room - self.frozen
        return True

    def cast(self, who, word):
        waits = who == self.chair and self.awaited() != {who}
        if not self.open or who not in self.awaited() or not self.quorum() or waits:
            return False
        self.given[who] = word
        if not self.secret:
            self.named[self.open].add(who)
        return True

    def close(self):
        if not self.open or self.awaited() or not self.quorum():
            return False
        self.last[self.open] = (sorted(self.given.values()), self.frozen)
        self.failed[self.open], self.open = False, None
        return True

    def void(self):
        if not self.open:
            return False
        self.failed[self.open], self.open = True, None
        return True

    def stand_back(self, who, one):
        voted = self.last[one] is not None or self.open == one or who in self.named[one]
        if voted or who in self.recused[one]:
            return False
        self.recused[one].add(who)
        return True

    def move(self, room):
        if self.open:
            self.gone |= (self.due - set(self.given)) & (self.room - room)
        self.room = room
        return True


def walk(s, oracle, chance):
    items = {one.pk: one for one in (s.a, s.b, s.section)}
    for _step in range(STEPS):
        step(s, oracle, chance, items)
        compare(s, oracle, items)


def step(s, oracle, chance, items):
    people = {person.pk: person for person in s.d.committee}
    office = s.d.personnel[0]

    def meeting():
        return Sitting(s.round).meeting

    def box():
        found = Sitting(s.round).open_box
        return found.pk if found else None

    def agree(foreseen, act):
        try:
            with transaction.atomic():
                act()
        except Refused as refused:
            assert not foreseen, refused
        else:
            assert foreseen

    who, one = chance.choice(list(people)), chance.choice(list(items))
    match chance.choices(
        ("cast", "next", "close", "open", "void", "again", "back", "move"),
        (6, 10, 4, 5, 1, 2, 1, 3),
    )[0]:
        case "cast" if oracle.open:
            word, key = chance.choice(WORDS), box()
            agree(
                oracle.cast(who, word),
                lambda: boxes.cast(key, by=again(people[who]), choice=word),
            )
        case "next" if oracle.open and oracle.awaited():
            # Whoever may go next does, so that walks get somewhere.
            who = next(iter(sorted(oracle.awaited() - {oracle.chair})), oracle.chair)
            word, key = chance.choice(WORDS), box()
            agree(
                oracle.cast(who, word),
                lambda: boxes.cast(key, by=again(people[who]), choice=word),
            )
        case "close" if oracle.open:
            key = box()
            agree(oracle.close(), lambda: boxes.close(key, by=again(office)))
        case "open":
            seen = meeting().version
            agree(oracle.put(one), lambda: boxes.open_(one, by=again(office), seen=seen))
        case "void" if oracle.open:
            key = box()
            agree(oracle.void(), lambda: boxes.void(key, by=again(office), reason="掉线"))
        case "again":
            wanted = set(chance.sample(list(people), chance.randint(2, 5)))
            agree(
                oracle.reconsider(one, wanted),
                lambda: boxes.reconsider(one, by=again(office), supporters=wanted, reason="再议"),
            )
        case "back":
            agree(
                oracle.stand_back(who, one),
                lambda: recusals.declare(one, by=again(people[who]), reason="同学"),
            )
        case "move":
            room = set(chance.sample(list(people), chance.choice((3, 4, 4, 5, 5, 5))))
            now = meeting()
            agree(
                oracle.move(room),
                lambda: sittings.record_attendance(
                    now.pk,
                    by=again(office),
                    present=room,
                    absences=dict.fromkeys(set(people) - room, "有事"),
                    seen=now.version,
                ),
            )


def compare(s, oracle, items):
    sitting = Sitting(s.round)
    assert sitting.has_quorum == oracle.quorum() and sitting.came == oracle.room
    assert (sitting.open_box.nomination_id if sitting.open_box else None) == oracle.open
    if oracle.open:
        assert sitting.awaited(items[oracle.open]) == oracle.awaited()
        assert sitting.voted(items[oracle.open]) == set(oracle.given)
    for pk, one in items.items():
        if oracle.last[pk] is None:
            assert sitting.tally(one) is None and not sitting.passed(one)
            continue
        words, recused = oracle.last[pk]
        count = sitting.tally(one)
        assert count == (5, len(recused), *(words.count(word) for word in WORDS))
        assert (sitting.passed(one), sitting.deferred(one)) == (
            oracle.passed(pk),
            oracle.deferred(pk),
        )


@pytest.mark.parametrize("secret", [True, False])
def test_the_oracle_agrees_at_every_step(clock, secret):
    s = acts.at_committee(clock, secret=secret, recused_count_as_entitled=secret)
    acts.attend(s)
    for seed in range(WALKS):
        with transaction.atomic():
            members = [person.pk for person in s.d.committee]
            items = [s.a.pk, s.b.pk, s.section.pk]
            oracle = Oracle(members, items, recused_count=secret, secret=secret)
            walk(s, oracle, random.Random(seed * 2 + secret))
            transaction.set_rollback(True)
        acts.fresh(s)
