"""The demo's circulars: one issued, one at the chair's, one being written."""

from datetime import date

from ledgers import circulating
from ledgers.actions import circular_steps as steps
from ledgers.actions import circulars
from ledgers.models import Circular, Naming
from scheme import periods
from scheme.models import Appointment, Staff, Unit
from scheme.offices import Office
from scoring import comparing, declared

MARK = "泽组通"
# So many namings of a kind a reader takes in; the writer drops the rest.
MOST = 3


def build(unit: Unit, office: Staff, today: date) -> None:
    chair = Appointment.objects.on(today).get(staff__unit=unit, office=Office.COMMITTEE_CHAIR).staff
    last = _month_before(today.replace(day=1))
    _issue(_drafted(unit, Circular.Kind.MONTHLY, _month_before(last), office), office, chair)
    _drafted(unit, Circular.Kind.MONTHLY, last, office)
    _issue(_drafted(unit, Circular.Kind.ADOPTION, last, office), office, chair)
    quarter = declared.quarter_before(periods.quarter_of(today))
    compared = circulars.draft(unit, comparing.drawn(unit, quarter), by=office)
    steps.file(compared.pk, version=compared.version, by=office)


def _month_before(first: date) -> date:
    return date(first.year - (first.month == 1), (first.month + 10) % 12 + 1, 1)


def _drafted(unit: Unit, kind: str, month: date, office: Staff) -> Circular:
    made = circulars.draft(unit, circulating.drawn(unit, kind, month), by=office)
    rest = []
    for which in Naming.Kind:
        rest += made.namings.filter(kind=which).order_by("pk").values_list("pk", flat=True)[MOST:]
    head = {name: getattr(made, name) for name in ("title", "addressed_to", "signed_as")}
    namings = dict.fromkeys(rest, "")
    return circulars.change(
        made.pk, **head, texts={}, namings=namings, version=made.version, by=office
    )


def _issue(made: Circular, office: Staff, chair: Staff) -> None:
    filed = steps.file(made.pk, version=made.version, by=office)
    signed = steps.approve(filed.pk, version=filed.version, by=chair)
    steps.issue(signed.pk, mark=MARK, version=signed.version, by=office)
