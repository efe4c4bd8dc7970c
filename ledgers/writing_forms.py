"""Forms of writing, projects and promotions, and the filters of their lists."""

from datetime import date

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ledgers.filefields import FilesField
from ledgers.listing import FilterForm, SearchField
from ledgers.models import (
    Innovation,
    Level,
    Promotion,
    PromotionCredit,
    WritingCredit,
    WritingItem,
)
from scheme import clock, periods
from scheme.models import Section, SectionMembership, Staff

DATE = {"type": "date", "min": "2000-01-01", "max": "2199-12-31"}
HALVES = 6


class DayField(forms.DateField):
    """A day in the years the calendar knows."""

    def __init__(self, **kwargs):
        super().__init__(widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"), **kwargs)

    def clean(self, value):
        day: date | None = super().clean(value)
        if day and not 2000 <= day.year <= 2199:
            raise forms.ValidationError(_("年份不对。"))
        return day


class ProvedForm(forms.Form):
    """A form whose row hangs its proofs on itself: files come with it, some are taken off."""

    drop = forms.MultipleChoiceField(
        label=_("去掉的材料"), required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.IntegerField(required=False, min_value=0, max_value=10**6)
    OWN: tuple[str, ...] = ()
    # What a row without proof is told when it is to be filed; empty where none is asked for.
    unproved = ""

    def __init__(self, *args, papers=(), **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.papers = list(papers)
        self.fields["seen"].widget = forms.HiddenInput()
        self.fields["drop"].choices = [(str(one.pk), one.name) for one in self.papers]

    @property
    def filing(self) -> bool:
        return self.data.get("move") == "file"

    def clean(self):
        data = super().clean()
        left = len(self.papers) - len(data.get("drop", ()))
        bare = "files" not in self.errors and not data.get("files") and left <= 0
        if self.filing and self.unproved and bare:
            self.add_error("files", self.unproved)
        return data

    def content(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.OWN}


class WritingForm(ProvedForm):
    OWN = ("title", "kind", "carrier", "issue_no", "level", "adopted_on", "note")
    unproved = _("请附上采用证明，没有证明不计分。")

    title = forms.CharField(
        label=_("标题"), max_length=500, help_text=_("照刊物上的写，同一稿件才认得出来。")
    )
    kind = forms.ChoiceField(
        label=_("类型"), choices=WritingItem.Kind.choices, widget=forms.RadioSelect
    )
    carrier = forms.CharField(
        label=_("载体"),
        max_length=200,
        help_text=_("采用的刊物、简报或媒体。"),
        widget=forms.TextInput(attrs={"list": "carriers", "autocomplete": "off"}),
    )
    issue_no = forms.CharField(label=_("期号"), max_length=50, required=False)
    level = forms.ChoiceField(label=_("级别"), choices=Level.choices, widget=forms.RadioSelect)
    adopted_on = DayField(
        label=_("采用日期"), help_text=_("刊出那天。补报的照样填，按这一天计入季度。")
    )
    note = forms.CharField(label=_("备注"), max_length=300, required=False)
    files = FilesField(
        label=_("采用证明"),
        required=False,
        help_text=_("版面、采用通知或截图，可一次选多份。PDF、图片、Word、Excel、OFD。"),
    )


class InnovationForm(ProvedForm):
    OWN = ("title", "section", "novelty")

    title = forms.CharField(label=_("项目名称"), max_length=500)
    section = forms.ModelChoiceField(
        label=_("科室"), queryset=Section.objects.none(), empty_label=_("请选择")
    )
    novelty = forms.CharField(
        label=_("新在哪里"),
        max_length=2000,
        help_text=_("原来怎么做，现在怎么做，为什么说是新的。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    files = FilesField(label=_("立项材料"), required=False, help_text=_("方案、请示等，有就附上。"))

    def __init__(self, *args, person: Staff, **kwargs):
        super().__init__(*args, **kwargs)
        rows = Section.objects.visible_to(person).filter(closed_on=None)
        self.fields["section"].queryset = rows


class ResultForm(forms.Form):
    effect = forms.CharField(
        label=_("成效"),
        max_length=3000,
        help_text=_("解决了什么，有什么数字，谁在用。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    effect_on = DayField(label=_("见效日期"))
    files = FilesField(label=_("证明材料"), required=False, help_text=_("第一次登记必须附。"))
    seen = forms.IntegerField(min_value=0, max_value=10**6, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)


class PromotionForm(ProvedForm):
    OWN = ("where", "level", "promoted_on")
    unproved = _("请附上推广证明，没有证明不计分。")

    where = forms.CharField(
        label=_("推广单位"), max_length=200, help_text=_("谁采用了这个做法，或谁发文推广。")
    )
    level = forms.ChoiceField(label=_("级别"), choices=Level.choices, widget=forms.RadioSelect)
    promoted_on = DayField(label=_("推广日期"), help_text=_("发文或对方采用的那天。"))
    files = FilesField(
        label=_("推广证明"),
        required=False,
        help_text=_("发文、通报或对方的证明。PDF、图片、Word、Excel、OFD。"),
    )


class DecideForm(forms.Form):
    """A step of the one who decides, or of the one who filed."""

    move = forms.CharField(max_length=10)
    seen = forms.IntegerField(min_value=0, max_value=10**6)
    reason = forms.CharField(required=False)


# --- Filters


def _halves() -> list[tuple[str, str]]:
    day, found = clock.today(), []
    for _half in range(HALVES):
        code = periods.half_of(day)
        found.append((code, periods.half_name(code)))
        day = periods.half_span(periods.half_before(day)).first
    return found


class _Filter(FilterForm):
    """Half-year, level, section, person, state, words: what all three lists share. `days` and
    `words` name the fields of the row."""

    mine = forms.BooleanField(label=_("只看我的"))
    half = forms.ChoiceField(label=_("半年"))
    level = forms.ChoiceField(label=_("级别"), choices=[("", _("全部")), *Level.choices])
    state = forms.ChoiceField(label=_("状态"))
    section = forms.ModelChoiceField(
        label=_("科室"), queryset=Section.objects.none(), empty_label=_("全部")
    )
    person = SearchField(label=_("人员"))
    q = SearchField(label=_("找字"))

    states: type
    days = ""
    words: tuple[str, ...] = ()

    def __init__(self, request, **kwargs):
        super().__init__(request, **kwargs)
        self.reader = request.user
        self.fields["section"].queryset = Section.objects.visible_to(request.user)
        self.fields["state"].choices = [("", _("全部")), *self.states.choices]
        if "half" in self.fields:
            self.fields["half"].choices = [("", _("全部")), *_halves()]

    def chosen_rows(self, rows):
        if state := self.value("state"):
            rows = rows.filter(state=state)
        else:
            rows = rows.exclude(state="void")
        if "level" in self.fields and (level := self.value("level")):
            rows = rows.filter(level=level)
        if "half" in self.fields and (half := self.value("half")):
            span = periods.half_span(half)
            days = {f"{self.days}__gte": span.first, f"{self.days}__lt": span.until}
            rows = rows.filter(**days)
        if words := self.value("q"):
            found = Q()
            for name in self.words:
                found |= Q(**{f"{name}__icontains": words})
            rows = rows.filter(found)
        return rows

    def people(self) -> Q | None:
        """Persons by name, number or pinyin, as a condition on staff."""
        asked = self.value("person").lower() if self.value("person") else ""
        if not asked:
            return None
        return (
            Q(name__icontains=asked)
            | Q(staff_no__icontains=asked)
            | Q(name_key__startswith=asked)
            | Q(name_key__contains=f" {asked}")
        )


def _credited(model, row: str, condition: Q) -> Exists:
    return Exists(model.objects.filter(condition, **{row: OuterRef("pk")}))


def _of_section(section: Section, day: str) -> Q:
    """Credited itself, or through somebody who was in it that day."""
    held = SectionMembership.objects.filter(
        Q(end_on=None) | Q(end_on__gt=OuterRef(day)),
        staff=OuterRef("person"),
        section=section,
        start_on__lte=OuterRef(day),
    )
    return Q(section=section) | Q(Exists(held))


class _CreditedFilter(_Filter):
    credits: type
    row = ""

    def chosen_rows(self, rows):
        rows = super().chosen_rows(rows)
        if section := self.value("section"):
            day = f"{self.row}__{self.days}"
            rows = rows.filter(_credited(self.credits, self.row, _of_section(section, day)))
        people = self.people()
        if people is not None:
            named = Q(person__in=Staff.objects.visible_to(self.reader).filter(people))
            rows = rows.filter(_credited(self.credits, self.row, named))
        if self.value("mine"):
            own = _credited(self.credits, self.row, Q(person=self.reader))
            rows = rows.filter(Q(filed_by=self.reader) | Q(own))
        return rows


class WritingFilter(_CreditedFilter):
    kind = forms.ChoiceField(label=_("类型"), choices=[("", _("全部")), *WritingItem.Kind.choices])
    carrier = SearchField(label=_("载体"))
    field_order = ("half", "kind", "level", "carrier", "section", "person", "state", "q", "mine")

    states, days, words = WritingItem.State, "adopted_on", ("title", "issue_no", "note")
    credits, row = WritingCredit, "item"

    def chosen_rows(self, rows):
        rows = super().chosen_rows(rows)
        if kind := self.value("kind"):
            rows = rows.filter(kind=kind)
        if carrier := self.value("carrier"):
            rows = rows.filter(carrier__icontains=carrier)
        return rows


class PromotionFilter(_CreditedFilter):
    field_order = ("half", "level", "section", "person", "state", "q", "mine")

    states, days, words = Promotion.State, "promoted_on", ("project", "where")
    credits, row = PromotionCredit, "promotion"


class InnovationFilter(_Filter):
    half = None
    reached = forms.ChoiceField(
        label=_("推广到"), choices=[("", _("全部")), *Level.choices, ("none", _("还没有推广"))]
    )
    level = None
    field_order = ("section", "person", "reached", "state", "q", "mine")

    states, words = Innovation.State, ("title", "number", "novelty", "effect")

    def chosen_rows(self, rows):
        rows = super().chosen_rows(rows)
        if section := self.value("section"):
            rows = rows.filter(section=section)
        people = self.people()
        if people is not None:
            named = Staff.objects.visible_to(self.reader).filter(people)
            rows = rows.filter(Exists(_takes_part(staff__in=named)))
        if reached := self.value("reached"):
            verified = Promotion.objects.filter(innovation=OuterRef("pk"), state="verified")
            if reached == "none":
                rows = rows.filter(~Exists(verified))
            else:
                rows = rows.filter(Exists(verified.filter(level=reached)))
        if self.value("mine"):
            rows = rows.filter(Q(filed_by=self.reader) | Q(Exists(_takes_part(staff=self.reader))))
        return rows


def _takes_part(**who):
    return Innovation.people.through.objects.filter(innovation=OuterRef("pk"), **who)
