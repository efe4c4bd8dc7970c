import tempfile
from datetime import timedelta
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import drafting, records, sheet_lines, sheet_pages, weeks
from ledgers.actions import weekly
from ledgers.listing import listing
from ledgers.models import WeeklySheet
from ledgers.sheet_forms import SaidForm, SectionWeekForm, SheetForm, WeeklyFilter
from ledgers.sheet_querysets import WRITERS
from scheme import access, clock
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Section

State = WeeklySheet.State
EARLIEST = 2000


@gate("weekly.read")
@require_safe
def weekly_list(request):
    """All sheets one may see, and what one's own section has to file."""
    form = WeeklyFilter(request)
    rows = WeeklySheet.objects.visible_to(request.user).select_related("section", "filed_by")
    if section := form.value("section"):
        rows = rows.filter(section=section)
    if state := form.value("state"):
        rows = rows.filter(state=state)
    found = listing(request, rows.order_by("-week", "section__position", "section"), form)
    this = weeks.monday(clock.today())
    return render(
        request,
        "ledgers/weekly_list.html",
        {
            "found": found,
            "rows": [_row(sheet) for sheet in found.page_obj],
            "own": _own(request.user, this),
            "this_week": this,
            "last_week": this - timedelta(days=7),
        },
    )


def _row(sheet) -> dict:
    return {
        "sheet": sheet,
        "until": sheet.week + timedelta(days=6),
        "kind": "ok" if sheet.state == State.FILED else "warn",
    }


def _own(person, this) -> list[dict]:
    """The sheets of this week and the last that the person writes: there, or to be drafted."""
    places = {place for role in WRITERS for place in access.places(person, role)}
    if not places:
        return []
    offered = (this - timedelta(days=7), this)
    there = {
        (sheet.section_id, sheet.week): sheet
        for sheet in WeeklySheet.objects.filter(section__in=places, week__in=offered)
    }
    sections = Section.objects.filter(pk__in=places).order_by("position", "pk")
    return [
        {
            "section": section,
            "week": week,
            "until": week + timedelta(days=6),
            "sheet": there.get((section.pk, week)),
        }
        for section in sections
        for week in offered
    ]


@gate("weekly.write")
@require_POST
@once
def weekly_draft(request):
    form = SectionWeekForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    section = get_object_or_404(
        Section.objects.visible_to(request.user), pk=form.cleaned_data["section"]
    )
    sheet = weekly.draft(section.pk, form.cleaned_data["week"], by=request.user)
    if sheet.state == State.DRAFT:
        return redirect("ledgers:weekly_edit", sheet.pk)
    return redirect("ledgers:weekly_detail", sheet.pk)


@gate("weekly.read")
@require_safe
def weekly_detail(request, pk):
    sheet = _seen(request, pk)
    writes = access.can(request.user, "weekly.write", sheet.anchor()._replace(state=State.DRAFT))
    lines = sheet_pages.lines_of(sheet, request.user)
    context = {
        "sheet": sheet,
        **_head(sheet),
        "columns": sheet_pages.columns(lines, sheet_pages.WEEKLY_PARTS),
        "reused": sheet_lines.reused(sheet),
        "may_edit": writes and sheet.state == State.DRAFT,
        "may_withdraw": access.can(request.user, "weekly.withdraw", sheet.anchor()),
        "history": records.history(sheet),
        "papers": records.papers(sheet),
        "may_attach": records.may_attach(request.user, sheet),
        "ledger": "weekly",
        "row": sheet,
    }
    return render(request, "ledgers/weekly_detail.html", context)


@gate("weekly.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def weekly_edit(request, pk):
    sheet = _seen(request, pk)
    if request.method != "POST":
        access.require(request.user, "weekly.write", sheet.anchor()._replace(state=State.DRAFT))
        if sheet.state != State.DRAFT:
            return redirect("ledgers:weekly_detail", sheet.pk)
        return _form(request, sheet)
    return _act(request, sheet, _save)


@gate("weekly.write")
@require_POST
@once
def weekly_redraft(request, pk):
    return _act(request, _seen(request, pk), _redraft)


@gate("weekly.write")
@require_POST
@once
def weekly_file(request, pk):
    return _act(request, _seen(request, pk), _file)


@gate("weekly.withdraw")
@require_POST
@once
def weekly_withdraw(request, pk):
    sheet = _seen(request, pk)
    form = SaidForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    weekly.withdraw(sheet.pk, by=request.user, **form.cleaned_data)
    messages.success(request, _("已撤回，改好再报。"))
    return redirect("ledgers:weekly_edit", sheet.pk)


@gate("weekly.read")
@require_safe
def weekly_meeting(request, week):
    return _meeting(request, week, "ledgers/weekly_meeting.html")


@gate("weekly.read")
@require_safe
def weekly_screen(request, week):
    """The same, for the projector."""
    return _meeting(request, week, "ledgers/weekly_screen.html")


@gate("weekly.read")
@require_POST
def weekly_export(request, week):
    """By POST, because an export leaves its line in the trail."""
    week = weeks.monday(week)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weekly.xlsx"
        weekly.export(week, path, by=request.user)
        # Open on disk beyond its name: the answer closes it.
        file = path.open("rb")
    return FileResponse(file, as_attachment=True, filename=f"周例会-{week:%Y%m%d}.xlsx")


def _meeting(request, week, template):
    first = weeks.monday(week)
    if first != week:
        return redirect(request.resolver_match.view_name, first)
    this = weeks.monday(clock.today())
    rows = weeks.meeting(request.user.unit, week)
    following = week + timedelta(days=7)
    context = {
        "week": week,
        "until": week + timedelta(days=6),
        "rows": rows,
        "parts": sheet_pages.WEEKLY_PARTS,
        "filed": sum(row.sheet is not None for row in rows),
        "meets_at": weeks.meets_at(week),
        "previous": week - timedelta(days=7) if week.year > EARLIEST else None,
        "next": following if following <= this else None,
    }
    return render(request, template, context)


def _seen(request, pk):
    rows = WeeklySheet.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("section", "filed_by"), pk=pk)


def _head(sheet) -> dict:
    hour = weeks.meets_at(sheet.week)
    return {
        "until": sheet.week + timedelta(days=6),
        "after_meeting": bool(sheet.filed_at and hour and sheet.filed_at > hour),
    }


def _form(request, sheet, *, version=None, edits=None, error=None):
    context = {
        "sheet": sheet,
        **_head(sheet),
        "version": sheet.version if version is None else version,
        "columns": sheet_pages.columns(
            sheet_pages.lines_of(sheet, request.user), sheet_pages.WEEKLY_PARTS, edits=edits
        ),
        "reused": sheet_lines.reused(sheet),
        "unread": drafting.unread(sheet.section, sheet.week, sheet.week + timedelta(days=6)),
        "error": error,
    }
    return render(request, "ledgers/weekly_edit.html", context, status=422 if error else 200)


def _act(request, sheet, act):
    """What the form's buttons do; refused, the form comes back as it was typed."""
    form = SheetForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    version, edits = form.cleaned_data["version"], form.edits()
    try:
        return act(request, sheet, {"version": version, "edits": edits})
    except Refused as refusal:
        if refusal.conflict:
            raise
        return _form(request, sheet, version=version, edits=edits, error=refusal)


def _save(request, sheet, said):
    weekly.save(sheet.pk, by=request.user, **said)
    messages.success(request, _("已保存。"))
    return redirect("ledgers:weekly_edit", sheet.pk)


def _redraft(request, sheet, said):
    added = weekly.redraft(sheet.pk, by=request.user, **said)
    messages.success(request, told_added(added))
    return redirect("ledgers:weekly_edit", sheet.pk)


def _file(request, sheet, said):
    weekly.file(sheet.pk, by=request.user, **said)
    messages.success(request, _("周例会表已报送。"))
    return redirect("ledgers:weekly_detail", sheet.pk)


def told_added(added: int) -> str:
    if not added:
        return _("没有新的来源，改过的都没动。")
    text = ngettext("新取%(n)s条，改过的都没动。", "新取%(n)s条，改过的都没动。", added)
    return text % {"n": added}
