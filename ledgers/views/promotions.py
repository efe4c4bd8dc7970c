"""创新推广: the list, one promotion, its form on the project's page."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import crediting, filed, proofs, records
from ledgers.actions import promotions
from ledgers.listing import listing
from ledgers.models import Innovation, Promotion
from ledgers.views import filing_steps as steps
from ledgers.writing_forms import PromotionFilter, PromotionForm
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once

VERBS = ("innovation.verify", "innovation.void")
EDIT, DETAIL = "ledgers:promotion_edit", "ledgers:promotion_detail"


@gate("innovation.read")
@require_safe
def promotion_list(request):
    form = PromotionFilter(request)
    rows = form.chosen_rows(Promotion.objects.visible_to(request.user))
    shown = listing(request, rows.order_by("-promoted_on", "-pk"), form)
    found = list(crediting.with_credits(shown.page_obj.object_list.select_related("innovation")))
    context = {
        "form": form,
        "page_obj": shown.page_obj,
        "total": shown.total,
        "rows": [(one, crediting.of(one), steps.KINDS[one.state]) for one in found],
    }
    return render(request, "ledgers/promotion_list.html", context)


@gate("innovation.read")
@require_safe
def promotion_detail(request, pk):
    row = steps.seen_row(request, Promotion, pk, "innovation")
    person = request.user
    ways = steps.ways(person, row, VERBS, proofs.involved(row))
    papers = list(records.papers(row))
    context = {
        "row": row,
        "kind": steps.KINDS[row.state],
        "credits": crediting.of(row),
        "counts_in": proofs.counts_in(row.unit, row.promoted_on),
        "shared": proofs.shared(Promotion, papers, person).get(row.pk, []),
        "entries": steps.points_of(person, f"promotion:{row.pk}"),
        "papers": papers,
        "history": records.history(row),
        "ledger": "promotion",
        "may_attach": ways["may_edit"] and records.may_attach(person, row),
        **ways,
    }
    return render(request, "ledgers/promotion_detail.html", context)


@gate("innovation.file")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def promotion_new(request, pk):
    """`pk`: the registered project it belongs to."""
    project = steps.seen_row(request, Innovation, pk)
    if project.state != filed.VERIFIED:
        raise Refused(_("项目登记以后才能报推广。"), conflict=True)
    if steps.is_finding(request):
        form = PromotionForm(initial=steps.typed(request, PromotionForm))
        return _form_page(request, form, project)
    if request.method != "POST":
        return _form_page(request, PromotionForm(), project, chosen=steps.beginning(request))
    form = PromotionForm(request.POST, request.FILES)
    status, other = 422, None
    if form.is_valid():
        try:
            row = promotions.add(
                pk,
                credits=crediting.asked(request.POST, request.user),
                by=request.user,
                **form.content(),
            )
            return _saved(request, form, row)
        except Refused as refused:
            status, other = steps.put(form, refused), getattr(refused, "other", None)
    return _form_page(request, form, project, status=status, other=other)


@gate("innovation.file")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def promotion_edit(request, pk):
    row = steps.seen_row(request, Promotion, pk, "innovation")
    if row.filed_by_id != request.user.pk:
        raise PermissionDenied(_("由填报人自己办。"))
    if row.state not in filed.OPEN:
        return redirect(DETAIL, pk)
    papers = records.papers(row)
    if steps.is_finding(request):
        form = PromotionForm(initial=steps.typed(request, PromotionForm), papers=papers)
        return _form_page(request, form, row.innovation, row)
    if request.method != "POST":
        initial = {name: getattr(row, name) for name in promotions.CONTENT}
        form = PromotionForm(initial=initial | {"seen": row.version}, papers=papers)
        return _form_page(request, form, row.innovation, row, chosen=crediting.of(row))
    form = PromotionForm(request.POST, request.FILES, papers=papers)
    status, other = 422, None
    if form.is_valid():
        try:
            row = promotions.change(
                pk,
                version=form.cleaned_data["seen"] or 0,
                credits=crediting.asked(request.POST, request.user),
                by=request.user,
                **form.content(),
            )
            return _saved(request, form, row)
        except Refused as refused:
            status, other = steps.put(form, refused), getattr(refused, "other", None)
    return _form_page(request, form, row.innovation, row, status=status, other=other)


def _saved(request, form, row):
    steps.keep_papers(request, form, row)
    return steps.saved(request, form, row, promotions.file, edit=EDIT, detail=DETAIL)


def _form_page(request, form, project, row=None, *, chosen=None, status=200, other=None):
    if other is not None:
        other = Promotion.objects.visible_to(request.user).filter(pk=other.pk).first()
    context = {
        "form": form,
        "project": project,
        "row": row,
        "other": other,
        "rows": steps.credit_rows(request, chosen=chosen),
        "who": steps.words(request),
        "roles": False,
        "returned": steps.returned(row) if row else None,
        "files_again": bool(request.FILES),
    }
    return render(request, "ledgers/promotion_form.html", context, status=status)


SAYS = ("version", "reason")
OWN_ACTS = {
    "file": (promotions.file, (), gettext_lazy("已报送，待核实。")),
    "withdraw": (promotions.withdraw, (), gettext_lazy("已撤回，可以改了再报。")),
    "drop": (promotions.drop, (), gettext_lazy("已作废，不再办理。")),
}
DECISIONS = {
    "verify": (promotions.verify, ("version",), gettext_lazy("已核实，积分随后入账。")),
    "return": (promotions.turn_back, SAYS, gettext_lazy("已退回补正。")),
    "void": (promotions.void, SAYS, gettext_lazy("已作废，所计积分随后冲回。")),
    "restore": (promotions.restore, SAYS, gettext_lazy("已恢复，积分随后入账。")),
}


@gate("innovation.file")
@require_POST
@once
def promotion_act(request, pk):
    return steps.step(request, pk, OWN_ACTS, DETAIL)


@gate("innovation.verify")
@require_POST
@once
def promotion_decide(request, pk):
    return steps.step(request, pk, DECISIONS, DETAIL)
