from django import template

from ledgers.actions.workbooks import verb_of
from scheme import clock, periods
from scheme.access import Anchor, can

register = template.Library()
HALVES = 4


@register.inclusion_tag("ledgers/_workbook.html", takes_context=True)
def workbook(context, ledger: str):
    """The ledger as a workbook: out for whoever may, and the way in for whoever keeps it."""
    person, day, halves = context["request"].user, clock.today(), []
    for _half in range(HALVES):
        code = periods.half_of(day)
        halves.append((code, periods.half_name(code)))
        day = periods.half_span(periods.half_before(day)).first
    anchor = Anchor(person.unit_id)
    return {
        "csrf_token": context.get("csrf_token"),
        "ledger": ledger,
        "halves": halves,
        "may_export": can(person, verb_of(ledger), anchor),
        "may_import": can(person, "ledger.import", anchor),
    }
