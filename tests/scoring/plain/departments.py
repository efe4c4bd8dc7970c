"""Departments nobody thought of, as the three workbooks; the same seed makes the same one."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from . import periods
from .rulebooks import Rulebook
from .workbooks import COLUMNS, GRADES, LEVELS, RULES
from .writing import Book, Pen

FIRST, LAST = date(2026, 1, 1), date(2026, 6, 30)
DAY = timedelta(days=1)
HEADS = [
    "序号", "工号", "姓名", "科室", "职务", "职级", "编制类型", "所在支部", "支部职务", "分管科室",
    "任职日期", "入职时间", "备注",
]  # fmt: skip
SECTIONS = ("办公室", "组织一科", "干部二科", "研究室", "人才工作科", "公务员3科", "干部（二）科")
NAMES = ("王　慧", "李思远", "欧阳 明", "赵\u3000敏", "陈可欣", "阿依古丽·买买提", "孙雨桐", "周杰")
TITLES = (
    "云栖县擦亮两新党建品牌", "泽川市2026年干部夜校开课", "码上学习指尖充电ABC", "组工Ⅲ期答问",
    "组工III期答问", "第①批导图式考察", "Q1工作品牌", "q1工作品牌", "〇二年旧事", "卡é版", "——",
)  # fmt: skip
JOBS = ("建立台账", "专项督查", "中期评估", "修订办法")


@dataclass
class One:
    """A row of the roster."""

    no: str
    name: str
    section: str
    post: str
    joined: date
    charge: list = field(default_factory=list)
    remarks: list = field(default_factory=list)


class Department:
    name = "试验市委组织部"

    def __init__(self, seed: int):
        self.rnd = random.Random(seed)
        self.pen = Pen(self.rnd)
        self.workdays = periods.WorkingDays()
        self.sections = ["机关人事科", *self.rnd.sample(SECTIONS, self.rnd.choice((2, 3)))]
        self.former = "老干部工作科"
        self.prefix = self.rnd.choice(("ZC", "G-", "0", "7"))
        self.people: list[One] = []
        self.leaders()
        self.staff()
        self.rulebook = Rulebook(self.pen)
        # Who proposes and approves the rule book, for the commands.
        self.approver = self.people[0].no
        self.proposer = next(one.no for one in self.people if one.section == "机关人事科")

    def write(self, folder: Path) -> None:
        self.write_roster(folder / "roster.xlsx")
        self.rulebook.write(folder / "rules.xlsx")
        self.write_facts(folder / "facts-2026H1.xlsx")

    # --- Days

    def day(self, first=FIRST, last=LAST) -> date:
        return first + DAY * self.rnd.randrange((last - first).days + 1)

    def near(self) -> date:
        """A day in the half-year, rarely a little before or after it, often at an edge."""
        way = self.rnd.random()
        if way < 0.06:
            return self.day(FIRST - DAY * 20, FIRST - DAY)
        if way < 0.12:
            return self.day(LAST + DAY, LAST + DAY * 20)
        if way < 0.24:
            edges = (FIRST, LAST, date(2026, 3, 31), date(2026, 4, 1), date(2026, 1, 4))
            return self.rnd.choice(edges)
        return self.day()

    # --- People

    def number(self) -> str:
        return f"{self.prefix}{len(self.people) + 1:03}"

    def add(self, section, post, joined, **more) -> One:
        one = One(self.number(), self.rnd.choice(NAMES), section, post, joined, **more)
        self.people.append(one)
        return one

    def leaders(self):
        """The first is in charge of the personnel office."""
        old = date(2020, 5, 6)
        self.add("", "副部长", old, charge=self.sections[:2])
        self.add("", "部长", old)
        if self.pen.chance(0.5):
            self.add("", "部务委员", old, charge=self.sections[2:])

    def staff(self):
        for section in self.sections:
            chief = "主任" if section == "办公室" else "科长"
            self.add(section, chief, self.day(date(2010, 1, 1), date(2024, 12, 31)))
            for _n in range(self.rnd.choice((1, 2, 3))):
                self.member(section)

    def member(self, section):
        joined = self.day(date(2015, 1, 1), date(2025, 12, 31))
        if self.pen.chance(0.15):
            joined = self.rnd.choice((FIRST, FIRST + DAY, LAST, LAST + DAY, self.near()))
        one = self.add(section, "科员", joined)
        way = self.rnd.random()
        if way < 0.2:
            left = self.rnd.choice((self.near(), FIRST, LAST, FIRST + DAY, LAST + DAY))
            if left > joined:
                word = self.rnd.choice(("退休", "调出", "辞职"))
                one.remarks.append(f"{self.written(left)}{self.gap()}{word}")
        elif way < 0.4:
            moved = self.near()
            if moved > joined:
                before = self.rnd.choice([*self.sections, self.former])
                if before != section:
                    one.remarks.append(f"{self.written(moved)}{self.gap()}由{before}调入{section}")
        if self.pen.chance(0.12):
            one.remarks.append(f"借调至省委组织部（{self.written(self.near())}起）")
        if self.pen.chance(0.3):
            more = (
                "试用期",
                "借调自岚谷县委组织部",
                "驻村第一书记（柳林镇）",
                "参加巡察（借调）",
                "群众",
            )
            one.remarks.insert(self.rnd.randrange(len(one.remarks) + 1), self.rnd.choice(more))

    def written(self, value: date) -> str:
        return self.pen.wide(self.pen._styled(value))

    def gap(self) -> str:
        return self.rnd.choice(("", " ", "\u3000"))

    def write_roster(self, path: Path):
        pen, rows = self.pen, []
        for n, one in enumerate(self.people, 1):
            rows.append(
                {
                    "序号": pen.number(n) if pen.chance(0.8) else pen.empty(),
                    "工号": pen.word(one.no),
                    "姓名": one.name,
                    "科室": pen.word(one.section) if one.section else pen.empty(),
                    "职务": pen.text(one.post),
                    "职级": pen.text(self.rnd.choice((None, "一级科员", "四级调研员"))),
                    "编制类型": pen.word(self.rnd.choice(("行政", "参公", "事业", "工勤"))),
                    "所在支部": pen.text("机关第一党支部"),
                    "支部职务": pen.empty(),
                    "分管科室": pen.list(one.charge),
                    "任职日期": pen.day(max(one.joined, date(2021, 3, 4))),
                    "入职时间": pen.day(one.joined),
                    "备注": pen.padded("；".join(one.remarks)) if one.remarks else pen.empty(),
                }
            )
        book = Book(pen)
        above = [[f"填报单位：{self.name}", None, None, "填报日期：2026年7月6日"]]
        grouped = ("所在支部", "支部职务")
        book.sheet("花名册", HEADS, rows, title="花名册", above=above, grouped=grouped)
        book.save(path)

    # --- Facts

    def anybody(self, most=3, least=0) -> list:
        """Staff numbers, leaders and people who have left among them."""
        count = min(self.rnd.randint(least, most), len(self.people))
        return [one.no for one in self.rnd.sample(self.people, count)]

    def some_sections(self, most=2, least=0) -> list:
        known = self.known_sections()
        return self.rnd.sample(known, min(self.rnd.randint(least, most), len(known)))

    def known_sections(self) -> list:
        moved = any(self.former in remark for one in self.people for remark in one.remarks)
        return [*self.sections, self.former] if moved else list(self.sections)

    def write_facts(self, path: Path):
        book = Book(self.pen)
        style = self.rnd.choice(("2026-ZD-{:03}", "督〔2026〕{}号", "{}", "{:03}"))
        self.codes = [style.format(n) for n in range(1, self.rnd.randint(8, 16))]
        makers = {
            "日报": self.reports, "请假": self.leaves, "月结": self.summaries,
            "学习": self.sessions, "讲课": self.talks, "信息宣传": self.adoptions,
            "重点任务": self.tasks, "督办": self.supervisions, "创新": self.promotions,
            "申报": self.declarations,
        }  # fmt: skip
        names = list(makers)
        if self.pen.chance(0.5):
            self.rnd.shuffle(names)
        for name in names:
            rows = list(makers[name]())
            if name == "日报" and self.pen.chance(0.5):
                self.rnd.shuffle(rows)
            if name not in ("日报", "月结", "重点任务"):
                # Twice written is twice happened.
                rows += [dict(row) for row in rows if self.pen.chance(0.05)]
            # Now and then a ledger in which nothing happened.
            if name not in ("日报", "重点任务") and self.pen.chance(0.04):
                rows = []
            book.sheet(name, COLUMNS[name].split(), rows, title=f"{self.name}{name}")
        book.save(path)

    def reports(self):
        pen, days = self.pen, periods.days(FIRST - DAY * 6, LAST + DAY * 4)
        for one in self.people:
            rate = self.rnd.choice((0, 0.6, 0.95, 0.99, 0.99))
            for day in days:
                working = day in self.workdays
                if self.rnd.random() < (rate if working else 0.04):
                    yield {
                        "日期": pen.day(day),
                        "工号": pen.word(one.no),
                        "提交时间": pen.moment(self.filing(day), day),
                        "今日完成": pen.text(self.rnd.choice((None, "核稿3份", "1.收文；2.发文"))),
                        "明日计划": pen.text(self.rnd.choice((None, "继续推进"))),
                        "等次": pen.word(self.rnd.choice((None, None, *GRADES))),
                    }

    def filing(self, day) -> datetime | None:
        """Often just at a limit, to the second."""
        settings = self.rulebook.settings
        way = self.rnd.random()
        if way < 0.6:
            return datetime.combine(day, time(17, self.rnd.randrange(60)))
        if way < 0.65:
            return None
        cutoff = datetime.combine(self.workdays.after(day), settings["日报截止"])
        limit = datetime.combine(day + DAY * settings["补报天数"], time(23, 59, 59))
        second = timedelta(seconds=1)
        edges = (cutoff, cutoff + second, limit, limit + second, max(cutoff, limit) + DAY * 3)
        if way < 0.9:
            return self.rnd.choice(edges)
        return datetime.combine(day, time(23, 59, self.rnd.choice((0, 30, 58))))

    def leaves(self):
        days = {no: self.day(FIRST - DAY * 40, LAST) for no in self.anybody(9, 3)}
        for no in [*days, *self.rnd.sample(list(days), 2)]:
            # Some of them begin on one day and end on two.
            first = days[no] + DAY * self.rnd.choice((0, 0, 3))
            last = first + DAY * self.rnd.choice((0, 0, 1, 4, 12, 40))
            yield {
                "工号": self.pen.word(no),
                "开始日期": self.pen.day(first),
                "结束日期": self.pen.day(None if self.pen.chance(0.12) else last),
                "类别": self.pen.word(self.rnd.choice(("请假", "出差", "借调"))),
            }

    def summaries(self):
        months = [date(2025, 12, 1), *(date(2026, n, 1) for n in range(1, 8))]
        for month in months:
            for section in self.known_sections():
                if self.pen.chance(0.7):
                    yield {
                        "月份": self.pen.month(month),
                        "科室": self.pen.word(section),
                        "等次": self.pen.word(self.rnd.choice((None, "好", "好", *GRADES))),
                    }

    def sessions(self):
        for _n in range(self.rnd.randint(3, 9)):
            yield {
                "日期": self.pen.day(self.near()),
                "主题": self.pen.text("保密法学习"),
                "缺席工号": self.pen.list(self.anybody(6)),
            }

    def talks(self):
        settings = self.rulebook.settings
        line, least = settings["讲课良好线"], settings["讲课最少评分人数"]
        for no in self.anybody(8, 4):
            count = self.rnd.choice((0, least - 1, least, least, least + 3))
            ratings = [line] * count
            if self.pen.chance(0.5) and count > 1:
                # Apart by as much, so that the mean stands exactly on the line.
                ratings[0], ratings[1] = line - Decimal("2.5"), line + Decimal("2.5")
            if self.pen.chance(0.5) and count:
                ratings[-1] += self.rnd.choice((Decimal("-0.1"), Decimal("0.01"), Decimal(3)))
            yield {
                "日期": self.pen.day(self.near()),
                "工号": self.pen.word(no),
                "题目": self.pen.text("督查工作流程"),
                "评分": self.pen.ratings(ratings),
            }

    def adoptions(self):
        for _n in range(self.rnd.randint(6, 20)):
            yield {
                "采用日期": self.pen.day(self.near()),
                "标题": self.pen.title(self.rnd.choice(TITLES)),
                "类型": self.pen.word(self.rnd.choice(("信息", "宣传"))),
                "载体": self.pen.text(self.rnd.choice((None, "《泽川日报》"))),
                "期号": self.rnd.choice((None, 12, "第5期", "/")),
                "级别": self.pen.word(self.rnd.choice(LEVELS)),
                "主报": self.pen.list(self.anybody(2)),
                "协报": self.pen.list(self.anybody(4)),
                "主报科室": self.pen.list(self.some_sections()),
                "协报科室": self.pen.list(self.some_sections(3)),
            }

    def split(self, count) -> list[Decimal]:
        """That many shares, 100 together."""
        if count == 3 and self.pen.chance(0.3):
            return [Decimal("33.3"), Decimal("33.3"), Decimal("33.4")]
        if count == 2 and self.pen.chance(0.3):
            return [Decimal("99.6"), Decimal("0.4")]
        step = self.rnd.choice((Decimal(5), Decimal("0.5"), Decimal("0.01")))
        cuts = sorted(self.rnd.sample(range(1, int(100 / step)), count - 1))
        edges = [0, *cuts, int(100 / step)]
        return [(b - a) * step for a, b in pairwise(edges)]

    def tasks(self):
        for code in self.codes:
            due = self.near()
            extended = due + DAY * self.rnd.randint(1, 30) if self.pen.chance(0.35) else None
            granted = due + DAY * self.rnd.choice((-9, -1, 0, 1)) if extended else None
            if self.pen.chance(0.2):
                granted = None
            stands = extended if extended and granted and granted < due else due
            closed = stands + DAY * self.rnd.choice((-20, -2, 0, 0, 1, 2, 3, 4, 7, 11, 30))
            handlers = self.anybody(4, 1)
            shares = dict(zip(handlers, self.split(len(handlers)), strict=True))
            main = self.rnd.randint(1, len(handlers))
            yield {
                "编号": self.pen.word(code) if code.isdecimal() else self.pen.text(code),
                "任务": self.pen.text(self.rnd.choice(JOBS)),
                "牵头科室": self.pen.word(self.rnd.choice(self.known_sections())),
                "配合科室": self.pen.list(self.some_sections()),
                "难度": self.pen.number(self.rnd.randint(1, 5)),
                "期限": self.pen.day(due),
                "延期至": self.pen.day(extended),
                "延期批准日期": self.pen.day(granted),
                "办结日期": self.pen.day(None if self.pen.chance(0.2) else closed),
                "主办": self.pen.shares({no: shares[no] for no in handlers[:main]}),
                "协办": self.pen.shares({no: shares[no] for no in handlers[main:]}),
            }

    def supervisions(self):
        for _n in range(self.rnd.randint(5, 16)):
            kind = self.rnd.choice(("退回", "退回", "催办", "通报点名"))
            task = self.rnd.choice(self.codes[:4] if self.pen.chance(0.6) else self.codes)
            section = self.rnd.choice(self.known_sections())
            yield {
                "日期": self.pen.day(self.near()),
                "任务编号": self.pen.text(task if kind == "退回" or self.pen.chance(0.4) else None),
                "事项": self.pen.word(kind),
                "科室": self.pen.word(
                    section if kind == "通报点名" or self.pen.chance(0.5) else None
                ),
                "说明": self.pen.text(self.rnd.choice((None, "进度滞后"))),
            }

    def promotions(self):
        for _n in range(self.rnd.randint(3, 10)):
            yield {
                "推广日期": self.pen.day(self.near()),
                "项目": self.pen.title(self.rnd.choice(TITLES)),
                "级别": self.pen.word(self.rnd.choice(LEVELS)),
                "人员": self.pen.list(self.anybody(3)),
                "科室": self.pen.list(self.some_sections()),
            }

    def declarations(self):
        pen, passed = self.pen, ("通过",) * 9 + ("不通过", None)
        rules = [row for row in self.rulebook.rows if row["触发"] == "申报"]
        for _n in range(self.rnd.randint(8, 30) if rules else 0):
            rule = self.rnd.choice(rules)
            subject = self.rnd.choice(
                [one.no for one in self.people] if rule["对象"] == "个人" else self.known_sections()
            )
            level = rule["级别"] if pen.chance(0.8) else self.rnd.choice((None, *LEVELS))
            quantity = self.rnd.choice((None, 1, 1, 2, 3, Decimal("1.5"), Decimal("0.125")))
            yield {
                "季度": pen.word(self.rnd.choice(("2026Q1", "2026Q2"))),
                "对象": pen.word(subject),
                "规则编号": pen.text(rule["编号"]),
                "级别": pen.word(level),
                "数量": pen.number(quantity) if quantity else pen.empty(),
                "事项": pen.title(self.rnd.choice(TITLES)),
                "文件号": pen.text("泽组发〔2026〕12号" if pen.chance(0.9) else None),
                "文件日期": pen.day(self.near() if pen.chance(0.9) else None),
                "初核": pen.word(self.rnd.choice(passed)),
                "核验": pen.word(self.rnd.choice(passed)),
            }


assert set(RULES) == set(Rulebook.HEADS)
