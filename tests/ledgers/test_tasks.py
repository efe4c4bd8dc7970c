from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from ledgers import records, taskchecks, tasking
from ledgers.actions import tasks
from ledgers.models import Task
from ledgers.tasking import Hand, Step
from scheme.errors import Stale
from scheme.models import Appointment, AuditEntry
from scheme.offices import Office
from tests.factories import appoint, make_department
from tests.ledgers.acting import refusal
from tests.ledgers.plans_world import (
    DUE,
    approved,
    assigned,
    filed,
    hands,
    keeper_of,
    paper,
    propose,
    told,
)

pytestmark = pytest.mark.django_db
State = Task.State


@pytest.fixture
def keeper(d):
    return keeper_of(d)


def denied(call):
    with pytest.raises(PermissionDenied):
        call()


def words(task) -> list[str]:
    return [str(one.what) for one in records.history(task)]


def test_a_task_goes_from_the_chief_to_the_leader_and_down_to_the_section(d, keeper):
    chief, leader, officer = d.chiefs[0], d.leader, d.officers[0][1]
    steps = [Step("清单", date(2026, 4, 30), 40), Step("办结", DUE, 100)]
    task = propose(d, supporting=[d.two.pk], milestones=steps)
    assert (task.number, task.state) == ("〔2026〕-001", State.DRAFT)

    task = tasks.file(task.pk, version=0, by=chief)
    assert "待您审批" in told(leader)[-1] and not told(d.other_leader)
    task = tasks.approve(task.pk, version=task.version, by=leader)
    assert (task.approved_by, task.state) == (leader, State.APPROVED)
    assert "待交办" in told(keeper)[-1] and "已立项" in told(chief)[-1]
    task = tasks.assign(task.pk, version=task.version, by=keeper)

    assert task.state == State.ASSIGNED and task.assigned_at
    assert "请签收" in told(chief)[-1]
    assert "承办或配合" in told(officer)[-1] and "承办或配合" in told(d.chiefs[1])[-1]
    assert words(task) == ["起草", "报送", "批准", "交办"]
    assert list(task.milestones.values_list("target", flat=True)) == [40, 100]
    acts = AuditEntry.objects.filter(object_type="ledgers.task").order_by("pk")
    assert [one.act for one in acts] == ["task.draft", "task.file", "task.approve", "task.assign"]


def test_numbers_go_up_by_unit_and_year_and_are_taken_once(d, keeper):
    other = make_department()
    propose(other)
    first, own = propose(d), propose(d, number=" 督〔2026〕3号 ")
    Task.objects.filter(pk=first.pk).update(number="〔2026〕-041")

    assert propose(d).number == "〔2026〕-042"
    assert own.number == "督〔2026〕3号"
    assert refusal(lambda: propose(d, number="督〔2026〕3号")).field == "number"
    Task.objects.filter(pk=first.pk).update(number="〔2026〕-甲")
    assert propose(d).number == "〔2026〕-043"


def test_a_chief_proposes_for_the_own_section_and_the_office_for_any(d, keeper):
    assert propose(d, lead_id=d.two.pk, handlers=[], by=keeper).lead == d.two
    denied(lambda: propose(d, lead_id=d.two.pk, handlers=[]))
    denied(lambda: propose(d, by=d.officers[0][1]))
    task = propose(d)
    change = {"supporting": [], "handlers": [], "milestones": [], "version": 0}
    denied(lambda: tasks.change(task.pk, **change, lead_id=d.two.pk, by=d.chiefs[0]))
    denied(lambda: tasks.change(task.pk, **change, by=d.chiefs[1]))
    with pytest.raises(TypeError):
        tasks.change(task.pk, **change, state="closed", by=d.chiefs[0])
    assert [one for one in tasking.proposable(d.chiefs[0])] == [d.one]
    assert len(tasking.proposable(keeper)) == 3


def test_a_draft_is_written_anew_and_not_from_an_old_page(d):
    task = propose(d)
    again = {"supporting": [d.two.pk], "handlers": hands(*d.officers[0][:2]), "milestones": []}
    task = tasks.change(task.pk, **again, version=0, number=" ", title="新名", by=d.chiefs[0])

    assert (task.title, task.number, task.version) == ("新名", "〔2026〕-001", 1)
    assert list(task.supporting.all()) == [d.two] and task.handlers.count() == 2
    with pytest.raises(Stale):
        tasks.change(task.pk, **again, version=0, by=d.chiefs[0])
    filed_ = tasks.file(task.pk, version=1, by=d.chiefs[0])
    late = refusal(lambda: tasks.change(task.pk, **again, version=2, by=d.chiefs[0]))
    assert late.conflict and "待批" in str(late)
    assert filed_.state == State.FILED


WRONG = {
    "supporting": lambda d: {"supporting": [d.one.pk]},
    "leader": lambda d: {"leader_id": make_department().leader.pk},
    "due_on": lambda d: {"start_on": date(2026, 7, 1)},
    "item": lambda d: {"item_id": 9_999},
    "handlers": lambda d: {"handlers": hands(d.officers[1][0])},
    "milestones": lambda d: {"milestones": [Step("办结", date(2026, 7, 1), 100)]},
}


@pytest.mark.parametrize("field", WRONG)
def test_a_draft_may_lack_things_but_not_contradict_itself(d, field):
    assert refusal(lambda: propose(d, **WRONG[field](d))).field == field


def test_there_is_an_end_to_handlers_and_milestones(d):
    officer = d.officers[0][1]
    twice = hands(officer, officer)
    assert "两次" in str(refusal(lambda: propose(d, handlers=twice)))
    nothing = [Hand(officer.pk, "main", Decimal(0))]
    assert "大于0" in str(refusal(lambda: propose(d, handlers=nothing)))
    many = [Hand(n, "main", Decimal(1)) for n in range(taskchecks.MOST_HANDLERS + 1)]
    assert "最多" in str(refusal(lambda: propose(d, handlers=many)))
    steps = [Step("步", DUE, n + 1) for n in range(taskchecks.MOST_STEPS + 1)]
    assert "最多" in str(refusal(lambda: propose(d, milestones=steps)))


def test_milestones_go_forward(d):
    april, may = date(2026, 4, 30), date(2026, 5, 29)
    for steps, word in (
        ([Step("甲", may, 40), Step("乙", april, 100)], "先后"),
        ([Step("甲", april, 40), Step("乙", may, 40)], "高于"),
        ([Step("甲", april, 40), Step("乙", may, 90)], "100"),
    ):
        assert word in str(refusal(lambda steps=steps: propose(d, milestones=steps)))
    assert propose(d, milestones=[Step("甲", april, 40), Step("乙", april, 100)]).pk


@pytest.mark.parametrize(
    "lacking, word",
    [
        ({"leader_id": None}, "牵头领导"),
        ({"source": ""}, "来源"),
        ({"measures": ""}, "举措"),
        ({"handlers": []}, "主办"),
    ],
)
def test_what_is_filed_is_whole(d, lacking, word):
    task = propose(d, **lacking)
    assert word in str(refusal(lambda: tasks.file(task.pk, version=0, by=d.chiefs[0])))


def test_shares_make_exactly_a_hundred_when_filed(d):
    one, two = d.officers[0][:2]
    short = [Hand(one.pk, "main", Decimal("33.3")), Hand(two.pk, "joint", Decimal("66.6"))]
    task = propose(d, handlers=short)
    assert "99.9" in str(refusal(lambda: tasks.file(task.pk, version=0, by=d.chiefs[0])))


def test_nobody_approves_what_they_wrote(d, keeper):
    appoint(d.leader, Office.SUPERVISION_OFFICE)
    task = propose(d, by=d.leader)
    # Filed by the chief, but written by the leader: another leader in charge is needed.
    no_one = refusal(lambda: tasks.file(task.pk, version=0, by=d.chiefs[0]))
    assert "分管领导" in str(no_one)
    appoint(d.other_leader, Office.LEADER_IN_CHARGE, section=d.one)
    task = tasks.file(task.pk, version=0, by=d.chiefs[0])
    denied(lambda: tasks.approve(task.pk, version=1, by=d.leader))
    assert tasking.wrote(d.chiefs[0], task)
    assert tasks.approve(task.pk, version=1, by=d.other_leader).approved_by == d.other_leader


def test_the_filer_is_no_decider_whatever_else_they_are(d):
    appoint(d.chiefs[0], Office.LEADER_IN_CHARGE, section=d.one)
    Appointment.objects.filter(staff=d.leader, section=d.one).delete()
    task = propose(d)
    assert "分管领导" in str(refusal(lambda: tasks.file(task.pk, version=0, by=d.chiefs[0])))


def test_a_leader_sends_it_back_with_a_reason(d):
    task = filed(d)
    assert (
        refusal(lambda: tasks.turn_back(task.pk, reason=" ", version=1, by=d.leader)).field
        == "reason"
    )
    denied(lambda: tasks.turn_back(task.pk, reason="x", version=1, by=d.other_leader))
    task = tasks.turn_back(task.pk, reason="举措再具体些", version=1, by=d.leader)
    assert task.state == State.RETURNED and "举措再具体些" in told(d.chiefs[0])[-1]
    late = refusal(lambda: tasks.approve(task.pk, version=2, by=d.leader))
    assert late.conflict
    assert tasks.file(task.pk, version=2, by=d.chiefs[0]).state == State.FILED


def test_who_filed_it_may_take_it_back(d):
    task = filed(d)
    denied(lambda: tasks.withdraw(task.pk, version=1, by=d.leader))
    task = tasks.withdraw(task.pk, version=1, by=d.chiefs[0])
    assert task.state == State.DRAFT
    assert refusal(lambda: tasks.withdraw(task.pk, version=2, by=d.chiefs[0])).conflict


def test_only_the_office_assigns_and_only_what_is_approved(d, keeper):
    task = approved(d)
    denied(lambda: tasks.assign(task.pk, version=task.version, by=d.chiefs[0]))
    assert tasks.assign(task.pk, version=task.version, by=keeper).state == State.ASSIGNED
    assert refusal(lambda: tasks.assign(task.pk, version=task.version + 1, by=keeper)).conflict


def test_a_chief_shares_the_work_out_anew(d, keeper):
    one, two = d.officers[0][:2]
    task = assigned(d, keeper, handlers=hands(one))
    share = {"version": task.version, "by": d.chiefs[0]}
    new = [Hand(one.pk, "joint", Decimal(40)), Hand(two.pk, "main", Decimal(60))]

    denied(lambda: tasks.share_out(task.pk, handlers=new, reason="x", **share | {"by": keeper}))
    assert (
        refusal(lambda: tasks.share_out(task.pk, handlers=new, reason="", **share)).field
        == "reason"
    )
    same = refusal(lambda: tasks.share_out(task.pk, handlers=hands(one), reason="x", **share))
    assert "没有变" in str(same)
    short = refusal(lambda: tasks.share_out(task.pk, handlers=new[:1], reason="x", **share))
    assert "主办" in str(short)
    task = tasks.share_out(task.pk, handlers=new, reason="分工调整", **share)

    move = records.history(task)[-1]
    assert (move.what, move.text) == ("修改", "分工调整")
    entry = AuditEntry.objects.filter(act="task.change").latest("pk")
    assert entry.before["shares"] == {str(one.pk): ["main", "100"]}
    assert entry.after["shares"][str(two.pk)] == ["main", "60"]
    for person in (d.leader, one, two):
        assert "调整了承办人" in told(person)[-1]

    Task.objects.filter(pk=task.pk).update(state="closed", closed_on=DUE)
    closed = refusal(
        lambda: tasks.share_out(
            task.pk, handlers=hands(one), reason="x", version=task.version, by=d.chiefs[0]
        )
    )
    assert closed.conflict


def test_a_cancelled_task_counts_no_more_and_its_people_are_told(d, keeper):
    task = assigned(d, keeper, supporting=[d.two.pk])
    act = {"version": task.version, "reason": "任务合并"}
    denied(lambda: tasks.cancel(task.pk, **act, by=d.chiefs[0]))
    assert (
        refusal(lambda: tasks.cancel(task.pk, reason="", version=task.version, by=keeper)).field
        == "reason"
    )
    task = tasks.cancel(task.pk, **act, by=keeper)

    assert task.state == State.CANCELLED and task.state in Task.UNCOUNTED
    for person in (d.chiefs[0], d.chiefs[1], d.leader):
        assert "任务合并" in told(person)[-1]
    assert refusal(lambda: tasks.cancel(task.pk, reason="x", version=4, by=keeper)).conflict


def test_a_draft_is_given_up_by_whoever_may_write_it(d, keeper):
    own, others = propose(d), propose(d)
    assert tasks.cancel(own.pk, reason="不办了", version=0, by=d.chiefs[0]).state == "cancelled"
    assert not told(d.leader)
    tasks.cancel(others.pk, reason="重复", version=0, by=keeper)
    assert "重复" in told(d.chiefs[0])[-1]


def test_what_is_closed_stands(d, keeper):
    task = assigned(d, keeper)
    Task.objects.filter(pk=task.pk).update(state="closed", closed_on=DUE)
    assert refusal(
        lambda: tasks.cancel(task.pk, reason="x", version=task.version, by=keeper)
    ).conflict


def test_a_task_carries_out_an_item_of_key_points_in_force(d, keeper):
    item = paper(d, keeper).items.first()
    assert filed(d, item_id=item.pk, source="").item == item
    report = paper(d, keeper, "report").items.first()
    assert refusal(lambda: propose(d, item_id=report.pk)).field == "item"
