from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import access, clock, periods
from scheme.models import Section, SectionMembership, Staff, Star
from scheme.roles import Role
from stars import eligibility
from stars.models import Clearance, Round
from stars.models.round import NomineeKind


class PrepareForm(forms.Form):
    half = forms.ChoiceField(label=gettext_lazy("哪个半年"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        today = clock.today()
        last = periods.half_before(today)
        codes = [last, periods.half_of(today), periods.half_before(periods.half_span(last).first)]
        self.fields["half"].choices = [(code, periods.half_name(code)) for code in codes]


class StarField(forms.ModelChoiceField):
    def label_from_instance(self, star):
        return star.title


class NomineeSelect(forms.Select):
    """Who is barred stands in the list and cannot be chosen."""

    barred: frozenset[str] = frozenset()

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.barred:
            option["attrs"]["disabled"] = True
        return option


class NominationForm(forms.Form):
    """Star, nominee ("s3" a section, "p12" a person) and why."""

    star = StarField(
        label=gettext_lazy("推哪颗星"),
        queryset=Star.objects.all(),
        empty_label=gettext_lazy("请选"),
    )
    nominee = forms.ChoiceField(label=gettext_lazy("推荐谁"), widget=NomineeSelect)
    statement = forms.CharField(
        label=gettext_lazy("推荐理由"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 9}),
    )

    def __init__(self, *args, round_: Round, by: Staff, current: str = "", **kwargs):
        """`current`: whom the draft names already; barred meanwhile, it stays until changed."""
        super().__init__(*args, **kwargs)
        limits = {"fewest": round_.statement_fewest, "most": round_.statement_most}
        field = self.fields["statement"]
        text = _("%(fewest)s至%(most)s字：做了什么，成效如何。数字右边都有，不必重抄。")
        field.help_text = text % limits
        # No maxlength: pasted text is cut by it without a word. js/count.js says how much it is.
        field.widget.attrs |= {"data-count": "", "data-fewest": limits["fewest"]}
        field.widget.attrs["data-most"] = limits["most"]
        field.max_length = round_.statement_most
        field.validators.append(MaxLengthValidator(round_.statement_most))
        barred = eligibility.grounds(round_, clock.today())
        codes = {("p" if kind == "person" else "s") + str(pk) for kind, pk in barred}
        self.barred = frozenset(codes - {current})
        self.fields["nominee"].widget.barred = self.barred
        self.is_barred = current in codes
        self.fields["nominee"].choices = [("", _("请选")), *self._nominees(round_, by)]

    def clean_nominee(self):
        code = self.cleaned_data["nominee"]
        if code in self.barred:
            raise forms.ValidationError(eligibility.NEUTRAL)
        return code

    def _named(self, code: str, name: str) -> tuple[str, str]:
        text = _("%(name)s（现在不能参评）") % {"name": name} if code in self.barred else name
        return code, text

    def _nominees(self, round_, by):
        """Who takes part, section by section, of the sections the person heads."""
        part = round_.participants.taking_part()
        headed = Section.objects.filter(pk__in=access.places(by, Role.CHIEF))
        taking = set(part.exclude(section=None).values_list("section_id", flat=True))
        members = (
            SectionMembership.objects.on(clock.today())
            .filter(section__in=headed, staff__in=part.exclude(person=None).values("person"))
            .select_related("staff")
            .order_by("staff__sort_weight", "staff__staff_no")
        )
        people: dict[int, list] = {}
        for row in members:
            people.setdefault(row.section_id, []).append(
                self._named(f"p{row.staff_id}", row.staff.name)
            )
        for section in headed:
            own = [self._named(f"s{section.pk}", section.name)] if section.pk in taking else []
            yield _("%(section)s：科室") % {"section": section}, own
            yield _("%(section)s：个人") % {"section": section}, people.get(section.pk, [])

    def arguments(self) -> dict:
        """For `nominations.save`: star, kind, person, section, statement."""
        data = self.cleaned_data
        return {"star": data["star"], "statement": data["statement"]} | nominee_of(data["nominee"])


def nominee_of(code: str) -> dict:
    """A nominee as it rides in the form; a person's section is today's."""
    if code.startswith("s"):
        section = Section.objects.get(pk=int(code[1:]))
        return {"kind": NomineeKind.SECTION, "person": None, "section": section}
    held = SectionMembership.objects.on(clock.today()).select_related("staff", "section")
    row = held.get(staff=int(code[1:]))
    return {"kind": NomineeKind.PERSON, "person": row.staff, "section": row.section}


class ClearanceForm(forms.Form):
    """What a body says of a nominee. What must go with what is for the action to say."""

    body = forms.ChoiceField(label=gettext_lazy("出具单位"), choices=Clearance.Body.choices)
    word = forms.ChoiceField(label=gettext_lazy("意见"), choices=Clearance.Word.choices)
    document = forms.CharField(
        label=gettext_lazy("文号"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("机关纪委的意见须有来文。"),
    )
    text = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("有不同意见时必填。不写案情。"),
    )
