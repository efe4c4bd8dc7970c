"""Keeping the promised number of working days when the calendar changes during publicity."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import audit, clock, notices
from scheme.models import Staff
from scheme.templatetags.look import md_hm
from stars import publicity
from stars.models import Round, RoundMove

from .rounds import CLOSING_HOUR


@transaction.atomic
def keep_length(pk: int, *, by=None) -> Round:
    """For the clock: puts the end of publicity off where days were taken away, tells everybody.
    Asked again it changes nothing; it never brings the end forward."""
    round_ = Round.objects.select_for_update(of=("self",)).select_related("unit").get(pk=pk)
    if round_.state != Round.State.PUBLICITY:
        return round_
    last = publicity.last_day(round_)
    if last == round_.publicity_until:
        return round_
    ends_at = clock.at(last, CLOSING_HOUR)
    reason = _("工作日历有调整，公示顺延，仍满%(n)s个工作日") % {"n": round_.publicity_days}
    before = {"until": round_.publicity_until.isoformat()}
    RoundMove.objects.create(
        round=round_,
        version=round_.version,
        from_state=round_.state,
        to_state=round_.state,
        by=by,
        reason=reason,
        at=clock.now(),
    )
    round_.version += 1
    round_.publicity_until, round_.due_at = last, max(ends_at, round_.due_at)
    round_.save(update_fields=["version", "publicity_until", "due_at"])
    audit.record(
        by,
        "round.postpone",
        round_,
        before=before,
        after={"until": last.isoformat()},
        reason=reason,
    )
    notices.tell_all(
        Staff.objects.of_unit(round_.unit).on_roll(clock.today()),
        f"round:{round_.pk}:publicity:{last.isoformat()}",
        lambda: (
            _("%(round)s的公示因工作日历调整顺延到%(until)s。")
            % {"round": round_, "until": md_hm(ends_at)}
        ),
        url=reverse("stars:publicity", args=[round_.pk]),
        icon="megaphone",
    )
    return round_
