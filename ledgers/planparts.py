"""The text of a report or of key points, taken apart into headings and items as offices number
them: 一、 the part, （一） or 1. the item, whatever else belongs to the item before."""

import re
from typing import NamedTuple

from ledgers.models import PlanItem

_DIGITS = "一二三四五六七八九十百"
_PART = re.compile(rf"^([{_DIGITS}]{{1,4}})、\s*(.+)$")
_ITEM = re.compile(
    rf"^(?:[（(]([{_DIGITS}]{{1,4}})[）)]|([0-9]{{1,3}})(?:[.．](?![0-9])|、)"
    rf"|[（(]([0-9]{{1,3}})[）)])\s*(.+)$"
)
NUMBER, HEADING, TEXT = (
    PlanItem._meta.get_field(name).max_length for name in ("number", "heading", "text")
)


class Part(NamedTuple):
    number: str
    heading: str
    text: str


class Split(NamedTuple):
    """`intro`: what stands before the first number."""

    intro: str
    parts: list[Part]


def split(text: str) -> Split:
    """Without a single number every paragraph is an item."""
    lines = [line.strip() for line in text.replace("\u3000", " ").splitlines()]
    lines = [line for line in lines if line]
    if not any(_PART.match(line) or _ITEM.match(line) for line in lines):
        return Split("", [Part(str(n), "", line[:TEXT]) for n, line in enumerate(lines, 1)])
    intro: list[str] = []
    parts: list[Part] = []
    number = heading = ""
    # A part without items of its own is an item itself.
    bare = False
    kind = ""
    for line in lines:
        if found := _PART.match(line):
            parts += _bare(number, heading, bare)
            number, heading, bare, kind = found[1], found[2], True, ""
        elif (found := _ITEM.match(line)) and kind in ("", _kind(found)):
            kind, bare = _kind(found), False
            own = next(filter(None, found.groups()[:3]))
            mark = f"（{own}）" if line[0] in "（(" else own
            parts.append(Part(f"{number}{mark}", heading.rstrip("。"), found[4]))
        elif bare:
            parts.append(Part(number, heading.rstrip("。"), line))
            bare = False
        elif parts:
            last = parts[-1]
            parts[-1] = last._replace(text=f"{last.text}\n{line}")
        else:
            intro.append(line)
    parts += _bare(number, heading, bare)
    fitted = [Part(p.number[:NUMBER], p.heading[:HEADING], p.text[:TEXT]) for p in parts]
    return Split("\n".join(intro), fitted)


def _bare(number: str, heading: str, bare: bool) -> list[Part]:
    return [Part(number, "", heading)] if bare else []


def _kind(found: re.Match) -> str:
    """Below the numbers that a part begins with, others are steps within an item."""
    return ("chinese", "plain", "bracketed")[[bool(g) for g in found.groups()[:3]].index(True)]
