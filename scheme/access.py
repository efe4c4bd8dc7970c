"""Answers `can` and `require` for a day, from the table in roles.py and dated appointments.

Things are told apart by an `Anchor`: whose they are. Every model that is read or acted on by right
has a method `anchor()`. Out of sight is 404 (`visible_to`), in sight but not allowed is 403.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from scheme import clock
from scheme.admin_rights import ADMIN_TABLES
from scheme.offices import Administrator, Office
from scheme.roles import RIGHTS, Right, Role, Scope


class Anchor(NamedTuple):
    """Whose a thing is. Empty parts match no scope that asks for them."""

    unit_id: int | None = None
    person_id: int | None = None
    section_id: int | None = None
    branch_id: int | None = None
    state: str = ""


class Power(NamedTuple):
    """One role a person holds that day; `place` is the section or branch it is held in.

    `acting_for` is the absent holder of the office in whose stead a deputy holds it.
    """

    role: Role
    place: int | None = None
    acting_for: int | None = None


_RIGHTS: dict[str, list[Right]] = defaultdict(list)
for _right in RIGHTS:
    _RIGHTS[_right.verb].append(_right)

_ROLE_OF_OFFICE = {
    Office.SECTION_CHIEF: Role.CHIEF,
    Office.DEPUTY_CHIEF: Role.DEPUTY,
    Office.LEADER_IN_CHARGE: Role.LEADER,
    Office.BRANCH_SECRETARY: Role.SECRETARY,
    Office.COMMITTEE_CHAIR: Role.CHAIR,
    Office.COMMITTEE_MEMBER: Role.COMMITTEE,
    Office.PERSONNEL_OFFICE: Role.PERSONNEL,
    Office.SUPERVISION_OFFICE: Role.SUPERVISION,
}
_OF_MEMBERS = {role.value: role for role in (Role.MEMBER, Role.PARTY_MEMBER)}
_ROLE_OF_ADMINISTRATOR = {
    Administrator.SYSTEM: Role.SYSTEM,
    Administrator.SECURITY: Role.SECURITY,
    Administrator.AUDIT: Role.AUDITOR,
}


def powers(person, on: date | None = None) -> frozenset[Power]:
    """Every role the person holds on that day (today if none is given).

    Read once per person object and day: a request loads its person anew, so a right taken away
    is gone with the next request.
    """
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return frozenset()
    if person.administrator:
        return frozenset({Power(_ROLE_OF_ADMINISTRATOR[person.administrator])})
    day = on or clock.today()
    cache = person.__dict__.setdefault("_powers", {})
    if day not in cache:
        held = set()
        if person.left_on is None or person.left_on > day:
            held.add(Power(Role.STAFF))
            held |= _offices(person, day)
        cache[day] = frozenset(held)
    return cache[day]


def _offices(person, day: date) -> set[Power]:
    """Memberships, appointments and deputations of the day, in one query: it is asked with every
    request."""
    from scheme.models import Appointment, BranchMembership, Deputation, SectionMembership

    nowhere = nobody = Cast(Value(None), BigIntegerField())
    # A deputy holds what the principal holds that day, and nothing once the principal does not.
    kept = Appointment.objects.on(day).filter(
        Q(staff__left_on=None) | Q(staff__left_on__gt=day),
        staff=OuterRef("principal"),
        staff__is_active=True,
        office=OuterRef("office"),
        section=OuterRef("section"),
    )
    rows = (
        Appointment.objects.on(day)
        .filter(staff=person)
        .order_by()
        .values_list("office", "section_id", "branch_id", nobody)
        .union(
            SectionMembership.objects.on(day)
            .filter(staff=person)
            .order_by()
            .values_list(Value(Role.MEMBER.value), "section_id", nowhere, nobody),
            BranchMembership.objects.on(day)
            .filter(staff=person)
            .order_by()
            .values_list(Value(Role.PARTY_MEMBER.value), nowhere, "branch_id", nobody),
            Deputation.objects.on(day)
            .filter(Exists(kept), deputy=person)
            .order_by()
            .values_list("office", "section_id", nowhere, "principal_id"),
        )
    )
    held = set()
    for what, section, branch, principal in rows:
        role = _ROLE_OF_OFFICE.get(what) or _OF_MEMBERS.get(what)
        if role:
            held.add(Power(role, section or branch, principal))
        if what == Office.COMMITTEE_CHAIR:
            held.add(Power(Role.COMMITTEE))
    # Whoever heads a section, also in somebody's stead, does not check it as the leader's deputy.
    heads = {power.place for power in held if power.role is Role.CHIEF}
    return {p for p in held if not (p.acting_for and p.role is Role.LEADER and p.place in heads)}


def _reaches(person, power: Power, scope: Scope, anchor: Anchor) -> bool:
    if scope is Scope.INSTALLATION:
        return True
    if not person.unit_id or anchor.unit_id != person.unit_id:
        return False
    match scope:
        case Scope.OWN:
            return anchor.person_id == person.pk
        case Scope.SECTION | Scope.CHARGE:
            return power.place is not None and anchor.section_id == power.place
        case Scope.BRANCH:
            return power.place is not None and anchor.branch_id == power.place
    return scope is Scope.UNIT


def can(person, verb: str, anchor: Anchor | None = None, *, on: date | None = None) -> bool:
    """May the person do this to the thing (or, without an anchor, to any thing at all)?

    Raises KeyError for a verb the table does not know: a typing error must not read as "no".
    """
    used = list(_giving(person, verb, anchor, on))
    if used and anchor is not None:
        # With this is signed what is recorded of the act: see `acted_for`.
        person.__dict__["_acted_for"] = _principal(used)
    return bool(used)


def _giving(person, verb: str, anchor: Anchor | None, on: date | None) -> Iterator[Power]:
    """The person's powers that give the right, one by one."""
    if verb not in _RIGHTS:
        raise KeyError(verb)
    held = powers(person, on)
    for right in _RIGHTS[verb]:
        for power in held:
            if power.role is not right.role:
                continue
            # A deputy acts in the principal's sections; what is the principal's own stays so.
            if power.acting_for and right.scope not in (Scope.SECTION, Scope.CHARGE):
                continue
            if anchor is None:
                yield power
                continue
            if right.states and anchor.state not in right.states:
                continue
            if _reaches(person, power, right.scope, anchor):
                yield power


def require(person, verb: str, anchor: Anchor | None = None, *, on: date | None = None) -> None:
    """Raises PermissionDenied unless `can`."""
    if not can(person, verb, anchor, on=on):
        raise PermissionDenied(_("您的职责不包括这一步。"))


def _principal(used: list[Power]) -> int | None:
    """Nobody, where the person's own office is enough."""
    principals = {power.acting_for for power in used}
    return None if not principals or None in principals else min(principals)


def acted_for(person) -> int | None:
    """In whose stead the person may do what they were allowed last, on a thing; None where their
    own office is enough."""
    return None if person is None else person.__dict__.get("_acted_for")


def acting_for(person, verb: str, anchor: Anchor | None = None, *, on: date | None = None):
    """The absent holder of the office, if only their deputy may do this, and the person is it."""
    from scheme.models import Staff

    principal = _principal(list(_giving(person, verb, anchor, on)))
    return Staff.objects.get(pk=principal) if principal else None


def places(person, role: Role, *, on: date | None = None) -> list[int]:
    """Ids of the sections or branches in which the person holds the role that day."""
    return sorted({p.place for p in powers(person, on) if p.role is role and p.place})


def deputised(person, role: Role, *, on: date | None = None) -> dict[int, list[int]]:
    """For each absent principal, the places where the person holds the role in their stead only."""
    held = [p for p in powers(person, on) if p.role is role and p.place]
    own = {p.place for p in held if p.acting_for is None}
    found = defaultdict(list)
    for power in sorted(p for p in held if p.acting_for is not None):
        if power.place not in own:
            found[power.acting_for].append(power.place)
    return dict(found)


def has_role(person, role: Role, *, on: date | None = None) -> bool:
    return any(power.role is role for power in powers(person, on))


# --- Routes: every view says what it takes to enter; the gatekeeper refuses a view that does not.


def gate(verb: str) -> Callable:
    """Marks a view as open to whoever holds the verb on something; the action looks closer."""

    def mark(view):
        view.gate = verb
        return view

    return mark


def signed_in(view):
    """Marks a view as open to every person who has signed in, administrators too."""
    view.gate = "signed in"
    return view


def open_to_all(view):
    """Marks a view as open to anybody at all."""
    view.gate = "open"
    return view


# --- Django's admin


def _admin_tables(person) -> dict[str, set[str]]:
    tables = defaultdict(set)
    for power in powers(person):
        for label, verbs in ADMIN_TABLES.get(power.role, {}).items():
            tables[label] |= set(verbs)
    return tables


def may_enter_admin(person) -> bool:
    return bool(_admin_tables(person))


def has_admin_permission(person, permission: str) -> bool:
    """`permission` as Django spells it: "app.verb_model"."""
    app, _dot, codename = permission.partition(".")
    verb, _underscore, model = codename.partition("_")
    return verb in _admin_tables(person).get(f"{app}.{model}", ())


def has_admin_module(person, app: str) -> bool:
    return any(label.startswith(f"{app}.") for label in _admin_tables(person))
