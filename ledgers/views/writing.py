"""信息宣传: the list, one item, the form."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import crediting, filed, proofs, records
from ledgers.actions import writing
from ledgers.listing import listing
from ledgers.models import WritingItem
from ledgers.views import filing_steps as steps
from ledgers.writing_forms import WritingFilter, WritingForm
from scheme.access import can, gate
from scheme.errors import Refused
from scheme.idempotency import once

VERBS = ("writing.verify", "writing.void")
EDIT, DETAIL = "ledgers:writing_edit", "ledgers:writing_detail"
KNOWN_CARRIERS = 60


@gate("writing.read")
@require_safe
def writing_list(request):
    form = WritingFilter(request)
    rows = form.chosen_rows(WritingItem.objects.visible_to(request.user))
    shown = listing(request, rows.order_by("-adopted_on", "-pk"), form)
    items = list(crediting.with_credits(shown.page_obj.object_list))
    papers = records.papers_of("writing", [item.pk for item in items])
    context = {
        "form": form,
        "page_obj": shown.page_obj,
        "total": shown.total,
        "rows": [
            (item, crediting.of(item), steps.KINDS[item.state], papers.get(item.pk, 0))
            for item in items
        ],
        "may_file": can(request.user, "writing.file"),
        "may_verify": can(request.user, "writing.verify"),
    }
    return render(request, "ledgers/writing_list.html", context)


@gate("writing.read")
@require_safe
def writing_detail(request, pk):
    item = steps.seen_row(request, WritingItem, pk)
    person = request.user
    involved = proofs.involved(item)
    ways = steps.ways(person, item, VERBS, involved)
    papers = list(records.papers(item))
    context = {
        "item": item,
        "kind": steps.KINDS[item.state],
        "credits": crediting.of(item),
        "counts_in": proofs.counts_in(item.unit, item.adopted_on),
        "kin": list(proofs.kin(item, person)[:10]),
        "shared": proofs.shared(WritingItem, papers, person).get(item.pk, []),
        "entries": steps.points_of(person, f"writing:{item.pk}"),
        "papers": papers,
        "history": records.history(item),
        "ledger": "writing",
        "row": item,
        "may_attach": ways["may_edit"] and records.may_attach(person, item),
        **ways,
    }
    return render(request, "ledgers/writing_detail.html", context)


# --- The form


@gate("writing.file")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def writing_new(request):
    if steps.is_finding(request):
        return _form_page(request, WritingForm(initial=steps.typed(request, WritingForm)))
    if request.method != "POST":
        form = WritingForm(initial={"kind": WritingItem.Kind.INFORMATION})
        return _form_page(request, form, chosen=steps.beginning(request))
    form = WritingForm(request.POST, request.FILES)
    status, twin = 422, None
    if form.is_valid():
        try:
            item = writing.add(
                request.user.unit,
                credits=crediting.asked(request.POST, request.user),
                by=request.user,
                **form.content(),
            )
            return _saved(request, form, item)
        except Refused as refused:
            status, twin = steps.put(form, refused), getattr(refused, "other", None)
    return _form_page(request, form, status=status, twin=twin)


@gate("writing.file")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def writing_edit(request, pk):
    item = steps.seen_row(request, WritingItem, pk)
    if item.filed_by_id != request.user.pk:
        raise PermissionDenied(_("由填报人自己办。"))
    if item.state not in filed.OPEN:
        return redirect(DETAIL, pk)
    papers = records.papers(item)
    if steps.is_finding(request):
        form = WritingForm(initial=steps.typed(request, WritingForm), papers=papers)
        return _form_page(request, form, item)
    if request.method != "POST":
        initial = {name: getattr(item, name) for name in writing.CONTENT}
        form = WritingForm(initial=initial | {"seen": item.version}, papers=papers)
        return _form_page(request, form, item, chosen=crediting.of(item))
    form = WritingForm(request.POST, request.FILES, papers=papers)
    status, twin = 422, None
    if form.is_valid():
        try:
            item = writing.change(
                pk,
                version=form.cleaned_data["seen"] or 0,
                credits=crediting.asked(request.POST, request.user),
                by=request.user,
                **form.content(),
            )
            return _saved(request, form, item)
        except Refused as refused:
            status, twin = steps.put(form, refused), getattr(refused, "other", None)
    return _form_page(request, form, item, status=status, twin=twin)


def _saved(request, form, item):
    steps.keep_papers(request, form, item)
    return steps.saved(request, form, item, writing.file, edit=EDIT, detail=DETAIL)


def _form_page(request, form, item=None, *, chosen=None, status=200, twin=None):
    """`twin`: the item that stands in the way, shown only to whoever may see it."""
    if twin is not None:
        twin = WritingItem.objects.visible_to(request.user).filter(pk=twin.pk).first()
    context = {
        "form": form,
        "item": item,
        "twin": twin,
        "rows": steps.credit_rows(request, chosen=chosen),
        "who": steps.words(request),
        "roles": True,
        "carriers": _carriers(request.user),
        "returned": steps.returned(item) if item else None,
        "files_again": bool(request.FILES),
    }
    return render(request, "ledgers/writing_form.html", context, status=status)


def _carriers(person) -> list[str]:
    """Carriers written before, the latest first: one name for one bulletin."""
    rows = WritingItem.objects.visible_to(person).exclude(carrier="").order_by("-pk")
    return list(dict.fromkeys(rows.values_list("carrier", flat=True)[:500]))[:KNOWN_CARRIERS]


@gate("writing.file")
@require_safe
def credit_find(request):
    """The lines of people and sections, as one types; a part of the form's page."""
    context = {
        "rows": steps.credit_rows(request, sections=request.GET.get("only") != "people"),
        "who": steps.words(request),
        "roles": request.GET.get("roles") == "1",
    }
    return render(request, "ledgers/_credit_rows.html", context)


# --- Steps

SAYS = ("version", "reason")
OWN_ACTS = {
    "file": (writing.file, (), gettext_lazy("已报送，待核实。")),
    "withdraw": (writing.withdraw, (), gettext_lazy("已撤回，可以改了再报。")),
    "drop": (writing.drop, (), gettext_lazy("已作废，不再办理。")),
}
DECISIONS = {
    "verify": (writing.verify, ("version",), gettext_lazy("已核实，积分随后入账。")),
    "return": (writing.turn_back, SAYS, gettext_lazy("已退回补正。")),
    "void": (writing.void, SAYS, gettext_lazy("已作废，所计积分随后冲回。")),
    "restore": (writing.restore, SAYS, gettext_lazy("已恢复，积分随后入账。")),
}


@gate("writing.file")
@require_POST
@once
def writing_act(request, pk):
    return steps.step(request, pk, OWN_ACTS, DETAIL)


@gate("writing.verify")
@require_POST
@once
def writing_decide(request, pk):
    return steps.step(request, pk, DECISIONS, DETAIL)
