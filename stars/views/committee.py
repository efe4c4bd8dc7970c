"""What a member holds in the hand, what the room sees on the wall, the chair's word on a tie."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme import access, clock
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once, without
from stars import clearances, facts
from stars.actions import boxes, votes
from stars.models import Box, Elector, Round, Vote
from stars.room import Room

from .stage import find_round, head

S = Round.State
FORM = require_http_methods(["GET", "HEAD", "POST"])
UNCHANGED = 204


def status_of(refused) -> int:
    return 200 if refused is None else 409 if refused.conflict else 422


def find_box(request, pk) -> Box:
    """404 unless the person may know of its round."""
    rounds = Round.objects.visible_to(request.user)
    rows = Box.objects.select_related("meeting__round__unit", "nomination")
    return get_object_or_404(rows, pk=pk, meeting__round__in=rounds)


def is_current(request, mark: str) -> bool:
    """Does the page that asks again already show this?"""
    return bool(request.htmx) and request.GET.get("seen") == mark


# --- The member's page


@gate("sitting.show")
@require_safe
def committee(request, pk):
    round_ = find_round(request, pk)
    if round_.state != S.AT_COMMITTEE:
        return redirect("stars:round_detail", pk)
    context = _members_part(request, round_)
    if is_current(request, context["mark"]):
        return HttpResponse(status=UNCHANGED)
    if request.htmx:
        return render(request, "stars/_committee_room.html", context)
    return render(request, "stars/committee_detail.html", context | head(request, round_))


@gate("vote.cast")
@sensitive_post_parameters("choice")
@require_POST
@once
@without("choice")
def vote_cast(request, pk):
    """One member's ballot on the open item. The answer is the same for every choice."""
    box = find_box(request, pk)
    round_ = box.meeting.round
    try:
        boxes.cast(box.pk, by=request.user, choice=request.POST.get("choice", ""))
    except Refused as refused:
        if round_.state != S.AT_COMMITTEE:
            raise
        context = _members_part(request, round_) | head(request, round_) | {"refused": refused}
        return render(request, "stars/committee_detail.html", context, status=status_of(refused))
    messages.success(request, _("已投票。"))
    return redirect("stars:committee", round_.pk)


def _members_part(request, round_) -> dict:
    """Only the open item, and that only for who is entitled to it."""
    room = Room(round_, request.user)
    stage = _stage(room)
    item = room.open_item if stage in ("vote", "waits", "voted", "watches") else None
    # A half-made choice is not taken away by others voting or coming in.
    more = (stage, room.open_box and room.open_box.pk)
    context = {
        "round": round_,
        "room": room,
        "stage": stage,
        "seat": room.sitting.seat_of(request.user.pk),
        "item": item,
        "choices": Vote.Choice.choices,
        "mark": _short(more) if stage == "vote" else room.mark(*more),
        "settles": may_settle(request.user, room),
        "leads": room.may_be_led_by(request.user),
    }
    context["ties"] = len(room.sitting.open_ties()) if context["settles"] else 0
    if item:
        context["facts"] = facts.of([item.nomination])[item.nomination.pk]
        context["clearances"] = clearances_of(request.user, item.nomination)
    return context


def _short(more) -> str:
    return "-".join(map(str, more))


def clearances_of(person, nomination) -> list:
    """As far as the person may know them."""
    if not clearances.may_read(person, nomination):
        return []
    return clearances.of([nomination]).get(nomination.pk, [])


def _stage(room: Room) -> str:
    """Where the member stands now, in one word."""
    if not room.items:
        return "empty"
    if room.open_box is None:
        if room.is_open:
            return "between" if room.undecided else "decided"
        return "before" if room.undecided else "decided"
    elector = room.elector()
    if room.open_item.hidden:
        return "recused"
    if elector is None:
        return "watches"
    if elector.has_voted:
        return "voted"
    if elector.standing != Elector.Standing.DUE:
        return "absent"
    if elector.presides and room.presider_waits:
        return "waits"
    return "vote"


# --- The projector


@gate("sitting.show")
@require_safe
def sitting(request, pk):
    """The open item by itself, else what was decided last; any other by its number. Partial counts
    are never here: how many have voted, until the ballot is closed."""
    round_ = find_round(request, pk)
    if round_.state != S.AT_COMMITTEE:
        return redirect("stars:round_detail", pk)
    room = Room(round_, request.user)
    view, item = _on_screen(room, request.GET.get("item", ""))
    mark = room.mark(view, item and item.number, room.cast, len(room.due))
    if is_current(request, mark):
        return HttpResponse(status=UNCHANGED)
    context = head(request, round_) | {
        "room": room,
        "view": view,
        "item": item,
        "mark": mark,
        "asked": request.GET.get("item", ""),
        "now": clock.now(),
    }
    if item and not item.hidden:
        one = item.nomination
        context |= {
            "facts": facts.of([one])[one.pk],
            "clearances": clearances_of(request.user, one),
            "rivals": len(room.sitting.groups[one.star_id, one.kind]),
            "least": room.sitting.least_to_pass(one),
            "dots": _dots(room.cast, len(room.due)) if room.open_item is item else None,
        }
    if item:
        context |= {
            "previous": item.number - 1 if item.number > 1 else None,
            "following": item.number + 1 if item.number < len(room.items) else None,
        }
    name = "_committee_screen.html" if request.htmx else "committee_sitting.html"
    return render(request, f"stars/{name}", context)


def _on_screen(room: Room, asked: str):
    """What hangs on the wall: one item, or the list."""
    if not room.items:
        return "empty", None
    if asked == "list":
        return "list", None
    if asked.isdecimal() and len(asked) < 6:
        return "item", room.items[min(max(int(asked), 1), len(room.items)) - 1]
    if room.open_item:
        return "item", room.open_item
    if room.is_open and room.last_item and room.undecided:
        return "item", room.last_item
    return "list", None


def _dots(cast: int, due: int) -> dict:
    """Full and empty circles, ten to a row."""
    first = 160 - 14 * (min(due, 10) - 1)
    dots = [
        {"on": n < cast, "x": first + 28 * (n % 10), "y": 20 + 34 * (n // 10)} for n in range(due)
    ]
    return {"rows": dots, "height": 40 + 34 * (max(due - 1, 0) // 10)}


# --- The chair's word on a tie


def may_settle(person, room: Room) -> bool:
    """The chair; whoever presides in the chair's stead, while the meeting lasts."""
    presides = room.is_open and room.meeting.chair_id == person.pk
    verb = "vote.cast" if presides else "vote.settle"
    return access.can(person, verb, room.round.anchor())


@gate("sitting.show")
@FORM
@once
def tie(request, pk):
    """The chair gives the last places where the count is equal, of a star or of the floating ones.
    Ties appear when everything is decided."""
    round_ = find_round(request, pk, S.AT_COMMITTEE)
    room, refused = Room(round_, request.user), None
    if not may_settle(request.user, room):
        raise PermissionDenied
    if request.method == "POST":
        try:
            votes.settle(
                round_.pk,
                by=request.user,
                star=request.POST.get("star", ""),
                kind=request.POST.get("kind", ""),
                winners=[
                    int(key)
                    for key in request.POST.getlist("winners")
                    if key.isdecimal() and len(key) < 19
                ],
                reason=request.POST.get("reason", "").replace("\x00", ""),
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("裁定已记录。"))
            return redirect("stars:tie", pk)
    now, hidden = room.sitting, {item.nomination.pk for item in room.items if item.hidden}
    items = {one.pk: one for one in now.nominations}
    stars = {one.star_id: one.star for one in now.nominations}
    ties = [
        {
            "star": stars.get(star),
            "kind": kind,
            "left": placing.left,
            "level": [items[key] for key in sorted(placing.tied)],
            # Whoever stands back from one of them leaves it to another chair.
            "hidden": bool(hidden & placing.tied),
        }
        for (star, kind), placing in now.open_ties().items()
    ]
    settled = [{"one": one, "star": stars.get(one.star_id)} for one in now.settlements.values()]
    context = head(request, round_) | {"ties": ties, "settled": settled, "refused": refused}
    context["decided"] = not room.undecided
    context["chosen"] = request.POST.getlist("winners")
    context["posted_star"] = request.POST.get("star", "") + request.POST.get("kind", "")
    context["reason"] = request.POST.get("reason", "")
    return render(request, "stars/committee_tie.html", context, status=status_of(refused))
