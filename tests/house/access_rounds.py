"""Rounds being prepared, opened and moved on in the table of routes."""

from scheme import clock
from scheme.models import Job


def build(d) -> None:
    """What its rows need besides the world of access_world.py: see `finish`."""


def finish(d) -> None:
    """What rests on the rounds: a finished rehearsal of the one that is being prepared."""
    office = d.people["personnel"]
    d.rehearsal = Job.objects.create(
        kind="stars.rehearse",
        dedupe_key=f"{d.round.preparing.pk}:{office.pk}:example",
        args={"round": d.round.preparing.pk},
        unit=d.unit,
        asked_by=office,
        state=Job.State.DONE,
        run_after=clock.now(),
        created_at=clock.now(),
        finished_at=clock.now(),
        result={"finished": True, "verdict": "走得通", "stages": [], "documents": []},
    )


def _of_section(w, round_):
    """The first section of the unit whose round it is."""
    side = w.there if getattr(round_, "unit_id", 0) == w.there.unit.pk else w.here
    seen = getattr(round_, "version", 0)
    return {"seen": seen, "section": side.one.pk, "reason": "负责人出差"}


def _later(w, round_):
    return {"seen": getattr(round_, "version", 0), "until": "2026-07-17", "reason": "会议推迟"}


TARGETS = {
    "rehearsal": lambda w: (w.here.round.preparing, w.here.rehearsal),
    "rehearsal.unit": lambda w: (w.there.round.preparing, w.there.rehearsal),
    "rehearsal.astray": lambda w: (w.here.round.nominating, w.here.rehearsal),
}
BODIES = {
    "stars:round_confirm": _of_section,
    "stars:round_confirm_stead": _of_section,
    "stars:round_extend": _later,
}
TABLE = """
stars:round_list            -                            GET  L..........FFF.L

stars:round_prepare         -                            GET  LFFFFFFFFMFFFFML
stars:round_prepare         -                            POST LFFFFFFFFRFFFFRL

stars:round_detail          preparing                    GET  LNN.NNNNN.NFFFNL
stars:round_detail          nominating                   GET  L..........FFFNL
stars:round_detail          at_branch                    GET  L..........FFFNL
stars:round_detail          at_committee                 GET  L..........FFFNL
stars:round_detail          publicity                    GET  L..........FFFNL
stars:round_detail          published                    GET  L..........FFFNL
stars:round_detail          preparing.unit               GET  LNNNNNNNNNNFFF.L
stars:round_detail          published.unit               GET  LNNNNNNNNNNFFF.L
stars:round_detail          nowhere                      GET  LNNNNNNNNNNFFFNL

stars:round_plan            preparing                    GET  LFFFFFFFF.FFFFNL
stars:round_plan            preparing                    POST LFFFFFFFFRFFFFNL
stars:round_plan            nominating                   GET  LFFFFFFFF.FFFFNL
stars:round_plan            nominating                   POST LFFFFFFFFUFFFFNL
stars:round_plan            preparing.unit               GET  LFFFFFFFFNFFFF.L
stars:round_plan            preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_plan            nowhere                      GET  LFFFFFFFFNFFFFNL
stars:round_plan            nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_participants    preparing                    GET  LFFFFFFFF.FFFFNL
stars:round_participants    preparing                    POST LFFFFFFFFRFFFFNL
stars:round_participants    nominating                   GET  LFFFFFFFF.FFFFNL
stars:round_participants    nominating                   POST LFFFFFFFFUFFFFNL
stars:round_participants    preparing.unit               GET  LFFFFFFFFNFFFF.L
stars:round_participants    preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_participants    nowhere                      GET  LFFFFFFFFNFFFFNL
stars:round_participants    nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_score           preparing                    GET  LFFFFFFFFMFFFFML
stars:round_score           preparing                    POST LFFFFFFFFRFFFFNL
stars:round_score           preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_score           nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_open            preparing                    GET  LFFFFFFFFMFFFFML
stars:round_open            preparing                    POST LFFFFFFFFUFFFFNL
stars:round_open            nominating                   POST LFFFFFFFFCFFFFNL
stars:round_open            preparing.unit               POST LFFFFFFFFNFFFFUL
stars:round_open            nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_cancel          preparing                    GET  LFFFFFFFFMFFFFML
stars:round_cancel          preparing                    POST LFFFFFFFFRFFFFNL
stars:round_cancel          at_branch                    POST LFFFFFFFFRFFFFNL
stars:round_cancel          published                    POST LFFFFFFFFCFFFFNL
stars:round_cancel          preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_cancel          nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_advance         at_branch                    GET  LFFFFFFFFMFFFFML
stars:round_advance         at_branch                    POST LFFFFFFFFRFFFFNL
stars:round_advance         preparing                    POST LFFFFFFFFCFFFFNL
stars:round_advance         publicity                    POST LFFFFFFFFUFFFFNL
stars:round_advance         published                    POST LFFFFFFFFCFFFFNL
stars:round_advance         at_branch.unit               POST LFFFFFFFFNFFFFRL
stars:round_advance         nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_confirm         preparing                    GET  LFF.FFFFFFFFFFNL
stars:round_confirm         preparing                    POST LFFRFFFFFFFFFFNL
stars:round_confirm         nominating                   GET  LFFNFFFFFFFFFFNL
stars:round_confirm         nominating                   POST LFFNFFFFFFFFFFNL
stars:round_confirm         preparing.unit               GET  LFFNFFFFFFFFFF.L
stars:round_confirm         preparing.unit               POST LFFNFFFFFFFFFFRL
stars:round_confirm         nowhere                      GET  LFFNFFFFFFFFFFNL
stars:round_confirm         nowhere                      POST LFFNFFFFFFFFFFNL

stars:round_confirm_stead   preparing                    GET  LFFFFFFFFMFFFFML
stars:round_confirm_stead   preparing                    POST LFFFFFFFFRFFFFNL
stars:round_confirm_stead   nominating                   POST LFFFFFFFFCFFFFNL
stars:round_confirm_stead   preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_confirm_stead   nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_ask             preparing                    GET  LFFFFFFFFMFFFFML
stars:round_ask             preparing                    POST LFFFFFFFFRFFFFNL
stars:round_ask             nominating                   POST LFFFFFFFFUFFFFNL
stars:round_ask             preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_ask             nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_rehearse        preparing                    GET  LFFFFFFFFMFFFFML
stars:round_rehearse        preparing                    POST LFFFFFFFFRFFFFNL
stars:round_rehearse        nominating                   POST LFFFFFFFFCFFFFNL
stars:round_rehearse        preparing.unit               POST LFFFFFFFFNFFFFRL
stars:round_rehearse        nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_rehearsal       rehearsal                    GET  LFFFFFFFF.FFFFNL
stars:round_rehearsal       rehearsal.unit               GET  LFFFFFFFFNFFFF.L
stars:round_rehearsal       rehearsal.astray             GET  LFFFFFFFFNFFFFNL

stars:round_rehearsal_progress rehearsal                 GET  LFFFFFFFFRFFFFNL
stars:round_rehearsal_progress rehearsal.unit            GET  LFFFFFFFFNFFFFRL
stars:round_rehearsal_progress rehearsal.astray          GET  LFFFFFFFFNFFFFNL

stars:round_extend          nominating                   GET  LFFFFFFFFMFFFFML
stars:round_extend          nominating                   POST LFFFFFFFFRFFFFNL
stars:round_extend          preparing                    POST LFFFFFFFFCFFFFNL
stars:round_extend          publicity                    POST LFFFFFFFFCFFFFNL
stars:round_extend          nominating.unit              POST LFFFFFFFFNFFFFRL
stars:round_extend          nowhere                      POST LFFFFFFFFNFFFFNL
"""
