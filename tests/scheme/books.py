"""Workbooks for tests: small ones built here, and ones twisted behind Excel's back."""

import io
import zipfile
from pathlib import Path

import openpyxl

DATA = Path(__file__).parent.parent / "data"
ROSTER_HEAD = [
    ["中共某县委组织部机关干部花名册"],
    ["填报单位：", None, None, None, None, None, "填报日期："],
    [
        "序号", "工号", "姓名", "科室", "职务", "职级", "编制\n类型", "党组织", None,
        "分管科室", "任职日期", "入职时间", "备注",
    ],
    [None, None, None, None, None, None, None, "所在支部", "支部职务"],
]  # fmt: skip


def book(*sheets: tuple[str, list[list]], change=None) -> bytes:
    """A workbook of (name, rows); `change` may alter the openpyxl workbook before it is written."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets:
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if change:
        change(workbook)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def roster(*people: list, change=None) -> bytes:
    """A roster of `one(…)` rows."""
    rows = [[number, *person] for number, person in enumerate(people, 1)]
    return book(("花名册", [*ROSTER_HEAD, *rows]), change=change)


def one(
    number, name="张三", section="甲科", post="科员", *, rank=None, staffing="行政",
    branch="第一支部", branch_post=None, charge=None, since=None, joined="2020-01-06", remark=None,
) -> list:  # fmt: skip
    return [
        number, name, section, post, rank, staffing, branch, branch_post, charge, since, joined,
        remark,
    ]  # fmt: skip


def rezipped(data: bytes, change) -> bytes:
    """The archive again after `change(parts: dict[str, bytes])`."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()
