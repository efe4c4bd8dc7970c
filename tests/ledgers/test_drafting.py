"""What a draft says, and where each line comes from."""

from datetime import date

import pytest
from django.test.utils import CaptureQueriesContext

from ledgers import drafting, figures, year_facts
from ledgers.drafting import Source
from ledgers.models import (
    Innovation,
    LineSource,
    Promotion,
    PromotionCredit,
    StudyMiss,
    StudySession,
    Talk,
)
from scheme import clock as present
from scheme.models import SectionMembership
from tests.factories import make_absence, make_report, make_staff
from tests.ledgers.sheets_world import (
    MARCH,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    WEEK,
    accepted,
    adopted,
    make_task,
    progress,
    step,
    told,
)

pytestmark = pytest.mark.django_db


def test_what_was_done_stands_by_task_and_then_by_person(d):
    one, two, _three = d.officers[0]
    task = make_task(d.one, "修订办法")
    first = accepted(one, MONDAY, ("起草初稿", True, task), "核对档案12卷")
    second = accepted(two, TUESDAY, ("征求意见", True, task), "参加支部学习")
    third = accepted(one, TUESDAY, "参加支部学习。", "核对档案12卷")

    lines = drafting.weekly(d.one, WEEK)

    assert told(lines, "done") == [
        ("修订办法：起草初稿；征求意见", f"{one.name}、{two.name}"),
        ("核对档案12卷（2次）", one.name),
        ("参加支部学习", f"{one.name}、{two.name}"),
    ]
    assert lines[0].sources == (
        Source(report=first.pk, task=task.pk),
        Source(report=second.pk, task=task.pk),
    )
    assert set(lines[2].sources) == {Source(report=second.pk), Source(report=third.pk)}


def test_only_accepted_reports_of_the_section_and_the_week_are_drawn(d):
    one, two, three = d.officers[0]
    accepted(one, MONDAY, "算数")
    make_report(two, MONDAY, lines=["没有批阅"])
    accepted(three, date(2026, 2, 27), "上一周")
    accepted(d.officers[1][0], MONDAY, "别的科室")
    SectionMembership.objects.filter(staff=three).update(end_on=TUESDAY)
    SectionMembership.objects.create(staff=three, section=d.two, start_on=TUESDAY)
    accepted(three, MONDAY, "还在科里")
    accepted(three, TUESDAY, "已经走了")

    assert told(drafting.weekly(d.one, WEEK), "done") == [
        ("算数", one.name),
        ("还在科里", three.name),
    ]
    assert drafting.unread(d.one, MONDAY, WEDNESDAY) == 1


def test_what_is_open_asks_for_help_or_waits(d):
    one, two, _three = d.officers[0]
    accepted(one, MONDAY, ("装订台账", False, None), ("写信息", False, None))
    accepted(one, WEDNESDAY, "装订台账", open_matters="1. 缺3人表格\n2. 请办公室协调会议室")
    accepted(two, TUESDAY, "别的", open_matters="缺3人表格")
    task = make_task(d.one, "修订办法")
    progress(task, 40, "完成初稿", by=one, problems="两科室意见不一", following="再开一次会")

    lines = drafting.weekly(d.one, WEEK)

    assert told(lines, "open") == [
        ("写信息", one.name),
        ("缺3人表格", f"{two.name}、{one.name}"),
    ]
    assert told(lines, "help") == [
        ("请办公室协调会议室；修订办法：两科室意见不一", one.name),
    ]
    assert ("修订办法：完成初稿（进度40%）", one.name) in told(lines, "done")
    assert told(lines, "plan")[0] == ("修订办法：再开一次会", "")


def test_the_plan_holds_what_falls_due_and_the_last_plans(d):
    one, two, _three = d.officers[0]
    task = make_task(d.one, "修订办法", handlers=[one, two])
    step(task, "送审稿", date(2026, 3, 13))
    step(task, "以后的", date(2026, 3, 16))
    make_task(d.one, "办结在即", due_on=date(2026, 3, 10), handlers=[two])
    make_task(d.one, "延期的", due_on=date(2026, 3, 9), extended_to=date(2026, 3, 30),
              extension_granted_on=date(2026, 3, 2))  # fmt: skip
    make_task(d.one, "办完的", due_on=date(2026, 3, 10), state="closed", closed_on=MONDAY)
    make_task(d.two, "别科的", due_on=date(2026, 3, 10))
    accepted(one, MONDAY, "甲", plan="旧打算")
    accepted(one, TUESDAY, "乙", plan="核对二科；送审")

    plan = told(drafting.weekly(d.one, WEEK), "plan")

    assert plan == [
        ("修订办法：送审稿（3月13日前，应达60%）", f"{one.name}、{two.name}"),
        ("办结在即：3月10日到期，办结报送", two.name),
        ("核对二科；送审", one.name),
    ]


def test_a_long_line_is_split_and_what_does_not_fit_is_cut_with_a_mark(d):
    one = d.officers[0][1]
    accepted(one, MONDAY, *[f"{n:02d}" + "事" * 298 for n in range(4)])
    accepted(one, TUESDAY, "短", plan="计" * 1000)
    lines = [line for line in drafting.weekly(d.one, WEEK) if line.part == "done"]
    assert [len(line.text) for line in lines] == [601, 603]
    task = make_task(d.one, "长" * 500)
    progress(task, 10, "进" * 1000, by=one)
    whole = next(line for line in drafting.weekly(d.one, WEEK) if line.text.startswith("长"))
    assert len(whole.text) == 1000 and whole.text.endswith("…")


def test_names_are_never_cut(d):
    people = [make_staff(section=d.one, name=f"欧阳第{n}十" * 8) for n in range(9)]
    for person in people:
        accepted(person, MONDAY, "一起参加劳动")
    line = next(line for line in drafting.weekly(d.one, WEEK) if line.part == "done")
    names = line.people.split("、")
    assert len(line.people) <= 200 and set(names) <= {person.name for person in people}


def test_what_was_drawn_before_is_left_out(d):
    one = d.officers[0][1]
    report = accepted(one, MONDAY, "甲", ("乙", False, None), plan="丙", open_matters="请协调丁")
    source = Source(report=report.pk)
    known = frozenset({("done", source), ("open", source), ("help", source), ("plan", source)})
    assert drafting.weekly(d.one, WEEK, known=known) == []


def test_a_draft_costs_the_same_however_many_reports(d, django_assert_max_num_queries):
    one, two, three = d.officers[0]
    accepted(one, MONDAY, ("甲", True, make_task(d.one)))
    from django.db import connection

    with CaptureQueriesContext(connection) as few:
        drafting.weekly(d.one, WEEK)
    for person in (one, two, three):
        for day in (TUESDAY, WEDNESDAY):
            accepted(person, day, ("甲", True, make_task(d.one)), "乙")
    with django_assert_max_num_queries(len(few)):
        drafting.weekly(d.one, WEEK)


def test_the_month_counts_first_and_then_tells(d, clock):
    clock.set("2026-04-02 09:00")
    one, two, three = d.officers[0]
    chief = d.chiefs[0]
    for day in (MONDAY, TUESDAY):
        accepted(one, day, "核对档案", filed_at=present.at(day, 17))
    accepted(two, MONDAY, "没报完", filed_at=present.at(WEDNESDAY, 9))
    make_absence(three, MARCH, date(2026, 3, 31))
    make_absence(chief, MARCH)
    make_task(d.one, "拖着的", due_on=date(2026, 3, 10))
    make_task(d.one, "办完的", state="closed", closed_on=TUESDAY)
    item = adopted(one, "《小网格》", TUESDAY)
    promoted = Promotion.objects.create(
        unit=d.unit, promoted_on=TUESDAY, project="积分管理", level="city", where="邻市",
        recorded_at=present.now(),
    )  # fmt: skip
    PromotionCredit.objects.create(promotion=promoted, section=d.one)
    PromotionCredit.objects.create(promotion=promoted, person=two)
    now = present.now()
    StudySession.objects.create(unit=d.unit, day=TUESDAY, topic="学", recorded_at=now)
    Talk.objects.create(unit=d.unit, day=TUESDAY, speaker=one, title="讲", recorded_at=now)
    step(make_task(d.one, "下月的"), "交稿", date(2026, 4, 20))

    lines = drafting.monthly(d.one, MARCH)

    assert [text for text, _people in told(lines, "fact")] == [
        "应报日报44份，按时2份，迟报补报1份，缺报33份",
        "集体学习1次，本科室主讲1次",
        "牵头重点任务：本月办结1项，在办2项，其中逾期1项",
        "信息宣传采用1篇，创新推广1项",
    ]
    done = told(lines, "done")
    assert ("核对档案（2次）", one.name) in done
    assert ("信息采用：《小网格》，市　组工信息", one.name) in done
    assert ("创新推广：积分管理，市　邻市", two.name) in done
    assert ("下月的：交稿（4月20日前，应达60%）", "") in told(lines, "plan")
    drawn = frozenset({("done", Source(writing=item.pk)), ("done", Source(promotion=promoted.pk))})
    again = told(drafting.monthly(d.one, MARCH, known=drawn), "done")
    assert [text for text, _people in again] == ["核对档案（2次）", "没报完"]


def test_the_year_tells_what_a_person_did(d, clock):
    clock.set("2026-12-20 09:00")
    one, two, _three = d.officers[0]
    accepted(one, MONDAY, "甲")
    make_task(d.one, "按期的", due_on=MONDAY, state="closed", closed_on=MONDAY, handlers=[one])
    make_task(
        d.one, "晚了的", due_on=MONDAY, state="struck", closed_on=TUESDAY, handlers=[two, one]
    )
    task = make_task(d.one, "在办的", due_on=date(2027, 3, 1), handlers=[one])
    make_task(d.one, "没立项", state="draft", handlers=[one])
    make_task(d.one, "前年的", due_on=date(2024, 3, 1), state="closed",
              closed_on=date(2024, 3, 1), handlers=[one])  # fmt: skip
    item = adopted(one, "小网格", TUESDAY, role="joint")
    now = present.now()
    Talk.objects.create(unit=d.unit, day=TUESDAY, speaker=one, title="《讲党史》", recorded_at=now)
    for day in (MONDAY, TUESDAY, WEDNESDAY):
        session = StudySession.objects.create(unit=d.unit, day=day, topic="学", recorded_at=now)
        if day != MONDAY:
            StudyMiss.objects.create(session=session, person=one)
    make_absence(one, WEDNESDAY, WEDNESDAY)
    project = Innovation.objects.create(
        unit=d.unit, title="积分管理", title_key="积分管理", section=d.one, novelty="新",
        state="verified", filed_by=two, verified_at=now, recorded_at=now,
    )  # fmt: skip
    project.people.add(one)
    promoted = Promotion.objects.create(
        unit=d.unit, promoted_on=TUESDAY, project="积分管理", level="city", recorded_at=now
    )
    PromotionCredit.objects.create(promotion=promoted, person=one)

    lines = year_facts.of(one, 2026)

    assert [line.text for line in lines][1:] == [
        "承办重点任务3项",
        "按期的（主办，份额50%）：3月2日按期办结",
        "晚了的（协办，份额50%）：3月3日办结，超过时限",
        "在办的（主办，份额50%）：在办，3月1日到期",
        "信息宣传采用1篇",
        "信息采用：《小网格》，市　组工信息（协报）",
        "两周一讲主讲1次：《讲党史》",
        "集体学习3次，缺席1次",
        "创新项目登记：积分管理",
        "创新推广：积分管理，市",
    ]
    assert lines[0].text.startswith("应报日报") and "按时1份" in lines[0].text
    sources = {source for line in lines for source in line.sources}
    assert {Source(task=task.pk), Source(writing=item.pk), Source(promotion=promoted.pk)} <= sources
    assert set(Source._fields) == {
        f.name for f in LineSource._meta.fields if f.is_relation and f.name != "line"
    }


def test_figures_leave_out_who_is_not_on_the_roll(d, clock):
    clock.set("2026-04-02 09:00")
    make_staff(section=d.one, left_on=TUESDAY)
    late = make_staff(section=d.one)
    type(late).objects.filter(pk=late.pk).update(joined_on=WEDNESDAY)
    owed = {
        day: sum(one != "none" for one in figures.statuses(d.one, day, day))
        for day in (MONDAY, TUESDAY, WEDNESDAY)
    }
    assert owed == {MONDAY: 5, TUESDAY: 4, WEDNESDAY: 5}
