"""Who stands in for whom: now, soon; named and ended."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers.absence_forms import DeputyForm, PrincipalForm, SeenForm, principals
from scheme import access, clock
from scheme.access import Anchor, gate
from scheme.actions import deputations
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Deputation
from scheme.roles import Role


@gate("deputation.read")
@require_safe
def deputation_list(request):
    """Everybody may see whom to turn to."""
    person, today = request.user, clock.today()
    rows = Deputation.objects.visible_to(person).to_come(today)
    rows = rows.select_related("principal", "deputy", "section").order_by(
        "start_on", "principal__sort_weight", "section__position", "pk"
    )
    context = {
        "rows": [
            {
                "row": row,
                "last": row.end_on - timedelta(days=1),
                "now": row.start_on <= today,
                "may_end": access.can(
                    person, "deputation.name", Anchor(row.unit_id, row.principal_id)
                ),
            }
            for row in rows
        ],
        "may_name": access.can(person, "deputation.name"),
    }
    return render(request, "ledgers/deputation_list.html", context)


@gate("deputation.name")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def deputation_name(request):
    """One's own deputy; the personnel office first says whose."""
    person, today = request.user, clock.today()
    choose = PrincipalForm(request) if access.has_role(person, Role.PERSONNEL) else None
    principal = _principal(request, choose)
    if principal is None:
        context = {"choose": choose, "principal": None}
        return render(request, "ledgers/deputation_form.html", context)
    held = list(deputations.held_by(principal, today))
    begin = {"start_on": today, "places": [f"{row.office}:{row.section_id}" for row in held]}
    form = DeputyForm(request.POST or None, principal=principal, held=held, initial=begin)
    if form.is_valid():
        data = form.cleaned_data
        try:
            deputations.name(
                principal.pk,
                places=form.chosen(),
                deputy_pk=data["deputy"].pk,
                first=data["start_on"],
                last=data["end_on"],
                by=person,
            )
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            text = _("已指定%(deputy)s代%(name)s，到期自动结束。")
            form = {"deputy": data["deputy"].name, "name": principal.name}
            messages.success(request, text % form)
            return redirect("ledgers:deputation_list")
    context = {"choose": choose, "principal": principal, "form": form, "held": held}
    status = 422 if form.is_bound else 200
    return render(request, "ledgers/deputation_form.html", context, status=status)


def _principal(request, choose: PrincipalForm | None):
    """Oneself; for the personnel office whoever was chosen, oneself if that is possible."""
    if choose is None:
        return request.user
    if request.method == "POST":
        return get_object_or_404(
            principals(request.user), pk=_number(request.POST.get("principal", ""))
        )
    chosen = choose.value("principal")
    return chosen or principals(request.user).filter(pk=request.user.pk).first()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


@gate("deputation.name")
@require_POST
@once
def deputation_end(request, pk):
    row = get_object_or_404(Deputation.objects.visible_to(request.user), pk=pk)
    form = SeenForm(request.POST)
    if not form.is_valid() or form.cleaned_data["seen"] is None:
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    deputations.end(row.pk, seen=form.cleaned_data["seen"], by=request.user)
    messages.success(request, _("代理已结束。"))
    return redirect("ledgers:deputation_list")
