from django import forms
from django.utils.translation import gettext_lazy as _


class RulesForm(forms.Form):
    file = forms.FileField(
        label=_("细则工作簿"),
        help_text=_("一张“积分细则”、一张“参数”。读入后是草案，批准了才施行。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class ApprovalForm(forms.Form):
    in_force_from = forms.DateField(
        label=_("施行日期"),
        help_text=_("从这一天起的事按这一版计分；已经入账的日子不能改用新版。"),
        widget=forms.DateInput(
            # A date box takes this form only, whatever the reader's language.
            format="%Y-%m-%d",
            attrs={"type": "date", "min": "2000-01-01", "max": "2199-12-31"},
        ),
    )

    def clean_in_force_from(self):
        day = self.cleaned_data["in_force_from"]
        if not 2000 <= day.year <= 2199:
            raise forms.ValidationError(_("年份不对。"))
        return day


class FactsForm(forms.Form):
    file = forms.FileField(
        label=_("台账工作簿"),
        max_length=200,
        help_text=_("不超过5MB的.xlsx工作簿，可以只有其中几张表；模板里有填表说明。"),
        widget=forms.FileInput(
            attrs={
                "accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
        ),
    )
