"""The ledger of key tasks as a list, and as the office prints it."""

from django import forms
from django.db.models import F
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ledgers import task_queries
from ledgers.lights import Colour
from ledgers.listing import FilterForm, SearchField, listing
from ledgers.models import Task
from scheme import clock
from scheme.access import can, gate
from scheme.models import Section

MOST_PRINTED = 500
YEARS = 5
ANY = gettext_lazy("全部")


class TaskFilter(FilterForm):
    year = forms.ChoiceField(label=gettext_lazy("年度"))
    section = forms.ChoiceField(label=gettext_lazy("科室"))
    part = forms.ChoiceField(
        label=gettext_lazy("角色"),
        choices=[
            ("", gettext_lazy("牵头或配合")),
            ("lead", gettext_lazy("牵头")),
            ("joint", gettext_lazy("配合")),
            ("mine", gettext_lazy("我承办的")),
        ],
    )
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        choices=[
            ("", gettext_lazy("在册的")),
            ("running", gettext_lazy("没办结的")),
            ("proposed", gettext_lazy("拟立项的")),
            *Task.State.choices,
        ],
    )
    light = forms.ChoiceField(label=gettext_lazy("亮灯"), choices=[("", ANY), *Colour.choices])
    due = forms.ChoiceField(
        label=gettext_lazy("时限"),
        choices=[
            ("", ANY),
            ("late", gettext_lazy("已过时限")),
            ("week", gettext_lazy("7天内到期")),
            ("month", gettext_lazy("30天内到期")),
        ],
    )
    q = SearchField(label=gettext_lazy("编号或字词"))

    def __init__(self, request, **kwargs):
        super().__init__(request, **kwargs)
        person = request.user
        this = clock.today().year
        sections = Section.objects.visible_to(person).values_list("pk", "name")
        self.fields["year"].choices = [
            ("", ANY),
            *((str(year), str(year)) for year in range(this + 1, this - YEARS, -1)),
        ]
        self.fields["section"].choices = [("", ANY), *((str(pk), name) for pk, name in sections)]


def _found(request, form: TaskFilter):
    """The rows the filters leave."""
    person, today = request.user, clock.today()
    rows = task_queries.with_due(Task.objects.visible_to(person))
    rows = rows.filter(task_queries.in_state(form.value("state")))
    part = form.value("part")
    if year := form.value("year"):
        rows = rows.filter(due_on__year=int(year))
    if section := form.value("section"):
        rows = rows.filter(task_queries.of_section(int(section), part))
    if part == "mine":
        rows = rows.filter(task_queries.of_person(person))
    if due := form.value("due"):
        rows = rows.filter(task_queries.due_within(due, today))
    if words := form.value("q"):
        rows = rows.filter(task_queries.worded(words))
    return task_queries.ready(rows)


@gate("task.read")
@require_safe
def task_list(request):
    form = TaskFilter(request)
    # What is to be done comes first, by its day; what is done after it, the latest first.
    order = (F("closed_on").desc(nulls_first=True), "due", "number", "pk")
    found, burning, today = _found(request, form).order_by(*order), None, clock.today()
    if colour := form.value("light"):
        found, burning = task_queries.of_colour(found, colour, today)
    page = listing(request, found, form)
    state, mine = form.value("state"), form.value("part") == "mine"
    url = reverse("ledgers:task_list")
    tabs = [
        {"label": _("台账"), "url": url, "current": not state and not mine},
        {"label": _("没办结的"), "url": f"{url}?state=running", "current": state == "running"},
        {"label": _("拟立项的"), "url": f"{url}?state=proposed", "current": state == "proposed"},
        {"label": _("我承办的"), "url": f"{url}?part=mine", "current": mine},
    ]
    context = {
        "form": form,
        "page_obj": page.page_obj,
        "total": page.total,
        "rows": task_queries.shown(page.page_obj, today, burning=burning),
        "tabs": tabs,
        "may_propose": can(request.user, "task.propose"),
        "query": request.GET.urlencode(),
    }
    return render(request, "ledgers/task_list.html", context)


@gate("task.read")
@require_safe
def task_print(request):
    """The whole ledger under the same filters, in the columns the office keeps, to be printed."""
    form, today = TaskFilter(request), clock.today()
    found, burning = _found(request, form).order_by("number", "pk"), None
    if colour := form.value("light"):
        found, burning = task_queries.of_colour(found, colour, today)
    tasks = list(found[: MOST_PRINTED + 1])
    latest = task_queries.latest_of(tasks)
    rows = task_queries.shown(tasks[:MOST_PRINTED], today, burning=burning, latest=latest)
    context = {
        "rows": rows,
        "today": today,
        "query": request.GET.urlencode(),
        "cut": len(tasks) > MOST_PRINTED,
        "most": MOST_PRINTED,
    }
    return render(request, "ledgers/task_print.html", context)
