"""What stands in the way of a nominee, built plainly for the tests of 科室推星."""

from datetime import date

from scheme import clock
from scheme.models import Restriction, Staff

EARLIER, LATER = date(2026, 3, 2), date(2026, 9, 2)


def make_restriction(
    subject, *, by, kind="sanction", since=EARLIER, until=LATER, authority="试纪〔2026〕3号", **more
) -> Restriction:
    """`subject`: a person or a section; in effect from March until September."""
    is_person = isinstance(subject, Staff)
    return Restriction.objects.create(
        unit_id=subject.unit_id,
        staff=subject if is_person else None,
        section=None if is_person else subject,
        kind=kind,
        since=since,
        until=until,
        authority=authority,
        recorded_by=by,
        recorded_at=clock.now(),
        **more,
    )
