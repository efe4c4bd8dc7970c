from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from scheme import access
from scheme import clock as our_clock
from scheme.access import Anchor, Power
from scheme.offices import Administrator, Office
from scheme.roles import Role
from tests import factories
from tests.factories import appoint, forget_powers, make_branch, make_section, make_staff, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def d():
    return factories.make_department()


def anchor_of(person, section=None, state=""):
    return Anchor(person.unit_id, person.pk, section and section.pk, state=state)


# --- Roles come from dated rows


def test_a_person_holds_what_the_rows_of_the_day_give():
    unit = make_unit()
    section, branch = make_section(unit), make_branch(unit)
    person = make_staff(section=section, branch=branch)
    appoint(person, Office.SECTION_CHIEF, section=section)
    appoint(person, Office.BRANCH_SECRETARY, branch=branch)
    assert access.powers(person) == {
        Power(Role.STAFF),
        Power(Role.MEMBER, section.pk),
        Power(Role.PARTY_MEMBER, branch.pk),
        Power(Role.CHIEF, section.pk),
        Power(Role.SECRETARY, branch.pk),
    }
    assert access.places(person, Role.CHIEF) == [section.pk]
    assert access.has_role(person, Role.SECRETARY)
    assert not access.has_role(person, Role.PERSONNEL)


def test_the_chair_is_of_the_committee_too():
    person = make_staff()
    appoint(person, Office.COMMITTEE_CHAIR)
    assert access.has_role(person, Role.COMMITTEE)
    assert access.has_role(person, Role.CHAIR)


@pytest.mark.parametrize("office", [Office.BRANCH_COMMITTEE])
def test_an_office_without_a_role_gives_none(office):
    person = make_staff(branch=make_branch())
    before = access.powers(person)
    appoint(person, office, branch=make_branch(person.unit))
    assert access.powers(person) == before


def test_an_office_holds_from_its_first_day_until_the_day_before_its_last():
    person = make_staff()
    first, until = date(2026, 3, 2), date(2026, 4, 1)
    appoint(person, Office.PERSONNEL_OFFICE, start_on=first, end_on=until)
    held = {
        day: access.has_role(person, Role.PERSONNEL, on=day)
        for day in (first - timedelta(1), first, until - timedelta(1), until)
    }
    assert list(held.values()) == [False, True, True, False]


def test_whoever_has_left_holds_nothing(clock):
    clock.set("2026-07-06")
    person = make_staff(section=make_section(), left_on=date(2026, 7, 7))
    assert access.has_role(person, Role.STAFF)
    clock.set("2026-07-07")
    forget_powers(person)
    assert access.powers(person) == frozenset()


def test_strangers_and_switched_off_accounts_hold_nothing():
    assert access.powers(AnonymousUser()) == frozenset()
    assert access.powers(make_staff(section=make_section(), is_active=False)) == frozenset()


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (Administrator.SYSTEM, Role.SYSTEM),
        (Administrator.SECURITY, Role.SECURITY),
        (Administrator.AUDIT, Role.AUDITOR),
    ],
)
def test_an_administrator_is_nothing_else(kind, role):
    person = factories.make_administrator(kind)
    assert access.powers(person) == {Power(role)}
    run_the_house = {"account.give_password", "calendar.load"} if role is Role.SYSTEM else set()
    for verb in set(access._RIGHTS) - run_the_house:
        assert not access.can(person, verb)
        assert not access.can(person, verb, Anchor(make_unit().pk))


def test_powers_are_read_once_a_request(d, django_assert_num_queries):
    person = factories.again(d.chiefs[0])
    with django_assert_num_queries(1):
        access.powers(person)
        access.can(person, "report.review")
        access.places(person, Role.CHIEF)


# --- Scopes


def test_own(d):
    one, two = d.officers[0][:2]
    assert access.can(one, "report.read", anchor_of(one))
    assert not access.can(two, "report.read", anchor_of(one, d.one))


def test_section(d):
    author = d.officers[0][1]
    thing = anchor_of(author, d.one, "filed")
    assert access.can(d.chiefs[0], "report.review", thing)
    assert not access.can(d.chiefs[1], "report.review", thing)
    assert not access.can(d.deputies[0], "report.review", thing)
    assert access.can(d.deputies[0], "report.read", thing)
    assert not access.can(d.chiefs[0], "report.review", anchor_of(author))


def test_charge(d):
    thing = anchor_of(d.chiefs[0], d.one, "filed")
    assert access.can(d.leader, "report.review_chief", thing)
    assert not access.can(d.other_leader, "report.review_chief", thing)


def test_branch(d):
    thing = Anchor(d.unit.pk, branch_id=d.branches[0].pk, state="at_branch")
    member, other = d.officers[0][1], d.officers[1][1]
    assert access.can(member, "opinion.give", thing)
    assert not access.can(other, "opinion.give", thing)
    assert access.can(d.secretaries[0], "branch.record", thing)
    assert not access.can(d.secretaries[1], "branch.record", thing)


def test_unit(d):
    stranger = make_staff()
    assert access.can(d.officers[0][0], "round.read", Anchor(d.unit.pk))
    assert not access.can(stranger, "round.read", Anchor(d.unit.pk))
    assert not access.can(stranger, "round.read", Anchor())


def test_a_right_of_some_states_holds_in_no_other(d):
    author = d.officers[0][1]
    held = {
        state: access.can(author, "report.file", anchor_of(author, d.one, state))
        for state in ("draft", "filed", "returned", "accepted", "")
    }
    assert held == dict.fromkeys(held, False) | {"draft": True, "returned": True}


def test_without_a_thing_it_asks_for_any(d):
    assert access.can(d.chiefs[0], "report.review")
    assert not access.can(d.officers[0][1], "report.review")


def test_a_verb_nobody_knows_is_an_error(d):
    with pytest.raises(KeyError):
        access.can(d.chair, "report.raed")


def test_require_says_no_aloud(d):
    access.require(d.chiefs[0], "report.review")
    with pytest.raises(PermissionDenied):
        access.require(d.officers[0][1], "report.review")


def test_the_day_of_the_act_counts(d):
    author, chief = d.officers[0][1], d.chiefs[0]
    thing = anchor_of(author, d.one, "filed")
    before = factories.LONG_AGO - timedelta(1)
    assert not access.can(chief, "report.review", thing, on=before)
    assert access.can(chief, "report.review", thing, on=our_clock.today())


# --- Django's admin


def test_the_admin_asks_the_same_table(d):
    office = d.personnel[1]
    assert office.is_staff
    assert office.has_perm("scheme.change_section")
    assert not office.has_perm("scheme.delete_section")
    assert not office.has_perm("scheme.view_auditentry")
    assert office.has_module_perms("stars")
    auditor = factories.make_administrator(Administrator.AUDIT)
    assert auditor.has_perm("scheme.view_auditentry")
    assert not auditor.has_perm("scheme.add_auditentry")
    assert not auditor.has_module_perms("stars")
    assert not d.officers[0][1].is_staff
    assert not d.chair.is_staff
    assert not office.has_perm("nonsense")


def test_every_gate_is_a_verb_of_the_table():
    from scheme.checks import every_route_has_a_gate

    assert every_route_has_a_gate(None) == []
