"""Proofs (佐证材料) as files: kept once by their content, found again whole or not at all.

The bytes are written and on the disk before the row is: a crash leaves at worst a file without a
row, which the next upload of the same bytes takes over. A row without its file is told by `astray`.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from ledgers import filetypes
from ledgers.models import EvidenceFile
from scheme import clock
from scheme.errors import Refused
from scheme.models import Staff, Unit

MOST_BYTES = 10 * filetypes.MEGABYTE


@transaction.atomic
def keep(unit: Unit, uploaded, *, by: Staff) -> EvidenceFile:
    """The row of these bytes in the unit, made when it is new. `uploaded` is read from its start.

    Who may, and what it proves, is for the act that calls this to say.
    """
    data = _bytes_of(uploaded)
    kind = filetypes.kind_of(data)
    digest = hashlib.sha256(data).hexdigest()
    kept = EvidenceFile(unit=unit, sha256=digest)
    if not _holds(_place(kept), digest):
        _write(_place(kept), data)
    row, _made = EvidenceFile.objects.get_or_create(
        unit=unit,
        sha256=digest,
        defaults={"size": len(data), "kind": kind, "added_by": by, "added_at": clock.now()},
    )
    return row


def open_evidence(kept: EvidenceFile) -> io.BytesIO:
    """Its bytes, as they were filed: a file that is gone or altered is refused."""
    try:
        data = _place(kept).read_bytes()
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != kept.sha256:
        raise Refused(_("这份材料的文件缺失或已损坏，请系统管理员从备份恢复。"))
    return io.BytesIO(data)


class Astray(NamedTuple):
    missing: list[EvidenceFile]
    altered: list[EvidenceFile]
    unknown: list[str]


def astray() -> Astray:
    """Rows whose file is not there, rows whose file says something else, files without a row.

    A file without a row does no harm: an upload that was broken off left it.
    """
    found = Astray([], [], [])
    known = set()
    for kept in EvidenceFile.objects.order_by("pk").iterator():
        known.add(kept.path)
        place = _place(kept)
        if not place.is_file():
            found.missing.append(kept)
        elif not _holds(place, kept.sha256):
            found.altered.append(kept)
    found.unknown.extend(sorted(path for path in _files() if path not in known))
    return found


def _place(kept: EvidenceFile) -> Path:
    return Path(settings.FILES_ROOT) / kept.path


def _files() -> Iterator[str]:
    root = Path(settings.FILES_ROOT)
    for path in (root / "evidence").rglob("*"):
        if path.is_file():
            yield path.relative_to(root).as_posix()


def _bytes_of(uploaded) -> bytes:
    uploaded.seek(0)
    data = uploaded.read(MOST_BYTES + 1)
    if not data:
        raise Refused(_("文件是空的，请检查后再上传。"), field="file")
    if len(data) > MOST_BYTES:
        raise Refused(
            _("文件超过%(n)sMB，请压缩图片或分成几份上传。")
            % {"n": MOST_BYTES // filetypes.MEGABYTE},
            field="file",
        )
    return data


def _holds(place: Path, digest: str) -> bool:
    try:
        with place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except FileNotFoundError:
        return False


def _write(place: Path, data: bytes) -> None:
    """Whole or not at all, after a power cut too: the name appears once the bytes are safe."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    for folder in (place.parent, place.parent.parent):
        _sync(folder)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
