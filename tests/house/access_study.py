"""Study sessions and talks in the table of routes: a session and a talk in every state.

The officer speaks; the chief's talk is planned for swapping; what waits for the keeper is past.
"""

from datetime import date, timedelta
from types import SimpleNamespace

from ledgers.models import LedgerMove, StudySession, Talk
from scheme import clock, sealing

PAST, COMING = date(2026, 7, 3), date(2026, 7, 10)


def build(d) -> None:
    own = {"unit": d.unit, "recorded_at": clock.now(), "version": 1}
    d.study = SimpleNamespace()
    for state in ("planned", "held", "void"):
        session = StudySession.objects.create(
            day=PAST, topic="学习", state=state, recorded_by=d.people["personnel"], **own
        )
        setattr(d.study, state, session)
    d.study.held.misses.create(person=d.people["officer"])
    d.talk, box = SimpleNamespace(), sealing.new_box()
    ends = {"open": clock.now() + timedelta(days=2), "over": clock.now() - timedelta(hours=1)}
    for n, name in enumerate(("planned", "given", "chiefs", "open", "over", "held", "void")):
        talk = Talk.objects.create(
            day=COMING if name in ("planned", "chiefs") else PAST - timedelta(n),
            speaker=d.people["chief" if name == "chiefs" else "officer"],
            title="怎样写信息",
            state={"given": "planned", "chiefs": "planned", "over": "open"}.get(name, name),
            rating_ends_at=ends.get(name),
            locked_key=box if name in ends else None,
            **own,
        )
        setattr(d.talk, name, talk)
    for ledger, row in (("study", d.study.void), ("talk", d.talk.void)):
        LedgerMove.objects.create(
            unit=d.unit, ledger=ledger, row_id=row.pk, version=1, kind="void", at=clock.now(),
            by=d.people["personnel"], text="重了", before={"state": "planned"},
        )  # fmt: skip


TARGETS = {
    **{
        f"study.{name}": lambda w, name=name: getattr(w.here.study, name)
        for name in ("planned", "held", "void")
    },
    **{
        f"talk.{name}": lambda w, name=name: getattr(w.here.talk, name)
        for name in ("planned", "given", "open", "over", "held", "void")
    },
    "study.unit": lambda w: w.there.study.planned,
    "talk.unit": lambda w: w.there.talk.planned,
    "talk.unit.open": lambda w: w.there.talk.open,
}


def _seen(thing) -> dict:
    return {"seen": getattr(thing, "version", 1), "reason": "写明理由，以备查考"}


def _session(w, thing):
    return {"day": PAST.isoformat(), "topic": "组织工作条例", "place": "会议室", **_seen(thing)}


def _talk(w, thing):
    speaker = getattr(thing, "speaker_id", 0)
    day = getattr(thing, "day", PAST).isoformat()
    return {"day": day, "speaker_id": speaker, "title": "怎样写通报", **_seen(thing)}


def _plan(w, thing):
    return {
        "form-TOTAL_FORMS": 1,
        "form-INITIAL_FORMS": 1,
        "form-0-day": "2026-07-22",
        # The first of the unit's own people is not the stranger's to plan for.
        "form-0-speaker": w.here.people["officer"].pk,
    }


def _talk_act(w, thing):
    name = next((name for name in vars(w.here.talk) if getattr(w.here.talk, name) == thing), "")
    chiefs = w.here.talk.chiefs
    body = {
        "given": {"move": "open", "until_day": "2026-07-10", "until_time": "18:00"},
        "planned": {"move": "swap", "other": f"{chiefs.pk}:{chiefs.version}"},
        "over": {"move": "shut"},
        "open": {"move": "shut"},
        "void": {"move": "restore"},
    }
    return _seen(thing) | body.get(name, {"move": "void"})


BODIES = {
    "ledgers:study_new": _session,
    "ledgers:study_edit": _session,
    "ledgers:study_attendance": lambda w, t: (
        {
            **_seen(t),
            "missed": w.here.people["deputy"].pk,
        }
        if getattr(t, "unit_id", 0) == w.here.unit.pk
        else _seen(t)
    ),
    "ledgers:study_act": lambda w, t: {
        **_seen(t),
        "move": "restore" if getattr(t, "state", "") == "void" else "void",
    },
    "ledgers:talk_plan": _plan,
    "ledgers:talk_edit": _talk,
    "ledgers:talk_rate": lambda w, t: {"quick": "95", "value": ""},
    "ledgers:talk_act": _talk_act,
}

TABLE = """
ledgers:study_list          -                            GET  L..........FFF.L

ledgers:study_mine          -                            GET  L..........FFF.L

ledgers:study_figures       -                            GET  LFF..FFFF.FFFF.L

ledgers:study_new           -                            GET  LFFFFFFFF.FFFF.L
ledgers:study_new           -                            POST LFFFFFFFFRFFFFRL

ledgers:study_detail        study.planned                GET  L..........FFFNL
ledgers:study_detail        study.held                   GET  L..........FFFNL
ledgers:study_detail        study.void                   GET  L..........FFFNL
ledgers:study_detail        study.unit                   GET  LNNNNNNNNNNFFF.L
ledgers:study_detail        nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:study_edit          study.planned                GET  LFFFFFFFF.FFFFNL
ledgers:study_edit          study.planned                POST LFFFFFFFFRFFFFNL
ledgers:study_edit          study.held                   POST LFFFFFFFFRFFFFNL
ledgers:study_edit          study.unit                   POST LFFFFFFFFNFFFFRL
ledgers:study_edit          nowhere                      POST LFFFFFFFFNFFFFNL

ledgers:study_attendance    study.planned                GET  LFFFFFFFF.FFFFNL
ledgers:study_attendance    study.planned                POST LFFFFFFFFRFFFFNL
ledgers:study_attendance    study.held                   POST LFFFFFFFFRFFFFNL
ledgers:study_attendance    study.void                   POST LFFFFFFFFCFFFFNL
ledgers:study_attendance    study.unit                   POST LFFFFFFFFNFFFFRL
ledgers:study_attendance    nowhere                      POST LFFFFFFFFNFFFFNL

ledgers:study_sheet         study.planned                GET  LFFFFFFFF.FFFFNL
ledgers:study_sheet         study.unit                   GET  LFFFFFFFFNFFFF.L
ledgers:study_sheet         nowhere                      GET  LFFFFFFFFNFFFFNL

ledgers:study_act           study.held                   GET  LFFFFFFFFMFFFFML
ledgers:study_act           study.held                   POST LFFFFFFFFRFFFFNL
ledgers:study_act           study.void                   POST LFFFFFFFFRFFFFNL
ledgers:study_act           study.unit                   POST LFFFFFFFFNFFFFRL
ledgers:study_act           nowhere                      POST LFFFFFFFFNFFFFNL

ledgers:talk_list           -                            GET  L..........FFF.L

ledgers:talk_rota           -                            GET  L..........FFF.L

ledgers:talk_plan           -                            GET  LFFFFFFFF.FFFF.L
ledgers:talk_plan           -                            POST LFFFFFFFFRFFFFUL

ledgers:talk_detail         talk.planned                 GET  L..........FFFNL
ledgers:talk_detail         talk.given                   GET  L..........FFFNL
ledgers:talk_detail         talk.open                    GET  L..........FFFNL
ledgers:talk_detail         talk.held                    GET  L..........FFFNL
ledgers:talk_detail         talk.void                    GET  L..........FFFNL
ledgers:talk_detail         talk.unit                    GET  LNNNNNNNNNNFFF.L
ledgers:talk_detail         nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:talk_edit           talk.planned                 GET  L.FFFFFFF.FFFFNL
ledgers:talk_edit           talk.planned                 POST LRFFFFFFFRFFFFNL
ledgers:talk_edit           talk.held                    POST LCFFFFFFFRFFFFNL
ledgers:talk_edit           talk.void                    POST LCFFFFFFFCFFFFNL
ledgers:talk_edit           talk.unit                    POST LNNNNNNNNNNFFFRL
ledgers:talk_edit           nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:talk_rate           talk.open                    GET  LF.........FFFNL
ledgers:talk_rate           talk.open                    POST LFRRRRRRRRRFFFNL
ledgers:talk_rate           talk.planned                 POST LFCCCCCCCCCFFFNL
ledgers:talk_rate           talk.over                    POST LFCCCCCCCCCFFFNL
ledgers:talk_rate           talk.held                    POST LFCCCCCCCCCFFFNL
ledgers:talk_rate           talk.unit.open               POST LNNNNNNNNNNFFFRL
ledgers:talk_rate           nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:talk_act            talk.given                   GET  LFFFFFFFFMFFFFML
ledgers:talk_act            talk.given                   POST LFFFFFFFFRFFFFNL
ledgers:talk_act            talk.planned                 POST LFFFFFFFFRFFFFNL
ledgers:talk_act            talk.open                    POST LFFFFFFFFUFFFFNL
ledgers:talk_act            talk.over                    POST LFFFFFFFFRFFFFNL
ledgers:talk_act            talk.void                    POST LFFFFFFFFRFFFFNL
ledgers:talk_act            talk.unit                    POST LFFFFFFFFNFFFFRL
ledgers:talk_act            nowhere                      POST LFFFFFFFFNFFFFNL
"""
