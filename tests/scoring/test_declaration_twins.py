"""No two living lines of one subject and rule rest on the same document or the same file."""

import pytest

from scoring.actions import declarations
from scoring.models import Declaration, DeclarationProof
from tests.factories import make_declaration, pdf
from tests.scoring.declaring import add, department, filed, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def d(db, clock):
    clock.set("2026-04-10 09:00")
    return department()


def test_one_document_proves_one_line_of_a_rule(d):
    filed(d, matter="督查")
    twin = refused(
        lambda: add(d, document_no=" 泽组发[2026] 12号".replace("[", "〔").replace("]", "〕")),
        "document_no",
    )
    assert "督查" in str(twin) and "2026Q1" in str(twin)
    # Of another rule, or of another person, it may well be.
    add(d, rule_code="笔耕-扣-01")
    add(d, d.officers[0][2])
    # A document not named yet is none.
    add(d, document_no="")
    add(d, document_no="")


def test_a_document_is_compared_when_a_draft_is_changed_and_filed(d):
    filed(d)
    line = add(d, document_no="")
    number = "泽组发〔２０２６〕12 号"
    refused(
        lambda: declarations.change(line.pk, version=0, by=d.who, document_no=number), "document_no"
    )
    # Written past the action it is found out at filing.
    Declaration.objects.filter(pk=line.pk).update(document_no=number)
    refused(lambda: declarations.attach(line.pk, pdf(), "a.pdf", by=d.who), "document_no")


@pytest.mark.parametrize("state", ["refused", "withdrawn"])
def test_a_dead_line_frees_its_document(d, state):
    make_declaration(d.who, state=state, document_no="泽组发〔2026〕12号")
    add(d)


def test_an_imported_line_holds_its_document(d):
    make_declaration(d.who, state="confirmed", imported=True, document_no="泽组发〔2026〕12号")
    refused(lambda: add(d), "document_no")


def test_one_file_proves_one_line_of_a_rule(d):
    line = add(d, matter="督查")
    declarations.attach(line.pk, pdf("同一份"), "a.pdf", by=d.who)
    other = add(d, document_no="2")
    twin = refused(lambda: declarations.attach(other.pk, pdf("同一份"), "b.pdf", by=d.who), "file")
    assert "督查" in str(twin)

    # Free for another rule, until the rule is changed to the same one.
    third = add(d, rule_code="笔耕-扣-01", document_no="3")
    declarations.attach(third.pk, pdf("同一份"), "b.pdf", by=d.who)
    refused(
        lambda: declarations.change(third.pk, version=0, by=d.who, rule_code="精业-加-02"), "file"
    )
    declarations.withdraw(line.pk, by=d.who)
    declarations.change(third.pk, version=0, by=d.who, rule_code="精业-加-02")


def test_a_file_is_compared_again_at_filing(d):
    line = add(d)
    declarations.attach(line.pk, pdf("同一份"), "a.pdf", by=d.who)
    make_declaration(d.who, proof=False, state="draft", matter="别处")
    other = Declaration.objects.get(matter="别处")
    DeclarationProof.objects.create(
        declaration=other, file=line.proofs.get().file, name="c.pdf", added_by=d.who,
        added_at=line.recorded_at,
    )  # fmt: skip
    refused(lambda: declarations.file(line.pk, by=d.who), "file")
