"""The minutes of a meeting: read, drafted, worded, confirmed, taken away as Word."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from scheme import access
from scheme.access import gate
from scheme.errors import Refused
from scheme.idempotency import once
from stars import minutes as drafting
from stars.actions import minutes as acts
from stars.exports import minutes as paper
from stars.models import Meeting, Minutes, Round, Vote
from stars.room import word_of

from .committee import status_of
from .stage import head, number

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = {"passed": "ok", "failed": "bad", "deferred": "warn", "waiting": "done"}


def _find_meeting(request, pk) -> Meeting:
    rows = Meeting.objects.select_related("round__unit", "round__book", "round__run", "chair")
    return get_object_or_404(rows, pk=pk, round__in=Round.objects.visible_to(request.user))


@gate("minutes.read")
@require_GET
def minutes_detail(request, pk):
    return _page(request, _find_meeting(request, pk))


def _page(request, meeting, refused=None, text=None):
    access.require(request.user, "minutes.read", meeting.anchor())
    found = (
        Minutes.objects.filter(meeting=meeting)
        .select_related("confirmed_by", "drafted_by", "meeting__round")
        .first()
    )
    context = head(request, meeting.round) | {
        "meeting": meeting,
        "minutes": found,
        "refused": refused,
        "writes": access.can(request.user, "minutes.write", meeting.anchor()),
        "is_over": meeting.state == Meeting.State.CLOSED,
    }
    if found:
        hidden = drafting.hidden_from(found, request.user)
        body = found.body
        context |= {
            "body": body,
            "items": [_row(one) for one in body["items"] if one["key"] not in hidden],
            "written": [one for one in body["written"] if one["key"] not in hidden],
            "ties": [one for one in body["ties"] if not hidden & set(one["keys"])],
            "hidden": sum(one["key"] in hidden for one in body["items"]),
            "text": found.text if text is None else text,
            "presided": meeting.chair_id == request.user.pk,
            "behind": found.confirmed_at is None and body != drafting.body_of(meeting),
        }
    return render(request, "stars/minutes_detail.html", context, status=status_of(refused))


def _row(item: dict) -> dict:
    """With what the page says of it in the reader's language."""
    labels = dict(Vote.Choice.choices)
    ballots = [
        ballot
        | {
            "votes": [vote | {"word": labels[vote["choice"]]} for vote in ballot.get("votes", ())],
        }
        for ballot in item["ballots"]
    ]
    counted = [ballot for ballot in ballots if ballot["state"] == "closed"]
    word = word_of(item["result"]) if item["result"] != "waiting" else _("未表决")
    return item | {
        "ballots": ballots,
        "last": counted[-1] if counted else None,
        "earlier": counted[:-1],
        "void": [ballot for ballot in ballots if ballot["state"] == "void"],
        "word": word,
        "mood": KINDS[item["result"]],
    }


def _act(request, meeting, act, done: str):
    try:
        act()
    except Refused as refused:
        return _page(request, meeting, refused, text=request.POST.get("text"))
    messages.success(request, done)
    return redirect("stars:minutes_detail", meeting.pk)


@gate("minutes.write")
@require_POST
@once
def minutes_draft(request, pk):
    meeting = _find_meeting(request, pk)
    return _act(
        request, meeting, lambda: acts.draft(pk, by=request.user), _("纪要已按会议情况起草。")
    )


@gate("minutes.write")
@require_POST
@once
def minutes_word(request, pk):
    meeting = _find_meeting(request, pk)
    seen, text = number(request, "seen"), request.POST.get("text", "")
    return _act(
        request,
        meeting,
        lambda: acts.word(pk, by=request.user, text=text, seen=seen),
        _("已保存。"),
    )


@gate("minutes.read")
@require_POST
@once
def minutes_confirm(request, pk):
    """By whoever presided, whatever else they are."""
    meeting = _find_meeting(request, pk)
    seen = number(request, "seen")
    return _act(
        request,
        meeting,
        lambda: acts.confirm(pk, by=request.user, seen=seen),
        _("纪要已确认，不再更改。"),
    )


@gate("minutes.read")
@require_POST
def minutes_file(request, pk):
    """By POST, because an export leaves its line in the trail."""
    meeting = _find_meeting(request, pk)
    try:
        raw = acts.on_paper(pk, by=request.user)
    except Refused as refused:
        return _page(request, meeting, refused)
    name = f"{paper.file_name(meeting.minutes)}.docx"
    return HttpResponse(
        raw,
        content_type=DOCX,
        headers={
            "Content-Disposition": content_disposition_header(True, name),
            "X-Content-Type-Options": "nosniff",
        },
    )
