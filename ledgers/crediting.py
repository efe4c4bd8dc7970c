"""Whom a piece of work is credited to: persons and sections, each once, in one role.

One way for writing and for promotions: what the form sends, who may file, who may not verify.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from ledgers.models import CreditRole
from scheme import access, clock
from scheme.errors import Refused
from scheme.models import Section, Staff, Unit
from scheme.roles import Role
from scheme.templatetags.look import ymd

MOST = 30
# Who left some time ago may still be credited with what was adopted before.
RECENT = timedelta(days=400)
FOUND_PEOPLE, FOUND_SECTIONS = 12, 6
_FIELD = re.compile(r"role-([ps])([0-9]{1,18})")


class Credit(NamedTuple):
    """To a person or to a section; the role says something where the ledger knows roles."""

    person: Staff | None = None
    section: Section | None = None
    role: str = CreditRole.MAIN

    @property
    def subject(self) -> Staff | Section:
        return self.person or self.section

    @property
    def key(self) -> str:
        return f"p{self.person.pk}" if self.person else f"s{self.section.pk}"


def settled(credits: Iterable[Credit], unit: Unit, day: date) -> list[Credit]:
    """Everybody once; who is named in both roles is 主报. Refuses strangers to that day."""
    found: dict[str, Credit] = {}
    for one in credits:
        first = found.setdefault(one.key, one)
        if one.role == CreditRole.MAIN and first.role != CreditRole.MAIN:
            found[one.key] = one
    if len(found) > MOST:
        raise Refused(_("署名最多%(n)s个。") % {"n": MOST}, field="credits")
    for one in found.values():
        _refuse_stranger(one, unit, day)
    return list(found.values())


def _refuse_stranger(one: Credit, unit: Unit, day: date) -> None:
    if one.person:
        left, joined = one.person.left_on, one.person.joined_on
        there = (left is None or left > day) and (joined is None or joined <= day)
    else:
        there = one.section.closed_on is None or one.section.closed_on > day
    if one.subject.unit_id != unit.pk or not there:
        text = _("%(name)s在%(day)s不在册，不能署名。")
        raise Refused(text % {"name": one.subject.name, "day": ymd(day)}, field="credits")


def files(by: Staff, credits: Iterable[Credit], verb: str) -> bool:
    """May this person file it: credited, or by `verb` for a credited section, as its chief?"""
    credits = list(credits)
    if any(one.person and one.person.pk == by.pk for one in credits):
        return True
    return any(
        access.can(by, verb, access.Anchor(one.section.unit_id, section_id=one.section.pk))
        for one in credits
        if one.section
    )


def with_credits(rows: QuerySet) -> QuerySet:
    """The rows with their credits and whom these name, in one query more."""
    credits = rows.model._meta.get_field("credits").related_model.objects
    named = credits.select_related("person", "section").order_by("pk")
    return rows.prefetch_related(Prefetch("credits", queryset=named))


def of(row) -> list[Credit]:
    """The credits of a row as they stand, persons first, 主报 first."""
    rows = row.credits.all()
    if "credits" not in getattr(row, "_prefetched_objects_cache", {}):
        rows = rows.select_related("person", "section").order_by("pk")
    found = [Credit(one.person, one.section, getattr(one, "role", CreditRole.MAIN)) for one in rows]
    return sorted(found, key=lambda one: (one.section is not None, one.role != CreditRole.MAIN))


def told(credits: Iterable[Credit]) -> list[str]:
    """For the history: who, in which role."""
    return [f"{one.subject.name} {CreditRole(one.role).label}" for one in credits]


# --- The form


class Row(NamedTuple):
    """A line of the form: `role` empty offers what is not chosen."""

    key: str
    name: str
    about: str
    role: str
    section: bool


def asked(data: Mapping, by: Staff) -> list[Credit]:
    """The chosen credits of a form: role-p12=main, role-s3=joint. What is unknown falls out."""
    chosen: dict[tuple[str, int], str] = {}
    for name in data:
        match = _FIELD.fullmatch(name)
        if match and (role := _role(data, name)):
            chosen[match[1], int(match[2])] = role
    people = Staff.objects.visible_to(by).in_bulk([pk for kind, pk in chosen if kind == "p"])
    sections = Section.objects.visible_to(by).in_bulk([pk for kind, pk in chosen if kind == "s"])
    found = []
    for (kind, pk), role in chosen.items():
        if kind == "p" and pk in people:
            found.append(Credit(person=people[pk], role=role))
        elif kind == "s" and pk in sections:
            found.append(Credit(section=sections[pk], role=role))
    return found


def _role(data: Mapping, name: str) -> str:
    """Found anew while chosen already, a subject stands in the form twice: the higher role."""
    values = set(data.getlist(name)) & set(CreditRole.values)
    return next((role for role in CreditRole.values if role in values), "")


def rows(credits: Iterable[Credit], offered: Iterable[Credit] = ()) -> list[Row]:
    """The chosen first, then those offered that are not chosen."""
    chosen = {one.key: one for one in credits}
    people = [one.person.pk for one in (*chosen.values(), *offered) if one.person]
    homes = _homes(people)
    found = [_row(one, one.role, homes) for one in chosen.values()]
    return found + [_row(one, "", homes) for one in offered if one.key not in chosen]


def _homes(people: list[int]) -> dict[int, str]:
    known = Staff.objects.filter(pk__in=people).with_section(clock.today())
    return {one.pk: one.section_name for one in known}


def _row(one: Credit, role: str, homes: Mapping[int, str]) -> Row:
    if one.section:
        return Row(one.key, one.section.name, _("科室"), role, True)
    about = "　".join(filter(None, (one.person.staff_no, homes.get(one.person.pk, ""))))
    return Row(one.key, one.person.name, about, role, False)


def own(by: Staff) -> list[Credit]:
    """Oneself, and the sections one belongs to: what is offered before anything is looked for."""
    places = access.places(by, Role.MEMBER)
    homes = Section.objects.filter(pk__in=places)
    return [Credit(person=by), *(Credit(section=one) for one in homes)]


def find(by: Staff, words: str) -> list[Credit]:
    """People by name, number or pinyin, and sections by name; a few of each."""
    words = words.replace("\x00", "").strip()[:40]
    if not words:
        return []
    today, key = clock.today(), words.lower()
    named = Q(name__contains=words) | Q(staff_no__icontains=words)
    pinyin = Q(name_key__startswith=key) | Q(name_key__contains=f" {key}")
    people = (
        Staff.objects.visible_to(by)
        .on_roll_during(today - RECENT, today + timedelta(days=1))
        .filter(named | pinyin)
        .in_office_order()[:FOUND_PEOPLE]
    )
    sections = Section.objects.visible_to(by).filter(name__contains=words)[:FOUND_SECTIONS]
    return [*(Credit(person=one) for one in people), *(Credit(section=one) for one in sections)]
