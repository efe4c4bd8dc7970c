"""Leave and travel: asked for, granted, kept; and who is away."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers.absence_forms import AbsenceFilter, AskForm, EndForm, KeepForm, SeenForm, VersionForm
from ledgers.listing import listing
from scheme import access, clock
from scheme.access import gate
from scheme.actions import absences
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Absence, LeaveRequest
from scheme.roles import Role

State = LeaveRequest.State
OWN_SHOWN = 8
SIGNS = {State.ASKED: "warn", State.GRANTED: "ok", State.REFUSED: "bad", State.WITHDRAWN: "done"}


@gate("absence.read")
@require_safe
def absence_list(request):
    """What waits for one's decision, one's own requests, and who is away."""
    person, today = request.user, clock.today()
    form = AbsenceFilter(request)
    rows = Absence.objects.visible_to(person).select_related("staff").order_by("-start_on", "staff")
    if asked := form.value("q"):
        rows = rows.filter(
            Q(staff__name__contains=asked) | Q(staff__name_key__icontains=asked.lower())
        )
    if kind := form.value("kind"):
        rows = rows.filter(kind=kind)
    if form.value("when") != "all":
        rows = rows.filter(Q(end_on=None) | Q(end_on__gte=today))
    own = LeaveRequest.objects.filter(staff=person).select_related("decided_by", "on_behalf_of")
    waiting = LeaveRequest.objects.to_decide_by(person).select_related("staff")
    asks = access.can(person, "absence.ask")
    context = {
        "today": today,
        "list": listing(request, rows, form),
        "waiting": waiting.order_by("start_on", "pk"),
        "own": [(row, SIGNS[row.state]) for row in own[:OWN_SHOWN]] if asks else [],
        "asks": asks,
        "keeps": access.has_role(person, Role.PERSONNEL),
    }
    return render(request, "ledgers/absence_list.html", context)


@gate("absence.ask")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def absence_ask(request):
    today = clock.today()
    form = AskForm(request.POST or None, initial={"start_on": today, "end_on": today})
    if form.is_valid():
        data = form.cleaned_data
        try:
            absences.ask(
                kind=data["kind"], first=data["start_on"], last=data["end_on"], by=request.user
            )
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("已提交，批准后那几天免报日报。"))
            return redirect("ledgers:absence_list")
    return _form(request, form, _("申请请假、出差"), _("提交"))


@gate("absence.keep")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def absence_keep(request):
    form = KeepForm(request.POST or None, by=request.user, initial={"start_on": clock.today()})
    if form.is_valid():
        data = form.cleaned_data
        try:
            absences.keep(
                data["staff"].pk,
                kind=data["kind"],
                first=data["start_on"],
                last=data["end_on"],
                by=request.user,
            )
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("已登记，那几天免报日报。"))
            return redirect("ledgers:absence_list")
    return _form(request, form, _("登记请假、出差、借调"), _("登记"))


@gate("absence.keep")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def absence_end(request, pk):
    """Another last day, or off with it."""
    rows = Absence.objects.visible_to(request.user).select_related("staff")
    row = get_object_or_404(rows, pk=pk)
    begin = {"end_on": row.end_on or clock.today(), "seen": row.end_on}
    form = EndForm(request.POST or None, initial=begin)
    if form.is_valid():
        data = form.cleaned_data
        try:
            absences.end(row.pk, last=data["end_on"], seen=data["seen"], by=request.user)
        except Refused as refused:
            if refused.conflict:
                raise
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("结束日期已改。"))
            return redirect("ledgers:absence_list")
    return _form(request, form, str(row.staff), _("改结束日期"), row=row)


@gate("absence.keep")
@require_POST
@once
def absence_cancel(request, pk):
    row = get_object_or_404(Absence.objects.visible_to(request.user), pk=pk)
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    absences.cancel(row.pk, seen=form.cleaned_data["seen"], by=request.user)
    messages.success(request, _("已取消登记，那几天照常报日报。"))
    return redirect("ledgers:absence_list")


@gate("absence.ask")
@require_POST
@once
def leave_withdraw(request, pk):
    row, version = _asked(request, pk)
    absences.withdraw(row.pk, version=version, by=request.user)
    messages.success(request, _("申请已撤回。"))
    return redirect("ledgers:absence_list")


@gate("absence.read")
@require_POST
@once
def leave_grant(request, pk):
    row, version = _asked(request, pk)
    absences.grant(row.pk, version=version, by=request.user)
    messages.success(request, _("已批准%(name)s的申请。") % {"name": row.staff.name})
    return redirect("ledgers:absence_list")


@gate("absence.read")
@require_POST
@once
def leave_refuse(request, pk):
    row, version = _asked(request, pk)
    absences.refuse(row.pk, version=version, by=request.user)
    messages.success(request, _("没有批准%(name)s的申请，请当面说明。") % {"name": row.staff.name})
    return redirect("ledgers:absence_list")


def _asked(request, pk: int) -> tuple[LeaveRequest, int]:
    """The request, if it is in sight, and the version that was."""
    rows = LeaveRequest.objects.visible_to(request.user).select_related("staff")
    row = get_object_or_404(rows, pk=pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    return row, form.cleaned_data["version"]


def _form(request, form, title: str, button: str, *, row: Absence | None = None):
    context = {"form": form, "title": title, "button": button, "row": row}
    status = 422 if form.is_bound else 200
    return render(request, "ledgers/absence_form.html", context, status=status)
