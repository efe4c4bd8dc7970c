"""What writing, projects and promotions have in common: somebody files a row with its proof,
somebody else verifies it. The rules of each stand in its own actions; the steps stand here, and
the act that calls them holds the transaction.

draft ─file→ filed ─verify→ verified ─void→ void ─restore→ verified
             filed ─return→ returned ─file→ filed; filed ─withdraw→ draft
             draft or returned ─drop→ void
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import records
from scheme import access, audit, clock, notices
from scheme.errors import Refused, Stale
from scheme.models import Appointment, Staff
from scheme.offices import Office

DRAFT, FILED, RETURNED, VERIFIED, VOID = "draft", "filed", "returned", "verified", "void"
OPEN = (DRAFT, RETURNED)
MOST_REASON = 300
MOST_AT_ONCE = 200


class Outcome(NamedTuple):
    """Of a batch: the keys of the rows that took the step, and why each other did not."""

    done: list[int]
    refused: dict[int, str]


def held(model: type[models.Model], pk: int, *, by: Staff) -> models.Model:
    """The row, locked. Raises DoesNotExist for one out of sight."""
    seen = model.objects.visible_to(by).filter(pk=pk).values("pk")
    return model.objects.select_for_update(of=("self",)).get(pk__in=seen)


def to_edit(model: type[models.Model], pk: int, verb: str, *, by: Staff) -> models.Model:
    """The row, locked, for whoever writes it, while it is being written."""
    row = held(model, pk, by=by)
    if row.filed_by_id != by.pk:
        raise PermissionDenied(_("由填报人自己办。"))
    require_state(row, *OPEN)
    access.require(by, verb, row.anchor())
    return row


def to_withdraw(model: type[models.Model], pk: int, *, by: Staff) -> models.Model:
    """The row, locked, for whoever filed it, while nobody has decided on it."""
    row = held(model, pk, by=by)
    if row.filed_by_id != by.pk:
        raise PermissionDenied(_("由填报人自己办。"))
    require_state(row, FILED)
    return row


def to_decide(
    model: type[models.Model], pk: int, verb: str, state: str, *, version: int, by: Staff
) -> models.Model:
    """The row, locked, for whoever may take this step from `state`. Who might have, but came
    late, is told that it moved on, not that they may not."""
    row = held(model, pk, by=by)
    # Restored is what had been verified: the same right.
    asked = VERIFIED if state == VOID else state
    access.require(by, verb, row.anchor()._replace(state=asked))
    require_state(row, state)
    require_version(row, version)
    return row


def require_state(row, *states: str) -> None:
    if row.state not in states:
        raise Stale(
            _("这一条现在是“%(state)s”，不能这样办了。") % {"state": row.get_state_display()}
        )


def require_version(row, version: int) -> None:
    if row.version != version:
        raise Stale(_("这一条刚才变了，刷新后再办。"))


def require_other(involved: Iterable[int | None], *, by: Staff) -> None:
    """Four eyes: not who filed it, and not who gains by it."""
    if by.pk in set(involved):
        raise Refused(_("自己填报或署名的，须由别人核实。"))


def said(reason: str) -> str:
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise Refused(_("请写明理由，填报人要照着它改。"), field="reason")
    if len(reason) > MOST_REASON:
        raise Refused(_("超过%(n)s字，请写短些。") % {"n": MOST_REASON}, field="reason")
    return reason


def move(
    row,
    kind: str,
    *,
    by: Staff,
    to: str = "",
    text: str = "",
    before: Mapping | None = None,
    after: Mapping | None = None,
    fields: Iterable[str] = (),
) -> None:
    """Takes the row one step on: its new state and fields, its history, the trail."""
    was = row.state
    row.state = to or was
    row.version += 1
    row.save(update_fields=["state", "version", *fields])
    before, after = dict(before or {}), dict(after or {})
    records.note(row, kind, by=by, text=text, before=before, after=after)
    if to:
        before |= {"state": was}
        after |= {"state": to}
    act = f"{records.ledger_of(row)}.{kind}"
    audit.record(by, act, row, before=before, after=after, reason=text)


def file_it(row, *, by: Staff, after: Mapping | None = None) -> None:
    row.filed_at = clock.now()
    move(row, "file", by=by, to=FILED, after=after, fields=["filed_at"])


def verify_it(row, *, by: Staff, fields: Iterable[str] = (), after: Mapping | None = None) -> None:
    row.verified_by, row.verified_at = by, clock.now()
    written = ["verified_by", "verified_at", *fields]
    move(row, "verify", by=by, to=VERIFIED, after=after, fields=written)


def each(step, versions: Mapping[int, int], *, by: Staff) -> Outcome:
    """One step for many rows, each by itself: one that cannot be decided stops no other."""
    if len(versions) > MOST_AT_ONCE:
        raise Refused(_("一次最多办%(n)s条，请分几次办。") % {"n": MOST_AT_ONCE})
    done, refused = [], {}
    for pk, version in sorted(versions.items()):
        try:
            with transaction.atomic():
                step(pk, version=version, by=by)
        except (Refused, PermissionDenied) as error:
            refused[pk] = str(error)
        except ObjectDoesNotExist:
            refused[pk] = _("没有这一条。")
        else:
            done.append(pk)
    return Outcome(done, refused)


def url_of(row) -> str:
    return reverse(records.KINDS[records.ledger_of(row)].route, args=[row.pk])


def tell(row, people: Iterable[Staff | int], say, *, by: Staff, icon: str = "bell") -> None:
    """Everybody concerned but the one who acts, once an act."""
    ids = {getattr(one, "pk", one) for one in people} - {by.pk, None}
    to = Staff.objects.filter(pk__in=ids)
    key = f"{records.ledger_of(row)}:{row.pk}:{row.version}"
    notices.tell_all(to, key, say, url=url_of(row), icon=icon)


def tell_offices(row, offices: Iterable[Office], url: str, say, *, by: Staff) -> None:
    """Those who verify are told once a day that something waits: they work the list."""
    held_now = Appointment.objects.on(clock.today()).filter(
        office__in=list(offices), staff__unit_id=row.unit_id
    )
    to = Staff.objects.filter(pk__in=held_now.values("staff")).exclude(pk=by.pk)
    key = f"{records.ledger_of(row)}:to_verify:{clock.today()}"
    notices.tell_all(to, key, say, url=url, icon="clipboard-document-check")
