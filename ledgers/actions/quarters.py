"""The counting periods. A closed quarter takes no more entries: a trigger on the entries sees to
it, and what is recorded later counts in the next open one."""

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers import deadlines
from ledgers.models import Quarter
from scheme import audit, clock, periods
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import Staff, Unit


def ensure(unit: Unit, code: str) -> Quarter:
    """The unit's quarter of that name, made when it is not there. Raises ValueError for no name."""
    span = periods.quarter_span(code)
    quarter, _made = Quarter.objects.get_or_create(
        unit=unit, code=code, defaults={"starts_on": span.first, "ends_on": span.until}
    )
    return quarter


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
    audit.record(by, "quarter.close", quarter, after={"closed": code})
    return quarter
