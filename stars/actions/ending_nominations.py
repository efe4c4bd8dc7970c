"""From 科室推星 to 支部评星: what is submitted goes to its branch, whose members are seated."""

from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import clock, notices
from scheme.errors import Refused
from scheme.models import Appointment, BranchMembership, Staff
from scheme.offices import Office
from scheme.templatetags.look import md_hm
from stars import eligibility, recusal
from stars.models import Nomination, Round, Seat

from .moving import end_of, take, tell_lost

N = Nomination.State
# Whose marks count by the leaders' weight.
LEADING = (
    Office.SECTION_CHIEF,
    Office.DEPUTY_CHIEF,
    Office.LEADER_IN_CHARGE,
    Office.BRANCH_SECRETARY,
    Office.COMMITTEE_CHAIR,
    Office.COMMITTEE_MEMBER,
)


def to_branches(round_: Round, by) -> dict:
    rows = list(
        Nomination.objects.select_for_update(of=("self",))
        .filter(round=round_)
        .select_related("person", "section", "star", "made_by")
        .order_by("pk")
    )
    submitted = [one for one in rows if one.state == N.SUBMITTED]
    lost = eligibility.lost(round_, submitted)
    ready = [one for one in submitted if one.pk not in lost]
    unfit = [one for one in submitted if one.pk in lost]
    unready = [one for one in rows if one.state in (N.DRAFT, N.RETURNED)]
    if not ready:
        raise Refused(_("还没有一个科室报来推荐，不能进入支部评星。"))
    take(ready, "to_branch", by)
    take(unready, "withdraw", by, _("截止未报"))
    take(unfit, "withdraw", by, str(eligibility.NEUTRAL))
    tell_lost(round_, unfit)
    today, due = clock.today(), end_of(round_.branch_until)
    held = (
        BranchMembership.objects.on(today)
        .filter(
            branch__in={one.branch_id for one in ready},
            staff__in=Staff.objects.of_unit(round_.unit).on_roll(today),
        )
        .select_related("staff")
    )
    leading = set(
        Appointment.objects.on(today)
        .filter(office__in=LEADING, staff__unit=round_.unit)
        .values_list("staff_id", flat=True)
    )
    seats = Seat.objects.bulk_create(
        Seat(
            round=round_,
            body=Seat.Body.BRANCH,
            branch_id=row.branch_id,
            staff=row.staff,
            leads=row.staff_id in leading,
        )
        for row in held
    )
    recused = recusal.lay(round_, Seat.Body.BRANCH, ready, seats)
    for one in unready:
        notices.tell(
            one.made_by,
            f"nomination:{one.pk}:unsubmitted",
            lambda one=one: (
                _("对%(nominee)s的推荐到截止没有报出，已撤回。") % {"nominee": one.nominee}
            ),
            url=reverse("stars:nomination_list", args=[round_.pk]),
        )
    notices.tell_all(
        [seat.staff for seat in seats],
        f"round:{round_.pk}:at_branch",
        lambda: (
            _("%(round)s进入支部评星，请在%(due)s前评议本支部的提名。")
            % {"round": round_, "due": md_hm(due)}
        ),
        url=reverse("stars:branch", args=[round_.pk]),
        icon="star",
    )
    facts = {
        "nominations": len(ready),
        "withdrawn": len(unready),
        "seats": len(seats),
        "recused": len(recused),
        "unfit": len(unfit),
    }
    return {"due_at": due, "facts": facts}
