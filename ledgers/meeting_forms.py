"""Forms of meetings and of what is put forward at them."""

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ledgers import task_forms as tasks
from ledgers.listing import FilterForm, SearchField
from ledgers.models import Meeting, Suggestion
from ledgers.task_forms import DayField, KeyField
from scheme import clock
from scheme.models import Section, Unit


class MeetingFilter(FilterForm):
    q = SearchField(label=_("找字"))
    kind = forms.ChoiceField(label=_("类型"), choices=[("", _("全部")), *Meeting.Kind.choices])
    year = forms.ChoiceField(label=_("年份"))
    state = forms.ChoiceField(label=_("状态"), choices=[("", _("全部")), *Meeting.State.choices])

    def __init__(self, request):
        super().__init__(request)
        present = clock.today().year
        years = [(str(year), str(year)) for year in range(present + 1, present - 6, -1)]
        self.fields["year"].choices = [("", _("全部")), *years]

    def filter(self, rows):
        if asked := self.value("q"):
            said = Exists(Suggestion.objects.filter(meeting=OuterRef("pk"), text__contains=asked))
            rows = rows.filter(Q(title__contains=asked) | Q(record__contains=asked) | said)
        if kind := self.value("kind"):
            rows = rows.filter(kind=kind)
        if year := self.value("year"):
            rows = rows.filter(day__year=int(year))
        if state := self.value("state"):
            rows = rows.filter(state=state)
        return rows


class MeetingForm(forms.Form):
    kind = forms.ChoiceField(label=_("类型"), choices=Meeting.Kind.choices)
    title = forms.CharField(label=_("名称"), max_length=200)
    day = DayField(label=_("日期"))
    place = forms.CharField(label=_("地点"), max_length=100, required=False)
    chaired_by_id = KeyField(label=_("主持人"), required=False)
    record = forms.CharField(
        label=_("记录"),
        max_length=20000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("务虚会只记意见，不作决定；开过以后也可以补正，改动留痕。"),
    )
    seen = forms.IntegerField(
        min_value=0, max_value=10**6, required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args, unit: Unit, new: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chaired_by_id"].choices = [("", "—"), *tasks.leaders(unit)]
        # A meeting stays what it was called as; its record comes afterwards.
        del self.fields["record" if new else "kind"]

    def content(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class SuggestionForm(forms.Form):
    text = forms.CharField(
        label=_("意见建议"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    section_id = KeyField(label=_("有关科室"), required=False)
    raised_by_id = KeyField(label=_("提出人"), required=False, help_text=_("不选就不具名。"))

    def __init__(self, *args, unit: Unit, keeps: bool, **kwargs):
        super().__init__(*args, **kwargs)
        sections = Section.objects.filter(unit=unit, closed_on=None)
        rows = [(one.pk, one.name) for one in sections]
        self.fields["section_id"].choices = [("", "—"), *rows]
        if keeps:
            leaders = tasks.leaders(unit)
            people = [(_("部领导"), leaders), *tasks.people_by_section(unit)]
            self.fields["raised_by_id"].choices = [("", "—"), *people]
        else:
            # One's own stands under one's own name.
            del self.fields["raised_by_id"]


class AnswerForm(tasks.SeenForm):
    paper = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    item = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    back = forms.CharField(required=False, max_length=10)
