import re

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from ledgers.actions.reports import SAID_LENGTH, TEXT_LENGTH, Line

_LINE = re.compile(r"lines-(\d{1,3})-text")


class ReportForm(forms.Form):
    """The body of a report. Its lines come as lines-0-text, lines-0-done and lines-0-task, in any
    number."""

    open_matters = forms.CharField(label=_("没做完、要协调的"), required=False)
    plan = forms.CharField(label=_("明天做什么"), required=False)
    answer = forms.CharField(label=_("答复"), required=False)
    seen = forms.IntegerField(min_value=0, max_value=10**6)

    LIMITS = {
        "open_matters": (2, TEXT_LENGTH),
        "plan": (3, TEXT_LENGTH),
        "answer": (2, SAID_LENGTH),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, (rows, length) in self.LIMITS.items():
            # The action refuses what is longer; the page merely does not let one type it.
            self.fields[name].widget = forms.Textarea(attrs={"rows": rows, "maxlength": length})
        self.fields["seen"].widget = forms.HiddenInput()

    def lines(self) -> list[Line]:
        places = [int(m[1]) for name in self.data if (m := _LINE.fullmatch(name))]
        return [
            Line(
                self.data.get(f"lines-{place}-text", "").replace("\r\n", "\n"),
                f"lines-{place}-done" in self.data,
                _key(self.data.get(f"lines-{place}-task", "")),
            )
            for place in sorted(set(places))
        ]

    def body(self) -> dict:
        """What the actions take."""
        texts = {name: self.cleaned_data[name] for name in ("open_matters", "plan")}
        return {"lines": self.lines(), "seen": self.cleaned_data["seen"], **texts}

    def base(self):
        """When the page last knew the draft to be saved."""
        try:
            at = parse_datetime(self.data.get("base", ""))
        except ValueError:
            return None
        return at if at and at.tzinfo else None


def _key(text: str) -> int | None:
    """A key as a database knows them; 0, which is nobody's, for what is no key at all."""
    if not text:
        return None
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else 0


class ReviewForm(forms.Form):
    """The keys of the review screen: which grade, which version was read."""

    seen = forms.IntegerField(min_value=0, max_value=10**6)
    grade = forms.CharField(required=False)
    comment = forms.CharField(required=False)
    reason = forms.CharField(required=False)


class UnlockForm(forms.Form):
    seen = forms.IntegerField(min_value=0, max_value=10**6)
    reason = forms.CharField(required=False)


class RemindForm(forms.Form):
    day = forms.DateField()


class RestForm(forms.Form):
    """All that stood unread on the page: "12:1,15:3" are reports and the versions shown."""

    day = forms.DateField()
    seen = forms.RegexField(r"^\d{1,15}:\d{1,7}(,\d{1,15}:\d{1,7}){0,499}$")

    def clean_seen(self):
        pairs = (pair.split(":") for pair in self.cleaned_data["seen"].split(","))
        return {int(pk): int(version) for pk, version in pairs}
