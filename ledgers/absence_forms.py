from django import forms
from django.utils.translation import gettext_lazy as _

from ledgers.listing import FilterForm, SearchField
from scheme import clock
from scheme.models import Absence, Appointment, Deputation, LeaveRequest, Staff

DAY = {"type": "date", "min": "2000-01-01", "max": "2199-12-31"}


class DayField(forms.DateField):
    """A day of a year that arithmetic survives."""

    def __init__(self, **kwargs):
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs=dict(DAY)), **kwargs)

    def to_python(self, value):
        day = super().to_python(value)
        if day is not None and not 2000 <= day.year <= 2199:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class AskForm(forms.Form):
    """Leave or travel, from when until when. Why is not asked, by design."""

    kind = forms.ChoiceField(
        label=_("类别"), choices=[(one.value, one.label) for one in LeaveRequest.KINDS]
    )
    start_on = DayField(label=_("开始日期"))
    end_on = DayField(label=_("结束日期（含）"))


class KeepForm(forms.Form):
    staff = forms.ModelChoiceField(Staff.objects.none(), label=_("人员"), empty_label=_("请选"))
    kind = forms.ChoiceField(label=_("类别"), choices=Absence.Kind.choices)
    start_on = DayField(label=_("开始日期"))
    end_on = DayField(
        label=_("结束日期（含）"), required=False, help_text=_("还不知道就空着，回来时再填。")
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        today = clock.today()
        people = Staff.objects.visible_to(by).on_roll(today).in_office_order()
        self.fields["staff"].queryset = people
        self.fields["staff"].label_from_instance = lambda one: f"{one.name}　{one.staff_no}"


class EndForm(forms.Form):
    end_on = DayField(label=_("结束日期（含）"))
    seen = DayField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["seen"].widget = forms.HiddenInput()


class SeenForm(forms.Form):
    """The end that stood on the page."""

    seen = DayField(required=False)


class VersionForm(forms.Form):
    version = forms.IntegerField(min_value=0, max_value=10**6)


class AbsenceFilter(FilterForm):
    q = SearchField(label=_("姓名"))
    kind = forms.ChoiceField(label=_("类别"), choices=[("", _("所有类别")), *Absence.Kind.choices])
    when = forms.ChoiceField(
        label=_("时间"), choices=[("", _("今天和以后的")), ("all", _("所有时间"))]
    )


class DeputyForm(forms.Form):
    """Who stands in for the principal, where, and from when until when."""

    places = forms.MultipleChoiceField(label=_("代理哪些"), widget=forms.CheckboxSelectMultiple)
    deputy = forms.ModelChoiceField(Staff.objects.none(), label=_("代理人"), empty_label=_("请选"))
    start_on = DayField(label=_("从哪天起"))
    end_on = DayField(label=_("到哪天（含）"))

    def __init__(self, *args, principal: Staff, held, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["places"].choices = [
            (f"{row.office}:{row.section_id}", f"{row.section.name}　{row.get_office_display()}")
            for row in held
        ]
        today = clock.today()
        people = Staff.objects.filter(unit_id=principal.unit_id, is_active=True).on_roll(today)
        people = people.exclude(pk=principal.pk).with_section(today).in_office_order()
        self.fields["deputy"].queryset = people
        self.fields["deputy"].label_from_instance = lambda one: f"{one.name}　{one.section_name}"

    def chosen(self) -> list[tuple[str, int]]:
        parts = (place.partition(":") for place in self.cleaned_data["places"])
        return [(office, int(section)) for office, _colon, section in parts]


class PrincipalForm(FilterForm):
    """For the personnel office: whose deputy is named?"""

    principal = forms.ModelChoiceField(
        Staff.objects.none(), label=_("给谁指定"), empty_label=_("请选")
    )

    def __init__(self, request):
        super().__init__(request)
        self.fields["principal"].queryset = principals(request.user)


def principals(person):
    """Those of the unit whom somebody can stand in for today."""
    held = Appointment.objects.on(clock.today()).filter(office__in=Deputation.STOOD_IN_FOR)
    rows = Staff.objects.filter(unit_id=person.unit_id, pk__in=held.values("staff"))
    return rows.on_roll(clock.today()).in_office_order()
