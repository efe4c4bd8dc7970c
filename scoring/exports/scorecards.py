"""The scorecards of a run as a file: .csv, .json or .xlsx by the name it is to have.

A document handed up is Chinese, whatever language its maker reads. Persons come by staff number,
sections by name, each with the five stars in their order and the total; a star without value has
empty cells.
"""

import csv
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext as _

from scheme import clock
from scheme.errors import Refused
from scheme.exports.sheets import LEFT, Column, Sheet, save
from scheme.models import Star
from scoring.models import Scorecard, ScoreRun

HEADS = ("对象", "主体", "星级", "基础", "扣分", "加分", "得分", "名次")
KINDS = {"person": "个人", "section": "科室"}
TOTAL = "合计"


class Line(NamedTuple):
    """A row of the file; `card` is empty where the star has no value."""

    kind: str
    subject: str
    name: str
    star: str
    card: Scorecard | None

    def cells(self) -> tuple[str, ...]:
        figures = ("",) * 5
        if self.card:
            one = self.card
            figures = tuple(f"{v:.2f}" for v in (one.base, one.deduction, one.bonus, one.score))
            figures += (str(one.place),)
        return (KINDS[self.kind], self.subject, self.star, *figures)


def lines(run: ScoreRun) -> Iterator[Line]:
    """In the order of the file; two queries."""
    stars = [*Star.objects.order_by("position").values_list("pk", "name"), (None, TOTAL)]
    cards: dict[tuple, dict] = {}
    for card in Scorecard.objects.filter(run=run).select_related("person", "section"):
        if card.person_id:
            key = ("person", "".join(card.person.staff_no.split()), card.person.name)
        else:
            name = "".join(card.section.name.split())
            key = ("section", name, name)
        cards.setdefault(key, {})[card.star_id] = card
    for kind, subject, name in sorted(cards):
        for star, word in stars:
            yield Line(kind, subject, name, word, cards[kind, subject, name].get(star))


def write(run: ScoreRun, path: Path) -> None:
    """All of it or nothing: a file that is there is replaced only by a whole one.

    Raises Refused for a name that says no known format.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise Refused(_("文件名要以.csv、.json或.xlsx结尾。"))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}", suffix=path.suffix)
    os.close(handle)
    draft = Path(name)
    try:
        writer(run, draft)
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _csv(run: ScoreRun, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(HEADS)
        out.writerows(line.cells() for line in lines(run))


def _json(run: ScoreRun, path: Path) -> None:
    """With the explanation, for whoever counts again by another program."""
    cards = [
        dict(zip(HEADS, line.cells(), strict=True))
        | {"姓名": line.name, "明细": _shown(line.card.tree) if line.card else []}
        for line in lines(run)
    ]
    body = _head(run) | {"计分卡": cards}
    text = json.dumps(body, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def _head(run: ScoreRun) -> dict:
    return {
        "单位": run.unit.name,
        "半年": run.half,
        "细则版本": run.book.version,
        "细则校验值": run.book.digest,
        "输入校验值": run.input_hash,
        "结果校验值": run.output_hash,
    }


def _shown(tree: list[dict]) -> list[dict]:
    """Rule by rule, what each stage left; entries are named by nothing outside this database."""
    words = {
        "rule": "规则编号",
        "n": "笔数",
        "points": "入账",
        "stacked": "叠加后",
        "item": "单项上限后",
        "quarter": "每季上限后",
        "counted": "计入",
        "leaf": "分录校验值",
    }
    return [{word: rule[key] for key, word in words.items()} for rule in tree]


def _xlsx(run: ScoreRun, path: Path, each_row: Callable[[], None] = lambda: None) -> None:
    found = list(lines(run))
    sheets = [_sheet(run, kind, [one for one in found if one.kind == kind]) for kind in KINDS]
    save(sheets, path, title=_title(run), made=run.at, each_row=each_row)


def _title(run: ScoreRun) -> str:
    half = "上" if run.half.endswith("1") else "下"
    return f"{run.half[:4]}年{half}半年积分计分卡"


def _sheet(run: ScoreRun, kind: str, found: list[Line]) -> Sheet:
    who = [Column("工号", 12), Column("姓名", 14)] if kind == "person" else [Column("科室", 26)]
    figures = [Column(head, 12) for head in HEADS[3:]]
    rows = []
    for line in found:
        subject = (line.subject, line.name) if kind == "person" else (line.subject,)
        rows.append((*subject, *line.cells()[2:]))
    day = clock.local(run.at)
    return Sheet(
        name=KINDS[kind],
        title=f"{run.unit.name}{_title(run)}（{KINDS[kind]}）",
        unit=run.unit.name,
        day=f"{day.year}年{day.month}月{day.day}日",
        columns=[*who, Column("星级", 10, align=LEFT), *figures],
        rows=rows,
        notes=[
            "得分＝基础与扣分之和（扣完为止）加加分；合计的加分不超过加分总上限。",
            "空白表示这颗星没有启用的规则，不排名次；同分同名次。",
        ],
        signatures="分管领导：                    审核人：                    填报人：          ",
        footers=(f"细则 {run.book.digest[:16]}", f"结果 {run.output_hash[:16]}"),
    )


_WRITERS = {".csv": _csv, ".json": _json, ".xlsx": _xlsx}
