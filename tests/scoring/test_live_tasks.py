"""Key tasks worked on through their own actions give the entries that workbooks give."""

from datetime import date
from decimal import Decimal

import pytest

from ledgers.actions import closings, extensions, notes, supervision
from ledgers.models import PointEntry
from scoring.actions import posting
from tests.factories import make_rule_book
from tests.ledgers.supervision_world import attach, make_task, make_world, refusal

RULES = [
    (*line.split(), *[None] * (10 - len(line.split())))
    for line in """
效能-加-01 bonus person xiao 任务办结 task_done 0.50
效能-加-11 bonus section xiao 任务办结 task_done 1
效能-扣-01 deduction person xiao 任务逾期 task_overdue -1 6
效能-扣-11 deduction section xiao 任务逾期 task_overdue -2 6
效能-扣-02 deduction person xiao 任务退回 task_returned -0.5
效能-扣-12 deduction section xiao 任务退回 task_returned -1
""".strip().splitlines()
]


@pytest.fixture
def w(db, clock):
    clock.set("2026-03-02 10:00")
    w = make_world()
    make_rule_book(w.unit, in_force_from=date(2026, 1, 1), rules=RULES)
    return w


def settled(w) -> list[tuple]:
    """What stands in the book now: whose, rule, points, day; reversed pairs left out."""
    posting.settle(w.unit, date(2026, 1, 1), date(2026, 6, 30))
    rows = PointEntry.objects.filter(unit=w.unit).in_force().exclude(kind="base")
    return sorted(
        (str(e.person or e.section), e.rule_code[3:], e.points, e.event_on.day) for e in rows
    )


def close(task, w, clock, filed, approved):
    """Reported on one day, reviewed and approved on another."""
    clock.set(filed)
    attach(task, w.chief)
    day = date.fromisoformat(filed[:10])
    body = {"done_on": day, "result": "已办", "handling": "已办"}
    closings.report(task.pk, version=task.version, by=w.chief, **body)
    clock.set(approved)
    closings.review(task.pk, version=task.version + 1, by=w.office)
    closings.close(task.pk, version=task.version + 2, by=w.leader)


def points(*rows) -> list[tuple]:
    return sorted((who, rule, Decimal(worth), day) for who, rule, worth, day in rows)


def test_done_in_time_though_approved_after_the_deadline(w, clock):
    task = make_task(w, date(2026, 3, 13))
    assert settled(w) == []
    close(task, w, clock, "2026-03-13 16:00", "2026-03-18 10:00")
    in_time = points(
        ("主办人", "加-01", "0.90", 13), ("协办人", "加-01", "0.60", 13),
        ("干部一科", "加-11", "3.00", 13),
    )  # fmt: skip
    assert settled(w) == in_time
    closings.strike(task.pk, version=4, archive="督1", by=w.office)
    assert settled(w) == in_time, "struck off it stays done"


def test_refused_or_too_late_an_extension_moves_nothing(w, clock):
    """Due Friday the 6th, filed Wednesday the 11th: three working days late."""
    refused, expired, replanned = (make_task(w, date(2026, 3, 6)) for _n in range(3))
    for task in (refused, expired):
        extensions.ask(task.pk, version=0, to=date(2026, 3, 20), reason="等", by=w.chief)
    extensions.refuse(refused.pk, version=1, answer="不行", by=w.leader)
    clock.set("2026-03-06 09:00")
    assert "过期未批" in str(refusal(lambda: extensions.grant(expired.pk, version=1, by=w.leader)))
    extensions.expire(expired.pk, by=None)
    extensions.replan(replanned.pk, version=0, to=date(2026, 3, 20), reason="重排", by=w.leader)
    for task in (refused, expired, replanned):
        close(task, w, clock, "2026-03-11 10:00", "2026-03-12 10:00")
    late = [("主办人", "扣-01", "-1.50", 9), ("干部一科", "扣-11", "-3.00", 9)]
    assert settled(w) == points(*late * 3)


def test_an_extension_granted_in_time_makes_it_punctual(w, clock):
    task = make_task(w, date(2026, 3, 6))
    extensions.ask(task.pk, version=0, to=date(2026, 3, 20), reason="等", by=w.chief)
    extensions.grant(task.pk, version=1, by=w.leader)
    clock.set("2026-03-19 10:00")
    extensions.ask(task.pk, version=2, to=date(2026, 3, 27), reason="再等", by=w.chief)
    extensions.grant(task.pk, version=3, by=w.leader)
    close(task, w, clock, "2026-03-26 10:00", "2026-03-30 10:00")
    assert {rule for _who, rule, _points, _day in settled(w)} == {"加-01", "加-11"}


def test_put_aside_in_time_it_is_not_late(w, clock):
    task, late = make_task(w, date(2026, 3, 6)), make_task(w, date(2026, 3, 6))
    supervision.suspend(task.pk, version=0, reason="等文件", by=w.leader)
    clock.set("2026-03-10 10:00")
    supervision.suspend(late.pk, version=0, reason="等文件", by=w.leader)
    clock.set("2026-07-02 10:00")
    assert settled(w) == [], "put aside, neither is late meanwhile"
    body = {"to": date(2026, 7, 10), "reason": "文件已到"}
    for one in (task, late):
        supervision.resume(one.pk, version=1, by=w.leader, **body)
    # Late by the old date until the half-year ended, and only the one put aside too late.
    found = settled(w)
    assert [(who, rule, day) for who, rule, _points, day in found] == [
        ("主办人", "扣-01", 9),
        ("干部一科", "扣-11", 9),
    ]
    assert {points for _who, _rule, points, _day in found} == {Decimal("-6.00")}


def test_a_return_counts_and_a_voided_one_is_reversed(w, clock):
    task = make_task(w, date(2026, 3, 27))
    attach(task, w.chief)
    body = {"done_on": date(2026, 3, 2), "result": "已办", "handling": "已办"}
    closings.report(task.pk, version=1, by=w.chief, **body)
    closings.return_(task.pk, version=2, reason="缺附件", by=w.office)
    assert settled(w) == [], "to be completed is not below standard"
    closings.report(task.pk, version=3, by=w.chief, **body)
    note = closings.send_back(task.pk, version=4, reason="数字不实", by=w.office)
    returned = points(("主办人", "扣-02", "-0.50", 2), ("干部一科", "扣-12", "-1.00", 2))
    assert settled(w) == returned
    notes.void(note.pk, version=1, reason="核实无误", by=w.leader)
    assert settled(w) == []
    assert PointEntry.objects.filter(unit=w.unit, reverses__isnull=False).count() == 2
    notes.restore(note.pk, version=2, reason="又查实", by=w.leader)
    assert settled(w) == returned
    # Pressing and escalating cost nothing.
    notes.press(task.pk, version=5, text="快办", by=w.office)
    supervision.escalate(task.pk, version=6, reason="慢", by=w.office)
    assert settled(w) == returned


def test_passed_on_it_is_the_new_sections(w, clock):
    task = make_task(w, date(2026, 3, 6))
    supervision.ask_pass_on(task.pk, version=0, to_id=w.two.pk, reason="职责", by=w.chief)
    supervision.pass_on(task.pk, version=1, by=w.office)
    supervision.receive(task.pk, version=2, by=w.other_chief)
    clock.set("2026-03-06 10:00")
    attach(task, w.other_chief)
    body = {"done_on": date(2026, 3, 6), "result": "已办", "handling": "已办"}
    closings.report(task.pk, version=4, by=w.other_chief, **body)
    closings.review(task.pk, version=5, by=w.office)
    closings.close(task.pk, version=6, by=w.leader)
    assert ("组织二科", "加-11", Decimal("3.00"), 6) in settled(w)


def test_a_package_that_waits_for_its_review_is_as_late_as_on_its_day(w, clock):
    """Over the end of the half-year: whoever reviews slowly makes nobody late."""
    in_time, late = make_task(w, date(2026, 6, 26)), make_task(w, date(2026, 6, 26))
    for task, day in ((in_time, "2026-06-26 16:00"), (late, "2026-06-29 09:00")):
        clock.set(day)
        attach(task, w.chief)
        body = {"done_on": date.fromisoformat(day[:10]), "result": "已办", "handling": "已办"}
        closings.report(task.pk, version=task.version, by=w.chief, **body)
    assert settled(w) == [], "nothing is known for good while the half-year runs"
    clock.set("2026-07-03 09:00")
    one_day = points(("主办人", "扣-01", "-1.00", 29), ("干部一科", "扣-11", "-2.00", 29))
    assert settled(w) == one_day
    for task in (in_time, late):
        closings.review(task.pk, version=task.version + 1, by=w.office)
        closings.close(task.pk, version=task.version + 2, by=w.leader)
    assert [row for row in settled(w) if "扣" in row[1]] == one_day
    assert {row[3] for row in settled(w) if "加" in row[1]} == {26}
    assert not PointEntry.objects.exclude(reverses=None).exists()
