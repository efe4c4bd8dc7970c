"""The supervision ledger: presses, returns, namings, line by line."""

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ledgers import records, supervising
from ledgers.actions import notes
from ledgers.listing import FilterForm, SearchField, listing
from ledgers.models import SupervisionNote
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from scheme.models import Section

WAITING = "waiting"


class NoteFilter(FilterForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("事项"),
        choices=[("", gettext_lazy("全部")), *SupervisionNote.Kind.choices],
    )
    section = forms.ModelChoiceField(
        label=gettext_lazy("科室"),
        queryset=Section.objects.none(),
        empty_label=gettext_lazy("全部"),
    )
    state = forms.ChoiceField(
        label=gettext_lazy("状态"),
        choices=[
            ("", gettext_lazy("全部")),
            (WAITING, gettext_lazy("待反馈")),
            *SupervisionNote.State.choices,
        ],
    )
    q = SearchField(label=gettext_lazy("任务或说明"))

    def __init__(self, request):
        super().__init__(request)
        self.fields["section"].queryset = Section.objects.filter(unit_id=request.user.unit_id)

    def narrow(self, rows):
        if kind := self.value("kind"):
            rows = rows.filter(kind=kind)
        if section := self.value("section"):
            rows = rows.filter(Q(section=section) | Q(section=None, task__lead=section))
        if (state := self.value("state")) == WAITING:
            rows = rows.unanswered()
        elif state:
            rows = rows.filter(state=state)
        if q := self.value("q"):
            found = Q(text__icontains=q) | Q(answer__icontains=q)
            rows = rows.filter(found | Q(task__number=q) | Q(task__title__icontains=q))
        return rows


@gate("supervision.read")
@require_safe
def note_list(request):
    form = NoteFilter(request)
    rows = SupervisionNote.objects.visible_to(request.user)
    rows = form.narrow(rows.select_related("task__lead", "section", "written_by"))
    found = listing(request, rows, form)
    context = {**found._asdict(), "ledger": "supervision"}
    return render(request, "ledgers/note_list.html", context)


@gate("supervision.read")
@require_safe
def note_detail(request, pk):
    return _page(request, _seen(request, pk))


# What is pressed: the action, and what is said when it is done.
WAYS = {
    "answer": (notes.answer, gettext_lazy("已反馈。")),
    "void": (notes.void, gettext_lazy("已作废，记的分由系统冲销。")),
    "restore": (notes.restore, gettext_lazy("已恢复。")),
}


@gate("supervision.read")
@require_POST
@once
def note_act(request, pk, act):
    note = _seen(request, pk)
    if act not in WAYS:
        raise Http404
    do, said = WAYS[act]
    form = supervising.SPOKEN[act].form(request.POST, row=note)
    if not form.is_valid():
        if "version" in form.errors:
            raise Refused(_("这一页已过期，请刷新后再提交。"))
        return _page(request, note, (act, form), status=422)
    do(pk, by=request.user, **form.cleaned_data)
    messages.success(request, said)
    return redirect("ledgers:note_detail", pk)


def _seen(request, pk) -> SupervisionNote:
    rows = SupervisionNote.objects.visible_to(request.user)
    related = ("unit", "task__lead", "section", "written_by", "answered_by")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def _page(request, note, tried=None, *, status=200):
    person = request.user
    acts = supervising.note_acts(person, note)
    if tried:
        name, form = tried
        others = [one for one in acts if one.name != name]
        acts = [supervising.spoken(name, note, form=form), *others]
    context = {
        "note": note,
        "acts": acts,
        "waits": supervising.waits(note),
        "section": note.section or (note.task and note.task.lead),
        "papers": records.papers(note),
        "may_attach": records.may_attach(person, note),
        "ledger": "supervision",
        "row": note,
        "history": records.history(note),
    }
    return render(request, "ledgers/note_detail.html", context, status=status)
