"""The meetings: called, arranged, attended, begun, adjourned, closed; written opinions."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from scheme import notices
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, Notice
from stars import owing
from stars.actions import sittings, written
from stars.ballots import Sitting
from stars.models import AttendanceMove, Meeting, Round, Seat
from tests.factories import again, make_staff, moment
from tests.stars import acts

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return acts.at_committee(clock, places=2)


def office(s):
    return again(s.d.personnel[0])


def record(s, *, by=None, present=None, absences=None, seen=None):
    everybody = {person.pk for person in s.d.committee}
    absences = absences or {}
    meeting = acts.meeting_of(s)
    return sittings.record_attendance(
        meeting.pk,
        by=by or office(s),
        present=everybody - set(absences) if present is None else present,
        absences=absences,
        seen=meeting.version if seen is None else seen,
    )


def begin(s, *, by=None):
    meeting = acts.meeting_of(s)
    return sittings.begin(meeting.pk, by=by or office(s), seen=meeting.version)


def adjourn(s, reason="天色已晚", *, by=None):
    meeting = acts.meeting_of(s)
    return sittings.adjourn(meeting.pk, by=by or office(s), reason=reason, seen=meeting.version)


def close(s, *, by=None):
    meeting = acts.meeting_of(s)
    return sittings.close(meeting.pk, by=by or office(s), seen=meeting.version)


def call(s, *, by=None, held_on=date(2026, 7, 7), place="三楼会议室", reason="上次没有议完"):
    return sittings.call(
        s.round.pk, by=by or office(s), held_on=held_on, place=place, reason=reason
    )


def moves(s):
    rows = AttendanceMove.objects.filter(meeting__round=s.round)
    return list(rows.values_list("staff_id", "kind", "reason"))


# The first meeting, and what is arranged for it


def test_the_stage_begins_with_a_meeting_called(s):
    meeting = s.round.meetings.get()
    assert (meeting.number, meeting.state, meeting.chair) == (1, "called", s.d.chair)
    assert sittings.first(s.round) == meeting
    assert meeting.anchor().unit_id == s.d.unit.pk
    Seat.objects.filter(round=s.round, staff=s.d.leader).update(chairs=True)
    Meeting.objects.all().delete()
    # Two who could preside: one of them is named first.
    assert sittings.first(s.round).chair is None


def test_arranging_names_day_place_and_people_and_tells_them(s):
    recorder, scrutineer = s.d.personnel[1], s.d.officers[0][1]
    meeting = acts.arrange(
        s,
        held_on=date(2026, 7, 8),
        place=" 三楼会议室 ",
        chair=s.d.leader.pk,
        recorder=recorder,
        scrutineer=scrutineer,
        teller=s.d.personnel[0],
    )
    meeting = Meeting.objects.get(pk=meeting.pk)
    assert (meeting.place, meeting.chair, meeting.recorder, meeting.version) == (
        "三楼会议室",
        s.d.leader,
        recorder,
        1,
    )
    told = Notice.objects.filter(key=f"meeting:{meeting.pk}:1")
    assert {row.to for row in told} == {*s.d.committee, *s.d.personnel}
    assert "7月8日在三楼会议室召开" in told[0].text
    entry = AuditEntry.objects.get(act="sitting.arrange")
    assert entry.before["chair"] == s.d.chair.pk and entry.after["held_on"] == "2026-07-08"
    # Only what moves is told again.
    acts.arrange(s, teller=None)
    assert not Notice.objects.filter(key=f"meeting:{meeting.pk}:2").exists()
    acts.arrange(s, place="")
    assert "7月8日召开" in Notice.objects.filter(key=f"meeting:{meeting.pk}:3")[0].text


def test_what_cannot_be_arranged(s):
    stranger, left = make_staff(), s.d.officers[1][1]
    for more, field, text in (
        ({"held_on": date(2026, 7, 5)}, "held_on", "早于今天"),
        ({"place": "长" * 61}, "place", "60字"),
        ({"chair": s.d.personnel[0]}, "chair", "部务会成员"),
        ({"recorder": stranger}, "recorder", "本单位"),
        ({"scrutineer": left, "teller": left}, "teller", "同一人"),
        ({"scrutineer": s.d.chair}, "scrutineer", "主持人不能兼任"),
        ({"teller": s.a.person}, "teller", "提名对象"),
    ):
        with pytest.raises(Refused, match=text) as refused:
            acts.arrange(s, **more)
        assert refused.value.field == field
    meeting = acts.meeting_of(s)
    named = dict.fromkeys(("held_on", "chair", "recorder", "scrutineer", "teller"))
    with pytest.raises(PermissionDenied):
        sittings.arrange(meeting.pk, by=again(s.d.chair), seen=meeting.version, place="", **named)
    with pytest.raises(Stale):
        sittings.arrange(meeting.pk, by=office(s), seen=9, place="", **named)


def test_during_the_meeting_people_change_between_two_ballots(s):
    acts.attend(s, absent=[s.d.members[0]])
    with pytest.raises(Refused, match="日期不能再改"):
        acts.arrange(s, held_on=date(2026, 7, 9))
    with pytest.raises(Refused, match="到会的成员"):
        acts.arrange(s, chair=s.d.members[0])
    with pytest.raises(Refused, match="到会的成员"):
        acts.arrange(s, chair=None)
    acts.open_item(s, s.a)
    with pytest.raises(Refused, match="正在表决"):
        acts.arrange(s, chair=s.d.leader)
    acts.vote(s)
    assert acts.arrange(s, chair=s.d.leader, place="二楼").chair == s.d.leader
    assert not Notice.objects.filter(text__contains="二楼").exists()


# Attendance


def test_attendance_names_everybody_and_why_some_are_away(s):
    record(s, absences={s.d.leader.pk: " 出差 "})
    rows = dict(Seat.objects.filter(body="committee").values_list("staff_id", "present"))
    assert rows.pop(s.d.leader.pk) is False and set(rows.values()) == {True}
    assert Seat.objects.get(staff=s.d.leader, body="committee").absence == "出差"
    entry = AuditEntry.objects.get(act="sitting.attendance")
    assert entry.after[str(s.d.leader.pk)] == {"present": False, "absence": "出差"}
    assert sorted(kind for _staff, kind, _why in moves(s)) == ["absent", *["came"] * 4]


def test_every_coming_and_going_is_kept(s):
    record(s, absences={s.d.leader.pk: "出差"})
    before = len(moves(s))
    version = acts.meeting_of(s).version
    record(s, absences={s.d.leader.pk: "出差"})
    # Nothing moved, nothing is written.
    assert (len(moves(s)), acts.meeting_of(s).version) == (before, version)
    record(s, absences={s.d.leader.pk: "请假"})
    begin(s)
    record(s, absences={s.d.members[0].pk: "接电话"})
    record(s)
    assert moves(s)[before:] == [
        (s.d.leader.pk, "absent", "请假"),
        (s.d.leader.pk, "came", ""),
        (s.d.members[0].pk, "left", "接电话"),
        (s.d.members[0].pk, "came", ""),
    ]


def test_attendance_is_the_offices_and_of_the_present_page(s):
    with pytest.raises(PermissionDenied):
        record(s, by=again(s.d.chair))
    with pytest.raises(Stale):
        record(s, seen=7)


@pytest.mark.parametrize(
    ("absence", "text"), [(" ", "请写明王副部长未到会"), ("长" * 61, "60字以内")]
)
def test_an_absence_needs_a_short_reason(s, absence, text):
    with pytest.raises(Refused, match=text) as refused:
        record(s, absences={s.d.leader.pk: absence})
    assert refused.value.field == f"absence-{s.d.leader.pk}"


def test_attendance_covers_the_seats_and_nobody_else(s):
    everybody = {person.pk for person in s.d.committee}
    with pytest.raises(Refused, match="每位"):
        record(s, present=everybody - {s.d.chair.pk})
    with pytest.raises(Refused, match="每位"):
        record(s, present=everybody | {s.d.officers[0][0].pk})
    with pytest.raises(Refused, match="既到会又未到会"):
        record(s, present=everybody, absences={s.d.chair.pk: "出差"})


# Beginning, adjourning, calling another, closing


def test_a_meeting_begins_with_attendance_quorum_and_somebody_in_the_chair(s):
    with pytest.raises(Refused, match="登记到会"):
        begin(s)
    record(s, absences={person.pk: "出差" for person in s.d.committee[:2]})
    with pytest.raises(Refused, match="须到4人，实到3人"):
        begin(s)
    record(s, absences={s.d.chair.pk: "出差"})
    with pytest.raises(Refused, match="指定到会的一位成员主持"):
        begin(s)
    with pytest.raises(PermissionDenied):
        begin(s, by=again(s.d.leader))
    acts.arrange(s, chair=s.d.leader)
    with pytest.raises(Stale):
        sittings.begin(acts.meeting_of(s).pk, by=office(s), seen=0)
    meeting = begin(s, by=again(s.d.leader))
    assert (meeting.state, meeting.held_on, meeting.opened_by) == (
        "open",
        date(2026, 7, 6),
        s.d.leader,
    )
    assert AuditEntry.objects.get(act="sitting.begin").after == {"present": 4, "entitled": 5}
    with pytest.raises(Refused, match="已经开始") as refused:
        begin(s)
    assert refused.value.conflict


def test_adjourned_with_items_left_another_is_called(s):
    with pytest.raises(Refused, match="没有在开"):
        adjourn(s)
    with pytest.raises(Refused, match="已经有一次会议"):
        call(s)
    acts.attend(s, absent=[s.d.members[0]])
    # Before its box is opened: who would vote.
    assert Sitting(s.round).due(s.a) == {one.pk for one in s.d.committee[:3]} | {s.d.members[1].pk}
    acts.decide(s, s.a)
    with pytest.raises(Refused, match="休会的理由"):
        adjourn(s, " ")
    with pytest.raises(PermissionDenied):
        adjourn(s, by=again(s.d.leader))
    meeting = adjourn(s)
    assert (meeting.state, meeting.adjourned_why) == ("closed", "天色已晚")
    told = Notice.objects.filter(key=f"meeting:{meeting.pk}:adjourned")
    assert {row.to for row in told} == {*s.d.committee, *s.d.personnel}
    with pytest.raises(Refused, match="已经散会"):
        record(s)
    for more, text in (
        ({"reason": ""}, "为什么再次召集"),
        ({"held_on": date(2026, 7, 1)}, "早于今天"),
        ({"place": "长" * 61}, "60字"),
    ):
        with pytest.raises(Refused, match=text):
            call(s, **more)
    with pytest.raises(PermissionDenied):
        call(s, by=again(s.d.chair))
    again_ = call(s)
    assert (again_.number, again_.state, again_.chair) == (2, "called", s.d.chair)
    assert set(s.round.seats.filter(body="committee").values_list("present")) == {(None,)}
    assert Notice.objects.filter(key=f"meeting:{again_.pk}:0").count() == 7
    # What was decided stays decided.
    sitting = Sitting(acts.fresh(s))
    assert sitting.is_decided(s.a) and sitting.missing() == 2 and not sitting.is_open
    assert owing.debtors(s.round) == s.d.committee
    acts.attend(s)
    acts.vote(s)
    assert owing.debtors(s.round) == []
    assert close(s, by=again(s.d.chair)).adjourned_why == ""
    acts.push(s)
    assert s.round.state == Round.State.PUBLICITY


def test_a_meeting_closes_when_every_item_is_decided(s):
    acts.attend(s)
    acts.decide(s, s.a)
    with pytest.raises(Refused, match="还有2项没有表决"):
        close(s)
    acts.open_item(s, s.b)
    with pytest.raises(Refused, match="正在表决"):
        close(s)
    acts.vote(s)
    with pytest.raises(PermissionDenied):
        close(s, by=again(s.d.leader))
    with pytest.raises(Stale):
        sittings.close(acts.meeting_of(s).pk, by=office(s), seen=0)
    assert close(s).state == "closed"
    with pytest.raises(Refused, match="没有在开"):
        close(s)
    assert AuditEntry.objects.filter(act="sitting.close").count() == 1


def test_the_first_meeting_may_be_missing_in_a_round_from_before(s):
    Meeting.objects.all().delete()
    assert Sitting(s.round).meeting is None
    assert call(s).number == 1


def test_meetings_belong_to_the_stage(s):
    acts.attend(s)
    acts.vote(s)
    meeting = acts.meeting_of(s)
    acts.push(s)
    for act in (
        lambda: sittings.begin(meeting.pk, by=office(s), seen=0),
        lambda: sittings.adjourn(meeting.pk, by=office(s), reason="晚", seen=0),
        lambda: sittings.close(meeting.pk, by=office(s), seen=0),
        lambda: record(s),
    ):
        with pytest.raises(Refused, match="已经结束") as refused:
            act()
        assert refused.value.conflict
    with pytest.raises(PermissionDenied):
        sittings.close(meeting.pk, by=make_staff(), seen=0)


# Written opinions


def write(s, staff, *, by=None, nomination=None, text="同意支部意见"):
    return written.record(
        acts.meeting_of(s).pk, by=by or office(s), staff=staff, nomination=nomination, text=text
    )


def test_an_absent_member_is_heard_and_not_counted(s):
    acts.attend(s, absent=[s.d.leader])
    row = write(s, s.d.leader.pk, nomination=s.a.pk, text=" 同意 ")
    assert (row.staff, row.nomination, row.text) == (s.d.leader, s.a, "同意")
    own = write(s, s.d.leader, by=again(s.d.leader))
    assert own.nomination is None
    entry = AuditEntry.objects.filter(act="sitting.written").order_by("pk").first()
    assert entry.after == {"staff": s.d.leader.pk, "nomination": s.a.pk}
    acts.decide(s, s.a)
    assert Sitting(s.round).tally(s.a).votes_for == 4
    with pytest.raises(Refused, match="这一项已经表决"):
        write(s, s.d.leader, nomination=s.a)


def test_who_writes_and_what(s):
    acts.attend(s, absent=[s.d.leader])
    for staff, more, field, text in (
        (s.d.officers[0][1], {}, "staff", "限部务会成员"),
        (s.d.chair, {}, "staff", "当场发表"),
        (s.d.leader, {"nomination": 0}, "nomination", "没有这一项"),
        (s.d.leader, {"text": " "}, "text", "请写书面意见"),
        (s.d.leader, {"text": "长" * 501}, "text", "500字"),
    ):
        with pytest.raises(Refused, match=text) as refused:
            write(s, staff, **more)
        assert refused.value.field == field
    with pytest.raises(PermissionDenied):
        write(s, s.d.leader, by=again(s.d.chair))
    s.round.recusals_of.create(
        body="committee",
        nomination=s.b,
        staff=s.d.leader,
        kind="declared",
        at=moment("2026-07-06 10:00"),
    )
    with pytest.raises(Refused, match="须回避"):
        write(s, s.d.leader, nomination=s.b)
    adjourn(s)
    with pytest.raises(Refused, match="已经散会"):
        write(s, s.d.leader)


def test_a_notice_of_a_meeting_reads_in_every_language(s, monkeypatch):
    told = []
    monkeypatch.setattr(notices, "tell_all", lambda people, key, say, **more: told.append(say()))
    acts.arrange(s, held_on=date(2026, 7, 9), place="三楼")
    assert told and "7月9日" in told[0]
