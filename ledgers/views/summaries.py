from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import drafting, months, records, sheet_lines, sheet_pages
from ledgers.actions import summaries
from ledgers.listing import listing
from ledgers.models import MonthlySummary
from ledgers.models.reports import Grade
from ledgers.sheet_forms import (
    GradeForm,
    SaidForm,
    SectionMonthForm,
    SheetForm,
    SummaryFilter,
    YearForm,
)
from ledgers.views.weekly import told_added
from scheme import access, clock, periods
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Section

State = MonthlySummary.State
KINDS = {
    State.DRAFT: "warn",
    State.FILED: "warn",
    State.RETURNED: "bad",
    State.GRADED: "ok",
}


@gate("summary.read")
@require_safe
def summary_list(request):
    """All summaries one may see, and what one's own section has to file."""
    form = SummaryFilter(request)
    rows = MonthlySummary.objects.visible_to(request.user)
    for name in ("section", "month", "state", "grade"):
        if value := form.value(name):
            rows = rows.filter(**{name: value})
    rows = rows.select_related("section", "filed_by", "graded_by")
    found = listing(request, rows.order_by("-month", "section__position", "section"), form)
    context = {
        "found": found,
        "rows": [{"summary": one, "kind": KINDS[one.state]} for one in found.page_obj],
        "own": months.own(request.user),
        "to_grade": MonthlySummary.objects.to_grade_by(request.user).count(),
    }
    return render(request, "ledgers/summary_list.html", context)


@gate("summary.read")
@require_safe
def summary_matrix(request):
    """Sections by months of a year."""
    form, today = YearForm(request.GET), clock.today()
    year = form.cleaned_data["year"] if form.is_valid() else today.year
    context = {
        "year": year,
        "months": range(1, 13),
        "rows": months.matrix(request.user, year),
        "previous": year - 1 if year > 2000 else None,
        "next": year + 1 if year < today.year else None,
    }
    return render(request, "ledgers/summary_matrix.html", context)


@gate("summary.write")
@require_POST
@once
def summary_draft(request):
    form = SectionMonthForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    section = get_object_or_404(
        Section.objects.visible_to(request.user), pk=form.cleaned_data["section"]
    )
    summary = summaries.draft(section.pk, form.cleaned_data["month"], by=request.user)
    if summary.state in (State.DRAFT, State.RETURNED):
        return redirect("ledgers:summary_edit", summary.pk)
    return redirect("ledgers:summary_detail", summary.pk)


@gate("summary.read")
@require_safe
def summary_detail(request, pk):
    return _detail(request, _seen(request, pk))


def _detail(request, summary, *, error=None):
    person = request.user
    may_grade = summary.state == State.FILED and summaries.may_judge(
        summary, "summary.grade", by=person
    )
    may_regrade = summary.state == State.GRADED and summaries.may_judge(
        summary, "summary.regrade", by=person
    )
    history = records.history(summary)
    lines = sheet_pages.lines_of(summary, person)
    context = {
        "summary": summary,
        "kind": KINDS[summary.state],
        "facts": sheet_pages.facts(lines),
        "columns": sheet_pages.columns(lines, sheet_pages.MONTHLY_PARTS),
        "reused": sheet_lines.reused(summary),
        "may_edit": summary.state in (State.DRAFT, State.RETURNED) and _writes(person, summary),
        "may_grade": may_grade,
        "may_regrade": may_regrade,
        "grades": Grade.choices,
        "typed": request.POST if error else {},
        "error": error,
        "returned": _returned(summary, history),
        "history": history,
        "papers": records.papers(summary),
        "may_attach": records.may_attach(person, summary),
        "ledger": "summary",
        "row": summary,
    }
    return render(request, "ledgers/summary_detail.html", context, status=422 if error else 200)


@gate("summary.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def summary_edit(request, pk):
    summary = _seen(request, pk)
    if request.method != "POST":
        anchor = summary.anchor()._replace(state=State.DRAFT)
        access.require(request.user, "summary.write", anchor)
        if summary.state not in (State.DRAFT, State.RETURNED):
            return redirect("ledgers:summary_detail", summary.pk)
        return _form(request, summary)
    return _act(request, summary, _save)


@gate("summary.write")
@require_POST
@once
def summary_redraft(request, pk):
    return _act(request, _seen(request, pk), _redraft)


@gate("summary.write")
@require_POST
@once
def summary_file(request, pk):
    return _act(request, _seen(request, pk), _file)


@gate("summary.grade")
@require_POST
@once
def summary_grade(request, pk):
    return _judge(request, pk, "grade", "comment", summaries.grade, _("已评定。"))


@gate("summary.grade")
@require_POST
@once
def summary_return(request, pk):
    summary = _seen(request, pk)
    form = SaidForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    try:
        summaries.return_(summary.pk, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        if refusal.conflict:
            raise
        return _detail(request, summary, error=refusal)
    messages.success(request, _("已退回补正。"))
    return redirect("ledgers:summary_list")


@gate("summary.regrade")
@require_POST
@once
def summary_regrade(request, pk):
    done = _("已改评，相应积分在下一次结算时冲正。")
    return _judge(request, pk, "grade", "reason", summaries.regrade, done)


def _judge(request, pk, *asked):
    first, second, act, done = asked
    summary = _seen(request, pk)
    form = GradeForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    said = {name: form.cleaned_data[name] for name in ("version", first, second)}
    try:
        act(summary.pk, by=request.user, **said)
    except Refused as refusal:
        if refusal.conflict:
            raise
        return _detail(request, summary, error=refusal)
    messages.success(request, done)
    return redirect("ledgers:summary_detail", summary.pk)


def _seen(request, pk):
    rows = MonthlySummary.objects.visible_to(request.user).with_leader()
    return get_object_or_404(rows.select_related("section", "filed_by", "graded_by"), pk=pk)


def _writes(person, summary) -> bool:
    return access.can(person, "summary.write", summary.anchor()._replace(state=State.DRAFT))


def _returned(summary, history) -> records.Happened | None:
    """Why it was sent back, while it is."""
    if summary.state != State.RETURNED:
        return None
    return next((one for one in reversed(history) if one.kind == "back"), None)


def _form(request, summary, *, version=None, edits=None, error=None):
    last: date = periods.last_of_month(summary.month)
    lines = sheet_pages.lines_of(summary, request.user)
    context = {
        "summary": summary,
        "version": summary.version if version is None else version,
        "facts": sheet_pages.facts(lines),
        "columns": sheet_pages.columns(lines, sheet_pages.MONTHLY_PARTS, edits=edits),
        "reused": sheet_lines.reused(summary),
        "unread": drafting.unread(summary.section, summary.month, last),
        "opens_on": summaries.opens_on(summary.month),
        "due_on": months.due_on(summary.month),
        "returned": _returned(summary, records.history(summary)),
        "error": error,
    }
    return render(request, "ledgers/summary_edit.html", context, status=422 if error else 200)


def _act(request, summary, act):
    """What the form's buttons do; refused, the form comes back as it was typed."""
    form = SheetForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    version, edits = form.cleaned_data["version"], form.edits()
    try:
        return act(request, summary, {"version": version, "edits": edits})
    except Refused as refusal:
        if refusal.conflict:
            raise
        return _form(request, summary, version=version, edits=edits, error=refusal)


def _save(request, summary, said):
    summaries.save(summary.pk, by=request.user, **said)
    messages.success(request, _("已保存。"))
    return redirect("ledgers:summary_edit", summary.pk)


def _redraft(request, summary, said):
    messages.success(request, told_added(summaries.redraft(summary.pk, by=request.user, **said)))
    return redirect("ledgers:summary_edit", summary.pk)


def _file(request, summary, said):
    summaries.file(summary.pk, by=request.user, **said)
    messages.success(request, _("月结已报送，等分管领导评定。"))
    return redirect("ledgers:summary_detail", summary.pk)
