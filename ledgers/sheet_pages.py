"""What the pages of the three drafted sheets have in common: lines by part, and what they were
drawn from, as far as the reader may open it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledgers import sheet_lines
from ledgers.models import DailyReport, LineSource, Promotion, SheetLine, Task, WritingItem
from ledgers.sheet_lines import Edit
from scheme.templatetags.look import md

Part = SheetLine.Part
SPARES = 2
WEEKLY_PARTS = {
    Part.DONE: gettext_lazy("上周重点工作完成情况"),
    Part.OPEN: gettext_lazy("未完成事项及原因"),
    Part.PLAN: gettext_lazy("本周工作安排"),
    Part.HELP: gettext_lazy("需协调解决的问题"),
}
MONTHLY_PARTS = {
    Part.DONE: gettext_lazy("本月完成情况"),
    Part.OPEN: gettext_lazy("未完成事项及原因"),
    Part.PLAN: gettext_lazy("下月安排"),
    Part.HELP: gettext_lazy("需协调解决的问题"),
}
YEARLY_PARTS = {
    Part.DONE: gettext_lazy("完成情况"),
    Part.OPEN: gettext_lazy("未完成和不足"),
    Part.PLAN: gettext_lazy("下步安排"),
}


@dataclass
class Shown:
    """A line on a page, with links to its sources. `hidden` counts those the reader may not see."""

    pk: int | None
    part: str
    text: str
    people: str = ""
    position: int = 0
    dropped: bool = False
    sources: list = field(default_factory=list)
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.sources) + self.hidden


@dataclass
class Column:
    """A part of the sheet; `spares` are names of empty lines in a form."""

    key: str
    title: str
    lines: list[Shown]
    struck: list[Shown]
    spares: list[tuple[str, Shown]]


def columns(
    lines: list[Shown], parts: dict, *, edits: Iterable[Edit] | None = None
) -> list[Column]:
    """The lines by part; with `edits`, as they were typed into a form that was refused."""
    typed = {edit.pk: edit for edit in edits or () if edit.pk}
    fresh: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits or ():
        if edit.pk is None:
            fresh[edit.part].append(edit)
    for line in lines:
        edit = typed.get(line.pk)
        if edit and not edit.back:
            line.text, line.people, line.position = edit.text, edit.people, edit.position
            line.part = edit.part or line.part
    found = []
    for key, title in parts.items():
        own = [line for line in lines if line.part == key]
        kept = [line for line in own if not line.dropped]
        for number, line in enumerate(kept, 1):
            line.position = number if edits is None else line.position
        new = [Shown(None, key, edit.text, edit.people) for edit in fresh[key]]
        new += [Shown(None, key, "") for _n in range(SPARES)]
        spares = [(f"new-{key}-{n}", line) for n, line in enumerate(new)]
        found.append(Column(key, title, kept, [one for one in own if one.dropped], spares))
    return found


def facts(lines: list[Shown]) -> list[Shown]:
    return [line for line in lines if line.part == Part.FACT]


def lines_of(sheet, reader) -> list[Shown]:
    """Every line with what the reader may open of its sources, in six queries at most."""
    lines = {
        line.pk: Shown(line.pk, line.part, line.text, line.people, line.position, line.dropped)
        for line in sheet_lines.of(sheet)
    }
    rows = LineSource.objects.filter(line__in=lines).select_related(
        "report__author", "task", "writing", "promotion"
    )
    rows = list(rows.order_by("report__day", "pk"))
    seen = _in_sight(rows, reader)
    told = set()
    for row in rows:
        shown = lines[row.line_id]
        for kind, thing in _things(row):
            if (row.line_id, kind, thing.pk) in told:
                continue
            told.add((row.line_id, kind, thing.pk))
            if thing.pk in seen[kind]:
                shown.sources.append({"text": _words(kind, thing), "url": _url(kind, thing)})
            else:
                shown.hidden += 1
    return list(lines.values())


def _things(row: LineSource):
    for kind in ("report", "task", "writing", "promotion"):
        if getattr(row, f"{kind}_id"):
            yield kind, getattr(row, kind)


_MODELS = {
    "report": DailyReport,
    "task": Task,
    "writing": WritingItem,
    "promotion": Promotion,
}
_ROUTES = {
    "report": "ledgers:report_detail",
    "task": "ledgers:task_detail",
    "writing": "ledgers:writing_detail",
    "promotion": "ledgers:promotion_detail",
}


def _in_sight(rows: list[LineSource], reader) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for kind, model in _MODELS.items():
        keys = {getattr(row, f"{kind}_id") for row in rows} - {None}
        seen = model.objects.visible_to(reader).filter(pk__in=keys) if keys else ()
        found[kind] = {one.pk for one in seen}
    return found


def _words(kind: str, thing) -> str:
    if kind == "report":
        return _("%(name)s%(day)s的日报") % {"name": thing.author.name, "day": md(thing.day)}
    if kind == "task":
        return _("任务%(number)s") % {"number": thing.number}
    return str(thing)


def _url(kind: str, thing) -> str:
    try:
        return reverse(_ROUTES[kind], args=[thing.pk])
    except NoReverseMatch:
        return ""
