"""Lights: the plan by working days, the thresholds, and the words beside the colours."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import lights
from ledgers.actions import light_policies
from ledgers.models import LightPolicy, Milestone, Task
from scheme import clock as clocks
from scheme.errors import Refused
from tests.ledgers.supervision_world import make_task, make_world

# Monday; nothing but weekends off in the plain calendar of these tests.
MONDAY = date(2026, 3, 2)
FRIDAY = MONDAY + timedelta(4)
PLAIN = [MONDAY + timedelta(n) for n in range(200) if (MONDAY + timedelta(n)).weekday() < 5]
DAYS = lights.Days(PLAIN)
POLICY = LightPolicy(near_days=2, yellow_behind=10, red_behind=30)


def task(**more) -> Task:
    fields = {"state": "received", "start_on": MONDAY, "due_on": MONDAY + timedelta(11)}
    return Task(recorded_at=clocks.at(MONDAY), **(fields | {"progress": 0} | more))


def step(day: date, target: int, position=1) -> Milestone:
    return Milestone(position=position, due_on=day, target=target)


def light(one: Task, today: date, steps=()) -> lights.Light:
    return lights.light_of(one, steps, DAYS, POLICY, today)


def word(*args, **kwargs) -> tuple[str, str]:
    shown = light(*args, **kwargs)
    return shown.colour, str(shown.word)


def test_the_plan_goes_by_working_days_that_are_over():
    """Ten working days, Monday to the Friday of next week."""
    ten = task()
    expected = {MONDAY: 0, FRIDAY: 40, MONDAY + timedelta(5): 50, MONDAY + timedelta(7): 50}
    expected |= {MONDAY + timedelta(11): 90, MONDAY + timedelta(12): 100, MONDAY - timedelta(3): 0}
    assert {day: lights.planned(ten, (), DAYS, day) for day in expected} == expected


def test_without_a_start_it_begins_when_it_was_assigned_or_recorded():
    recorded = task(start_on=None)
    assert lights.planned(recorded, (), DAYS, FRIDAY) == 40
    assigned = task(start_on=None, assigned_at=clocks.at(MONDAY + timedelta(7), 9))
    assert lights.planned(assigned, (), DAYS, FRIDAY) == 0
    # A workbook may bring one whose deadline has passed.
    assert word(task(start_on=None, due_on=MONDAY - timedelta(7)), FRIDAY) == ("red", "逾期")


def test_milestones_bend_the_plan():
    ten = task()
    steps = [step(FRIDAY, 20), step(MONDAY + timedelta(8), 80, 2), step(date(2026, 9, 1), 90, 3)]
    expected = {FRIDAY: 16, MONDAY + timedelta(7): 20, MONDAY + timedelta(8): 50}
    expected |= {MONDAY + timedelta(9): 80, MONDAY + timedelta(11): 93}
    assert {day: lights.planned(ten, steps, DAYS, day) for day in expected} == expected


def brute(one: Task, steps, today: date) -> int:
    """The plan again, day by day, without look-ups."""
    start, end = lights.start_of(one), lights.working_deadline(one)
    corners, reached = [], 0
    for each in sorted(steps, key=lambda s: s.due_on):
        if start <= each.due_on < end:
            reached = max(reached, each.target)
            corners.append((each.due_on, reached))
    corners.append((end, 100))
    begin, low = start - timedelta(1), 0
    for until, high in corners:
        if today > until:
            begin, low = until, high
            continue
        working = [day for day in PLAIN if begin < day <= until]
        over = [day for day in working if day < today]
        return low + (high - low) * len(over) // len(working) if working else low
    return 100


@settings(max_examples=150, deadline=None)
@given(
    length=st.integers(0, 60),
    at=st.integers(-3, 70),
    corners=st.lists(st.tuples(st.integers(0, 65), st.integers(1, 100)), max_size=4),
    later=st.integers(0, 20),
)
def test_the_plan_is_what_counting_days_gives(length, at, corners, later):
    due = MONDAY + timedelta(length)
    one = task(due_on=due, replanned_to=due + timedelta(later) if later else None)
    by_day = dict(sorted(corners))
    steps = [step(MONDAY + timedelta(n), target) for n, target in by_day.items()]
    today = MONDAY + timedelta(at)
    asked = lights.planned(one, steps, DAYS, today)
    assert asked == brute(one, steps, today)
    assert 0 <= asked <= 100
    assert asked <= lights.planned(one, steps, DAYS, today + timedelta(1)), "never falls"


@pytest.mark.parametrize(
    ("more", "offset", "expected"),
    [
        ({"progress": 40}, 4, ("green", "正常")),
        ({"progress": 30}, 4, ("yellow", "滞后")),
        ({"progress": 31}, 4, ("green", "正常")),
        ({"progress": 10}, 4, ("red", "严重滞后")),
        ({"progress": 11}, 4, ("yellow", "滞后")),
        ({"progress": 95}, 8, ("green", "正常")),
        ({"progress": 95}, 9, ("yellow", "临期")),
        # The deadline itself and the rest days after it are not late; the next Monday is.
        ({"progress": 100}, 11, ("yellow", "临期")),
        ({"progress": 100}, 13, ("yellow", "临期")),
        ({"progress": 100}, 14, ("red", "逾期")),
        ({"closed_on": FRIDAY, "state": "closed"}, 14, ("blue", "已办结")),
        ({"state": "struck", "closed_on": FRIDAY}, 14, ("blue", "已办结")),
        ({"state": "suspended"}, 14, ("grey", "暂停")),
        ({"state": "approved"}, 14, ("grey", "未交办")),
        ({"state": "cancelled"}, 14, ("grey", "已取消")),
        # Reported in time it stays in time, however long the review takes; late it stays late.
        ({"state": "reported", "reported_at": clocks.at(FRIDAY, 9)}, 40, ("green", "正常")),
        (
            {"state": "reviewed", "reported_at": clocks.at(MONDAY + timedelta(15), 9)},
            40,
            ("red", "逾期"),
        ),
    ],
)
def test_every_light_has_its_word(more, offset, expected):
    assert word(task(**more), MONDAY + timedelta(offset)) == expected


def test_an_extension_moves_the_light_and_a_new_date_never_turns_it_green():
    late, due = MONDAY + timedelta(14), MONDAY + timedelta(11)
    granted = task(extended_to=due + timedelta(14), extension_granted_on=FRIDAY, progress=60)
    assert word(granted, late)[0] == "green"
    too_late = task(extended_to=due + timedelta(14), extension_granted_on=due, progress=60)
    assert word(too_late, late) == ("red", "逾期")
    again = task(replanned_to=due + timedelta(14), progress=100)
    assert word(again, late) == ("yellow", "已过原时限")
    assert word(again, due + timedelta(17))[0] == "red"


def test_behind_late_and_kind_are_said():
    shown = light(task(progress=10), MONDAY + timedelta(15))
    assert (shown.behind, shown.late, shown.left, shown.kind, shown.burns) == (
        90, 2, -2, "bad", True,
    )  # fmt: skip
    assert light(task(progress=50), MONDAY).behind == 0
    assert not light(task(state="suspended"), MONDAY).burns


def test_a_set_costs_three_queries_however_large(db, clock, django_assert_num_queries):
    clock.set("2026-03-05 10:00")
    w = make_world()
    first = make_task(w)
    Milestone.objects.create(
        task=first, position=1, text="初稿", due_on=date(2026, 3, 10), target=50
    )
    with django_assert_num_queries(3):
        lights.of([first])
    tasks = [make_task(w, date(2026, 3, 9) + timedelta(n)) for n in range(30)]
    with django_assert_num_queries(3):
        found = lights.of([first, *tasks])
    assert len(found) == 31
    assert [(c.value, n) for c, n in lights.totals(found.values())] == [
        ("red", 0), ("yellow", 2), ("green", 29), ("blue", 0), ("grey", 0),
    ]  # fmt: skip
    assert lights.of([]) == {}
    assert lights.Days.around([]).days == []


def test_the_office_sets_thresholds_for_days_to_come(db, clock):
    clock.set("2026-03-05 10:00")
    w = make_world()
    figures = {"near_days": 5, "yellow_behind": 5, "red_behind": 20, "escalate_after": 2}
    tomorrow = date(2026, 3, 6)
    made = light_policies.set_policy(w.unit, in_force_from=tomorrow, by=w.office, **figures)
    assert lights.policy_of(w.unit.pk, date(2026, 3, 5)).near_days == 3, "the plain default"
    assert lights.policy_of(w.unit.pk, tomorrow) == made
    assert lights.policy_of(w.two.unit_id + 999, tomorrow).pk is None
    bad = [{"in_force_from": date(2026, 3, 4)}, {"in_force_from": tomorrow, "red_behind": 5}]
    for more in bad:
        with pytest.raises(Refused):
            light_policies.set_policy(w.unit, by=w.office, **(figures | more))
    with pytest.raises(PermissionDenied):
        light_policies.set_policy(w.unit, in_force_from=tomorrow, by=w.chief, **figures)
    assert LightPolicy.objects.count() == 1
