"""月结: a section's month and its grade. Known by section and month."""

from ledgers.imports.ledger import Ledger, Record, Said, Shift, moved_month
from ledgers.imports.roll import Reading
from ledgers.imports.words import GRADES
from ledgers.models import MonthlySummary
from scheme.imports import cells
from scheme.imports.sheets import Column, Row


class Summaries(Ledger):
    sheet = "月结"
    columns = {
        "month": Column("月份", cells.month),
        "section": Column("科室", cells.code),
        "grade": Column("等次", cells.choice(GRADES), required=False, default=""),
    }
    model = MonthlySummary
    key = ("section_id", "month")

    def check(self, row: Row, reading: Reading) -> None:
        reading.once(row, "section", row["month"], row["section"])
        row.cells["section"] = reading.section(row, "section")

    def said(self, record: Record, marker, shift: Shift) -> Said | None:
        month = moved_month(record["month"], shift)
        if month is None:
            return None
        fixed = {"section_id": record["section"], "month": month}
        return Said(record.row, fixed, {"grade": str(record["grade"])})

    def may_change(self, thing: MonthlySummary) -> bool:
        return thing.version == 0 and thing.state == MonthlySummary.State.GRADED
