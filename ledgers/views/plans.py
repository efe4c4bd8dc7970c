"""一报告一要点: the papers of a year, their items, and the tasks that carry the items out."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import plan_forms as forms
from ledgers import planning, records
from ledgers.actions import plans as acts
from ledgers.listing import FilterForm, listing
from ledgers.models import PlanPaper
from ledgers.task_forms import SeenForm
from scheme import clock
from scheme.access import gate, require
from scheme.errors import Refused
from scheme.idempotency import once

State = PlanPaper.State


def seen_paper(request, pk) -> PlanPaper:
    rows = PlanPaper.objects.visible_to(request.user)
    rows = rows.select_related("unit", "written_by", "approved_by", "based_on")
    return get_object_or_404(rows, pk=pk)


@gate("paper.read")
@require_safe
def plan_list(request):
    person = request.user
    rows = planning.with_counts(PlanPaper.objects.visible_to(person))
    rows = rows.select_related("written_by", "approved_by").order_by("-year", "kind", "-pk")
    page = listing(request, rows, FilterForm(request))
    context = {
        "rows": [(paper, planning.KINDS[paper.state]) for paper in page.page_obj],
        "page_obj": page.page_obj,
        "may_draft": planning.may_draft(person),
        "suggestions": planning.open_suggestions(person.unit_id).count(),
    }
    return render(request, "ledgers/plan_list.html", context)


@gate("paper.read")
@require_safe
def plan_detail(request, pk):
    paper, person = seen_paper(request, pk), request.user
    items = planning.items_of(paper, person)
    editions = PlanPaper.objects.filter(unit=paper.unit, kind=paper.kind, year=paper.year)
    may_write = planning.may_write(person, paper)
    in_force = paper.state == State.APPROVED
    context = {
        "paper": paper,
        "kind": planning.KINDS[paper.state],
        "items": items,
        "is_points": paper.kind == PlanPaper.Kind.POINTS,
        "in_force": in_force,
        "bare": sum(not one.tasks for one in items),
        "editions": list(editions.exclude(pk=pk).order_by("-pk")),
        "may_write": may_write,
        "may_withdraw": planning.may_withdraw(person, paper),
        "may_decide": planning.may_decide(person, paper),
        "may_renew": in_force and planning.may_draft(person),
        "suggestions": planning.open_suggestions(paper.unit_id)
        if may_write and paper.kind == PlanPaper.Kind.POINTS
        else [],
        "ledger": "paper",
        "row": paper,
        "papers": records.papers(paper),
        "may_attach": records.may_attach(person, paper),
        "history": records.history(paper),
    }
    return render(request, "ledgers/plan_detail.html", context)


@gate("paper.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def plan_new(request):
    """A paper from its text, pasted whole."""
    person, year = request.user, planning.year_of(clock.today())
    require(person, "paper.write", planning.draft_anchor(person.unit_id))
    if request.method != "POST":
        kind = "points" if request.GET.get("kind") == "points" else "report"
        form = forms.DraftForm(initial={"year": year, "kind": kind})
        return render(request, "ledgers/plan_form.html", {"form": form})
    form = forms.DraftForm(request.POST)
    if form.is_valid():
        try:
            paper = acts.draft(person.unit, **form.cleaned_data, by=person)
            messages.success(request, _("已拆成条目，请逐条核对。"))
            return redirect("ledgers:plan_edit", paper.pk)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
    return render(request, "ledgers/plan_form.html", {"form": form}, status=422)


@gate("paper.write")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def plan_edit(request, pk):
    """The items as rows: numbered, worded, given to a section, put in order. Without JavaScript."""
    paper = seen_paper(request, pk)
    if not planning.may_write(request.user, paper):
        require(request.user, "paper.write", planning.draft_anchor(paper.unit_id))
        return redirect("ledgers:plan_detail", pk)
    common = {
        "prefix": "items",
        "form_kwargs": {"choices": forms.choices_of(paper.unit, paper)},
    }
    if request.method != "POST":
        initial = {"title": paper.title, "intro": paper.intro, "seen": paper.version}
        form = forms.PaperForm(initial=initial)
        return _edit_page(request, paper, form, forms.Items(initial=forms.rows_of(paper), **common))
    form, items = forms.PaperForm(request.POST), forms.Items(request.POST, **common)
    status = 422
    if form.is_valid() and items.is_valid():
        data = form.cleaned_data
        try:
            acts.write(
                pk,
                version=data["seen"],
                title=data["title"],
                intro=data["intro"],
                items=items.items(),
                more=data["more"],
                by=request.user,
            )
            messages.success(request, _("已存好。"))
            again = request.POST.get("move") == "again"
            return redirect("ledgers:plan_edit" if again else "ledgers:plan_detail", pk)
        except Refused as refused:
            form.add_error(None, str(refused))
            status = 409 if refused.conflict else 422
    return _edit_page(request, paper, form, items, status=status)


def _edit_page(request, paper, form, items, *, status=200):
    context = {"paper": paper, "form": form, "items": items}
    return render(request, "ledgers/plan_edit.html", context, status=status)


@gate("paper.read")
@require_POST
@once
def plan_act(request, pk):
    paper, person = seen_paper(request, pk), request.user
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    move, seen = form.cleaned_data["move"], form.cleaned_data["seen"]
    if move == "file":
        acts.file(pk, version=seen, by=person)
        said = _("已报主持人批准。")
    elif move == "withdraw":
        acts.withdraw(pk, version=seen, by=person)
        said = _("已撤回，可以接着改。")
    elif move == "approve":
        acts.approve(pk, version=seen, by=person)
        said = _("已批准。")
    elif move == "return":
        acts.turn_back(pk, reason=form.cleaned_data["reason"], version=seen, by=person)
        said = _("已退回补正。")
    elif move == "renew":
        pk = acts.new_edition(pk, by=person).pk
        said = _("新版已拟，改好报批后取代现在这一版。")
    elif move == "discard":
        acts.discard(pk, version=seen, by=person)
        messages.success(request, _("已丢弃“%(title)s”。") % {"title": paper.title})
        return redirect("ledgers:plan_list")
    else:
        raise Http404
    messages.success(request, said)
    return redirect("ledgers:plan_detail", pk)
