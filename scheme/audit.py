"""The trail. Written in the transaction of the act: no trail, no act."""

from scheme import clock, trace
from scheme.models import AuditEntry


def record(by, act: str, thing, *, before=None, after=None, reason: str = "", unit=None):
    """One row: who did which act to which thing. `by` is None when the clock did it.

    `before` and `after` hold only what changed, JSON-ready; never a ballot, never a password.
    """
    origin = trace.current.get()
    unit_id = unit.pk if unit else getattr(thing, "unit_id", None) or getattr(by, "unit_id", None)
    return AuditEntry.objects.create(
        at=clock.now(),
        actor=by,
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
