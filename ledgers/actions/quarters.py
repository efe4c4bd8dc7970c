"""The counting periods. A closed quarter takes no more entries: a trigger on the entries sees to
it, and what is recorded later counts in the next open one."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from ledgers import deadlines
from ledgers.models import PointEntry, Quarter, QuarterMove
from scheme import audit, clock, periods
from scheme.access import Anchor, can, require
from scheme.errors import Refused
from scheme.models import Staff, Unit

LONGEST = QuarterMove._meta.get_field("reason").max_length


def ensure(unit: Unit, code: str) -> Quarter:
    """The unit's quarter of that name, made when it is not there. Raises ValueError for no name."""
    span = periods.quarter_span(code)
    quarter, _made = Quarter.objects.get_or_create(
        unit=unit, code=code, defaults={"starts_on": span.first, "ends_on": span.until}
    )
    return quarter


def counting(unit: Unit, day: date) -> Quarter:
    """The quarter in which what happened that day counts, held open until the caller's transaction
    ends: that of the day or, when closed, the next open one. Made when all are closed."""
    for half in sorted({periods.half_of(day), periods.half_of(clock.today())}):
        for code in periods.quarters_of(half):
            ensure(unit, code)
    last = Quarter.objects.of_unit(unit).order_by("-starts_on").first()
    if last.closed_at:
        ensure(unit, periods.quarter_of(last.ends_on))
    rows = Quarter.objects.of_unit(unit).open().filter(ends_on__gt=day).order_by("starts_on")
    return rows.select_for_update()[0]


def _record(quarter: Quarter, kind: str, *, by: Staff, reason: str = "") -> QuarterMove:
    """With what stands in the book at that moment."""
    book = PointEntry.objects.filter(quarter=quarter).aggregate(n=Count("pk"), sum=Sum("points"))
    move = QuarterMove.objects.create(
        quarter=quarter,
        kind=kind,
        at=clock.now(),
        by=by,
        reason=reason,
        entries=book["n"],
        points=book["sum"] or 0,
    )
    told = {"entries": move.entries, "points": f"{move.points:.2f}"}
    if kind == QuarterMove.Kind.CLOSED:
        audit.record(by, "quarter.close", quarter, after={"closed": quarter.code} | told)
    else:
        before = {"closed": quarter.code} | told
        audit.record(by, "quarter.reopen", quarter, before=before, reason=reason)
    return move


@transaction.atomic
def close(code: str, *, unit: Unit, by: Staff) -> Quarter:
    """Closes the quarter for good, in order, once nothing of it can be filed any more.

    The row lock waits for postings in flight, and postings wait for it: an entry is either in
    before the closing or not in at all.
    """
    quarter = Quarter.objects.select_for_update().filter(unit=unit, code=code).first()
    if quarter is None:
        raise Refused(_("没有%(code)s这个季度的账。") % {"code": code})
    require(by, "quarter.close", Anchor(unit.pk, state="open"))
    if quarter.closed_at:
        raise Refused(_("%(code)s已经关账。") % {"code": code})
    earlier = Quarter.objects.of_unit(unit).open().filter(starts_on__lt=quarter.starts_on)
    if earlier.exists():
        raise Refused(_("请先关%(code)s的账，季度按先后关。") % {"code": earlier[0].code})
    last = periods.quarter_span(code).last
    if clock.now().replace(microsecond=0) <= deadlines.deadline_of(unit, last).closes:
        raise Refused(_("%(code)s最后一天的日报还在补报期内，过后再关账。") % {"code": code})
    quarter.closed_at, quarter.closed_by = clock.now(), by
    quarter.save(update_fields=["closed_at", "closed_by"])
    _record(quarter, QuarterMove.Kind.CLOSED, by=by)
    return quarter


@transaction.atomic
def reopen(code: str, *, unit: Unit, reason: str, by: Staff, sections: list[int]) -> Quarter:
    """Opens the last closed quarter again; what has been counted later stays where it is.

    `sections`: the personnel office's own, whose leader in charge decides; never who closed it.
    """
    quarter = Quarter.objects.select_for_update().filter(unit=unit, code=code).first()
    if quarter is None:
        raise Refused(_("没有%(code)s这个季度的账。") % {"code": code})
    if quarter.closed_at is None:
        raise Refused(_("%(code)s没有关账，不用重新开账。") % {"code": code}, conflict=True)
    if not may_reopen(quarter, sections, by):
        raise PermissionDenied(_("重新开账由分管机关人事科的领导决定。"))
    if by == quarter.closed_by:
        raise Refused(_("关账人不能自己重新开账。"))
    later = Quarter.objects.of_unit(unit).exclude(closed_at=None)
    later = later.filter(starts_on__gt=quarter.starts_on).order_by("-starts_on").first()
    if later:
        raise Refused(_("%(later)s已经关账，只能从最后关的一个季度开起。") % {"later": later.code})
    if not 0 < len(reason.strip()) <= LONGEST:
        text = _("请写明重新开账的理由，不超过%(n)s字。")
        raise Refused(text % {"n": LONGEST}, field="reason")
    quarter.closed_at = quarter.closed_by = None
    quarter.save(update_fields=["closed_at", "closed_by"])
    _record(quarter, QuarterMove.Kind.REOPENED, by=by, reason=reason.strip())
    return quarter


def may_reopen(quarter: Quarter, sections: list[int], by: Staff) -> bool:
    state = quarter.anchor().state
    return any(
        can(by, "quarter.reopen", Anchor(quarter.unit_id, section_id=section, state=state))
        for section in sections
    )
