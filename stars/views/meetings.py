"""The console of office and chair: who came, which item is put, when it is closed, what is next."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from scheme import access
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from stars.actions import boxes, sittings, written
from stars.models import Meeting, Nomination, Round
from stars.room import Room
from stars.sitting_forms import ArrangeForm

from .committee import find_box, is_current, may_settle, status_of
from .stage import find_round, head, number, posted

S = Round.State
FORM = require_http_methods(["GET", "HEAD", "POST"])
UNCHANGED = 204


def _find_meeting(request, pk) -> Meeting:
    rounds = Round.objects.visible_to(request.user).filter(state=S.AT_COMMITTEE)
    return get_object_or_404(Meeting.objects.select_related("round__unit"), pk=pk, round__in=rounds)


def _find_item(request, pk) -> Nomination:
    rows = Nomination.objects.visible_to(request.user).filter(state=Nomination.State.AT_COMMITTEE)
    return get_object_or_404(rows.select_related("round__unit"), pk=pk)


def said(request, name: str) -> str:
    """A word of the form, without what no database keeps."""
    return request.POST.get(name, "").replace("\x00", "").strip()


def staff_keys(request, name: str) -> list[int]:
    return [int(key) for key in request.POST.getlist(name) if key.isdecimal() and len(key) < 19]


# --- The console


@gate("sitting.show")
@require_safe
def meeting(request, pk):
    round_ = find_round(request, pk)
    if round_.state != S.AT_COMMITTEE:
        return redirect("stars:round_detail", pk)
    return _console(request, round_)


def _console(request, round_, refused=None):
    room = Room(round_, request.user)
    if not room.may_be_led_by(request.user):
        raise PermissionDenied
    mark = room.mark([(one.pk, one.has_voted) for one in room.electors])
    if refused is None and is_current(request, mark):
        return HttpResponse(status=UNCHANGED)
    manages = access.can(request.user, "sitting.manage", round_.anchor())
    context = head(request, round_) | {
        "room": room,
        "mark": mark,
        "refused": refused,
        "step": _step(room),
        "runs_it": manages,
        "ties": len(room.sitting.open_ties()),
        "settles": may_settle(request.user, room),
        "written": room.written(),
        "away": room.attendance["absent"],
    }
    if request.htmx and refused is None:
        return render(request, "stars/_committee_floor.html", context)
    return render(request, "stars/committee_meeting.html", context, status=status_of(refused))


def _step(room: Room) -> str:
    """The one thing to do next."""
    attendance = room.attendance
    if not room.items:
        return "empty"
    if room.open_box is not None:
        return "ballot"
    if not room.undecided:
        if room.sitting.open_ties():
            return "tie"
        return "close" if room.is_open else "decided"
    if room.is_open:
        return "open" if attendance["quorum"] else "quorum"
    if not room.is_called:
        return "call"
    if not room.is_arranged:
        return "arrange"
    if not attendance["taken"]:
        return "attend"
    return "begin" if attendance["quorum"] else "quorum"


def _act(request, round_, act, done: str):
    """Does it and leads back to the console, or shows the console with why not."""
    try:
        act()
    except Refused as refused:
        round_.refresh_from_db()
        if round_.state != S.AT_COMMITTEE:
            raise
        return _console(request, round_, refused)
    messages.success(request, done)
    return redirect("stars:meeting", round_.pk)


@gate("sitting.manage")
@require_POST
@once
def meeting_call(request, pk):
    """Another meeting, for what the last one left."""
    round_ = find_round(request, pk, S.AT_COMMITTEE)
    place, reason = said(request, "place"), said(request, "reason")

    def act():
        try:
            held_on = date.fromisoformat(said(request, "held_on"))
        except ValueError:
            raise Refused(_("请填会议日期。"), field="held_on") from None
        sittings.call(round_.pk, by=request.user, held_on=held_on, place=place, reason=reason)

    return _act(request, round_, act, _("已另行召开会议。"))


@gate("sitting.manage")
@FORM
@once
def meeting_arrange(request, pk):
    """Day, place, and who presides, records and counts."""
    found = _find_meeting(request, pk)
    access.require(request.user, "sitting.manage", found.anchor())
    form = ArrangeForm(request.POST or None, instance=found)
    refused = None
    if request.method == "POST":
        if form.is_valid():
            try:
                sittings.arrange(
                    pk, by=request.user, seen=number(request, "seen"), **form.cleaned_data
                )
            except Refused as error:
                refused = error
            else:
                messages.success(request, _("会议已安排。"))
                return redirect("stars:meeting", found.round_id)
        found.refresh_from_db()
    status = status_of(refused) if refused else 422 if form.errors else 200
    context = head(request, found.round)
    context |= {"form": form, "meeting": found, "refused": refused}
    return render(request, "stars/committee_arrange.html", context, status=status)


@gate("sitting.manage")
@FORM
@once
def attendance(request, pk):
    """The office records who came, who left and who came back; no clocking-in."""
    round_ = find_round(request, pk, S.AT_COMMITTEE)
    access.require(request.user, "sitting.manage", round_.anchor())
    refused, room = None, Room(round_)
    came, reasons = posted(request, "came"), posted(request, "absence")
    if request.method == "POST":
        try:
            if room.meeting is None:
                raise Refused(_("还没有召开会议。"))
            sittings.record_attendance(
                room.meeting.pk,
                by=request.user,
                present={key for key, value in came.items() if value == "yes"},
                absences={
                    key: reasons.get(key, "").replace("\x00", "")
                    for key, value in came.items()
                    if value == "no"
                },
                seen=number(request, "seen"),
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("到会情况已登记。"))
            return redirect("stars:meeting", pk)
    stored = {True: "yes", False: "no", None: ""}
    rows = [
        {
            "seat": seat,
            "came": came.get(seat.staff_id, stored[seat.present]),
            "absence": reasons.get(seat.staff_id, seat.absence),
        }
        for seat in room.sitting.seats
    ]
    context = head(request, round_) | {"room": room, "rows": rows, "refused": refused}
    return render(request, "stars/committee_attendance.html", context, status=status_of(refused))


@gate("sitting.show")
@require_POST
@once
def meeting_begin(request, pk):
    found = _find_meeting(request, pk)
    seen = number(request, "seen")
    return _act(
        request,
        found.round,
        lambda: sittings.begin(pk, by=request.user, seen=seen),
        _("会议已开始。"),
    )


@gate("sitting.show")
@require_POST
@once
def meeting_adjourn(request, pk):
    """Ends it with items left."""
    found = _find_meeting(request, pk)
    seen, reason = number(request, "seen"), said(request, "reason")
    return _act(
        request,
        found.round,
        lambda: sittings.adjourn(pk, by=request.user, reason=reason, seen=seen),
        _("会议已休会。余下各项另行召开会议审议。"),
    )


@gate("sitting.show")
@require_POST
@once
def meeting_close(request, pk):
    found = _find_meeting(request, pk)
    seen = number(request, "seen")
    return _act(
        request,
        found.round,
        lambda: sittings.close(pk, by=request.user, seen=seen),
        _("会议已散会。可以起草纪要了。"),
    )


@gate("sitting.manage")
@require_POST
@once
def written_record(request, pk):
    """What an absent member sent in writing: read out, recorded, not counted."""
    found = _find_meeting(request, pk)
    keys, items = staff_keys(request, "staff"), staff_keys(request, "nomination")
    text = said(request, "text")

    def act():
        if not keys:
            raise Refused(_("请选是谁的书面意见。"), field="staff")
        item = items[0] if items else None
        written.record(pk, by=request.user, staff=keys[0], nomination=item, text=text)

    return _act(request, found.round, act, _("书面意见已登记。"))


# --- Ballots


@gate("sitting.show")
@require_POST
@once
def box_open(request, pk):
    one = _find_item(request, pk)
    seen = number(request, "seen")
    return _act(
        request,
        one.round,
        lambda: boxes.open_(pk, by=request.user, seen=seen),
        _("开始表决。"),
    )


@gate("sitting.show")
@require_POST
@once
def box_close(request, pk):
    box = find_box(request, pk)
    return _act(
        request,
        box.meeting.round,
        lambda: boxes.close(pk, by=request.user),
        _("表决结束，结果已计出。"),
    )


@gate("sitting.show")
@require_POST
@once
def box_void(request, pk):
    """Something went wrong: nothing of it is opened or counted."""
    box = find_box(request, pk)
    reason = said(request, "reason")
    return _act(
        request,
        box.meeting.round,
        lambda: boxes.void(pk, by=request.user, reason=reason),
        _("这次表决作废，可以重新表决。"),
    )


@gate("sitting.show")
@require_POST
@once
def box_reconsider(request, pk):
    """复议: more than half of the members want it put again."""
    one = _find_item(request, pk)
    supporters, reason = staff_keys(request, "supporters"), said(request, "reason")
    return _act(
        request,
        one.round,
        lambda: boxes.reconsider(pk, by=request.user, supporters=supporters, reason=reason),
        _("已同意复议，重新表决。"),
    )
