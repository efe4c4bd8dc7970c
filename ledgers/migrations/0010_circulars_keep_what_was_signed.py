from django.db import migrations, models

from scheme.guards import only_these_steps, row_trigger

SIGNED = """
    IF EXISTS (
        SELECT FROM ledgers_circular c
        WHERE c.id IN (NEW.circular_id, OLD.circular_id) AND c.state NOT IN ('draft', 'returned')
    ) {unless} THEN
        RAISE EXCEPTION 'a circular is not rewritten under its signature'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN COALESCE(NEW, OLD);
"""
# On issue a naming is given the note it has become, and nothing else.
ISSUED = """AND NOT (
        TG_OP = 'UPDATE' AND OLD.note_id IS NULL
        AND to_jsonb(NEW) - 'note_id' = to_jsonb(OLD) - 'note_id'
        AND EXISTS (SELECT FROM ledgers_circular c
                    WHERE c.id = OLD.circular_id AND c.state = 'approved')
    )"""
STEPS = [
    *(("draft", "filed"), ("draft", "dropped"), ("filed", "draft"), ("filed", "returned")),
    *(("filed", "approved"), ("returned", "filed"), ("returned", "dropped")),
    *(("approved", "returned"), ("approved", "issued"), ("approved", "dropped")),
]


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0009_tasks_passed_on")]
    operations = [
        migrations.AddField("circularpart", "key", models.CharField(blank=True, max_length=30)),
        migrations.AddField("circularpart", "drafted", models.TextField(blank=True)),
        only_these_steps("ledgers_circular", STEPS),
        row_trigger(
            "ledgers_circular",
            "circular_is_frozen",
            "BEFORE UPDATE OR DELETE",
            """
    IF OLD.state IN ('issued', 'dropped') THEN
        RAISE EXCEPTION 'an issued circular is frozen'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'circular_is_frozen';
    END IF;
    RETURN COALESCE(NEW, OLD);
""",
        ),
        row_trigger(
            "ledgers_circularpart",
            "circular_part_is_signed",
            "BEFORE INSERT OR UPDATE OR DELETE",
            SIGNED.format(unless="", name="circular_part_is_signed"),
        ),
        row_trigger(
            "ledgers_naming",
            "circular_naming_is_signed",
            "BEFORE INSERT OR UPDATE OR DELETE",
            SIGNED.format(unless=ISSUED, name="circular_naming_is_signed"),
        ),
    ]
