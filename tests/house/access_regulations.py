"""Regulations and the daily digest in the table of routes."""

from datetime import date
from types import SimpleNamespace

from desk.models import Digest
from scheme import clock
from scheme.actions import library
from scheme.actions import regulations as acts
from tests import factories as make

TEXT = "第一条 每个工作日报送日报。\n第二条 请假期间免报。"
WORDS = acts.Words(TEXT, "组通〔2025〕1号", date(2025, 1, 6), date(2025, 2, 1))
ROW = {"kind": "warn", "word": "待阅", "title": "x", "note": "", "url": "/"}
BODY = {"owed": [], "waiting": [ROW]}


def build(d) -> None:
    """One in force to be read by all, one of another section, and drafts of each kind."""
    p = d.people
    d.regulation = SimpleNamespace(
        own=_made(d, 1, d.one), other=_made(d, 2, d.two), draft=_draft(d, 3), waiting=_draft(d, 4)
    )
    waiting = d.regulation.waiting
    d.regulation.waiting = acts.hand_in(waiting.pk, by=p["personnel"], seen=waiting.version)
    own = d.regulation.own
    d.regulation.own = library.ask_to_read(
        own.pk, readers="everybody", sections=(), read_by=date(2026, 8, 1), by=p["personnel"],
        seen=own.version,
    )  # fmt: skip
    make.forget_powers(*p.values())
    Digest.objects.create(
        unit=d.unit, person=p["officer"], day=date(2026, 7, 8), owed=0, waiting=1,
        body={"zh-hans": BODY, "en": BODY}, made_at=clock.now(),
    )  # fmt: skip


def _draft(d, number, owner=None):
    return acts.draft(
        d.unit, area=3, number=number, title=f"制度{number}", owner=owner or d.one, words=WORDS,
        by=d.people["personnel"],
    )  # fmt: skip


def _made(d, number, owner):
    draft = _draft(d, number, owner)
    draft = acts.hand_in(draft.pk, by=d.people["personnel"], seen=draft.version)
    return acts.approve(draft.pk, by=d.people["leader"], seen=draft.version)


TARGETS = {}
for _name in ("own", "other", "draft", "waiting"):
    TARGETS[f"reg.{_name}"] = lambda w, n=_name: getattr(w.here.regulation, n).regulation
    TARGETS[f"regv.{_name}"] = lambda w, n=_name: getattr(w.here.regulation, n)
    TARGETS[f"reg.unit.{_name}"] = lambda w, n=_name: getattr(w.there.regulation, n).regulation
    TARGETS[f"regv.unit.{_name}"] = lambda w, n=_name: getattr(w.there.regulation, n)

_DATES = {"issued_on": "2026-07-01", "effective_on": "2026-08-01"}


def _seen(w, thing):
    return {"seen": getattr(thing, "version", 0)}


def _place(w, number=9):
    return {"area": "3", "number": number, "title": f"新制度{number}", "owner": w.here.one.pk}


BODIES = {
    "scoring:regulation_new": lambda w, t: _place(w) | {"text": TEXT, **_DATES},
    "scoring:regulation_areas": lambda w, t: {"area_3": "纪律作风"},
    "scoring:regulation_describe": lambda w, t: _seen(w, t) | _place(w) | _there(w, t),
    "scoring:regulation_abolish": lambda w, t: _seen(w, t) | {**_DATES, "reason": "另有规定"},
    "scoring:regulation_write": lambda w, t: _seen(w, t) | {"text": TEXT, **_DATES},
    "scoring:regulation_return": lambda w, t: _seen(w, t) | {"reason": "再改"},
    "scoring:regulation_readers": lambda w, t: (
        _seen(w, t) | {"readers": "everybody", "read_by": "2026-08-01"}
    ),
    "desk:digest_address": lambda w, t: {"email": "someone@example.org"},
    "desk:digest_settings": lambda w, t: {
        "in_force_from": "2026-07-08", "enabled": "on", "send_at": "09:00", "robot": "",
    },
}  # fmt: skip
for _name in ("revise", "hand_in", "take_back", "approve", "discard"):
    BODIES[f"scoring:regulation_{_name}"] = _seen


def _there(w, thing):
    """The other department's things stand in its own sections."""
    elsewhere = getattr(thing, "unit_id", None) == w.there.unit.pk
    return {"owner": w.there.one.pk} if elsewhere else {}


TABLE = """
scoring:regulation_list      -                GET  L..........FFF.L

scoring:regulation_export    -                GET  LMMMMMMMMMMFFFML
scoring:regulation_export    -                POST L..........FFF.L

scoring:regulation_citations -                GET  LFFFFFFFF.FFFF.L

scoring:regulation_new       -                GET  LFF.FFFFF.FFFF.L
scoring:regulation_new       -                POST LFFRFFFFFRFFFFUL

scoring:regulation_areas     -                GET  LFFFFFFFF.FFFF.L
scoring:regulation_areas     -                POST LFFFFFFFFRFFFFRL

scoring:regulation_detail    reg.own          GET  L..........FFFNL
scoring:regulation_detail    reg.other        GET  L..........FFFNL
scoring:regulation_detail    reg.draft        GET  LNN..NNNN.NFFFNL
scoring:regulation_detail    reg.unit.own     GET  LNNNNNNNNNNFFF.L
scoring:regulation_detail    nowhere          GET  LNNNNNNNNNNFFFNL

scoring:regulation_compare   reg.own          GET  L..........FFFNL
scoring:regulation_compare   reg.draft        GET  LNN..NNNN.NFFFNL
scoring:regulation_compare   reg.unit.own     GET  LNNNNNNNNNNFFF.L
scoring:regulation_compare   nowhere          GET  LNNNNNNNNNNFFFNL

scoring:regulation_describe  reg.own          GET  LFFFFFFFF.FFFFNL
scoring:regulation_describe  reg.own          POST LFFFFFFFFRFFFFNL
scoring:regulation_describe  reg.unit.own     POST LFFFFFFFFNFFFFRL
scoring:regulation_describe  nowhere          POST LFFFFFFFFNFFFFNL

scoring:regulation_revise    reg.own          GET  LFFMFFFFFMFFFFML
scoring:regulation_revise    reg.own          POST LFFRFFFFFRFFFFNL
scoring:regulation_revise    reg.other        POST LFFFFFFFFRFFFFNL
scoring:regulation_revise    reg.draft        POST LFFCFFFFFCFFFFNL
scoring:regulation_revise    reg.unit.own     POST LFFNFFFFFNFFFFRL
scoring:regulation_revise    nowhere          POST LFFNFFFFFNFFFFNL

scoring:regulation_abolish   reg.own          GET  LFFMFFFFFMFFFFML
scoring:regulation_abolish   reg.own          POST LFFRFFFFFRFFFFNL
scoring:regulation_abolish   reg.other        POST LFFFFFFFFRFFFFNL
scoring:regulation_abolish   reg.draft        POST LFFCFFFFFCFFFFNL
scoring:regulation_abolish   reg.unit.own     POST LFFNFFFFFNFFFFRL
scoring:regulation_abolish   nowhere          POST LFFNFFFFFNFFFFNL

scoring:regulation_version   regv.own         GET  LRRRRRRRRRRFFFNL
scoring:regulation_version   regv.draft       GET  LNNRRNNNNRNFFFNL
scoring:regulation_version   regv.unit.own    GET  LNNNNNNNNNNFFFRL
scoring:regulation_version   nowhere          GET  LNNNNNNNNNNFFFNL

scoring:regulation_read      regv.own         GET  LMMMMMMMMMMFFFML
scoring:regulation_read      regv.own         POST LRRRRRRRRRRFFFNL
scoring:regulation_read      regv.draft       POST LNNCCNNNNCNFFFNL
scoring:regulation_read      regv.unit.own    POST LNNNNNNNNNNFFFRL
scoring:regulation_read      nowhere          POST LNNNNNNNNNNFFFNL

scoring:regulation_readers   regv.own         GET  LFF.FFFFF.FFFFNL
scoring:regulation_readers   regv.other       GET  LFFFFFFFF.FFFFNL
scoring:regulation_readers   regv.own         POST LFFRFFFFFRFFFFNL
scoring:regulation_readers   regv.unit.own    POST LFFNFFFFFNFFFFRL
scoring:regulation_readers   nowhere          POST LFFNFFFFFNFFFFNL

scoring:regulation_write     regv.draft       GET  LFF.FFFFF.FFFFNL
scoring:regulation_write     regv.own         GET  LFFRFFFFFRFFFFNL
scoring:regulation_write     regv.other       GET  LFFFFFFFFRFFFFNL
scoring:regulation_write     regv.draft       POST LFFRFFFFFRFFFFNL
scoring:regulation_write     regv.waiting     POST LFFCFFFFFCFFFFNL
scoring:regulation_write     regv.own         POST LFFCFFFFFCFFFFNL
scoring:regulation_write     regv.unit.draft  POST LFFNFFFFFNFFFFRL
scoring:regulation_write     nowhere          POST LFFNFFFFFNFFFFNL

scoring:regulation_hand_in   regv.draft       GET  LFFMFFFFFMFFFFML
scoring:regulation_hand_in   regv.draft       POST LFFRFFFFFRFFFFNL
scoring:regulation_hand_in   regv.waiting     POST LFFCFFFFFCFFFFNL
scoring:regulation_hand_in   regv.unit.draft  POST LFFNFFFFFNFFFFRL
scoring:regulation_hand_in   nowhere          POST LFFNFFFFFNFFFFNL

scoring:regulation_take_back regv.waiting     GET  LFFMFFFFFMFFFFML
scoring:regulation_take_back regv.waiting     POST LFFRFFFFFRFFFFNL
scoring:regulation_take_back regv.draft       POST LFFCFFFFFCFFFFNL
scoring:regulation_take_back regv.unit.waiting POST LFFNFFFFFNFFFFRL
scoring:regulation_take_back nowhere          POST LFFNFFFFFNFFFFNL

scoring:regulation_approve   regv.waiting     GET  LFFFMFFFFFFFFFML
scoring:regulation_approve   regv.waiting     POST LFFFRFFFFFFFFFNL
scoring:regulation_approve   regv.draft       POST LFFFCFFFFFFFFFNL
scoring:regulation_approve   regv.own         POST LFFFCFFFFFFFFFNL
scoring:regulation_approve   regv.unit.waiting POST LFFFNFFFFFFFFFUL
scoring:regulation_approve   nowhere          POST LFFFNFFFFFFFFFNL

scoring:regulation_return    regv.waiting     GET  LFFFMFFFFFFFFFML
scoring:regulation_return    regv.waiting     POST LFFFRFFFFFFFFFNL
scoring:regulation_return    regv.own         POST LFFFCFFFFFFFFFNL
scoring:regulation_return    regv.unit.waiting POST LFFFNFFFFFFFFFRL
scoring:regulation_return    nowhere          POST LFFFNFFFFFFFFFNL

scoring:regulation_discard   regv.draft       GET  LFFMFFFFFMFFFFML
scoring:regulation_discard   regv.draft       POST LFFRFFFFFRFFFFNL
scoring:regulation_discard   regv.own         POST LFFCFFFFFCFFFFNL
scoring:regulation_discard   regv.unit.draft  POST LFFNFFFFFNFFFFRL
scoring:regulation_discard   nowhere          POST LFFNFFFFFNFFFFNL

desk:digest                  -                GET  L..........FFF.L

desk:digest_address          -                GET  LMMMMMMMMMMFFFML
desk:digest_address          -                POST LRRRRRRRRRRFFFRL

desk:digest_settings         -                GET  LFFFFFFFF.FFFF.L
desk:digest_settings         -                POST LFFFFFFFFRFFFFRL
"""
