"""What happened, as SQL: one row for each fact and trigger.

Every source yields the same columns, in this order: trigger, only_rule (a rule's code where the
fact names its rule itself), person_id, section_id (either may be empty when the fact has no such
subject), level, role, factor (points are multiplied by it), event_on, source (names the fact),
item, row, `fact` (the JSON shown when the entry is opened), and the people who proposed, checked
and approved it. A new ledger is a new source here; pricing and posting know none of them.

Parameters: unit; days, cutoffs, closes (arrays, the settled working days with their deadlines);
halves, half_firsts, half_untils (arrays); earliest, ledger_last (days of the other ledgers);
first, last; today. The query provides `book` (see scoring/posting.py).
"""

from scoring.facts import ledgers, reports, tasks

CTES = ",".join((reports.DUE, reports.HALVES, tasks.WORKED))
SOURCES = (reports.REPORTS, reports.BASE, *ledgers.SOURCES, *tasks.SOURCES)

_PREFIXES = ", ".join(f"'{prefix}'" for prefix in (*ledgers.PREFIXES, *tasks.PREFIXES))
# Which entries these sources are answerable for: what is posted under such a source and no longer
# a fact is reversed.
HELD = f"""
(e.source LIKE 'report:%%' AND e.event_on BETWEEN %(first)s AND %(last)s
 OR EXISTS (SELECT FROM half h WHERE e.source LIKE 'base:' || h.half || ':%%'
            AND e.event_on <= %(today)s)
 OR split_part(e.source, ':', 1) IN ({_PREFIXES})
    AND e.event_on BETWEEN %(earliest)s AND %(ledger_last)s)
"""
