"""What a roster would change: the unit as it stands beside what the roster says. Reads only.

The plan is made of model instances, new ones without a key; `actions.rosters` writes them. Held
memberships and offices keep their first day: a roster says what is, not what has been.
"""

from datetime import date, timedelta

from scheme.imports import cells
from scheme.imports.roster import Held, branch_names, offices_of, section_names
from scheme.imports.roster_changes import Plan, Writes
from scheme.models import (
    Absence,
    Appointment,
    Branch,
    BranchMembership,
    Section,
    SectionMembership,
    Staff,
    Unit,
)
from scheme.names import search_key

STAFF_FIELDS = (
    "name",
    "post",
    "rank",
    "staffing",
    "post_since",
    "joined_on",
    "left_on",
    "leaving",
    "probation",
    "remark",
    "sort_weight",
)
DAYS = ("post_since", "joined_on", "left_on")


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def plan(unit: Unit, people: list[dict], said: list[dict], *, today: date) -> Plan:
    """`said` is what the last roster of the unit said: an office it gave and this one does not
    has ended; one given by hand stands.
    """
    return _Planner(unit, people, said, today).plan


class _Planner:
    def __init__(self, unit, people, said, today):
        self.unit, self.today, self.plan = unit, today, Plan()
        self.said_offices = {
            (_number(one), *_key(held)) for one in said for held in offices_of(one)
        }
        self.said_absences = {(_number(one), one["seconded_from"]) for one in said}
        self.said_people = {_number(one) for one in said}
        self.sections = self._places(Section, section_names(people), self.plan.sections)
        self.branches = self._places(Branch, branch_names(people), self.plan.branches)
        self.staff = {one.staff_no.upper(): one for one in Staff.objects.of_unit(unit)}
        self.held = {
            model: self._by_staff(model)
            for model in (SectionMembership, BranchMembership, Appointment, Absence)
        }
        logins = [_number(one) for one in people]
        self.logins = set(Staff.objects.filter(login__in=logins).values_list("login", flat=True))
        for one in people:
            self._person(one)
        listed = {_number(one) for one in people}
        self.plan.missing = [
            {"staff_no": one.staff_no, "name": one.name}
            for number, one in self.staff.items()
            if number not in listed and (one.left_on is None or one.left_on > today)
        ]

    def _by_staff(self, model) -> dict[int, list]:
        """Rows by person, in order of time, tied to the sections and branches read already."""
        places = {
            "section": {place.pk: place for place in self.sections.values()},
            "branch": {place.pk: place for place in self.branches.values()},
        }
        rows: dict[int, list] = {}
        for row in model.objects.filter(staff__unit=self.unit).order_by("start_on", "pk"):
            for attribute, known in places.items():
                if place := known.get(getattr(row, f"{attribute}_id", None)):
                    setattr(row, attribute, place)
            rows.setdefault(row.staff_id, []).append(row)
        return rows

    def _places(self, model, names: list[str], writes: Writes) -> dict:
        """Sections or branches by compared name; new ones join in the order of the roster."""
        known = {cells.tight(place.name): place for place in model.objects.of_unit(self.unit)}
        for position, name in enumerate(names, 1):
            place = known.get(cells.tight(name))
            if place is None:
                place = model(unit=self.unit, name=name, position=position)
                known[cells.tight(name)] = place
                writes.added.append(place)
            elif place.position != position:
                place.position = position
                writes.changed.append(place)
        return known

    # --- One person

    def _person(self, said: dict):
        person = self.staff.get(_number(said))
        is_new = person is None
        if is_new:
            person = Staff(unit=self.unit, staff_no=said["staff_no"], login=self._login(said))
        before = {name: getattr(person, name) for name in STAFF_FIELDS}
        for name in STAFF_FIELDS:
            setattr(person, name, _day(said[name]) if name in DAYS else said[name])
        diff = {name: (before[name], getattr(person, name)) for name in STAFF_FIELDS}
        diff = {name: pair for name, pair in diff.items() if pair[0] != pair[1]}
        if is_new or "name" in diff:
            person.name_key = search_key(person.name)
        if is_new:
            self.plan.staff.added.append(person)
        elif diff:
            self.plan.staff.changed.append(person)
        section = self._stay(self.plan.in_section, SectionMembership, person, said, before)
        branch = self._stay(self.plan.in_branch, BranchMembership, person, said, before)
        moved_on = _day(said["moved_on"]) if section else None
        offices = self._offices(person, said, before["left_on"], moved_on)
        absent = self._absence(person, said)
        self._line(said, is_new, diff, section, branch, offices, absent)

    def _login(self, said: dict) -> str:
        """The staff number; where another unit has the same one, with the unit behind it."""
        login = _number(said)
        return f"{login}@{self.unit.pk}" if login in self.logins else login

    # --- Section and branch: a row of stays, one after the other

    def _stay(self, writes, model, person, said, before):
        """Brings the stays of one person in line; answers (name before, name after) if moved."""
        attribute = "section" if model is SectionMembership else "branch"
        places = self.sections if attribute == "section" else self.branches
        here = places[cells.tight(said[attribute])] if said[attribute] else None
        rows = self.held[model].get(person.pk, [])
        old = [(getattr(row, attribute), row.start_on, row.end_on) for row in rows]
        if old and before["left_on"] and old[-1][2] == before["left_on"]:
            old[-1] = (*old[-1][:2], None)
        if old and old[0][1] == before["joined_on"]:
            old[0] = (old[0][0], person.joined_on, old[0][2])
        last = old[-1][0] if old and old[-1][2] is None else None
        if attribute == "section" and said["moved_on"]:
            wanted = self._with_move(old, places[cells.tight(said["moved_from"])], here, said)
        else:
            wanted = self._without_move(old, here, person, said)
        wanted = [stay for stay in _cut(wanted, person.left_on) if stay[1] < (stay[2] or date.max)]
        self._bring_in_line(writes, model, attribute, person, rows, wanted)
        if last is here or (not old and _number(said) not in self.said_people):
            return None
        return (last.name if last else "", here.name if here else "")

    def _without_move(self, old, here, person, said):
        """Without a remark: who is listed elsewhere than last time moved on the day of import."""
        wanted = list(old)
        if wanted and wanted[-1][2] is None:
            place, start, _end = wanted[-1]
            if place is here:
                return wanted
            wanted[-1] = (place, start, self.today)
        if here:
            known = old or _number(said) in self.said_people
            start = max(self.today, person.joined_on) if known else person.joined_on
            wanted.append((here, start, None))
        return wanted

    def _with_move(self, old, before, here, said):
        """`D由甲科调入乙科`: in 甲 until the day before, in 乙 from D on."""
        day = _day(said["moved_on"])
        kept = [(place, start, min(end or day, day)) for place, start, end in old if start < day]
        while len(kept) > 1 and kept[-1][0] is here:
            # The day of the move was once given as an earlier one.
            kept.pop()
        start = kept[-1][1] if kept else _day(said["joined_on"])
        return [*kept[:-1], (before, start, day), (here, day, None)]

    def _bring_in_line(self, writes, model, attribute, person, rows, wanted):
        for row, (place, start, end) in zip(rows, wanted, strict=False):
            was = (getattr(row, attribute), row.start_on, row.end_on)
            if was == (place, start, end):
                continue
            inside = start >= row.start_on and (end or date.max) <= (row.end_on or date.max)
            setattr(row, attribute, place)
            row.start_on, row.end_on = start, end
            (writes.shrunk if inside else writes.changed).append(row)
        for place, start, end in wanted[len(rows) :]:
            writes.added.append(
                model(staff=person, **{attribute: place}, start_on=start, end_on=end)
            )
        writes.removed += rows[len(wanted) :]

    # --- Offices

    def _offices(self, person, said, left_before, moved_on) -> list[tuple[str, str]]:
        """Answers the offices that begin or end, as pairs of (before, after)."""
        told = []
        rows: dict[tuple, list[Appointment]] = {}
        for row in self.held[Appointment].get(person.pk, []):
            rows.setdefault(_key_of(row), []).append(row)
        wanted = {_key(held): held for held in offices_of(said)}
        for key, held in wanted.items():
            past = rows.get(key, [])
            current = past[-1] if past and past[-1].end_on in (None, left_before) else None
            start = date.fromisoformat(held.start_on)
            if current is None:
                ends = [row.end_on for row in past if row.end_on]
                start = max([start, *ends])
            else:
                start = min(start, current.start_on)
            end = person.left_on
            if current is None and (end is None or start < end):
                self.plan.offices.added.append(self._appointment(person, held, start, end))
                told.append(("", _office_word(key)))
            elif current is not None and start < (end or date.max):
                if (current.start_on, current.end_on, current.title) != (start, end, held.title):
                    current.start_on, current.end_on, current.title = start, end, held.title
                    self.plan.offices.changed.append(current)
            elif current is not None:
                self.plan.offices.removed.append(current)
        for key, past in rows.items():
            open_row = past[-1] if past[-1].end_on is None else None
            if open_row is None or key in wanted:
                continue
            if (_number(said), *key) in self.said_offices or person.left_on:
                told.append((_office_word(key), ""))
                self._end(open_row, person.left_on or moved_on or self.today)
        return told

    def _end(self, row: Appointment, day: date):
        if row.start_on < day:
            row.end_on = day
            self.plan.offices.changed.append(row)
        else:
            self.plan.offices.removed.append(row)

    def _appointment(self, person, held: Held, start: date, end: date | None) -> Appointment:
        return Appointment(
            staff=person,
            office=held.office,
            section=self.sections.get(held.section),
            branch=self.branches.get(held.branch),
            title=held.title,
            start_on=start,
            end_on=end,
        )

    # --- Secondment

    def _absence(self, person, said) -> tuple[str, str] | None:
        """An open absence from the day of the remark; it ends when the remark is gone."""
        start = _day(said["seconded_from"])
        rows = [
            row
            for row in self.held[Absence].get(person.pk, [])
            if row.kind == Absence.Kind.SECONDMENT
        ]
        told = None
        for row in rows:
            was_said = (_number(said), row.start_on.isoformat()) in self.said_absences
            if row.end_on is None and row.start_on != start and was_said:
                told = (row.note, "")
                if row.start_on < self.today:
                    row.end_on = self.today - timedelta(days=1)
                    self.plan.absences.changed.append(row)
                else:
                    self.plan.absences.removed.append(row)
        if start and all(row.start_on != start for row in rows):
            self.plan.absences.added.append(
                Absence(
                    staff=person,
                    kind=Absence.Kind.SECONDMENT,
                    start_on=start,
                    note=said["seconded_to"],
                )
            )
            told = (told[0] if told else "", said["seconded_to"])
        return told

    # --- What a person reads

    def _line(self, said, is_new, diff, section, branch, offices, absent):
        seen = {name: pair for name, pair in diff.items() if name != "sort_weight"}
        if is_new:
            kind = "joined"
        elif seen.get("left_on", (None, None))[1]:
            kind = "left"
        elif section or branch:
            kind = "moved"
        else:
            kind = "changed" if seen or offices or absent else "untouched"
        changes = (
            [] if is_new else [[name, _word(old), _word(new)] for name, (old, new) in seen.items()]
        )
        changes += [["section", *section]] if section else []
        changes += [["branch", *branch]] if branch else []
        changes += [["office", *pair] for pair in offices]
        changes += [["secondment", *absent]] if absent else []
        self.plan.lines.append(
            {
                "kind": kind,
                "row": said["row"],
                "staff_no": said["staff_no"],
                "name": said["name"],
                "section": said["section"],
                "post": said["post"],
                "changes": changes,
            }
        )


def _number(said: dict) -> str:
    return said["staff_no"].upper()


def _key_of(row: Appointment) -> tuple[str, str, str]:
    section = cells.tight(row.section.name) if row.section_id else ""
    return (row.office, section, cells.tight(row.branch.name) if row.branch_id else "")


def _office_word(key: tuple[str, str, str]) -> str:
    """A code and its place, put into the reader's language where it is shown."""
    return "|".join(part for part in key if part)


def _key(held: Held) -> tuple[str, str, str]:
    return (held.office, held.section, held.branch)


def _cut(stays, left_on: date | None):
    """Nobody is anywhere from the day of leaving on."""
    if left_on is None:
        return stays
    return [(p, start, min(end or left_on, left_on)) for p, start, end in stays if start < left_on]


def _word(value) -> str | bool:
    return value.isoformat() if isinstance(value, date) else value if value is not None else ""
