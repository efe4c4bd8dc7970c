"""What a nomination rests on, assembled from the books: the same for chief, branch and committee.

Built from the database of the moment; shown while the chief writes, frozen when it is submitted.
Figures are texts, so that the frozen copy reads the same in ten years.
"""

import hashlib
import json
from collections import Counter
from datetime import timedelta

from django.db.models import Q

from ledgers.deadlines import Status, deadlines, status_of
from ledgers.lights import Days
from ledgers.models import DailyReport, Task, TaskHandler
from scheme import clock
from scheme.models import Absence, CalendarDay, SectionMembership, Staff
from scoring import queries
from stars import entries
from stars.models import Award, Nomination


def build(nomination: Nomination) -> dict:
    """JSON-ready. A constant number of queries; nothing is written."""
    posted = entries.standing(nomination)
    return {
        "half": nomination.round.half,
        "star": {"key": nomination.star_id, "name": nomination.star.name},
        "nominee": _nominee(nomination),
        "run": _run(nomination.round),
        "cards": _cards(nomination),
        "rules": entries.by_rule(posted),
        "entries": entries.one_by_one(posted),
        "trend": entries.trend(nomination, posted),
        "tasks": _tasks(nomination),
        "filing": _filing(nomination),
        "awards": _awards(nomination),
    }


def digest_of(body: dict) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _nominee(nomination) -> dict:
    person, section = nomination.person, nomination.section
    if person is None:
        members = SectionMembership.objects.on(clock.today()).filter(section=section)
        return {"kind": "section", "name": section.name, "people": members.count()}
    return {
        "kind": "person",
        "name": person.name,
        "staff_no": person.staff_no,
        "section": section.name,
        "post": person.post,
        "rank": person.rank,
    }


def _run(round_) -> dict:
    """The scorecards the round was opened on, to compare with."""
    if round_.run_id is None:
        return {}
    return {"output": round_.run.output_hash, "book": round_.book.digest}


def _cards(nomination) -> list[dict]:
    """The nominated star first, then the others in their order, the total last."""
    lines = queries.scorecard_of(half=nomination.round.half, **entries.subject_of(nomination))
    found = [
        {
            "star": line.star.pk if line.star else None,
            "name": line.star.name if line.star else "",
            "base": str(line.base),
            "deduction": str(line.deduction),
            "bonus": str(line.bonus),
            "score": str(line.score),
            "place": line.place,
            "pool": line.pool,
        }
        for line in lines
    ]
    return sorted(found, key=lambda card: card["star"] != nomination.star_id)


def _filing(nomination) -> dict:
    """How the days of the half-year were reported: the person's, or those of the section's
    people while they belonged to it."""
    span = nomination.round.span
    last = min(span.last, clock.today())
    held = SectionMembership.objects.during(*span).order_by("staff", "start_on")
    if nomination.person_id:
        held = held.filter(staff=nomination.person)
    else:
        held = held.filter(section=nomination.section)
    people = Staff.objects.on_roll_during(*span).in_bulk({row.staff_id for row in held})
    limits = deadlines(nomination.round.unit, span.first, last)
    working = set(
        CalendarDay.objects.filter(day__range=(span.first, last), is_working=True).values_list(
            "day", flat=True
        )
    )
    away: dict[int, list] = {}
    for absence in Absence.objects.filter(staff__in=people, start_on__lte=last):
        away.setdefault(absence.staff_id, []).append((absence.start_on, absence.end_on))
    filed = {
        (author, day): at
        for author, day, at in DailyReport.objects.filter(
            author__in=people, day__range=(span.first, last)
        ).values_list("author", "day", "first_filed_at")
    }
    now, counts = clock.now(), Counter()
    for row in held:
        person = people.get(row.staff_id)
        if person is None:
            continue
        day = max(row.start_on, span.first, person.joined_on)
        stop = min(filter(None, (row.end_on, person.left_on, last + timedelta(1))))
        while day < stop:
            counts[
                status_of(
                    day,
                    deadline=limits.get(day),
                    filed_at=filed.get((person.pk, day)),
                    working=day in working,
                    in_section=True,
                    excused=any(
                        start <= day and (end is None or day <= end)
                        for start, end in away.get(person.pk, ())
                    ),
                    now=now,
                )
            ] += 1
            day += timedelta(1)
    late = counts[Status.LATE] + counts[Status.BACKFILLED]
    return {
        "due": counts[Status.ON_TIME] + late + counts[Status.MISSING],
        "on_time": counts[Status.ON_TIME],
        "late": late,
        "missing": counts[Status.MISSING],
        "excused": counts[Status.EXCUSED],
    }


def _tasks(nomination) -> dict:
    """Key tasks the person handles, or the section leads, as they stood on the half-year's last
    day: a deadline that no working day has passed since is not overdue."""
    span = nomination.round.span
    last = min(span.last, clock.today())
    rows = Task.objects.filter(unit=nomination.unit_id).exclude(
        state__in=[*Task.UNCOUNTED, Task.State.SUSPENDED]
    )
    rows = rows.filter(Q(closed_on=None) | Q(closed_on__gte=span.first))
    rows = rows.exclude(start_on__gt=last).exclude(assigned_at__gte=clock.at(last + timedelta(1)))
    if nomination.person_id:
        hands = TaskHandler.objects.filter(person=nomination.person)
        rows = rows.filter(pk__in=hands.values("task"))
        main = set(hands.filter(role=TaskHandler.Role.MAIN).values_list("task", flat=True))
    else:
        rows, main = rows.filter(lead=nomination.section_id), None
    rows = list(rows)
    days = Days.around([(min(task.deadline for task in rows), last)] if rows else [])
    counts = Counter()
    for task in rows:
        closed = task.closed_on if task.closed_on and task.closed_on <= last else None
        late = days.after(task.deadline, closed or last) > 0
        counts["done" if closed else "overdue" if late else "running"] += 1
        counts["late"] += bool(closed and late)
        counts["main"] += main is None or task.pk in main
    return {name: counts[name] for name in ("main", "done", "late", "overdue", "running")}


def _awards(nomination) -> list[dict]:
    """Stars won in earlier rounds and not taken back, the newest first."""
    rows = Award.objects.standing().filter(unit=nomination.unit_id, person=nomination.person)
    if nomination.person_id is None:
        rows = rows.filter(section=nomination.section)
    rows = rows.select_related("star", "round").order_by("-awarded_on", "-pk")
    return [
        {"half": row.round.half, "star": row.star.pk, "name": row.star.name, "number": row.number}
        for row in rows
    ]
