from datetime import date, time
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ledgers.models import ReportPolicy
from scheme import clock as clocks
from scheme.errors import Refused
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from scoring import rulechecks
from scoring.actions import posting, rulebooks
from scoring.models import Rule, RuleBook, Tier
from tests.factories import (
    appoint,
    forget_powers,
    make_department,
    make_entry,
    make_rule_book,
    make_staff,
)

DAY = date(2026, 7, 1)
SETTINGS = {
    "bonus_cap": Decimal(20),
    "report_cutoff": time(9, 30),
    "backfill_days": 5,
    "talk_min_ratings": 5,
    "talk_good_line": Decimal(90),
}


def a_rule(code="精业-扣-01", **more) -> dict:
    tier = {
        "level": "",
        "role": "",
        "points": Decimal("-0.20"),
        "enabled": True,
        "clause": "第一条",
    }
    return {
        "code": code,
        "kind": "deduction",
        "subject": "person",
        "star_id": "ye",
        "title": "无故不报日报",
        "trigger": "report_missing",
        "cap_item": None,
        "cap_quarter": Decimal(4),
        "cap_half": None,
        "stacking": "all",
        "tiers": [tier],
    } | more


def content(*rules) -> rulebooks.Content:
    return rulebooks.Content("积分细则", SETTINGS, list(rules or [a_rule()]))


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-15 09:00")
    d = make_department()
    d.proposer = d.personnel[0]
    return d


@pytest.fixture
def draft(d):
    return rulebooks.propose(d.unit, content(), by=d.proposer)


def approve(book, d, day=DAY):
    return rulebooks.approve(book.pk, by=d.leader, in_force_from=day)


# --- Proposing


def test_a_draft_keeps_what_was_proposed(d, draft):
    assert (draft.state, draft.version, draft.proposed_by) == ("draft", 1, d.proposer)
    assert rulebooks.canonical(rulebooks.content_of(draft)) == rulebooks.canonical(content())
    assert AuditEntry.objects.get(act="rulebook.propose").object_id == str(draft.pk)
    assert rulebooks.propose(d.unit, content(), by=d.proposer).version == 2


def test_only_the_personnel_office_proposes(d):
    for person in (d.leader, d.chiefs[0], make_department().personnel[0]):
        with pytest.raises(PermissionDenied):
            rulebooks.propose(d.unit, content(), by=person)
    assert not RuleBook.objects.exists()


def test_a_copy_says_the_same_and_one_draft_at_a_time(d, draft):
    book = approve(draft, d)
    copy = rulebooks.copy_draft(book.pk, by=d.proposer)
    assert (copy.state, copy.version) == ("draft", 2)
    assert rulebooks.content_of(copy) == rulebooks.content_of(book)
    with pytest.raises(Refused, match="第2版还是草案"):
        rulebooks.copy_draft(book.pk, by=d.proposer)
    with pytest.raises(PermissionDenied):
        rulebooks.copy_draft(book.pk, by=d.leader)


# --- Approving


def test_approval_fixes_the_book_and_its_deadlines(d, draft):
    book = approve(draft, d)
    book.refresh_from_db()
    assert (book.state, book.approved_by, book.in_force_from) == ("approved", d.leader, DAY)
    assert book.digest == rulebooks.digest_of(book, DAY) and len(book.digest) == 64
    policy = ReportPolicy.objects.get(unit=d.unit)
    assert (policy.in_force_from, policy.cutoff, policy.backfill_days) == (DAY, time(9, 30), 5)
    assert AuditEntry.objects.get(act="rulebook.approve").after["digest"] == book.digest
    assert Notice.objects.filter(to=d.proposer).exists()
    assert RuleBook.objects.in_force(d.unit, DAY) == book
    with pytest.raises(Refused, match="已经批准过") as refused:
        approve(draft, d)
    assert refused.value.conflict


def test_the_digest_is_of_the_content(d, draft):
    before = rulebooks.digest_of(draft, DAY)
    assert rulebooks.digest_of(draft, date(2026, 8, 1)) != before
    Tier.objects.update(points=Decimal("-0.30"))
    assert rulebooks.digest_of(draft, DAY) != before


def test_only_the_leader_in_charge_of_the_personnel_office_approves(d, draft):
    for person in (d.other_leader, d.chair, d.personnel[1], d.chiefs[2], d.proposer):
        with pytest.raises(PermissionDenied):
            rulebooks.approve(draft.pk, by=person, in_force_from=DAY)
    draft.refresh_from_db()
    assert draft.state == "draft" and not ReportPolicy.objects.exists()


def test_the_proposer_never_approves(d, draft):
    appoint(d.leader, Office.PERSONNEL_OFFICE)
    own = rulebooks.propose(d.unit, content(), by=d.leader)
    with pytest.raises(Refused, match="自己拟订"):
        approve(own, d)
    with pytest.raises(IntegrityError, match="rule_book_approved_by_another"), transaction.atomic():
        RuleBook.objects.filter(pk=own.pk).update(
            state="approved", approved_by=d.leader, approved_at=clocks.now(), in_force_from=DAY,
            digest="0",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([a_rule(kind="bonus")], "大于零"),
        ([a_rule(kind="base")], "大于零"),
        ([a_rule(tiers=[a_rule()["tiers"][0] | {"points": Decimal(1)}])], "负数"),
        ([a_rule(tiers=[])], "启用"),
        ([a_rule(), a_rule("甲", tiers=[])], "没有分值档"),
        ([a_rule(tiers=[a_rule()["tiers"][0] | {"enabled": False}])], "启用"),
        ([a_rule(trigger="summary_good")], "只能用于科室"),
        ([a_rule(tiers=[a_rule()["tiers"][0] | {"level": "city"}])], "不分级别"),
        ([a_rule(tiers=[a_rule()["tiers"][0] | {"role": "main"}])], "不分角色"),
        ([a_rule(tiers=[a_rule()["tiers"][0]] * 2)], "两档"),
    ],
)
def test_a_book_with_faults_is_not_approved(d, rules, said):
    book = rulebooks.propose(d.unit, content(*rules), by=d.proposer)
    with pytest.raises(Refused, match=said):
        approve(book, d)


def test_a_cap_below_a_tier_is_said_and_may_stand(d):
    book = rulebooks.propose(d.unit, content(a_rule(cap_half=Decimal("0.10"))), by=d.proposer)
    found = [finding for finding in rulechecks.findings(book) if "低于一次" in finding.text]
    assert [finding.blocking for finding in found] == [False] and "0.10" in found[0].text
    assert approve(book, d).state == "approved"


def test_days_already_posted_keep_their_rules(d, draft):
    make_entry(d.officers[0][0], "-0.20", DAY)
    with pytest.raises(Refused, match="已按原细则入账") as refused:
        approve(draft, d)
    assert refused.value.field == "in_force_from"
    assert approve(draft, d, date(2026, 7, 2)).in_force_from == date(2026, 7, 2)


def test_not_before_a_version_that_is_approved_already(d, draft):
    approve(draft, d, date(2026, 8, 1))
    second = rulebooks.propose(d.unit, content(), by=d.proposer)
    with pytest.raises(Refused, match="第1版已批准"):
        approve(second, d, DAY)
    assert approve(second, d, date(2026, 9, 1)).version == 2


def test_without_a_personnel_office_nobody_can_approve(d, draft):
    from scheme.models import Appointment

    Appointment.objects.filter(office=Office.PERSONNEL_OFFICE).delete()
    forget_powers(d.leader)
    assert rulebooks.approvers_sections(d.unit) == []
    with pytest.raises(PermissionDenied):
        approve(draft, d)


# --- Fixed by the database


def test_an_approved_book_does_not_change(d, draft):
    book = approve(draft, d)
    rule = book.rules.get()
    other = rulebooks.propose(d.unit, content(), by=d.proposer)
    unsigned = {"approved_by": None, "approved_at": None, "in_force_from": None}
    for change in (
        lambda: RuleBook.objects.filter(pk=book.pk).update(bonus_cap=30),
        lambda: RuleBook.objects.filter(pk=book.pk).update(in_force_from=date(2026, 1, 1)),
        lambda: RuleBook.objects.filter(pk=book.pk).update(digest="0"),
        lambda: Rule.objects.filter(pk=rule.pk).update(title="另一事项"),
        lambda: Rule.objects.filter(pk=rule.pk)._raw_delete("default"),
        lambda: Tier.objects.filter(rule=rule).update(points=-9),
        lambda: Tier.objects.create(rule=rule, points=-1, level="city"),
        lambda: Rule.objects.filter(pk=rule.pk).update(book=other),
        lambda: Tier.objects.filter(rule=rule).update(rule=other.rules.get()),
        lambda: Rule.objects.filter(book=other).update(book=book),
        lambda: RuleBook.objects.filter(pk=book.pk).update(state="draft", **unsigned),
    ):
        with pytest.raises(IntegrityError, match="no draft any more"), transaction.atomic():
            change()


# --- Sealing and retiring


def test_the_seal_is_set_once(d, draft):
    with pytest.raises(Refused, match="已批准"):
        rulebooks.seal(draft.pk, by=None)
    book = approve(draft, d)
    first = rulebooks.seal(book.pk, by=None).sealed_at
    assert rulebooks.seal(book.pk, by=None).sealed_at == first
    assert AuditEntry.objects.filter(act="rulebook.seal").count() == 1
    with pytest.raises(IntegrityError, match="no draft any more"), transaction.atomic():
        RuleBook.objects.update(sealed_at=None)


def test_an_unused_version_can_be_taken_back(d):
    make_rule_book(d.unit, in_force_from=date(2026, 1, 1))
    draft = rulebooks.propose(d.unit, content(), by=d.proposer)
    with pytest.raises(Refused) as refused:
        rulebooks.retire(draft.pk, by=d.leader, reason="错")
    assert refused.value.conflict
    book = approve(draft, d)
    with pytest.raises(PermissionDenied):
        rulebooks.retire(book.pk, by=d.proposer, reason="错")
    with pytest.raises(Refused, match="理由"):
        rulebooks.retire(book.pk, by=d.leader, reason=" ")
    rulebooks.retire(book.pk, by=d.leader, reason="日期写错")
    assert RuleBook.objects.in_force(d.unit, DAY).version == 1
    policy = ReportPolicy.objects.of(d.unit, DAY)
    assert (policy.cutoff, policy.backfill_days) == (time(10), 7)
    assert AuditEntry.objects.get(act="rulebook.retire").reason == "日期写错"


def test_the_only_version_can_be_taken_back_too(d, draft):
    book = approve(draft, d)
    assert rulebooks.retire(book.pk, by=d.leader, reason="错").state == "retired"
    assert RuleBook.objects.in_force(d.unit, DAY) is None


def test_a_used_version_is_not_taken_back(d, draft, clock):
    book = approve(draft, d)
    clock.set("2026-07-20 09:00")
    posting.settle(d.unit, DAY, DAY)
    with pytest.raises(Refused, match="已用来计分"):
        rulebooks.retire(book.pk, by=d.leader, reason="错")


def test_a_change_of_book_prices_each_day_by_its_own(d, clock):
    make_rule_book(d.unit, in_force_from=date(2026, 6, 1))
    dearer = a_rule(tiers=[a_rule()["tiers"][0] | {"points": Decimal("-0.40")}])
    draft = rulebooks.propose(d.unit, content(dearer), by=d.proposer)
    approve(draft, d, date(2026, 6, 3))
    clock.set("2026-07-20 09:00")
    posting.settle(d.unit, date(2026, 6, 2), date(2026, 6, 3))
    person = d.officers[0][0]
    from ledgers.models import PointEntry

    found = PointEntry.objects.filter(person=person, rule_code="精业-扣-01").order_by("event_on")
    assert [(e.book_version, e.points) for e in found] == [
        (1, Decimal("-0.20")),
        (draft.version, Decimal("-0.40")),
    ]


def test_a_stranger_leads_nothing_here(d, draft):
    other = make_department()
    assert not rulebooks.may_decide(other.leader, "rulebook.approve", draft)
    assert not rulebooks.may_decide(make_staff(d.unit), "rulebook.approve", draft)
