"""Standing back at the moment of judging, and of the stage's end: one of the two, whole."""

from scheme.errors import Refused
from stars.actions import opinions, recusals, stages
from stars.models import BranchOutcome, Opinion, Recusal, Round
from tests.factories import again
from tests.stars import acts


def test_a_recusal_and_what_it_excludes_never_both_stand(race, clock):
    s = acts.at_branch(clock)
    person, other = s.d.chair, s.d.officers[2][1]
    results = race(
        lambda: recusals.declare(s.a.pk, by=again(person), reason="有往来"),
        lambda: opinions.give(s.a.pk, by=again(person), mark="for", seen=s.a.version),
        lambda: recusals.order(
            s.a.pk, by=again(s.d.personnel[1]), staff=person.pk, reason="有往来"
        ),
    )
    assert sum(isinstance(one, Refused) for one in results) == 2
    back = Recusal.objects.filter(nomination=s.a, staff=person).count()
    assert back + Opinion.objects.filter(nomination=s.a, by=person).count() == 1

    declared, moved = race(
        lambda: recusals.declare(s.section.pk, by=again(other), reason="有往来"),
        lambda: stages.advance(
            s.round.pk, by=again(s.d.personnel[0]), reason="提前", seen=acts.fresh(s).version
        ),
    )
    assert isinstance(moved, Round)
    outcome = BranchOutcome.objects.get(nomination=s.section)
    laid = Recusal.objects.filter(nomination=s.section, body="branch").count()
    # Counted among the recused, or too late for the branch: then the member has no seat above it.
    assert outcome.recused == laid == (2 if isinstance(declared, Recusal) else 1)
