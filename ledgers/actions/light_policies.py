"""From when a task shows yellow or red: the supervision office sets it, for days to come."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers.models import LightPolicy
from scheme import audit, clock
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import Staff, Unit

FIGURES = ("near_days", "yellow_behind", "red_behind", "escalate_after")


@transaction.atomic
def set_policy(unit: Unit, *, in_force_from: date, by: Staff, **figures: int) -> LightPolicy:
    """Adds a row; what held on days gone by stays as it was. `figures`: those of FIGURES."""
    require(by, "supervision.settings", Anchor(unit.pk))
    if in_force_from < clock.today():
        raise Refused(_("生效日期不能早于今天。"), field="in_force_from")
    if figures["red_behind"] <= figures["yellow_behind"]:
        raise Refused(_("红灯的百分点要大于黄灯。"), field="red_behind")
    policy = LightPolicy.objects.create(
        unit=unit, in_force_from=in_force_from, set_by=by, set_at=clock.now(), **figures
    )
    after = {name: getattr(policy, name) for name in FIGURES}
    after["in_force_from"] = in_force_from.isoformat()
    audit.record(by, "lights.set", policy, after=after)
    return policy
