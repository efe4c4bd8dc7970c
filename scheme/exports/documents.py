"""Official documents as Word files: the blocks of gongwen.py on A4, 22 lines of 28 characters.

Fonts are named, not shipped: the office's machines have them, others fall back. The same blocks and
moment give the same bytes; a file has no macro and refers to nothing outside itself.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import singledispatchmethod

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor, Twips

from scheme.exports.gongwen import (
    Addressed,
    Annex,
    Block,
    Enclosures,
    Heading,
    Imprint,
    Letterhead,
    Paragraph,
    Signed,
    Table,
    Title,
    em,
    spelled,
    title_lines,
)
from scheme.exports.sheets import EPOCH
from scheme.exports.sheets import text as safe

# Twips: 37, 26, 35 and 28 mm on A4; 22 lines make the 225 mm between them, 28 characters the 156.
PAGE = (11906, 16838)
TOP, RIGHT, BOTTOM, LEFT = 2098, 1474, 1984, 1587
WIDTH = PAGE[0] - LEFT - RIGHT
LINE = 579
CHARACTER = WIDTH / 28
SPACE = round((CHARACTER / 20 - 16) * 4096)
# Sizes in points: 三号, 二号, 四号, 小四, 五号.
BODY, TITLE, SMALL, SMALLER, SMALLEST = 16, 22, 14, 12, 10.5
FANGSONG, HEITI, KAITI, SONGTI = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
BIAOSONG, LATIN = "方正小标宋简体", "Times New Roman"
RED = RGBColor(0xE6, 0x00, 0x12)
FONT_OF_LEVEL = {1: HEITI, 2: KAITI}
ALIGN = {
    "l": WD_ALIGN_PARAGRAPH.LEFT,
    "c": WD_ALIGN_PARAGRAPH.CENTER,
    "r": WD_ALIGN_PARAGRAPH.RIGHT,
}


def build(blocks: Iterable[Block], *, title: str, made: datetime) -> bytes:
    """The document as a .docx file."""
    return Writer(title, made).write(blocks)


def _element(name: str, **attributes) -> OxmlElement:
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def _fonts(properties, font: str, latin: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for key, name in (("ascii", latin), ("hAnsi", latin), ("eastAsia", font), ("cs", latin)):
        fonts.set(qn(f"w:{key}"), name)
    # Quotation marks and dashes are Chinese unless this says nothing.
    fonts.set(qn("w:hint"), "eastAsia")


class Writer:
    def __init__(self, title: str, made: datetime):
        self.file = docx.Document()
        self._leave_out_the_template_s_picture()
        self._properties(title, made)
        self._page()
        self._styles()

    def write(self, blocks: Iterable[Block]) -> bytes:
        for block in blocks:
            self.put(block)
        raw = io.BytesIO()
        self.file.save(raw)
        return _packed(raw)

    # --- What a page is

    def _leave_out_the_template_s_picture(self) -> None:
        relations = self.file.part.package.rels
        for key, relation in list(relations.items()):
            if relation.reltype == RELATIONSHIP_TYPE.THUMBNAIL:
                del relations[key]

    def _properties(self, title: str, made: datetime) -> None:
        about = self.file.core_properties
        about.author = about.last_modified_by = "亮星"
        about.title, about.comments, about.keywords = safe(title)[:255], "", ""
        about.created = about.modified = made.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        about.revision = 1

    def _page(self) -> None:
        self.file.settings.odd_and_even_pages_header_footer = True
        page = self.file.sections[0]
        page.page_width, page.page_height = Twips(PAGE[0]), Twips(PAGE[1])
        page.top_margin, page.bottom_margin = Twips(TOP), Twips(BOTTOM)
        page.left_margin, page.right_margin = Twips(LEFT), Twips(RIGHT)
        page.header_distance = Twips(1134)
        # The number stands 7 mm below the text.
        page.footer_distance = Twips(BOTTOM - 397 - 280)
        grid = page._sectPr.find(qn("w:docGrid"))
        if grid is None:
            grid = _element("w:docGrid")
            page._sectPr.append(grid)
        for key, value in (("type", "linesAndChars"), ("linePitch", LINE), ("charSpace", SPACE)):
            grid.set(qn(f"w:{key}"), str(value))
        self._number(page.footer, "right")
        self._number(page.even_page_footer, "left")

    def _number(self, footer, side: str) -> None:
        """— 1 —, odd pages right and even ones left, a character from the edge."""
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.style = self.file.styles["Normal"]
        line.alignment = ALIGN[side[0]]
        self._indent(line, **{side: 1}, size=SMALL)
        page = _element("w:instrText")
        page.text = "PAGE"
        begin, end = (_element("w:fldChar", fldCharType=kind) for kind in ("begin", "end"))
        for what in ("— ", begin, page, end, " —"):
            is_text = isinstance(what, str)
            run = self._run(line, what if is_text else "", SONGTI, SMALL, latin=SONGTI)
            if not is_text:
                run._r.append(what)

    def _styles(self) -> None:
        normal = self.file.styles["Normal"]
        normal.font.size = Pt(BODY)
        _fonts(normal.element.get_or_add_rPr(), FANGSONG, LATIN)
        kind = normal.paragraph_format
        kind.line_spacing_rule, kind.line_spacing = WD_LINE_SPACING.EXACTLY, Twips(LINE)
        kind.space_before = kind.space_after = Pt(0)
        kind.widow_control = False
        for language in self.file.styles.element.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")

    # --- Pieces of a line

    def _run(self, line, text, font=FANGSONG, size=BODY, *, latin=LATIN, colour=None):
        run = line.add_run(safe(text))
        run.font.size = Pt(size)
        if colour is not None:
            run.font.color.rgb = colour
        _fonts(run._r.get_or_add_rPr(), font, latin)
        return run

    def _indent(self, line, *, first=0.0, left=0.0, right=0.0, size=BODY) -> None:
        """In characters, and in twips for programs that do not know them."""
        wide = CHARACTER if size == BODY else size * 20
        ind = line._p.get_or_add_pPr().get_or_add_ind()
        for key, count in (("firstLine", first), ("left", left), ("right", right)):
            if count:
                ind.set(qn(f"w:{key}Chars"), str(round(count * 100)))
                ind.set(qn(f"w:{key}"), str(round(count * wide)))

    def _line(self, text="", font=FANGSONG, size=BODY, *, align="", **indent):
        line = self.file.add_paragraph()
        if text:
            self._run(line, text, font, size)
        if align:
            line.alignment = ALIGN[align]
        self._indent(line, **indent)
        return line

    def _blank(self, lines: int = 1) -> None:
        for _n in range(lines):
            self._line()

    # --- Blocks

    @singledispatchmethod
    def put(self, block) -> None:
        raise TypeError(type(block))

    @put.register
    def _letterhead(self, head: Letterhead) -> None:
        size = max(22, min(48, int(WIDTH / 20 / max(1, em(head.name)))))
        line = self._line(align="c")
        self._run(line, head.name, BIAOSONG, size, colour=RED)
        line.paragraph_format.line_spacing = Twips(LINE * (2 if size > 24 else 1))
        self._blank()
        if head.signer:
            line = self._line(head.number, left=1, right=1)
            line.paragraph_format.tab_stops.add_tab_stop(Twips(round(27 * CHARACTER)), 2)
            self._run(line, "\t签发人：")
            self._run(line, head.signer, KAITI)
        else:
            line = self._line(head.number, align="c")
        borders = _element("w:pBdr")
        borders.append(_element("w:bottom", val="single", sz=12, space=10, color="E60012"))
        line._p.get_or_add_pPr().insert_element_before(
            borders, "w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc"
        )
        self._blank(2)

    @put.register
    def _title(self, title: Title) -> None:
        for text in title_lines(title.text):
            self._line(text, BIAOSONG, TITLE, align="c").paragraph_format.keep_with_next = True
        self._blank()

    @put.register
    def _addressed(self, to: Addressed) -> None:
        self._line(f"{to.text.rstrip('：:')}：")

    @put.register
    def _heading(self, heading: Heading) -> None:
        font = FONT_OF_LEVEL.get(heading.level, FANGSONG)
        self._line(heading.text, font, first=2).paragraph_format.keep_with_next = True

    @put.register
    def _paragraph(self, paragraph: Paragraph) -> None:
        self._line(paragraph.text, first=2).alignment = WD_ALIGN_PARAGRAPH.JUSTIFY

    @put.register
    def _enclosures(self, enclosed: Enclosures) -> None:
        self._blank()
        for number, name in enumerate(enclosed.names, 1):
            label = "附件：" if number == 1 else "　　　"
            order = f"{number}." if len(enclosed.names) > 1 else ""
            self._line(f"{label}{order}{name}", first=2)

    @put.register
    def _signed(self, signed: Signed) -> None:
        """As under a seal: the day four characters from the right, the name centred over it."""
        self._blank(2)
        day = spelled(signed.day) if signed.day else "　　　　年　　月　　日"
        right = max(0.0, 4 + (em(day) - em(signed.name)) / 2)
        line = self._line(signed.name, align="r", right=right)
        line.paragraph_format.keep_with_next = True
        self._line(day, align="r", right=4)

    @put.register
    def _annex(self, annex: Annex) -> None:
        line = self._line(annex.label, HEITI)
        line.paragraph_format.page_break_before = True
        if annex.title:
            self._blank()
            self._title(Title(annex.title))

    @put.register
    def _table(self, table: Table) -> None:
        if table.caption:
            caption = self._line(table.caption, HEITI, SMALL, align="c")
            caption.paragraph_format.keep_with_next = True
        Grid(self, table).draw()
        self._blank()

    @put.register
    def _imprint(self, imprint: Imprint) -> None:
        """Held at the foot of the page by its frame, whatever stands above."""
        grid = self.file.add_table(0, 1)
        place = {"vertAnchor": "margin", "horzAnchor": "margin"}
        _set_of_table(grid, _element("w:tblpPr", **place, tblpXSpec="center", tblpYSpec="bottom"))
        thick, thin = {"val": "single", "sz": 8}, {"val": "single", "sz": 6}
        _borders(grid, top=thick, bottom=thick, insideH=thin)
        issued = f"\t{spelled(imprint.day)}印发" if imprint.day else ""
        for text in (imprint.copies and f"抄送：{imprint.copies}", imprint.issuer + issued):
            if text:
                cell = grid.add_row().cells[0]
                cell.width = Twips(WIDTH)
                line = cell.paragraphs[0]
                self._run(line, text, FANGSONG, SMALL)
                self._indent(line, left=1, right=1, size=SMALL)
                line.paragraph_format.tab_stops.add_tab_stop(Twips(WIDTH - 500), 2)
        last = self._line()
        last.paragraph_format.line_spacing = Pt(1)


def _borders(grid, **sides) -> None:
    found = _element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        if side in sides:
            found.append(_element(f"w:{side}", **sides[side], space=0, color="000000"))
    _set_of_table(grid, found)


# The order the format asks for.
_OF_TABLE = (
    *("tblStyle", "tblpPr", "tblOverlap", "tblStyleRowBandSize", "tblStyleColBandSize", "tblW"),
    *("jc", "tblCellSpacing", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook"),
)


def _set_of_table(grid, element) -> None:
    names = [qn(f"w:{name}") for name in _OF_TABLE]
    later = names[names.index(element.tag) + 1 :]
    properties = grid._tbl.tblPr
    for at, one in enumerate(properties):
        if one.tag in later:
            properties.insert(at, element)
            return
    properties.append(element)


class Grid:
    """A ruled table: heads said again on every page, rows not parted, columns as wide as their
    texts ask for."""

    def __init__(self, writer: Writer, table: Table):
        self.writer, self.table = writer, table
        self.columns = len(table.head[-1])
        self.size = SMALL if self.columns <= 5 else SMALLER if self.columns <= 8 else SMALLEST

    def draw(self) -> None:
        table = self.table
        grid = self.writer.file.add_table(0, self.columns)
        grid.alignment = WD_TABLE_ALIGNMENT.CENTER
        grid.autofit = False
        line = {"val": "single", "sz": 4}
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        _borders(grid, **dict.fromkeys(sides, line))
        margins = _element("w:tblCellMar")
        for side in ("left", "right"):
            margins.append(_element(f"w:{side}", w=50, type="dxa"))
        _set_of_table(grid, margins)
        widths = self._widths()
        for column, width in zip(grid.columns, widths, strict=True):
            column.width = Twips(width)
        for texts in table.head:
            self._row(grid, texts, widths, head=True)
        for texts in table.rows:
            self._row(grid, texts, widths)
        self._merge(grid)

    def _widths(self) -> list[int]:
        """By the widest text; heads may take two lines. All of them make the page's width."""
        asked = []
        for at in range(self.columns):
            body = max((em(row[at]) for row in self.table.rows), default=0)
            head = max(em(row[at]) for row in self.table.head)
            asked.append(min(14.0, max(2.5, body + 0.8, head / 2 + 0.8)))
        return [int(WIDTH * one / sum(asked)) for one in asked]

    def _row(self, grid, texts: Sequence[str], widths: Sequence[int], *, head=False) -> None:
        row = grid.add_row()
        properties = row._tr.get_or_add_trPr()
        properties.append(_element("w:cantSplit"))
        if head:
            properties.append(_element("w:tblHeader"))
        for at, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = Twips(widths[at])
            cell.vertical_alignment = 1
            line = cell.paragraphs[0]
            line.alignment = ALIGN["c" if head else (self.table.align[at : at + 1] or "c")]
            line.paragraph_format.line_spacing = Pt(self.size + 6)
            self.writer._run(line, text, HEITI if head else FANGSONG, self.size)

    def _merge(self, grid) -> None:
        head = self.table.head
        for at in range(self.columns):
            for below in range(len(head) - 1, 0, -1):
                if not head[below][at] and head[below - 1][at]:
                    self._join(grid.cell(below - 1, at), grid.cell(below, at))
        first, start = head[0], 0
        for at in range(1, self.columns + 1):
            if at < self.columns and not first[at]:
                continue
            if at - 1 > start:
                self._join(grid.cell(0, start), grid.cell(0, at - 1))
            start = at

    def _join(self, one, other) -> None:
        merged = one.merge(other)
        for line in merged.paragraphs[1:]:
            line._p.getparent().remove(line._p)


def _packed(raw: io.BytesIO) -> bytes:
    """The same parts with a fixed time each: a file is the same file whenever it is made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(raw) as parts, zipfile.ZipFile(packed, "w") as target:
        for part in parts.infolist():
            entry = zipfile.ZipInfo(part.filename, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, parts.read(part))
    return packed.getvalue()
