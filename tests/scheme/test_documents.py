"""Official documents as Word files: the geometry and the fonts of GB/T 9704, read back."""

import io
import re
import zipfile
from datetime import date, timedelta

import docx
import pytest
from docx.oxml.ns import qn

from scheme import clock
from scheme.exports import documents
from scheme.exports.gongwen import (
    Addressed,
    Annex,
    Enclosures,
    Heading,
    Imprint,
    Letterhead,
    Paragraph,
    Signed,
    Table,
    Title,
    blocks_of,
    characters,
    em,
    heads,
    numbered,
    spelled,
    title_lines,
)

MADE = clock.at(date(2026, 6, 3), 9)
HEAD = [["科室", "申报", "", "在办"], ["", "项", "分", ""]]
BLOCKS = [
    Letterhead("中共泽川市委组织部", "泽组通〔2026〕3号"),
    Title("关于2026年二季度积分申报、核验和各科室积分比较情况的通报"),
    Addressed("各科室："),
    Heading("一、总体情况", 1),
    Heading("（一）任务", 2),
    Heading("1.办结", 3),
    Paragraph("全年50项，办结12项。\x07"),
    Table(HEAD, [["干部一科", "2", "3.5", "0"], ["干部二科", "0", "0", "1"]], "lrrr", "各科室情况"),
    Enclosures(["名单", "说明"]),
    Signed("中共泽川市委组织部", date(2026, 6, 3)),
    Annex("附件1", "名单"),
    Paragraph("略"),
    Imprint("部领导", "泽川市委组织部办公室", date(2026, 6, 3)),
]


@pytest.fixture(scope="module")
def made():
    content = documents.build(BLOCKS, title="通报", made=MADE)
    return content, docx.Document(io.BytesIO(content))


def said(document, text):
    return next(line for line in document.paragraphs if text in line.text)


def font(line, at=0):
    fonts = line.runs[at]._r.rPr.rFonts
    return fonts.get(qn("w:eastAsia")), fonts.get(qn("w:ascii")), line.runs[at].font.size.pt


def test_the_page_is_that_of_the_standard(made):
    _content, document = made
    page = document.sections[0]
    millimetres = [
        round(side.mm)
        for side in (
            page.page_width,
            page.page_height,
            page.top_margin,
            page.bottom_margin,
            page.left_margin,
            page.right_margin,
        )
    ]
    assert millimetres == [210, 297, 37, 35, 28, 26]
    grid = page._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    pitch = int(grid.get(qn("w:linePitch")))
    height = page.page_height - page.top_margin - page.bottom_margin
    assert height // 635 // pitch == 22
    character = 16 + int(grid.get(qn("w:charSpace"))) / 4096
    width = page.page_width - page.left_margin - page.right_margin
    assert width / 12700 / character == pytest.approx(28, abs=0.01)
    normal = document.styles["Normal"]
    assert normal.paragraph_format.line_spacing.pt == pytest.approx(pitch / 20)
    assert normal.font.size.pt == 16


def test_each_level_has_its_face_and_figures_are_latin(made):
    _content, document = made
    faces = {
        "中共泽川市委组织部": ("方正小标宋简体", 48),
        "一、总体情况": ("黑体", 16),
        "（一）任务": ("楷体_GB2312", 16),
        "1.办结": ("仿宋_GB2312", 16),
        "全年50项": ("仿宋_GB2312", 16),
        "附件1": ("黑体", 16),
    }
    for text, (face, size) in faces.items():
        assert font(said(document, text)) == (face, "Times New Roman", size), text
    body = said(document, "全年50项")
    assert body._p.pPr.ind.get(qn("w:firstLineChars")) == "200"
    assert body.text == "全年50项，办结12项。"
    assert said(document, "附件1").paragraph_format.page_break_before
    assert [line.text for line in document.paragraphs if "各科室：" in line.text] == ["各科室："]


def test_the_title_is_broken_between_words_and_centred(made):
    _content, document = made
    lines = [line for line in document.paragraphs if line.runs and font(line)[2] == 22]
    assert [line.text for line in lines] == [
        "关于2026年二季度积分申报、",
        "核验和各科室积分比较情况的通报",
        "名单",
    ]
    assert {line.alignment for line in lines} == {1}


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于印发《细则》的通知", ["关于印发《细则》的通知"]),
        ("甲\n 乙 ", ["甲", "乙"]),
        ("字" * 40, ["字" * 13, "字" * 13, "字" * 14]),
        ("9" * 80, ["9" * 19, "9" * 19, "9" * 19, "9" * 23]),
    ],
)
def test_titles_break_where_they_may(title, lines):
    assert title_lines(title) == lines


def test_the_day_stands_four_characters_from_the_right_and_the_name_over_it(made):
    _content, document = made
    day = next(line for line in document.paragraphs if line.text == "2026年6月3日")
    name = document.paragraphs[[p.text for p in document.paragraphs].index(day.text) - 1]
    assert day._p.pPr.ind.get(qn("w:rightChars")) == "400" and day.alignment == 2
    right = int(name._p.pPr.ind.get(qn("w:rightChars"))) / 100
    assert right + em(name.text) / 2 == pytest.approx(4 + em(day.text) / 2)


def test_page_numbers_between_dashes_odd_right_even_left(made):
    _content, document = made
    assert document.settings.odd_and_even_pages_header_footer
    page = document.sections[0]
    for footer, side, key in ((page.footer, 2, "right"), (page.even_page_footer, 0, "left")):
        line = footer.paragraphs[0]
        assert line.alignment == side and line._p.pPr.ind.get(qn(f"w:{key}Chars")) == "100"
        assert line.text == "—  —" and font(line) == ("宋体", "宋体", 14)
        assert [one.text for one in line._p.iter(qn("w:instrText"))] == ["PAGE"]


def test_tables_say_their_heads_on_every_page_and_join_them(made):
    _content, document = made
    table = document.tables[0]
    rows = [row._tr.trPr for row in table.rows]
    assert [row.find(qn("w:tblHeader")) is not None for row in rows] == [True, True, False, False]
    assert all(row.find(qn("w:cantSplit")) is not None for row in rows)
    assert table.cell(0, 0)._tc is table.cell(1, 0)._tc and table.cell(0, 0).text == "科室"
    assert table.cell(0, 1)._tc is table.cell(0, 2)._tc and table.cell(1, 2).text == "分"
    assert table.cell(2, 2).paragraphs[0].alignment == 2
    borders = table._tbl.tblPr.find(qn("w:tblBorders"))
    assert {one.get(qn("w:val")) for one in borders} == {"single"} and len(borders) == 6
    width = sum(int(one.get(qn("w:w"))) for one in table._tbl.tblGrid)
    assert documents.WIDTH - 10 < width <= documents.WIDTH


def test_what_programs_are_strict_about_is_in_its_order(made):
    """Word refuses a file whose table properties stand in another order."""
    _content, document = made
    for table in document.tables:
        names = [one.tag.rpartition("}")[2] for one in table._tbl.tblPr]
        order = list(documents._OF_TABLE)
        assert names == sorted(names, key=order.index)


def test_the_imprint_is_held_at_the_foot(made):
    _content, document = made
    place = document.tables[-1]._tbl.tblPr.find(qn("w:tblpPr"))
    assert place.get(qn("w:tblpYSpec")) == "bottom"
    texts = [row.cells[0].text for row in document.tables[-1].rows]
    assert texts == ["抄送：部领导", "泽川市委组织部办公室\t2026年6月3日印发"]


def test_the_same_content_gives_the_same_bytes_and_refers_to_nothing(made):
    content, document = made
    assert documents.build(BLOCKS, title="通报", made=MADE) == content
    later = documents.build(BLOCKS, title="通报", made=MADE + timedelta(days=1))
    assert later != content
    assert document.core_properties.created.isoformat() == "2026-06-03T01:00:00+00:00"
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            assert not re.search(r"vba|macro|embed|font\d|thumbnail|\.jpe?g", name), name
            assert b'TargetMode="External"' not in parts.read(name)


def test_what_is_not_there_yet_leaves_its_room():
    blocks = [
        Letterhead("部", "泽组字〔2026〕1号", signer="周某"),
        Title("请示"),
        Table([["一", "二", "三"]], [], "", ""),
        Enclosures(["名单"]),
        Signed("某某"),
        Annex("附件"),
        Imprint("", "办公室"),
    ]
    content = documents.build(blocks, title="x", made=MADE)
    document = docx.Document(io.BytesIO(content))
    assert said(document, "签发人：").runs[-1].text == "周某"
    assert font(said(document, "签发人："), -1)[0] == "楷体_GB2312"
    assert any(line.text.endswith("年　　月　　日") for line in document.paragraphs)
    assert said(document, "附件：").text == "附件：名单"
    assert [row.cells[0].text for row in document.tables[-1].rows] == ["办公室"]
    with pytest.raises(TypeError):
        documents.build(["text"], title="x", made=MADE)


def test_words():
    assert spelled(date(2026, 6, 3)) == "2026年6月3日"
    assert numbered("泽组通", 2026, 3) == "泽组通〔2026〕3号"
    assert numbered("", 2026, 3) == "" and numbered("泽", None, None) == "泽〔　　〕　号"
    text = "一、总体\n（一）任务\n\n 正文。 \n二、这一段写成一句话。"
    assert blocks_of(text) == [
        Heading("一、总体", 1),
        Heading("（一）任务", 2),
        Paragraph("正文。"),
        Paragraph("二、这一段写成一句话。"),
    ]
    assert characters([Title("甲乙"), Paragraph("丙。"), Table([["丁"]], [])]) == 4
    assert heads(HEAD) == [
        [("科室", 1, 2), ("申报", 2, 1), ("在办", 1, 2)],
        [("项", 1, 1), ("分", 1, 1)],
    ]
