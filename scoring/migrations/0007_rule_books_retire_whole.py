from django.db import migrations, models

from scheme import guards

FIXED = """
        RAISE EXCEPTION 'the rule book is no draft any more'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'rule_book_is_fixed';
"""
# The book's row is held while its rules are written: an approval under way is waited for and then
# seen, and one that comes later waits until the rules it signs are there to be read.
RULES_FIXED = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$
DECLARE
    found_state text;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        SELECT state INTO found_state FROM scoring_rulebook WHERE id = {old} FOR SHARE;
        IF found_state <> 'draft' THEN{fixed}        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        SELECT state INTO found_state FROM scoring_rulebook WHERE id = {new} FOR SHARE;
        IF found_state <> 'draft' THEN{fixed}        END IF;
        RETURN NEW;
    END IF;
    RETURN OLD;
END $guard$;
"""
BOOK_OF = "(SELECT book_id FROM scoring_rule WHERE id = {row}.rule_id)"
# Once approved, a book changes only by being sealed and retired, each once. A used or approved one
# is never deleted: its rules refuse that already, this is for a book without any.
BOOK_FIXED = f"""
CREATE OR REPLACE FUNCTION rule_book_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF OLD.state <> 'draft' AND (
        NEW.unit_id, NEW.version, NEW.title, NEW.bonus_cap, NEW.report_cutoff, NEW.backfill_days,
        NEW.talk_min_ratings, NEW.talk_good_line, NEW.proposed_by_id, NEW.proposed_at,
        NEW.approved_by_id, NEW.approved_at, NEW.in_force_from, NEW.digest
    ) IS DISTINCT FROM (
        OLD.unit_id, OLD.version, OLD.title, OLD.bonus_cap, OLD.report_cutoff, OLD.backfill_days,
        OLD.talk_min_ratings, OLD.talk_good_line, OLD.proposed_by_id, OLD.proposed_at,
        OLD.approved_by_id, OLD.approved_at, OLD.in_force_from, OLD.digest
    ) OR (OLD.sealed_at IS NOT NULL AND NEW.sealed_at IS DISTINCT FROM OLD.sealed_at)
      OR (OLD.state = 'retired' AND (
        NEW.sealed_at, NEW.retired_by_id, NEW.retired_at, NEW.retire_reason
    ) IS DISTINCT FROM (
        OLD.sealed_at, OLD.retired_by_id, OLD.retired_at, OLD.retire_reason
    )) THEN{FIXED}    END IF;
    RETURN NEW;
END $guard$;
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0006_rule_books_returned_and_retired")]
    operations = [
        migrations.AddConstraint(
            model_name="rulebook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sealed_at", None),
                    models.Q(("state", "draft"), _negated=True),
                    _connector="OR",
                ),
                name="rule_book_draft_is_not_sealed",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("return_reason", ""), ("returned_at", None), ("returned_by", None)),
                    models.Q(
                        ("returned_at__isnull", False),
                        ("returned_by__isnull", False),
                        ("state", "draft"),
                        models.Q(("return_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rule_book_returned_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("state", "retired"), _negated=True),
                        ("retire_reason", ""),
                        ("retired_at", None),
                        ("retired_by", None),
                    ),
                    models.Q(
                        ("retired_at__isnull", False),
                        ("retired_by__isnull", False),
                        ("state", "retired"),
                        models.Q(("retire_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rule_book_retired_with_a_reason",
            ),
        ),
        # The functions of 0002 and 0003 go with their triggers; there is nothing to put back here.
        migrations.RunSQL(BOOK_FIXED, migrations.RunSQL.noop),
        migrations.RunSQL(
            RULES_FIXED.format(
                name="rule_is_fixed", old="OLD.book_id", new="NEW.book_id", fixed=FIXED
            ),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            RULES_FIXED.format(
                name="tier_is_fixed",
                old=BOOK_OF.format(row="OLD"),
                new=BOOK_OF.format(row="NEW"),
                fixed=FIXED,
            ),
            migrations.RunSQL.noop,
        ),
        guards.row_trigger(
            "scoring_rulebook",
            "rule_book_is_kept",
            "BEFORE DELETE",
            f"    IF OLD.state <> 'draft' THEN{FIXED}    END IF;\n    RETURN OLD;",
        ),
    ]
