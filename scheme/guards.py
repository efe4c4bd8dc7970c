"""SQL for the guards that migrations lay on tables. A guard holds against every path: views,
admin, shell, bulk writes and raw SQL alike (ENABLE ALWAYS: in replication mode as well).
"""

from django.apps import apps
from django.db import connection, migrations

REFUSE = """
CREATE OR REPLACE FUNCTION guard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'append_only';
END $$;
"""


def refuse_function() -> migrations.RunSQL:
    return migrations.RunSQL(REFUSE, "DROP FUNCTION guard_append_only()")


def append_only(*tables: str) -> migrations.RunSQL:
    """Rows of these tables are added and read, nothing else."""
    forward, backward = [], []
    for table in tables:
        forward.append(f"""
CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION guard_append_only();
CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION guard_append_only();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kept;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_not_emptied;
""")
        backward.append(f"""
DROP TRIGGER {table}_kept ON {table};
DROP TRIGGER {table}_not_emptied ON {table};
""")
    return migrations.RunSQL("".join(forward), "".join(backward))


def only_these_steps(table: str, pairs: list[tuple[str, str]]) -> migrations.RunSQL:
    """The column `state` of the table changes along these pairs and no others."""
    listed = ", ".join(f"('{start}', '{to}')" for start, to in sorted(set(pairs)))
    return row_trigger(
        table,
        f"{table}_steps",
        "BEFORE UPDATE OF state",
        f"""
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN ({listed}) THEN
        RAISE EXCEPTION '% may not go from % to %', TG_TABLE_NAME, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{table}_steps';
    END IF;
    RETURN NEW;
""",
    )


def row_trigger(table: str, name: str, when: str, body: str) -> migrations.RunSQL:
    """A row trigger of that name on the table, with its own function of the same name."""
    return migrations.RunSQL(
        f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
{body}
END $guard$;
CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
""",
        f"DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}();",
    )


def expected() -> set[str]:
    """Names of the triggers that must stand: every app lists its own in its AppConfig, the
    append-only tables as `append_only`, the other guards by name as `guards`."""
    names = set()
    for app in apps.get_app_configs():
        names |= set(getattr(app, "guards", ()))
        for table in getattr(app, "append_only", ()):
            names |= {f"{table}_kept", f"{table}_not_emptied"}
    return names


def missing() -> set[str]:
    """Expected triggers that are not installed, or are but can be switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'")
        return expected() - {name for (name,) in cursor.fetchall()}
