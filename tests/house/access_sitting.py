"""部务会定星 in the table of routes."""

from types import SimpleNamespace

from scheme import clock
from stars import minutes
from stars.models import Box, Elector, Meeting, Minutes


def build(d) -> None:
    """What its rows need besides the world of access_world.py: see `finish`."""


def finish(d) -> None:
    """A meeting that was adjourned, with its minutes, and one going on with a ballot on the chief's
    nomination; the other one waits. After the rounds."""
    p, round_ = d.people, d.round.at_committee
    at, common = clock.now(), {"round": round_, "chair": p["chair"], "held_on": clock.today()}
    closed = Meeting.objects.create(
        number=1, state="closed", place="三楼", opened_at=at, closed_at=at, **common
    )
    running = Meeting.objects.create(number=2, state="open", place="三楼", opened_at=at, **common)
    d.meeting = SimpleNamespace(closed=closed, open=running)
    d.box = Box.objects.create(
        meeting=running,
        nomination=d.nomination.other_sitting,
        secret=False,
        opened_at=at,
        opened_by=p["personnel"],
    )
    for name in ("committee", "chair"):
        Elector.objects.create(box=d.box, staff=p[name], standing="due", presides=name == "chair")
    d.minutes = Minutes.objects.create(
        meeting=closed, body=minutes.body_of(closed), drafted_by=p["personnel"], drafted_at=at
    )


def _seen(w, thing) -> dict:
    return {"seen": getattr(thing, "version", 0), "reason": "写明理由，以备查考"}


def _side(w, thing):
    round_ = getattr(thing, "round", thing)
    return w.there if getattr(round_, "unit_id", 0) == w.there.unit.pk else w.here


def _attendance(w, thing) -> dict:
    people = _side(w, thing).people
    came = {f"came-{people[name].pk}": "yes" for name in ("committee", "chair")}
    return _seen(w, None) | came


def _arranged(w, thing) -> dict:
    chair = _side(w, thing).people["chair"].pk
    return _seen(w, thing) | {"held_on": "2026-07-09", "place": "三楼", "chair": chair}


TARGETS = {
    "sitting.open": lambda w: w.here.meeting.open,
    "sitting.closed": lambda w: w.here.meeting.closed,
    "sitting.unit.open": lambda w: w.there.meeting.open,
    "sitting.unit": lambda w: w.there.meeting.closed,
    "box": lambda w: w.here.box,
    "box.unit": lambda w: w.there.box,
}
BODIES = {
    "stars:vote_cast": lambda w, t: {"choice": "for"},
    "stars:attendance": _attendance,
    "stars:meeting_arrange": _arranged,
    "stars:meeting_call": lambda w, t: _seen(w, t) | {"held_on": "2026-07-09", "place": "三楼"},
    "stars:meeting_begin": _seen,
    "stars:meeting_adjourn": _seen,
    "stars:meeting_close": _seen,
    "stars:written_record": lambda w, t: {"staff": w.here.people["committee"].pk, "text": "同意"},
    "stars:box_open": lambda w, t: _seen(w, None),
    "stars:box_close": _seen,
    "stars:box_void": _seen,
    "stars:box_reconsider": _seen,
    "stars:tie": lambda w, t: _seen(w, t) | {"star": "ye", "kind": "person"},
    "stars:minutes_draft": _seen,
    "stars:minutes_word": lambda w, t: {"seen": 0, "text": "会议强调。"},
    "stars:minutes_confirm": lambda w, t: {"seen": 0},
    "stars:minutes_file": _seen,
}
TABLE = """
stars:committee             at_branch                    GET  LFFFFFFRRRFFFFNL
stars:committee             at_committee                 GET  LFFFFFF...FFFFNL
stars:committee             publicity                    GET  LFFFFFFRRRFFFFNL
stars:committee             at_committee.unit            GET  LFFFFFFNNNFFFF.L
stars:committee             nowhere                      GET  LFFFFFFNNNFFFFNL

stars:sitting               at_branch                    GET  LFFFFFFRRRFFFFNL
stars:sitting               at_committee                 GET  LFFFFFF...FFFFNL
stars:sitting               at_committee.unit            GET  LFFFFFFNNNFFFF.L
stars:sitting               nowhere                      GET  LFFFFFFNNNFFFFNL

stars:vote_cast             box                          GET  LFFFFFFMMFFFFFML
stars:vote_cast             box                          POST LFFFFFFRUFFFFFNL
stars:vote_cast             box.unit                     POST LFFFFFFNNFFFFFUL
stars:vote_cast             nowhere                      POST LFFFFFFNNFFFFFNL

stars:meeting               at_branch                    GET  LFFFFFFRRRFFFFNL
stars:meeting               at_committee                 GET  LFFFFFFF..FFFFNL
stars:meeting               at_committee.unit            GET  LFFFFFFNNNFFFF.L
stars:meeting               nowhere                      GET  LFFFFFFNNNFFFFNL

stars:attendance            at_committee                 GET  LFFFFFFFF.FFFFNL
stars:attendance            at_committee                 POST LFFFFFFFFRFFFFNL
stars:attendance            at_branch                    GET  LFFFFFFFFNFFFFNL
stars:attendance            at_branch                    POST LFFFFFFFFNFFFFNL
stars:attendance            at_committee.unit            GET  LFFFFFFFFNFFFF.L
stars:attendance            at_committee.unit            POST LFFFFFFFFNFFFFRL
stars:attendance            nowhere                      GET  LFFFFFFFFNFFFFNL
stars:attendance            nowhere                      POST LFFFFFFFFNFFFFNL

stars:meeting_arrange       sitting.open                 GET  LFFFFFFFF.FFFFNL
stars:meeting_arrange       sitting.open                 POST LFFFFFFFFUFFFFNL
stars:meeting_arrange       sitting.unit.open            GET  LFFFFFFFFNFFFF.L
stars:meeting_arrange       sitting.unit.open            POST LFFFFFFFFNFFFFUL
stars:meeting_arrange       nowhere                      GET  LFFFFFFFFNFFFFNL
stars:meeting_arrange       nowhere                      POST LFFFFFFFFNFFFFNL

stars:meeting_call          at_committee                 POST LFFFFFFFFCFFFFNL
stars:meeting_call          at_branch                    POST LFFFFFFFFNFFFFNL
stars:meeting_call          at_committee.unit            POST LFFFFFFFFNFFFFCL
stars:meeting_call          nowhere                      POST LFFFFFFFFNFFFFNL

stars:meeting_begin         sitting.open                 POST LFFFFFFFCCFFFFNL
stars:meeting_begin         sitting.unit.open            POST LFFFFFFNNNFFFFCL
stars:meeting_begin         nowhere                      POST LFFFFFFNNNFFFFNL

stars:meeting_adjourn       sitting.open                 POST LFFFFFFFRRFFFFNL
stars:meeting_adjourn       sitting.unit.open            POST LFFFFFFNNNFFFFRL
stars:meeting_adjourn       nowhere                      POST LFFFFFFNNNFFFFNL

stars:meeting_close         sitting.open                 POST LFFFFFFFUUFFFFNL
stars:meeting_close         sitting.unit.open            POST LFFFFFFNNNFFFFUL
stars:meeting_close         nowhere                      POST LFFFFFFNNNFFFFNL

stars:written_record        sitting.open                 POST LFFFFFFFFUFFFFNL
stars:written_record        sitting.unit.open            POST LFFFFFFFFNFFFFUL
stars:written_record        nowhere                      POST LFFFFFFFFNFFFFNL

stars:box_open              nomination.at_committee      POST LFFFFFFFCCFFFFNL
stars:box_open              nomination.placed            POST LFFFFFFNNNFFFFNL
stars:box_open              nomination.unit.at_committee POST LFFFFFFNNNFFFFCL
stars:box_open              nowhere                      POST LFFFFFFNNNFFFFNL

stars:box_reconsider        nomination.at_committee      POST LFFFFFFFCCFFFFNL
stars:box_reconsider        nomination.unit.at_committee POST LFFFFFFNNNFFFFCL
stars:box_reconsider        nowhere                      POST LFFFFFFNNNFFFFNL

stars:box_close             box                          POST LFFFFFFFCCFFFFNL
stars:box_close             box.unit                     POST LFFFFFFNNNFFFFCL
stars:box_close             nowhere                      POST LFFFFFFNNNFFFFNL

stars:box_void              box                          POST LFFFFFFFRRFFFFNL
stars:box_void              box.unit                     POST LFFFFFFNNNFFFFRL
stars:box_void              nowhere                      POST LFFFFFFNNNFFFFNL

stars:tie                   at_committee                 GET  LFFFFFFF.FFFFFNL
stars:tie                   at_committee                 POST LFFFFFFFUFFFFFNL
stars:tie                   at_branch                    GET  LFFFFFFNNNFFFFNL
stars:tie                   at_branch                    POST LFFFFFFNNNFFFFNL
stars:tie                   at_committee.unit            GET  LFFFFFFNNNFFFF.L
stars:tie                   at_committee.unit            POST LFFFFFFNNNFFFFUL
stars:tie                   nowhere                      GET  LFFFFFFNNNFFFFNL
stars:tie                   nowhere                      POST LFFFFFFNNNFFFFNL

stars:minutes_detail        sitting.closed               GET  LFFFFFF...FFFFNL
stars:minutes_detail        sitting.open                 GET  LFFFFFF...FFFFNL
stars:minutes_detail        sitting.unit                 GET  LFFFFFFNNNFFFF.L
stars:minutes_detail        nowhere                      GET  LFFFFFFNNNFFFFNL

stars:minutes_draft         sitting.closed               POST LFFFFFFFFRFFFFNL
stars:minutes_draft         sitting.open                 POST LFFFFFFFFUFFFFNL
stars:minutes_draft         sitting.unit                 POST LFFFFFFFFNFFFFRL
stars:minutes_draft         nowhere                      POST LFFFFFFFFNFFFFNL

stars:minutes_word          sitting.closed               POST LFFFFFFFFRFFFFNL
stars:minutes_word          sitting.unit                 POST LFFFFFFFFNFFFFRL
stars:minutes_word          nowhere                      POST LFFFFFFFFNFFFFNL

stars:minutes_confirm       sitting.closed               POST LFFFFFFFRFFFFFNL
stars:minutes_confirm       sitting.unit                 POST LFFFFFFNNNFFFFFL
stars:minutes_confirm       nowhere                      POST LFFFFFFNNNFFFFNL

stars:minutes_file          sitting.closed               POST LFFFFFF...FFFFNL
stars:minutes_file          sitting.unit                 POST LFFFFFFNNNFFFF.L
stars:minutes_file          nowhere                      POST LFFFFFFNNNFFFFNL
"""
