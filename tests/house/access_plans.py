"""Papers, key tasks, monthly lists, meetings in the table of routes."""

from datetime import date
from types import SimpleNamespace

from ledgers.models import Task, TaskHandler
from scheme import clock

DUE = date(2026, 9, 30)


def build(d) -> None:
    """Rows of the department `d` that the routes are tried on."""
    d.plans = SimpleNamespace()
    _tasks(d)


def _tasks(d) -> None:
    """A task of the first section in every state that routes ask for, and one of the second."""
    p = d.people
    places = [(d.one, state) for state in ("draft", "filed", "approved", "assigned")]
    for section, state in [*places, (d.two, "draft")]:
        made = Task.objects.create(
            unit=d.unit, number=f"ZD-{section.pk}-{state}", title="整理干部档案", lead=section,
            leader=p["leader"], source="部务会", measures="逐卷核对", difficulty=3, due_on=DUE,
            state=state, proposed_by=p["chief"] if section == d.one else d.other_chief,
            recorded_at=clock.now(),
        )  # fmt: skip
        person = p["officer"] if section == d.one else p["member"]
        TaskHandler.objects.create(task=made, person=person, role="main", share=100)
        name = state if section == d.one else "other"
        setattr(d.plans, name, made)


TARGETS = {
    f"task.{name}": lambda w, name=name: getattr(w.here.plans, name)
    for name in ("draft", "filed", "approved", "assigned", "other")
}
TARGETS["task.unit"] = lambda w: w.there.plans.filed


def _task(w, thing):
    rows = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0"}
    hands = rows | {"0-person": w.here.people["officer"].pk, "0-role": "main", "0-share": "100"}
    body = {f"hands-{key}": value for key, value in hands.items()}
    body |= {f"steps-{key}": value for key, value in (rows | {"TOTAL_FORMS": "0"}).items()}
    lead = thing.lead_id if thing else w.here.one.pk
    if lead != w.here.one.pk:
        body["hands-0-person"] = w.here.people["member"].pk
    return body | {
        "title": "新任务",
        "lead_id": lead,
        "difficulty": "3",
        "urgency": "normal",
        "due_on": DUE.isoformat(),
        "seen": getattr(thing, "version", 0),
    }


MOVES = {"draft": "file", "filed": "approve", "approved": "assign", "assigned": "cancel"}


def _act(w, thing):
    state = getattr(thing, "state", "draft")
    return {"move": MOVES[state], "seen": getattr(thing, "version", 0), "reason": "写明理由"}


def _hands(w, thing):
    body = {key: value for key, value in _task(w, thing).items() if key.startswith("hands")}
    body["hands-0-person"] = w.here.people["chief"].pk
    return body | {"move": "share", "seen": getattr(thing, "version", 0), "reason": "换人"}


BODIES = {
    "ledgers:task_new": lambda w, t: _task(w, None),
    "ledgers:task_edit": _task,
    "ledgers:task_act": _act,
    "ledgers:task_hands": _hands,
}

TABLE = """
# anonymous officer deputy chief leader secretary member Committee cHair personnel
# superVision System secUrity Auditor stranger(x) Disabled                aodclsmCHpvSUAxD
ledgers:task_list           -                            GET  L..........FFF.L

ledgers:task_print          -                            GET  L..........FFF.L

ledgers:task_new            -                            GET  LFF.FFFFFF.FFF.L
ledgers:task_new            -                            POST LFFRFFFFFFRFFFUL

ledgers:task_detail         task.draft                   GET  L..........FFFNL
ledgers:task_detail         task.filed                   GET  L..........FFFNL
ledgers:task_detail         task.assigned                GET  L..........FFFNL
ledgers:task_detail         task.other                   GET  L..........FFFNL
ledgers:task_detail         task.unit                    GET  LNNNNNNNNNNFFF.L
ledgers:task_detail         nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:task_edit           task.draft                   GET  LFF.FFFFFF.FFFNL
ledgers:task_edit           task.draft                   POST LFFRFFFFFFRFFFNL
ledgers:task_edit           task.filed                   GET  LFFRFFFFFFRFFFNL
ledgers:task_edit           task.other                   GET  LFFFFFFFFF.FFFNL
ledgers:task_edit           task.other                   POST LFFFFFFFFFRFFFNL
ledgers:task_edit           task.unit                    GET  LNNNNNNNNNNFFFRL
ledgers:task_edit           nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:task_act            task.draft                   GET  LMMMMMMMMMMFFFML
ledgers:task_act            task.draft                   POST LFFRFFFFFFRFFFNL
ledgers:task_act            task.filed                   POST LFFFRFFFFFFFFFNL
ledgers:task_act            task.approved                POST LFFFFFFFFFRFFFNL
ledgers:task_act            task.assigned                POST LFFFFFFFFFRFFFNL
ledgers:task_act            task.other                   POST LFFFFFFFFFUFFFNL
ledgers:task_act            task.unit                    POST LNNNNNNNNNNFFFRL
ledgers:task_act            nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:task_hands          task.assigned                GET  LFF.FFFFFFFFFFNL
ledgers:task_hands          task.assigned                POST LFFRFFFFFFFFFFNL
ledgers:task_hands          task.draft                   GET  LFFRFFFFFFFFFFNL
ledgers:task_hands          task.unit                    GET  LNNNNNNNNNNFFFRL
ledgers:task_hands          nowhere                      GET  LNNNNNNNNNNFFFNL
"""
