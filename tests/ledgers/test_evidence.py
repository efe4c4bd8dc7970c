"""Proofs as files: told by content, kept once, whole or not at all."""

import hashlib
import io
import os
import zipfile
import zlib
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from ledgers import filetypes
from ledgers.actions import evidence
from ledgers.models import EvidenceFile
from scheme.errors import Refused
from tests.factories import make_staff, make_unit, pdf

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40
TYPES = b'<Types xmlns="x"><Override ContentType="application/xml"/></Types>'


def package(main, *, types=TYPES, **members) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        if types is not None:
            target.writestr("[Content_Types].xml", types)
        for name, content in {main: b"<x/>", **members}.items():
            target.writestr(name, content)
    return made.getvalue()


def relations(kind, target="http://203.0.113.9/a", mode="External") -> bytes:
    return (
        f'<Relationships xmlns="r"><Relationship Id="1" Type="http://x/{kind}" Target="{target}"'
        f' TargetMode="{mode}"/></Relationships>'
    ).encode()


def a_pdf(body: bytes) -> bytes:
    return b"%PDF-1.7\n" + body + b"\ntrailer <<>>\n%%EOF\n"


def stream(content: bytes, head=b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode") -> bytes:
    return b"5 0 obj <<" + head + b">> stream\n" + content + b"\nendstream endobj"


# --- What it is


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (pdf().read(), "pdf"),
        (JPEG, "jpg"),
        (PNG, "png"),
        (package("word/document.xml"), "docx"),
        (package("xl/workbook.xml"), "xlsx"),
        (package("OFD.xml", types=None), "ofd"),
        # A link to be clicked is no more than words.
        (package("word/document.xml", **{"word/_rels/a.xml.rels": relations("hyperlink")}), "docx"),
        # A page may say so; only names that a reader acts on count.
        (a_pdf(stream(zlib.compress(b"(/JavaScript ) Tj"), b"/Filter /FlateDecode")), "pdf"),
        (a_pdf(b"<< /LaunchPad 1 >>"), "pdf"),
        (a_pdf(stream(zlib.compress(b"1 0 << /Type /Page >>"))), "pdf"),
        # The outlines of a document have a first one too; the picture after them is no such stream.
        (a_pdf(b"<< /First 3 0 R >> endobj" + stream(b"\xff\xd8 a picture", b"")), "pdf"),
    ],
)  # fmt: skip
def test_the_kind_is_told_by_content(data, kind):
    assert filetypes.kind_of(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00 a program",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a",
        b"plain words",
        b"\x89PNG\r\n\x1a\n not a picture at all",
        package("ppt/presentation.xml"),
        package("a.txt", types=None),
        package("word/document.xml", **{"xl/workbook.xml": b"<x/>"}),
        package("word/document.xml", types=None),
    ],
)
def test_other_files_are_refused(data):
    with pytest.raises(Refused) as caught:
        filetypes.kind_of(data)
    assert caught.value.field == "file" and "只收" in str(caught.value)


ACTIVE_PDFS = [
    a_pdf(b"<< /S /JavaScript /JS (app.alert) >>"),
    a_pdf(b"<< /S /J#61vaScript >>"),
    a_pdf(b"<< /S/Launch/F(cmd.exe) >>"),
    a_pdf(b"<< /Type /EmbeddedFile >>"),
    a_pdf(b"<< /Names << /EmbeddedFiles 3 0 R >> >>"),
    a_pdf(b"<< /Subtype /RichMedia >>"),
    a_pdf(stream(zlib.compress(b"1 0 << /S /JavaScript >>"))),
    a_pdf(
        stream(zlib.compress(b"1 0 << /S /Java#53cript >>"), b"/Type/Obj#53tm/Filter/FlateDecode")
    ),
    a_pdf(stream(zlib.compress(b"1 0 << /S /Launch >>"), b"/N 1 /First 4")),
    a_pdf(stream(zlib.compress(b"1 0 <</S/Launch>>"), b"/Type/ObjStm" + b" " * 5000 + b"/X (obj)")),
    a_pdf(stream(zlib.compress(b"nothing")) + stream(zlib.compress(b"1 0 <</S/Launch>>"))),
]


@pytest.mark.parametrize("data", ACTIVE_PDFS)
def test_a_pdf_that_does_something_is_refused(data):
    with pytest.raises(Refused, match="脚本"):
        filetypes.kind_of(data)


@pytest.mark.parametrize(
    "data",
    [
        package("word/document.xml", **{"word/vbaProject.bin": b"x"}),
        package("xl/workbook.xml", **{"xl/activeX/activeX1.bin": b"x"}),
        package("word/document.xml", **{"word/embeddings/oleObject1.bin": b"x"}),
        package("word/document.xml", **{"word/embeddings/run.EXE": b"x"}),
        package("OFD.xml", types=None, **{"Doc_0/Attachs/a.js": b"x"}),
        package("xl/workbook.xml", types=b'<T ContentType="a.sheet.macroEnabled.main+xml"/>'),
    ],
)  # fmt: skip
def test_macros_and_programs_are_refused(data):
    with pytest.raises(Refused, match="宏"):
        filetypes.kind_of(data)


@pytest.mark.parametrize("kind", ["attachedTemplate", "image", "oleObject", "externalLinkPath"])
def test_what_is_fetched_from_elsewhere_is_refused(kind):
    data = package("word/document.xml", **{"word/_rels/settings.xml.rels": relations(kind)})
    with pytest.raises(Refused, match="外部"):
        filetypes.kind_of(data)


def encrypted() -> bytes:
    data = bytearray(package("word/document.xml"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7\nbroken off", "损坏"),
        (a_pdf(b"<< /Encrypt 4 0 R >>"), "加了密码"),
        (a_pdf(stream(b"not squeezed")), "检查不了"),
        # A comment inside the head that would hide where the content begins.
        (a_pdf(stream(zlib.compress(b"<</S/Launch>>"), b"/Type/ObjStm %stream\n")), "检查不了"),
        (a_pdf(stream(zlib.compress(b"x" * 99)[:-8])), "检查不了"),
        (a_pdf(stream(zlib.compress(b"x"), b"/Type/ObjStm/Predictor 2")), "检查不了"),
        (b"\xd0\xcf\x11\xe0 old", "旧格式"),
        (package("word/document.xml")[:-30], "损坏"),
        (package("word/document.xml", **{"_rels/.rels": b"<not xml"}), "损坏"),
        (package("word/document.xml", **{"_rels/.rels": b"<!DOCTYPE a><a/>"}), "损坏"),
        (encrypted(), "密码"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_into_is_refused(data, words):
    with pytest.raises(Refused, match=words):
        filetypes.kind_of(data)


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(filetypes, "MOST_UNPACKED", 1000)
    with pytest.raises(Refused, match="损坏"):
        filetypes.kind_of(package("word/document.xml", **{"word/a.xml": b"x" * 2000}))
    monkeypatch.setattr(filetypes, "MOST_INFLATED", 1000)
    with pytest.raises(Refused, match="检查不了"):
        filetypes.kind_of(a_pdf(stream(zlib.compress(b"x" * 2000))))
    monkeypatch.setattr(filetypes, "MOST_READ", 100)
    data = package("word/document.xml", types=TYPES + b" " * 200)
    with pytest.raises(Refused, match="损坏"):
        filetypes.kind_of(data)


def test_two_members_of_one_name_are_refused():
    made = io.BytesIO(package("word/document.xml"))
    with zipfile.ZipFile(made, "a") as target, pytest.warns(UserWarning):
        target.writestr("word/document.xml", b"<y/>")
    with pytest.raises(Refused):
        filetypes.kind_of(made.getvalue())


# --- Kept


@pytest.fixture
def unit(db, settings, tmp_path):
    settings.FILES_ROOT = str(tmp_path)
    return make_unit()


@pytest.fixture
def person(unit):
    return make_staff(unit)


def place(kept) -> Path:
    return Path(django_settings.FILES_ROOT) / kept.path


def test_a_file_is_kept_under_its_hash(unit, person):
    upload = SimpleUploadedFile("某某.exe", JPEG, content_type="application/x-msdownload")

    kept = evidence.keep(unit, upload, by=person)

    assert kept.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert (kept.size, kept.kind, kept.added_by) == (len(JPEG), "jpg", person)
    assert kept.path == f"evidence/{unit.pk}/{kept.sha256[:2]}/{kept.sha256}"
    assert place(kept).read_bytes() == JPEG
    assert evidence.open_evidence(kept).read() == JPEG


def test_the_same_bytes_are_kept_once_in_a_unit(unit, person):
    first = evidence.keep(unit, io.BytesIO(JPEG), by=person)
    again = evidence.keep(unit, io.BytesIO(JPEG), by=make_staff(unit))
    assert again == first and again.added_by == person
    other = make_unit()
    elsewhere = evidence.keep(other, io.BytesIO(JPEG), by=make_staff(other))
    assert elsewhere != first and place(elsewhere) != place(first)
    assert EvidenceFile.objects.count() == 2


@pytest.mark.parametrize("size", [0, evidence.MOST_BYTES + 1])
def test_an_empty_and_an_oversized_file_are_refused(unit, person, size):
    upload = io.BytesIO((JPEG[:3] + b"x" * size)[:size])
    with pytest.raises(Refused) as caught:
        evidence.keep(unit, upload, by=person)
    assert caught.value.field == "file"
    assert not EvidenceFile.objects.exists()


def test_the_largest_file_is_kept(unit, person):
    data = b"\xff\xd8\xff" + b"x" * (evidence.MOST_BYTES - 3)
    assert evidence.keep(unit, io.BytesIO(data), by=person).size == evidence.MOST_BYTES


def test_what_is_refused_leaves_no_file(unit, person, tmp_path):
    with pytest.raises(Refused):
        evidence.keep(unit, io.BytesIO(ACTIVE_PDFS[0]), by=person)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_killed_while_writing_there_is_no_half_file(unit, person, tmp_path, monkeypatch, moment):
    real = getattr(os, moment)

    def killed(*_arguments):
        raise Killed

    monkeypatch.setattr(os, moment, killed)
    with pytest.raises(Killed), transaction.atomic():
        evidence.keep(unit, io.BytesIO(JPEG), by=person)
    assert not EvidenceFile.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    monkeypatch.setattr(os, moment, real)
    assert place(evidence.keep(unit, io.BytesIO(JPEG), by=person)).read_bytes() == JPEG


def test_killed_between_file_and_row_the_next_upload_takes_the_file_over(unit, person):
    with pytest.raises(Killed), transaction.atomic():
        evidence.keep(unit, io.BytesIO(JPEG), by=person)
        raise Killed
    assert len(evidence.astray().unknown) == 1
    kept = evidence.keep(unit, io.BytesIO(JPEG), by=person)
    assert evidence.astray() == ([], [], [])
    assert evidence.open_evidence(kept).read() == JPEG


def test_a_file_that_is_gone_or_altered_is_told_and_mended_by_the_next_upload(unit, person, capsys):
    gone = evidence.keep(unit, io.BytesIO(JPEG), by=person)
    altered = evidence.keep(unit, io.BytesIO(PNG), by=person)
    call_command("check_evidence")
    place(gone).unlink()
    place(altered).write_bytes(PNG + b"!")

    for kept in (gone, altered):
        with pytest.raises(Refused, match="备份"):
            evidence.open_evidence(kept)
    assert evidence.astray() == ([gone], [altered], [])
    (place(gone).parent / "stray").write_bytes(b"x")
    with pytest.raises(CommandError, match="2 proofs"):
        call_command("check_evidence")
    said = capsys.readouterr().out
    assert gone.path in said and altered.path in said and "stray" in said

    evidence.keep(unit, io.BytesIO(JPEG), by=person)
    evidence.keep(unit, io.BytesIO(PNG), by=person)
    assert evidence.astray()[:2] == ([], [])


def test_the_database_keeps_the_rows(unit, person):
    kept = evidence.keep(unit, io.BytesIO(JPEG), by=person)
    for sql in (
        "UPDATE ledgers_evidencefile SET sha256 = 'x' WHERE id = %s",
        "DELETE FROM ledgers_evidencefile WHERE id = %s",
        "INSERT INTO ledgers_evidencefile (unit_id, sha256, size, kind, added_by_id, added_at)"
        " SELECT unit_id, sha256, size, kind, added_by_id, added_at FROM ledgers_evidencefile"
        " WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [kept.pk])
