"""From 部务会定星 to 公示: decisions are counted, the days of publicity begin."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import clock, notices, workdays
from scheme.models import Staff
from scheme.templatetags.look import md_hm
from stars.ballots import Sitting
from stars.models import Decision, Round

from . import boxes, sittings
from .moving import take
from .rounds import CLOSING_HOUR


def to_publicity(round_: Round, by) -> dict:
    sitting = Sitting(round_)
    if by is None and sitting.open_box and not sitting.owing():
        # Everybody has voted and the moment has come: only the word to close was missing.
        boxes.close(sitting.open_box.pk)
        sitting = Sitting(round_)
    sittings.check_all_decided(sitting)
    decisions = _decisions(sitting)
    Decision.objects.bulk_create(decisions)
    take(sitting.nominations, "close", by)
    sittings.end_with_stage(round_, by=by)
    facts = {
        "decisions": len(decisions),
        "placed": sum(row.placed for row in decisions),
        "floating": sum(row.floating for row in decisions),
        "deferred": sum(row.deferred for row in decisions),
    }
    return _publicity(round_) | {"facts": facts}


def _decisions(sitting: Sitting) -> list[Decision]:
    keys = [*sitting.groups, *sitting.floating]
    floating = {pk for key in sitting.floating for pk in sitting.given(key)}
    placed = {pk for key in keys for pk in sitting.given(key)}
    # Of a nomination level twice, for its star and for a floating place, the last word.
    settled = {
        pk: sitting.settlements[key]
        for key in keys
        if key in sitting.settlements
        for pk in sitting.placing(key).tied
    }
    at, decisions = clock.now(), []
    for one in sitting.nominations:
        box, settlement = sitting.counted(one), settled.get(one.pk)
        decisions.append(
            Decision(
                nomination=one,
                box=box,
                present=box.present,
                passed=sitting.passed(one),
                deferred=sitting.deferred(one),
                placed=one.pk in placed,
                floating=one.pk in floating,
                settled_by=settlement.by if settlement else None,
                settled_reason=settlement.reason if settlement else "",
                at=at,
                **sitting.tally(one)._asdict(),
            )
        )
    return decisions


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
