"""When a quarter's declarations are taken (一季一申报): set by the personnel office."""

from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import audit, clock, notices, periods
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import Staff, Unit
from scheme.templatetags.look import md
from scoring import declaring
from scoring.models import DeclarationWindow

LONGEST = timedelta(days=184)
MOST_REASON = 200


@transaction.atomic
def set_window(
    unit: Unit, quarter: str, *, opens_on: date, closes_on: date, by: Staff, reason: str = ""
) -> DeclarationWindow:
    """Opens a quarter for declarations, or moves what was set.

    Once it has opened people count on it: the first day stands and the last one only moves on.
    Moving anything takes a reason. Every chief is told once of each pair of days.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    window = (
        DeclarationWindow.objects.select_for_update(of=("self",))
        .filter(unit=unit, quarter=quarter)
        .first()
    )
    require(by, "declaration.window", Anchor(unit.pk))
    reason = reason.strip()
    _check_days(quarter, opens_on, closes_on)
    if len(reason) > MOST_REASON:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": MOST_REASON}, field="reason")
    if window is None:
        window, before = DeclarationWindow(unit=unit, quarter=quarter), {}
    else:
        if (window.opens_on, window.closes_on) == (opens_on, closes_on):
            return window
        _check_move(window, opens_on, closes_on, reason)
        before = _days(window)
    window.opens_on, window.closes_on = opens_on, closes_on
    window.set_by, window.set_at = by, clock.now()
    window.save()
    after = {"quarter": quarter, **_days(window)}
    audit.record(by, "declaration.window", window, before=before, after=after, reason=reason)
    notices.tell_all(
        declaring.chiefs_of(unit.pk),
        f"declaration:window:{quarter}:{opens_on}:{closes_on}",
        lambda: (
            _("%(quarter)s的申报%(first)s开始，%(last)s截止，请提醒本科室按时申报。")
            % {"quarter": quarter, "first": md(opens_on), "last": md(closes_on)}
        ),
        url=reverse("scoring:declaration_mine"),
        icon="calendar-days",
    )
    return window


def _days(window: DeclarationWindow) -> dict:
    return {"opens_on": window.opens_on.isoformat(), "closes_on": window.closes_on.isoformat()}


def _check_days(quarter: str, opens_on: date, closes_on: date) -> None:
    try:
        span = periods.quarter_span(quarter)
    except ValueError:
        raise Refused(_("请选季度，如2026Q1。"), field="quarter") from None
    if opens_on < span.first:
        raise Refused(_("%(quarter)s还没开始，不能申报。") % {"quarter": quarter}, field="opens_on")
    if closes_on < opens_on:
        raise Refused(_("截止日期早于开始日期。"), field="closes_on")
    if closes_on < clock.today():
        raise Refused(_("截止日期已经过去，请选今天或以后。"), field="closes_on")
    if closes_on - opens_on > LONGEST:
        raise Refused(_("申报期不能超过半年，请选更近的截止日期。"), field="closes_on")


def _check_move(window: DeclarationWindow, opens_on: date, closes_on: date, reason: str) -> None:
    if window.opens_on <= clock.today():
        if opens_on != window.opens_on:
            raise Refused(_("申报已经开始，开始日期不能再改。"), field="opens_on")
        if closes_on < window.closes_on:
            raise Refused(
                _("原定%(day)s截止，只能延后，不能提前。") % {"day": md(window.closes_on)},
                field="closes_on",
            )
    if not reason:
        raise Refused(_("写明调整的理由。"), field="reason")
