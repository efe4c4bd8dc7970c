"""However a workbook writes its cells, it says the same: random styles of the same facts."""

from datetime import date, datetime, time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers.imports import workbook
from ledgers.imports.roll import Reading, Roll
from scheme import clock
from scheme.imports.sheets import open_book
from tests.ledgers.facts_books import HEADS, file_of

PEOPLE = {f"ZC00{n}": n for n in range(1, 7)}
SECTIONS = {"干部一科": 1, "组织二科": 2, "办公室": 3}
ROLL = Roll(PEOPLE, SECTIONS, frozenset())
WIDE = str.maketrans({n: chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
GAPS = ["", "", "", " ", "　", "\t"]


def text_of(dice: Random, text: str) -> str:
    """With stray space around it, and its digits and letters perhaps full-width."""
    return dice.choice(GAPS) + dice.choice([text, text.translate(WIDE)]) + dice.choice(GAPS)


def word_of(dice: Random, word: str) -> str:
    """Numbers, names and fixed words may have space inside too."""
    cut = dice.randint(0, len(word))
    return text_of(dice, word[:cut] + dice.choice(GAPS) + word[cut:])


def day_of(dice: Random, day: date):
    pad = dice.choice(["", "02"])
    patterns = ["{:04}-{:{p}}-{:{p}}", "{:04}.{:{p}}.{:{p}}", "{:04}年{:{p}}月{:{p}}日"]
    texts = [text_of(dice, one.format(day.year, day.month, day.day, p=pad)) for one in patterns]
    return dice.choice([day, datetime.combine(day, time()), *texts])


def month_of(dice: Random, month: date):
    styles = [month.replace(day=dice.randint(1, 28)), float(f"{month.year}.{month.month}")]
    for pattern in ("{}-{:02}", "{}.{}", "{}年{}月", "{}-{}"):
        styles.append(text_of(dice, pattern.format(month.year, month.month)))
    return dice.choice(styles)


def moment_of(dice: Random, day: date, at: time):
    words = at.strftime("%H:%M:%S")
    both = f"{day.year}年{day.month}月{day.day}日 {words}"
    texts = [text_of(dice, words), text_of(dice, both)]
    return dice.choice([datetime.combine(day, at), at, *texts])


def list_of(dice: Random, words: list[str]):
    """Repeats and empty parts count nothing."""
    parts = [word_of(dice, word) for word in words]
    parts += dice.choices(["", " ", "无", *parts[:1]], k=dice.randint(0, 2))
    return "、".join(parts) or dice.choice(["", "无", "/", "／", None])


def shares_of(dice: Random, shares: dict[str, int]) -> str:
    return "、".join(
        word_of(dice, number) + dice.choice(":：") + f"{share}{dice.choice(['', '%', ' %', '％'])}"
        for number, share in shares.items()
    )


def sample(dice: Random, words) -> list[str]:
    return dice.sample(sorted(words), dice.randint(0, len(words)))


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), day=st.dates(date(2026, 1, 1), date(2026, 6, 30)))
def test_the_same_facts_in_any_style(seed, day):
    dice = Random(seed)
    month, at = (
        day.replace(day=1),
        time(dice.randint(8, 20), dice.randint(0, 59), dice.randint(0, 59)),
    )
    people, sections = sample(dice, PEOPLE), sample(dice, SECTIONS)
    both = people[::2]
    ratings = dice.choices([88, 90, 91.5], k=dice.randint(0, 6))
    one, other = dice.sample(sorted(PEOPLE), 2)
    cells = {
        "日报": [day, one, None, "核稿16份", "接着核稿", "较好"],
        "月结": [month, "干部一科", "好"],
        "学习": [day, "条例学习", people],
        "讲课": [day, one, "怎样写信息", ratings],
        "信息宣传": [day, "三抓三促", "信息", "", "", "本级", people, both, sections, []],
        "重点任务": ["2026-ZD-001", "建账", "办公室", sections, 3, day, None, None, None,
                 {one: 60}, {other: 40}],
        "督办": [day, "2026-ZD-001", "退回", "办公室", "数据不全"],
        "创新": [day, "红色议事厅", "国家", people, sections],
    }  # fmt: skip
    texts = {"核稿16份", "接着核稿", "条例学习", "怎样写信息", "三抓三促", "建账", "数据不全",
             "红色议事厅"}  # fmt: skip

    def written(value):
        if isinstance(value, date):
            return day_of(dice, value)
        if isinstance(value, dict):
            return shares_of(dice, value)
        if value is ratings:
            return "、".join(f"{rating:g}" for rating in value)
        if isinstance(value, list):
            return list_of(dice, value)
        if isinstance(value, int):
            return dice.choice([float(value), word_of(dice, f"{value}")])
        if value in texts:
            return f" {value}　"
        return word_of(dice, value) if value else value

    rows = {name: [written(value) for value in row] for name, row in cells.items()}
    rows["日报"][2] = moment_of(dice, day, at)
    rows["月结"][0] = month_of(dice, month)
    heads = {}
    for name in rows:
        order = dice.sample(range(len(rows[name])), len(rows[name]))
        heads[name] = [word_of(dice, HEADS[name][n]) for n in order] + ["备注"]
        rows[name] = [[rows[name][n] for n in order] + [None]]

    facts = workbook.read(open_book(file_of(rows, heads=heads)), Reading(ROLL))

    assert list(facts.problems) == [], rows
    said = {name: records[0] for name, records in facts.rows.items()}
    pks = [PEOPLE[number] for number in people]
    rooms = [SECTIONS[name] for name in sections]
    assert said["日报"]["day"] == day and said["日报"]["author"] == PEOPLE[one]
    assert clock.local(said["日报"]["filed_at"]).replace(tzinfo=None) == datetime.combine(day, at)
    assert said["月结"].cells == {"month": month, "section": 1, "grade": "good"}
    assert said["学习"]["missed"] == pks
    assert list(said["讲课"]["ratings"]) == ratings
    item = said["信息宣传"]
    assert (item["level"], item["main"], item["joint"]) == ("own", pks, [PEOPLE[n] for n in both])
    assert (item["main_sections"], item["joint_sections"]) == (rooms, [])
    task = said["重点任务"]
    assert (task["number"], task["lead"], task["difficulty"]) == ("2026-ZD-001", 3, 3)
    assert task["handlers"] == [(PEOPLE[one], "main", 60), (PEOPLE[other], "joint", 40)]
    assert (task["supporting"], task["due_on"]) == (rooms, day)
    assert (said["督办"]["task"], said["督办"]["kind"]) == ("2026-ZD-001", "returned")
    assert (said["创新"]["people"], said["创新"]["level"]) == (pks, "nation")


@pytest.mark.parametrize("blank", [None, "", " ", "　", "无", "/", "／", " 无　"])
def test_every_kind_of_empty_cell(blank):
    row = [date(2026, 3, 5), "ZC001", blank, blank, blank, blank]
    facts = workbook.read(open_book(file_of({"日报": [row]})), Reading(ROLL))
    said = facts.rows["日报"][0]
    assert not facts.problems
    assert (said["filed_at"], said["done"], said["plan"], said["grade"]) == (None, "", "", "")
