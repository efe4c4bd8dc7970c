"""The daily report: kept as a draft, filed, sent back, accepted."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers.deadlines import deadline_of
from ledgers.models import DailyReport, ReportEvent, ReportLine, Task
from ledgers.models.reports import Grade
from ledgers.reviewing import require_reviewer
from ledgers.tasklines import pickable
from scheme import access, audit, clock, notices
from scheme.access import Anchor
from scheme.errors import Refused, Stale
from scheme.models import Staff
from scheme.templatetags.look import md, md_hm

MOST_LINES, LINE_LENGTH, TEXT_LENGTH, SAID_LENGTH = 20, 500, 1000, 200
State, Kind = DailyReport.State, ReportEvent.Kind


class Line(NamedTuple):
    """`task` is the key of the task it reports on. Without words of its own it says the task's."""

    text: str
    done: bool = True
    task: int | None = None


class _Body(NamedTuple):
    lines: list[Line]
    open_matters: str
    plan: str
    tasks: dict[int, Task]

    def snapshot(self) -> dict:
        return {
            "lines": [self._line(line) for line in self.lines],
            "open_matters": self.open_matters,
            "plan": self.plan,
        }

    def _line(self, line: Line) -> dict:
        said = {"text": line.text, "done": line.done}
        if line.task is None:
            return said
        return said | {"task": line.task, "number": self.tasks[line.task].number}


@transaction.atomic
def save_draft(
    day: date,
    *,
    by: Staff,
    lines: Iterable[Line],
    open_matters: str = "",
    plan: str = "",
    seen: int,
    base: datetime | None = None,
) -> DailyReport:
    """Keeps what is written so far. No trail: nothing has been done yet.

    `base` is when the page last knew the draft to be saved (None: it knew of no draft). Text
    written elsewhere since then is not overwritten behind its author's back.
    """
    body = _body(day, by, lines, open_matters, plan)
    report, made = _own(day, by)
    _still(report, seen)
    if not made and (base is None or report.saved_at > base):
        raise Stale(_("这份草稿在别处又改过，刷新后接着写。"))
    _write(report, body)
    report.save(update_fields=["open_matters", "plan", "saved_at", "imported"])
    return report


@transaction.atomic
def file(
    day: date,
    *,
    by: Staff,
    lines: Iterable[Line],
    open_matters: str = "",
    plan: str = "",
    answer: str = "",
    seen: int,
) -> DailyReport:
    """Hands the day's report in, for the first time or mended after it was sent back.

    Sent back and mended it stays as punctual as it was; only the first filing has a last day.
    """
    body = _body(day, by, lines, open_matters, plan)
    answer = _short(answer, field="answer")
    if not body.lines:
        raise Refused(_("至少写一条做了什么，再报送。"), field="lines")
    report, _made = _own(day, by)
    _still(report, seen)
    now = clock.now()
    before = {"state": report.state}
    _write(report, body)
    report.state = State.FILED
    report.filed_at = now
    report.first_filed_at = report.first_filed_at or now
    report.version += 1
    report.save()
    _note(report, Kind.FILED, by, text=answer, body=body.snapshot())
    after = {"state": report.state, "filed_at": now.isoformat()}
    audit.record(by, "report.file", report, before=before, after=after)
    return report


@transaction.atomic
def accept(pk: int, *, by: Staff, grade: str, comment: str = "", seen: int) -> DailyReport:
    """Grades a report and closes it: from here on it is frozen."""
    report = _for_review(pk, by, seen)
    if grade not in Grade.values:
        raise Refused(_("先选等次：好、较好、一般、较差。"), field="grade")
    report.comment = _short(comment, field="comment")
    report.state, report.grade = State.ACCEPTED, grade
    report.reviewed_by, report.reviewed_at = by, clock.now()
    report.version += 1
    report.save(
        update_fields=["state", "grade", "comment", "reviewed_by", "reviewed_at", "version"]
    )
    _note(report, Kind.ACCEPTED, by, text=report.comment, grade=grade)
    after = {"state": report.state, "grade": grade}
    before = {"state": State.FILED}
    audit.record(by, "report.accept", report, before=before, after=after, reason=report.comment)
    _tell(
        [report.author_id],
        report.day,
        report.version,
        lambda: (
            _("%(day)s的日报已阅，等次：%(grade)s。")
            % {"day": md(report.day), "grade": Grade(grade).label}
        ),
        icon="check",
    )
    return report


@transaction.atomic
def return_(pk: int, *, by: Staff, reason: str, seen: int) -> DailyReport:
    """Sends a report back to be mended. Its filing time stands."""
    report = _for_review(pk, by, seen)
    reason = _short(reason, field="reason")
    if not reason:
        raise Refused(_("写明退回的原因，对方才知道改哪里。"), field="reason")
    report.state = State.RETURNED
    report.version += 1
    report.save(update_fields=["state", "version"])
    _note(report, Kind.RETURNED, by, text=reason)
    audit.record(
        by,
        "report.return",
        report,
        before={"state": State.FILED},
        after={"state": report.state},
        reason=reason,
    )
    _tell(
        [report.author_id],
        report.day,
        report.version,
        lambda: (
            _("%(day)s的日报被退回补正：%(reason)s") % {"day": md(report.day), "reason": reason}
        ),
        icon="arrow-uturn-left",
    )
    return report


@transaction.atomic
def accept_rest(day: date, *, by: Staff, seen: Mapping[int, int]) -> int:
    """Accepts, without a grade, all reports of the day that stand on the reviewer's page.

    `seen` maps report to version. What was filed, sent back or graded in the meantime is left
    alone; the number of those accepted is returned.
    """
    mine = (
        DailyReport.objects.filter(pk__in=seen, day=day)
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    waiting = [one for one in mine if one.state == State.FILED and one.version == seen[one.pk]]
    keys = [one.pk for one in waiting]
    allowed = DailyReport.objects.filter(pk__in=keys).to_review_by(by).values_list("pk", flat=True)
    if set(allowed) != set(keys):
        raise PermissionDenied(_("您的职责不包括这一步。"))
    if not waiting:
        raise Stale(_("没有可以通过的日报了，刷新后再看。"))
    behalf = {}
    for one in DailyReport.objects.filter(pk__in=keys).with_reviewer():
        require_reviewer(one, by, "report.review", state=State.FILED)
        behalf[one.pk] = access.acted_for(by)
    at = clock.now()
    DailyReport.objects.filter(pk__in=keys).update(
        state=State.ACCEPTED, reviewed_by=by, reviewed_at=at, version=F("version") + 1
    )
    ReportEvent.objects.bulk_create(
        ReportEvent(
            report=one,
            version=one.version + 1,
            kind=Kind.ACCEPTED,
            at=at,
            by=by,
            on_behalf_of_id=behalf[one.pk],
        )
        for one in waiting
    )
    after = {"day": day.isoformat(), "reports": keys}
    audit.record(by, "report.accept_rest", by.unit, after=after, unit=by.unit)
    # A report is accepted once, so its day names the telling.
    _tell(
        [one.author_id for one in waiting],
        day,
        "accepted",
        lambda: _("%(day)s的日报已阅。") % {"day": md(day)},
        icon="check",
    )
    return len(waiting)


@transaction.atomic
def unlock(pk: int, *, version: int, reason: str, by: Staff) -> DailyReport:
    """Gives an accepted report back to its author to be mended. The grade goes; what was said and
    how punctual it was stays. The points that rested on the grade follow when days are settled."""
    report = _not_own(pk, by)
    require_reviewer(report, by, "report.unlock", state=State.ACCEPTED)
    _still(report, version)
    if report.state != State.ACCEPTED:
        raise Stale(_("这份日报没有评定，不用解锁。"))
    reason = _short(reason, field="reason")
    if not reason:
        raise Refused(_("写明解锁的原因，对方才知道改哪里。"), field="reason")
    before = {"state": report.state, "grade": report.grade}
    report.state, report.grade, report.comment = State.RETURNED, "", ""
    report.reviewed_by = report.reviewed_at = None
    report.version += 1
    report.save(
        update_fields=["state", "grade", "comment", "reviewed_by", "reviewed_at", "version"]
    )
    _note(report, Kind.UNLOCKED, by, text=reason)
    after = {"state": report.state, "grade": ""}
    audit.record(by, "report.unlock", report, before=before, after=after, reason=reason)
    _tell(
        [report.author_id],
        report.day,
        report.version,
        lambda: (
            _("%(day)s的日报已解锁，请补正：%(reason)s") % {"day": md(report.day), "reason": reason}
        ),
        icon="lock-open",
    )
    return report


def why_not(day: date, *, by: Staff, first_filed_at: datetime | None = None) -> str:
    """Why the person cannot write this day's report now; empty if nothing stands in the way."""
    if day > clock.today():
        return _("%(day)s还没到，到那天再报。") % {"day": md(day)}
    if not access.can(by, "report.file", Anchor(by.unit_id, by.pk, state=State.DRAFT), on=day):
        return _("%(day)s您不在任何科室，不用报。") % {"day": md(day)}
    if by.joined_on > day:
        return _("%(day)s您还没有到岗，不用报。") % {"day": md(day)}
    closes = clock.local(deadline_of(by.unit_id, day).closes)
    if first_filed_at is None and clock.now().replace(microsecond=0) > closes:
        return _("%(day)s的日报最迟%(last)s补报。") % {"day": md(day), "last": md_hm(closes)}
    return ""


def _own(day: date, by: Staff) -> tuple[DailyReport, bool]:
    """The author's report of the day, locked, and whether it is new."""
    first = DailyReport.objects.filter(author=by, day=day).values_list("first_filed_at", flat=True)
    if reason := why_not(day, by=by, first_filed_at=next(iter(first), None)):
        raise Refused(reason)
    report, made = DailyReport.objects.select_for_update().get_or_create(
        author=by, day=day, defaults={"unit_id": by.unit_id, "saved_at": clock.now()}
    )
    if report.state not in (State.DRAFT, State.RETURNED):
        raise Stale(_("这一天的日报已经报送，不用再报。"))
    return report, made


def _still(report: DailyReport, seen: int) -> None:
    if report.version != seen:
        raise Stale(_("这份日报刚才变了，刷新后再看。"))


def _for_review(pk: int, by: Staff, seen: int) -> DailyReport:
    report = _not_own(pk, by)
    # Who might have reviewed it is told that somebody was faster, not that they may not.
    require_reviewer(report, by, "report.review", state=State.FILED)
    _still(report, seen)
    if report.state != State.FILED:
        raise Stale(_("这份日报不在待阅状态，刷新后再看。"))
    return report


def _not_own(pk: int, by: Staff) -> DailyReport:
    report = DailyReport.objects.select_for_update(of=("self",)).with_reviewer().get(pk=pk)
    if report.author_id == by.pk:
        raise PermissionDenied(_("不能批阅自己的日报。"))
    return report


def _body(day: date, by: Staff, lines: Iterable[Line], open_matters: str, plan: str) -> _Body:
    lines = list(lines)
    named = {line.task for line in lines if line.task is not None}
    tasks = {one.pk: one for one in pickable(by, day).filter(pk__in=named)} if named else {}
    if named - set(tasks):
        raise Refused(_("只能选本人承办或本科室的任务。"), field="lines")
    kept = []
    for line in lines:
        text = line.text.strip()
        if not text and line.task is not None:
            text = tasks[line.task].title
        if text:
            kept.append(Line(text, line.done, line.task))
    if len(kept) > MOST_LINES:
        raise Refused(_("最多%(n)s条，请合并几条。") % {"n": MOST_LINES}, field="lines")
    for number, line in enumerate(kept, 1):
        if len(line.text) > LINE_LENGTH:
            text = _("第%(i)s条超过%(n)s字，请拆开或写短些。")
            raise Refused(text % {"i": number, "n": LINE_LENGTH}, field="lines")
    texts = {"open_matters": open_matters.strip(), "plan": plan.strip()}
    for field, text in texts.items():
        if len(text) > TEXT_LENGTH:
            raise Refused(_("超过%(n)s字，请写短些。") % {"n": TEXT_LENGTH}, field=field)
    return _Body(kept, **texts, tasks=tasks)


def _short(text: str, *, field: str) -> str:
    text = text.strip()
    if len(text) > SAID_LENGTH:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": SAID_LENGTH}, field=field)
    return text


def _write(report: DailyReport, body: _Body) -> None:
    report.open_matters, report.plan, report.saved_at = body.open_matters, body.plan, clock.now()
    # From here on it is its author's own word, which no workbook changes.
    report.imported = False
    report.lines.all().delete()
    ReportLine.objects.bulk_create(
        ReportLine(
            report=report, position=position, text=line.text, done=line.done, task_id=line.task
        )
        for position, line in enumerate(body.lines, 1)
    )


def _note(report: DailyReport, kind: str, by: Staff, *, text="", grade="", body=None) -> None:
    ReportEvent.objects.create(
        report=report,
        version=report.version,
        kind=kind,
        at=clock.now(),
        by=by,
        on_behalf_of_id=access.acted_for(by),
        text=text,
        grade=grade,
        body=body or {},
    )


def _tell(people: list[int], day: date, key: int | str, say: notices.Say, *, icon: str) -> None:
    """To the authors. The address is that of the day, which is each one's own report."""
    url = reverse("ledgers:report_edit", args=[day])
    authors = Staff.objects.filter(pk__in=people)
    notices.tell_all(authors, f"report:{day}:{key}", say, url=url, icon=icon)
