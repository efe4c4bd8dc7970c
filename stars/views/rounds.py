"""The round: where it stands, what is missing, its rules and its list of participants."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from scheme import access, clock
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.roles import Role
from scheme.templatetags.look import moment
from scoring.actions import runs
from stars import duties, planning, readiness, ruling, steps
from stars.actions import participants, rehearsal, rounds, stages
from stars.forms import PrepareForm
from stars.models import Round
from stars.plan_forms import PlanForm, count_form

from .documents import offered

FORM = require_http_methods(["GET", "HEAD", "POST"])


def _round(request, pk) -> Round:
    rows = Round.objects.visible_to(request.user).select_related("unit", "book", "run")
    return get_object_or_404(rows, pk=pk)


def _managed(request, pk) -> Round:
    round_ = _round(request, pk)
    access.require(request.user, "round.manage", round_.anchor())
    return round_


@gate("round.read")
@require_GET
def round_list(request):
    """The round that is under way, being prepared, and the earlier ones."""
    rows = list(Round.objects.visible_to(request.user).select_related("unit"))
    over = (Round.State.PUBLISHED, Round.State.CANCELLED)
    current = [round_ for round_ in rows if round_.state not in over]
    manages = access.can(request.user, "round.manage")
    context = {
        "current": [(round_, steps.of(round_)) for round_ in current],
        "earlier": [round_ for round_ in rows if round_.state in over],
        "manages": manages,
        "form": PrepareForm() if manages else None,
    }
    return render(request, "stars/round_list.html", context)


@gate("round.manage")
@require_POST
@once
def round_prepare(request):
    form = PrepareForm(request.POST)
    if not form.is_valid():
        raise Refused(_("请选哪个半年。"))
    round_ = rounds.prepare(request.user.unit, form.cleaned_data["half"], by=request.user)
    messages.success(request, _("已备好，请核对日期、名额和参加名单。"))
    return redirect("stars:round_detail", round_.pk)


@gate("round.read")
@require_GET
def round_detail(request, pk):
    round_ = _round(request, pk)
    manages = access.can(request.user, "round.manage", round_.anchor())
    preparing = round_.state == Round.State.PREPARING
    gaps = readiness.missing(round_) if manages and preparing else []
    context = {
        "round": round_,
        "steps": steps.of(round_),
        "moves": _timeline(round_),
        "duties": duties.of(round_, request.user),
        "quotas": _quotas(round_),
        "manages": manages,
        "watches": access.can(request.user, "round.document", round_.anchor()),
        "gaps": gaps,
        "blocked": any(gap.blocking for gap in gaps),
        "taking_part": _taking_part(round_),
        "rules": ruling.lines(round_),
        "confirms": access.has_role(request.user, Role.CHIEF) and not manages,
        "rehearsals": list(rehearsal.of(round_)[:3]) if manages and preparing else [],
        "extendable": manages and round_.state in stages.EXTENDABLE,
        **offered(request.user, round_),
    }
    return render(request, "stars/round_detail.html", context)


def _timeline(round_):
    names = dict(Round.State.choices)
    items = [
        {
            "when": moment(move.at),
            "who": move.by.name if move.by else _("到时自动"),
            "what": _happened(move, names),
            "text": move.reason,
            "kind": "back" if move.to_state == Round.State.CANCELLED else "past",
        }
        for move in round_.moves.select_related("by")
    ]
    if items and items[-1]["kind"] != "back" and round_.state != Round.State.PUBLISHED:
        items[-1]["kind"] = "now"
    return items


def _happened(move, names):
    if move.to_state != move.from_state:
        return _("转入%(stage)s") % {"stage": names[move.to_state]}
    return _("%(stage)s延期") % {"stage": names[move.to_state]}


def _quotas(round_):
    rows = {}
    for quota in round_.quotas.select_related("star"):
        rows.setdefault(quota.star_id, {"star": quota.star})[quota.kind] = quota
    return list(rows.values())


def _taking_part(round_):
    rows = list(round_.participants.values_list("person", "takes_part"))
    return {
        "people": sum(1 for person, part in rows if person and part),
        "sections": sum(1 for person, part in rows if not person and part),
        "absent": sum(1 for _person, part in rows if not part),
    }


@gate("round.manage")
@FORM
@once
def round_plan(request, pk):
    """Every rule of the round. The last days can be counted from a first day: that only fills them
    in, nothing is kept before it is saved."""
    round_ = _managed(request, pk)
    counted = count_form(round_, request.GET if "first_day" in request.GET else None)
    dates = counted.dates if counted.is_bound and counted.is_valid() else None
    form = PlanForm(request.POST or None, round_=round_, dates=dates)
    if request.method == "POST" and form.is_valid():
        try:
            rounds.plan(pk, by=request.user, seen=_seen(request), **form.arguments())
        except Refused as refused:
            if refused.conflict:
                raise
            form.refuse(refused)
        else:
            messages.success(request, _("规则已存。"))
            return redirect("stars:round_detail", pk)
    shown = dates or {name: getattr(round_, name) for name in ruling.DATES}
    first = counted["first_day"].initial or counted.cleaned_data.get("first_day") or clock.today()
    context = {
        "round": round_,
        "form": form,
        "count": counted,
        "counted": dates is not None,
        "spans": planning.stages(first, shown),
        "labels": {name: PlanForm.base_fields[name].label for name in ruling.DATES},
        "forerunner": rounds.forerunner(round_),
    }
    return render(request, "stars/round_plan.html", context, status=422 if form.errors else 200)


@gate("round.manage")
@FORM
@once
def round_participants(request, pk):
    """Ticks and reasons, section by section; read-only, and for print, once the round is open."""
    round_ = _managed(request, pk)
    rows = list(participants.listed(round_))
    problem = None
    if request.method == "POST":
        if request.POST.get("move") == "complete":
            added = participants.complete(pk, by=request.user)
            messages.success(request, _("补入%(count)s行。") % {"count": added})
            return redirect("stars:round_participants", pk)
        changes = {row.pk: _tick(request.POST, row) for row in rows}
        try:
            participants.set_(pk, changes, by=request.user, seen=_seen(request))
        except Refused as refused:
            if refused.conflict or not refused.field:
                raise
            problem = refused
            for row in rows:
                row.takes_part, row.reason = changes[row.pk]
        else:
            messages.success(request, _("名单已存。"))
            return redirect("stars:round_participants", pk)
    editable = round_.state == Round.State.PREPARING
    context = {
        "round": round_,
        "groups": participants.grouped(round_, rows),
        "taking": sum(row.takes_part for row in rows if row.person_id),
        "people": sum(1 for row in rows if row.person_id),
        "editable": editable,
        "new": len(participants.absent_from(round_)) if not round_.opened_at else 0,
        "problem": problem,
        "open_sections": participants.unconfirmed(round_) if editable else [],
        "confirmations": list(round_.confirmations.select_related("section", "by")),
    }
    return render(request, "stars/round_participants.html", context, status=422 if problem else 200)


def _tick(data, row) -> tuple[bool, str]:
    return f"part-{row.pk}" in data, data.get(f"reason-{row.pk}", "")


def _seen(request) -> int:
    """The version the page was drawn from."""
    try:
        return int(request.POST.get("seen", ""))
    except ValueError:
        raise Refused(_("这一页已过期，请刷新后再提交。")) from None


@gate("round.manage")
@require_POST
@once
def round_open(request, pk):
    _managed(request, pk)
    rounds.open_(pk, by=request.user, seen=_seen(request))
    messages.success(request, _("本轮已开启，规则已封存，各科室负责人已收到提醒。"))
    return redirect("stars:round_detail", pk)


@gate("score.run")
@require_POST
@once
def round_score(request, pk):
    """Freezes the scorecards the round will rest on."""
    round_ = _managed(request, pk)
    runs.score(round_.unit, round_.half, by=request.user)
    messages.success(request, _("计分卡已算好。"))
    return redirect("stars:round_detail", pk)


@gate("round.manage")
@require_POST
@once
def round_cancel(request, pk):
    _managed(request, pk)
    reason = request.POST.get("reason", "")
    rounds.cancel(pk, by=request.user, reason=reason, seen=_seen(request))
    messages.success(request, _("本轮已取消。"))
    return redirect("stars:round_list")
