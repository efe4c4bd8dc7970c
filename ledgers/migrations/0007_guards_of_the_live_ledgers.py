from django.db import migrations

from ledgers.titles import reduced
from scheme.guards import append_only

# Unlocking takes the grade back and leaves what the author wrote.
FROZEN = """
CREATE OR REPLACE FUNCTION report_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF OLD.state = 'accepted' AND (
        NEW.author_id, NEW.day, NEW.first_filed_at, NEW.grade, NEW.plan, NEW.open_matters
    ) IS DISTINCT FROM (
        OLD.author_id, OLD.day, OLD.first_filed_at, OLD.grade, OLD.plan, OLD.open_matters
    ) AND NOT (
        OLD.imported AND OLD.reviewed_by_id IS NULL
        AND (NEW.author_id, NEW.day, NEW.imported) = (OLD.author_id, OLD.day, true)
    ) {unless} THEN
        RAISE EXCEPTION 'an accepted report is frozen'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'report_is_frozen';
    END IF;
    RETURN NEW;
END $guard$;
"""
UNLOCKED = """AND NOT (
        NEW.state = 'returned' AND NEW.grade = ''
        AND (NEW.author_id, NEW.day, NEW.first_filed_at, NEW.plan, NEW.open_matters)
            IS NOT DISTINCT FROM
            (OLD.author_id, OLD.day, OLD.first_filed_at, OLD.plan, OLD.open_matters)
    )"""


def reduce_carriers(apps, _editor):
    """Read once per carrier: there are few."""
    items = apps.get_model("ledgers", "WritingItem").objects.exclude(carrier="")
    for carrier in items.order_by().values_list("carrier", flat=True).distinct():
        items.filter(carrier=carrier).update(carrier_key=reduced(carrier))


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0006_work_ledgers_live")]
    operations = [
        migrations.RunSQL(
            "UPDATE ledgers_task SET state = 'closed' WHERE closed_on IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(reduce_carriers, migrations.RunPython.noop),
        append_only(
            "ledgers_ledgermove",
            "ledgers_progress",
            "ledgers_escalation",
            "ledgers_lightpolicy",
        ),
        migrations.RunSQL(FROZEN.format(unless=UNLOCKED), FROZEN.format(unless="")),
    ]
