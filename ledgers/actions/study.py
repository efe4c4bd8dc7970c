"""每周一学: planned, attended, corrected, void. Kept by the personnel office."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import records, studying
from ledgers.models import LedgerMove, StudyMiss, StudySession
from ledgers.voided import state_before_void
from scheme import audit, clock, notices, workdays
from scheme.access import Anchor, require
from scheme.errors import Refused, Stale
from scheme.models import Staff, Unit
from scheme.templatetags.look import md

State = StudySession.State
# A year of weeks, and one more.
MOST = 53
WEEK = timedelta(days=7)
REASON = LedgerMove._meta.get_field("text").max_length
LIMITS = {
    name: StudySession._meta.get_field(name).max_length for name in ("topic", "place", "contents")
}


class Series(NamedTuple):
    """`skipped`: days of rest, and days that have a session already."""

    sessions: list[StudySession]
    skipped: list[date]


@transaction.atomic
def plan(
    unit: Unit,
    *,
    day: date,
    topic: str,
    place: str = "",
    host: Staff | None = None,
    contents: str = "",
    by: Staff,
) -> StudySession:
    require(by, "study.keep", Anchor(unit.pk))
    words = _words(topic=topic, place=place, contents=contents)
    return _make(unit, day, words, _host(unit, host), by)


@transaction.atomic
def plan_series(
    unit: Unit,
    *,
    first: date,
    until: date,
    topic: str,
    place: str = "",
    host: Staff | None = None,
    contents: str = "",
    by: Staff,
) -> Series:
    """A session each week on the weekday of the first, to the last day, days of rest left out."""
    require(by, "study.keep", Anchor(unit.pk))
    words = _words(topic=topic, place=place, contents=contents)
    host = _host(unit, host)
    weeks = (until - first) // WEEK + 1
    if weeks < 1:
        raise Refused(_("截止日期早于第一次的日期。"), field="until")
    if weeks > MOST:
        raise Refused(_("一次最多安排%(n)s周，请分几次。") % {"n": MOST}, field="until")
    # Two offices planning the same weeks go one after another.
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    days = [first + WEEK * n for n in range(weeks)]
    taken = StudySession.objects.filter(unit=unit, day__in=days).exclude(state=State.VOID)
    free = set(workdays.between(first, until)) - set(taken.values_list("day", flat=True))
    kept = [day for day in days if day in free]
    if not kept:
        raise Refused(_("这些日子都是休息日，或已经有安排。"), field="first")
    made = [_make(unit, day, words, host, by) for day in kept]
    return Series(made, [day for day in days if day not in free])


@transaction.atomic
def change(
    pk: int,
    *,
    day: date,
    topic: str,
    place: str = "",
    host: Staff | None = None,
    contents: str = "",
    reason: str = "",
    version: int,
    by: Staff,
) -> StudySession:
    """Puts right what was planned; once held only with a reason, and never the day: who was to
    come hangs on it."""
    session = _held_open(pk, version, by)
    if session.state == State.VOID:
        raise Refused(_("这一次已经作废，先恢复再改。"), conflict=True)
    words = _words(topic=topic, place=place, contents=contents)
    held = session.state == State.HELD
    if held and day != session.day:
        raise Refused(_("已经学过的不改日期。日期登错的，作废后另登一次。"), field="day")
    reason = _reason(reason, needed=held)
    new = {"day": day, **words, "host": _host(session.unit, host)}
    before, after = {}, {}
    for name, value in new.items():
        if getattr(session, name) != value:
            before[name], after[name] = _plain(getattr(session, name)), _plain(value)
            setattr(session, name, value)
    if after:
        _moved(session, "change", by, text=reason, before=before, after=after)
    return session


@transaction.atomic
def hold(
    pk: int, *, missed: Iterable[int], reason: str = "", version: int, by: Staff
) -> StudySession:
    """Takes the attendance: everybody expected came, but those. Taken again it is a correction and
    needs a reason. Somebody excused may stand among them; that counts for nothing."""
    session = _held_open(pk, version, by)
    if session.state == State.VOID:
        raise Refused(_("这一次已经作废，先恢复再改。"), conflict=True)
    if session.day > clock.today():
        text = _("%(day)s还没到，学过以后再登记到会。")
        raise Refused(text % {"day": md(session.day)})
    again = session.state == State.HELD
    reason = _reason(reason, needed=again)
    expected = {line.key: line for line in studying.expected(session)}
    missed = set(missed)
    if missed - expected.keys():
        raise Refused(_("有人那天不在册或不在科室，不能登记为缺席。刷新后再登记。"))
    stood = {key for key, line in expected.items() if line.marked}
    outside = session.misses.exclude(person__in=expected)
    if again and missed == stood and not outside.exists():
        raise Refused(_("和原来登记的一样，没有要改的。"))
    outside.delete()
    session.misses.filter(person__in=stood - missed).delete()
    StudyMiss.objects.bulk_create(
        StudyMiss(session=session, person_id=key) for key in sorted(missed - stood)
    )
    before = {"state": session.state, "missed": _numbers(expected, stood)}
    session.state, session.recorded_by, session.recorded_at = State.HELD, by, clock.now()
    after = {"state": session.state, "missed": _numbers(expected, missed)}
    kind = "change" if again else "hold"
    _moved(session, kind, by, text=reason, before=before, after=after)
    _tell(session, [key for key in missed - stood if not expected[key].excused], missing=True)
    _tell(session, [key for key in stood - missed if not expected[key].excused], missing=False)
    return session


@transaction.atomic
def void(pk: int, *, reason: str, version: int, by: Staff) -> StudySession:
    """Taken out of the counting; kept as it was, so that it can come back."""
    session = _held_open(pk, version, by)
    if session.state == State.VOID:
        raise Refused(_("这一次已经作废。"), conflict=True)
    reason = _reason(reason, needed=True)
    before = {"state": session.state}
    session.state = State.VOID
    _moved(session, "void", by, text=reason, before=before, after={"state": State.VOID})
    return session


@transaction.atomic
def restore(pk: int, *, reason: str, version: int, by: Staff) -> StudySession:
    """Makes what was void what it was before."""
    session = _held_open(pk, version, by)
    if session.state != State.VOID:
        raise Refused(_("这一次没有作废，不用恢复。"), conflict=True)
    reason = _reason(reason, needed=True)
    session.state = state_before_void(session)
    after = {"state": session.state}
    _moved(session, "restore", by, text=reason, before={"state": State.VOID}, after=after)
    return session


def _held_open(pk: int, version: int, by: Staff) -> StudySession:
    """Locked, allowed, and as the reader saw it."""
    seen = StudySession.objects.visible_to(by).filter(pk=pk).values("pk")
    rows = StudySession.objects.select_for_update(of=("self",)).select_related("unit", "host")
    session = rows.get(pk__in=seen)
    require(by, "study.keep", session.anchor())
    if session.version != version:
        raise Stale(_("这一次刚才有人改过，刷新后再办。"))
    return session


def _make(unit: Unit, day: date, words: dict, host: Staff | None, by: Staff) -> StudySession:
    session = StudySession.objects.create(
        unit=unit,
        day=day,
        host=host,
        state=State.PLANNED,
        recorded_by=by,
        recorded_at=clock.now(),
        version=1,
        **words,
    )
    after = {"day": day.isoformat(), "topic": session.topic}
    records.note(session, "plan", by=by, after=after)
    audit.record(by, "study.plan", session, after=after)
    return session


def _moved(session, kind, by, *, text, before, after) -> None:
    session.version += 1
    session.save()
    records.note(session, kind, by=by, text=text, before=before, after=after)
    audit.record(by, f"study.{kind}", session, before=before, after=after, reason=text)


def _words(**given: str) -> dict[str, str]:
    words = {name: text.strip() for name, text in given.items()}
    if not words["topic"]:
        raise Refused(_("写明学习主题。"), field="topic")
    for name, text in words.items():
        if len(text) > LIMITS[name]:
            raise Refused(_("超过%(n)s字，请写短些。") % {"n": LIMITS[name]}, field=name)
    return words


def _host(unit: Unit, host: Staff | None) -> Staff | None:
    if host and host.unit_id != unit.pk:
        raise Refused(_("主持人须是本单位的人。"), field="host")
    return host


def _reason(text: str, *, needed: bool) -> str:
    text = text.strip()
    if needed and not text:
        raise Refused(_("写明理由，以备查考。"), field="reason")
    if len(text) > REASON:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": REASON}, field="reason")
    return text


def _plain(value):
    """As the history keeps it."""
    if isinstance(value, Staff):
        return value.name
    return value.isoformat() if isinstance(value, date) else value


def _numbers(expected: dict, keys: set[int]) -> list[str]:
    return sorted(expected[key].staff_no for key in keys)


def _tell(session: StudySession, keys: list[int], *, missing: bool) -> None:
    """To those whose own record changed, and to nobody else."""
    day, topic = md(session.day), session.topic

    def say():
        if missing:
            text = _("%(day)s的学习登记为没有到会：%(topic)s。有出入请告诉机关人事科。")
        else:
            text = _("%(day)s的学习已改记为到会：%(topic)s。")
        return text % {"day": day, "topic": topic}

    notices.tell_all(
        Staff.objects.filter(pk__in=keys),
        f"study:{session.pk}:{session.version}",
        say,
        url=reverse("ledgers:study_detail", args=[session.pk]),
        icon="academic-cap",
    )
