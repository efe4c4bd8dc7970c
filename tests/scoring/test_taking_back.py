"""Points taken back by the committee's decision."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from ledgers.models import PointEntry
from scheme.errors import Refused
from scheme.models import AuditEntry, Job, Notice
from scoring.actions import checking, manual, taking_back
from scoring.models import Declaration, ManualEntry
from tests.factories import (
    DAILY_RULES,
    DECLARED_RULES,
    again,
    make_declaration,
    make_department,
    make_entry,
    make_quarter,
    make_rule_book,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 5)


@pytest.fixture
def d(clock):
    clock.set("2026-04-20 09:00")
    d = make_department()
    d.book = make_rule_book(
        d.unit,
        in_force_from=date(2026, 1, 1),
        proposed_by=d.personnel[0],
        approved_by=d.leader,
        rules=DAILY_RULES + DECLARED_RULES,
    )
    d.person = d.officers[0][0]
    return d


def by_hand(d, subject=None):
    subject = subject or {"person": d.person}
    row = manual.propose(
        d.unit,
        rule_code="精业-加-01",
        points=Decimal("0.50"),
        event_on=DAY,
        matter="牵头接访",
        reason="台账没有这一项",
        basis="纪要",
        by=again(d.personnel[0]),
        **subject,
    )
    return manual.approve(row.pk, by=again(d.leader)).entry


def declared(d, **more):
    line = make_declaration(
        d.person,
        document_on=DAY,
        quarter="2026Q1",
        state="confirmed",
        checked_by=d.chiefs[0],
        **more,
    )
    return line, make_entry(d.person, "1", DAY, source=f"declared:{line.pk}")


def take(d, *entries, by=None, proposed_by=None):
    return taking_back.take_back(
        d.unit,
        [entry.pk for entry in entries],
        basis="部务会纪要〔2026〕9号",
        reason="材料失实" * 60,
        proposed_by=proposed_by or d.personnel[0],
        by=again(by or d.chair),
    )


def test_a_manual_entry_is_reversed_to_the_cent_and_names_both(d):
    entry = by_hand(d)
    assert take(d, entry) == [entry]
    reversal = PointEntry.objects.get(reverses=entry)
    assert (reversal.points, reversal.proposed_by) == (-entry.points, d.personnel[0])
    assert reversal.approved_by == d.chair
    row = ManualEntry.objects.get(reverses=entry)
    assert (row.state, row.decided_by, row.basis) == ("approved", d.chair, "部务会纪要〔2026〕9号")
    assert len(row.reason) == 200
    assert AuditEntry.objects.get(act="manual.reverse_decided").after["reverses"] == entry.pk
    assert Notice.objects.get(key=f"manual:{row.pk}:posted").to == d.person
    # Once more it is done already.
    assert take(d, entry) == []
    assert PointEntry.objects.filter(reverses=entry).count() == 1


def test_a_declaration_is_revoked_and_posting_asked_for(d):
    line, entry = declared(d)
    take(d, entry)
    line.refresh_from_db()
    assert line.state == Declaration.State.REFUSED
    assert line.moves.last().kind == "revoked" and line.moves.last().by == d.chair
    assert Job.objects.filter(kind="scoring.settle").exists()
    assert "认定已撤销" in Notice.objects.filter(to=d.person).latest("pk").text
    with pytest.raises(Refused, match="刷新后再办"):
        checking.revoke_decided(line.pk, reason="又来", by=again(d.chair))


def test_what_a_ledger_yields_is_put_right_there_first(d):
    make_quarter(d.unit, "2026Q1")
    good, report = by_hand(d), make_entry(d.person, "0.1", DAY, source="report:1:2026-03-05")
    with pytest.raises(Refused, match="请先到日报更正"):
        take(d, good, report)
    assert not PointEntry.objects.filter(reverses=good).exists()
    assert [taking_back.by_hand(one) for one in (good, report)] == [True, False]


def test_only_the_chair_and_never_both_ends_nor_oneself(d):
    entry = by_hand(d)
    for person in (d.leader, d.personnel[1]):
        with pytest.raises(PermissionDenied):
            take(d, entry, by=person)
    with pytest.raises(Refused, match="提出人不能批准"):
        take(d, entry, proposed_by=d.chair)
    with pytest.raises(Refused, match="自己的分"):
        take(d, entry, proposed_by=d.person)
    waiting = manual.propose_reversal(entry.pk, reason="记错", by=again(d.personnel[0]))
    with pytest.raises(Refused, match="正等批准"):
        take(d, entry)
    assert ManualEntry.objects.get(pk=waiting.pk).state == "proposed"


def test_imported_lines_and_ones_own_are_not_revoked_here(d):
    _line, own = declared(d, filed_by=d.chair)
    with pytest.raises(Refused, match="自己的申报"):
        take(d, own)
    _line, imported = declared(d, imported=True)
    with pytest.raises(Refused, match="工作簿"):
        take(d, imported)
