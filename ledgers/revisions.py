"""Two filings of a report side by side, with what changed marked to the character."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from django.utils.translation import gettext as _

# Words and numbers of the Latin kind stay whole; a Chinese character is a word by itself.
_WORD = re.compile(r"[A-Za-z0-9.%]+|\s+|.", re.DOTALL)
# Below this likeness two lines are two lines, not one that was mended.
_ALIKE = 0.4


class Piece(NamedTuple):
    text: str
    changed: bool


class Pair(NamedTuple):
    """What stands on the left and on the right; an empty side says nothing there."""

    left: list[Piece]
    right: list[Piece]

    @property
    def same(self) -> bool:
        return not any(piece.changed for piece in (*self.left, *self.right))


class Part(NamedTuple):
    head: str
    pairs: list[Pair]

    @property
    def same(self) -> bool:
        return all(pair.same for pair in self.pairs)


def compare(old: dict, new: dict) -> list[Part]:
    """The parts of a report, each with its lines in pairs. Bodies are those of `ReportEvent`."""
    parts = [Part(_("做了什么"), _pairs(_lines(old), _lines(new)))]
    for field, head in (("open_matters", _("没做完、要协调的")), ("plan", _("明天做什么"))):
        before, after = (body.get(field, "").split("\n") for body in (old, new))
        parts.append(Part(head, _pairs(before, after)))
    return [part for part in parts if any(pair.left or pair.right for pair in part.pairs)]


def _lines(body: dict) -> list[str]:
    found = []
    for line in body.get("lines", ()):
        text = line["text"]
        if line.get("number"):
            text = f"{line['number']} {text}"
        found.append(text if line["done"] else _("%(text)s（没做完）") % {"text": text})
    return found


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    found = []
    for what, a, b, c, d in matcher.get_opcodes():
        left, right = old[a:b], new[c:d]
        if what == "equal":
            found += [Pair(_whole(text, False), _whole(text, False)) for text in left]
            continue
        for n in range(max(len(left), len(right))):
            found += _mended(left[n] if n < len(left) else "", right[n] if n < len(right) else "")
    return found


def _mended(old: str, new: str) -> list[Pair]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    if not old or not new:
        return [Pair(_whole(old, True), _whole(new, True))]
    if matcher.ratio() < _ALIKE:
        return [Pair(_whole(old, True), []), Pair([], _whole(new, True))]
    left, right = [], []
    for what, a, b, c, d in matcher.get_opcodes():
        changed = what != "equal"
        left += _whole("".join(before[a:b]), changed)
        right += _whole("".join(after[c:d]), changed)
    return [Pair(left, right)]


def _whole(text: str, changed: bool) -> list[Piece]:
    return [Piece(text, changed)] if text else []
