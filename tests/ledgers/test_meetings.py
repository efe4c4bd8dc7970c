from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from ledgers import records
from ledgers.actions import meetings
from ledgers.models import Meeting, Suggestion
from scheme.errors import Stale
from tests.factories import make_department
from tests.ledgers.acting import THURSDAY, refusal
from tests.ledgers.plans_world import keeper_of, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(d):
    return keeper_of(d)


@pytest.fixture
def meeting(d, keeper):
    return meetings.call(
        d.unit, kind="discussion", day=THURSDAY, title=" 务虚会 ", place="三楼",
        chaired_by_id=d.chair.pk, by=keeper,
    )  # fmt: skip


def denied(call):
    with pytest.raises(PermissionDenied):
        call()


def test_a_meeting_is_called_recorded_and_held(d, keeper, meeting):
    assert (meeting.title, meeting.kept_by, meeting.chaired_by) == ("务虚会", keeper, d.chair)
    bare = refusal(lambda: meetings.hold(meeting.pk, version=0, by=keeper))
    assert bare.field == "record"
    meeting = meetings.change(meeting.pk, version=0, record="各抒己见", by=keeper)
    assert meetings.change(meeting.pk, version=1, record="各抒己见", by=keeper).version == 1
    meeting = meetings.hold(meeting.pk, version=1, by=keeper)

    assert meeting.state == Meeting.State.HELD
    assert [str(one.what) for one in records.history(meeting)] == ["安排", "修改", "登记"]
    assert refusal(lambda: meetings.hold(meeting.pk, version=2, by=keeper)).conflict
    # The record may be put right afterwards, and is never emptied.
    assert meetings.change(meeting.pk, version=2, record="补正", by=keeper).record == "补正"
    empty = refusal(lambda: meetings.change(meeting.pk, version=3, record=" ", by=keeper))
    assert empty.field == "record"


def test_what_a_meeting_refuses(d, keeper, meeting):
    told_ = {"kind": "discussion", "day": THURSDAY, "title": "x"}
    denied(lambda: meetings.call(d.unit, **told_, by=d.chiefs[0]))
    denied(lambda: meetings.change(meeting.pk, version=0, title="x", by=d.chiefs[0]))
    denied(lambda: meetings.hold(meeting.pk, version=0, by=d.chiefs[0]))
    stranger = make_department().chair.pk
    wrong = refusal(lambda: meetings.call(d.unit, **told_, chaired_by_id=stranger, by=keeper))
    assert wrong.field == "chaired_by_id"
    with pytest.raises(Stale):
        meetings.change(meeting.pk, version=7, title="x", by=keeper)
    with pytest.raises(TypeError):
        meetings.change(meeting.pk, version=0, state="held", by=keeper)
    later = meetings.call(d.unit, **told_ | {"day": date(2026, 3, 6)}, by=keeper)
    assert "日子" in str(refusal(lambda: meetings.hold(later.pk, version=0, by=keeper)))


def test_anybody_puts_something_forward_under_their_own_name(d, keeper, meeting):
    officer, other = d.officers[0][1], d.officers[1][0]
    one = meetings.suggest(meeting.pk, text=" 精简报表 ", raised_by=other, by=officer)
    assert (one.raised_by, one.text) == (officer, "精简报表")
    by_keeper = meetings.suggest(
        meeting.pk, text="少开会", raised_by=other, section_id=d.two.pk, by=keeper
    )
    assert (by_keeper.raised_by, by_keeper.section) == (other, d.two)
    assert (
        meetings.suggest(meeting.pk, text="会上说的", raised_by=None, by=keeper).raised_by is None
    )

    stranger = make_department()
    for wrong, field in (
        ({"text": " "}, "text"),
        ({"text": "精简报表", "raised_by": officer}, "text"),
        ({"raised_by": stranger.chair}, "raised_by"),
        ({"section_id": stranger.one.pk}, "section"),
    ):
        given = {"text": "新的", "raised_by": other} | wrong
        refused = refusal(lambda given=given: meetings.suggest(meeting.pk, **given, by=keeper))
        assert refused.field == field
    denied(lambda: meetings.suggest(meeting.pk, text="x", raised_by=None, by=stranger.chair))


def test_after_the_meeting_only_its_keeper_enters_what_was_said(d, keeper, meeting):
    meetings.change(meeting.pk, version=0, record="记", by=keeper)
    meetings.hold(meeting.pk, version=1, by=keeper)
    officer = d.officers[0][1]
    late = refusal(lambda: meetings.suggest(meeting.pk, text="x", raised_by=officer, by=officer))
    assert late.conflict
    assert meetings.suggest(meeting.pk, text="x", raised_by=officer, by=keeper).pk


def test_only_a_discussion_takes_suggestions_and_not_without_end(d, keeper, meeting, monkeypatch):
    told_ = {"kind": "reporting", "day": THURSDAY, "title": "述职会"}
    other = meetings.call(d.unit, **told_, by=keeper)
    assert "务虚会" in str(
        refusal(lambda: meetings.suggest(other.pk, text="x", raised_by=None, by=keeper))
    )
    monkeypatch.setattr(meetings, "MOST_SUGGESTIONS", 1)
    meetings.suggest(meeting.pk, text="一", raised_by=None, by=keeper)
    full = refusal(lambda: meetings.suggest(meeting.pk, text="二", raised_by=None, by=keeper))
    assert "最多" in str(full)


def test_who_put_it_forward_is_told_why_it_is_put_aside(d, keeper, meeting):
    officer = d.officers[0][1]
    one = meetings.suggest(meeting.pk, text="精简报表", raised_by=officer, by=officer)
    denied(lambda: meetings.put_aside(one.pk, reason="x", version=0, by=officer))
    empty = refusal(lambda: meetings.put_aside(one.pk, reason=" ", version=0, by=keeper))
    assert empty.field == "reason"
    one = meetings.put_aside(one.pk, reason="已有安排", version=0, by=keeper)
    assert (one.state, one.answer) == (Suggestion.State.ASIDE, "已有安排")
    assert "已有安排" in told(officer)[-1]
    with pytest.raises(Stale):
        meetings.put_aside(one.pk, reason="再答", version=1, by=keeper)
    nameless = meetings.suggest(meeting.pk, text="无名", raised_by=None, by=keeper)
    assert meetings.put_aside(nameless.pk, reason="不宜", version=0, by=keeper).answer == "不宜"
