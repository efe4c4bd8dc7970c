"""What one roster after another makes of stays, offices and absences."""

from datetime import date

import pytest

from scheme.models import (
    Absence,
    Appointment,
    BranchMembership,
    Section,
    Staff,
    Unit,
)
from scheme.offices import Office
from tests import factories
from tests.scheme.books import one
from tests.scheme.loading import JOINED, UNIT, load, offices, stays

pytestmark = pytest.mark.django_db


def test_a_remarkless_change_of_section_counts_from_today(today):
    load(one("A1"))
    upload = load(one("A1", section="乙科"))
    assert upload.changes["counts"]["moved"] == 1
    assert stays("A1") == [("甲科", JOINED, today), ("乙科", today, None)]
    load(one("A1", section="丙科"))
    assert stays("A1") == [("甲科", JOINED, today), ("丙科", today, None)]
    load(one("A1", section=None))
    assert stays("A1") == [("甲科", JOINED, today)]


def test_a_remark_of_moving_sets_the_day_also_afterwards():
    load(one("A1", section="乙科"))
    load(one("A1", section="乙科", remark="2026.4.1由甲科调入乙科"))
    moved = date(2026, 4, 1)
    assert stays("A1") == [("甲科", JOINED, moved), ("乙科", moved, None)]
    load(one("A1", section="乙科", remark="2026.5.1由甲科调入乙科"))
    later = date(2026, 5, 1)
    assert stays("A1") == [("甲科", JOINED, later), ("乙科", later, None)]
    load(one("A1", section="乙科", remark="2026.3.1由甲科调入乙科"))
    assert stays("A1")[1] == ("乙科", date(2026, 3, 1), None)
    load(one("A1", section="乙科"))
    assert len(stays("A1")) == 2


def test_a_move_takes_offices_along(today):
    load(one("A1", section="办公室", post="主任"), one("B1"))
    load(one("A1", section="甲科", post="科长", remark="2026.4.1由办公室调入甲科"), one("B1"))
    moved = date(2026, 4, 1)
    assert offices("A1") == [
        ("section_chief", "办公室", JOINED, moved),
        ("section_chief", "甲科", moved, None),
        ("supervision_office", "", JOINED, moved),
    ]


def test_leaving_and_coming_back(today):
    load(one("A1", post="科长", branch_post="书记"))
    left = date(2026, 5, 11)
    upload = load(one("A1", post="科长", branch_post="书记", remark="2026.5.11退休"))
    assert upload.changes["counts"]["left"] == 1
    person = Staff.objects.get(staff_no="A1")
    assert (person.left_on, person.leaving) == (left, "退休")
    assert stays("A1") == [("甲科", JOINED, left)]
    assert stays("A1", BranchMembership) == [("第一支部", JOINED, left)]
    assert [row[3] for row in offices("A1")] == [left, left]
    load(one("A1", post="科长", branch_post="书记"))
    assert Staff.objects.get(staff_no="A1").left_on is None
    assert stays("A1") == [("甲科", JOINED, None)]
    assert [row[3] for row in offices("A1")] == [None, None]


def test_leaving_on_the_first_day_leaves_no_stay():
    load(one("A1", post="科长", remark="2020.1.6调出"))
    assert (stays("A1"), offices("A1")) == ([], [])


def test_a_leaving_day_corrected_to_the_first_takes_stay_and_office_back():
    load(one("A1", post="科长"))
    load(one("A1", post="科长", remark="2020.1.6调出"))
    assert (stays("A1"), offices("A1")) == ([], [])


def test_an_office_the_roster_gave_and_no_longer_gives_ends_today(today):
    load(one("A1", post="科长"))
    upload = load(one("A1", post="科员"))
    assert offices("A1") == [("section_chief", "甲科", JOINED, today)]
    assert upload.changes["lines"][0]["changes"] == [
        ["post", "科长", "科员"],
        ["office", "section_chief|甲科", ""],
    ]
    load(one("A1", post="科长"))
    assert offices("A1") == [
        ("section_chief", "甲科", JOINED, today),
        ("section_chief", "甲科", today, None),
    ]
    load(one("A1", post="科员"))
    assert offices("A1") == [("section_chief", "甲科", JOINED, today)]


def test_an_office_given_by_hand_stands():
    load(one("A1"))
    person = Staff.objects.get(staff_no="A1")
    factories.appoint(person, Office.SUPERVISION_OFFICE)
    load(one("A1", post="四级调研员"))
    assert [row[3] for row in offices("A1")] == [None]
    load(one("A1", remark="2026.5.11退休"))
    assert [row[3] for row in offices("A1")] == [date(2026, 5, 11)]


def test_an_office_keeps_its_first_day():
    load(one("A1", post="副科长（主持工作）", since="2023-01-01"))
    load(one("A1", post="科长", since="2025-01-01"))
    assert offices("A1") == [("section_chief", "甲科", date(2023, 1, 1), None)]
    assert Appointment.objects.get().title == "科长"
    load(one("A1", post="科长", since="2022-01-01"))
    assert offices("A1") == [("section_chief", "甲科", date(2022, 1, 1), None)]


def test_secondment_begins_and_ends_with_its_remark(today):
    load(one("A1", remark="借调至某局（2026.5.18起）"))
    load(one("A1"))
    assert Absence.objects.get().end_on == date.fromordinal(today.toordinal() - 1)
    Absence.objects.all().delete()
    load(one("A1", remark=f"借调至某局（{today.isoformat()}起）"))
    upload = load(one("A1", remark="借调至乙局（2026.5.18起）"))
    assert Absence.objects.get().note == "乙局"
    assert upload.changes["lines"][0]["changes"][-1] == ["secondment", "某局", "乙局"]


def test_an_absence_entered_by_hand_stands():
    load(one("A1"))
    factories.make_absence(Staff.objects.get(), date(2026, 5, 18), kind="secondment")
    load(one("A1", remark="借调至某局（2026.5.18起）"))
    assert Absence.objects.count() == 1


def test_a_corrected_joining_day_moves_the_first_stay():
    load(one("A1"))
    load(one("A1", joined="2019-03-01"))
    assert stays("A1") == [("甲科", date(2019, 3, 1), None)]


def test_a_leader_who_gets_a_section_is_in_it_from_today(today):
    load(one("A1", section=None), one("B1"))
    load(one("A1"), one("B1"))
    assert stays("A1") == [("甲科", today, None)]


def test_who_is_missing_is_named_and_left_alone():
    load(one("A1"), one("B1", "李四"))
    upload = load(one("A1", post="四级调研员"))
    assert upload.changes["missing"] == [{"staff_no": "B1", "name": "李四"}]
    assert Staff.objects.get(staff_no="B1").left_on is None
    load(one("A1"), one("B1", "李四", remark="2026.5.11退休"))
    assert load(one("A1", post="科长")).changes["missing"] == []


def test_sections_follow_the_roster_and_are_told_apart_without_white_space():
    load(one("A1", section="甲 科"), one("B1", section="乙科"))
    load(one("B1", section="乙　科"), one("A1", section="甲科"))
    assert list(Section.objects.values_list("name", "position")) == [("乙科", 1), ("甲科", 2)]


def test_logins_of_two_units_with_one_number():
    load(one("a1"))
    load(one("A1"), unit="另一个单位")
    other = Unit.objects.get(name="另一个单位")
    assert set(Staff.objects.values_list("unit__name", "login")) == {
        (UNIT, "A1"),
        ("另一个单位", f"A1@{other.pk}"),
    }
    assert load(one("A1", post="科长")).changes["counts"]["changed"] == 1
    assert Staff.objects.get(unit__name=UNIT).staff_no == "a1"
