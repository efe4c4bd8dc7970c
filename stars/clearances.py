"""What the personnel office and the discipline committee say of nominees before the committee sits
(审核意见、廉政意见): the newest word of each body, and who may read it."""

from collections.abc import Iterable

from scheme import access
from scheme.models import Staff
from scheme.roles import Role
from stars import recusal
from stars.models import Clearance, Nomination

State = Nomination.State
# When it may be said, and before whom it is then laid.
SAID_IN = (State.SUBMITTED, State.AT_BRANCH, State.AT_COMMITTEE)
READ_BY_COMMITTEE_IN = (State.AT_COMMITTEE, State.CLOSED)


def of(nominations: Iterable[Nomination]) -> dict[int, list[Clearance]]:
    """By nomination, the newest of each body that has spoken, personnel first. One query. Whoever
    shows it asks first whether the reader may know (`may_read`)."""
    rows = (
        Clearance.objects.filter(nomination__in=[one.pk for one in nominations])
        .select_related("by")
        .order_by("nomination_id", "-body", "-pk")
        .distinct("nomination_id", "body")
    )
    found: dict[int, list[Clearance]] = {}
    for row in rows:
        found.setdefault(row.nomination_id, []).append(row)
    return found


def may_read(person: Staff, nomination: Nomination) -> bool:
    """The personnel office; the committee once it lies before it. Never the nominee, who heads a
    nominated section, or who stands back from the nomination."""
    if person.unit_id != nomination.unit_id or person.pk == nomination.person_id:
        return False
    if nomination.section_id in access.places(person, Role.CHIEF):
        return False
    if access.has_role(person, Role.PERSONNEL):
        return True
    judges = access.has_role(person, Role.COMMITTEE) and nomination.state in READ_BY_COMMITTEE_IN
    return judges and not recusal.is_blind(nomination, person)
