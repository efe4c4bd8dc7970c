"""The guards hold against raw SQL, whoever sends it."""

from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from scheme import guards
from scheme.checks import every_guard_stands
from stars.models import Box, Meeting, Nomination, Round
from stars.workflow import meeting_pairs, nomination_pairs, round_pairs
from tests import factories

pytestmark = pytest.mark.django_db

# As the apps list them; the test below holds the lists against the database.
APPEND_ONLY = {t for app in apps.get_app_configs() for t in getattr(app, "append_only", ())}


def triggers(function):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgrelid::regclass::text, t.tgtype, t.tgenabled FROM pg_trigger t"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = %s AND NOT t.tgisinternal",
            [function],
        )
        return cursor.fetchall()


PLAIN = {
    "bigint": "1",
    "integer": "1",
    "smallint": "1",
    "numeric": "1",
    "boolean": "false",
    "date": "'2026-01-05'",
    "time without time zone": "'10:00'",
    "timestamp with time zone": "now()",
    "jsonb": "'{}'",
}
NEEDED = {
    "scoring_scorecard": {"person_id": "1"},
    "stars_opinion": {"mark": "'for'"},
    "stars_clearance": {"word": "'clear'"},
    "ledgers_lightpolicy": {"red_behind": "2"},
}


def fill(table):
    """One row, its parents made up: foreign keys are not looked at in replication mode."""
    if table == "ledgers_pointentry":
        # The guard of closed quarters looks even then.
        factories.make_entry(factories.make_staff(), 1, date(2026, 1, 5))
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
            " AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
            [table],
        )
        values = {name: PLAIN.get(kind, "'x'") for name, kind in cursor.fetchall()}
        values |= NEEDED.get(table, {})
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(values.values())})"
        )


def mode(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL session_replication_role = {name}")


def test_every_guard_that_is_installed_is_listed_and_stands():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        installed = {name for (name,) in cursor.fetchall()}
    assert guards.expected() == installed
    assert guards.missing() == set()


def test_a_guard_that_is_gone_or_off_stops_the_traffic(client):
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER stars_vote_kept ON stars_vote")
        cursor.execute("ALTER TABLE ledgers_pointentry ENABLE TRIGGER entry_into_open_quarter")
    gone = {"stars_vote_kept", "entry_into_open_quarter"}
    assert guards.missing() == gone
    answer = client.get("/health/")
    assert answer.status_code == 503 and set(answer.json()["guards"]) == gone
    found = every_guard_stands(None, databases=["default"])
    assert {error.id for error in found} == {"scheme.E005"} and len(found) == 2
    assert every_guard_stands(None) == []
    # Before the migrations have run there is nothing to miss.
    (newest,) = MigrationExecutor(connection).loader.graph.leaf_nodes("stars")
    MigrationRecorder(connection).record_unapplied(*newest)
    assert every_guard_stands(None, databases=["default"]) == []


def test_the_list_is_what_is_installed_and_nothing_switches_it_off():
    found = triggers("guard_append_only")
    assert {table for table, _type, _enabled in found} == APPEND_ONLY
    assert {enabled for _table, _type, enabled in found} == {"A"}
    # Bits of pg_trigger.tgtype: 1 row, 2 before, 8 delete, 16 update, 32 truncate.
    for table in APPEND_ONLY:
        kinds = sorted(kind for name, kind, _enabled in found if name == table)
        assert kinds == [1 + 2 + 8 + 16, 2 + 32], table


def test_every_guard_of_the_house_is_always_on():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE NOT t.tgisinternal AND t.tgenabled <> 'A' AND n.nspname = 'public'"
        )
        assert cursor.fetchall() == []


def test_append_only_models_have_no_other_names():
    tables = {model._meta.db_table for model in apps.get_models()}
    assert tables >= APPEND_ONLY


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_rows_are_neither_changed_nor_taken_away(table):
    mode("replica")
    fill(table)
    for role in ("origin", "replica"):
        mode(role)
        for statement in (
            f"UPDATE {table} SET id = id",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            with transaction.atomic(), connection.cursor() as cursor:
                with pytest.raises(IntegrityError, match="append-only") as caught:
                    cursor.execute(statement)
                assert caught.value.__cause__.diag.constraint_name == "append_only"
                transaction.set_rollback(True)
    # Another row may still be added; what parents it lacks must not be looked for at the end.
    mode("replica")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] >= 1
    connection.needs_rollback = True


def every_pair(states):
    return [(start, to) for start in states for to in states if start != to]


def refused_steps(table, row, states):
    """Which changes of state the database refuses for a row put into each state in turn."""
    refused = []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for start, to in every_pair(states):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_steps")
            cursor.execute(f"UPDATE {table} SET state = %s WHERE id = %s", [start, row.pk])
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_steps")
            try:
                cursor.execute(f"UPDATE {table} SET state = %s WHERE id = %s", [to, row.pk])
            except IntegrityError as error:
                assert error.__cause__.diag.constraint_name == f"{table}_steps"
                refused.append((start, to))
            transaction.set_rollback(True)
    return refused


def test_the_rounds_steps_in_the_database_are_those_of_the_workflow():
    row = factories.make_round(factories.make_unit(), participants=False)
    states = Round.State.values
    refused = refused_steps("stars_round", row, states)
    assert set(every_pair(states)) - set(refused) == {tuple(map(str, p)) for p in round_pairs()}


def test_the_nominations_steps_in_the_database_are_those_of_the_workflow():
    d = factories.make_department()
    row = factories.make_nomination(
        factories.make_round(d.unit, participants=False), d.officers[0][1]
    )
    states = Nomination.State.values
    refused = refused_steps("stars_nomination", row, states)
    pairs = {tuple(map(str, pair)) for pair in nomination_pairs()}
    assert set(every_pair(states)) - set(refused) == pairs


def test_the_meetings_steps_in_the_database_are_those_of_the_workflow():
    round_ = factories.make_round(factories.make_unit(), participants=False)
    row = Meeting.objects.create(round=round_, number=1)
    states = Meeting.State.values
    refused = refused_steps("stars_meeting", row, states)
    assert set(every_pair(states)) - set(refused) == {tuple(map(str, p)) for p in meeting_pairs()}


def test_a_ballot_that_is_over_stays_over():
    d = factories.make_department()
    round_ = factories.make_round(d.unit, participants=False)
    box = Box.objects.create(
        meeting=Meeting.objects.create(round=round_, number=1),
        nomination=factories.make_nomination(round_, d.officers[0][1]),
        secret=False,
        opened_at=round_.stage_since,
        opened_by=d.chair,
    )
    counts = ("entitled", "present", "recused", "votes_for", "votes_against", "votes_abstain")
    counted = ", ".join(f"{name} = 0" for name in (*counts, "votes_defer"))
    emptied = counted.replace("= 0", "= NULL")
    put = {
        "open": f"state = 'open', closed_at = NULL, {emptied}",
        "closed": f"state = 'closed', closed_at = now(), {counted}",
        "void": f"state = 'void', closed_at = now(), void_why = '试', {emptied}",
    }
    went = set()
    for start, to in every_pair(Box.State.values):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE stars_box DISABLE TRIGGER box_stands")
            cursor.execute(f"UPDATE stars_box SET {put[start]} WHERE id = %s", [box.pk])
            cursor.execute("ALTER TABLE stars_box ENABLE ALWAYS TRIGGER box_stands")
            try:
                cursor.execute(f"UPDATE stars_box SET {put[to]} WHERE id = %s", [box.pk])
                went.add((start, to))
            except IntegrityError as error:
                assert error.__cause__.diag.constraint_name == "box_stands"
            transaction.set_rollback(True)
    assert went == {("open", "closed"), ("open", "void")}


def test_the_rule_books_steps():
    from scoring.models import RuleBook

    row = factories.make_rule_book(factories.make_unit())
    states = RuleBook.State.values
    signed = ", retired_by_id = approved_by_id, retired_at = now(), retire_reason = '另拟'"
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname = 'scoring_rulebook_steps'")
        assert cursor.fetchone()
    for to in ("draft", "retired"):
        with transaction.atomic(), connection.cursor() as cursor:
            sql = "UPDATE scoring_rulebook SET state = %s{} WHERE id = %s"
            if to == "draft":
                with pytest.raises(IntegrityError, match="may not go"):
                    cursor.execute(sql.format(""), [to, row.pk])
            else:
                cursor.execute(sql.format(signed), [to, row.pk])
            transaction.set_rollback(True)
    assert states == ["draft", "approved", "retired"]
