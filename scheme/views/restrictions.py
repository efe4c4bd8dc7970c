"""What bars somebody from being put forward: the office's list, a row, recording and lifting.

The office's readings go into the trail, so these pages write although they are only looked at.
"""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme import access, clock
from scheme.access import Anchor, gate
from scheme.actions import restrictions
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Restriction
from scheme.restriction_forms import LiftForm, RestrictionForm

PER_PAGE = 50


def _visible(request):
    rows = Restriction.objects.visible_to(request.user)
    return rows.select_related("staff", "section", "recorded_by", "lifted_by")


def _with_state(row: Restriction) -> dict:
    today = clock.today()
    past = row.until is not None and row.until <= today
    return {
        "row": row,
        "subject": row.staff or row.section,
        "last": row.until - timedelta(1) if row.until and row.until > row.since else None,
        "kind": "done" if past else "warn",
        "word": _past_word(row) if past else _("现在有效") if row.since <= today else _("还没开始"),
        "stands": not past,
    }


def _past_word(row: Restriction) -> str:
    return _("已解除") if row.lifted_at else _("已到期")


@gate("restriction.read")
@require_safe
def restriction_list(request):
    """All of the unit for the office, newest first; everybody else finds their own."""
    rows, today = _visible(request), clock.today()
    everything = request.GET.get("state") == "all"
    if not everything:
        rows = rows.filter(Q(until=None) | Q(until__gt=today))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    restrictions.read(page, by=request.user)
    context = {
        "rows": [_with_state(row) for row in page],
        "page_obj": page,
        "everything": everything,
        "may_record": access.can(request.user, "restriction.record"),
    }
    return render(request, "scheme/restriction_list.html", context)


@gate("restriction.record")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def restriction_new(request):
    form = RestrictionForm(request.POST or None, by=request.user)
    if form.is_valid():
        try:
            row = restrictions.record(form.chosen(), by=request.user, **form.arguments())
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("已登记，从现在起按它判断能不能参评。"))
            return redirect("scheme:restriction_detail", row.pk)
    context = {"form": form}
    return render(
        request, "scheme/restriction_new.html", context, status=422 if form.is_bound else 200
    )


@gate("restriction.read")
@require_safe
def restriction_detail(request, pk):
    row = get_object_or_404(_visible(request), pk=pk)
    restrictions.read([row], by=request.user)
    shown = _with_state(row)
    anchor = Anchor(row.unit_id)
    manages = access.can(request.user, "restriction.record", anchor)
    context = {
        **shown,
        "may_lift": manages and shown["stands"] and row.staff_id != request.user.pk,
        "own": row.staff_id == request.user.pk,
        "manages": manages,
    }
    return render(request, "scheme/restriction_detail.html", context)


@gate("restriction.record")
@require_POST
@once
def restriction_lift(request, pk):
    row = get_object_or_404(_visible(request), pk=pk)
    form = LiftForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    data = form.cleaned_data
    restrictions.lift(row.pk, by=request.user, why=data["why"], seen=data["seen"])
    messages.success(request, _("已解除，从今天起不再影响参评。"))
    return redirect("scheme:restriction_detail", pk)
