"""What the database itself refuses, whoever writes: plain SQL past every action."""

import pytest
from django.db import IntegrityError, connection, transaction

from scoring.models import Declaration, DeclarationMove, DeclarationProof
from tests.factories import make_declaration, make_staff
from tests.scoring.declaring import department

pytestmark = pytest.mark.django_db
STATES = [state.value for state in Declaration.State]
STEPS = {
    ("draft", "filed"), ("draft", "withdrawn"),
    ("filed", "checked"), ("filed", "returned"), ("filed", "refused"), ("filed", "withdrawn"),
    ("checked", "confirmed"), ("checked", "returned"), ("checked", "refused"),
    ("returned", "filed"), ("returned", "withdrawn"), ("confirmed", "refused"),
}  # fmt: skip


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-10 09:00")
    return department()


def refused(sql, values, name):
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as c:
        c.execute(sql, values)
    assert caught.value.__cause__.diag.constraint_name == name


def setting(line, name, **columns):
    sets = ", ".join(f"{column} = %s" for column in columns)
    sql = f"UPDATE scoring_declaration SET {sets} WHERE id = %s"
    refused(sql, [*columns.values(), line.pk], name)


def complete(d, state):
    """A line that fails no other constraint, whichever state it is brought to."""
    people = {"checked_by": make_staff(d.unit), "verified_by": make_staff(d.unit)}
    line = make_declaration(d.who, state=state, **(people if state == "confirmed" else {}))
    if line.state == "confirmed":
        return line
    at = line.recorded_at
    Declaration.objects.filter(pk=line.pk).update(
        filed_at=at, checked_at=at, verified_at=at, **people
    )
    return line


@pytest.mark.parametrize("start", STATES)
def test_a_line_goes_along_its_steps_and_no_others(d, start):
    line = complete(d, start)
    for to in STATES:
        if to != start and (start, to) not in STEPS:
            setting(line, "declaration_steps", state=to)
    for to in STATES:
        if (start, to) in STEPS:
            with transaction.atomic(), connection.cursor() as cursor:
                sql = "UPDATE scoring_declaration SET state = %s WHERE id = %s"
                cursor.execute(sql, [to, line.pk])
                assert cursor.rowcount == 1
                transaction.set_rollback(True)


@pytest.mark.parametrize("start", ["filed", "checked", "confirmed", "refused", "withdrawn"])
def test_what_was_filed_says_what_it_said(d, start):
    line = make_declaration(d.who, state=start)
    for columns in (
        {"quarter": "2026Q2"},
        {"rule_code": "笔耕-扣-01"},
        {"level": "city"},
        {"quantity": 2},
        {"matter": "别的"},
        {"document_no": "别的"},
        {"document_on": "2026-03-06"},
        {"note": "别的"},
    ):
        setting(line, "declaration_is_fixed", **columns)


@pytest.mark.parametrize("start", ["draft", "returned", "filed"])
def test_whose_it_is_never_changes(d, start):
    line = make_declaration(d.who, state=start)
    other = d.officers[0][2]
    setting(line, "declaration_is_fixed", person_id=other.pk)
    setting(line, "declaration_is_fixed", imported=True)
    setting(line, "declaration_is_fixed", unit_id=make_staff().unit_id)


@pytest.mark.parametrize("start", ["filed", "checked", "confirmed", "refused"])
def test_the_proofs_of_a_filed_line_stay(d, start):
    line = make_declaration(d.who, state=start)
    proof = line.proofs.get()
    spare = make_declaration(d.who, state="draft").proofs.get()
    refused("DELETE FROM scoring_declarationproof WHERE id = %s", [proof.pk], "proof_is_fixed")
    sql = "UPDATE scoring_declarationproof SET name = 'x' WHERE id = %s"
    refused(sql, [proof.pk], "proof_is_fixed")
    sql = "UPDATE scoring_declarationproof SET declaration_id = %s WHERE id = %s"
    refused(sql, [line.pk, spare.pk], "proof_is_fixed")
    with pytest.raises(IntegrityError), transaction.atomic():
        DeclarationProof.objects.create(
            declaration=line, file=spare.file, name="x", added_by=d.who, added_at=proof.added_at
        )


def test_a_file_is_attached_once(d):
    line = make_declaration(d.who, state="draft")
    proof = line.proofs.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        DeclarationProof.objects.create(
            declaration=line, file=proof.file, name="x", added_by=d.who, added_at=proof.added_at
        )


def test_the_moves_are_append_only(d):
    line = make_declaration(d.who, state="refused")
    move = line.moves.first()
    sql = "UPDATE scoring_declarationmove SET reason = 'x' WHERE id = %s"
    refused(sql, [move.pk], "append_only")
    refused("DELETE FROM scoring_declarationmove WHERE id = %s", [move.pk], "append_only")
    with pytest.raises(IntegrityError), transaction.atomic():
        DeclarationMove.objects.create(
            declaration=line, version=move.version, kind="filed", at=move.at, by=d.who
        )
    for kind in ("returned", "refused", "revoked"):
        with pytest.raises(IntegrityError), transaction.atomic():
            DeclarationMove.objects.create(
                declaration=line, version=99, kind=kind, at=move.at, by=d.who
            )


def test_nobody_checks_or_verifies_their_own(d):
    line = make_declaration(d.who, state="filed")
    at = line.recorded_at
    own = {"checked_by_id": d.who.pk, "checked_at": at}
    setting(line, "declaration_checked_by_another", **own)
    setting(line, "declaration_verified_by_a_third", verified_by_id=d.who.pk, verified_at=at)

    chief = make_staff(section=d.one)
    of_section = make_declaration(d.one, "效能-加-12", level="city", filed_by=chief)
    setting(of_section, "declaration_checked_by_another", checked_by_id=chief.pk, checked_at=at)
    setting(of_section, "declaration_verified_by_a_third", verified_by_id=chief.pk, verified_at=at)

    twice = make_declaration(d.who, state="checked", checked_by=d.verifier)
    setting(twice, "declaration_verified_by_a_third", verified_by_id=d.verifier.pk, verified_at=at)


def test_a_state_brings_what_it_takes(d):
    draft = make_declaration(d.who, state="draft")
    setting(draft, "declaration_filed_names_its_document", state="filed")
    at = draft.recorded_at
    setting(
        draft, "declaration_filed_names_its_document", state="filed", filed_at=at, document_no=""
    )
    setting(
        draft, "declaration_filed_names_its_document", state="filed", filed_at=at, document_on=None
    )
    filed = make_declaration(d.who, state="filed")
    setting(filed, "declaration_checked_has_its_checker", state="checked")
    checked = make_declaration(d.who, state="checked")
    setting(checked, "declaration_confirmed_has_its_verifier", state="confirmed")


def test_a_line_has_one_subject_and_some_quantity(d):
    sql = (
        "INSERT INTO scoring_declaration (unit_id, quarter, person_id, section_id, rule_code,"
        " level, quantity, matter, matter_key, document_no, note, state, imported, row, mark,"
        " version, recorded_at) VALUES (%s, '2026Q1', %s, %s, 'x', '', %s, 'x', 'x', '', '',"
        " 'draft', false, 0, '', 0, now())"
    )
    both, none = [d.unit.pk, d.who.pk, d.one.pk, 1], [d.unit.pk, None, None, 1]
    for values in (both, none):
        refused(sql, values, "declaration_has_one_subject")
    for quantity in (0, -1):
        values = [d.unit.pk, d.who.pk, None, quantity]
        refused(sql, values, "declaration_quantity_is_positive")


def test_an_imported_line_follows_its_workbook(d):
    """A later workbook may say otherwise; the line stays imported and its subject's."""
    line = make_declaration(d.who, state="confirmed", imported=True, proof=False)
    Declaration.objects.filter(pk=line.pk).update(state="filed", matter="改过")
    Declaration.objects.filter(pk=line.pk).update(state="confirmed")
    setting(line, "declaration_is_fixed", person_id=d.officers[0][2].pk)
    setting(line, "declaration_is_fixed", imported=False)
