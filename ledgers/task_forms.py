"""Forms of key tasks. Choices are lists read once: a formset of people asks nothing a row."""

from datetime import date
from decimal import Decimal
from itertools import groupby

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from ledgers import taskchecks, tasking
from ledgers.models import PlanItem, Task, TaskHandler
from ledgers.tasking import Hand, Step
from scheme import clock
from scheme.models import Appointment, Section, Staff, Unit
from scheme.offices import Office

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


class DayField(forms.DateField):
    """A day a calendar on the page can choose. Beyond it arithmetic with days overflows."""

    def __init__(self, **more):
        span = {"min": FIRST_DAY.isoformat(), "max": LAST_DAY.isoformat()}
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **span})
        super().__init__(widget=widget, **more)

    def clean(self, value):
        day = super().clean(value)
        if day and not FIRST_DAY <= day <= LAST_DAY:
            raise forms.ValidationError(_("年份不对。"))
        return day


class KeyField(forms.TypedChoiceField):
    """One row of a list that the page knows: the form asks the database nothing."""

    def __init__(self, **more):
        super().__init__(coerce=int, empty_value=None, choices=(), **more)


class KeysField(forms.TypedMultipleChoiceField):
    def __init__(self, **more):
        super().__init__(coerce=int, choices=(), **more)


class SeenForm(forms.Form):
    """An act on a row: the version that was read, and a reason where one is asked for."""

    move = forms.CharField(max_length=20)
    seen = forms.IntegerField(min_value=0, max_value=10**6)
    reason = forms.CharField(max_length=500, required=False)


def people_by_section(unit: Unit, sections=None) -> list[tuple[str, list]]:
    """Everybody in a section today, as grouped choices; only of these sections when given."""
    today = clock.today()
    rows = Staff.objects.filter(unit=unit).on_roll(today).with_section(today)
    rows = rows.exclude(section_id=None)
    if sections is not None:
        rows = rows.filter(section_id__in=sections)
    places = dict(Section.objects.filter(unit=unit).values_list("pk", "position"))
    people = sorted(
        rows.in_office_order(),
        key=lambda one: (places[one.section_id], one.section_id, one.sort_weight, one.staff_no),
    )
    groups = groupby(people, key=lambda one: one.section_name)
    return [(name, [(one.pk, one.name) for one in found]) for name, found in groups]


def leaders(unit: Unit) -> list[tuple[int, str]]:
    """Who may lead a task: whoever sits on the committee or has sections in charge."""
    held = Appointment.objects.on(clock.today()).filter(
        office__in=[Office.COMMITTEE_CHAIR, Office.COMMITTEE_MEMBER, Office.LEADER_IN_CHARGE]
    )
    rows = Staff.objects.filter(unit=unit, pk__in=held.values("staff")).in_office_order()
    return [(one.pk, one.name) for one in rows]


def items_to_carry_out(unit: Unit) -> list[tuple[str, list]]:
    """Items of the key points in force, by paper."""
    rows = PlanItem.objects.filter(
        paper__unit=unit, paper__kind="points", paper__state="approved"
    ).select_related("paper")
    rows = rows.order_by("-paper__year", "paper_id", "position")
    groups = groupby(rows, key=lambda item: item.paper)
    return [
        (paper.title, [(item.pk, f"{item.number}　{item.text[:40]}") for item in items])
        for paper, items in groups
    ]


class TaskForm(forms.Form):
    title = forms.CharField(label=_("任务"), max_length=500)
    number = forms.CharField(
        label=_("编号"), max_length=60, required=False, help_text=_("不填就按年度顺次编号。")
    )
    item_id = KeyField(
        label=_("要点条目"), required=False, help_text=_("分解要点的任务选这里，来源自动带出。")
    )
    source = forms.CharField(
        label=_("任务来源（依据）"),
        max_length=200,
        required=False,
        help_text=_("不出自要点的，写会议、文件或批示。"),
    )
    measures = forms.CharField(
        label=_("具体举措"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    lead_id = KeyField(label=_("牵头科室"))
    supporting = KeysField(label=_("配合科室"), required=False, widget=forms.CheckboxSelectMultiple)
    leader_id = KeyField(label=_("牵头领导"), required=False)
    difficulty = forms.TypedChoiceField(
        label=_("难度"), coerce=int, choices=[(n, str(n)) for n in range(1, 6)], initial=3,
        help_text=_("1最易，5最难；难度4以上的任务按细则加分。"),
    )  # fmt: skip
    urgency = forms.ChoiceField(label=_("紧急程度"), choices=Task.Urgency.choices)
    start_on = DayField(label=_("开始日期"), required=False)
    due_on = DayField(label=_("完成时限"))
    seen = forms.IntegerField(
        min_value=0, max_value=10**6, required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args, unit: Unit, leads: list[Section], **kwargs):
        super().__init__(*args, **kwargs)
        none = [("", "—")]
        sections = [(one.pk, one.name) for one in Section.objects.filter(unit=unit, closed_on=None)]
        choices = {
            "lead_id": [*(none if len(leads) > 1 else []), *((one.pk, one.name) for one in leads)],
            "supporting": sections,
            "leader_id": none + leaders(unit),
            "item_id": none + items_to_carry_out(unit),
        }
        for name, rows in choices.items():
            self.fields[name].choices = rows

    def content(self) -> dict:
        """What the actions take."""
        content = {k: v for k, v in self.cleaned_data.items() if k not in ("seen", "supporting")}
        return content | {"supporting": [pk for pk in self.cleaned_data["supporting"]]}


class HandForm(forms.Form):
    person = KeyField(label=_("人员"), required=False)
    role = forms.ChoiceField(label=_("角色"), choices=TaskHandler.Role.choices, required=False)
    share = forms.DecimalField(
        label=_("份额（%）"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=11,
        decimal_places=8,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", "—"), *people]


class BaseHands(BaseFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        # One handles, others help: so a blank row begins.
        if index:
            form.fields["role"].initial = TaskHandler.Role.JOINT

    def clean(self):
        rows = self._named()
        blank = [form for form in rows if form.cleaned_data.get("share") is None]
        if blank and len(blank) < len(rows):
            raise forms.ValidationError(_("份额要么都填，合计100；要么都不填，平均分。"))

    def _named(self) -> list:
        forms_ = [form for form in self.forms if form.is_valid()]
        return [form for form in forms_ if form.cleaned_data.get("person")]

    def hands(self) -> list[Hand]:
        """Whoever is named; shares that were left blank are equal, the first takes the rest."""
        rows = [form.cleaned_data for form in self._named()]
        shares = [row["share"] for row in rows]
        if rows and shares[0] is None:
            each = (Decimal(100) / len(rows)).quantize(Decimal("0.00000001"))
            shares = [100 - each * (len(rows) - 1), *[each] * (len(rows) - 1)]
        return [
            Hand(row["person"], row["role"] or TaskHandler.Role.MAIN.value, share)
            for row, share in zip(rows, shares, strict=True)
        ]


class StepForm(forms.Form):
    text = forms.CharField(label=_("节点要求"), max_length=300, required=False)
    due_on = DayField(label=_("时限"), required=False)
    target = forms.IntegerField(
        label=_("应达进度（%）"), required=False, min_value=1, max_value=100
    )

    def clean(self):
        given = [self.cleaned_data.get(name) for name in ("text", "due_on", "target")]
        if any(given) and not all(given) and not self.errors:
            raise forms.ValidationError(_("节点要写全：要求、时限、应达进度。"))
        return self.cleaned_data


class BaseSteps(BaseFormSet):
    def steps(self) -> list[Step]:
        rows = (form.cleaned_data for form in self.forms if form.cleaned_data)
        return [Step(r["text"], r["due_on"], r["target"]) for r in rows if r.get("text")]


def _of(form, base, most: int):
    return formset_factory(
        form, formset=base, extra=3, max_num=most, validate_max=True, absolute_max=most + 20
    )


Hands = _of(HandForm, BaseHands, taskchecks.MOST_HANDLERS)
Steps = _of(StepForm, BaseSteps, taskchecks.MOST_STEPS)


def hands_of(task: Task) -> list[dict]:
    rows = task.handlers.order_by("pk").values_list("person_id", "role", "share")
    return [
        {"person": person, "role": role, "share": f"{share.normalize():f}"}
        for person, role, share in rows
    ]


def steps_of(task: Task) -> list[dict]:
    return list(task.milestones.values("text", "due_on", "target"))


def leads_for(person: Staff, task: Task | None = None) -> list[Section]:
    """What the person may propose for; for one who changes a task also its own section."""
    found = tasking.proposable(person)
    if task and task.lead_id not in {one.pk for one in found}:
        found.append(task.lead)
    return found
