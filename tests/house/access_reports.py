"""Reports in full, absences, deputies, filing figures in the table of routes."""

from datetime import date
from types import SimpleNamespace

from scheme import clock
from scheme.models import Deputation, LeaveRequest
from tests import factories as make

# Nobody filed that Friday; it may still be back-filled.
UNFILED = date(2026, 7, 3)
FIRST, LAST = date(2026, 8, 3), date(2026, 8, 7)


def build(d) -> None:
    """Requests, an absence and a deputation, all of them still to come."""
    p, at = d.people, clock.now()
    common = {"unit": d.unit, "kind": "travel", "start_on": FIRST, "end_on": LAST, "asked_at": at}
    d.leave = SimpleNamespace(
        own=LeaveRequest.objects.create(staff=p["officer"], **common),
        chiefs=LeaveRequest.objects.create(staff=p["chief"], **common),
        kept=make.make_absence(p["member"], FIRST, LAST),
        deputation=Deputation.objects.create(
            unit=d.unit, principal=p["chief"], office="section_chief", section=d.one,
            deputy=p["deputy"], start_on=FIRST, end_on=LAST, named_by=p["chief"], named_at=at,
        ),
    )  # fmt: skip


TARGETS = {
    "leave.own": lambda w: w.here.leave.own,
    "leave.chiefs": lambda w: w.here.leave.chiefs,
    "leave.unit": lambda w: w.there.leave.own,
    "absence": lambda w: w.here.leave.kept,
    "absence.unit": lambda w: w.there.leave.kept,
    "deputation": lambda w: w.here.leave.deputation,
    "deputation.unit": lambda w: w.there.leave.deputation,
}


def _seen(w, thing):
    return {"seen": getattr(thing, "version", 0), "reason": "写明理由，以备查考"}


def _version(w, thing):
    return {"version": 0}


def _end_seen(w, thing):
    return {"seen": LAST.isoformat()}


def _deputy(w, thing):
    return {
        "principal": w.here.people["chief"].pk,
        "places": f"section_chief:{w.here.one.pk}",
        "deputy": w.here.people["deputy"].pk,
        "start_on": "2026-07-20",
        "end_on": "2026-07-24",
    }


BODIES = {
    "ledgers:report_unlock": _seen,
    "ledgers:review_remind": lambda w, t: {"day": UNFILED.isoformat()},
    "ledgers:filing_export": lambda w, t: {"span": "2026-07"},
    "ledgers:absence_ask": lambda w, t: {
        "kind": "travel",
        "start_on": "2026-07-20",
        "end_on": "2026-07-21",
    },
    "ledgers:absence_keep": lambda w, t: {
        "staff": w.here.people["officer"].pk,
        "kind": "leave",
        "start_on": "2026-07-20",
    },
    "ledgers:absence_end": lambda w, t: _end_seen(w, t) | {"end_on": "2026-08-05"},
    "ledgers:absence_cancel": _end_seen,
    "ledgers:leave_withdraw": _version,
    "ledgers:leave_grant": _version,
    "ledgers:leave_refuse": _version,
    "ledgers:deputation_name": _deputy,
    "ledgers:deputation_end": _end_seen,
}

TABLE = """
ledgers:report_unlock       report.accepted              GET  LFFMMFFFFFFFFFML
ledgers:report_unlock       report.accepted              POST LFFRFFFFFFFFFFNL
ledgers:report_unlock       report.own                   POST LFFCFFFFFFFFFFNL
ledgers:report_unlock       report.unit                  POST LFFNNFFFFFFFFFCL
ledgers:report_unlock       nowhere                      POST LFFNNFFFFFFFFFNL

ledgers:review_remind       person.own                   GET  LFFMMFFFFFFFFFML
ledgers:review_remind       person.own                   POST LFFRFFFFFFFFFFNL
ledgers:review_remind       person.chief                 POST LFFFRFFFFFFFFFNL
ledgers:review_remind       person.section               POST LFFFFFFFFFFFFFNL
ledgers:review_remind       person.unit                  POST LFFNNFFFFFFFFFRL
ledgers:review_remind       nowhere                      POST LFFNNFFFFFFFFFNL

ledgers:filing              -                            GET  L..........FFF.L

ledgers:filing_export       -                            GET  LMMMMMMMMMMFFFML
ledgers:filing_export       -                            POST L..........FFF.L

ledgers:absence_list        -                            GET  L..........FFF.L

ledgers:absence_ask         -                            GET  L...F..FF..FFF.L
ledgers:absence_ask         -                            POST LRRRFRRFFRRFFFRL

ledgers:absence_keep        -                            GET  LFFFFFFFF.FFFF.L
ledgers:absence_keep        -                            POST LFFFFFFFFRFFFFUL

ledgers:absence_end         absence                      GET  LFFFFFFFF.FFFFNL
ledgers:absence_end         absence                      POST LFFFFFFFFRFFFFNL
ledgers:absence_end         absence.unit                 POST LFFFFFFFFNFFFFRL
ledgers:absence_end         nowhere                      GET  LFFFFFFFFNFFFFNL

ledgers:absence_cancel      absence                      GET  LFFFFFFFFMFFFFML
ledgers:absence_cancel      absence                      POST LFFFFFFFFRFFFFNL
ledgers:absence_cancel      absence.unit                 POST LFFFFFFFFNFFFFRL
ledgers:absence_cancel      nowhere                      POST LFFFFFFFFNFFFFNL

ledgers:leave_withdraw      leave.own                    GET  LMMMFMMFFMMFFFML
ledgers:leave_withdraw      leave.own                    POST LRNFFNNFFFNFFFNL
ledgers:leave_withdraw      leave.unit                   POST LNNNFNNFFNNFFFFL
ledgers:leave_withdraw      nowhere                      POST LNNNFNNFFNNFFFNL

ledgers:leave_grant         leave.own                    GET  LMMMMMMMMMMFFFML
ledgers:leave_grant         leave.own                    POST LFNRFNNNNFNFFFNL
ledgers:leave_grant         leave.chiefs                 POST LNNFRNNNNFNFFFNL
ledgers:leave_grant         leave.unit                   POST LNNNNNNNNNNFFFRL
ledgers:leave_grant         nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:leave_refuse        leave.own                    GET  LMMMMMMMMMMFFFML
ledgers:leave_refuse        leave.own                    POST LFNRFNNNNFNFFFNL
ledgers:leave_refuse        leave.chiefs                 POST LNNFRNNNNFNFFFNL
ledgers:leave_refuse        leave.unit                   POST LNNNNNNNNNNFFFRL

ledgers:deputation_list     -                            GET  L..........FFF.L

ledgers:deputation_name     -                            GET  LFF..FFFF.FFFF.L
ledgers:deputation_name     -                            POST LFFRUFFFFRFFFFNL

ledgers:deputation_end      deputation                   GET  LFFMMFFFFMFFFFML
ledgers:deputation_end      deputation                   POST LFFRFFFFFRFFFFNL
ledgers:deputation_end      deputation.unit              POST LFFNNFFFFNFFFFRL
ledgers:deputation_end      nowhere                      POST LFFNNFFFFNFFFFNL
"""
