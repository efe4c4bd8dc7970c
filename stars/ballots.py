"""The committee's sitting: meetings, attendance, recusals and ballots, loaded in a few queries and
counted here.

Nothing of a ballot is known before it is closed, whoever asks: of an open box this reader knows
who is to vote and who has, and nothing else. What a closed box came to stands in its own columns.
"""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property

from django.db.models import Q

from stars import counting, recusal
from stars.counting import Count, Share, Tally
from stars.models import Box, Dossier, Elector, Meeting, Nomination, Round, Seat
from stars.models.round import BranchMethod, TieLast

# A star and a kind of nominee; without a star, the floating places of the kind.
Key = tuple[str | None, str]


class Sitting:
    """Everything before the committee in one round."""

    def __init__(self, round_: Round):
        self.round = round_
        before_it = Q(state=Nomination.State.AT_COMMITTEE) | Q(decision__isnull=False)
        self.nominations = list(
            Nomination.objects.filter(before_it, round=round_)
            .select_related("star", "person", "section", "branch", "branch_outcome")
            .order_by("star__position", "kind", "pk")
        )
        self.seats = list(
            Seat.objects.filter(round=round_, body=Seat.Body.COMMITTEE)
            .select_related("staff")
            .order_by("-chairs", "staff__sort_weight", "staff__staff_no")
        )
        self.recusals = recusal.of(round_, Seat.Body.COMMITTEE)
        self.meetings = list(
            round_.meetings.select_related("chair", "recorder", "scrutineer", "teller")
        )
        # Turns of each nomination, in order.
        self.boxes: dict[int, list[Box]] = defaultdict(list)
        for box in Box.objects.filter(meeting__round=round_).order_by("turn"):
            self.boxes[box.nomination_id].append(box)
        self.settlements = {
            (one.star_id, one.kind): one for one in round_.settlements.select_related("by")
        }

    # The meeting and who is there

    @property
    def meeting(self) -> Meeting | None:
        """The one that is called or open; otherwise the last."""
        return self.meetings[-1] if self.meetings else None

    @property
    def is_open(self) -> bool:
        return self.meeting is not None and self.meeting.state == Meeting.State.OPEN

    @property
    def attendance_taken(self) -> bool:
        return bool(self.seats) and all(seat.present is not None for seat in self.seats)

    @property
    def came(self) -> set[int]:
        """Who is in the room now."""
        return {seat.staff_id for seat in self.seats if seat.present}

    @property
    def needed(self) -> int:
        return counting.least_to_meet(self._quorum, len(self.seats))

    @property
    def has_quorum(self) -> bool:
        return counting.has_quorum(len(self.came), len(self.seats), self._quorum)

    @property
    def _quorum(self) -> Share:
        return Share(self.round.quorum_num, self.round.quorum_den)

    @property
    def majority(self) -> Share:
        return Share(self.round.majority_num, self.round.majority_den)

    def seat_of(self, staff_id: int | None) -> Seat | None:
        return next((seat for seat in self.seats if seat.staff_id == staff_id), None)

    @property
    def presiding(self) -> Seat | None:
        return self.seat_of(self.meeting.chair_id) if self.meeting else None

    def presides(self, staff_id: int) -> bool:
        return self.meeting is not None and self.meeting.chair_id == staff_id

    # Ballots

    @cached_property
    def open_box(self) -> Box | None:
        boxes = (box for turns in self.boxes.values() for box in turns)
        return next((box for box in boxes if box.state == Box.State.OPEN), None)

    @cached_property
    def open_item(self) -> Nomination | None:
        return self.item(self.open_box.nomination_id) if self.open_box else None

    def item(self, pk: int) -> Nomination | None:
        return next((one for one in self.nominations if one.pk == pk), None)

    def counted(self, one: Nomination) -> Box | None:
        """The ballot that counts: the last that was closed."""
        closed = [box for box in self.boxes.get(one.pk, ()) if box.state == Box.State.CLOSED]
        return closed[-1] if closed else None

    def is_on(self, one: Nomination) -> bool:
        return self.open_box is not None and self.open_box.nomination_id == one.pk

    def is_decided(self, one: Nomination) -> bool:
        return self.counted(one) is not None and not self.is_on(one)

    def undecided(self) -> list[Nomination]:
        return [one for one in self.nominations if not self.is_decided(one)]

    @cached_property
    def electors(self) -> dict[int, list[Elector]]:
        """Of every box, as frozen; the one who presided last."""
        found = defaultdict(list)
        rows = Elector.objects.filter(box__meeting__round=self.round).select_related("staff")
        order = ("presides", "staff__sort_weight", "staff__staff_no")
        for row in rows.order_by(*order):
            found[row.box_id].append(row)
        return found

    def _frozen(self, one: Nomination) -> Box | None:
        return self.open_box if self.is_on(one) else self.counted(one)

    def why_recused(self, nomination: Nomination, staff_id: int) -> str:
        return self.recusals.get(nomination.pk, {}).get(staff_id, "")

    def recused(self, one: Nomination) -> list[Seat]:
        """Of the ballot that is on or counts, if there is one, as it was opened."""
        if box := self._frozen(one):
            rows = self.electors[box.pk]
            keys = {row.staff_id for row in rows if row.standing == Elector.Standing.RECUSED}
        else:
            keys = set(self.recusals.get(one.pk, ()))
        return [seat for seat in self.seats if seat.staff_id in keys]

    def due(self, one: Nomination) -> set[int]:
        """Who is to vote, or has; before the box is opened, who would be."""
        if box := self._frozen(one):
            rows = self.electors[box.pk]
            return {row.staff_id for row in rows if row.standing == Elector.Standing.DUE}
        return self.came - set(self.recusals.get(one.pk, ()))

    def voted(self, one: Nomination) -> set[int]:
        """Who has, never what."""
        box = self._frozen(one)
        return {row.staff_id for row in self.electors[box.pk] if row.has_voted} if box else set()

    def awaited(self, one: Nomination) -> set[int]:
        """Whom the open box waits for."""
        return self.due(one) - self.voted(one) if self.is_on(one) else set()

    def owed(self, staff_id: int) -> list[Nomination]:
        """The item on which the person has to vote now, if any."""
        item = self.open_item
        return [item] if item and staff_id in self.awaited(item) else []

    def owing(self) -> list[Seat]:
        """Seats the open box waits for; whoever presides last."""
        waiting = self.awaited(self.open_item) if self.open_item else set()
        last = self.meeting.chair_id if self.meeting else None
        found = [seat for seat in self.seats if seat.staff_id in waiting]
        return sorted(found, key=lambda seat: seat.staff_id == last)

    def missing(self) -> int:
        """How many items are still to be decided."""
        return len(self.undecided())

    # What was counted

    def base(self, one: Nomination) -> int:
        """What shares are taken of, on this item."""
        count = Count(len(self.seats), len(self.recused(one)), 0, 0, 0, 0)
        return counting.base(count, recused_count=self.round.recused_count_as_entitled)

    def least_to_pass(self, one: Nomination) -> int:
        """How many yes votes this item needs."""
        return counting.least_to_exceed(self.majority, self.base(one))

    def least_to_support(self, one: Nomination) -> int:
        """How many members must want a ballot set aside, or put off."""
        return counting.least_to_exceed(counting.HALF, self.base(one))

    def tally(self, one: Nomination) -> Count | None:
        box = self.counted(one)
        return count_of(box) if box else None

    def passed(self, one: Nomination) -> bool:
        count = self.tally(one)
        return count is not None and counting.has_passed(
            count, self.majority, recused_count=self.round.recused_count_as_entitled
        )

    def deferred(self, one: Nomination) -> bool:
        count = self.tally(one)
        return count is not None and counting.is_deferred(
            count, recused_count=self.round.recused_count_as_entitled
        )

    # Places: one group per star and kind of nominee, then the floating ones of a kind

    @cached_property
    def groups(self) -> dict[Key, list[Nomination]]:
        found = defaultdict(list)
        for one in self.nominations:
            found[one.star_id, one.kind].append(one)
        return dict(found)

    @cached_property
    def places(self) -> dict[Key, int]:
        rows = self.round.quotas.values_list("star_id", "kind", "places")
        return {(star, kind): places for star, kind, places in rows} | {
            (None, "section"): self.round.floating_sections,
            (None, "person"): self.round.floating_persons,
        }

    @cached_property
    def floating(self) -> list[Key]:
        kinds = sorted({kind for _star, kind in self.groups})
        return [(None, kind) for kind in kinds if self.places[None, kind]]

    def _stars_of(self, kind: str) -> list[Key]:
        return [key for key in self.groups if key[1] == kind]

    def is_voted(self, key: Key) -> bool:
        """Is every item decided, and, of floating places, has every star given its own?"""
        if key[0] is not None:
            return all(self.is_decided(one) for one in self.groups[key])
        stars = self._stars_of(key[1])
        return all(self.is_voted(star) and not self._is_tied(star) for star in stars)

    def rivals(self, key: Key) -> Iterator[Nomination]:
        """Who passed and is in for these places."""
        if key[0] is not None:
            yield from (one for one in self.groups[key] if self.passed(one))
            return
        for star in self._stars_of(key[1]):
            given = self.given(star)
            yield from (one for one in self.rivals(star) if one.pk not in given)

    def placing(self, key: Key) -> counting.Placing:
        candidates = [
            counting.Candidate(one.pk, self.tally(one).votes_for, self._standing(one))
            for one in self.rivals(key)
        ]
        return counting.place(candidates, self.places.get(key, 0))

    def given(self, key: Key) -> frozenset[int]:
        """Who has one of these places: by arithmetic, and by the chair's word on a tie."""
        placing = self.placing(key)
        if settlement := self.settlements.get(key):
            return counting.settled(placing, settlement.winners)
        return placing.placed

    def _is_tied(self, key: Key) -> bool:
        """Does a tie wait for the chair? Where the rules leave the place empty, none does."""
        if self.round.tie_last == TieLast.EMPTY or key in self.settlements:
            return False
        return self.placing(key).left > 0

    def open_ties(self) -> dict[Key, counting.Placing]:
        """Ties the chair has yet to settle; nothing about places still being voted on."""
        keys = [*self.groups, *self.floating]
        return {key: self.placing(key) for key in keys if self.is_voted(key) and self._is_tied(key)}

    def is_settled(self, one: Nomination) -> bool:
        """Has the chair spoken on places this item was in for? Then its ballot stands."""
        return bool({(one.star_id, one.kind), (None, one.kind)} & set(self.settlements))

    # What is compared where the yes votes are level

    def _standing(self, one: Nomination) -> tuple[Fraction, ...]:
        return tuple(self._criteria[name](one) for name in self.round.tie_order)

    @cached_property
    def _criteria(self):
        return {
            "branch": self._branch,
            "tasks": lambda one: _fraction(self._dossiers[one.pk].get("tasks", {}).get("done")),
            "deductions": lambda one: -abs(_fraction(self._card(one).get("deduction"))),
            "score": lambda one: _fraction(self._card(one).get("score")),
        }

    def _branch(self, one: Nomination) -> Fraction:
        outcome = one.branch_outcome
        if self.round.branch_method == BranchMethod.MARKS:
            return _fraction(outcome.mean) / 100
        tally = Tally(
            outcome.entitled,
            outcome.recused,
            outcome.votes_for,
            outcome.votes_against,
            outcome.votes_abstain,
        )
        return counting.share_for(tally, recused_count=self.round.recused_count_as_entitled)

    def _card(self, one: Nomination) -> dict:
        """Of the star it is nominated for."""
        cards = self._dossiers[one.pk].get("cards", ())
        return next((card for card in cards if card["star"] == one.star_id), {})

    @cached_property
    def _dossiers(self) -> dict[int, dict]:
        """What each nomination rested on, as frozen when it was last submitted."""
        rows = Dossier.objects.filter(nomination__in=self.nominations).order_by("version")
        found: dict[int, dict] = defaultdict(dict)
        found.update(rows.values_list("nomination_id", "body"))
        return found


def count_of(box: Box) -> Count:
    """What a closed box came to."""
    return Count(
        box.entitled,
        box.recused,
        box.votes_for,
        box.votes_against,
        box.votes_abstain,
        box.votes_defer,
    )


def _fraction(value) -> Fraction:
    """Figures of a frozen dossier are texts; one that is missing counts as none."""
    return Fraction(str(value)) if value not in (None, "") else Fraction(0)
