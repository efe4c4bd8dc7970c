from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from ledgers.models import PointEntry
from scheme import clock as clocks
from scheme.errors import Refused
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from scoring.actions import closing, manual, posting
from scoring.models import ManualEntry, RuleBook, Tier
from tests.factories import (
    appoint,
    make_department,
    make_entry,
    make_quarter,
    make_rule_book,
    make_section,
    make_staff,
)

DAY = date(2026, 3, 5)
BONUS, DEDUCTION = "精业-加-01", "精业-扣-02"


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    d.book = make_rule_book(
        d.unit, in_force_from=date(2026, 1, 1), proposed_by=d.personnel[0], approved_by=d.leader
    )
    d.person = d.officers[0][0]
    return d


def propose(d, by=None, **more):
    subject = {} if "section" in more else {"person": d.person}
    values = {
        "rule_code": BONUS,
        "points": Decimal("0.50"),
        "event_on": DAY,
        "matter": "牵头接访",
        "reason": "台账没有这一项",
        "basis": "部务会纪要〔2026〕3号",
        **subject,
        **more,
    }
    return manual.propose(d.unit, by=by or d.personnel[0], **values)


def approved(d, **more):
    return manual.approve(propose(d, **more).pk, by=d.leader)


def test_two_people_make_an_entry(d):
    waiting = propose(d)
    assert waiting.state == "proposed" and not PointEntry.objects.exists()
    done = manual.approve(waiting.pk, by=d.leader)
    entry = PointEntry.objects.get()
    assert done.entry == entry and done.state == "approved" and done.decided_by == d.leader
    assert entry.source == entry.item == f"manual:{done.pk}"
    assert (entry.person, entry.section, entry.star_id, entry.kind) == (
        d.person,
        None,
        "ye",
        "bonus",
    )
    assert (entry.rule_code, entry.rule_title, entry.book_version) == (BONUS, "日报评为好", 1)
    assert (entry.points, entry.event_on, entry.quarter.code) == (Decimal("0.50"), DAY, "2026Q1")
    assert (entry.proposed_by, entry.approved_by) == (d.personnel[0], d.leader)
    assert entry.fact == {
        "manual": done.pk,
        "matter": "牵头接访",
        "reason": "台账没有这一项",
        "basis": "部务会纪要〔2026〕3号",
        "proposer": d.personnel[0].name,
        "approver": d.leader.name,
    }


def test_a_section_may_be_meant(d):
    rule = ("精业-加-12", "bonus", "section", "ye", "集体奖", "declared", "2", None, None, None)
    make_rule_book(d.unit, version=2, in_force_from=date(2026, 3, 1), rules=[rule])
    done = approved(d, section=d.one, rule_code="精业-加-12", points=Decimal(2))
    assert (done.entry.section, done.entry.person) == (d.one, None)
    assert done.entry.book_version == 2
    assert Notice.objects.filter(to=d.chiefs[0], text__contains="已入账").exists()


def test_posting_leaves_it_alone_and_it_seals_the_rules(d):
    done = approved(d)
    assert RuleBook.objects.get().sealed_at
    again = approved(d, matter="又一件")
    posting.settle(d.unit, date(2026, 1, 1), date(2026, 6, 30))
    for one in (done, again):
        assert not PointEntry.objects.filter(reverses=one.entry).exists()


@pytest.mark.parametrize(("closed", "code"), [([], "2026Q1"), (["2026Q1"], "2026Q2")])
def test_in_the_quarter_of_its_day_or_the_next_open_one(d, closed, code):
    waiting = propose(d)
    for one in closed:
        make_quarter(d.unit, one, closed_by=d.personnel[0])
    assert manual.approve(waiting.pk, by=d.leader).entry.quarter.code == code


def test_those_concerned_are_told_once(d):
    waiting = propose(d)
    assert Notice.objects.get().to == d.leader
    manual.approve(waiting.pk, by=d.leader)
    told = {(one.to, one.url) for one in Notice.objects.all()}
    assert (d.personnel[0], f"/manual/{waiting.pk}/") in told and (d.person, "/points/") in told
    assert Notice.objects.count() == 3


def test_the_trail(d):
    waiting = propose(d)
    row = AuditEntry.objects.get(act="manual.propose")
    assert (row.actor, row.reason) == (d.personnel[0], "台账没有这一项")
    assert row.after["points"] == "0.50" and row.after["person"] == d.person.pk
    manual.approve(waiting.pk, by=d.leader)
    row = AuditEntry.objects.get(act="manual.approve")
    assert row.actor == d.leader and row.after["entry"] == PointEntry.objects.get().pk


# --- What may not be proposed


def test_who_proposes(d):
    for person in (d.leader, d.chiefs[0], d.chair, make_department().personnel[0]):
        with pytest.raises(PermissionDenied):
            propose(d, by=person)
    assert not ManualEntry.objects.exists()


def test_not_for_oneself(d):
    with pytest.raises(Refused, match="不能给自己记分"):
        propose(d, by=d.personnel[1], person=d.personnel[1])
    assert propose(d, by=d.personnel[1], person=d.personnel[0]).pk


@pytest.mark.parametrize("both", [True, False])
def test_for_one_subject(d, both):
    more = {"person": d.person, "section": d.one} if both else {"person": None, "section": None}
    with pytest.raises(Refused, match="一个人或一个科室"):
        propose(d, **more)


@pytest.mark.parametrize("missing", ["matter", "reason", "basis"])
def test_what_must_be_said(d, missing):
    with pytest.raises(Refused, match="写明") as refused:
        propose(d, **{missing: "  "})
    assert refused.value.field == missing


@pytest.mark.parametrize(
    ("more", "field", "why"),
    [
        ({"rule_code": "精业-加-99"}, "rule_code", "没有启用精业-加-99"),
        ({"rule_code": "精业-基-01", "points": Decimal(1)}, "rule_code", "基础分值"),
        ({"rule_code": "精业-扣-11", "points": Decimal("-0.05")}, "rule_code", "是科室的规则"),
        ({"event_on": date(2025, 12, 31)}, "rule_code", "没有启用"),
        ({"event_on": date(2026, 4, 21)}, "event_on", "还没有发生"),
        ({"points": Decimal("-0.5")}, "points", "写正数"),
        ({"points": Decimal(0)}, "points", "写正数"),
        ({"rule_code": DEDUCTION, "points": Decimal("0.5")}, "points", "写负数"),
        ({"points": Decimal("0.505")}, "points", "两位小数"),
        ({"points": Decimal("1.51")}, "points", "最多1.50分"),
        ({"rule_code": DEDUCTION, "points": Decimal("-2.01")}, "points", "最多2.00分"),
    ],
)
def test_what_the_rules_do_not_allow(d, more, field, why):
    with pytest.raises(Refused, match=why) as refused:
        propose(d, **more)
    assert refused.value.field == field
    assert not ManualEntry.objects.exists()


def test_up_to_the_cap_and_without_one(d):
    assert propose(d, points=Decimal("1.50")).pk
    rule = (BONUS, "bonus", "person", "ye", "日报评为好", "report_good", "0.05", None, None, None)
    make_rule_book(d.unit, version=2, in_force_from=date(2026, 3, 1), rules=[rule])
    assert propose(d, points=Decimal(900)).pk


def test_a_rule_switched_off_counts_for_nobody(d):
    draft = make_rule_book(d.unit, version=2, state="draft")
    Tier.objects.filter(rule__book=draft, rule__code=BONUS).update(enabled=False)
    draft.state, draft.in_force_from = RuleBook.State.APPROVED, date(2026, 3, 1)
    draft.approved_by, draft.approved_at, draft.digest = d.leader, clocks.now(), "0" * 64
    draft.save()
    with pytest.raises(Refused, match="没有启用"):
        propose(d)


@pytest.mark.parametrize("who", ["left", "not yet", "no section", "stranger", "closed", "foreign"])
def test_only_who_was_on_the_roll_that_day(d, who):
    subject = {
        "left": lambda: {"person": make_staff(section=d.one, left_on=DAY)},
        "not yet": lambda: {"person": make_staff(section=d.one, joined_on=date(2026, 3, 6))},
        "no section": lambda: {"person": d.other_leader},
        "stranger": lambda: {"person": make_department().officers[0][0]},
        "closed": lambda: {"section": make_section(d.unit, closed_on=DAY)},
        "foreign": lambda: {"section": make_section()},
    }[who]()
    with pytest.raises(Refused, match="记不了分"):
        propose(d, **subject)


def test_who_has_left_since_may_still_be_meant(d):
    assert propose(d, person=make_staff(section=d.one, left_on=date(2026, 3, 6))).pk


# --- Deciding


def test_who_decides(d):
    waiting = propose(d)
    for person in (d.personnel[1], d.other_leader, d.chair, d.chiefs[0], d.person):
        with pytest.raises((PermissionDenied, Refused)):
            manual.approve(waiting.pk, by=person)
    assert not PointEntry.objects.exists()


def test_never_the_proposer(d):
    appoint(d.leader, Office.PERSONNEL_OFFICE)
    waiting = propose(d, by=d.leader)
    for act in (lambda: manual.approve(waiting.pk, by=d.leader), lambda: refuse(waiting, d.leader)):
        with pytest.raises(Refused, match="提出人不能批准"):
            act()
    assert not Notice.objects.exists()


def test_never_about_oneself(d):
    lead = make_staff(section=d.one)
    appoint(lead, Office.LEADER_IN_CHARGE, section=d.office)
    waiting = propose(d, person=lead)
    assert not Notice.objects.filter(to=lead).exists()
    with pytest.raises(Refused, match="不能批准给自己记分"):
        manual.approve(waiting.pk, by=lead)
    manual.approve(waiting.pk, by=d.leader)


def test_decided_once(d):
    done = approved(d)
    for act in (
        lambda: manual.approve(done.pk, by=d.leader),
        lambda: refuse(done, d.leader),
        lambda: manual.withdraw(done.pk, by=d.personnel[0]),
    ):
        with pytest.raises(Refused, match="已批准") as refused:
            act()
        assert refused.value.conflict
    assert PointEntry.objects.count() == 1


def test_rules_that_changed_meanwhile_are_looked_at_again(d):
    waiting = propose(d)
    make_rule_book(d.unit, version=2, in_force_from=date(2026, 3, 1), rules=[])
    with pytest.raises(Refused, match="没有启用"):
        manual.approve(waiting.pk, by=d.leader)


def refuse(waiting, by, answer="依据不足"):
    return manual.refuse(waiting.pk, answer=answer, by=by)


def test_refused_with_an_answer(d):
    waiting = propose(d)
    for answer in ("", "  ", "答" * 201):
        with pytest.raises(Refused, match="理由") as refused:
            refuse(waiting, d.leader, answer)
        assert refused.value.field == "answer"
    with pytest.raises(PermissionDenied):
        refuse(waiting, d.other_leader)
    done = refuse(waiting, d.leader)
    assert (done.state, done.answer, done.decided_by) == ("refused", "依据不足", d.leader)
    assert not PointEntry.objects.exists()
    assert Notice.objects.filter(to=d.personnel[0], text__contains="未批准").exists()
    assert AuditEntry.objects.get(act="manual.refuse").reason == "依据不足"


def test_withdrawn_by_the_proposer_alone(d):
    waiting = propose(d)
    with pytest.raises(PermissionDenied, match="只有提出人"):
        manual.withdraw(waiting.pk, by=d.personnel[1])
    with pytest.raises(PermissionDenied):
        manual.withdraw(waiting.pk, by=d.leader)
    done = manual.withdraw(waiting.pk, by=d.personnel[0])
    assert (done.state, done.decided_by) == ("withdrawn", None)
    assert AuditEntry.objects.get(act="manual.withdraw").actor == d.personnel[0]
    with pytest.raises(Refused, match="已撤回"):
        manual.approve(waiting.pk, by=d.leader)


# --- Taking one back


def take_back(entry, by, reason="记重了"):
    return manual.propose_reversal(entry.pk, reason=reason, by=by)


def test_a_reversal_is_the_exact_opposite(d):
    done = approved(d)
    back = take_back(done.entry, d.personnel[1])
    assert (back.points, back.reverses, back.basis) == (-done.points, done.entry, done.basis)
    entry = manual.approve(back.pk, by=d.leader).entry
    same = ("person", "star", "kind", "rule_code", "rule_title", "book_version", "event_on",
            "source", "item", "posting")  # fmt: skip
    assert all(getattr(entry, name) == getattr(done.entry, name) for name in same)
    assert (entry.points, entry.reverses) == (-done.entry.points, done.entry)
    assert entry.fact["manual"] == back.pk and entry.fact["reason"] == "记重了"


def test_of_a_section_too(d):
    done = approved(d, section=d.one, rule_code="精业-扣-11", points=Decimal("-0.05"))
    back = manual.approve(take_back(done.entry, d.personnel[0]).pk, by=d.leader)
    assert (back.entry.section, back.entry.points) == (d.one, Decimal("0.05"))


def test_an_entry_is_taken_back_once(d):
    done = approved(d)
    back = take_back(done.entry, d.personnel[0])
    with pytest.raises(Refused, match="正等批准") as refused:
        take_back(done.entry, d.personnel[1])
    assert refused.value.conflict
    manual.withdraw(back.pk, by=d.personnel[0])
    back = manual.approve(take_back(done.entry, d.personnel[0]).pk, by=d.leader)
    with pytest.raises(Refused, match="已经冲销"):
        take_back(done.entry, d.personnel[0])
    with pytest.raises(Refused, match="不能再冲销"):
        take_back(back.entry, d.personnel[0])


def test_reversed_in_a_later_quarter(d, clock):
    done = approved(d)
    closing.close("2026Q1", unit=d.unit, by=d.personnel[0])
    back = manual.approve(take_back(done.entry, d.personnel[0]).pk, by=d.leader)
    assert (back.entry.event_on, back.entry.quarter.code) == (DAY, "2026Q2")


@pytest.mark.parametrize("reason", ["", " ", "理" * 201])
def test_a_reversal_says_why(d, reason):
    done = approved(d)
    with pytest.raises(Refused, match="理由") as refused:
        take_back(done.entry, d.personnel[0], reason)
    assert refused.value.field == "reason"


def test_who_takes_back(d):
    done = approved(d, person=d.personnel[1])
    with pytest.raises(PermissionDenied):
        take_back(done.entry, d.leader)
    with pytest.raises(Refused, match="不能冲销自己的分"):
        take_back(done.entry, d.personnel[1])


@pytest.mark.parametrize(
    ("source", "ledger"),
    [
        ("base:2026H1:p1", "花名册"),
        ("report:1:2026-03-05", "日报"),
        ("summary:1", "月结台账"),
        ("study:1:2", "学习台账"),
        ("talk:1", "讲课台账"),
        ("writing:1", "信息宣传台账"),
        ("task:1:late", "重点任务台账"),
        ("returned:1", "督办台账"),
        ("named:1", "督办台账"),
        ("promotion:1", "创新台账"),
        ("declared:1", "申报"),
        ("what:1", "台账"),
    ],
)
def test_others_are_put_right_where_their_fact_stands(d, source, ledger):
    entry = make_entry(d.person, "0.05", DAY, source=source)
    with pytest.raises(Refused, match=f"由{ledger}产生"):
        take_back(entry, d.personnel[0])


# --- What the database itself refuses


def row(d, **more):
    values = {
        "unit": d.unit,
        "person": d.person,
        "rule_code": BONUS,
        "points": Decimal("0.5"),
        "event_on": DAY,
        "matter": "事",
        "reason": "因",
        "basis": "据",
        "proposed_by": d.personnel[0],
        "proposed_at": clocks.now(),
        **more,
    }
    return ManualEntry.objects.create(**values)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("manual_entry_has_one_subject", lambda d: {"section": d.one}),
        ("manual_entry_has_one_subject", lambda d: {"person": None}),
        ("manual_entry_decided_by_another", lambda d: {"decided_by": d.personnel[0]}),
        ("manual_entry_is_about_somebody_else", lambda d: {"decided_by": d.person}),
        (
            "manual_entry_is_about_somebody_else",
            lambda d: {"person": d.personnel[0], "decided_by": d.leader},
        ),
        ("manual_entry_approved_has_its_entry", lambda d: {"state": "approved"}),
        ("manual_entry_points_not_zero", lambda d: {"points": 0}),
    ],
)
def test_the_database_keeps_the_rules_too(d, name, more):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        row(d, **more(d))


def test_the_database_takes_one_reversal_of_an_entry(d):
    entry = approved(d).entry
    row(d, reverses=entry, state="withdrawn")
    row(d, reverses=entry)
    with pytest.raises(IntegrityError, match="manual_entry_reversed_once"), transaction.atomic():
        row(d, reverses=entry)


@pytest.mark.parametrize(
    "change",
    [
        "points = 9",
        "matter = 'x'",
        "proposed_by_id = decided_by_id",
        "state = 'proposed', entry_id = NULL",
        "state = 'refused', entry_id = NULL",
    ],
)
def test_what_is_decided_is_never_edited(d, change):
    done = approved(d)
    sql = f"UPDATE scoring_manualentry SET {change} WHERE id = %s"
    with (
        pytest.raises(IntegrityError, match="decided once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, [done.pk])


def test_nor_is_what_waits(d):
    waiting = propose(d)
    with (
        pytest.raises(IntegrityError, match="decided once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE scoring_manualentry SET points = 1 WHERE id = %s", [waiting.pk])
