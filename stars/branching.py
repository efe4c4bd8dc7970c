"""What the branches' seats, recusals and opinions come to, loaded in a few queries, counted here.

Two readers must not be mixed up: a page asks only who has given and who is awaited; sums (`tally`)
belong to the action that ends the stage.
"""

from collections import defaultdict
from functools import cached_property

from stars import counting, marking, recusal
from stars.counting import Tally, sums
from stars.marking import Marked
from stars.models import BranchOutcome, Nomination, Opinion, Round, Seat
from stars.models.round import BranchMethod


class BranchStage:
    """The nominations before the branches, the frozen seats, the opinions given so far."""

    def __init__(self, round_: Round):
        self.round = round_
        self.nominations = list(
            Nomination.objects.filter(round=round_, state=Nomination.State.AT_BRANCH)
            .select_related("star", "person", "section", "branch")
            .order_by("star__position", "kind", "pk")
        )
        self.seats = list(
            Seat.objects.filter(round=round_, body=Seat.Body.BRANCH)
            .select_related("staff")
            .order_by("staff__sort_weight", "staff__staff_no")
        )
        self.recusals = recusal.of(round_, Seat.Body.BRANCH)
        self.opinions: dict[int, dict[int, Opinion]] = defaultdict(dict)
        given = Opinion.objects.filter(nomination__round=round_).select_related("by")
        for opinion in given.order_by("pk"):
            self.opinions[opinion.nomination_id][opinion.by_id] = opinion

    @cached_property
    def seats_of(self) -> dict[int, list[Seat]]:
        found = defaultdict(list)
        for seat in self.seats:
            found[seat.branch_id].append(seat)
        return found

    @property
    def by_marks(self) -> bool:
        return self.round.branch_method == BranchMethod.MARKS

    def branch_of(self, staff_id: int) -> int | None:
        return next((s.branch_id for s in self.seats if s.staff_id == staff_id), None)

    def why_recused(self, nomination: Nomination, staff_id: int) -> str:
        return self.recusals[nomination.pk].get(staff_id, "")

    def owed(self, staff_id: int) -> list[Nomination]:
        """What the member still has to give an opinion on."""
        branch = self.branch_of(staff_id)
        return [
            one
            for one in self.nominations
            if one.branch_id == branch
            and branch is not None
            and staff_id not in self.recusals[one.pk]
            and staff_id not in self.opinions[one.pk]
        ]

    def owing(self) -> list[Seat]:
        """Seats whose holders still owe an opinion."""
        return [seat for seat in self.seats if self.owed(seat.staff_id)]

    def tally(self, one: Nomination) -> Tally:
        seats = self.seats_of[one.branch_id]
        recused = sum(seat.staff_id in self.recusals[one.pk] for seat in seats)
        return sums(len(seats), recused, (o.mark for o in self.opinions[one.pk].values()))

    def marked(self, one: Nomination) -> Marked:
        leading = {seat.staff_id for seat in self.seats_of[one.branch_id] if seat.leads}
        return marking.mean(
            (
                marking.Given(opinion.points, by in leading)
                for by, opinion in self.opinions[one.pk].items()
            ),
            trimmed=self.round.trimmed,
            leaders_weight=self.round.leaders_weight,
        )

    def outcome(self, one: Nomination) -> BranchOutcome:
        """What the branch came to, not yet saved."""
        tally, row = self.tally(one), BranchOutcome(nomination=one)
        for name, value in tally._asdict().items():
            setattr(row, name, value)
        if self.by_marks:
            marked = self.marked(one)
            row.mean, row.given = marking.kept(marked.mean), marked.given
            row.outcome = marking.outcome(
                marked.mean,
                agreed_from=self.round.agreed_from,
                against_below=self.round.against_below,
            )
        else:
            row.given = len(self.opinions[one.pk])
            row.outcome = counting.branch_outcome(
                tally, recused_count=self.round.recused_count_as_entitled
            )
        return row
