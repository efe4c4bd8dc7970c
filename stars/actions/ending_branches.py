"""From 支部评星 to 部务会定星: outcomes are counted, the committee is seated."""

from collections import Counter

from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import clock, notices
from scheme.errors import Refused
from scheme.models import Appointment, Staff
from scheme.offices import Office
from scheme.templatetags.look import md_hm
from stars import eligibility, recusal
from stars.branching import BranchStage
from stars.models import BranchOutcome, Round, Seat
from stars.owing import office_of

from . import sittings
from .moving import end_of, take, tell_lost


def to_committee(round_: Round, by) -> dict:
    stage, at = BranchStage(round_), clock.now()
    outcomes = [stage.outcome(one) for one in stage.nominations]
    for row in outcomes:
        row.at = at
    BranchOutcome.objects.bulk_create(outcomes)
    lost = eligibility.lost(round_, stage.nominations)
    unfit = [one for one in stage.nominations if one.pk in lost]
    take(unfit, "close", by, str(eligibility.NEUTRAL))
    fit = [row for row in outcomes if row.nomination_id not in lost]
    refused = [row.nomination for row in fit if row.outcome == "against"]
    take(refused, "close", by, _against(stage))
    onward = [row.nomination for row in fit if row.outcome != "against"]
    take(onward, "to_committee", by)
    tell_lost(round_, unfit)

    members = _committee(round_)
    if not members:
        raise Refused(_("没有在任的部务会成员，请安全管理员先登记任职。"))
    seats = Seat.objects.bulk_create(
        Seat(round=round_, body=Seat.Body.COMMITTEE, staff=person, chairs=chairs)
        for person, chairs in members.items()
    )
    recused = recusal.lay(round_, Seat.Body.COMMITTEE, onward, seats)
    sittings.first(round_)
    due = end_of(round_.committee_until)
    notices.tell_all(
        {*members, *office_of(round_.unit_id)},
        f"round:{round_.pk}:at_committee",
        lambda: (
            # Without how many: one who stands back would count what they are not to see.
            _("%(round)s进入部务会定星，请在%(due)s前表决。") % {"round": round_, "due": md_hm(due)}
        ),
        url=reverse("stars:committee", args=[round_.pk]),
        icon="star",
    )
    facts = {
        "outcomes": dict(Counter(row.outcome for row in outcomes)),
        "seats": len(members),
        "recused": len(recused),
        "unfit": len(unfit),
    }
    return {"due_at": due, "facts": facts}


def _against(stage: BranchStage) -> str:
    if stage.by_marks:
        return _("支部评议平均分低于%(line)s分") % {"line": stage.round.against_below}
    return _("支部评议过半数不赞成")


def _committee(round_: Round) -> dict[Staff, bool]:
    """Members of the day, and whether they chair."""
    today = clock.today()
    held = (
        Appointment.objects.on(today)
        .filter(
            office__in=(Office.COMMITTEE_CHAIR, Office.COMMITTEE_MEMBER),
            staff__in=Staff.objects.of_unit(round_.unit).on_roll(today),
        )
        .select_related("staff")
        .order_by("staff__sort_weight", "staff__staff_no")
    )
    found: dict[Staff, bool] = {}
    for row in held:
        found[row.staff] = found.get(row.staff, False) or row.office == Office.COMMITTEE_CHAIR
    return found
