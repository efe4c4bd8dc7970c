from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledgers.models import Quarter
from scheme.models import (
    Appointment,
    BranchMembership,
    CalendarDay,
    SectionMembership,
)
from scheme.offices import Office
from stars import readiness
from stars.actions import rounds
from stars.models import Participant, Quota, Round
from tests.factories import appoint, make_entry, make_report, make_section, make_staff
from tests.stars.conftest import settle
from tests.stars.opening_world import confirm_all


@pytest.fixture
def round_(scored, office):
    round_ = rounds.prepare(scored.unit, "2026H1", by=office)
    Round.objects.filter(pk=round_.pk).update(contact="机关人事科，电话8001")
    return confirm_all(round_, by=office)


def gaps(round_, *, blocking=True):
    found = readiness.missing(Round.objects.get(pk=round_.pk))
    return [gap.text for gap in found if gap.blocking == blocking]


def test_nothing_is_missing(round_):
    assert gaps(round_) == []
    assert gaps(round_, blocking=False) == ["季度还没有关账：2026Q1、2026Q2。"]


def test_a_rule_book_in_force(round_):
    Round.objects.filter(pk=round_.pk).update(half="2020H1")  # before the first book
    assert "这个半年没有已批准的积分细则。" in gaps(round_)


def test_places(round_):
    Quota.objects.filter(round=round_).update(places=0)
    assert gaps(round_) == ["还没有名额。"]


def test_scorecards(department, office, round_):
    make_entry(department.officers[0][1], "-0.2", date(2026, 6, 29))
    found = readiness.missing(round_)
    assert found[0].text == "计分卡算好以后，积分账、花名册或细则又有了变化。"
    assert found[0].post and found[0].url == f"/rounds/{round_.pk}/score/"
    settle(department.unit, since=date(2026, 6, 25))
    assert gaps(round_) == []


def test_scorecards_at_all(department, office):
    round_ = rounds.prepare(department.unit, "2026H1", by=office)
    assert "这个半年的计分卡还没有算。" in gaps(round_)


def test_entries_for_reports_that_were_changed_since(round_, department):
    make_report(
        department.officers[0][1], date(2026, 6, 29), state="accepted", grade="good",
        reviewed_by=department.chiefs[0],
    )  # fmt: skip
    assert gaps(round_) == ["有日报还没有入积分账，几分钟后会自动入账，之后再算计分卡。"]


def test_the_half_year_and_its_back_filling_are_over(round_, clock):
    clock.set("2026-07-03 09:00")
    assert "半年还没有过完，或者最后几天的补报期还没有过。" in gaps(round_)


def test_unread_reports_are_a_note(round_, department):
    make_report(department.officers[0][1], date(2026, 3, 2))
    make_report(department.officers[0][1], date(2026, 3, 3), state="returned")
    make_report(department.officers[0][1], date(2026, 7, 1))
    text = "有2份日报还没有批阅，现在开启就按未评等次计。"
    assert text in gaps(round_, blocking=False) and gaps(round_) == []


def test_closed_quarters_are_no_note(round_, department, office):
    at = round_.stage_since
    Quarter.objects.filter(unit=department.unit, code="2026Q1").update(
        closed_at=at, closed_by=office
    )
    assert gaps(round_, blocking=False) == ["季度还没有关账：2026Q2。"]


def test_dates_that_have_passed(round_, clock):
    clock.set("2026-07-27 17:59")
    assert gaps(round_) == []
    clock.set("2026-07-27 18:00")
    assert gaps(round_) == ["推星截止日已经过去。"]


def test_dates_that_became_days_off(round_):
    CalendarDay.objects.filter(day=date(2026, 8, 3)).update(is_working=False)
    assert gaps(round_) == ["截止日不是工作日：2026-08-03。"]


def test_a_calendar_that_ends_before_publicity_does(round_):
    CalendarDay.objects.filter(day__gt=date(2026, 8, 7)).delete()
    assert "日历" in gaps(round_)[0]


def test_a_provisional_calendar_is_a_note(round_):
    CalendarDay.objects.filter(day=date(2026, 8, 10)).update(provisional=True)
    assert "暂定" in gaps(round_, blocking=False)[-1]


def test_somebody_takes_part(round_):
    Participant.objects.filter(round=round_).update(takes_part=False, reason="试")
    assert gaps(round_) == ["没有人参加。"]


def test_the_list_is_that_of_the_roster(round_, department):
    make_staff(section=department.two, branch=department.branches[1], name="新来的")
    found = gaps(round_)
    assert "花名册里有、名单里没有：新来的。" in found


def test_every_section_has_its_chief(round_, department):
    Appointment.objects.filter(office=Office.SECTION_CHIEF, section=department.two).delete()
    assert gaps(round_) == ["没有负责人，推不了星：组织二科。任命负责人，或在名单里注明不参加。"]
    Participant.objects.filter(section=department.two).update(takes_part=False, reason="无人负责")
    assert gaps(round_) == []


def test_a_committee_that_can_meet(round_, department):
    committee = Appointment.objects.filter(office=Office.COMMITTEE_MEMBER)
    committee.exclude(staff=department.leader).delete()
    assert gaps(round_) == ["部务会成员只有2人，至少要3人才能议事。"]
    # The chair is often appointed a member as well, and is one person all the same.
    appoint(department.chair, Office.COMMITTEE_MEMBER)
    assert gaps(round_) == ["部务会成员只有2人，至少要3人才能议事。"]
    appoint(department.members[0], Office.COMMITTEE_MEMBER)
    assert gaps(round_) == []
    Appointment.objects.filter(office=Office.COMMITTEE_CHAIR).delete()
    assert gaps(round_) == ["部务会没有主持人，票数相同时无人裁定。"]


def test_branches_and_their_people(round_, department):
    Appointment.objects.filter(office=Office.BRANCH_SECRETARY).delete()
    lone = department.officers[0][1]
    BranchMembership.objects.filter(staff=lone).delete()
    notes = gaps(round_, blocking=False)
    assert "没有书记的党支部：机关第一党支部、机关第二党支部。" in notes
    assert f"没有编入党支部：{lone.name}。由本科室多数人所在的支部评星。" in notes
    assert gaps(round_) == []
    in_two = SectionMembership.objects.filter(section=department.two).values("staff")
    BranchMembership.objects.filter(staff__in=in_two).delete()
    assert gaps(round_) == ["整个科室都没有编入党支部，无人评星：组织二科。"]


def test_blocking_gaps_come_first_and_many_names_are_cut_short(round_, department):
    for n in range(7):
        section = make_section(department.unit, f"新设{n}科")
        make_staff(section=section, branch=department.branches[0], name=f"新人{n}")
    found = readiness.missing(round_)
    assert [gap.blocking for gap in found] == sorted((g.blocking for g in found), reverse=True)
    text = next(gap.text for gap in found if gap.text.startswith("花名册"))
    assert text == "花名册里有、名单里没有：新人0、新人1、新人2、新人3、新人4等14个。"


def test_queries_do_not_grow_with_the_department(round_, department, office):
    with CaptureQueriesContext(connection) as few:
        readiness.missing(round_)
    for n in range(10):
        section = make_section(department.unit, f"新设{n}科")
        for _member in range(3):
            make_staff(section=section, branch=department.branches[0])
    with CaptureQueriesContext(connection) as many:
        readiness.missing(round_)
    assert len(many) <= len(few)
