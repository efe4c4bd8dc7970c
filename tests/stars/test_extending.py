from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from scheme import clock as time
from scheme.errors import Refused, Stale
from scheme.models import AuditEntry, CalendarDay, Notice
from stars import planning
from stars.actions import stages
from stars.models import Round, RoundMove
from tests.factories import again, make_round
from tests.stars import acts

pytestmark = pytest.mark.django_db
THURSDAY = date(2026, 7, 9)


def extend(s, until, reason="材料还没有核实", **more):
    acts.fresh(s)
    arguments = {"by": again(s.d.personnel[0]), "seen": s.round.version} | more
    return stages.extend(s.round.pk, until=until, reason=reason, **arguments)


def told(round_):
    return {n.to for n in Notice.objects.filter(key__startswith=f"round:{round_.pk}:extended")}


def test_the_present_stage_ends_later_and_everybody_in_it_is_told(clock):
    s = acts.nominating(clock)  # until Wednesday 8 July
    round_ = extend(s, THURSDAY)
    round_.refresh_from_db()
    assert (round_.nominate_until, round_.due_at) == (THURSDAY, time.at(THURSDAY, 18))
    assert round_.branch_until == date(2026, 7, 13) and round_.state == "nominating"
    move = RoundMove.objects.get()
    assert (move.from_state, move.to_state, move.by) == (
        "nominating", "nominating", s.d.personnel[0],
    )  # fmt: skip
    assert move.reason == "延期到7月9日18:00：材料还没有核实"
    entry = AuditEntry.objects.get(act="round.extend")
    assert entry.after == {"state": "nominating", "nominate_until": "2026-07-09"}
    assert told(round_) == {*s.d.chiefs, *s.d.personnel}
    text = Notice.objects.filter(key__contains="extended").first().text
    assert text == "2026年上半年评星：科室推星延期到7月9日18:00。材料还没有核实"


def test_stages_it_would_run_into_keep_their_working_days(clock):
    s = acts.nominating(clock)
    # 8, 13 and 16 July: the branches had three working days, the committee three.
    round_ = extend(s, date(2026, 7, 15))
    assert [round_.branch_until, round_.committee_until] == [date(2026, 7, 20), date(2026, 7, 23)]
    assert set(AuditEntry.objects.get(act="round.extend").after) == {"state", *planning.DATES}


def test_later_stages_tell_their_seats(clock):
    s = acts.at_committee(clock)
    extend(s, date(2026, 7, 20))
    assert told(s.round) == {seat.staff for seat in s.round.seats.filter(body="committee")} | {
        *s.d.personnel
    }
    s.round.refresh_from_db()
    assert s.round.committee_until == date(2026, 7, 20)


@pytest.mark.parametrize(
    ("until", "reason", "field"),
    [
        (date(2026, 7, 11), "周末", "until"),
        (date(2026, 7, 8), "没有变", "until"),
        (THURSDAY, " ", "reason"),
        (THURSDAY, "长" * 200, "reason"),
    ],
)
def test_it_refuses_a_day_off_an_earlier_day_and_no_reason(clock, until, reason, field):
    s = acts.nominating(clock)
    with pytest.raises(Refused) as caught:
        extend(s, until, reason)
    assert caught.value.field == field and not RoundMove.objects.exists()


def test_it_refuses_a_moment_that_has_passed_strangers_stale_pages_and_publicity(clock):
    s = acts.nominating(clock)
    with pytest.raises(PermissionDenied):
        extend(s, THURSDAY, by=s.d.chiefs[0])
    with pytest.raises(Stale):
        extend(s, THURSDAY, seen=9)
    clock.set("2026-07-09 18:30")
    with pytest.raises(Refused) as caught:
        extend(s, THURSDAY)
    assert caught.value.field == "until"
    Round.objects.all().update(state="cancelled")
    for state, half in (("preparing", "2026H1"), ("publicity", "2025H2"), ("published", "2025H1")):
        other = make_round(s.d.unit, state=state, half=half)
        with pytest.raises(Refused, match=r"不|只有") as caught:
            stages.extend(
                other.pk, by=again(s.d.personnel[0]), until=date(2026, 9, 1), reason="试",
                seen=other.version,
            )  # fmt: skip
        assert caught.value.conflict


def test_a_calendar_that_ends_refuses_it_whole(clock):
    s = acts.nominating(clock)
    CalendarDay.objects.filter(day__gt=date(2026, 7, 16)).delete()
    with pytest.raises(Refused, match="日历"):
        extend(s, date(2026, 7, 16))
    assert acts.fresh(s).nominate_until == date(2026, 7, 8)


# Counting days


def test_days_are_counted_over_weekends_and_said_again(clock):
    clock.set("2026-07-20 09:00")
    found = planning.ends(date(2026, 7, 21), (5, 5, 3))
    assert list(found.values()) == [date(2026, 7, 27), date(2026, 8, 3), date(2026, 8, 6)]
    spans = planning.stages(date(2026, 7, 21), found)
    assert [(one.first.day, one.last.day, one.days) for one in spans] == [
        (21, 27, 5), (28, 3, 5), (4, 6, 3),
    ]  # fmt: skip
    # A first day that is a day off, and a stage that has none left.
    assert planning.ends(date(2026, 7, 25), (1, 1, 1))["nominate_until"] == date(2026, 7, 27)
    assert [one.days for one in planning.stages(date(2026, 8, 1), found)] == [1, 3]
    for days in ((0, 1, 1), (61, 1, 1)):
        with pytest.raises(Refused) as caught:
            planning.ends(date(2026, 7, 21), days)
        assert caught.value.field == "days_nominate_until"
