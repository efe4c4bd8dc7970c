import io
import re
import struct
import time
import zipfile

import openpyxl
import pytest

from scheme.imports import archive, cells, raw, sheets
from scheme.imports.sheets import BadBook, Book, Column, Problems, open_book
from tests.scheme.books import DATA, book, rezipped

COLUMNS = {
    "day": Column("日期", cells.day),
    "number": Column("工号", cells.code),
    "at": Column("提交时间", cells.moment, required=False, of_day="day"),
    "note": Column("说明", cells.text, required=False, spare=True, default=""),
}
HEAD = [["标题"], ["日 期", "工号", "提交时间", "别的"]]


def table(*rows, change=None, columns=COLUMNS):
    problems = Problems()
    data = book(("日报", [*HEAD, *rows]), change=change)
    return list(open_book(data).sheet("日报").table(columns, problems=problems)), problems


def told(problems):
    return [(p.row, p.column, p.reason) for p in problems]


def test_rows_are_found_by_header_and_read():
    rows, problems = table(
        ["2026-01-04", " A 1", "9:05", "x"],
        [],
        [None, None, None, "only in a column nobody asks for"],
        ["2026年1月5日", 7, None],
        ["注：以下不读"],
        ["never", "read"],
    )
    assert problems == []
    assert [row.number for row in rows] == [3, 6]
    assert rows[0]["number"] == "A1" and rows[0]["at"].hour == 9
    assert rows[1].cells == {
        "day": rows[1]["day"], "number": "7", "at": None, "note": "",
    }  # fmt: skip


def test_a_note_ends_the_table_only_as_first_filled_cell():
    rows, _problems = table(["2026-01-04", "注1"], [None, "　注：完"], ["2026-01-05", "A2"])
    assert [row["number"] for row in rows] == ["注1"]


def test_every_error_names_row_and_column():
    rows, problems = table(["2026-02-30", None, "x"], ["2026-01-05", "A2"])
    assert [row.ok for row in rows] == [False, True]
    assert [(row, column) for row, column, _reason in told(problems)] == [
        (3, "日期"),
        (3, "工号"),
        (3, "提交时间"),
    ]
    assert str(problems[1]) == "日报第3行“工号”：不能为空"


def test_a_row_may_be_refused_later():
    rows, problems = table(["2026-01-04", "A1"])
    rows[0].refuse("number", "没有这个工号")
    rows[0].refuse("", "整行不对")
    assert not rows[0].ok
    assert [str(one) for one in problems] == [
        "日报第3行“工号”：没有这个工号",
        "日报第3行：整行不对",
    ]
    assert problems.as_rows()[1] == {
        "sheet": "日报", "row": 3, "column": "", "reason": "整行不对",
    }  # fmt: skip


def test_a_missing_column_and_a_double_one_are_errors():
    problems = Problems()
    data = book(("日报", [["t"], ["日期", "日期", "提交时间"], ["2026-01-04", "x"]]))
    assert list(open_book(data).sheet("日报").table(COLUMNS, problems=problems)) == []
    assert told(problems) == [(2, "日期", "这一列出现了两次"), (2, "工号", "缺少这一列")]


def test_problems_are_listed_sheet_by_sheet_from_the_top():
    problems = Problems()
    for sheet, row in (("乙", 5), ("甲", 9), ("乙", 3)):
        problems.add(sheet, row, "", "x")
    assert [(one["sheet"], one["row"]) for one in problems.as_rows()] == [
        ("乙", 3), ("乙", 5), ("甲", 9),
    ]  # fmt: skip
    problems.add("甲", 0, "", "没有人")
    assert str(problems[-1]) == "甲：没有人"


def test_formulas_are_errors_even_in_a_row_that_looks_blank():
    def change(workbook):
        sheet = workbook["日报"]
        sheet["B3"] = '="A"&1'
        sheet["A5"] = "=TODAY()"
        sheet["D4"] = "=1+1"  # a column nobody reads

    rows, problems = table(["2026-01-04", None], ["2026-01-05", "A2"], change=change)
    reason = "单元格是公式，请粘贴为数值"
    assert told(problems)[0] == (3, "工号", reason)
    assert (5, "日期", reason) in told(problems)
    assert [row.ok for row in rows] == [False, True, False]


def test_merged_cells_among_the_data_are_errors_in_title_and_notes_they_are_not():
    def change(workbook):
        sheet = workbook["日报"]
        for area in ("A1:D1", "A3:A4", "A6:D6"):
            sheet.merge_cells(area)

    rows, problems = table(
        ["2026-01-04", "A1"], [None, "A2"], ["2026-01-05", "A3"], ["注：完"], change=change
    )
    reason = "单元格是合并的，请取消合并后逐行填写"
    assert told(problems) == [(3, "日期", reason), (4, "日期", reason)]
    assert [row.ok for row in rows] == [False, False, True]


def test_error_cells_are_errors():
    def change(parts):
        name = "xl/worksheets/sheet1.xml"
        parts[name], count = re.subn(
            rb'<c r="B3".*?</c>', b'<c r="B3" t="e"><v>#N/A</v></c>', parts[name]
        )
        assert count == 1

    problems = Problems()
    data = rezipped(book(("日报", [*HEAD, ["2026-01-04", "A1"]])), change)
    list(open_book(data).sheet("日报").table(COLUMNS, problems=problems))
    assert told(problems) == [(3, "工号", "单元格是错误值")]


def test_sheets_by_name_and_order():
    opened = open_book(book(("花 名册", [["x"]]), ("乙", [])))
    assert opened.names == ["花 名册", "乙"]
    assert opened.first().row(1) == ["x"]
    assert opened.sheet("花名册").row(9) == []
    with pytest.raises(BadBook, match="缺少工作表“丙”"):
        opened.sheet("丙")


def test_the_big_workbook_is_read_within_seconds():
    begun = time.monotonic()
    opened = open_book(io.BytesIO((DATA / "facts-2026H1.xlsx").read_bytes()))
    problems = Problems()
    columns = COLUMNS | {"grade": Column("等次", cells.code, required=False)}
    rows = list(opened.sheet("日报").table(columns, problems=problems))
    assert (len(rows), problems) == (9624, [])
    assert time.monotonic() - begun < 10


# --- Files that mean harm, or are simply something else


def small() -> bytes:
    return book(("甲", [["x"]]))


def read_here(data) -> Book:
    """In this process, where a test may move the limits."""
    return Book(list(raw.parse(data)))


def refused(data, match, read=open_book):
    begun = time.monotonic()
    with pytest.raises(BadBook, match=match):
        read(data).first()
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"%PDF-1.7", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x00" * 1000]
)
def test_what_is_no_workbook(data):
    refused(data, "Excel工作簿")


def test_an_old_or_locked_workbook_is_told_apart():
    refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "旧格式或加了密码")


def test_too_large_a_file(monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILE", 1000)
    refused(small(), "5MB")
    upload = io.BytesIO(small())
    upload.size = 1001
    with pytest.raises(BadBook, match="5MB"):
        open_book(upload)


@pytest.mark.parametrize(
    "member, match",
    [
        ("xl/vbaProject.bin", "宏"),
        ("xl/externalLinks/externalLink1.xml", "引用了别的文件"),
        ("../../etc/passwd", "文件名"),
        ("/etc/cron.d/x", "文件名"),
        ("C:\\x.xml", "文件名"),
        ("xl\\..\\x.xml", "文件名"),
    ],
)
def test_members_that_have_no_business_in_a_roster(member, match):
    refused(rezipped(small(), lambda parts: parts.update({member: b"<x/>"})), match)


def test_macro_content_type():
    def change(parts):
        name = "[Content_Types].xml"
        parts[name] = parts[name].replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")

    refused(rezipped(small(), change), "宏")


def test_too_many_members():
    def change(parts):
        parts.update({f"xl/x{n}.xml": b"<x/>" for n in range(200)})

    refused(rezipped(small(), change), "内部结构")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_twice():
    out = io.BytesIO(small())
    with zipfile.ZipFile(out, "a") as target:
        target.writestr("xl/workbook.xml", b"<x/>")
    refused(out.getvalue(), "内部结构")


def test_a_bomb_by_ratio_by_member_and_by_total(monkeypatch):
    refused(rezipped(small(), lambda p: p.update({"xl/a.xml": b" " * 10_000_000})), "过大")
    monkeypatch.setattr(archive, "MAX_RATIO", 10**9)
    one = rezipped(small(), lambda p: p.update({"xl/a.xml": b" " * 21_000_000}))
    refused(one, "过大", read_here)
    many = {f"xl/a{n}.xml": b" " * 18_000_000 for n in range(3)}
    refused(rezipped(small(), lambda p: p.update(many)), "过大", read_here)


def test_a_directory_that_lies_about_size():
    """20 MB said to be 10 bytes: what is parsed is the checked copy, so nothing unfolds."""
    data = bytearray(
        rezipped(small(), lambda p: p.update({"xl/sharedStrings.xml": b" " * 20_000_000}))
    )
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/sharedStrings.xml"))
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    with pytest.raises(BadBook):
        open_book(bytes(data))


def test_an_encrypted_member():
    data = bytearray(small())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    refused(bytes(data), "密码")


def test_another_compression():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small())) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name), compress_type=zipfile.ZIP_DEFLATED)
    data = bytearray(out.getvalue())
    at = data.find(b"PK\x01\x02")
    data[at + 10 : at + 12] = data[8:10] = struct.pack("<H", 97)
    refused(bytes(data), "压缩方式")


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        "<!DOCTYPE x []><x/>".encode("utf-16"),
    ],
)
@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"]
)
def test_document_types(part, xml):
    refused(rezipped(small(), lambda parts: parts.update({part: xml})), "XML声明")


def test_the_walk_refuses_document_types_by_itself():
    with pytest.raises(BadBook, match="XML声明"):
        archive.walk(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", start=lambda *_a: None)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_broken_parts(part):
    refused(rezipped(small(), lambda parts: parts.update({part: b"<x"})), "Excel工作簿")


@pytest.mark.parametrize(
    "part, match",
    [
        ("xl/workbook.xml", "Excel工作簿"),
        ("[Content_Types].xml", "Excel工作簿"),
        ("xl/_rels/workbook.xml.rels", "没有工作表"),
        ("xl/worksheets/sheet1.xml", "没有工作表"),
    ],
)
def test_missing_parts(part, match):
    refused(rezipped(small(), lambda parts: parts.pop(part)), match)


def with_cells(xml: bytes):
    def change(parts):
        parts["xl/worksheets/sheet1.xml"] = (
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            b"<sheetData>" + xml + b"</sheetData></worksheet>"
        )

    return rezipped(small(), change)


def test_a_cell_at_the_end_of_the_world():
    refused(with_cells(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "太大")
    refused(with_cells(b'<row r="1"><c r="A0000000001"><v>1</v></c></row>'), "位置")
    refused(with_cells(b'<row r="1"><c r="A1" t="s"><v>99999</v></c></row>'), "不存在的文字")


def test_cells_without_places_are_counted_on():
    sheet = open_book(with_cells(b"<row><c><v>1</v></c><c><f>1+1</f><v>2</v></c></row>")).first()
    assert sheet.formulas == {(1, 1)}


def test_a_text_shared_too_often(monkeypatch):
    monkeypatch.setattr(raw, "MAX_LETTERS", 50)
    refused(book(("甲", [["x" * 30], ["x" * 30]])), "过大", read_here)


def test_too_many_merged_rows(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_MERGED_ROWS", 5)

    def change(workbook):
        workbook["甲"].merge_cells("B1:B9")

    refused(book(("甲", [["x"]] * 9), change=change), "合并的单元格太多")


def test_pictures_and_other_attachments_are_left_behind():
    def change(parts):
        parts["xl/media/image1.png"] = b"\x89PNG"

    copy = archive.repack(rezipped(small(), change))
    assert "xl/media/image1.png" not in zipfile.ZipFile(copy).namelist()
    assert openpyxl.load_workbook(copy).sheetnames == ["甲"]
