"""两周一讲: planned by the rota, swapped, put right, called off."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from ledgers.actions import ratings, talks
from ledgers.models import LedgerMove, RatingEnvelope, Talk
from scheme.errors import Stale
from scheme.models import AuditEntry, Notice
from tests.factories import make_absence, make_department, make_staff, moment
from tests.ledgers.acting import refusal
from tests.ledgers.study_world import (
    ENDS,
    FRIDAY,
    MONDAY,
    THURSDAY,
    WEDNESDAY,
    imported_talk,
    keeper,
    opened,
    talk,
)

pytestmark = pytest.mark.django_db
State = Talk.State
NEXT = date(2026, 3, 18)


def act(d, act, row, **more):
    return act(
        row.pk, version=more.pop("version", row.version), by=more.pop("by", keeper(d)), **more
    )


def told(person) -> list[str]:
    return list(Notice.objects.filter(to=person).order_by("pk").values_list("text", flat=True))


def moves(row) -> list[LedgerMove]:
    return list(LedgerMove.objects.filter(ledger="talk", row_id=row.pk).order_by("version"))


def test_planned_in_one_go_and_every_speaker_is_told(d):
    one, two = d.officers[0][1], d.officers[1][0]
    made = talks.plan(d.unit, [(NEXT, two), (FRIDAY, one)], by=keeper(d))

    assert [(row.day, row.speaker, row.state) for row in made] == [
        (FRIDAY, one, State.PLANNED),
        (NEXT, two, State.PLANNED),
    ]
    assert told(one) == ["2026年3月6日的两周一讲由您主讲，请先报题目。"] and len(told(two)) == 1
    assert AuditEntry.objects.filter(act="talk.plan").count() == 2
    with pytest.raises(PermissionDenied):
        talks.plan(d.unit, [(NEXT, one)], by=d.chiefs[0])


def test_what_cannot_be_planned(d):
    one, gone = d.officers[0][1], make_staff(section=d.one, left_on=FRIDAY)
    stranger = make_staff(section=make_department().one)
    make_absence(one, FRIDAY, FRIDAY)
    make_absence(one, MONDAY, MONDAY)
    for turns, text in (
        ([], "至少安排一讲"),
        ([(date(2026, 3, n), one) for n in range(1, 28)], "一次最多"),
        ([(FRIDAY, one)], "不在岗"),
        ([(NEXT, gone)], "不在岗"),
        ([(FRIDAY, d.leader)], "不在科室"),
        ([(FRIDAY, stranger)], "不在科室"),
        ([(date(2019, 1, 7), one)], "不在册"),
        ([(NEXT, one), (NEXT, d.officers[1][0])], "已经安排"),
    ):
        refused = refusal(lambda turns=turns: talks.plan(d.unit, turns, by=keeper(d)))
        assert text in str(refused), text
    assert not Talk.objects.exists()
    # A talk that was given is entered although its speaker was to be away.
    talks.plan(d.unit, [(MONDAY, one)], by=keeper(d))


def test_the_speaker_says_what_about_until_it_is_rated(d):
    speaker = d.officers[0][1]
    row = talk(d, speaker, title="")
    assert refusal(lambda: act(d, talks.give, row, title=" ", by=speaker)).field == "title"
    long = {"title": "题", "summary": "要" * 2001, "by": speaker}
    assert refusal(lambda: act(d, talks.give, row, **long)).field == "summary"
    with pytest.raises(PermissionDenied):
        act(d, talks.give, row, title="题目", by=d.officers[0][0])
    with pytest.raises(PermissionDenied):
        # The keeper has an act of their own, with reasons.
        act(d, talks.give, row, title="题目")
    with pytest.raises(Stale):
        act(d, talks.give, row, title="题目", by=speaker, version=0)
    with pytest.raises(Talk.DoesNotExist):
        act(d, talks.give, row, title="题目", by=make_department().leader)

    row = act(d, talks.give, row, title="怎样写信息", summary="四点", by=speaker)
    assert (row.title, row.summary, row.version) == ("怎样写信息", "四点", 2)
    assert act(d, talks.give, row, title="怎样写信息", summary="四点", by=speaker).version == 2
    row = act(d, talks.hold, row)
    assert refusal(lambda: act(d, talks.give, row, title="另一题", by=speaker)).conflict


def test_held_without_ratings(d):
    untitled = talk(d, title="")
    assert "先填上题目" in str(refusal(lambda: act(d, talks.hold, untitled)))
    coming = talk(d, day=FRIDAY)
    assert "还没到" in str(refusal(lambda: act(d, talks.hold, coming)))
    row = talk(d, day=MONDAY)
    with pytest.raises(PermissionDenied):
        act(d, talks.hold, row, by=row.speaker)
    row = act(d, talks.hold, row)
    assert row.state == State.HELD and row.ratings == []
    assert refusal(lambda: act(d, talks.hold, row)).conflict


def test_the_keeper_puts_right_and_says_why(d):
    one, two = d.officers[0][1], d.officers[1][0]
    row = talk(d, one)
    body = {"day": WEDNESDAY, "speaker": one, "title": "另一题"}
    row = act(d, talks.change, row, **body)
    assert row.title == "另一题" and moves(row)[-1].kind == "change"
    other = body | {"speaker": two}
    assert refusal(lambda: act(d, talks.change, row, **other)).field == "reason"
    taken = talk(d, two, day=FRIDAY)
    moved = body | {"day": FRIDAY, "reason": "开会"}
    assert refusal(lambda: act(d, talks.change, row, **moved)).field == "day"
    leaders = body | {"speaker": d.leader, "reason": "换人"}
    assert refusal(lambda: act(d, talks.change, row, **leaders)).field == "speaker"
    long = refusal(lambda: act(d, talks.change, row, **other, reason="因" * 501))
    assert long.field == "reason"
    row = act(d, talks.change, row, **other, reason="出差")
    assert row.speaker == two and len(told(two)) == 2
    row = act(d, talks.change, row, **body | {"speaker": two, "day": THURSDAY}, reason="开会")
    assert row.day == THURSDAY and len(told(two)) == 2

    row = act(d, talks.hold, row)
    late = {"day": THURSDAY, "speaker": two, "title": "真正的题目"}
    assert refusal(lambda: act(d, talks.change, row, **late)).field == "reason"
    row = act(d, talks.change, row, **late, reason="登记错了")
    assert row.title == "真正的题目" and moves(row)[-1].text == "登记错了"
    assert refusal(lambda: act(d, talks.change, row, **late | {"title": ""}, reason="x"))
    with pytest.raises(PermissionDenied):
        act(d, talks.change, row, **late, reason="x", by=two)
    row = act(d, talks.void, row, reason="重了")
    assert refusal(lambda: act(d, talks.change, row, **late, reason="x")).conflict
    assert taken.speaker == two


def test_once_rated_a_talk_stays_its_speakers(d):
    row = opened(d)
    other = {"day": row.day, "speaker": d.officers[1][0], "title": row.title, "reason": "换人"}
    ratings.rate(row.pk, Decimal(90), by=d.chiefs[0])
    assert "已经有人评分" in str(refusal(lambda: act(d, talks.change, row, **other)))
    told_by_workbook = imported_talk(d, [90, 91, 92, 93, 94])
    body = other | {"day": FRIDAY, "speaker": told_by_workbook.speaker}
    assert "已经有人评分" in str(refusal(lambda: act(d, talks.change, told_by_workbook, **body)))


def test_two_speakers_change_places(d):
    one, two = d.officers[0][1], d.officers[1][0]
    first, second = talk(d, one, day=FRIDAY), talk(d, two, day=NEXT, title="")

    def swap(a, b, **more):
        given = {"reason": "双方同意", "other_version": b.version, **more}
        return act(d, lambda pk, **kw: talks.swap(pk, b.pk, **kw), a, **given)

    assert refusal(lambda: swap(first, first)).field == "other"
    assert refusal(lambda: swap(first, second, reason="")).field == "reason"
    with pytest.raises(Stale):
        swap(first, second, other_version=9)
    with pytest.raises(PermissionDenied):
        swap(first, second, by=one)
    own = talk(d, one, day=date(2026, 4, 1), title="")
    assert refusal(lambda: swap(first, own)).field == "other"
    away = make_absence(two, FRIDAY, FRIDAY)
    assert "不在岗" in str(refusal(lambda: swap(first, second)))
    away.delete()

    first, second = swap(first, second)
    assert (first.speaker, first.title, second.speaker, second.title) == (two, "", one, "")
    assert moves(first)[-1].before == {"speaker": one.staff_no, "title": "怎样写信息"}
    assert len(told(one)) == 3 and len(told(two)) == 2
    given = act(d, talks.hold, talk(d, one))
    assert refusal(lambda: swap(first, given)).conflict


def test_called_off_and_back(d):
    speaker = d.officers[0][1]
    row = talk(d, speaker, day=FRIDAY)
    assert refusal(lambda: act(d, talks.restore, row, reason="x")).conflict
    assert refusal(lambda: act(d, talks.void, row, reason="")).field == "reason"
    row = act(d, talks.void, row, reason="全市会议")
    assert told(speaker)[-1] == "3月6日的讲课取消了：全市会议"
    assert refusal(lambda: act(d, talks.void, row, reason="x")).conflict
    # The day is free for another, and then taken.
    instead = talk(d, d.officers[1][0], day=FRIDAY)
    assert refusal(lambda: act(d, talks.restore, row, reason="照旧")).field == "day"
    act(d, talks.void, instead, reason="不讲了")
    assert refusal(lambda: act(d, talks.restore, row, reason="")).field == "reason"
    assert act(d, talks.restore, row, reason="照旧").state == State.PLANNED

    told_by_workbook = imported_talk(d, [90, 91, 92, 93, 94])
    before = len(told(told_by_workbook.speaker))
    row = act(d, talks.void, told_by_workbook, reason="重了")
    assert len(told(row.speaker)) == before
    row = act(d, talks.restore, row, reason="没有重")
    assert row.state == State.HELD and len(row.ratings) == 5


def test_void_while_rated_destroys_what_is_sealed(d):
    row = opened(d)
    ratings.rate(row.pk, Decimal(90), by=d.chiefs[0])
    row = act(d, talks.void, row, reason="人换了")
    assert row.locked_key is None and not RatingEnvelope.objects.exists()
    row = act(d, talks.restore, row, reason="照旧")
    assert row.state == State.PLANNED
    row = act(d, ratings.open_rating, row, until=moment(ENDS))
    ratings.rate(row.pk, Decimal(80), by=d.chiefs[0])
