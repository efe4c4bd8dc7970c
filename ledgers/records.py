"""What all work ledgers have in common: a name, a history, papers.

A row of a ledger is named by its ledger and its key; `KINDS` is the list of ledgers. Rows carry a
`version` that every act moves on by one; the act then leaves a `LedgerMove` of that version.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from ledgers.models import LedgerMove, Paper
from scheme import access, clock
from scheme.models import Staff


class Kind(NamedTuple):
    """A ledger. `verbs`: whoever holds one of them on a row may attach papers to it. `route`: the
    page of one row, by its key."""

    model: str
    name: str
    verbs: tuple[str, ...]
    route: str


KINDS: dict[str, Kind] = {
    "weekly": Kind("ledgers.WeeklySheet", _("周例会"), ("weekly.write",), "ledgers:weekly_detail"),
    "work_report": Kind(
        "ledgers.WorkReport", _("年终述职"), ("work_report.write",), "ledgers:work_report_detail"
    ),
    "summary": Kind(
        "ledgers.MonthlySummary", _("一月一结"), ("summary.write",), "ledgers:summary_detail"
    ),
    "paper": Kind("ledgers.PlanPaper", _("报告和要点"), ("paper.write",), "ledgers:plan_detail"),
    "task": Kind(
        "ledgers.Task",
        _("重点任务"),
        ("task.propose", "task.progress", "task.report_done"),
        "ledgers:task_detail",
    ),
    "supervision": Kind(
        "ledgers.SupervisionNote", _("督办"), ("task.press",), "ledgers:note_detail"
    ),
    "study": Kind("ledgers.StudySession", _("每周一学"), ("study.keep",), "ledgers:study_detail"),
    "talk": Kind("ledgers.Talk", _("两周一讲"), ("talk.keep", "talk.give"), "ledgers:talk_detail"),
    "writing": Kind(
        "ledgers.WritingItem", _("信息宣传"), ("writing.file",), "ledgers:writing_detail"
    ),
    "innovation": Kind(
        "ledgers.Innovation", _("创新项目"), ("innovation.file",), "ledgers:innovation_detail"
    ),
    "promotion": Kind(
        "ledgers.Promotion", _("创新推广"), ("innovation.file",), "ledgers:promotion_detail"
    ),
    "meeting": Kind("ledgers.Meeting", _("会议"), ("meeting.keep",), "ledgers:meeting_detail"),
    "circular": Kind("ledgers.Circular", _("通报"), ("circular.write",), "ledgers:circular_detail"),
    "regulation": Kind(
        "scheme.RegulationVersion",
        _("制度"),
        ("regulation.write",),
        "scoring:regulation_version",
    ),
}

# What acts are called in a history.
WORDS = {
    "draft": _("起草"),
    "change": _("修改"),
    "file": _("报送"),
    "withdraw": _("撤回"),
    "return": _("退回补正"),
    "approve": _("批准"),
    "assign": _("交办"),
    "receive": _("签收"),
    "progress": _("报进展"),
    "ask_pass_on": _("申请转办"),
    "pass_on": _("转办"),
    "refuse_pass_on": _("不转办"),
    "press": _("催办"),
    "answer": _("反馈"),
    "ask_extension": _("申请延期"),
    "grant_extension": _("批准延期"),
    "refuse_extension": _("不准延期"),
    "expire": _("过期未批"),
    "replan": _("重新明确时限"),
    "report": _("报结"),
    "review": _("审核通过"),
    "send_back": _("退回不合格"),
    "close": _("批准办结"),
    "strike": _("销号"),
    "suspend": _("暂停"),
    "resume": _("恢复承办"),
    "cancel": _("取消"),
    "escalate": _("提级督办"),
    "plan": _("安排"),
    "hold": _("登记"),
    "open": _("开始评分"),
    "shut": _("结束评分"),
    "swap": _("调换"),
    "verify": _("核实"),
    "void": _("作废"),
    "restore": _("恢复"),
    "result": _("登记成效"),
    "grade": _("评定"),
    "regrade": _("改评"),
    "redraft": _("重新取数"),
    "issue": _("印发"),
    "drop": _("不发"),
    "sign": _("签发"),
    "replace": _("取代"),
    "attach": _("附上材料"),
    "detach": _("取下材料"),
}


def model_of(ledger: str) -> type[models.Model]:
    """Raises KeyError for an unknown ledger."""
    return apps.get_model(KINDS[ledger].model)


def ledger_of(row: models.Model) -> str:
    """The name of the row's ledger. Raises KeyError for rows of no ledger."""
    label = row._meta.label
    for ledger, kind in KINDS.items():
        if kind.model == label:
            return ledger
    raise KeyError(label)


def may_attach(person: Staff, row: models.Model) -> bool:
    verbs = KINDS[ledger_of(row)].verbs
    return any(access.can(person, verb, row.anchor()) for verb in verbs)


def note(
    row: models.Model,
    kind: str,
    *,
    by: Staff | None,
    text: str = "",
    before: dict | None = None,
    after: dict | None = None,
    on_behalf_of: Staff | None = None,
) -> LedgerMove:
    """Writes what happened into the row's history, under the version the row has now: the act has
    moved it on already, in the same transaction. `kind` is a key of `WORDS`; before and after hold
    what changed, JSON-ready. Whom a deputy acts for is known from the last `access.require`."""
    return LedgerMove.objects.create(
        unit_id=row.unit_id,
        ledger=ledger_of(row),
        row_id=row.pk,
        version=row.version,
        kind=kind,
        at=clock.now(),
        by=by,
        on_behalf_of_id=on_behalf_of.pk if on_behalf_of else access.acted_for(by),
        text=text,
        before=before or {},
        after=after or {},
    )


class Happened(NamedTuple):
    """A line of components/_timeline.html."""

    when: str
    who: str
    what: str
    text: str
    kind: str


def history(row: models.Model) -> list[Happened]:
    """Everything that happened to the row, oldest first, in one query."""
    from scheme.templatetags.look import moment

    rows = LedgerMove.objects.filter(ledger=ledger_of(row), row_id=row.pk)
    found = []
    for move in rows.select_related("by", "on_behalf_of").order_by("version"):
        who = move.by.name if move.by else str(_("系统"))
        if move.on_behalf_of:
            who = _("%(deputy)s（代%(name)s）") % {"deputy": who, "name": move.on_behalf_of.name}
        back = move.kind in {"return", "send_back", "void", "refuse_extension", "cancel"}
        found.append(
            Happened(
                moment(move.at),
                who,
                str(WORDS.get(move.kind, move.kind)),
                move.text,
                "back" if back else "past",
            )
        )
    return found


def papers(row: models.Model) -> models.QuerySet[Paper]:
    """The papers that hang on the row now, oldest first."""
    rows = Paper.objects.filter(ledger=ledger_of(row), row_id=row.pk, removed_at=None)
    return rows.select_related("file", "added_by").order_by("pk")


def papers_of(ledger: str, keys: Iterable[int]) -> dict[int, int]:
    """How many papers each of the rows has, in one query."""
    rows = Paper.objects.filter(ledger=ledger, row_id__in=list(keys), removed_at=None)
    counted = rows.order_by().values_list("row_id").annotate(n=models.Count("pk"))
    return dict(counted)
