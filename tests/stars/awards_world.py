"""A round in publicity, and one published, without the stages before: the rows they leave."""

from types import SimpleNamespace

from scheme import clock
from stars.actions import objections, stages
from stars.models import Award, BranchOutcome, Decision, Publication, Round
from tests.factories import again, make_department, make_nomination, make_round, moment

# A Monday; five working days later is the next Monday.
START, END = "2026-07-06 09:00", "2026-07-13 18:00"
COUNT = {"entitled": 5, "recused": 0, "votes_for": 4, "votes_against": 1, "votes_abstain": 0}


def in_publicity(clock_, **more) -> SimpleNamespace:
    """`a` a person of the first section, `b` of the second, `section` the first: all placed;
    `late` of the second passed and found no place."""
    clock_.set(START)
    d = make_department()
    round_ = make_round(
        d.unit,
        state=Round.State.PUBLICITY,
        by=d.personnel[0],
        publicity_from=moment(START).date(),
        publicity_until=moment(END).date(),
        due_at=moment(END),
        contact="机关人事科，电话五五〇一",
        **more,
    )
    s = SimpleNamespace(d=d, round=round_)
    s.a = judged(make_nomination(round_, d.officers[0][0], state="closed"))
    s.b = judged(make_nomination(round_, d.officers[1][0], state="closed"))
    s.section = judged(make_nomination(round_, d.one, star="xiao", state="closed"))
    s.late = judged(make_nomination(round_, d.officers[1][2], state="closed"), placed=False)
    # Of the other section, who judged nothing here.
    s.raiser, s.other = d.officers[1][1], d.officers[2][1]
    s.office = d.personnel[1]
    return s


def judged(nomination, *, placed=True, branch=None, **decided):
    at = clock.now()
    BranchOutcome.objects.create(
        nomination=nomination, outcome="agreed", at=at, **COUNT | (branch or {})
    )
    values = {"present": 5, "passed": True, "placed": placed, "at": at} | COUNT | decided
    Decision.objects.create(nomination=nomination, **values)
    return nomination


def put(s, about=None, by=None, text="事实不符，请核实"):
    return objections.raise_(s.round.pk, (about or s.a).pk, by=again(by or s.raiser), text=text)


def found(objection, by, outcome="dismissed", finding="查无此事"):
    return objections.handle(objection.pk, by=again(by), outcome=outcome, finding=finding)


def due(s, clock_):
    """Sets the clock to the moment at which the stage ends."""
    s.round.refresh_from_db()
    clock_.set(clock.local(s.round.due_at).replace(tzinfo=None))


def conclude(s, clock_):
    due(s, clock_)
    stages.advance(s.round.pk)
    s.round.refresh_from_db()
    return s


def published(clock_, **more) -> SimpleNamespace:
    s = conclude(in_publicity(clock_, **more), clock_)
    s.award = Award.objects.get(nomination=s.a)
    s.publication = Publication.objects.get(round=s.round)
    return s
