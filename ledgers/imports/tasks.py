"""重点任务 and 督办: tasks with their handlers' shares, and what supervision noted on them."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from ledgers.imports import words
from ledgers.imports.ledger import Change, Ledger, Part, Record, Said, Shift
from ledgers.imports.marks import Marker
from ledgers.imports.roll import Reading
from ledgers.models import SupervisionNote, Task, TaskHandler
from scheme.imports import cells
from scheme.imports.sheets import Column, Problems, Row
from scheme.models import Staff, Unit

Kind = SupervisionNote.Kind
KINDS = {"退回": Kind.RETURNED, "催办": Kind.PRESSED, "通报点名": Kind.NAMED}
_ROLES = {"main": TaskHandler.Role.MAIN, "joint": TaskHandler.Role.JOINT}
_number = cells.at_most(60, cells.code)
# Whoever is named twice is an error, not a repeat.
_shares = cells.listing(cells.share, unique=False)


class Tasks(Ledger):
    """Known by number."""

    sheet = "重点任务"
    columns = {
        "number": Column("编号", _number),
        "title": Column("任务", words.title),
        "lead": Column("牵头科室", cells.code),
        "supporting": words.listed("配合科室", words.sections, spare=True),
        "difficulty": Column("难度", cells.whole_between(1, 5)),
        "due_on": Column("期限", cells.day),
        "extended_to": Column("延期至", cells.day, required=False),
        "extension_granted_on": Column("延期批准日期", cells.day, required=False),
        "closed_on": Column("办结日期", cells.day, required=False),
        "main": Column("主办", _shares),
        "joint": words.listed("协办", _shares),
    }
    model = Task
    key = ("number",)
    parts = {
        "supporting": Part(Task.supporting.through, "task", ("section_id",)),
        "handlers": Part(TaskHandler, "task", ("person_id", "role", "share")),
    }

    def read(self, book, reading: Reading, problems: Problems) -> list[Record]:
        before = len(problems)
        records = super().read(book, reading, problems)
        if len(problems) > before and not records:
            reading.tasks = None
        return records

    def check(self, row: Row, reading: Reading) -> None:
        reading.once(row, "number", row["number"])
        if row["number"] and reading.tasks is not None:
            reading.tasks.add(row["number"])
        row.cells["lead"] = reading.section(row, "lead")
        row.cells["supporting"] = reading.sections(row, "supporting")
        if row["extended_to"] and row["due_on"] and row["extended_to"] <= row["due_on"]:
            row.refuse("extended_to", _("延期至要晚于期限"))
        _check_handlers(row, reading)

    def said(self, record: Record, marker, shift: Shift) -> Said | None:
        days = _moved(record, shift)
        if days is None:
            return None
        fields = {"title": record["title"], "lead_id": record["lead"]}
        fields |= {"difficulty": record["difficulty"], **days}
        parts = {"handlers": record["handlers"]}
        if "supporting" in record:
            parts["supporting"] = [(pk,) for pk in record["supporting"]]
        return Said(record.row, {"number": record["number"]}, fields, parts)

    def key_of(self, thing) -> tuple:
        return (cells.tight(thing.number),)

    def may_change(self, thing: Task) -> bool:
        return thing.version == 0 and thing.proposed_by_id is None

    def make_all(self, unit: Unit, new: list[Said]) -> list[Task]:
        made = super().make_all(unit, new)
        for task in made:
            task.state = _state_of(task)
        return made

    def correct(self, changed: list[Change], by: Staff | None) -> None:
        """A task is closed or under way as its workbook says."""
        for change in changed:
            closed = change.said.fields["closed_on"]
            change.said.fields["state"] = _state_of(Task(closed_on=closed))
        super().correct(changed, by)


def _state_of(task: Task) -> str:
    return Task.State.CLOSED if task.closed_on else Task.State.RECEIVED


def _check_handlers(row: Row, reading: Reading) -> None:
    """Everybody once, and the shares make 100."""
    handlers, named = [], set()
    for key, role in _ROLES.items():
        for number, share in row[key] or ():
            if number in named:
                row.refuse(key, _("工号%(no)s写了两次") % {"no": cells.shown(number)})
            elif number not in reading.roll.people:
                row.refuse(key, _("没有工号%(no)s") % {"no": cells.shown(number)})
            else:
                handlers.append((reading.roll.people[number], role.value, share))
            named.add(number)
    total = sum((share for key in _ROLES for _no, share in row[key] or ()), Decimal(0))
    if row["main"] and not row.refused & _ROLES.keys() and total != 100:
        row.refuse("main", _("份额合计%(total)s，应为100") % {"total": f"{total.normalize():f}"})
    row.cells["handlers"] = handlers


def _moved(record: Record, shift: Shift) -> dict[str, date | None] | None:
    """The days of a task; in the order they had, also where the shift folds days together."""
    due, extended = record["due_on"], record["extended_to"]
    granted, closed = record["extension_granted_on"], record["closed_on"]
    there = shift(due)
    if there is None:
        return None
    if extended:
        extended = max(shift(extended) or there + (extended - due), there + timedelta(1))
    if granted:
        in_time, granted = granted < due, shift(granted) or there + (granted - due)
        granted = min(granted, there - timedelta(1)) if in_time else max(granted, there)
    if closed:
        # A rest day may drop out: then the working day before it. What has not come yet is open.
        tried = (shift(closed - timedelta(n)) for n in range(4))
        closed = next((day for day in tried if day), None)
    return {
        "due_on": there,
        "extended_to": extended,
        "extension_granted_on": granted,
        "closed_on": closed,
    }


class Supervision(Ledger):
    sheet = "督办"
    columns = {
        "day": Column("日期", cells.day),
        "task": Column("任务编号", _number, required=False),
        "kind": Column("事项", cells.choice(KINDS)),
        "section": Column("科室", cells.code, required=False),
        "text": Column("说明", words.title, required=False, spare=True, default=""),
    }
    model = SupervisionNote
    day = "day"
    related = ("task",)

    def check(self, row: Row, reading: Reading) -> None:
        number, known = row["task"], reading.tasks
        if number and known is not None and number not in known:
            row.refuse("task", _("没有任务编号%(no)s") % {"no": cells.shown(number)})
        if row["kind"] == Kind.RETURNED and not number and "task" not in row.refused:
            row.refuse("task", _("退回要写明任务编号"))
        if row["kind"] == Kind.NAMED and not row["section"] and "section" not in row.refused:
            row.refuse("section", _("通报点名要写明科室"))
        row.cells["section"] = reading.section(row, "section")

    def said(self, record: Record, marker: Marker, shift: Shift) -> Said | None:
        day, kind = shift(record["day"]), str(record["kind"])
        if day is None:
            return None
        text = record.get("text", "")
        mark = marker(day, kind, record["task"], record["section"], text)
        fixed = {"day": day, "kind": kind, "section_id": record["section"], "text": text}
        return Said(record.row, fixed | {"task": record["task"], "mark": mark})

    def named_by(self, thing: SupervisionNote) -> tuple:
        number = thing.task and cells.tight(thing.task.number)
        return thing.day, thing.kind, number, thing.section_id, thing.text

    def may_change(self, thing: SupervisionNote) -> bool:
        return thing.version == 0 and thing.written_by_id is None

    def all_said(self, unit: Unit, records, shift: Shift | None):
        """With days moved a task may have dropped out, and then its notes do."""
        found = super().all_said(unit, records, shift)
        if shift is None:
            return found
        known = _tasks_of(unit)
        return {
            key: said
            for key, said in found.items()
            if said.fixed["task"] is None or said.fixed["task"] in known
        }

    def make_all(self, unit: Unit, new: list[Said]) -> list:
        known = _tasks_of(unit)
        tied = [
            said._replace(fixed=said.fixed | {"task_id": known.get(said.fixed["task"])})
            for said in new
        ]
        for said in tied:
            del said.fixed["task"]
        return super().make_all(unit, tied)


def _tasks_of(unit: Unit) -> dict[str, int]:
    tasks = Task.objects.filter(unit=unit).values_list("number", "pk")
    return {cells.tight(number): pk for number, pk in tasks}
