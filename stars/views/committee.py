"""The committee's sitting: the member's page, the projector, attendance, the chair's tie."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme import access, clock
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from stars import facts
from stars.actions import votes
from stars.ballots import Sitting
from stars.models import Round, Vote

from .stage import find_round, head, number, posted

S = Round.State
FORM = require_http_methods(["GET", "HEAD", "POST"])


def _status(refused) -> int:
    return 200 if refused is None else 409 if refused.conflict else 422


@gate("sitting.show")
@require_safe
def committee(request, pk):
    round_ = find_round(request, pk)
    if round_.state != S.AT_COMMITTEE:
        return redirect("stars:round_detail", pk)
    return _vote_page(request, round_)


@gate("vote.cast")
@require_POST
@once
def vote_cast(request, pk):
    """The member's votes, on one item or on all."""
    round_ = find_round(request, pk)
    try:
        cast = votes.cast_all(round_.pk, by=request.user, choices=posted(request, "choice"))
    except Refused as refused:
        if round_.state != S.AT_COMMITTEE:
            raise
        return _vote_page(request, round_, refused)
    messages.success(request, _("已投%(n)s项。") % {"n": len(cast)})
    return redirect("stars:committee", pk)


def _vote_page(request, round_, refused=None):
    sitting = Sitting(round_)
    context = head(request, round_) | _standing(sitting) | _own_part(request, sitting)
    context["refused"] = refused
    context["ties"] = len(sitting.open_ties())
    context["settles"] = access.can(request.user, "vote.settle", round_.anchor())
    return render(request, "stars/committee_detail.html", context, status=_status(refused))


def _standing(sitting) -> dict:
    """Attendance and progress; no sums."""
    awaited = sum(len(sitting.awaited(one)) for one in sitting.nominations)
    due = sum(len(sitting.due(one)) for one in sitting.nominations)
    present = [seat for seat in sitting.seats if seat.present]
    return {
        "entitled": len(sitting.seats),
        "present": len(present),
        "absent": [seat for seat in sitting.seats if seat.present is False],
        "needed": sitting.needed,
        "attendance_taken": sitting.attendance_taken,
        "has_quorum": sitting.has_quorum,
        "votes_in": due - awaited,
        "votes_due": due,
        "all_in": sitting.attendance_taken and sitting.has_quorum and not awaited,
        "awaited": [seat.staff for seat in sitting.owing()] if sitting.attendance_taken else [],
    }


def _own_part(request, sitting) -> dict:
    """The items of a member, star by star, with what stands in the way of a vote, if anything."""
    person, seat = request.user, sitting.seat_of(request.user.pk)
    shown, chosen = facts.of(sitting.nominations), posted(request, "choice")
    groups, own, due = [], 0, 0
    for (star, kind), nominations in sitting.groups.items():
        items = []
        for one in nominations:
            recused = sitting.why_recused(one, person.pk) if seat else ""
            cast = sitting.votes[one.pk].get(person.pk)
            due += not recused
            own += cast is not None
            items.append(
                {
                    "nomination": one,
                    "facts": shown[one.pk],
                    "recused": recused,
                    "own": Vote.Choice(cast).label if cast else "",
                    "choice": chosen.get(one.pk, ""),
                }
            )
        places = sitting.places.get((star, kind), 0)
        groups.append({"star": nominations[0].star, "kind": kind, "places": places, "items": items})
    return {
        "groups": groups,
        "seat": seat,
        "own_done": own,
        "own_due": due,
        "left": due - own,
        "choices": Vote.Choice.choices,
        "may_vote": bool(seat and seat.present and sitting.attendance_taken and sitting.has_quorum),
        "open": any(not i["own"] and not i["recused"] for group in groups for i in group["items"]),
    }


@gate("sitting.show")
@require_safe
def sitting(request, pk):
    """The projector: one item at a time, attendance, the rule; never a partial result."""
    round_ = find_round(request, pk)
    if round_.state != S.AT_COMMITTEE:
        return redirect("stars:round_detail", pk)
    now = Sitting(round_)
    asked = request.GET.get("item", "")
    total = len(now.nominations)
    place = min(max(int(asked), 1), total) if asked.isdecimal() and total else min(1, total)
    context = head(request, round_) | _standing(now) | {"place": place, "total": total}
    context["now"] = clock.now()
    if place:
        one = now.nominations[place - 1]
        due, awaited = now.due(one), now.awaited(one)
        context |= {
            "nomination": one,
            "facts": facts.of([one])[one.pk],
            "places": now.places.get((one.star_id, one.kind), 0),
            "rivals": len(now.groups[one.star_id, one.kind]),
            "cast": len(due) - len(awaited),
            "due": len(due),
            "dots": _dots(len(due) - len(awaited), len(due)),
            "recused": now.recused(one),
            "least": now.least_to_pass(one),
            "previous": place - 1 if place > 1 else None,
            "following": place + 1 if place < total else None,
        }
    template = "stars/_committee_panel.html" if request.htmx else "stars/committee_sitting.html"
    return render(request, template, context)


def _dots(cast: int, due: int) -> dict:
    """Full and empty circles, ten to a row."""
    first = 160 - 14 * (min(due, 10) - 1)
    dots = [
        {"on": n < cast, "x": first + 28 * (n % 10), "y": 20 + 34 * (n // 10)} for n in range(due)
    ]
    return {"rows": dots, "height": 40 + 34 * (max(due - 1, 0) // 10)}


@gate("round.manage")
@FORM
@once
def attendance(request, pk):
    """The office records who came; no clocking-in."""
    round_ = find_round(request, pk, S.AT_COMMITTEE)
    refused = None
    if request.method == "POST":
        came = posted(request, "came")
        reasons = posted(request, "absence")
        try:
            votes.record_attendance(
                round_.pk,
                by=request.user,
                present={key for key, value in came.items() if value == "yes"},
                absences={
                    key: reasons.get(key, "") for key, value in came.items() if value == "no"
                },
                seen=number(request, "seen"),
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("到会情况已登记。"))
            return redirect("stars:committee", pk)
    now = Sitting(round_)
    came, reasons = posted(request, "came"), posted(request, "absence")
    stored = {True: "yes", False: "no", None: ""}
    rows = [
        {
            "seat": seat,
            "came": came.get(seat.staff_id, stored[seat.present]),
            "absence": reasons.get(seat.staff_id, seat.absence),
        }
        for seat in now.seats
    ]
    context = head(request, round_) | _standing(now) | {"rows": rows, "refused": refused}
    return render(request, "stars/committee_attendance.html", context, status=_status(refused))


@gate("vote.settle")
@FORM
@once
def tie(request, pk):
    """The chair gives the last places where the count is equal. Ties appear when all have voted."""
    round_ = find_round(request, pk, S.AT_COMMITTEE)
    access.require(request.user, "vote.settle", round_.anchor())
    refused = None
    if request.method == "POST":
        try:
            votes.settle(
                round_.pk,
                by=request.user,
                star=request.POST.get("star", ""),
                kind=request.POST.get("kind", ""),
                winners=[int(key) for key in request.POST.getlist("winners") if key.isdecimal()],
                reason=request.POST.get("reason", ""),
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("裁定已记录。"))
            return redirect("stars:tie", pk)
    now = Sitting(round_)
    ties = [
        {
            "star": now.groups[key][0].star,
            "kind": key[1],
            "left": placing.left,
            "level": [one for one in now.groups[key] if one.pk in placing.tied],
        }
        for key, placing in now.open_ties().items()
    ]
    context = head(request, round_) | _standing(now)
    context |= {"ties": ties, "settled": now.settlements.values(), "refused": refused}
    context["chosen"] = request.POST.getlist("winners")
    context["reason"] = request.POST.get("reason", "")
    return render(request, "stars/committee_tie.html", context, status=_status(refused))
