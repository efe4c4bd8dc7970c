"""The rules of a round as the office fills them in."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheme import clock, workdays
from scheme.errors import Refused
from scheme.models import Restriction
from stars import planning, ruling
from stars.models import Quota, Round
from stars.models.round import CHOOSABLE_RECUSALS, TIE_CRITERIA, BranchMethod, TieLast

NUMBER = {"min_value": 1, "max_value": 20}


class DateInput(forms.DateInput):
    """The browser's own calendar; a day as ISO text, whatever the language."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


def whole(name: str, label, **more) -> forms.IntegerField:
    """A number within the bounds the rules give it."""
    least, most = ruling.LIMITS[name]
    return forms.IntegerField(label=label, min_value=least, max_value=most, **more)


class CountForm(forms.Form):
    """The stages by their working days, from a first day: gives the last days."""

    first_day = forms.DateField(label=gettext_lazy("推星第一天"), widget=DateInput)
    days_nominate_until = forms.IntegerField(
        label=gettext_lazy("推星工作日"), min_value=1, max_value=planning.MOST_DAYS
    )
    days_branch_until = forms.IntegerField(
        label=gettext_lazy("评星工作日"), min_value=1, max_value=planning.MOST_DAYS
    )
    days_committee_until = forms.IntegerField(
        label=gettext_lazy("定星工作日"), min_value=1, max_value=planning.MOST_DAYS
    )

    def clean_first_day(self):
        day = self.cleaned_data["first_day"]
        if day < clock.today():
            raise forms.ValidationError(_("请选今天以后的日子。"))
        return day

    def clean(self):
        data = super().clean()
        if not self.errors:
            days = tuple(data[f"days_{name}"] for name in ruling.DATES)
            try:
                self.dates = planning.ends(data["first_day"], days)
            except Refused as refused:
                raise forms.ValidationError(str(refused)) from None
        return data


def count_form(round_: Round, data=None) -> CountForm:
    """Filled with the working days of the plan as it stands, from the next working day."""
    if data is not None:
        return CountForm(data)
    try:
        first = workdays.following(clock.today())
    except Refused:
        first = clock.today()
    dates = {name: getattr(round_, name) for name in ruling.DATES}
    days = {one.name: one.days for one in planning.stages(first, dates)}
    usual = dict(zip(ruling.DATES, planning.USUAL_DAYS, strict=True))
    initial = {f"days_{name}": days.get(name, usual[name]) for name in ruling.DATES}
    return CountForm(initial={"first_day": first} | initial)


class PlanForm(forms.Form):
    """Dates, places and every rule. What it gives `rounds.plan` comes from `arguments`."""

    nominate_until = forms.DateField(label=gettext_lazy("推星截止"), widget=DateInput)
    branch_until = forms.DateField(label=gettext_lazy("评星截止"), widget=DateInput)
    committee_until = forms.DateField(label=gettext_lazy("定星截止"), widget=DateInput)
    publicity_days = forms.IntegerField(label=gettext_lazy("公示工作日"), min_value=1, max_value=30)
    publicity_seconds = forms.IntegerField(
        label=gettext_lazy("演示：公示只用几秒"), min_value=5, max_value=3600, required=False
    )
    contact = forms.CharField(
        label=gettext_lazy("异议受理方式"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("公示期间向谁提出：科室、房间、电话、时间。印在公示通知上。"),
    )
    floating_sections = whole("floating_sections", gettext_lazy("科室机动名额"))
    floating_persons = whole("floating_persons", gettext_lazy("个人机动名额"))
    statement_fewest = whole("statement_fewest", gettext_lazy("推荐理由至少几字"))
    statement_most = whole("statement_most", gettext_lazy("推荐理由至多几字"))
    most_returns = whole("most_returns", gettext_lazy("最多退回补正几次"))
    vetoes = forms.MultipleChoiceField(
        label=gettext_lazy("有这些情形的不参评"),
        choices=Restriction.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("只按已有规定列，不要另立名目。原因只有本人和机关人事科看得到。"),
    )
    bar_probation = forms.BooleanField(label=gettext_lazy("试用期人员不参评"), required=False)
    absence_limit = whole(
        "absence_limit",
        gettext_lazy("半年缺勤超过几个工作日不参评"),
        required=False,
        help_text=gettext_lazy("不填就不限。只算请假，出差和借调不算。"),
    )
    branch_method = forms.ChoiceField(
        label=gettext_lazy("方式"),
        choices=BranchMethod.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "表决：过应到半数赞成为同意推荐。打分：按平均分，下面几项才用得上。"
        ),
    )
    agreed_from = whole("agreed_from", gettext_lazy("平均分达到几分为同意推荐"))
    against_below = whole("against_below", gettext_lazy("平均分不到几分为不同意"))
    leaders_weight = whole(
        "leaders_weight",
        gettext_lazy("领导和科室负责人的分占百分之几"),
        help_text=gettext_lazy("填零：每个人的分一样重。"),
    )
    trimmed = forms.BooleanField(label=gettext_lazy("去掉一个最高分和一个最低分"), required=False)
    secret = forms.ChoiceField(
        label=gettext_lazy("投票方式"),
        choices=[("yes", gettext_lazy("无记名投票")), ("no", gettext_lazy("记名表决"))],
        widget=forms.RadioSelect,
        help_text=gettext_lazy("无记名：谁投了什么，系统里也查不出来。"),
    )
    quorum_num = forms.IntegerField(label=gettext_lazy("法定人数（分子）"), **NUMBER)
    quorum_den = forms.IntegerField(label=gettext_lazy("法定人数（分母）"), **NUMBER)
    majority_num = forms.IntegerField(label=gettext_lazy("通过须过（分子）"), **NUMBER)
    majority_den = forms.IntegerField(
        label=gettext_lazy("通过须过（分母）"), min_value=2, max_value=20
    )
    recusals = forms.MultipleChoiceField(
        label=gettext_lazy("这些情形也要回避"),
        choices=[(kind.value, kind.label) for kind in CHOOSABLE_RECUSALS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("本人和亲属一律回避，不用选。"),
    )
    recused_count_as_entitled = forms.BooleanField(
        label=gettext_lazy("回避者计入应到会"), required=False
    )
    tie_last = forms.ChoiceField(
        label=gettext_lazy("仍相同时"), choices=TieLast.choices, widget=forms.RadioSelect
    )

    DATES = ruling.DATES
    TIES = tuple(f"tie_{n}" for n in range(1, len(TIE_CRITERIA) + 1))
    # Columns that are filled in under their own name and value.
    PLAIN = tuple(name for name in ruling.FIRST if name not in ("secret", "tie_order"))

    def __init__(self, *args, round_: Round, dates=None, **kwargs):
        own = {*self.base_fields} - {"secret"}
        quotas = list(round_.quotas.select_related("star"))
        initial = {name: getattr(round_, name) for name in own} | (dates or {})
        initial["secret"] = "yes" if round_.secret else "no"
        initial |= dict(zip(self.TIES, round_.tie_order, strict=False))
        for quota in quotas:
            initial[self._name("places", quota)] = quota.places
            initial[self._name("per_section", quota)] = quota.per_section
        super().__init__(*args, initial=initial, **kwargs)
        if not settings.DEMO:
            del self.fields["publicity_seconds"]
        for n, name in enumerate(self.TIES, 1):
            self.fields[name] = forms.ChoiceField(
                label=_("第%(n)s看") % {"n": n},
                choices=[("", _("不再比")), *TIE_CRITERIA.items()],
                required=False,
            )
        self.quotas = quotas
        for quota in quotas:
            who = f"{quota.star.title}（{quota.get_kind_display()}）"
            for part, label in (("places", _("名额")), ("per_section", _("每科室可推"))):
                field = forms.IntegerField(
                    label=f"{who}{label}", min_value=0, max_value=ruling.MAX_PLACES
                )
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

    def ties(self):
        return [self[name] for name in self.TIES]

    def refuse(self, refused: Refused) -> None:
        """What the action said, at the field it is about."""
        field = "tie_1" if refused.field == "tie_order" else refused.field
        self.add_error(field if field in self.fields else None, str(refused))

    def arguments(self) -> dict:
        data = self.cleaned_data
        rules = {name: data[name] for name in self.PLAIN} | {
            "secret": data["secret"] == "yes",
            "tie_order": [data[name] for name in self.TIES if data[name]],
        }
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
            "rules": rules,
            "contact": data["contact"],
        }
