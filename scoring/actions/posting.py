"""Writing the points book. Run by the clock, once a settled day; twice or at once does no harm."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from ledgers.actions import quarters
from ledgers.models import PointEntry, Quarter
from scheme import audit, clock, jobs, periods, workdays
from scheme.models import Job, Unit
from scoring import posting
from scoring.actions import rulebooks
from scoring.models import RuleBook

KIND = "scoring.settle"
# More days than these at once are settled by one job.
DAY_BY_DAY = 5
# How the names of jobs begin that a changed fact asks for.
FACTS = "facts "


class Settled(NamedTuple):
    posted: int
    reversed: int
    until: date


@transaction.atomic
def settle(unit: Unit, first: date, last: date, *, by=None, at: datetime | None = None) -> Settled:
    """Makes entries agree with the facts of the days from first to last, as far as they are
    settled at that instant, and with the base points of their half-years.

    Workers of one unit go one after another (the unit's row), and no quarter closes meanwhile.
    The first use of a rule book seals it.
    """
    at = at or clock.now()
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    reach = posting.reach(unit, first, last, at)
    _hold_quarters(unit, reach)
    values = posting.parameters(reach)
    posting.lay_out(values)
    reversed_ = posting.reverse(values)
    posted = posting.post(values)
    _seal_used(unit)
    if posted or reversed_:
        days = {"first": first.isoformat(), "last": reach.last.isoformat()}
        after = {"posted": posted, "reversed": reversed_, **days}
        audit.record(by, "entries.post", unit, after=after, unit=unit)
    return Settled(posted, reversed_, reach.last)


def _hold_quarters(unit: Unit, reach: posting.Reach) -> None:
    """Every quarter an entry may count in exists, and the open ones stay open until the end.

    Should all be closed, the one after the last takes what comes.
    """
    for half in reach.halves:
        for code in periods.quarters_of(half):
            quarters.ensure(unit, code)
    last = Quarter.objects.of_unit(unit).order_by("-starts_on").first()
    if last.closed_at:
        quarters.ensure(unit, periods.quarter_of(last.ends_on))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledgers_quarter WHERE unit_id = %s AND closed_at IS NULL"
            " ORDER BY id FOR SHARE",
            [unit.pk],
        )


def _seal_used(unit: Unit) -> None:
    used = PointEntry.objects.filter(unit=unit).values("book_version")
    books = RuleBook.objects.filter(
        unit=unit, state=RuleBook.State.APPROVED, sealed_at=None, version__in=used
    )
    for book in books:
        rulebooks.seal(book.pk, by=None)


def spans_to_watch(unit: Unit, at: datetime) -> list[posting.Reach]:
    """The settled days of this half-year and of the one before, never before the first rule book.

    This half-year is among them from its first day on, for its base points, settled days or not.
    """
    today = clock.local(at).date()
    books = RuleBook.objects.holding().filter(unit=unit)
    start = books.order_by("in_force_from").values_list("in_force_from", flat=True).first()
    if start is None or start > today:
        return []
    found = []
    for half in (periods.half_before(today), periods.half_of(today)):
        span = periods.half_span(half)
        if span.last >= start:
            found.append(posting.reach(unit, max(start, span.first), span.last, at))
    return found


def enqueue_due(unit: Unit, *, at: datetime | None = None) -> list[Job]:
    """Registers what is due: a job for each day newly settled (one for the whole span when there
    are many), and, when no day is new, one for a book that does not agree with the facts any more
    (a grade given late, an absence entered afterwards, somebody who joined)."""
    at = at or clock.now()
    jobs_of_unit = Job.objects.filter(kind=KIND, unit=unit)
    of_days = jobs_of_unit.exclude(dedupe_key__startswith=f"{unit.pk}/{FACTS}")
    looked_at = {
        date.fromisoformat(first) + timedelta(n)
        for first, last in of_days.values_list("args__first", "args__last")
        for n in range((date.fromisoformat(last) - date.fromisoformat(first)).days + 1)
    }
    at_work = jobs_of_unit.filter(state__in=[Job.State.WAITING, Job.State.RUNNING]).exists()
    made = []
    for reach in spans_to_watch(unit, at):
        working = workdays.between(reach.first, reach.last)
        new = [day for day in working if day not in looked_at]
        if len(new) > DAY_BY_DAY:
            made.append(_enqueue(unit, new[0], new[-1], f"{new[0]}..{new[-1]}"))
        elif new:
            made += [_enqueue(unit, day, day, day.isoformat()) for day in new]
        elif not at_work and (mark := posting.drift(reach)):
            made.append(_enqueue(unit, reach.first, reach.last, f"{reach.first} {mark}"))
    return made


def enqueue_for(unit: Unit, days: Iterable[date], *, cause: str) -> list[Job]:
    """Registers, for each half-year these days lie in, a settling of facts that have just changed.

    `cause` names the change; the same cause asks once. The jobs of the days themselves, that are
    newly settled one by one, are none the fewer for it.
    """
    halves = defaultdict(list)
    for day in days:
        halves[periods.half_of(day)].append(day)
    return [
        _enqueue(unit, min(found), max(found), f"{FACTS}{half} {cause}")
        for half, found in sorted(halves.items())
    ]


def _enqueue(unit: Unit, first: date, last: date, name: str) -> Job:
    args = {"first": first.isoformat(), "last": last.isoformat()}
    return jobs.enqueue(KIND, f"{unit.pk}/{name}", args=args, unit=unit)
