"""Filing and being refused, said shortly."""

from datetime import date

import pytest
from django.db import transaction

from ledgers.actions import reports
from ledgers.actions.reports import Line
from scheme.errors import Refused

WEDNESDAY, THURSDAY = date(2026, 3, 4), date(2026, 3, 5)


def file(author, day=THURSDAY, *, lines=("核对档案12卷",), seen=0, **more):
    return reports.file(day, by=author, lines=[Line(text) for text in lines], seen=seen, **more)


def draft(author, day=THURSDAY, *, lines=("核对档案",), seen=0, **more):
    return reports.save_draft(day, by=author, lines=[Line(t) for t in lines], seen=seen, **more)


def refusal(call) -> Refused:
    with pytest.raises(Refused) as caught, transaction.atomic():
        call()
    return caught.value
