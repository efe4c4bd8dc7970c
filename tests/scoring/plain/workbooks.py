"""The roster, the rule book and the facts as plain objects."""

import re
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import openpyxl

from . import reading
from .reading import Unreadable, clock, day, listed, moment, month, number, parts, table, tight
from .records import (
    Adoption,
    Declaration,
    Facts,
    Leave,
    Promotion,
    Report,
    Session,
    Summary,
    Supervision,
    Talk,
    Task,
)  # fmt: skip

STARS = ("勤学", "笔耕", "精业", "效能", "创新")
LEVELS = ("国家", "省", "市", "本级")
ROLES = ("主报", "协报")
GRADES = ("好", "较好", "一般", "较差")
WITH_LEVEL = ("信息采用", "创新推广", "申报")
SECTIONS_ONLY = ("月结评好", "通报点名")
TRIGGERS = (
    "基础", "日报缺报", "日报迟报", "日报评好", "日报评差", "月结评好", "学习缺席", "讲课良好",
    "信息采用", "任务办结", "任务逾期", "任务退回", "通报点名", "创新推广", "申报",
)  # fmt: skip


# --- The roster


@dataclass
class Person:
    no: str
    section: str
    joined: date
    left: date | None = None
    moves: list = field(default_factory=list)  # (day of the move, section until the day before)
    seconded_from: date | None = None

    def on_roll(self, when: date) -> bool:
        return self.joined <= when and (self.left is None or when < self.left)

    def section_on(self, when: date) -> str:
        for moved, before in sorted(self.moves):
            if when < moved:
                return before
        return self.section


@dataclass
class Roster:
    people: dict
    sections: set
    # As first written, without white space; a section only a remark names, as that writes it.
    written: dict = field(default_factory=dict)


ROSTER = (
    "工号", "姓名", "科室", "职务", "职级", "编制类型", "所在支部", "支部职务", "分管科室",
    "任职日期", "入职时间", "备注",
)  # fmt: skip
DATE = r"(?P<day>[0-9]{4}(?:-[0-9]+-[0-9]+|\.[0-9]+\.[0-9]+|年[0-9]+月[0-9]+日))"
LEAVING = re.compile(DATE + r"\s*(?:退休|调出|辞职)")
MOVING = re.compile(DATE + r"\s*由(?P<before>.+?)调入(?P<after>.+)")
SECONDED = re.compile(r"借调至.*\(\s*" + DATE + r"\s*起\)")


def _remarks(person: Person, remark: str) -> None:
    for part in reading.text(remark).split(";"):
        part = part.strip()
        if match := LEAVING.fullmatch(part):
            person.left = day(match["day"])
        elif match := MOVING.fullmatch(part):
            if tight(match["after"]) != person.section:
                raise ValueError("moved elsewhere")
            person.moves.append((day(match["day"]), tight(match["before"])))
        elif match := SECONDED.fullmatch(part):
            person.seconded_from = day(match["day"])


def read_roster(path: Path) -> Roster:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    people, sections, written, former = {}, set(), {}, {}
    for row in table(sheet, ROSTER, headers=(3, 4)):
        no = row("工号", tight, needed=True)
        if no in people:
            row.fail("工号", "twice")
        row("姓名", needed=True)
        row("职务", needed=True)
        row.word("编制类型", ("行政", "参公", "事业", "工勤"), needed=True)
        row("任职日期", day)
        person = Person(no, row("科室", tight), row("入职时间", day, needed=True))
        row("备注", lambda value, person=person: _remarks(person, value))
        people[no] = person
        sections |= {person.section} | {before for _moved, before in person.moves}
        written.setdefault(person.section, row("科室", lambda value: "".join(str(value).split())))
        for spelled in re.findall(r"由(.+?)调入", row("备注", str)):
            former.setdefault(tight(spelled), "".join(spelled.split()))
    return Roster(people, sections - {""}, former | written)


# --- The rule book


@dataclass
class Tier:
    code: str
    kind: str
    subject: str
    star: str
    trigger: str
    level: str
    role: str
    points: Decimal
    cap_item: Decimal | None
    cap_quarter: Decimal | None
    cap_half: Decimal | None
    stacking: str
    enabled: bool

    @property
    def of_rule(self):
        return (self.kind, self.subject, self.star, self.trigger, self.stacking, *self.caps)

    @property
    def caps(self):
        return (self.cap_item, self.cap_quarter, self.cap_half)

    def fits(self, level: str, role: str) -> bool:
        return self.level in ("", level) and self.role in ("", role)


@dataclass
class Settings:
    bonus_cap: Decimal = Decimal(20)
    cutoff: time = time(10)
    backfill_days: int = 7
    least_ratings: int = 5
    good_mean: Decimal = Decimal(90)


@dataclass
class Rules:
    tiers: list
    settings: Settings

    def codes(self) -> set:
        return {tier.code for tier in self.tiers}

    def declarable(self) -> dict:
        return {t.code: t.subject for t in self.tiers if t.trigger == "申报"}


RULES = (
    "编号", "类别", "对象", "星级", "事项", "触发", "级别", "角色", "分值", "单项上限", "每季上限",
    "每期上限", "叠加", "启用", "依据",
)  # fmt: skip
SETTINGS = {
    "加分总上限": ("bonus_cap", number),
    "日报截止": ("cutoff", clock),
    "补报天数": ("backfill_days", lambda value: int(number(value))),
    "讲课最少评分人数": ("least_ratings", lambda value: int(number(value))),
    "讲课良好线": ("good_mean", number),
}


def _tier(row) -> Tier:
    trigger = row.word("触发", TRIGGERS, needed=True)
    subjects = ("科室",) if trigger in SECTIONS_ONLY else ("个人", "科室")
    tier = Tier(
        code=row("编号", tight, needed=True),
        kind=row.word("类别", ("基础分值", "扣分情形", "加分事项"), needed=True),
        subject=row.word("对象", subjects, needed=True),
        star=row.word("星级", STARS, needed=True),
        trigger=trigger,
        level=row.word("级别", LEVELS if trigger in WITH_LEVEL else ()),
        role=row.word("角色", ROLES if trigger == "信息采用" else ()),
        points=row("分值", number, needed=True),
        cap_item=row("单项上限", number),
        cap_quarter=row("每季上限", number),
        cap_half=row("每期上限", number),
        stacking=row.word("叠加", ("累加", "取最高", "首次减半")) or "累加",
        enabled=row.word("启用", ("是", "否"), needed=True) == "是",
    )
    if (tier.points < 0) != (tier.kind == "扣分情形"):
        row.fail("分值", "wrong sign")
    return tier


def read_rules(path: Path) -> Rules:
    book = openpyxl.load_workbook(path)
    tiers = []
    for row in table(book["积分细则"], RULES):
        tier = _tier(row)
        for other in tiers:
            if other.code != tier.code:
                continue
            if other.of_rule != tier.of_rule:
                row.fail("编号", "rows of one rule differ")
            if all(
                not a or not b or a == b
                for a, b in ((tier.level, other.level), (tier.role, other.role))
            ):
                row.fail("级别", "rows of one rule overlap")
        tiers.append(tier)
    settings = Settings()
    for row in table(book["参数"], ("名称", "值")):
        name = row.word("名称", SETTINGS, needed=True)
        attribute, read = SETTINGS[name]
        setattr(settings, attribute, row("值", read, needed=True))
    return Rules(tiers, settings)


# --- The facts

COLUMNS = {
    "日报": "日期 工号 提交时间 今日完成 明日计划 等次",
    "请假": "工号 开始日期 结束日期 类别",
    "月结": "月份 科室 等次",
    "学习": "日期 主题 缺席工号",
    "讲课": "日期 工号 题目 评分",
    "信息宣传": "采用日期 标题 类型 载体 期号 级别 主报 协报 主报科室 协报科室",
    "重点任务": "编号 任务 牵头科室 配合科室 难度 期限 延期至 延期批准日期 办结日期 主办 协办",
    "督办": "日期 任务编号 事项 科室 说明",
    "创新": "推广日期 项目 级别 人员 科室",
    "申报": "季度 对象 规则编号 级别 数量 事项 文件号 文件日期 初核 核验",
}


class FactsReader:
    def __init__(self, path: Path, roster: Roster, rules: Rules):
        self.book = openpyxl.load_workbook(path)
        self.roster, self.rules = roster, rules

    def read(self) -> Facts:
        facts = Facts()
        sheets = {
            "日报": (facts.reports, self.report), "请假": (facts.leaves, self.leave),
            "月结": (facts.summaries, self.summary), "学习": (facts.sessions, self.session),
            "讲课": (facts.talks, self.talk), "信息宣传": (facts.adoptions, self.adoption),
            "重点任务": (facts.tasks, self.task), "创新": (facts.promotions, self.promotion),
            "申报": (facts.declarations, self.declaration),
        }  # fmt: skip
        for name, (found, read) in sheets.items():
            found.extend(read(row) for row in self.rows(name))
        self.codes = {task.code for task in facts.tasks}
        facts.supervisions.extend(self.supervision(row) for row in self.rows("督办"))
        for sheet, keys in (
            ("日报", [(fact.no, fact.day) for fact in facts.reports]),
            ("月结", [(fact.month, fact.section) for fact in facts.summaries]),
            ("重点任务", [fact.code for fact in facts.tasks]),
        ):
            if len(set(keys)) < len(keys):
                raise Unreadable(sheet, 0, "", "one of these stands twice")
        return facts

    def rows(self, name):
        return table(self.book[name], COLUMNS[name].split())

    # What may stand in a cell

    def staff(self, row, column, *, needed=False) -> str:
        return row.word(column, self.roster.people, needed=needed)

    def section(self, row, column, *, needed=False) -> str:
        return row.word(column, self.roster.sections, needed=needed)

    def list_of(self, row, column, known) -> list:
        found = row(column, listed)
        for name in found:
            if name not in known:
                row.fail(column, f"unknown {name}")
        return found

    def shares(self, row, column, *, needed=False) -> dict:
        found = {}
        for part in row(column, parts, needed=needed):
            no, _colon, share = part.partition(":")
            share = row(column, lambda _value, share=share: number(share.removesuffix("%")))
            if no not in self.roster.people or not share or share <= 0 or no in found:
                row.fail(column, f"not a handler and a share: {part}")
            found[no] = share
        return found

    # The sheets

    def report(self, row) -> Report:
        on = row("日期", day, needed=True)
        filed_at = row("提交时间", moment, of=on)
        if filed_at and filed_at.date() < on:
            row.fail("提交时间", "before its day")
        no = self.staff(row, "工号", needed=True)
        return Report(row.number, on, no, filed_at, row.word("等次", GRADES))

    def leave(self, row) -> Leave:
        first, last = row("开始日期", day, needed=True), row("结束日期", day)
        if last and last < first:
            row.fail("结束日期", "before its start")
        row.word("类别", ("请假", "出差", "借调"), needed=True)
        return Leave(self.staff(row, "工号", needed=True), first, last)

    def summary(self, row) -> Summary:
        section = self.section(row, "科室", needed=True)
        of = row("月份", month, needed=True)
        return Summary(row.number, of, section, row.word("等次", GRADES))

    def session(self, row) -> Session:
        row("主题", needed=True)
        absent = self.list_of(row, "缺席工号", self.roster.people)
        return Session(row.number, row("日期", day, needed=True), absent)

    def talk(self, row) -> Talk:
        row("题目", needed=True)
        # Ratings are by different people: two equal ones are two.
        ratings = row("评分", lambda value: [number(part) for part in parts(value)])
        if any(not 0 <= rating <= 100 for rating in ratings):
            row.fail("评分", "out of range")
        no = self.staff(row, "工号", needed=True)
        return Talk(row.number, row("日期", day, needed=True), no, ratings)

    def adoption(self, row) -> Adoption:
        row.word("类型", ("信息", "宣传"), needed=True)
        people, sections = self.roster.people, self.roster.sections
        return Adoption(
            row.number,
            row("采用日期", day, needed=True),
            row("标题", needed=True),
            row.word("级别", LEVELS, needed=True),
            self.list_of(row, "主报", people),
            self.list_of(row, "协报", people),
            self.list_of(row, "主报科室", sections),
            self.list_of(row, "协报科室", sections),
        )

    def task(self, row) -> Task:
        row("任务", needed=True)
        self.list_of(row, "配合科室", self.roster.sections)
        difficulty = row("难度", number, needed=True)
        if difficulty not in (1, 2, 3, 4, 5):
            row.fail("难度", "out of range")
        task = Task(
            row.number,
            row("编号", tight, needed=True),
            self.section(row, "牵头科室", needed=True),
            int(difficulty),
            row("期限", day, needed=True),
            self.shares(row, "主办", needed=True),
            self.shares(row, "协办"),
            row("延期至", day),
            row("延期批准日期", day),
            row("办结日期", day),
        )
        if task.extended_to and task.extended_to <= task.due:
            row.fail("延期至", "not after the deadline")
        if set(task.main) & set(task.others):
            row.fail("协办", "a handler twice")
        if sum([*task.main.values(), *task.others.values()]) != 100:
            row.fail("主办", "not 100 together")
        return task

    def supervision(self, row) -> Supervision:
        kind = row.word("事项", ("退回", "催办", "通报点名"), needed=True)
        task = row.word("任务编号", self.codes, needed=kind == "退回")
        section = self.section(row, "科室", needed=kind == "通报点名")
        return Supervision(row.number, row("日期", day, needed=True), kind, task, section)

    def promotion(self, row) -> Promotion:
        return Promotion(
            row.number,
            row("推广日期", day, needed=True),
            row("项目", needed=True),
            row.word("级别", LEVELS, needed=True),
            self.list_of(row, "人员", self.roster.people),
            self.list_of(row, "科室", self.roster.sections),
        )

    def declaration(self, row) -> Declaration:
        quarter = row("季度", tight, needed=True)
        if not reading.QUARTER.fullmatch(quarter):
            row.fail("季度", "not a quarter")
        rules = self.rules.declarable()
        code = row.word("规则编号", rules, needed=True)
        known = self.roster.people if rules[code] == "个人" else self.roster.sections
        quantity = row("数量", number)
        if quantity is not None and quantity <= 0:
            row.fail("数量", "out of range")
        return Declaration(
            row.number,
            row.word("对象", known, needed=True),
            code,
            row("事项", needed=True),
            row.word("级别", LEVELS),
            Decimal(1) if quantity is None else quantity,
            row("文件号"),
            row("文件日期", day),
            row.word("初核", ("通过", "不通过")),
            row.word("核验", ("通过", "不通过")),
        )


def read_facts(path: Path, roster: Roster, rules: Rules) -> Facts:
    return FactsReader(path, roster, rules).read()
