from django.db import migrations, models

# Only what a workbook brought, and nobody here has read, may a later workbook correct.
FROZEN = """
CREATE OR REPLACE FUNCTION report_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF OLD.state = 'accepted' {unless} AND (
        NEW.author_id, NEW.day, NEW.first_filed_at, NEW.grade, NEW.plan, NEW.open_matters
    ) IS DISTINCT FROM (
        OLD.author_id, OLD.day, OLD.first_filed_at, OLD.grade, OLD.plan, OLD.open_matters
    ) THEN
        RAISE EXCEPTION 'an accepted report is frozen'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'report_is_frozen';
    END IF;
    RETURN NEW;
END $guard$;
"""
IMPORTED = """AND NOT (
        OLD.imported AND OLD.reviewed_by_id IS NULL
        AND (NEW.author_id, NEW.day, NEW.imported) = (OLD.author_id, OLD.day, true)
    )"""


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0004_guards_of_quarters_and_evidence")]
    operations = [
        migrations.AlterField(
            "reportevent",
            "kind",
            models.CharField(
                choices=[
                    ("filed", "报送"),
                    ("returned", "退回补正"),
                    ("accepted", "评定"),
                    ("corrected", "台账更正"),
                ],
                max_length=9,
            ),
        ),
        migrations.RunSQL(FROZEN.format(unless=IMPORTED), FROZEN.format(unless="")),
    ]
