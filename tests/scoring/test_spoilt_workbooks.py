"""A workbook with one thing wrong: both readers name the place, and nothing is stored.

POINTS_SPOILT=N spoils N workbooks (12 unless told); POINTS_FIRST=N begins with that one.
"""

import os
import random
from itertools import islice

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from ledgers.models import DailyReport, MonthlySummary, StudySession, Talk, Task, WritingItem
from scheme.models import Absence, AuditEntry, Staff
from scoring.models import Declaration, Rule
from tests.scoring.plain import departments, workbooks
from tests.scoring.plain.reading import Unreadable, table, tight

FIRST = int(os.environ.get("POINTS_FIRST", 1))
COUNT = int(os.environ.get("POINTS_SPOILT", 4))
STORED = (DailyReport, MonthlySummary, StudySession, Talk, Task, WritingItem, Absence, Declaration)
DAYS = ("2026-02-30", "2026.13.1", "三月五日", "2026-03", "20260305", 5)
WRONG = {
    "日报": {
        "日期": (*DAYS, None, "=A1"), "工号": ("查无此人", None, "无"), "等次": ("优", "好。"),
        "提交时间": ("25:00", "2025-11-30 09:00", "17点", "2026-03-05 17:60"),
    },
    "请假": {
        "工号": ("查无此人", None), "开始日期": (*DAYS, None), "结束日期": ("2020-01-01", *DAYS),
        "类别": ("旷工", None),
    },
    "月结": {"月份": ("2026-13", "2026-0", "一月", None), "科室": ("查无此科", None),
           "等次": ("优秀",)},
    "学习": {"日期": (*DAYS, None), "主题": (None, "无"), "缺席工号": ("查无此人", "查、无")},
    "讲课": {
        "日期": (*DAYS, None), "工号": ("查无此人", None), "题目": (None,),
        "评分": ("101", "90、-1", "九十", "90;91", 100.5),
    },
    "信息宣传": {
        "采用日期": (*DAYS, None), "标题": (None, "/"), "类型": ("稿件", None),
        "级别": ("县", None, "市级"), "主报": ("查无此人",), "协报": ("甲、乙",),
        "主报科室": ("查无此科",), "协报科室": ("查无此科",),
    },
    "重点任务": {
        "编号": (None,), "任务": (None,), "牵头科室": ("查无此科", None), "配合科室": ("查无此科",),
        "难度": (0, 6, 2.5, "高", None, "=1+1"), "期限": (*DAYS, None), "延期至": ("2020-01-01",),
        "办结日期": DAYS, "主办": ("查无此人:100", None, "100", "查无此人"),
        "协办": ("查无此人:40",),
    },
    "督办": {
        "日期": (*DAYS, None), "任务编号": ("没有这项",), "事项": ("表扬", None),
        "科室": ("查无此科",),
    },
    "创新": {
        "推广日期": (*DAYS, None), "项目": (None,), "级别": ("区", None), "人员": ("查无此人",),
        "科室": ("查无此科",),
    },
    "申报": {
        "季度": ("2026Q5", "2026", None, "一季度"), "对象": ("查无此人", None),
        "规则编号": ("没有这条", None), "级别": ("县级",), "数量": (0, -1, "一", "1/2"),
        "事项": (None,), "文件日期": DAYS, "初核": ("同意",), "核验": ("不同意",),
    },
}  # fmt: skip


class Spoiler:
    def __init__(self, seed, path):
        self.rnd = random.Random(seed)
        self.path = path
        self.book = openpyxl.load_workbook(path)

    def spoil(self) -> str:
        """Spoils one thing in place; answers what."""
        ways = [self.cell] * 6 + [self.merged, self.twice, self.shares, self.column]
        while True:
            said = self.rnd.choice(ways)()
            if said:
                self.book.save(self.path)
                return said

    def place(self, name):
        """A sheet, the numbers of its data rows, and where its columns stand."""
        sheet, columns = self.book[name], workbooks.COLUMNS[name].split()
        numbers = [row.number for row in table(sheet, columns)]
        heads = {tight(cell.value): cell.column for cell in sheet[2]}
        return sheet, numbers, heads

    def cell(self):
        name = self.rnd.choice(list(WRONG))
        sheet, numbers, heads = self.place(name)
        column = self.rnd.choice(list(WRONG[name]))
        value = self.rnd.choice(WRONG[name][column])
        if numbers:
            cell = sheet.cell(self.rnd.choice(numbers), heads[column])
            # As a date it would be a day of 1900.
            cell.value, cell.number_format = value, "General"
            return f"{name} {column} {value}"

    def merged(self):
        name = self.rnd.choice(list(WRONG))
        sheet, numbers, heads = self.place(name)
        if numbers:
            row = self.rnd.choice(numbers)
            first = min(heads[column] for column in workbooks.COLUMNS[name].split())
            sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=first + 1)
            return f"{name} {row} merged"

    def twice(self):
        name = self.rnd.choice(("日报", "月结", "重点任务"))
        sheet, numbers, heads = self.place(name)
        if len(numbers) > 1:
            one, other = self.rnd.sample(numbers, 2)
            for column in heads.values():
                sheet.cell(other, column).value = sheet.cell(one, column).value
            return f"{name} {one} and {other} the same"

    def shares(self):
        sheet, numbers, heads = self.place("重点任务")
        row = self.rnd.choice(numbers)
        people = [tight(part).split(":") for part in str(sheet.cell(row, heads["主办"]).value)
                  .replace("：", ":").split("、") if ":" in part]  # fmt: skip
        no = people[0][0]
        main, others = self.rnd.choice(
            ((f"{no}:99", None), (f"{no}:60、{no}:40", None), (f"{no}:60", f"{no}:40"),
             (f"{no}:0", f"{no}:100"), (f"{no}:-1", None), (f"{no}:100.01", None), (no, None))
        )  # fmt: skip
        sheet.cell(row, heads["主办"]).value = main
        sheet.cell(row, heads["协办"]).value = others
        return f"重点任务 {row} {main} {others}"

    def column(self):
        name = self.rnd.choice(list(WRONG))
        sheet, _numbers, heads = self.place(name)
        column = self.rnd.choice(list(WRONG[name]))
        sheet.cell(2, heads[column]).value = "别的"
        return f"{name} without {column}"


class Small(departments.Department):
    """With few reports, for it is read again and again."""

    def reports(self):
        return islice(super().reports(), 40)


def test_both_readers_name_the_place(db, clock, tmp_path, capsys):
    clock.set("2026-07-22 09:00")
    department = Small(FIRST)
    department.write(tmp_path)
    unit, by = ["--unit", department.name], ["--by", department.proposer]
    call_command("import_roster", str(tmp_path / "roster.xlsx"), *unit)
    approval = ["--approved-by", department.approver, "--in-force-from", "2026-01-01"]
    call_command("import_rules", str(tmp_path / "rules.xlsx"), *unit, *by, *approval)
    roster = workbooks.read_roster(tmp_path / "roster.xlsx")
    rules = workbooks.read_rules(tmp_path / "rules.xlsx")
    good = (tmp_path / "facts-2026H1.xlsx").read_bytes()
    before = [model.objects.count() for model in (*STORED, AuditEntry)]
    for seed in range(FIRST, FIRST + COUNT):
        path = tmp_path / "spoilt.xlsx"
        path.write_bytes(good)
        said = f"{seed}: {Spoiler(seed, path).spoil()}"
        capsys.readouterr()
        wrong = None
        try:
            workbooks.read_facts(path, roster, rules)
        except Unreadable as unreadable:
            wrong = unreadable
        refused = False
        try:
            call_command("import_facts", str(path), *unit, *by)
        except CommandError:
            refused = True
        shown = capsys.readouterr().err
        assert wrong and refused, (said, str(wrong), refused, shown)
        place = f"{wrong.sheet}第{wrong.row}行" if wrong.row else wrong.sheet
        assert place in shown, (said, str(wrong), shown)
        assert [model.objects.count() for model in (*STORED, AuditEntry)] == before, said
    # It was the spoiling that they refused.
    call_command("import_facts", str(tmp_path / "facts-2026H1.xlsx"), *unit, *by)


RULES = {
    "编号": (None, "无"), "类别": ("奖励", None, "扣分情形", "加分事项"), "对象": ("处室", None),
    "星级": ("勤劳", None), "触发": ("迟到", None), "级别": ("县", "市级"), "角色": ("主笔",),
    "分值": (None, "一分", "=1"), "单项上限": ("无限",), "每季上限": ("x",), "叠加": ("相加",),
    "启用": ("可能",),
}  # fmt: skip
ROSTER = {
    "工号": (None, "/"), "姓名": (None,), "职务": (None,), "编制类型": ("编外", None),
    "任职日期": DAYS, "入职时间": (*DAYS, None), "备注": ("2026-02-30退休", "2026年13月1日调出"),
}  # fmt: skip


def spoil_table(rnd, path, sheet, columns, wrong, headers):
    """Spoils a cell, or writes a row twice; answers what."""
    book = openpyxl.load_workbook(path)
    sheet = book[sheet] if sheet else book.worksheets[0]
    numbers = [row.number for row in table(sheet, columns, headers=headers)]
    heads = {tight(cell.value): cell.column for line in headers for cell in sheet[line]}
    row, other = rnd.sample(numbers, 2)
    if rnd.random() < 0.2:
        for column in set(heads.values()):
            sheet.cell(other, column).value = sheet.cell(row, column).value
        said = f"{row} and {other} the same"
    else:
        column = rnd.choice(list(wrong))
        value = rnd.choice(wrong[column])
        cell = sheet.cell(row, heads[column])
        cell.value, cell.number_format = value, "General"
        said = f"{row} {column} {value}"
    book.save(path)
    return said


def test_both_readers_refuse_rosters_and_rule_books(db, clock, tmp_path, capsys):
    clock.set("2026-07-22 09:00")
    department = Small(FIRST)
    department.write(tmp_path)
    unit, by = ["--unit", department.name], ["--by", department.proposer]
    roster, rules = tmp_path / "roster.xlsx", tmp_path / "rules.xlsx"
    good = {path: path.read_bytes() for path in (roster, rules)}
    approval = ["--approved-by", department.approver, "--in-force-from", "2026-01-01"]
    importing = {
        roster: (["import_roster", str(roster), *unit], workbooks.read_roster, Staff),
        rules: (["import_rules", str(rules), *unit, *by, *approval], workbooks.read_rules, Rule),
    }
    for path, (command, read, model) in importing.items():
        tried = 0
        for seed in range(FIRST, FIRST + COUNT):
            path.write_bytes(good[path])
            args = (
                ("积分细则", workbooks.RULES, RULES, (2,))
                if path == rules
                else (None, workbooks.ROSTER, ROSTER, (3, 4))
            )
            said = f"{seed}: {path.name} {spoil_table(random.Random(seed), path, *args)}"
            try:
                read(path)
            except Unreadable as unreadable:
                wrong = unreadable
            else:
                continue  # spoilt into another word that does as well
            capsys.readouterr()
            with pytest.raises(CommandError) as refused:
                call_command(*command)
            shown = str(refused.value) + capsys.readouterr().err
            tried += 1
            assert f"{wrong.sheet}第{wrong.row}行" in shown, (said, str(wrong), shown)
            assert not model.objects.exists()
        assert tried >= COUNT // 2
        path.write_bytes(good[path])
        call_command(*command)
