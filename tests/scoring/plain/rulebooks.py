"""Rule books nobody thought of: every trigger, stacking and cap in some of them."""

from datetime import time
from decimal import Decimal
from pathlib import Path

from .workbooks import LEVELS, ROLES, SECTIONS_ONLY, STARS, TRIGGERS, WITH_LEVEL
from .writing import Book, Pen

TAKING = ("日报缺报", "日报迟报", "日报评差", "学习缺席", "任务逾期", "任务退回", "通报点名")
KINDS = {"基础分值": "基", "扣分情形": "扣", "加分事项": "加"}
DEFAULTS = {
    "加分总上限": Decimal(20),
    "日报截止": time(10),
    "补报天数": 7,
    "讲课最少评分人数": 5,
    "讲课良好线": Decimal(90),
}


class Rulebook:
    HEADS = (
        "编号", "类别", "对象", "星级", "事项", "触发", "级别", "角色", "分值", "单项上限",
        "每季上限", "每期上限", "叠加", "启用", "依据",
    )  # fmt: skip

    def __init__(self, pen: Pen):
        self.pen, self.rnd = pen, pen.rnd
        self.rows = []
        # Now and then a star that nobody can win.
        self.stars = STARS if pen.chance(0.6) else self.rnd.sample(STARS, 4)
        for subject in ("个人", "科室"):
            for trigger in TRIGGERS:
                if trigger in SECTIONS_ONLY and subject == "个人":
                    continue
                for _n in range(self.rnd.choice((0, 1, 1, 1, 2))):
                    self.rule(subject, trigger)
            if not any(r["启用"] == "是" for r in self.rows if r["对象"] == subject):
                self.rule(subject, "基础", on=1)
        if pen.chance(0.3):
            self.rnd.shuffle(self.rows)
        self.given, self.settings = self.set()

    def kind(self, trigger) -> str:
        if self.pen.chance(0.04):
            return self.rnd.choice(tuple(KINDS))
        if trigger == "基础":
            return "基础分值"
        if trigger == "申报":
            return self.rnd.choice(("加分事项", "加分事项", "扣分情形"))
        return "扣分情形" if trigger in TAKING else "加分事项"

    def points(self, kind, trigger) -> Decimal:
        if trigger == "基础":
            cents = self.rnd.choice((500, 1000, 2000, 75))
        elif trigger.startswith("日报"):
            cents = self.rnd.randint(1, 40)
        else:
            cents = self.rnd.choice((self.rnd.randint(1, 400), self.rnd.randint(1, 1000), 1, 25))
        return Decimal(-cents if kind == "扣分情形" else cents) / 100

    def cap(self, share) -> Decimal | None:
        if not self.pen.chance(share):
            return None
        return Decimal(self.rnd.choice((self.rnd.randint(1, 1200), 25, 200, 500))) / 100

    def rule(self, subject, trigger, on=0.9):
        pen, kind = self.pen, self.kind(trigger)
        star = self.rnd.choice(self.stars)
        rule = {
            "编号": f"{star}-{KINDS[kind]}-{len(self.rows) + 1:02}",
            "类别": kind,
            "对象": subject,
            "星级": star,
            "事项": "试验事项",
            "触发": trigger,
            "单项上限": self.cap(0.3),
            "每季上限": self.cap(0.4),
            "每期上限": self.cap(0.4),
            "叠加": self.rnd.choice(("累加", "累加", None, "取最高", "首次减半")),
        }
        for level, role in self.tiers(trigger):
            self.rows.append(
                rule
                | {
                    "级别": level,
                    "角色": role,
                    "分值": self.points(kind, trigger),
                    "启用": "是" if pen.chance(on) else "否",
                    "依据": self.rnd.choice(("第六条", None)),
                }
            )

    def tiers(self, trigger) -> list:
        """Pairs of level and role of which no two fit the same fact."""
        levels = (None, *LEVELS) if trigger in WITH_LEVEL else (None,)
        roles = (None, *ROLES) if trigger == "信息采用" else (None,)
        possible = [(level, role) for level in levels for role in roles]
        self.rnd.shuffle(possible)
        if self.pen.chance(0.8):
            possible.sort(key=lambda pair: pair[0] is None)
        taken = []
        for one in possible[: self.rnd.randint(1, 12)]:
            if not any(_overlap(one, other) for other in taken):
                taken.append(one)
        return taken

    def set(self) -> tuple[dict, dict]:
        """The settings that the book names, and what holds with the others' defaults."""
        rnd = self.rnd
        found = {
            "加分总上限": Decimal(rnd.choice((0, 1, 500, 1000, 2000))) / 100,
            "日报截止": rnd.choice((time(9), time(10), time(8, 5), time(17, 30))),
            "补报天数": rnd.choice((0, 1, 2, 3, 7, 10)),
            "讲课最少评分人数": rnd.randint(1, 5),
            "讲课良好线": rnd.choice((Decimal(85), Decimal(90), Decimal("92.5"))),
        }
        given = {name: value for name, value in found.items() if self.pen.chance(0.7)}
        return given, DEFAULTS | given

    def write(self, path: Path) -> None:
        pen, rows = self.pen, []
        for row in self.rows:
            written = {
                head: pen.number(row[head]) for head in ("分值", "单项上限", "每季上限", "每期上限")
            }
            for head in ("类别", "对象", "星级", "触发", "级别", "角色", "叠加", "启用"):
                written[head] = pen.word(row[head])
            for head in ("编号", "事项", "依据"):
                written[head] = pen.text(row[head])
            rows.append(written)
        book = Book(pen)
        book.sheet("积分细则", self.HEADS, rows, title="积分细则")
        settings = []
        for name, value in self.given.items():
            shown = pen.clock(value) if isinstance(value, time) else pen.number(value)
            settings.append({"名称": pen.word(name), "值": shown, "说明": None})
        book.sheet("参数", ("名称", "值", "说明"), settings, title="积分参数")
        book.save(path)


def _overlap(one, other) -> bool:
    return all(not a or not b or a == b for a, b in zip(one, other, strict=True))
