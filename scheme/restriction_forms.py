from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import clock
from scheme.models import Restriction, Section, SectionMembership, Staff

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


class RestrictionForm(forms.Form):
    """Whom it is about ("s3" a section, "p12" a person), what, from when until when, on what."""

    subject = forms.ChoiceField(label=gettext_lazy("人员或科室"))
    kind = forms.ChoiceField(
        label=gettext_lazy("情形"),
        choices=[("", gettext_lazy("请选")), *Restriction.Kind.choices],
    )
    since = DayField(label=gettext_lazy("从哪天起"), help_text=gettext_lazy("文件写明的生效日期。"))
    until = DayField(
        label=gettext_lazy("到哪天止（当天起可以参评）"),
        required=False,
        help_text=gettext_lazy(
            "政务处分影响期：警告6个月，记过12个月，记大过18个月，降级、撤职24个月。没有期限的空着，解除时再办。"
        ),
    )
    authority = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=100,
        help_text=gettext_lazy("哪个机关的哪份文件，写文号，不写案情。"),
    )
    note = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("只有本人和机关人事科能看到。"),
    )

    def __init__(self, *args, by: Staff, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["subject"].choices = [("", _("请选")), *_subjects(by)]

    def arguments(self) -> dict:
        data = self.cleaned_data
        return {name: data[name] for name in ("kind", "since", "until", "authority", "note")}

    def chosen(self) -> Staff | Section:
        code = self.cleaned_data["subject"]
        model = Staff if code.startswith("p") else Section
        return model.objects.get(pk=int(code[1:]))


def _subjects(by: Staff):
    """Sections, then people by section, as the office lists them."""
    today = clock.today()
    sections = Section.objects.filter(unit=by.unit_id, closed_on=None)
    yield _("科室"), [(f"s{one.pk}", one.name) for one in sections]
    people = Staff.objects.filter(unit=by.unit_id).on_roll(today).in_office_order()
    held = SectionMembership.objects.on(today).filter(section__in=sections)
    home = dict(held.order_by().values_list("staff", "section"))
    found: dict[int | None, list] = {}
    for person in people:
        row = (f"p{person.pk}", f"{person.name}　{person.staff_no}")
        found.setdefault(home.get(person.pk), []).append(row)
    for section in sections:
        if section.pk in found:
            yield section.name, found[section.pk]
    if None in found:
        yield _("不在科室的"), found[None]


class LiftForm(forms.Form):
    seen = DayField(required=False)
    why = forms.CharField(required=False, max_length=500)
