"""How a day of a report is drawn: one word and one of the four signs, everywhere the same."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ledgers.deadlines import IN_TIME, OWED, DayStatus, Status
from ledgers.models import DailyReport
from scheme.models import Absence

KINDS: Mapping[str, str] = {
    Status.ON_TIME: "ok",
    Status.LATE: "warn",
    Status.BACKFILLED: "warn",
    Status.MISSING: "bad",
    Status.EXCUSED: "done",
    Status.OFF: "off",
    Status.DUE: "today",
    Status.COMING: "",
    Status.NONE: "off",
}


def word(shown: DayStatus) -> str:
    if shown.status == Status.EXCUSED:
        return str(Absence.Kind(shown.absence).label)
    if shown.status == Status.OFF:
        return shown.name
    if shown.status in (Status.COMING, Status.NONE):
        return ""
    if shown.status == Status.DUE and shown.report is not None:
        return _("草稿")
    return str(shown.status.label)


def note(shown: DayStatus) -> str:
    """What the reviewer said; for days that were not due, that something was filed all the same."""
    report = shown.report
    if report is None or report.state == DailyReport.State.DRAFT:
        return ""
    if report.state == DailyReport.State.RETURNED:
        return pgettext("done", "退回")
    if report.grade:
        return str(report.get_grade_display())
    return "" if shown.status in OWED else _("已报")


def cell(shown: DayStatus, today: date) -> dict[str, Any]:
    """For components/_strip.html and, by day, for `look.month_weeks`."""
    there = shown.report is not None or shown.status in (Status.DUE, Status.MISSING)
    return {
        "day": shown.day,
        "kind": KINDS[shown.status],
        "word": word(shown),
        "note": note(shown),
        "makeup": shown.makeup,
        "url": reverse("ledgers:report_edit", args=[shown.day])
        if there and shown.day <= today
        else "",
    }


def sums(days: Iterable[DayStatus], today: date) -> dict[str, int]:
    """Counts up to today. What is owed is what was or will be counted: nothing excused or off."""
    counts = dict.fromkeys(("owed", "filed", "on_time", "late", "backfilled"), 0)
    counts |= dict.fromkeys(("missing", "due", "excused"), 0)
    for shown in days:
        if shown.day > today:
            continue
        if shown.status in counts:
            counts[shown.status.value] += 1
        counts["owed"] += shown.status in OWED
        counts["filed"] += shown.status in IN_TIME
    return counts
