"""The rota: fair over any absences, spread over sections, the same for the same past."""

import itertools
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import rota
from ledgers.models import Talk
from ledgers.rota import Speaker, choose, plan
from tests.factories import make_absence, make_staff

START = date(2026, 1, 7)
ALONE = {"absent": set(), "before": None}


def fortnights(count: int) -> list[date]:
    return [START + timedelta(14 * n) for n in range(count)]


def test_whoever_never_spoke_comes_first_by_joining_date_then_the_longest_silent():
    old, young = Speaker(1, 1, date(2020, 1, 1)), Speaker(2, 1, date(2024, 1, 1))
    early = Speaker(3, 1, date(2010, 1, 1), 0, (date(2025, 3, 1), date(2025, 6, 1)))
    late = Speaker(4, 1, date(2010, 1, 1), 0, (date(2025, 9, 1),))
    turns = plan([late, early, young, old], fortnights(4), absences={})
    assert [turn.key for turn in turns] == [1, 2, 3, 4]
    assert [turn.last for turn in turns] == [None, None, date(2025, 6, 1), date(2025, 9, 1)]


def test_the_reasons_name_whom_the_order_put_first():
    one, two = Speaker(1, 1, date(2020, 1, 1)), Speaker(2, 1, date(2021, 1, 1))
    three = Speaker(3, 2, date(2022, 1, 1))
    turn = choose([one, two, three], START, absent={1}, before=1)
    assert turn == (START, 3, None, (2,), (1,))
    # Let down once, and not a second time.
    again = plan([one, two, three], fortnights(3), absences={}, before=1)
    assert [turn.key for turn in again] == [3, 1, 2]


def test_nobody_there_means_no_talk():
    one = Speaker(1, 1, START)
    days = fortnights(2)
    with pytest.raises(LookupError):
        choose([one], START, absent={1}, before=None)
    assert [turn.day for turn in plan([one], days, absences={days[0]: {1}})] == days[1:]


@st.composite
def departments(draw):
    sections = draw(st.lists(st.integers(1, 4), min_size=1, max_size=9))
    joined = [START - timedelta(draw(st.integers(1, 2000))) for _one in sections]
    speakers = [
        Speaker(key, section, day, key)
        for key, (section, day) in enumerate(zip(sections, joined, strict=True))
    ]
    days = fortnights(draw(st.integers(1, 45)))
    keys = st.sets(st.sampled_from([one.key for one in speakers]))
    away = {day: draw(keys) for day in days if draw(st.booleans())}
    # Some are never away, else there would be nobody to compare.
    steady = draw(keys)
    return speakers, days, {day: gone - steady for day, gone in away.items()}


@settings(max_examples=120, deadline=None)
@given(departments())
def test_over_any_absences_nobody_who_is_there_falls_behind(world):
    speakers, days, absences = world
    turns = plan(speakers, days, absences=absences)
    assert turns == plan(list(reversed(speakers)), days, absences=absences)
    away = set().union(*absences.values()) if absences else set()
    spoke: Counter = Counter()
    for turn in turns:
        spoke[turn.key] += 1
        assert turn.key not in absences.get(turn.day, set())
        most = max(spoke.values())
        # At every moment, and against everybody.
        for one in speakers:
            if one.key not in away:
                assert most - spoke[one.key] <= 1, (turn, one)


@settings(max_examples=120, deadline=None)
@given(departments())
def test_two_of_one_section_follow_each_other_only_where_fairness_asks_for_it(world):
    speakers, days, absences = world
    turns = plan(speakers, days, absences=absences)
    by_key = {one.key: one for one in speakers}
    count: Counter = Counter()
    for earlier, turn in itertools.pairwise(turns):
        count[earlier.key] += 1
        if by_key[turn.key].section != by_key[earlier.key].section:
            continue
        for one in speakers:
            gone = one.key in absences.get(turn.day, set())
            other = by_key[one.key].section != by_key[turn.key].section
            if other and not gone:
                # Going ahead would have made a second talk of somebody else's first.
                assert count[one.key] > min(
                    count[waiting.key]
                    for waiting in speakers
                    if waiting.key not in absences.get(turn.day, set())
                )


def test_from_the_ledger(d):
    """Held and planned talks count, void ones do not; leaders and who left are no speakers."""
    one, two = d.officers[0][1], d.officers[1][0]
    gone = make_staff(section=d.one, left_on=date(2026, 3, 1))
    leaving = make_staff(section=d.two, joined_on=date(2019, 1, 1), left_on=date(2026, 3, 20))
    own = {"unit": d.unit, "recorded_at": "2026-03-01T08:00Z"}
    Talk.objects.create(speaker=one, day=date(2026, 2, 4), title="一", state="held", **own)
    Talk.objects.create(speaker=two, day=date(2026, 3, 18), title="二", state="planned", **own)
    Talk.objects.create(speaker=d.chiefs[0], day=date(2026, 2, 18), title="三", state="void", **own)
    today = date(2026, 3, 5)

    lines = rota.queue(d.unit, today)

    assert [line.person for line in lines[-2:]] == [one, two]
    assert (lines[-2].last, lines[-2].coming) == (date(2026, 2, 4), None)
    assert (lines[-1].last, lines[-1].coming) == (None, date(2026, 3, 18))
    assert lines[0].person == leaving and lines[0].section == d.two
    people = {line.person for line in lines}
    assert gone not in people and d.leader not in people and d.chiefs[0] in people

    first = d.chiefs[0]
    make_absence(first, date(2026, 4, 1), date(2026, 4, 1))
    days = [date(2026, 4, 1), date(2026, 4, 15)]
    turns, read = rota.propose(d.unit, days, today)
    # The latest planned talk is of the second section; who leaves before the day speaks no more.
    assert read.before == d.two.pk
    assert [turn.key for turn in turns] == [d.officers[0][0].pk, d.chiefs[1].pk]
    assert set(turns[0].absent) == {leaving.pk, first.pk}
    assert turns[1].passed == (first.pk, d.officers[0][2].pk)
    assert rota.absent_on(d.unit, []) == {}
