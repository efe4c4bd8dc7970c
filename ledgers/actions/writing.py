"""Writing (信息宣传): an adopted item is filed with its proof by one of those credited, and
verified against the carrier by somebody else; only then it counts."""

from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from functools import partial

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledgers import crediting, filed, proofs, records
from ledgers.crediting import Credit
from ledgers.filed import DRAFT, FILED, VERIFIED, VOID, Outcome
from ledgers.models import WritingCredit, WritingItem
from ledgers.titles import reduced
from scheme import access, audit, clock
from scheme.errors import Refused
from scheme.models import Staff, Unit
from scheme.offices import Office

CONTENT = ("title", "kind", "carrier", "issue_no", "level", "adopted_on", "note")
VERIFIERS = (Office.PERSONNEL_OFFICE, Office.SUPERVISION_OFFICE)
ONCE = "writing_proof_credited_once"


class Duplicate(Refused):
    """The same proof is in the ledger already: `other` is that item."""

    def __init__(self, other: WritingItem | None):
        if other is None:
            text = _("同一标题、载体和日期的采用刚刚有人填报了，刷新后再看。")
        elif other.state in filed.OPEN and other.filed_by_id:
            text = _(
                "%(name)s已经填了同一标题、载体和日期的采用，还没有核实。请和他核对，不用重填。"
            )
            text = text % {"name": other.filed_by.name}
        else:
            text = _("同一标题、载体和日期的采用已经在台账里，一份证明只计一次。")
        super().__init__(text, field="title", conflict=True)
        self.other = other


@transaction.atomic
def add(unit: Unit, *, credits: Iterable[Credit] = (), by: Staff, **content) -> WritingItem:
    """A draft, seen by its writer alone until it is filed. `content`: those of CONTENT."""
    item = WritingItem(unit=unit, state=DRAFT, filed_by=by, recorded_at=clock.now(), version=1)
    access.require(by, "writing.file", item.anchor())
    _write(item, content)
    _require_unique(item)
    with _credited_once(item):
        item.save()
    _credit(item, credits)
    records.note(item, "draft", by=by, after=_body(item))
    audit.record(by, "writing.draft", item, after=_body(item))
    return item


@transaction.atomic
def change(
    pk: int, *, version: int, credits: Iterable[Credit], by: Staff, **content
) -> WritingItem:
    """Writes a draft or a returned item anew. `content`: those of CONTENT that change."""
    item = filed.to_edit(WritingItem, pk, "writing.file", by=by)
    filed.require_version(item, version)
    before = _body(item)
    _write(item, content)
    _require_unique(item)
    with _credited_once(item):
        item.save()
    _credit(item, credits)
    after = _body(item)
    changed = [name for name in after if before[name] != after[name]]
    if changed:
        old = {name: before[name] for name in changed}
        filed.move(item, "change", by=by, before=old, after={name: after[name] for name in changed})
    return item


@transaction.atomic
def file(pk: int, *, by: Staff) -> WritingItem:
    """Hands the item in to be verified, for the first time or mended. No proof, no credit."""
    item = filed.to_edit(WritingItem, pk, "writing.file", by=by)
    credits = crediting.settled(crediting.of(item), item.unit, item.adopted_on)
    if not credits:
        raise Refused(_("还没有署名，请写明给谁计。"), field="credits")
    if not crediting.files(by, credits, "writing.file_section"):
        raise Refused(_("采用由署名人填报，科室的由科长填报。"), field="credits")
    _require_unique(item)
    if not records.papers(item).exists():
        raise Refused(
            _("请附上采用证明（刊物版面、采用通知或截图），没有证明不计分。"), field="files"
        )
    filed.file_it(item, by=by)
    filed.tell_offices(
        item,
        VERIFIERS,
        reverse("ledgers:writing_verify_list"),
        lambda: _("有信息宣传采用待核实。"),
        by=by,
    )
    _tell(item, gettext_lazy("%(name)s报送了您署名的“%(title)s”，核实后计分。"), by=by)
    return item


@transaction.atomic
def withdraw(pk: int, *, by: Staff) -> WritingItem:
    """Takes a filed item back to mend it, as long as nobody has decided on it."""
    item = filed.to_withdraw(WritingItem, pk, by=by)
    filed.move(item, "withdraw", by=by, to=DRAFT)
    return item


@transaction.atomic
def drop(pk: int, *, by: Staff) -> WritingItem:
    """Gives up a draft or a returned item; its proof is free for another."""
    item = filed.to_edit(WritingItem, pk, "writing.file", by=by)
    filed.move(item, "void", by=by, to=VOID)
    return item


@transaction.atomic
def verify(pk: int, *, version: int, by: Staff) -> WritingItem:
    """Verified against its proof: from now on a fact that counts."""
    item = _before(pk, version, by)
    filed.verify_it(item, by=by)
    _tell(item, gettext_lazy("“%(title)s”已核实，积分随后入账。"), by=by)
    return item


def verify_many(versions: Mapping[int, int], *, by: Staff) -> Outcome:
    """`verify` of all these items in the versions that were seen; those that cannot are named."""
    with transaction.atomic():
        return filed.each(verify, versions, by=by)


@transaction.atomic
def turn_back(pk: int, *, version: int, reason: str, by: Staff) -> WritingItem:
    """Sends an item back to be mended, with a reason."""
    item = _before(pk, version, by)
    reason = filed.said(reason)
    filed.move(item, "return", by=by, to=filed.RETURNED, text=reason)

    def say():
        text = _("“%(title)s”退回补正：%(reason)s")
        return text % {"title": item.title[:60], "reason": reason}

    filed.tell(item, [item.filed_by_id], say, by=by, icon="arrow-uturn-left")
    return item


def turn_back_many(versions: Mapping[int, int], *, reason: str, by: Staff) -> Outcome:
    """`turn_back` of all these items for one reason; those that cannot are named."""
    with transaction.atomic():
        return filed.each(partial(turn_back, reason=reason), versions, by=by)


@transaction.atomic
def void(pk: int, *, version: int, reason: str, by: Staff) -> WritingItem:
    """A verified item turns out not to hold: what it counted is reversed. A right one is filed
    anew."""
    item = filed.to_decide(WritingItem, pk, "writing.void", VERIFIED, version=version, by=by)
    reason = filed.said(reason)
    filed.move(item, "void", by=by, to=VOID, text=reason)
    _tell(
        item, gettext_lazy("“%(title)s”的采用作废，所计积分冲回：%(reason)s"), by=by, reason=reason
    )
    return item


@transaction.atomic
def restore(pk: int, *, version: int, reason: str, by: Staff) -> WritingItem:
    """A voided item holds after all."""
    item = filed.to_decide(WritingItem, pk, "writing.void", VOID, version=version, by=by)
    if item.filed_by_id and not item.verified_by_id:
        raise Refused(_("这一条没有核实过就撤销了，请重新填报。"), conflict=True)
    filed.require_other(proofs.involved(item), by=by)
    reason = filed.said(reason)
    _require_unique(item)
    with _credited_once(item):
        filed.move(item, "restore", by=by, to=VERIFIED, text=reason)
    _tell(
        item,
        gettext_lazy("“%(title)s”的采用恢复，积分随后入账：%(reason)s"),
        by=by,
        reason=reason,
    )
    return item


# --- Steps


def _before(pk: int, version: int, by: Staff) -> WritingItem:
    """A filed item, for whoever may verify it."""
    item = filed.to_decide(WritingItem, pk, "writing.verify", FILED, version=version, by=by)
    filed.require_other(proofs.involved(item), by=by)
    return item


def _write(item: WritingItem, content: Mapping) -> None:
    if unknown := content.keys() - set(CONTENT):
        raise TypeError(f"not to be written: {sorted(unknown)}")
    for name, value in content.items():
        setattr(item, name, value.strip() if isinstance(value, str) else value)
    item.title_key, item.carrier_key = reduced(item.title), reduced(item.carrier)
    if not item.title_key:
        raise Refused(_("标题里没有字，请照刊物上的写。"), field="title")
    if not item.carrier_key:
        raise Refused(_("请写明载体，例如《组工信息》。"), field="carrier")
    if item.adopted_on > clock.today():
        raise Refused(_("还没有到这一天，采用以后再报。"), field="adopted_on")


def _require_unique(item: WritingItem) -> None:
    if twin := proofs.twin(item):
        raise Duplicate(twin)


@contextmanager
def _credited_once(item: WritingItem):
    """Two people at the same moment: the second is told, not shown an error."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if ONCE not in str(error):
            raise
        raise Duplicate(proofs.twin(item)) from None


def _credit(item: WritingItem, credits: Iterable[Credit]) -> None:
    settled = crediting.settled(credits, item.unit, item.adopted_on)
    item.credits.all().delete()
    WritingCredit.objects.bulk_create(
        WritingCredit(item=item, person=one.person, section=one.section, role=one.role)
        for one in settled
    )


def _body(item: WritingItem) -> dict:
    said = {name: getattr(item, name) for name in CONTENT}
    said["adopted_on"] = item.adopted_on.isoformat()
    return said | {"credits": crediting.told(crediting.of(item))}


def _tell(item: WritingItem, text: str, *, by: Staff, reason: str = "") -> None:
    """All who are credited, and who filed it."""
    values = {"title": item.title[:60], "name": by.name, "reason": reason}
    filed.tell(item, proofs.involved(item), lambda: text % values, by=by, icon="pencil")
