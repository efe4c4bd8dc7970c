from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from scheme import regulations
from scheme.actions import library
from scheme.actions import regulations as acts
from scheme.errors import Refused, Stale
from scheme.models import (
    AuditEntry,
    Clause,
    Notice,
    ReadReceipt,
    Regulation,
    RegulationVersion,
)
from scheme.offices import Office
from tests.factories import again, appoint, make_department, make_staff
from tests.scheme.regulation_world import (
    BEGIN,
    TEXT,
    approve,
    approved,
    department,
    drafted,
    revised,
    waiting,
    words,
)

State = RegulationVersion.State


@pytest.fixture
def d(db, clock):
    clock.set("2026-03-02 09:00")
    return department()


def told(person):
    return list(Notice.objects.filter(to=person).values_list("text", flat=True))


def test_from_the_draft_to_force(d):
    draft = drafted(d, by=d.writer)
    assert draft.state == State.DRAFT
    assert draft.clauses.filter(kind="clause").count() == 4
    assert (draft.unit, draft.unit_id) == (d.unit, d.unit.pk)
    # Editing replaces the clauses; nobody else sees the draft.
    longer = words(TEXT + "\n第四条 解释权归办公室。")
    draft = acts.write(draft.pk, words=longer, by=d.writer, seen=draft.version)
    assert draft.clauses.filter(kind="clause").count() == 5
    visible = RegulationVersion.objects.visible_to
    officer = d.officers[0][1]
    assert not visible(again(officer)).exists()
    for person in (d.writer, d.office, d.leader):
        assert visible(again(person)).get() == draft
    assert not visible(again(d.chiefs[1])).exists()
    handed = acts.hand_in(draft.pk, by=d.writer, seen=draft.version)
    assert told(d.leader) == ["《日报制度》请您批准施行"]
    done = acts.approve(draft.pk, by=d.leader, seen=handed.version)
    assert (done.state, done.approved_by) == (State.APPROVED, d.leader)
    assert told(d.writer) == ["《日报制度》已批准"]
    assert visible(again(officer)).get() == done
    trail = AuditEntry.objects.filter(act__startswith="regulation.").order_by("pk")
    assert [one.act for one in trail] == [
        f"regulation.{act}" for act in ("draft", "write", "hand_in", "approve")
    ]


def test_only_who_keeps_the_section_writes_and_only_a_leader_approves(d):
    for person in (d.officers[0][1], d.deputies[0], d.chiefs[1], d.leader):
        with pytest.raises(PermissionDenied):
            drafted(d, by=person)
    draft = drafted(d, by=d.writer)
    for act in (acts.hand_in, acts.discard):
        with pytest.raises(PermissionDenied):
            act(draft.pk, by=d.chiefs[1], seen=draft.version)
    with pytest.raises(Refused, match="还没有送审"):
        acts.approve(draft.pk, by=d.leader, seen=draft.version)
    handed = acts.hand_in(draft.pk, by=d.office, seen=draft.version)
    for person in (d.office, d.writer, d.other_leader, d.chair):
        with pytest.raises(PermissionDenied):
            acts.approve(draft.pk, by=person, seen=handed.version)
    with pytest.raises(Stale):
        acts.approve(draft.pk, by=d.leader, seen=handed.version - 1)


def test_a_leader_of_the_personnel_office_approves_any_and_nobody_their_own(d):
    of_two = waiting(d, owner=d.two, by=d.chiefs[1])
    assert regulations.may_approve(d.leader, of_two), "in charge of the personnel office"
    assert regulations.may_approve(d.other_leader, of_two), "in charge of the section"
    assert of_two in RegulationVersion.objects.visible_to(again(d.leader))
    assert acts.approve(of_two.pk, by=d.leader, seen=of_two.version)
    # A leader who is chief as well, and once had a hand in the draft.
    appoint(d.leader, Office.SECTION_CHIEF, section=d.one)
    leader = again(d.leader)
    draft = drafted(d, by=d.writer, title="请假制度", number=2)
    draft = acts.write(draft.pk, words=words(), by=leader, seen=draft.version)
    handed = acts.hand_in(draft.pk, by=d.writer, seen=draft.version)
    assert told(d.leader)[0].endswith("请您批准施行")
    with pytest.raises(Refused, match="起草过的人不能批准"):
        acts.approve(draft.pk, by=leader, seen=handed.version)
    own = waiting(d, by=leader, title="学习制度", number=3)
    with pytest.raises(Refused, match="起草过的人不能批准"):
        acts.approve(own.pk, by=leader, seen=own.version)
    # The database holds it as well.
    mine = {"state": "approved", "approved_by": leader, "approved_at": "2026-03-02T00:00Z"}
    with (
        pytest.raises(IntegrityError, match="regulation_approved_by_another"),
        transaction.atomic(),
    ):
        RegulationVersion.objects.filter(pk=own.pk).update(**mine)


def test_returned_taken_back_and_discarded(d):
    handed = waiting(d, by=d.writer)
    with pytest.raises(Refused, match="写明理由"):
        acts.send_back(handed.pk, reason=" ", by=d.leader, seen=handed.version)
    back = acts.send_back(handed.pk, reason="第二条再斟酌", by=d.leader, seen=handed.version)
    assert told(d.writer) == ["《日报制度》退回修改：第二条再斟酌"]
    handed = acts.hand_in(back.pk, by=d.writer, seen=back.version)
    assert handed.return_reason == ""
    for act, said in ((acts.hand_in, "已经送审了"), (acts.write, "请先撤回")):
        more = {"words": words()} if act is acts.write else {}
        with pytest.raises(Refused, match=said):
            act(handed.pk, by=d.writer, seen=handed.version, **more)
    back = acts.take_back(handed.pk, by=d.writer, seen=handed.version)
    with pytest.raises(Refused, match="还没有送审"):
        acts.take_back(back.pk, by=d.writer, seen=back.version)
    # A regulation that never was anything else goes with its draft.
    assert acts.discard(back.pk, by=d.writer, seen=back.version) is None
    assert not Regulation.objects.exists()
    with pytest.raises(Stale):
        acts.hand_in(back.pk, by=d.writer, seen=back.version)


def test_what_a_draft_needs_before_it_can_be_handed_in(d):
    draft = drafted(d, effective_on=None)
    with pytest.raises(Refused, match="请先填"):
        acts.hand_in(draft.pk, by=d.office, seen=draft.version)
    draft = acts.write(
        draft.pk, words=words(effective_on=date(2025, 1, 1)), by=d.office, seen=draft.version
    )
    with pytest.raises(Refused, match="不能早于印发日期"):
        acts.hand_in(draft.pk, by=d.office, seen=draft.version)
    for more, said in (
        ({"title": " "}, "请写制度名称"),
        ({"title": "日报制度", "number": 2}, "已有同名"),
        ({"title": "请假", "number": 1}, "编号已经用了"),
    ):
        with pytest.raises(Refused, match=said):
            drafted(d, **more)
    elsewhere = make_department()
    with pytest.raises(Refused, match="本单位的科室"):
        drafted(d, title="请假", number=2, owner=elsewhere.one)


def test_versions_follow_each_other_by_their_day(d, clock):
    first = approved(d)
    second = revised(first, d, TEXT.replace("十时", "九时"), date(2026, 4, 1))
    holding = RegulationVersion.objects.in_force
    assert holding(date(2026, 1, 31)).count() == 0
    assert holding(date(2026, 3, 31)).get() == first
    assert holding(date(2026, 4, 1)).get() == second
    assert RegulationVersion.objects.newest().get() == second
    day = date(2026, 3, 2)
    assert regulations.status(first, first.pk, day) == ("ok", "施行")
    assert regulations.status(second, first.pk, day) == ("done", "待施行")
    assert regulations.status(first, second.pk, date(2026, 4, 1)) == ("done", "已修订")
    with pytest.raises(Refused, match="不能早于前一版"):
        revised(second, d, TEXT, date(2026, 3, 15))
    draft = RegulationVersion.objects.get(state="draft")
    assert draft.number == 3
    with pytest.raises(Refused, match="已有一份草稿"):
        acts.revise(draft.regulation_id, by=d.office, seen=0)
    left = acts.discard(draft.pk, by=d.office, seen=draft.version)
    assert left == first.regulation and left.versions.count() == 2
    with pytest.raises(Refused, match="已经批准"):
        acts.discard(second.pk, by=d.office, seen=second.version)


def test_abolished_with_a_reason_by_two_people(d):
    first = approved(d)
    regulation = first.regulation
    args = {"effective_on": date(2026, 5, 1), "by": d.office, "seen": 0}
    with pytest.raises(Refused, match="写明理由"):
        acts.propose_abolition(regulation.pk, reason="", **args)
    end = acts.propose_abolition(regulation.pk, reason="另有规定", **args)
    assert told(d.leader)[0] == "《日报制度》请您批准废止"
    assert regulations.status(end, first.pk, BEGIN) == ("warn", "待批准")
    for act, said in ((acts.take_back, "直接作废"), (acts.write, "请先撤回")):
        more = {"words": words()} if act is acts.write else {}
        with pytest.raises(Refused, match=said):
            act(end.pk, by=d.office, seen=end.version, **more)
    with pytest.raises(Refused, match="没有要读的"):
        library.ask_to_read(
            end.pk, readers="everybody", sections=(), read_by=BEGIN, by=d.office, seen=end.version
        )
    end = approve(end, d)
    holding = RegulationVersion.objects.in_force
    assert holding(date(2026, 4, 30)).get() == first
    assert not holding(date(2026, 5, 1)).exists()
    assert regulations.status(end, end.pk, date(2026, 4, 1))[1] == "待废止"
    assert regulations.status(end, end.pk, date(2026, 5, 1))[1] == "废止"
    with pytest.raises(Refused, match="不用废止"):
        acts.propose_abolition(regulation.pk, reason="再来", **args)
    with pytest.raises(Refused, match="不用回执"):
        library.confirm_read(end.pk, by=d.office)
    # It may come back as a version of its own.
    again_ = acts.revise(regulation.pk, by=d.office, seen=0)
    assert again_.text == first.text
    with pytest.raises(Stale):
        acts.revise(regulation.pk, by=d.office, seen=5)


def test_who_must_read_and_who_has(d, clock):
    version = approved(d)
    officer, other = again(d.officers[0][1]), again(d.officers[1][0])
    day = date(2026, 3, 2)

    def ask(**more):
        values = {"readers": "sections", "sections": [d.one], "read_by": date(2026, 3, 9)} | more
        nonlocal version
        version = library.ask_to_read(version.pk, by=d.office, seen=version.version, **values)
        return version

    elsewhere = make_department()
    for more, said in (
        ({"read_by": None}, "什么时候前"),
        ({"sections": []}, "勾选"),
        ({"sections": [elsewhere.one]}, "本单位"),
    ):
        with pytest.raises(Refused, match=said):
            ask(**more)
    with pytest.raises(PermissionDenied):
        library.ask_to_read(
            version.pk, readers="", sections=(), read_by=None, by=officer, seen=version.version
        )
    assert not regulations.must_read(officer, day).exists()
    ask()
    assert told(officer) == ["请在2026-03-09前阅读《日报制度》"] and told(other) == []
    assert regulations.must_read(officer, day).get() == version
    assert not regulations.must_read(other, day).exists()
    assert library.confirm_read(version.pk, by=officer) == library.confirm_read(
        version.pk, by=officer
    )
    assert not regulations.must_read(officer, day).exists()
    assert regulations.reading_counts([version], day) == {version.pk: (4, 1)}
    ask(readers="everybody")
    found = regulations.reading(version, day)
    assert (found.asked, found.read) == (len(d.everybody), 1)
    assert officer not in found.unread and other in found.unread
    assert [one.person for one in found.done] == [officer]
    assert found.percent == 100 // len(d.everybody)
    assert regulations.reading_counts([version], day)[version.pk] == (found.asked, 1)
    # Who has left is asked no more; a newer version takes the place of the older.
    other.left_on = day
    other.save()
    assert regulations.reading(version, day).asked == found.asked - 1
    second = revised(version, d, TEXT.replace("十时", "九时"), date(2026, 4, 1))
    assert not regulations.must_read(again(d.chiefs[1]), day).exists()
    ask(readers="", read_by=None)
    assert regulations.reading(version, day).percent == 100
    assert regulations.reading_counts([version], day) == {}
    # Before approval it is settled silently; with approval they are told.
    draft = acts.revise(second.regulation_id, by=d.office, seen=0)
    draft = library.ask_to_read(
        draft.pk, readers="everybody", sections=(), read_by=BEGIN, by=d.office, seen=draft.version
    )
    before = len(told(officer))
    assert before == 1
    with pytest.raises(Refused, match="不用回执"):
        library.confirm_read(draft.pk, by=d.office)
    draft = acts.write(
        draft.pk, words=words(TEXT, date(2026, 5, 1)), by=d.office, seen=draft.version
    )
    approve(acts.hand_in(draft.pk, by=d.office, seen=draft.version), d)
    assert len(told(officer)) == 2


def test_the_place_of_a_regulation_and_the_names_of_the_areas(d):
    one = approved(d).regulation
    two = approved(d, title="请假制度", number=2).regulation
    values = {"area": 6, "number": 7, "title": "请假制度", "owner": d.two}
    values |= {"review_on": date(2027, 1, 1), "cited_bare": True, "by": d.office}
    described = library.describe(two.pk, seen=0, **values)
    assert (described.number, described.owner, described.cited_bare) == (7, d.two, True)
    library.describe(one.pk, seen=0, **(values | {"title": "日报制度", "number": 1}))
    assert list(Regulation.objects.filter(cited_bare=True)) == [one]
    plain = values | {"title": "日报制度", "number": 1, "cited_bare": False, "review_on": None}
    library.describe(one.pk, seen=1, **plain)
    assert not Regulation.objects.filter(cited_bare=True).exists()
    with pytest.raises(Stale):
        library.describe(two.pk, seen=0, **values)
    with pytest.raises(PermissionDenied):
        library.describe(two.pk, seen=1, **(values | {"by": d.writer}))

    names = regulations.area_names(d.unit)
    assert len(names) == 7 and names[2] == "督查督办"
    library.name_area(d.unit, 2, name=" 督查 ", by=d.office)
    library.name_area(d.unit, 2, name="督查", by=d.office)
    assert regulations.area_names(d.unit)[2] == "督查"
    library.name_area(d.unit, 2, name="", by=d.office)
    assert regulations.area_names(d.unit) == names
    assert AuditEntry.objects.filter(act="regulation.name_area").count() == 2
    with pytest.raises(Refused, match="七个方面"):
        library.name_area(d.unit, 8, name="第八", by=d.office)
    with pytest.raises(PermissionDenied):
        library.name_area(d.unit, 2, name="督查", by=d.writer)


def test_what_is_in_force_cannot_be_changed_behind_the_back(d):
    version = approved(d)
    clause = version.clauses.first()
    receipt = library.confirm_read(version.pk, by=d.office)
    for change in (
        lambda: RegulationVersion.objects.filter(pk=version.pk).update(text="改了"),
        lambda: RegulationVersion.objects.filter(pk=version.pk).update(number=7),
        lambda: Clause.objects.filter(pk=clause.pk).update(text="改了"),
        lambda: Clause.objects.filter(pk=clause.pk).delete(),
        lambda: Clause.objects.create(
            regulation_version=version, position=99, kind="plain", text="加一句"
        ),
        lambda: connection.cursor().execute(
            "DELETE FROM scheme_regulationversion WHERE id = %s", [version.pk]
        ),
        lambda: ReadReceipt.objects.filter(pk=receipt.pk).update(at="2020-01-01T00:00Z"),
        lambda: receipt.delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_search_finds_chinese_words_and_uses_its_index(d):
    approved(d)
    approved(d, title="考勤办法", number=2, text="第一条 迟到的扣分。\n第二条 日报另有规定。")
    drafted(d, title="草拟办法", number=3, text="第一条 迟到早退。")
    person = again(d.officers[0][1])
    current = RegulationVersion.objects.in_force(date(2026, 3, 2))

    def found(asked):
        hits = regulations.find(person, asked, current)
        return [(hit.regulation.title, hit.clause.label) for hit in hits]

    assert found("迟到") == [("考勤办法", "第一条")]
    assert found("十时 按时") == [("日报制度", "第三条")]
    assert found("考勤 另有") == [("考勤办法", "第二条")], "one word stands in the title"
    assert found("考勤") == [], "in no clause at all"
    assert found("报日") == [] and found("、，") == [] and found("") == []
    assert len(found("日报")) == 3
    # A unit's own only.
    stranger = make_staff()
    assert not RegulationVersion.objects.visible_to(stranger).exists()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Clause.objects.filter(grams__contains=["迟到"]).order_by().explain()
    assert "clause_by_grams" in plan
