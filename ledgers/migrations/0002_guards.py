from django.db import migrations

from scheme import guards

# FOR SHARE, not FOR KEY SHARE: the closer's plain UPDATE must wait for entries in flight, and an
# entry must wait for the closer; with the weaker lock late entries slip in.
QUARTER_OPEN = """
    PERFORM 1 FROM ledgers_quarter WHERE id = NEW.quarter_id AND closed_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'quarter % is closed', NEW.quarter_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'quarter_is_open';
    END IF;
    RETURN NEW;
"""
REPORT_FROZEN = """
    IF OLD.state = 'accepted' AND (
        NEW.author_id, NEW.day, NEW.first_filed_at, NEW.grade, NEW.plan, NEW.open_matters
    ) IS DISTINCT FROM (
        OLD.author_id, OLD.day, OLD.first_filed_at, OLD.grade, OLD.plan, OLD.open_matters
    ) THEN
        RAISE EXCEPTION 'an accepted report is frozen'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'report_is_frozen';
    END IF;
    RETURN NEW;
"""


class Migration(migrations.Migration):
    dependencies = [("ledgers", "0001_reports_and_points"), ("scheme", "0002_guards")]
    operations = [
        guards.append_only("ledgers_pointentry", "ledgers_reportevent", "ledgers_reportpolicy"),
        guards.row_trigger(
            "ledgers_pointentry", "entry_into_open_quarter", "BEFORE INSERT", QUARTER_OPEN
        ),
        guards.row_trigger(
            "ledgers_dailyreport", "report_is_frozen", "BEFORE UPDATE", REPORT_FROZEN
        ),
    ]
