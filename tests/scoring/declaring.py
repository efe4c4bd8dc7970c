"""Declaring and being refused, said shortly."""

from datetime import date

import pytest
from django.db import transaction

from scheme.errors import Refused
from scoring.actions import declarations
from tests.factories import (
    DAILY_RULES,
    DECLARED_RULES,
    make_department,
    make_rule_book,
    make_window,
    pdf,
)

DAY = date(2026, 3, 5)


def department():
    """With a book that has rules for declarations, and an open window for 2026Q1; `d.who` is a
    person of the first section."""
    d = make_department()
    d.book = make_rule_book(d.unit, rules=DAILY_RULES + DECLARED_RULES)
    d.window = make_window(d.unit, opens_on=date(2026, 4, 1), closes_on=date(2026, 4, 20))
    d.who = d.officers[0][1]
    d.verifier, d.other_verifier = d.personnel
    return d


def add(d, by=None, **more):
    given = {
        "quarter": "2026Q1",
        "rule_code": "精业-加-02",
        "matter": "抽调参加换届风气督查",
        "document_no": "泽组发〔2026〕12号",
        "document_on": DAY,
        "by": by or d.who,
    }
    return declarations.add(d.unit, **given | more)


def filed(d, by=None, **more):
    line = add(d, by, **more)
    declarations.attach(line.pk, pdf(), "通知.pdf", by=line.filed_by)
    return declarations.file(line.pk, by=line.filed_by)


def of_section(d, **more):
    given = {"section": d.one, "rule_code": "效能-加-12", "level": "city"}
    return filed(d, d.chiefs[0], **given | more)


def checked(d, by=None, **more):
    line = filed(d, by, **more)
    return declarations.check(line.pk, version=line.version, by=d.chiefs[0])


def confirmed(d, by=None, **more):
    line = checked(d, by, **more)
    return declarations.verify(line.pk, version=line.version, by=d.verifier)


def refused(call, field=None, *, conflict=False) -> Refused:
    with pytest.raises(Refused) as caught, transaction.atomic():
        call()
    assert (caught.value.field, caught.value.conflict) == (field, conflict), caught.value
    return caught.value
