"""Reads of supervision: what may be done to a task now and by whom, and what has been done."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledgers import lights, records
from ledgers import supervision_forms as forms
from ledgers.models import (
    Closing,
    Escalation,
    Extension,
    Milestone,
    PassingOn,
    Progress,
    SupervisionNote,
    Task,
)
from ledgers.taskmoves import State, own_part
from scheme import access, clock
from scheme.models import Staff

AT_WORK = (State.ASSIGNED, State.RECEIVED)
Kind = SupervisionNote.Kind


class Act(NamedTuple):
    """An act as a page offers it. `why`: what stands in its way, in words."""

    name: str
    label: str | Promise
    form: forms.ActForm
    url: str
    say: str | Promise = ""
    why: str | Promise = ""
    danger: bool = False
    key: str = ""

    @property
    def bare(self) -> bool:
        """Nothing to be filled in: one press does it."""
        return not self.form.visible_fields() and not self.say


class Spoken(NamedTuple):
    form: type[forms.ActForm]
    label: str | Promise
    say: str | Promise = ""
    danger: bool = False
    key: str = ""


SPOKEN = {
    "receive": Spoken(forms.ActForm, _("签收"), key="s"),
    "progress": Spoken(forms.ProgressForm, _("报进展"), key="p"),
    "report": Spoken(
        forms.ReportForm, _("报结"), _("报结后由督查室审核，分管领导批准办结。"), key="f"
    ),
    "ask_extension": Spoken(
        forms.NewDateForm, _("申请延期"), _("时限前批准才算数，过期不能再批。"), key="e"
    ),
    "ask_pass_on": Spoken(
        forms.PassOnForm, _("申请转办"), _("由督查室办理，办理前仍由本科室承办。")
    ),
    "grant_extension": Spoken(forms.AnswerForm, _("批准延期"), key="y"),
    "refuse_extension": Spoken(forms.RefusalForm, _("不准延期"), danger=True, key="n"),
    "replan": Spoken(
        forms.NewDateForm,
        _("重新明确时限"),
        _("只用于安排工作：计分仍按原时限。"),
        key="t",
    ),
    "pass_on": Spoken(forms.AnswerForm, _("同意转办"), _("由新科室重新签收，承办人由新科室调整。")),
    "refuse_pass_on": Spoken(forms.RefusalForm, _("不转办"), danger=True),
    "press": Spoken(forms.PressForm, _("催办"), key="c"),
    "escalate": Spoken(forms.ReasonForm, _("提级督办"), key="u"),
    "review": Spoken(
        forms.ActForm, _("审核通过"), _("材料齐全、结果达到要求，送分管领导批准办结。"), key="y"
    ),
    "close": Spoken(forms.ActForm, _("批准办结"), _("办结日期为报结当天，按细则记分。"), key="y"),
    "return_": Spoken(
        forms.WhyBackForm, _("退回补正"), _("材料不全的退回补正，不记任务退回。"), key="r"
    ),
    "send_back": Spoken(
        forms.WhyBackForm,
        _("退回不合格"),
        _("结果不合格的退回重办，登记督办记录，按细则记任务退回。"),
        danger=True,
        key="x",
    ),
    "strike": Spoken(forms.ArchiveForm, _("销号")),
    "suspend": Spoken(forms.ReasonForm, _("暂停"), _("暂停期间不亮灯，也不记逾期。"), danger=True),
    "resume": Spoken(
        forms.ResumeForm,
        _("恢复承办"),
        _("时限前暂停的，新时限等同延期；时限后暂停的，计分仍按原时限。"),
    ),
    "answer": Spoken(forms.ReplyForm, _("反馈催办"), key="a"),
    "void": Spoken(
        forms.ReasonForm, _("作废"), _("作废后不再计分，已记的分由系统冲销。"), danger=True
    ),
    "restore": Spoken(forms.ReasonForm, _("恢复"), _("恢复后按细则重新记分。")),
}


class Story(NamedTuple):
    """What has been done to a task under way, the latest first."""

    reports: list[Progress]
    steps: list[Milestone]
    notes: list[SupervisionNote]
    extensions: list[Extension]
    passings: list[PassingOn]
    closings: list[Closing]
    escalations: list[Escalation]
    past_deadline: bool

    @property
    def latest(self) -> Progress | None:
        return self.reports[0] if self.reports else None

    @property
    def asked(self) -> Extension | None:
        return next((one for one in self.extensions if one.state == "asked"), None)

    @property
    def passing(self) -> PassingOn | None:
        return next((one for one in self.passings if one.state == "asked"), None)

    @property
    def filed(self) -> Closing | None:
        return next((one for one in self.closings if one.state != "returned"), None)

    @property
    def unanswered(self) -> list[SupervisionNote]:
        return [one for one in self.notes if waits(one)]


class Acts(NamedTuple):
    offered: list[Act]
    story: Story
    light: lights.Light


def waits(note: SupervisionNote) -> bool:
    """A press without an answer. One that a workbook brought is history: nobody waits for it."""
    pressed = note.kind == Kind.PRESSED and note.written_by_id
    return bool(pressed and note.state == "stands" and not note.answered_at)


def acts(
    person: Staff,
    task: Task,
    *,
    light: lights.Light | None = None,
    told: Story | None = None,
    mine: bool | None = None,
) -> Acts:
    """For the page of a task: what the person may do now, with forms; what was done; its light.
    `told` and `mine` (handled by the person as 主办) are read where they are not known yet."""
    told = told or story(task)
    light = light or lights.of([task])[task.pk]
    mine = own_part(person, task) if mine is None else mine
    return Acts(list(_offered(person, task, told, mine)), told, light)


def story(task: Task) -> Story:
    return Story(
        list(task.reports.select_related("by")[:20]),
        list(task.milestones.all()),
        list(task.notes.select_related("written_by", "answered_by")),
        list(task.extensions.select_related("asked_by", "decided_by")),
        list(task.passings.select_related("asked_by", "to", "origin", "decided_by")),
        list(task.closings.select_related("filed_by", "reviewed_by", "approved_by")),
        list(task.escalations.all()),
        clock.today() >= task.deadline,
    )


def _offered(person: Staff, task: Task, told: Story, mine: bool) -> Iterator[Act]:
    """In the order of the work; nothing once it is closed but striking it off."""
    anchor = task.anchor()
    if mine:
        anchor = anchor._replace(person_id=person.pk)

    def may(verb: str) -> bool:
        return access.can(person, verb, anchor)

    def offer(name: str, *, why="", note=None) -> Act:
        return spoken(name, note or task, why=why)

    if task.closed_on:
        if may("task.strike"):
            yield offer("strike")
        return
    if task.state == State.ASSIGNED and may("task.receive"):
        yield offer("receive")
    if task.state in AT_WORK:
        yield from _of_section(person, told, mine, task, may, offer)
        yield from _of_office(person, task, told, may, offer)
        yield from _of_leader(person, task, told, may, offer)
    filed = told.filed
    if filed and filed.filed_by_id != person.pk:
        stage = {State.REPORTED: "review", State.REVIEWED: "close"}.get(task.state)
        if stage and may(f"task.{stage}"):
            yield from (offer(name) for name in (stage, "return_", "send_back"))
    if task.state == State.SUSPENDED and may("task.suspend"):
        yield offer("resume")


def _of_section(person, told, mine, task, may, offer):
    for note in told.unanswered:
        if _answers(person, note, mine):
            yield offer("answer", note=note)
    if may("task.progress"):
        yield offer("progress")
    if may("task.report_done"):
        papers = records.papers(task).exists()
        yield offer("report", why="" if papers else _("先在本页附上材料。"))
    if may("task.ask_extension") and not told.asked:
        late = _("时限已到，不能再申请；可请分管领导重新明确时限，计分仍按原时限。")
        yield offer("ask_extension", why=late if told.past_deadline else "")
    if may("task.pass_on") and not told.passing and not told.past_deadline:
        yield offer("ask_pass_on")


def _of_office(person, task, told, may, offer):
    if told.passing and may("task.hand_over") and told.passing.asked_by_id != person.pk:
        if not told.past_deadline:
            yield offer("pass_on")
        yield offer("refuse_pass_on")
    if may("task.press"):
        pressed = any(one.day == clock.today() for one in told.unanswered)
        yield offer("press", why=_("今天已经催办，等科室反馈。") if pressed else "")
        about = lights.working_deadline(task)
        levels = [one.level for one in told.escalations if one.about == about]
        if max(levels, default=0) < Escalation.Level.CHAIR:
            yield offer("escalate")


def _of_leader(person, task, told, may, offer):
    if may("task.decide_extension"):
        if told.asked and told.asked.asked_by_id != person.pk:
            late = _("过期未批，不能再批准。")
            yield offer("grant_extension", why=late if told.past_deadline else "")
            yield offer("refuse_extension")
        if told.past_deadline:
            yield offer("replan")
    if may("task.suspend") and not told.asked and not told.passing:
        yield offer("suspend")


def _answers(person: Staff, note: SupervisionNote, mine: bool) -> bool:
    anchor = note.anchor()
    if mine:
        anchor = anchor._replace(person_id=person.pk)
    return waits(note) and access.can(person, "supervision.answer", anchor)


def spoken(name: str, row: Task | SupervisionNote, *, why="", form=None) -> Act:
    """The act in words, with its form."""
    said = SPOKEN[name]
    route = "ledgers:supervise" if isinstance(row, Task) else "ledgers:note_act"
    return Act(
        name,
        said.label,
        form or said.form(row=row),
        reverse(route, args=[row.pk, name]),
        said.say,
        why,
        said.danger,
        said.key,
    )


def note_acts(person: Staff, note: SupervisionNote) -> list[Act]:
    """What the person may do to a line of the supervision ledger."""
    found = []
    if _answers(person, note, bool(note.task and own_part(person, note.task))):
        found.append(spoken("answer", note))
    if note.written_by_id != person.pk and access.can(person, "supervision.void", note.anchor()):
        found.append(spoken("void" if note.state == "stands" else "restore", note))
    return found


def boarded(person: Staff):
    """The tasks on the person's board: under way or put aside, of the sections they answer for."""
    rows = Task.objects.visible_to(person).filter(
        state__in=[*Task.UNDER_WAY, State.SUSPENDED], closed_on=None
    )
    if access.can(person, "supervision.board", access.Anchor(person.unit_id)):
        return rows
    return rows.filter(lead__in=access.places(person, access.Role.LEADER))


def due_words(light: lights.Light, deadline: date) -> str | Promise:
    """How far off the deadline is, in working days."""
    if light.left < 0:
        return _("逾期%(n)s个工作日") % {"n": light.late}
    if light.left == 0:
        return _("今日到期") if deadline >= clock.today() else _("时限已到")
    return _("余%(n)s个工作日") % {"n": light.left}
