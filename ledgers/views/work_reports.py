from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import records, sheet_lines, sheet_pages, year_reading
from ledgers.actions import work_reports
from ledgers.listing import listing
from ledgers.models import WorkReport
from ledgers.sheet_forms import SaidForm, VersionForm, WordsForm, WorkReportFilter, YearForm
from scheme import access, clock
from scheme.access import Anchor, gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import SectionMembership

State = WorkReport.State
KINDS = {
    State.DRAFT: "warn",
    State.FILED: "warn",
    State.RETURNED: "bad",
    State.RECEIVED: "ok",
}


@gate("work_report.read")
@require_safe
def work_report_list(request):
    """All work reports one may see, and one's own."""
    person = request.user
    form = WorkReportFilter(request)
    rows = WorkReport.objects.visible_to(person).with_section().select_related("person")
    if year := form.value("year"):
        rows = rows.filter(year=year)
    if section := form.value("section"):
        rows = rows.filter(section_id=section.pk)
    if state := form.value("state"):
        rows = rows.filter(state=state)
    rows = rows.order_by("-year", "section_name", "person__sort_weight", "person__staff_no")
    found = listing(request, rows, form)
    context = {
        "found": found,
        "rows": [{"report": one, "kind": KINDS[one.state]} for one in found.page_obj],
        "own": _own(person),
        "to_receive": WorkReport.objects.to_receive_by(person).count(),
        "year": work_reports.years()[0],
    }
    return render(request, "ledgers/work_report_list.html", context)


def _own(person) -> list[dict]:
    """One's own of this year and, in its first months, the last; empty for who belongs nowhere."""
    anchor = Anchor(person.unit_id, person.pk, state=State.DRAFT)
    if not access.can(person, "work_report.write", anchor):
        return []
    there = {one.year: one for one in WorkReport.objects.filter(person=person)}
    years = [
        year
        for at, year in enumerate(work_reports.years())
        if not at or year in there or clock.today().month <= 3
    ]
    return [{"year": year, "report": there.get(year)} for year in years]


@gate("work_report.read")
@require_safe
def work_report_reading(request):
    """By section, for the meeting at which the reports are heard."""
    form, today = YearForm(request.GET), clock.today()
    year = form.cleaned_data["year"] if form.is_valid() else today.year
    context = {
        "year": year,
        "groups": year_reading.by_section(request.user, year),
        "previous": year - 1 if year > 2000 else None,
        "next": year + 1 if year < today.year else None,
    }
    return render(request, "ledgers/work_report_reading.html", context)


@gate("work_report.write")
@require_POST
@once
def work_report_draft(request):
    form = YearForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    report = work_reports.draft(form.cleaned_data["year"], by=request.user)
    if report.state in (State.DRAFT, State.RETURNED):
        return redirect("ledgers:work_report_edit", report.pk)
    return redirect("ledgers:work_report_detail", report.pk)


@gate("work_report.read")
@require_safe
def work_report_detail(request, pk):
    return _detail(request, _seen(request, pk))


def _detail(request, report, *, error=None):
    person = request.user
    own = report.person_id == person.pk
    history = records.history(report)
    context = {
        **_told(request, report),
        "own": own,
        "may_edit": own and report.state in (State.DRAFT, State.RETURNED),
        "may_receive": report.state == State.FILED and work_reports.may_receive(report, by=person),
        "returned": _returned(report, history),
        "error": error,
        "history": history,
        "papers": records.papers(report),
        "may_attach": records.may_attach(person, report),
        "ledger": "work_report",
        "row": report,
    }
    return render(request, "ledgers/work_report_detail.html", context, status=422 if error else 200)


@gate("work_report.read")
@require_safe
def work_report_print(request, pk):
    """As it is read out and filed on paper."""
    report = _seen(request, pk)
    context = {**_told(request, report), "printed_on": clock.today()}
    return render(request, "ledgers/work_report_print.html", context)


@gate("work_report.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def work_report_edit(request, pk):
    report = _seen(request, pk)
    if request.method != "POST":
        anchor = Anchor(report.unit_id, report.person_id, state=State.DRAFT)
        access.require(request.user, "work_report.write", anchor)
        if report.state not in (State.DRAFT, State.RETURNED):
            return redirect("ledgers:work_report_detail", report.pk)
        lines = sheet_pages.lines_of(report, request.user)
        words = {
            column.key: "\n".join(line.text for line in column.lines)
            for column in sheet_pages.columns(lines, sheet_pages.YEARLY_PARTS)
        }
        return _form(request, report, WordsForm(initial={**words, "version": report.version}))
    return _act(request, report, _save)


@gate("work_report.write")
@require_POST
@once
def work_report_redraft(request, pk):
    """The words are kept first, so that none is lost when the facts are drawn anew."""
    return _act(request, _seen(request, pk), _redraft)


@gate("work_report.write")
@require_POST
@once
def work_report_file(request, pk):
    return _act(request, _seen(request, pk), _file)


@gate("work_report.read")
@require_POST
@once
def work_report_receive(request, pk):
    report = _seen(request, pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    work_reports.receive(report.pk, by=request.user, **form.cleaned_data)
    messages.success(request, _("%(name)s的述职已收。") % {"name": report.person.name})
    return redirect("ledgers:work_report_list")


@gate("work_report.read")
@require_POST
@once
def work_report_return(request, pk):
    report = _seen(request, pk)
    form = SaidForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    try:
        work_reports.return_(report.pk, by=request.user, **form.cleaned_data)
    except Refused as refusal:
        if refusal.conflict:
            raise
        return _detail(request, report, error=refusal)
    messages.success(request, _("已退回补正。"))
    return redirect("ledgers:work_report_list")


def _seen(request, pk):
    rows = WorkReport.objects.visible_to(request.user).with_receiver()
    return get_object_or_404(rows.select_related("person", "received_by"), pk=pk)


def _told(request, report) -> dict:
    """What the report says. The section is the one of its filing, or today's."""
    lines = sheet_pages.lines_of(report, request.user)
    stay = SectionMembership.objects.filter(staff=report.person_id).select_related("section")
    return {
        "report": report,
        "kind": KINDS[report.state],
        "section": stay.order_by("-start_on").first(),
        "facts": sheet_pages.facts(lines),
        "columns": sheet_pages.columns(lines, sheet_pages.YEARLY_PARTS),
        "reused": sheet_lines.reused(report),
    }


def _returned(report, history):
    if report.state != State.RETURNED:
        return None
    return next((one for one in reversed(history) if one.kind == "back"), None)


def _form(request, report, form, *, status=200):
    context = {
        "report": report,
        "form": form,
        "facts": sheet_pages.facts(sheet_pages.lines_of(report, request.user)),
        "reused": sheet_lines.reused(report),
        "returned": _returned(report, records.history(report)),
    }
    return render(request, "ledgers/work_report_edit.html", context, status=status)


def _act(request, report, act):
    """What the form's buttons do; refused, the form comes back as it was typed."""
    form = WordsForm(request.POST)
    if not form.is_valid():
        if "version" in form.errors:
            raise Refused(_("这一页已过期，请刷新后再提交。"))
        return _form(request, report, form, status=422)
    said = {"version": form.cleaned_data["version"], "words": form.words()}
    try:
        return act(request, report, said)
    except Refused as refusal:
        if refusal.conflict:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _form(request, report, form, status=422)


def _save(request, report, said):
    work_reports.save(report.pk, by=request.user, **said)
    messages.success(request, _("已保存。"))
    return redirect("ledgers:work_report_edit", report.pk)


def _redraft(request, report, said):
    work_reports.redraft(report.pk, by=request.user, **said)
    messages.success(request, _("台账事实已重新取数，自己写的没有动。"))
    return redirect("ledgers:work_report_edit", report.pk)


def _file(request, report, said):
    work_reports.file(report.pk, by=request.user, **said)
    messages.success(request, _("述职已报送。"))
    return redirect("ledgers:work_report_detail", report.pk)
