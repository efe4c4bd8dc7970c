"""What stands in the way of being put forward: recorded, lifted, and read.

The trail says that a row was written or read and by whom, never what it says or of whom: the
auditor who reads the trail is not among those entitled to the reason.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.access import Anchor
from scheme.errors import Refused, Stale
from scheme.models import Restriction, Section, Staff

LONGEST_AUTHORITY, LONGEST_NOTE, LONGEST_WHY = 100, 300, 200


@transaction.atomic
def record(
    subject: Staff | Section,
    *,
    by: Staff,
    kind: str,
    since: date,
    until: date | None,
    authority: str,
    note: str = "",
) -> Restriction:
    """Bars a person or a section from `since` until the day before `until`. The person is told."""
    is_person = isinstance(subject, Staff)
    subject = type(subject).objects.select_for_update(of=("self",)).get(pk=subject.pk)
    person = subject if is_person else None
    section = None if is_person else subject
    access.require(by, "restriction.record", Anchor(subject.unit_id))
    if person and person.pk == by.pk:
        raise Refused(_("涉及本人的，请科里另一位登记。"), field="subject")
    if kind not in Restriction.Kind.values:
        raise Refused(_("请选是哪种情形。"), field="kind")
    if until is not None and until <= since:
        raise Refused(_("止日须晚于起日。"), field="until")
    authority = _text(authority, LONGEST_AUTHORITY, "authority")
    if not authority:
        raise Refused(_("请写明依据哪份文件。"), field="authority")
    note = _text(note, LONGEST_NOTE, "note")
    same = Restriction.objects.filter(staff=person, section=section, kind=kind, since=since)
    if same.filter(authority=authority).exists():
        raise Refused(_("同一文件、同一天起的这一条已经登记过。"), field="authority")
    row = Restriction.objects.create(
        unit_id=subject.unit_id,
        staff=person,
        section=section,
        kind=kind,
        since=since,
        until=until,
        authority=authority,
        note=note,
        recorded_by=by,
        recorded_at=clock.now(),
    )
    audit.record(by, "restriction.record", row)
    _tell(
        row,
        "recorded",
        lambda: _("机关人事科登记了一项与您参评有关的情况，请看。有异议请当面向机关人事科提出。"),
    )
    return row


@transaction.atomic
def lift(pk: int, *, by: Staff, why: str, seen: date | None) -> Restriction:
    """Ends it today, before its time. `seen` is the end that stood on the page."""
    row = (
        Restriction.objects.select_for_update(of=("self",))
        .select_related("staff", "section")
        .get(pk=pk)
    )
    access.require(by, "restriction.record", Anchor(row.unit_id))
    if row.staff_id == by.pk:
        raise Refused(_("涉及本人的，请科里另一位办理。"))
    today = clock.today()
    if row.lifted_at or row.until != seen:
        raise Stale(_("这一条刚刚有了变化，请看过最新情况再办。"))
    if row.until is not None and row.until <= today:
        raise Refused(_("这一条已经到期，不必解除。"), conflict=True)
    why = _text(why, LONGEST_WHY, "why")
    if not why:
        raise Refused(_("请写明依据什么解除。"), field="why")
    row.until = max(today, row.since)
    row.lifted_by, row.lifted_at, row.lifted_why = by, clock.now(), why
    row.save(update_fields=["until", "lifted_by", "lifted_at", "lifted_why"])
    audit.record(by, "restriction.lift", row)
    _tell(row, "lifted", lambda: _("与您参评有关的一项情况已经解除，请看。"))
    return row


@transaction.atomic
def read(rows: Iterable[Restriction], *, by: Staff) -> None:
    """Leaves a line for each that is shown to somebody it does not concern."""
    others = [(row, {}, {}) for row in rows if row.staff_id != by.pk]
    audit.record_many(by, "restriction.read", others, unit=by.unit)


def _text(text: str, longest: int, field: str) -> str:
    text = text.strip()
    if len(text) > longest:
        raise Refused(_("请写在%(most)s字以内。") % {"most": longest}, field=field)
    return text


def _tell(row: Restriction, what: str, say: notices.Say) -> None:
    if row.staff_id:
        url = reverse("scheme:restriction_detail", args=[row.pk])
        notices.tell(row.staff, f"restriction:{row.pk}:{what}", say, url=url)
