"""A department at the beginning of June 2026, with the tasks its circular of May is about."""

from datetime import date, timedelta
from types import SimpleNamespace

from ledgers.actions import circular_steps as steps
from ledgers.actions import circulars
from ledgers.circulating import GOOD, HEADING, PROBLEM, TABLE, TEXT, Content, Named, Part, table
from ledgers.models import Circular, Milestone, MonthlySummary, Progress, SupervisionNote, Task
from scheme import clock
from scheme.offices import Office
from tests.factories import appoint, make_department

MAY = date(2026, 5, 1)


def department(**more) -> SimpleNamespace:
    d = make_department(**more)
    d.writer, d.chief = d.personnel[0], d.chiefs[0]
    d.other = d.officers[0][0]
    appoint(d.other, Office.SUPERVISION_OFFICE)
    return d


def task(d, number, *, lead=None, due=date(2026, 6, 30), closed=None, **more) -> Task:
    state = more.pop("state", Task.State.CLOSED if closed else Task.State.RECEIVED)
    return Task.objects.create(
        unit=d.unit, number=number, title=more.pop("title", f"任务{number}"), lead=lead or d.one,
        difficulty=more.pop("difficulty", 3), due_on=due, closed_on=closed, state=state,
        start_on=more.pop("start", MAY), recorded_at=clock.now(), **more,
    )  # fmt: skip


def note(d, kind, day, task=None, **more) -> SupervisionNote:
    return SupervisionNote.objects.create(
        unit=d.unit, kind=kind, day=day, task=task, recorded_at=clock.now(), **more
    )


def ledger(d) -> SimpleNamespace:
    """Of two sections: closed early, closed late, overdue, behind, on schedule, put aside."""
    t = SimpleNamespace()
    t.early = task(d, "A", due=date(2026, 5, 29), closed=date(2026, 5, 20))
    t.overdue = task(d, "B", lead=d.two, due=date(2026, 5, 15), progress=80)
    t.late = task(d, "C", lead=d.two, due=date(2026, 5, 11), closed=date(2026, 5, 14))
    t.normal = task(d, "D", progress=50)
    Milestone.objects.create(
        task=t.normal, position=1, text="完成初稿。", due_on=date(2026, 6, 15), target=60
    )
    t.behind = task(d, "E", start=date(2026, 3, 2))
    # Closed in June: in May it was behind, with nothing told.
    t.since = task(d, "J", closed=date(2026, 6, 2), progress=100, progress_on=date(2026, 6, 2))
    Progress.objects.create(
        task=t.since, percent=100, text="办完", by=d.chief, at=clock.at(date(2026, 6, 2), 9)
    )
    t.apart = task(d, "K", state=Task.State.SUSPENDED)
    # Not of this ledger: no task yet, done last year, begun after.
    task(d, "F", state=Task.State.DRAFT)
    task(d, "I", due=date(2025, 6, 30), closed=date(2025, 6, 1))
    task(d, "L", start=date(2026, 6, 1))
    note(d, "returned", date(2026, 5, 13), t.late)
    note(d, "pressed", date(2026, 5, 25), t.normal, written_by=d.other)
    note(d, "pressed", date(2026, 5, 26), t.early, written_by=d.other, answer="已办")
    note(d, "pressed", date(2026, 5, 27), t.behind)
    note(d, "returned", date(2026, 5, 13), t.normal, state="void")
    note(d, "returned", date(2026, 6, 1), t.overdue)
    MonthlySummary.objects.create(
        unit=d.unit, section=d.one, month=MAY, grade="good", recorded_at=clock.now()
    )
    return t


def content(d, period="2026-05", *, figure="12", words="本月办结2项。", named=None) -> Content:
    """Not from the ledgers: a heading, a text, a table and places for namings."""
    parts = [
        Part(HEADING, "h", "一、总体情况"),
        Part(TEXT, "overall", words),
        Part(TABLE, "tasks", table=table([["科室", "任务"]], [["干部一科", figure]], "lr", "任务")),
        Part(HEADING, "good", "二、做得好的事项"),
        Part(HEADING, "problem", "三、存在的问题"),
    ]
    if named is None:
        named = [Named(d.one, GOOD, "早"), Named(d.two, PROBLEM, "晚")]
    return Content(Circular.Kind.MONTHLY, period, "关于五月重点工作的通报", parts, named)


def drafted(d, period="2026-05", **more) -> Circular:
    return circulars.draft(d.unit, content(d, period, **more), by=d.writer)


def filed(d, period="2026-05", **more) -> Circular:
    made = drafted(d, period, **more)
    return steps.file(made.pk, version=made.version, by=d.writer)


def signed(d, period="2026-05", **more) -> Circular:
    made = filed(d, period, **more)
    return steps.approve(made.pk, version=made.version, by=d.chair)


def issued(d, period="2026-05", mark="泽组通", **more) -> Circular:
    made = signed(d, period, **more)
    return steps.issue(made.pk, mark=mark, version=made.version, by=d.other)


def months(count: int) -> list[str]:
    """So many periods before June 2026."""
    found, day = [], date(2026, 6, 1)
    for _n in range(count):
        day = (day - timedelta(days=1)).replace(day=1)
        found.append(f"{day:%Y-%m}")
    return found
