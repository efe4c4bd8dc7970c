"""Supervision: from receipt to striking off in the table of routes."""

from datetime import date
from types import SimpleNamespace

from ledgers import records
from ledgers.models import Closing, Extension, PassingOn, SupervisionNote, Task, TaskHandler
from scheme import clock

# State → what is tried on it.
STATES = {
    "assigned": Task.State.ASSIGNED,
    "received": Task.State.RECEIVED,
    "reported": Task.State.REPORTED,
    "reviewed": Task.State.REVIEWED,
    "closed": Task.State.CLOSED,
    "suspended": Task.State.SUSPENDED,
}
DUE, LATER = date(2026, 7, 31), date(2026, 8, 31)


def build(d) -> None:
    """Rows of the department `d` that the routes are tried on: a task in every state, led by the
    first section and handled by its officer; one of the second section; lines of the ledger."""
    p, at = d.people, clock.now()
    d.supervised = s = SimpleNamespace()

    def task(name, state, lead=d.one, due_on=DUE):
        made = Task.objects.create(
            unit=d.unit, number=f"督-{name}", title=f"任务{name}", lead=lead, difficulty=3,
            due_on=due_on, state=state, start_on=date(2026, 7, 1), assigned_at=at,
            received_at=at, reported_at=at if state in ("reported", "reviewed") else None,
            closed_on=date(2026, 7, 7) if state == "closed" else None, recorded_at=at,
        )  # fmt: skip
        TaskHandler.objects.create(task=made, person=p["officer"], role="main", share=100)
        setattr(s, name, made)
        return made

    for name, state in STATES.items():
        task(name, state)
    records.note(s.suspended, "suspend", by=p["leader"], text="等文件")
    task("other", Task.State.RECEIVED, lead=d.two)
    task("late", Task.State.RECEIVED, due_on=date(2026, 7, 3))
    for name in ("reported", "reviewed"):
        Closing.objects.create(
            task=getattr(s, name), done_on=date(2026, 7, 7), result="已办", handling="已办",
            state="filed" if name == "reported" else "reviewed", filed_by=p["chief"], filed_at=at,
        )  # fmt: skip
    asking = task("asking", Task.State.RECEIVED)
    Extension.objects.create(task=asking, to=LATER, reason="等", asked_by=p["chief"], asked_at=at)
    PassingOn.objects.create(
        task=asking, origin=d.one, to=d.two, reason="职责", asked_by=p["chief"], asked_at=at
    )

    def note(name, **more):
        made = SupervisionNote.objects.create(
            unit=d.unit, day=date(2026, 7, 7), kind="pressed", recorded_at=at,
            written_by=p["supervision"], **more,
        )  # fmt: skip
        setattr(s, name, made)

    note("pressed", task=s.received, section=d.one, text="请反馈")
    note("void", task=s.received, section=d.one, state="void")
    note("other_note", section=d.two)


def _of(where, name):
    return getattr(where.supervised, name)


def _act(name, act):
    return {
        f"supervise.{name}.{act}": lambda w: (_of(w.here, name), act),
        f"supervise.unit.{name}.{act}": lambda w: (_of(w.there, name), act),
    }


# Task and act, of this unit and of the other.
ACTS = [
    ("assigned", "receive"),
    ("received", "receive"),
    ("received", "progress"),
    ("other", "progress"),
    ("received", "report"),
    ("received", "ask_extension"),
    ("asking", "grant_extension"),
    ("received", "grant_extension"),
    ("asking", "refuse_extension"),
    ("late", "replan"),
    ("received", "ask_pass_on"),
    ("asking", "pass_on"),
    ("asking", "refuse_pass_on"),
    ("received", "press"),
    ("closed", "press"),
    ("received", "escalate"),
    ("reported", "review"),
    ("received", "review"),
    ("reported", "return_"),
    ("reviewed", "return_"),
    ("reviewed", "send_back"),
    ("reviewed", "close"),
    ("reported", "close"),
    ("closed", "strike"),
    ("received", "suspend"),
    ("suspended", "resume"),
    ("received", "nonsense"),
]
NOTES = [
    ("pressed", "answer"),
    ("void", "answer"),
    ("pressed", "void"),
    ("other_note", "void"),
    ("void", "restore"),
    ("pressed", "nonsense"),
]

TARGETS = {}
for _name, _what in (*ACTS, *NOTES):
    TARGETS |= _act(_name, _what)
for _name in ("pressed", "other_note"):
    TARGETS[f"note.{_name}"] = lambda w, name=_name: _of(w.here, name)
TARGETS["note.unit"] = lambda w: w.there.supervised.pressed
TARGETS["supervise.nowhere"] = lambda w: (9_000_000_000_000_000_000, "press")

_BODY = {
    "reason": "职责调整", "text": "请反馈", "answer": "同意", "percent": 50, "result": "已办",
    "handling": "已办", "done_on": "2026-07-07", "to": LATER.isoformat(), "archive": "督1",
}  # fmt: skip


def _body(w, target):
    row, _act = target
    version = getattr(row, "version", 0)
    return _BODY | {"version": version, "to_id": w.here.two.pk}


BODIES = {
    "ledgers:supervise": _body,
    "ledgers:note_act": _body,
    "ledgers:light_settings": lambda w, t: {
        "in_force_from": "2026-07-09",
        "near_days": 3,
        "yellow_behind": 10,
        "red_behind": 30,
        "escalate_after": 3,
    },
}

TABLE = """
ledgers:board           -                                   GET  LFFF.FF..F.FFF.L

ledgers:board_workbook  -                                   GET  LFFFMFFMMFMFFFML
ledgers:board_workbook  -                                   POST LFFF.FF..F.FFF.L

ledgers:light_settings  -                                   GET  LFFFFFFFFF.FFFFL
ledgers:light_settings  -                                   POST LFFFFFFFFFRFFFFL

ledgers:note_list       -                                   GET  L..........FFF.L

ledgers:note_detail     note.pressed                        GET  L..........FFFNL
ledgers:note_detail     note.other_note                     GET  L..........FFFNL
ledgers:note_detail     note.unit                           GET  LNNNNNNNNNNFFF.L
ledgers:note_detail     nowhere                             GET  LNNNNNNNNNNFFFNL

ledgers:note_act        supervise.pressed.nonsense          GET  LMMMMMMMMMMFFFML
ledgers:note_act        supervise.pressed.nonsense          POST LNNNNNNNNNNFFFNL
ledgers:note_act        supervise.pressed.answer            POST LRFRFFFFFFFFFFNL
ledgers:note_act        supervise.void.answer               POST LCFCFFFFFFFFFFNL
ledgers:note_act        supervise.pressed.void              POST LFFFRFFFRFFFFFNL
ledgers:note_act        supervise.other_note.void           POST LFFFFFFFRFFFFFNL
ledgers:note_act        supervise.void.restore              POST LFFFRFFFRFFFFFNL
ledgers:note_act        supervise.unit.pressed.void         POST LNNNNNNNNNNFFFRL
ledgers:note_act        supervise.nowhere                   POST LNNNNNNNNNNFFFNL

ledgers:supervise       supervise.received.nonsense         GET  LNNNNNNNNNNFFFNL
ledgers:supervise       supervise.received.nonsense         POST LNNNNNNNNNNFFFNL
ledgers:supervise       supervise.nowhere                   GET  LNNNNNNNNNNFFFNL
ledgers:supervise       supervise.nowhere                   POST LNNNNNNNNNNFFFNL
ledgers:supervise       supervise.assigned.receive          GET  LFF.FFFFFFFFFFNL
ledgers:supervise       supervise.assigned.receive          POST LFFRFFFFFFFFFFNL
ledgers:supervise       supervise.unit.assigned.receive     POST LNNNNNNNNNNFFFRL
ledgers:supervise       supervise.received.receive          GET  LFF.FFFFFFFFFFNL
ledgers:supervise       supervise.received.receive          POST LFFCFFFFFFFFFFNL
ledgers:supervise       supervise.received.progress         GET  L.F.FFFFFFFFFFNL
ledgers:supervise       supervise.received.progress         POST LRFRFFFFFFFFFFNL
ledgers:supervise       supervise.other.progress            POST LRFFFFFFFFFFFFNL
ledgers:supervise       supervise.received.report           POST LFFUFFFFFFFFFFNL
ledgers:supervise       supervise.received.ask_extension    POST LFFRFFFFFFFFFFNL
ledgers:supervise       supervise.asking.grant_extension    POST LFFFRFFFRFFFFFNL
ledgers:supervise       supervise.received.grant_extension  POST LFFFCFFFCFFFFFNL
ledgers:supervise       supervise.asking.refuse_extension   POST LFFFRFFFRFFFFFNL
ledgers:supervise       supervise.late.replan               POST LFFFRFFFRFFFFFNL
ledgers:supervise       supervise.received.ask_pass_on      POST LFFRFFFFFFFFFFNL
ledgers:supervise       supervise.asking.pass_on            POST LFFFFFFFFFRFFFNL
ledgers:supervise       supervise.asking.refuse_pass_on     POST LFFFFFFFFFRFFFNL
ledgers:supervise       supervise.received.press            GET  LFFFFFFFFF.FFFNL
ledgers:supervise       supervise.received.press            POST LFFFFFFFFFRFFFNL
ledgers:supervise       supervise.unit.received.press       POST LNNNNNNNNNNFFFFL
ledgers:supervise       supervise.closed.press              POST LFFFFFFFFFCFFFNL
ledgers:supervise       supervise.received.escalate         POST LFFFFFFFFFRFFFNL
ledgers:supervise       supervise.reported.review           POST LFFFFFFFFFRFFFNL
ledgers:supervise       supervise.received.review           POST LFFFFFFFFFCFFFNL
ledgers:supervise       supervise.reported.return_          POST LFFFFFFFFFRFFFNL
ledgers:supervise       supervise.reviewed.return_          POST LFFFRFFFRFFFFFNL
ledgers:supervise       supervise.reviewed.send_back        POST LFFFRFFFRFFFFFNL
ledgers:supervise       supervise.reviewed.close            GET  LFFF.FFF.FFFFFNL
ledgers:supervise       supervise.reviewed.close            POST LFFFRFFFRFFFFFNL
ledgers:supervise       supervise.reported.close            POST LFFFCFFFCFFFFFNL
ledgers:supervise       supervise.closed.strike             POST LFFFFFFFFFRFFFNL
ledgers:supervise       supervise.received.suspend          POST LFFFRFFFRFFFFFNL
ledgers:supervise       supervise.suspended.resume          POST LFFFRFFFRFFFFFNL
"""
