"""Whose turn it is to speak. The rota is fair by itself: it keeps no list of its own but reads who
spoke when, so absences, swaps and newcomers need no book-keeping.

Next is whoever has not spoken for longest; whoever never has comes before them, by joining date.
Two of one section in a row are avoided by letting somebody go ahead, but only somebody who has not
spoken more often, since both are here, than those let down. So nobody who is there all the time is
ever more than one talk behind another.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ledgers.models import Talk
from scheme.models import Absence, Section, Staff, Unit


class Speaker(NamedTuple):
    """Somebody whose turn may come. `talks`: the days they have spoken, or are to speak, sorted."""

    key: int
    section: int
    joined_on: date
    order: int = 0
    talks: tuple[date, ...] = ()

    @property
    def rank(self) -> tuple:
        last = self.talks[-1] if self.talks else date.min
        return last, self.joined_on, self.order, self.key


class Turn(NamedTuple):
    """A proposal with its reasons: `passed` lists whom the order would have put first."""

    day: date
    key: int
    last: date | None
    passed: tuple[int, ...] = ()
    absent: tuple[int, ...] = ()


def choose(speakers: Iterable[Speaker], day: date, *, absent: set[int], before: int | None) -> Turn:
    """Who speaks on that day. `before`: the section of the talk before. Raises LookupError when
    nobody is there."""
    queue = sorted(speakers, key=lambda one: one.rank)
    there = [one for one in queue if one.key not in absent]
    if not there:
        raise LookupError(day)
    chosen = there[0]
    if chosen.section == before:
        chosen = next((one for one in there if _may_pass(one, there, before)), chosen)
    ahead = queue[: queue.index(chosen)]
    return Turn(
        day,
        chosen.key,
        chosen.talks[-1] if chosen.talks else None,
        tuple(one.key for one in ahead if one.key not in absent),
        tuple(one.key for one in ahead if one.key in absent),
    )


def _may_pass(one: Speaker, there: Sequence[Speaker], before: int | None) -> bool:
    return one.section != before and all(
        _since(one, other) <= _since(other, one) for other in there[: there.index(one)]
    )


def _since(one: Speaker, other: Speaker) -> int:
    """How often the one has spoken since both are here."""
    start = max(one.joined_on, other.joined_on)
    return len(one.talks) - bisect_left(one.talks, start)


def plan(
    speakers: Iterable[Speaker],
    days: Sequence[date],
    *,
    absences: dict[date, set[int]],
    before: int | None = None,
) -> list[Turn]:
    """A turn for each of the days, in order; each one counts for the next. A day on which nobody
    is there is left out."""
    by_key = {one.key: one for one in speakers}
    turns = []
    for day in days:
        try:
            turn = choose(by_key.values(), day, absent=absences.get(day, set()), before=before)
        except LookupError:
            continue
        turns.append(turn)
        one = by_key[turn.key]
        by_key[turn.key] = one._replace(talks=tuple(sorted((*one.talks, day))))
        before = one.section
    return turns


# --- From the ledger


class Queued(NamedTuple):
    """A line of the rota as it is shown."""

    person: Staff
    section: Section
    last: date | None
    coming: date | None


class Rota(NamedTuple):
    speakers: list[Speaker]
    people: dict[int, Staff]
    # Section of the latest talk, for the next.
    before: int | None


def rota(unit: Unit, today: date) -> Rota:
    """Who is on the roll and in a section, with every talk they gave or are to give."""
    talks = Talk.objects.filter(unit=unit).exclude(state=Talk.State.VOID)
    given = defaultdict(list)
    for speaker, day in talks.order_by("day", "pk").values_list("speaker", "day"):
        given[speaker].append(day)
    people = Staff.objects.of_unit(unit).on_roll(today).with_section(today)
    people = people.exclude(section_id=None).in_office_order()
    found = {one.pk: one for one in people}
    speakers = [
        Speaker(one.pk, one.section_id, one.joined_on, place, tuple(given[one.pk]))
        for place, one in enumerate(found.values())
    ]
    latest = talks.order_by("-day", "-pk").values_list("speaker", flat=True).first()
    return Rota(speakers, found, found[latest].section_id if latest in found else None)


def propose(unit: Unit, days: Sequence[date], today: date) -> tuple[list[Turn], Rota]:
    """Proposals for the days, with the people they name."""
    read = rota(unit, today)
    turns = plan(read.speakers, days, absences=absent_on(unit, days), before=read.before)
    return turns, read


def absent_on(unit: Unit, days: Sequence[date]) -> dict[date, set[int]]:
    """Who is away, or no longer on the roll, on each of the days, in two queries."""
    found = {day: set() for day in days}
    if not days:
        return found
    rows = Absence.objects.filter(staff__unit=unit, start_on__lte=max(days))
    rows = rows.exclude(end_on__lt=min(days)).order_by()
    for person, start, end in rows.values_list("staff", "start_on", "end_on"):
        for day in days:
            if start <= day and (end is None or day <= end):
                found[day].add(person)
    leaving = Staff.objects.of_unit(unit).filter(left_on__lte=max(days)).order_by()
    for person, left in leaving.values_list("pk", "left_on"):
        for day in days:
            if left <= day:
                found[day].add(person)
    return found


def queue(unit: Unit, today: date) -> list[Queued]:
    """The order as it stands, next first; what is already planned stands apart."""
    read = rota(unit, today)
    sections = Section.objects.in_bulk({one.section for one in read.speakers})
    lines = []
    for one in sorted(read.speakers, key=lambda one: one.rank):
        past = [day for day in one.talks if day < today]
        coming = [day for day in one.talks if day >= today]
        lines.append(
            Queued(
                read.people[one.key],
                sections[one.section],
                past[-1] if past else None,
                coming[0] if coming else None,
            )
        )
    return lines
