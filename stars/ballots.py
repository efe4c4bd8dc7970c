"""What a stage's seats, recusals and ballots come to, loaded in a few queries and counted here.

Two readers of these objects must not be mixed up: a page asks only who has given and who is
awaited; sums (`tally`, `placing`) belong to the action that ends the stage and, once every vote is
in, to the chair who settles a tie.
"""

from collections import defaultdict
from functools import cached_property

from stars import counting, recusal
from stars.counting import Share, Tally, sums
from stars.models import Nomination, Round, Seat, Vote


class Sitting:
    """The committee's sitting: attendance, recusals and votes on every nomination before it."""

    def __init__(self, round_: Round):
        self.round = round_
        self.nominations = list(
            Nomination.objects.filter(round=round_, state=Nomination.State.AT_COMMITTEE)
            .select_related("star", "person", "section", "branch", "branch_outcome")
            .order_by("star__position", "kind", "pk")
        )
        self.seats = list(
            Seat.objects.filter(round=round_, body=Seat.Body.COMMITTEE)
            .select_related("staff")
            .order_by("-chairs", "staff__sort_weight", "staff__staff_no")
        )
        self.recusals = recusal.of(round_, Seat.Body.COMMITTEE)
        self.votes: dict[int, dict[int, str]] = defaultdict(dict)
        cast = Vote.objects.filter(nomination__round=round_)
        for nomination, by, choice in cast.values_list("nomination_id", "by_id", "choice"):
            self.votes[nomination][by] = choice
        self.settlements = {
            (one.star_id, one.kind): one for one in round_.settlements.select_related("by")
        }

    # Attendance

    @property
    def attendance_taken(self) -> bool:
        return bool(self.seats) and all(seat.present is not None for seat in self.seats)

    @cached_property
    def came(self) -> set[int]:
        """Members present; and those who voted and left early, whose votes stand."""
        voted = {by for cast in self.votes.values() for by in cast}
        return {seat.staff_id for seat in self.seats if seat.present} | voted

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

    def seat_of(self, staff_id: int) -> Seat | None:
        return next((seat for seat in self.seats if seat.staff_id == staff_id), None)

    # Votes

    def why_recused(self, nomination: Nomination, staff_id: int) -> str:
        return self.recusals[nomination.pk].get(staff_id, "")

    def recused(self, one: Nomination) -> list[Seat]:
        return [seat for seat in self.seats if seat.staff_id in self.recusals[one.pk]]

    def present(self, one: Nomination) -> set[int]:
        """Who was there for this item."""
        return {seat.staff_id for seat in self.seats if seat.present} | set(self.votes[one.pk])

    def due(self, one: Nomination) -> set[int]:
        """Who is to vote on this item, or has."""
        return self.present(one) - set(self.recusals[one.pk])

    def awaited(self, one: Nomination) -> set[int]:
        return self.due(one) - set(self.votes[one.pk])

    def owed(self, staff_id: int) -> list[Nomination]:
        return [one for one in self.nominations if staff_id in self.awaited(one)]

    def owing(self) -> list[Seat]:
        return [seat for seat in self.seats if self.owed(seat.staff_id)]

    def missing(self) -> int:
        """How many votes are still to come."""
        return sum(len(self.awaited(one)) for one in self.nominations)

    def least_to_pass(self, one: Nomination) -> int:
        """How many yes votes this item needs."""
        tally = Tally(len(self.seats), len(self.recused(one)), 0, 0, 0)
        return counting.least_to_exceed(self.majority, self._base(tally))

    def _base(self, tally: Tally) -> int:
        return counting.base(tally, recused_count=self.round.recused_count_as_entitled)

    def tally(self, one: Nomination) -> Tally:
        return sums(len(self.seats), len(self.recused(one)), self.votes[one.pk].values())

    def passed(self, one: Nomination) -> bool:
        return counting.has_passed(
            self.tally(one), self.majority, recused_count=self.round.recused_count_as_entitled
        )

    # Places: one group per star and kind of nominee

    @cached_property
    def groups(self) -> dict[tuple[str, str], list[Nomination]]:
        found = defaultdict(list)
        for one in self.nominations:
            found[one.star_id, one.kind].append(one)
        return dict(found)

    @cached_property
    def places(self) -> dict[tuple[str, str], int]:
        rows = self.round.quotas.values_list("star_id", "kind", "places")
        return {(star, kind): places for star, kind, places in rows}

    def is_voted(self, key: tuple[str, str]) -> bool:
        """Has everybody who is to vote on the star's items done so?"""
        return (
            self.attendance_taken
            and self.has_quorum
            and not any(self.awaited(one) for one in self.groups[key])
        )

    def placing(self, key: tuple[str, str]) -> counting.Placing:
        recused_count = self.round.recused_count_as_entitled
        candidates = (
            counting.Candidate(
                one.pk,
                self.tally(one).votes_for,
                counting.share_for(_frozen(one.branch_outcome), recused_count=recused_count),
            )
            for one in self.groups[key]
            if self.passed(one)
        )
        return counting.place(candidates, self.places.get(key, 0))

    def open_ties(self) -> dict[tuple[str, str], counting.Placing]:
        """Ties the chair has yet to settle; nothing about a star somebody has still to vote on."""
        found = {}
        for key in self.groups:
            if key not in self.settlements and self.is_voted(key):
                placing = self.placing(key)
                if placing.left:
                    found[key] = placing
        return found


def _frozen(outcome) -> Tally:
    return Tally(
        outcome.entitled,
        outcome.recused,
        outcome.votes_for,
        outcome.votes_against,
        outcome.votes_abstain,
    )
