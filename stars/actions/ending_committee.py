"""From 部务会定星 to 公示: decisions are counted, the days of publicity begin."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import clock, notices, workdays
from scheme.errors import Refused
from scheme.models import Staff
from scheme.templatetags.look import md_hm
from stars import counting
from stars.ballots import Sitting
from stars.models import Decision, Round

from .moving import take
from .rounds import CLOSING_HOUR


def to_publicity(round_: Round, by) -> dict:
    sitting, at = Sitting(round_), clock.now()
    if sitting.nominations:
        _check_closable(sitting)
    decisions = []
    for key, group in sitting.groups.items():
        placing, settlement = sitting.placing(key), sitting.settlements.get(key)
        placed = placing.placed
        if placing.left:
            placed = counting.settled(placing, settlement.winners)
        for one in group:
            settled = one.pk in placing.tied
            decisions.append(
                Decision(
                    nomination=one,
                    present=len(sitting.present(one)),
                    passed=sitting.passed(one),
                    placed=one.pk in placed,
                    settled_by=settlement.by if settled else None,
                    settled_reason=settlement.reason if settled else "",
                    at=at,
                    **sitting.tally(one)._asdict(),
                )
            )
    Decision.objects.bulk_create(decisions)
    take(sitting.nominations, "close", by)
    return _publicity(round_) | {
        "facts": {"decisions": len(decisions), "placed": sum(row.placed for row in decisions)}
    }


def _check_closable(sitting: Sitting) -> None:
    if not sitting.attendance_taken:
        raise Refused(_("还没有登记到会人员。"))
    if not sitting.has_quorum:
        raise Refused(
            _("到会不足法定人数，须到%(needed)s人，实到%(came)s人。")
            % {"needed": sitting.needed, "came": len(sitting.came)}
        )
    if missing := sitting.missing():
        raise Refused(_("还有%(n)s票没有投。中途离会的，请先登记为未到会。") % {"n": missing})
    if sitting.open_ties():
        raise Refused(_("有同票没有裁定，请部务会主持人先裁定。"))


def _publicity(round_: Round) -> dict:
    """From the day of publication, which is not counted, to closing time of the last day."""
    today = clock.today()
    until = workdays.following(today, round_.publicity_days)
    due = clock.at(until, CLOSING_HOUR)
    if is_shortened(round_):
        until, due = today, clock.now() + timedelta(seconds=round_.publicity_seconds)
    notices.tell_all(
        Staff.objects.of_unit(round_.unit).on_roll(today),
        f"round:{round_.pk}:publicity",
        lambda: (
            _("%(round)s结果公示到%(due)s，有异议请实名提出。")
            % {"round": round_, "due": md_hm(due)}
        ),
        url=reverse("stars:publicity", args=[round_.pk]),
        icon="megaphone",
    )
    return {"publicity_from": today, "publicity_until": until, "due_at": due}


def is_shortened(round_: Round) -> bool:
    """Only a demonstration counts publicity in seconds, and its pages say so."""
    return bool(settings.DEMO and round_.publicity_seconds)
