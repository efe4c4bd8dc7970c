"""Words the documents of a round have in common. What is handed up is Chinese, whatever language
its maker reads."""

from collections.abc import Iterable
from datetime import date, datetime

from scheme import clock
from scheme.exports.gongwen import Table, spelled

KINDS = {"section": "科室", "person": "个人"}
OUTCOMES = {"agreed": "赞成", "split": "有分歧", "against": "不赞成"}
CLEARANCES = {"clear": "无不同意见", "reserved": "有保留意见", "against": "不宜参评"}


def half_name(code: str) -> str:
    return f"{code[:4]}年{'上' if code.endswith('1') else '下'}半年"


def local_day(instant: datetime) -> date:
    return clock.local(instant).date()


def of_star(name: str) -> str:
    return f"{name}之星"


def iso(text: str) -> str:
    return spelled(date.fromisoformat(text))


def places(sections: int, persons: int) -> str:
    """3个科室和5名同志; what there is none of is left out."""
    parts = [f"{sections}个科室"] * bool(sections) + [f"{persons}名同志"] * bool(persons)
    return "和".join(parts)


def numbered(rows: Iterable[list[str]]) -> list[list[str]]:
    return [[str(n), *row] for n, row in enumerate(rows, 1)]


def of_sections(rows: list[list[str]], *first: str) -> Table:
    """Rows without their ordinal: what `first` names, star, section, deed."""
    head = ["序号", *first, "星级", "科室", "主要事迹"]
    return Table([head], numbered(rows), "c" * (len(head) - 1) + "l")


def of_persons(rows: list[list[str]], *first: str) -> Table:
    head = ["序号", *first, "星级", "姓名", "科室", "职务", "主要事迹"]
    return Table([head], numbered(rows), "c" * (len(head) - 1) + "l")
