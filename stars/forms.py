from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import access, clock, periods
from scheme.models import Section, SectionMembership, Staff, Star
from scheme.roles import Role
from stars.models import Quota, Round
from stars.models.round import NomineeKind


class DateInput(forms.DateInput):
    """The browser's own calendar; a day as ISO text, whatever the language."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class PrepareForm(forms.Form):
    half = forms.ChoiceField(label=gettext_lazy("哪个半年"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        today = clock.today()
        last = periods.half_before(today)
        codes = [last, periods.half_of(today), periods.half_before(periods.half_span(last).first)]
        self.fields["half"].choices = [(code, periods.half_name(code)) for code in codes]


class PlanForm(forms.Form):
    """Dates, shares and the table of places. What it gives `rounds.plan` comes from `arguments`."""

    nominate_until = forms.DateField(label=gettext_lazy("推星截止"), widget=DateInput)
    branch_until = forms.DateField(label=gettext_lazy("评星截止"), widget=DateInput)
    committee_until = forms.DateField(label=gettext_lazy("定星截止"), widget=DateInput)
    publicity_days = forms.IntegerField(label=gettext_lazy("公示工作日"), min_value=1, max_value=30)
    publicity_seconds = forms.IntegerField(
        label=gettext_lazy("演示：公示只用几秒"), min_value=5, max_value=3600, required=False
    )
    quorum_num = forms.IntegerField(
        label=gettext_lazy("法定人数（分子）"), min_value=1, max_value=20
    )
    quorum_den = forms.IntegerField(
        label=gettext_lazy("法定人数（分母）"), min_value=1, max_value=20
    )
    majority_num = forms.IntegerField(
        label=gettext_lazy("通过须过（分子）"), min_value=1, max_value=20
    )
    majority_den = forms.IntegerField(
        label=gettext_lazy("通过须过（分母）"), min_value=2, max_value=20
    )
    recused_count_as_entitled = forms.BooleanField(
        label=gettext_lazy("回避者计入应到会"), required=False
    )

    DATES = ("nominate_until", "branch_until", "committee_until")
    SHARES = ("quorum_num", "quorum_den", "majority_num", "majority_den")

    def __init__(self, *args, round_: Round, **kwargs):
        own = [name for name in self.base_fields if name != "publicity_seconds" or settings.DEMO]
        quotas = list(round_.quotas.select_related("star"))
        initial = {name: getattr(round_, name) for name in own}
        for quota in quotas:
            initial[self._name("places", quota)] = quota.places
            initial[self._name("per_section", quota)] = quota.per_section
        super().__init__(*args, initial=initial, **kwargs)
        if not settings.DEMO:
            del self.fields["publicity_seconds"]
        self.quotas = quotas
        for quota in quotas:
            who = f"{quota.star.title}（{quota.get_kind_display()}）"
            for part, label in (("places", _("名额")), ("per_section", _("每科室可推"))):
                field = forms.IntegerField(label=f"{who}{label}", min_value=0, max_value=99)
                self.fields[self._name(part, quota)] = field

    @staticmethod
    def _name(part: str, quota: Quota) -> str:
        return f"{part}_{quota.star_id}_{quota.kind}"

    def quota_rows(self):
        """Per star: its places and nominations of sections and of persons, as bound fields."""
        rows: dict[str, dict] = {}
        for quota in self.quotas:
            row = rows.setdefault(quota.star_id, {"star": quota.star})
            row[quota.kind] = [self[self._name(p, quota)] for p in ("places", "per_section")]
        return rows.values()

    def arguments(self) -> dict:
        data = self.cleaned_data
        return {
            "dates": {name: data[name] for name in self.DATES},
            "quotas": {
                (quota.star_id, quota.kind): (
                    data[self._name("places", quota)],
                    data[self._name("per_section", quota)],
                )
                for quota in self.quotas
            },
            "quorum": (data["quorum_num"], data["quorum_den"]),
            "majority": (data["majority_num"], data["majority_den"]),
            "publicity_days": data["publicity_days"],
            "publicity_seconds": data.get("publicity_seconds"),
            "recused_count_as_entitled": data["recused_count_as_entitled"],
        }


class StarField(forms.ModelChoiceField):
    def label_from_instance(self, star):
        return star.title


class NominationForm(forms.Form):
    """Star, nominee ("s3" a section, "p12" a person) and why."""

    star = StarField(
        label=gettext_lazy("推哪颗星"),
        queryset=Star.objects.all(),
        empty_label=gettext_lazy("请选"),
    )
    nominee = forms.ChoiceField(label=gettext_lazy("推荐谁"))
    statement = forms.CharField(
        label=gettext_lazy("推荐理由"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=gettext_lazy("20至500字：做了什么，成效如何。数字右边都有，不必重抄。"),
    )

    def __init__(self, *args, round_: Round, by: Staff, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["nominee"].choices = [("", _("请选")), *self._nominees(round_, by)]

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
            people.setdefault(row.section_id, []).append((f"p{row.staff_id}", row.staff.name))
        for section in headed:
            own = [(f"s{section.pk}", section.name)] if section.pk in taking else []
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
