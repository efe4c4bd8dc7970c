"""Slips with first passwords, from the list of people in the admin."""

import pytest
from django.core.exceptions import PermissionDenied

from scheme import clock as clocks
from scheme.actions import accounts
from scheme.errors import Refused
from scheme.models import (
    AuditEntry,
    Notice,
)
from scheme.offices import Administrator
from tests import factories
from tests.scheme.entering import enter, url

pytestmark = pytest.mark.django_db


def give(client, *people, **more):
    data = {"action": "give_first_passwords", "_selected_action": [one.pk for one in people]}
    return client.post(url("staff"), data | more)


def test_slips_are_shown_once_after_asking(desk, unit):
    new = factories.make_staff(unit, name="新同志")
    new.set_unusable_password()
    new.save()
    old = factories.make_staff(unit)
    asked = give(desk, new, old)
    assert "新同志" in asked.content.decode() and asked.context["slips"] is None
    new.refresh_from_db()
    assert not new.has_usable_password()
    slips = dict(give(desk, new, old, confirmed="1").context["slips"])
    assert {one.name for one in slips} == {new.name, old.name}
    for person, password in slips.items():
        person.refresh_from_db()
        assert person.check_password(password) and person.must_change_password
    assert AuditEntry.objects.filter(act="staff.give_first_password").count() == 2
    assert [notice.to for notice in Notice.objects.all()] == [old]


def test_slips_stay_in_the_unit_and_with_those_who_may(desk, client, unit, monkeypatch):
    stranger = factories.make_staff(factories.make_unit())
    give(desk, stranger, confirmed="1")
    stranger.refresh_from_db()
    assert stranger.check_password(factories.PASSWORD)
    monkeypatch.setattr(accounts, "AT_ONCE", 1)
    people = [factories.make_staff(unit) for _n in range(2)]
    assert give(desk, *people, confirmed="1").status_code == 302
    enter(client, factories.make_administrator(Administrator.SECURITY))
    give(client, stranger, confirmed="1")
    stranger.refresh_from_db()
    assert stranger.check_password(factories.PASSWORD)


def test_the_action_looks_for_itself(unit, office, monkeypatch):
    member, stranger = factories.make_staff(unit), factories.make_staff()
    with pytest.raises(PermissionDenied):
        accounts.give_first_passwords([office], by=member)
    with pytest.raises(PermissionDenied):
        accounts.give_first_passwords([member, stranger], by=office)
    member.refresh_from_db()
    assert member.check_password(factories.PASSWORD)
    monkeypatch.setattr(accounts, "AT_ONCE", 1)
    with pytest.raises(Refused, match="最多发放1人"):
        accounts.give_first_passwords([office, member], by=office)


def test_nobody_takes_over_an_administrator_who_has_signed_in():
    system = factories.make_administrator(Administrator.SYSTEM)
    auditor = factories.make_administrator(Administrator.AUDIT)
    assert accounts.give_first_passwords([auditor], by=system)
    auditor.last_login = clocks.now()
    auditor.save()
    with pytest.raises(Refused, match="登录过的管理员"):
        accounts.give_first_passwords([auditor], by=system)


def test_slips_of_administrators_in_the_admin_answer_in_words(client):
    system = factories.make_administrator(Administrator.SYSTEM)
    auditor = factories.make_administrator(Administrator.AUDIT, last_login=clocks.now())
    client.force_login(system)
    answer = give(client, auditor, confirmed="1")
    assert answer.status_code == 422 and "登录过的管理员" in answer.content.decode()
