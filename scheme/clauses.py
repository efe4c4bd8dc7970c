"""The text of a regulation taken apart: chapters, clauses, and what search looks for in them.

A leaf. `第十条之一` is number 10, sub 1. A text without any 条 is numbered by its 一、 二、.
"""

import re
from typing import NamedTuple

from django.utils.translation import gettext as _

from scheme.errors import Refused

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100}
N = "[零〇一二三四五六七八九十百两0-9０-９]{1,7}"
HEADING = re.compile(rf"第({N})([编章节])(?=[\s　]|$)")
CLAUSE = re.compile(rf"第({N})条(?:之({N}))?(?![款项第、的]|规定)[\s　:：]*")
ITEM = re.compile(rf"({N})、[\s　]*")
# （一） begins an item, which belongs to the paragraph above it.
ENUMERATED = re.compile(rf"[（(]{N}[）)]|\d{{1,2}}[.．、]")
LONGEST = 200_000
MOST = 999


class Piece(NamedTuple):
    kind: str  # heading, clause, plain
    label: str
    number: int
    sub: int
    text: str


def number_of(word: str) -> int:
    """十二 → 12; 一百零三 → 103; 12 → 12; 二十 → 20."""
    word = word.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    if word.isdigit() and word.isascii():
        return int(word)
    total = digit = 0
    for character in word:
        if character in UNITS:
            total += (digit or 1) * UNITS[character]
            digit = 0
        else:
            # 一二 read as figures, as in a year, is twelve.
            digit = digit * 10 + DIGITS.get(character, 0)
    return total + digit


def numeral(number: int) -> str:
    """12 → 十二; the way clauses are numbered, up to 999."""
    words = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{words[hundreds]}百" if hundreds else ""
    if tens:
        said += ("" if tens == 1 and not hundreds else words[tens]) + "十"
    elif hundreds and ones:
        said += "零"
    return said + (words[ones] if ones or not number else "")


def label_of(number: int, sub: int = 0) -> str:
    said = f"第{numeral(number)}条"
    return said + (f"之{numeral(sub)}" if sub else "")


def clean(text: str) -> str:
    """As it is kept: no NUL, single line ends, no blank ends."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    lines = [line.strip() for line in text.split("\n")]
    return "\n".join(line for line in lines if line)


def parse(text: str) -> list[Piece]:
    """Raises Refused where a text cannot be cited: no clause at all, or one number twice."""
    if len(text) > LONGEST:
        raise Refused(_("全文太长，请分成几项制度。"), field="text")
    lines = clean(text).split("\n") if clean(text) else []
    starts = CLAUSE if any(CLAUSE.match(line) for line in lines) else ITEM
    pieces: list[Piece] = []
    for line in lines:
        if heading := HEADING.match(line):
            rest = line[heading.end() :].strip()
            pieces.append(Piece("heading", heading[0], 0, 0, rest or heading[0]))
        elif found := starts.match(line):
            number = number_of(found[1])
            sub = number_of(found[2]) if found.re is CLAUSE and found[2] else 0
            if not 0 < number <= MOST or sub > MOST:
                raise Refused(_("条号读不懂：%(line)s") % {"line": line[:20]}, field="text")
            pieces.append(
                Piece("clause", found[0].strip(" \t　:：、"), number, sub, line[found.end() :])
            )
        elif pieces and pieces[-1].kind == "clause":
            last = pieces[-1]
            pieces[-1] = last._replace(text=f"{last.text}\n{line}" if last.text else line)
        else:
            pieces.append(Piece("plain", "", 0, 0, line))
    _check(pieces)
    return pieces


def _check(pieces: list[Piece]) -> None:
    found = [piece for piece in pieces if piece.kind == "clause"]
    if not found:
        raise Refused(_("没有读到条款。每条另起一行，以“第一条”或“一、”开头。"), field="text")
    seen = set()
    for piece in found:
        if (piece.number, piece.sub) in seen:
            raise Refused(_("%(label)s出现了两次。") % {"label": piece.label}, field="text")
        if not piece.text:
            raise Refused(_("%(label)s没有正文。") % {"label": piece.label}, field="text")
        seen.add((piece.number, piece.sub))


def gaps(pieces) -> list[str]:
    """Where the numbering jumps; often a line the paste has swallowed. For people to look at."""
    found, before = [], 0
    for piece in pieces:
        if piece.kind != "clause":
            continue
        if piece.number not in (before, before + 1) or (piece.number == before and not piece.sub):
            found.append(piece.label)
        before = piece.number
    return found


def paragraphs(text: str) -> list[list[str]]:
    """The 款 of a clause, each with its items below it."""
    found: list[list[str]] = []
    for line in text.split("\n"):
        if found and ENUMERATED.match(line):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def grams(text: str) -> list[str]:
    """Single characters and neighbouring pairs, without spaces and marks, sorted."""
    found = set()
    for run in re.findall(r"\w+", text.lower()):
        found |= set(run) | {run[n : n + 2] for n in range(len(run) - 1)}
    return sorted(found)


def needed(word: str) -> list[str]:
    """The grams a text must hold to hold the word; of a single character, itself."""
    found = set()
    for run in re.findall(r"\w+", word.lower()):
        found |= {run[n : n + 2] for n in range(len(run) - 1)} or {run}
    return sorted(found)
