"""The minutes: drafted from what happened, worded by the recorder, confirmed by who presided."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.errors import Refused, Stale
from stars import minutes as drafting
from stars.exports import minutes as paper
from stars.models import Meeting, Minutes, Round

MAX_TEXT = 5000


def _locked(pk: int) -> Meeting:
    """The round first, as everywhere: nothing of the meeting changes meanwhile."""
    round_pk = Meeting.objects.values_list("round_id", flat=True).get(pk=pk)
    Round.objects.select_for_update().get(pk=round_pk)
    rows = Meeting.objects.select_for_update(of=("self",)).select_related(
        "round__unit", "chair", "recorder", "scrutineer", "teller"
    )
    return rows.get(pk=pk)


def _kept(meeting: Meeting, seen: int) -> Minutes:
    found = Minutes.objects.filter(meeting=meeting).first()
    if found is None:
        raise Refused(_("纪要还没有起草。"), conflict=True)
    if found.confirmed_at:
        raise Refused(_("纪要已由主持人确认，不再更改。"), conflict=True)
    if found.version != seen:
        raise Stale(_("纪要刚刚有了变化，请看过最新的再办。"))
    return found


@transaction.atomic
def draft(pk: int, *, by) -> Minutes:
    """From what happened, once the meeting is over; again as long as nobody confirmed it, when
    something was settled since. The recorder's words stay."""
    meeting = _locked(pk)
    access.require(by, "minutes.write", meeting.anchor())
    if meeting.state != Meeting.State.CLOSED:
        raise Refused(_("散会后才能起草纪要。"))
    found = Minutes.objects.filter(meeting=meeting).first()
    if found and found.confirmed_at:
        raise Refused(_("纪要已由主持人确认，不再更改。"), conflict=True)
    is_first = found is None
    found = found or Minutes(meeting=meeting, version=-1)
    found.body = drafting.body_of(meeting)
    found.drafted_by, found.drafted_at = by, clock.now()
    found.version += 1
    found.save()
    audit.record(
        by, "minutes.draft", found, after={"version": found.version}, unit=meeting.round.unit
    )
    if is_first and meeting.chair_id:
        notices.tell(
            meeting.chair,
            f"minutes:{found.pk}",
            lambda: _("部务会纪要已起草，请核对后确认。"),
            url=reverse("stars:minutes_detail", args=[meeting.pk]),
            icon="document-text",
        )
    return found


@transaction.atomic
def word(pk: int, *, by, text: str, seen: int) -> Minutes:
    """What the recorder adds in words. What was counted is not theirs to change."""
    meeting = _locked(pk)
    access.require(by, "minutes.write", meeting.anchor())
    found = _kept(meeting, seen)
    text = text.replace("\x00", "").strip()
    if len(text) > MAX_TEXT:
        raise Refused(_("请写在5000字以内。"), field="text")
    before, found.text = found.text, text
    found.version += 1
    found.save(update_fields=["text", "version"])
    audit.record(
        by,
        "minutes.word",
        found,
        before={"text": before},
        after={"text": text},
        unit=meeting.round.unit,
    )
    return found


@transaction.atomic
def confirm(pk: int, *, by, seen: int) -> Minutes:
    """Whoever presided stands by them. A draft that has fallen behind what happened is not
    confirmed: it is drafted again first."""
    meeting = _locked(pk)
    access.require(by, "minutes.read", meeting.anchor())
    if meeting.chair_id != by.pk:
        raise PermissionDenied
    found = _kept(meeting, seen)
    if found.body != drafting.body_of(meeting):
        raise Refused(_("起草以后又有了新情况，请机关人事科重新起草后再确认。"), conflict=True)
    found.confirmed_by, found.confirmed_at = by, clock.now()
    found.version += 1
    found.digest = drafting.digest_of(found.body, found.text)
    found.save(update_fields=["confirmed_by", "confirmed_at", "version", "digest"])
    audit.record(
        by, "minutes.confirm", found, after={"digest": found.digest}, unit=meeting.round.unit
    )
    if found.drafted_by_id:
        notices.tell(
            found.drafted_by,
            f"minutes:{found.pk}:confirmed",
            lambda: _("部务会纪要已由主持人确认。"),
            url=reverse("stars:minutes_detail", args=[meeting.pk]),
            icon="document-check",
        )
    return found


@transaction.atomic
def on_paper(pk: int, *, by) -> bytes:
    """The Word file; leaves its line in the trail."""
    meeting = Meeting.objects.select_related("round__unit").get(pk=pk)
    access.require(by, "minutes.read", meeting.anchor())
    found = Minutes.objects.filter(meeting=meeting).first()
    if found is None:
        raise Refused(_("纪要还没有起草。"), conflict=True)
    if drafting.hidden_from(found, by):
        raise Refused(_("纪要中有您须回避的事项，公示前不能下载。"))
    audit.record(
        by, "minutes.export", found, after={"version": found.version}, unit=meeting.round.unit
    )
    return paper.word(found)
