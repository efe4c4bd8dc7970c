"""What is frozen besides the scorecards: entries with their proof, key tasks, how a star went."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from ledgers.actions import evidence
from ledgers.models import Paper, Task, TaskHandler
from scheme import clock
from scoring.models import RuleBook, Scorecard, ScoreRun
from stars import dossiers, entries, facts
from stars.models import Nomination, Revocation
from tests.factories import (
    make_declaration,
    make_entry,
    make_nomination,
    make_round,
    make_rule_book,
    pdf,
)


@pytest.fixture
def book(department):
    return make_rule_book(department.unit, in_force_from=date(2026, 1, 1))


@pytest.fixture
def person(department):
    return department.officers[0][1]


def of(department, nominee, star="ye"):
    is_person = hasattr(nominee, "staff_no")
    return Nomination(
        unit=department.unit,
        round=make_round(department.unit, participants=False),
        star_id=star,
        kind="person" if is_person else "section",
        person=nominee if is_person else None,
        section=department.one,
    )


def test_entries_are_told_one_by_one_with_fact_and_proof(department, book, person, office):
    line = make_declaration(person, state="confirmed", matter="抽调专班")
    proof = line.proofs.get()
    paper = Paper.objects.create(
        unit=department.unit, ledger="writing", row_id=77, name="样报.pdf", added_by=person,
        file=evidence.keep(department.unit, pdf("样报"), by=person), added_at=clock.now(),
    )  # fmt: skip
    gone = Paper.objects.create(
        unit=department.unit, ledger="writing", row_id=77, name="撤下.pdf", added_by=person,
        file=evidence.keep(department.unit, pdf("撤下"), by=person), added_at=clock.now(),
        removed_by=person, removed_at=clock.now(),
    )  # fmt: skip
    # Another ledger's row of the same number proves nothing here.
    Paper.objects.create(
        unit=department.unit, ledger="declared", row_id=77, name="别的.pdf", added_by=person,
        file=gone.file, added_at=clock.now(),
    )  # fmt: skip
    declared = make_entry(
        person, "1", date(2026, 3, 5), source=f"declared:{line.pk}", fact={"matter": "抽调专班"}
    )
    writing = make_entry(
        person, "0.50", date(2026, 2, 5), source="writing:77", fact={"title": "题" * 200}
    )
    make_entry(person, "20", date(2026, 1, 1), kind="base", source=f"base:2026H1:p{person.pk}",
               rule_code="精业-基-01", fact={"half": "2026H1"})  # fmt: skip
    make_entry(person, "2", date(2026, 3, 5), star="xue")
    graded = {"report": 1, "grade": "good", "filed_at": "2026-03-09T17:30:00+08:00", "closes": "x"}
    late = {"report": 2, "filed_at": "2026-03-10T19:05:00+08:00", "closes": "x"}
    for n, fact in enumerate((graded, late, {"report": 3, "closes": "x"}, {}), 9):
        make_entry(person, "0.05", date(2026, 3, n), rule_code="自拟-01", fact=fact)
    with translation.override("en"):
        rows = dossiers.build(of(department, person))["entries"]
    assert rows["left_out"] == {"count": 0, "points": "0.00"}
    base, second, first, *reports = rows["rows"]
    words = [row["words"] for row in reports]
    assert words == ["等次：好", "3月10日19:05报送", "没有报送", ""]
    assert base["words"] == "2026年上半年在册" and base["proofs"] == []
    assert first == {
        "entry": declared.pk, "on": "2026-03-05", "code": "精业-加-01", "title": "试验事项",
        "kind": "bonus", "points": "1.00", "counted": first["counted"], "words": "抽调专班",
        "proofs": [{"name": proof.name, "sha256": proof.file.sha256}],
    }  # fmt: skip
    assert second["entry"] == writing.pk and len(second["words"]) == entries.LONGEST_WORDS
    assert second["proofs"] == [{"name": "样报.pdf", "sha256": paper.file.sha256}]


def test_a_long_list_keeps_what_tells_most_and_says_what_it_left_out(
    department, book, person, monkeypatch
):
    monkeypatch.setattr(entries, "MOST_ENTRIES", 2)
    for n, points in enumerate(("0.30", "0.10", "-0.90", "0.20"), 1):
        make_entry(person, points, date(2026, 3, n), rule_code="自拟-01")
    told = dossiers.build(of(department, person))["entries"]
    assert [row["points"] for row in told["rows"]] == ["0.30", "-0.90"]
    assert told["left_out"] == {"count": 2, "points": "0.30"}


def test_without_rules_there_is_nothing_to_tell(department, person):
    body = dossiers.build(of(department, person))
    assert body["entries"] == {"rows": [], "left_out": {"count": 0, "points": "0.00"}}
    assert body["trend"]["halves"] == [] and len(body["trend"]["months"]) == 6
    assert set(body["tasks"].values()) == {0}


def test_the_course_of_the_star(department, book, person):
    def run(half, score, mark):
        made = ScoreRun.objects.create(
            unit=department.unit, half=half, book=book, input_hash=mark * 64, output_hash=mark * 64,
            at=clock.now(),
        )  # fmt: skip
        zero = dict.fromkeys(("base", "deduction", "bonus"), 0)
        for subject, more in (({"person": person}, 0), ({"section": department.one}, 5)):
            Scorecard.objects.create(
                run=made, star_id="ye", score=Decimal(score) + more, place=1, **zero, **subject
            )

    for n, half in enumerate(("2024H1", "2024H2", "2025H1", "2025H2", "2026H1", "2026H2")):
        run(half, 10 + n, str(n))
    run("2026H1", 30, "a")  # scored again
    make_entry(person, "20", date(2026, 1, 1), kind="base", rule_code="精业-基-01")
    make_entry(person, "0.50", date(2026, 2, 3), rule_code="自拟-01")
    make_entry(person, "-0.20", date(2026, 6, 30), rule_code="自拟-02")
    trend = dossiers.build(of(department, person))["trend"]
    assert trend["halves"] == [
        {"half": "2024H2", "score": "11.00"}, {"half": "2025H1", "score": "12.00"},
        {"half": "2025H2", "score": "13.00"}, {"half": "2026H1", "score": "30.00"},
    ]  # fmt: skip
    months = {row["month"]: row["points"] for row in trend["months"]}
    assert months == {
        "2026-01": "0.00", "2026-02": "0.50", "2026-03": "0.00", "2026-04": "0.00",
        "2026-05": "0.00", "2026-06": "-0.20",
    }  # fmt: skip
    Nomination.objects.all().delete()
    nomination = Nomination(
        unit=department.unit, round=of_round(department), star_id="ye", kind="section",
        section=department.one,
    )  # fmt: skip
    halves = dossiers.build(nomination)["trend"]["halves"]
    assert [row["score"] for row in halves] == ["16.00", "17.00", "18.00", "35.00"]
    assert RuleBook.objects.count() == 1


def of_round(department):
    from stars.models import Round

    return Round.objects.get(unit=department.unit)


def make_task(section, number, due, *, closed=None, state=None, **more):
    return Task.objects.create(
        unit=section.unit, number=number, title=number, lead=section, difficulty=3, due_on=due,
        state=state or ("closed" if closed else "received"), closed_on=closed,
        recorded_at=clock.now(), **more,
    )  # fmt: skip


def test_key_tasks_as_they_stood_at_the_end_of_the_half_year(department, person):
    one = department.one
    tasks = [
        make_task(one, "按时", date(2026, 3, 31), closed=date(2026, 3, 30)),
        # A Friday's deadline met on Sunday: no working day has passed.
        make_task(one, "周末", date(2026, 3, 27), closed=date(2026, 3, 29)),
        make_task(one, "逾期办结", date(2026, 3, 27), closed=date(2026, 3, 30)),
        make_task(one, "逾期未结", date(2026, 6, 26)),
        # Closed in July: on the last of June it was still overdue.
        make_task(one, "七月办结", date(2026, 6, 26), closed=date(2026, 7, 3)),
        make_task(one, "未到期", date(2026, 9, 30)),
        make_task(one, "延期", date(2026, 5, 29), extended_to=date(2026, 8, 31),
                  extension_granted_on=date(2026, 5, 20)),
    ]  # fmt: skip
    make_task(one, "去年办结", date(2025, 11, 30), closed=date(2025, 12, 1))
    make_task(one, "取消", date(2026, 3, 1), state="cancelled")
    make_task(one, "暂停", date(2026, 3, 1), state="suspended")
    make_task(one, "下半年才开始", date(2026, 9, 1), start_on=date(2026, 7, 1))
    make_task(department.two, "别科的", date(2026, 3, 1))
    assert dossiers.build(of(department, one))["tasks"] == {
        "main": 7, "done": 3, "late": 1, "overdue": 2, "running": 2,
    }  # fmt: skip
    for task, role in zip(tasks[2:4], ("main", "joint"), strict=True):
        TaskHandler.objects.create(task=task, person=person, role=role, share=50)
    own = Nomination(
        unit=department.unit, round=of_round(department), star_id="ye", kind="person",
        person=person, section=one,
    )  # fmt: skip
    body = dossiers.build(own)
    assert body["tasks"] == {"main": 1, "done": 1, "late": 1, "overdue": 1, "running": 0}
    # At a glance on the screens; an older dossier simply has no such line.
    own.star = own.star
    labels = {fact.label: fact for fact in facts.read(own, body).figures}
    assert labels["重点任务办结"].value == "1" and "逾期未结1" in labels["重点任务办结"].small
    old = {key: value for key, value in body.items() if key not in ("tasks", "entries", "trend")}
    assert "重点任务办结" not in {fact.label for fact in facts.read(own, old).figures}
    idle = body | {"tasks": dict.fromkeys(body["tasks"], 0)}
    assert "重点任务办结" not in {fact.label for fact in facts.read(own, idle).figures}


def test_a_star_taken_back_is_not_among_the_earlier_ones(department, person, office):
    from stars.models import Award

    earlier = make_round(department.unit, half="2025H2", participants=False)
    won = make_nomination(earlier, person)
    award = Award.objects.create(
        unit=department.unit, round=earlier, nomination=won, star=won.star, person=person,
        section=department.one, awarded_on=date(2026, 1, 20), number="〔2025〕下-01",
    )  # fmt: skip
    nomination = of(department, person)
    assert [row["number"] for row in dossiers.build(nomination)["awards"]] == ["〔2025〕下-01"]
    Revocation.objects.create(
        award=award, state="approved", authority="部务会", reason="材料不实", proposed_by=office,
        proposed_at=clock.now(), decided_by=department.chair, decided_at=clock.now(),
    )  # fmt: skip
    assert dossiers.build(nomination)["awards"] == []
