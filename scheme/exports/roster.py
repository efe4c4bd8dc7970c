"""The roster in the department's own layout: read back in, it changes nothing."""

from datetime import date, timedelta
from pathlib import Path

from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet, save
from scheme.imports import cells
from scheme.imports.roster import COLUMNS, LEAVING, STAFFING, counted_remark
from scheme.models import Appointment, BranchMembership, SectionMembership, Staff, Unit
from scheme.offices import OF_A_BRANCH, Office

WORD_OF_STAFFING = {code: word for word, code in STAFFING.items()}
WIDTHS = {
    "staff_no": 11,
    "name": 11,
    "section": 17,
    "post": 20,
    "rank": 15,
    "staffing": 8,
    "branch": 18,
    "branch_post": 11,
    "charge": 34,
    "post_since": 15,
    "joined_on": 15,
    "remark": 34,
}
NOTE = "按单位领导、科室排列；借调、退休、科室变动请在备注栏注明时间。"
SIGNATURES = "分管领导：　　　　　　　　审核人：　　　　　　　　填报人："


def _columns() -> list[Column]:
    heads = [Column("序号", 6)]
    for key, width in WIDTHS.items():
        group = "党组织" if key.startswith("branch") else ""
        align = LEFT if key in ("charge", "remark") else Column._field_defaults["align"]
        heads.append(Column(COLUMNS[key].head, width, group, align))
    return heads


def _at(rows: list, day: date):
    """The rows that hold on the day."""
    return [row for row in rows if row.start_on <= day and (not row.end_on or row.end_on > day)]


def _by_staff(model, unit: Unit, *related: str) -> dict[int, list]:
    rows: dict[int, list] = {}
    for row in model.objects.filter(staff__unit=unit).select_related(*related):
        rows.setdefault(row.staff_id, []).append(row)
    return rows


def rows(unit: Unit, today: date) -> list[list]:
    """One row per person on the roll, and those who left this year with the day they left."""
    in_section = _by_staff(SectionMembership, unit, "section")
    in_branch = _by_staff(BranchMembership, unit, "branch")
    offices = _by_staff(Appointment, unit, "section")
    made = []
    for person in Staff.objects.of_unit(unit).in_office_order():
        if person.left_on and person.left_on <= today:
            if person.left_on.year < today.year or person.leaving not in LEAVING:
                continue
            day = person.left_on - timedelta(days=1)
        else:
            day = max(today, person.joined_on)
        section = _at(in_section.get(person.pk, []), day)
        branch = _at(in_branch.get(person.pk, []), day)
        held = sorted(_at(offices.get(person.pk, []), day), key=lambda row: row.pk)
        made.append(
            [
                len(made) + 1,
                person.staff_no,
                person.name,
                section[0].section.name if section else None,
                person.post,
                person.rank or None,
                WORD_OF_STAFFING[person.staffing],
                branch[0].branch.name if branch else None,
                next((row.title for row in held if row.office in OF_A_BRANCH), None),
                "、".join(r.section.name for r in held if r.office == Office.LEADER_IN_CHARGE)
                or None,
                person.post_since.isoformat() if person.post_since else None,
                person.joined_on.isoformat(),
                _remark(person) or None,
            ]
        )
    return made


def _remark(person: Staff) -> str:
    """The remark as it was read; who was entered as having left by hand gets the words for it."""
    parts = cells.tight(person.remark).split(";")
    said = any("left_on" in counted_remark(part) for part in parts)
    if person.left_on and person.leaving in LEAVING and not said:
        return "；".join(p for p in (f"{person.left_on}{person.leaving}", person.remark) if p)
    return person.remark


def write(unit: Unit, path: Path) -> None:
    today = clock.today()
    sheet = _sheet("花名册", unit, today, _columns(), rows(unit, today), [NOTE])
    save([sheet], path, title=f"{unit.name}花名册", made=clock.now(), each_row=lambda: None)


def write_errors(unit: Unit, raw: list[dict], errors: list[dict], path: Path) -> None:
    """The uploaded rows as they were written, each with what is wrong with it in a last column."""
    reasons: dict[int, list[str]] = {}
    for error in errors:
        column = f"{error['column']}：" if error["column"] else ""
        reasons.setdefault(error["row"], []).append(column + error["reason"])
    general = [
        reason for row in sorted(set(reasons) - {r["row"] for r in raw}) for reason in reasons[row]
    ]
    table = [
        [
            number,
            *[row["cells"].get(key) or None for key in WIDTHS],
            "；".join(reasons.get(row["row"], [])) or None,
        ]
        for number, row in enumerate(raw, 1)
    ]
    columns = [*_columns(), Column("错误", 44, "", LEFT)]
    notes = general or ["改好后可直接上传本表；“错误”一栏不会被读取。"]
    sheet = _sheet("花名册", unit, clock.today(), columns, table, notes)
    save([sheet], path, title=f"{unit.name}花名册", made=clock.now(), each_row=lambda: None)


def _sheet(name, unit, today, columns, table, notes) -> Sheet:
    return Sheet(
        name=name,
        title=f"{unit.name}机关干部花名册",
        unit=unit.name,
        day=f"{today.year}年{today.month}月{today.day}日",
        columns=columns,
        rows=table,
        notes=notes,
        signatures=SIGNATURES,
        footers=("", ""),
    )
