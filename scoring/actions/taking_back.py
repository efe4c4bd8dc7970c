"""Entries taken back because the committee decided so: a star was revoked, and points that rested
on the same wrong go with it. The chair decides on what the personnel office proposed."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers.models import PointEntry
from scheme import access
from scheme.access import Anchor
from scheme.errors import Refused
from scheme.models import Staff, Unit
from scoring import manuals
from scoring.actions import checking, manual

DECLARED = "declared:"


def by_hand(entry: PointEntry) -> bool:
    """May the entry be taken back as it stands? Others are put right where their fact stands."""
    return entry.source.startswith((manual.PREFIX, DECLARED))


@transaction.atomic
def take_back(
    unit: Unit, entries: Iterable[int], *, basis: str, reason: str, proposed_by: Staff, by: Staff
) -> list[PointEntry]:
    """All of them or none. What was reversed meanwhile is done; what a ledger yields is refused
    while it stands, with the name of the ledger. Answers with those it took back."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    access.require(by, "points.take_back", Anchor(unit.pk))
    rows = PointEntry.objects.filter(unit=unit, pk__in=list(entries), reversed_by=None)
    taken = list(rows.order_by("pk"))
    for entry in taken:
        if not by_hand(entry):
            raise Refused(
                _("“%(title)s”（%(points)s分）还在账上，请先到%(ledger)s更正，再批准撤销。")
                % {
                    "title": entry.rule_title,
                    "points": entry.points,
                    "ledger": manuals.ledger_of(entry.source),
                }
            )
        if entry.source.startswith(DECLARED):
            pk = int(entry.source.removeprefix(DECLARED))
            checking.revoke_decided(pk, reason=reason, by=by)
        else:
            manual.reverse_decided(
                entry, basis=basis, reason=reason, proposed_by=proposed_by, by=by
            )
    return taken
