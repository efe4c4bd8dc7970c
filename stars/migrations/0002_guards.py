from django.db import migrations

from scheme import guards

# As in stars/workflow.py (a test compares them); written out, because a migration must not change
# when the code does.
ROUND_STEPS = [
    ("preparing", "nominating"),
    ("nominating", "at_branch"),
    ("at_branch", "at_committee"),
    ("at_committee", "publicity"),
    ("publicity", "published"),
    ("preparing", "cancelled"),
    ("nominating", "cancelled"),
    ("at_branch", "cancelled"),
    ("at_committee", "cancelled"),
    ("publicity", "cancelled"),
]
NOMINATION_STEPS = [
    ("draft", "submitted"),
    ("returned", "submitted"),
    ("draft", "withdrawn"),
    ("returned", "withdrawn"),
    ("submitted", "withdrawn"),
    ("submitted", "returned"),
    ("submitted", "at_branch"),
    ("at_branch", "at_committee"),
    ("at_branch", "closed"),
    ("at_committee", "closed"),
]
RULES_SEALED = """
    IF OLD.state <> 'preparing' AND (
        NEW.half, NEW.publicity_days, NEW.quorum_num, NEW.quorum_den, NEW.majority_num,
        NEW.majority_den, NEW.recused_count_as_entitled, NEW.book_id, NEW.seal
    ) IS DISTINCT FROM (
        OLD.half, OLD.publicity_days, OLD.quorum_num, OLD.quorum_den, OLD.majority_num,
        OLD.majority_den, OLD.recused_count_as_entitled, OLD.book_id, OLD.seal
    ) THEN
        RAISE EXCEPTION 'the rules of the round are sealed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'round_is_sealed';
    END IF;
    RETURN NEW;
"""
PART_SEALED = """
    PERFORM 1 FROM stars_round
        WHERE id = COALESCE(NEW.round_id, OLD.round_id) AND state <> 'preparing';
    IF FOUND THEN
        RAISE EXCEPTION 'the rules of the round are sealed'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'round_is_sealed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
ANY_WRITE = "BEFORE INSERT OR UPDATE OR DELETE"


class Migration(migrations.Migration):
    dependencies = [("stars", "0001_rounds"), ("scheme", "0002_guards")]
    operations = [
        guards.append_only(
            "stars_roundmove",
            "stars_nominationmove",
            "stars_dossier",
            "stars_opinion",
            "stars_branchoutcome",
            "stars_vote",
            "stars_decision",
            "stars_award",
            "stars_publication",
        ),
        guards.only_these_steps("stars_round", ROUND_STEPS),
        guards.only_these_steps("stars_nomination", NOMINATION_STEPS),
        guards.row_trigger("stars_round", "round_is_sealed", "BEFORE UPDATE", RULES_SEALED),
        guards.row_trigger("stars_quota", "quota_is_sealed", ANY_WRITE, PART_SEALED),
        guards.row_trigger("stars_participant", "participant_is_sealed", ANY_WRITE, PART_SEALED),
    ]
