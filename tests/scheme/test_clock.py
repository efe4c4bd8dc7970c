import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from scheme import clock as ours


def test_without_a_file_it_is_the_real_time(clock):
    assert abs(ours.now() - timezone.now()) < timedelta(seconds=1)
    with override_settings(CLOCK_FILE=""):
        assert abs(ours.now() - timezone.now()) < timedelta(seconds=1)


def test_the_file_moves_it(clock):
    clock.set("2026-07-06 09:00")
    assert abs(ours.now() - datetime(2026, 7, 6, 1, tzinfo=UTC)) < timedelta(seconds=5)
    Path(settings.CLOCK_FILE).write_text("")
    assert abs(ours.now() - timezone.now()) < timedelta(seconds=1)


def test_the_day_is_that_of_shanghai(clock):
    clock.set(datetime(2026, 7, 5, 15, 59, tzinfo=UTC))
    assert ours.today() == date(2026, 7, 5)
    clock.set(datetime(2026, 7, 5, 16, 0, 1, tzinfo=UTC))
    assert ours.today() == date(2026, 7, 6)


def test_a_wall_clock_time_is_an_instant():
    assert ours.at(date(2026, 7, 6), 10) == datetime(2026, 7, 6, 2, tzinfo=UTC)
    assert ours.at(date(2026, 7, 6)) == datetime(2026, 7, 5, 16, tzinfo=UTC)
    assert ours.local(datetime(2026, 7, 6, 2, tzinfo=UTC)).hour == 10
    # A winter in which Shanghai kept another time than today would show here.
    assert ours.at(date(1990, 7, 1), 12) == datetime(1990, 7, 1, 3, tzinfo=UTC)


def test_pretended_time_stands_still_nests_and_is_this_context_s_alone(clock):
    clock.set("2026-07-06 09:00")
    monday, friday = ours.at(date(2026, 1, 5), 9), ours.at(date(2026, 1, 9), 9)
    seen = []
    with ours.pretend(monday):
        with ours.pretend(friday):
            assert (ours.now(), ours.today()) == (friday, date(2026, 1, 9))
        assert ours.now() == monday
        other = threading.Thread(target=lambda: seen.append(ours.today()))
        other.start()
        other.join()
        with pytest.raises(RuntimeError), ours.pretend(friday):
            raise RuntimeError
        assert ours.now() == monday
    assert ours.today() == date(2026, 7, 6) and seen == [date(2026, 7, 6)]
    with pytest.raises(ValueError, match="zone"), ours.pretend(datetime(2026, 7, 6)):
        pass
