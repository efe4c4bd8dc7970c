"""The papers that go into a package, made anew from what is frozen, byte for byte as they were:
results, minutes, the notice. What depends on the day it is made (memo, circular) stays outside."""

import tempfile
from pathlib import Path

from stars.actions.documents import contact_of
from stars.exports import minutes, notice, published
from stars.models import Minutes, Nomination, Publication, Round


def make(round_: Round) -> dict[str, bytes]:
    """Name → contents."""
    found = {}
    for edition in Publication.objects.filter(round=round_).order_by("edition"):
        found[f"评定结果-第{edition.edition}版.xlsx"] = _workbook(edition)
    for one in Minutes.objects.filter(meeting__round=round_).select_related("meeting"):
        found[f"部务会纪要-第{one.meeting.number}次.docx"] = minutes.word(one)
    placed = Nomination.objects.filter(round=round_, decision__placed=True)
    related = placed.select_related("star", "person", "section")
    order = ("star__position", "-kind", "person__sort_weight", "section__position", "pk")
    found["公示.docx"] = notice.word(round_, list(related.order_by(*order)), contact_of(round_))
    return found


def _workbook(edition: Publication) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.xlsx"
        published.write(edition, path, progress=lambda done, total: None)
        return path.read_bytes()
