from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from scheme.errors import Refused, Stale
from scheme.models import Absence, AuditEntry, SectionMembership
from stars.actions import participants
from stars.models import Participant
from tests.factories import make_absence, make_round, make_section, make_staff


def reason_of(unit, thing):
    return next(
        row.reason
        for row in participants.expected(unit, "2026H1")
        if thing in (row.person, row.section)
    )


@pytest.fixture
def round_(department):
    return make_round(department.unit)


@pytest.fixture
def row(round_, department):
    return Participant.objects.get(person=department.officers[0][1])


def test_expected_is_every_subject_on_the_roll_and_every_section(department):
    left = make_staff(section=department.one, left_on=date(2026, 7, 1))
    new = make_staff(section=department.one, joined_on=date(2026, 7, 1))
    rows = participants.expected(department.unit, "2026H1")
    people = {row.person for row in rows if row.person}
    assert people == {*department.chiefs, *(p for row in department.officers for p in row)}
    assert left not in people and new not in people and department.leader not in people
    assert [row.section for row in rows if row.section] == department.sections
    assert all(row.takes_part and not row.reason for row in rows)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Absence.Kind.SECONDMENT, "借调在外"),
        (Absence.Kind.TRAVEL, "长期出差在外"),
        (Absence.Kind.LEAVE, "长期请假"),
    ],
)
def test_whoever_is_away_without_end_does_not_take_part(department, kind, reason):
    person = department.officers[0][1]
    make_absence(person, date(2026, 3, 2), kind=kind)
    assert reason_of(department.unit, person) == reason


def test_an_absence_that_ends_excuses_nobody_from_the_round(department):
    person = department.officers[0][1]
    make_absence(person, date(2026, 7, 13), date(2026, 8, 1))
    make_absence(person, date(2026, 9, 1))
    assert reason_of(department.unit, person) == ""


def test_who_is_in_no_section_today_and_a_section_without_people_are_named(department):
    person = department.officers[0][1]
    SectionMembership.objects.filter(staff=person).update(end_on=date(2026, 7, 1))
    empty = make_section(department.unit)
    make_section(department.unit, closed_on=date(2026, 7, 1))
    assert reason_of(department.unit, person) == "目前不在科室"
    assert reason_of(department.unit, empty) == "科室目前没有人"
    assert sum(1 for r in participants.expected(department.unit, "2026H1") if r.section) == 4


def test_set_writes_the_reason_and_the_trail(round_, row, office):
    participants.set_(round_.pk, {row.pk: (False, " 借调 ")}, by=office, seen=0)
    row.refresh_from_db()
    round_.refresh_from_db()
    assert (row.takes_part, row.reason, round_.version) == (False, "借调", 1)
    entry = AuditEntry.objects.get(act="participants.set")
    assert (entry.before, entry.after) == ({str(row): True}, {str(row): "借调"})

    participants.set_(round_.pk, {row.pk: (True, "忘了删")}, by=office)
    row.refresh_from_db()
    assert (row.takes_part, row.reason) == (True, "")


def test_set_without_a_change_leaves_no_trace(round_, row, office):
    participants.set_(round_.pk, {row.pk: (True, "")}, by=office)
    round_.refresh_from_db()
    assert round_.version == 0 and not AuditEntry.objects.exists()


@pytest.mark.parametrize("reason", ["  ", "长" * 101])
def test_set_refuses_a_missing_or_endless_reason(round_, row, office, reason):
    with pytest.raises(Refused) as caught:
        participants.set_(round_.pk, {row.pk: (False, reason)}, by=office)
    assert caught.value.field == f"reason-{row.pk}"


def test_set_refuses_rows_of_another_list(round_, office):
    other = make_round(make_staff().unit)
    make_section(other.unit)
    stranger = Participant.objects.create(round=other, section=make_section(other.unit))
    with pytest.raises(Refused):
        participants.set_(round_.pk, {stranger.pk: (False, "不在")}, by=office)


def test_set_refuses_a_stale_page(round_, row, office):
    with pytest.raises(Stale):
        participants.set_(round_.pk, {row.pk: (False, "借调")}, by=office, seen=7)


def test_the_list_is_the_personnel_office_s_alone(round_, row, department):
    for by in (department.chiefs[0], department.chair):
        with pytest.raises(PermissionDenied):
            participants.set_(round_.pk, {row.pk: (False, "借调")}, by=by)
        with pytest.raises(PermissionDenied):
            participants.complete(round_.pk, by=by)


def test_once_open_the_list_is_sealed_for_actions_and_for_the_database(department, office):
    round_ = make_round(department.unit, state="nominating")
    row = round_.participants.first()
    with pytest.raises(Refused):
        participants.set_(round_.pk, {row.pk: (False, "借调")}, by=office)
    with pytest.raises(Refused):
        participants.complete(round_.pk, by=office)
    for statement in (
        "UPDATE stars_participant SET reason = 'x' WHERE id = %s",
        "DELETE FROM stars_participant WHERE id = %s",
        "INSERT INTO stars_participant (round_id, person_id, section_id, takes_part, reason)"
        " SELECT round_id, NULL, section_id, true, '' FROM stars_participant WHERE id = %s",
    ):
        with (
            pytest.raises(IntegrityError, match="sealed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, [row.pk])


def test_complete_adds_whom_the_roster_has_gained(round_, department, office):
    assert participants.complete(round_.pk, by=office) == 0
    assert not AuditEntry.objects.exists()
    new = make_staff(section=department.two, joined_on=date(2026, 6, 1))
    assert participants.complete(round_.pk, by=office) == 1
    round_.refresh_from_db()
    assert round_.version == 1 and round_.participants.get(person=new).takes_part
    assert AuditEntry.objects.get(act="participants.complete").after == {"added": [str(new)]}


def test_grouped_lists_the_section_then_its_people_and_last_those_in_none(round_, department):
    lost = department.officers[1][0]
    SectionMembership.objects.filter(staff=lost).update(end_on=date(2026, 7, 1))
    groups = participants.grouped(round_, participants.listed(round_))
    assert [name for name, _rows in groups] == [
        "干部一科", "组织二科", "机关人事科", "目前不在科室",
    ]  # fmt: skip
    first = groups[0][1]
    assert first[0].section == department.one
    assert [row.person for row in first[1:]] == [department.chiefs[0], *department.officers[0]]
    assert [row.person for row in groups[3][1]] == [lost]
