"""Forms of reports and key points: a paper's text to be taken apart, then its items as rows."""

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from ledgers import planning
from ledgers import task_forms as tasks
from ledgers.actions.plans import FIRST_YEAR, LAST_YEAR, MOST_ITEMS, Item
from ledgers.models import PlanItem, PlanPaper
from ledgers.task_forms import KeyField
from scheme.models import Section, Unit

MOST_TEXT = 60_000


def _text(label, rows: int, **more) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, widget=widget, required=False, **more)


class DraftForm(forms.Form):
    kind = forms.ChoiceField(label=_("类型"), choices=PlanPaper.Kind.choices)
    year = forms.IntegerField(label=_("年度"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    title = forms.CharField(label=_("名称"), max_length=200)
    text = _text(
        _("正文"),
        16,
        max_length=MOST_TEXT,
        help_text=_("整篇粘贴，按“一、”“（一）”“1.”拆成板块和条目；下一步逐条核对。"),
    )


class PaperForm(forms.Form):
    title = forms.CharField(label=_("名称"), max_length=200)
    intro = _text(_("引言"), 3, max_length=4000)
    more = _text(
        _("再粘贴一段"), 4, max_length=MOST_TEXT, help_text=_("拆开后接在最后，存好再核对。")
    )
    seen = forms.IntegerField(min_value=0, max_value=10**6, widget=forms.HiddenInput)


class ItemForm(forms.Form):
    pk = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    number = forms.CharField(label=_("序号"), max_length=30, required=False)
    heading = forms.CharField(label=_("板块"), max_length=100, required=False)
    text = _text(_("内容"), 3, max_length=2000)
    lead_id = KeyField(label=_("牵头科室"), required=False)
    leader_id = KeyField(label=_("牵头领导"), required=False)
    source_id = KeyField(label=_("来自报告"), required=False)

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        for name, rows in choices.items():
            if rows:
                self.fields[name].choices = [("", "—"), *rows]
            else:
                del self.fields[name]


class BaseItems(BaseFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("次序")
        form.fields["ORDER"].max_value = 10**6
        form.fields["DELETE"].label = _("删掉")

    def items(self) -> list[Item]:
        """Rows with a text and those that were there; a row without an order comes last."""
        found = []
        for place, form in enumerate(self.forms):
            data = form.cleaned_data
            if not data or data.get("DELETE") or not (data.get("text") or data.get("pk")):
                continue
            order = data.get("ORDER")
            names = ("text", "number", "heading", "lead_id", "leader_id", "source_id", "pk")
            given = {name: data.get(name) for name in names}
            given["number"], given["heading"] = given["number"] or "", given["heading"] or ""
            found.append(Item(order=10**6 + place if order is None else order, **given))
        return found


Items = formset_factory(
    ItemForm,
    formset=BaseItems,
    extra=2,
    can_order=True,
    can_delete=True,
    max_num=MOST_ITEMS,
    validate_max=True,
    absolute_max=MOST_ITEMS + 20,
)


def choices_of(unit: Unit, paper: PlanPaper) -> dict[str, list]:
    """The same lists for every row."""
    sections = Section.objects.filter(unit=unit, closed_on=None)
    return {
        "lead_id": [(one.pk, one.name) for one in sections],
        "leader_id": tasks.leaders(unit),
        "source_id": [
            (item.pk, f"{item.number}　{item.text[:16]}") for item in planning.source_items(paper)
        ],
    }


def rows_of(paper: PlanPaper) -> list[dict]:
    names = ("pk", "number", "heading", "text", "lead_id", "leader_id", "source_id")
    rows = PlanItem.objects.filter(paper=paper).order_by("position").values(*names, "position")
    return [{**row, "ORDER": row["position"] * 10} for row in rows]
