from django.db import migrations, models

REFUSED = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'round_is_sealed'"
# The rules of a round with what its seal was taken of; without it, as 0005 has them.
RULES = (
    "half, publicity_days, publicity_seconds, quorum_num, quorum_den, majority_num, majority_den,"
    " recused_count_as_entitled, floating_sections, floating_persons, branch_method, trimmed,"
    " leaders_weight, agreed_from, against_below, secret, recusals, tie_order, tie_last, vetoes,"
    " bar_probation, absence_limit, statement_fewest, statement_most, most_returns, book_id,"
    " run_id, seal"
)


def sealing(columns: str) -> str:
    new = ", ".join(f"NEW.{name.strip()}" for name in columns.split(","))
    old = ", ".join(f"OLD.{name.strip()}" for name in columns.split(","))
    return f"""
CREATE OR REPLACE FUNCTION round_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF OLD.state <> 'preparing' AND ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION 'the rules of the round are sealed' {REFUSED};
    END IF;
    RETURN NEW;
END $guard$;
"""


class Migration(migrations.Migration):
    dependencies = [("stars", "0007_nomination_moves_of_deputies")]
    operations = [
        migrations.AddField("round", "sealed", models.JSONField(editable=False, null=True)),
        migrations.RunSQL(sealing(RULES + ", sealed"), sealing(RULES)),
    ]
