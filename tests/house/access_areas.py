"""The areas of the table of routes, each with its world, targets, bodies and lines. In the order in
which their worlds are built."""

from tests.house import (
    access_circulars,
    access_declarations,
    access_facts,
    access_ledgers,
    access_plans,
    access_records,
    access_regulations,
    access_reports,
    access_sheets,
    access_study,
    access_supervision,
    access_writing,
)

AREAS = (
    access_declarations,
    access_facts,
    access_ledgers,
    access_reports,
    access_sheets,
    access_plans,
    access_supervision,
    access_study,
    access_writing,
    access_circulars,
    access_records,
    access_regulations,
)
