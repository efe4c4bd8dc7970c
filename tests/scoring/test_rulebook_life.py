"""A version's life: returned, handed in, discarded, switched, superseded, retired."""

import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ledgers.models import PointEntry, ReportPolicy
from scheme.errors import Refused
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from scoring import queries
from scoring.actions import posting, rulebooks, runs
from scoring.models import Rule, RuleBook, Tier
from tests.factories import appoint, make_department, make_rule_book, make_staff
from tests.scoring.test_rulebooks import a_rule, content

MARCH, APRIL = date(2026, 3, 2), date(2026, 4, 1)


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-15 09:00")
    d = make_department()
    d.proposer = d.personnel[0]
    return d


@pytest.fixture
def draft(d):
    return rulebooks.propose(d.unit, content(), by=d.proposer)


# --- Sent back, handed in


def test_a_draft_sent_back_waits_for_its_proposer(d, draft):
    book = rulebooks.send_back(draft.pk, by=d.leader, reason=" 上限太高 ")
    assert (book.state, book.returned_by, book.return_reason) == ("draft", d.leader, "上限太高")
    assert "上限太高" in Notice.objects.get(to=d.proposer).text
    assert AuditEntry.objects.get(act="rulebook.return").reason == "上限太高"
    with pytest.raises(Refused, match="已退回修改") as refused:
        rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 7, 1))
    assert refused.value.conflict
    with pytest.raises(Refused, match="已经退回") as refused:
        rulebooks.send_back(draft.pk, by=d.leader, reason="再看")
    assert refused.value.conflict
    book = rulebooks.hand_in(draft.pk, by=d.personnel[1])
    assert (book.returned_by, book.returned_at, book.return_reason) == (None, None, "")
    assert "请批准" in Notice.objects.get(to=d.leader).text
    assert AuditEntry.objects.filter(act="rulebook.hand_in").exists()
    assert rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 7, 1))


def test_each_return_is_told(d, draft):
    for reason in ("一", "二"):
        rulebooks.send_back(draft.pk, by=d.leader, reason=reason)
        rulebooks.hand_in(draft.pk, by=d.proposer)
    assert Notice.objects.filter(to=d.proposer).count() == 2


def test_only_the_leader_in_charge_sends_back_and_says_why(d, draft):
    for person in (d.proposer, d.other_leader, d.chair, make_department().leader):
        with pytest.raises(PermissionDenied):
            rulebooks.send_back(draft.pk, by=person, reason="不妥")
    for reason in ("", " \n", "长" * 501):
        with pytest.raises(Refused) as refused:
            rulebooks.send_back(draft.pk, by=d.leader, reason=reason)
        assert refused.value.field == "reason"
    draft.refresh_from_db()
    assert draft.returned_at is None


def test_only_the_office_hands_in_and_only_what_was_sent_back(d, draft):
    with pytest.raises(Refused, match="没有退回"):
        rulebooks.hand_in(draft.pk, by=d.proposer)
    rulebooks.send_back(draft.pk, by=d.leader, reason="不妥")
    for person in (d.leader, d.chiefs[0], make_department().personnel[0]):
        with pytest.raises(PermissionDenied):
            rulebooks.hand_in(draft.pk, by=person)


def test_an_approved_version_is_neither_sent_back_nor_discarded_nor_switched(d, draft):
    rule = draft.rules.get()
    rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 7, 1))
    for act in (
        lambda: rulebooks.send_back(draft.pk, by=d.leader, reason="不妥"),
        lambda: rulebooks.hand_in(draft.pk, by=d.proposer),
        lambda: rulebooks.discard(draft.pk, by=d.proposer, reason="不要了"),
        lambda: rulebooks.switch(rule.pk, enabled=False, by=d.proposer),
    ):
        with pytest.raises(Refused, match="已经批准") as refused:
            act()
        assert refused.value.conflict


def test_a_return_has_its_signature(d, draft):
    for values in (
        {"returned_by": d.leader},
        {"return_reason": "不妥"},
        {"returned_by": d.leader, "return_reason": "不妥"},
    ):
        with pytest.raises(IntegrityError, match="returned_with_a_reason"), transaction.atomic():
            RuleBook.objects.filter(pk=draft.pk).update(**values)


# --- Discarded


def test_a_discarded_draft_is_gone_and_its_number_with_it(d, draft):
    with pytest.raises(Refused, match="作废的理由"):
        rulebooks.discard(draft.pk, by=d.proposer, reason=" ")
    for person in (d.leader, d.chiefs[0], make_department().personnel[0]):
        with pytest.raises(PermissionDenied):
            rulebooks.discard(draft.pk, by=person, reason="不要了")
    rulebooks.discard(draft.pk, by=d.personnel[1], reason="拟错了")
    assert not RuleBook.objects.exists() and not Tier.objects.exists()
    entry = AuditEntry.objects.get(act="rulebook.discard")
    assert (entry.reason, entry.before["version"]) == ("拟错了", 1)
    assert RuleBook.history.filter(id=draft.pk, history_type="-").exists()
    assert rulebooks.propose(d.unit, content(), by=d.proposer).version == 2


def test_the_number_of_another_unit_does_not_count(d, draft):
    other = make_department()
    assert rulebooks.propose(other.unit, content(), by=other.personnel[0]).version == 1


def test_an_approved_book_is_not_deleted_even_without_rules(d):
    book = make_rule_book(d.unit, rules=())
    with pytest.raises(IntegrityError, match="no draft any more"), transaction.atomic():
        RuleBook.objects.filter(pk=book.pk)._raw_delete("default")


# --- Switched as a whole


def test_one_rule_is_switched_with_all_its_tiers(d):
    tier = a_rule()["tiers"][0]
    rules = [
        a_rule("甲", trigger="declared", tiers=[tier | {"level": "city"}, tier | {"level": "own"}]),
        a_rule("乙"),
    ]
    book = rulebooks.propose(d.unit, content(*rules), by=d.proposer)
    rule = book.rules.get(code="甲")
    rulebooks.switch(rule.pk, enabled=False, by=d.proposer)
    assert not rule.tiers.filter(enabled=True).exists()
    assert book.rules.get(code="乙").tiers.get().enabled
    assert Tier.history.filter(rule_id=rule.pk, enabled=False).count() == 2
    entry = AuditEntry.objects.get(act="rule.switch")
    assert entry.after == {"enabled": False, "tiers": 2} and entry.unit == d.unit
    rulebooks.switch(rule.pk, enabled=False, by=d.proposer)
    assert AuditEntry.objects.filter(act="rule.switch").count() == 1
    rulebooks.switch(rule.pk, enabled=True, by=d.proposer)
    assert rule.tiers.filter(enabled=True).count() == 2
    for person in (d.leader, d.officers[0][0], make_department().personnel[0]):
        with pytest.raises(PermissionDenied):
            rulebooks.switch(rule.pk, enabled=False, by=person)


def test_a_rule_without_tiers_has_nothing_to_switch(d):
    book = rulebooks.propose(d.unit, content(a_rule(tiers=[])), by=d.proposer)
    with pytest.raises(Refused, match="没有分值档"):
        rulebooks.switch(book.rules.get().pk, enabled=True, by=d.proposer)


# --- Superseded, retired after use


@pytest.fixture
def succession(d):
    """Version 1 used in March, version 2 in force from April and used."""
    d.first = make_rule_book(
        d.unit, in_force_from=date(2026, 3, 1), proposed_by=d.proposer, approved_by=d.leader
    )
    dearer = a_rule(tiers=[a_rule()["tiers"][0] | {"points": Decimal("-0.40")}])
    posting.settle(d.unit, MARCH, MARCH)
    draft = rulebooks.propose(d.unit, content(dearer), by=d.proposer)
    d.second = rulebooks.approve(draft.pk, by=d.leader, in_force_from=APRIL)
    posting.settle(d.unit, APRIL, APRIL)
    for book in (d.first, d.second):
        book.refresh_from_db()
        assert book.sealed_at
    return d


def missing(day):
    return PointEntry.objects.filter(event_on=day, rule_code="精业-扣-01")


def test_a_superseded_version_is_retired_and_no_number_moves(succession):
    d = succession
    before = [queries.scorecards(d.unit, "2026H1"), *PointEntry.objects.order_by("pk").values()]
    policies = list(ReportPolicy.objects.values())
    run = runs.score(d.unit, "2026H1", by=None)
    book = rulebooks.retire(d.first.pk, by=d.leader, reason="新版已施行")
    assert (book.state, book.retired_by, book.retire_reason) == ("retired", d.leader, "新版已施行")
    entry = AuditEntry.objects.get(act="rulebook.retire")
    assert entry.reason == "新版已施行" and entry.after == {"state": "retired", "used": True}
    assert "新版已施行" in Notice.objects.filter(to=d.proposer).latest("pk").text
    after = [queries.scorecards(d.unit, "2026H1"), *PointEntry.objects.order_by("pk").values()]
    assert after == before and list(ReportPolicy.objects.values()) == policies
    assert runs.score(d.unit, "2026H1", by=None) == run


def test_a_late_fact_is_priced_by_the_book_of_its_day(succession):
    d = succession
    rulebooks.retire(d.first.pk, by=d.leader, reason="新版已施行")
    assert RuleBook.objects.in_force(d.unit, MARCH) == d.first
    assert RuleBook.objects.in_force(d.unit, APRIL) == d.second
    known = missing(MARCH).count()
    late = make_staff(section=d.one, joined_on=date(2026, 1, 1))
    assert posting.settle(d.unit, MARCH, MARCH).posted > 0
    entry = missing(MARCH).get(person=late)
    assert missing(MARCH).count() == known + 1
    assert (entry.book_version, entry.points) == (1, Decimal("-0.20"))
    # The watch over late facts still begins where the retired version began.
    assert posting.spans_to_watch(d.unit, entry.posted_at)[-1].first == date(2026, 3, 1)


def test_what_holds_today_or_will_is_not_retired(succession, clock):
    d = succession
    with pytest.raises(Refused, match="还没有新版接上"):
        rulebooks.retire(d.second.pk, by=d.leader, reason="不要了")
    draft = rulebooks.propose(d.unit, content(), by=d.proposer)
    rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 7, 1))
    with pytest.raises(Refused, match="还没有新版接上"):
        rulebooks.retire(d.second.pk, by=d.leader, reason="不要了")
    clock.set("2026-07-01 09:00")
    assert rulebooks.is_superseded(d.second)
    assert rulebooks.retire(d.second.pk, by=d.leader, reason="不要了").state == "retired"


def test_who_retires_a_used_version_and_that_it_is_said_why(succession):
    d = succession
    for person in (d.proposer, d.other_leader, d.chair):
        with pytest.raises(PermissionDenied):
            rulebooks.retire(d.first.pk, by=person, reason="旧了")
    with pytest.raises(Refused, match="停用的理由"):
        rulebooks.retire(d.first.pk, by=d.leader, reason="")
    rulebooks.retire(d.first.pk, by=d.leader, reason="旧了")
    with pytest.raises(Refused, match="只有已批准") as refused:
        rulebooks.retire(d.first.pk, by=d.leader, reason="旧了")
    assert refused.value.conflict


def test_taking_back_an_unused_version_never_wakes_a_retired_one(d):
    d.first = make_rule_book(d.unit, in_force_from=date(2026, 3, 1))
    rulebooks.seal(d.first.pk, by=None)
    draft = rulebooks.propose(d.unit, content(), by=d.proposer)
    second = rulebooks.approve(draft.pk, by=d.leader, in_force_from=APRIL)
    rulebooks.retire(d.first.pk, by=d.leader, reason="旧了")
    with pytest.raises(Refused, match="退回第1版，而它已停用"):
        rulebooks.retire(second.pk, by=d.leader, reason="错")
    second.refresh_from_db()
    assert second.state == "approved" and RuleBook.objects.in_force(d.unit, APRIL) == second


def test_nothing_reaches_back_behind_a_retired_version(succession):
    d = succession
    rulebooks.retire(d.first.pk, by=d.leader, reason="旧了")
    draft = rulebooks.propose(d.unit, content(), by=d.proposer)
    with pytest.raises(Refused, match="已按原细则入账"):
        rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 3, 1))


def test_a_used_version_still_to_come_says_so(d):
    """Counted by somehow though its day is ahead: it is not to be retired, only followed."""
    book = make_rule_book(d.unit, in_force_from=date(2026, 8, 1))
    rulebooks.seal(book.pk, by=None)
    draft = rulebooks.propose(d.unit, content(), by=d.proposer)
    with pytest.raises(Refused, match="第1版已用来计分"):
        rulebooks.approve(draft.pk, by=d.leader, in_force_from=date(2026, 7, 1))


def test_a_retired_version_is_fixed_for_good(succession):
    d = succession
    rulebooks.retire(d.first.pk, by=d.leader, reason="旧了")
    for values in (
        {"retire_reason": "另有原因"},
        {"retired_by": d.chair},
        {"sealed_at": None},
        {"approved_at": None},
        {"proposed_at": d.second.proposed_at},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            RuleBook.objects.filter(pk=d.first.pk).update(**values)
    with pytest.raises(IntegrityError, match="no draft any more"), transaction.atomic():
        RuleBook.objects.filter(pk=d.first.pk).update(
            state="approved", retired_by=None, retired_at=None, retire_reason=""
        )


def test_a_draft_is_never_sealed_and_a_retired_one_is_signed(d, draft):
    with pytest.raises(IntegrityError, match="draft_is_not_sealed"), transaction.atomic():
        RuleBook.objects.filter(pk=draft.pk).update(sealed_at=draft.proposed_at)
    book = make_rule_book(d.unit, version=7)
    with pytest.raises(IntegrityError, match="retired_with_a_reason"), transaction.atomic():
        RuleBook.objects.filter(pk=book.pk).update(state="retired")


def test_pricing_asks_for_what_holds_and_never_for_the_state_alone():
    """SQL that looks for approved versions only would lose the days of retired ones."""
    root = Path(rulebooks.__file__).resolve().parent.parent
    for path in root.rglob("*.py"):
        if "migrations" not in path.parts and path.name != "querysets.py":
            assert "state = 'approved'" not in path.read_text(), path


# --- The draft's copy and who may


def test_a_retired_version_can_be_copied(succession):
    d = succession
    rulebooks.retire(d.first.pk, by=d.leader, reason="旧了")
    copy = rulebooks.copy_draft(d.first.pk, by=d.proposer)
    assert rulebooks.content_of(copy) == rulebooks.content_of(d.first)


def test_every_leader_in_charge_of_the_office_is_told(d, draft):
    second = make_staff(d.unit)
    appoint(second, Office.LEADER_IN_CHARGE, section=d.office)
    rulebooks.send_back(draft.pk, by=d.leader, reason="改")
    rulebooks.hand_in(draft.pk, by=d.proposer)
    assert {notice.to for notice in Notice.objects.exclude(to=d.proposer)} == {d.leader, second}


# --- Races


@pytest.fixture
def committed(committed_db, clock):
    clock.set("2026-06-15 09:00")
    d = make_department()
    d.proposer = d.personnel[0]
    d.book = rulebooks.propose(d.unit, content(), by=d.proposer)
    return d


def test_an_edit_under_way_is_waited_for_and_signed(committed, race):
    """The editor holds the book while a tier is written: the signature is of what is there."""
    d = committed
    tier = Tier.objects.get(rule__book=d.book)
    written = threading.Event()

    def edit():
        with transaction.atomic():
            Tier.objects.filter(pk=tier.pk).update(points=Decimal("-0.90"))
            written.set()
            # Long enough for the approval to come to the lock.
            threading.Event().wait(0.5)

    def approve():
        written.wait(10)
        return rulebooks.approve(d.book.pk, by=d.leader, in_force_from=date(2026, 7, 1))

    _edited, book = race(edit, approve)
    assert isinstance(book, RuleBook), book
    assert book.digest == rulebooks.digest_of(RuleBook.objects.get(pk=book.pk), book.in_force_from)
    assert Tier.objects.get(pk=tier.pk).points == Decimal("-0.90")


def test_an_approval_under_way_is_waited_for_and_met(committed, race):
    d = committed
    tier = Tier.objects.get(rule__book=d.book)
    signed = threading.Event()

    def approve():
        with transaction.atomic():
            book = rulebooks.approve(d.book.pk, by=d.leader, in_force_from=date(2026, 7, 1))
            signed.set()
            threading.Event().wait(0.5)
            return book

    def edit():
        signed.wait(10)
        Tier.objects.filter(pk=tier.pk).update(points=Decimal("-0.90"))

    def add():
        signed.wait(10)
        Rule.objects.create(book=d.book, code="新", kind="bonus", subject="person", star_id="ye",
                            title="新", trigger="declared")  # fmt: skip

    book, edited, added = race(approve, edit, add)
    assert isinstance(edited, IntegrityError) and isinstance(added, IntegrityError)
    assert book.digest == rulebooks.digest_of(RuleBook.objects.get(pk=book.pk), book.in_force_from)


def test_retiring_and_posting_at_once_lose_no_day(committed, race):
    d = committed
    rulebooks.approve(d.book.pk, by=d.leader, in_force_from=date(2026, 6, 1))
    done = race(
        lambda: rulebooks.retire(d.book.pk, by=d.leader, reason="错"),
        lambda: posting.settle(d.unit, date(2026, 6, 1), date(2026, 6, 1)),
    )
    d.book.refresh_from_db()
    # Either it was retired unused and nothing was posted, or it was used and stands.
    assert PointEntry.objects.exists() == (d.book.state == "approved") == bool(d.book.sealed_at)
    assert isinstance(done[0], Refused) == (d.book.state == "approved")


def test_two_returns_at_once_are_one(committed, race):
    d = committed
    done = race(*[lambda: rulebooks.send_back(d.book.pk, by=d.leader, reason="改")] * 2)
    assert sorted(type(one).__name__ for one in done) == ["Refused", "RuleBook"]
