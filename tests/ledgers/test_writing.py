"""Adopted items: who files, who verifies, what a proof is good for."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ledgers import proofs, records
from ledgers.actions import papers, writing
from ledgers.models import LedgerMove, WritingItem
from scheme.actions import deputations
from scheme.errors import Stale
from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from tests.factories import again, make_section, make_staff
from tests.ledgers.acting import refusal
from tests.ledgers.writing_world import (
    DAY,
    draft,
    filed,
    person,
    prove,
    section,
    upload,
    verified,
    world,
)


@pytest.fixture
def d(db, clock):
    clock.set("2026-03-05 17:30")
    return world()


def told(who) -> list[str]:
    return list(Notice.objects.filter(to=who).order_by("pk").values_list("text", flat=True))


def test_an_item_goes_from_its_draft_to_a_fact(d):
    item = draft(d.author, credits=[person(d.author), person(d.mate, "joint"), section(d.one)])
    assert (item.state, item.version) == ("draft", 1)
    assert item.title_key and item.carrier_key == "组工信息"
    hidden = WritingItem.objects.visible_to(d.mate)
    assert not hidden.filter(pk=item.pk).exists()
    prove(item)
    item = writing.file(item.pk, by=d.author)
    assert item.state == "filed"
    assert hidden.filter(pk=item.pk).exists()
    assert any("待核实" in text for text in told(d.supervisor))
    assert told(d.mate) and not told(d.author)
    item = writing.verify(item.pk, version=item.version, by=d.office_two)
    assert (item.state, item.verified_by) == ("verified", d.office_two)
    assert any("已核实" in text for text in told(d.author))
    assert any("已核实" in text for text in told(d.mate))
    moves = LedgerMove.objects.filter(ledger="writing", row_id=item.pk)
    assert [move.kind for move in moves] == ["draft", "attach", "file", "verify"]
    assert [move.version for move in moves] == [1, 2, 3, 4]
    acts = AuditEntry.objects.filter(object_id=str(item.pk), act__startswith="writing.")
    assert acts.count() == 4
    assert len(records.history(item)) == 4


def test_the_offices_are_told_once_a_day(d):
    for title in ("一", "二", "三"):
        filed(d.author, title=f"第{title}篇")
    assert len([text for text in told(d.office_one) if "待核实" in text]) == 1


def test_without_proof_nothing_is_filed(d):
    item = draft(d.author)
    error = refusal(lambda: writing.file(item.pk, by=d.author))
    assert error.field == "files" and "证明" in str(error)
    paper = prove(item)
    papers.detach(paper.pk, by=d.author)
    assert refusal(lambda: writing.file(item.pk, by=d.author)).field == "files"


def test_who_files_is_credited_or_heads_a_credited_section(d):
    item = draft(d.author, credits=[person(d.mate)])
    prove(item)
    assert refusal(lambda: writing.file(item.pk, by=d.author)).field == "credits"
    empty = draft(d.author, credits=[], title="另一篇")
    prove(empty)
    assert "署名" in str(refusal(lambda: writing.file(empty.pk, by=d.author)))
    # An officer does not file for the section; its chief does, and no other section's.
    for by, right in ((d.author, False), (d.chiefs[1], False), (d.chiefs[0], True)):
        item = draft(by, credits=[section(d.one)], title=f"{by.name}的科室稿")
        prove(item)
        if right:
            assert writing.file(item.pk, by=by).state == "filed"
        else:
            assert refusal(lambda pk=item.pk, who=by: writing.file(pk, by=who)).field == "credits"
    with pytest.raises(PermissionDenied):
        draft(d.leader)


def test_who_stands_in_for_the_chief_files_for_the_section(d):
    """Both names stand in the history."""
    today = date(2026, 3, 5)
    deputations.name(
        d.chiefs[0].pk, places=[(Office.SECTION_CHIEF, d.one.pk)], deputy_pk=d.mate.pk,
        first=today, last=today, by=d.chiefs[0],
    )  # fmt: skip
    mate = again(d.mate)
    item = draft(mate, credits=[section(d.one)])
    prove(item)
    writing.file(item.pk, by=mate)
    move = LedgerMove.objects.get(ledger="writing", row_id=item.pk, kind="file")
    assert (move.by, move.on_behalf_of) == (mate, d.chiefs[0])
    # What is one's own is in nobody's stead.
    own = draft(mate, credits=[person(mate), section(d.one)], title="自己的")
    prove(own)
    writing.file(own.pk, by=mate)
    move = LedgerMove.objects.get(ledger="writing", row_id=own.pk, kind="file")
    assert move.on_behalf_of is None


def test_everybody_is_credited_once_and_in_the_higher_role(d):
    twice = [person(d.author, "joint"), person(d.mate, "joint"), person(d.author), section(d.one)]
    item = draft(d.author, credits=[*twice, person(d.mate, "joint")])
    found = {(one.person, one.section, one.role) for one in item.credits.all()}
    assert found == {
        (d.author, None, "main"),
        (d.mate, None, "joint"),
        (None, d.one, "main"),
    }


def test_strangers_to_the_day_are_not_credited(d):
    newcomer = make_staff(section=d.one, joined_on=date(2026, 3, 4))
    gone = make_staff(section=d.one, left_on=DAY)
    shut = make_section(d.unit, closed_on=DAY)
    beyond = make_staff(section=make_section())
    for one in (person(newcomer), person(gone), section(shut), person(beyond)):
        error = refusal(lambda one=one: draft(d.author, credits=[person(d.author), one]))
        assert error.field == "credits" and one.subject.name in str(error)
    crowd = [person(make_staff(section=d.two)) for _n in range(31)]
    assert "最多" in str(refusal(lambda: draft(d.author, credits=crowd)))


def test_what_the_content_must_say(d):
    for field, more in (
        ("title", {"title": "——"}),
        ("carrier", {"carrier": " "}),
        ("adopted_on", {"adopted_on": date(2026, 3, 6)}),
    ):
        assert refusal(lambda more=more: draft(d.author, **more)).field == field
    with pytest.raises(TypeError):
        draft(d.author, state="verified")
    # Late is not too late; today is not too early.
    assert draft(d.author, adopted_on=date(2025, 1, 2)).pk
    assert draft(d.author, adopted_on=date(2026, 3, 5)).pk


def test_no_proof_is_credited_twice(d):
    first = verified(d.author, checker=d.office_two)
    again = {"title": "探索 干部监督·新机制！", "carrier": "组工信息"}
    error = refusal(lambda: draft(d.mate, **again))
    assert error.other == first and error.conflict and error.field == "title"
    # Another carrier or another day is another adoption: the rule book stacks.
    kin = [draft(d.mate, carrier="《党建研究》"), draft(d.mate, adopted_on=date(2026, 3, 2))]
    assert set(proofs.kin(first, d.mate)) == set(kin)
    assert set(proofs.kin(first, d.author)) == set(), "drafts of others are not to be seen"
    # Given up, it is free for the one who has it; voided likewise.
    item = draft(d.mate, title="另一篇")
    assert d.mate.name in str(refusal(lambda: draft(d.author, title="另一篇")))
    writing.drop(item.pk, by=d.mate)
    assert draft(d.author, title="另一篇").pk
    writing.void(first.pk, version=first.version, reason="写错了", by=d.office_one)
    assert draft(d.mate, **again).pk


def test_a_workbook_came_first(d):
    """A row read in has no filer, and its carrier may be written another way."""
    row = WritingItem.objects.create(
        unit=d.unit, adopted_on=DAY, title="探索干部监督新机制", title_key="探索干部监督新机制",
        kind="information", carrier="组工 信息", level="city", recorded_at="2026-03-04T00:00Z",
        mark="m1",
    )  # fmt: skip
    error = refusal(lambda: draft(d.author))
    assert error.other == row and "已经在台账里" in str(error)
    WritingItem.objects.filter(pk=row.pk).update(state="void")
    assert draft(d.author).pk


def test_two_people_at_once_one_item(committed_db, race, clock):
    clock.set("2026-03-05 17:30")
    d = world()
    results = race(lambda: draft(d.author), lambda: draft(d.mate))
    assert WritingItem.objects.exclude(state="void").count() == 1
    lost = [one for one in results if isinstance(one, Exception)]
    assert len(lost) == 1 and isinstance(lost[0], writing.Duplicate), results
    assert lost[0].other is not None


def test_a_racer_that_sees_nothing_yet_is_told_as_well(d, monkeypatch):
    """Between the look and the write somebody else has filed: the constraint speaks."""
    draft(d.author)
    monkeypatch.setattr(proofs, "twin", lambda item: None)
    error = refusal(lambda: draft(d.mate))
    assert isinstance(error, writing.Duplicate) and error.other is None and "刚刚" in str(error)


def test_other_faults_of_the_database_are_not_hidden(d, monkeypatch):
    item = draft(d.author)
    monkeypatch.setattr(writing, "ONCE", "another constraint")
    monkeypatch.setattr(proofs, "twin", lambda item: None)
    with pytest.raises(IntegrityError), transaction.atomic():
        draft(d.mate)
    assert WritingItem.objects.get() == item


def test_four_eyes(d):
    """Not the filer, not the credited; and the database says so too."""
    item = filed(d.office_one, credits=[person(d.office_one), person(d.office_two, "joint")])
    for by in (d.office_one, d.office_two):
        error = refusal(lambda by=by: writing.verify(item.pk, version=item.version, by=by))
        assert "别人核实" in str(error)
        error = refusal(
            lambda by=by: writing.turn_back(item.pk, version=item.version, reason="x", by=by)
        )
        assert "别人核实" in str(error)
    for by in (d.author, d.chiefs[0], d.leader):
        with pytest.raises(PermissionDenied):
            writing.verify(item.pk, version=item.version, by=by)
    assert writing.verify(item.pk, version=item.version, by=d.supervisor).state == "verified"
    with pytest.raises(IntegrityError), transaction.atomic():
        WritingItem.objects.filter(pk=item.pk).update(verified_by=d.office_one)


def test_returned_mended_filed_again(d):
    item = filed(d.author)
    for reason in ("", "  ", "长" * 301):
        error = refusal(
            lambda r=reason: writing.turn_back(
                item.pk, version=item.version, reason=r, by=d.office_one
            )
        )
        assert error.field == "reason"
    back = writing.turn_back(item.pk, version=item.version, reason="请附版面", by=d.office_one)
    assert back.state == "returned" and "请附版面" in told(d.author)[-1]
    with pytest.raises(Stale):
        writing.verify(item.pk, version=back.version, by=d.office_one)
    with pytest.raises(Stale):
        writing.change(item.pk, version=item.version, credits=[], by=d.author, note="x")
    with pytest.raises(PermissionDenied):
        writing.change(item.pk, version=back.version, credits=[], by=d.mate, note="x")
    mended = writing.change(
        item.pk,
        version=back.version,
        credits=[person(d.author), person(d.mate, "joint")],
        by=d.author,
        issue_no="第13期",
    )
    move = LedgerMove.objects.filter(ledger="writing", row_id=item.pk).last()
    assert move.before["issue_no"] == "第12期" and move.after["issue_no"] == "第13期"
    assert len(move.after["credits"]) == 2
    # The same once more changes nothing, and says nothing.
    same = writing.change(
        item.pk,
        version=mended.version,
        credits=[person(d.author), person(d.mate, "joint")],
        by=d.author,
        issue_no="第13期",
    )
    assert same.version == mended.version
    again = writing.file(item.pk, by=d.author)
    with pytest.raises(Stale):
        writing.verify(item.pk, version=item.version, by=d.office_one)
    assert writing.verify(item.pk, version=again.version, by=d.office_one).state == "verified"
    with pytest.raises(Stale):
        writing.file(item.pk, by=d.author)


def test_withdrawn_before_it_is_decided(d):
    item = filed(d.author)
    with pytest.raises(PermissionDenied):
        writing.withdraw(item.pk, by=d.mate)
    assert writing.withdraw(item.pk, by=d.author).state == "draft"
    with pytest.raises(Stale):
        writing.withdraw(item.pk, by=d.author)
    with pytest.raises(WritingItem.DoesNotExist):
        papers.attach("writing", item.pk, upload(), "证明.pdf", by=d.supervisor)


def test_void_and_restored_with_reasons_told_to_all(d):
    item = verified(
        d.author, checker=d.office_two, credits=[person(d.author), person(d.mate, "joint")]
    )
    with pytest.raises(PermissionDenied):
        writing.void(item.pk, version=item.version, reason="x", by=d.supervisor)
    assert refusal(
        lambda: writing.void(item.pk, version=item.version, reason="", by=d.office_one)
    ).field
    gone = writing.void(item.pk, version=item.version, reason="不是采用", by=d.office_one)
    assert gone.state == "void"
    for who in (d.author, d.mate):
        assert "不是采用" in told(who)[-1]
    with pytest.raises(Stale):
        writing.void(item.pk, version=gone.version, reason="x", by=d.office_one)
    with pytest.raises(Stale):
        writing.restore(item.pk, version=item.version, reason="x", by=d.office_one)
    back = writing.restore(item.pk, version=gone.version, reason="是采用", by=d.office_one)
    assert back.state == "verified" and "是采用" in told(d.mate)[-1]
    gone = writing.void(item.pk, version=back.version, reason="再看", by=d.office_one)
    other = draft(d.mate)
    error = refusal(
        lambda: writing.restore(item.pk, version=gone.version, reason="x", by=d.office_one)
    )
    assert error.other == other


def test_what_is_not_restored(d):
    own = verified(d.office_one, checker=d.office_two)
    gone = writing.void(own.pk, version=own.version, reason="x", by=d.office_two)
    error = refusal(
        lambda: writing.restore(own.pk, version=gone.version, reason="x", by=d.office_one)
    )
    assert "别人" in str(error)
    given_up = draft(d.office_one, title="算了")
    given_up = writing.drop(given_up.pk, by=d.office_one)
    error = refusal(
        lambda: writing.restore(given_up.pk, version=given_up.version, reason="x", by=d.office_one)
    )
    assert "重新填报" in str(error)


def test_a_batch_is_decided_row_by_row(d):
    good = [filed(d.author, title=f"第{n}篇") for n in range(3)]
    own = filed(d.office_one, title="自己的")
    stale = filed(d.mate, title="变了的")
    versions = {item.pk: item.version for item in (*good, own, stale)}
    versions[stale.pk] -= 1
    versions[10**9] = 1
    outcome = writing.verify_many(versions, by=d.office_one)
    assert outcome.done == [item.pk for item in good]
    assert set(outcome.refused) == {own.pk, stale.pk, 10**9}
    outcome = writing.turn_back_many(
        {stale.pk: stale.version, own.pk: own.version}, reason="补", by=d.supervisor
    )
    assert outcome.done == sorted([stale.pk, own.pk])
    crowd = dict.fromkeys(range(1, 300), 1)
    assert "一次最多" in str(refusal(lambda: writing.verify_many(crowd, by=d.office_one)))


def test_the_same_file_on_another_item_warns(d):
    first = verified(d.author, checker=d.office_two, words="版面")
    second = filed(d.mate, title="另一篇", words="版面")
    hanging = [*records.papers(first), *records.papers(second)]
    found = proofs.shared(WritingItem, hanging, d.office_one)
    assert [other for _name, other in found[second.pk]] == [first]
    assert [other for _name, other in found[first.pk]] == [second]
    writing.void(first.pk, version=first.version, reason="x", by=d.office_one)
    assert proofs.shared(WritingItem, hanging[1:], d.office_one) == {}


def test_the_quarter_follows_the_day_and_what_is_closed(d):
    from tests.factories import make_quarter

    assert proofs.counts_in(d.unit, date(2025, 12, 31)) == "2025Q4"
    for code in ("2025Q3", "2025Q4"):
        make_quarter(d.unit, code, closed_by=d.office_one)
    words = proofs.counts_in(d.unit, date(2025, 8, 1))
    assert "2025Q3" in words and "2026Q1" in words
