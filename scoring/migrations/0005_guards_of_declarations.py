from django.db import migrations

from scheme import guards

# A workbook tells the outcome of the checks, not their steps: its lines may go from any state to
# any other when a later workbook says so.
DECLARATION = """
    IF OLD.state <> NEW.state AND NOT OLD.imported AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'filed'), ('draft', 'withdrawn'),
        ('filed', 'checked'), ('filed', 'returned'), ('filed', 'refused'), ('filed', 'withdrawn'),
        ('checked', 'confirmed'), ('checked', 'returned'), ('checked', 'refused'),
        ('returned', 'filed'), ('returned', 'withdrawn'), ('confirmed', 'refused')
    ) THEN
        RAISE EXCEPTION 'a declaration may not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'declaration_steps';
    END IF;
    IF (OLD.state NOT IN ('draft', 'returned') AND NOT OLD.imported AND (
        NEW.quarter, NEW.rule_code, NEW.level, NEW.quantity, NEW.matter, NEW.document_no,
        NEW.document_on, NEW.note
    ) IS DISTINCT FROM (
        OLD.quarter, OLD.rule_code, OLD.level, OLD.quantity, OLD.matter, OLD.document_no,
        OLD.document_on, OLD.note
    )) OR (NEW.unit_id, NEW.person_id, NEW.section_id, NEW.imported) IS DISTINCT FROM (
        OLD.unit_id, OLD.person_id, OLD.section_id, OLD.imported
    ) THEN
        RAISE EXCEPTION 'a declaration is fixed once it is filed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'declaration_is_fixed';
    END IF;
    RETURN NEW;
"""
PROOF = """
    PERFORM 1 FROM scoring_declaration
        WHERE id = COALESCE(NEW.declaration_id, OLD.declaration_id)
        AND state NOT IN ('draft', 'returned');
    IF FOUND THEN
        RAISE EXCEPTION 'the proofs of a filed declaration stay as they are'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'proof_is_fixed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
MANUAL = """
    IF OLD.state <> 'proposed' OR (
        NEW.unit_id, NEW.person_id, NEW.section_id, NEW.rule_code, NEW.points, NEW.event_on,
        NEW.matter, NEW.reason, NEW.basis, NEW.reverses_id, NEW.proposed_by_id, NEW.proposed_at
    ) IS DISTINCT FROM (
        OLD.unit_id, OLD.person_id, OLD.section_id, OLD.rule_code, OLD.points, OLD.event_on,
        OLD.matter, OLD.reason, OLD.basis, OLD.reverses_id, OLD.proposed_by_id, OLD.proposed_at
    ) THEN
        RAISE EXCEPTION 'a manual entry is decided once and never edited'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'manual_entry_is_fixed';
    END IF;
    RETURN NEW;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0004_declarations_manual_entries_uploads"),
        ("scheme", "0002_guards"),
    ]
    operations = [
        guards.append_only("scoring_declarationmove"),
        guards.row_trigger(
            "scoring_declaration", "declaration_is_fixed", "BEFORE UPDATE", DECLARATION
        ),
        guards.row_trigger(
            "scoring_declarationproof",
            "proof_is_fixed",
            "BEFORE INSERT OR UPDATE OR DELETE",
            PROOF,
        ),
        guards.row_trigger("scoring_manualentry", "manual_entry_is_fixed", "BEFORE UPDATE", MANUAL),
    ]
