"""请假: who was away from when until when. Known by person, kind, first and last day."""

from collections import defaultdict
from datetime import timedelta

from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from ledgers.imports.ledger import BATCH, Change, Ledger, Record, Said, Shift, unmoved
from ledgers.imports.roll import Reading
from scheme.imports import cells
from scheme.imports.sheets import Column, Row
from scheme.models import Absence, Staff, Unit

KINDS = {
    "请假": Absence.Kind.LEAVE,
    "出差": Absence.Kind.TRAVEL,
    "借调": Absence.Kind.SECONDMENT,
}
# Tells rows of workbooks from those of the roster and those entered by hand.
NOTE = "台账导入"


class Absences(Ledger):
    """The last day may be corrected: an absence until further notice gets its end. Where several
    of a person and kind begin on one day, only those that a workbook brought and the new one does
    not have any more give way."""

    sheet = "请假"
    columns = {
        "person": Column("工号", cells.code),
        "start_on": Column("开始日期", cells.day),
        "end_on": Column("结束日期", cells.day, required=False),
        "kind": Column("类别", cells.choice(KINDS)),
    }
    model = Absence
    key = ("staff_id", "kind", "start_on", "end_on")

    def check(self, row: Row, reading: Reading) -> None:
        row.cells["person"] = reading.person(row, "person")
        if row["start_on"] and row["end_on"] and row["end_on"] < row["start_on"]:
            row.refuse("end_on", _("结束日期早于开始日期"))

    def said(self, record: Record, marker, shift: Shift) -> Said | None:
        """One that loses its first or last day is that much shorter."""
        start, end = record["start_on"], record["end_on"]
        if shift is not unmoved:
            days = [start + timedelta(n) for n in range(((end or start) - start).days + 1)]
            moved = [there for there in map(shift, days) if there]
            if not moved:
                return None
            start, end = min(moved), end and max(moved)
        fixed = {"staff_id": record["person"], "kind": str(record["kind"]), "start_on": start}
        return Said(record.row, fixed | {"end_on": end}, {"end_on": end})

    # --- Comparing

    def there(self, unit: Unit, said, lock: bool) -> dict[tuple, Absence]:
        """Also those that are corrected, under the key of the row that corrects them."""
        rows = Absence.objects.filter(staff__unit=unit).order_by("pk")
        if lock:
            rows = rows.select_for_update(of=("self",))
        there = {self.key_of(row): row for row in rows}
        spare = defaultdict(list)
        for key, row in there.items():
            if key not in said and row.note == NOTE:
                spare[key[:3]].append(row)
        for key in said:
            if key not in there and spare[key[:3]]:
                there[key] = spare[key[:3]].pop(0)
        return there

    # --- Storing

    def make_all(self, unit: Unit, new: list[Said]) -> list[Absence]:
        return [Absence(note=NOTE, **said.fixed) for said in new]

    def correct(self, changed: list[Change], by: Staff | None) -> None:
        for change in changed:
            change.thing.end_on = change.said.fields["end_on"]
        rows = [change.thing for change in changed]
        bulk_update_with_history(rows, Absence, ["end_on"], batch_size=BATCH, default_user=by)
