"""Forms of the regulations library."""

from django import forms
from django.utils.translation import gettext_lazy as _

from scheme import regulations
from scheme.models import Regulation, RegulationVersion, Section
from scheme.models.regulation import AREAS

DAY = {"type": "date", "min": "1949-10-01", "max": "2199-12-31"}


def day_box(**attrs):
    # A date box takes this form only, whatever the reader's language.
    return forms.DateInput(format="%Y-%m-%d", attrs=DAY | attrs)


class DayField(forms.DateField):
    def __init__(self, **more):
        super().__init__(widget=day_box(), **more)

    def clean(self, value):
        day = super().clean(value)
        if day and not 1949 <= day.year <= 2199:
            raise forms.ValidationError(_("年份不对。"))
        return day


class WordsForm(forms.Form):
    """What a version says."""

    text = forms.CharField(
        label=_("全文"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 22, "class": "long-text"}),
        help_text=_("整篇粘贴即可：每条另起一行，以“第一条”开头；“第一章”单独一行。条款自动分开。"),
    )
    document_no = forms.CharField(label=_("文号"), max_length=60, required=False)
    issued_on = DayField(label=_("印发日期"), required=False)
    effective_on = DayField(label=_("施行日期"), required=False)
    reason = forms.CharField(
        label=_("修订说明"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PlaceFields(forms.Form):
    """Where a regulation stands in the library."""

    area = forms.TypedChoiceField(label=_("方面"), coerce=int)
    number = forms.IntegerField(label=_("编号"), min_value=1, max_value=9999)
    title = forms.CharField(
        label=_("名称"), max_length=100, help_text=_("不带书名号；积分细则按这个名称引用。")
    )
    owner = forms.ModelChoiceField(label=_("负责科室"), queryset=Section.objects.none())

    def __init__(self, unit, sections, *args, **more):
        super().__init__(*args, **more)
        names = regulations.area_names(unit)
        self.fields["area"].choices = [(n, f"{n}　{name}") for n, name in names.items()]
        self.fields["owner"].queryset = sections

    def clean_title(self):
        return self.cleaned_data["title"].strip("《》 　")


class NewForm(PlaceFields, WordsForm):
    field_order = ["area", "number", "title", "owner", "text"]


class DescribeForm(PlaceFields):
    review_on = DayField(label=_("复审日期"), required=False)
    cited_bare = forms.BooleanField(label=_("积分细则只写“第几条”时，指的是这一项"), required=False)


class AbolishForm(forms.Form):
    effective_on = DayField(label=_("废止日期"))
    document_no = forms.CharField(label=_("文号"), max_length=60, required=False)
    reason = forms.CharField(
        label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReadersForm(forms.Form):
    readers = forms.ChoiceField(
        label=_("须阅读的人"),
        choices=RegulationVersion.Readers.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    sections = forms.ModelMultipleChoiceField(
        label=_("指定科室"),
        queryset=Section.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("选“指定科室”时勾选。"),
    )
    read_by = DayField(label=_("阅读期限"), required=False)

    def __init__(self, sections, *args, **more):
        super().__init__(*args, **more)
        self.fields["sections"].queryset = sections


class AreasForm(forms.Form):
    def __init__(self, unit, *args, **more):
        super().__init__(*args, **more)
        for number, name in regulations.area_names(unit).items():
            self.fields[f"area_{number}"] = forms.CharField(
                label=str(number), max_length=20, required=False, initial=name
            )

    def names(self) -> list[tuple[int, str]]:
        return [(n, self.cleaned_data[f"area_{n}"]) for n in range(1, AREAS + 1)]


def described(regulation: Regulation) -> dict:
    names = ("area", "number", "title", "owner", "review_on", "cited_bare")
    return {name: getattr(regulation, name) for name in names}
