"""The demo is alive whatever the day: here on one when the last half-year may still be filed, in a
year the shipped calendar does not know."""

from datetime import date

import pytest

from desk import queries
from desk.demo import build, cast, earlier, play
from ledgers.models import DailyReport, PointEntry
from scheme.models import Notice, Staff
from stars.actions import stages
from stars.models import Box, Opinion, Round, Vote
from tests.factories import moment

pytestmark = pytest.mark.django_db


def test_the_demo_stands_at_the_branches_and_this_week_waits(clock, settings, client):
    settings.DEMO = True
    clock.set("2028-07-04T09:00")
    given = build.everything(say=lambda text: None)

    assert [part.staff_no for part, _person, _password in given] == [
        part.staff_no for part in cast.all_parts()
    ]
    round_ = play.round_()
    assert (round_.half, round_.state) == ("2027H2", Round.State.AT_BRANCH)
    assert round_.nominations.filter(state="at_branch").count() == 30
    assert PointEntry.objects.filter(event_on__lt=date(2028, 1, 1)).count() > 3000

    # The round before is over, on the reports of its trial: the wall has something to show.
    earlier_one = Round.objects.get(half="2027H1")
    first, last = earlier.trial("2027H1")
    assert earlier_one.state == Round.State.PUBLISHED
    assert earlier_one.awards.count() > 5 and earlier_one.publications.count() == 1
    assert earlier_one.stage_since < moment("2027-09-01 00:00")
    assert DailyReport.objects.filter(day__range=(first, last)).count() > 500
    assert not DailyReport.objects.filter(day__lt=first).exists()
    assert not Notice.objects.filter(at__lte=earlier_one.stage_since, read_at=None).exists()

    officer = Staff.objects.get(login="ZC045")
    today = date(2028, 7, 4)
    owed = queries.owed(officer, queries.recent(officer, today))
    # Today's report, and yesterday's; then what else the ledgers ask of an officer.
    assert [task.first for task in owed][:2] == [True, False]
    assert not any(task.first for task in owed[1:])
    assert [task.url for task in owed][:2] == ["/reports/2028-07-04/", "/reports/2028-07-03/"]
    chief = Staff.objects.get(login="ZC042")
    assert DailyReport.objects.to_review_by(chief).count() > 3

    # The rest of the cast plays through the real actions; a visitor's own opinions stay open.
    given = Opinion.objects.filter(nomination__round=round_).select_related("by")
    left = {opinion.by.staff_no for opinion in given}
    assert "ZC043" not in left and len(left) > 40
    assert play.play_the_rest(round_) > 0
    assert play.play_the_rest(round_) == 0
    assert not Vote.objects.exists()
    turns = play.turns(round_)
    assert all(turn.url or turn.rest for turn in turns)

    client.force_login(officer)
    assert "2027年下半年评星" in client.get("/demo/").content.decode()

    # At the committee the rest plays item by item: it opens the meeting and the item, then votes
    # but for the visitors, then they do and it is counted.
    office = Staff.objects.get(login="ZC013")
    stages.advance(round_.pk, by=office, reason="都评完了", seen=round_.version)
    round_.refresh_from_db()
    assert play.play_the_rest(round_) == 1
    box = Box.objects.get(nomination__round=round_)
    assert play.play_the_rest(round_) > 0
    assert {one.staff.staff_no for one in box.electors.filter(has_voted=False, standing="due")} <= {
        "ZC001",
        "ZC003",
    }
    assert play.play_the_rest(round_) > 0
    assert Box.objects.get(nomination__round=round_).state == Box.State.CLOSED
    assert play.turns(round_)[0].url == f"/rounds/{round_.pk}/meeting/"
