from datetime import date

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from ledgers import showing
from ledgers.actions import reminders, reports
from ledgers.deadlines import IN_TIME, LINES, OWED, Status
from ledgers.forms import RemindForm, RestForm, ReviewForm
from ledgers.matters import matters
from ledgers.models import DailyReport, ReportEvent
from ledgers.models.reports import Grade
from ledgers.reviewing import Desk, desks, last_grades, pending_days, people_of
from ledgers.views.reports import signed, text_of
from scheme import clock, workdays
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Staff
from scheme.templatetags.look import md

State = DailyReport.State


@gate("review.open")
@require_safe
def review(request):
    """One desk's day on one screen. Without a day: the oldest with reports waiting."""
    person, today = request.user, clock.today()
    all_desks = desks(person)
    desk = _desk(all_desks, request.GET.get("section"))
    waiting = pending_days(desk, person)
    day = _day(request.GET.get("day"), today) or next(iter(waiting), None) or _last_workday(today)
    rows = people_of(desk, person, day)
    unread = [row.status.report.pk for row in rows if _is_filed(row)]
    chosen = _chosen(rows, unread, request.GET)
    before, after = workdays.preceding(day), workdays.following(day)
    late = [row for row in rows if _may_be_reminded(row)]
    told = reminders.reminded_today([row.person.pk for row in late], day) if late else set()
    context = {
        "desks": [
            {"label": one.label, "url": _url(one), "current": one.key == desk.key}
            for one in all_desks
        ],
        "desk": desk,
        "day": day,
        "rows": [
            _row(row, number) | {"late_now": row in late, "reminded": row.person.pk in told}
            for number, row in enumerate(rows, 1)
        ],
        "counts": {
            "owed": sum(row.status.status in OWED for row in rows),
            "filed": sum(row.status.status in IN_TIME for row in rows),
            "read": sum(_is(row, State.ACCEPTED) for row in rows),
        },
        "chosen": chosen,
        "rest": ",".join(
            f"{row.status.report.pk}:{row.status.report.version}" for row in rows if _is_filed(row)
        ),
        "rest_count": len(unread),
        "previous": {"day": before, "url": _url(desk, before)},
        "next": {"day": after, "url": _url(desk, after)} if after <= today else None,
        "waiting": [
            {"day": one, "n": n, "url": _url(desk, one)} for one, n in waiting.items() if one != day
        ],
        "url": _url(desk, day),
    }
    if chosen:
        context |= _reading(chosen, rows, desk, day)
    return render(request, "ledgers/review.html", context)


@gate("review.open")
@require_POST
@once
def review_accept(request, pk):
    report, form = _asked(request, pk)
    reports.accept(
        report.pk,
        by=request.user,
        grade=form.cleaned_data["grade"],
        comment=form.cleaned_data["comment"],
        seen=form.cleaned_data["seen"],
    )
    return _onward(request, report)


@gate("review.open")
@require_POST
@once
def review_return(request, pk):
    report, form = _asked(request, pk)
    reports.return_(
        report.pk,
        by=request.user,
        reason=form.cleaned_data["reason"],
        seen=form.cleaned_data["seen"],
    )
    text = _("%(name)s%(day)s的日报已退回。") % {
        "name": report.author.name,
        "day": md(report.day),
    }
    messages.success(request, text)
    return _onward(request, report)


@gate("review.open")
@require_POST
@once
def review_rest(request):
    form = RestForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    day = form.cleaned_data["day"]
    number = reports.accept_rest(day, by=request.user, seen=form.cleaned_data["seen"])
    text = ngettext("%(n)s份日报已阅，未评等次。", "%(n)s份日报已阅，未评等次。", number)
    messages.success(request, text % {"n": number})
    return redirect(_url(_desk(desks(request.user), request.POST.get("section")), day))


@gate("review.open")
@require_POST
@once
def review_remind(request, pk):
    """A word to one who has not filed. Whose day does not lie here is not there."""
    person = get_object_or_404(Staff.objects.filter(unit_id=request.user.unit_id), pk=pk)
    form = RemindForm(request.POST)
    day = form.is_valid() and _day(str(form.cleaned_data["day"]), clock.today())
    if not day:
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    reminders.remind(person.pk, day, by=request.user)
    messages.success(request, _("已提醒%(name)s。") % {"name": person.name})
    return redirect(_url(_desk(desks(request.user), request.POST.get("section")), day))


def _may_be_reminded(row) -> bool:
    """Past the cutoff, and still to be back-filled; before that it is the person's own matter."""
    status = row.status
    return status.status == Status.DUE and clock.now() > status.deadline.cutoff


def _asked(request, pk: int):
    """The report and what was pressed. Out of sight it is not there."""
    seen = DailyReport.objects.visible_to(request.user).select_related("author")
    report = get_object_or_404(seen, pk=pk)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    return report, form


def _onward(request, report):
    """To the next unread of the day; the day done, to the next day that has some."""
    desk = _desk(desks(request.user), request.POST.get("section"))
    waiting = pending_days(desk, request.user)
    if report.day in waiting or not waiting:
        return redirect(_url(desk, report.day, after=report.pk))
    text = _("%(day)s的日报看完了，接着看这一天的。") % {"day": md(report.day)}
    messages.success(request, text)
    return redirect(_url(desk, next(iter(waiting))))


def _desk(found: list[Desk], key: str | None) -> Desk:
    for desk in found:
        if desk.key == key:
            return desk
    if key:
        raise Http404
    return found[0]


def _url(desk: Desk, day: date | None = None, **more) -> str:
    query = {"section": desk.key, **({"day": day.isoformat()} if day else {}), **more}
    return f"{reverse('ledgers:review')}?{urlencode(query)}"


def _day(text: str | None, today: date) -> date | None:
    """Nothing to read lies in the future, nor before the calendar."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year >= 2000 and day <= today else None


def _last_workday(today: date) -> date:
    return today if workdays.is_working(today) else workdays.preceding(today)


def _is(row, state) -> bool:
    return row.status.report is not None and row.status.report.state == state


def _is_filed(row) -> bool:
    return _is(row, State.FILED)


def _chosen(rows, unread, query):
    """The row being read: the one asked for, or the first unread after the one just done."""
    if asked := query.get("report"):
        for row in rows:
            if row.status.report is not None and str(row.status.report.pk) == asked:
                return row
        raise Http404
    with_report = [row for row in rows if row.status.report is not None]
    keys = [str(row.status.report.pk) for row in with_report]
    start = keys.index(query["after"]) + 1 if query.get("after") in keys else 0
    turned = with_report[start:] + with_report[:start]
    return next((row for row in turned if row.status.report.pk in unread), (turned or [None])[0])


def _closed_by(events) -> str:
    """Who accepted it last; of a deputy's act both names."""
    done = [event for event in events if event.kind == ReportEvent.Kind.ACCEPTED]
    return signed(done[-1].by, done[-1].on_behalf_of) if done else ""


def _row(row, number: int) -> dict:
    report = row.status.report
    lines = list(report.lines.all()) if report else []
    return {
        "number": number,
        "person": row.person,
        "section": row.section,
        "report": report,
        "first": lines[0].text if lines else "",
        "grade": report.get_grade_display() if report else "",
        "kind": showing.KINDS[row.status.status],
        "word": showing.word(row.status) or row.status.status.label,
        "late_now": False,
        "reminded": False,
        "in_time": row.status.status in IN_TIME,
        "late": row.status.status in IN_TIME[1:],
    }


def _reading(chosen, rows, desk, day) -> dict:
    """The text read and what stands beside it."""
    report = chosen.status.report
    events = list(report.events.select_related("by", "on_behalf_of"))
    last = (
        DailyReport.objects.filter(author=chosen.person, day__lt=day)
        .filed()
        .prefetch_related(LINES)
        .order_by("-day")
        .first()
    )
    text = text_of(report, events, False)
    done = {line["text"] for line in text["lines"] if line["done"]}
    planned = matters(last.plan) if last else []
    with_report = [row for row in rows if row.status.report is not None]
    place = with_report.index(chosen)
    return {
        "report": report,
        "text": text,
        "row": _row(chosen, 0),
        "planned": [{"text": one, "done": one in done} for one in planned],
        "last": last,
        "grades": last_grades(chosen.person, day),
        "answers": [
            {"event": event, "who": signed(event.by, event.on_behalf_of)}
            for event in events
            if event.text
        ],
        "closed_by": _closed_by(events),
        "keys": list(enumerate(Grade.choices, 1)),
        "can_grade": report.state == State.FILED,
        "down": _url(desk, day, report=with_report[place + 1].status.report.pk)
        if place + 1 < len(with_report)
        else "",
        "up": _url(desk, day, report=with_report[place - 1].status.report.pk) if place else "",
    }
