"""The rule workbook: what is read, and every way of being refused."""

import io
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from scheme.imports.sheets import BadBook
from scoring.imports import rules
from scoring.models import RuleBook
from tests.factories import make_department

FILE = Path(__file__).resolve().parent.parent / "data" / "rules.xlsx"
HEADS = [
    "编号", "类别", "对象", "星级", "事项", "触发", "级别", "角色", "分值", "单项上限", "每季上限",
    "每期上限", "叠加", "启用", "依据",
]  # fmt: skip
PLAIN = {
    "编号": "精业-扣-01", "类别": "扣分情形", "对象": "个人", "星级": "精业",
    "事项": "无故不报日报", "触发": "日报缺报", "分值": -0.2, "叠加": "累加", "启用": "是",
}  # fmt: skip
WRITING = PLAIN | {
    "编号": "笔耕-加-01", "类别": "加分事项", "星级": "笔耕", "触发": "信息采用", "分值": 2,
    "级别": "市", "角色": "主报",
}  # fmt: skip


def workbook(*rows, settings=(("日报截止", "10:00"),), heads=HEADS, drop=()):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "积分细则"
    sheet.append(["某部积分细则"])
    sheet.append(heads)
    for row in rows:
        sheet.append([row.get(head) for head in heads])
    more = book.create_sheet("参数")
    more.append(["积分参数"])
    more.append(["名称", "值", "说明"])
    for pair in settings:
        more.append(list(pair))
    for name in drop:
        del book[name]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def problems(*rows, **more):
    content, found = rules.read(workbook(*rows, **more))
    assert (content is None) == bool(found)
    return [(p.sheet, p.row, p.column) for p in found]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_departments_rules(db, language):
    with translation.override(language), FILE.open("rb") as file:
        content, found = rules.read(file)
    assert not found
    assert content.title == "中共泽川市委组织部“五星组工”积分细则（演示值）"
    assert len(content.rules) == 36 and sum(len(rule["tiers"]) for rule in content.rules) == 54
    by_code = {rule["code"]: rule for rule in content.rules}
    missing = by_code["精业-扣-01"]
    assert missing["tiers"][0]["points"] == Decimal("-0.20")
    assert (missing["cap_quarter"], missing["cap_half"]) == (Decimal(4), None)
    assert not by_code["笔耕-加-02"]["tiers"][0]["enabled"]
    assert [tier["level"] for tier in by_code["笔耕-加-01"]["tiers"]] == [
        "nation", "province", "province", "city", "city", "own",
    ]  # fmt: skip
    assert content.settings["report_cutoff"] == time(10) and content.settings["bonus_cap"] == 20


def test_missing_settings_have_their_default(db):
    content, _found = rules.read(workbook(PLAIN, settings=[("补报天数", "５")]))
    assert content.settings == rules.DEFAULTS | {"backfill_days": 5}


def test_empty_words_and_missing_choices(db):
    row = PLAIN | {"叠加": None, "启用": None, "级别": "/", "单项上限": "无"}
    content, _found = rules.read(workbook(row))
    rule = content.rules[0]
    assert (rule["stacking"], rule["cap_item"]) == ("all", None)
    assert rule["tiers"][0]["enabled"] and rule["tiers"][0]["level"] == ""


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"编号": None}, "编号"),
        ({"类别": "惩罚"}, "类别"),
        ({"对象": "支部"}, "对象"),
        ({"星级": "红星"}, "星级"),
        ({"事项": None}, "事项"),
        ({"触发": "迟到"}, "触发"),
        ({"分值": 0.2}, "分值"),
        ({"分值": 0}, "分值"),
        ({"分值": "很多"}, "分值"),
        ({"分值": -0.125}, "分值"),
        ({"分值": -100000}, "分值"),
        ({"类别": "基础分值"}, "分值"),
        ({"单项上限": -1}, "单项上限"),
        ({"每季上限": 0}, "每季上限"),
        ({"每期上限": "无限"}, "每期上限"),
        ({"叠加": "平均"}, "叠加"),
        ({"启用": "也许"}, "启用"),
        ({"触发": "月结评好"}, "对象"),
        ({"触发": "通报点名"}, "对象"),
        ({"级别": "市"}, "级别"),
        ({"级别": "县"}, "级别"),
        ({"角色": "主报"}, "角色"),
        ({"事项": "事" * 101}, "事项"),
    ],
)
def test_a_cell_that_cannot_be_read(db, change, column):
    assert problems(PLAIN | change) == [("积分细则", 3, column)]


def test_roles_are_for_adoptions_only(db):
    promoted = WRITING | {"触发": "创新推广"}
    assert problems(promoted) == [("积分细则", 3, "角色")]
    assert problems(promoted | {"角色": None}) == []


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"类别": "扣分情形", "分值": -1}, "类别"),
        ({"对象": "科室"}, "对象"),
        ({"星级": "精业"}, "星级"),
        ({"触发": "申报", "角色": None}, "触发"),
        ({"单项上限": 3}, "单项上限"),
        ({"每季上限": 3}, "每季上限"),
        ({"每期上限": 3}, "每期上限"),
        ({"叠加": "取最高"}, "叠加"),
    ],
)
def test_rows_of_one_code_that_differ(db, change, column):
    second = WRITING | {"级别": "省"} | change
    assert ("积分细则", 4, column) in problems(WRITING, second)


@pytest.mark.parametrize(
    ("level", "role", "overlaps"),
    [
        ("市", "主报", True),
        ("市", None, True),
        (None, "主报", True),
        (None, None, True),
        ("市", "协报", False),
        ("省", "主报", False),
        ("省", None, False),
    ],
)
def test_rows_that_fit_the_same_fact(db, level, role, overlaps):
    found = problems(WRITING, WRITING | {"级别": level, "角色": role})
    assert found == ([("积分细则", 4, "")] if overlaps else [])


@pytest.mark.parametrize(
    ("name", "value", "column"),
    [
        ("加分总上限", -1, "值"),
        ("日报截止", "十点", "值"),
        ("日报截止", None, "值"),
        ("补报天数", 1.5, "值"),
        ("讲课最少评分人数", 0, "值"),
        ("讲课良好线", 101, "值"),
        ("奖金", 1, "名称"),
    ],
)
def test_a_setting_that_cannot_be_read(db, name, value, column):
    assert problems(PLAIN, settings=[(name, value)]) == [("参数", 3, column)]


def test_a_setting_twice(db):
    assert problems(PLAIN, settings=[("补报天数", 7)] * 2) == [("参数", 4, "名称")]


def test_a_column_or_a_sheet_missing(db):
    heads = [head for head in HEADS if head != "分值"]
    assert problems(PLAIN, heads=heads) == [("积分细则", 2, "分值")]
    for name in ("积分细则", "参数"):
        with pytest.raises(BadBook, match=name):
            rules.read(workbook(PLAIN, drop=[name]))


def test_no_rule_at_all(db):
    assert problems() == [("积分细则", 3, "")]


def test_all_errors_are_told_at_once(db):
    found = problems(PLAIN | {"分值": 1, "级别": "市"}, PLAIN | {"触发": "?"})
    assert found == [("积分细则", 3, "级别"), ("积分细则", 3, "分值"), ("积分细则", 4, "触发")]


# --- The command


@pytest.fixture
def d(db, clock):
    clock.set("2026-01-05")
    return make_department()


def run(d, path=FILE, by=None, approved_by=None, unit=None, day="2026-01-01"):
    call_command(
        "import_rules", str(path), "--unit", unit or d.unit.name, "--in-force-from", day,
        "--by", by or d.personnel[0].staff_no,
        "--approved-by", approved_by or d.leader.staff_no,
    )  # fmt: skip


def test_the_command_proposes_and_approves(d, capsys):
    run(d)
    book = RuleBook.objects.get()
    assert (book.state, book.in_force_from) == ("approved", date(2026, 1, 1))
    assert book.digest in capsys.readouterr().out
    run(d)
    assert RuleBook.objects.count() == 1


def test_nothing_stays_when_it_is_refused(d, tmp_path):
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(workbook(PLAIN | {"分值": 1}))
    junk = tmp_path / "junk.xlsx"
    junk.write_bytes(b"junk")
    for wrong in (
        {"unit": "无此单位"},
        {"by": "无此人"},
        {"by": d.leader.staff_no},
        {"approved_by": d.personnel[1].staff_no},
        {"path": bad},
        {"path": junk},
        {"path": tmp_path / "none.xlsx"},
    ):
        with pytest.raises(CommandError):
            run(d, **wrong)
        assert not RuleBook.objects.exists()
