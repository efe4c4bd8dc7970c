"""The ledger of key tasks (重点任务台账): one task, written, approved, assigned."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ledgers import addressees, lights, records, supervising, tasking
from ledgers import task_forms as forms
from ledgers.actions import tasks as acts
from ledgers.models import PlanItem, Task
from scheme import clock, workdays
from scheme.access import can, gate, require
from scheme.errors import Refused
from scheme.idempotency import once

State = Task.State


def seen_task(request, pk) -> Task:
    rows = Task.objects.visible_to(request.user).select_related(
        *("unit", "lead", "leader", "item__paper", "proposed_by", "approved_by", "received_by")
    )
    return get_object_or_404(rows, pk=pk)


@gate("task.read")
@require_safe
def task_detail(request, pk):
    task, person, today = seen_task(request, pk), request.user, clock.today()
    deadline = lights.working_deadline(task)
    light = lights.of([task], today)[task.pk]
    context = {
        "task": task,
        "kind": tasking.KINDS[task.state],
        "light": light,
        "handlers": task.handlers.select_related("person").order_by("-role", "pk"),
        "milestones": list(task.milestones.all()),
        "supporting": list(task.supporting.all()),
        "deadline": deadline,
        "day_off": not workdays.is_working(deadline),
        "today": today,
        "may_write": tasking.may_write(person, task),
        "may_withdraw": tasking.may_withdraw(person, task),
        "may_decide": tasking.may_decide(person, task),
        "may_assign": can(person, "task.assign", task.anchor()),
        "may_cancel": tasking.may_cancel(person, task),
        "may_share_out": tasking.may_share_out(person, task),
        "acts": supervising.acts(person, task, light=light),
        "ledger": "task",
        "row": task,
        "papers": records.papers(task),
        "may_attach": records.may_attach(person, task),
        "history": records.history(task),
    }
    return render(request, "ledgers/task_detail.html", context)


# --- Writing


@gate("task.propose")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def task_new(request):
    """A new task, from an item of the key points when one is named: then it is half written."""
    person, unit = request.user, request.user.unit
    leads = forms.leads_for(person)
    people = forms.people_by_section(unit)
    if request.method != "POST":
        form = forms.TaskForm(unit=unit, leads=leads, initial=_from_item(request, leads))
        return _form_page(request, form, forms.Hands(**_hands(people)), forms.Steps(**_steps()))
    form = forms.TaskForm(request.POST, unit=unit, leads=leads)
    hands = forms.Hands(request.POST, **_hands(people))
    steps = forms.Steps(request.POST, **_steps())
    if form.is_valid() and hands.is_valid() and steps.is_valid():
        try:
            task = acts.propose(
                unit,
                **form.content(),
                handlers=hands.hands(),
                milestones=steps.steps(),
                by=person,
            )
            return _written(request, task)
        except Refused as refused:
            _put(form, refused)
    return _form_page(request, form, hands, steps, status=422)


@gate("task.read")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def task_edit(request, pk):
    task, person, unit = seen_task(request, pk), request.user, request.user.unit
    require(person, "task.propose", tasking.anchor_for(task.unit_id, task.lead_id))
    if task.state not in tasking.WRITTEN:
        return redirect("ledgers:task_detail", pk)
    leads, people = forms.leads_for(person, task), forms.people_by_section(unit)
    if request.method != "POST":
        initial = {name: getattr(task, name) for name in acts.CONTENT}
        initial |= {"seen": task.version, "supporting": [one.pk for one in task.supporting.all()]}
        form = forms.TaskForm(unit=unit, leads=leads, initial=initial)
        hands = forms.Hands(**_hands(people), initial=forms.hands_of(task))
        steps = forms.Steps(**_steps(), initial=forms.steps_of(task))
        return _form_page(request, form, hands, steps, task)
    form = forms.TaskForm(request.POST, unit=unit, leads=leads)
    hands = forms.Hands(request.POST, **_hands(people))
    steps = forms.Steps(request.POST, **_steps())
    status = 422
    if form.is_valid() and hands.is_valid() and steps.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            task = acts.change(
                pk,
                version=-1 if seen is None else seen,
                **form.content(),
                handlers=hands.hands(),
                milestones=steps.steps(),
                by=person,
            )
            return _written(request, task)
        except Refused as refused:
            _put(form, refused)
            status = 409 if refused.conflict else 422
    return _form_page(request, form, hands, steps, task, status=status)


def _hands(people) -> dict:
    return {"prefix": "hands", "form_kwargs": {"people": people}}


def _steps() -> dict:
    return {"prefix": "steps"}


def _from_item(request, leads) -> dict:
    """What an item of the key points says of the task that carries it out."""
    asked = request.GET.get("item", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        return _own(leads)
    rows = PlanItem.objects.filter(paper__unit=request.user.unit_id, paper__state="approved")
    item = rows.filter(paper__kind="points", pk=int(asked)).select_related("paper").first()
    if item is None:
        return _own(leads)
    own = {one.pk for one in leads}
    return _own(leads) | {
        "item_id": item.pk,
        "title": item.text.split("\n")[0].split("。")[0][:500],
        "source": _("%(paper)s %(number)s") % {"paper": item.paper, "number": item.number},
        **({"lead_id": item.lead_id} if item.lead_id in own else {}),
        **({"leader_id": item.leader_id} if item.leader_id else {}),
    }


def _own(leads) -> dict:
    """Who proposes for one section alone leads it, under the leader in charge of it."""
    if len(leads) != 1:
        return {}
    leader = next(iter(addressees.leaders_of([leads[0].pk])), None)
    return {"lead_id": leads[0].pk, "leader_id": leader and leader.pk}


def _put(form, refused: Refused) -> None:
    name = {"leader": "leader_id", "item": "item_id"}.get(refused.field, refused.field)
    form.add_error(name if name in form.fields else None, str(refused))


def _written(request, task):
    """Saved; filed as well when asked for. What cannot be filed yet stays a draft, with the
    reason: nothing that was written is lost."""
    if request.POST.get("move") == "file":
        try:
            acts.file(task.pk, version=task.version, by=request.user)
            messages.success(request, _("已报分管领导审批。"))
        except Refused as refused:
            messages.warning(request, _("已存草稿，还不能报批：%(why)s") % {"why": refused})
    else:
        messages.success(request, _("已存草稿。"))
    return redirect("ledgers:task_detail", task.pk)


def _form_page(request, form, hands, steps, task=None, *, status=200):
    context = {"form": form, "hands": hands, "steps": steps, "task": task}
    return render(request, "ledgers/task_form.html", context, status=status)


# --- Acts


def _act(move: str, pk: int, version: int, reason: str, by):
    plain = {
        "file": (acts.file, _("已报分管领导审批。")),
        "withdraw": (acts.withdraw, _("已撤回，可以接着改。")),
        "approve": (acts.approve, _("已立项，等督查室交办。")),
        "assign": (acts.assign, _("已交办，牵头科室科长会收到提醒。")),
    }
    reasoned = {
        "return": (acts.turn_back, _("已退回补正。")),
        "cancel": (acts.cancel, _("已取消。")),
    }
    if move in plain:
        act, said = plain[move]
        act(pk, version=version, by=by)
    elif move in reasoned:
        act, said = reasoned[move]
        act(pk, reason=reason, version=version, by=by)
    else:
        raise Http404
    return said


@gate("task.read")
@require_POST
@once
def task_act(request, pk):
    seen_task(request, pk)
    form = forms.SeenForm(request.POST)
    if not form.is_valid():
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    data = form.cleaned_data
    said = _act(data["move"], pk, data["seen"], data["reason"], request.user)
    messages.success(request, said)
    return redirect("ledgers:task_detail", pk)


@gate("task.read")
@require_http_methods(["GET", "HEAD", "POST"])
@once
def task_hands(request, pk):
    """Who handles a task under way, and at which share: put right by the chief, with a reason."""
    task, person = seen_task(request, pk), request.user
    require(person, "task.pass_on", task.anchor()._replace(state=State.RECEIVED))
    if not tasking.may_share_out(person, task):
        return redirect("ledgers:task_detail", pk)
    sections = [task.lead_id, *task.supporting.values_list("pk", flat=True)]
    people = forms.people_by_section(task.unit, sections)
    status, problem = 200, ""
    if request.method == "POST":
        hands = forms.Hands(request.POST, **_hands(people))
        seen = forms.SeenForm(request.POST)
        status = 422
        if seen.is_valid() and hands.is_valid():
            try:
                acts.share_out(
                    pk,
                    handlers=hands.hands(),
                    reason=seen.cleaned_data["reason"],
                    version=seen.cleaned_data["seen"],
                    by=person,
                )
                messages.success(request, _("已调整，分管领导和有关人员会收到提醒。"))
                return redirect("ledgers:task_detail", pk)
            except Refused as refused:
                problem, status = str(refused), 409 if refused.conflict else 422
    else:
        hands = forms.Hands(**_hands(people), initial=forms.hands_of(task))
    reason = request.POST.get("reason", "").replace("\x00", "")[:500]
    context = {"task": task, "hands": hands, "problem": problem, "reason": reason}
    return render(request, "ledgers/task_hands.html", context, status=status)
