import re
from datetime import date

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledgers import circular_pages, circulating
from ledgers.listing import FilterForm, SearchField
from ledgers.models import Circular, CircularPart, Naming, Task
from scheme import clock
from scheme.models import Section

Kind = Circular.Kind
# 文号 as people type it, with whatever brackets.
_NUMBER = re.compile(r"(\D*)[〔\[（(【]([0-9]{4})[〕\]）)】]\s*([0-9]{1,6})号?")
# How many months back a circular may be drafted for.
BACK = 12
# What a version or a key may be at most; longer figures are no number of ours.
MOST = 2**31 - 1


def months() -> list[date]:
    """First days of months, this one first."""
    today = clock.today()
    count = today.year * 12 + today.month - 1
    return [date((count - n) // 12, (count - n) % 12 + 1, 1) for n in range(BACK + 1)]


class CircularFilter(FilterForm):
    q = SearchField(label=_("标题或文号"))
    kind = forms.ChoiceField(label=_("类型"), choices=[("", _("全部")), *Kind.choices])
    year = forms.ChoiceField(label=_("年份"))
    state = forms.ChoiceField(label=_("状态"), choices=[("", _("全部")), *Circular.State.choices])

    def __init__(self, request):
        super().__init__(request)
        present = clock.today().year
        years = [(str(year), str(year)) for year in range(present, present - 6, -1)]
        self.fields["year"].choices = [("", _("全部")), *years]

    def filter(self, rows):
        if kind := self.value("kind"):
            rows = rows.filter(kind=kind)
        if year := self.value("year"):
            rows = rows.filter(period__startswith=year)
        if state := self.value("state"):
            rows = rows.filter(state=state)
        if asked := str(self.value("q")):
            number = _NUMBER.fullmatch(asked)
            if number:
                mark, year, serial = number.groups()
                return rows.filter(mark__endswith=mark, year=int(year), serial=int(serial))
            rows = rows.filter(Q(title__contains=asked) | Q(mark__contains=asked))
        return rows


class NewForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("类型"),
        choices=[(kind.value, kind.label) for kind in (Kind.MONTHLY, Kind.ADOPTION)],
        widget=forms.RadioSelect,
    )
    month = forms.ChoiceField(label=_("月份"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        choices = [(f"{one:%Y-%m}", f"{one:%Y-%m}") for one in months()]
        self.fields["month"].choices = choices

    def clean_month(self):
        return circulating.month_of(self.cleaned_data["month"])


class TextForm(forms.Form):
    """The head, and a field for each heading, paragraph and naming of the circular."""

    seen = forms.IntegerField(min_value=0, max_value=MOST, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("标题"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("长标题可以自己换行；不换行的，打印时排成梯形。"),
    )
    addressed_to = forms.CharField(label=_("主送"), max_length=200)
    signed_as = forms.CharField(label=_("落款"), max_length=100)

    def __init__(self, circular: Circular, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.circular = circular
        self.parts = list(circular.parts.all())
        rows = circular.namings.select_related("section", "task")
        self.namings = list(rows.order_by("section__position", "section_id", "pk"))
        for name in ("title", "addressed_to", "signed_as"):
            self.fields[name].initial = getattr(circular, name)
        self.fields["seen"].initial = circular.version
        for part in self.parts:
            if part.kind != CircularPart.Kind.TABLE:
                self.fields[f"part-{part.pk}"] = self._of_part(part)
        for naming in self.namings:
            widget = forms.Textarea(attrs={"rows": 2})
            self.fields[f"naming-{naming.pk}"] = forms.CharField(
                label=naming.section.name,
                required=False,
                max_length=circulating.LONGEST_NAMING,
                initial=naming.text,
                widget=widget,
            )

    def _of_part(self, part: CircularPart) -> forms.CharField:
        if part.kind == CircularPart.Kind.HEADING:
            return forms.CharField(
                label=_("标题"), required=False, max_length=100, initial=part.text
            )
        rows = min(14, 2 + len(part.text) // 45 + part.text.count("\n"))
        return forms.CharField(
            label=_("段落"),
            required=False,
            max_length=4000,
            initial=part.text,
            widget=forms.Textarea(attrs={"rows": rows}),
        )

    def rows(self) -> list[dict]:
        """In the order of the text: part, its field, and the namings that stand under it."""
        made = []
        for part in self.parts:
            of_part = [one for one in self.namings if one.kind == part.key]
            made.append(
                {
                    "part": part,
                    "field": self[f"part-{part.pk}"] if part.kind != "table" else None,
                    "table": circular_pages.table(part.table) if part.table else None,
                    "now": part.drafted if part.text != part.drafted else "",
                    "place": part.key if part.key in Naming.Kind.values else "",
                    "namings": [(one, self[f"naming-{one.pk}"]) for one in of_part],
                }
            )
        return made

    def elsewhere(self) -> list[tuple]:
        """Namings of a circular whose text has no place for them."""
        places = {part.key for part in self.parts}
        rows = [one for one in self.namings if one.kind not in places]
        return [(one, self[f"naming-{one.pk}"]) for one in rows]

    def content(self) -> dict:
        data = self.cleaned_data
        return {
            "title": data["title"],
            "addressed_to": data["addressed_to"],
            "signed_as": data["signed_as"],
            "texts": _by_key(data, "part-"),
            "namings": _by_key(data, "naming-"),
            "version": data["seen"],
        }


def _by_key(data: dict, prefix: str) -> dict[int, str]:
    return {int(k.removeprefix(prefix)): v for k, v in data.items() if k.startswith(prefix)}


class NamingForm(forms.Form):
    seen = forms.IntegerField(min_value=0, max_value=MOST, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=_("性质"), choices=[(k.value, k.label) for k in reversed(Naming.Kind)]
    )
    section = forms.ModelChoiceField(Section.objects.none(), label=_("科室"))
    number = forms.CharField(
        label=_("任务编号"),
        required=False,
        max_length=60,
        help_text=_("因哪项重点任务；与任务无关的不填。"),
    )
    text = forms.CharField(
        label=_("事项和原因"),
        max_length=circulating.LONGEST_NAMING,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, circular: Circular, *args, **kwargs):
        super().__init__(*args, label_suffix="", auto_id="id_naming_%s", **kwargs)
        self.circular = circular
        self.fields["seen"].initial = circular.version
        self.fields["section"].queryset = Section.objects.filter(
            unit=circular.unit_id, closed_on=None
        ).order_by("position", "pk")

    def clean(self):
        data = super().clean()
        data["task"] = None
        if number := data.pop("number", ""):
            found = Task.objects.filter(unit=self.circular.unit_id, number=number).first()
            if found is None:
                self.add_error("number", _("台账里没有这个编号。"))
            data["task"] = found
        return data


class StepForm(forms.Form):
    """What every step of a circular carries: the version that was seen."""

    seen = forms.IntegerField(min_value=0, max_value=MOST)


def seen(request) -> int:
    """The version that stood on the page; one that never was for anything that is no number."""
    form = StepForm(request.POST)
    return form.cleaned_data["seen"] if form.is_valid() else -1
