"""A single ledger out as a workbook, and in again: rows entered here are known, and stay."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from ledgers.actions import workbooks
from ledgers.exports import layout
from ledgers.imports import workbook
from ledgers.imports.roll import Reading, Roll
from ledgers.models import (
    MonthlySummary,
    Promotion,
    StudySession,
    SupervisionNote,
    Talk,
    Task,
    WritingItem,
)
from scheme.imports.sheets import open_book
from scheme.models import AuditEntry
from scheme.offices import Office
from tests.factories import again, make_staff
from tests.ledgers.facts_books import GOOD, small_unit, store

HALF = "2026H1"
MODELS = {
    "summary": MonthlySummary,
    "study": StudySession,
    "talk": Talk,
    "writing": WritingItem,
    "task": Task,
    "supervision": SupervisionNote,
    "promotion": Promotion,
}
SHEETS = {sheet: [GOOD[sheet]] for sheet in layout.SHEETS.values()}


@pytest.fixture
def w(db, clock):
    clock.set("2026-07-06 09:00")
    made = small_unit()
    made.office = make_staff(section=made.two, office=Office.PERSONNEL_OFFICE)
    return made


def rows_of(model) -> list[dict]:
    return list(model.objects.order_by("pk").values())


def entered_here(w) -> None:
    """As if every row had been entered by people: nothing marks it as read from a workbook."""
    hand = {"StudySession": "recorded_by", "Talk": "recorded_by", "WritingItem": "filed_by"}
    hand |= {"Promotion": "filed_by", "Task": "proposed_by", "SupervisionNote": "written_by"}
    for model in MODELS.values():
        changes = {"version": 1}
        if model not in (Task, MonthlySummary):
            changes["mark"] = ""
        if name := hand.get(model.__name__):
            changes[name] = w.a
        model.objects.update(**changes)


@pytest.mark.parametrize("entered", [False, True], ids=["imported", "entered here"])
def test_every_ledger_goes_out_and_comes_in_unchanged(w, tmp_path, entered):
    store(w.unit, **SHEETS)
    if entered:
        entered_here(w)
    before = {ledger: rows_of(model) for ledger, model in MODELS.items()}
    for ledger, sheet in layout.SHEETS.items():
        path = tmp_path / f"{ledger}.xlsx"
        name = workbooks.export(ledger, HALF, path, by=w.office)
        assert name.startswith(HALF) and name.endswith(".xlsx")
        facts = workbook.read(open_book(path.read_bytes()), Reading(Roll.of(w.unit)))
        assert not facts.problems and len(facts.rows[sheet]) == 1, ledger
        counts = workbook.store(facts, w.unit, by=w.office)
        assert not counts.anything, (ledger, counts)
    assert {ledger: rows_of(model) for ledger, model in MODELS.items()} == before
    assert AuditEntry.objects.filter(act="writing.export", actor=w.office).count() == 1


def test_a_workbook_does_not_correct_what_people_entered(w):
    store(w.unit, **SHEETS)
    entered_here(w)
    before = {ledger: rows_of(model) for ledger, model in MODELS.items()}
    changed = {
        "月结": {"等次": "较差"},
        "学习": {"缺席工号": "ZC002"},
        "讲课": {"评分": "10"},
        "信息宣传": {"主报": "ZC002"},
        "重点任务": {"办结日期": None},
        "创新": {"人员": "ZC002"},
    }
    sheets = {sheet: [GOOD[sheet] | cells] for sheet, cells in changed.items()}
    assert not store(w.unit, **sheets).anything
    assert {ledger: rows_of(model) for ledger, model in MODELS.items()} == before


def test_of_two_alike_rows_the_one_entered_here_is_the_second(w):
    store(w.unit, 督办=[GOOD["督办"]], 重点任务=[GOOD["重点任务"]])
    note = SupervisionNote.objects.get()
    note.pk, note.mark, note.written_by, note.version = None, "", w.a, 1
    note.save()
    assert store(w.unit, 督办=[GOOD["督办"]] * 2).total.known == 2
    assert store(w.unit, 督办=[GOOD["督办"]] * 3).total.new == 1


def test_what_is_not_a_fact_does_not_go_out(w, tmp_path):
    store(w.unit, **SHEETS)
    MonthlySummary.objects.update(grade="", state="filed")
    StudySession.objects.update(state="planned")
    Talk.objects.update(state="void")
    WritingItem.objects.update(state="filed")
    Promotion.objects.update(state="returned")
    Task.objects.update(state="cancelled")
    for ledger, sheet in layout.SHEETS.items():
        path = tmp_path / f"{ledger}.xlsx"
        workbooks.export(ledger, HALF, path, by=w.office)
        facts = workbook.read(open_book(path.read_bytes()), Reading(Roll.of(w.unit)))
        assert facts.rows[sheet] == [], ledger


def test_a_corrected_workbook_opens_and_closes_a_task(w):
    store(w.unit, 重点任务=[GOOD["重点任务"]])
    assert Task.objects.get().state == "closed"
    store(w.unit, 重点任务=[GOOD["重点任务"] | {"办结日期": None}])
    assert Task.objects.get().state == "received"
    store(w.unit, 重点任务=[GOOD["重点任务"]])
    assert Task.objects.get().state == "closed"


def test_attendance_and_ratings_are_for_who_keeps_them(w, tmp_path):
    with pytest.raises(PermissionDenied):
        workbooks.export("study", HALF, tmp_path / "a.xlsx", by=again(w.a))
    with pytest.raises(KeyError):
        workbooks.export("nothing", HALF, tmp_path / "a.xlsx", by=w.office)
    with pytest.raises(ValueError):
        workbooks.export("study", "2026H3", tmp_path / "a.xlsx", by=w.office)


def test_the_page_hands_it_out_as_a_download(w, client):
    store(w.unit, **SHEETS)
    client.force_login(w.a)
    answer = client.post(reverse("ledgers:ledger_export", args=["writing"]), {"half": HALF})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert b"".join(answer.streaming_content).startswith(b"PK")
    for half in ("", "2026H9", "\x00"):
        answer = client.post(reverse("ledgers:ledger_export", args=["writing"]), {"half": half})
        assert answer.status_code == 404
