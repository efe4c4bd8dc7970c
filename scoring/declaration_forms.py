from datetime import date
from decimal import Decimal
from itertools import groupby

from django import forms
from django.utils.translation import gettext_lazy as _

from ledgers.filefields import FilesField
from ledgers.models import Level
from scheme.models.star import spoken
from scoring.declared import quarter_name, rule_words, tier_words

CONTENT = ("rule_code", "level", "quantity", "matter", "document_no", "document_on", "note")
DATE = {"type": "date", "min": "2000-01-01", "max": "2199-12-31"}


def rule_choices(rules) -> list:
    """Rules under their stars, each with what it gives and where it stops."""
    ordered = sorted(rules, key=lambda rule: (rule.star.position, rule.position, rule.code))
    return [
        (
            spoken(star.name, star.key),
            [(rule.code, f"{rule.title}（{rule_words(rule)}）") for rule in of_star],
        )
        for star, of_star in groupby(ordered, key=lambda rule: rule.star)
    ]


class DeclarationForm(forms.Form):
    """One declared line. What is needed only to file it is asked for only then."""

    quarter = forms.ChoiceField(label=_("申报季度"))
    rule_code = forms.ChoiceField(
        label=_("申报哪一项"),
        help_text=_("括号里是各级别的分值和上限。台账已经记的分不用申报。"),
    )
    level = forms.ChoiceField(
        label=_("级别"),
        required=False,
        choices=[("", _("不分级别")), *Level.choices],
        help_text=_("发文、表彰或推广单位的级别。"),
    )
    quantity = forms.DecimalField(
        label=_("数量"),
        initial=Decimal(1),
        max_digits=12,
        decimal_places=4,
        min_value=Decimal("0.0001"),
        max_value=Decimal(10000),
        help_text=_("一般是1；按篇、按次计分的填篇数、次数。"),
        widget=forms.NumberInput(attrs={"step": "any", "min": "0"}),
    )
    matter = forms.CharField(
        label=_("事项"),
        max_length=500,
        help_text=_("写明做成了什么，和文件上的名称一致。同一事项按细则只计一次或减半。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    document_no = forms.CharField(
        label=_("文件号"),
        max_length=100,
        required=False,
        help_text=_("没有文号的写明证书编号或刊物期号。"),
    )
    document_on = forms.DateField(
        label=_("文件日期"),
        required=False,
        help_text=_("落款日期，决定计入哪个季度。"),
        widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
    )
    note = forms.CharField(label=_("补充说明"), max_length=200, required=False)
    files = FilesField(
        label=_("佐证材料"),
        required=False,
        help_text=_("可一次选多份，也可以拖到这里。PDF、图片、Word、Excel、OFD。"),
    )
    drop = forms.MultipleChoiceField(
        label=_("去掉的材料"), required=False, widget=forms.CheckboxSelectMultiple
    )
    seen = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args, rules, quarters, proofs=(), editing=False, **kwargs):
        super().__init__(*args, **kwargs)
        rules = list(rules)
        self.proofs = list(proofs)
        self.fields["quarter"].choices = [(code, quarter_name(code)) for code in quarters]
        self.fields["rule_code"].choices = [("", _("请选择")), *rule_choices(rules)]
        self.fields["drop"].choices = [(str(proof.pk), proof.name) for proof in self.proofs]
        kept = {tier.level for rule in rules for tier in rule.tiers.all() if tier.enabled}
        self.fields["level"].choices = [
            (value, label)
            for value, label in self.fields["level"].choices
            if value in ("", self["level"].value()) or value in kept
        ]
        self.rules = {rule.code: rule for rule in rules}
        if editing:
            # Declared in time for this quarter; a line does not move to another.
            self.fields["quarter"].disabled = True

    @property
    def files_to_file(self) -> bool:
        return self.data.get("move") == "file"

    def clean_document_on(self):
        day: date | None = self.cleaned_data["document_on"]
        if day and not 2000 <= day.year <= 2199:
            raise forms.ValidationError(_("年份不对。"))
        return day

    def clean(self):
        data = super().clean()
        rule = self.rules.get(data.get("rule_code"))
        if rule and "level" in data:
            self._check_level(rule, data["level"])
        if not self.files_to_file:
            return data
        for name, text in (
            ("document_no", _("没有文件不能加分，请填文件号。")),
            ("document_on", _("请填文件的落款日期。")),
        ):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, text)
        left = [proof for proof in self.proofs if str(proof.pk) not in data.get("drop", ())]
        if not left and not data.get("files") and "files" not in self.errors:
            self.add_error("files", _("请附上文件的扫描件或照片，没有佐证不能加分。"))
        return data

    def _check_level(self, rule, level: str) -> None:
        tiers = [tier for tier in rule.tiers.all() if tier.enabled]
        if any(tier.level in ("", level) for tier in tiers):
            return
        text = _("这一项按级别计分，请选其中一级：%(levels)s。")
        self.add_error("level", text % {"levels": tier_words(rule)})

    def content(self) -> dict:
        """What the line says; its quarter, files and removals go their own ways."""
        return {name: self.cleaned_data[name] for name in CONTENT}


class WindowForm(forms.Form):
    quarter = forms.ChoiceField(label=_("季度"))
    opens_on = forms.DateField(
        label=_("开始"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d")
    )
    closes_on = forms.DateField(
        label=_("截止"),
        help_text=_("当天24:00前都可以申报。截止以后还可以延长。"),
        widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
    )

    reason = forms.CharField(
        label=_("调整理由"), max_length=200, required=False, help_text=_("改动已设的窗口时要写。")
    )

    def __init__(self, *args, quarters, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["quarter"].choices = [(code, quarter_name(code)) for code in quarters]

    def clean(self):
        data = super().clean()
        opens, closes = data.get("opens_on"), data.get("closes_on")
        for name, day in (("opens_on", opens), ("closes_on", closes)):
            if day and not 2000 <= day.year <= 2199:
                self.add_error(name, _("年份不对。"))
        if opens and closes and closes < opens:
            self.add_error("closes_on", _("截止日期早于开始日期。"))
        return data
