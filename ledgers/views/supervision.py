"""Acts on a task under way: each has a page of its own, and a form on the task's page."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ledgers import lights, supervising
from ledgers.actions import closings, extensions, light_policies, notes, supervision
from ledgers.models import LightPolicy, Task
from ledgers.supervision_forms import LightPolicyForm
from ledgers.taskmoves import State, own_part
from scheme import clock
from scheme.access import gate, require
from scheme.errors import Refused
from scheme.idempotency import once

AT_WORK = supervising.AT_WORK


class Way(NamedTuple):
    """From an address to the action: who may ask for the page, and what is said when it is done."""

    act: Callable[..., Any]
    verb: str
    states: tuple[str, ...]
    said: str | Promise


WAYS = {
    "receive": Way(
        supervision.receive, "task.receive", (State.ASSIGNED,), gettext_lazy("已签收。")
    ),
    "progress": Way(
        supervision.progress, "task.progress", (State.RECEIVED,), gettext_lazy("进展已记下。")
    ),
    "report": Way(
        closings.report,
        "task.report_done",
        (State.RECEIVED,),
        gettext_lazy("已报结，等督查室审核。"),
    ),
    "ask_extension": Way(
        extensions.ask,
        "task.ask_extension",
        (State.RECEIVED,),
        gettext_lazy("已申请延期，等分管领导批准。"),
    ),
    "grant_extension": Way(
        extensions.grant,
        "task.decide_extension",
        (State.RECEIVED,),
        gettext_lazy("已批准延期。"),
    ),
    "refuse_extension": Way(
        extensions.refuse,
        "task.decide_extension",
        (State.RECEIVED,),
        gettext_lazy("延期未批准，已告知科室。"),
    ),
    "replan": Way(
        extensions.replan,
        "task.decide_extension",
        AT_WORK,
        gettext_lazy("已重新明确时限，计分仍按原时限。"),
    ),
    "ask_pass_on": Way(
        supervision.ask_pass_on,
        "task.pass_on",
        AT_WORK,
        gettext_lazy("已申请转办，等督查室办理。"),
    ),
    "pass_on": Way(
        supervision.pass_on, "task.hand_over", AT_WORK, gettext_lazy("已转办，等新科室签收。")
    ),
    "refuse_pass_on": Way(
        supervision.refuse_pass_on,
        "task.hand_over",
        AT_WORK,
        gettext_lazy("不转办，已告知科室。"),
    ),
    "press": Way(notes.press, "task.press", AT_WORK, gettext_lazy("已催办，等科室反馈。")),
    "escalate": Way(supervision.escalate, "task.press", AT_WORK, gettext_lazy("已提级督办。")),
    "review": Way(
        closings.review,
        "task.review",
        (State.REPORTED,),
        gettext_lazy("审核通过，已送分管领导批准办结。"),
    ),
    "close": Way(closings.close, "task.close", (State.REVIEWED,), gettext_lazy("已批准办结。")),
    "return_": Way(
        closings.return_, "", (State.REPORTED, State.REVIEWED), gettext_lazy("已退回补正。")
    ),
    "send_back": Way(
        closings.send_back,
        "",
        (State.REPORTED, State.REVIEWED),
        gettext_lazy("已退回重办，并登记督办记录。"),
    ),
    "strike": Way(closings.strike, "task.strike", (State.CLOSED,), gettext_lazy("已销号。")),
    "suspend": Way(supervision.suspend, "task.suspend", AT_WORK, gettext_lazy("已暂停。")),
    "resume": Way(
        supervision.resume, "task.suspend", (State.SUSPENDED,), gettext_lazy("已恢复承办。")
    ),
}


@gate("supervision.read")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def supervise(request, pk, act):
    """The act's own page: what is asked, and why not, where it was refused."""
    related = ("unit", "lead", "leader")
    tasks = Task.objects.visible_to(request.user).select_related(*related)
    task = get_object_or_404(tasks, pk=pk)
    way = WAYS.get(act)
    if way is None:
        raise Http404
    _may(request.user, task, way)
    kind = supervising.SPOKEN[act].form
    form = kind(request.POST if request.method == "POST" else None, row=task)
    if request.method != "POST":
        return _page(request, task, act, form)
    if form.is_valid():
        body = dict(form.cleaned_data)
        try:
            way.act(pk, by=request.user, **body)
        except Refused as refused:
            if refused.field not in form.fields:
                raise
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, way.said)
            return redirect(_onward(request, pk))
    elif "version" in form.errors:
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    return _page(request, task, act, form, status=422)


def _may(person, task: Task, way: Way) -> None:
    """In sight but not for this person to do: 403 before anything is asked. The package lies on
    one of two desks; whoever sits at either learns from the action that it is not theirs yet."""
    anchor = task.anchor()
    if own_part(person, task):
        anchor = anchor._replace(person_id=person.pk)
    if way.verb:
        require(person, way.verb, anchor._replace(state=way.states[0]))
    elif task.state == State.REVIEWED:
        require(person, "task.close", anchor)
    else:
        require(person, "task.review", anchor._replace(state=State.REPORTED))


def _page(request, task, act: str, form, *, status=200):
    acts = supervising.acts(request.user, task)
    offered = next((one for one in acts.offered if one.name == act), None)
    context = {
        "task": task,
        "acts": acts,
        "act": supervising.spoken(act, task, why=offered.why if offered else "", form=form),
        "offered": offered is not None,
        "deadline": lights.working_deadline(task),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    return render(request, "ledgers/supervision_act.html", context, status=status)


def _onward(request, pk: int) -> str:
    """Back to the board one came from, else to the task."""
    given = request.POST.get("next", "")
    here = url_has_allowed_host_and_scheme(given, allowed_hosts={request.get_host()})
    if here and given.startswith(reverse("ledgers:board")):
        return given
    return reverse("ledgers:task_detail", args=[pk])


@gate("supervision.settings")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def light_settings(request):
    """When a task shows yellow and red. A change holds from a day on; what was, stays."""
    unit, today = request.user.unit, clock.today()
    policy = lights.policy_of(unit.pk, today)
    now = {name: getattr(policy, name) for name in light_policies.FIGURES}
    initial = now | {"in_force_from": today}
    form = LightPolicyForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                light_policies.set_policy(unit, by=request.user, **form.cleaned_data)
            except Refused as refused:
                form.add_error(refused.field, str(refused))
            else:
                messages.success(request, _("亮灯规则已存，到生效那天起按它亮灯。"))
                return redirect("ledgers:light_settings")
    rows = LightPolicy.objects.filter(unit=unit).select_related("set_by")
    context = {"form": form, "policy": policy, "rows": rows[:20], "today": today}
    return render(request, "ledgers/board_settings.html", context, status=status)
