from django import forms
from django.utils.translation import gettext_lazy as _

from scheme.restriction_forms import DayField
from stars.actions.branch_records import MAX_PLACE, MAX_TEXT


class RecordForm(forms.Form):
    """When and where, who came, what was said. Only whoever had a seat can have come."""

    seen = forms.IntegerField(
        min_value=0, max_value=10**6, required=False, widget=forms.HiddenInput()
    )
    held_on = DayField(label=_("会议日期"))
    place = forms.CharField(label=_("地点"), max_length=MAX_PLACE)
    host = forms.TypedChoiceField(label=_("主持人"), coerce=int)
    recorder = forms.TypedChoiceField(label=_("记录人"), coerce=int)
    present = forms.TypedMultipleChoiceField(
        label=_("到会的同志"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    text = forms.CharField(
        label=_("会议情况"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 10, "class": "long-text"}),
        help_text=_("各项提名的回避和评议结果自动列入，这里只写讨论的情况。"),
    )

    def __init__(self, *args, seats, **more):
        super().__init__(*args, **more)
        named = [(seat.staff_id, seat.staff.name) for seat in seats]
        for name in ("host", "recorder"):
            self.fields[name].choices = [("", "—"), *named]
        self.fields["present"].choices = named

    def arguments(self) -> dict:
        data = dict(self.cleaned_data)
        data["present"] = set(data["present"])
        return data
