import pytest
from django.core.exceptions import PermissionDenied

from ledgers import planning, records
from ledgers.actions import meetings, papers, plans
from ledgers.actions.plans import Item
from ledgers.models import PlanItem, PlanPaper, Suggestion
from ledgers.planparts import Part, split
from scheme.errors import Stale
from scheme.models import Appointment, AuditEntry
from scheme.offices import Office
from tests.factories import appoint, make_department, pdf
from tests.ledgers.acting import THURSDAY, refusal
from tests.ledgers.plans_world import TEXT, filed, keeper_of, paper, told

pytestmark = pytest.mark.django_db
State = PlanPaper.State


@pytest.fixture
def keeper(d):
    return keeper_of(d)


def denied(call):
    with pytest.raises(PermissionDenied):
        call()


def items_of(made) -> list[Item]:
    return [
        Item(
            row.text,
            row.number,
            row.heading,
            source_id=row.source_id,
            order=row.position,
            pk=row.pk,
        )
        for row in made.items.order_by("position")
    ]


def write(made, items, *, by, **more):
    told_ = {"title": made.title, "intro": "", "version": made.version} | more
    return plans.write(made.pk, items=items, by=by, **told_)


# --- Taking a text apart

TEXTS = {
    "parts and items": (
        "引言一句。\n一、党建工作\n（一）整顿组织。\n补一句。\n（二）达标。\n"
        "二、干部工作\n1. 考核。\n2. 档案1.5万卷",
        "引言一句。",
        [
            Part("一（一）", "党建工作", "整顿组织。\n补一句。"),
            Part("一（二）", "党建工作", "达标。"),
            Part("二1", "干部工作", "考核。"),
            Part("二2", "干部工作", "档案1.5万卷"),
        ],
    ),
    "steps stay within their item": (
        "一、党建\n（一）整顿：\n1. 摸底。\n2. 销号。\n（二）达标。",
        "",
        [
            Part("一（一）", "党建", "整顿：\n1. 摸底。\n2. 销号。"),
            Part("一（二）", "党建", "达标。"),
        ],
    ),
    "a part without items is one": (
        "一、整顿组织。\n二、核准档案\n全部核准。",
        "",
        [Part("一", "", "整顿组织。"), Part("二", "核准档案", "全部核准。")],
    ),
    "no numbers at all": (
        "整顿组织\n\n核准档案",
        "",
        [Part("1", "", "整顿组织"), Part("2", "", "核准档案")],
    ),
    "bracketed figures": (
        "（1）整顿\n（2）核准",
        "",
        [Part("（1）", "", "整顿"), Part("（2）", "", "核准")],
    ),
    "nothing": (" \n", "", []),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_taken_apart_as_offices_number_it(name):
    text, intro, parts = TEXTS[name]
    assert split(text) == (intro, parts)


# --- From draft to force


def test_a_paper_is_written_filed_and_approved_in_the_chair(d, keeper):
    made = paper(d, keeper, "report", state="draft")
    assert [one.number for one in made.items.all()] == ["一（一）", "一（二）", "二（一）"]
    denied(lambda: plans.draft(d.unit, kind="report", year=2027, title="x", by=d.chiefs[0]))

    made = plans.file(made.pk, version=0, by=keeper)
    assert told(d.chair)[-1].startswith("待您批准")
    denied(lambda: plans.approve(made.pk, version=1, by=d.leader))
    made = plans.approve(made.pk, version=1, by=d.chair)

    assert (made.state, made.approved_by) == (State.APPROVED, d.chair)
    assert told(keeper)[-1].startswith("已批准")
    assert [str(one.what) for one in records.history(made)] == ["起草", "报送", "批准"]
    assert refusal(lambda: plans.approve(made.pk, version=2, by=d.chair)).conflict
    late = refusal(lambda: write(made, items_of(made), by=keeper))
    assert late.conflict


def test_one_paper_of_a_kind_and_year_at_a_time(d, keeper):
    draft = {"kind": "points", "title": "要点", "by": keeper}
    made = paper(d, keeper, state="draft")
    assert "在拟" in str(refusal(lambda: plans.draft(d.unit, year=2026, **draft)))
    made = plans.file(made.pk, version=0, by=keeper)
    plans.approve(made.pk, version=1, by=d.chair)
    assert "新版" in str(refusal(lambda: plans.draft(d.unit, year=2026, **draft)))
    assert refusal(lambda: plans.draft(d.unit, year=1999, **draft)).field == "year"
    many = "\n".join(f"第{n}条" for n in range(plans.MOST_ITEMS + 1))
    assert refusal(lambda: plans.draft(d.unit, year=2027, text=many, **draft)).field == "text"


def test_key_points_lean_on_the_report_in_force(d, keeper):
    report = paper(d, keeper, "report", year=2025)
    made = paper(d, keeper, state="draft")
    assert made.based_on == report
    assert [one.paper for one in planning.source_items(made)] == [report] * 3
    assert planning.source_items(report) == []

    first = items_of(made)[0]._replace(source_id=report.items.first().pk, lead_id=d.one.pk)
    made = write(made, [first], by=keeper)
    assert made.items.get().source == report.items.first()
    assert not planning.items_of(made, keeper)[0].may_task


def test_items_are_reworded_moved_added_and_dropped(d, keeper):
    made = paper(d, keeper, state="draft")
    one, two, three = items_of(made)
    rows = [three._replace(order=1), Item(" 新条 ", order=3), one._replace(order=2, text="改过。")]
    made = write(made, rows, by=keeper, more="引言\n五、人才\n（一）引进。", title=" 新名 ")

    kept = list(made.items.order_by("position").values_list("position", "number", "text"))
    assert kept == [
        (1, "二（一）", "核准人事档案。"),
        (2, "一（一）", "改过。"),
        (3, "3", "新条"),
        (4, "五（一）", "引进。"),
    ]
    assert (made.title, made.intro, made.version) == ("新名", "引言", 1)
    assert not PlanItem.objects.filter(pk=two.pk).exists()
    with pytest.raises(Stale):
        plans.write(made.pk, version=0, title="x", intro="", items=[], by=keeper)
    with pytest.raises(Stale):
        write(made, [Item("x", pk=two.pk)], by=keeper)


def test_items_name_only_what_there_is(d, keeper):
    made = paper(d, keeper, state="draft")
    other = make_department()
    for wrong in (
        {"lead_id": other.one.pk},
        {"leader_id": other.leader.pk},
        {"source_id": made.items.first().pk},
    ):
        assert "列表" in str(
            refusal(lambda wrong=wrong: write(made, [Item("x", **wrong)], by=keeper))
        )
    assert "内容" in str(refusal(lambda: write(made, [Item(" ")], by=keeper)))
    many = [Item("x")] * (plans.MOST_ITEMS + 1)
    assert "最多" in str(refusal(lambda: write(made, many, by=keeper)))


def test_who_wrote_it_never_approves_it(d, keeper):
    appoint(d.chair, Office.SUPERVISION_OFFICE)
    made = paper(d, d.chair, state="draft")
    assert "主持人" in str(refusal(lambda: plans.file(made.pk, version=0, by=d.chair)))
    assert "主持人" in str(refusal(lambda: plans.file(made.pk, version=0, by=keeper)))
    appoint(d.leader, Office.COMMITTEE_CHAIR)
    plans.file(made.pk, version=0, by=keeper)
    denied(lambda: plans.approve(made.pk, version=1, by=d.chair))
    # Who merely changed a word has had a hand in it, too.
    other = plans.draft(d.unit, kind="report", year=2026, title="报告", text="一", by=keeper)
    write(other, items_of(other), by=d.chair)
    assert planning.wrote(d.chair, other) and not planning.wrote(d.leader, other)
    assert plans.approve(made.pk, version=1, by=d.leader).approved_by == d.leader


def test_it_is_sent_back_taken_back_and_thrown_away(d, keeper):
    empty = plans.draft(d.unit, kind="report", year=2026, title="报告", by=keeper)
    assert "条目" in str(refusal(lambda: plans.file(empty.pk, version=0, by=keeper)))
    made = paper(d, keeper, state="filed")
    denied(lambda: plans.withdraw(made.pk, version=1, by=d.chiefs[0]))
    made = plans.withdraw(made.pk, version=1, by=keeper)
    assert refusal(lambda: plans.withdraw(made.pk, version=2, by=keeper)).conflict
    plans.file(made.pk, version=2, by=keeper)
    no = refusal(lambda: plans.turn_back(made.pk, reason=" ", version=3, by=d.chair))
    assert no.field == "reason"
    made = plans.turn_back(made.pk, reason="再精简", version=3, by=d.chair)
    assert made.state == State.RETURNED and "再精简" in told(keeper)[-1]

    papers.attach("paper", made.pk, pdf("依据"), "依据.pdf", by=keeper)
    made.refresh_from_db()
    held = refusal(lambda: plans.discard(made.pk, version=made.version, by=keeper))
    assert "材料" in str(held)
    plans.discard(empty.pk, version=0, by=keeper)
    assert not PlanPaper.objects.filter(pk=empty.pk).exists()
    assert AuditEntry.objects.filter(act="paper.discard").get().before["title"] == "报告"


def test_a_new_edition_replaces_the_old_and_takes_its_tasks_along(d, keeper):
    report = paper(d, keeper, "report")
    draft = paper(d, keeper, state="draft")
    carried = [one._replace(source_id=report.items.first().pk) for one in items_of(draft)]
    draft = write(draft, carried, by=keeper)
    draft = plans.file(draft.pk, version=draft.version, by=keeper)
    old = plans.approve(draft.pk, version=draft.version, by=d.chair)
    first, second, _third = old.items.order_by("position")
    task, dropped = filed(d, item_id=first.pk), filed(d, item_id=second.pk)

    denied(lambda: plans.new_edition(old.pk, by=d.chiefs[0]))
    new = plans.new_edition(old.pk, by=keeper)
    assert new.based_on == old and new.items.count() == 3
    assert refusal(lambda: plans.new_edition(old.pk, by=keeper)).conflict
    assert refusal(lambda: plans.new_edition(new.pk, by=keeper)).conflict
    rows = items_of(new)
    new = write(new, [rows[0]._replace(text="改过。"), rows[2]], by=keeper)
    new = plans.file(new.pk, version=new.version, by=keeper)
    new = plans.approve(new.pk, version=new.version, by=d.chair)

    for one in (old, task, dropped):
        one.refresh_from_db()
    assert (old.state, new.state) == (State.REPLACED, State.APPROVED)
    assert (task.item.paper, task.item.text) == (new, "改过。")
    assert dropped.item == second
    assert records.history(old)[-1].what == "取代"

    # Key points go on with a report's new edition as well.
    fresh = plans.new_edition(report.pk, by=keeper)
    fresh = plans.file(fresh.pk, version=0, by=keeper)
    plans.approve(fresh.pk, version=1, by=d.chair)
    assert new.items.order_by("position").first().source.paper == fresh


def test_items_show_the_tasks_that_carry_them_out(d, keeper):
    made = paper(d, keeper)
    first, second, third = made.items.order_by("position")
    PlanItem.objects.filter(pk=first.pk).update(lead=d.one)
    PlanItem.objects.filter(pk=second.pk).update(lead=d.two)
    task = filed(d, item_id=first.pk)

    shown = planning.items_of(made, d.chiefs[0])
    assert [one.tasks for one in shown] == [[(task, "warn")], [], []]
    assert [one.may_task for one in shown] == [True, False, True]
    assert [one.open for one in shown] == [1, 0, 0]
    assert all(one.may_task for one in planning.items_of(made, keeper))
    assert not any(one.may_task for one in planning.items_of(made, d.officers[0][1]))
    counted = planning.with_counts(PlanPaper.objects.filter(pk=made.pk)).get()
    assert (counted.item_count, counted.bare_count) == (3, 2)
    assert third.number == "二（一）"


# --- What is put forward goes into key points


def test_a_suggestion_goes_into_key_points_being_written(d, keeper):
    meeting = meetings.call(d.unit, kind="discussion", day=THURSDAY, title="务虚会", by=keeper)
    officer = d.officers[0][1]
    one, two = (
        meetings.suggest(meeting.pk, text=text, raised_by=officer, by=officer, section_id=pk)
        for text, pk in (("精简报表", None), ("少开会", d.one.pk))
    )
    no_name = meetings.suggest(meeting.pk, text="再精简", raised_by=None, by=keeper)
    draft = paper(d, keeper, state="draft")
    into = {"paper_pk": draft.pk, "version": 0, "by": keeper}

    denied(lambda: plans.take_up(one.pk, **into | {"by": officer}))
    wrong = plans.draft(d.unit, kind="report", year=2026, title="报告", by=keeper)
    assert refusal(lambda: plans.take_up(one.pk, **into | {"paper_pk": wrong.pk})).field == "paper"
    assert refusal(lambda: plans.take_up(one.pk, **into, item_pk=9_999)).field == "paper"
    item = draft.items.first()
    one = plans.take_up(one.pk, **into, item_pk=item.pk)
    two = plans.take_up(two.pk, **into)
    no_name = plans.take_up(no_name.pk, **into)

    assert (one.item, one.state) == (item, Suggestion.State.TAKEN)
    assert (two.item.text, two.item.position, two.item.lead) == ("少开会", 4, d.one)
    assert [text for text in told(officer) if "列入了" in text]
    assert list(planning.drafts_of_points(d.unit)) == [draft]
    with pytest.raises(Stale):
        plans.take_up(one.pk, **into)
    draft.refresh_from_db()
    assert "少开会" in [one.text for one in records.history(draft)]
    gone = refusal(lambda: write(draft, items_of(draft)[1:], by=keeper))
    assert "不能删" in str(gone)
    held = refusal(lambda: plans.discard(draft.pk, version=draft.version, by=keeper))
    assert "不能丢弃" in str(held)

    empty = plans.draft(d.unit, kind="points", year=2027, title="下年要点", by=keeper)
    last = meetings.suggest(meeting.pk, text="另一条", raised_by=None, by=keeper)
    assert plans.take_up(last.pk, paper_pk=empty.pk, version=0, by=keeper).item.position == 1


def test_without_a_chair_nothing_is_filed(d, keeper):
    made = paper(d, keeper, state="draft", text=TEXT)
    Appointment.objects.filter(office=Office.COMMITTEE_CHAIR).delete()
    assert "主持人" in str(refusal(lambda: plans.file(made.pk, version=0, by=keeper)))
