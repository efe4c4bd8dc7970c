"""What 月通报 and 信息采用通报 say when they are drawn from the ledgers."""

from datetime import date

import pytest
from django.utils import translation

from ledgers import circulating
from ledgers.models import Milestone, WritingCredit, WritingItem
from scheme import clock as clocks
from scheme.models import Section
from tests.factories import make_entry
from tests.ledgers.circular_world import MAY, department, ledger, task


@pytest.fixture
def d(db, clock):
    clock.set("2026-06-03 09:00")
    return department()


def drawn(d, kind="monthly", month=MAY):
    return circulating.drawn(d.unit, kind, month)


def parts(content):
    return {part.key: part.table or part.text for part in content.parts}


def test_the_month_as_it_stood_when_it_ended(d, django_assert_max_num_queries):
    ledger(d)
    with django_assert_max_num_queries(12):
        content = drawn(d)
    found = parts(content)
    assert (content.title, content.period) == ("关于2026年5月重点工作推进情况的通报", "2026-05")
    assert found["overall"] == (
        "截至5月31日，全年重点任务共7项，已办结2项，其中本月办结2项；按序时推进1项，滞后2项，"
        "逾期1项，未交办或暂停1项。本月催办3件次，退回1件次。"
    )
    assert found["tasks"] == {
        "head": [
            [
                "科室",
                "任务",
                "办结",
                "本月办结",
                "正常",
                "滞后",
                "逾期",
                "未交办暂停",
                "催办",
                "退回",
            ]
        ],
        "rows": [
            ["干部一科", "5", "1", "1", "1", "2", "0", "1", "3", "0"],
            ["组织二科", "2", "1", "1", "0", "0", "1", "0", "0", "1"],
            ["机关人事科", "0", "0", "0", "0", "0", "0", "0", "0", "0"],
            ["合计", "7", "2", "2", "1", "2", "1", "1", "3", "1"],
        ],
        "align": "lrrrrrrrrr",
        "caption": "各科室重点任务推进情况（截至5月31日）",
    }
    assert found["grades"]["rows"] == [
        ["干部一科", "好"], ["组织二科", "未评"], ["机关人事科", "未评"],
    ]  # fmt: skip
    assert found["demands"] == (
        "干部一科：6月15日前完成初稿（D）；6月30日前办结“任务D”（D）；6月30日前办结“任务E”（E）；"
        "6月30日前办结“任务J”（J）；等5项。"
    )


def test_whom_it_proposes_to_name_and_why(d):
    t = ledger(d)
    found = [(one.section.name, one.kind, one.task, one.text) for one in drawn(d).namings]
    assert found == [
        (
            *("干部一科", "good", t.early),
            "“任务A”（A）时限5月29日，5月20日办结，提前7个工作日。",
        ),
        ("干部一科", "problem", t.normal, "“任务D”（D）5月25日催办，没有反馈。"),
        ("组织二科", "problem", t.overdue, "“任务B”（B）时限5月15日，到期未办结。"),
        (
            *("组织二科", "problem", t.late),
            "“任务C”（C）时限5月11日，5月14日办结，超期3个工作日；5月13日办理结果被退回。",
        ),
    ]


def test_a_month_that_is_not_over_is_told_up_to_today(d, clock):
    clock.set("2026-05-15 09:00")
    ledger(d)
    found = parts(drawn(d))
    # On its last day a task is not overdue.
    assert found["overall"].startswith("截至5月15日，") and "逾期0项" in found["overall"]


def test_an_empty_department_has_a_draft_too_and_a_closed_section_is_in_its_last_month(d):
    found = parts(drawn(d))
    assert found["overall"] == (
        "截至5月31日，全年重点任务共0项，已办结0项，其中本月办结0项；按序时推进0项，滞后0项，逾期0项。"
    )
    assert found["demands"] == "下月没有到期的任务和节点，请按年度要点继续推进。"
    Section.objects.filter(pk=d.two.pk).update(closed_on=date(2026, 5, 20))
    assert len(parts(drawn(d))["grades"]["rows"]) == 3
    assert len(parts(drawn(d, month=date(2026, 6, 1)))["grades"]["rows"]) == 2


def test_what_everybody_would_have_done_early_is_cut_to_ten_and_the_hardest_stay(d):
    for n in range(12):
        task(d, f"A{n:02}", difficulty=1 + n % 5, due=date(2026, 5, 29), closed=date(2026, 5, 20))
    # Done on Friday, due on Saturday: not a working day early.
    task(d, "W", due=date(2026, 5, 30), closed=date(2026, 5, 29))
    named = drawn(d).namings
    assert len(named) == circulating.MOST_GOOD
    assert [one.task.difficulty for one in named][:2] == [5, 5]
    step = task(d, "S", title="很长" * 100)
    Milestone.objects.create(
        task=step, position=1, text="节点", due_on=date(2026, 6, 5), done_on=date(2026, 5, 9),
        target=10,
    )  # fmt: skip
    assert "节点" not in parts(drawn(d))["demands"]


def write(d, section, level, kind, day, *, score=None, state="verified"):
    item = WritingItem.objects.create(
        unit=d.unit, adopted_on=day, title=f"信息{day}{level}", kind=kind, level=level, state=state,
        recorded_at=clocks.now(),
    )  # fmt: skip
    WritingCredit.objects.create(item=item, section=section, role="main")
    if score:
        make_entry(section, score, day, star="geng", source=f"writing:{item.pk}")
    return item


def test_adopted_items_in_the_layout_of_the_office(d):
    write(d, d.one, "city", "information", date(2026, 5, 6), score=1)
    write(d, d.one, "city", "information", date(2026, 5, 7))
    write(d, d.two, "nation", "publicity", date(2026, 5, 8), score=6)
    write(d, d.two, "own", "publicity", date(2026, 4, 8), score="0.5")
    write(d, d.two, "own", "publicity", date(2026, 5, 9), state="filed")
    content = drawn(d, "adoption")
    found = parts(content)
    assert content.title == "关于2026年5月信息宣传采用情况的通报"
    assert found["overall"] == (
        "2026年5月，各科室被采用的信息和宣传共3篇次，涉及2个科室；今年以来累计4篇次。"
    )
    grid = found["adopted"]
    assert grid["head"][0] == ["科室", "国家", "", "省", "", "市", "", "本级", "", "合计", "累计"]
    assert grid["head"][1][:3] == ["", "信息", "宣传"] and grid["head"][1][-2:] == ["", ""]
    rows = {row[0]: row for row in grid["rows"]}
    assert (rows["干部一科"][5], rows["干部一科"][9:]) == ("2/1.0", ["2/1.0", "2/1.0"])
    assert (rows["组织二科"][2], rows["组织二科"][9:]) == ("1/6.0", ["1/6.0", "2/6.5"])
    assert rows["机关人事科"][1:] == [""] * 10
    assert rows["合计"][9:] == ["3/7.0", "4/7.5"]


def test_the_draft_is_chinese_whatever_its_writer_reads(d):
    ledger(d)
    for kind in ("monthly", "adoption"):
        with translation.override("en"):
            english = drawn(d, kind)
        assert english == drawn(d, kind)
    assert parts(english)["adopted"]["head"][1][1] == "信息"
