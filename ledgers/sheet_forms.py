"""The forms of the drafted sheets. Lines come as line-<key>-text, -people, -position, -part, -keep;
new ones as new-<part>-<n>-text and -people."""

import re
from datetime import date

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from ledgers.actions.work_reports import OWN_PARTS, WORDS_LENGTH
from ledgers.listing import FilterForm
from ledgers.models import MonthlySummary, SheetLine, WeeklySheet, WorkReport
from ledgers.models.reports import Grade
from ledgers.sheet_lines import Edit
from scheme.models import Section

_LINE = re.compile(r"line-(\d{1,15})-text")
_STRUCK = re.compile(r"line-(\d{1,15})-back")
_NEW = re.compile(r"new-(done|open|plan|help)-(\d{1,2})-text")


class VersionForm(forms.Form):
    version = forms.IntegerField(min_value=0, max_value=10**6, widget=forms.HiddenInput())


class SheetForm(VersionForm):
    def edits(self) -> list[Edit]:
        """What stands on the page, line by line."""
        found = [self._line(int(m[1])) for name in self.data if (m := _LINE.fullmatch(name))]
        for name in self.data:
            if match := _NEW.fullmatch(name):
                text, people = self._text(name), self._text(f"{name[:-4]}people")
                if text.strip():
                    found.append(Edit(None, match[1], text, people))
            elif match := _STRUCK.fullmatch(name):
                found.append(Edit(int(match[1]), "", "", back=True))
        return found

    def _line(self, pk: int) -> Edit:
        part = self._text(f"line-{pk}-part")
        return Edit(
            pk,
            part if part in SheetLine.Part.values else "",
            self._text(f"line-{pk}-text"),
            self._text(f"line-{pk}-people"),
            _number(self._text(f"line-{pk}-position")),
            f"line-{pk}-keep" not in self.data,
        )

    def _text(self, name: str) -> str:
        return self.data.get(name, "").replace("\x00", "").replace("\r\n", "\n")


def _number(text: str) -> int:
    """A place among lines, as far as it is one."""
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text.strip()) else 0


class SaidForm(VersionForm):
    """A version, and a reason that the action asks for."""

    reason = forms.CharField(required=False)


class GradeForm(SaidForm):
    grade = forms.CharField(required=False)
    comment = forms.CharField(required=False)


class WordsForm(VersionForm):
    """One's own words of the year, a text box a part."""

    LABELS = {
        "done": (_("完成情况"), _("主要做了什么，取得什么成效，每段一件事")),
        "open": (_("未完成和不足"), _("没做完的、做得不够的，原因是什么")),
        "plan": (_("下步安排"), _("明年打算怎么做")),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for part in OWN_PARTS:
            label, hint = self.LABELS[part]
            area = forms.Textarea(attrs={"rows": 8, "maxlength": WORDS_LENGTH})
            self.fields[part.value] = forms.CharField(label=label, required=False, widget=area)
            self.fields[part.value].hint = hint

    def words(self) -> dict[str, str]:
        return {part: self.cleaned_data.get(part, "") for part in OWN_PARTS}


# Nothing was reported here before.
SINCE = MinValueValidator(date(2000, 1, 1))


class SectionWeekForm(forms.Form):
    section = forms.IntegerField(min_value=1, max_value=2**62)
    week = forms.DateField(validators=[SINCE])


class SectionMonthForm(forms.Form):
    section = forms.IntegerField(min_value=1, max_value=2**62)
    month = forms.DateField(validators=[SINCE])


class YearForm(forms.Form):
    year = forms.IntegerField(min_value=2000, max_value=2199)


class _OfSection(FilterForm):
    section = forms.ModelChoiceField(Section.objects.none(), label=_("科室"), empty_label=_("全部"))

    def __init__(self, request, **kwargs):
        super().__init__(request, **kwargs)
        self.fields["section"].queryset = Section.objects.visible_to(request.user)


def _any(choices):
    return [("", _("全部")), *choices]


class WeeklyFilter(_OfSection):
    state = forms.ChoiceField(label=_("状态"), choices=_any(WeeklySheet.State.choices))


class SummaryFilter(_OfSection):
    month = forms.DateField(
        label=_("月份"),
        input_formats=["%Y-%m"],
        widget=forms.DateInput(format="%Y-%m", attrs={"type": "month"}),
    )
    state = forms.ChoiceField(label=_("状态"), choices=_any(MonthlySummary.State.choices))
    grade = forms.ChoiceField(label=_("等次"), choices=_any(Grade.choices))


class WorkReportFilter(_OfSection):
    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2199)
    state = forms.ChoiceField(label=_("状态"), choices=_any(WorkReport.State.choices))
