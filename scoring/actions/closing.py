"""Closing a quarter as an act with a signer, and opening it again with a reason."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers.actions import quarters
from ledgers.models import Quarter, QuarterMove
from scheme import clock, notices, periods
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import Appointment, Staff, Unit
from scheme.offices import Office
from scoring import closing
from scoring.actions import posting, rulebooks
from scoring.models import RuleBook


class Closed(NamedTuple):
    quarter: Quarter
    move: QuarterMove
    posted: int
    reversed: int


@transaction.atomic
def close(code: str, *, unit: Unit, by: Staff) -> Closed:
    """Posts what is recorded, then closes: what was recorded in time is in, whoever asks when.

    The unit's row is held from the start, so that nothing is posted or proposed in between.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    try:
        span = periods.quarter_span(code)
    except ValueError:
        raise Refused(_("没有“%(code)s”这个季度。") % {"code": code}) from None
    quarter = Quarter.objects.of_unit(unit).filter(code=code).first()
    state = quarter.anchor().state if quarter else "open"
    if state == "closed":
        raise Refused(_("%(code)s已经关账。") % {"code": code}, conflict=True)
    require(by, "quarter.close", Anchor(unit.pk, state=state))
    blocking = [matter.text for matter in closing.in_the_way(unit, code) if matter.blocking]
    if blocking:
        text = _("%(code)s还不能关账：%(why)s") % {"code": code, "why": " ".join(blocking)}
        raise Refused(text)
    settled = _settle(unit, span.first, by)
    quarter = quarters.close(code, unit=unit, by=by)
    move = quarter.moves.last()
    _tell(rulebooks.approvers(unit), move, lambda: _("%(code)s已关账") % {"code": code})
    return Closed(quarter, move, *settled)


def _settle(unit: Unit, first: date, by: Staff) -> tuple[int, int]:
    """The half-year of the quarter as a whole, as the scorecards take it; before it the one before,
    if that was ever counted: late facts of it count in this quarter too."""
    books = RuleBook.objects.holding().filter(unit=unit).order_by("in_force_from")
    start = books.values_list("in_force_from", flat=True)[0]
    here = periods.half_span(periods.half_of(first))
    before = periods.half_span(periods.half_of(here.first - timedelta(days=1)))
    counted = Quarter.objects.of_unit(unit).filter(starts_on__gte=before.first)
    spans = [here]
    if counted.filter(starts_on__lt=before.until).exists():
        spans.insert(0, before)
    posted = reversed_ = 0
    for span in spans:
        done = posting.settle(unit, max(start, span.first), span.last, by=by)
        posted, reversed_ = posted + done.posted, reversed_ + done.reversed
    return posted, reversed_


@transaction.atomic
def reopen(code: str, *, unit: Unit, reason: str, by: Staff) -> Quarter:
    """The leader in charge of the personnel office opens the last closed quarter again."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    sections = rulebooks.approvers_sections(unit)
    quarter = quarters.reopen(code, unit=unit, reason=reason, by=by, sections=sections)
    office = Appointment.objects.on(clock.today()).filter(
        office=Office.PERSONNEL_OFFICE, staff__unit=unit, staff__left_on=None
    )
    _tell(
        Staff.objects.filter(pk__in=office.values("staff")),
        quarter.moves.last(),
        lambda: _("%(code)s已重新开账：%(reason)s") % {"code": code, "reason": reason.strip()},
    )
    return quarter


def _tell(people: Iterable[Staff], move: QuarterMove, say: Callable[[], str]) -> None:
    notices.tell_all(
        [one for one in people if one != move.by],
        f"quarter:{move.pk}",
        say,
        url=reverse("scoring:quarter_list"),
        icon="calendar-days",
    )
