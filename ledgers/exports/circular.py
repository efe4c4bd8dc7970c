"""A circular as blocks of an official document: the page, the Word file and the workbook show the
same ones."""

from datetime import date
from pathlib import Path

from ledgers.models import Circular, CircularPart, Naming
from scheme import clock
from scheme.exports import documents
from scheme.exports.gongwen import (
    Addressed,
    Annex,
    Block,
    Heading,
    Imprint,
    Letterhead,
    Paragraph,
    Signed,
    Table,
    Title,
    blocks_of,
    numbered,
    spelled,
)
from scheme.exports.sheets import CENTRE, LEFT, RIGHT, Column, Sheet, save

PartKind = CircularPart.Kind
ALIGN = {"l": LEFT, "c": CENTRE, "r": RIGHT}
# Headings under which the namings stand, and what stands there without any.
NAMED = {"good": Naming.Kind.GOOD, "problem": Naming.Kind.PROBLEM}
NONE_NAMED = {"good": "本期没有列出的事项。", "problem": "本期没有点名的问题。"}
# In circulars that were drafted without a place for them.
UNNUMBERED = {"good": "做得好的事项", "problem": "存在的问题"}
ANNEX = "annex"


def number_of(circular: Circular) -> str:
    """文号; with room for what is not given before the issue."""
    return numbered(circular.mark, circular.year, circular.serial)


def blocks(circular: Circular) -> list[Block]:
    """The whole document, as far as it is."""
    made: list[Block] = [
        Letterhead(circular.signed_as, number_of(circular)),
        Title(circular.title),
        Addressed(circular.addressed_to),
    ]
    parts, namings = list(circular.parts.all()), list(_namings(circular))
    annexed: list[Block] = []
    for part in parts:
        target = annexed or made
        if part.key == ANNEX:
            annexed.append(Annex("附件", part.text))
        elif part.kind == PartKind.TABLE:
            target.append(Table(**part.table))
        elif part.kind == PartKind.HEADING:
            target += [Heading(part.text, _level(part.text))] if part.text else []
        else:
            target += blocks_of(part.text)
        if part.key in NAMED:
            target += _said(namings, part.key)
    keys = {part.key for part in parts}
    for key, kind in NAMED.items():
        if key not in keys and any(one.kind == kind for one in namings):
            made += [Heading(UNNUMBERED[key]), *_said(namings, key)]
    made.append(Signed(circular.signed_as, circular.issued_on))
    issued = [Imprint("", circular.signed_as, circular.issued_on)] if circular.issued_on else []
    return [*made, *annexed, *issued]


def _level(text: str) -> int:
    found = blocks_of(text)[0]
    return found.level if isinstance(found, Heading) else 1


def _namings(circular: Circular):
    rows = circular.namings.select_related("section")
    return rows.order_by("section__position", "section_id", "pk")


def _said(namings, key: str) -> list[Block]:
    texts = [f"{one.section.name}：{one.text}" for one in namings if one.kind == NAMED[key]]
    if len(texts) > 1:
        texts = [f"{number}.{text}" for number, text in enumerate(texts, 1)]
    return [Paragraph(text) for text in texts or [NONE_NAMED[key]]]


def word(circular: Circular) -> bytes:
    """The same circular gives the same bytes: its moment is its last."""
    made = clock.at(circular.issued_on) if circular.issued_on else circular.recorded_at
    return documents.build(blocks(circular), title=circular.title, made=made)


def workbook(circular: Circular, path: Path) -> None:
    """Its tables, a sheet each."""
    day = circular.issued_on or clock.today()
    tables = [part for part in circular.parts.all() if part.kind == PartKind.TABLE]
    sheets = [_sheet(circular, part, number, day) for number, part in enumerate(tables, 1)]
    save(sheets, path, title=circular.title, made=clock.at(day), each_row=lambda: None)


def _sheet(circular: Circular, part: CircularPart, number: int, day: date) -> Sheet:
    table = Table(**part.table)
    return Sheet(
        name=f"表{number}",
        title=table.caption or circular.title,
        unit=circular.unit.name,
        day=spelled(day),
        columns=_columns(table),
        rows=[[_cell(text) for text in row] for row in table.rows],
        notes=[f"摘自{circular.title}。"],
        signatures="审核人：　　　　　　　　制表人：",
        footers=(number_of(circular), ""),
    )


def _columns(table: Table) -> list[Column]:
    """A group spans from its word to the next one; a column without a second head has no group."""
    made, group = [], ""
    for at, top in enumerate(table.head[0]):
        group = top or group
        sub = table.head[-1][at] if len(table.head) > 1 else ""
        align = ALIGN[table.align[at : at + 1] or "c"]
        width = 26 if at == 0 else 12
        made.append(Column(sub or group, width, group if sub else "", align))
    return made


def _cell(text: str) -> int | str:
    return int(text) if text.isdecimal() else text
