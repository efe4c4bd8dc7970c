"""The annual report and the key points (一报告一要点): drafted, filed, approved, replaced."""

from collections.abc import Iterable
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import addressees, planning, planparts, records
from ledgers.models import PlanItem, PlanPaper, Suggestion, Task
from scheme import audit, clock, notices
from scheme.access import require
from scheme.errors import Refused, Stale
from scheme.models import Section, Staff, Unit

State, Kind = PlanPaper.State, PlanPaper.Kind
MOST_ITEMS = 300
FIRST_YEAR, LAST_YEAR = 2000, 2199
# What others may lean on: never thrown away.
STANDING = {"paper__state__in": [State.APPROVED, State.REPLACED]}
# Above every position an item can have, and within what the column holds.
ASIDE = 10_000


class Item(NamedTuple):
    """An item as the page sends it. A new one has no `pk`; by `order` they are put in line."""

    text: str
    number: str = ""
    heading: str = ""
    lead_id: int | None = None
    leader_id: int | None = None
    source_id: int | None = None
    order: int = 0
    pk: int | None = None


@transaction.atomic
def draft(unit: Unit, *, kind: str, year: int, title: str, text: str = "", by: Staff) -> PlanPaper:
    """A new paper; its text is taken apart into items. Key points name the report in force."""
    require(by, "paper.write", planning.draft_anchor(unit.pk))
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(_("年份不对。"), field="year")
    mine = PlanPaper.objects.filter(unit=unit, kind=kind, year=year)
    if mine.filter(state__in=[*planning.WRITTEN, State.FILED]).exists():
        raise Refused(_("这一年已有一份在拟，请接着改那一份。"), field="year")
    if mine.filter(state=State.APPROVED).exists():
        raise Refused(_("这一年已有批准的文稿，修订请在那一份上“拟新版”。"), field="year")
    split = planparts.split(text)
    paper = PlanPaper.objects.create(
        unit=unit,
        kind=kind,
        year=year,
        title=title.strip(),
        intro=split.intro[:4000],
        based_on=_report_for(unit, year) if kind == Kind.POINTS else None,
        written_by=by,
        recorded_at=clock.now(),
    )
    _append(paper, split.parts)
    _note(paper, "draft", by, after={"title": paper.title, "items": len(split.parts)})
    return paper


@transaction.atomic
def new_edition(pk: int, *, by: Staff) -> PlanPaper:
    """A draft that says what the paper in force says, to be changed and to replace it."""
    old = _locked(pk)
    require(by, "paper.write", planning.draft_anchor(old.unit_id))
    if old.state != State.APPROVED:
        _refuse_state(old)
    others = PlanPaper.objects.filter(unit=old.unit, kind=old.kind, year=old.year)
    if others.filter(state__in=[*planning.WRITTEN, State.FILED]).exists():
        raise Refused(_("已有一份新版在拟，请接着改那一份。"), conflict=True)
    paper = PlanPaper.objects.create(
        unit=old.unit,
        kind=old.kind,
        year=old.year,
        title=old.title,
        intro=old.intro,
        based_on=old,
        written_by=by,
        recorded_at=clock.now(),
    )
    fields = ("position", "number", "heading", "text", "lead_id", "leader_id", "source_id")
    PlanItem.objects.bulk_create(
        PlanItem(paper=paper, continues=item, **{name: getattr(item, name) for name in fields})
        for item in old.items.all()
    )
    _note(paper, "draft", by, after={"replaces": old.pk})
    return paper


@transaction.atomic
def write(
    pk: int,
    *,
    version: int,
    title: str,
    intro: str,
    items: Iterable[Item],
    more: str = "",
    by: Staff,
) -> PlanPaper:
    """Writes a draft or a returned paper anew, item by item; `more` is text whose items follow."""
    paper = _to_write(pk, version, by)
    items = sorted(items, key=lambda item: item.order)
    _check_items(paper, items)
    paper.title, paper.intro = title.strip(), intro
    _write_items(paper, items)
    added = planparts.split(more)
    _append(paper, added.parts)
    if added.intro:
        paper.intro = f"{paper.intro}\n{added.intro}".strip()[:4000]
    _move(paper)
    _note(paper, "change", by, after={"items": len(items) + len(added.parts)})
    return paper


@transaction.atomic
def discard(pk: int, *, version: int, by: Staff) -> None:
    """Throws a draft away that nothing hangs on. The trail keeps what it was."""
    paper = _to_write(pk, version, by)
    if Suggestion.objects.filter(item__paper=paper).exists() or records.papers(paper).exists():
        raise Refused(_("已有务虚会意见列入或附了材料，不能丢弃，可以接着改。"))
    told = {"title": paper.title, "kind": paper.kind, "year": paper.year}
    audit.record(by, "paper.discard", paper, before=told)
    paper.delete()


@transaction.atomic
def file(pk: int, *, version: int, by: Staff) -> PlanPaper:
    """Lays it before the chair of the committee (报批)."""
    paper = _to_write(pk, version, by)
    if not paper.items.exists():
        raise Refused(_("还没有条目，写好再报批。"))
    deciders = [
        one
        for one in addressees.chairs_of(paper.unit_id)
        if one.pk != by.pk and not planning.wrote(one, paper)
    ]
    if not deciders:
        raise Refused(_("现在没有能批准的主持人，请先登记任职。"))
    paper.state, paper.filed_at = State.FILED, clock.now()
    _move(paper)
    _note(paper, "file", by)
    _tell(deciders, paper, lambda: _("待您批准：%(paper)s") % {"paper": paper.title})
    return paper


@transaction.atomic
def withdraw(pk: int, *, version: int, by: Staff) -> PlanPaper:
    """Takes it back to go on writing, before it is approved."""
    paper = _locked(pk, version)
    require(by, "paper.write", planning.draft_anchor(paper.unit_id))
    if paper.state != State.FILED:
        _refuse_state(paper)
    paper.state, paper.filed_at = State.DRAFT, None
    _move(paper)
    _note(paper, "withdraw", by)
    return paper


@transaction.atomic
def turn_back(pk: int, *, reason: str, version: int, by: Staff) -> PlanPaper:
    paper = _to_decide(pk, version, by)
    reason = reason.strip()[:500]
    if not reason:
        raise Refused(_("请写明理由。"), field="reason")
    paper.state = State.RETURNED
    _move(paper)
    _note(paper, "return", by, text=reason)
    _tell(
        [paper.written_by],
        paper,
        lambda: (
            _("退回补正：%(paper)s。%(reason)s")
            % {"paper": paper.title[:80], "reason": reason[:150]}
        ),
    )
    return paper


@transaction.atomic
def approve(pk: int, *, version: int, by: Staff) -> PlanPaper:
    """Puts it in force. The edition before is replaced, and its tasks go on under the items that
    go on with theirs."""
    paper = _to_decide(pk, version, by)
    old = (
        PlanPaper.objects.select_for_update()
        .filter(unit=paper.unit_id, kind=paper.kind, year=paper.year, state=State.APPROVED)
        .first()
    )
    if old:
        old.state = State.REPLACED
        _move(old)
        _note(old, "replace", by, after={"by": paper.pk})
        for item in paper.items.exclude(continues=None):
            Task.objects.filter(item=item.continues_id).update(item=item)
            PlanItem.objects.filter(source=item.continues_id).update(source=item)
    paper.state, paper.approved_by, paper.approved_at = State.APPROVED, by, clock.now()
    _move(paper)
    _note(paper, "approve", by)
    sections = paper.items.exclude(lead=None).values_list("lead", flat=True)
    people = [paper.written_by, *addressees.chiefs_of(sections)]
    _tell(
        {one.pk: one for one in people}.values(),
        paper,
        lambda: _("已批准：%(paper)s") % {"paper": paper.title},
    )
    return paper


@transaction.atomic
def take_up(
    suggestion_pk: int,
    *,
    paper_pk: int,
    item_pk: int | None = None,
    version: int,
    by: Staff,
) -> Suggestion:
    """A suggestion goes into key points being written: into one of their items, or as a new one
    at the end. Whoever put it forward is told."""
    paper = _locked(paper_pk)
    suggestion = Suggestion.objects.select_for_update(of=("self",)).get(
        pk=suggestion_pk, unit=paper.unit_id
    )
    require(by, "meeting.keep", suggestion.anchor())
    require(by, "paper.write", planning.draft_anchor(paper.unit_id))
    if paper.kind != Kind.POINTS or paper.state not in planning.WRITTEN:
        raise Refused(_("只能列入正在拟的要点。"), field="paper")
    if suggestion.version != version or suggestion.state != Suggestion.State.OPEN:
        raise Stale(_("这条意见已经答复过，刷新后再看。"))
    item = paper.items.filter(pk=item_pk).first() if item_pk else None
    if item_pk and item is None:
        raise Refused(_("这一条不在这份要点里。"), field="paper")
    if item is None:
        last = paper.items.order_by("-position").first()
        item = PlanItem.objects.create(
            paper=paper,
            position=(last.position if last else 0) + 1,
            number=str(paper.items.count() + 1),
            text=suggestion.text,
            lead_id=suggestion.section_id,
        )
        _move(paper)
        _note(paper, "change", by, text=suggestion.text[:300])
    suggestion.state, suggestion.item = Suggestion.State.TAKEN, item
    suggestion.version += 1
    suggestion.save()
    audit.record(by, "suggestion.take", suggestion, after={"item": item.pk, "paper": paper.pk})
    if suggestion.raised_by_id:
        notices.tell(
            suggestion.raised_by,
            f"suggestion:{suggestion.pk}:{suggestion.version}",
            lambda: (
                _("您的意见列入了%(paper)s：%(text)s")
                % {"paper": paper.title[:80], "text": suggestion.text[:100]}
            ),
            url=url_of(paper.pk),
            icon="light-bulb",
        )
    return suggestion


# --- Steps


def url_of(pk: int) -> str:
    return reverse("ledgers:plan_detail", args=[pk])


def _locked(pk: int, version: int | None = None) -> PlanPaper:
    rows = PlanPaper.objects.select_related("unit", "written_by")
    paper = rows.select_for_update(of=("self",)).get(pk=pk)
    if version is not None and paper.version != version:
        raise Stale(_("这份文稿在别处改过，刷新后再改。"))
    return paper


def _to_write(pk: int, version: int, by: Staff) -> PlanPaper:
    paper = _locked(pk, version)
    require(by, "paper.write", planning.draft_anchor(paper.unit_id))
    if paper.state not in planning.WRITTEN:
        _refuse_state(paper)
    return paper


def _to_decide(pk: int, version: int, by: Staff) -> PlanPaper:
    paper = _locked(pk, version)
    require(by, "paper.approve", paper.anchor()._replace(state=State.FILED))
    if paper.state != State.FILED:
        _refuse_state(paper)
    if planning.wrote(by, paper):
        raise PermissionDenied(_("不能批准自己拟订的文稿。"))
    return paper


def _refuse_state(paper: PlanPaper):
    raise Refused(
        _("这份文稿现在是“%(state)s”，不能这样办。") % {"state": paper.get_state_display()},
        conflict=True,
    )


def _report_for(unit: Unit, year: int) -> PlanPaper | None:
    rows = PlanPaper.objects.filter(unit=unit, kind=Kind.REPORT, state=State.APPROVED)
    return rows.filter(year__in=[year - 1, year]).order_by("-year").first()


def _check_items(paper: PlanPaper, items: list[Item]) -> None:
    if len(items) > MOST_ITEMS:
        raise Refused(_("一份文稿最多%(n)s条。") % {"n": MOST_ITEMS})
    if any(not item.text.strip() for item in items):
        raise Refused(_("条目要有内容，不要的请删掉。"))
    known = set(paper.items.values_list("pk", flat=True))
    kept = {item.pk for item in items if item.pk}
    if kept - known:
        raise Stale(_("有的条目已经不在了，刷新后再改。"))
    gone = known - kept
    if Suggestion.objects.filter(item__in=gone).exists():
        raise Refused(_("有务虚会意见列入的条目不能删，可以改写。"))
    unit = paper.unit_id
    for model, name, rows in (
        (Section, "lead_id", {"unit": unit}),
        (Staff, "leader_id", {"unit": unit}),
        (PlanItem, "source_id", {"paper__unit": unit, "paper__kind": Kind.REPORT} | STANDING),
    ):
        named = {getattr(item, name) for item in items} - {None}
        if model.objects.filter(pk__in=named, **rows).count() != len(named):
            raise Refused(_("科室、领导和来源要从列表里选。"))


def _write_items(paper: PlanPaper, items: list[Item]) -> None:
    paper.items.exclude(pk__in=[item.pk for item in items if item.pk]).delete()
    # Places are unique: everything is moved aside before it takes its new one.
    paper.items.update(position=F("position") + ASIDE)
    present = {item.pk: item for item in paper.items.all()}
    for position, item in enumerate(items, 1):
        row = present.get(item.pk) or PlanItem(paper=paper)
        row.position = position
        row.number, row.heading = item.number.strip() or str(position), item.heading.strip()
        row.text, row.lead_id = item.text.strip(), item.lead_id
        row.leader_id, row.source_id = item.leader_id, item.source_id
        row.save()


def _append(paper: PlanPaper, parts: list[planparts.Part]) -> None:
    start = paper.items.count()
    if start + len(parts) > MOST_ITEMS:
        raise Refused(_("一份文稿最多%(n)s条。") % {"n": MOST_ITEMS}, field="text")
    PlanItem.objects.bulk_create(
        PlanItem(paper=paper, position=position, **part._asdict())
        for position, part in enumerate(parts, start + 1)
    )


def _move(paper: PlanPaper) -> None:
    paper.version += 1
    paper.save()


def _note(paper: PlanPaper, kind: str, by: Staff, *, text: str = "", after=None) -> None:
    records.note(paper, kind, by=by, text=text, after=after)
    after = (after or {}) | {"state": paper.state}
    audit.record(by, f"paper.{kind}", paper, after=after, reason=text)


def _tell(people, paper: PlanPaper, say) -> None:
    key = f"paper:{paper.pk}:{paper.version}"
    notices.tell_all(people, key, say, url=url_of(paper.pk), icon="document-text")
