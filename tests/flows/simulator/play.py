"""One half-year's round of the simulated department, stage by stage, moved by the clock alone."""

from django.db.models import Count

from scheme import clock as house_clock
from scheme import jobs
from scheme.errors import Refused
from scheme.models import AuditEntry, Job, Notice
from stars import tasks
from stars.actions import objections, sittings
from stars.ballots import Sitting
from stars.models import (
    Award,
    Decision,
    Nomination,
    NominationMove,
    Publication,
    Round,
    RoundMove,
)
from tests.factories import again
from tests.flows.simulator import judging, nominating
from tests.flows.simulator.mishaps import cut_off, refused
from tests.flows.simulator.oracle import ballot
from tests.flows.simulator.rules import draw

S = Round.State


class Play:
    def __init__(self, w, clock, cards):
        self.w, self.clock, self.cards = w, clock, cards
        self.rules = draw(w.rng)
        self.round: Round | None = None
        self.items, self.drafts, self.taken = {}, set(), set()
        self.out, self.barred, self.away = set(), set(), set()
        self.presiding = None
        self.places = None

    def fresh(self) -> Round:
        self.round = Round.objects.get(pk=self.round.pk)
        return self.round

    def lead(self, act: str) -> None:
        """The chair begins or closes the meeting; a second click is refused."""
        meeting = Sitting(self.fresh()).meeting
        chair = again(self.w.chairs[0])
        do = getattr(sittings, act)
        do(meeting.pk, by=chair, seen=meeting.version)
        refused(lambda: do(meeting.pk, by=chair, seen=meeting.version), Refused)

    def whole_round(self) -> None:
        nominating.open_round(self)
        nominating.put_forward(self)
        self.stage_ends(S.AT_BRANCH)
        self._late_nomination()
        judging.at_branches(self)
        self.stage_ends(S.AT_COMMITTEE)
        judging.outcomes_are_right(self)
        # Nobody has sat: the clock may not carry the round on.
        self._clock_finds_it_barred()
        judging.sit(self)
        self.stage_ends(S.PUBLICITY)
        self._decisions_are_right()
        upheld = self._objections()
        self.stage_ends(S.PUBLISHED)
        self._awards_are_right(upheld)
        self._invariants()

    def stage_ends(self, to: str) -> None:
        """By the clock: a look too early, two beats, the same job delivered twice, a cut."""
        tasks.look()
        self._run("stars.advance")
        assert self.fresh().state != to
        self._to(self.round.due_at)
        tasks.look()
        tasks.look()
        due = Job.objects.filter(kind="stars.advance", state="waiting")
        assert due.count() == 1
        pk = due.get().pk
        if self.w.rng.random() < 0.5:
            from stars.actions import stages

            seen = self.round.version
            cut_off(self.w.rng, lambda: stages.advance(self.round.pk, seen=seen))
        assert jobs.run(pk), Job.objects.get(pk=pk).error
        assert not jobs.run(pk)
        assert self.fresh().state == to, self.round.moves.last().reason

    def _to(self, instant) -> None:
        self.clock.set(f"{house_clock.local(instant):%Y-%m-%d %H:%M}")

    def _run(self, kind: str) -> None:
        for pk in jobs.due().filter(kind=kind).values_list("pk", flat=True):
            assert jobs.run(pk), Job.objects.get(pk=pk).error

    def _clock_finds_it_barred(self) -> None:
        before = self.fresh().due_at
        self._to(before)
        tasks.look()
        self._run("stars.advance")
        assert self.fresh().state == S.AT_COMMITTEE and self.round.due_at > before

    def _late_nomination(self) -> None:
        for pk in self.drafts:
            assert Nomination.objects.get(pk=pk).state == Nomination.State.WITHDRAWN
        standing = Nomination.objects.filter(round=self.round).exclude(state="withdrawn")
        assert {one.pk for one in standing} == set(self.items)
        item = next(iter(self.items.values()))
        chief = again(self.w.chief[item.section])
        from stars.actions import nominations

        one = Nomination.objects.get(pk=item.pk)
        refused(
            lambda: nominations.withdraw(one.pk, by=chief, seen=one.version, reason="迟了"),
            Refused,
        )

    def _decisions_are_right(self) -> None:
        placed, floating = self.places.winners()
        found = {one.nomination_id: one for one in Decision.objects.all()}
        assert set(found) == set(self.items)
        for pk, item in self.items.items():
            counts, word = ballot(item, len(self.w.committee), self.rules)
            row = found[pk]
            told = {name: getattr(row, f"votes_{name}") for name in counts}
            assert told == counts
            assert (row.passed, row.deferred) == (word == "passed", word == "deferred"), item
            assert (row.placed, row.floating) == (pk in placed, pk in floating), item
        for star, kind in self.places.stars():
            group = [
                pk for pk in placed - floating
                if (self.items[pk].star, self.items[pk].kind) == (star, kind)
            ]  # fmt: skip
            assert len(group) <= self.rules.places

    def _objections(self) -> set[int]:
        """Some are raised; one person raises twice; one finding upholds."""
        w, rng = self.w, self.w.rng
        placed = sorted(self.places.winners()[0])
        upheld = set()
        for pk in rng.sample(placed, min(2, len(placed))):
            raiser = rng.choice([p for p in w.people if p not in w.personnel])
            act = lambda pk=pk, who=raiser: objections.raise_(  # noqa: E731
                self.round.pk, pk, by=again(who), text="请核实其材料"
            )
            cut_off(rng, act)
            objection = act()
            refused(act, Refused)
            outcome = rng.choice(("upheld", "dismissed"))
            if self._handle(objection, outcome) and outcome == "upheld":
                upheld.add(pk)
        return upheld

    def _handle(self, objection, outcome) -> bool:
        """By the office, or by whom the office gives it to; never by one who judged."""
        w, done = self.w, False
        for person in [*w.personnel, *w.people]:
            try:
                if person not in w.personnel:
                    office = self._free_of(objection)
                    objections.assign(objection.pk, by=office, to=again(person))
                objections.handle(objection.pk, by=again(person), outcome=outcome, finding="已核实")
            except Refused:
                continue
            done = True
            break
        assert done, "nobody may handle the objection"
        refused(
            lambda: objections.handle(
                objection.pk, by=again(person), outcome="dismissed", finding="再核"
            ),
            Refused,
        )
        return True

    def _free_of(self, objection):
        item = self.items[objection.nomination_id]
        return again(next(p for p in self.w.personnel if p.pk not in (item.person, item.by)))

    def _awards_are_right(self, upheld: set[int]) -> None:
        expected = self.places.winners()[0] - upheld
        awards = list(Award.objects.order_by("number"))
        assert {one.nomination_id for one in awards} == expected
        assert [one.number for one in awards] == [
            f"〔2026〕上-{n:02d}" for n in range(1, len(awards) + 1)
        ]
        publication = Publication.objects.get()
        named = {
            winner["number"]
            for star in publication.body["stars"]
            for part in ("persons", "sections")
            for winner in star[part]
        }
        assert named == {one.number for one in awards}

    def _invariants(self) -> None:
        """What has to hold of any round, whatever happened in it."""
        assert [move.version for move in RoundMove.objects.order_by("version")] == sorted(
            {move.version for move in RoundMove.objects.all()}
        )
        for one in Nomination.objects.annotate(n=Count("moves")):
            versions = list(
                NominationMove.objects.filter(nomination=one).values_list("version", flat=True)
            )
            assert len(set(versions)) == len(versions) == one.n
        told = Notice.objects.values("to", "key").annotate(n=Count("pk")).filter(n__gt=1)
        assert not told.exists()
        assert not Job.objects.filter(state="parked").exists()
        for entry in AuditEntry.objects.filter(act="vote.cast"):
            assert set(entry.after) == {"nomination"}
