"""The files of facts workbooks on their way in: kept while they are needed, and no longer."""

import hashlib
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from scheme.imports.archive import check_size
from scheme.models import Unit
from scoring.models import FactsUpload

State = FactsUpload.State
# Files nobody points to any more may still be on their way for so long.
GRACE_SECONDS = 3600


class Incoming(NamedTuple):
    path: Path
    sha256: str
    size: int

    def settle(self, upload: FactsUpload) -> None:
        """Into its place; the row is written in the same transaction."""
        self.path.replace(path_of(upload))


def path_of(upload: FactsUpload) -> Path:
    return Path(settings.FILES_ROOT) / upload.path


def errors_path_of(upload: FactsUpload) -> Path:
    return Path(settings.FILES_ROOT) / upload.errors_path


@contextmanager
def incoming(unit: Unit, file):
    """The file streamed to disk beside its place, never larger than may be. Raises BadBook."""
    check_size(getattr(file, "size", 0) or 0)
    folder = Path(settings.FILES_ROOT) / "uploads" / str(unit.pk)
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as target:
        path = Path(target.name)
        try:
            for chunk in _chunks(file):
                size += len(chunk)
                check_size(size)
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            yield Incoming(path, digest.hexdigest(), size)
        finally:
            # Settled, it is here no more.
            path.unlink(missing_ok=True)


def _chunks(file):
    if hasattr(file, "chunks"):
        return file.chunks()
    return iter(lambda: file.read(1 << 16), b"")


def remove(upload: FactsUpload) -> None:
    for path in (path_of(upload), errors_path_of(upload)):
        path.unlink(missing_ok=True)


def sweep(unit: Unit) -> None:
    """Removes what belongs to no upload that still needs it, whatever left it behind."""
    folder = Path(settings.FILES_ROOT) / "uploads" / str(unit.pk)
    if not folder.is_dir():
        return
    done = (State.APPLIED, State.DROPPED)
    needed = FactsUpload.objects.filter(unit=unit).exclude(state__in=done)
    names = {str(pk) for pk in needed.values_list("pk", flat=True)}
    for path in folder.iterdir():
        owner = path.stem.removesuffix("-errors")
        try:
            old = path.stat().st_mtime < time.time() - GRACE_SECONDS
        except FileNotFoundError:
            continue
        if owner not in names and old:
            path.unlink(missing_ok=True)
