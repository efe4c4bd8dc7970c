"""Carries a small department's round to a stage, by the actions themselves."""

from types import SimpleNamespace

from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheme import clock, idempotency
from stars.actions import opinions, stages, votes
from stars.actions.opinions import Given
from stars.ballots import Sitting
from stars.branching import BranchStage
from stars.models import Dossier, Nomination, Round
from tests.factories import again, make_department, make_nomination, make_round, moment

S = Round.State
START = "2026-07-06 09:00"  # a Monday


def nominating(clock_, *, places=1, **more) -> SimpleNamespace:
    """`d` the department, `round`, and submitted nominations: two persons for one star (a from
    the first section, b from the second), and the first section for another."""
    clock_.set(START)
    d = make_department()
    more.setdefault("nominate_until", moment("2026-07-08 00:00").date())
    more.setdefault("branch_until", moment("2026-07-13 00:00").date())
    more.setdefault("committee_until", moment("2026-07-16 00:00").date())
    round_ = make_round(
        d.unit, state=S.NOMINATING, by=d.personnel[0], places=places, per_section=3, **more
    )
    a = make_nomination(round_, d.officers[0][0], star="ye", state="submitted")
    b = make_nomination(round_, d.officers[1][0], star="ye", state="submitted")
    section = make_nomination(round_, d.one, star="xiao", state="submitted", branch=d.branches[0])
    return SimpleNamespace(d=d, round=round_, a=a, b=b, section=section)


def push(s, reason="会议提前") -> Round:
    """By hand, by the office."""
    by = again(s.d.personnel[0])
    version = Round.objects.get(pk=s.round.pk).version
    stages.advance(s.round.pk, by=by, reason=reason, seen=version)
    return fresh(s)


def fresh(s) -> Round:
    for one in (s.round, s.a, s.b, s.section):
        one.refresh_from_db()
    return s.round


def at_branch(clock_, **more):
    s = nominating(clock_, **more)
    push(s)
    return s


def judge(s, mark="for", *, nominations=None):
    """Everybody who may gives that mark on the nominations (all of them)."""
    stage = BranchStage(s.round)
    wanted = {one.pk for one in nominations} if nominations else None
    for seat in stage.seats:
        marks = {
            one.pk: Given(mark, "", one.version)
            for one in stage.owed(seat.staff_id)
            if wanted is None or one.pk in wanted
        }
        if marks:
            opinions.give_all(s.round.pk, by=again(seat.staff), marks=marks)


def at_committee(clock_, *, mark="for", **more):
    s = at_branch(clock_, **more)
    judge(s, mark)
    push(s)
    return s


def attend(s, *, absent=()):
    seats = Sitting(fresh(s)).seats
    away = {person.pk: "出差" for person in absent}
    votes.record_attendance(
        s.round.pk,
        by=again(s.d.personnel[0]),
        present={seat.staff_id for seat in seats} - set(away),
        absences=away,
        seen=s.round.version,
    )
    fresh(s)


def vote(s, choice="for", *, choices=None, people=None):
    """Everybody votes the same on everything, or as `choices` says per nomination."""
    sitting = Sitting(fresh(s))
    for seat in sitting.seats:
        if people is not None and seat.staff not in people:
            continue
        mine = {one.pk: (choices or {}).get(one.pk, choice) for one in sitting.owed(seat.staff_id)}
        if mine:
            votes.cast_all(s.round.pk, by=again(seat.staff), choices=mine)


def voted(clock_, *, choice="for", choices=None, **more):
    s = at_committee(clock_, **more)
    attend(s)
    vote(s, choice, choices=choices and choices(s))
    return s


def in_publicity(clock_, **more):
    more.setdefault("places", 2)
    s = voted(clock_, **more)
    push(s)
    return s


def published(clock_, **more):
    s = in_publicity(clock_, **more)
    clock_.set(clock.local(s.round.due_at).replace(tzinfo=None))
    stages.advance(s.round.pk)
    fresh(s)
    return s


def states(s) -> dict:
    return dict(Nomination.objects.filter(round=s.round).values_list("pk", "state"))


def idem() -> dict:
    """The key of one rendered form."""
    return {idempotency.FIELD: idempotency.new_key()}


def counting_queries():
    return CaptureQueriesContext(connection)


def make_dossier(nomination, **body) -> Dossier:
    card = {"base": "20", "deduction": "-0.5", "bonus": "1", "place": 2, "pool": 9}
    body = {
        "cards": [
            card | {"star": nomination.star_id, "name": "精业", "score": "20.50"},
            card | {"star": None, "name": "", "score": "92.10"},
        ],
        "rules": [
            {"title": "精业基础分", "kind": "base", "count": 1, "counted": "20.00"},
            {"title": "日报评为好", "kind": "bonus", "count": 9, "counted": "0.45"},
        ],
        "filing": {"due": 118, "on_time": 117, "late": 1, "missing": 0, "excused": 2},
        "awards": [{"half": "2025H2", "star": "ye", "name": "精业", "number": "〔2025〕下-03"}],
    } | body
    return Dossier.objects.create(
        nomination=nomination, version=9, body=body, digest="0" * 64, at=clock.now()
    )
