"""Meetings of the committee: called, arranged, attended, begun, adjourned, closed."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.errors import Refused
from scheme.models import Staff
from stars.ballots import Sitting
from stars.models import AttendanceMove, Elector, Meeting, Round, Seat
from stars.owing import office_of

from . import leading
from .boxes import void_open

MAX_ABSENCE = 60
MAX_PLACE = 60
ROLES = ("chair", "recorder", "scrutineer", "teller")


def first(round_: Round) -> Meeting:
    """The meeting with which the stage begins, for the step that begins it and holds the round's
    lock; whoever heads the committee presides until something else is arranged."""
    seats = list(round_.seats.filter(body=Seat.Body.COMMITTEE, chairs=True))
    chair = seats[0].staff if len(seats) == 1 else None
    meeting, _made = round_.meetings.get_or_create(number=1, defaults={"chair": chair})
    return meeting


@transaction.atomic
def call(round_pk: int, *, by, held_on: date, place: str, reason: str) -> Meeting:
    """Another meeting, for what the last one left."""
    round_ = leading.locked(round_pk)
    access.require(by, "sitting.manage", round_.anchor())
    leading.check_stage(round_, by)
    if leading.current(round_):
        raise Refused(_("已经有一次会议待开或者正在开，不必另行召集。"), conflict=True)
    place = _checked_place(place)
    _check_day(held_on)
    reason = leading.given_reason(reason, _("请写明为什么再次召集。"))
    last = round_.meetings.order_by("number").last()
    meeting = Meeting.objects.create(
        round=round_,
        number=last.number + 1 if last else 1,
        held_on=held_on,
        place=place,
        **{name: getattr(last, name) if last else None for name in ROLES},
    )
    # Who comes is asked anew; how it was stands in the attendance of the earlier meeting.
    round_.seats.filter(body=Seat.Body.COMMITTEE).update(present=None, absence="")
    audit.record(
        by,
        "sitting.call",
        meeting,
        after={"number": meeting.number, "held_on": held_on.isoformat(), "place": place},
        reason=reason,
    )
    _tell_when(round_, meeting)
    return meeting


@transaction.atomic
def arrange(
    pk: int,
    *,
    by,
    seen: int,
    held_on: date | None,
    place: str,
    chair: Staff | int | None,
    recorder: Staff | int | None,
    scrutineer: Staff | int | None,
    teller: Staff | int | None,
) -> Meeting:
    """When and where, who presides, writes, watches the ballot and counts. During the meeting the
    people may still be changed, between two ballots."""
    round_, meeting = leading.locked_meeting(pk)
    _check_manages(round_, meeting, by, seen)
    running = meeting.state == Meeting.State.OPEN
    place = _checked_place(place)
    if held_on is not None and held_on != meeting.held_on:
        if running:
            raise Refused(_("会议已经开始，日期不能再改。"), field="held_on")
        _check_day(held_on)
    sitting = Sitting(round_)
    if sitting.open_box:
        raise Refused(_("正在表决，请结束这一项后再调整。"), conflict=True)
    named = _named(
        sitting, {"chair": chair, "recorder": recorder, "scrutineer": scrutineer, "teller": teller}
    )
    if running and not (named["chair"] and sitting.seat_of(named["chair"].pk).present):
        raise Refused(_("主持人须是到会的成员。"), field="chair")
    before = _words(meeting)
    moved = (held_on or meeting.held_on, place) != (meeting.held_on, meeting.place)
    meeting.held_on, meeting.place = held_on or meeting.held_on, place
    for name, person in named.items():
        setattr(meeting, name, person)
    meeting.version += 1
    meeting.save()
    audit.record(by, "sitting.arrange", meeting, before=before, after=_words(meeting))
    if moved and meeting.held_on and not running:
        _tell_when(round_, meeting)
    return meeting


def _named(sitting: Sitting, given: Mapping[str, Staff | int | None]) -> dict[str, Staff | None]:
    keys = {name: getattr(one, "pk", one) for name, one in given.items()}
    unit = Staff.objects.of_unit(sitting.round.unit).on_roll(clock.today())
    found = unit.in_bulk([key for key in keys.values() if key])
    named = {}
    for name, key in keys.items():
        if key and key not in found:
            raise Refused(_("请选本单位在册的人员。"), field=name)
        named[name] = found.get(key) if key else None
    if keys["chair"] and sitting.seat_of(keys["chair"]) is None:
        raise Refused(_("主持人须是部务会成员。"), field="chair")
    watching = [name for name in ("scrutineer", "teller") if keys[name]]
    if len(watching) == 2 and keys["scrutineer"] == keys["teller"]:
        raise Refused(_("监票人和计票人不能是同一人。"), field="teller")
    nominees = {one.person_id for one in sitting.nominations}
    for name in watching:
        if keys[name] == keys["chair"]:
            raise Refused(_("主持人不能兼任监票人、计票人。"), field=name)
        if keys[name] in nominees:
            raise Refused(_("提名对象不能担任监票人、计票人。"), field=name)
    return named


def _words(meeting: Meeting) -> dict:
    return {
        "held_on": meeting.held_on.isoformat() if meeting.held_on else None,
        "place": meeting.place,
        **{name: getattr(meeting, f"{name}_id") for name in ROLES},
    }


@transaction.atomic
def record_attendance(
    pk: int, *, by, present: Collection[int], absences: Mapping[int, str], seen: int
) -> Meeting:
    """Who is there and why the others are not, for every seat; before the meeting and during it.

    Whoever leaves while a ballot is on and has not voted is no longer waited for; what they voted
    before stands. Whoever comes while it is on votes from the next item.
    """
    round_, meeting = leading.locked_meeting(pk)
    _check_manages(round_, meeting, by, seen)
    sitting = Sitting(round_)
    if {seat.staff_id for seat in sitting.seats} != set(present) | set(absences):
        raise Refused(_("请给每位部务会成员登记到会或未到会。"))
    if set(present) & set(absences):
        raise Refused(_("同一人不能既到会又未到会。"))
    before, after, moves = {}, {}, []
    for seat in sitting.seats:
        came = seat.staff_id in present
        why = "" if came else _checked_absence(seat, absences[seat.staff_id])
        if (came, why) == (seat.present, seat.absence):
            continue
        before[str(seat.staff_id)] = {"present": seat.present, "absence": seat.absence}
        after[str(seat.staff_id)] = {"present": came, "absence": why}
        moves.append(_move(meeting, seat, came, why, by))
        seat.present, seat.absence = came, why
    if moves:
        Seat.objects.bulk_update(sitting.seats, ["present", "absence"])
        AttendanceMove.objects.bulk_create(moves)
        _leave(sitting, moves)
        leading.moved_on(meeting)
        audit.record(by, "sitting.attendance", meeting, before=before, after=after)
    return meeting


def _checked_absence(seat: Seat, why: str) -> str:
    why, field = why.strip(), f"absence-{seat.staff_id}"
    if not why:
        raise Refused(_("请写明%(name)s未到会的原因。") % {"name": seat.staff}, field=field)
    if len(why) > MAX_ABSENCE:
        raise Refused(_("原因请写在60字以内。"), field=field)
    return why


def _move(meeting: Meeting, seat: Seat, came: bool, why: str, by) -> AttendanceMove:
    kind = AttendanceMove.Kind.CAME if came else AttendanceMove.Kind.ABSENT
    if seat.present and not came and meeting.state == Meeting.State.OPEN:
        kind = AttendanceMove.Kind.LEFT
    return AttendanceMove(
        meeting=meeting, staff=seat.staff, kind=kind, reason=why, by=by, at=clock.now()
    )


def _leave(sitting: Sitting, moves: list[AttendanceMove]) -> None:
    if sitting.open_box is None:
        return
    gone = {move.staff_id for move in moves if move.kind != AttendanceMove.Kind.CAME}
    sitting.open_box.electors.filter(
        staff__in=gone, standing=Elector.Standing.DUE, has_voted=False
    ).update(standing=Elector.Standing.LEFT)


@transaction.atomic
def begin(pk: int, *, by, seen: int) -> Meeting:
    """The meeting is open: attendance is taken, the quorum is there, and somebody presides."""
    round_, meeting = leading.locked_meeting(pk)
    leading.check_stage(round_, by)
    leading.check_leads(round_, meeting, by)
    if meeting.state != Meeting.State.CALLED:
        raise Refused(_("会议已经开始，或者已经散会。"), conflict=True)
    leading.check_seen(meeting, seen)
    sitting = Sitting(round_)
    if not sitting.attendance_taken:
        raise Refused(_("还没有登记到会人员，请机关人事科先登记。"))
    if not sitting.has_quorum:
        raise Refused(
            _("到会不足法定人数，须到%(needed)s人，实到%(came)s人，不能开会。")
            % {"needed": sitting.needed, "came": len(sitting.came)}
        )
    if meeting.chair_id not in sitting.came:
        raise Refused(_("请先指定到会的一位成员主持。"))
    meeting.state, meeting.held_on = Meeting.State.OPEN, clock.today()
    meeting.opened_at, meeting.opened_by = clock.now(), by
    meeting.version += 1
    meeting.save()
    audit.record(
        by,
        "sitting.begin",
        meeting,
        after={"present": len(sitting.came), "entitled": len(sitting.seats)},
    )
    return meeting


@transaction.atomic
def adjourn(pk: int, *, by, reason: str, seen: int) -> Meeting:
    """Ends the meeting with items left; a ballot that is on is void."""
    round_, meeting = leading.locked_meeting(pk)
    leading.check_stage(round_, by)
    leading.check_leads(round_, meeting, by)
    leading.check_open(meeting)
    leading.check_seen(meeting, seen)
    reason = leading.given_reason(reason, _("请写明休会的理由。"))
    void_open(round_, by=by, reason=_("休会：%(why)s") % {"why": reason})
    _end(meeting, by, reason)
    notices.tell_all(
        _convened(round_),
        f"meeting:{meeting.pk}:adjourned",
        lambda: _("%(round)s：部务会休会。%(why)s") % {"round": round_, "why": reason},
        url=reverse("stars:committee", args=[round_.pk]),
        icon="pause",
    )
    return meeting


@transaction.atomic
def close(pk: int, *, by, seen: int) -> Meeting:
    """Every item is decided and every tie settled: the meeting is over."""
    round_, meeting = leading.locked_meeting(pk)
    leading.check_stage(round_, by)
    leading.check_leads(round_, meeting, by)
    leading.check_open(meeting)
    leading.check_seen(meeting, seen)
    check_all_decided(Sitting(round_))
    _end(meeting, by, "")
    return meeting


def check_all_decided(sitting: Sitting) -> None:
    if sitting.open_box:
        raise Refused(_("还有一项正在表决，请先结束那一项。"))
    if missing := sitting.missing():
        raise Refused(_("还有%(n)s项没有表决。") % {"n": missing})
    if sitting.open_ties():
        raise Refused(_("有同票没有裁定，请部务会主持人先裁定。"))


@transaction.atomic
def end_with_stage(round_: Round, *, by, reason: str = "") -> None:
    """For the act that ends the stage or the round and holds its lock; `by` is empty when the
    clock does it."""
    if reason:
        void_open(round_, by=by, reason=reason)
    if meeting := leading.current(round_):
        _end(meeting, by, reason)


def _end(meeting: Meeting, by, why: str) -> None:
    # What a voided ballot changed on it is kept.
    meeting.refresh_from_db(fields=["version"])
    meeting.state, meeting.adjourned_why = Meeting.State.CLOSED, why
    meeting.closed_at, meeting.closed_by = clock.now(), by
    meeting.version += 1
    meeting.save()
    act = "sitting.adjourn" if why else "sitting.close"
    audit.record(by, act, meeting, reason=why, unit=meeting.round.unit)


def _check_manages(round_: Round, meeting: Meeting, by, seen: int) -> None:
    leading.check_stage(round_, by)
    access.require(by, "sitting.manage", round_.anchor())
    if meeting.state == Meeting.State.CLOSED:
        raise Refused(_("这次会议已经散会。"), conflict=True)
    leading.check_seen(meeting, seen)


def _checked_place(place: str) -> str:
    place = place.strip()
    if len(place) > MAX_PLACE:
        raise Refused(_("地点请写在60字以内。"), field="place")
    return place


def _check_day(day: date) -> None:
    if day < clock.today():
        raise Refused(_("会议日期不能早于今天。"), field="held_on")


def _convened(round_: Round) -> set[Staff]:
    seats = round_.seats.filter(body=Seat.Body.COMMITTEE).select_related("staff")
    return {*(seat.staff for seat in seats), *office_of(round_.unit_id)}


def _tell_when(round_: Round, meeting: Meeting) -> None:
    def say():
        form = {
            "round": round_,
            "day": date_format(meeting.held_on, "n月j日"),
            "place": meeting.place,
        }
        if meeting.place:
            return _("%(round)s：部务会定于%(day)s在%(place)s召开。") % form
        return _("%(round)s：部务会定于%(day)s召开。") % form

    notices.tell_all(
        _convened(round_),
        f"meeting:{meeting.pk}:{meeting.version}",
        say,
        url=reverse("stars:committee", args=[round_.pk]),
        icon="calendar",
    )
