from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import clock
from scheme.models import Kinship, Staff


class KinForm(forms.Form):
    """Whom one is kin to, and how. The office says whose kin as well."""

    person = forms.TypedChoiceField(label=gettext_lazy("人员"), coerce=int)
    relative = forms.TypedChoiceField(label=gettext_lazy("亲属"), coerce=int)
    relation = forms.ChoiceField(
        label=gettext_lazy("关系"),
        choices=[("", gettext_lazy("请选")), *Kinship.Relation.choices],
        help_text=gettext_lazy(
            "只报告夫妻、直系血亲、三代以内旁系血亲和近姻亲，都在本单位的才报。"
        ),
    )

    def __init__(self, *args, by: Staff, own: bool, **kwargs):
        super().__init__(*args, **kwargs)
        people = Staff.objects.filter(unit=by.unit_id).on_roll(clock.today()).in_office_order()
        named = [(one.pk, f"{one.name}　{one.staff_no}") for one in people]
        if own:
            del self.fields["person"]
            named = [row for row in named if row[0] != by.pk]
        else:
            self.fields["person"].choices = [("", _("请选")), *named]
        self.fields["relative"].choices = [("", _("请选")), *named]
