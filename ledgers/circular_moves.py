"""How an act holds a circular, and how it leaves it."""

from django.utils.translation import gettext as _

from ledgers import records
from ledgers.models import Circular
from scheme import audit
from scheme.access import Anchor, require
from scheme.errors import Refused, Stale
from scheme.models import Staff

State = Circular.State
# It is being written.
OPEN = (State.DRAFT, State.RETURNED)


def locked(pk: int, *, by: Staff, version: int) -> Circular:
    """The circular, if it is in sight and as the reader saw it. Raises DoesNotExist, Stale."""
    seen = Circular.objects.visible_to(by).filter(pk=pk).values("pk")
    rows = Circular.objects.select_for_update(of=("self",)).select_related("unit", "written_by")
    circular = rows.get(pk__in=seen)
    if circular.version != version:
        raise Stale(_("这份通报刚才有人改过，请重新打开再办。"))
    return circular


def to_write(pk: int, *, by: Staff, version: int) -> Circular:
    circular = locked(pk, by=by, version=version)
    require(by, "circular.write", Anchor(circular.unit_id, state=State.DRAFT))
    if circular.state not in OPEN:
        raise Refused(
            _("通报%(state)s，不能再改。") % {"state": circular.get_state_display()}, conflict=True
        )
    return circular


def move_on(circular: Circular, kind: str, *, by: Staff, fields=(), **told) -> None:
    """The next version, and its line in the history and in the trail."""
    circular.version += 1
    circular.save(update_fields=["version", *fields])
    records.note(circular, kind, by=by, **told)
    about = {key: told[key] for key in ("before", "after") if key in told}
    audit.record(by, f"circular.{kind}", circular, **about, reason=told.get("text", ""))
