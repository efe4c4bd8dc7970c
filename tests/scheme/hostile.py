"""Workbooks that mean harm, each with the words it is turned away with."""

import io
import struct
import zipfile

from tests.scheme.books import book, rezipped

SHEET = "xl/worksheets/sheet1.xml"
SPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def plain() -> bytes:
    return book(("甲", [["标题"], ["日期", "工号"], ["2026-01-05", "A1"]]))


def _with(**parts: bytes):
    named = {name.replace("__", "/"): content for name, content in parts.items()}
    return lambda: rezipped(plain(), lambda found: found.update(named))


def with_part(name: str, content: bytes) -> bytes:
    return rezipped(plain(), lambda parts: parts.update({name: content}))


def with_cells(xml: bytes) -> bytes:
    body = b"<worksheet " + SPACE + b"><sheetData>" + xml + b"</sheetData></worksheet>"
    return with_part(SHEET, body)


def _laughs() -> bytes:
    entities = b"".join(
        b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"ha" * 10) for n in range(10)
    )
    return with_part(SHEET, b"<!DOCTYPE x [" + entities + b"]><x>&l9;</x>")


def _macro_in_disguise() -> bytes:
    return with_part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")


def _lying() -> bytes:
    data = bytearray(with_part("xl/sharedStrings.xml", b" " * 15_000_000))
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/sharedStrings.xml"))
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(data)


def _total() -> bytes:
    """Each part may pass, all together may not."""
    noise = bytes(range(33, 127)) * 2
    parts = {f"xl/a{n}.xml": noise * 96_000 for n in range(3)}
    out = io.BytesIO(plain())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


def _sparse() -> bytes:
    corner = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="ZZ900000"><v>1</v></c>'
    return with_cells(corner + b"</row>")


def _deep() -> bytes:
    """Text runs inside one another, far beyond what any writer makes."""
    depth = 100_000
    nested = b"<r>" * depth + b"<t>x</t>" + b"</r>" * depth
    text = b"<sst " + SPACE + b"><si>" + nested + b"</si></sst>"
    # The text takes little room but unfolds well: keep it under the ratio.
    noise = b"".join(b"<!--%d-->" % (n * 7919 % 1_000_003) for n in range(60_000))
    return with_part("xl/sharedStrings.xml", text + noise)


def _shared_too_often() -> bytes:
    words = b"<sst " + SPACE + b"><si><t>" + b"x" * 60_000 + b"</t></si></sst>"
    rows = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 1000)
    )
    body = b"<worksheet " + SPACE + b"><sheetData>" + rows + b"</sheetData></worksheet>"

    def change(parts):
        parts["xl/sharedStrings.xml"], parts[SHEET] = words, body

    return rezipped(plain(), change)


def _truncated() -> bytes:
    data = plain()
    return data[: len(data) // 2]


def _flipped() -> bytes:
    data = bytearray(plain())
    at = data.find(b"xl/worksheets/sheet1.xml") + 60
    for n in range(at, at + 40):
        data[n] ^= 0xFF
    return bytes(data)


def _locked() -> bytes:
    data = bytearray(plain())
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


# What it is → how it is made, and what is said about it.
CORPUS = {
    "a bomb by ratio": (lambda: with_part("xl/a.xml", b" " * 10_000_000), "过大"),
    "a bomb by total": (_total, "过大"),
    "a directory that lies": (_lying, "Excel工作簿"),
    "too many members": (_with(**{f"xl__x{n}.xml": b"<x/>" for n in range(200)}), "内部结构"),
    "a billion laughs": (_laughs, "XML声明"),
    "a file from outside": (
        lambda: with_part(SHEET, b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'),
        "XML声明",
    ),
    "macros under another name": (_macro_in_disguise, "宏"),
    "links to other files": (
        lambda: with_part("xl/externalLinks/externalLink1.xml", b"<x/>"),
        "引用了别的文件",
    ),
    "a password": (_locked, "密码"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "旧格式"),
    "half a file": (_truncated, "Excel工作簿"),
    "bytes turned over": (_flipped, "Excel工作簿"),
    "a cell at the end of the world": (
        lambda: with_cells(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "太大",
    ),
    "two cells far apart": (_sparse, "太大"),
    "one text, a thousand cells": (_shared_too_often, "过大"),
    "a way out of the folder": (lambda: with_part("../../etc/cron.d/x", b"<x/>"), "文件名"),
    "a name from the root": (lambda: with_part("/etc/passwd", b"<x/>"), "文件名"),
}
DEEP = _deep
