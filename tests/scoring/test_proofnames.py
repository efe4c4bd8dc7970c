import pytest

from ledgers import proofnames


@pytest.mark.parametrize(
    ("name", "kind", "kept"),
    [
        ("通知.pdf", "pdf", "通知.pdf"),
        ("照片.JPEG", "jpg", "照片.JPEG"),
        ("C:\\桌面\\通知.pdf", "pdf", "通知.pdf"),
        ("../../etc/passwd", "png", "passwd.png"),
        # What it is called does not make it something else.
        ("通知.exe", "pdf", "通知.exe.pdf"),
        ("通知.pdf", "docx", "通知.pdf.docx"),
        # A mark that would have it read 通知exe.pdf.
        ("通知\u202efdp.exe", "pdf", "通知fdp.exe.pdf"),
        ("a\x00b\nc.xlsx", "xlsx", "abc.xlsx"),
        ('甲"乙<丙>.ofd', "ofd", "甲_乙_丙_.ofd"),
        ("", "pdf", "佐证材料.pdf"),
        (" . ", "pdf", "佐证材料.pdf"),
        (".pdf", "pdf", "佐证材料.pdf"),
    ],
)
def test_a_name_is_plain_and_ends_as_its_content_says(name, kind, kept):
    assert proofnames.fit(name, kind) == kept


def test_a_long_name_keeps_its_end():
    kept = proofnames.fit("字" * 300 + ".pdf", "pdf")
    assert len(kept) == proofnames.LONGEST and kept.endswith("字.pdf")
