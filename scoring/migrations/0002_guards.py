from django.db import migrations

from scheme import guards

SEALED = """
    PERFORM 1 FROM scoring_rulebook WHERE id = {book} AND (sealed_at IS NOT NULL OR state <> 'draft');
    IF FOUND THEN
        RAISE EXCEPTION 'the rule book is no draft any more'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'rule_book_is_fixed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
RULE = SEALED.format(book="COALESCE(NEW.book_id, OLD.book_id)")
TIER = SEALED.format(
    book="(SELECT book_id FROM scoring_rule WHERE id = COALESCE(NEW.rule_id, OLD.rule_id))"
)
# Once approved, a book changes only by being sealed and retired.
BOOK = """
    IF OLD.state <> 'draft' AND (
        NEW.unit_id, NEW.version, NEW.title, NEW.bonus_cap, NEW.report_cutoff, NEW.backfill_days,
        NEW.talk_min_ratings, NEW.talk_good_line, NEW.proposed_by_id, NEW.approved_by_id,
        NEW.in_force_from, NEW.digest
    ) IS DISTINCT FROM (
        OLD.unit_id, OLD.version, OLD.title, OLD.bonus_cap, OLD.report_cutoff, OLD.backfill_days,
        OLD.talk_min_ratings, OLD.talk_good_line, OLD.proposed_by_id, OLD.approved_by_id,
        OLD.in_force_from, OLD.digest
    ) OR (OLD.sealed_at IS NOT NULL AND NEW.sealed_at IS DISTINCT FROM OLD.sealed_at) THEN
        RAISE EXCEPTION 'the rule book is no draft any more'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'rule_book_is_fixed';
    END IF;
    RETURN NEW;
"""
STEPS = [("draft", "approved"), ("approved", "retired")]


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_rule_books_and_runs"), ("scheme", "0002_guards")]
    operations = [
        guards.append_only("scoring_scorerun", "scoring_scorecard"),
        guards.only_these_steps("scoring_rulebook", STEPS),
        guards.row_trigger("scoring_rulebook", "rule_book_is_fixed", "BEFORE UPDATE", BOOK),
        guards.row_trigger(
            "scoring_rule", "rule_is_fixed", "BEFORE INSERT OR UPDATE OR DELETE", RULE
        ),
        guards.row_trigger(
            "scoring_tier", "tier_is_fixed", "BEFORE INSERT OR UPDATE OR DELETE", TIER
        ),
    ]
