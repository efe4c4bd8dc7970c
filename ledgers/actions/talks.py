"""两周一讲: planned by the rota, swapped, given. Ratings are an act apart (actions/ratings.py)."""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import records, rota
from ledgers.models import LedgerMove, RatingEnvelope, Talk
from ledgers.talkmoves import locked, moved, ready
from ledgers.voided import state_before_void
from scheme import audit, clock, notices
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import SectionMembership, Staff, Unit
from scheme.templatetags.look import md, ymd

State = Talk.State
MOST = 26
REASON = LedgerMove._meta.get_field("text").max_length
LIMITS = {name: Talk._meta.get_field(name).max_length for name in ("title", "summary")}


@transaction.atomic
def plan(unit: Unit, turns: Iterable[tuple[date, Staff]], *, by: Staff) -> list[Talk]:
    """Talks on these days by these speakers; each is told. The title is the speaker's to give."""
    require(by, "talk.keep", Anchor(unit.pk))
    turns = sorted(turns, key=lambda turn: turn[0])
    if not turns:
        raise Refused(_("至少安排一讲。"))
    if len(turns) > MOST:
        raise Refused(_("一次最多安排%(n)s讲。") % {"n": MOST})
    # Two offices planning the same weeks go one after another.
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    days = [day for day, _speaker in turns]
    taken = set(
        Talk.objects.filter(unit=unit, day__in=days)
        .exclude(state=State.VOID)
        .values_list("day", flat=True)
    )
    absent = rota.absent_on(unit, days)
    made = []
    for day, speaker in turns:
        if day in taken:
            raise Refused(_("%(day)s已经安排了一讲。") % {"day": md(day)})
        taken.add(day)
        _may_speak(unit, speaker, day, absent[day])
        talk = Talk.objects.create(
            unit=unit,
            day=day,
            speaker=speaker,
            state=State.PLANNED,
            recorded_by=by,
            recorded_at=clock.now(),
            version=1,
        )
        after = {"day": day.isoformat(), "speaker": speaker.staff_no}
        records.note(talk, "plan", by=by, after=after)
        audit.record(by, "talk.plan", talk, after=after)
        _tell_speaker(talk)
        made.append(talk)
    return made


@transaction.atomic
def give(pk: int, *, title: str, summary: str = "", version: int, by: Staff) -> Talk:
    """The speaker says what they will speak about, and may say it anew until it is rated."""
    talk = locked(pk, version, by)
    require(by, "talk.give", Anchor(talk.unit_id, talk.speaker_id))
    if talk.state != State.PLANNED:
        raise Refused(_("已经开始评分或登记，题目请机关人事科更正。"), conflict=True)
    return _change(talk, {**_words(title, summary)}, "", by)


@transaction.atomic
def change(
    pk: int,
    *,
    day: date,
    speaker: Staff,
    title: str,
    summary: str = "",
    reason: str = "",
    version: int,
    by: Staff,
) -> Talk:
    """The keeper puts a talk right. Another speaker or day needs a reason, and is no longer
    possible once somebody has rated: they rated this speaker's talk."""
    talk = locked(pk, version, by)
    require(by, "talk.keep", talk.anchor())
    if talk.state == State.VOID:
        raise Refused(_("这一讲已经作废，先恢复再改。"), conflict=True)
    reason = _reason(reason)
    new = _words(title, summary, needed=talk.state != State.PLANNED)
    other = speaker.pk != talk.speaker_id
    if other or day != talk.day:
        _hangs_on_nothing(talk)
        if not reason:
            raise Refused(_("换人或换日期要写明理由，以备查考。"), field="reason")
        _free(talk, day)
        _may_speak(talk.unit, speaker, day, rota.absent_on(talk.unit, [day])[day])
    elif talk.state != State.PLANNED and not reason:
        raise Refused(_("已经讲过的，更正要写明理由。"), field="reason")
    talk = _change(talk, {"day": day, "speaker": speaker, **new}, reason, by)
    if other:
        _tell_speaker(talk)
    return talk


@transaction.atomic
def swap(
    pk: int, other: int, *, reason: str, version: int, other_version: int, by: Staff
) -> tuple[Talk, Talk]:
    """Two speakers change places; the keeper has asked both and says why."""
    if pk == other:
        raise Refused(_("选另一讲来对调。"), field="other")
    # In the order of their keys: two swaps of the same pair must not wait for each other.
    versions = {pk: version, other: other_version}
    found = {key: locked(key, versions[key], by) for key in sorted(versions)}
    one, two = found[pk], found[other]
    for talk in (one, two):
        require(by, "talk.keep", talk.anchor())
        if talk.state != State.PLANNED:
            raise Refused(_("只有还没讲的才能对调。"), conflict=True)
    reason = _reason(reason, needed=True)
    if one.speaker_id == two.speaker_id:
        raise Refused(_("两讲是同一个人，不用对调。"), field="other")
    absent = rota.absent_on(one.unit, [one.day, two.day])
    _may_speak(one.unit, two.speaker, one.day, absent[one.day])
    _may_speak(one.unit, one.speaker, two.day, absent[two.day])
    first, second = one.speaker, two.speaker
    for talk, speaker in ((one, second), (two, first)):
        # What the one was going to say is not what the other will.
        before = {"speaker": talk.speaker.staff_no, "title": talk.title}
        talk.speaker, talk.title, talk.summary = speaker, "", ""
        after = {"speaker": speaker.staff_no}
        moved(talk, "swap", by, text=reason, before=before, after=after)
        _tell_speaker(talk)
    return one, two


@transaction.atomic
def hold(pk: int, *, version: int, by: Staff) -> Talk:
    """The talk was given, and nobody is asked to rate it."""
    talk = locked(pk, version, by)
    require(by, "talk.keep", talk.anchor())
    ready(talk)
    before = {"state": talk.state}
    talk.state = State.HELD
    return moved(talk, "hold", by, before=before, after={"state": talk.state})


@transaction.atomic
def void(pk: int, *, reason: str, version: int, by: Staff) -> Talk:
    """Called off or entered by mistake. Ratings still sealed are destroyed unread."""
    talk = locked(pk, version, by)
    require(by, "talk.keep", talk.anchor())
    if talk.state == State.VOID:
        raise Refused(_("这一讲已经作废。"), conflict=True)
    reason = _reason(reason, needed=True)
    before = {"state": talk.state}
    if talk.state == State.OPEN:
        RatingEnvelope.objects.filter(talk=talk).delete()
        talk.locked_key = talk.rating_ends_at = None
    talk.state = State.VOID
    moved(talk, "void", by, text=reason, before=before, after={"state": talk.state})
    if before["state"] == State.PLANNED and talk.day >= clock.today():
        notices.tell(
            talk.speaker,
            f"talk:{talk.pk}:{talk.version}",
            lambda: _("%(day)s的讲课取消了：%(reason)s") % {"day": md(talk.day), "reason": reason},
            url=reverse("ledgers:talk_detail", args=[talk.pk]),
            icon="microphone",
        )
    return talk


@transaction.atomic
def restore(pk: int, *, reason: str, version: int, by: Staff) -> Talk:
    """Makes a void talk what it was; one whose ratings were destroyed is planned again."""
    talk = locked(pk, version, by)
    require(by, "talk.keep", talk.anchor())
    if talk.state != State.VOID:
        raise Refused(_("这一讲没有作废，不用恢复。"), conflict=True)
    reason = _reason(reason, needed=True)
    _free(talk, talk.day)
    was = state_before_void(talk)
    talk.state = State.PLANNED if was == State.OPEN else was
    before = {"state": State.VOID}
    return moved(talk, "restore", by, text=reason, before=before, after={"state": talk.state})


def _change(talk: Talk, new: dict, reason: str, by: Staff) -> Talk:
    before, after = {}, {}
    for name, value in new.items():
        if getattr(talk, name) != value:
            before[name], after[name] = _plain(getattr(talk, name)), _plain(value)
            setattr(talk, name, value)
    if after:
        moved(talk, "change", by, text=reason, before=before, after=after)
    return talk


def _hangs_on_nothing(talk: Talk) -> None:
    if talk.ratings or talk.envelopes.exists():
        raise Refused(_("已经有人评分，不能再换主讲人或日期。登记错的，作废后另登一讲。"))


def _free(talk: Talk, day: date) -> None:
    others = Talk.objects.filter(unit=talk.unit, day=day).exclude(state=State.VOID)
    if others.exclude(pk=talk.pk).exists():
        raise Refused(_("%(day)s已经安排了一讲。") % {"day": md(day)}, field="day")


def _may_speak(unit: Unit, speaker: Staff, day: date, absent: set[int]) -> None:
    held = SectionMembership.objects.on(day).filter(staff=speaker)
    if speaker.unit_id != unit.pk or speaker.joined_on > day or not held.exists():
        text = _("%(name)s%(day)s不在册或不在科室，不能安排。")
    elif speaker.pk in absent and day >= clock.today():
        text = _("%(name)s%(day)s不在岗，请换一位或换一天。")
    else:
        return
    raise Refused(text % {"name": speaker.name, "day": md(day)}, field="speaker")


def _words(title: str, summary: str, *, needed: bool = True) -> dict[str, str]:
    words = {"title": title.strip(), "summary": summary.strip()}
    if needed and not words["title"]:
        raise Refused(_("写明题目。"), field="title")
    for name, text in words.items():
        if len(text) > LIMITS[name]:
            raise Refused(_("超过%(n)s字，请写短些。") % {"n": LIMITS[name]}, field=name)
    return words


def _reason(text: str, *, needed: bool = False) -> str:
    text = text.strip()
    if needed and not text:
        raise Refused(_("写明理由，以备查考。"), field="reason")
    if len(text) > REASON:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": REASON}, field="reason")
    return text


def _plain(value):
    """As the history keeps it."""
    if isinstance(value, Staff):
        return value.staff_no
    return value.isoformat() if isinstance(value, date) else value


def _tell_speaker(talk: Talk) -> None:
    day = talk.day
    notices.tell(
        talk.speaker,
        f"talk:{talk.pk}:{talk.version}",
        lambda: _("%(day)s的两周一讲由您主讲，请先报题目。") % {"day": ymd(day)},
        url=reverse("ledgers:talk_detail", args=[talk.pk]),
        icon="microphone",
    )
