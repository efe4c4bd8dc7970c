"""Names for rows that have no number of their own, so that the same row is known when it comes
again: SHA-256 of what it is about, and which of several such rows of one workbook it is.

What a later workbook may correct (lists of people, ratings, grades) is no part of the name.
"""

import hashlib
import json
from collections import Counter

from scheme.imports import cells


class Marker:
    """Names the rows of one sheet, from the top down."""

    def __init__(self):
        self._seen: Counter = Counter()

    def __call__(self, *parts) -> str:
        """Parts are texts, days, numbers; texts compare after NFKC and trimming."""
        words = [cells.plain(part if part is not None else "") for part in parts]
        text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
        self._seen[text] += 1
        return hashlib.sha256(f"{text}{self._seen[text]}".encode()).hexdigest()
