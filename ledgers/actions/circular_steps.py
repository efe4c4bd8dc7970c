"""A circular on its way: filed, signed by the chair or sent back, numbered and issued, or dropped.

On the day of issue every problem that is named becomes a line of the supervision ledger (通报点名),
which the points follow. What is issued is never changed: a later circular says so.
"""

from pathlib import Path

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import records
from ledgers.circular_moves import OPEN, locked, move_on, to_write
from ledgers.exports import circular as paper
from ledgers.models import Circular, LedgerMove, Naming, SupervisionNote
from scheme import audit, clock, notices
from scheme.access import Anchor, require
from scheme.errors import Refused
from scheme.exports.gongwen import numbered
from scheme.models import Appointment, Staff, Unit
from scheme.offices import Office

State = Circular.State
LONGEST = LedgerMove._meta.get_field("text").max_length


@transaction.atomic
def file(pk: int, *, version: int, by: Staff) -> Circular:
    """To the chair, for the signature."""
    circular = to_write(pk, by=by, version=version)
    signers = [one for one in _holding(circular.unit, Office.COMMITTEE_CHAIR) if one != by]
    if not signers:
        raise Refused(_("没有可以签发的部务会主持人，请先任命。"))
    before = {"state": circular.state}
    circular.state, circular.filed_at = State.FILED, clock.now()
    move_on(circular, "file", by=by, fields=["state", "filed_at"], before=before)
    _tell(signers, circular, "filed", lambda: _("通报待签发：%(title)s"))
    return circular


@transaction.atomic
def withdraw(pk: int, *, version: int, by: Staff) -> Circular:
    """Back to the draft, while nobody has signed."""
    circular = locked(pk, by=by, version=version)
    require(by, "circular.withdraw", Anchor(circular.unit_id, state=State.FILED))
    _is(circular, State.FILED)
    circular.state, circular.filed_at = State.DRAFT, None
    move_on(circular, "withdraw", by=by, fields=["state", "filed_at"], before={"state": "filed"})
    return circular


@transaction.atomic
def approve(pk: int, *, version: int, by: Staff) -> Circular:
    """The chair's signature; never by anybody who had a hand in the text."""
    circular = _filed(pk, version, by)
    hands = LedgerMove.objects.filter(ledger="circular", row_id=pk, by=by)
    if by == circular.written_by or hands.filter(kind__in=["draft", "change"]).exists():
        raise Refused(_("不能签发自己拟的稿。"))
    circular.state = State.APPROVED
    circular.approved_by, circular.approved_at = by, clock.now()
    fields = ["state", "approved_by", "approved_at"]
    move_on(circular, "sign", by=by, fields=fields, before={"state": "filed"})
    _tell([circular.written_by], circular, "approved", lambda: _("通报已签发：%(title)s"))
    return circular


@transaction.atomic
def give_back(pk: int, *, reason: str, version: int, by: Staff) -> Circular:
    """By the chair instead of signing; or by whoever issues, who found something after."""
    circular = locked(pk, by=by, version=version)
    before = {"state": circular.state}
    if circular.state == State.APPROVED:
        require(by, "circular.issue", circular.anchor())
    else:
        require(by, "circular.approve", Anchor(circular.unit_id, state=State.FILED))
        _is(circular, State.FILED)
    reason = _reason(reason)
    circular.state = State.RETURNED
    circular.approved_by = circular.approved_at = None
    fields = ["state", "approved_by", "approved_at"]
    move_on(circular, "return", by=by, fields=fields, before=before, text=reason)
    _tell([circular.written_by], circular, "returned", lambda: _("通报退回补正：%(title)s"))
    return circular


@transaction.atomic
def issue(pk: int, *, mark: str, version: int, by: Staff) -> Circular:
    """Numbers and issues it: the next number of the mark and the year, none left out. The unit's
    row is held, so that two that are issued at one moment follow each other."""
    unit = Circular.objects.visible_to(by).values_list("unit_id", flat=True).get(pk=pk)
    Unit.objects.select_for_update(no_key=True).get(pk=unit)
    circular = locked(pk, by=by, version=version)
    require(by, "circular.issue", Anchor(circular.unit_id, state=State.APPROVED))
    _is(circular, State.APPROVED)
    mark = "".join(mark.split())
    if not (2 <= len(mark) <= 20 and all("\u4e00" <= sign <= "\u9fff" for sign in mark)):
        raise Refused(_("机关代字写二到二十个汉字，不带年份和号，比如泽组通。"), field="mark")
    today = clock.today()
    taken = Circular.objects.filter(unit=unit, mark=mark, year=today.year)
    serial = (taken.aggregate(last=Max("serial"))["last"] or 0) + 1
    number = numbered(mark, today.year, serial)
    problems = list(
        circular.namings.filter(kind=Naming.Kind.PROBLEM).select_related("section", "task")
    )
    for naming in problems:
        naming.note = _noted(naming, number, by)
        naming.save(update_fields=["note"])
    circular.mark, circular.year, circular.serial = mark, today.year, serial
    circular.state, circular.issued_by, circular.issued_on = State.ISSUED, by, today
    after = {"number": number, "named": [one.section.name for one in problems]}
    fields = ["mark", "year", "serial", "state", "issued_by", "issued_on"]
    move_on(circular, "issue", by=by, fields=fields, text=number, after=after)
    _tell_of_issue(circular, number, problems)
    return circular


@transaction.atomic
def drop(pk: int, *, reason: str, version: int, by: Staff) -> Circular:
    """It will not be issued; the period may be drafted again."""
    circular = locked(pk, by=by, version=version)
    before = {"state": circular.state}
    if circular.state in OPEN:
        require(by, "circular.write", circular.anchor())
    else:
        require(by, "circular.issue", Anchor(circular.unit_id, state=State.APPROVED))
        _is(circular, State.APPROVED)
    reason = _reason(reason)
    circular.state = State.DROPPED
    move_on(circular, "drop", by=by, fields=["state"], before=before, text=reason)
    return circular


@transaction.atomic
def word(pk: int, *, by: Staff) -> bytes:
    """The document as a Word file; a line in the trail for each that goes out."""
    circular = Circular.objects.visible_to(by).select_related("unit").get(pk=pk)
    content = paper.word(circular)
    audit.record(by, "circular.export", circular, after={"format": "docx"})
    return content


@transaction.atomic
def workbook(pk: int, path: Path, *, by: Staff) -> None:
    """Its tables as a workbook."""
    circular = Circular.objects.visible_to(by).select_related("unit").get(pk=pk)
    paper.workbook(circular, path)
    audit.record(by, "circular.export", circular, after={"format": "xlsx"})


def next_mark(unit: Unit) -> str:
    """The mark of the last one issued."""
    rows = Circular.objects.filter(unit=unit, state=State.ISSUED).order_by("-issued_on", "-pk")
    return rows.values_list("mark", flat=True).first() or ""


def _filed(pk: int, version: int, by: Staff) -> Circular:
    circular = locked(pk, by=by, version=version)
    require(by, "circular.approve", Anchor(circular.unit_id, state=State.FILED))
    _is(circular, State.FILED)
    return circular


def _is(circular: Circular, state: str) -> None:
    if circular.state != state:
        raise Refused(
            _("通报%(state)s，这一步不用再办。") % {"state": circular.get_state_display()},
            conflict=True,
        )


def _reason(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise Refused(_("请写明理由，不超过%(n)s字。") % {"n": LONGEST}, field="reason")
    return text


def _noted(naming: Naming, number: str, by: Staff) -> SupervisionNote:
    """通报点名 in the supervision ledger."""
    note = SupervisionNote.objects.create(
        unit_id=naming.section.unit_id,
        day=clock.today(),
        kind=SupervisionNote.Kind.NAMED,
        task=naming.task,
        section=naming.section,
        text=f"{number}：{naming.text}",
        written_by=by,
        version=1,
        recorded_at=clock.now(),
    )
    records.note(note, "hold", by=by, text=number)
    return note


def _holding(unit: Unit, office: str):
    held = Appointment.objects.on(clock.today()).filter(office=office, staff__unit=unit)
    return Staff.objects.filter(pk__in=held.values("staff"), left_on=None).order_by("pk")


def _tell(people, circular: Circular, key: str, say, **words: str) -> None:
    notices.tell_all(
        people,
        f"circular:{circular.pk}:{key}:{circular.version}",
        lambda: say() % {"title": circular.title, **words},
        url=reverse("ledgers:circular_detail", args=[circular.pk]),
        icon="newspaper",
    )


def _tell_of_issue(circular: Circular, number: str, problems: list[Naming]) -> None:
    """Every chief; and the chiefs of sections that are named, once more, that they are."""
    _tell(
        _holding(circular.unit, Office.SECTION_CHIEF),
        circular,
        "issued",
        lambda: _("%(number)s已印发：%(title)s"),
        number=number,
    )
    named = {one.section_id: one.section.name for one in problems}
    heads = Appointment.objects.on(clock.today()).filter(
        office=Office.SECTION_CHIEF, section__in=named, staff__left_on=None
    )
    url = reverse("ledgers:circular_detail", args=[circular.pk])
    notices.tell_each(
        [
            notices.Told(
                head.staff,
                f"circular:{circular.pk}:named:{head.section_id}",
                lambda section=named[head.section_id]: (
                    _("%(section)s在%(number)s中被点名") % {"section": section, "number": number}
                ),
                url,
            )
            for head in heads.select_related("staff")
        ],
        icon="megaphone",
    )
