"""Passwords and accounts."""

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import audit
from scheme.errors import Refused
from scheme.models import Staff

# Without the letters and digits that are misread on paper.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def first_password() -> str:
    """A password to hand over on paper: 15 signs in three groups, about 74 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _n in range(5)) for _g in range(3))


@transaction.atomic
def change_password(person: Staff, new: str, *, by: Staff) -> Staff:
    """The person's own change; ends the duty to change the first password."""
    person = Staff.objects.select_for_update().get(pk=person.pk)
    person.set_password(new)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    audit.record(by, "staff.change_password", person)
    return person


@transaction.atomic
def give_first_password(person: Staff, *, by: Staff | None) -> str:
    """Sets a random password, to be changed at once, and returns it (it is stored nowhere)."""
    person = Staff.objects.select_for_update().get(pk=person.pk)
    password = first_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    audit.record(by, "staff.give_first_password", person)
    return password


@transaction.atomic
def create_administrator(
    login: str, *, kind: str, name: str = "", by: Staff | None
) -> tuple[Staff, str]:
    """One of the three administrators, with a first password that is returned and stored nowhere.

    Raises Refused when the login is taken.
    """
    if Staff.objects.filter(login__iexact=login).exists():
        raise Refused(_("登录名 %(login)s 已有人用。") % {"login": login}, field="login")
    person = Staff(login=login, staff_no=login, administrator=kind)
    person.name = name or str(person.get_administrator_display())
    person.set_unusable_password()
    person.save()
    audit.record(by, "staff.create_administrator", person, after={"administrator": kind})
    return person, give_first_password(person, by=by)
