"""The promised working days, over holidays and changes of the calendar."""

from datetime import date

import pytest

from scheme import clock as clocks
from scheme.errors import Refused
from scheme.models import AuditEntry, CalendarDay, Notice
from stars import objecting, publicity, tasks
from stars.actions import publicity as keeping
from stars.actions import stages
from tests.factories import again
from tests.stars import awards_world as world

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return world.in_publicity(clock)


def rest(day, working=False):
    CalendarDay.objects.filter(day=day).update(is_working=working)


def test_the_days_are_counted_in_words(s, clock):
    def said(moment):
        clock.set(moment)
        return publicity.words(publicity.period(s.round))

    assert said("2026-07-06 09:00") == "公示当日不计，从下一个工作日起共5个，到7月13日18:00止。"
    assert said("2026-07-08 08:00") == "第2个工作日，共5个，到7月13日18:00止，公示当日不计。"
    assert "今天不是工作日，已过4个，共5个" in said("2026-07-11 10:00")
    assert said("2026-07-13 18:00") == "公示已满5个工作日，7月13日18:00截止。"


def test_a_holiday_put_in_meanwhile_moves_the_end_and_everybody_hears(s, clock):
    rest(date(2026, 7, 9))
    assert publicity.last_day(s.round) == date(2026, 7, 14)
    tasks.look()
    s.round.refresh_from_db()
    assert s.round.publicity_until == date(2026, 7, 14)
    assert clocks.local(s.round.due_at).isoformat(" ", "minutes").startswith("2026-07-14 18:00")
    assert [day.day for day in publicity.period(s.round).days] == [7, 8, 10, 13, 14]
    notices = Notice.objects.filter(key=f"round:{s.round.pk}:publicity:2026-07-14")
    assert notices.count() == len(s.d.everybody)
    line = AuditEntry.objects.get(act="round.postpone")
    assert (line.before, line.after) == ({"until": "2026-07-13"}, {"until": "2026-07-14"})
    version = s.round.version
    # Asked again, and where a day is given back, nothing moves.
    rest(date(2026, 7, 9), working=True)
    assert keeping.keep_length(s.round.pk).version == version
    assert publicity.last_day(s.round) == date(2026, 7, 14)


def test_no_result_before_the_days_are_given(s, clock):
    """Nobody looked between the change and the old end."""
    world.due(s, clock)
    rest(date(2026, 7, 8))
    by, seen = again(s.d.personnel[0]), s.round.version
    with pytest.raises(Refused, match="须满5个工作日，到7月14日18:00"):
        stages.advance(s.round.pk, by=by, reason="到期", seen=seen)
    moved = stages.advance(s.round.pk)
    assert (moved.state, clocks.local(moved.due_at).day) == ("publicity", 14)


def test_where_the_calendar_ends_what_was_announced_stands(s):
    CalendarDay.objects.filter(day__gt=date(2026, 7, 8)).delete()
    assert publicity.last_day(s.round) == date(2026, 7, 13)
    world.found(world.put(s), s.office)
    CalendarDay.objects.filter(day__gt=date(2026, 7, 6)).delete()
    assert objecting.review_open_until(s.round) is None


def test_a_demonstration_keeps_its_seconds_and_no_length(clock, settings):
    s = world.in_publicity(clock, publicity_seconds=30)
    settings.DEMO = True
    rest(date(2026, 7, 9))
    assert keeping.keep_length(s.round.pk).publicity_until == date(2026, 7, 13)
    world.found(world.put(s), s.office)
    assert objecting.review_open_until(s.round) is None
    world.conclude(s, clock)
    assert s.round.state == "published"


def test_of_other_stages_nothing_is_kept(clock):
    s = world.published(clock)
    assert keeping.keep_length(s.round.pk).state == "published"
