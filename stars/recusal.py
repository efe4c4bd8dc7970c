"""Who stands back from which nomination, and why.

Fixed on the day the stage begins, like the seats: a change of section meanwhile changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from scheme import clock
from scheme.models import Appointment, SectionMembership
from scheme.offices import Office
from stars.models import Nomination, Round, Seat

OWN = _("本人是提名对象，回避")
HEAD = _("本人负责这个科室，回避")
MEMBER = _("本人在这个科室，回避")
NOMINATOR = _("推荐由本人提交，回避")

# nomination → member → why
Recusals = dict[int, dict[int, str]]


def _chiefs(round_: Round, nominations: Iterable[Nomination]) -> dict[int, set[int]]:
    sections = {one.section_id for one in nominations if one.kind == "section"}
    held = Appointment.objects.on(clock.local(round_.stage_since).date()).filter(
        office=Office.SECTION_CHIEF, section__in=sections
    )
    chiefs = defaultdict(set)
    for section, staff in held.values_list("section_id", "staff_id"):
        chiefs[section].add(staff)
    return chiefs


def in_branch(round_: Round, nominations: list[Nomination]) -> Recusals:
    """The nominee; the chiefs of a nominated section; whoever submitted the nomination."""
    chiefs = _chiefs(round_, nominations)
    found: Recusals = {}
    for one in nominations:
        why = {one.submitted_by_id: NOMINATOR} if one.submitted_by_id else {}
        if one.kind == "section":
            why |= dict.fromkeys(chiefs[one.section_id], HEAD)
        else:
            why[one.person_id] = OWN
        found[one.pk] = why
    return found


def in_committee(round_: Round, nominations: list[Nomination], seats: Iterable[Seat]) -> Recusals:
    """The nominee; of a nominated section, its chiefs and its members."""
    chiefs = _chiefs(round_, nominations)
    day = clock.local(round_.stage_since).date()
    members = defaultdict(set)
    held = SectionMembership.objects.on(day).filter(staff__in={seat.staff_id for seat in seats})
    for section, staff in held.values_list("section_id", "staff_id"):
        members[section].add(staff)
    found: Recusals = {}
    for one in nominations:
        if one.kind == "section":
            why = dict.fromkeys(members[one.section_id], MEMBER)
            why |= dict.fromkeys(chiefs[one.section_id], HEAD)
        else:
            why = {one.person_id: OWN}
        found[one.pk] = why
    return found
