"""创新: promotions of innovations, credited to persons and sections."""

from ledgers.imports import words
from ledgers.imports.ledger import Ledger, Part, Record, Said, Shift
from ledgers.imports.marks import Marker
from ledgers.imports.roll import Reading
from ledgers.models import Promotion, PromotionCredit
from ledgers.titles import reduced
from scheme.imports import cells
from scheme.imports.sheets import Column, Row


class Innovation(Ledger):
    sheet = "创新"
    columns = {
        "day": Column("推广日期", cells.day),
        "project": Column("项目", words.title),
        "level": Column("级别", cells.choice(words.LEVELS)),
        "people": words.listed("人员"),
        "sections": words.listed("科室", words.sections),
    }
    model = Promotion
    day = "promoted_on"
    parts = {"credits": Part(PromotionCredit, "promotion", ("person_id", "section_id"))}

    def check(self, row: Row, reading: Reading) -> None:
        row.cells["people"] = reading.people(row, "people")
        row.cells["sections"] = reading.sections(row, "sections")

    def said(self, record: Record, marker: Marker, shift: Shift) -> Said | None:
        day, project, level = shift(record["day"]), record["project"], str(record["level"])
        if day is None:
            return None
        fixed = {
            "promoted_on": day,
            "project": project,
            "project_key": reduced(project),
            "level": level,
            "mark": marker(day, project, level),
        }
        credits = [(pk, None) for pk in record["people"]]
        credits += [(None, pk) for pk in record["sections"]]
        return Said(record.row, fixed, parts={"credits": credits})

    def named_by(self, thing: Promotion) -> tuple:
        return thing.promoted_on, thing.project, thing.level

    def may_change(self, thing: Promotion) -> bool:
        return thing.version == 0 and thing.filed_by_id is None
