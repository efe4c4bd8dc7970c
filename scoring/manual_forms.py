import unicodedata
from decimal import Decimal, InvalidOperation

from django import forms
from django.utils.translation import gettext_lazy as _

from scheme.templatetags.look import signed
from scoring.models import ManualEntry, Rule
from scoring.opened import limits

# The largest the table holds.
MOST = Decimal("9999999.99")


def _length(name: str) -> int:
    return ManualEntry._meta.get_field(name).max_length


class PointsField(forms.CharField):
    """Points as people type them: full-width digits, either minus."""

    def clean(self, value):
        text = unicodedata.normalize("NFKC", super().clean(value)).replace("−", "-").strip()
        try:
            points = Decimal(text)
        except InvalidOperation:
            raise forms.ValidationError(_("分值要写数字，例如−2或0.5。")) from None
        if not points.is_finite() or abs(points) > MOST:
            raise forms.ValidationError(_("分值要写数字，例如−2或0.5。"))
        if points != points.quantize(Decimal("0.01")):
            raise forms.ValidationError(_("分值最多两位小数。"))
        return points


class ManualForm(forms.Form):
    rule_code = forms.ChoiceField(label=_("规则"))
    points = PointsField(
        label=_("分值"),
        max_length=12,
        help_text=_("扣分写负数，不超过这条规则的上限。"),
        widget=forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off"}),
    )
    event_on = forms.DateField(
        label=_("发生日期"),
        help_text=_("计入这一天所在的季度；已经关账的，计入下一个未关的季度。"),
        widget=forms.DateInput(attrs={"type": "date", "min": "2000-01-01", "max": "2199-12-31"}),
    )
    matter = forms.CharField(label=_("事项"), max_length=_length("matter"))
    reason = forms.CharField(
        label=_("理由"),
        max_length=_length("reason"),
        help_text=_("为什么台账里没有、要手工记。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    basis = forms.CharField(
        label=_("依据"),
        max_length=_length("basis"),
        help_text=_("文件号、会议纪要或细则条款。"),
    )

    def __init__(self, rules: list[Rule], *args, **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(rule.code, _told(rule)) for rule in rules]
        self.fields["rule_code"].choices = [("", _("请选规则")), *choices]

    def clean_event_on(self):
        day = self.cleaned_data["event_on"]
        if not 2000 <= day.year <= 2199:
            raise forms.ValidationError(_("年份不对。"))
        return day


def _told(rule: Rule) -> str:
    """精业-扣-01　无故不报日报　−0.2　每季上限4.00."""
    points = "/".join(signed(tier.points) for tier in rule.tiers.all() if tier.enabled)
    return "　".join(filter(None, (rule.code, rule.title, points, limits(rule))))
