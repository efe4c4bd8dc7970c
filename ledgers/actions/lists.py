"""Monthly task lists (一清单): drawn from the ledger, issued by the supervision office, signed for
by the section. What was issued stands by value, whatever the ledger says later."""

from datetime import date
from pathlib import Path

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ledgers import addressees, monthlists
from ledgers.exports import monthlist as layout
from ledgers.models import MonthlyList, MonthlyListLine
from scheme import access, audit, clock, notices
from scheme.access import require
from scheme.errors import Refused, Stale
from scheme.models import Staff, Unit

State = MonthlyList.State


@transaction.atomic
def draw(unit: Unit, month: date, *, by: Staff) -> list[MonthlyList]:
    """Drafts of all sections that have tasks in the month; those drafted before are drawn anew,
    those issued stay as they are. Drawn twice it changes nothing."""
    require(by, "list.issue", access.Anchor(unit.pk, state=State.DRAFT))
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if month not in monthlists.months_to_draw(clock.today()):
        raise Refused(_("只能生成本月和下月的清单。"))
    told = monthlists.drawn(unit.pk, month)
    rows = MonthlyList.objects.filter(unit=unit, month=month).select_for_update(of=("self",))
    present = {one.section_id: one for one in rows.select_related("section")}
    touched = []
    for section in told.keys() - present.keys():
        made = MonthlyList(unit=unit, section_id=section, month=month, drawn_at=clock.now())
        made.save()
        _write(made, told[section])
        touched.append(made)
    for section, one in present.items():
        if one.state != State.DRAFT or _lines(one) == told.get(section, []):
            continue
        if section not in told:
            # Nothing is left to be listed, and nobody has seen it but who draws.
            audit.record(by, "list.drop", one, before={"month": str(month)})
            one.delete()
            continue
        one.lines.all().delete()
        _write(one, told[section])
        one.drawn_at = clock.now()
        one.version += 1
        one.save()
        touched.append(one)
    audit.record_many(
        by, "list.draw", [(one, {}, {"lines": one.lines.count()}) for one in touched], unit=unit
    )
    return touched


@transaction.atomic
def issue(pk: int, *, version: int, by: Staff) -> MonthlyList:
    """Sends a list down (下发); from now on it stands as it is."""
    one = _locked(pk, version)
    require(by, "list.issue", one.anchor()._replace(state=State.DRAFT))
    _require_state(one, State.DRAFT)
    _issue(one, by)
    return one


@transaction.atomic
def issue_all(unit: Unit, month: date, *, by: Staff) -> list[MonthlyList]:
    """Sends down every draft of the month."""
    require(by, "list.issue", access.Anchor(unit.pk, state=State.DRAFT))
    rows = MonthlyList.objects.filter(unit=unit, month=month, state=State.DRAFT)
    rows = list(rows.select_related("section").select_for_update(of=("self",)).order_by("pk"))
    if not rows:
        raise Refused(_("这个月没有待下发的清单，请先生成。"), conflict=True)
    for one in rows:
        _issue(one, by)
    return rows


@transaction.atomic
def sign(pk: int, *, version: int, by: Staff) -> MonthlyList:
    """The chief signs for the section (签收)."""
    one = _locked(pk, version)
    require(by, "list.sign", one.anchor()._replace(state=State.ISSUED))
    _require_state(one, State.ISSUED)
    one.state, one.signed_by, one.signed_at = State.SIGNED, by, clock.now()
    one.version += 1
    one.save()
    audit.record(by, "list.sign", one, after={"state": one.state})
    return one


@transaction.atomic
def export(pk: int, path: Path, *, by: Staff) -> MonthlyList:
    """The list as a workbook in the layout of the office, for whoever may read it."""
    one = MonthlyList.objects.visible_to(by).select_related("unit", "section").get(pk=pk)
    require(by, "list.read", one.anchor())
    layout.save(one, path)
    audit.record(by, "list.export", one, after={"month": str(one.month)})
    return one


# --- Steps


def url_of(pk: int) -> str:
    return reverse("ledgers:list_detail", args=[pk])


def _locked(pk: int, version: int) -> MonthlyList:
    rows = MonthlyList.objects.select_related("section").select_for_update(of=("self",))
    one = rows.get(pk=pk)
    if one.version != version:
        raise Stale(_("这份清单刚刚变过，刷新后再办。"))
    return one


def _require_state(one: MonthlyList, state: str) -> None:
    if one.state != state:
        raise Refused(
            _("这份清单现在是“%(state)s”，不能这样办。") % {"state": one.get_state_display()},
            conflict=True,
        )


def _issue(one: MonthlyList, by: Staff) -> None:
    one.state, one.issued_by, one.issued_at = State.ISSUED, by, clock.now()
    one.version += 1
    one.save()
    audit.record(by, "list.issue", one, after={"state": one.state, "lines": one.lines.count()})
    notices.tell_all(
        addressees.chiefs_of([one.section_id]),
        f"list:{one.pk}:{one.version}",
        lambda: (
            _("%(section)s%(year)s年%(month)s月任务清单已下发，请签收。")
            % {"section": one.section.name, "year": one.month.year, "month": one.month.month}
        ),
        url=url_of(one.pk),
        icon="queue-list",
    )


def _lines(one: MonthlyList) -> list[monthlists.Line]:
    names = monthlists.Line._fields
    return [monthlists.Line(*row) for row in one.lines.order_by("position").values_list(*names)]


def _write(one: MonthlyList, lines: list[monthlists.Line]) -> None:
    MonthlyListLine.objects.bulk_create(
        MonthlyListLine(list=one, position=position, **line._asdict())
        for position, line in enumerate(lines, 1)
    )
