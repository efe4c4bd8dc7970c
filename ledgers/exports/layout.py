"""The ledgers as sheets of a workbook, as an office sees them: columns, fixed words, how to fill.

The workbook speaks Chinese whatever the reader's language: its words are what the import knows.
"""

from typing import NamedTuple

from scheme.imports import cells
from scheme.models import Section, Unit

DAY, WORDS, NUMBER, LONG = "day", "words", "number", "long"


class Field(NamedTuple):
    """`required`: never empty in a row. `words`: offered as a list; SECTIONS: the unit's own."""

    head: str
    width: float
    kind: str = WORDS
    required: bool = False
    words: tuple[str, ...] = ()


class Ledger(NamedTuple):
    sheet: str
    title: str
    fields: tuple[Field, ...]
    how: str

    @property
    def heads(self) -> list[str]:
        return [field.head for field in self.fields]


SECTIONS = ("科室",)
GRADES = ("好", "较好", "一般", "较差")
LEVELS = ("国家", "省", "市", "本级")


def day_field(head: str, required: bool = False) -> Field:
    return Field(head, 15, DAY, required)


def must(head: str, width: float, kind: str = WORDS, words: tuple[str, ...] = ()) -> Field:
    return Field(head, width, kind, True, words)


LEDGERS = (
    Ledger(
        "日报",
        "一日一报登记",
        (
            day_field("日期", True),
            must("工号", 12),
            Field("提交时间", 22),
            Field("今日完成", 60, LONG),
            Field("明日计划", 40, LONG),
            Field("等次", 10, words=GRADES),
        ),
        "每人每天一行。提交时间写日期和时间（2026-03-05 17:42），只写时间的算当天；空着的是草稿，"
        "不算报送，也不能有等次。",
    ),
    Ledger(
        "请假",
        "请假出差借调登记",
        (
            must("工号", 12),
            day_field("开始日期", True),
            day_field("结束日期"),
            must("类别", 10, words=("请假", "出差", "借调")),
        ),
        "首尾两天都算在内；结束日期空着，表示到另行通知为止。",
    ),
    Ledger(
        "月结",
        "一月一结评定",
        (
            must("月份", 14),
            must("科室", 24, words=SECTIONS),
            Field("等次", 10, words=GRADES),
        ),
        "每个科室每月一行。月份写2026-03、2026.3、2026年3月，或者当月任一天的日期。",
    ),
    Ledger(
        "学习",
        "每周一学考勤",
        (day_field("日期", True), must("主题", 40, LONG), Field("缺席工号", 50, LONG)),
        "缺席的人列工号，用“、”隔开；当天请假、出差、借调的不必去掉，系统不算缺席。",
    ),
    Ledger(
        "讲课",
        "两周一讲评分",
        (
            day_field("日期", True),
            must("工号", 12),
            must("题目", 40, LONG),
            Field("评分", 50, LONG),
        ),
        "评分是每个人打的分，0到100，用“、”隔开。",
    ),
    Ledger(
        "信息宣传",
        "信息宣传采用台账",
        (
            day_field("采用日期", True),
            must("标题", 44, LONG),
            must("类型", 9, words=("信息", "宣传")),
            Field("载体", 24),
            Field("期号", 13),
            must("级别", 9, words=LEVELS),
            Field("主报", 24, LONG),
            Field("协报", 24, LONG),
            Field("主报科室", 24, LONG),
            Field("协报科室", 24, LONG),
        ),
        "主报、协报填工号，主报科室、协报科室填科室名，都可以有几个，用“、”隔开。同一篇被几家采用的，"
        "各写一行，标题一字不差。",
    ),
    Ledger(
        "重点任务",
        "重点任务台账",
        (
            must("编号", 16),
            must("任务", 40, LONG),
            must("牵头科室", 22, words=SECTIONS),
            Field("配合科室", 30, LONG),
            must("难度", 8, NUMBER, ("1", "2", "3", "4", "5")),
            day_field("期限", True),
            day_field("延期至"),
            day_field("延期批准日期"),
            day_field("办结日期"),
            must("主办", 26, LONG),
            Field("协办", 26, LONG),
        ),
        "主办、协办写“工号:份额”，份额是百分数，如ZC001:60、ZC002:40；一项任务的份额合起来是100。"
        "延期要在期限之前批准才算数。",
    ),
    Ledger(
        "督办",
        "一月一督办登记",
        (
            day_field("日期", True),
            Field("任务编号", 16),
            must("事项", 12, words=("退回", "催办", "通报点名")),
            Field("科室", 24, words=SECTIONS),
            Field("说明", 44, LONG),
        ),
        "退回要写任务编号，通报点名要写科室。",
    ),
    Ledger(
        "创新",
        "创新项目推广登记",
        (
            day_field("推广日期", True),
            must("项目", 44, LONG),
            must("级别", 9, words=LEVELS),
            Field("人员", 30, LONG),
            Field("科室", 30, LONG),
        ),
        "人员填工号，科室填科室名，都可以有几个，用“、”隔开。",
    ),
)
GENERAL = (
    (
        "表的样子",
        "第一行是标题，第二行是表头，从第三行起一行一件。工作表名和表头不要改，别的列不会被读取。",
    ),
    ("必填", "表头加底色的列必须填；其余的可以空着，写“无”或“/”也算空着。"),
    ("日期", "写真正的日期，或者2026-03-05、2026.3.5、2026年3月5日。"),
    ("几个并列", "用顿号“、”隔开，重复的算一个。"),
    ("工号和科室", "工号要在花名册里；科室名照“科室”工作表写，可以从下拉列表里选。"),
    (
        "不要",
        "不要合并单元格，不要写公式（请粘贴为数值）。整行空着的会跳过，第一格以“注”开头的行往下不再读。",
    ),
    (
        "再次导入",
        "同一行再导入不会重复；改过的行按新的更正，旧的留在记录里；文件里没有的行不会被删除。",
    ),
    (
        "有错误时",
        "只要有一处读不出来，整份都不入库；系统列出每处错误，并给一份标出错误的工作簿供修改。",
    ),
)


def sections_of(unit: Unit) -> list[str]:
    """As written in the unit, those still open."""
    rows = Section.objects.filter(unit=unit, closed_on=None).order_by("position", "pk")
    return [name for name in rows.values_list("name", flat=True) if not cells.is_empty(name)]


# The sheets of single ledgers, by the names records.py has for them.
SHEETS = {
    "summary": "月结",
    "study": "学习",
    "talk": "讲课",
    "writing": "信息宣传",
    "task": "重点任务",
    "supervision": "督办",
    "promotion": "创新",
}


def of_sheet(name: str) -> Ledger:
    return next(ledger for ledger in LEDGERS if ledger.sheet == name)
