"""The papers that go into a package, as an office would file them: made anew from what is frozen,
byte for byte as on the day they were first made."""

import tempfile
from pathlib import Path

from stars.exports import published
from stars.models import Publication, Round


def make(round_: Round) -> dict[str, bytes]:
    """Name → contents. One workbook for each edition of the result."""
    found = {}
    for edition in Publication.objects.filter(round=round_).order_by("edition"):
        found[f"评定结果-第{edition.edition}版.xlsx"] = _workbook(edition)
    return found


def _workbook(edition: Publication) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.xlsx"
        published.write(edition, path, progress=lambda done, total: None)
        return path.read_bytes()
