"""The trail. Written in the transaction of the act: no trail, no act."""

from scheme import clock, trace
from scheme.access import acted_for
from scheme.models import AuditEntry


def record(by, act: str, thing, *, before=None, after=None, reason: str = "", unit=None):
    """One row: who did which act to which thing. `by` is None when the clock did it.

    `before` and `after` hold only what changed, JSON-ready; never a ballot, never a password.
    Where a deputy acted, the row names the absent holder of the office too (`access.acted_for`).
    """
    entry = _entry(by, act, thing, before=before, after=after, reason=reason, unit=unit)
    entry.save(force_insert=True)
    return entry


def record_many(by, act: str, changes, *, unit) -> None:
    """The same act on many things: a row each. `changes` are (thing, before, after)."""
    rows = [
        _entry(by, act, thing, before=before, after=after, reason="", unit=unit)
        for thing, before, after in changes
    ]
    AuditEntry.objects.bulk_create(rows, batch_size=500)


def _entry(by, act: str, thing, *, before, after, reason: str, unit) -> AuditEntry:
    origin = trace.current.get()
    unit_id = unit.pk if unit else getattr(thing, "unit_id", None) or getattr(by, "unit_id", None)
    return AuditEntry(
        at=clock.now(),
        actor=by,
        on_behalf_of_id=acted_for(by),
        unit_id=unit_id,
        act=act,
        object_type=thing._meta.label_lower,
        object_id=str(thing.pk),
        before=before or {},
        after=after or {},
        reason=reason,
        request_id=origin.request_id,
        ip=origin.ip,
    )
