"""创新项目: the list, one project from 立项 over 成效 to 推广, its forms."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import crediting, filed, innovating, innovation_sheets, records
from ledgers.actions import innovations, promotions
from ledgers.crediting import Credit
from ledgers.listing import listing
from ledgers.models import Innovation, Promotion
from ledgers.views import filing_steps as steps
from ledgers.writing_forms import InnovationFilter, InnovationForm, ResultForm
from scheme import access, audit, clock
from scheme.access import can, gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.roles import Role

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VERBS = ("innovation.verify", "innovation.void")
EDIT, DETAIL = "ledgers:innovation_edit", "ledgers:innovation_detail"


@gate("innovation.read")
@require_safe
def innovation_list(request):
    form = InnovationFilter(request)
    rows = form.chosen_rows(Innovation.objects.visible_to(request.user))
    shown = listing(request, rows.order_by("-recorded_at", "-pk"), form)
    projects = list(
        shown.page_obj.object_list.select_related("section", "filed_by").prefetch_related(
            "people", "promotions"
        )
    )
    context = {
        "form": form,
        "page_obj": shown.page_obj,
        "total": shown.total,
        "rows": [_row(project) for project in projects],
        "may_file": can(request.user, "innovation.file"),
    }
    return render(request, "ledgers/innovation_list.html", context)


@gate("ledger.export")
@require_POST
def innovation_export(request):
    """The register as it is filtered. By POST, because an export leaves its line in the trail."""
    form = InnovationFilter(request)
    rows = form.chosen_rows(Innovation.objects.visible_to(request.user))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "projects.xlsx"
        count = innovation_sheets.write(request.user.unit, rows, path)
        content = path.read_bytes()
    audit.record(request.user, "innovation.export", request.user.unit, after={"rows": count})
    headers = {
        "Content-Disposition": content_disposition_header(
            True, f"创新项目-{clock.today():%Y%m%d}.xlsx"
        ),
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type=XLSX, headers=headers)


def _row(project: Innovation) -> dict:
    promoted = [one for one in project.promotions.all() if one.state == filed.VERIFIED]
    return {
        "project": project,
        "people": [one.name for one in project.people.all()],
        "kind": steps.KINDS[project.state],
        "promoted": len(promoted),
        "highest": innovating.highest(promoted),
    }


@gate("innovation.read")
@require_safe
def innovation_detail(request, pk):
    return _detail(request, pk)


def _detail(request, pk, result=None, status=200):
    project = steps.seen_row(request, Innovation, pk, "section")
    person = request.user
    people = list(project.people.in_office_order())
    involved = {project.filed_by_id, *(one.pk for one in people)}
    ways = steps.ways(person, project, VERBS, involved)
    concerned = innovating.concerns(person, project)
    rows = Promotion.objects.visible_to(person).filter(innovation=project)
    rows = rows.exclude(state=filed.VOID).order_by("promoted_on", "pk")
    promoted = list(crediting.with_credits(rows))
    proofs_of = records.papers_of("promotion", [one.pk for one in promoted])
    late = {one.pk for one in innovating.papers_of_result(project)}
    papers = list(records.papers(project))
    registered = project.state == filed.VERIFIED
    initial = {"effect": project.effect, "effect_on": project.effect_on, "seen": project.version}
    may_join = concerned or can(person, "innovation.verify", _as_filed(project))
    context = {
        "project": project,
        "kind": steps.KINDS[project.state],
        "people": people,
        "highest": innovating.highest(promoted),
        "papers": papers,
        "first_papers": [one for one in papers if one.pk not in late],
        "result_papers": [one for one in papers if one.pk in late],
        "promoted": [
            (one, crediting.of(one), steps.KINDS[one.state], proofs_of.get(one.pk, 0))
            for one in promoted
        ],
        "strays": innovating.strays(project) if registered and may_join else [],
        "history": records.history(project),
        "may_tell": registered and concerned,
        "may_promote": registered and can(person, "innovation.file"),
        "result": result or ResultForm(initial=initial),
        **ways,
    }
    return render(request, "ledgers/innovation_detail.html", context, status=status)


def _as_filed(project: Innovation):
    return project.anchor()._replace(state=filed.FILED)


# --- The form


@gate("innovation.file")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def innovation_new(request):
    person = request.user
    if steps.is_finding(request):
        form = InnovationForm(initial=steps.typed(request, InnovationForm), person=person)
        return _form_page(request, form)
    if request.method != "POST":
        home = next(iter(access.places(person, Role.MEMBER)), None)
        form = InnovationForm(initial={"section": home}, person=person)
        return _form_page(request, form, chosen=steps.beginning(request))
    form = InnovationForm(request.POST, request.FILES, person=person)
    status, other = 422, None
    if form.is_valid():
        try:
            project = innovations.add(
                person.unit, people=_people(request), by=person, **form.content()
            )
            return _saved(request, form, project)
        except Refused as refused:
            status, other = steps.put(form, refused), getattr(refused, "other", None)
    return _form_page(request, form, status=status, other=other)


@gate("innovation.file")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def innovation_edit(request, pk):
    project, person = steps.seen_row(request, Innovation, pk, "section"), request.user
    if project.filed_by_id != person.pk:
        raise PermissionDenied(_("由填报人自己办。"))
    if project.state not in filed.OPEN:
        return redirect(DETAIL, pk)
    more = {"person": person, "papers": records.papers(project)}
    if steps.is_finding(request):
        form = InnovationForm(initial=steps.typed(request, InnovationForm), **more)
        return _form_page(request, form, project)
    if request.method != "POST":
        initial = {name: getattr(project, name) for name in ("title", "section", "novelty")}
        form = InnovationForm(initial=initial | {"seen": project.version}, **more)
        chosen = [Credit(person=one) for one in project.people.in_office_order()]
        return _form_page(request, form, project, chosen=chosen)
    form = InnovationForm(request.POST, request.FILES, **more)
    status, other = 422, None
    if form.is_valid():
        try:
            project = innovations.change(
                pk,
                version=form.cleaned_data["seen"] or 0,
                people=_people(request),
                by=person,
                **form.content(),
            )
            return _saved(request, form, project)
        except Refused as refused:
            status, other = steps.put(form, refused), getattr(refused, "other", None)
    return _form_page(request, form, project, status=status, other=other)


def _people(request):
    return [one.person for one in crediting.asked(request.POST, request.user) if one.person]


def _saved(request, form, project):
    steps.keep_papers(request, form, project)
    return steps.saved(request, form, project, innovations.file, edit=EDIT, detail=DETAIL)


def _form_page(request, form, project=None, *, chosen=None, status=200, other=None):
    if other is not None:
        other = Innovation.objects.visible_to(request.user).filter(pk=other.pk).first()
    context = {
        "form": form,
        "project": project,
        "other": other,
        "rows": steps.credit_rows(request, chosen=chosen, sections=False),
        "who": steps.words(request),
        "roles": False,
        "only": "people",
        "returned": steps.returned(project) if project else None,
        "files_again": bool(request.FILES),
    }
    return render(request, "ledgers/innovation_form.html", context, status=status)


# --- Steps

SAYS = ("version", "reason")
OWN_ACTS = {
    "file": (innovations.file, (), gettext_lazy("已报送，待登记。")),
    "withdraw": (innovations.withdraw, (), gettext_lazy("已撤回，可以改了再报。")),
    "drop": (innovations.drop, (), gettext_lazy("已作废，不再办理。")),
}
DECISIONS = {
    "verify": (innovations.verify, ("version",), gettext_lazy("已登记。")),
    "return": (innovations.turn_back, SAYS, gettext_lazy("已退回补正。")),
    "void": (innovations.void, SAYS, gettext_lazy("已作废。")),
    "restore": (innovations.restore, SAYS, gettext_lazy("已恢复。")),
}


@gate("innovation.file")
@require_POST
@once
def innovation_act(request, pk):
    return steps.step(request, pk, OWN_ACTS, DETAIL)


@gate("innovation.verify")
@require_POST
@once
def innovation_decide(request, pk):
    return steps.step(request, pk, DECISIONS, DETAIL)


@gate("innovation.file")
@require_POST
@once
def innovation_result(request, pk):
    form = ResultForm(request.POST, request.FILES)
    if not form.is_valid():
        return _detail(request, pk, form, status=422)
    said = form.cleaned_data
    try:
        innovations.result(
            pk,
            version=said["seen"],
            effect=said["effect"],
            effect_on=said["effect_on"],
            files=said["files"],
            by=request.user,
        )
    except Innovation.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        return _detail(request, pk, form, status=steps.put(form, refused))
    messages.success(request, _("成效已登记。"))
    return redirect(DETAIL, pk)


@gate("innovation.read")
@require_POST
@once
def innovation_join(request, pk, promotion):
    """Joins a promotion that a workbook told of."""
    try:
        promotions.join(promotion, innovation=pk, by=request.user)
    except (Innovation.DoesNotExist, Promotion.DoesNotExist):
        raise Http404 from None
    messages.success(request, _("已并入这个项目。"))
    return redirect(DETAIL, pk)
