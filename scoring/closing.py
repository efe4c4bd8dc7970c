"""What still stands in the way of closing a quarter, and what merely waits."""

from datetime import date
from typing import NamedTuple

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledgers import deadlines
from ledgers.models import Quarter
from scheme import clock, periods
from scheme.models import Unit
from scheme.templatetags.look import md_hm
from scoring.models import Declaration, ManualEntry, RuleBook


class Matter(NamedTuple):
    """`blocking`: the quarter does not close before it is settled. `url` leads to where that is
    done; without one, only time does it."""

    text: str
    url: str = ""
    act: str = ""
    blocking: bool = True


def in_the_way(unit: Unit, code: str) -> list[Matter]:
    """Blocking matters first. A constant number of queries. Raises ValueError for no quarter, and
    Refused when the calendar does not reach its deadlines."""
    span = periods.quarter_span(code)
    return [
        *_rules(unit),
        *_earlier(unit, span.first),
        *_days(unit, span.last),
        *_manual(unit, span.until),
        *_declarations(unit, span),
    ]


def _rules(unit):
    """Facts recorded in time must be in before the book closes; without rules none can be."""
    books = RuleBook.objects.holding().filter(unit=unit, in_force_from__lte=clock.today())
    if not books.exists():
        text = _("还没有施行的积分细则，已记的事都没有入账。")
        yield Matter(text, reverse("scoring:rulebook_list"), _("去看细则"))


def _earlier(unit, first: date):
    earlier = Quarter.objects.of_unit(unit).open().filter(starts_on__lt=first).first()
    if earlier:
        yield Matter(_("请先关%(code)s的账，季度按先后关。") % {"code": earlier.code})


def _days(unit, last: date):
    closes = deadlines.deadline_of(unit, last).closes
    if clock.now().replace(microsecond=0) <= closes:
        text = _("季度最后一天的日报%(moment)s截止补报，过后才能关账。")
        yield Matter(text % {"moment": md_hm(closes)})


def _manual(unit, until: date):
    """Approved before the closing they count in this quarter, after it in the next."""
    State = ManualEntry.State
    waiting = ManualEntry.objects.of_unit(unit).filter(state=State.PROPOSED, event_on__lt=until)
    if count := waiting.count():
        text = ngettext("%(n)s笔手工记分还没有批准。", "%(n)s笔手工记分还没有批准。", count)
        yield Matter(text % {"n": count}, reverse("scoring:manual_list"), _("去看"))


def _declarations(unit, span: periods.Span):
    """Confirmed ones are posted by the closing. What is confirmed after it counts in the next open
    quarter, so they are named, and the signer decides."""
    State = Declaration.State
    rows = Declaration.objects.of_unit(unit).filter(
        document_on__gte=span.first,
        document_on__lt=span.until,
        state__in=[State.FILED, State.CHECKED],
    )
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    filed, checked = counts.get(State.FILED, 0), counts.get(State.CHECKED, 0)
    if filed:
        text = ngettext("%(n)s项申报还没有初核。", "%(n)s项申报还没有初核。", filed)
        yield Matter(text % {"n": filed}, blocking=False)
    if checked:
        text = ngettext("%(n)s项申报还没有核验。", "%(n)s项申报还没有核验。", checked)
        url = reverse("scoring:declaration_verify_list")
        yield Matter(text % {"n": checked}, url, _("去核验"), blocking=False)
