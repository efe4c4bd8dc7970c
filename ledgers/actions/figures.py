"""Filing figures as a workbook. An export leaves its line in the trail."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers import filing
from scheme import audit, clock
from scheme.exports.sheets import Column, Sheet, save
from scheme.models import Staff


@transaction.atomic
def export(
    code: str, path: Path, *, sections: Sequence[int] | None, person: int | None, by: Staff
) -> None:
    """Writes the figures of a period for those the reader may see (`reach` of the page)."""
    unit, span = by.unit, filing.span_of(code)
    found = filing.rows(unit, span, sections=sections, person=person)
    heads = [
        Column("科室", 18),
        Column("姓名", 12),
        *(
            Column(head, 10, "报送情况（天）")
            for head in ("应报", "按时", "迟报", "补报", "待补", "缺报", "免报")
        ),
        Column("按时率", 11),
    ]
    lines = [
        [row.section, row.name, *tally, f"{tally.rate}%" if tally.due else "—"]
        for row, tally in filing.by_person(found)
    ]
    sheet = Sheet(
        name="报送情况",
        title=f"{unit.name}日报报送情况",
        unit=unit.name,
        day=clock.today().isoformat(),
        columns=heads,
        rows=lines,
        notes=(
            f"统计{span.first}至{span.last}，已过按时时限的工作日；请假、出差、借调和不在册的日子不算应报。",
            "按科室和人员的排列顺序，不按比率排名。",
        ),
        signatures="分管领导：　　　　　　　　审核人：　　　　　　　　填报人：",
        footers=("", ""),
    )
    save([sheet], path, title=_("日报报送情况"), made=clock.now(), each_row=lambda: None)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    after = {"period": code, "rows": len(lines), "sha256": sha256}
    audit.record(by, "filing.export", unit, after=after, unit=unit)
