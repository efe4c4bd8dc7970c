"""Projects from registration over their result to where they were taken up."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from ledgers import innovating, records
from ledgers.actions import innovations, promotions
from ledgers.models import Innovation, LedgerMove, Promotion
from ledgers.titles import reduced
from scheme.errors import Stale
from scheme.models import Notice
from tests.factories import make_section, make_staff
from tests.ledgers.acting import refusal
from tests.ledgers.writing_world import (
    DAY,
    person,
    project,
    promoted,
    promotion,
    prove,
    registered,
    section,
    upload,
    world,
)


@pytest.fixture
def d(db, clock):
    clock.set("2026-03-05 17:30")
    return world()


def last_word(who) -> str:
    return Notice.objects.filter(to=who).order_by("pk").last().text


def result(row, by, *, files=None, **more):
    said = {"effect": "办理时间从三天减到半天", "effect_on": DAY, "version": row.version}
    files = [upload("成效")] if files is None else files
    return innovations.result(row.pk, files=files, by=by, **(said | more))


def test_a_project_is_registered_under_a_number(d):
    row = project(d.author, people=[d.author, d.mate])
    assert not Innovation.objects.visible_to(d.mate).filter(pk=row.pk).exists()
    row = innovations.file(row.pk, by=d.author)
    assert d.author.name in last_word(d.mate) and "待登记" in last_word(d.office_one)
    row = innovations.verify(row.pk, version=row.version, by=d.office_one)
    assert (row.state, row.number) == ("verified", "CX2026-001")
    assert "CX2026-001" in last_word(d.author)
    second = registered(d.mate, checker=d.office_one, title="第二项")
    assert second.number == "CX2026-002"
    moves = LedgerMove.objects.filter(ledger="innovation", row_id=row.pk)
    assert [one.kind for one in moves] == ["draft", "file", "verify"]


def test_what_a_registration_must_say(d):
    for field, more in (
        ("title", {"title": "——"}),
        ("novelty", {"novelty": " "}),
        ("section", {"home": make_section()}),
        ("people", {"people": [make_staff(section=make_section())]}),
        ("people", {"people": [make_staff(section=d.two) for _n in range(31)]}),
    ):
        assert refusal(lambda more=more: project(d.author, **more)).field == field
    with pytest.raises(PermissionDenied):
        project(d.leader, home=d.one)
    row = project(d.author)
    error = refusal(lambda: project(d.mate, title="干部监督 “一张网”"))
    assert error.other == row and error.field == "title"


def test_who_files_a_project(d):
    stranger = project(d.author, people=[d.mate])
    assert refusal(lambda: innovations.file(stranger.pk, by=d.author)).field == "people"
    # A chief files for the section, with people named.
    chiefs = project(d.chiefs[0], people=[], title="科室的", home=d.one)
    assert refusal(lambda: innovations.file(chiefs.pk, by=d.chiefs[0])).field == "people"
    chiefs = innovations.change(
        chiefs.pk, version=chiefs.version, title="科室的", section=d.one, people=[d.mate],
        novelty=chiefs.novelty, by=d.chiefs[0],
    )  # fmt: skip
    assert innovations.file(chiefs.pk, by=d.chiefs[0]).state == "filed"


def test_returned_changed_withdrawn_dropped(d):
    row = project(d.author)
    same = {"title": row.title, "section": d.one, "people": [d.author], "novelty": row.novelty}
    assert innovations.change(row.pk, version=1, by=d.author, **same).version == 1
    with pytest.raises(Stale):
        innovations.change(row.pk, version=0, by=d.author, **same)
    row = innovations.file(row.pk, by=d.author)
    row = innovations.turn_back(row.pk, version=row.version, reason="写清新在哪", by=d.office_one)
    assert row.state == "returned" and "写清新在哪" in last_word(d.author)
    row = innovations.change(
        row.pk, version=row.version, by=d.author, **(same | {"novelty": "现在一张网自动比对"})
    )
    move = LedgerMove.objects.filter(ledger="innovation", row_id=row.pk).last()
    assert list(move.after) == ["novelty"]
    row = innovations.file(row.pk, by=d.author)
    row = innovations.withdraw(row.pk, by=d.author)
    assert row.state == "draft"
    row = innovations.drop(row.pk, by=d.author)
    assert row.state == "void"
    assert project(d.mate).pk, "the name is free again"


def test_four_eyes_at_the_register(d):
    row = project(d.office_one, people=[d.office_one, d.office_two])
    row = innovations.file(row.pk, by=d.office_one)
    for by in (d.office_one, d.office_two):
        error = refusal(lambda by=by: innovations.verify(row.pk, version=row.version, by=by))
        assert "别人" in str(error)
    with pytest.raises(PermissionDenied):
        innovations.verify(row.pk, version=row.version, by=d.supervisor)
    with pytest.raises(IntegrityError), transaction.atomic():
        Innovation.objects.filter(pk=row.pk).update(verified_by=d.office_one)


def test_two_names_at_once_and_other_faults(d, monkeypatch):
    row = project(d.author)
    with transaction.atomic():
        # As if the other had been written after the look.
        Innovation.objects.filter(pk=row.pk).update(title_key="x")
        late = Innovation(unit=d.unit, section=d.one, filed_by=d.mate, recorded_at=row.recorded_at)
        late.title_key, late.novelty = "x", "新"
        error = refusal(lambda: _save(late))
    assert isinstance(error, innovations.Duplicate) and error.other == row
    monkeypatch.setattr(innovations, "ONCE", "another constraint")
    with pytest.raises(IntegrityError), transaction.atomic():
        _save(late)


def _save(row):
    with innovations._registered_once(row):
        row.save()


def test_the_result_comes_later_with_its_proof(d, clock):
    row = registered(d.author, checker=d.office_one, people=[d.author, d.mate])
    assert not records.papers(row).exists() and innovating.papers_of_result(row) == []
    clock.set("2026-03-06 09:00")
    assert refusal(lambda: result(row, d.author, files=[])).field == "files"
    assert refusal(lambda: result(row, d.author, effect=" ")).field == "effect"
    error = refusal(lambda: result(row, d.author, effect_on=date(2026, 3, 9)))
    assert error.field == "effect_on"
    with pytest.raises(PermissionDenied):
        result(row, d.officers[1][0])
    with pytest.raises(Stale):
        result(row, d.author, version=0)
    told = result(row, d.mate)
    assert told.effect_on == DAY and d.mate.name in last_word(d.author)
    assert [one.name for one in innovating.papers_of_result(told)] == ["证明.pdf"]
    # Told again by the chief: the proof that is there is enough, the first words stay.
    told.refresh_from_db()
    again = result(told, d.chiefs[0], files=[], effect="全市推开后更快")
    move = LedgerMove.objects.filter(ledger="innovation", row_id=row.pk, kind="result").last()
    assert move.before["effect"] == "办理时间从三天减到半天" and again.effect == "全市推开后更快"
    draft = project(d.author, title="没登记的")
    assert innovating.papers_of_result(draft) == []
    with pytest.raises(Stale):
        result(draft, d.author)


def test_a_promotion_counts_once_it_is_verified(d):
    row = registered(d.author, checker=d.office_one)
    with_two = [person(d.author), person(d.mate), section(d.one)]
    one = promotion(row, d.author, credits=with_two)
    assert (one.state, one.project, one.project_key) == ("draft", row.title, row.title_key)
    assert refusal(lambda: promotions.file(one.pk, by=d.author)).field == "files"
    prove(one, "promotion")
    one = promotions.file(one.pk, by=d.author)
    assert d.author.name in last_word(d.mate)
    for by, right in ((d.author, PermissionDenied), (d.supervisor, PermissionDenied)):
        with pytest.raises(right):
            promotions.verify(one.pk, version=one.version, by=by)
    one = promotions.verify(one.pk, version=one.version, by=d.office_two)
    assert one.state == "verified" and "已核实" in last_word(d.mate)
    high = promoted(row, d.author, checker=d.office_two, where="省委组织部", level="province")
    assert innovating.highest([one, high]) == "province"
    assert innovating.highest([]) is None
    error = refusal(lambda: promotion(row, d.mate, where="甲县 委组织部"))
    assert error.other == one and error.field == "where"


def test_what_a_promotion_must_say(d):
    row = project(d.author)
    assert "登记以后" in str(refusal(lambda: promotion(row, d.author)))
    row = registered(d.mate, checker=d.office_one, title="登记的")
    assert refusal(lambda: promotion(row, d.author, where="——")).field == "where"
    assert refusal(lambda: promotion(row, d.author, day=date(2026, 3, 6))).field == "promoted_on"
    with pytest.raises(TypeError):
        promotions.add(row.pk, by=d.author, state="verified")
    with pytest.raises(PermissionDenied):
        promotion(row, d.leader)
    one = promotion(row, d.author, credits=[])
    prove(one, "promotion")
    assert refusal(lambda: promotions.file(one.pk, by=d.author)).field == "credits"
    one.refresh_from_db()
    one = promotions.change(one.pk, version=one.version, credits=[person(d.mate)], by=d.author)
    assert refusal(lambda: promotions.file(one.pk, by=d.author)).field == "credits"
    same = promotions.change(one.pk, version=one.version, credits=[person(d.mate)], by=d.author)
    assert same.version == one.version
    with pytest.raises(Stale):
        promotions.change(one.pk, version=0, credits=[], by=d.author)
    gone = promotions.drop(one.pk, by=d.author)
    assert gone.state == "void"
    with pytest.raises(Promotion.DoesNotExist):
        promotions.restore(one.pk, version=gone.version, reason="x", by=d.office_one)


def test_a_promotion_returned_withdrawn_voided_restored(d):
    row = registered(d.author, checker=d.office_one)
    one = promotion(row, d.author)
    prove(one, "promotion")
    one = promotions.file(one.pk, by=d.author)
    assert promotions.withdraw(one.pk, by=d.author).state == "draft"
    one = promotions.file(one.pk, by=d.author)
    back = promotions.turn_back(one.pk, version=one.version, reason="补发文", by=d.office_one)
    assert "补发文" in last_word(d.author)
    one = promotions.file(back.pk, by=d.author)
    one = promotions.verify(one.pk, version=one.version, by=d.office_one)
    # Its project does not go before it.
    row.refresh_from_db()
    error = refusal(
        lambda: innovations.void(row.pk, version=row.version, reason="x", by=d.office_one)
    )
    assert "先作废推广" in str(error)
    one = promotions.void(one.pk, version=one.version, reason="只是来人看过", by=d.office_one)
    assert "只是来人看过" in last_word(d.author)
    row = innovations.void(row.pk, version=row.version, reason="早有了", by=d.office_one)
    assert "早有了" in last_word(d.author)
    error = refusal(
        lambda: promotions.restore(one.pk, version=one.version, reason="x", by=d.office_one)
    )
    assert "先恢复项目" in str(error)
    waiting = promotion_of_a_void_project(d, row)
    assert "没有登记" in str(refusal(lambda: promotions.file(waiting.pk, by=d.author)))
    row = innovations.restore(row.pk, version=row.version, reason="是新的", by=d.office_two)
    assert row.number == "CX2026-001" and "是新的" in last_word(d.author)
    one = promotions.restore(one.pk, version=one.version, reason="有发文", by=d.office_two)
    assert one.state == "verified" and "有发文" in last_word(d.author)


def promotion_of_a_void_project(d, row):
    """A draft from before its project went."""
    Innovation.objects.filter(pk=row.pk).update(state="verified")
    one = promotion(row, d.author, where="乙县")
    prove(one, "promotion")
    Innovation.objects.filter(pk=row.pk).update(state="void")
    return one


def test_own_drops_are_not_restored(d):
    """The office's own: seen by their writer, who is of the office."""
    row = innovations.drop(project(d.office_one).pk, by=d.office_one)
    error = refusal(
        lambda: innovations.restore(row.pk, version=row.version, reason="x", by=d.office_one)
    )
    assert "重新填报" in str(error)
    home = registered(d.author, checker=d.office_one, title="登记的")
    one = promotions.drop(promotion(home, d.office_one).pk, by=d.office_one)
    error = refusal(
        lambda: promotions.restore(one.pk, version=one.version, reason="x", by=d.office_one)
    )
    assert "重新填报" in str(error)


def test_a_promotion_of_a_workbook_joins_its_project(d):
    title = "干部监督“一张网”"
    row = registered(d.author, checker=d.office_one, title=title)
    told = Promotion.objects.create(
        unit=d.unit, promoted_on=DAY, project="干部监督一张网", project_key=reduced(title),
        level="city", mark="m1", recorded_at=row.recorded_at,
    )  # fmt: skip
    assert list(innovating.strays(row)) == [told]
    with pytest.raises(PermissionDenied):
        promotions.join(told.pk, innovation=row.pk, by=d.officers[1][0])
    error = refusal(lambda: promotion(row, d.author))
    assert error.other == told, "the workbook names no place, but day and level"
    assert promotion(row, d.author, level="province").pk
    other = registered(d.mate, checker=d.office_one, title="别的项目")
    error = refusal(lambda: promotions.join(told.pk, innovation=other.pk, by=d.mate))
    assert "不是这个项目" in str(error)
    assert promotions.join(told.pk, innovation=row.pk, by=d.author).innovation == row
    assert list(innovating.strays(row)) == []
    assert "已经并入" in str(
        refusal(lambda: promotions.join(told.pk, innovation=row.pk, by=d.office_one))
    )
