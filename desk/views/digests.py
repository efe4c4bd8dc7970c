from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from desk import digests, outward
from desk.actions import digests as acts
from desk.forms import AddressForm, PolicyForm
from desk.models import Delivery, Digest, DigestPolicy
from scheme import clock
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once

KEPT = 14


@gate("digest.read")
@require_safe
def digest(request):
    """One's own digest of a day, the newest if none is asked for; and those of the last weeks."""
    mine = list(Digest.objects.filter(person=request.user)[:KEPT])
    found = mine[0] if mine else None
    if asked := request.GET.get("day", ""):
        try:
            day = parse_date(asked)
        except ValueError:
            day = None
        found = Digest.objects.filter(person=request.user, day=day).first() if day else None
        if found is None:
            raise Http404(_("那一天没有提要。"))
    setting = digests.setting_of(request.user.unit_id, clock.today())
    context = {"digest": found, "others": mine, "setting": setting}
    return render(request, "desk/digest.html", context)


@gate("digest.read")
@require_POST
@once
def digest_address(request):
    form = AddressForm(request.POST)
    if not form.is_valid():
        raise Refused(_("请写一个邮箱地址，不想收就空着。"))
    kept = acts.set_address(form.cleaned_data["email"], language=get_language(), by=request.user)
    if kept:
        messages.success(request, _("每日提要会发到%(email)s。") % {"email": kept.email})
    else:
        messages.success(request, _("不再发邮件。"))
    return redirect("scheme:me")


@gate("digest.settings")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def digest_settings(request):
    """The unit's hour and its group's robot, with what has gone out of late."""
    unit, today = request.user.unit, clock.today()
    if request.method != "POST":
        now = digests.setting_of(unit, today)
        initial = now._asdict() | {"in_force_from": today}
        return _settings(request, PolicyForm(initial=initial))
    form = PolicyForm(request.POST)
    if form.is_valid():
        try:
            acts.set_policy(unit, by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("每日提要的设置已存。"))
            return redirect("desk:digest_settings")
    return _settings(request, form, status=422)


def _settings(request, form, *, status=200):
    unit = request.user.unit
    rows = DigestPolicy.objects.filter(unit=unit).select_related("set_by")[:10]
    sent = Delivery.objects.filter(unit=unit).order_by("-day", "channel", "state")
    sent = sent.values("day", "channel", "state").annotate(n=Count("pk"))[:30]
    made = Digest.objects.filter(unit=unit).order_by("-day").values("day")
    context = {
        "form": form,
        "rows": [(row, outward.origin(row.robot_url)) for row in rows],
        "made": made.annotate(n=Count("pk"))[:10],
        "sent": [
            {
                "day": one["day"],
                "channel": Delivery.Channel(one["channel"]).label,
                "word": Delivery.State(one["state"]).label,
                "kind": KIND_OF[one["state"]],
                "n": one["n"],
            }
            for one in sent
        ],
        "has_mail": outward.has_mail(),
    }
    return render(request, "desk/digest_settings.html", context, status=status)


KIND_OF = {
    Delivery.State.WAITING: "warn",
    Delivery.State.SENDING: "warn",
    Delivery.State.SENT: "ok",
    Delivery.State.UNSURE: "warn",
    Delivery.State.FAILED: "bad",
}
