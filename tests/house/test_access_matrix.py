"""Every route, for everybody, on one's own things and on others': what the table says, no less.

A refused write leaves every table as it was, and so does a read.
"""

import copy

import pytest
from django.db import connection, transaction
from django.test import Client

from scheme.checks import routes
from tests.house import access_matrix as matrix
from tests.house import access_world
from tests.infra.clock import Clock
from tests.infra.database import clone

pytestmark = pytest.mark.xdist_group("access matrix")


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    moved = Clock(matrix.clock_file())
    moved.set(access_world.NOW)
    with django_db_blocker.unblock(), clone():
        yield access_world.build()
        access_world.clean_up()
    moved.reset()


@pytest.fixture(scope="module")
def clients(world):
    made = {name: Client(raise_request_exception=False) for name in matrix.ROLES}
    for name, client in made.items():
        if name != "anonymous":
            client.force_login(world.people[name])
    return made


# What a request may always write: that somebody was here, and how often they failed to be.
APART = ("django_session", "axes_accessattempt", "axes_accessfailurelog", "axes_accesslog")


class Ledger:
    """Tells whether anything has been written since it last looked."""

    def __init__(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            self.tables = sorted({row[0] for row in cursor.fetchall()} - set(APART))
        self.sums = " UNION ALL ".join(
            f"SELECT '{table}', count(*), sum(hashtextextended(t::text, 7)) FROM {table} t"
            for table in self.tables
        )

    def content(self) -> list:
        with connection.cursor() as cursor:
            cursor.execute(self.sums)
            return sorted(cursor.fetchall())

    def touched(self) -> bool:
        """Cheap: has this transaction written at all (even what it took back)?"""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)"
                " FROM pg_stat_xact_user_tables WHERE NOT relname = ANY(%s)",
                [list(APART)],
            )
            return cursor.fetchone()[0] > 0


@pytest.fixture(scope="module")
def ledger(world):
    return Ledger()


@pytest.fixture(scope="module")
def before(ledger):
    return ledger.content()


def ask(client, method, url, body):
    """One request; whatever it does to the session and the cookies is forgotten."""
    kept = copy.deepcopy(client.cookies)
    try:
        return client.get(url) if method == "GET" else client.post(url, body)
    finally:
        client.cookies = kept


def try_out(row, world, clients, ledger, before):
    """The row of letters as it comes out, and what was written that must not be."""
    found, written = "", []
    known, spared = matrix.shut_before(row), matrix.spared(row)
    for role, wanted in zip(matrix.ROLES, row.expected, strict=True):
        if role in known or role in spared:
            found += wanted
            continue
        url, body = matrix.request_of(row, world)
        with transaction.atomic():
            answer = ask(clients[role], row.method, url, body)
            letter = matrix.letter_of(answer)
            found += letter
            quiet = row.method == "GET" or letter not in matrix.DONE
            looked_after = quiet and row.name not in matrix.WRITES_ON_GET
            if looked_after and ledger.touched() and ledger.content() != before:
                written.append(role)
            answer.close()
            transaction.set_rollback(True)
    return found, written


@pytest.mark.parametrize("row", matrix.rows(), ids=str)
def test_the_table(row, world, clients, ledger, before):
    found, written = try_out(row, world, clients, ledger, before)
    assert found == row.expected, f"\n{matrix.compare(row.expected, found)}"
    assert written == [], "written although refused or only read"


def test_every_route_has_a_row_and_every_row_a_route():
    known = {name for name, _view in routes()}
    tried = {row.name for row in matrix.rows()}
    assert known - tried == set(), "routes nobody looks after"
    assert tried - known == set(), "rows of routes that are gone"


def test_every_route_that_takes_posts_is_tried_by_post():
    for name, view in routes():
        tried = {row.method for row in matrix.rows() if row.name == name}
        assert matrix.methods_of(view) <= tried, name


def test_nobody_is_forgotten(world):
    assert set(matrix.ROLES) - {"anonymous"} == set(world.people)
    for row in matrix.rows():
        assert len(row.expected) == len(matrix.ROLES), row


RUBBISH = ["\x00", "9" * 30, "-1", "2199-12-31"]
if matrix.FULL:
    RUBBISH += ["ü" * 300, "' OR 1=1 --", "0001-01-01", "[]", ""]
NAMES = ["page", "day", "month", "section", "report", "after", "item", "star", "nominee", "q"]
NAMES += ["from", "next", "half", "person", "kind", "statement", "year", "state", "words", "level"]
NAMES += ["week", "light", "role", "due", "leader", "area", "left", "right", "version", "grade"]


def shown_once(method):
    """One row a route that lets somebody in."""
    found = {}
    for row in matrix.rows():
        if row.method == method and set(row.expected) & set(matrix.DONE):
            found.setdefault(row.name, row)
    return found.values()


def able_in(row):
    pairs = zip(matrix.ROLES, row.expected, strict=True)
    return [role for role, letter in pairs if letter in matrix.DONE]


@pytest.mark.parametrize("row", shown_once("GET"), ids=str)
def test_rubbish_in_the_query_is_an_answer_never_a_bug(row, world, clients):
    role = able_in(row)[-1]
    url, _body = matrix.request_of(row, world)
    for rubbish in RUBBISH:
        with transaction.atomic():
            answer = clients[role].get(url, dict.fromkeys(NAMES, rubbish))
            assert answer.status_code < 500, rubbish
            answer.close()
            transaction.set_rollback(True)


@pytest.mark.parametrize("row", shown_once("POST"), ids=str)
def test_an_empty_or_mad_form_is_an_answer_never_a_bug(row, world, clients):
    role = able_in(row)[0]
    url, good = matrix.request_of(row, world)
    bodies = [{}, {"idem": matrix.new_key()}]
    for rubbish in ("\x00", "9" * 30, "-1", "ü" * 600)[: 4 if matrix.FULL else 2]:
        mad = {key: rubbish for key in good if key != "idem"}
        bodies.append(mad | {"idem": matrix.new_key(), f"mark-{'9' * 30}": rubbish})
    for body in bodies:
        with transaction.atomic():
            answer = ask(clients[role], "POST", url, body)
            assert answer.status_code < 500, body
            transaction.set_rollback(True)
