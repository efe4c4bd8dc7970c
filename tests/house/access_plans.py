"""Papers, key tasks, monthly lists, meetings in the table of routes."""

from datetime import date
from types import SimpleNamespace

from ledgers.models import (
    Meeting,
    MonthlyList,
    MonthlyListLine,
    PlanItem,
    PlanPaper,
    Suggestion,
    Task,
    TaskHandler,
)
from scheme import clock

DUE, MONTH = date(2026, 9, 30), date(2026, 7, 1)


def build(d) -> None:
    """Rows of the department `d` that the routes are tried on."""
    d.plans = SimpleNamespace()
    _tasks(d)
    _papers(d)
    _lists(d)
    _meetings(d)


def _papers(d) -> None:
    """Key points in every state that routes ask for; a year has one in force."""
    for year, state in ((2023, "draft"), (2024, "filed"), (2025, "approved")):
        paper = PlanPaper.objects.create(
            unit=d.unit, kind="points", year=year, title=f"{year}年工作要点", state=state,
            written_by=d.people["supervision"], recorded_at=clock.now(),
        )  # fmt: skip
        PlanItem.objects.create(paper=paper, position=1, number="1", text="健全干部档案")
        setattr(d.plans, f"paper_{state}", paper)


def _lists(d) -> None:
    for section, state in ((d.one, "draft"), (d.two, "issued"), (d.office, "issued")):
        one = MonthlyList.objects.create(
            unit=d.unit, section=section, month=MONTH, state=state, drawn_at=clock.now()
        )
        MonthlyListLine.objects.create(
            list=one, position=1, task=d.plans.assigned, number="1", title="任务", due_on=DUE
        )
    rows = MonthlyList.objects.filter(unit=d.unit)
    d.plans.list_draft = rows.get(section=d.one)
    d.plans.list_other = rows.get(section=d.two)
    # Issued for the first section, in another month.
    d.plans.list_issued = MonthlyList.objects.create(
        unit=d.unit, section=d.one, month=date(2026, 6, 1), state="issued", drawn_at=clock.now()
    )


def _meetings(d) -> None:
    by = d.people["supervision"]
    for state in ("open", "held"):
        meeting = Meeting.objects.create(
            unit=d.unit, kind="discussion", day=date(2026, 7, 6), title="半年务虚会", state=state,
            record="各抒己见", kept_by=by, recorded_at=clock.now(),
        )  # fmt: skip
        setattr(d.plans, f"meeting_{state}", meeting)
    d.plans.said = Suggestion.objects.create(
        unit=d.unit, meeting=meeting, raised_by=d.people["officer"], text="精简报表", at=clock.now()
    )


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
for _name in (
    *("paper_draft", "paper_filed", "paper_approved", "list_draft", "list_issued", "list_other"),
    *("meeting_open", "meeting_held", "said"),
):
    TARGETS[_name.replace("_", ".")] = lambda w, name=_name: getattr(w.here.plans, name)
TARGETS["task.unit"] = lambda w: w.there.plans.filed
TARGETS["paper.plan.unit"] = lambda w: w.there.plans.paper_filed
TARGETS["list.unit"] = lambda w: w.there.plans.list_issued
TARGETS["list.month"] = lambda w: MONTH
TARGETS["meeting.unit"] = lambda w: w.there.plans.meeting_open
TARGETS["said.unit"] = lambda w: w.there.plans.said


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


def _moved(w, thing):
    """What would be done next to a paper or a list."""
    moves = {"draft": "file", "filed": "approve", "approved": "renew", "issued": "sign"}
    move = moves[getattr(thing, "state", "draft")]
    if isinstance(thing, MonthlyList) and thing.state == "draft":
        move = "issue"
    return {"move": move, "seen": getattr(thing, "version", 0)}


def _paper_edit(w, thing):
    item = getattr(thing, "items", None) and thing.items.get()
    rows = {
        "TOTAL_FORMS": "1",
        "INITIAL_FORMS": "1",
        "0-pk": item.pk if item else "",
        "0-ORDER": "10",
        "0-text": "健全干部档案制度",
    }
    return {f"items-{key}": value for key, value in rows.items()} | {
        "title": "工作要点",
        "seen": getattr(thing, "version", 0),
    }


def _meeting(w, thing):
    return {
        "kind": "discussion",
        "title": "务虚会",
        "day": "2026-07-06",
        "record": "各抒己见，不作决定",
        "seen": getattr(thing, "version", 0),
    }


BODIES = {
    "ledgers:plan_new": lambda w, t: {
        "kind": "report",
        "year": "2026",
        "title": "工作报告",
        "text": "一、干部工作\n二、人才工作",
    },
    "ledgers:plan_edit": _paper_edit,
    "ledgers:plan_act": _moved,
    "ledgers:list_draw": lambda w, t: {"move": "draw"},
    "ledgers:list_act": _moved,
    "ledgers:meeting_new": _meeting,
    "ledgers:meeting_edit": _meeting,
    "ledgers:meeting_act": lambda w, t: {"move": "suggest", "text": "少开会，开短会"},
    "ledgers:suggestion_answer": lambda w, t: {
        "move": "aside",
        "seen": getattr(t, "version", 0),
        "reason": "已有安排",
    },
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

ledgers:plan_list           -                            GET  L..........FFF.L

ledgers:plan_new            -                            GET  LFFFFFFFFF.FFFFL
ledgers:plan_new            -                            POST LFFFFFFFFFRFFFFL

ledgers:plan_detail         paper.draft                  GET  L..........FFFNL
ledgers:plan_detail         paper.filed                  GET  L..........FFFNL
ledgers:plan_detail         paper.approved               GET  L..........FFFNL
ledgers:plan_detail         paper.plan.unit              GET  LNNNNNNNNNNFFF.L
ledgers:plan_detail         nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:plan_edit           paper.draft                  GET  LFFFFFFFFF.FFFFL
ledgers:plan_edit           paper.draft                  POST LFFFFFFFFFRFFFFL
ledgers:plan_edit           paper.filed                  GET  LFFFFFFFFFRFFFFL
ledgers:plan_edit           paper.plan.unit              GET  LFFFFFFFFFNFFFFL
ledgers:plan_edit           nowhere                      GET  LFFFFFFFFFNFFFFL

ledgers:plan_act            paper.draft                  GET  LMMMMMMMMMMFFFML
ledgers:plan_act            paper.draft                  POST LFFFFFFFFFRFFFNL
ledgers:plan_act            paper.filed                  POST LFFFFFFFRFFFFFNL
ledgers:plan_act            paper.approved               POST LFFFFFFFFFRFFFNL
ledgers:plan_act            paper.plan.unit              POST LNNNNNNNNNNFFFRL
ledgers:plan_act            nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:list_list           -                            GET  L..........FFF.L

ledgers:list_detail         list.draft                   GET  LNNNNNNNNN.FFFNL
ledgers:list_detail         list.issued                  GET  L..........FFFNL
ledgers:list_detail         list.unit                    GET  LNNNNNNNNNNFFF.L
ledgers:list_detail         nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:list_export         list.issued                  GET  LMMMMMMMMMMFFFML
ledgers:list_export         list.issued                  POST L..........FFFNL
ledgers:list_export         list.draft                   POST LNNNNNNNNN.FFFNL
ledgers:list_export         list.unit                    POST LNNNNNNNNNNFFF.L
ledgers:list_export         nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:list_draw           list.month                   GET  LFFFFFFFFFMFFFFL
ledgers:list_draw           list.month                   POST LFFFFFFFFFRFFFFL

ledgers:list_act            list.draft                   GET  LMMMMMMMMMMFFFML
ledgers:list_act            list.draft                   POST LFFFFFFFFFRFFFNL
ledgers:list_act            list.issued                  POST LFFRFFFFFFFFFFNL
ledgers:list_act            list.other                   POST LFFFFFFFFFFFFFNL
ledgers:list_act            list.unit                    POST LNNNNNNNNNNFFFRL
ledgers:list_act            nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:meeting_list        -                            GET  L..........FFF.L

ledgers:meeting_new         -                            GET  LFFFFFFFFF.FFFFL
ledgers:meeting_new         -                            POST LFFFFFFFFFRFFFFL

ledgers:meeting_detail      meeting.open                 GET  L..........FFFNL
ledgers:meeting_detail      meeting.held                 GET  L..........FFFNL
ledgers:meeting_detail      meeting.unit                 GET  LNNNNNNNNNNFFF.L
ledgers:meeting_detail      nowhere                      GET  LNNNNNNNNNNFFFNL

ledgers:meeting_edit        meeting.open                 GET  LFFFFFFFFF.FFFFL
ledgers:meeting_edit        meeting.held                 POST LFFFFFFFFFRFFFFL
ledgers:meeting_edit        meeting.unit                 GET  LFFFFFFFFFNFFFFL
ledgers:meeting_edit        nowhere                      GET  LFFFFFFFFFNFFFFL

# After the meeting only its keeper enters what was said.
ledgers:meeting_act         meeting.open                 GET  LMMMMMMMMMMFFFML
ledgers:meeting_act         meeting.open                 POST LRRRRRRRRRRFFFNL
ledgers:meeting_act         meeting.held                 POST LCCCCCCCCCRFFFNL
ledgers:meeting_act         meeting.unit                 POST LNNNNNNNNNNFFFRL
ledgers:meeting_act         nowhere                      POST LNNNNNNNNNNFFFNL

ledgers:suggestion_answer   said                         GET  LFFFFFFFFFMFFFFL
ledgers:suggestion_answer   said                         POST LFFFFFFFFFRFFFFL
ledgers:suggestion_answer   said.unit                    POST LFFFFFFFFFNFFFFL
ledgers:suggestion_answer   nowhere                      POST LFFFFFFFFFNFFFFL
"""
