"""Writing, filing and taking back a declaration."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from scheme.models import Appointment, AuditEntry, Notice, SectionMembership, Staff
from scheme.offices import Office
from scoring import declaring
from scoring.actions import declarations
from scoring.models import Declaration, DeclarationMove, DeclarationProof, Tier
from tests.factories import (
    DECLARED_RULES,
    again,
    appoint,
    make_declaration,
    make_rule_book,
    make_staff,
    make_unit,
    pdf,
)
from tests.scoring.declaring import DAY, add, checked, department, filed, of_section, refused

pytestmark = pytest.mark.django_db
State = Declaration.State


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-10 09:00")
    return department()


# --- A draft


def test_a_person_writes_a_draft_for_oneself(d):
    line = add(d, matter=" 抽调“督查” ", note=" 三个月 ")

    assert (line.person, line.section, line.state) == (d.who, None, State.DRAFT)
    assert (line.matter, line.matter_key, line.note) == ("抽调“督查”", "抽调督查", "三个月")
    assert (line.quantity, line.version) == (Decimal(1), 0)
    assert AuditEntry.objects.get(act="declaration.add").actor == d.who
    assert not Notice.objects.exists() and not line.moves.exists()


def test_a_chief_writes_for_the_section(d):
    line = add(d, d.chiefs[0], section=d.one, rule_code="效能-加-12", level="city")
    assert (line.person, line.section, line.filed_by) == (None, d.one, d.chiefs[0])


def test_a_line_has_one_subject(d):
    with pytest.raises(ValueError):
        add(d, person=d.who, section=d.one)


def test_nobody_writes_for_another(d):
    section = {"section": d.one, "rule_code": "效能-加-12", "level": "city"}
    for by, more in (
        (d.chiefs[0], {"person": d.who}),
        (d.personnel[0], {"person": d.who}),
        (d.deputies[0], section),
        (d.who, section),
        (d.chiefs[1], section),
        (d.leader, section),
        # In no section: no subject of points at all.
        (d.leader, {}),
    ):
        with pytest.raises(PermissionDenied), transaction.atomic():
            add(d, by, **more)
    assert not Declaration.objects.exists()


def test_another_unit_is_out_of_reach(d):
    with pytest.raises(PermissionDenied), transaction.atomic():
        declarations.add(
            make_unit(), quarter="2026Q1", rule_code="精业-加-02", matter="督查", by=d.who
        )


@pytest.mark.parametrize("day", ["2026-03-31", "2026-04-21"])
def test_a_quarter_is_declared_in_while_its_window_is_open(d, clock, day):
    line = add(d)
    declarations.attach(line.pk, pdf(), "通知.pdf", by=d.who)

    clock.set(f"{day} 09:00")

    refused(lambda: add(d), "quarter")
    refused(lambda: declarations.file(line.pk, by=again(d.who)), "quarter")


@pytest.mark.parametrize("day", ["2026-04-01", "2026-04-20"])
def test_both_days_of_the_window_are_open(d, clock, day):
    clock.set(f"{day} 23:30")
    assert filed(d).state == State.FILED


def test_a_quarter_without_a_window_is_not_declared_in(d):
    refused(lambda: add(d, quarter="2026Q2"), "quarter")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rule_code", "精业-加-99"),
        # Of another trigger, and of the other kind of subject.
        ("rule_code", "精业-加-01"),
        ("rule_code", "效能-加-12"),
        ("matter", " ——！"),
        ("matter", "字" * 501),
        ("matter", "督查\x00"),
        ("document_no", "1" * 101),
        ("note", "字" * 201),
        ("quantity", 0),
        ("quantity", -1),
        ("quantity", 1000),
        ("quantity", Decimal("NaN")),
        ("quantity", Decimal("0.000000001")),
        ("quantity", Decimal("0.004")),
        ("document_on", date(2026, 4, 11)),
        ("document_on", date(1999, 12, 31)),
    ],
)
def test_what_a_line_says_is_checked_at_its_field(d, field, value):
    refused(lambda: add(d, **{field: value}), field)
    line = add(d)
    refused(lambda: declarations.change(line.pk, version=0, by=d.who, **{field: value}), field)


@pytest.mark.parametrize("level", ["", "nation", "galaxy"])
def test_the_level_fits_a_tier(d, level):
    refused(lambda: add(d, rule_code="勤学-加-02", level=level), "level")


def test_a_rule_without_levels_takes_any_of_the_levels_and_no_other(d):
    assert add(d, level="city").level == "city"
    refused(lambda: add(d, level="galaxy", document_no="2"), "level")


def later_book(d, day, *, off=()):
    """A second version in force from that day, with the tiers of these rules switched off."""
    book = make_rule_book(d.unit, version=2, state="draft", rules=DECLARED_RULES)
    Tier.objects.filter(rule__book=book, rule__code__in=off).update(enabled=False)
    book.state, book.approved_by, book.approved_at = "approved", d.leader, d.book.approved_at
    book.in_force_from, book.digest = day, "0" * 64
    book.save()
    return book


def test_a_rule_that_is_switched_off_is_not_declared_for(d):
    later_book(d, DAY, off=["精业-加-02"])
    refused(lambda: add(d), "rule_code")
    codes = [rule.code for rule in declaring.declarable_rules(d.unit, "person", DAY)]
    assert codes == ["勤学-加-02", "笔耕-扣-01"]


def test_the_book_is_that_of_the_documents_day(d):
    later_book(d, date(2026, 4, 1), off=["精业-加-02"])
    add(d)
    refused(lambda: add(d, document_no="2", document_on=date(2026, 4, 1)), "rule_code")
    # While no document is named, that of today.
    refused(lambda: add(d, document_no="", document_on=None), "rule_code")
    refused(lambda: add(d, document_on=date(2019, 1, 1)), "rule_code")
    assert declaring.declarable_rules(d.unit, "person", date(2019, 1, 1)) == []


def test_worth_is_points_times_quantity_by_that_book(d):
    line = add(d, rule_code="勤学-加-02", level="city", quantity="1.333")
    assert declaring.worth(line) == Decimal("2.00")
    section = add(d, d.chiefs[0], section=d.one, rule_code="效能-加-12", level="own", quantity=3)
    none = make_declaration(d.who, "精业-加-99")
    assert declaring.worths([line, section, none]) == {
        line.pk: Decimal("2.00"),
        section.pk: Decimal("1.50"),
        none.pk: None,
    }


def test_a_quarter_takes_so_many_lines_of_one_subject(d, monkeypatch):
    monkeypatch.setattr(declarations, "MOST_LINES", 2)
    first = add(d, document_no="1")
    add(d, document_no="2")
    refused(lambda: add(d, document_no="3"))
    declarations.withdraw(first.pk, by=d.who)
    add(d, document_no="3")


# --- Changing it


def test_a_draft_is_written_anew(d):
    line = add(d)

    declarations.change(
        line.pk, version=0, by=d.who, quantity="1.5", matter="抽调专班", document_on=None
    )

    line.refresh_from_db()
    assert (line.quantity, line.matter, line.matter_key) == (Decimal("1.5"), *["抽调专班"] * 2)
    assert (line.document_on, line.version) == (None, 1)
    assert AuditEntry.objects.get(act="declaration.change").after["fields"] == [
        "document_on",
        "matter",
        "quantity",
    ]


def test_what_was_changed_elsewhere_is_not_overwritten(d):
    line = add(d)
    declarations.change(line.pk, version=0, by=d.who, note="一")
    refused(lambda: declarations.change(line.pk, version=0, by=d.who, note="二"), conflict=True)


def test_the_subject_and_the_quarter_are_not_changed(d):
    line = add(d)
    with pytest.raises(TypeError):
        declarations.change(line.pk, version=0, by=d.who, quarter="2026Q2")


def test_only_its_writer_changes_a_line(d):
    line = add(d)
    for by in (d.chiefs[0], d.personnel[0], d.officers[0][2]):
        for call in (
            lambda by=by: declarations.change(line.pk, version=0, by=by, note="改"),
            lambda by=by: declarations.attach(line.pk, pdf(), "a.pdf", by=by),
            lambda by=by: declarations.file(line.pk, by=by),
            lambda by=by: declarations.withdraw(line.pk, by=by),
        ):
            with pytest.raises(PermissionDenied), transaction.atomic():
                call()


def test_who_heads_the_section_by_now_goes_on_with_its_line(d):
    line = add(d, d.chiefs[0], section=d.one, rule_code="效能-加-12", level="city")
    successor = d.officers[0][2]
    Appointment.objects.filter(staff=d.chiefs[0], office=Office.SECTION_CHIEF).update(
        end_on=date(2026, 4, 9)
    )
    appoint(successor, Office.SECTION_CHIEF, section=d.one)
    declarations.attach(line.pk, pdf(), "a.pdf", by=successor)

    assert declarations.file(line.pk, by=successor).filed_by == successor
    with pytest.raises(PermissionDenied):
        declarations.withdraw(line.pk, by=again(d.chiefs[0]))


def test_a_filed_line_stays_as_it_is(d):
    line = filed(d)
    for call in (
        lambda: declarations.change(line.pk, version=line.version, by=d.who, note="改"),
        lambda: declarations.attach(line.pk, pdf(), "a.pdf", by=d.who),
        lambda: declarations.detach(line.proofs.get().pk, by=d.who),
        lambda: declarations.file(line.pk, by=d.who),
    ):
        assert "待初核" in str(refused(call, conflict=True))


def test_an_imported_line_is_nobodys_to_write(d):
    line = make_declaration(d.who, state="draft", imported=True)
    for call in (
        lambda: declarations.change(line.pk, version=0, by=d.who, note="改"),
        lambda: declarations.withdraw(line.pk, by=d.who),
    ):
        with pytest.raises(PermissionDenied), transaction.atomic():
            call()
    assert not declaring.may_edit(d.who, line) and not declaring.may_withdraw(d.who, line)


# --- Its proofs


def test_a_proof_is_kept_under_a_plain_name(d):
    line = add(d)
    proof = declarations.attach(line.pk, pdf("甲"), "C:\\我的\\通知.PDF", by=d.who)
    same = declarations.attach(line.pk, pdf("甲"), "另一个名.pdf", by=d.who)

    assert same == proof and proof.name == "通知.PDF"
    entry = AuditEntry.objects.get(act="declaration.attach")
    assert entry.after == {"proof": "通知.PDF", "sha256": proof.file.sha256}


def test_a_proof_is_taken_off_while_writing(d):
    line = add(d)
    proof = declarations.attach(line.pk, pdf(), "a.pdf", by=d.who)

    declarations.detach(proof.pk, by=d.who)

    assert not line.proofs.exists()
    assert AuditEntry.objects.get(act="declaration.detach").before["proof"] == "a.pdf"
    with pytest.raises(DeclarationProof.DoesNotExist):
        declarations.detach(proof.pk, by=d.who)


def test_a_proof_that_went_meanwhile_is_told(d, monkeypatch):
    line = add(d)
    proof = declarations.attach(line.pk, pdf(), "a.pdf", by=d.who)
    real = declarations._to_edit

    def meanwhile(pk, by):
        found = real(pk, by)
        DeclarationProof.objects.filter(pk=proof.pk).delete()
        return found

    monkeypatch.setattr(declarations, "_to_edit", meanwhile)
    refused(lambda: declarations.detach(proof.pk, by=d.who), conflict=True)


def test_a_line_has_so_many_proofs(d, monkeypatch):
    monkeypatch.setattr(declarations, "MOST_PROOFS", 1)
    line = add(d)
    declarations.attach(line.pk, pdf(), "a.pdf", by=d.who)
    refused(lambda: declarations.attach(line.pk, pdf(), "b.pdf", by=d.who), "file")


def test_a_proof_is_read_by_whoever_sees_the_line_and_the_trail_says_so(d):
    line = filed(d)
    proof = line.proofs.get()

    for by in (d.who, d.chiefs[0], d.personnel[0], d.leader):
        found, content = declarations.read_proof(proof.pk, by=by)
        assert found == proof and content.read().startswith(b"%PDF")
    readers = AuditEntry.objects.filter(act="declaration.read_proof").values_list(
        "actor", flat=True
    )
    assert list(readers.order_by("pk")) == [
        p.pk for p in (d.who, d.chiefs[0], d.personnel[0], d.leader)
    ]

    for by in (d.officers[0][2], d.chiefs[1], d.other_leader, make_staff()):
        with pytest.raises(DeclarationProof.DoesNotExist):
            declarations.read_proof(proof.pk, by=by)


# --- Filing


def test_filed_it_lies_before_its_checker(d):
    line = filed(d, note="三个月")

    assert (line.state, line.filed_by, line.version) == (State.FILED, d.who, 1)
    move = line.moves.get()
    assert (move.kind, move.version, move.by) == (DeclarationMove.Kind.FILED, 1, d.who)
    assert move.body == {
        "quarter": "2026Q1",
        "rule_code": "精业-加-02",
        "level": "",
        "quantity": "1",
        "matter": "抽调参加换届风气督查",
        "document_no": "泽组发〔2026〕12号",
        "document_on": "2026-03-05",
        "note": "三个月",
        "proofs": [{"name": "通知.pdf", "sha256": line.proofs.get().file.sha256}],
    }
    assert AuditEntry.objects.get(act="declaration.file").after == {"state": "filed"}
    notice = Notice.objects.get()
    assert notice.to == d.chiefs[0] and d.who.name in notice.text
    assert set(declaring.to_check_by(d.chiefs[0])) == {line}


def test_a_sections_line_lies_before_the_leader(d):
    line = of_section(d)
    assert Notice.objects.get().to == d.leader
    assert set(declaring.to_check_by(d.leader)) == {line}
    assert not declaring.to_check_by(d.chiefs[0])


@pytest.mark.parametrize("field", ["document_no", "document_on"])
def test_the_document_is_named(d, field):
    line = add(d, **{field: "" if field == "document_no" else None})
    declarations.attach(line.pk, pdf(), "a.pdf", by=d.who)
    refused(lambda: declarations.file(line.pk, by=d.who), field)


@pytest.mark.parametrize("code", ["精业-加-02", "笔耕-扣-01"])
def test_no_proof_no_points(d, code):
    line = add(d, rule_code=code)
    refused(lambda: declarations.file(line.pk, by=d.who), "file")


def test_the_subject_was_there_on_the_documents_day(d):
    Staff.objects.filter(pk=d.who.pk).update(joined_on=date(2026, 3, 6))
    d.who.refresh_from_db()
    line = add(d)
    declarations.attach(line.pk, pdf(), "a.pdf", by=d.who)
    refused(lambda: declarations.file(line.pk, by=d.who), "document_on")

    Staff.objects.filter(pk=d.who.pk).update(joined_on=date(2020, 1, 6))
    SectionMembership.objects.filter(staff=d.who).update(start_on=DAY + timedelta(1))
    refused(lambda: declarations.file(line.pk, by=again(d.who)), "document_on")


def test_a_line_that_nobody_could_check_is_not_filed(d):
    Appointment.objects.filter(office__in=["section_chief", "leader_in_charge"]).delete()
    line = add(d)
    declarations.attach(line.pk, pdf(), "a.pdf", by=d.who)
    refused(lambda: declarations.file(line.pk, by=d.who))
    line.refresh_from_db()
    assert line.state == State.DRAFT


# --- Taking it back


@pytest.mark.parametrize("state", ["draft", "filed", "returned"])
def test_a_line_is_withdrawn_until_it_is_checked(d, state):
    line = make_declaration(
        d.who, state=state, checked_by=d.chiefs[0] if state == "returned" else None
    )
    before = line.version

    declarations.withdraw(line.pk, by=d.who)

    line.refresh_from_db()
    assert (line.state, line.version) == (State.WITHDRAWN, before + 1)
    assert line.moves.last().kind == "withdrawn"
    entry = AuditEntry.objects.get(act="declaration.withdraw")
    assert (entry.before, entry.after) == ({"state": state}, {"state": "withdrawn"})


@pytest.mark.parametrize("state", ["checked", "confirmed", "refused", "withdrawn"])
def test_afterwards_it_is_not(d, state):
    line = make_declaration(d.who, state=state)
    refused(lambda: declarations.withdraw(line.pk, by=d.who), conflict=True)


def test_a_draft_without_a_document_is_withdrawn_as_well(d):
    line = add(d, document_no="", document_on=None)
    declarations.withdraw(line.pk, by=d.who)
    assert line.moves.get().body["document_on"] == ""


def test_what_may_be_done_is_told_before_it_is_tried(d):
    line = checked(d)
    assert not declaring.may_edit(d.who, line) and not declaring.may_withdraw(d.who, line)
    line = add(d, document_no="2")
    assert declaring.may_edit(d.who, line) and declaring.may_withdraw(d.who, line)
    assert not declaring.may_edit(d.chiefs[0], line)
