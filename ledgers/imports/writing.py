"""信息宣传: adopted items, credited to persons and sections, each in one role."""

from ledgers.imports import words
from ledgers.imports.ledger import Ledger, Part, Record, Said, Shift
from ledgers.imports.marks import Marker
from ledgers.imports.roll import Reading
from ledgers.models import CreditRole, WritingCredit, WritingItem
from ledgers.titles import reduced
from scheme.imports import cells
from scheme.imports.sheets import Column, Row

Kind = WritingItem.Kind
KINDS = {"信息": Kind.INFORMATION, "宣传": Kind.PUBLICITY}
_PEOPLE = {"main": CreditRole.MAIN, "joint": CreditRole.JOINT}
_SECTIONS = {"main_sections": CreditRole.MAIN, "joint_sections": CreditRole.JOINT}


class Writing(Ledger):
    sheet = "信息宣传"
    columns = {
        "day": Column("采用日期", cells.day),
        "title": Column("标题", words.title),
        "kind": Column("类型", cells.choice(KINDS)),
        "carrier": Column(
            "载体", cells.at_most(200, cells.text), required=False, spare=True, default=""
        ),
        "issue_no": Column(
            "期号", cells.at_most(50, cells.text), required=False, spare=True, default=""
        ),
        "level": Column("级别", cells.choice(words.LEVELS)),
        "main": words.listed("主报"),
        "joint": words.listed("协报"),
        "main_sections": words.listed("主报科室", words.sections),
        "joint_sections": words.listed("协报科室", words.sections),
    }
    model = WritingItem
    day = "adopted_on"
    parts = {"credits": Part(WritingCredit, "item", ("person_id", "section_id", "role"))}

    def check(self, row: Row, reading: Reading) -> None:
        for key in _PEOPLE:
            row.cells[key] = reading.people(row, key)
        for key in _SECTIONS:
            row.cells[key] = reading.sections(row, key)

    def said(self, record: Record, marker: Marker, shift: Shift) -> Said | None:
        day = shift(record["day"])
        if day is None:
            return None
        known = {"title": record["title"]}
        known |= {key: record.get(key, "") for key in ("carrier", "issue_no")}
        known["level"] = str(record["level"])
        fixed = {
            "adopted_on": day,
            **known,
            "title_key": reduced(record["title"]),
            "carrier_key": reduced(known["carrier"]),
            "mark": marker(day, *known.values()),
        }
        fields = {"kind": str(record["kind"])}
        return Said(record.row, fixed, fields, {"credits": _credits(record)})

    def named_by(self, thing: WritingItem) -> tuple:
        return thing.adopted_on, thing.title, thing.carrier, thing.issue_no, thing.level

    def may_change(self, thing: WritingItem) -> bool:
        return thing.version == 0 and thing.filed_by_id is None


def _credits(record: Record) -> list[tuple]:
    """Who stands in both lists is 主报."""
    roles: dict[tuple, str] = {}
    for key, role in _PEOPLE.items():
        for pk in record[key]:
            roles.setdefault((pk, None), role.value)
    for key, role in _SECTIONS.items():
        for pk in record[key]:
            roles.setdefault((None, pk), role.value)
    return [(*subject, role) for subject, role in roles.items()]
