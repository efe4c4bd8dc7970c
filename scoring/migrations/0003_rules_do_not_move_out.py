from django.db import migrations

# Both ends of a change are looked at: a rule may neither change within a book that is no draft,
# nor be moved out of one, nor into one.
FIXED = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM 1 FROM scoring_rulebook WHERE id = {old}
            AND (sealed_at IS NOT NULL OR state <> 'draft');
        IF FOUND THEN
            RAISE EXCEPTION 'the rule book is no draft any more'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'rule_book_is_fixed';
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM 1 FROM scoring_rulebook WHERE id = {new}
            AND (sealed_at IS NOT NULL OR state <> 'draft');
        IF FOUND THEN
            RAISE EXCEPTION 'the rule book is no draft any more'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'rule_book_is_fixed';
        END IF;
        RETURN NEW;
    END IF;
    RETURN OLD;
END $guard$;
"""
BOOK_OF = "(SELECT book_id FROM scoring_rule WHERE id = {row}.rule_id)"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_guards")]
    operations = [
        # The functions of 0002 go with their triggers; there is nothing to put back here.
        migrations.RunSQL(
            FIXED.format(name="rule_is_fixed", old="OLD.book_id", new="NEW.book_id"),
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            FIXED.format(
                name="tier_is_fixed",
                old=BOOK_OF.format(row="OLD"),
                new=BOOK_OF.format(row="NEW"),
            ),
            migrations.RunSQL.noop,
        ),
    ]
