from django.db import migrations

from scheme import guards

KEPT = """
    RAISE EXCEPTION '% rows are ended, never taken away', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
"""


class Migration(migrations.Migration):
    dependencies = [("scheme", "0008_restrictions_and_kinship")]
    operations = [
        guards.row_trigger("scheme_restriction", "restriction_is_kept", "BEFORE DELETE", KEPT),
        guards.row_trigger("scheme_kinship", "kinship_is_kept", "BEFORE DELETE", KEPT),
    ]
