"""A trial of a rule book as a workbook: 总览, 个人, 科室, 易主, 规则, 上限.

A document handed up is Chinese, whatever language its maker reads. Everything is read from the
trial first: rows are written when its transaction is long gone.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.utils import translation

from ledgers.models import CreditRole, Level
from scheme import clock
from scheme.exports.sheets import LEFT, Column, Sheet, save
from scheme.models import Star
from scoring import sandbox
from scoring.contents import canonical, content_of
from scoring.models import RuleBook
from scoring.models.rulebook import Stacking, Trigger
from scoring.sandbox.reading import CapLine, RuleLine, Rules
from scoring.sandbox.trial import Hand, Move, Summary, Unpriced

KINDS = {"person": "个人", "section": "科室"}
STAGES = {
    "stacking": "叠加",
    "item": "单项上限",
    "quarter": "每季上限",
    "half": "每期上限",
    "bonus": "加分总上限",
    "floor": "扣完为止",
}
VERDICTS = {
    "never": "这半年没有用上",
    "new": "新增",
    "gone": "试算的细则里没有",
    "past": "以前各版或手工记分",
    "": "",
}
CHANGES = {"in": "进", "out": "出", "stays": ""}
TOTAL = "合计"
NOTE = "试算不入账：不写分录，不定格，不改变任何人的积分。"
HOW = (
    "两边用同一份台账、同一套算法，只有细则不同；试算的细则当作从这半年第一天起施行。"
    "手工记分和跨半年的更正照账上计；关账后补记的事，仍计入它实际计入的季度。"
)


class Content(NamedTuple):
    """All that the workbook says."""

    book: RuleBook
    in_force: RuleBook | None
    half: str
    seal: str
    made: datetime
    persons: int
    sections: int
    moves: list[Move]
    summary: dict[tuple[str, str], Summary]
    hands: list[Hand]
    rules: list[RuleLine]
    unpriced: list[Unpriced]
    caps: list[CapLine]
    stars: dict[str, str]


def read(book: RuleBook, half: str, *, persons: int, sections: int) -> Content:
    with sandbox.laid_out(book, half) as trial:
        rules = Rules(trial)
        return Content(
            book=book,
            in_force=trial.in_force,
            half=half,
            seal=hashlib.sha256(canonical(content_of(book)).encode()).hexdigest(),
            made=clock.now(),
            persons=persons,
            sections=sections,
            moves=trial.moves(order="office"),
            summary=trial.summary(),
            hands=trial.hands(persons=persons, sections=sections),
            rules=rules.lines(),
            unpriced=trial.unpriced(),
            caps=rules.caps(),
            stars=dict(Star.objects.order_by("position").values_list("pk", "name")),
        )


def write(content: Content, path: Path, *, progress: Callable[[int, int], None]) -> None:
    """`progress(done, total)` is called after every row."""
    with translation.override(None):
        sheets = [
            _overview(content),
            _moves(content, "person"),
            _moves(content, "section"),
            _hands(content),
            _rules(content),
            _caps(content),
        ]
    total, done = sum(len(sheet.rows) for sheet in sheets), 0

    def each_row():
        nonlocal done
        done += 1
        progress(done, total)

    progress(0, total)
    save(sheets, path, title=_title(content), made=content.made, each_row=each_row)


def _title(content: Content) -> str:
    part = "上" if content.half.endswith("1") else "下"
    return f"{content.half[:4]}年{part}半年积分试算（第{content.book.version}版）"


def _sheet(content: Content, name: str, columns, rows, notes=()) -> Sheet:
    day = clock.local(content.made)
    return Sheet(
        name=name,
        title=f"{_title(content)}{name}",
        unit=content.book.unit.name,
        day=f"{day.year}年{day.month}月{day.day}日",
        columns=columns,
        rows=rows,
        notes=[NOTE, *notes],
        signatures="分管领导：                    审核人：                    填报人：          ",
        footers=(f"试算细则内容 {content.seal[:16]}", content.half),
    )


def _figure(value) -> str:
    return "" if value is None else f"{value:.2f}"


def _named(book: RuleBook | None) -> str:
    return f"{book.title}第{book.version}版" if book else "没有施行的细则"


def _overview(content: Content) -> Sheet:
    never = sum(line.verdict == "never" for line in content.rules)
    columns = [Column("项目", 34, align=LEFT), Column("当时的细则", 46), Column("试算的细则", 46)]
    rows = [
        ("细则", _named(content.in_force), _named(content.book)),
        (
            "细则校验值",
            content.in_force.digest[:16] if content.in_force else "",
            content.book.digest[:16] or f"草案 {content.seal[:16]}",
        ),
    ]
    for pool, word in KINDS.items():
        one = content.summary.get((pool, ""))
        if one:
            rows += [
                (f"{word}：参加排名", one.subjects, one.subjects),
                (f"{word}：合计升、降、不变", "", f"{one.up}、{one.down}、{one.same}"),
                (
                    f"{word}：合计差额最小、最大",
                    "",
                    f"{_figure(one.lowest)}、{_figure(one.highest)}",
                ),
            ]
    for pool, seats in (("person", content.persons), ("section", content.sections)):
        hands = [hand for hand in content.hands if hand.pool == pool]
        changed = sum(bool(hand.n_in or hand.n_out) for hand in hands)
        rows.append((f"{KINDS[pool]}：每星前{seats}名换人的星", "", changed))
    rows += [
        ("试算细则里这半年没有用上的规则", "", never),
        ("试算细则不给分的事", sum(one.before for one in content.unpriced),
         sum(one.facts for one in content.unpriced)),
        ("各项上限和叠加切去的分",
         _figure(sum(line.before.points for line in content.caps)),
         _figure(sum(line.after.points for line in content.caps))),
    ]  # fmt: skip
    return _sheet(content, "总览", columns, rows, [HOW])


def _moves(content: Content, pool: str) -> Sheet:
    if pool == "person":
        who = [Column("工号", 12), Column("姓名", 14), Column("科室", 22)]
    else:
        who = [Column("科室", 30)]
    columns = [
        *who,
        Column("星级", 10),
        Column("当时", 12, "得分"),
        Column("试算", 12, "得分"),
        Column("差额", 12, "得分"),
        Column("当时", 9, "名次"),
        Column("试算", 9, "名次"),
        Column("升降", 9, "名次"),
    ]
    rows = []
    for move in content.moves:
        if move.pool != pool:
            continue
        names = (move.staff_no, move.name, move.section) if pool == "person" else (move.name,)
        figures = (_figure(value) for value in (move.before, move.after, move.moved))
        places = (move.place_before, move.place_after, move.climbed)
        rows.append((*names, content.stars.get(move.star, TOTAL), *figures, *places))
    notes = ["空白表示那一边这颗星没有启用的规则；升降为正是名次升，为负是名次降。"]
    return _sheet(content, KINDS[pool], columns, rows, notes)


def _hands(content: Content) -> Sheet:
    columns = [
        Column("对象", 8),
        Column("星级", 10),
        Column("名额", 8),
        Column("工号", 12),
        Column("姓名或科室", 24),
        Column("所在科室", 20),
        Column("得分", 11, "当时"),
        Column("名次", 8, "当时"),
        Column("得分", 11, "试算"),
        Column("名次", 8, "试算"),
        Column("进出", 8),
    ]
    rows = [
        (
            KINDS[hand.pool],
            content.stars[hand.star],
            hand.seats,
            one.staff_no,
            one.name,
            one.section,
            _figure(one.before),
            one.place_before,
            _figure(one.after),
            one.place_after,
            CHANGES[one.change],
        )
        for hand in content.hands
        for one in hand.holders
    ]
    notes = ["只比得分的前几名，用来看细则的影响；评定仍由科室、支部和部务会按程序办。"]
    notes.append("同分同名次，并列的都列出；得分为0的不算。")
    if left := sum(hand.unlisted for hand in content.hands):
        notes.append(f"并列太多，另有{left}行没有列出；并列的里，换了人的先列。")
    return _sheet(content, "易主", columns, rows, notes)


def _rules(content: Content) -> Sheet:
    figures = [("笔数", 8), ("对象数", 8), ("入账", 11), ("计入", 11)]
    columns = [
        Column("编号", 16),
        Column("事项", 34, align=LEFT),
        Column("对象", 8),
        Column("星级", 10),
        Column("类别", 11),
        *(Column(head, width, side) for side in ("当时", "试算") for head, width in figures),
        Column("说明", 24, align=LEFT),
    ]
    rows = []
    for line in content.rules:
        rule = line.rule
        known = ("", "", "", "")
        if rule:
            star = content.stars[rule.star_id]
            known = (rule.title, KINDS[rule.subject], star, rule.get_kind_display())
        sides = (
            value
            for fired in (line.before, line.after)
            for value in (fired.entries, fired.subjects, *map(_figure, fired[2:]))
        )
        rows.append((line.code, *known, *sides, VERDICTS[line.verdict]))
    for one in content.unpriced:
        level, role = (_label(of, key) for of, key in ((Level, one.level), (CreditRole, one.role)))
        what = f"{_label(Trigger, one.trigger)}{level}{role}"
        blank = ("",) * 2
        counts = (one.before, *("",) * 3, one.facts, *("",) * 3)
        rows.append((one.only_rule, what, KINDS[one.pool], *blank, *counts, "试算细则不给分"))
    return _sheet(content, "规则", columns, rows)


def _caps(content: Content) -> Sheet:
    columns = [
        Column("编号", 16),
        Column("事项", 34, align=LEFT),
        Column("对象", 8),
        Column("星级", 10),
        Column("环节", 13),
        *(
            Column(head, 11, side)
            for side in ("当时", "试算")
            for head in ("规定", "切到", "切去的分")
        ),
    ]
    rows = []
    for line in content.caps:
        what = (
            line.rule.title if line.rule else "全部加分" if line.stage == "bonus" else "基础和扣分"
        )
        sides = (
            value
            for limit, bite in ((line.set_before, line.before), (line.set_after, line.after))
            for value in (_limit(limit), bite.subjects, _figure(bite.points))
        )
        star = content.stars.get(line.star, TOTAL)
        rows.append((line.code, what, KINDS[line.pool], star, STAGES[line.stage], *sides))
    notes = ["“切到”是被这一环节切去分的人数或科室数；按先叠加、再单项、每季、每期的次序。"]
    return _sheet(content, "上限", columns, rows, notes)


def _limit(value) -> str:
    return _label(Stacking, value) if isinstance(value, str) else _figure(value)


def _label(choices, key: str) -> str:
    return str(choices(key).label) if key else ""
