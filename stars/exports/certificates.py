"""Certificates as PDF: A4 across, one a page, with room for the seal and never an image of one.

The same certificates make the same bytes: the date of the file is that of the award.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import noto_cjk_sans_otc
from fpdf import FPDF

from stars.certificates import Certificate

FONT = Path(noto_cjk_sans_otc.__file__).parent / "NotoSansCJK-Regular.ttc"
# The face of simplified Chinese within the collection.
SIMPLIFIED = 2
WIDTH, HEIGHT = 297, 210
INK, SOFT, GOLD, RED = (38, 34, 30), (110, 104, 96), (176, 137, 62), (166, 32, 28)
# It would tell of every glyph.
logging.getLogger("fontTools").setLevel(logging.WARNING)
# Left and width of the text, and of the lower right corner, which is left to the seal.
LEFT, TEXT = 38, 221
SEAL_LEFT, SEAL_WIDTH = 172, 87


def write(certificates: Iterable[Certificate]) -> bytes:
    certificates = list(certificates)
    pdf = FPDF("landscape", "mm", "A4")
    made = datetime.fromisoformat(certificates[0].awarded_on).replace(tzinfo=UTC)
    pdf.set_creation_date(made)
    pdf.set_title("、".join(one.number for one in certificates[:3]))
    pdf.set_lang("zh-CN")
    pdf.set_auto_page_break(False)
    pdf.add_font("han", fname=FONT, collection_font_number=SIMPLIFIED)
    for one in certificates:
        pdf.add_page()
        _frame(pdf)
        _body(pdf, one)
        if one.revoked:
            _revoked(pdf)
    return bytes(pdf.output())


def _frame(pdf: FPDF) -> None:
    pdf.set_draw_color(*GOLD)
    for inset, width in ((11, 1.1), (14, 0.3)):
        pdf.set_line_width(width)
        pdf.rect(inset, inset, WIDTH - 2 * inset, HEIGHT - 2 * inset)


def _text(pdf: FPDF, y: float, size: float, text: str, *, align="C", colour=INK, **box) -> None:
    pdf.set_text_color(*colour)
    pdf.set_font("han", size=size)
    pdf.set_xy(box.get("x", LEFT), y)
    pdf.multi_cell(box.get("w", TEXT), size * 0.62, text, align=align, wrapmode="CHAR")


def _body(pdf: FPDF, one: Certificate) -> None:
    _text(pdf, 27, 38, "亮 星 证 书", colour=RED)
    _text(pdf, 50, 11, one.number, colour=SOFT)
    _text(pdf, 64, 20, _recipient(one), align="L")
    _text(pdf, 80, 15, _reason(one), align="L")
    pdf.set_char_spacing(6)
    _text(pdf, 119, 34, one.star, colour=RED)
    pdf.set_char_spacing(0)
    _text(pdf, 143, 12, "望珍惜荣誉，继续争创，以实绩亮星。", colour=SOFT)
    _text(pdf, 164, 15, one.unit, x=SEAL_LEFT, w=SEAL_WIDTH)
    _text(pdf, 175, 14, _day(one.awarded_on), x=SEAL_LEFT, w=SEAL_WIDTH)
    _text(pdf, 177, 9, f"核验码　{one.code}", align="L", colour=SOFT, w=100)


def _recipient(one: Certificate) -> str:
    if one.kind == "section":
        return f"{one.name}："
    return f"{one.name}同志（{one.section}{'　' + one.post if one.post else ''}）："


def _reason(one: Certificate) -> str:
    half = f"{one.half[:4]}年{'上' if one.half.endswith('1') else '下'}半年"
    line = one.line.rstrip("。！？…")
    deed = f"{line}。" if line else ""
    return f"　　{deed}经科室推星、支部评星、部务会定星并公示，在{half}评星中被评定为"


def _day(iso: str) -> str:
    day = datetime.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def _revoked(pdf: FPDF) -> None:
    """Across the page, so that no copy of the paper can do without it."""
    pdf.set_text_color(*RED)
    pdf.set_font("han", size=72)
    with pdf.rotation(24, WIDTH / 2, HEIGHT / 2), pdf.local_context(fill_opacity=0.5):
        pdf.set_xy(LEFT, HEIGHT / 2 - 16)
        pdf.cell(TEXT, 32, "已 撤 销", align="C")
    _text(pdf, 18, 11, "存档副本，不作证明", colour=RED)
