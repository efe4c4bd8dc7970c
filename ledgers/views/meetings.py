"""半年务虚会 and 年终述职会: called, recorded; what is put forward, and what became of it."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import meeting_forms as forms
from ledgers import planning, records
from ledgers.actions import meetings as acts
from ledgers.actions import plans
from ledgers.listing import listing
from ledgers.models import Meeting, Suggestion, WorkReport
from scheme import access
from scheme.access import can, gate, require
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Staff

Kind, State = Meeting.Kind, Meeting.State
KINDS = {State.OPEN: "warn", State.HELD: "ok"}
SAID = {
    Suggestion.State.OPEN: "warn",
    Suggestion.State.TAKEN: "ok",
    Suggestion.State.ASIDE: "done",
}


def seen_meeting(request, pk) -> Meeting:
    rows = Meeting.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("unit", "chaired_by", "kept_by"), pk=pk)


def _keeps(person) -> bool:
    return can(person, "meeting.keep", access.Anchor(person.unit_id))


@gate("meeting.read")
@require_safe
def meeting_list(request):
    form = forms.MeetingFilter(request)
    rows = form.filter(Meeting.objects.visible_to(request.user).select_related("chaired_by"))
    rows = rows.annotate(
        said_count=Count("suggestions"),
        open_count=Count("suggestions", filter=Q(suggestions__state=Suggestion.State.OPEN)),
    )
    page = listing(request, rows.order_by("-day", "-pk"), form)
    context = {
        "rows": [(one, KINDS[one.state]) for one in page.page_obj],
        "page_obj": page.page_obj,
        "form": form,
        "may_keep": _keeps(request.user),
    }
    return render(request, "ledgers/meeting_list.html", context)


@gate("meeting.read")
@require_safe
def meeting_detail(request, pk):
    meeting, person = seen_meeting(request, pk), request.user
    return _page(request, meeting, _suggestion_form(person, meeting))


def _may_suggest(person, meeting) -> bool:
    if meeting.kind != Kind.DISCUSSION:
        return False
    return _keeps(person) or can(person, "suggestion.raise", meeting.anchor())


def _suggestion_form(person, meeting, *args):
    if not _may_suggest(person, meeting):
        return None
    return forms.SuggestionForm(*args, unit=meeting.unit, keeps=_keeps(person))


def _page(request, meeting, form, *, status=200):
    person, keeps = request.user, _keeps(request.user)
    said = meeting.suggestions.select_related("raised_by", "section", "item__paper")
    drafts = []
    if keeps and planning.may_draft(person):
        drafts = list(planning.drafts_of_points(meeting.unit_id))
    context = {
        "meeting": meeting,
        "kind": KINDS[meeting.state],
        "said": [(one, SAID[one.state]) for one in said.order_by("pk")],
        "speakers": _speakers(meeting, person),
        "form": form,
        "keeps": keeps,
        "drafts": drafts,
        "ledger": "meeting",
        "row": meeting,
        "papers": records.papers(meeting),
        "may_attach": records.may_attach(person, meeting),
        "history": records.history(meeting),
    }
    return render(request, "ledgers/meeting_detail.html", context, status=status)


def _speakers(meeting, person) -> list[tuple[WorkReport, str]]:
    """Whoever has handed in a work report of the year, in office order: so they speak. A link for
    whoever may read it."""
    if meeting.kind != Kind.REPORTING:
        return []
    filed = (WorkReport.State.FILED, WorkReport.State.RECEIVED)
    rows = WorkReport.objects.filter(unit=meeting.unit_id, year=_year_told(meeting))
    rows = rows.filter(state__in=filed).select_related("person")
    rows = list(rows.order_by("person__sort_weight", "person__staff_no"))
    keys = [one.pk for one in rows]
    readable = set(
        WorkReport.objects.visible_to(person).filter(pk__in=keys).values_list("pk", flat=True)
    )
    return [(one, _report_url(one) if one.pk in readable else "") for one in rows]


def _year_told(meeting) -> int:
    """A meeting in the first months of a year hears of the one before."""
    return meeting.day.year - (meeting.day.month <= 3)


def _report_url(report) -> str:
    try:
        return reverse("ledgers:work_report_detail", args=[report.pk])
    except NoReverseMatch:
        return ""


@gate("meeting.keep")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def meeting_new(request):
    person = request.user
    if request.method != "POST":
        kind = "reporting" if request.GET.get("kind") == "reporting" else "discussion"
        form = forms.MeetingForm(unit=person.unit, new=True, initial={"kind": kind})
        return render(request, "ledgers/meeting_form.html", {"form": form})
    form = forms.MeetingForm(request.POST, unit=person.unit, new=True)
    if form.is_valid():
        try:
            meeting = acts.call(person.unit, **form.content(), by=person)
            messages.success(request, _("已登记。"))
            return redirect("ledgers:meeting_detail", meeting.pk)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
    return render(request, "ledgers/meeting_form.html", {"form": form}, status=422)


@gate("meeting.keep")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def meeting_edit(request, pk):
    meeting, person = seen_meeting(request, pk), request.user
    require(person, "meeting.keep", meeting.anchor())
    common, status = {"unit": meeting.unit, "new": False}, 200
    if request.method == "POST":
        form, status = forms.MeetingForm(request.POST, **common), 422
        if form.is_valid():
            try:
                seen = form.cleaned_data["seen"]
                version = -1 if seen is None else seen
                acts.change(pk, version=version, by=person, **form.content())
                messages.success(request, _("已存好。"))
                return redirect("ledgers:meeting_detail", pk)
            except Refused as refused:
                form.add_error(refused.field, str(refused))
                status = 409 if refused.conflict else 422
    else:
        initial = {name: getattr(meeting, name) for name in acts.CONTENT}
        form = forms.MeetingForm(initial=initial | {"seen": meeting.version}, **common)
    context = {"form": form, "meeting": meeting}
    return render(request, "ledgers/meeting_form.html", context, status=status)


@gate("meeting.read")
@require_POST
@once
def meeting_act(request, pk):
    """It has been held; or somebody puts something forward."""
    meeting, person = seen_meeting(request, pk), request.user
    if request.POST.get("move") != "suggest":
        form = forms.AnswerForm(request.POST)
        if not form.is_valid():
            raise Refused(_("这一页已过期，请刷新后再提交。"))
        if form.cleaned_data["move"] != "hold":
            raise Http404
        acts.hold(pk, version=form.cleaned_data["seen"], by=person)
        messages.success(request, _("已登记为开过，不再征集意见。"))
        return redirect("ledgers:meeting_detail", pk)
    form = _suggestion_form(person, meeting, request.POST)
    if form is None:
        raise Refused(_("这个会现在不征集意见。"), conflict=True)
    if form.is_valid():
        data = form.cleaned_data
        try:
            raised_by = data.get("raised_by_id") if _keeps(person) else person.pk
            acts.suggest(
                pk,
                text=data["text"],
                raised_by=Staff.objects.filter(pk=raised_by).first() if raised_by else None,
                section_id=data["section_id"],
                by=person,
            )
            messages.success(request, _("已记下，答复时提出人会收到提醒。"))
            return redirect("ledgers:meeting_detail", pk)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    return _page(request, meeting, form, status=422)


@gate("meeting.keep")
@require_POST
@once
def suggestion_answer(request, pk):
    """Into the key points being written, or put aside with a reason."""
    rows = Suggestion.objects.visible_to(request.user)
    suggestion = get_object_or_404(rows, pk=pk)
    form = forms.AnswerForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    data = form.cleaned_data
    if data["move"] == "take":
        papers = planning.drafts_of_points(suggestion.unit_id)
        paper = papers.filter(pk=data["paper"]).first()
        if paper is None:
            raise Refused(_("请选一份正在拟的要点。"))
        plans.take_up(
            pk, paper_pk=paper.pk, item_pk=data["item"], version=data["seen"], by=request.user
        )
        messages.success(request, _("已列入“%(paper)s”。") % {"paper": paper.title})
        if data["back"] == "paper":
            return redirect("ledgers:plan_detail", paper.pk)
    elif data["move"] == "aside":
        acts.put_aside(pk, reason=data["reason"], version=data["seen"], by=request.user)
        messages.success(request, _("已答复。"))
    else:
        raise Http404
    return redirect("ledgers:meeting_detail", suggestion.meeting_id)
