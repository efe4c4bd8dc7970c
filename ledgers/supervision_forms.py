"""Forms of the acts of supervision: what the input alone can tell."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ledgers.models import LightPolicy, SupervisionNote, Task
from scheme import clock
from scheme.models import Section


class TextField(forms.CharField):
    """Some lines of text, without what a database cannot hold."""

    def __init__(self, *, rows=3, **kwargs):
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class DayField(forms.DateField):
    def __init__(self, **kwargs):
        super().__init__(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **kwargs
        )


class ActForm(forms.Form):
    """An act on a row: the version of it that the page showed. `row` is the task or the line."""

    version = forms.IntegerField(min_value=0, max_value=10**6, widget=forms.HiddenInput)

    def __init__(self, *args, row: Task | SupervisionNote, **kwargs):
        kwargs.setdefault("label_suffix", "")
        kwargs["initial"] = {"version": row.version} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.row = row
        # Several of them stand on one page.
        self.auto_id = f"id_{type(self).__name__.lower()}_{row.pk}_%s"


class ReasonForm(ActForm):
    reason = TextField(label=_("理由"), max_length=500)


class WhyBackForm(ActForm):
    reason = TextField(label=_("退回原因"), max_length=500, help_text=_("写明改什么、补什么。"))


class AnswerForm(ActForm):
    answer = TextField(label=_("意见"), max_length=300, required=False, rows=2)


class RefusalForm(ActForm):
    answer = TextField(label=_("不同意的理由"), max_length=300, rows=2)


class PressForm(ActForm):
    text = TextField(
        label=_("催办事由和要求"), max_length=500, help_text=_("写明要做到什么、何时反馈。")
    )


class ReplyForm(ActForm):
    text = TextField(label=_("反馈"), max_length=500)


class ProgressForm(ActForm):
    percent = forms.IntegerField(label=_("进度（%）"), min_value=0, max_value=100)
    text = TextField(label=_("当前进展"), max_length=1000)
    problems = TextField(label=_("存在问题"), max_length=500, required=False, rows=2)
    following = TextField(label=_("下步打算"), max_length=500, required=False, rows=2)
    done = forms.MultipleChoiceField(
        label=_("已完成的时间节点"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, row: Task, **kwargs):
        steps = list(row.milestones.all())
        reached = [one.pk for one in steps if one.done_on]
        kwargs["initial"] = {"percent": row.progress, "done": reached}
        super().__init__(*args, row=row, **kwargs)
        self.fields["done"].choices = [(one.pk, one.text) for one in steps]
        if not steps:
            del self.fields["done"]

    def clean_done(self):
        return {int(pk) for pk in self.cleaned_data["done"]}


class PassOnForm(ActForm):
    to_id = forms.ModelChoiceField(label=_("转给"), queryset=Section.objects.none())
    reason = TextField(label=_("理由"), max_length=500)

    def __init__(self, *args, row: Task, **kwargs):
        super().__init__(*args, row=row, **kwargs)
        others = Section.objects.filter(unit=row.unit_id, closed_on=None).exclude(pk=row.lead_id)
        self.fields["to_id"].queryset = others

    def clean_to_id(self):
        return self.cleaned_data["to_id"].pk


class NewDateForm(ActForm):
    to = DayField(label=_("新的时限"))
    reason = TextField(label=_("理由"), max_length=500)


class ResumeForm(ActForm):
    to = DayField(
        label=_("新的时限"), required=False, help_text=_("空着就沿用原时限；原时限已到的要填。")
    )
    reason = TextField(label=_("理由"), max_length=500)


class ReportForm(ActForm):
    done_on = DayField(
        label=_("完成日期"), help_text=_("办结日期按报结被接受的那天算，不按这里填的。")
    )
    result = TextField(label=_("办理结果"), max_length=2000, rows=4)
    handling = TextField(label=_("办理经过"), max_length=2000, rows=4)

    def __init__(self, *args, row: Task, **kwargs):
        kwargs["initial"] = {"done_on": clock.today()}
        super().__init__(*args, row=row, **kwargs)


class ArchiveForm(ActForm):
    archive = forms.CharField(label=_("归档号"), max_length=60)


class LightPolicyForm(forms.ModelForm):
    class Meta:
        model = LightPolicy
        fields = ["in_force_from", "near_days", "yellow_behind", "red_behind", "escalate_after"]
        widgets = {"in_force_from": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})}

    LIMITS = {
        "near_days": (0, 30),
        "yellow_behind": (1, 98),
        "red_behind": (2, 99),
        "escalate_after": (1, 30),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        for name, (least, most) in self.LIMITS.items():
            self.fields[name] = forms.IntegerField(
                label=self.fields[name].label, min_value=least, max_value=most
            )

    def clean(self):
        data = super().clean()
        low, high = data.get("yellow_behind"), data.get("red_behind")
        if low and high and low >= high:
            self.add_error("red_behind", _("红灯的百分点要大于黄灯。"))
        return data
