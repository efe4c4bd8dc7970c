"""支部评星, standing back, kinship in the table of routes."""

from datetime import date
from types import SimpleNamespace

from scheme import clock
from scheme.models import Kinship
from stars.models import BranchRecord, Recusal, Seat

NOWHERE = 9_000_000_000_000_000_000


def build(d) -> None:
    """What its rows need besides the world of access_world.py: see `finish`."""


def finish(d) -> None:
    """The first branch's record, a recusal by order and one by rule, two who are kin. After the
    rounds, so that nobody stands back for it who is asked about elsewhere."""
    p, round_ = d.people, d.round.at_branch
    BranchRecord.objects.create(
        round=round_,
        branch=d.first,
        held_on=date(2026, 7, 8),
        place="一会议室",
        host=p["secretary"],
        recorder=p["member"],
        present=[p["secretary"].pk, p["member"].pk],
        text="逐项评议。",
        by=p["secretary"],
        at=clock.now(),
    )
    d.recusal = SimpleNamespace(
        ordered=Recusal.objects.create(
            round=round_,
            body="branch",
            nomination=d.nomination.at_branch,
            staff=d.other_chief,
            kind="ordered",
            by=p["personnel"],
            at=clock.now(),
        ),
        rule=Recusal.objects.get(nomination=d.nomination.at_branch, kind="own"),
    )
    d.kin = Kinship.objects.create(
        unit=d.unit,
        person=p["officer"],
        relative=p["supervision"],
        relation="in_law",
        declared_by=p["officer"],
        declared_at=clock.now(),
    )


TARGETS = {
    "record.first": lambda w: (w.here.round.at_branch, w.here.first),
    "record.second": lambda w: (w.here.round.at_branch, w.here.second),
    "record.publicity": lambda w: (w.here.round.publicity, w.here.first),
    "record.unit": lambda w: (w.there.round.at_branch, w.there.first),
    "record.nowhere": lambda w: (NOWHERE, NOWHERE),
    "recusal.ordered": lambda w: w.here.recusal.ordered,
    "recusal.rule": lambda w: w.here.recusal.rule,
    "recusal.unit": lambda w: w.there.recusal.ordered,
    "kin.own": lambda w: w.here.kin,
    "kin.unit": lambda w: w.there.kin,
}


def _record(w, target) -> dict:
    round_, branch = target
    seated = Seat.objects.filter(round=getattr(round_, "pk", 0), branch=getattr(branch, "pk", 0))
    people = list(seated.order_by("pk").values_list("staff_id", flat=True)) or [0]
    written = BranchRecord.objects.filter(round=getattr(round_, "pk", 0), branch=branch).exists()
    return {
        "seen": 0 if written else "",
        "held_on": "2026-07-08",
        "place": "二会议室",
        "host": people[0],
        "recorder": people[0],
        "present": people,
        "text": "补记一句。",
    }


def _order(w, round_) -> dict:
    side = w.there if getattr(round_, "unit_id", 0) == w.there.unit.pk else w.here
    sits = getattr(round_, "state", "") == "at_committee"
    return {
        "nomination": (side.nomination.at_committee if sits else side.nomination.at_branch).pk,
        "staff": side.people["committee" if sits else "member"].pk,
        "reason": "有往来",
    }


BODIES = {
    "stars:branch_record_edit": lambda w, t: (
        _record(w, t) if getattr(t[1], "pk", None) else {"place": "x"}
    ),
    "stars:recusal_order": _order,
    "stars:recusal_lift": lambda w, t: {"reason": "弄错了"},
    "stars:recusal_declare": lambda w, t: {"reason": "有往来"},
    "scheme:kinship": lambda w, t: {"relative": w.here.other_chief.pk, "relation": "spouse"},
    "scheme:kinship_unit": lambda w, t: {
        "person": w.here.people["member"].pk,
        "relative": w.here.other_chief.pk,
        "relation": "spouse",
    },
}
TABLE = """
stars:branch                nominating                   GET  LNNNNNNNNNNFFFNL
stars:branch                at_branch                    GET  L..........FFFNL
stars:branch                at_committee                 GET  L..........FFFNL
stars:branch                at_branch.unit               GET  LNNNNNNNNNNFFF.L
stars:branch                nowhere                      GET  LNNNNNNNNNNFFFNL

stars:opinion_give          at_branch                    GET  LMMMMMMMMMMFFFML
stars:opinion_give          at_branch                    POST LURUFRRFFFFFFFNL
stars:opinion_give          at_committee                 POST LCCCCCCCCCCFFFNL
stars:opinion_give          at_branch.unit               POST LNNNNNNNNNNFFFFL
stars:opinion_give          nowhere                      POST LNNNNNNNNNNFFFNL

stars:branch_record_list    nominating                   GET  LNNNNNNNNNNFFFNL
stars:branch_record_list    at_branch                    GET  L..........FFFNL
stars:branch_record_list    at_branch.unit               GET  LNNNNNNNNNNFFF.L
stars:branch_record_list    nowhere                      GET  LNNNNNNNNNNFFFNL

stars:branch_record         record.first                 GET  L...N.....NFFFNL
stars:branch_record         record.second                GET  LNNNNNNNNNNFFFNL
stars:branch_record         record.unit                  GET  LNNNNNNNNNNFFF.L
stars:branch_record         record.nowhere               GET  LNNNNNNNNNNFFFNL

stars:branch_record_edit    record.first                 GET  LFFFF.FFFFFFFFNL
stars:branch_record_edit    record.second                GET  LFFFFFFFFFFFFFNL
stars:branch_record_edit    record.publicity             GET  LFFFFNFFFFFFFFNL
stars:branch_record_edit    record.unit                  GET  LFFFFNFFFFFFFF.L
stars:branch_record_edit    record.nowhere               GET  LFFFFNFFFFFFFFNL
stars:branch_record_edit    record.first                 POST LFFFFRFFFFFFFFNL
stars:branch_record_edit    record.second                POST LFFFFFFFFFFFFFNL
stars:branch_record_edit    record.unit                  POST LFFFFNFFFFFFFFRL
stars:branch_record_edit    record.nowhere               POST LFFFFNFFFFFFFFNL

stars:branch_record_word    record.first                 GET  LMMMMMMMMMMFFFML
stars:branch_record_word    record.first                 POST L...N.....NFFFNL
stars:branch_record_word    record.second                POST LNNNNNNNNNNFFFNL
stars:branch_record_word    record.unit                  POST LNNNNNNNNNNFFF.L
stars:branch_record_word    record.nowhere               POST LNNNNNNNNNNFFFNL

stars:recusal_list          at_branch                    GET  LFFFFFFFF.FFFFNL
stars:recusal_list          at_committee                 GET  LFFFFFFF..FFFFNL
stars:recusal_list          publicity                    GET  LFFFFFFFNNFFFFNL
stars:recusal_list          at_branch.unit               GET  LFFFFFFFNNFFFF.L
stars:recusal_list          nowhere                      GET  LFFFFFFFNNFFFFNL

stars:recusal_order         at_branch                    GET  LFFFFFFFMMFFFFML
stars:recusal_order         at_branch                    POST LFFFFFFFFRFFFFNL
stars:recusal_order         at_committee                 POST LFFFFFFFRRFFFFNL
stars:recusal_order         publicity                    POST LFFFFFFFNNFFFFNL
stars:recusal_order         at_branch.unit               POST LFFFFFFFNNFFFFRL
stars:recusal_order         nowhere                      POST LFFFFFFFNNFFFFNL

stars:recusal_lift          recusal.ordered              GET  LFFFFFFFMMFFFFML
stars:recusal_lift          recusal.ordered              POST LFFFFFFFFRFFFFNL
stars:recusal_lift          recusal.rule                 POST LFFFFFFFFUFFFFNL
stars:recusal_lift          recusal.unit                 POST LFFFFFFFNNFFFFRL
stars:recusal_lift          nowhere                      POST LFFFFFFFNNFFFFNL

stars:recusal_declare       nomination.at_branch         GET  L...F..NNFNFFFNL
stars:recusal_declare       nomination.at_committee      GET  LFFFFFF..FNFFFNL
stars:recusal_declare       nomination.placed            GET  LFFFFFFFFFNFFFNL
stars:recusal_declare       nomination.unit.at_branch    GET  LNNNNNNNNNNFFFFL
stars:recusal_declare       nowhere                      GET  LNNNNNNNNNNFFFNL
stars:recusal_declare       nomination.at_branch         POST LCRCFRRNNFNFFFNL
stars:recusal_declare       nomination.at_committee      POST LFFFFFFRRFNFFFNL
stars:recusal_declare       nomination.unit.at_branch    POST LNNNNNNNNNNFFFFL
stars:recusal_declare       nowhere                      POST LNNNNNNNNNNFFFNL

scheme:kinship              -                            GET  L..........FFF.L
scheme:kinship              -                            POST LRRRRRRRRRRFFFUL

scheme:kinship_unit         -                            GET  LFFFFFFFF.FFFF.L
scheme:kinship_unit         -                            POST LFFFFFFFFRFFFFUL

scheme:kinship_end          kin.own                      GET  LMMMMMMMMMMFFFML
scheme:kinship_end          kin.own                      POST LRNNNNNNNRFFFFNL
scheme:kinship_end          kin.unit                     POST LNNNNNNNNNNFFFRL
scheme:kinship_end          nowhere                      POST LNNNNNNNNNNFFFNL
"""
