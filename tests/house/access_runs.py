"""The run page and the archive in the table of routes."""

from pathlib import Path

from django.conf import settings

from scheme import clock
from stars.models import RoundArchive


def build(d) -> None:
    """What its rows need besides the world of access_world.py."""


def _archive(side):
    """A package of the published round; what is in the file is nobody's business here."""
    folder = Path(settings.FILES_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"archive-{side.round.published.pk}.zip"
    (folder / name).write_bytes(b"PK")
    row, _made = RoundArchive.objects.get_or_create(
        round=side.round.published,
        edition=1,
        defaults={
            "file": name,
            "sha256": "0" * 64,
            "root": "0" * 64,
            "made_by": side.people["personnel"],
            "made_at": clock.now(),
        },
    )
    return row


TARGETS = {
    "archive": lambda w: _archive(w.here),
    "archive.unit": lambda w: _archive(w.there),
}
BODIES = {
    "stars:round_remind": lambda w, t: {"seen": getattr(t, "version", 0)},
}
TABLE = """
stars:round_run             preparing                    GET  LFFFFFFNN.FFFFNL
stars:round_run             nominating                   GET  LFFFFFF...FFFFNL
stars:round_run             at_branch                    GET  LFFFFFF...FFFFNL
stars:round_run             at_committee                 GET  LFFFFFF...FFFFNL
stars:round_run             publicity                    GET  LFFFFFF...FFFFNL
stars:round_run             published                    GET  LFFFFFF...FFFFNL
stars:round_run             published.unit               GET  LFFFFFFNNNFFFF.L
stars:round_run             nowhere                      GET  LFFFFFFNNNFFFFNL

stars:round_remind          at_branch                    GET  LFFFFFFFFMFFFFML
stars:round_remind          at_branch                    POST LFFFFFFFFRFFFFNL
stars:round_remind          publicity                    POST LFFFFFFFFUFFFFNL
stars:round_remind          at_branch.unit               POST LFFFFFFFFNFFFFRL
stars:round_remind          nowhere                      POST LFFFFFFFFNFFFFNL

stars:round_archive         published                    GET  LFFFFFF...FFFFNL
stars:round_archive         publicity                    GET  LFFFFFFNNNFFFFNL
stars:round_archive         published.unit               GET  LFFFFFFNNNFFFF.L
stars:round_archive         nowhere                      GET  LFFFFFFNNNFFFFNL

stars:round_archive_make    published                    GET  LFFFFFFFFMFFFFML
stars:round_archive_make    published                    POST LFFFFFFFFRFFFFNL
stars:round_archive_make    publicity                    POST LFFFFFFFFUFFFFNL
stars:round_archive_make    published.unit               POST LFFFFFFFFNFFFFRL
stars:round_archive_make    nowhere                      POST LFFFFFFFFNFFFFNL

stars:archive_file          archive                      GET  LFFFFFF...FFFFNL
stars:archive_file          archive.unit                 GET  LFFFFFFNNNFFFF.L
stars:archive_file          nowhere                      GET  LFFFFFFNNNFFFFNL
"""
