"""日报: one report a person a day. What somebody wrote or reviewed here is never changed."""

from collections import defaultdict
from datetime import date, datetime

from django.utils.translation import gettext as _

from ledgers.actions.reports import LINE_LENGTH, MOST_LINES, TEXT_LENGTH
from ledgers.imports.ledger import BATCH, Change, Ledger, Record, Said, Shift, write_fields
from ledgers.imports.roll import Reading
from ledgers.imports.words import GRADES
from ledgers.matters import matters
from ledgers.models import DailyReport, ReportEvent, ReportLine
from scheme import clock
from scheme.imports import cells
from scheme.imports.sheets import Column, Row
from scheme.models import Staff, Unit

State = DailyReport.State
_texts = cells.at_most(TEXT_LENGTH, cells.text)


class Reports(Ledger):
    """Known by person and day. Filed is accepted, graded or not: who read it is not known any
    more. A later workbook may complete or correct it while nobody has touched it here; what it
    said before stays as an event of the report."""

    sheet = "日报"
    columns = {
        "day": Column("日期", cells.day),
        "author": Column("工号", cells.code),
        "filed_at": Column("提交时间", cells.moment, required=False, of_day="day"),
        "done": Column("今日完成", _texts, required=False, spare=True, default=""),
        "plan": Column("明日计划", _texts, required=False, spare=True, default=""),
        "grade": Column("等次", cells.choice(GRADES), required=False, default=""),
    }
    model = DailyReport
    key = ("author_id", "day")

    def check(self, row: Row, reading: Reading) -> None:
        reading.once(row, "author", row["day"], row["author"])
        row.cells["author"] = reading.person(row, "author")
        if row["filed_at"] and row["day"] and clock.local(row["filed_at"]).date() < row["day"]:
            row.refuse("filed_at", _("提交时间早于日报的日期"))

    def said(self, record: Record, marker, shift: Shift) -> Said | None:
        day = shift(record["day"])
        if day is None:
            return None
        filed_at = record["filed_at"] and _moved(record["filed_at"], record["day"], day, shift)
        fields = {
            "state": (State.ACCEPTED if filed_at else State.DRAFT).value,
            "first_filed_at": filed_at,
            "filed_at": filed_at,
            # What was not filed counts nothing, whatever was said of it.
            "grade": str(record["grade"]) if filed_at else "",
        }
        if "plan" in record:
            fields["plan"] = record["plan"]
        parts = {"lines": _lines(record["done"])} if "done" in record else {}
        return Said(record.row, {"author_id": record["author"], "day": day}, fields, parts)

    # --- Comparing

    def there(self, unit: Unit, said, lock: bool) -> dict[tuple, DailyReport]:
        days = [day for _author, day in said]
        if not days:
            return {}
        rows = DailyReport.objects.filter(unit=unit, day__range=(min(days), max(days)))
        if lock:
            # What may be corrected waits; whoever writes a report meanwhile does not.
            open_to_us = rows.filter(imported=True, reviewed_by=None).select_for_update()
            list(open_to_us.order_by("pk").values_list("pk"))
        return {self.key_of(report): report for report in rows}

    def may_change(self, thing: DailyReport) -> bool:
        return thing.imported and thing.reviewed_by_id is None

    def parts_there(self, there) -> dict[str, dict[int, list]]:
        found = defaultdict(list)
        keys = [report.pk for report in there.values() if self.may_change(report)]
        lines = ReportLine.objects.filter(report__in=keys).order_by("report", "position")
        for report, text in lines.values_list("report", "text"):
            found[report].append(text)
        return {"lines": found}

    # --- Storing

    def make_all(self, unit: Unit, new: list[Said]) -> list[DailyReport]:
        return [
            DailyReport(
                unit=unit,
                imported=True,
                saved_at=said.fields["filed_at"] or clock.at(said.fixed["day"], 18),
                **said.fixed,
                **said.fields,
            )
            for said in new
        ]

    def correct(self, changed: list[Change], by: Staff | None) -> None:
        lines = self.parts_there({change.thing.pk: change.thing for change in changed})["lines"]
        at, events, fields = clock.now(), [], {"version"}
        for change in changed:
            report = change.thing
            report.version += 1
            events.append(_as_it_was(report, lines[report.pk], at, by))
            fields |= change.said.fields.keys()
            for name, value in change.said.fields.items():
                setattr(report, name, value)
        ReportEvent.objects.bulk_create(events, batch_size=BATCH)
        write_fields(DailyReport, [change.thing for change in changed], fields)

    def write_parts(self, owners, changed: list[Change]) -> None:
        stale = {change.thing.pk for change in changed if "lines" in change.before}
        kept = {change.thing.pk for change in changed} - stale
        ReportLine.objects.filter(report__in=stale).delete()
        ReportLine.objects.bulk_create(
            [
                ReportLine(report=report, position=position, text=text)
                for report, said in owners
                if report.pk not in kept
                for position, text in enumerate(said.parts.get("lines", ()), 1)
            ],
            batch_size=BATCH * 4,
        )


def _lines(text: str) -> list[str]:
    """A matter each; where there are too many or one is too long, the whole in pieces."""
    parts = matters(text)
    if len(parts) <= MOST_LINES and all(len(part) <= LINE_LENGTH for part in parts):
        return parts
    return [text[at : at + LINE_LENGTH] for at in range(0, len(text), LINE_LENGTH)]


def _moved(filed_at: datetime, was: date, day: date, shift: Shift) -> datetime:
    wall = clock.local(filed_at)
    # Never before the report's own day, also where the shift folds two days into one.
    there = max(day, shift(wall.date()) or day + (wall.date() - was))
    return clock.at(there, wall.hour, wall.minute, wall.second)


def _as_it_was(report: DailyReport, lines: list[str], at: datetime, by) -> ReportEvent:
    return ReportEvent(
        report=report,
        version=report.version,
        kind=ReportEvent.Kind.CORRECTED,
        at=at,
        by=by,
        grade=report.grade,
        body={
            "lines": [{"text": text, "done": True} for text in lines],
            "open_matters": report.open_matters,
            "plan": report.plan,
            "filed_at": report.filed_at.isoformat() if report.filed_at else "",
        },
    )
