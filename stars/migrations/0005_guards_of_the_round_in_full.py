from django.db import migrations

from scheme import guards

# The rules of a round, written out: a migration must not change when the model does.
SEALED = (
    "half, publicity_days, publicity_seconds, quorum_num, quorum_den, majority_num, majority_den,"
    " recused_count_as_entitled, floating_sections, floating_persons, branch_method, trimmed,"
    " leaders_weight, agreed_from, against_below, secret, recusals, tie_order, tie_last, vetoes,"
    " bar_probation, absence_limit, statement_fewest, statement_most, most_returns, book_id,"
    " run_id, seal"
)
OLD_SEALED = (
    "half, publicity_days, quorum_num, quorum_den, majority_num, majority_den,"
    " recused_count_as_entitled, book_id, seal"
)
REFUSED = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT"


def sealing(columns: str) -> str:
    new = ", ".join(f"NEW.{name.strip()}" for name in columns.split(","))
    old = ", ".join(f"OLD.{name.strip()}" for name in columns.split(","))
    return f"""
CREATE OR REPLACE FUNCTION round_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF OLD.state <> 'preparing' AND ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION 'the rules of the round are sealed' {REFUSED} = 'round_is_sealed';
    END IF;
    RETURN NEW;
END $guard$;
"""


CONFIRMATION = f"""
    PERFORM 1 FROM stars_round
        WHERE id = COALESCE(NEW.round_id, OLD.round_id) AND state <> 'preparing';
    IF FOUND THEN
        RAISE EXCEPTION 'the rules of the round are sealed' {REFUSED} = 'round_is_sealed';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""
# What is closed or void stays as it is.
BOX = f"""
    IF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN
        RAISE EXCEPTION 'a ballot that was closed stands' {REFUSED} = 'box_stands';
    END IF;
    IF (NEW.meeting_id, NEW.nomination_id, NEW.turn, NEW.secret, NEW.opened_at, NEW.opened_by_id)
        IS DISTINCT FROM
        (OLD.meeting_id, OLD.nomination_id, OLD.turn, OLD.secret, OLD.opened_at, OLD.opened_by_id)
    THEN
        RAISE EXCEPTION 'what a ballot is about stands' {REFUSED} = 'box_stands';
    END IF;
    RETURN NEW;
"""
# The electorate is frozen: nobody is added once the first has voted, nobody taken away; one who
# was due may leave, and votes once.
ELECTOR = f"""
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'the electorate is frozen' {REFUSED} = 'elector_is_frozen';
    END IF;
    PERFORM 1 FROM stars_box WHERE id = NEW.box_id AND state <> 'open';
    IF FOUND THEN
        RAISE EXCEPTION 'the ballot is over' {REFUSED} = 'elector_is_frozen';
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM 1 FROM stars_elector WHERE box_id = NEW.box_id AND has_voted;
        IF FOUND THEN
            RAISE EXCEPTION 'the electorate is frozen' {REFUSED} = 'elector_is_frozen';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.box_id, NEW.staff_id, NEW.presides) IS DISTINCT FROM
            (OLD.box_id, OLD.staff_id, OLD.presides)
        OR (OLD.has_voted AND NOT NEW.has_voted)
        OR (NEW.standing <> OLD.standing AND NOT
            (OLD.standing = 'due' AND NEW.standing = 'left' AND NOT OLD.has_voted))
    THEN
        RAISE EXCEPTION 'the electorate is frozen' {REFUSED} = 'elector_is_frozen';
    END IF;
    RETURN NEW;
"""
# Envelopes go in while the box is open, are never changed, and go with its key.
ENVELOPE = f"""
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'an envelope is not changed' {REFUSED} = 'envelope_is_sealed';
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM 1 FROM stars_box WHERE id = NEW.box_id AND (state <> 'open' OR NOT secret);
        IF FOUND THEN
            RAISE EXCEPTION 'the ballot is over' {REFUSED} = 'envelope_is_sealed';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM 1 FROM stars_box WHERE id = OLD.box_id AND state = 'open';
    IF FOUND THEN
        RAISE EXCEPTION 'the ballot is not over' {REFUSED} = 'envelope_is_sealed';
    END IF;
    RETURN OLD;
"""
INTO_OPEN_BOX = f"""
    PERFORM 1 FROM stars_box WHERE id = NEW.box_id AND (state <> 'open' OR secret <> {{secret}});
    IF FOUND THEN
        RAISE EXCEPTION 'the ballot is over' {REFUSED} = '{{name}}';
    END IF;
    RETURN NEW;
"""
RECUSAL = f"""
    IF TG_OP = 'DELETE' OR OLD.lifted_at IS NOT NULL
        OR (NEW.round_id, NEW.body, NEW.nomination_id, NEW.staff_id, NEW.kind, NEW.by_id, NEW.at)
        IS DISTINCT FROM
        (OLD.round_id, OLD.body, OLD.nomination_id, OLD.staff_id, OLD.kind, OLD.by_id, OLD.at)
    THEN
        RAISE EXCEPTION 'a recusal is lifted, never taken away' {REFUSED} = 'recusal_is_kept';
    END IF;
    RETURN NEW;
"""
MINUTES = f"""
    IF TG_OP = 'DELETE' OR OLD.confirmed_at IS NOT NULL THEN
        RAISE EXCEPTION 'confirmed minutes stand' {REFUSED} = 'minutes_stand';
    END IF;
    RETURN NEW;
"""
OBJECTION = f"""
    IF TG_OP = 'DELETE' OR OLD.outcome <> '' THEN
        RAISE EXCEPTION 'a finding stands' {REFUSED} = 'objection_stands';
    END IF;
    RETURN NEW;
"""
REVOCATION = f"""
    IF TG_OP = 'DELETE' OR OLD.state <> 'proposed' THEN
        RAISE EXCEPTION 'a revocation stands' {REFUSED} = 'revocation_stands';
    END IF;
    RETURN NEW;
"""


def into_open_box(table: str, name: str, *, secret: bool):
    body = INTO_OPEN_BOX.format(secret=str(secret).lower(), name=name)
    return guards.row_trigger(table, name, "BEFORE INSERT", body)


class Migration(migrations.Migration):
    dependencies = [("stars", "0004_the_round_in_full")]
    operations = [
        guards.append_only(
            "stars_attendancemove",
            "stars_ballot",
            "stars_certificateprint",
            "stars_clearance",
            "stars_objectionnote",
            "stars_roundarchive",
            "stars_writtenopinion",
        ),
        migrations.RunSQL(sealing(SEALED), sealing(OLD_SEALED)),
        guards.row_trigger(
            "stars_sectionconfirmation",
            "confirmation_is_sealed",
            "BEFORE INSERT OR UPDATE OR DELETE",
            CONFIRMATION,
        ),
        guards.only_these_steps(
            "stars_meeting", [("called", "open"), ("called", "closed"), ("open", "closed")]
        ),
        guards.row_trigger("stars_box", "box_stands", "BEFORE UPDATE OR DELETE", BOX),
        guards.row_trigger(
            "stars_elector", "elector_is_frozen", "BEFORE INSERT OR UPDATE OR DELETE", ELECTOR
        ),
        guards.row_trigger(
            "stars_envelope", "envelope_is_sealed", "BEFORE INSERT OR UPDATE OR DELETE", ENVELOPE
        ),
        into_open_box("stars_vote", "vote_into_open_box", secret=False),
        into_open_box("stars_ballot", "ballot_into_open_box", secret=True),
        guards.row_trigger("stars_recusal", "recusal_is_kept", "BEFORE UPDATE OR DELETE", RECUSAL),
        guards.row_trigger("stars_minutes", "minutes_stand", "BEFORE UPDATE OR DELETE", MINUTES),
        guards.row_trigger(
            "stars_objection", "objection_stands", "BEFORE UPDATE OR DELETE", OBJECTION
        ),
        guards.row_trigger(
            "stars_revocation", "revocation_stands", "BEFORE UPDATE OR DELETE", REVOCATION
        ),
    ]
