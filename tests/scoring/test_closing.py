from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from ledgers.models import PointEntry, Quarter, QuarterMove
from scheme.errors import Refused
from scheme.models import Absence, AuditEntry, CalendarDay, Notice
from scheme.offices import Office
from scoring import queries
from scoring.actions import closing, posting
from scoring.closing import in_the_way
from scoring.models import Declaration, ManualEntry
from tests.factories import (
    appoint,
    make_absence,
    make_department,
    make_entry,
    make_quarter,
    make_rule_book,
)

Q1 = date(2026, 1, 1), date(2026, 3, 31)
DAY = date(2026, 3, 5)


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    d.book = make_rule_book(
        d.unit, in_force_from=date(2026, 1, 1), proposed_by=d.personnel[0], approved_by=d.leader
    )
    d.office_chief = d.personnel[0]
    return d


def close(d, code="2026Q1", by=None):
    return closing.close(code, unit=d.unit, by=by or d.office_chief)


def reopen(d, code="2026Q1", by=None, reason="漏记一份文件"):
    return closing.reopen(code, unit=d.unit, reason=reason, by=by or d.leader)


def manual(d, event_on=DAY, **more):
    return ManualEntry.objects.create(
        unit=d.unit,
        person=d.officers[0][0],
        rule_code="精业-加-01",
        points=Decimal("0.50"),
        event_on=event_on,
        matter="临时任务",
        reason="台账没有这一项",
        basis="部务会纪要",
        proposed_by=d.office_chief,
        proposed_at=d.book.proposed_at,
        **more,
    )


def declaration(d, state, document_on=DAY):
    return Declaration.objects.create(
        unit=d.unit,
        quarter="2026Q1",
        person=d.officers[0][0],
        rule_code="精业-加-09",
        matter="获奖",
        document_no="市委〔2026〕1号",
        document_on=document_on,
        state=state,
        filed_by=d.officers[0][0],
        filed_at=d.book.proposed_at,
        checked_by=d.chiefs[0] if state == "checked" else None,
        checked_at=d.book.proposed_at if state == "checked" else None,
        recorded_at=d.book.proposed_at,
    )


def test_what_was_recorded_in_time_is_in_whoever_posts_when(d):
    """Nobody has posted yet: the closing does, and every fact of the quarter counts in it."""
    done = close(d)
    quarter = Quarter.objects.get(code="2026Q1")
    in_it = PointEntry.objects.filter(quarter=quarter)
    assert quarter.closed_by == d.office_chief and in_it.count() > 100
    days = PointEntry.objects.filter(event_on__lt=date(2026, 4, 1))
    assert days.exclude(quarter=quarter).count() == 0
    assert (done.posted, done.reversed) == (PointEntry.objects.count(), 0)
    total = sum(in_it.values_list("points", flat=True))
    assert (done.move.entries, done.move.points) == (in_it.count(), total)
    assert posting.settle(d.unit, *Q1)[:2] == (0, 0)


def test_the_scorecards_are_those_without_a_closing(d, clock):
    clock.set("2026-08-03 09:00")
    half = date(2026, 1, 1), date(2026, 6, 30)
    close(d)
    posting.settle(d.unit, *half)
    closed = queries.scorecards(d.unit, "2026H1")

    other = make_department()
    make_rule_book(other.unit, in_force_from=date(2026, 1, 1))
    posting.settle(other.unit, *half)
    plain = queries.scorecards(other.unit, "2026H1")
    assert [card[2:] for card in closed] == [card[2:] for card in plain]
    assert any(card.deduction for card in closed)


def test_who_closes(d):
    for person in (
        d.leader,
        d.chiefs[0],
        d.chair,
        d.officers[0][0],
        make_department().personnel[0],
    ):
        with pytest.raises(PermissionDenied):
            close(d, by=person)
    assert not PointEntry.objects.exists() and not Quarter.objects.filter(closed_at__isnull=False)
    close(d, by=d.personnel[1])
    assert QuarterMove.objects.get().by == d.personnel[1]


def test_the_trail_and_the_leader_are_told(d):
    close(d)
    row = AuditEntry.objects.get(act="quarter.close")
    assert row.actor == d.office_chief and row.after["closed"] == "2026Q1"
    notice = Notice.objects.get(to=d.leader)
    assert "2026Q1" in notice.text and notice.url == "/quarters/"


def test_twice_is_once(d):
    close(d)
    before = PointEntry.objects.count()
    with pytest.raises(Refused, match="已经关账") as refused:
        close(d)
    assert refused.value.conflict
    assert QuarterMove.objects.count() == 1 and PointEntry.objects.count() == before


@pytest.mark.parametrize("code", ["2026H1", "2026Q5", "", "第一季度"])
def test_no_quarter_of_that_name(d, code):
    with pytest.raises(Refused, match="没有"):
        close(d, code)


def test_a_coming_quarter_is_not_closed(d):
    with pytest.raises(Refused, match="截止补报"):
        close(d, "2026Q2")
    assert not Quarter.objects.exists() and not PointEntry.objects.exists()


def test_days_still_open_are_named(d, clock):
    clock.set("2026-04-07 23:59:45")
    with pytest.raises(Refused, match="4月7日23:59截止补报"):
        close(d)
    clock.set("2026-04-08 10:00:01")
    close(d)


def test_a_calendar_too_short_is_said(d):
    CalendarDay.objects.filter(day__gt=date(2026, 3, 31)).delete()
    with pytest.raises(Refused, match="工作日历"):
        close(d)


def test_an_earlier_quarter_comes_first(d, clock):
    clock.set("2026-08-01 09:00")
    make_quarter(d.unit, "2026Q1")
    with pytest.raises(Refused, match="请先关2026Q1"):
        close(d, "2026Q2")
    close(d)
    close(d, "2026Q2")
    assert Quarter.objects.exclude(closed_at=None).count() == 2


def test_without_rules_nothing_is_in_and_nothing_closes(d):
    other = make_department()
    with pytest.raises(Refused, match="还没有施行的积分细则"):
        closing.close("2026Q1", unit=other.unit, by=other.personnel[0])


def test_a_quarter_before_the_first_rules_closes_empty(d):
    other = make_department()
    make_rule_book(other.unit, in_force_from=date(2026, 4, 1))
    done = closing.close("2026Q1", unit=other.unit, by=other.personnel[0])
    assert (done.move.entries, done.move.points) == (0, 0)


def test_manual_entries_wait_for_their_decision(d):
    waiting = manual(d)
    manual(d, event_on=date(2026, 4, 2))
    with pytest.raises(Refused, match="1笔手工记分还没有批准"):
        close(d)
    ManualEntry.objects.filter(pk=waiting.pk).update(state="withdrawn")
    close(d)


def test_declarations_that_wait_are_named_and_do_not_hinder(d):
    declaration(d, "filed")
    declaration(d, "checked")
    declaration(d, "checked", document_on=date(2026, 4, 1))
    found = in_the_way(d.unit, "2026Q1")
    assert [(m.text, m.blocking) for m in found] == [
        ("1项申报还没有初核。", False),
        ("1项申报还没有核验。", False),
    ]
    close(d)


def test_every_obstacle_is_named_at_once(d, clock):
    clock.set("2026-04-02 09:00")
    make_quarter(d.unit, "2025Q4")
    manual(d)
    with pytest.raises(Refused) as refused:
        close(d)
    for word in ("2025Q4", "截止补报", "手工记分"):
        assert word in str(refused.value)


def test_late_facts_of_the_half_before_are_in_too(d, clock):
    clock.set("2026-08-03 09:00")
    close(d)
    close(d, "2026Q2")
    clock.set("2026-10-20 09:00")
    person = d.officers[0][0]
    make_absence(person, DAY, DAY, Absence.Kind.LEAVE)
    done = close(d, "2026Q3")
    back = PointEntry.objects.get(person=person, reverses__isnull=False)
    assert done.reversed >= 1 and (back.event_on, back.quarter.code) == (DAY, "2026Q3")


# --- Opening again


def test_opened_again_a_late_fact_counts_in_its_own_quarter(d):
    close(d)
    person = d.officers[0][0]
    make_absence(person, DAY, DAY)
    quarter = reopen(d)
    assert quarter.closed_at is None and quarter.closed_by is None
    posting.settle(d.unit, *Q1)
    back = PointEntry.objects.get(person=person, reverses__isnull=False)
    assert back.quarter.code == "2026Q1"


def test_what_counts_later_stays_where_it_is(d):
    close(d)
    person = d.officers[0][0]
    make_absence(person, DAY, DAY)
    posting.settle(d.unit, *Q1)
    reopen(d)
    posting.settle(d.unit, *Q1)
    back = PointEntry.objects.get(person=person, reverses__isnull=False)
    assert back.quarter.code == "2026Q2"


def test_closed_once_more_it_sums_anew(d):
    first = close(d).move
    reopen(d)
    make_entry(d.officers[0][0], "0.30", DAY)
    second = close(d).move
    assert second.entries == first.entries + 1
    assert second.points == first.points + Decimal("0.30")
    assert [move.kind for move in QuarterMove.objects.all()] == ["closed", "reopened", "closed"]
    assert QuarterMove.objects.all()[1].points == first.points


def test_who_opens_again(d):
    close(d)
    for person in (d.office_chief, d.other_leader, d.chair, d.officers[0][0]):
        with pytest.raises(PermissionDenied):
            reopen(d, by=person)
    assert Quarter.objects.get(code="2026Q1").closed_at


def test_never_who_closed_it(d):
    appoint(d.leader, Office.PERSONNEL_OFFICE)
    close(d, by=d.leader)
    with pytest.raises(Refused, match="关账人不能"):
        reopen(d)


@pytest.mark.parametrize("reason", ["", "  ", "理" * 201])
def test_not_without_a_reason(d, reason):
    close(d)
    with pytest.raises(Refused, match="理由") as refused:
        reopen(d, reason=reason)
    assert refused.value.field == "reason"


def test_only_the_last_closed(d, clock):
    clock.set("2026-08-03 09:00")
    close(d)
    close(d, "2026Q2")
    with pytest.raises(Refused, match="2026Q2已经关账"):
        reopen(d)
    reopen(d, "2026Q2")
    reopen(d)


def test_only_what_is_closed(d):
    with pytest.raises(Refused, match="没有2026Q1"):
        reopen(d)
    make_quarter(d.unit, "2026Q1")
    with pytest.raises(Refused, match="没有关账") as refused:
        reopen(d)
    assert refused.value.conflict


def test_the_office_is_told_and_the_trail_keeps_the_reason(d):
    close(d)
    reopen(d)
    told = Notice.objects.filter(text__contains="漏记一份文件").values_list("to", flat=True)
    assert set(told) == {person.pk for person in d.personnel}
    row = AuditEntry.objects.get(act="quarter.reopen")
    assert (row.actor, row.reason) == (d.leader, "漏记一份文件")
    assert row.before["entries"] == QuarterMove.objects.first().entries


# --- On the command line


def test_the_commands(d, capsys):
    by = ["--by", d.office_chief.staff_no]
    unit = ["--unit", d.unit.name]
    for wrong in (
        ["2026Q1", "--unit", "无此单位", *by],
        ["2026Q1", *unit, "--by", "无此人"],
        ["2026Q1", *unit, "--by", d.leader.staff_no],
        ["2026Q3", *unit, *by],
    ):
        with pytest.raises(CommandError):
            call_command("close_quarter", *wrong)
    assert not Quarter.objects.exists() and not PointEntry.objects.exists()

    call_command("close_quarter", "2026Q1", *unit, *by)
    move = QuarterMove.objects.get()
    out = capsys.readouterr().out
    assert "2026Q1 closed" in out and f"{move.entries} entries, {move.points}" in out

    reason = ["--reason", "漏记"]
    for wrong in (
        ["2026Q1", "--unit", "无此单位", *by, *reason],
        ["2026Q1", *unit, *by, *reason],
    ):
        with pytest.raises(CommandError):
            call_command("reopen_quarter", *wrong)
    call_command("reopen_quarter", "2026Q1", *unit, "--by", d.leader.staff_no, *reason)
    assert "open again" in capsys.readouterr().out
    assert Quarter.objects.get(code="2026Q1").closed_at is None


def test_an_open_window_closes_nothing_half(d, monkeypatch):
    """All of it or nothing: what was posted goes with the closing that fails."""

    def fail(*args, **kwargs):
        raise Refused("no")

    monkeypatch.setattr(closing.quarters, "close", fail)
    with pytest.raises(Refused):
        close(d)
    assert not PointEntry.objects.exists()
