import hashlib
import re

import pytest
from django.core.exceptions import PermissionDenied

from scheme.errors import Refused
from scheme.models import AuditEntry
from stars import certificates
from stars.actions import certificates as printing
from stars.actions import revocations
from stars.exports import certificates as paper
from stars.models import Award, CertificatePrint
from tests.factories import again
from tests.stars import awards_world as world

pytestmark = pytest.mark.django_db


@pytest.fixture
def s(clock):
    return world.published(clock)


def said(monkeypatch, *papers) -> str:
    """What is written on the pages, as it is handed to the drawing."""
    texts, draw = [], paper._text
    monkeypatch.setattr(paper, "_text", lambda *a, **k: (texts.append(a[3]), draw(*a, **k)))
    paper.write(papers)
    monkeypatch.undo()
    return "\n".join(texts)


def test_it_says_what_was_published_and_never_a_word_of_commendation(s, monkeypatch):
    person = certificates.of(s.award, s.publication)
    section = certificates.of(Award.objects.get(nomination=s.section), s.publication)
    text = said(monkeypatch, person, section)
    for part in (
        s.award.number,
        f"{s.a.person.name}同志（{s.d.one.name}",
        "在2026年上半年评星中被评定为",
        "精业之星",
        f"{s.d.one.name}：",
        s.d.unit.name,
        "2026年7月13日",
        f"核验码　{person.code}",
    ):
        assert part in text
    assert "表彰" not in text and "撤销" not in text
    assert "已撤销" not in text and "存档副本" in said(monkeypatch, person._replace(revoked=True))
    # What people are called later does not change what was awarded.
    s.a.person.name = s.award.person.name = "改名"
    assert certificates.of(s.award, s.publication) == person


def test_a_body_without_the_winner_is_told_from_the_award(s):
    s.publication.body["stars"] = []
    told = certificates.of(s.award, s.publication)
    assert (told.name, told.section) == (s.a.person.name, s.d.one.name)
    section = Award.objects.get(nomination=s.section)
    assert certificates.of(section, s.publication).name == s.d.one.name


def test_the_code_is_of_the_publication_and_the_number(s):
    code = certificates.code_of(s.publication, s.award.number)
    assert re.fullmatch(r"[0-9A-F]{4}(-[0-9A-F]{4}){3}", code)
    assert code != certificates.code_of(s.publication, "〔2026〕上-02")
    s.publication.digest = "0" * 64
    assert code != certificates.code_of(s.publication, s.award.number)


def test_the_same_certificate_is_the_same_file_across_a_page_without_an_image(s):
    one = certificates.of(s.award, s.publication)
    first = paper.write([one])
    assert first == paper.write([one]) and first != paper.write([one._replace(name="另一人")])
    assert first.startswith(b"%PDF-")
    assert b"/Subtype /Image" not in first
    width, height = map(float, re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", first).groups())
    assert (round(width), round(height)) == (842, 595)
    assert paper.write([one, one]).count(b"/Type /Page\n") == 2


def test_every_printing_is_a_row_with_the_hash_of_the_file(s):
    by = again(s.office)
    content = printing.print_one(s.award.pk, by=by)
    row = CertificatePrint.objects.get()
    assert (row.award, row.by) == (s.award, s.office)
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert AuditEntry.objects.get(act="award.print").after["awards"] == [s.award.number]
    whole = printing.print_all(s.round.pk, by=by)
    rows = CertificatePrint.objects.exclude(pk=row.pk)
    assert {one.sha256 for one in rows} == {hashlib.sha256(whole).hexdigest()}
    assert rows.count() == 3
    for act in (
        lambda: printing.print_one(s.award.pk, by=again(s.d.chair)),
        lambda: printing.print_all(s.round.pk, by=again(s.other)),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_what_is_in_question_or_revoked_is_not_printed_but_kept_as_a_marked_copy(s):
    by = again(s.office)
    with pytest.raises(Refused, match="只有已撤销"):
        printing.print_one(s.award.pk, by=by, copy=True)
    row = revocations.propose(s.award.pk, by=by, authority="纪要", reason="失实")
    with pytest.raises(Refused, match="正等批准"):
        printing.print_one(s.award.pk, by=by)
    revocations.approve(row.pk, by=again(s.d.chair))
    with pytest.raises(Refused, match="已经撤销"):
        printing.print_one(s.award.pk, by=by)
    copy = printing.print_one(s.award.pk, by=by, copy=True)
    assert copy != paper.write([certificates.of(s.award, s.publication)])
    printing.print_all(s.round.pk, by=by)
    assert CertificatePrint.objects.filter(award=s.award).count() == 1
    for award in Award.objects.standing():
        again_ = revocations.propose(award.pk, by=by, authority="纪要", reason="失实")
        if award.nomination_id == s.section.pk:
            continue
        revocations.approve(again_.pk, by=again(s.d.chair))
    with pytest.raises(Refused, match="没有可以印的"):
        printing.print_all(s.round.pk, by=by)
