"""Who stands back from which nomination, and why: the rows laid when a stage begins.

What ties a member to a nominee is read on the day the stage begins, like the seats: a change of
section meanwhile changes nothing. Declared and ordered ones are added on the way
(actions/recusals.py).
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheme import clock
from scheme.models import Appointment, Kinship, SectionMembership
from scheme.offices import Office
from stars.models import Nomination, Recusal, Round, Seat
from stars.models.round import ALWAYS_RECUSED, RecusalKind

K = RecusalKind
WORDS = {
    K.OWN: _("本人是提名对象，回避"),
    # Read by whoever sits there; who is kin to whom is for the two and the personnel office.
    K.KIN: _("依规定回避"),
    K.HEAD: _("本人负责这个科室，回避"),
    K.MEMBER: _("本人在这个科室，回避"),
    K.SAME_SECTION: _("与提名对象同一科室，回避"),
    K.CHARGE: _("本人分管推荐的科室，回避"),
    K.NOMINATOR: _("推荐由本人提交，回避"),
    K.DECLARED: _("本人申请回避"),
    K.ORDERED: _("组织决定回避"),
}
# A branch is small and drawn from few sections: members of the same section would be everybody.
IN_BRANCH = (K.OWN, K.KIN, K.HEAD, K.NOMINATOR)
# Of several ties the first names the row.
PRECEDENCE = (K.OWN, K.KIN, K.HEAD, K.MEMBER, K.SAME_SECTION, K.CHARGE, K.NOMINATOR)
# Put on the way, and lifted when in error.
BY_HAND = (K.DECLARED, K.ORDERED)

# Which body a nomination lies before.
BODY_OF = {
    Nomination.State.AT_BRANCH: Seat.Body.BRANCH,
    Nomination.State.AT_COMMITTEE: Seat.Body.COMMITTEE,
}

# nomination → member → why
Recusals = dict[int, dict[int, str]]


def of(round_: Round, body: str) -> Recusals:
    """Why each stands back, of everything in the round; one query."""
    found: Recusals = defaultdict(dict)
    rows = Recusal.objects.filter(round=round_, body=body, lifted_at=None).order_by("pk")
    for nomination, staff, kind in rows.values_list("nomination_id", "staff_id", "kind"):
        found[nomination][staff] = str(WORDS[RecusalKind(kind)])
    return found


def is_blind(nomination: Nomination, person) -> bool:
    """Does the person stand back from it in the body it lies before now? Then no count of it is
    theirs to read, though the nominee and the author keep their own page."""
    body = BODY_OF.get(nomination.state)
    rows = Recusal.objects.filter(nomination=nomination, body=body, staff=person, lifted_at=None)
    return body is not None and rows.exists()


def lay(
    round_: Round, body: str, nominations: Iterable[Nomination], seats: Iterable[Seat]
) -> list[Recusal]:
    """Writes the rows the rules of the round ask for, of today's facts. Three queries and one."""
    nominations, seats = list(nominations), list(seats)
    kinds = {*ALWAYS_RECUSED, *round_.recusals}
    if body == Seat.Body.BRANCH:
        kinds &= set(IN_BRANCH)
    ties = _Ties(nominations, {seat.staff_id for seat in seats}, kinds)
    sitting = defaultdict(set)
    for seat in seats:
        sitting[seat.branch_id].add(seat.staff_id)
    at, rows = clock.now(), []
    for one in nominations:
        entitled = sitting[one.branch_id if body == Seat.Body.BRANCH else None]
        for staff, kind in ties.of(one).items():
            if staff in entitled:
                rows.append(
                    Recusal(
                        round=round_, body=body, nomination=one, staff_id=staff, kind=kind, at=at
                    )
                )
    return Recusal.objects.bulk_create(rows)


class _Ties:
    """What ties the members to the nominees today, loaded for all of them at once."""

    def __init__(self, nominations: list[Nomination], members: set[int], kinds: set[str]):
        self.kinds, today = kinds, clock.today()
        nominees = {one.person_id for one in nominations if one.person_id}
        self.kin = defaultdict(set)
        declared = Kinship.objects.filter(ended_at=None).filter(
            Q(person__in=nominees, relative__in=members)
            | Q(person__in=members, relative__in=nominees)
        )
        for person, relative in declared.values_list("person_id", "relative_id"):
            self.kin[person].add(relative)
            self.kin[relative].add(person)
        self.offices = defaultdict(set)
        held = Appointment.objects.on(today).filter(
            office__in=(Office.SECTION_CHIEF, Office.LEADER_IN_CHARGE),
            section__in={one.section_id for one in nominations},
            staff__in=members,
        )
        for office, section, staff in held.values_list("office", "section_id", "staff_id"):
            self.offices[office, section].add(staff)
        self.section_of, self.members_of = {}, defaultdict(set)
        belonging = SectionMembership.objects.on(today).filter(staff__in=members | nominees)
        for staff, section in belonging.values_list("staff_id", "section_id"):
            self.section_of[staff] = section
            self.members_of[section].add(staff)

    def of(self, one: Nomination) -> dict[int, str]:
        found = {}
        for kind in reversed(PRECEDENCE):
            if kind in self.kinds:
                found |= dict.fromkeys(self._tied(kind, one), kind)
        return found

    def _tied(self, kind: str, one: Nomination) -> set[int]:
        is_section = one.kind == "section"
        match kind:
            case K.OWN:
                return {one.person_id} - {None}
            case K.KIN:
                return set() if is_section else self.kin[one.person_id]
            case K.HEAD:
                head = self.offices[Office.SECTION_CHIEF, one.section_id]
                return head if is_section else set()
            case K.MEMBER:
                return self.members_of[one.section_id] if is_section else set()
            case K.SAME_SECTION:
                own = self.section_of.get(one.person_id, one.section_id)
                return set() if is_section else self.members_of[own]
            case K.CHARGE:
                return self.offices[Office.LEADER_IN_CHARGE, one.section_id]
        return {one.submitted_by_id} - {None}
