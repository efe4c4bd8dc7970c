from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from scheme.errors import Refused, Stale
from scheme.models import Appointment, AuditEntry, Deputation, Notice, SectionMembership
from scheme.offices import Office
from stars import readiness
from stars.actions import participants
from stars.models import Participant, Round, SectionConfirmation
from tests.factories import again, make_round, make_section, make_staff
from tests.stars.opening_world import confirm_all


@pytest.fixture
def round_(department):
    return make_round(department.unit)


def open_sections(round_):
    return set(participants.unconfirmed(round_))


def test_a_section_s_chief_confirms_its_part_of_the_list(round_, department):
    d = department
    assert open_sections(round_) == {*d.sections}
    row = participants.confirm(round_.pk, d.one, by=d.chiefs[0], seen=0)
    assert (row.section, row.by, row.reason) == (d.one, d.chiefs[0], "")
    assert open_sections(round_) == {*d.sections} - {d.one}
    # What was confirmed is no part of the rules: who prepares the round need not look again.
    round_.refresh_from_db()
    assert round_.version == 0
    entry = AuditEntry.objects.get(act="participants.confirm")
    assert (entry.actor, entry.after, entry.reason) == (d.chiefs[0], {"section": "干部一科"}, "")
    with pytest.raises(Refused, match="已经确认") as caught:
        participants.confirm(round_.pk, d.one, by=again(d.chiefs[0]))
    assert caught.value.conflict


def test_the_chief_s_deputy_confirms_and_the_trail_names_both(round_, department):
    deputy = department.officers[0][0]
    Deputation.objects.create(
        unit=department.unit,
        principal=department.chiefs[0],
        office=Office.SECTION_CHIEF,
        section=department.one,
        deputy=deputy,
        start_on=date(2026, 7, 20),
        end_on=date(2026, 7, 25),
        named_by=department.chiefs[0],
        named_at=round_.stage_since,
    )
    participants.confirm(round_.pk, department.one, by=again(deputy))
    entry = AuditEntry.objects.get(act="participants.confirm")
    assert (entry.actor, entry.on_behalf_of) == (deputy, department.chiefs[0])


def test_the_office_confirms_in_a_section_s_stead_with_a_reason(round_, department, office):
    for reason in ("", "  ", "长" * 101):
        with pytest.raises(Refused) as caught:
            participants.confirm(round_.pk, department.two, by=office, reason=reason)
        assert caught.value.field == "reason"
    row = participants.confirm(round_.pk, department.two, by=office, reason=" 科长出差 ")
    assert row.reason == "科长出差"
    assert AuditEntry.objects.get(act="participants.confirm").reason == "科长出差"


def test_confirming_is_no_other_s(round_, department):
    d = department
    for by in (d.chiefs[0], d.officers[1][0], d.leader, d.chair):
        with pytest.raises(PermissionDenied):
            participants.confirm(round_.pk, d.two, by=by, reason="替他确认")


def test_confirming_refuses_a_stale_page_a_stranger_s_section_and_an_open_round(
    round_, department, office
):
    chief = department.chiefs[0]
    with pytest.raises(Stale):
        participants.confirm(round_.pk, department.one, by=chief, seen=4)
    elsewhere = make_section()
    with pytest.raises(Refused, match="名单里没有"):
        participants.confirm(round_.pk, elsewhere, by=office, reason="试")
    Round.objects.all().update(state="cancelled")
    opened = make_round(department.unit, state="nominating")
    with pytest.raises(Refused, match="已经开启"):
        participants.confirm(opened.pk, department.one, by=chief)


def test_a_change_drops_the_confirmation_of_its_section_and_no_other(round_, department, office):
    confirm_all(round_, by=office)
    assert open_sections(round_) == set()
    row = Participant.objects.get(person=department.officers[0][1])
    participants.set_(round_.pk, {row.pk: (True, "")}, by=office)
    assert open_sections(round_) == set()
    participants.set_(round_.pk, {row.pk: (False, "借调")}, by=office)
    assert open_sections(round_) == {department.one}
    assert AuditEntry.objects.get(act="participants.set").after["dropped"] == ["干部一科"]

    make_staff(section=department.two, joined_on=date(2026, 6, 1))
    participants.complete(round_.pk, by=office)
    assert open_sections(round_) == {department.one, department.two}
    after = AuditEntry.objects.get(act="participants.complete").after
    assert after["dropped"] == ["组织二科"]


def test_whoever_joins_or_leaves_a_section_afterwards_makes_it_look_again(
    round_, department, office, clock
):
    confirm_all(round_, by=office)
    clock.set("2026-07-22 09:00")
    person = department.officers[0][1]
    SectionMembership.objects.filter(staff=person).update(end_on=date(2026, 7, 22))
    SectionMembership.objects.create(
        staff=person, section=department.two, start_on=date(2026, 7, 22)
    )
    assert open_sections(round_) == {department.one, department.two}
    participants.confirm(round_.pk, department.one, by=again(department.chiefs[0]))
    assert open_sections(round_) == {department.two}
    assert SectionConfirmation.objects.filter(section=department.one).count() == 1


def test_a_section_of_which_nobody_takes_part_need_not_confirm(round_, department):
    rows = participants.sections_of(round_.participants.all())[department.two.pk]
    keys = [row.pk for row in rows]
    Participant.objects.filter(pk__in=keys).update(takes_part=False, reason="并入一科")
    assert department.two not in open_sections(round_)


def test_asking_tells_the_chiefs_of_the_open_sections_once(round_, department, office):
    participants.confirm(round_.pk, department.one, by=department.chiefs[0])
    Appointment.objects.filter(office=Office.SECTION_CHIEF, section=department.sections[2]).delete()
    for _n in range(2):
        asked = participants.ask(round_.pk, by=office)
    assert set(asked) == {*department.sections} - {department.one}
    notice = Notice.objects.get()
    assert (notice.to, notice.text) == (
        department.chiefs[1],
        "2026年上半年评星：请核对本科室参加名单。",
    )
    assert notice.url == f"/rounds/{round_.pk}/confirm/"
    with pytest.raises(PermissionDenied):
        participants.ask(round_.pk, by=department.chiefs[0])
    confirm_all(round_, by=office)
    with pytest.raises(Refused, match="都已经确认"):
        participants.ask(round_.pk, by=office)


def test_an_unconfirmed_section_keeps_the_round_from_opening(scored, office):
    from stars.actions import rounds

    round_ = rounds.prepare(scored.unit, "2026H1", by=office)
    (gap,) = [gap for gap in readiness.missing(round_) if gap.blocking]
    assert gap.text.startswith("没有确认参加名单：干部一科、组织二科、机关人事科。")
    assert gap.url == f"/rounds/{round_.pk}/participants/#confirmations"
    with pytest.raises(Refused, match="没有确认参加名单"):
        rounds.open_(round_.pk, by=office, seen=0)


def test_once_open_the_database_keeps_confirmations_as_they_are(round_, department, office):
    confirm_all(round_, by=office)
    Round.objects.filter(pk=round_.pk).update(
        state="nominating", opened_at=round_.stage_since, opened_by=office, seal="x"
    )
    for statement in (
        "UPDATE stars_sectionconfirmation SET reason = 'x'",
        "DELETE FROM stars_sectionconfirmation",
    ):
        with (
            pytest.raises(IntegrityError, match="sealed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
