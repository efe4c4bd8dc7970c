"""The form that arranges a meeting. What is only a word or a tick is read by the views."""

from django import forms
from django.utils.translation import gettext_lazy as _

from scheme import clock
from scheme.models import Staff
from stars.models import Meeting, Seat


class ArrangeForm(forms.ModelForm):
    """Who presides and who sees to the counting are members; who records need not be one."""

    class Meta:
        model = Meeting
        fields = ["held_on", "place", "chair", "recorder", "scrutineer", "teller"]
        widgets = {"held_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        round_ = self.instance.round
        members = Seat.objects.filter(round=round_, body=Seat.Body.COMMITTEE)
        seated = Staff.objects.filter(pk__in=members.values("staff")).order_by(
            "sort_weight", "staff_no"
        )
        anybody = Staff.objects.of_unit(round_.unit).on_roll(clock.today())
        for name in ("chair", "scrutineer"):
            self.fields[name].queryset = seated
        for name in ("recorder", "teller"):
            self.fields[name].queryset = anybody.order_by("sort_weight", "staff_no")
        for name in ("held_on", "place", "chair"):
            self.fields[name].required = True
        for name in ("recorder", "scrutineer", "teller"):
            self.fields[name].required = False
            self.fields[name].empty_label = _("不指定")
        self.fields["chair"].empty_label = None
        self.fields["chair"].help_text = _("末位表态；须是到会的部务会成员。")
        self.fields["scrutineer"].help_text = _("由部务会成员担任。")
        if not self.instance.chair_id:
            first = members.filter(chairs=True).first()
            self.fields["chair"].initial = first and first.staff_id
            self.initial["chair"] = self.fields["chair"].initial
        if not self.instance.held_on:
            self.initial["held_on"] = clock.today()
