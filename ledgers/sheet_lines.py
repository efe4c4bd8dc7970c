"""The lines of a sheet, written in the transaction of the act that asks for it: drawn from facts
without touching what is there, and changed as their writer says."""

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledgers.drafting import Drafted, Source
from ledgers.models import LineSource, MonthlySummary, SheetLine, WeeklySheet, WorkReport
from scheme.errors import Refused, Stale
from scheme.templatetags.look import listed

Sheet = WeeklySheet | MonthlySummary | WorkReport
Part = SheetLine.Part
OWNER = {WeeklySheet: "weekly", MonthlySummary: "summary", WorkReport: "work_report"}
TEXT_LENGTH, PEOPLE_LENGTH, MOST_LINES = 1000, 200, 150
# A matter may be moved between these two, so what was drawn into one is known to the other.
_ALIKE = {Part.HELP: Part.OPEN}


class Edit(NamedTuple):
    """A line as its writer wants it; without a key it is new. FACT lines are not written."""

    pk: int | None
    part: str
    text: str
    people: str = ""
    position: int = 0
    dropped: bool = False
    # A struck line comes back as it was; nothing else of the edit counts.
    back: bool = False


def of(sheet: Sheet):
    return SheetLine.objects.filter(**{OWNER[type(sheet)]: sheet}).order_by("position", "pk")


def known(sheet: Sheet) -> frozenset:
    """What has been drawn into the sheet already, struck lines too: (part, source)."""
    rows = LineSource.objects.filter(**{f"line__{OWNER[type(sheet)]}": sheet})
    found = set()
    for part, *keys in rows.values_list("line__part", *(f"{name}_id" for name in Source._fields)):
        part = _ALIKE.get(part, part)
        found.add((part, Source(*keys)))
        if part == Part.OPEN:
            found.add((Part.HELP, Source(*keys)))
    return frozenset(found)


def draw(sheet: Sheet, drafted: Iterable[Drafted]) -> int:
    """Adds the lines below those of their part; figures take the place of earlier ones. Returns
    how many lines of work were added."""
    drafted = list(drafted)
    facts = {line.part for line in drafted} & {Part.FACT}
    of(sheet).filter(part__in=facts).delete()
    last: dict[str, int] = {}
    for part, position in of(sheet).values_list("part", "position"):
        last[part] = max(position, last.get(part, 0))
    rows = []
    for line in drafted:
        last[line.part] = last.get(line.part, 0) + 1
        rows.append(
            SheetLine(
                **{OWNER[type(sheet)]: sheet},
                part=line.part,
                position=last[line.part],
                text=line.text,
                people=line.people,
            )
        )
    SheetLine.objects.bulk_create(rows)
    LineSource.objects.bulk_create(
        LineSource(line=row, **{f"{name}_id": key for name, key in source._asdict().items()})
        for row, line in zip(rows, drafted, strict=True)
        for source in line.sources
    )
    return sum(line.part != Part.FACT for line in drafted)


def in_the_office_language():
    """What is drafted is kept, so it is drafted in the language of the office, whoever asks."""
    return translation.override(settings.LANGUAGE_CODE)


def write(sheet: Sheet, edits: Iterable[Edit]) -> None:
    """The lines as the writer wants them. A drawn line that is struck stays, with its sources, so
    that it is not drawn again; one written by hand goes."""
    edits = [_checked(edit) for edit in edits]
    lines = of(sheet).exclude(part=Part.FACT).annotate(drawn=Count("sources"))
    there = {line.pk: line for line in lines}
    if {edit.pk for edit in edits if edit.pk} - there.keys():
        raise Stale(_("这张表刚才变了，刷新后再改。"))
    back = [there[edit.pk] for edit in edits if edit.back]
    edits = [edit for edit in edits if not edit.back]
    kept = [edit for edit in edits if edit.text and not edit.dropped]
    if len(kept) + len(back) > MOST_LINES:
        raise Refused(_("最多%(n)s条，请合并几条。") % {"n": MOST_LINES}, field="lines")
    changed, gone = [], []
    for place, edit in enumerate(_in_order(kept, there), 1):
        line = there.get(edit.pk) or SheetLine(**{OWNER[type(sheet)]: sheet})
        line.part, line.text, line.people = edit.part, edit.text, edit.people
        line.position, line.dropped = place, False
        changed.append(line)
    for place, line in enumerate(back, len(kept) + 1):
        line.position, line.dropped = place, False
        changed.append(line)
    for edit in edits:
        line = there.get(edit.pk)
        if line is None or (edit.text and not edit.dropped):
            continue
        if line.drawn:
            line.dropped = True
            changed.append(line)
        else:
            gone.append(line.pk)
    fields = ["part", "text", "people", "position", "dropped"]
    SheetLine.objects.bulk_update([line for line in changed if line.pk], fields)
    SheetLine.objects.bulk_create([line for line in changed if not line.pk])
    SheetLine.objects.filter(pk__in=gone).delete()


def _in_order(edits: list[Edit], there: dict[int, SheetLine]) -> list[Edit]:
    """By the number given; of two alike the one that was moved comes first."""

    def place(edit: Edit):
        line = there.get(edit.pk)
        if line is None:
            return (edit.position or 10**6, 1)
        return (edit.position, 0 if line.position != edit.position else 1)

    return sorted(edits, key=place)


def _checked(edit: Edit) -> Edit:
    text, people = edit.text.strip(), edit.people.strip()
    if edit.back:
        return edit
    if edit.part not in Part.values or edit.part == Part.FACT:
        raise Refused(_("这一页已过期，请刷新后再提交。"))
    if len(text) > TEXT_LENGTH:
        raise Refused(_("一条超过%(n)s字，请拆开或写短些。") % {"n": TEXT_LENGTH}, field="lines")
    if len(people) > PEOPLE_LENGTH:
        raise Refused(_("责任人超过%(n)s字，请写短些。") % {"n": PEOPLE_LENGTH}, field="lines")
    return edit._replace(text=text, people=people)


def snapshot(sheet: Sheet) -> dict:
    """What the sheet says, for its history."""
    rows = of(sheet).filter(dropped=False).order_by("part", "position", "pk")
    return {"lines": list(rows.values("part", "text", "people"))}


def reused(sheet: Sheet) -> str:
    """How many entries the sheet was drawn from: 取自12份日报、3项任务. Empty when from none."""
    rows = LineSource.objects.filter(**{f"line__{OWNER[type(sheet)]}": sheet})
    count = rows.aggregate(
        **{name: Count(name, distinct=True) for name in Source._fields},
    )
    words = [
        (count["report"], ngettext("%(n)s份日报", "%(n)s份日报", count["report"])),
        (count["task"], ngettext("%(n)s项任务", "%(n)s项任务", count["task"])),
        (count["progress"], ngettext("%(n)s次进展", "%(n)s次进展", count["progress"])),
        (count["writing"], ngettext("%(n)s篇采用", "%(n)s篇采用", count["writing"])),
        (count["promotion"], ngettext("%(n)s项推广", "%(n)s项推广", count["promotion"])),
    ]
    told = listed([word % {"n": n} for n, word in words if n])
    return _("取自%(sources)s，没有重填一项。") % {"sources": told} if told else ""
