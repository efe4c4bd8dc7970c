"""A round that was really opened, on scorecards, and carried to its end: what an archive is of."""

from datetime import date
from types import SimpleNamespace

from scheme import clock, periods
from scheme.models import Star
from scoring.actions import posting, runs
from stars import ruling
from stars.actions import nominations, participants, rounds, stages
from stars.models import Round
from tests.factories import again, make_department, make_rule_book
from tests.stars import acts

MONDAY = "2026-07-20 09:00"
STATEMENT = "半年来日报一天不落，质量好，临时任务办得快，承担的重点工作都按时办结。"
SPAN = periods.half_span("2026H1")


def opened(clock_, **rules) -> SimpleNamespace:
    """As acts.nominating, through the actions: prepared, planned, confirmed, opened, submitted."""
    clock_.set(MONDAY)
    d = make_department()
    office = d.personnel[1]
    make_rule_book(
        d.unit,
        proposed_by=d.personnel[0],
        approved_by=d.leader,
        in_force_from=date(2026, 6, 25),
    )
    posting.settle(d.unit, date(2026, 6, 25), SPAN.last)
    runs.score(d.unit, "2026H1", by=None)
    round_ = rounds.prepare(d.unit, "2026H1", by=office)
    round_ = rounds.plan(
        round_.pk,
        by=office,
        seen=round_.version,
        dates={name: getattr(round_, name) for name in ruling.DATES},
        quotas={(row.star_id, row.kind): (1, 3) for row in round_.quotas.all()},
        quorum=(2, 3),
        majority=(1, 2),
        publicity_days=5,
        rules={"secret": False, "floating_persons": 1} | rules,
    )
    for section in participants.unconfirmed(round_):
        participants.confirm(round_.pk, section, by=office, reason="科室已书面确认")
    round_ = rounds.open_(round_.pk, by=again(office), seen=round_.version)
    s = SimpleNamespace(d=d, round=round_)
    s.a = _put_forward(round_, d.chiefs[0], d.one, "ye", d.officers[0][0])
    s.b = _put_forward(round_, d.chiefs[1], d.two, "ye", d.officers[1][0])
    s.section = _put_forward(round_, d.chiefs[0], d.one, "xiao", None)
    return s


def _put_forward(round_, chief, section, star, person):
    one = nominations.save(
        round_.pk,
        by=again(chief),
        star=Star.objects.get(pk=star),
        kind="person" if person else "section",
        person=person,
        section=section,
        statement=STATEMENT,
    )
    return nominations.submit(one.pk, by=again(chief), seen=one.version)


def on_time(clock_, s) -> Round:
    """The clock takes the step on the day it is due."""
    clock_.set(clock.local(acts.fresh(s).due_at).replace(tzinfo=None))
    stages.advance(s.round.pk)
    return acts.fresh(s)


def in_publicity(clock_, **rules) -> SimpleNamespace:
    """One of the two for one place gets it, the other floats; the section has its own."""
    s = opened(clock_, **rules)
    on_time(clock_, s)
    acts.judge(s)
    on_time(clock_, s)
    acts.attend(s, absent=[s.d.members[1]])
    others = {one.pk for one in (s.d.chair, s.d.leader, s.d.other_leader)}
    for one, few in ((s.a, False), (s.b, True), (s.section, False)):
        word = (lambda person: "for" if person.pk in others else "abstain") if few else "for"
        acts.decide(s, one, word)
    on_time(clock_, s)
    return s


def published(clock_, **rules) -> SimpleNamespace:
    s = in_publicity(clock_, **rules)
    on_time(clock_, s)
    assert s.round.state == Round.State.PUBLISHED
    return s
