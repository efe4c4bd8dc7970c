"""A rule book as the workbook it is read from: read back in, it says the same to the last sign.

The workbook speaks Chinese whatever the reader's language: its words are what the import knows.
"""

from decimal import Decimal
from pathlib import Path

from django.utils import translation
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from ledgers.models import PointEntry
from scheme import clock
from scheme.exports.sheets import (
    BODY,
    BOX,
    CENTRE,
    HEAD,
    LEFT,
    TITLE,
    Column,
    Sheet,
    SheetWriter,
    _cell,
    save,
)
from scheme.models import Star, Unit
from scoring import rulechecks
from scoring.cautions import CAUTIONS, What
from scoring.contents import Content, content_of
from scoring.imports.rules import DEFAULTS, RULES, SETTINGS
from scoring.models import RuleBook, Tier
from scoring.models.rulebook import Stacking, SubjectKind, Trigger

COLUMNS = [
    Column("编号", 15),
    Column("类别", 11),
    Column("对象", 8),
    Column("星级", 8),
    Column("事项", 30, align=LEFT),
    Column("触发", 12),
    Column("级别", 8),
    Column("角色", 8),
    Column("分值", 9),
    Column("单项上限", 11),
    Column("每季上限", 11),
    Column("每期上限", 11),
    Column("叠加", 11),
    Column("启用", 8),
    Column("依据", 34, align=LEFT),
]
SETTING_COLUMNS = [Column("名称", 22), Column("值", 12), Column("说明", 52, align=LEFT)]
HELP_COLUMNS = [Column("列", 14), Column("怎么填", 90, align=LEFT)]
SAYINGS = {
    "bonus_cap": ("加分总上限", "半年内各项加分合计，至多计这么多"),
    "report_cutoff": ("日报截止", "次一工作日的这个时间之前不算迟报"),
    "backfill_days": ("补报天数", "自然日，过后算缺报"),
    "talk_min_ratings": ("讲课最少评分人数", "不足的不评等次"),
    "talk_good_line": ("讲课良好线", "平均分不低于它为良好"),
}
SIGNATURES = "分管领导：　　　　　　　　审核人：　　　　　　　　填报人："
# Rows of the template that take a dropdown.
ROOM = 300


class TableWriter(SheetWriter):
    """The layout the import knows: title in row 1, heads in row 2, data from row 3. Numbers are
    number cells, and fixed words are offered as a list."""

    choices: dict[str, list[str]] = {}

    def _set_up(self) -> None:
        super()._set_up()
        self.page.print_title_rows = "1:2"
        self.page.freeze_panes = "A3"
        for row in (3, 4):
            self.page.row_dimensions[row].height = None
        for number, column in enumerate(self.sheet.columns, 1):
            if words := self.choices.get(column.head):
                letter = get_column_letter(number)
                offered = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
                offered.add(f"{letter}3:{letter}{ROOM}")
                self.page.data_validations.append(offered)

    def _head(self) -> None:
        self._across(self.sheet.title, TITLE, CENTRE)
        self._append([_cell(self.page, c.head, HEAD, CENTRE, BOX) for c in self.sheet.columns])

    def write(self, each_row) -> None:
        self._set_up()
        self._head()
        for row in self.sheet.rows:
            self._give_height(row)
            cells = zip(row, self.sheet.columns, strict=True)
            self._append([self._value(value, column) for value, column in cells])
            each_row()
        self._foot()

    def _value(self, value, column: Column):
        if not isinstance(value, Decimal):
            return _cell(self.page, value, BODY, column.align, BOX)
        cell = WriteOnlyCell(self.page, value=value)
        cell.font, cell.alignment, cell.border = BODY, column.align, BOX
        cell.number_format = "0.00"
        return cell


class ChoosingWriter(TableWriter):
    """With a list to choose from under every column of fixed words."""

    @property
    def choices(self):
        return {head: words for head, words in fixed_words().items() if self._is_rules}

    @property
    def _is_rules(self) -> bool:
        return self.sheet.name == RULES


def fixed_words() -> dict[str, list[str]]:
    with translation.override(None):
        return {
            "类别": [str(word) for word in PointEntry.Kind.labels],
            "对象": [str(word) for word in SubjectKind.labels],
            "星级": list(Star.objects.values_list("name", flat=True)),
            "触发": [str(word) for word in Trigger.labels],
            "级别": [str(word) for word in Tier.Level.labels],
            "角色": [str(word) for word in Tier.Part.labels],
            "叠加": [str(word) for word in Stacking.labels],
            "启用": ["是", "否"],
        }


def write(book: RuleBook, path: Path) -> None:
    with translation.override(None):
        content = content_of(book)
        sheets = [
            _sheet(RULES, content.title, book.unit, COLUMNS, rows(content), [_about(book)]),
            _settings(content.settings, book.unit),
        ]
        title = f"{content.title}第{book.version}版"
    save(sheets, path, title=title, made=clock.now(), each_row=lambda: None, writer=TableWriter)


def rows(content: Content) -> list[list]:
    """One row a tier. A rule without any keeps its row, which the import will ask to fill."""
    names = _names()
    made = []
    for rule in content.rules:
        for tier in rule["tiers"] or [{"enabled": True}]:
            made.append(
                [
                    rule["code"],
                    names["kind"].get(rule["kind"], rule["kind"]),
                    names["subject"].get(rule["subject"], rule["subject"]),
                    names["star"][rule["star_id"]],
                    rule["title"],
                    names["trigger"].get(rule["trigger"], rule["trigger"]),
                    names["level"].get(tier.get("level"), tier.get("level")) or None,
                    names["role"].get(tier.get("role"), tier.get("role")) or None,
                    tier.get("points"),
                    rule["cap_item"],
                    rule["cap_quarter"],
                    rule["cap_half"],
                    names["stacking"].get(rule["stacking"], rule["stacking"]),
                    "是" if tier["enabled"] else "否",
                    tier.get("clause") or None,
                ]
            )
    return made


def _names() -> dict[str, dict[str, str]]:
    with translation.override(None):
        words = {
            "kind": PointEntry.Kind,
            "subject": SubjectKind,
            "trigger": Trigger,
            "level": Tier.Level,
            "role": Tier.Part,
            "stacking": Stacking,
        }
        found = {
            name: {value: str(label) for value, label in choices.choices}
            for name, choices in words.items()
        }
    return found | {"star": dict(Star.objects.values_list("pk", "name"))}


def _settings(values: dict, unit: Unit) -> Sheet:
    table = []
    for key, (name, saying) in SAYINGS.items():
        value = values[key]
        if key == "report_cutoff":
            value = f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
        table.append([name, value, saying])
    return _sheet(SETTINGS, "积分参数", unit, SETTING_COLUMNS, table, ["不写的一项按原定值。"])


def _about(book: RuleBook) -> str:
    parts = [f"第{book.version}版，{book.get_state_display()}", f"拟订：{book.proposed_by}"]
    if book.approved_by:
        day = book.in_force_from
        parts.append(f"批准：{book.approved_by}，自{day.year}年{day.month}月{day.day}日起施行")
        parts.append(f"校验值{book.digest}")
    return "；".join(parts) + "。"


def _sheet(name, title, unit, columns, table, notes, signatures=SIGNATURES) -> Sheet:
    return Sheet(
        name=name,
        title=title,
        unit=unit.name,
        day="",
        columns=columns,
        rows=table,
        notes=notes,
        signatures=signatures,
        footers=("", ""),
    )


# --- The template


def write_template(unit: Unit, path: Path) -> None:
    """An empty rule book to fill: heads, fixed words to choose from, and the rules that national
    provisions ask to be careful with, there but switched off and low, each with the reason."""
    with translation.override(None):
        title = f"{unit.name}积分细则"
        notes = [
            "同一编号的几行是一条规则的几档，除级别、角色、分值、启用、依据外各列要一致。",
            "领导批示、媒体宣传两类已写好并停用；确要启用，在“启用”栏改成“是”，读入后仍会提示理由。",
        ]
        sheets = [
            _sheet(RULES, title, unit, COLUMNS, rows(template()), notes),
            _settings(DEFAULTS, unit),
            _sheet("填写说明", "填写说明", unit, HELP_COLUMNS, _help(), [title]),
        ]
    save(sheets, path, title=title, made=clock.now(), each_row=lambda: None, writer=ChoosingWriter)


def template() -> Content:
    """The rules a new book begins with."""
    star = Star.objects.get(key="geng").pk
    common = {"kind": PointEntry.Kind.BONUS.value, "star_id": star, "cap_item": None}
    common |= {"cap_quarter": None, "stacking": Stacking.HIGHEST.value}
    instruction = {"title": "领导批示", "trigger": Trigger.DECLARED.value, "cap_half": Decimal(2)}
    media = {"title": "信息、宣传稿件被采用", "trigger": Trigger.ADOPTED.value}
    media["cap_half"] = Decimal(3)
    of_instruction = [("province", "", "1.00"), ("city", "", "0.50")]
    of_media = [("nation", "", "1.50"), ("province", "", "1.00"), ("city", "", "0.50")]
    made = []
    for subject, number in ((SubjectKind.PERSON, "0"), (SubjectKind.SECTION, "1")):
        for words, what, last, tiers in (
            (instruction, What.INSTRUCTION, "1", of_instruction),
            (media, What.MEDIA, "2", of_media),
        ):
            rule = {"code": f"笔耕-加-{number}{last}", "subject": subject.value} | common | words
            clause = str(CAUTIONS[what].source) + str(CAUTIONS[what].reason)
            rule["tiers"] = [
                {
                    "level": level,
                    "role": role,
                    "points": Decimal(points),
                    "enabled": False,
                    "clause": clause,
                }
                for level, role, points in tiers
            ]
            made.append(rule)
    return Content("积分细则", dict(DEFAULTS), made)


def _help() -> list[list]:
    words = {head: "、".join(found) for head, found in fixed_words().items()}
    of_sections = "、".join(str(Trigger(t).label) for t in rulechecks.OF_SECTIONS_ONLY)
    with_level = "、".join(str(Trigger(t).label) for t in rulechecks.HAS_LEVEL)
    with_role = "、".join(str(Trigger(t).label) for t in rulechecks.HAS_ROLE)
    return [
        ["编号", "至多30个字，不带空格；同一编号的几行是同一条规则的几档"],
        ["类别", f"{words['类别']}。扣分情形的分值写成负数"],
        ["对象", f"{words['对象']}。{of_sections}只能用于科室"],
        ["星级", words["星级"]],
        ["事项", "至多100个字"],
        ["触发", words["触发"]],
        ["级别", f"{words['级别']}；空着就是都算。只有{with_level}分级别"],
        ["角色", f"{words['角色']}；空着就是都算。只有{with_role}分角色"],
        ["分值", "至多两位小数"],
        ["单项上限", "同一事项给同一对象至多计多少，按绝对值填；不设就空着"],
        ["每季上限", "一个季度至多计多少；不设就空着"],
        ["每期上限", "半年至多计多少；不设就空着"],
        ["叠加", f"{words['叠加']}；空着就是累加"],
        ["启用", "是、否；空着就是“是”"],
        ["依据", "条款，至多100个字"],
    ]
