"""A month graded here is a fact like one of a workbook; graded anew, its points are reversed."""

from datetime import date

import pytest

from ledgers.actions import summaries
from ledgers.models import PointEntry
from ledgers.sheet_lines import Edit
from scoring.actions import posting
from tests.factories import make_department, make_rule_book

pytestmark = pytest.mark.django_db
RULES = [("月-加科", "bonus", "section", "ye", "月结", "summary_good", "0.50", None, None, None)]
FIRST, LAST, MARCH = date(2026, 1, 1), date(2026, 6, 30), date(2026, 3, 1)


def test_good_is_posted_and_taken_back_with_the_grade(clock):
    clock.set("2026-04-01 09:00")
    d = make_department(people_per_section=1)
    make_rule_book(d.unit, in_force_from=FIRST, rules=RULES)
    chief = d.chiefs[0]

    def standing():
        posting.settle(d.unit, FIRST, LAST)
        rows = PointEntry.objects.in_force().filter(rule_code="月-加科", section=d.one)
        return [(row.points, row.event_on) for row in rows]

    draft = summaries.draft(d.one.pk, MARCH, by=chief)
    assert standing() == []
    summaries.file(draft.pk, by=chief, version=0, edits=[Edit(None, "done", "核对档案")])
    assert standing() == []
    summaries.grade(draft.pk, by=d.leader, version=1, grade="good")
    [(points, day)] = standing()
    assert (str(points), day) == ("0.50", date(2026, 3, 31))
    summaries.regrade(draft.pk, by=d.leader, version=2, grade="fair", reason="数据不实")
    assert standing() == []
    assert PointEntry.objects.filter(rule_code="月-加科").exclude(reverses=None).count() == 1
    summaries.regrade(draft.pk, by=d.leader, version=3, grade="good", reason="复核属实")
    assert len(standing()) == 1
