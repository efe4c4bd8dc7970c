from datetime import date

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from ledgers.actions import lists, tasks
from ledgers.models import MonthlyList, Task
from ledgers.tasking import Step
from scheme.errors import Stale
from scheme.models import AuditEntry
from tests.factories import make_department
from tests.ledgers.acting import refusal
from tests.ledgers.plans_world import assigned, keeper_of, propose, told

pytestmark = pytest.mark.django_db
END = Step("完", date(2026, 6, 1), 100)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
State = MonthlyList.State


@pytest.fixture
def keeper(d):
    return keeper_of(d)


def said(d, section, month=MARCH) -> list[tuple]:
    one = MonthlyList.objects.get(section=section, month=month)
    return list(one.lines.order_by("position").values_list("title", "demand", "leads"))


def demand_of(d, keeper, month=MARCH, **more) -> str:
    assigned(d, keeper, **more)
    lists.draw(d.unit, month, by=keeper)
    return said(d, d.one, month)[0][1]


def test_a_month_is_drawn_for_every_section_that_has_work(d, keeper):
    led = assigned(d, keeper, title="牵头的", supporting=[d.two.pk])
    joint = assigned(d, keeper, title="配合的", supporting=[d.office.pk])
    assigned(d, keeper, title="四月才开始", start_on=APRIL)
    propose(d, title="还是草稿")

    drawn = lists.draw(d.unit, MARCH, by=keeper)

    assert {one.section for one in drawn} == {d.one, d.two, d.office}
    assert [row[0] for row in said(d, d.one)] == ["牵头的", "配合的"]
    assert said(d, d.two) == [("牵头的", "按序时推进", False)]
    line = MonthlyList.objects.get(section=d.one).lines.first()
    assert (line.task, line.number, line.due_on) == (led, led.number, led.due_on)
    assert len(said(d, d.office)) == 1 and joint.number

    with translation.override("en"):
        assert lists.draw(d.unit, MARCH, by=keeper) == []
    lists.draw(d.unit, APRIL, by=keeper)
    assert len(said(d, d.one, APRIL)) == 3


@pytest.mark.parametrize(
    "more, demand",
    [
        ({"due_on": date(2026, 3, 20)}, "3月20日前办结"),
        ({"due_on": date(2026, 2, 20)}, "已过时限，抓紧办结"),
        ({}, "按序时推进"),
        (
            {"milestones": [Step("清单", date(2026, 4, 10), 40), END]},
            "按序时推进，下一节点4月10日：清单",
        ),
        (
            {"milestones": [Step("清单", date(2026, 3, 10), 40), END]},
            "3月10日前清单（应达40%）",
        ),
        (
            {
                "milestones": [Step("完", date(2026, 3, 10), 100)],
                "due_on": date(2026, 3, 20),
            },
            "3月10日前完（应达100%）；3月20日前办结",
        ),
    ],
)  # fmt: skip
def test_a_line_says_what_the_month_asks(d, keeper, more, demand):
    assert demand_of(d, keeper, **more) == demand


def test_drafts_follow_the_ledger_and_what_is_issued_stands(d, keeper):
    first = assigned(d, keeper, title="原来的")
    lists.draw(d.unit, MARCH, by=keeper)
    Task.objects.filter(pk=first.pk).update(title="改了名")
    (one,) = lists.draw(d.unit, MARCH, by=keeper)
    assert (said(d, d.one)[0][0], one.version) == ("改了名", 1)

    one = lists.issue(one.pk, version=1, by=keeper)
    assert "任务清单已下发" in told(d.chiefs[0])[-1]
    Task.objects.filter(pk=first.pk).update(title="又改了")
    second = assigned(d, keeper, title="别科的", lead_id=d.one.pk, supporting=[d.two.pk])
    assert [x.section for x in lists.draw(d.unit, MARCH, by=keeper)] == [d.two]
    assert said(d, d.one)[0][0] == "改了名"

    tasks.cancel(second.pk, reason="并了", version=second.version, by=keeper)
    lists.draw(d.unit, MARCH, by=keeper)
    assert not MonthlyList.objects.filter(section=d.two).exists()
    assert AuditEntry.objects.filter(act="list.drop").count() == 1


def test_only_this_month_and_the_next_and_only_the_office(d, keeper):
    for month in (date(2026, 2, 1), date(2026, 5, 1), date(2026, 3, 2)):
        assert "本月" in str(refusal(lambda month=month: lists.draw(d.unit, month, by=keeper)))
    for act in (lists.draw, lists.issue_all):
        with pytest.raises(PermissionDenied):
            act(d.unit, MARCH, by=d.chiefs[0])
    assert refusal(lambda: lists.issue_all(d.unit, MARCH, by=keeper)).conflict


def test_all_are_issued_at_once_and_each_chief_signs(d, keeper):
    assigned(d, keeper, supporting=[d.two.pk])
    lists.draw(d.unit, MARCH, by=keeper)
    assert len(lists.issue_all(d.unit, MARCH, by=keeper)) == 2
    one = MonthlyList.objects.get(section=d.one)
    assert (one.state, one.issued_by) == (State.ISSUED, keeper)
    assert told(d.chiefs[1])[-1].startswith("组织二科2026年3月任务清单")

    for stranger in (d.chiefs[1], d.officers[0][1], keeper):
        with pytest.raises(PermissionDenied):
            lists.sign(one.pk, version=1, by=stranger)
    with pytest.raises(Stale):
        lists.sign(one.pk, version=0, by=d.chiefs[0])
    one = lists.sign(one.pk, version=1, by=d.chiefs[0])
    assert (one.state, one.signed_by) == (State.SIGNED, d.chiefs[0])
    assert refusal(lambda: lists.sign(one.pk, version=2, by=d.chiefs[0])).conflict
    assert refusal(lambda: lists.issue(one.pk, version=2, by=keeper)).conflict
    with pytest.raises(PermissionDenied):
        lists.issue(one.pk, version=2, by=d.chiefs[0])


def test_a_list_is_a_workbook_to_be_signed(d, keeper, tmp_path):
    assigned(d, keeper, title="=1+1")
    lists.draw(d.unit, MARCH, by=keeper)
    one = MonthlyList.objects.get(section=d.one)
    for state, word in (("draft", "未下发"), ("issued", "签收：　"), ("signed", "签收：张")):
        path = tmp_path / f"{state}.xlsx"
        exported = lists.export(one.pk, path, by=d.officers[0][1])
        cells = [
            str(c.value) for row in openpyxl.load_workbook(path).active for c in row if c.value
        ]
        assert exported == one and "干部一科2026年3月任务清单" in cells
        assert "=1+1" in cells and any(word in cell for cell in cells), cells
        if state == "draft":
            one = lists.issue(one.pk, version=0, by=keeper)
        elif state == "issued":
            one = lists.sign(one.pk, version=1, by=d.chiefs[0])
    with pytest.raises(MonthlyList.DoesNotExist):
        lists.export(one.pk, tmp_path / "x.xlsx", by=make_department().chair)
    assert AuditEntry.objects.filter(act="list.export").count() == 3
