"""What goes wrong with machines: the connection is cut in the middle of an act, and nothing of it
may be there afterwards."""

import re

import pytest
from django.db import OperationalError, connection, transaction

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


class _Cutter:
    """Lets some writes through and fails the next, as a server does that goes away."""

    def __init__(self, after: int):
        self.left = after
        self.cut = False

    def __call__(self, execute, sql, params, many, context):
        if WRITES.match(sql):
            if not self.left:
                self.cut = True
                raise OperationalError("the connection was cut")
            self.left -= 1
        return execute(sql, params, many, context)


def cut_off(rng, act) -> bool:
    """Does the act with the connection cut at one of its first writes. Not a row may differ.

    False when the act was over before (it had fewer writes), which leaves it undone all the same.
    """
    before = fingerprint()
    cutter = _Cutter(rng.randrange(4))
    mark = transaction.savepoint()
    try:
        with connection.execute_wrapper(cutter):
            act()
    except OperationalError:
        pass
    if not cutter.cut:
        transaction.savepoint_rollback(mark)
        return False
    assert fingerprint() == before, "half an act was left behind"
    transaction.savepoint_commit(mark)
    return True


def fingerprint() -> dict[str, str]:
    """What every table that the acts write holds, in one number each."""
    with connection.cursor() as cursor:
        return {table: _hash(cursor, table) for table in _tables()}


def _tables() -> list[str]:
    return [
        name
        for name in connection.introspection.table_names()
        if name.startswith(("stars_", "ledgers_dailyreport", "ledgers_report", "scheme_audit",
                            "scheme_notice", "scheme_job"))
    ]  # fmt: skip


def _hash(cursor, table) -> str:
    cursor.execute(f"SELECT count(*), sum(hashtextextended(t::text, 0)) FROM {table} t")
    return repr(cursor.fetchone())


def refused(act, *kinds) -> None:
    """The act is refused and leaves nothing."""
    before = fingerprint()
    with pytest.raises(kinds), transaction.atomic():
        act()
    assert fingerprint() == before
