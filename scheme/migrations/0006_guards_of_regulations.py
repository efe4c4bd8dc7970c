from django.db import migrations

from scheme import guards

# What has been approved is what was in force: only who must read it, and by when, may still move.
VERSION = """
    IF OLD.state <> 'draft' AND (
        NEW.regulation_id, NEW.number, NEW.state, NEW.abolishes, NEW.text, NEW.document_no,
        NEW.reason, NEW.issued_on, NEW.effective_on, NEW.drafted_by_id, NEW.approved_by_id,
        NEW.approved_at
    ) IS DISTINCT FROM (
        OLD.regulation_id, OLD.number, OLD.state, OLD.abolishes, OLD.text, OLD.document_no,
        OLD.reason, OLD.issued_on, OLD.effective_on, OLD.drafted_by_id, OLD.approved_by_id,
        OLD.approved_at
    ) THEN
        RAISE EXCEPTION 'an approved regulation stays as it is'
            USING ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'regulation_version_is_fixed';
    END IF;
    RETURN NEW;
"""
KEPT = """
    IF OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'an approved regulation is kept'
            USING ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'regulation_version_is_kept';
    END IF;
    RETURN OLD;
"""
CLAUSE = """
    PERFORM 1 FROM scheme_regulationversion
        WHERE id = COALESCE(NEW.regulation_version_id, OLD.regulation_version_id)
        AND state <> 'draft';
    IF FOUND THEN
        RAISE EXCEPTION 'the clauses of an approved regulation stay as they are'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'clause_is_fixed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
TABLE = "scheme_regulationversion"


class Migration(migrations.Migration):
    dependencies = [("scheme", "0005_regulations")]
    operations = [
        guards.append_only("scheme_readreceipt"),
        guards.row_trigger(TABLE, "regulation_version_is_fixed", "BEFORE UPDATE", VERSION),
        guards.row_trigger(TABLE, "regulation_version_is_kept", "BEFORE DELETE", KEPT),
        guards.row_trigger(
            "scheme_clause", "clause_is_fixed", "BEFORE INSERT OR UPDATE OR DELETE", CLAUSE
        ),
    ]
