"""Forms of study sessions and talks. Lists of people are read once."""

from datetime import date
from decimal import Decimal

from django import forms
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from ledgers.actions import ratings, study, talks
from ledgers.listing import FilterForm, SearchField
from ledgers.models import StudySession, Talk
from ledgers.task_forms import DayField, KeyField, leaders, people_by_section
from scheme import clock, periods
from scheme.models import Staff, Unit

MOST_HALVES = 40


def halves(rows, today: date) -> list[tuple[str, str]]:
    """Half-years from the first row's to the latest, newest first; the present one always."""
    span = rows.order_by().aggregate(first=Min("day"), last=Max("day"))
    code = periods.half_of(max(span["last"] or today, today))
    first = periods.half_of(min(span["first"] or today, today))
    found = [code]
    while found[-1] != first and len(found) < MOST_HALVES:
        found.append(periods.half_before(periods.half_span(found[-1]).first))
    return [(one, periods.half_name(one)) for one in found]


class LedgerFilter(FilterForm):
    half = forms.ChoiceField(label=_("半年"))
    state = forms.ChoiceField(label=_("状态"))
    q = SearchField(label=_("字词"))

    def __init__(self, request, model, **kwargs):
        super().__init__(request, **kwargs)
        rows = model.objects.visible_to(request.user)
        any_half, any_state = ("", _("全部")), ("", _("没有作废的"))
        self.fields["half"].choices = [any_half, *halves(rows, clock.today())]
        self.fields["state"].choices = [any_state, *model.State.choices]

    def narrowed(self, rows):
        """By half-year and state; void ones only when asked for."""
        if half := self.value("half"):
            span = periods.half_span(half)
            rows = rows.filter(day__gte=span.first, day__lt=span.until)
        state = self.value("state")
        return rows.filter(state=state) if state else rows.exclude(state="void")


class HalfForm(FilterForm):
    """One half-year, the present one unless another is chosen."""

    half = forms.ChoiceField(label=_("半年"))

    def __init__(self, request, **kwargs):
        super().__init__(request, **kwargs)
        today = clock.today()
        rows = StudySession.objects.visible_to(request.user)
        self.fields["half"].choices = halves(rows, today)
        self.fields["half"].initial = periods.half_of(today)

    @property
    def code(self) -> str:
        return self.value("half") or self.fields["half"].initial


class SeenForm(forms.Form):
    """The version that was read, and a reason where one is asked for."""

    seen = forms.IntegerField(min_value=0, max_value=10**6, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("理由"), required=False, max_length=talks.REASON)


def everybody(unit: Unit) -> list[tuple[str, list]]:
    """The leaders, who are in no section, and then everybody by section."""
    return [(_("部领导"), leaders(unit)), *people_by_section(unit)]


class SessionForm(forms.Form):
    day = DayField(label=_("日期"))
    until = DayField(
        label=_("每周一次，到"),
        required=False,
        help_text=_("填了就从第一次起每周同一天各安排一次，休息日和已有安排的日子跳过。"),
    )
    topic = forms.CharField(
        label=_("主题"), max_length=study.LIMITS["topic"], widget=forms.Textarea(attrs={"rows": 2})
    )
    place = forms.CharField(label=_("地点"), max_length=study.LIMITS["place"], required=False)
    host_id = KeyField(label=_("主持人"), required=False)
    contents = forms.CharField(
        label=_("学习内容"),
        max_length=study.LIMITS["contents"],
        required=False,
        help_text=_("篇目、文件号、讨论题。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    reason = forms.CharField(label=_("更正理由"), max_length=study.REASON, required=False)
    seen = forms.IntegerField(
        min_value=0, max_value=10**6, required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args, unit: Unit, session: StudySession | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        people = everybody(unit)
        if session and session.host:
            # Who has left since stays the host of what they hosted.
            people.append((_("现在登记的"), [(session.host_id, session.host.name)]))
        self.fields["host_id"].choices = [("", "—"), *people]
        if session:
            del self.fields["until"]
        if not session or session.state == StudySession.State.PLANNED:
            del self.fields["reason"]

    def content(self) -> dict:
        """What the actions take."""
        given = {name: self.cleaned_data[name] for name in ("day", "topic", "place", "contents")}
        return given | {"host": Staff.objects.filter(pk=self.cleaned_data["host_id"]).first()}


class AttendanceForm(SeenForm):
    """Who was missing, by key; any number of boxes under one name."""

    missed = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args, keys, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["missed"].choices = [(key, key) for key in keys]


class TalkForm(SeenForm):
    day = DayField(label=_("日期"))
    speaker_id = KeyField(label=_("主讲人"))
    title = forms.CharField(label=_("题目"), max_length=talks.LIMITS["title"], required=False)
    summary = forms.CharField(
        label=_("内容提要"),
        max_length=talks.LIMITS["summary"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = ("day", "speaker_id", "title", "summary", "reason", "seen")

    def __init__(self, *args, talk: Talk, **kwargs):
        super().__init__(*args, **kwargs)
        people = people_by_section(talk.unit)
        if all(talk.speaker_id != pk for _name, group in people for pk, _label in group):
            people.append((_("现在登记的"), [(talk.speaker_id, talk.speaker.name)]))
        self.fields["speaker_id"].choices = people
        self.fields["reason"].help_text = _("换人、换日期，或者讲过以后更正的，要写明。")

    def content(self) -> dict:
        given = dict(self.cleaned_data)
        given["speaker"] = Staff.objects.get(pk=given.pop("speaker_id"))
        return given | {"version": given.pop("seen")}


class GiveForm(forms.Form):
    """What the speaker says of the talk."""

    title = forms.CharField(label=_("题目"), max_length=talks.LIMITS["title"])
    summary = forms.CharField(
        label=_("内容提要"),
        max_length=talks.LIMITS["summary"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    seen = forms.IntegerField(min_value=0, max_value=10**6, widget=forms.HiddenInput)

    def content(self) -> dict:
        given = dict(self.cleaned_data)
        return given | {"version": given.pop("seen")}


class OpenForm(SeenForm):
    until_day = DayField(label=_("评分截止"))
    until_time = forms.TimeField(
        label=_("钟点"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def until(self):
        day, time = self.cleaned_data["until_day"], self.cleaned_data["until_time"]
        return clock.at(day, time.hour, time.minute)


class SwapForm(SeenForm):
    """`other`: "12:3", a talk and the version that was read."""

    other = forms.RegexField(r"^\d{1,15}:\d{1,6}$", max_length=22)

    def clean_other(self):
        return tuple(int(part) for part in self.cleaned_data["other"].split(":"))


class WhichForm(forms.Form):
    """How many talks to propose, from which day on."""

    first = DayField(label=_("从哪天起"))
    count = forms.IntegerField(label=_("安排几讲"), min_value=1, max_value=talks.MOST)


class TurnForm(forms.Form):
    """A line of the proposal, as the keeper leaves it. Without a speaker it is left out."""

    day = DayField(label=_("日期"))
    speaker = KeyField(label=_("主讲人"), required=False)

    def __init__(self, *args, people=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["speaker"].choices = [("", _("这一讲不排")), *people]


# Two formsets of one page would each read the people again; this one is given them.
Turns = forms.formset_factory(TurnForm, extra=0, max_num=talks.MOST, absolute_max=talks.MOST)

QUICK = ("100", "95", "90", "85", "80", "75", "70", "60")


class RateForm(forms.Form):
    """A few big buttons, and a field for any other figure, which goes before them."""

    quick = forms.ChoiceField(choices=[(one, one) for one in QUICK], required=False)
    value = forms.DecimalField(
        label=_("其他分数"),
        min_value=ratings.LOWEST,
        max_value=ratings.HIGHEST,
        max_digits=4,
        decimal_places=1,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.5", "min": "0", "max": "100"}),
    )

    def clean(self):
        data = super().clean()
        if not self.errors and data.get("value") is None and not data.get("quick"):
            self.add_error("value", _("先选一个分数。"))
        return data

    def rating(self) -> Decimal:
        value = self.cleaned_data["value"]
        return Decimal(self.cleaned_data["quick"]) if value is None else value
