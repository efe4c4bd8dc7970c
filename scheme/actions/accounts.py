"""Passwords and accounts."""

import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from scheme import access, audit, clock, notices
from scheme.access import Anchor
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


# --- First passwords in bulk, for the slips that are handed over on paper

# Deriving a password costs half a second by design, and a page should answer within seconds.
AT_ONCE = 30


def may_give_passwords(by: Staff) -> bool:
    return access.can(by, "account.give_password")


@transaction.atomic
def give_first_passwords(people: Sequence[Staff], *, by: Staff) -> list[tuple[Staff, str]]:
    """A first password for each, returned once. Everyone who had one of their own is told.

    An administrator who has signed in before keeps the password: whoever could set it anew would
    hold two of the three offices.
    """
    if len(people) > AT_ONCE:
        raise Refused(_("一次最多发放%(n)d人，请分批办理。") % {"n": AT_ONCE})
    given = []
    for person in sorted(people, key=lambda one: one.pk):
        access.require(by, "account.give_password", Anchor(unit_id=person.unit_id))
        if person.administrator and person.last_login:
            raise Refused(_("%(name)s是登录过的管理员，密码只能本人修改。") % {"name": person.name})
        had_one = person.has_usable_password()
        given.append((person, give_first_password(person, by=by)))
        if had_one:
            key = f"password:{person.pk}:{clock.now().timestamp():.0f}"
            notices.tell(person, key, lambda: _given_anew(by), icon="key")
    return given


def free_login(person: Staff) -> str:
    """The staff number in capitals; with the unit behind it where another unit has the same one."""
    login = person.staff_no.upper()
    if Staff.objects.filter(login__iexact=login).exists():
        return f"{login}@{person.unit_id}"
    return login


def _given_anew(by: Staff) -> str:
    text = _("%(who)s重新发放了您的登录密码。如非您本人要求，请向机关人事科核实。")
    return text % {"who": by.name}
