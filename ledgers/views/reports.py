from datetime import date, timedelta

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import showing
from ledgers.actions import reports
from ledgers.deadlines import LINES, Status, day_statuses
from ledgers.forms import ReportForm, UnlockForm
from ledgers.matters import matters
from ledgers.models import DailyReport, ReportEvent, Task
from ledgers.reviewing import may_unlock
from ledgers.revisions import compare
from ledgers.tasklines import offered, pickable
from scheme import clock
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.templatetags.look import hm, md, moment, month_weeks

SPARE_LINES = 3
PICKS = 12
# Days back in which a report may still be open: the longest window a rule book may set.
BACK = 40
DRAFT_KEPT = "draft_kept"
State = DailyReport.State


@gate("report.read")
@require_safe
def report_today(request):
    """The form most wanted now: what can still be on time, the oldest first; else what is due."""
    today = clock.today()
    days = _fortnight(request.user, today)
    due = [shown for shown in days if shown.status == Status.DUE]
    on_time = [shown for shown in due if clock.now() <= shown.deadline.cutoff]
    wanted = on_time[:1] or due[-1:]
    if wanted:
        return _form_page(request, wanted[0].day, days=days)
    of_today = next(shown.report for shown in days if shown.day == today)
    if of_today is not None:
        return redirect("ledgers:report_edit", today)
    return redirect("ledgers:report_mine")


@gate("report.read")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def report_edit(request, day):
    """The form of one's own report of a day; filed, it shows the report itself."""
    if request.method != "POST":
        return _form_page(request, day)
    form = ReportForm(request.POST)
    if form.is_valid():
        try:
            report = reports.file(
                day, by=request.user, answer=form.cleaned_data["answer"], **form.body()
            )
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            return _form_page(request, day, form, status=409 if refused.conflict else 422)
        messages.success(request, _("%(day)s的日报已报送。") % {"day": md(day)})
        return redirect("ledgers:report_detail", report.pk)
    return _form_page(request, day, form, status=422)


@gate("report.file")
@require_POST
def report_draft(request, day):
    """Keeps what is written, after every pause: not `once`, the last one saved is the draft."""
    form = ReportForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": _("这一页已过期，请刷新后再提交。")}, status=422)
    # What this sign-in saved last is known to it, even if the answer was lost on the way.
    kept_day, kept_at = request.session.get(DRAFT_KEPT, ("", ""))
    known = [form.base(), parse_datetime(kept_at) if kept_day == day.isoformat() else None]
    base = max((at for at in known if at), default=None)
    try:
        report = reports.save_draft(day, by=request.user, base=base, **form.body())
    except Refused as refused:
        return JsonResponse({"error": str(refused)}, status=409 if refused.conflict else 422)
    at = report.saved_at.isoformat()
    request.session[DRAFT_KEPT] = (day.isoformat(), at)
    told = {"at": at, "saved_at": at, "time": hm(report.saved_at), "version": report.version}
    return JsonResponse(told)


@gate("report.read")
@require_safe
def report_mine(request):
    """The month of one's own reports."""
    today = clock.today()
    first = _month(request.GET.get("month", ""), today)
    before, after = first - timedelta(days=1), (first + timedelta(days=31)).replace(day=1)
    # The window of back-filling may reach beyond the month that is shown.
    since = today - timedelta(days=BACK)
    start = min(first, since) if after > since else first
    every = day_statuses(request.user, start, after - timedelta(days=1))
    days = [shown for shown in every if shown.day >= first]
    cells = {shown.day: showing.cell(shown, today) for shown in days}
    context = {
        "month": first,
        "previous": before,
        "next": after if after <= today else None,
        "weeks": month_weeks(first, cells, today),
        "sums": showing.sums(days, today),
        "due": [shown for shown in days if shown.status == Status.DUE],
        "open": [
            (shown, clock.now() <= shown.deadline.cutoff)
            for shown in every
            if shown.status == Status.DUE and shown.day < today
        ],
        "member": any(shown.status != Status.NONE for shown in days),
    }
    return render(request, "ledgers/report_mine.html", context)


@gate("report.read")
@require_safe
def report_detail(request, pk):
    seen = DailyReport.objects.visible_to(request.user).select_related("author", "reviewed_by")
    report = get_object_or_404(seen, pk=pk)
    own = report.author_id == request.user.pk
    events = list(report.events.select_related("by", "on_behalf_of"))
    revisions = [event for event in events if event.body]
    shown = day_statuses(report.author, report.day, report.day)[0]
    context = {
        "report": report,
        "own": own,
        "text": text_of(report, events, own),
        "shown": shown,
        "kind": showing.KINDS[shown.status],
        "word": showing.word(shown) or shown.status.label,
        "returned": _sent_back(events) if report.state == "returned" else None,
        "items": [_item(event) for event in events],
        "revisions": revisions,
        "comparison": _comparison(revisions, request.GET),
        "may_unlock": may_unlock(report, request.user),
        "may_write": own and report.state in (State.DRAFT, State.RETURNED),
        "kept": f"{report.author_id}:{report.day:%Y-%m-%d}" if own and report.filed_at else "",
    }
    return render(request, "ledgers/report_detail.html", context)


@gate("review.open")
@require_POST
@once
def report_unlock(request, pk):
    """Gives an accepted report back to its author, with the reason."""
    seen = DailyReport.objects.visible_to(request.user).select_related("author")
    report = get_object_or_404(seen, pk=pk)
    form = UnlockForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    data = form.cleaned_data
    reports.unlock(report.pk, version=data["seen"], reason=data["reason"], by=request.user)
    text = _("%(name)s%(day)s的日报已解锁，等本人补正。")
    messages.success(request, text % {"name": report.author.name, "day": md(report.day)})
    return redirect("ledgers:report_detail", report.pk)


def text_of(report: DailyReport, events, own: bool) -> dict:
    """What the report says. While it is being mended, others read what was filed last."""
    filed = _last(events, ReportEvent.Kind.FILED)
    if report.state == State.RETURNED and not own and filed:
        return filed.body
    return {
        "lines": _lines_of(report),
        "open_matters": report.open_matters,
        "plan": report.plan,
    }


def _lines_of(report: DailyReport) -> list[dict]:
    found = []
    for line in report.lines.all():
        of_task = {"task": line.task_id, "number": line.task.number} if line.task else {}
        found.append({"text": line.text, "done": line.done, **of_task})
    return found


def _last(events, *kinds):
    return next((event for event in reversed(events) if event.kind in kinds), None)


def _sent_back(events):
    """Why it lies with its author again: sent back before acceptance, or unlocked after."""
    return _last(events, ReportEvent.Kind.RETURNED, ReportEvent.Kind.UNLOCKED)


def _comparison(revisions, query) -> dict | None:
    """Two filings side by side: those asked for, or the last two."""
    if len(revisions) < 2:
        return None
    by_version = {str(event.version): event for event in revisions}
    old = by_version.get(query.get("old"), revisions[-2])
    new = by_version.get(query.get("new"), revisions[-1])
    return {"old": old, "new": new, "parts": compare(old.body, new.body)}


def _item(event) -> dict:
    what = event.get_kind_display()
    if event.grade:
        what = _("%(what)s：%(grade)s") % {"what": what, "grade": event.get_grade_display()}
    back = event.kind in (ReportEvent.Kind.RETURNED, ReportEvent.Kind.UNLOCKED)
    return {
        "when": moment(event.at),
        "who": signed(event.by, event.on_behalf_of),
        "what": what,
        "text": event.text,
        "kind": "back" if back else "past",
    }


def signed(by, on_behalf_of) -> str:
    """Who did it; of a deputy's act both names."""
    who = by.name if by else ""
    if on_behalf_of is None:
        return who
    return _("%(deputy)s（代%(name)s）") % {"deputy": who, "name": on_behalf_of.name}


def _fortnight(person, today: date):
    """Last week and this one; what can still be filed lies within."""
    monday = today - timedelta(days=today.weekday())
    return day_statuses(person, monday - timedelta(days=7), monday + timedelta(days=6))


def _form_page(request, day: date, form: ReportForm | None = None, *, days=None, status=200):
    person, today = request.user, clock.today()
    report = DailyReport.objects.filter(author=person, day=day).first()
    if form is None and report is not None and report.state not in (State.DRAFT, State.RETURNED):
        return redirect("ledgers:report_detail", report.pk)
    filed_at = report.first_filed_at if report else None
    why = reports.why_not(day, by=person, first_filed_at=filed_at)
    if why and not (form and form.is_bound):
        context = {"day": day, "why": why, "report": report}
        return render(request, "ledgers/report_shut.html", context)
    days = days or _fortnight(person, today)
    shown = next((one for one in days if one.day == day), None) or day_statuses(person, day, day)[0]
    version = report.version if report else 0
    last = _last_filed(person, day)
    if form is None:
        copy = request.GET.get("from") == "last"
        lines, texts, source = _begin(None if copy else report, last, copy=copy)
        form = ReportForm(initial={**texts, "seen": version})
    else:
        lines, source = [line._asdict() for line in form.lines()], None
        # Whoever presses again has read what stands above the form.
        form.data = form.data.copy()
        form.data["seen"] = version
    tasks = _tasks(person, day, lines)
    events = (
        list(report.events.select_related("by"))
        if report and report.state == State.RETURNED
        else []
    )
    weekend = any(one.makeup for one in days)
    context = {
        "form": form,
        "day": day,
        "is_today": day == today,
        "report": report,
        "saved_at": report.saved_at if report else None,
        "shown": shown,
        "late": clock.now() > shown.deadline.cutoff,
        "lines": lines,
        "spares": range(len(lines), len(lines) + SPARE_LINES),
        "done": sum(line["done"] for line in lines),
        "source": source,
        "last": last,
        "returned": _sent_back(events),
        "tasks": tasks,
        "picks": [task for task in tasks if task.state in Task.UNDER_WAY][:PICKS],
        "others": [one for one in days if one.status == Status.DUE and one.day != day],
        "strip": [showing.cell(one, today) for one in days if weekend or one.day.weekday() < 5],
        "weekend": weekend,
    }
    return render(request, "ledgers/report_form.html", context, status=status)


def _begin(report, last, *, copy: bool):
    """What stands in the form when it opens: the draft; the last one over again, if asked for;
    else what the last one planned, and what it left undone."""
    whole = report or (last if copy else None)
    if whole is not None:
        return _lines_of(whole), {"open_matters": whole.open_matters, "plan": whole.plan}, None
    if last is None:
        return [], {}, None
    planned = matters(last.plan)
    before = _lines_of(last)
    # What was planned under the words of a task goes on under that task.
    task_of = {line["text"]: {"task": line["task"]} for line in before if "task" in line}
    left = [line for line in before if not line["done"] and line["text"] not in planned]
    lines = [{"text": text, "done": True, **task_of.get(text, {})} for text in planned]
    lines += [line | {"tag": _("上次没做完")} for line in left]
    return lines[: reports.MOST_LINES], {}, last.day if planned else None


def _tasks(person, day: date, lines: list[dict]) -> list[Task]:
    """What a line may name: the tasks under way, and those the lines name already. A line whose
    task is none of one's own any more finds it no more in the list, and so loses it."""
    tasks = offered(person, day)
    more = {line.get("task") for line in lines} - {None, *(task.pk for task in tasks)}
    if more:
        tasks += pickable(person, day).filter(pk__in=more)
    return tasks


def _last_filed(person, day: date) -> DailyReport | None:
    """The report before this one, if it is not too old to matter."""
    rows = DailyReport.objects.filter(author=person, day__lt=day, day__gte=day - timedelta(days=60))
    return rows.filed().prefetch_related(LINES).order_by("-day").first()


def _month(text: str, today: date) -> date:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return first if 2000 <= first.year < 2199 else today.replace(day=1)
