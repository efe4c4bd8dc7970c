"""Carries a small department's round to a stage, by the actions themselves."""

from types import SimpleNamespace

from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheme import clock, idempotency
from stars.actions import boxes, opinions, sittings, stages
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


def meeting_of(s):
    return Sitting(fresh(s)).meeting


def attend(s, *, absent=(), begin=True):
    """The office records who is there; the meeting begins, if it can."""
    sitting = Sitting(fresh(s))
    away = {person.pk: "出差" for person in absent}
    office = again(s.d.personnel[0])
    meeting = sittings.record_attendance(
        sitting.meeting.pk,
        by=office,
        present={seat.staff_id for seat in sitting.seats} - set(away),
        absences=away,
        seen=sitting.meeting.version,
    )
    if not begin or not Sitting(s.round).has_quorum or meeting.state != "called":
        return
    if meeting.chair_id is None or meeting.chair_id in away:
        there = next(seat.staff for seat in sitting.seats if seat.staff_id not in away)
        meeting = arrange(s, chair=there)
    sittings.begin(meeting.pk, by=office, seen=meeting.version)


def arrange(s, **more):
    meeting = meeting_of(s)
    named = ("held_on", "place", "chair", "recorder", "scrutineer", "teller")
    more = {name: getattr(meeting, name) for name in named} | more
    return sittings.arrange(meeting.pk, by=again(s.d.personnel[0]), seen=meeting.version, **more)


def open_item(s, nomination, *, by=None):
    seen = meeting_of(s).version
    return boxes.open_(nomination.pk, by=by or again(s.d.personnel[0]), seen=seen)


def cast_all(s, choice="for", *, people=None):
    """Everybody the open box waits for votes, whoever presides last. `choice` may be a function
    of the person."""
    sitting = Sitting(fresh(s))
    for seat in sitting.owing():
        if people is None or seat.staff in people:
            word = choice(seat.staff) if callable(choice) else choice
            boxes.cast(sitting.open_box.pk, by=again(seat.staff), choice=word)


def close_box(s, *, by=None):
    return boxes.close(Sitting(fresh(s)).open_box.pk, by=by or again(s.d.personnel[0]))


def decide(s, nomination, choice="for", *, people=None):
    """One item from opening to closing; what some `people` only voted on stays open."""
    if Sitting(fresh(s)).open_box is None:
        open_item(s, nomination)
    cast_all(s, choice, people=people)
    if not Sitting(s.round).owing():
        return close_box(s)
    return None


def vote(s, choice="for", *, choices=None, people=None):
    """Everybody votes the same on everything still undecided, or as `choices` says per
    nomination. Where some `people` only vote, the first such item stays open."""
    sitting = Sitting(fresh(s))
    todo = sorted(sitting.undecided(), key=lambda one: not sitting.is_on(one))
    for one in todo:
        word = (choices or {}).get(one.pk, choice)
        if decide(s, one, word, people=people) is None:
            return


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
