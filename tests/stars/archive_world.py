"""A round that was really opened, on scorecards, and carried to its end: what an archive is of."""

from datetime import date
from types import SimpleNamespace

from scheme import clock, periods
from scheme.models import Star
from scoring.actions import posting, runs
from stars import ruling
from stars.actions import (
    minutes,
    nominations,
    objections,
    participants,
    revocations,
    rounds,
    stages,
)
from stars.models import Objection, Round
from tests.factories import again, make_department, make_rule_book
from tests.stars import acts

MONDAY = "2026-07-20 09:00"
STATEMENT = "半年来日报一天不落，质量好，临时任务办得快，承担的重点工作都按时办结。"
LETTER = "五月那次任务不是他办的，请核实。"
FINDING = "调阅台账，任务由本人办结，反映不实。"
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


def objected(s, clock_) -> Objection:
    """Somebody in no way concerned objects; the office looks into it and finds nothing."""
    clock_.advance(hours=16)
    d = s.d
    row = objections.raise_(s.round.pk, s.b.pk, by=again(d.officers[2][1]), text=LETTER)
    return objections.handle(row.pk, by=again(d.personnel[0]), outcome="dismissed", finding=FINDING)


def published(clock_, *, contested=False, **rules) -> SimpleNamespace:
    """Contested: with an objection, and minutes that were confirmed."""
    s = in_publicity(clock_, **rules)
    if contested:
        meeting = acts.meeting_of(s)
        drafted = minutes.draft(meeting.pk, by=again(s.d.personnel[0]))
        minutes.confirm(meeting.pk, by=again(s.d.chair), seen=drafted.version)
        objected(s, clock_)
    while s.round.state == Round.State.PUBLICITY:
        on_time(clock_, s)
    assert s.round.state == Round.State.PUBLISHED
    return s


def revoked(s, award):
    row = revocations.propose(
        award.pk,
        by=again(s.d.personnel[0]),
        authority="部务会2026年9月1日会议",
        reason="任务材料弄虚作假",
    )
    return revocations.approve(row.pk, by=again(s.d.chair))
