"""Circulars (月通报, 季评比, 信息采用通报) as they are written: drafted from the ledgers, edited,
the figures drawn anew, sections named. Signing and issuing: circular_steps.py."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from ledgers import circulating, records
from ledgers.circular_moves import move_on, to_write
from ledgers.circulating import Content, Named
from ledgers.models import Circular, CircularPart, LedgerMove, Naming, Task
from scheme import audit, clock
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.models import Section, Staff, Unit

State = Circular.State
ADDRESSED = "各科室"
LONGEST_TEXT = CircularPart._meta.get_field("text").max_length


@transaction.atomic
def draft(unit: Unit, content: Content, *, by: Staff) -> Circular:
    """A draft of what the ledgers say. One a kind and period, unless the first was dropped."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    require(by, "circular.write", Anchor(unit.pk, state=State.DRAFT))
    present = Circular.objects.filter(unit=unit, kind=content.kind, period=content.period)
    if present.exclude(state=State.DROPPED).exists():
        raise Refused(_("这一期已经起草，请到列表里接着办。"), conflict=True)
    last = Circular.objects.filter(unit=unit).order_by("-pk").first()
    circular = Circular.objects.create(
        unit=unit,
        kind=content.kind,
        period=content.period,
        title=content.title,
        addressed_to=last.addressed_to if last else ADDRESSED,
        signed_as=last.signed_as if last else unit.name,
        written_by=by,
        recorded_at=clock.now(),
    )
    _lay(circular, content, {})
    _propose(circular, content.namings, known=set())
    after = {"period": content.period, "proposed": _told(content.namings)}
    records.note(circular, "draft", by=by, after=after)
    audit.record(by, "circular.draft", circular, after={"period": content.period})
    return circular


@transaction.atomic
def redraw(pk: int, content: Content, *, version: int, by: Staff) -> Circular:
    """Draws the figures anew. Words that somebody changed stay; so do namings that were changed,
    and what was struck from the proposals is not proposed again."""
    circular = to_write(pk, by=by, version=version)
    if (content.kind, content.period) != (circular.kind, circular.period):
        raise Refused(_("取数的期间和这份通报不是一期。"))
    own = {part.key: part.text for part in circular.parts.all() if part.text != part.drafted}
    _lay(circular, content, own)
    proposed = _proposed_so_far(circular)
    now = {_key(one): one.text for one in content.namings}
    for naming in circular.namings.all():
        key = (naming.section_id, naming.task_id, naming.kind)
        if naming.text == proposed.get(key) != now.get(key):
            # Nobody touched it, and the ledgers say otherwise now.
            naming.delete()
            proposed.pop(key)
    _propose(circular, content.namings, known=set(proposed))
    move_on(circular, "redraft", by=by, after={"proposed": _told(content.namings)})
    return circular


@transaction.atomic
def change(
    pk: int,
    *,
    title: str,
    addressed_to: str,
    signed_as: str,
    texts: Mapping[int, str],
    namings: Mapping[int, str],
    version: int,
    by: Staff,
) -> Circular:
    """What the writer says: the head, the headings and paragraphs (`texts` by the key of the part)
    and the namings in other words (by their key; an empty one strikes it, and drawing anew does
    not bring it back). Figures in tables are the ledgers' and are not typed over."""
    circular = to_write(pk, by=by, version=version)
    said = {"title": title, "addressed_to": addressed_to, "signed_as": signed_as}
    before, after = {}, {}
    for field, text in said.items():
        text = "\n".join(line.strip() for line in text.strip().splitlines())
        if not text:
            raise Refused(_("标题、主送和落款都要写。"), field=field)
        if getattr(circular, field) != text:
            before[field], after[field] = getattr(circular, field), text
            setattr(circular, field, text)
    for part in circular.parts.exclude(kind=CircularPart.Kind.TABLE):
        text = texts.get(part.pk, part.text).replace("\r\n", "\n").strip()
        if len(text) > LONGEST_TEXT:
            raise Refused(_("一段不超过%(n)s字，请分开写。") % {"n": LONGEST_TEXT})
        if text != part.text:
            before[part.key], after[part.key] = part.text, text
            part.text = text
            part.save(update_fields=["text"])
    for naming in circular.namings.select_related("section"):
        text = " ".join(namings.get(naming.pk, naming.text).split())
        if text == naming.text:
            continue
        key = f"naming-{naming.pk}"
        before[key], after[key] = f"{naming.section}：{naming.text}", text
        if not text:
            naming.delete()
        else:
            naming.text = _reason(text)
            naming.save(update_fields=["text"])
    if after:
        move_on(circular, "change", by=by, fields=list(said), before=before, after=after)
    return circular


@transaction.atomic
def name(
    pk: int,
    *,
    section: Section,
    kind: str,
    text: str,
    task: Task | None = None,
    version: int,
    by: Staff,
) -> Naming:
    """Names a section, for good or for a problem, and says why."""
    circular = to_write(pk, by=by, version=version)
    text = _reason(text)
    if section.unit_id != circular.unit_id or (task and task.unit_id != circular.unit_id):
        raise Refused(_("没有这个科室或任务。"), field="section")
    same = circular.namings.filter(section=section, task=task, kind=kind)
    if same.exists():
        raise Refused(_("这个科室已因这件事列入本期通报。"), field="section", conflict=True)
    naming = Naming.objects.create(
        circular=circular, section=section, kind=kind, text=text, task=task
    )
    told = {"section": section.name, "kind": kind, "text": text}
    move_on(circular, "change", by=by, after={f"naming-{naming.pk}": told})
    return naming


def _reason(text: str) -> str:
    text = " ".join(text.split())
    if not 0 < len(text) <= circulating.LONGEST_NAMING:
        refused = _("请写明事项和原因，不超过%(n)s字。") % {"n": circulating.LONGEST_NAMING}
        raise Refused(refused, field="text")
    return text


def _key(one: Named) -> tuple[int, int | None, str]:
    return (one.section.pk, one.task.pk if one.task else None, one.kind)


def _told(namings) -> list[list]:
    return [[*_key(one), one.text] for one in namings]


def _proposed_so_far(circular: Circular) -> dict[tuple, str]:
    """The last wording of everything that was ever proposed for this circular."""
    moves = LedgerMove.objects.filter(
        ledger="circular", row_id=circular.pk, kind__in=["draft", "redraft"]
    )
    found = {}
    for move in moves.order_by("version"):
        for section, task, kind, text in move.after.get("proposed", []):
            found[section, task, kind] = text
    return found


def _propose(circular: Circular, namings, *, known: set) -> None:
    standing = set(circular.namings.values_list("section_id", "task_id", "kind"))
    Naming.objects.bulk_create(
        Naming(circular=circular, section=one.section, kind=one.kind, text=one.text, task=one.task)
        for one in namings
        if _key(one) not in known | standing
    )


def _lay(circular: Circular, content: Content, own: Mapping[str, str]) -> None:
    """Lays the parts; `own`: words of people, by key, that stand in place of the drafted ones."""
    circular.parts.all().delete()
    CircularPart.objects.bulk_create(
        CircularPart(
            circular=circular,
            position=position,
            kind=part.kind,
            key=part.key,
            text=own.get(part.key, part.text),
            drafted=part.text,
            table=part.table or {},
        )
        for position, part in enumerate(content.parts, 1)
    )
