"""Texts as people write them, one matter after the other, taken apart into lines."""

import re

# "1." and "2、" begin a matter; "1.5万" does not.
_NUMBER = r"(?:[(（]?\d{1,2}(?:[)）、]|[.．](?!\d)))"
_LEADING = re.compile(rf"^\s*{_NUMBER}\s*")
_BREAK = re.compile(rf"[；;\r\n]+|(?<=[。\s])(?={_NUMBER})")


def matters(text: str) -> list[str]:
    """Parts separated by ；, line breaks or numbers, without the separators and numbers."""
    parts = [_LEADING.sub("", part).strip() for part in _BREAK.split(text)]
    parts = [part for part in parts if part]
    return [part.rstrip("。") for part in parts] if len(parts) > 1 else parts
