"""Key tasks of the entered half-year: proposed, extended, sent back, closed; pressed and named."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from ledgers.actions import (
    circular_steps,
    circulars,
    closings,
    extensions,
    notes,
    papers,
    supervision,
    tasks,
)
from ledgers.circulating import Content
from ledgers.models import Circular, Naming, SupervisionNote, Task
from ledgers.tasking import Hand
from scheme import clock
from tests.factories import pdf
from tests.flows.entering import BEFORE, Hands, Step, at

Kind = SupervisionNote.Kind


def key_tasks(rows, returns, hands: Hands) -> Iterator[Step]:
    """重点任务 and what of 督办 happens to them: proposed before the year, closed on their day."""
    sent_back = defaultdict(list)
    for note in returns:
        if note["kind"] == Kind.RETURNED:
            sent_back[note["task"]].append(note)
    for row in rows:
        first = min([row["due_on"], row["closed_on"] or row["due_on"]])
        first = min([first, *(note["day"] for note in sent_back[row["number"]])])
        day = min(entered_on(row, hands), first)
        yield Step(at(day, 9), lambda row=row, day=day: propose(row, day, hands))
        if row["extended_to"]:
            yield from extension(row, hands)
        for note in sent_back[row["number"]]:
            yield Step(at(note["day"], 10), lambda row=row, note=note: send_back(row, note, hands))
        if row["closed_on"]:
            yield Step(at(row["closed_on"], 16), lambda row=row: close(row, hands))


def entered_on(row, hands: Hands) -> date:
    """The first day on which all its handlers are there."""
    return max([BEFORE, *(hands[pk].joined_on for pk, _role, _share in row["handlers"])])


def task_of(row, hands: Hands) -> Task:
    return Task.objects.get(unit=hands.unit, number=row["number"])


def propose(row, day: date, hands: Hands) -> None:
    lead = row["lead"]
    homes = {hands.section_of(pk, day) for pk, _role, _share in row["handlers"]}
    by = hands.chief(lead, day) or hands.supervisor(day)
    leader = hands.leader(lead, day)
    task = tasks.propose(
        hands.unit,
        number=row["number"],
        title=row["title"],
        lead_id=lead,
        difficulty=row["difficulty"],
        due_on=row["due_on"],
        source="年度工作要点",
        measures="按要点推进",
        leader_id=leader.pk,
        supporting=sorted({*row.get("supporting", ()), *homes} - {lead, None}),
        handlers=[Hand(pk, role, share) for pk, role, share in row["handlers"]],
        by=by,
    )
    task = tasks.file(task.pk, version=task.version, by=by)
    task = tasks.approve(task.pk, version=task.version, by=leader)
    task = tasks.assign(task.pk, version=task.version, by=hands.supervisor(day))
    supervision.receive(task.pk, version=task.version, by=hands.chief(lead, day))


def extension(row, hands: Hands) -> Iterator[Step]:
    """Granted in time it moves the deadline; later, or never decided, it does not."""
    due, granted = row["due_on"], row["extension_granted_on"]

    def ask():
        task = task_of(row, hands)
        chief = hands.chief(row["lead"], clock.today())
        extensions.ask(
            task.pk, version=task.version, to=row["extended_to"], reason="材料未齐", by=chief
        )

    def decide():
        task = task_of(row, hands)
        leader = hands.leader(row["lead"], clock.today())
        if granted < due:
            extensions.grant(task.pk, version=task.version, by=leader)
        else:
            extensions.expire(task.pk)
            task.refresh_from_db()
            extensions.replan(
                task.pk, version=task.version, to=row["extended_to"], reason="另定", by=leader
            )

    asked = min(granted or due, due - timedelta(days=1))
    yield Step(at(asked, 9, 30), ask)
    if granted:
        yield Step(at(granted, 9, 45), decide)


def report_done(row, hands: Hands) -> Task:
    task, day = task_of(row, hands), clock.today()
    chief = hands.chief(row["lead"], day)
    papers.attach("task", task.pk, pdf(row["number"]), "总结.pdf", by=chief)
    task.refresh_from_db()
    closings.report(
        task.pk, version=task.version, done_on=day, result="已办结", handling="按方案办理", by=chief
    )
    task.refresh_from_db()
    return task


def send_back(row, note, hands: Hands) -> None:
    task = report_done(row, hands)
    by = hands.supervisor(clock.today(), but={hands.chief(row["lead"], clock.today()).pk})
    closings.send_back(task.pk, version=task.version, reason=note["text"] or "未达要求", by=by)


def close(row, hands: Hands) -> None:
    task, day = report_done(row, hands), clock.today()
    by = hands.supervisor(day, but={hands.chief(row["lead"], day).pk})
    task = closings.review(task.pk, version=task.version, by=by)
    closings.close(task.pk, version=task.version, by=hands.leader(row["lead"], day))


def pressed(rows, hands: Hands) -> Iterator[Step]:
    for row in rows:
        if row["kind"] == Kind.PRESSED and row["task"]:

            def press(row=row):
                task = Task.objects.get(unit=hands.unit, number=row["task"])
                if task.state not in Task.UNDER_WAY:
                    return
                by = hands.supervisor(row["day"])
                text = row["text"] or "请抓紧"
                notes.press(task.pk, version=task.version, text=text, by=by)

            yield Step(at(row["day"], 8, 30), press)


def named(rows, hands: Hands) -> Iterator[Step]:
    """通报点名: a circular a day, signed by the chair; each naming becomes a note on its issue."""
    by_day = defaultdict(list)
    for row in rows:
        if row["kind"] == Kind.NAMED:
            by_day[row["day"]].append(row)
    free = [
        (kind, f"{year}-{month:02d}")
        for year in (2025, 2026)
        for month in range(1, 13)
        for kind in (Circular.Kind.MONTHLY, Circular.Kind.ADOPTION)
    ]
    for number, (day, found) in enumerate(sorted(by_day.items())):

        def issue(day=day, found=found, period=free[number]):
            by = hands.supervisor(day)
            draft = circulars.draft(hands.unit, Content(*period, "督查情况通报", []), by=by)
            for row in found:
                task = row["task"] and Task.objects.get(unit=hands.unit, number=row["task"])
                circulars.name(
                    draft.pk,
                    section=hands.sections[row["section"]],
                    kind=Naming.Kind.PROBLEM,
                    text=row["text"] or "工作滞后",
                    task=task or None,
                    version=draft.version,
                    by=by,
                )
                draft.refresh_from_db()
            draft = circular_steps.file(draft.pk, version=draft.version, by=by)
            draft = circular_steps.approve(draft.pk, version=draft.version, by=hands.chair(day))
            circular_steps.issue(draft.pk, mark="泽组通", version=draft.version, by=by)

        yield Step(at(day, 15), issue)
