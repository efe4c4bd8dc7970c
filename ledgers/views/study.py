"""每周一学: the list, one session, its attendance on one screen, one's own record, the figures."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import records, studying
from ledgers import study_forms as forms
from ledgers.actions import study as acts
from ledgers.listing import listing
from ledgers.models import StudySession
from ledgers.studying import Attendance
from scheme import clock, periods, workdays
from scheme.access import can, gate, require
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.templatetags.look import listed, md

State = StudySession.State
KINDS = {
    State.PLANNED: ("done", "calendar-days"),
    State.HELD: ("ok", "check"),
    State.VOID: ("done", "x-mark"),
}
ATTENDED = {Attendance.PRESENT: "ok", Attendance.EXCUSED: "done", Attendance.MISSED: "bad"}
WEEKDAY = 4


def _session(request, pk) -> StudySession:
    rows = StudySession.objects.visible_to(request.user).select_related(
        "unit", "host", "recorded_by"
    )
    return get_object_or_404(rows, pk=pk)


def _tabs(request, current: str) -> list[dict]:
    places = [("study_list", _("学习安排")), ("study_mine", _("我的出勤"))]
    if _sees_others(request.user):
        places.append(("study_figures", _("出勤统计")))
    return [
        {"label": label, "url": reverse(f"ledgers:{name}"), "current": name == current}
        for name, label in places
    ]


def _sees_others(person) -> bool:
    named = studying.sections_named_to(person)
    return named is None or bool(named)


@gate("study.read")
@require_safe
def study_list(request):
    form = forms.LedgerFilter(request, StudySession)
    rows = form.narrowed(StudySession.objects.visible_to(request.user).select_related("host"))
    if words := form.value("q"):
        rows = rows.filter(Q(topic__icontains=words) | Q(contents__icontains=words))
    page = listing(request, rows.order_by("-day", "-pk"), form)
    shown = list(page.page_obj)
    sums = studying.sums_of(one for one in shown if one.state == State.HELD)
    today = clock.today()
    context = {
        "form": form,
        "page_obj": page.page_obj,
        "total": page.total,
        "rows": [
            {
                "session": one,
                "kind": KINDS[one.state],
                # Planned, and the day has come: it waits for its attendance.
                "due": one.state == State.PLANNED and one.day <= today,
                "sums": sums.get(one.pk) if one.state == State.HELD else None,
            }
            for one in shown
        ],
        "tabs": _tabs(request, "study_list"),
        "may_keep": can(request.user, "study.keep"),
    }
    return render(request, "ledgers/study_list.html", context)


@gate("study.read")
@require_safe
def study_detail(request, pk):
    """Who was missing is named to the personnel office, to the chief and the leader of the
    section, and to each themselves; all others see how many."""
    session, person = _session(request, pk), request.user
    lines = studying.expected(session)
    named = studying.sections_named_to(person)
    seen = [line for line in lines if named is None or line.section in named]
    held = session.state == State.HELD
    own = next((line for line in lines if line.key == person.pk), None)
    may_keep = can(person, "study.keep", session.anchor())
    context = {
        "session": session,
        "kind": KINDS[session.state],
        "due": session.state == State.PLANNED and session.day <= clock.today(),
        "sums": studying.sums(lines) if held else None,
        "own": own.attendance if held and own else None,
        "own_kind": ATTENDED[own.attendance] if held and own else "",
        "seen": bool(seen) and held,
        "absent": [line for line in seen if line.attendance != Attendance.PRESENT],
        "idle": [line for line in seen if line.marked and line.excused],
        "may_keep": may_keep,
        "ledger": "study",
        "row": session,
        "papers": records.papers(session),
        "may_attach": records.may_attach(person, session),
        # Reasons of corrections are about persons.
        "history": records.history(session) if named is None or seen else None,
    }
    return render(request, "ledgers/study_detail.html", context)


@gate("study.keep")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def study_new(request):
    """One session, or one each week up to a day."""
    unit = request.user.unit
    if request.method != "POST":
        initial = {"day": _next_friday()}
        form = forms.SessionForm(unit=unit, initial=initial)
        return render(request, "ledgers/study_form.html", {"form": form})
    form = forms.SessionForm(request.POST, unit=unit)
    if form.is_valid():
        try:
            return _planned(request, form)
        except Refused as refused:
            _put(form, refused, {"first": "day", "host": "host_id"})
    return render(request, "ledgers/study_form.html", {"form": form}, status=422)


def _planned(request, form):
    content, until = form.content(), form.cleaned_data["until"]
    unit, by = request.user.unit, request.user
    if not until:
        session = acts.plan(unit, **content, by=by)
        messages.success(request, _("已安排%(day)s的学习。") % {"day": md(session.day)})
        return redirect("ledgers:study_detail", session.pk)
    day = content.pop("day")
    series = acts.plan_series(unit, first=day, until=until, **content, by=by)
    n = len(series.sessions)
    text = ngettext("已安排%(n)s次学习。", "已安排%(n)s次学习。", n) % {"n": n}
    if series.skipped:
        days = listed(md(one) for one in series.skipped)
        text += _("跳过：%(days)s。") % {"days": days}
    messages.success(request, text)
    return redirect("ledgers:study_list")


def _next_friday():
    """The Friday of this week, or of the next that is worked."""
    today = clock.today()
    days = workdays.between(today, today.replace(year=today.year + 1, day=1))
    return next((day for day in days if day.weekday() == WEEKDAY), today)


@gate("study.keep")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def study_edit(request, pk):
    session = _session(request, pk)
    require(request.user, "study.keep", session.anchor())
    own = {"unit": session.unit, "session": session}
    if request.method == "POST":
        form = forms.SessionForm(request.POST, **own)
        if form.is_valid():
            try:
                acts.change(
                    pk,
                    **form.content(),
                    reason=form.cleaned_data.get("reason", ""),
                    version=form.cleaned_data["seen"] or 0,
                    by=request.user,
                )
            except Refused as refused:
                _put(form, refused, {"host": "host_id"})
            else:
                messages.success(request, _("已改好。"))
                return redirect("ledgers:study_detail", pk)
        return render(
            request, "ledgers/study_form.html", {"form": form, "session": session}, status=422
        )
    initial = {name: getattr(session, name) for name in ("day", "topic", "place", "contents")}
    initial |= {"host_id": session.host_id, "seen": session.version}
    form = forms.SessionForm(initial=initial, **own)
    return render(request, "ledgers/study_form.html", {"form": form, "session": session})


@gate("study.keep")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def study_attendance(request, pk):
    """Everybody came but those ticked; who is excused cannot be."""
    session = _session(request, pk)
    require(request.user, "study.keep", session.anchor())
    lines = studying.expected(session)
    problem, chosen = "", {line.key for line in lines if line.marked}
    if request.method == "POST":
        form = forms.AttendanceForm(request.POST, keys=[line.key for line in lines])
        if not form.is_valid():
            raise Refused(_("这一页已过期，请刷新后再提交。"))
        given = form.cleaned_data
        try:
            acts.hold(
                pk,
                missed=given["missed"],
                reason=given["reason"],
                version=given["seen"],
                by=request.user,
            )
        except Refused as refused:
            if refused.conflict:
                raise
            problem, chosen = refused, set(given["missed"])
        else:
            messages.success(request, _("已登记到会。"))
            return redirect("ledgers:study_detail", pk)
    context = {
        "session": session,
        "groups": _by_section(lines, chosen),
        "sums": studying.sums(lines),
        "ticked": len([one for one in lines if one.key in chosen and not one.excused]),
        "again": session.state == State.HELD,
        "reason": request.POST.get("reason", ""),
        "problem": problem,
    }
    return render(request, "ledgers/study_attendance.html", context, status=422 if problem else 200)


def _by_section(lines, chosen=frozenset()) -> list[dict]:
    groups = []
    for number, line in enumerate(lines, 1):
        if not groups or groups[-1]["key"] != line.section:
            groups.append({"key": line.section, "name": line.section_name, "lines": []})
        one = {"number": number, "line": line, "missed": line.key in chosen}
        groups[-1]["lines"].append(one)
    return groups


@gate("study.keep")
@require_safe
def study_sheet(request, pk):
    """The sheet to sign on paper, A4."""
    session = _session(request, pk)
    require(request.user, "study.keep", session.anchor())
    lines = studying.expected(session)
    context = {"session": session, "groups": _by_section(lines), "sums": studying.sums(lines)}
    return render(request, "ledgers/study_sheet.html", context)


@gate("study.keep")
@require_POST
@once
def study_act(request, pk):
    """Void or restored."""
    form = forms.SeenForm(request.POST)
    act = {"void": acts.void, "restore": acts.restore}.get(request.POST.get("move"))
    if act is None or not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    given = form.cleaned_data
    try:
        act(pk, reason=given["reason"], version=given["seen"], by=request.user)
    except ObjectDoesNotExist:
        raise Http404 from None
    done = {"void": _("已作废，不再计入。"), "restore": _("已恢复。")}
    messages.success(request, done[request.POST["move"]])
    return redirect("ledgers:study_detail", pk)


@gate("study.read")
@require_safe
def study_mine(request):
    form = forms.HalfForm(request)
    rows = studying.record_of(request.user, periods.half_span(form.code))
    how = [row.attendance for row in rows]
    excused = how.count(Attendance.EXCUSED)
    context = {
        "form": form,
        "half_name": periods.half_name(form.code),
        "rows": [{"row": row, "kind": ATTENDED[row.attendance]} for row in rows],
        "sums": studying.Sums(len(rows), excused, how.count(Attendance.MISSED)),
        "tabs": _tabs(request, "study_mine"),
    }
    return render(request, "ledgers/study_mine.html", context)


@gate("study.read")
@require_safe
def study_figures(request):
    """In office order, never by rank. Whoever moved stands in both sections."""
    person = request.user
    named = studying.sections_named_to(person)
    if named is not None and not named:
        raise PermissionDenied(_("出勤统计由机关人事科、科长和分管领导查看。"))
    form = forms.HalfForm(request)
    found = studying.figures(person.unit, periods.half_span(form.code), named)
    groups = []
    for figure in found:
        if not groups or groups[-1]["section"] != figure.section:
            groups.append({"section": figure.section, "rows": [], "sums": studying.Sums()})
        group = groups[-1]
        group["rows"].append(figure)
        pairs = zip(group["sums"], figure.sums, strict=True)
        group["sums"] = studying.Sums(*(one + other for one, other in pairs))
    context = {
        "form": form,
        "half_name": periods.half_name(form.code),
        "groups": groups,
        "tabs": _tabs(request, "study_figures"),
    }
    return render(request, "ledgers/study_figures.html", context)


def _put(form, refused: Refused, names: dict) -> None:
    """At its field, by the form's name for it; what somebody else changed is told apart."""
    if refused.conflict:
        raise refused
    field = names.get(refused.field, refused.field)
    form.add_error(field if field in form.fields else None, str(refused))
