"""The window of a quarter: set by the personnel office, moved with a reason, told once."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from scheme.models import AuditEntry, Notice
from scheme.offices import Office
from scoring import declaring
from scoring.actions import declarations, windows
from scoring.models import DeclarationWindow
from tests.factories import again, appoint, make_department, make_staff, make_window
from tests.scoring.declaring import add, department, refused

pytestmark = pytest.mark.django_db
OPENS, CLOSES = date(2026, 4, 1), date(2026, 4, 10)


@pytest.fixture
def d(db, clock):
    clock.set("2026-03-25 09:00")
    return make_department()


def put(d, opens=OPENS, closes=CLOSES, *, quarter="2026Q1", by=None, reason=""):
    return windows.set_window(
        d.unit, quarter, opens_on=opens, closes_on=closes, by=by or d.personnel[0], reason=reason
    )


def test_the_office_sets_a_window_and_every_chief_is_told(d):
    window = put(d)

    assert (window.opens_on, window.closes_on, window.set_by) == (OPENS, CLOSES, d.personnel[0])
    assert {notice.to for notice in Notice.objects.all()} == set(d.chiefs)
    assert "2026Q1" in Notice.objects.first().text
    entry = AuditEntry.objects.get(act="declaration.window")
    assert entry.after == {"quarter": "2026Q1", "opens_on": "2026-04-01", "closes_on": "2026-04-10"}
    assert declaring.window_of(d.unit, "2026Q1") == window
    assert not declaring.open_windows(d.unit)


def test_the_same_days_again_change_nothing(d):
    put(d)
    put(d, by=d.personnel[1])
    assert DeclarationWindow.objects.get().set_by == d.personnel[0]
    assert AuditEntry.objects.filter(act="declaration.window").count() == 1
    assert Notice.objects.count() == 3


def test_only_the_office_sets_it(d):
    other = make_staff()
    appoint(other, Office.PERSONNEL_OFFICE)
    for by in (d.chiefs[0], d.leader, d.chair, d.officers[0][1], other):
        with pytest.raises(PermissionDenied), transaction.atomic():
            put(d, by=by)


@pytest.mark.parametrize(
    ("quarter", "opens", "closes", "field"),
    [
        ("2026H1", OPENS, CLOSES, "quarter"),
        ("2026Q5", OPENS, CLOSES, "quarter"),
        ("2026Q2", date(2026, 3, 31), CLOSES, "opens_on"),
        ("2026Q1", CLOSES, OPENS, "closes_on"),
        ("2026Q1", date(2026, 3, 20), date(2026, 3, 24), "closes_on"),
        ("2026Q1", OPENS, date(2026, 10, 3), "closes_on"),
    ],
)
def test_days_that_make_no_sense_are_refused(d, quarter, opens, closes, field):
    refused(lambda: put(d, opens, closes, quarter=quarter), field)


def test_before_it_opens_it_is_moved_with_a_reason(d):
    put(d)
    refused(lambda: put(d, OPENS, date(2026, 4, 8)), "reason")
    refused(lambda: put(d, OPENS, date(2026, 4, 8), reason="字" * 201), "reason")

    window = put(d, date(2026, 4, 2), date(2026, 4, 8), reason="会议改期", by=d.personnel[1])

    assert (window.opens_on, window.closes_on) == (date(2026, 4, 2), date(2026, 4, 8))
    entry = AuditEntry.objects.filter(act="declaration.window").latest("pk")
    assert entry.reason == "会议改期"
    assert entry.before == {"opens_on": "2026-04-01", "closes_on": "2026-04-10"}
    assert Notice.objects.count() == 6


def test_once_open_its_end_moves_on_only(d, clock):
    put(d)
    clock.set("2026-04-01 09:00")
    by = again(d.personnel[0])
    refused(lambda: put(d, date(2026, 4, 2), CLOSES, reason="改", by=by), "opens_on")
    refused(lambda: put(d, OPENS, date(2026, 4, 9), reason="改", by=by), "closes_on")
    assert put(d, OPENS, date(2026, 4, 20), reason="延期", by=by).closes_on == date(2026, 4, 20)


def test_a_closed_window_is_opened_again_by_moving_its_end(db, clock):
    clock.set("2026-04-25 09:00")
    d = department()
    refused(lambda: add(d), "quarter")
    put(d, OPENS, date(2026, 4, 30), reason="补报")
    line = add(d)
    assert line.quarter == "2026Q1"
    declarations.withdraw(line.pk, by=d.who)


def test_windows_are_a_units_own(d):
    put(d)
    other = make_staff()
    assert not DeclarationWindow.objects.visible_to(other)
    assert declaring.window_of(other.unit, "2026Q1") is None


@pytest.mark.parametrize(
    ("quarter", "opens", "closes"),
    [("2026Q1", "2026-05-01", "2026-05-02"), ("2026Q2", "2026-05-02", "2026-05-01")],
)
def test_the_database_keeps_one_window_a_quarter_that_ends_after_its_start(
    d, quarter, opens, closes
):
    window = make_window(d.unit, closes_on=CLOSES)
    sql = (
        "INSERT INTO scoring_declarationwindow"
        " (unit_id, quarter, opens_on, closes_on, set_by_id, set_at) VALUES (%s,%s,%s,%s,%s,%s)"
    )
    values = [d.unit.pk, quarter, opens, closes, window.set_by_id, window.set_at]
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
