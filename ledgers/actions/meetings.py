"""Meetings (半年务虚会, 年终述职会): called, recorded, held; suggestions put forward and answered.

What takes a suggestion into the key points stands in `plans.take_up`.
"""

from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import records
from ledgers.models import Meeting, Suggestion
from scheme import access, audit, clock, notices
from scheme.access import require
from scheme.errors import Refused, Stale
from scheme.models import Section, Staff, Unit

State, Kind = Meeting.State, Meeting.Kind
MOST_SUGGESTIONS = 500
CONTENT = ("day", "place", "title", "chaired_by_id", "record")


@transaction.atomic
def call(
    unit: Unit,
    *,
    kind: str,
    day: date,
    title: str,
    place: str = "",
    chaired_by_id: int | None = None,
    by: Staff,
) -> Meeting:
    """Enters a meeting; to a 务虚会 suggestions may be put forward from now on."""
    require(by, "meeting.keep", access.Anchor(unit.pk))
    _check_chair(unit.pk, chaired_by_id)
    meeting = Meeting.objects.create(
        unit=unit,
        kind=kind,
        day=day,
        title=title.strip(),
        place=place.strip(),
        chaired_by_id=chaired_by_id,
        kept_by=by,
        recorded_at=clock.now(),
    )
    _note(meeting, "plan", by, after={"title": meeting.title, "day": str(day)})
    return meeting


@transaction.atomic
def change(pk: int, *, version: int, by: Staff, **content) -> Meeting:
    """Writes the meeting or its record anew. `content`: those of CONTENT that change."""
    if unknown := content.keys() - set(CONTENT):
        raise TypeError(f"not to be changed: {sorted(unknown)}")
    meeting = _locked(pk, version)
    require(by, "meeting.keep", meeting.anchor())
    changed = {name: new for name, new in content.items() if getattr(meeting, name) != new}
    if not changed:
        return meeting
    if meeting.state == State.HELD and not changed.get("record", meeting.record).strip():
        raise Refused(_("开过的会要有记录。"), field="record")
    _check_chair(meeting.unit_id, changed.get("chaired_by_id"))
    before = {name: str(getattr(meeting, name)) for name in changed}
    for name, value in changed.items():
        setattr(meeting, name, value)
    _move(meeting)
    after = {name: str(value) for name, value in changed.items()}
    _note(meeting, "change", by, before=before, after=after)
    return meeting


@transaction.atomic
def hold(pk: int, *, version: int, by: Staff) -> Meeting:
    """It has been held: its record is there, and nothing more is put forward but by the keeper."""
    meeting = _locked(pk, version)
    require(by, "meeting.keep", meeting.anchor())
    if meeting.state != State.OPEN:
        raise Refused(_("这个会已经登记为开过。"), conflict=True)
    if meeting.day > clock.today():
        raise Refused(_("还没有到开会的日子。"))
    if not meeting.record.strip():
        raise Refused(_("先写会议记录。"), field="record")
    meeting.state = State.HELD
    _move(meeting)
    _note(meeting, "hold", by)
    return meeting


@transaction.atomic
def suggest(
    meeting_pk: int,
    *,
    text: str,
    raised_by: Staff | None,
    section_id: int | None = None,
    by: Staff,
) -> Suggestion:
    """Somebody puts something forward while the meeting takes suggestions; its keeper records
    what others said there, also afterwards, and without a name where none is wanted."""
    meeting = _locked(meeting_pk)
    keeps = access.can(by, "meeting.keep", meeting.anchor())
    if not keeps:
        require(by, "suggestion.raise", meeting.anchor()._replace(state=State.OPEN))
        if meeting.state != State.OPEN:
            raise Refused(_("意见征集已经结束。"), conflict=True)
        raised_by = by
    if meeting.kind != Kind.DISCUSSION:
        raise Refused(_("只有务虚会征集意见。"))
    text = text.strip()
    if not text:
        raise Refused(_("请写意见的内容。"), field="text")
    if raised_by and raised_by.unit_id != meeting.unit_id:
        raise Refused(_("提出人要是本单位的人员。"), field="raised_by")
    if section_id and not Section.objects.filter(pk=section_id, unit=meeting.unit_id).exists():
        raise Refused(_("科室要是本单位的。"), field="section")
    same = meeting.suggestions.filter(text=text, raised_by=raised_by)
    if same.exists():
        raise Refused(_("这条意见已经提过。"), field="text")
    if meeting.suggestions.count() >= MOST_SUGGESTIONS:
        raise Refused(_("一次会最多记%(n)s条意见。") % {"n": MOST_SUGGESTIONS}, field="text")
    suggestion = Suggestion.objects.create(
        unit_id=meeting.unit_id,
        meeting=meeting,
        raised_by=raised_by,
        section_id=section_id,
        text=text,
        at=clock.now(),
    )
    audit.record(by, "suggestion.raise", suggestion, after={"meeting": meeting.pk})
    return suggestion


@transaction.atomic
def put_aside(pk: int, *, reason: str, version: int, by: Staff) -> Suggestion:
    """Answers why a suggestion does not go into the key points (暂不列入)."""
    suggestion = Suggestion.objects.select_for_update(of=("self",)).get(pk=pk)
    require(by, "meeting.keep", suggestion.anchor())
    if suggestion.version != version or suggestion.state != Suggestion.State.OPEN:
        raise Stale(_("这条意见已经答复过，刷新后再看。"))
    reason = reason.strip()[:500]
    if not reason:
        raise Refused(_("请写明理由，提出人会看到。"), field="reason")
    suggestion.state, suggestion.answer = Suggestion.State.ASIDE, reason
    suggestion.version += 1
    suggestion.save()
    audit.record(by, "suggestion.put_aside", suggestion, reason=reason)
    if suggestion.raised_by_id:
        notices.tell(
            suggestion.raised_by,
            f"suggestion:{suggestion.pk}:{suggestion.version}",
            lambda: (
                _("您的意见暂不列入要点：%(text)s。%(reason)s")
                % {"text": suggestion.text[:80], "reason": reason[:150]}
            ),
            url=url_of(suggestion.meeting_id),
            icon="light-bulb",
        )
    return suggestion


# --- Steps


def url_of(pk: int) -> str:
    return reverse("ledgers:meeting_detail", args=[pk])


def _locked(pk: int, version: int | None = None) -> Meeting:
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=pk)
    if version is not None and meeting.version != version:
        raise Stale(_("这个会在别处改过，刷新后再改。"))
    return meeting


def _check_chair(unit_id: int, chair: int | None) -> None:
    if chair and not Staff.objects.filter(pk=chair, unit=unit_id).exists():
        raise Refused(_("主持人要是本单位的人员。"), field="chaired_by_id")


def _move(meeting: Meeting) -> None:
    meeting.version += 1
    meeting.save()


def _note(meeting: Meeting, kind: str, by: Staff, *, before=None, after=None) -> None:
    records.note(meeting, kind, by=by, before=before, after=after)
    after = (after or {}) | {"state": meeting.state}
    audit.record(by, f"meeting.{kind}", meeting, before=before, after=after)
