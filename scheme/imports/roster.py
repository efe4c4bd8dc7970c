"""The department's own roster: what its rows say, ready for JSON. No database here."""

import re
import unicodedata
from datetime import date
from itertools import islice
from typing import NamedTuple

from django.utils.translation import gettext as _

from scheme.imports import cells
from scheme.imports.sheets import Column, Problems, Row, open_book
from scheme.offices import Office, Staffing

HEADER_ROWS = (3, 4)
# A department has some hundred; this bounds what one upload can make of memory.
MAX_PEOPLE = 3_000
STAFFING = {
    "行政": Staffing.CIVIL.value,
    "参公": Staffing.TREATED.value,
    "事业": Staffing.INSTITUTION.value,
    "工勤": Staffing.WORKER.value,
}
BRANCH_POSTS = ("书记", "副书记", "组织委员", "宣传委员", "纪检委员")
LEAVING = ("退休", "调出", "辞职")
PERSONNEL_SECTIONS = ("机关人事科", "人事科")
SUPERVISION_SECTIONS = ("办公室",)
CHIEFS, DEPUTIES, ACTING = ("科长", "主任"), ("副科长", "副主任"), "主持工作"
COMMITTEE_POSTS = ("常务副部长", "副部长", "部务委员")

_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_LEAVING = re.compile(rf"{cells.DAY_PATTERN.pattern}({'|'.join(LEAVING)})")
_SECONDED = re.compile(rf"借调至(.+)\(({cells.DAY_PATTERN.pattern})起\)")
_MOVED = re.compile(rf"({cells.DAY_PATTERN.pattern})由(.+)调入(.+)")


def person_name(value) -> str:
    """郑　辉 → 郑辉: the gap only fills the cell. Other people's names keep their spaces."""
    return _HAN_GAP.sub("", cells.text(unicodedata.normalize("NFKC", str(value))))


def place_name(value) -> str:
    """A section or branch as the roster writes it, without white space."""
    return "".join(cells.text(value).split())


COLUMNS = {
    "staff_no": Column("工号", cells.at_most(30, cells.code)),
    "name": Column("姓名", cells.at_most(40, person_name)),
    "section": Column("科室", cells.at_most(60, place_name), required=False, default=""),
    "post": Column("职务", cells.at_most(60, place_name)),
    "rank": Column("职级", cells.at_most(60, place_name), required=False, default=""),
    "staffing": Column("编制类型", cells.choice(STAFFING)),
    "branch": Column("所在支部", cells.at_most(60, place_name), required=False, default=""),
    "branch_post": Column(
        "支部职务", cells.choice({word: word for word in BRANCH_POSTS}), required=False, default=""
    ),
    "charge": Column("分管科室", cells.listing(place_name), required=False, default=()),
    "post_since": Column("任职日期", cells.day, required=False),
    "joined_on": Column("入职时间", cells.day),
    "remark": Column("备注", cells.at_most(200, cells.text), required=False, default=""),
}


class Roster(NamedTuple):
    """What a file says. `raw` keeps every row as it was written, for the error workbook."""

    people: list[dict]
    problems: Problems
    raw: list[dict]


def read_roster(source) -> Roster:
    """Raises BadBook when the file as a whole cannot be read."""
    sheet = open_book(source).first()
    problems = Problems()
    table = sheet.table(COLUMNS, header_rows=HEADER_ROWS, problems=problems)
    rows = list(islice(table, MAX_PEOPLE + 1))
    if len(rows) > MAX_PEOPLE:
        problems.clear()
        problems.add(sheet.name, 0, "", _("一次最多%(n)d人") % {"n": MAX_PEOPLE})
        return Roster([], problems, [])
    first_rows: dict[str, int] = {}
    remarks = {}
    for row in rows:
        _check_number(row, first_rows)
        remarks[row.number] = _read_remarks(row)
    known = {cells.tight(row["section"]) for row in rows if row["section"]}
    known |= {cells.tight(r["moved_from"]) for r in remarks.values() if r.get("moved_from")}
    for row in rows:
        _check_offices(row, known)
    if not rows and not problems:
        problems.add(sheet.name, HEADER_ROWS[-1] + 1, "", _("没有读到任何人员"))
    people = [
        _person(row, remarks[row.number], weight) for weight, row in enumerate(rows, 1) if row.ok
    ]
    raw = [
        {
            "row": row.number,
            "cells": {
                key: _as_written(sheet.row(row.number), place)
                for key, place in table.places.items()
            },
        }
        for row in rows
    ]
    return Roster(people, problems, raw)


def _as_written(values, place: int) -> str:
    value = values[place] if place < len(values) else ""
    return value.isoformat() if isinstance(value, date) else cells.shown(value, 200)


def _check_number(row: Row, first_rows: dict[str, int]) -> None:
    # Sign-in does not tell cases apart, so neither may the roster.
    number = (row["staff_no"] or "").upper()
    if number in first_rows:
        row.refuse("staff_no", _("与第%(row)d行工号重复") % {"row": first_rows[number]})
    elif number:
        first_rows[number] = row.number


def _check_offices(row: Row, known: set[str]) -> None:
    for name in row["charge"] or ():
        if cells.tight(name) not in known:
            row.refuse("charge", _("名册中没有科室“%(name)s”") % {"name": name[:20]})
    if row["branch_post"] and not row["branch"]:
        row.refuse("branch_post", _("有支部职务，却没有填所在支部"))


def _read_remarks(row: Row) -> dict:
    """The remarks that count: leaving, secondment out, a move between sections."""
    said: dict = {}
    for part in cells.tight(row["remark"] or "").split(";"):
        try:
            found = counted_remark(part)
        except cells.CellError as error:
            row.refuse("remark", str(error))
            continue
        if set(found) & set(said):
            row.refuse("remark", _("同一类备注写了两次"))
        said |= found
    joined = row["joined_on"]
    if joined and said.get("left_on") and said["left_on"] < joined:
        row.refuse("remark", _("离开日期早于入职时间"))
    if said.get("moved_on"):
        if joined and said["moved_on"] <= joined:
            row.refuse("remark", _("调入日期应在入职时间之后"))
        if said["moved_to"] != cells.tight(row["section"] or ""):
            row.refuse("remark", _("调入的科室与“科室”一列不一致"))
        if said["moved_to"] == cells.tight(said["moved_from"]):
            row.refuse("remark", _("调出和调入是同一个科室"))
    return said


def counted_remark(part: str) -> dict:
    """What one remark changes; nothing for all those that are only there to be read."""
    if match := _LEAVING.fullmatch(part):
        return {"left_on": cells.day_of(match), "leaving": match[8]}
    if match := _SECONDED.fullmatch(part):
        return {"seconded_to": match[1][:100], "seconded_from": cells.day(match[2])}
    if match := _MOVED.fullmatch(part):
        return {"moved_on": cells.day(match[1]), "moved_from": match[9], "moved_to": match[10]}
    return {}


def _person(row: Row, said: dict, weight: int) -> dict:
    person = dict(row.cells) | {
        "row": row.number,
        "sort_weight": weight,
        "charge": list(row["charge"]),
        "probation": "试用期" in cells.tight(row["remark"]).split(";"),
        "left_on": said.get("left_on"),
        "leaving": said.get("leaving", ""),
        "seconded_to": said.get("seconded_to", ""),
        "seconded_from": said.get("seconded_from"),
        "moved_from": said.get("moved_from", ""),
        "moved_on": said.get("moved_on"),
    }
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in person.items()
    }


def section_names(people: list[dict]) -> list[str]:
    """Sections in the order of first appearance, as first written."""
    names: dict[str, str] = {}
    for person in people:
        if person["section"]:
            names.setdefault(cells.tight(person["section"]), person["section"])
    for person in people:
        if person["moved_from"]:
            names.setdefault(cells.tight(person["moved_from"]), person["moved_from"])
    return list(names.values())


def branch_names(people: list[dict]) -> list[str]:
    names: dict[str, str] = {}
    for person in people:
        if person["branch"]:
            names.setdefault(cells.tight(person["branch"]), person["branch"])
    return list(names.values())


class Held(NamedTuple):
    """An office a row of the roster gives; places by their compared names."""

    office: str
    section: str = ""
    branch: str = ""
    title: str = ""
    start_on: str = ""


def offices_of(person: dict) -> list[Held]:
    """The offices that a row of the roster says its person holds."""
    joined = person["joined_on"]
    in_section = max(joined, person["moved_on"] or joined)
    in_office = max(joined, person["post_since"] or joined)
    section, branch = cells.tight(person["section"]), cells.tight(person["branch"])
    post = cells.tight(person["post"])
    parts = set(re.split("[、,]", post))
    held = []
    if section and (post in CHIEFS or ACTING in post):
        start = max(in_office, in_section)
        held.append(Held(Office.SECTION_CHIEF.value, section, title=person["post"], start_on=start))
    elif section and post in DEPUTIES:
        start = max(in_office, in_section)
        held.append(Held(Office.DEPUTY_CHIEF.value, section, title=person["post"], start_on=start))
    if "部长" in parts:
        held.append(Held(Office.COMMITTEE_CHAIR.value, title=person["post"], start_on=in_office))
    elif parts & set(COMMITTEE_POSTS) or "部务会成员" in post + cells.tight(person["remark"]):
        held.append(Held(Office.COMMITTEE_MEMBER.value, title=person["post"], start_on=in_office))
    held += [
        Held(Office.LEADER_IN_CHARGE.value, name, start_on=in_office)
        for name in dict.fromkeys(cells.tight(name) for name in person["charge"])
    ]
    if branch_post := person["branch_post"]:
        secretary = branch_post == "书记"
        office = Office.BRANCH_SECRETARY if secretary else Office.BRANCH_COMMITTEE
        held.append(Held(office.value, branch=branch, title=branch_post, start_on=in_office))
    if section in PERSONNEL_SECTIONS:
        held.append(Held(Office.PERSONNEL_OFFICE.value, start_on=in_section))
    if section in SUPERVISION_SECTIONS:
        held.append(Held(Office.SUPERVISION_OFFICE.value, start_on=in_section))
    return held
