"""Django's admin: who may look at, add, change and delete rows of which table, and of whose.

Written by hand, not from admin_rights.ADMIN_TABLES. Letters: view, add, change, delete.
"""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from tests.house import access_matrix as matrix
from tests.house.test_access_matrix import (  # noqa: F401  (fixtures)
    ask,
    before,
    clients,
    ledger,
    world,
)

pytestmark = pytest.mark.xdist_group("access admin")

# table                     personnel  system  security  auditor
TABLE = """
scheme.unit                 -          vac     -         -
scheme.section              vac        -       v         -
scheme.branch               vac        -       v         -
scheme.staff                vac        vac     v         -
scheme.sectionmembership    vac        -       -         -
scheme.branchmembership     vac        -       -         -
scheme.appointment          vac        -       vac       -
scheme.absence              vacd       -       -         -
scheme.star                 vc         v       -         -
scheme.calendarday          vac        vac     -         -
scheme.auditentry           -          -       -         v
scheme.job                  -          v       -         -
ledgers.quarter             v          -       -         -
ledgers.pointentry          v          -       -         -
ledgers.monthlysummary      v          -       -         -
ledgers.studysession        v          -       -         -
ledgers.talk                v          -       -         -
ledgers.writingitem         v          -       -         -
ledgers.task                v          -       -         -
ledgers.supervisionnote     v          -       -         -
ledgers.promotion           v          -       -         -
ledgers.innovation          v          -       -         -
ledgers.planpaper           v          -       -         -
ledgers.monthlylist         v          -       -         -
ledgers.circular            v          -       -         -
scoring.rulebook            vc         -       -         -
scoring.rule                vacd       -       -         -
scoring.declaration         v          -       -         -
scoring.manualentry         v          -       -         -
scoring.scorerun            v          -       -         -
scoring.scorecard           v          -       -         -
stars.round                 v          -       -         -
stars.award                 v          -       -         -
stars.publication           v          -       -         -
auth.group                  -          -       -         -
axes.accessattempt          -          -       -         -
axes.accesslog              -          -       -         -
axes.accessfailurelog       -          -       -         -
"""
OFFICES = ("personnel", "system", "security", "auditor")
ROWS = {
    cells[0]: dict(zip(OFFICES, ("" if c == "-" else c for c in cells[1:]), strict=True))
    for cells in (line.split() for line in TABLE.splitlines())
    if cells
}
PATHS = ("unit", "staff__unit", "book__unit", "round__unit", "run__unit")
# Rows that belong to no unit are everybody's who may look at all.
COMMON = {"scheme.unit", "scheme.star", "scheme.calendarday"}


def row_of(label, department):
    """A row of that department; one that may still be changed where that matters."""
    model = apps.get_model(label)
    if label == "scheme.unit":
        return department.unit
    if label == "scoring.rulebook":
        return department.draft_book
    if label == "scoring.rule":
        return department.draft_book.rules.first()
    if label == "scheme.staff":
        return department.people["officer"]
    names = {field.name for field in model._meta.get_fields()}
    path = next((path for path in PATHS if path.partition("__")[0] in names), None)
    rows = model._default_manager.all()
    if label.startswith("ledgers.") and "state" in names:
        # Drafts are no window's business.
        rows = rows.exclude(state="draft")
    return (rows.filter(**{path: department.unit}) if path else rows).first()


# Who has no office in the admin at all is shut out of it before any table is asked (tried on the
# lists); on the rows one of them speaks for all.
FEW = ("anonymous", "chair", *OFFICES, "stranger")


def letters(world, clients, method, url, ledger, before, roles=FEW):  # noqa: F811
    found, written = {}, []
    for role in roles:
        with transaction.atomic():
            answer = ask(clients[role], method, url, {"idem": "x"})
            found[role] = matrix.letter_of(answer)
            if ledger.touched() and ledger.content() != before:
                written.append(role)
            transaction.set_rollback(True)
    assert written == []
    return found


def expected(label, letter):
    """Who holds the letter gets in; the stranger is the other unit's personnel office."""
    held = ROWS[label]
    out = dict.fromkeys(matrix.ROLES, "F") | {"anonymous": "L", "disabled": "L"}
    for office in OFFICES:
        if letter in held[office]:
            out[office] = "."
    out["stranger"] = out["personnel"]
    return out


@pytest.mark.parametrize("label", ROWS)
def test_lists_and_new_rows(label, world, clients, ledger, before):  # noqa: F811
    name = label.replace(".", "_")
    for page, letter, roles in (("changelist", "v", matrix.ROLES), ("add", "a", FEW)):
        url = reverse(f"admin:{name}_{page}")
        wanted = {role: expected(label, letter)[role] for role in roles}
        assert letters(world, clients, "GET", url, ledger, before, roles) == wanted, page


@pytest.mark.parametrize("label", ROWS)
def test_rows_of_the_unit_and_of_another(label, world, clients, ledger, before):  # noqa: F811
    if not any(ROWS[label].values()):
        return
    name = label.replace(".", "_")
    here, there = row_of(label, world.here), row_of(label, world.there)
    assert here is not None, "the world has no such row"
    for page, letter in (("change", "v"), ("delete", "d"), ("history", "v")):
        wanted = expected(label, letter)
        of_here = letters(
            world, clients, "GET", reverse(f"admin:{name}_{page}", args=[here.pk]), ledger, before
        )
        of_there = letters(
            world, clients, "GET", reverse(f"admin:{name}_{page}", args=[there.pk]), ledger, before
        )
        for found, hidden_from in ((of_here, "stranger"), (of_there, "personnel")):
            for role in FEW:
                if role == hidden_from and wanted[role] == "." and label not in COMMON:
                    # Django leads away from a row it does not find.
                    assert found[role] in "RN", (page, role)
                elif page == "history" and wanted[role] == "F":
                    # Here Django looks for the row first, and finds none in sight.
                    assert found[role] in "FRN", role
                else:
                    assert found[role] == wanted[role], (page, role)


@pytest.mark.parametrize("label", ROWS)
def test_nobody_writes_without_the_right(label, world, clients, ledger, before):  # noqa: F811
    if not any(ROWS[label].values()):
        return
    name = label.replace(".", "_")
    row = row_of(label, world.here)
    tries = [
        ("a", reverse(f"admin:{name}_add"), {}),
        ("c", reverse(f"admin:{name}_change", args=[row.pk]), {}),
        ("d", reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}),
        (
            "d",
            reverse(f"admin:{name}_changelist"),
            {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"},
        ),
    ]
    for letter, url, body in tries:
        wanted = expected(label, letter)
        for role in FEW[:-1]:
            with transaction.atomic():
                answer = ask(clients[role], "POST", url, body)
                found = matrix.letter_of(answer)
                assert found not in "!X", (letter, role, url)
                if wanted[role] != ".":
                    assert not ledger.touched() or ledger.content() == before, (letter, role, url)
                    if body.get("action") is None:
                        assert found in "FLM", (letter, role, url)
                transaction.set_rollback(True)


def test_every_table_of_the_admin_has_its_row():
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered == set(ROWS)


def test_no_other_way_in(world, clients):  # noqa: F811
    for name in ("login", "password_change"):
        assert clients["personnel"].get(reverse(f"admin:{name}")).status_code == 302
    for role in matrix.ROLES:
        found = matrix.letter_of(clients[role].get(reverse("admin:index")))
        able = role in (*OFFICES, "stranger")
        assert found == ("." if able else "L" if role in ("anonymous", "disabled") else "F"), role


def test_the_holiday_plan_is_for_those_who_keep_the_calendar(world, clients):  # noqa: F811
    for role in matrix.ROLES:
        found = matrix.letter_of(clients[role].get(reverse("admin:scheme_calendarday_plan")))
        wanted = "." if role in ("personnel", "system", "stranger") else "F"
        assert found == ("L" if role in ("anonymous", "disabled") else wanted), role
