import hashlib
from pathlib import Path

from django.db import transaction

from scheme import audit
from scheme.access import Anchor, require
from scheme.models import Staff, Unit
from scoring.exports import declarations


@transaction.atomic
def export(unit: Unit, quarter: str, path: Path, *, by: Staff) -> int:
    """Writes the quarter's declarations as they stand; how many lines."""
    require(by, "declaration.export", Anchor(unit.pk))
    lines = declarations.write(unit, quarter, path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    after = {"quarter": quarter, "lines": lines, "sha256": sha256}
    audit.record(by, "declaration.export", unit, after=after, unit=unit)
    return lines
