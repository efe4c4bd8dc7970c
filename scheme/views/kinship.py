"""Kin within the unit: one's own report, and the office's reading of all of them (which leaves a
line in the trail)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from scheme import access
from scheme.access import Anchor, gate
from scheme.actions import kinship as actions
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.kinship_forms import KinForm
from scheme.models import Kinship

FORM = require_http_methods(["GET", "HEAD", "POST"])
PER_PAGE = 50


def _said(request, form: KinForm, person: int) -> bool:
    data = form.cleaned_data
    try:
        actions.declare(
            person, by=request.user, relative=data["relative"], relation=data["relation"]
        )
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    messages.success(request, _("已报告。评议到对方时，双方依规则回避。"))
    return True


@gate("kin.read")
@FORM
@once
def kinship(request):
    """What concerns oneself, and saying more."""
    person = request.user
    form = KinForm(request.POST or None, by=person, own=True)
    if form.is_valid() and _said(request, form, person.pk):
        return redirect("scheme:kinship")
    rows = Kinship.objects.filter(unit=person.unit_id)
    rows = (rows.filter(person=person) | rows.filter(relative=person)).filter(ended_at=None)
    found = [
        {
            "row": row,
            "other": row.relative if row.person_id == person.pk else row.person,
            "own": row.declared_by_id == person.pk,
        }
        for row in rows.select_related("person", "relative", "declared_by").order_by("pk")
    ]
    context = {
        "rows": found,
        "form": form,
        "reads_all": access.can(person, "kin.read", Anchor(person.unit_id)),
    }
    return render(request, "scheme/kinship.html", context, status=422 if form.errors else 200)


@gate("kin.read")
@FORM
@once
def kinship_unit(request):
    """The office's list; what has ended is kept at its foot."""
    access.require(request.user, "kin.read", Anchor(request.user.unit_id))
    form = KinForm(request.POST or None, by=request.user, own=False)
    if form.is_valid() and _said(request, form, form.cleaned_data["person"]):
        return redirect("scheme:kinship_unit")
    rows = actions.read(by=request.user).select_related("person", "relative", "declared_by")
    page = Paginator(rows.order_by("-ended_at", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form}
    return render(request, "scheme/kinship_unit.html", context, status=422 if form.errors else 200)


@gate("kin.declare")
@require_POST
@once
def kinship_end(request, pk):
    row = get_object_or_404(Kinship.objects.visible_to(request.user), pk=pk)
    actions.end(row.pk, by=request.user)
    messages.success(request, _("已撤销，以前各轮的回避不变。"))
    office = access.can(request.user, "kin.read", Anchor(request.user.unit_id))
    return redirect("scheme:kinship_unit" if office else "scheme:kinship")
