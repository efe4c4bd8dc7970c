"""Databases that tests may commit to.

The points book and the trail are append-only by trigger, so they cannot be flushed, and no test may
switch the triggers off. A test that commits gets a copy of the migrated database and drops it.
"""

import contextlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connections
from psycopg import sql


@dataclass(frozen=True)
class Clone:
    name: str
    url: str

    def connect(self, **options) -> psycopg.Connection:
        """A connection past Django, of the database's owner."""
        return psycopg.connect(**_parameters(self.name), **({"autocommit": True} | options))


def _parameters(name: str) -> dict:
    set_ = connections["default"].settings_dict
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return {k: set_[v] for k, v in named.items() if set_[v]} | {"dbname": name}


def _url(name: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    path = parts.path.rsplit("/", 1)[0]
    # urlunsplit would drop one of the two slashes that begin a socket's path.
    return urlunsplit(parts._replace(path="")) + f"{path}/{name}"


@contextlib.contextmanager
def clone() -> Iterator[Clone]:
    """Point Django, in every thread, at a fresh copy of the migrated test database."""
    default = connections["default"]
    template = default.settings_dict["NAME"]
    if not template.startswith("test_"):
        raise AssertionError(f"{template} is not a test database")
    name = f"{template}_{uuid.uuid4().hex[:8]}"
    connections.close_all()
    with psycopg.connect(**_parameters("postgres"), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template]
        )
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        # The dict is shared by the connections of all threads.
        default.settings_dict["NAME"] = name
        try:
            yield Clone(name, _url(name))
        finally:
            connections.close_all()
            default.settings_dict["NAME"] = template
            admin.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
