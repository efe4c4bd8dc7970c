"""Small facts workbooks, said shortly: sheet by sheet, rows as dictionaries of their columns."""

import io
from types import SimpleNamespace

import openpyxl

from ledgers.imports import workbook
from ledgers.imports.roll import Reading, Roll
from scheme.imports.sheets import open_book
from tests.factories import LONG_AGO, make_section, make_staff, make_unit

HEADS = {ledger.sheet: [c.head for c in ledger.columns.values()] for ledger in workbook.LEDGERS}
HEADS["申报"] = ["季度", "对象", "规则编号", "级别", "数量", "事项", "文件号", "文件日期"]
HEADS["申报"] += ["初核", "核验"]

# A row of each sheet that can be read.
GOOD = {
    "日报": {"日期": "2026-03-05", "工号": "ZC001", "提交时间": "17:42", "今日完成": "核稿16份"},
    "请假": {"工号": "ZC001", "开始日期": "2026-03-05", "结束日期": "2026-03-06", "类别": "请假"},
    "月结": {"月份": "2026-03", "科室": "干部一科", "等次": "好"},
    "学习": {"日期": "2026-03-06", "主题": "条例学习", "缺席工号": "ZC001"},
    "讲课": {"日期": "2026-03-04", "工号": "ZC001", "题目": "怎样写信息", "评分": "90、90、95.5"},
    "信息宣传": {
        "采用日期": "2026-03-04",
        "标题": "“三抓三促”",
        "类型": "信息",
        "载体": "《每日要情》",
        "期号": 35.0,
        "级别": "市",
        "主报": "ZC001",
        "主报科室": "干部一科",
    },
    "重点任务": {
        "编号": "2026-ZD-001",
        "任务": "建立台账",
        "牵头科室": "干部一科",
        "配合科室": "组织二科",
        "难度": 3,
        "期限": "2026-03-06",
        "延期至": "2026-03-20",
        "延期批准日期": "2026-03-05",
        "办结日期": "2026-03-11",
        "主办": "ZC001:33.3、ZC002:33.3",
        "协办": "ZC003:33.4",
    },
    "督办": {
        "日期": "2026-03-10",
        "任务编号": "2026-ZD-001",
        "事项": "退回",
        "科室": "干部一科",
        "说明": "数据不全",
    },
    "创新": {
        "推广日期": "2026-03-12",
        "项目": "红色议事厅",
        "级别": "省",
        "人员": "ZC001",
        "科室": "干部一科",
    },
    "申报": {
        "季度": "2026Q1",
        "对象": "ZC001",
        "规则编号": "勤学-加-02",
        "级别": "市",
        "数量": 1.0,
        "事项": "获评优质课",
        "文件号": "泽组发〔2026〕94号",
        "文件日期": "2026-02-04",
        "初核": "通过",
        "核验": "通过",
    },
}


def row(sheet: str, **changes) -> dict:
    """The good row of the sheet with these cells."""
    return GOOD[sheet] | changes


def file_of(sheets: dict[str, list[dict | list]], *, heads=None, change=None) -> bytes:
    """The bytes of a workbook. `change(workbook)` may twist it before it is written."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        columns = (heads or HEADS)[name]
        sheet.append([f"{name}登记"])
        sheet.append(columns)
        for one in rows:
            sheet.append([one.get(head) for head in columns] if isinstance(one, dict) else one)
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def book_of(**sheets):
    return open_book(file_of(sheets))


def small_unit() -> SimpleNamespace:
    """干部一科 and 组织二科 with ZC001 to ZC003, and ZC900, a leader without a section."""
    unit = make_unit("中共泽川市委组织部")
    w = SimpleNamespace(unit=unit)
    w.one, w.two = (make_section(unit, name) for name in ("干部一科", "组织二科"))
    w.a, w.b = (make_staff(section=w.one, staff_no=f"ZC00{n}") for n in (1, 2))
    w.c = make_staff(section=w.two, staff_no="ZC003")
    w.leader = make_staff(unit, staff_no="ZC900", joined_on=LONG_AGO)
    return w


def read(unit, **sheets) -> workbook.Facts:
    return workbook.read(book_of(**sheets), Reading(Roll.of(unit)))


def store(unit, *, by=None, shift=None, only=None, **sheets) -> workbook.Counts:
    return workbook.store(read(unit, **sheets), unit, by=by, shift=shift, only=only)


def problems(unit, **sheets) -> list[tuple[str, int, str]]:
    return places(read(unit, **sheets))


def places(facts: workbook.Facts) -> list[tuple[str, int, str]]:
    return [(one.sheet, one.row, one.column) for one in facts.problems]
