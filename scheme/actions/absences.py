"""Leave and travel: asked for, granted, kept by the personnel office. Why is never asked."""

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.access import Anchor
from scheme.errors import Refused, Stale
from scheme.models import Absence, LeaveRequest, Staff
from scheme.templatetags.look import md

# How far back one may ask; what is older the personnel office keeps.
ASKED_BACK, LONGEST = timedelta(days=31), timedelta(days=366)
State = LeaveRequest.State


@transaction.atomic
def ask(*, kind: str, first: date, last: date, by: Staff) -> LeaveRequest:
    """Asks for leave or travel of one's own, for days that nothing excuses yet."""
    person = Staff.objects.select_for_update().get(pk=by.pk)
    access.require(by, "absence.ask", Anchor(by.unit_id, by.pk))
    if kind not in LeaveRequest.KINDS:
        raise Refused(_("请选请假或者出差。"), field="kind")
    _check_days(first, last)
    if first < clock.today() - ASKED_BACK:
        text = _("最早可补%(day)s，更早的请机关人事科登记。")
        raise Refused(text % {"day": md(clock.today() - ASKED_BACK)}, field="start_on")
    _check_free(person, first, last, asked=True)
    row = LeaveRequest.objects.create(
        unit_id=person.unit_id,
        staff=person,
        kind=kind,
        start_on=first,
        end_on=last,
        asked_at=clock.now(),
    )
    audit.record(by, "absence.ask", row, after=_facts(row))
    return row


@transaction.atomic
def withdraw(pk: int, *, version: int, by: Staff) -> LeaveRequest:
    """Takes back one's own request while nobody has decided on it."""
    row = _locked(pk)
    if row.staff_id != by.pk:
        raise PermissionDenied(_("您的职责不包括这一步。"))
    _still(row, version)
    row.state = State.WITHDRAWN
    row.version += 1
    row.save(update_fields=["state", "version"])
    audit.record(by, "absence.withdraw", row, before={"state": State.ASKED}, after=_facts(row))
    return row


@transaction.atomic
def grant(pk: int, *, version: int, by: Staff) -> LeaveRequest:
    """Grants: the days excuse from now on."""
    row = _for_decision(pk, version, by)
    _check_free(row.staff, row.start_on, row.end_on)
    row.absence = _add(row.staff, row.kind, row.start_on, row.end_on, by)
    _decide(row, State.GRANTED, by)
    return row


@transaction.atomic
def refuse(pk: int, *, version: int, by: Staff) -> LeaveRequest:
    """Does not grant. What there is to say is said in person, not written here."""
    row = _for_decision(pk, version, by)
    _decide(row, State.REFUSED, by)
    return row


@transaction.atomic
def keep(staff_pk: int, *, kind: str, first: date, last: date | None, by: Staff) -> Absence:
    """The personnel office enters an absence itself; without a last day until further notice."""
    person = Staff.objects.select_for_update().get(pk=staff_pk)
    access.require(by, "absence.keep", Anchor(person.unit_id, person.pk))
    if kind not in Absence.Kind.values:
        raise Refused(_("请选类别。"), field="kind")
    _check_days(first, last or first)
    _check_free(person, first, last)
    row = _add(person, kind, first, last, by)
    _tell_kept(row, by)
    return row


@transaction.atomic
def end(pk: int, *, last: date, seen: date | None, by: Staff) -> Absence:
    """Ends an open absence, or makes one shorter or longer. `seen` is the end on the page."""
    row = _of_absence(pk, seen, by)
    if last == row.end_on:
        raise Refused(_("结束日期没有变。"), field="end_on")
    _check_days(row.start_on, last)
    _check_free(row.staff, row.start_on, last, kept=row)
    before = {"end_on": row.end_on and row.end_on.isoformat()}
    row.end_on = last
    row._history_user = by
    row.save(update_fields=["end_on"])
    after = {"end_on": last.isoformat()}
    audit.record(by, "absence.end", row, before=before, after=after, unit=row.staff.unit)
    _tell_kept(row, by)
    return row


@transaction.atomic
def cancel(pk: int, *, seen: date | None, by: Staff) -> Absence:
    """Takes an absence off: its days are due again. Its history stays."""
    row = _of_absence(pk, seen, by)
    person, first = row.staff, row.start_on
    audit.record(by, "absence.cancel", row, before=_span(row), after={}, unit=person.unit)
    row._history_user = by
    key = f"absence:{row.pk}:cancelled"
    row.delete()
    notices.tell(
        person,
        key,
        lambda: _("%(first)s起的请假出差登记已取消，日报照常报。") % {"first": md(first)},
        url=reverse("ledgers:absence_list"),
        icon="calendar-days",
    )
    return row


def _locked(pk: int) -> LeaveRequest:
    rows = LeaveRequest.objects.select_for_update(of=("self",)).select_related("staff")
    return rows.with_decider().get(pk=pk)


def _still(row: LeaveRequest, version: int) -> None:
    if row.version != version or row.state != State.ASKED:
        raise Stale(_("这份申请刚才变了，刷新后再看。"))


def _for_decision(pk: int, version: int, by: Staff) -> LeaveRequest:
    row = LeaveRequest.objects.get(pk=pk)
    # The person first: whoever asks or keeps holds the same lock.
    Staff.objects.select_for_update().get(pk=row.staff_id)
    row = _locked(pk)
    if row.staff_id == by.pk:
        raise PermissionDenied(_("不能批准自己的申请。"))
    verb = "absence.grant_chief" if row.by_leader else "absence.grant"
    access.require(by, verb, row.anchor()._replace(state=State.ASKED))
    _still(row, version)
    return row


def _decide(row: LeaveRequest, state: str, by: Staff) -> None:
    row.state, row.decided_by, row.decided_at = state, by, clock.now()
    row.on_behalf_of_id = access.acted_for(by)
    row.version += 1
    row.save()
    act = "absence.grant" if state == State.GRANTED else "absence.refuse"
    audit.record(by, act, row, before={"state": State.ASKED}, after=_facts(row))

    def say() -> str:
        form = {"kind": row.get_kind_display(), "first": md(row.start_on), "last": md(row.end_on)}
        if state == State.GRANTED:
            return _("%(first)s至%(last)s的%(kind)s已批准，那几天免报日报。") % form
        return _("%(first)s至%(last)s的%(kind)s没有批准，请当面再说。") % form

    notices.tell(
        row.staff,
        f"leave:{row.pk}:{row.version}",
        say,
        url=reverse("ledgers:absence_list"),
        icon="calendar-days",
    )


def _add(person: Staff, kind: str, first: date, last: date | None, by: Staff) -> Absence:
    row = Absence(staff=person, kind=kind, start_on=first, end_on=last)
    row._history_user = by
    row.save(force_insert=True)
    audit.record(by, "absence.keep", row, after=_span(row), unit=person.unit)
    return row


def _of_absence(pk: int, seen: date | None, by: Staff) -> Absence:
    """The absence, locked with its person, for the personnel office to change."""
    person = Staff.objects.select_for_update().get(pk=Absence.objects.get(pk=pk).staff_id)
    row = Absence.objects.select_for_update(of=("self",)).select_related("staff__unit").get(pk=pk)
    access.require(by, "absence.keep", Anchor(person.unit_id, person.pk))
    if row.end_on != seen:
        raise Stale(_("这一条刚才改过，刷新后再看。"))
    return row


def _check_days(first: date, last: date) -> None:
    if last < first:
        raise Refused(_("结束日期早于开始日期。"), field="end_on")
    if last - first > LONGEST:
        raise Refused(_("一次最多一年，请分开登记。"), field="end_on")


def _check_free(person: Staff, first: date, last: date | None, *, asked=False, kept=None) -> None:
    """No day is excused twice; with `asked`, nor asked for twice."""
    rows = Absence.objects.filter(Q(end_on=None) | Q(end_on__gte=first), staff=person)
    taken = rows.exclude(pk=kept and kept.pk)
    if last is not None:
        taken = taken.filter(start_on__lte=last)
    found = taken.order_by("start_on").first()
    if found is None and asked:
        waiting = LeaveRequest.objects.asked().filter(staff=person, end_on__gte=first)
        found = waiting.filter(start_on__lte=last).order_by("start_on").first()
    if found is not None:
        text = _("和%(day)s起的%(kind)s重叠，请先核对日期。")
        form = {"day": md(found.start_on), "kind": found.get_kind_display()}
        raise Refused(text % form, field="start_on")


def _span(row: Absence) -> dict:
    end = row.end_on and row.end_on.isoformat()
    return {
        "staff": row.staff_id,
        "kind": row.kind,
        "start_on": row.start_on.isoformat(),
        "end_on": end,
    }


def _facts(row: LeaveRequest) -> dict:
    return {
        "kind": row.kind,
        "start_on": row.start_on.isoformat(),
        "end_on": row.end_on.isoformat(),
        "state": row.state,
    }


def _tell_kept(row: Absence, by: Staff) -> None:
    if row.staff_id == by.pk:
        return
    end = row.end_on and row.end_on.isoformat()

    def say() -> str:
        form = {"kind": row.get_kind_display(), "first": md(row.start_on)}
        if row.end_on is None:
            return _("机关人事科登记了%(kind)s：%(first)s起，免报日报。") % form
        text = _("机关人事科登记了%(kind)s：%(first)s至%(last)s，那几天免报日报。")
        return text % (form | {"last": md(row.end_on)})

    notices.tell(
        row.staff,
        f"absence:{row.pk}:{end}",
        say,
        url=reverse("ledgers:absence_list"),
        icon="calendar-days",
    )
