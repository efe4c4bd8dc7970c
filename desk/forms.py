"""Forms of the daily digest."""

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.models import DigestPolicy


class PolicyForm(forms.Form):
    in_force_from = forms.DateField(
        label=_("从哪天起"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "max": "2199-12-31"}),
    )
    enabled = forms.BooleanField(label=_("发送每日提要"), required=False)
    send_at = forms.TimeField(
        label=_("几点"),
        help_text=_("工作日的7:00到20:00之间。"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "min": "07:00"}),
    )
    robot = forms.ChoiceField(
        label=_("群机器人"), choices=DigestPolicy.Robot.choices, required=False
    )
    robot_url = forms.CharField(
        label=_("机器人地址"),
        max_length=500,
        required=False,
        help_text=_("群里只说有几个人有待办，不说是谁、什么事。"),
    )

    def clean_in_force_from(self):
        day = self.cleaned_data["in_force_from"]
        if not 2000 <= day.year <= 2199:
            raise forms.ValidationError(_("年份不对。"))
        return day


class AddressForm(forms.Form):
    email = forms.EmailField(label=_("邮箱"), max_length=120, required=False)
