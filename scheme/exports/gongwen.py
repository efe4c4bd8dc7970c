"""What an official document is made of (GB/T 9704-2012), whatever it is written to: blocks, and how
their texts break. Documents are Chinese, whatever language their maker reads."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from math import ceil
from typing import NamedTuple


class Letterhead(NamedTuple):
    """版头: who issues, in red, and the document's number over the red rule. `signer`: 签发人, on
    what goes to a higher office."""

    name: str
    number: str = ""
    signer: str = ""


class Title(NamedTuple):
    text: str


class Addressed(NamedTuple):
    """主送."""

    text: str


class Heading(NamedTuple):
    """Levels 1 to 4: 一、 （一） 1. （1）"""

    text: str
    level: int = 1


class Paragraph(NamedTuple):
    text: str


class Table(NamedTuple):
    """Rows of texts. In `head`, an empty cell belongs to the one above it or, in the first row, to
    the one left of it. `align`: "l", "c" or "r" a column; centred where not said."""

    head: Sequence[Sequence[str]]
    rows: Sequence[Sequence[str]]
    align: str = ""
    caption: str = ""


class Enclosures(NamedTuple):
    """附件说明: the names of what is attached, below the text."""

    names: Sequence[str]


class Signed(NamedTuple):
    """落款 and the day; without a day the place for it stays open."""

    name: str
    day: date | None = None


class Annex(NamedTuple):
    """An attachment; it begins on a new page."""

    label: str
    title: str = ""


class Imprint(NamedTuple):
    """版记, at the foot of the last page."""

    copies: str
    issuer: str
    day: date | None = None


Block = (
    Letterhead
    | Title
    | Addressed
    | Heading
    | Paragraph
    | Table
    | Enclosures
    | Signed
    | Annex
    | Imprint
)

_ORDINAL = "[一二三四五六七八九十百]+"
_LEVELS = (
    (re.compile(rf"{_ORDINAL}、"), 1),
    (re.compile(rf"（{_ORDINAL}）"), 2),
)
# Longer than this, a numbered line is a paragraph that begins with its point.
LONGEST_HEADING = 40


def spelled(day: date) -> str:
    """成文日期: Arabic figures, no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def numbered(mark: str, year: int | None, serial: int | None) -> str:
    """文号: 泽组通〔2026〕3号, with room for what is not given yet."""
    return f"{mark}〔{year or '　　'}〕{serial or '　'}号" if mark else ""


def blocks_of(text: str) -> list[Block]:
    """Lines of a text as paragraphs, and as headings where they are numbered as such."""
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        level = next((n for pattern, n in _LEVELS if pattern.match(line)), 0)
        short = len(line) <= LONGEST_HEADING and not line.endswith("。")
        found.append(Heading(line, level) if level and short else Paragraph(line))
    return found


def characters(blocks: Iterable[Block]) -> int:
    """How long the text is, tables left out: what the 5,000 of a circular are counted in."""
    return sum(len(b.text) for b in blocks if isinstance(b, (Title, Addressed, Heading, Paragraph)))


def em(text: str) -> float:
    """About how wide a text is, in characters of its own size."""
    return sum(1.0 if ord(character) > 0x2E80 else 0.5 for character in text)


# Words that a line of a title does not part.
_WHOLE = (
    *("关于", "通报", "通知", "请示", "纪要", "公示", "决定", "意见", "情况", "工作", "重点"),
    *("推进", "信息", "采用", "任务", "季度", "评比", "组织", "干部", "核验", "申报", "积分"),
    *("落实", "管理", "活动", "会议", "机关", "年度", "上半年", "下半年"),
)
_NOT_FIRST = set("的、，。；：》）〕”号年月日等")
_NOT_LAST = set("《（〔“第")
_SETS = re.compile(r"[0-9A-Za-z.]+年?|《[^》]*》|（[^）]*）")


def _breaks(text: str) -> list[int]:
    """Where a title may break: between words, as far as that can be told."""
    barred = set()
    for match in _SETS.finditer(text):
        barred |= set(range(match.start() + 1, match.end()))
    for word in _WHOLE:
        for match in re.finditer(word, text):
            barred |= set(range(match.start() + 1, match.end()))
    return [
        at
        for at in range(2, len(text) - 1)
        if at not in barred and text[at] not in _NOT_FIRST and text[at - 1] not in _NOT_LAST
    ]


def title_lines(text: str, room: int = 19) -> list[str]:
    """A title in lines of about one length, the last not the shortest by far: a trapezoid. Line
    breaks that its writer set are kept."""
    if "\n" in text:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if em(text) <= room:
        return [text]
    ideal = em(text) / ceil(em(text) / room)
    places = [at for at in _breaks(text) if em(text[:at]) <= room]
    if not places:
        places = [room]
    at = min(places, key=lambda place: abs(em(text[:place]) - ideal))
    return [text[:at], *title_lines(text[at:], room)]


class Head(NamedTuple):
    """A cell of a table's head, and how far it reaches."""

    text: str
    across: int
    down: int


def heads(head: Sequence[Sequence[str]]) -> list[list[Head]]:
    """The heads of a table with what their empty neighbours leave them (see `Table`)."""
    rows, last = [], len(head) - 1
    for level, texts in enumerate(head):
        row = []
        for at, text in enumerate(texts):
            if not text:
                continue
            across = down = 1
            while level == 0 and at + across < len(texts) and not texts[at + across]:
                across += 1
            while across == 1 and level + down <= last and not head[level + down][at]:
                down += 1
            row.append(Head(text, across, down))
        rows.append(row)
    return rows
